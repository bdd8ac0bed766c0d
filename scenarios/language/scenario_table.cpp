#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/tables.h"

namespace scenarios::language {

template <>
const TableOf<PrintsExpectation>& table_of<PrintsExpectation>() {
  static const TableOf<PrintsExpectation> table(
      "PrintsExpectation",
      "The exact output of a step. `<suffix>` stands for the five random characters of a pod's name, `<age>` "
      "for an age, `<any>` for the rest of a line.",
      [](auto& t) {
        t.field("step", &PrintsExpectation::step,
                {.required = true, .sentence = "Which step.", .source = "Rehearsal"});
        t.field("text", &PrintsExpectation::text,
                {.required = true,
                 .sentence = "What its commands print, all lines.",
                 .source = "Rehearsal",
                 .empty_is_fine = true});
      });
  return table;
}

template <>
const TableOf<Expectation>& table_of<Expectation>() {
  static const TableOf<Expectation> table(
      "Expectation", "How the scenario should end; `rehearse test` fails when it ends otherwise.",
      [](auto& t) {
        t.field("holds", &Expectation::holds,
                {.sentence = "Checks that hold, or `all`.", .source = "Rehearsal", .one_or_many = true});
        t.field("violates", &Expectation::violates,
                {.sentence = "Checks that are violated; `then` for a step's condition.",
                 .source = "Rehearsal",
                 .one_or_many = true});
        t.field("not_reached", &Expectation::not_reached,
                {.sentence = "Checks that never came to be measured.",
                 .source = "Rehearsal",
                 .one_or_many = true});
        t.field("because_of", &Expectation::because_of,
                {.sentence = "Steps that the causes of the violated checks name.",
                 .source = "Rehearsal",
                 .one_or_many = true});
        t.field("stalls", &Expectation::stalls,
                {.sentence = "The step that does not come to its end.", .source = "Rehearsal"});
        t.field("waiting_on", &Expectation::waiting_on,
                {.sentence = "The object at the end of the chain of waits.", .source = "Rehearsal"});
        t.field("exit", &Expectation::exit,
                {.sentence = "The exit code of the last step's last command.",
                 .source = "Rehearsal",
                 .maximum = 255});
        t.field("prints", &Expectation::prints,
                {.sentence = "What steps print, exactly.", .source = "Rehearsal"});
        t.field("findings", &Expectation::findings,
                {.sentence = "How many findings there are.", .source = "Rehearsal"});
        t.field("admission_error", &Expectation::admission_error,
                {.sentence = "A text in the answer of the API server that refuses a write.",
                 .source = "Rehearsal"});
        t.rule([](Reader& reader, const Node& node, Expectation& expectation) {
          if (node.members.empty())
            reader.error(node, "the expectation is empty", "write expect: {holds: all}");
          if (expectation.waiting_on.given() && !expectation.stalls.given()) {
            reader.error(node, "waiting_on is given without stalls", "name the step that stalls");
          }
          if (!expectation.because_of.empty() && expectation.violates.empty()) {
            reader.error(node, "because_of is given without violates", "name the check that finds the step");
          }
        });
      });
  return table;
}

template <>
const TableOf<InlineFile>& table_of<InlineFile>() {
  static const TableOf<InlineFile> table(
      "File",
      "A file that the plan's commands read, such as `kubectl apply -f minicluster.yaml`: its text, or where "
      "it is.",
      [](auto& t) {
        t.field("content", &InlineFile::content,
                {.sentence = "Its text.", .source = "Rehearsal", .empty_is_fine = true});
        t.field("path", &InlineFile::path,
                {.sentence = "Where it is, relative to this scenario's file.", .source = "Rehearsal"});
        t.shorthand_for("content");
        t.rule([](Reader& reader, const Node& node, InlineFile&) {
          if ((node.find("content") != nullptr) == (node.find("path") != nullptr))
            reader.error(node, "a file needs either content or path", "");
        });
      });
  return table;
}

namespace {

bool digits_at(std::string_view text, std::initializer_list<std::size_t> places) {
  return std::all_of(places.begin(), places.end(),
                     [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; });
}

/// 2024-01-09T19:50:00Z, to the second, in UTC.
bool is_date(std::string_view text) {
  if (text.size() != 20) return false;
  if (!digits_at(text, {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18})) return false;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != 'Z')
    return false;
  const auto two = [&](std::size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
  const int year = two(0) * 100 + two(2), month = two(5), day = two(8);
  if (month < 1 || month > 12 || two(11) > 23 || two(14) > 59 || two(17) > 59) return false;
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return year >= 1970 && day >= 1 && day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

void judge_scenario(Reader& reader, const Node& node, Scenario& scenario) {
  if (scenario.date.given() && !is_date(scenario.date.value)) {
    const Reader::Below below(reader, "date");
    reader.error(*node.find("date"), fmt::format("{} is not a date", scenario.date.value),
                 "write it in UTC, as 2024-01-09T19:50:00Z");
  }
  if (scenario.profile.given() && scenario.cluster && scenario.cluster->kubernetes.profile.given()) {
    const Reader::Below below(reader, "profile");
    reader.error(*node.find("profile"), "the profile is given twice, here and in cluster.kubernetes.profile",
                 "keep one of them");
  }
}

}  // namespace

template <>
const TableOf<Scenario>& table_of<Scenario>() {
  static const TableOf<Scenario> table("Scenario", "The whole file.", [](auto& t) {
    t.field("apiVersion", &Scenario::api_version,
            {.required = true,
             .sentence = "The version of this language.",
             .source = "Rehearsal",
             .words = {"rehearsal/v1"}});
    t.field(
        "scenario", &Scenario::title,
        {.required = true, .sentence = "What the scenario claims, in a few words.", .source = "Rehearsal"});
    t.field("source", &Scenario::source, {.sentence = "Where the story comes from.", .source = "Rehearsal"});
    t.field("description", &Scenario::description,
            {.sentence = "What a reader should know of it.", .source = "Rehearsal"});
    t.field("date", &Scenario::date,
            {.sentence = "The date and time of its start, in UTC, for commands that print dates.",
             .source = "Rehearsal"});
    t.field("cluster", &Scenario::cluster,
            {.sentence = "Where the plan is rehearsed; `--cluster` on the command line can give it instead.",
             .source = "Rehearsal"});
    t.field(
        "profile", &Scenario::profile,
        {.sentence = "The timing profile; the same as `cluster.kubernetes.profile`.", .source = "Rehearsal"});
    t.field("behaviour", &Scenario::behaviour,
            {.sentence = "How containers behave, by name of a workload, or by pod "
                         "(a hostlist).",
             .source = "Rehearsal"});
    t.field("files", &Scenario::files,
            {.sentence = "Files that the plan's commands read, by the name that the commands use.",
             .source = "Rehearsal",
             .empty_is_fine = true});
    t.field("contexts", &Scenario::contexts,
            {.sentence =
                 "How `flux` and `iomeshctl`, which run inside pods, are reached when the plan is performed "
                 "on a real cluster: `flux: kubectl exec flux-sample-0 -c flux-sample -- flux`. What stands "
                 "there is started in the place of the command's first word. A simulation needs none.",
             .source = "Rehearsal"});
    t.field("faults", &Scenario::faults, {.sentence = "What goes wrong, and when.", .source = "Rehearsal"});
    t.field("plan", &Scenario::plan,
            {.sentence = "The steps. The plan begins when every described workload is as its spec asks, at "
                         "the latest after ten minutes; with a snapshot at once.",
             .source = "Rehearsal"});
    t.field("checks", &Scenario::checks,
            {.sentence = "What is judged after every transition, besides the built-in invariants; `rehearse "
                         "explain` lists them.",
             .source = "Rehearsal"});
    t.field("expect", &Scenario::expect, {.sentence = "How the scenario should end.", .source = "Rehearsal"});
    t.field("until", &Scenario::until,
            {.fallback = "24h",
             .sentence =
                 "When the rehearsal ends at the latest; it ends earlier when nothing can happen any more.",
             .source = "Rehearsal"});
    t.field("seed", &Scenario::seed,
            {.fallback = "1",
             .sentence = "The seed of all chance; `--seed` overrides it.",
             .source = "Rehearsal"});
    t.rule(judge_scenario);
  });
  return table;
}

std::vector<const Table*> all_tables() {
  return {&table_of<Scenario>(),
          &table_of<Cluster>(),
          &table_of<Kubernetes>(),
          &table_of<NodeGroup>(),
          &table_of<Taint>(),
          &table_of<StatefulSet>(),
          &table_of<Deployment>(),
          &table_of<DaemonSet>(),
          &table_of<Job>(),
          &table_of<PodFailurePolicy>(),
          &table_of<PodFailureRule>(),
          &table_of<OnExitCodes>(),
          &table_of<OnPodCondition>(),
          &table_of<SuccessPolicy>(),
          &table_of<SuccessRule>(),
          &table_of<MiniCluster>(),
          &table_of<PodDisruptionBudget>(),
          &table_of<OpenStack>(),
          &table_of<OpenStackFlavor>(),
          &table_of<OpenStackHosts>(),
          &table_of<OpenStackServers>(),
          &table_of<OpenStackQuota>(),
          &table_of<IOMesh>(),
          &table_of<IOMeshChunks>(),
          &table_of<IOMeshParameters>(),
          &table_of<Behaviour>(),
          &table_of<IndexRow>(),
          &table_of<AttemptRow>(),
          &table_of<InlineFile>(),
          &table_of<Fault>(),
          &table_of<PodCrash>(),
          &table_of<DeletePod>(),
          &table_of<FailWrite>(),
          &table_of<Quota>(),
          &table_of<Step>(),
          &table_of<FileEdit>(),
          &table_of<Condition>(),
          &table_of<FluxResources>(),
          &table_of<Expectation>(),
          &table_of<PrintsExpectation>()};
}

}  // namespace scenarios::language

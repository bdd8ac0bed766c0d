// Prompts that a line opens elsewhere: what is typed there runs there.
#include "scenarios/plan/typed_shells.h"

#include <gtest/gtest.h>

#include <ostream>

#include "scenarios/import_runbook.h"
#include "scenarios/run.h"
#include "scenarios/runbook/script.h"

namespace scenarios {
namespace {

/// The commands of a script as they are performed, one a line, and the problems.
std::string performed(const std::string& script) {
  runbook::ParseResult parsed = runbook::parse(script);
  std::vector<commands::CompileProblem> problems;
  plan::type_into_shells(parsed.script, problems);
  std::string text;
  for (const runbook::Node& node : parsed.script.children) {
    const runbook::Node& first = node.kind == runbook::NodeKind::Pipeline ? node.children.front() : node;
    const std::string& typed = first.text.text;
    const std::size_t begin = typed.find_first_not_of(' ');
    text += (begin == std::string::npos ? std::string()
                                        : typed.substr(begin, typed.find_last_not_of(' ') + 1 - begin)) +
            "\n";
  }
  for (const commands::CompileProblem& problem : problems) {
    text += "problem at " + std::to_string(problem.offset) + ": " + problem.problem + "\n";
  }
  return text;
}

struct TypedCase {
  const char* name;
  const char* script;
  const char* performed;
  friend std::ostream& operator<<(std::ostream& os, const TypedCase& c) { return os << c.script; }
};

class TypedShells : public testing::TestWithParam<TypedCase> {};

TEST_P(TypedShells, ReachTheirCommands) { EXPECT_EQ(performed(GetParam().script), GetParam().performed); }

const TypedCase kTyped[] = {
    {"in_a_pod", "kubectl exec -it p -c c -- bash\nflux resource list\nexit\nkubectl get pods",
     "kubectl exec -it p -c c -- bash\nkubectl exec -it p -c c -- flux resource list\nkubectl get pods\n"},
    {"without_dashes", "kubectl exec -it p -n s -c c bash\niomeshctl chunk list",
     "kubectl exec -it p -n s -c c bash\nkubectl exec -it p -n s -c c -- iomeshctl chunk list\n"},
    {"the_container_is_told_once", "kubectl exec -it p -- sh\nflux jobs",
     "kubectl exec -it p -- sh\nkubectl exec -q -it p -- flux jobs\n"},
    {"of_a_name_in_a_variable", "kubectl exec -it $p -c c -- bash\nflux jobs",
     "kubectl exec -it $p -c c -- bash\nkubectl exec -it $p -c c -- flux jobs\n"},
    {"input_closed", "kubectl exec p -- bash\nkubectl get pods",
     "kubectl exec p -- bash\nkubectl get pods\n"},
    {"proxy_inside",
     "kubectl exec -it p -c c bash\n. /mnt/flux/flux-view.sh\nflux proxy $fluxsocket bash\nflux jobs\nexit\n"
     "flux resource list\nexit\nkubectl get pods",
     "kubectl exec -it p -c c bash\nkubectl exec -it p -c c -- flux jobs\nkubectl exec -it p -c c -- flux "
     "resource list\nkubectl get pods\n"},
    {"on_a_node", "ssh root@n\nip a | grep inet\nexit\nkubectl get nodes",
     "ssh root@n\nssh root@n ip a\nkubectl get nodes\n"},
    {"of_two_in_turn", "ssh n\nip a\nexit\nssh m\nip a", "ssh n\nssh n ip a\nssh m\nssh m ip a\n"},
    {"builtins_stay", "ssh n\necho here\nsleep 5\nip a", "ssh n\necho here\nsleep 5\nssh n ip a\n"},
    {"own_programs_are_refused", "kubectl exec -it p -c c bash\nhelm upgrade a b",
     "kubectl exec -it p -c c bash\nhelm upgrade a b\nproblem at 29: helm is typed at the prompt that "
     "\"kubectl "
     "exec -it p -c c bash\" opened\n"},
    {"exit_without_a_prompt_stays", "exit 1", "exit 1\n"},
    {"not_in_the_middle", "true && ssh n",
     "\nproblem at 8: a prompt that is opened in the middle of a line or a loop is beyond the grammar of "
     "runbooks\n"},
};
INSTANTIATE_TEST_SUITE_P(Scripts, TypedShells, testing::ValuesIn(kTyped),
                         [](const auto& one) { return std::string(one.param.name); });

sim::ResultRecord perform_text(const std::string& text) {
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal = load({"a.yaml", text, {}, {}}, diagnostics);
  EXPECT_TRUE(rehearsal) << language::render(diagnostics.sorted());
  sim::NominalChoices choices;
  return rehearsal ? perform(*rehearsal, choices, 0) : sim::ResultRecord{};
}

TEST(TypedShells, OfFluxShowWhatFluxShows) {
  const sim::ResultRecord record = perform_text(R"(apiVersion: rehearsal/v1
scenario: a prompt
cluster:
  kubernetes: {version: "1.28.0", featureGates: {JobBackoffLimitPerIndex: true}, profile: kind}
  nodes: {kind-control-plane: {cpu: 10, memory: 32Gi}}
  miniclusters: {flux-sample: {size: 4, maxSize: 10, restartWorkers: false, interactive: true, cores: 10}}
plan:
  - step: look inside
    let:
      leader: "kubectl get pods -l batch.kubernetes.io/job-completion-index=0 -o jsonpath='{.items[0].metadata.name}'"
    run: |
      kubectl exec -it ${leader} bash
      . /mnt/flux/flux-view.sh
      flux proxy $fluxsocket bash
      flux resource drain flux-sample-2 "I am a bad person"
      flux resource list
)");
  ASSERT_EQ(record.steps.size(), 1U);
  const sim::StepRecord& step = record.steps.front();
  EXPECT_EQ(step.exit_code, 0);
  EXPECT_NE(step.errors().find("is DEPRECATED"), std::string::npos) << step.errors();
  EXPECT_EQ(step.output(),
            "     STATE NNODES   NCORES    NGPUS NODELIST\n"
            "      free      3       30        0 flux-sample-[0-1,3]\n"
            " allocated      0        0        0 \n"
            "      down      7       70        0 flux-sample-[2,4-9]\n");
}

TEST(Edits, OfAManifestCountForTheStepsAfterThem) {
  const sim::ResultRecord record = perform_text(R"(apiVersion: rehearsal/v1
scenario: a file that is changed
cluster:
  kubernetes: {version: "1.35.0"}
  nodes: {"node-[0-2]": {cpu: 4, memory: 8Gi}}
files:
  web.yaml: |
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: web}
    spec:
      serviceName: web
      replicas: 1
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: web, image: web}]}
plan:
  - step: one
    run: kubectl apply -f web.yaml
    then: {ready: "web-0", absent: web-1}
  - step: three
    edit: {file: web.yaml, set: {spec.replicas: 3, metadata.labels.tier: front}}
  - step: apply it
    run: kubectl apply -f web.yaml
    then: {ready: "web-[0-2]"}
  - step: a mapping that was not there
    run: kubectl get statefulset web -o jsonpath={.metadata.labels.tier}
    then: {prints: front}
)");
  EXPECT_TRUE(record.passed);
}

struct RefusedEdit {
  const char* name;
  const char* file;  ///< a.yaml
  const char* set;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const RefusedEdit& row) { return os << row.name; }
};

constexpr const char* kPodManifest =
    "    {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}\n";
constexpr const char* kTwoManifests =
    "    {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}\n    "
    "---\n"
    "    {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: a, image: a}]}}\n";

const RefusedEdit kRefusedEdits[] = {
    {"that_leads_nowhere", kPodManifest, "{spec.containers.image: b}",
     "spec.containers.image leads into something that is no mapping"},
    {"with_a_variable", kPodManifest, "{metadata.name: \"${name}\"}",
     "a manifest is edited when the plan is loaded: no variable has a value"},
    {"with_a_variable_that_nobody_sets", kPodManifest, "{metadata.name: \"${other}\"}",
     "plan[0].edit.set.metadata.name: ${other} has no value here"},
    {"of_one_of_two_documents", kTwoManifests, "{metadata.name: c}",
     "a.yaml holds 2 documents, and an edit does not say which"},
};

class RefusedEdits : public testing::TestWithParam<RefusedEdit> {};

TEST_P(RefusedEdits, AreToldWithTheirPlace) {
  language::Diagnostics diagnostics;
  const std::string set = GetParam().set;
  const std::string text =
      "apiVersion: rehearsal/v1\nscenario: a\ncluster: {nodes: {n: {cpu: 1, memory: 1Gi}}}\nfiles:\n  "
      "a.yaml: |\n" +
      std::string(GetParam().file) + "plan:\n  - step: a\n" +
      (set.find("${name}") == std::string::npos ? "" : "    let: {name: echo c}\n") +
      "    edit: {file: a.yaml, set: " + set + "}\n  - {step: b, run: kubectl apply -f a.yaml}\n";
  load({"a.yaml", text, {}, {}}, diagnostics);
  const std::string told = language::render(diagnostics.sorted());
  EXPECT_NE(told.find(GetParam().problem), std::string::npos) << told;
  EXPECT_TRUE(told.starts_with("a.yaml:")) << told;
}

INSTANTIATE_TEST_SUITE_P(Cases, RefusedEdits, testing::ValuesIn(kRefusedEdits),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Import, KeepsWhatIsTypedAtAPromptTogether) {
  const ImportedPlan plan = import_runbook(
      "$ kubectl get pods\n# look inside\n$ kubectl exec -it p -c c -- bash\nflux resource "
      "list\nexit\nkubectl get "
      "nodes\n",
      "a.sh", "1.35");
  EXPECT_FALSE(plan.not_taken.has_errors()) << language::render(plan.not_taken.sorted());
  EXPECT_EQ(plan.steps, 3U);
  EXPECT_NE(
      plan.yaml.find("  - step: look inside\n    run: |\n      kubectl exec -it p -c c -- bash\n      flux "
                     "resource list\n      exit\n"),
      std::string::npos)
      << plan.yaml;
}

TEST(Import, TellsWhereALineTypedAtAPromptIsWrong) {
  const ImportedPlan plan = import_runbook(
      "kubectl exec -it p -c c -- bash\nflux resource lst\nflux resource list\nexit\n", "a.sh", "1.35");
  EXPECT_EQ(plan.steps, 1U);
  EXPECT_NE(language::render(plan.not_taken.sorted()).find("a.sh:2:"), std::string::npos)
      << language::render(plan.not_taken.sorted());
  EXPECT_NE(plan.yaml.find("      flux resource list\n      exit\n"), std::string::npos) << plan.yaml;
}

TEST(Import, TakesTheValuesFileOfAnInstallation) {
  const ImportedPlan plan = import_runbook(
      "helm upgrade --namespace iomesh-system iomesh iomesh/iomesh --values iomesh.yaml\n", "a.sh", "1.35");
  EXPECT_FALSE(plan.not_taken.has_errors()) << language::render(plan.not_taken.sorted());
  EXPECT_EQ(plan.steps, 1U);
}

}  // namespace
}  // namespace scenarios

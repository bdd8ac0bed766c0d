#include "scenarios/language/validate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenarios/language/load.h"

namespace scenarios::language {
namespace {

LoadOptions known_words() {
  LoadOptions options;
  options.known.kubernetes_versions = KnownWords::VersionRange{{1, 26, 0}, {1, 35, 0}};
  options.known.feature_gates = {"ElasticIndexedJob", "JobBackoffLimitPerIndex"};
  options.known.profiles = {"kind", "default"};
  options.known.checks = {
      {"one-at-a-time", "s", false, {{"count", ParameterType::integer, true, "", "How many."}}},
      {"reverse-ordinal-order", "s", false, {}},
      {"eventually", "s", false, {{"holds", ParameterType::condition, true, "", "What."}}},
      {"at-most-one-pod-per-ordinal", "s", true, {}},
  };
  return options;
}

constexpr const char* cluster =
    "cluster: {nodes: {\"w-[0-3]\": {cpu: 4, memory: 8Gi}}, statefulsets: {ingest: {replicas: 3}}, jobs: "
    "{train: {}}}\n";

struct ValidateCase {
  const char* name;
  std::string yaml;  // from line 3 on
  const char* want;  // "line:column: field: problem | hint", a line each
  friend std::ostream& operator<<(std::ostream& os, const ValidateCase& c) { return os << c.name; }
};

const ValidateCase cases[] = {
    {"all_is_well",
     std::string(cluster) +
         "behaviour: {ingest: {start: 3s}, ingest-1: {exit: 1}, \"train-[0-3]\": {exit: 2}}\n"
         "faults: [{at: 3s, delete_pod: ingest-2}, {at: 3s, node_dies: w-3}]\n"
         "checks: [reverse-ordinal-order]\nexpect: {violates: at-most-one-pod-per-ordinal}\n",
     ""},
    // Unused
    {"behaviour_of_nobody", std::string(cluster) + "behaviour: {ingets: {exit: 1}}\n",
     "4:13: behaviour.ingets: the scenario has no object or pod ingets, so this is never used | did you mean "
     "ingest? known here: ingest, train\n"},
    {"capture_never_used", "plan: [{step: a, run: b, let: {x: c}}]\n",
     "3:32: plan[0].let.x: x is never used | use it as ${x}, or leave it out\n"},
    {"loop_variable_never_used", "plan: [{step: a, run: b, for_each: {x: \"c-[0-1]\"}}]\n",
     "3:37: plan[0].for_each.x: x is never used | use it as ${x}, or leave it out\n"},
    {"file_never_used", "files: {a.yaml: \"kind: Pod\"}\nplan: [{step: a, run: kubectl apply -f b.yaml}]\n",
     "3:9: files.a.yaml: no command of the plan reads a.yaml | leave it out, or use it: kubectl apply -f "
     "a.yaml\n"},
    // Unknown
    {"unknown_reference", "plan: [{step: a, run: b, stdin: \"b ${who}\"}]\n",
     "3:36: plan[0].stdin: ${who} has no value here | captures (let) and variables (for_each) are defined in "
     "this step, captures also in earlier ones; $${ is a plain ${\n"},
    {"nearly_known_reference", "plan: [{step: a, run: b, stdin: \"${pod} ${pdo}\", for_each: {pod: a}}]\n",
     "3:41: plan[0].stdin: ${pdo} has no value here | did you mean pod? known here: pod\n"},
    {"loop_variable_ends_with_its_step",
     "plan: [{step: a, run: \"${x}\", for_each: {x: a}}, {step: b, run: c, stdin: \"c ${x}\"}]\n",
     "3:78: plan[1].stdin: ${x} has no value here | captures (let) and variables (for_each) are defined in "
     "this step, captures also in earlier ones; $${ is a plain ${\n"},
    {"capture_reaches_later_steps", "plan: [{step: a, run: b, let: {x: c}}, {step: b, run: \"c ${x}\"}]\n",
     ""},
    {"capture_and_loop_variable_of_one_name",
     "plan: [{step: a, run: \"${x}\", for_each: {x: a}, let: {x: c}}]\n",
     "3:55: plan[0].let.x: x already stands for something else, since line 3 | choose another name\n"},
    {"bad_capture_name", "plan: [{step: a, run: b, let: {x y: c}}]\n",
     "3:32: plan[0].let.x y: \"x y\" is not a name | letters, digits, _ and -\n"},
    {"unknown_need", "plan: [{step: first, run: b}, {step: b, run: c, needs: [frist]}]\n",
     "3:57: plan[1].needs: the plan has no step \"frist\" | did you mean first? known here: first, b\n"},
    {"two_steps_of_one_name", "plan:\n  - {step: a, run: b}\n  - {step: a, run: c}\n",
     "5:12: plan[1].step: there are two steps \"a\", the first in line 4 | give each step a name of its "
     "own\n"},
    {"unknown_pod_in_fault", std::string(cluster) + "faults: [{at: 3s, lose_readiness: ingst-0}]\n",
     "4:35: faults[0].lose_readiness: no object of the scenario has a pod ingst-0 | did you mean ingest-0? "
     "known here: ingest-0, train-0\n"},
    {"unknown_node_in_fault", std::string(cluster) + "faults: [{at: 3s, node_dies: w-9}]\n",
     "4:30: faults[0].node_dies: the cluster has no node w-9 | did you mean w-0? known here: w-0, w-1, w-2, "
     "w-3\n"},
    {"unknown_pod_in_condition",
     std::string(cluster) + "plan: [{step: a, run: kubectl get pods, then: {running: \"ingst-[0-1]\"}}]\n",
     "4:57: plan[0].then.running: no object of the scenario has a pod ingst-0 | did you mean ingest-0? known "
     "here: ingest-0, train-0\n"},
    {"unknown_pod_in_check", std::string(cluster) + "checks: [{eventually: {holds: {ready: ingst-0}}}]\n",
     "4:39: checks[0].eventually.holds.ready: no object of the scenario has a pod ingst-0 | did you mean "
     "ingest-0? known here: ingest-0, train-0\n"},
    {"flux_without_minicluster",
     std::string(cluster) + "plan: [{step: a, run: kubectl get pods, then: {flux: {free: 2}}}]\n",
     "4:47: plan[0].then.flux: the scenario has no MiniCluster | describe one in cluster.miniclusters\n"},
    {"unknown_object_in_condition",
     std::string(cluster) + "plan: [{step: a, run: kubectl get pods, then: {pods: {ingst: 2}}}]\n",
     "4:55: plan[0].then.pods: the scenario has no object ingst | did you mean ingest? known here: ingest, "
     "train\n"},
    {"manifests_may_bring_objects", "cluster: {manifests: a.yaml}\nbehaviour: {anything: {exit: 1}}\n", ""},
    {"apply_may_bring_objects",
     std::string(cluster) +
         "behaviour: {anything: {exit: 1}}\nplan: [{step: a, run: kubectl apply -f x.yaml}]\n",
     ""},
    // Twice
    {"node_described_twice",
     "cluster:\n  nodes:\n    \"w-[0-3]\": {cpu: 4, memory: 8Gi}\n    w-3: {cpu: 4, memory: 8Gi}\n",
     "6:5: cluster.nodes.w-3: the node w-3 is described twice, first in line 5\n"},
    {"job_of_a_minicluster", "cluster:\n  jobs: {a: {}}\n  miniclusters: {a: {}}\n",
     "4:10: cluster.jobs.a: the MiniCluster a owns a Job of the same name | rename one of them\n"},
    {"check_asked_for_twice", "checks: [reverse-ordinal-order, reverse-ordinal-order]\n",
     "3:33: checks[1].reverse-ordinal-order: the check reverse-ordinal-order is asked for twice, first in "
     "line 3\n"},
    // Names
    {"bad_object_name", "cluster: {statefulsets: {My_Set: {}}}\n",
     "3:26: cluster.statefulsets.My_Set: My_Set is not a name that Kubernetes accepts | at most 63 small "
     "letters, digits and dashes, with a letter or digit at both ends\n"},
    {"bad_node_name", "cluster: {nodes: {W: {cpu: 4, memory: 8Gi}}}\n",
     "3:19: cluster.nodes.W: W is not a name that Kubernetes accepts | small letters, digits, dashes and "
     "dots\n"},
    // Words that others own
    {"old_version", "cluster: {kubernetes: {version: \"1.25.3\"}}\n",
     "3:33: cluster.kubernetes.version: Kubernetes 1.25.3 is not modelled | known here: 1.26.0 to 1.35\n"},
    {"future_version", "cluster: {kubernetes: {version: \"1.36.0\"}}\n",
     "3:33: cluster.kubernetes.version: Kubernetes 1.36.0 is not modelled | known here: 1.26.0 to 1.35\n"},
    {"late_patch_release", "cluster: {kubernetes: {version: \"1.35.7\"}}\n", ""},
    {"unknown_gate", "cluster: {kubernetes: {featureGates: {ElasticIndexJob: true}}}\n",
     "3:39: cluster.kubernetes.featureGates.ElasticIndexJob: there is no feature gate ElasticIndexJob | did "
     "you mean ElasticIndexedJob? known here: ElasticIndexedJob, JobBackoffLimitPerIndex\n"},
    {"unknown_profile", "cluster: {kubernetes: {profile: knid}}\n",
     "3:33: cluster.kubernetes.profile: there is no profile knid | did you mean kind? known here: kind, "
     "default\n"},
    {"unknown_check", "checks: [reverse-order]\n",
     "3:10: checks[0].reverse-order: there is no check reverse-order | known here: one-at-a-time, "
     "reverse-ordinal-order, eventually, at-most-one-pod-per-ordinal\n"},
    {"unknown_parameter", "checks: [{one-at-a-time: {cuont: 2}}]\n",
     "3:26: checks[0].one-at-a-time: the check one-at-a-time needs count | How many.\n"
     "3:27: checks[0].one-at-a-time.cuont: the check one-at-a-time has no parameter cuont | did you mean "
     "count? known here: count\n"},
    {"missing_parameter", "checks: [one-at-a-time]\n",
     "3:10: checks[0].one-at-a-time: the check one-at-a-time needs count | How many.\n"},
    {"parameter_for_a_check_without", "checks: [{reverse-ordinal-order: 3}]\n",
     "3:34: checks[0].reverse-ordinal-order: the check reverse-ordinal-order takes no parameters\n"},
    {"parameter_of_wrong_type", "checks: [{one-at-a-time: two}]\n",
     "3:26: checks[0].one-at-a-time.count: \"two\" is not a whole number | write a whole number from 0 to "
     "2147483647\n"},
    // Expectations
    {"expected_check_not_asked_for", "checks: [reverse-ordinal-order]\nexpect: {violates: one-at-a-time}\n",
     "4:20: expect.violates: the scenario does not ask for the check one-at-a-time | known here: then, all, "
     "reverse-ordinal-order, at-most-one-pod-per-ordinal\n"},
    {"cause_of_no_step", "plan: [{step: shrink, run: b}]\nexpect: {violates: then, because_of: shrnk}\n",
     "4:38: expect.because_of: the plan has no step \"shrnk\" | did you mean shrink? known here: shrink\n"},
    {"stall_of_no_step", "plan: [{step: shrink, run: b}]\nexpect: {stalls: shrnk}\n",
     "4:18: expect.stalls: the plan has no step \"shrnk\" | did you mean shrink? known here: shrink\n"},
    {"output_of_no_step", "plan: [{step: shrink, run: b}]\nexpect: {prints: [{step: x, text: y}]}\n",
     "4:26: expect.prints[0].step: the plan has no step \"x\" | known here: shrink\n"},
};

class Validation : public testing::TestWithParam<ValidateCase> {};
TEST_P(Validation, FindsWhatNoSingleFieldCanTell) {
  const LoadResult result = load_scenario_text("apiVersion: rehearsal/v1\nscenario: t\n" + GetParam().yaml,
                                               "s.yaml", known_words());
  std::string all;
  for (const Diagnostic& d : result.diagnostics) {
    all += std::to_string(d.at.line) + ":" + std::to_string(d.at.column) + ": " + d.field + ": " + d.problem +
           (d.hint.empty() ? "" : " | " + d.hint) + "\n";
  }
  EXPECT_EQ(all, GetParam().want);
  EXPECT_EQ(result.scenario.has_value(), all.empty());
}
INSTANTIATE_TEST_SUITE_P(Scenarios, Validation, testing::ValuesIn(cases),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct PodNameCase {
  const char* name;
  bool want;
  friend std::ostream& operator<<(std::ostream& os, const PodNameCase& c) { return os << c.name; }
};

const PodNameCase pod_names[] = {
    {"ingest-0", true},  {"ingest-12-x7k2p", true}, {"train-x7k2p", true},
    {"debug", true},     {"ingest", false},         {"ingest-", false},
    {"ingest-a", false}, {"ingest2-0", false},      {"inges-0", false},
};

class PodName : public testing::TestWithParam<PodNameCase> {};
TEST_P(PodName, IsOneThatAnObjectCanGive) {
  ObjectNames names;
  names.objects = {"ingest", "train"};
  names.pods = {"debug"};
  EXPECT_EQ(names.may_name_pod(GetParam().name), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Names, PodName, testing::ValuesIn(pod_names));

TEST(ObjectNames, AreCompleteUnlessFilesOrCommandsBringMore) {
  const auto names = [](const std::string& more) {
    const LoadResult result = load_scenario_text("apiVersion: rehearsal/v1\nscenario: t\n" + more, "s.yaml");
    EXPECT_TRUE(result.scenario.has_value()) << render(result.diagnostics);
    return names_in(*result.scenario);
  };
  EXPECT_TRUE(names(cluster).complete);
  EXPECT_EQ(names(cluster).nodes.size(), 4U);
  EXPECT_EQ(names(cluster).objects, (std::vector<std::string>{"ingest", "train"}));
  EXPECT_FALSE(names("cluster: {snapshot: c.json}\n").complete);
  EXPECT_FALSE(names("source: no cluster\n").complete);
}

}  // namespace
}  // namespace scenarios::language

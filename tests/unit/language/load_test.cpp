#include "scenarios/language/load.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/unit/language/design_example.h"

namespace scenarios::language {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

Scenario loaded(const std::string& text, const LoadOptions& options = {}) {
  LoadResult result = load_scenario_text(text, "s.yaml", options);
  EXPECT_TRUE(result.scenario.has_value()) << render(result.diagnostics);
  return result.scenario ? std::move(*result.scenario) : Scenario{};
}

/// A whole scenario around some more keys.
std::string with(const std::string& more) { return "apiVersion: rehearsal/v1\nscenario: t\n" + more; }

TEST(LoadScenario, ReadsTheExampleOfTheDesignWithoutADiagnostic) {
  const LoadResult result = load_scenario_text(design_example, "s.yaml");
  EXPECT_EQ(render(result.diagnostics), "");
  ASSERT_TRUE(result.scenario.has_value());
  const Scenario& scenario = *result.scenario;
  EXPECT_EQ(scenario.title.value, "downsize after a middle index was deleted");
  ASSERT_TRUE(scenario.cluster.has_value());
  EXPECT_EQ(scenario.cluster->kubernetes.version.value, (Version{1, 28, 0}));
  ASSERT_EQ(scenario.cluster->kubernetes.feature_gates.size(), 1U);
  EXPECT_EQ(scenario.cluster->kubernetes.feature_gates[0].name.value, "JobBackoffLimitPerIndex");
  EXPECT_TRUE(scenario.cluster->kubernetes.feature_gates[0].value.value);
  EXPECT_EQ(scenario.cluster->kubernetes.profile.value, "kind");
  ASSERT_EQ(scenario.cluster->nodes.size(), 1U);
  EXPECT_EQ(scenario.cluster->nodes[0].names.hosts.size(), 10U);
  EXPECT_EQ(scenario.cluster->nodes[0].group.cpu.value.value, 10'000);
  EXPECT_EQ(scenario.cluster->nodes[0].group.memory.value.value, std::int64_t{32} << 30);
  EXPECT_EQ(scenario.cluster->nodes[0].group.pods.value, 110);
  ASSERT_EQ(scenario.cluster->miniclusters.size(), 1U);
  const MiniCluster& minicluster = scenario.cluster->miniclusters[0].value;
  EXPECT_EQ(minicluster.size.value, 4);
  EXPECT_EQ(minicluster.max_size.value, 10);
  EXPECT_TRUE(minicluster.restart_workers.given());
  EXPECT_FALSE(minicluster.restart_workers.value);
  EXPECT_FALSE(minicluster.min_size.given());
  EXPECT_EQ(minicluster.backoff_limit.value, 100);
  ASSERT_EQ(scenario.behaviour.size(), 1U);
  EXPECT_EQ(scenario.behaviour[0].value.start.value.to_text(), "p50 4s, p95 9s");
  ASSERT_EQ(scenario.checks.size(), 1U);
  EXPECT_EQ(scenario.expect.violates[0].value, "declared-size-is-actual-size");
}

TEST(LoadScenario, KeepsStepsWithTheirCommandsConditionsAndPlaces) {
  const Scenario scenario = loaded(design_example);
  ASSERT_EQ(scenario.plan.size(), 3U);
  const Step& last = scenario.plan[2];
  EXPECT_EQ(last.name.value, "declare the smaller size");
  ASSERT_EQ(last.run.size(), 1U);
  EXPECT_EQ(last.run[0].value,
            R"(kubectl patch minicluster flux-sample --type=merge -p '{"spec":{"size":3}}')");
  EXPECT_EQ(last.run[0].at_offset(8), (Location{"s.yaml", 22, 18}));
  EXPECT_FALSE(last.needs_given);
  EXPECT_EQ(last.on_error, OnError::stop);
  EXPECT_EQ(last.then.running.hosts, (std::vector<std::string>{"flux-sample-0", "flux-sample-1"}));
  ASSERT_TRUE(last.then.flux.has_value());
  EXPECT_EQ(last.then.flux->free.count, 2);
  EXPECT_FALSE(last.then.flux->allocated.given());
  EXPECT_FALSE(scenario.plan[0].then.given());
}

TEST(LoadScenario, DefaultsHaveAValueAndNoPlace) {
  const Scenario scenario = loaded(with("cluster: {statefulsets: {ingest: {}}}"));
  EXPECT_EQ(scenario.until.value, hours(24));
  EXPECT_FALSE(scenario.until.given());
  EXPECT_EQ(scenario.seed.value, 1);
  const StatefulSet& set = scenario.cluster->statefulsets[0].value;
  EXPECT_EQ(set.replicas.value, 1);
  EXPECT_EQ(set.pod_management_policy.value, "OrderedReady");
  EXPECT_EQ(set.termination_grace_period.value, seconds(30));
  EXPECT_EQ(set.name_space.value, "default");
  EXPECT_FALSE(set.max_unavailable.given());
  EXPECT_EQ(scenario.cluster->kubernetes.version.value, (Version{1, 34, 0}));
}

TEST(LoadScenario, ReadsStatefulSetsWithKubernetesNames) {
  const Scenario scenario = loaded(with(R"(
cluster:
  statefulsets:
    ingest:
      {namespace: storage, replicas: 3, podManagementPolicy: Parallel, minReadySeconds: 10, start: 2, partition: 1, maxUnavailable: 30%,
       updateStrategy: OnDelete, revisionHistoryLimit: 2, claims: {data: 10Gi}, whenScaled: Delete, whenDeleted: Retain,
       terminationGracePeriod: 1m, containers: 2, cpu: 500m, memory: 1Gi, onePerNode: true, labels: {app: ingest, empty: ""}, serviceName: ingest}
)"));
  const auto& entry = scenario.cluster->statefulsets[0];
  EXPECT_EQ(entry.name.value, "ingest");
  EXPECT_EQ(entry.name.at, (Location{"s.yaml", 6, 5}));
  EXPECT_EQ(entry.value.name_space.value, "storage");
  EXPECT_EQ(entry.value.max_unavailable.value, (CountOrPercent{30, true}));
  EXPECT_EQ(entry.value.claims[0].value.value.value, std::int64_t{10} << 30);
  EXPECT_EQ(entry.value.termination_grace_period.value, seconds(60));
  EXPECT_EQ(entry.value.labels.size(), 2U);
  EXPECT_TRUE(entry.value.one_per_node.value);
}

TEST(LoadScenario, ReadsJobsWithTheirPolicies) {
  const Scenario scenario = loaded(with(R"(
cluster:
  jobs:
    train:
      completions: 4
      parallelism: 2
      completionMode: Indexed
      backoffLimitPerIndex: 1
      activeDeadline: 10m
      podFailurePolicy:
        rules:
          - {action: FailIndex, onExitCodes: {operator: In, values: [13, 14]}}
          - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}
      successPolicy: {rules: [{succeededIndexes: "0-1,3", succeededCount: 2}]}
)"));
  const Job& job = scenario.cluster->jobs[0].value;
  ASSERT_EQ(job.pod_failure_policy->rules.size(), 2U);
  EXPECT_EQ(job.pod_failure_policy->rules[0].on_exit_codes->values[1].value, 14);
  EXPECT_EQ(job.pod_failure_policy->rules[1].on_pod_conditions[0].status.value, "True");
  EXPECT_TRUE(job.success_policy->rules[0].succeeded_indexes.value.contains(3));
  EXPECT_FALSE(job.backoff_limit.given());
  EXPECT_EQ(job.restart_policy.value, "Never");
}

TEST(LoadScenario, ReadsBehaviourByIndexAndAttempt) {
  const Scenario scenario = loaded(with(R"(
cluster: {jobs: {train: {completions: 4, completionMode: Indexed}}}
behaviour:
  train:
    run: {uniform: [10s, 20s]}
    exit: [1, 1, 0]
    attempts: {"1": {exit: 7}}
    indexes:
      "1,3": {exit: 2, attempts: {"2-3": {exit: 0, neverReady: true}}}
)"));
  const auto rows = flatten(scenario.behaviour[0].value);
  std::vector<std::string> shapes;
  for (const FlatBehaviour& row : rows) {
    shapes.push_back(std::to_string(row.index) + "/" + std::to_string(row.attempt) + "=" +
                     std::to_string(row.row->exit.at(0).value));
  }
  EXPECT_EQ(shapes, (std::vector<std::string>{"-1/-1=1", "-1/1=7", "1/-1=2", "1/2=0", "1/3=0", "3/-1=2",
                                              "3/2=0", "3/3=0"}));
  EXPECT_EQ(scenario.behaviour[0].value.exit.size(), 3U);
  EXPECT_TRUE(rows[3].row->never_ready.value);
}

TEST(LoadScenario, ReadsEveryFormOfDistribution) {
  const Scenario scenario = loaded(with(R"(
cluster: {statefulsets: {a: {}}}
behaviour:
  a: {init: 3s, start: {fixed: 4s}, ready: {uniform: [2s, 5s]}, run: {p50: 20s, p95: 45s}, stop: {empirical: [1s, 3s, 2s]}}
)"));
  const Behaviour& behaviour = scenario.behaviour[0].value;
  EXPECT_EQ(behaviour.init.value.to_text(), "3s");
  EXPECT_EQ(behaviour.start.value.to_text(), "4s");
  EXPECT_EQ(behaviour.ready.value.to_text(), "2s to 5s");
  EXPECT_EQ(behaviour.run.value.to_text(), "p50 20s, p95 45s");
  EXPECT_EQ(behaviour.stop.value.nominal(), seconds(2));
  EXPECT_EQ(models::timing::to_text(behaviour.stop.value.provenance()),
            "source: stated in the scenario, line 6");
}

TEST(LoadScenario, ReadsEveryKindOfFault) {
  const Scenario scenario = loaded(with(R"(
cluster: {nodes: {"w-[0-3]": {cpu: 4, memory: 8Gi}}, statefulsets: {a: {replicas: 3}}}
faults:
  - {at: 1s, pod_crash: a-0}
  - {at: 1s, pod_crash: {pod: a-1, exit: 3}}
  - {at: 2s, delete_pod: "a-[0-1]"}
  - {at: 2s, delete_pod: {pod: a-2, gracePeriod: 0s}}
  - {at: 3s, lose_readiness: a-0}
  - {at: 4s, regain_readiness: [a-0, a-1]}
  - {at: 4s, never_ready: a-2}
  - {at: 5s, node_dies: "w-[0-1]"}
  - {at: 6s, node_returns: w-0}
  - {at: 7s, controller_restarts: statefulset}
  - {at: 8s, fail_write: {verb: delete, kind: Pod, times: 2}}
  - {at: 9s, quota: {pods: 2}}
)"));
  ASSERT_EQ(scenario.faults.size(), 12U);
  EXPECT_EQ(scenario.faults[0].kind, FaultKind::pod_crash);
  EXPECT_EQ(scenario.faults[0].pod_crash->exit.value, 1);
  EXPECT_EQ(scenario.faults[1].pod_crash->exit.value, 3);
  EXPECT_EQ(scenario.faults[2].targets().hosts.size(), 2U);
  EXPECT_FALSE(scenario.faults[2].delete_pod->grace_period.given());
  EXPECT_TRUE(scenario.faults[3].delete_pod->grace_period.given());
  EXPECT_EQ(scenario.faults[5].targets().hosts, (std::vector<std::string>{"a-0", "a-1"}));
  EXPECT_EQ(scenario.faults[7].kind, FaultKind::node_dies);
  EXPECT_EQ(scenario.faults[9].controller_restarts.value, "statefulset");
  EXPECT_EQ(scenario.faults[10].fail_write->times.value, 2);
  EXPECT_EQ(scenario.faults[11].quota->name_space.value, "default");
  EXPECT_EQ(scenario.faults[11].at.value, seconds(9));
}

TEST(LoadScenario, ReadsEveryModifierOfAStep) {
  const Scenario scenario = loaded(with(R"(
cluster: {statefulsets: {a: {replicas: 3}}}
plan:
  - step: look
    run: [kubectl get pods, kubectl get nodes]
    needs: []
    at: 90s
    timeout: 5m
    let: {name: kubectl get pods -o name}
  - step: delete
    run: kubectl delete pod ${pod} ${name}
    needs: look
    after: 10s
    on_error: continue
    for_each: {pod: "a-[0-2]"}
    stdin: ""
    then: {absent: "${pod}", ready: [a-1], pods: {a: 2}, exit: 1, prints: [deleted, /pod.*/], within: 30s}
  - step: pause
    wait: 1m
    then: {pods: 3}
)"));
  const Step& look = scenario.plan[0];
  EXPECT_EQ(look.run.size(), 2U);
  EXPECT_TRUE(look.needs_given);
  EXPECT_TRUE(look.needs.empty());
  EXPECT_EQ(look.at.value, seconds(90));
  EXPECT_EQ(look.captures[0].name.value, "name");
  const Step& step = scenario.plan[1];
  EXPECT_EQ(step.needs[0].value, "look");
  EXPECT_EQ(step.on_error, OnError::proceed);
  EXPECT_EQ(step.for_each[0].value.hosts.size(), 3U);
  EXPECT_TRUE(step.then.absent.open);
  EXPECT_EQ(step.then.pods[0].object.value, "a");
  EXPECT_EQ(step.then.pods[0].count.value, 2);
  EXPECT_EQ(step.then.exit.value, 1);
  EXPECT_EQ(step.then.prints.size(), 2U);
  EXPECT_EQ(scenario.plan[2].wait.value, seconds(60));
  EXPECT_EQ(scenario.plan[2].then.pods[0].count.value, 3);
}

LoadOptions some_checks() {
  LoadOptions options;
  options.known.checks = {
      {"one-at-a-time",
       "s",
       false,
       {{"count", ParameterType::integer, false, "1", "s"}, {"of", ParameterType::text, false, "", "s"}}},
      {"eventually",
       "s",
       false,
       {{"holds", ParameterType::condition, true, "", "s"}, {"by", ParameterType::duration, false, "", "s"}}},
      {"only",
       "s",
       false,
       {{"pods", ParameterType::hostlist, true, "", "s"},
        {"strict", ParameterType::boolean, false, "false", "s"},
        {"names", ParameterType::list, false, "", "s"}}},
      {"at-most-one-pod-per-ordinal", "s", true, {}},
  };
  return options;
}

TEST(LoadScenario, ReadsChecksByTheirDeclarations) {
  const Scenario scenario = loaded(with(R"(
cluster: {statefulsets: {a: {replicas: 3}}}
checks:
  - one-at-a-time
  - one-at-a-time: 2
  - one-at-a-time: {count: 3, of: a}
  - eventually: {holds: {ready: a-0}, by: 5m}
  - only: {pods: "a-[0-1]", strict: true, names: [x, y]}
)"),
                                   some_checks());
  ASSERT_EQ(scenario.checks.size(), 5U);
  EXPECT_EQ(scenario.checks[0].find("count")->integer, 1);
  EXPECT_FALSE(scenario.checks[0].find("count")->given());
  EXPECT_EQ(scenario.checks[1].find("count")->integer, 2);
  EXPECT_TRUE(scenario.checks[1].find("count")->given());
  EXPECT_EQ(scenario.checks[2].find("of")->text.value, "a");
  EXPECT_EQ(scenario.checks[0].find("of"), nullptr);
  EXPECT_EQ(scenario.checks[3].find("holds")->condition.ready.hosts[0], "a-0");
  EXPECT_EQ(scenario.checks[3].find("by")->duration, std::chrono::minutes(5));
  EXPECT_EQ(scenario.checks[4].find("pods")->hosts.hosts.size(), 2U);
  EXPECT_TRUE(scenario.checks[4].find("strict")->boolean);
  EXPECT_EQ(scenario.checks[4].find("names")->list.size(), 2U);
}

TEST(LoadScenario, ReadsExpectations) {
  const Scenario scenario = loaded(with(R"(
plan: [{step: a, run: kubectl get pods}]
checks: [x]
expect:
  holds: all
  not_reached: [x]
  stalls: a
  waiting_on: ingest-0
  exit: 1
  findings: 2
  admission_error: must be greater than or equal to 0
  prints:
    - step: a
      text: |
        NAME   AGE
        x-<suffix>   <age>
)"));
  EXPECT_EQ(scenario.expect.holds[0].value, "all");
  EXPECT_EQ(scenario.expect.findings.value, 2);
  EXPECT_TRUE(matches_output(scenario.expect.prints[0].text.value, "NAME   AGE\nx-abcde   3s\n"));
}

TEST(LoadScenario, AWarningDoesNotRefuseTheScenario) {
  const LoadResult result = load_scenario_text(with("until: 0s\n"), "s.yaml");
  EXPECT_TRUE(result.scenario.has_value());
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(result.diagnostics[0].severity, Severity::warning);
}

TEST(LoadScenario, ReadsFilesBesideTheScenario) {
  const std::string folder = testing::TempDir();
  std::ofstream(folder + "linked.yaml") << "kind: Pod\n";
  std::ofstream(folder + "s.yaml") << with(
      "files:\n  pod.yaml: {path: linked.yaml}\n  text.yaml: |\n    kind: Job\nplan: [{step: a, run: "
      "[kubectl apply -f pod.yaml, kubectl apply -f text.yaml]}]\n");
  const LoadResult result = load_scenario(folder + "s.yaml");
  ASSERT_TRUE(result.scenario.has_value()) << render(result.diagnostics);
  EXPECT_EQ(result.scenario->files[0].value.content.value, "kind: Pod\n");
  EXPECT_EQ(result.scenario->files[1].value.content.value, "kind: Job\n");
  EXPECT_EQ(path_beside("a/b/s.yaml", "../x.yaml"), "a/x.yaml");
  std::remove((folder + "s.yaml").c_str());
  std::remove((folder + "linked.yaml").c_str());
}

TEST(LoadScenario, AMissingLinkedFileIsAnErrorAtItsPath) {
  const LoadResult result = load_scenario_text(
      with("files: {pod.yaml: {path: nowhere.yaml}}\nplan: [{step: a, run: kubectl apply -f pod.yaml}]\n"),
      "folder/s.yaml");
  EXPECT_EQ(render(result.diagnostics),
            "folder/s.yaml:3:26: error: files.pod.yaml.path: folder/nowhere.yaml: the file cannot be opened\n"
            "  hint: does it exist, and may you read it?\n");
}

TEST(LoadScenario, AnEmptyFileIsRefused) {
  for (const char* text : {"", "\n\n", "# nothing\n", "---\n"}) {
    const LoadResult result = load_scenario_text(text, "s.yaml");
    EXPECT_EQ(
        render(result.diagnostics),
        "s.yaml:1:1: error: the file is empty\n  hint: a scenario begins with apiVersion: rehearsal/v1\n")
        << text;
  }
}

}  // namespace
}  // namespace scenarios::language

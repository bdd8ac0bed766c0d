// The declared size of Deployments, ReplicaSets and DaemonSets against the pods that run.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>

#include "scenarios/run.h"

namespace scenarios {
namespace {

/// Two workers with room for seven pods.
constexpr const char* kCluster = R"(apiVersion: rehearsal/v1
scenario: a declared size
until: 30m
cluster:
  kubernetes: {version: "1.34.0"}
  nodes: {"node-[0-1]": {cpu: 4, memory: 16Gi}}
  deployments:
    web: {replicas: 3, maxSurge: 1, maxUnavailable: 0, cpu: 1}
    api: {replicas: 1, cpu: 1}
behaviour:
  web: {start: 3s, stop: 5s}
)";

struct DeclaredSizeCase {
  const char* name;
  const char* plan;   ///< of the scenario: the steps, and faults before them
  const char* check;  ///< with its parameters
  sim::Verdict want;
  const char* summary;  ///< part of the finding's; empty: none
  friend std::ostream& operator<<(std::ostream& os, const DeclaredSizeCase& row) { return os << row.name; }
};

constexpr const char* kScaled = R"(plan:
  - step: size
    at: 1m
    run: kubectl scale deployment web --replicas=5
)";
constexpr const char* kTooLarge = R"(plan:
  - step: size
    at: 1m
    run: kubectl scale deployment web --replicas=9
)";
constexpr const char* kRolledOut = R"(plan:
  - step: roll out
    at: 1m
    run: kubectl rollout restart deployment/web
)";
constexpr const char* kStuckRollOut = R"(plan:
  - step: a template that asks for too much
    at: 1m
    run: |-
      kubectl patch deployment web --type=merge -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"web:2","resources":{"requests":{"cpu":"32"}}}]}}}}'
)";
constexpr const char* kShortOfPodsForLong = R"(plan:
  - step: no room
    at: 1m
    run: kubectl scale deployment web --replicas=9
  - step: later
    after: 5m
    run: kubectl scale deployment web --replicas=3
)";
constexpr const char* kReplicaSetByHand = R"(plan:
  - step: its ReplicaSet is scaled
    at: 1m
    run: |
      kubectl scale $(kubectl get replicasets -o name) --replicas=2
)";

const DeclaredSizeCase kCases[] = {
    {"a_deployment_at_rest", "plan:\n  - {step: look, run: kubectl get nodes}\n",
     "declared-size-is-actual-size", sim::Verdict::Held, ""},
    {"a_deployment_that_grows", kScaled, "declared-size-is-actual-size", sim::Verdict::Held, ""},
    {"a_deployment_without_room", kTooLarge, "declared-size-is-actual-size", sim::Verdict::Violated,
     "web declares 9, 7 pods run at the end"},
    {"a_deployment_without_room_for_a_while", kShortOfPodsForLong, "declared-size-is-actual-size",
     sim::Verdict::Violated, "for a while"},
    {"a_while_that_is_allowed", kShortOfPodsForLong, "declared-size-is-actual-size: {settle: 10m}",
     sim::Verdict::Held, ""},
    {"another_object_is_asked_for", kTooLarge, "declared-size-is-actual-size: {object: api}",
     sim::Verdict::Held, ""},
    {"old_and_new_pods_count_together", kRolledOut, "declared-size-is-actual-size: {object: web}",
     sim::Verdict::Held, ""},
    {"old_pods_count_while_new_ones_cannot_start", kStuckRollOut,
     "declared-size-is-actual-size: {object: web}", sim::Verdict::Held, ""},
    {"a_replicaset_stands_under_its_deployment", kReplicaSetByHand, "declared-size-is-actual-size",
     sim::Verdict::Held, ""},
};

class DeclaredSize : public testing::TestWithParam<DeclaredSizeCase> {};

TEST_P(DeclaredSize, IsJudged) {
  language::Diagnostics diagnostics;
  const std::string text = std::string(kCluster) + GetParam().plan + "checks:\n  - " + GetParam().check;
  const std::optional<Rehearsal> rehearsal = load({"a.yaml", text + "\n", {}, {}}, diagnostics);
  ASSERT_TRUE(rehearsal) << language::render(diagnostics.sorted());
  sim::NominalChoices choices;
  const sim::ResultRecord record = perform(*rehearsal, choices, 1);
  const auto found = std::find_if(
      record.findings.begin(), record.findings.end(),
      [](const sim::Finding& finding) { return finding.check == "declared-size-is-actual-size"; });
  ASSERT_NE(found, record.findings.end());
  EXPECT_EQ(found->verdict, GetParam().want) << found->summary;
  EXPECT_NE(found->summary.find(GetParam().summary), std::string::npos) << found->summary;
}

INSTANTIATE_TEST_SUITE_P(Workloads, DeclaredSize, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace scenarios

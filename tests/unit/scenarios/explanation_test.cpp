// How a finding is explained: its chain of causes, from what was seen to the step or the fault behind it.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "scenarios/run.h"

namespace scenarios {
namespace {

sim::ResultRecord perform_text(const std::string& body) {
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal =
      load({"a.yaml", "apiVersion: rehearsal/v1\nscenario: a test\n" + body, {}, {}}, diagnostics);
  EXPECT_TRUE(rehearsal) << language::render(diagnostics.sorted());
  sim::NominalChoices choices;
  return rehearsal ? perform(*rehearsal, choices, 1) : sim::ResultRecord{};
}

/// The texts of a finding's chain, one a line.
std::string chain(const sim::ResultRecord& record, std::string_view check) {
  std::string text;
  for (const sim::Finding& finding : record.findings) {
    if (finding.check == check && finding.verdict == sim::Verdict::Violated) {
      for (const sim::Because& link : finding.because) {
        text += link.text + "\n";
      }
      return text;
    }
  }
  return text;
}

constexpr const char* kFrozen = R"(cluster:
  nodes: {"node-[0-3]": {cpu: 8, memory: 32Gi}}
  statefulsets: {web: {replicas: 3}}
behaviour: {web: {start: 5s, ready: 5s}}
faults:
  - {at: 5m, lose_readiness: web-1}
plan:
  - step: two remain
    at: 6m
    run: kubectl scale statefulset web --replicas=2
    timeout: 10m
    then: {absent: web-2}
)";

TEST(Explanation, OfAHealthyPodThatShouldBeGoneIsWhatItsControllerWaitsFor) {
  const sim::ResultRecord record = perform_text(kFrozen);
  EXPECT_EQ(
      chain(record, "then"),
      "step \"two remain\": timed out\n"
      "step \"two remain\": kubectl scale statefulset web --replicas=2\n"
      "statefulset default/web: waits for pod default/web-1 to become Ready, by statefulset-controller\n"
      "pod default/web-1: Ready False, by kubelet\n"
      "pod default/web-1: warning: the readiness probe begins to fail, by fault\n");
}

TEST(Explanation, OfAStalledStepIsTheSame) {
  const sim::ResultRecord record = perform_text(kFrozen);
  EXPECT_EQ(chain(record, "stalls"), chain(record, "then"));
}

TEST(Explanation, OfAPodThatNoNodeTakesNamesWhyNot) {
  const sim::ResultRecord record = perform_text(R"(cluster:
  nodes: {node-0: {cpu: 2, memory: 32Gi}}
  statefulsets: {web: {replicas: 2, cpu: 1}}
plan:
  - step: three
    run: kubectl scale statefulset web --replicas=3
    then: {ready: "web-[0-2]", within: 5m}
)");
  const std::string told = chain(record, "then");
  EXPECT_NE(told.find("waits for pod default/web-2 to become Ready"), std::string::npos) << told;
  EXPECT_NE(told.find("Insufficient cpu"), std::string::npos) << told;
  EXPECT_NE(told.find("step \"three\": kubectl scale"), std::string::npos) << told;
}

TEST(Steps, TellEachCommandWithItsOwnOutputAndTime) {
  const sim::ResultRecord record = perform_text(R"(cluster:
  nodes: {node-0: {cpu: 8, memory: 32Gi}}
  statefulsets: {web: {replicas: 1}}
plan:
  - step: more
    let: {before: "kubectl get pods -o name"}
    run:
      - kubectl scale statefulset web --replicas=2
      - kubectl rollout status statefulset/web
      - kubectl get pods -o name
    then: {prints: "${before}"}
)");
  ASSERT_EQ(record.steps.size(), 1U);
  const std::vector<sim::CommandRecord>& commands = record.steps[0].commands;
  ASSERT_EQ(commands.size(), 4U);
  EXPECT_TRUE(commands[0].captured);
  EXPECT_EQ(commands[0].output, "pod/web-0\n");
  EXPECT_EQ(commands[1].output, "statefulset.apps/web scaled\n");
  EXPECT_GT(*commands[2].finished, *commands[2].started);
  EXPECT_EQ(commands[3].started, commands[2].finished);
  EXPECT_EQ(commands[3].output, "pod/web-0\npod/web-1\n");
  EXPECT_EQ(record.steps[0].output(), commands[1].output + commands[2].output + commands[3].output);
}

/// The finding of a check; the record holds it.
const sim::Finding& finding_of(const sim::ResultRecord& record, std::string_view check) {
  return *std::find_if(record.findings.begin(), record.findings.end(),
                       [&](const sim::Finding& finding) { return finding.check == check; });
}

constexpr const char* kTooBig = R"(cluster:
  nodes: {"worker-[0-1]": {cpu: 2, memory: 8Gi}}
  deployments: {big: {replicas: 1, cpu: 4}}
until: 1h
plan:
  - step: look
    at: 30m
    run: kubectl get pods
checks: [{no-unschedulable-pods: {settle: 3m}}]
)";

TEST(Explanation, WhatLastedTooLongIsFoundAtThatMomentAndNotAtTheNextThatHappens) {
  const sim::ResultRecord record = perform_text(kTooBig);
  const sim::Finding& finding = finding_of(record, "no-unschedulable-pods");
  ASSERT_TRUE(finding.at);
  EXPECT_EQ(std::chrono::floor<std::chrono::minutes>(*finding.at), std::chrono::minutes{3});
  EXPECT_EQ(chain(record, "no-unschedulable-pods").find("look"), std::string::npos)
      << "the step began long after it";
}

constexpr const char* kDrainGivesUp = R"(cluster:
  nodes: {"worker-[0-1]": {cpu: 8, memory: 32Gi}}
  deployments: {web: {replicas: 1}}
  podDisruptionBudgets: {web: {minAvailable: 1}}
until: 1h
plan:
  - step: drain
    at: 1m
    run: kubectl drain worker-0 worker-1 --timeout=30s
)";

TEST(Explanation, AFailedStepIsToldByTheErrorThatEndedItAndNotByOneThatWasTriedAgain) {
  const sim::ResultRecord record = perform_text(kDrainGivesUp);
  const sim::Finding& finding = finding_of(record, "plan-is-performed");
  EXPECT_EQ(finding.verdict, sim::Verdict::Violated);
  EXPECT_NE(finding.summary.find("global timeout reached: 30s"), std::string::npos) << finding.summary;
}

TEST(Explanation, OfADrainThatNeverEndsIsWhatRefusesTheEviction) {
  const sim::ResultRecord record = perform_text(R"(cluster:
  nodes: {"worker-[0-1]": {cpu: 8, memory: 32Gi}}
  deployments: {web: {replicas: 1}}
  podDisruptionBudgets: {web: {minAvailable: 1}}
until: 1h
plan:
  - step: drain
    at: 1m
    run: kubectl drain worker-0 worker-1
)");
  const sim::Finding& finding = finding_of(record, "stalls");
  EXPECT_EQ(finding.verdict, sim::Verdict::Violated);
  EXPECT_TRUE(
      finding.summary.starts_with("step \"drain\" does not come to its end: error when evicting pods/"))
      << finding.summary;
  EXPECT_NE(finding.summary.find("violate the pod's disruption budget"), std::string::npos);
}

}  // namespace
}  // namespace scenarios

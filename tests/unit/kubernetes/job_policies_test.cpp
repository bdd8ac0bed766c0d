#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "models/kubernetes/job_pod_failure_policy.h"
#include "models/kubernetes/job_success_policy.h"
#include "tests/unit/kubernetes/job_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

IndexSet parse(const char* text) { return IndexSet::parse(text, 1000); }

struct SuccessCase {
  const char* name;
  const char* required;  ///< nullptr: no succeededIndexes
  int count;             ///< -1: no succeededCount
  const char* succeeded;
  bool met;
  friend std::ostream& operator<<(std::ostream& os, const SuccessCase& c) { return os << c.name; }
};

const SuccessCase kSuccess[] = {
    {"AllListedIndexes", "0-2", -1, "0-2", true},
    {"OneListedIndexIsMissing", "0-2", -1, "0,2", false},
    {"MoreThanTheListed", "1,3", -1, "0-9", true},
    {"EnoughOfTheListed", "0-5", 2, "4,5,9", true},
    {"TooFewOfTheListed", "0-5", 2, "5-9", false},
    {"CountOfAny", nullptr, 3, "1,4,7", true},
    {"CountOfAnyNotReached", nullptr, 4, "1,4,7", false},
    {"NothingSucceeded", nullptr, 0, "", false},
    {"ListedIndexesAboveTheCompletionsDoNotCount", "0,8-12", -1, "0,8,9", true},
    {"OnlyIndexesAboveTheCompletions", "10-12", -1, "0", false},
};

class SuccessRuleOf : public testing::TestWithParam<SuccessCase> {};

TEST_P(SuccessRuleOf, IsMetBySucceededIndexes) {
  const SuccessCase& c = GetParam();
  SuccessRule rule;
  if (c.required != nullptr) {
    rule.succeeded_indexes = parse(c.required);
  }
  rule.succeeded_count = c.count;
  EXPECT_EQ(match_success_policy({rule}, 10, parse(c.succeeded)).has_value(), c.met);
}

INSTANTIATE_TEST_SUITE_P(Cases, SuccessRuleOf, testing::ValuesIn(kSuccess),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(SuccessPolicyRules, TheFirstThatIsMetIsNamed) {
  EXPECT_EQ(match_success_policy({{parse("5"), -1}, {std::nullopt, 2}, {parse("0"), -1}}, 10, parse("0,1")),
            1U);
}

// ---------------------------------------------------------------------------------------------------------

struct FailureCase {
  const char* name;
  std::vector<PodFailureRule> rules;
  int exit_code;
  bool disrupted;
  int action;  ///< a FailureAction; -1: no rule matches
  friend std::ostream& operator<<(std::ostream& os, const FailureCase& c) { return os << c.name; }
};

PodFailureRule not_in(FailureAction action, std::vector<std::int32_t> codes) {
  PodFailureRule rule = on_exit_code(action, std::move(codes));
  rule.not_in = true;
  return rule;
}

PodFailureRule of_container(PodFailureRule rule, const char* container) {
  rule.container = container;
  return rule;
}

constexpr int kNoRule = -1;
constexpr int code(FailureAction action) { return static_cast<int>(action); }

std::vector<FailureCase> failure_cases() {
  using enum FailureAction;
  return {
      {"CodeInTheList", {on_exit_code(Ignore, {1, 2})}, 2, false, code(Ignore)},
      {"CodeNotInTheList", {on_exit_code(Ignore, {1, 2})}, 3, false, kNoRule},
      {"NotInMatchesOtherCodes", {not_in(FailJob, {1, 2})}, 3, false, code(FailJob)},
      {"NotInPassesItsCodesOver", {not_in(FailJob, {1, 2})}, 2, false, kNoRule},
      {"ZeroNeverMatches", {not_in(FailJob, {1})}, 0, false, kNoRule},
      {"AnotherContainersRule", {of_container(on_exit_code(FailJob, {1}), "other")}, 1, false, kNoRule},
      {"TheContainersRule", {of_container(on_exit_code(FailJob, {1}), "app")}, 1, false, code(FailJob)},
      {"TheFirstMatchDecides", {on_exit_code(Count, {1}), on_exit_code(FailJob, {1})}, 1, false, code(Count)},
      {"ACondition", {on_disruption(Ignore)}, 137, true, code(Ignore)},
      {"NoCondition", {on_disruption(Ignore)}, 137, false, kNoRule},
      {"ConditionBeforeCode", {on_disruption(Ignore), on_exit_code(FailJob, {137})}, 137, true, code(Ignore)},
      {"FailIndex", {on_exit_code(FailIndex, {1})}, 1, false, code(FailIndex)},
  };
}

class FailurePolicy : public testing::TestWithParam<FailureCase> {};

TEST_P(FailurePolicy, FirstMatchingRuleDecides) {
  const FailureCase& c = GetParam();
  JobWorld world;
  world.put_job(indexed(1, 1));
  const Row row = world.put_pod(0, PodPhase::Running);
  world.fail(row, c.exit_code);
  Pod pod = world.cluster.pods[row];
  pod.disruption_target = c.disrupted;
  const PodFailureMatch match = match_pod_failure_policy(world.cluster, c.rules, pod, true);
  EXPECT_EQ(match.action ? code(*match.action) : kNoRule, c.action);
  EXPECT_EQ(match.counts(), c.action != code(FailureAction::Ignore));
}

INSTANTIATE_TEST_SUITE_P(Cases, FailurePolicy, testing::ValuesIn(failure_cases()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(FailurePolicyOfAJob, FailIndexIsPassedOverWithoutALimitPerIndex) {
  JobWorld world;
  world.put_job(indexed(1, 1));
  const Row row = world.put_pod(0, PodPhase::Running);
  world.fail(row, 1);
  const std::vector<PodFailureRule> rules{on_exit_code(FailureAction::FailIndex, {1}),
                                          on_exit_code(FailureAction::Ignore, {1})};
  EXPECT_EQ(match_pod_failure_policy(world.cluster, rules, world.cluster.pods[row], false).action,
            FailureAction::Ignore);
}

TEST(FailurePolicyOfAJob, FailJobNamesContainerPodCodeAndRule) {
  JobWorld world;
  world.create(with_failure_policy(
      indexed(2, 2), {on_disruption(FailureAction::Ignore), on_exit_code(FailureAction::FailJob, {42})}));
  world.work(2s);
  const std::string name = world.cluster.name_of(world.cluster.pods[world.active(1)]);
  world.fail_index(1, 42);
  world.run_for(2s);
  EXPECT_EQ(world.reason(JobConditionType::FailureTarget), "PodFailurePolicy");
  EXPECT_EQ(
      world.cluster.strings[world.status().condition(JobConditionType::FailureTarget).message],
      "Container app for pod default/" + name + " failed with exit code 42 matching FailJob rule at index 1");
  world.stop_terminating();
  world.run_for(3s);
  EXPECT_EQ(world.reason(JobConditionType::Failed), "PodFailurePolicy");
  EXPECT_EQ(world.status().failed, 2) << "the other pod counts as failed too";
}

TEST(FailurePolicyOfAJob, IgnoredFailuresAreReplacedAndNotCounted) {
  JobWorld world;
  JobSpec spec = with_failure_policy(indexed(1, 1), {on_disruption(FailureAction::Ignore)});
  spec.backoff_limit = 0;
  world.create(spec);
  world.work(2s);
  for (int i = 0; i < 2; ++i) {
    const Row pod = world.active(0);
    world.change_pod(pod, [](Pod& changed) { changed.disruption_target = true; });
    world.fail(pod, 137);
    world.work(60s);
  }
  EXPECT_EQ(world.status().failed, 0);
  EXPECT_EQ(world.active_indexes(), "0");
  EXPECT_EQ(world.created(), "0,0,0");
}

TEST(FailurePolicyOfAJob, AnIgnoredFailureGoesIntoItsOwnCounterOfTheIndex) {
  JobWorld world;
  world.create(
      with_failure_policy(with_limit_per_index(indexed(1, 1), 1), {on_disruption(FailureAction::Ignore)}));
  world.work(2s);
  const Row pod = world.active(0);
  world.change_pod(pod, [](Pod& changed) { changed.disruption_target = true; });
  world.fail(pod, 137);
  world.work(15s);
  EXPECT_EQ(world.cluster.pods[world.active(0)].failure_count, 0);
  EXPECT_EQ(world.cluster.pods[world.active(0)].ignored_failure_count, 1);
}

TEST(FailurePolicyOfAJob, ADeletedPodIsNoFailureUntilItHasFailed) {
  JobWorld world;
  world.create(with_failure_policy(indexed(1, 1), {on_exit_code(FailureAction::Count, {1})}));
  world.work(2s);
  const Row pod = world.delete_index(0);
  world.run_for(5s);
  EXPECT_EQ(world.status().failed, 0);
  EXPECT_EQ(world.active_indexes(), "");
  world.fail(pod, 137);
  world.work(15s);
  EXPECT_EQ(world.status().failed, 1);
  EXPECT_EQ(world.active_indexes(), "0");
}

}  // namespace
}  // namespace models::kubernetes

#include "models/kubernetes/behaviour.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;
using timing::Distribution;

BehaviourRule starts_after(sim::Duration start, std::string name, std::int32_t index = -1,
                           std::int32_t attempt = -1, std::string name_space = "") {
  BehaviourRule rule;
  rule.name_space = std::move(name_space);
  rule.name = std::move(name);
  rule.index = index;
  rule.attempt = attempt;
  rule.behaviour.start = Distribution::fixed(start);
  return rule;
}

struct RuleCase {
  const char* name;
  std::vector<BehaviourRule> rules;
  std::int64_t start;  // seconds of pod web-1, second attempt, namespace default; -1: none is stated
  friend std::ostream& operator<<(std::ostream& os, const RuleCase& c) { return os << c.name; }
};

const RuleCase kRules[] = {
    {"no_rule", {}, -1},
    {"a_rule_for_another_owner", {starts_after(1s, "db")}, -1},
    {"a_rule_for_the_owner", {starts_after(1s, "web")}, 1},
    {"of_equals_the_later_wins", {starts_after(1s, "web"), starts_after(2s, "web")}, 2},
    {"an_index_beats_any_index", {starts_after(2s, "web", 1), starts_after(1s, "web")}, 2},
    {"an_attempt_beats_any_attempt", {starts_after(2s, "web", -1, 1), starts_after(1s, "web")}, 2},
    {"an_index_beats_an_attempt", {starts_after(2s, "web", 1), starts_after(1s, "web", -1, 1)}, 2},
    {"index_and_attempt_beat_both", {starts_after(3s, "web", 1, 1), starts_after(2s, "web", 1)}, 3},
    {"another_index_is_not_meant", {starts_after(2s, "web", 0), starts_after(1s, "web")}, 1},
    {"another_attempt_is_not_meant", {starts_after(2s, "web", 1, 0), starts_after(1s, "web")}, 1},
    {"the_own_name_of_the_pod_is_its_index", {starts_after(2s, "web-1"), starts_after(1s, "web")}, 2},
    {"the_name_of_another_pod", {starts_after(2s, "web-10"), starts_after(1s, "web")}, 1},
    {"a_namespace_beats_any", {starts_after(2s, "web", -1, -1, "default"), starts_after(1s, "web")}, 2},
    {"another_namespace", {starts_after(2s, "web", 1, 1, "other"), starts_after(1s, "web")}, 1},
};

class Rules : public testing::TestWithParam<RuleCase> {};

TEST_P(Rules, MostSpecificWins) {
  TestCluster world("1.34.0", {}, round_profile(), GetParam().rules);
  Pod pod;
  pod.meta.name_space = world.text("default");
  pod.base_name = world.text("web");
  pod.index = 1;
  pod.attempt = 1;
  for (int time = 0; time < 2; ++time) {  // found once, then remembered
    const PodBehaviour behaviour = behaviour_of(world.cluster, pod);
    const std::int64_t start =
        behaviour.start == nullptr
            ? -1
            : std::chrono::duration_cast<std::chrono::seconds>(behaviour.start->nominal()).count();
    EXPECT_EQ(start, GetParam().start);
  }
}

INSTANTIATE_TEST_SUITE_P(Behaviour, Rules, testing::ValuesIn(kRules), name_of_case<Rules::ParamType>);

TEST(Behaviour, EachPropertyComesFromTheMostSpecificRuleThatStatesIt) {
  BehaviourRule wide = starts_after(1s, "web");
  wide.behaviour.never_ready = true;
  BehaviourRule narrow = starts_after(2s, "web", 1);
  narrow.behaviour.run = Distribution::fixed(9s);
  TestCluster world("1.34.0", {}, round_profile(), {narrow, wide});
  Pod pod;
  pod.meta.name_space = world.text("default");
  pod.base_name = world.text("web");
  pod.index = 1;
  const PodBehaviour behaviour = behaviour_of(world.cluster, pod);
  EXPECT_EQ(behaviour.start->nominal(), 2s);
  EXPECT_EQ(behaviour.run->nominal(), 9s);
  EXPECT_TRUE(behaviour.never_ready);
  EXPECT_EQ(behaviour.stop, nullptr);
}

TEST(Behaviour, ExitCodesGoByAttemptAndRestartAndTheLastRepeats) {
  const std::vector<std::int32_t> codes{1, 2, 0};
  PodBehaviour behaviour;
  behaviour.exit_codes = &codes;
  Pod pod;
  EXPECT_EQ(exit_code_of(behaviour, pod, 0), 1);
  EXPECT_EQ(exit_code_of(behaviour, pod, 1), 2);
  pod.attempt = 1;
  EXPECT_EQ(exit_code_of(behaviour, pod, 0), 2);
  EXPECT_EQ(exit_code_of(behaviour, pod, 7), 0);
  behaviour.exit_codes_of_attempt = true;  // the rule was for this attempt alone
  EXPECT_EQ(exit_code_of(behaviour, pod, 0), 1);
  EXPECT_EQ(exit_code_of(PodBehaviour{}, pod, 0), 0);
}

TEST(Behaviour, WhoAsksChanceDoesNotDependOnWhatElseThereIs) {
  TestCluster small;
  TestCluster large;
  for (int i = 0; i < 100; ++i) {
    large.text("other-" + std::to_string(i));
  }
  const auto entity = [](TestCluster& world, std::string_view owner, std::int32_t index) {
    Pod pod;
    pod.meta.name_space = world.text("default");
    pod.base_name = world.text(owner);
    pod.index = index;
    return entity_of(world.cluster, pod);
  };
  EXPECT_EQ(entity(small, "web", 1), entity(large, "web", 1));
  EXPECT_NE(entity(small, "web", 1), entity(small, "web", 2));
  EXPECT_NE(entity(small, "web", 1), entity(small, "db", 1));
}

TEST(Behaviour, TimingsUsedLeavesOutWhatTheRulesState) {
  const auto uses = [](const std::vector<BehaviourRule>& rules, timing::Key key) {
    TestCluster world("1.34.0", {}, round_profile(), rules);
    StatefulSetSpec spec;
    spec.pod_template = world.add_template("web");
    world.add_statefulset("web", spec);
    const std::vector<timing::Key> used = timings_used(world.cluster);
    return std::find(used.begin(), used.end(), key) != used.end();
  };
  EXPECT_TRUE(uses({}, timing::Key::pod_start));
  EXPECT_TRUE(uses({starts_after(1s, "web", 0)}, timing::Key::pod_start)) << "other indexes fall back";
  EXPECT_FALSE(uses({starts_after(1s, "web")}, timing::Key::pod_start));
  EXPECT_FALSE(uses({}, timing::Key::pod_init)) << "there are no init containers";
  EXPECT_FALSE(uses({}, timing::Key::container_run)) << "nothing says that the containers end";
  EXPECT_FALSE(uses({}, timing::Key::flux_stop));
}

}  // namespace
}  // namespace models::kubernetes

#include "models/kubernetes/taint_eviction.h"

#include <gtest/gtest.h>

#include <ostream>

#include "tests/unit/nodes/node_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

struct TolerationCase {
  const char* name;
  std::vector<Toleration> tolerations;
  std::vector<Taint> taints;
  std::int64_t seconds;  // -1: for ever
  friend std::ostream& operator<<(std::ostream& os, const TolerationCase& c) { return os << c.name; }
};

const Taint kGone = kUnreachableNoExecute;
const Taint kDrain{"drain", "", "NoExecute"};

const TolerationCase kTolerations[] = {
    {"admission_adds_300s_for_unreachable", {}, {kGone}, 300},
    {"other_taints_evict_at_once", {}, {kOutOfService}, 0},
    {"one_untolerated_taint_is_enough", {}, {kGone, kOutOfService}, 0},
    {"a_stated_toleration_replaces_the_default",
     {{"node.kubernetes.io/unreachable", "", "NoExecute", true, 5}},
     {kGone},
     5},
    {"without_seconds_it_is_for_ever",
     {{"node.kubernetes.io/unreachable", "", "NoExecute", true, -1}},
     {kGone},
     -1},
    {"a_toleration_of_everything_is_for_ever", {{"", "", "", true, -1}}, {kGone, kOutOfService}, -1},
    {"the_shortest_of_those_that_match",
     {{"node.kubernetes.io/unreachable", "", "NoExecute", true, 60}, {"", "", "", true, 20}},
     {kGone},
     20},
    {"no_seconds_are_none", {{"drain", "", "NoExecute", true, 0}}, {kDrain}, 0},
    {"one_of_none_and_one_of_many",
     {{"drain", "", "NoExecute", true, 0}, {"", "", "", true, 9}},
     {kDrain},
     0},
    {"a_toleration_of_another_effect_leaves_the_default",
     {{"node.kubernetes.io/unreachable", "", "NoSchedule", true, -1}},
     {kGone},
     300},
    {"a_value_must_match",
     {{"node.kubernetes.io/out-of-service", "other", "NoExecute", false, -1}},
     {kOutOfService},
     0},
};

class Tolerations : public testing::TestWithParam<TolerationCase> {};

TEST_P(Tolerations, SayHowLongAPodStays) {
  PodTemplate pod_template;
  pod_template.tolerations = GetParam().tolerations;
  const sim::Duration stays = taint_eviction::time_tolerated(pod_template, GetParam().taints);
  EXPECT_EQ(stays == sim::kNever ? -1 : std::chrono::duration_cast<std::chrono::seconds>(stays).count(),
            GetParam().seconds);
}

INSTANTIATE_TEST_SUITE_P(TaintEviction, Tolerations, testing::ValuesIn(kTolerations),
                         name_of_case<TolerationCase>);

TEST(TaintEviction, APodBoundToATaintedNodeIsEvictedToo) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 30}});
  world.set_taints({kDrain});
  world.run_until(110s);
  const Row late = add_pod(world, "late", world.template_id, world.node);
  world.run_until(135s);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
  EXPECT_FALSE(world.cluster.pods[late].meta.deleting());
  world.run_until(145s);
  EXPECT_FALSE(world.cluster.pods.exists(late));
}

TEST(TaintEviction, APodThatTheSchedulerBindsToATaintedNodeIsEvicted) {
  NodeWorld world;
  world.set_taints({kDrain});
  const Row late = add_pod(world, "late", world.template_id);
  world.run_until(110s);
  ASSERT_FALSE(world.cluster.pods[late].meta.deleting()) << "no node, no taint";
  world.bind(late, world.node);
  world.run_until(111s);
  EXPECT_TRUE(!world.cluster.pods.exists(late) || world.cluster.pods[late].meta.deleting());
}

TEST(TaintEviction, ATimerThatRunsIsNotSetAnew) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 30}, {"more", "", "NoExecute", true, 10}});
  world.set_taints({kDrain});
  world.run_until(105s);
  world.set_taints({kDrain, {"more", "", "NoExecute"}});
  world.run_until(129s);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  world.run_until(130s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
}

// Cases of upstream's taint_eviction_test.go: TestUpdatePod, TestUpdateNode,
// TestUpdateNodeWithMultipleTaints.

TEST(TaintEviction, Row31_ALongerTolerationDoesNotMoveATimerThatRuns) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 100}});
  world.set_taints({kDrain});
  world.run_until(110s);
  world.set_tolerations(world.pod, {{"drain", "", "NoExecute", true, 1000}});
  world.run_until(199s);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  world.run_until(200s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(TaintEviction, Row31_NorDoesAShorterOne) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 100}});
  world.set_taints({kDrain});
  world.run_until(110s);
  world.set_tolerations(world.pod, {{"drain", "", "NoExecute", true, 20}});
  world.run_until(199s);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(TaintEviction, AnUnlimitedTolerationCallsTheDeletionOff) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 100}});
  world.set_taints({kDrain});
  world.run_until(110s);
  world.set_tolerations(world.pod, {{"drain", "", "NoExecute", true, -1}});
  world.run_until(1h);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  EXPECT_EQ(world.texts(Writer::TaintEvictionController),
            std::vector<std::string>{"Cancelling deletion of Pod default/p"});
}

TEST(TaintEviction, ATolerationThatIsTakenAwayDeletesAtOnce) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 100}});
  world.set_taints({kDrain});
  world.run_until(110s);
  world.set_tolerations(world.pod, {});
  world.run_until(110s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(TaintEviction, ANewTaintThatIsNotToleratedDeletesAtOnce) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 100}});
  world.set_taints({kDrain});
  world.run_until(110s);
  world.set_taints({kDrain, kOutOfService});
  world.run_until(110s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(TaintEviction, TakingOneOfTwoTaintsAwayLeavesTheTimer) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 30}, {"more", "", "NoExecute", true, 100}});
  world.set_taints({kDrain, {"more", "", "NoExecute"}});
  world.run_until(110s);
  world.set_taints({{"more", "", "NoExecute"}});
  world.run_until(130s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting()) << "the timer was set for both";
}

TEST(TaintEviction, TakingAllTaintsAwayCallsItOff) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 30}});
  world.set_taints({kDrain});
  world.run_until(110s);
  world.set_taints({});
  world.run_until(1h);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(TaintEviction, ATimerOfANodeThatIsGoneRunsOn) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 30}});
  world.set_taints({kDrain});
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(110s);
  world.strike(FaultKind::NodeDeleted, world.node);
  world.run_until(130s);
  EXPECT_TRUE(world.cluster.pods[world.pod].disruption_target);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(TaintEviction, APodThatIsBeingDeletedIsMarkedToo) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  Turn turn = world.turn();
  delete_pod(turn, world.pod, {Writer::User});
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.pods[world.pod].disruption_target);
}

// Source: component-helpers' UpdatePodCondition keeps the time of a condition that is True already; the
// disruption controller takes it away two minutes after that time.
TEST(TaintEviction, AMarkThatIsThereKeepsItsTime) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 30}});
  world.change_pod(world.pod, [&](Pod& changed) {
    changed.disruption_target = true;
    changed.disrupted_at = 90s;
  });
  world.set_taints({kDrain});
  world.run_until(130s);
  ASSERT_TRUE(world.cluster.pods[world.pod].meta.deleting());
  EXPECT_EQ(world.cluster.pods[world.pod].disruption_reason, DisruptionReason::DeletionByTaintManager);
  EXPECT_EQ(world.cluster.pods[world.pod].disrupted_at, 90s);
}

// Source: taint_eviction.go addConditionAndDeletePod: a condition that cannot be written stops the deletion.
TEST(TaintEviction, APodThatCannotBeMarkedStays) {
  NodeWorld world;
  Turn turn = world.turn();
  fail_writes(turn, Kind::Pod, Verb::UpdateStatus, 5);
  world.set_taints({kOutOfService});
  world.run_until(110s);
  ASSERT_TRUE(world.cluster.pods.exists(world.pod));
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(TaintEviction, APodThatIsGoneIsNotWaitedFor) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 30}});
  world.set_taints({kDrain});
  world.run_until(110s);
  world.remove(world.pod, Writer::User);
  world.run_until(111s);
  EXPECT_TRUE(world.cluster.taint_eviction.timers.empty());
  EXPECT_EQ(world.texts(Writer::TaintEvictionController),
            std::vector<std::string>{"Cancelling deletion of Pod default/p"});
}

TEST(TaintEviction, AFailedDeletionIsRepeated) {
  NodeWorld world;
  Turn turn = world.turn();
  fail_writes(turn, Kind::Pod, Verb::Delete, 4);
  world.set_taints({kOutOfService});
  world.run_until(101s);
  EXPECT_TRUE(!world.cluster.pods.exists(world.pod) || world.cluster.pods[world.pod].meta.deleting());
}

TEST(TaintEviction, ARestartedManagerBeginsAllTimersAnew) {
  NodeWorld world("1.33.0", {{"drain", "", "NoExecute", true, 30}});
  world.set_taints({kDrain});
  world.run_until(120s);
  Turn turn = world.turn();
  taint_eviction::restart(turn, sim::kNoTransition);
  world.run_until(149s);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  world.run_until(150s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
}

}  // namespace
}  // namespace models::kubernetes

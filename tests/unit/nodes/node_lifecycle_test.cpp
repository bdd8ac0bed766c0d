#include "models/kubernetes/node_lifecycle.h"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <utility>

#include "tests/unit/nodes/node_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

void let_take(NodeWorld& world, timing::Key what, sim::Duration time) {
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->profile.set(what, timing::Distribution::fixed(time));
  world.cluster.settings = std::move(settings);
}

TEST(NodeLifecycle, HealthyNodesMakeNoEvents) {
  NodeWorld world;
  EXPECT_TRUE(world.agenda.events.empty());
  EXPECT_TRUE(world.cluster.node_lifecycle.attended.empty());
}

struct GraceCase {
  const char* name;
  const char* version;
  sim::Time unknown_at;
  sim::Duration no_execute_after;
  friend std::ostream& operator<<(std::ostream& os, const GraceCase& c) { return os << c.name; }
};

// Under nominal choices the last heartbeat is 5 s old when the node dies: the pass at 95.001 s saw it. The
// node is given up in the pass a grace period later, as passes come a little later than every 5 s. Up to 1.33
// the NoExecute taint comes a pass later: processTaintBaseEviction was given the condition as it was before.
// The queue is looked at 100 ms after a pass.
const GraceCase kGraces[] = {
    {"Row21_forty_seconds_up_to_1_31", "1.31.0", 135001ms, 5100ms},
    {"Row21_fifty_seconds_from_1_32_on", "1.32.0", 145001ms, 5100ms},
    {"Row21_taints_in_the_same_pass_from_1_34_on", "1.34.0", 145001ms, 100ms},
};

class NodeGrace : public testing::TestWithParam<GraceCase> {};

TEST_P(NodeGrace, ThenUnknownThenTaintThenEvictionAfter300s) {
  NodeWorld world(GetParam().version);
  const Uid pod_uid = world.cluster.pods[world.pod].meta.uid;
  const sim::Time unknown = GetParam().unknown_at;
  const sim::Time tainted = unknown + GetParam().no_execute_after;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(unknown - 1ms);
  EXPECT_FALSE(world.cluster.nodes[world.node].ready_unknown);
  EXPECT_TRUE(world.cluster.pods[world.pod].ready) << "nobody knows yet";
  world.run_until(unknown);
  EXPECT_TRUE(world.cluster.nodes[world.node].ready_unknown);
  EXPECT_FALSE(world.cluster.pods[world.pod].ready);
  EXPECT_EQ(world.taints(), "unreachable:NoSchedule");
  world.run_until(tainted);
  EXPECT_NE(world.taints().find("unreachable:NoExecute"), std::string::npos);
  world.run_until(tainted + 300s - 1ms);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  world.run_until(tainted + 300s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
  EXPECT_TRUE(world.cluster.pods[world.pod].disruption_target);
  world.run_until(24h);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod)) << "Terminating until somebody helps";
  EXPECT_TRUE(world.agenda.events.empty());
  EXPECT_EQ(story(world, pod_uid), "2s Running ready, " + seconds_text(unknown) + " unready");
}

INSTANTIATE_TEST_SUITE_P(NodeLifecycle, NodeGrace, testing::ValuesIn(kGraces), name_of_case<GraceCase>);

TEST(NodeLifecycle, TheFlagSaysTheGracePeriod) {
  NodeWorld world;
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->components.node_monitor_grace = 20s;
  world.cluster.settings = std::move(settings);
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(1h);
  EXPECT_EQ(world.last(Field::NodeReady, world.node_uid()), 115001ms);
}

TEST(NodeLifecycle, DetectionTakesTheGracePeriodAndAtMostTenSecondsMoreOrLess) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    NodeWorld world;
    sim::SeededChoices choices(seed);
    sim::Context context{choices, world.history};
    Turn turn{world.cluster, world.agenda, context};
    ASSERT_TRUE(apply(turn, {FaultKind::NodeDies, world.node, 0, 0}));
    sim::run(world, context, 200s);
    const sim::Duration took = world.last(Field::NodeReady, world.node_uid()) - 100s;
    EXPECT_GE(took, 40s);
    EXPECT_LE(took, 55s + 1ms);
  }
}

// Source: monitorNodeHealth looks at nodes side by side; MarkPodsNotReady marks one pod after the other.
TEST(NodeLifecycle, WhereRequestsTakeTimePodsAreMarkedOneAfterTheOther) {
  NodeWorld world("1.34.0");
  const Row other = add_pod(world, "q", world.template_id, world.node);
  world.run_until(110s);
  ASSERT_TRUE(world.cluster.pods[other].ready);
  let_take(world, timing::Key::api_latency, 20ms);
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(1h);
  const sim::Time unknown = world.last(Field::NodeReady, world.node_uid());
  EXPECT_EQ(world.last(Field::PodReady, world.cluster.pods[world.pod].meta.uid), unknown + 20ms);
  EXPECT_EQ(world.last(Field::PodReady, world.cluster.pods[other].meta.uid), unknown + 40ms);
  const sim::Time gone =
      unknown + 100ms - 20ms + 300s;  // the queue of taints is looked at 100 ms after a pass
  EXPECT_EQ(world.last(Field::PodDisruptionTarget, world.cluster.pods[other].meta.uid), gone + 20ms);
  EXPECT_EQ(world.last(Field::DeletionRequested, world.cluster.pods[other].meta.uid), gone + 40ms);
}

TEST(NodeLifecycle, ABriefSilenceGoesUnnoticed) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(130s);
  world.strike(FaultKind::NodeReturns, world.node);
  world.run_until(1h);
  EXPECT_EQ(world.last(Field::NodeReady, world.node_uid()), sim::kNever);
  EXPECT_EQ(world.taints(), "");
  EXPECT_TRUE(world.cluster.pods[world.pod].ready);
  EXPECT_TRUE(world.agenda.events.empty());
  EXPECT_TRUE(world.cluster.node_lifecycle.attended.empty());
}

TEST(NodeLifecycle, Row22_AReturningNodeLosesItsTaintsInTheNextPassAndKeepsItsPods) {
  NodeWorld world;
  const Uid uid = world.cluster.pods[world.pod].meta.uid;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(357s);
  world.strike(FaultKind::NodeReturns, world.node);
  EXPECT_TRUE(world.cluster.nodes[world.node].ready);
  world.run_until(357s);
  EXPECT_EQ(world.taints(), "unreachable:NoExecute") << "the NoSchedule twin goes at once";
  world.run_until(360s + 1ms);
  EXPECT_EQ(world.taints(), "");
  EXPECT_EQ(world.texts(Writer::TaintEvictionController),
            std::vector<std::string>{"Cancelling deletion of Pod default/p"});
  world.run_until(1h);
  ASSERT_TRUE(world.cluster.pods.exists(world.pod));
  EXPECT_EQ(world.cluster.pods[world.pod].meta.uid, uid);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting()) << "the eviction was called off";
  EXPECT_TRUE(world.cluster.pods[world.pod].ready);
  EXPECT_EQ(world.cluster.pods[world.pod].restarts, 1U);
  EXPECT_TRUE(world.agenda.events.empty());
  EXPECT_TRUE(world.cluster.node_lifecycle.attended.empty());
}

TEST(NodeLifecycle, AReturnThatThePassHasNotSeenYetIsNotWrittenOver) {
  // A pass is every 5 s; the informer shows the return 5 ms after it.
  for (const sim::Duration back : {360s, 355s, 130s, 140s, 145s, 150s}) {
    NodeWorld world("1.30.0");
    let_take(world, timing::Key::watch_latency, 10ms);
    world.strike(FaultKind::NodeDies, world.node);
    world.run_until(back - 5ms);
    world.strike(FaultKind::NodeReturns, world.node);
    world.run_until(1h);
    EXPECT_TRUE(world.cluster.nodes[world.node].ready) << back.count();
    EXPECT_EQ(world.taints(), "") << back.count();
    EXPECT_TRUE(world.cluster.node_lifecycle.attended.empty()) << back.count();
  }
}

TEST(NodeLifecycle, Row23_FourOfTwentyNodesAreTaintedTenSecondsApart) {
  NodeWorld world("1.33.0", {}, 20);
  world.kill(0, 4);
  world.run_until(1h);
  EXPECT_EQ(world.no_execute_times(), (std::vector<sim::Duration>{0s, 10s, 20s, 30s}));
}

TEST(NodeLifecycle, Row24_SixOfElevenAreEvictedOneByOne) {
  NodeWorld world("1.33.0", {}, 11);
  world.kill(0, 6);
  world.run_until(1h);
  EXPECT_EQ(world.no_execute_times(), (std::vector<sim::Duration>{0s, 10s, 20s, 30s, 40s, 50s}));
}

TEST(NodeLifecycle, Row24_SevenOfElevenAtOnceStopAllEvictions) {
  NodeWorld world("1.33.0", {}, 11);
  world.kill(0, 7);
  world.run_until(24h);
  EXPECT_TRUE(world.no_execute_times().empty());
  EXPECT_EQ(world.taints(), "unreachable:NoSchedule");
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  EXPECT_EQ(world.texts(Writer::NodeLifecycleController),
            std::vector<std::string>{"7 of 11 nodes are not ready: no node gets a NoExecute taint any more"});
}

TEST(NodeLifecycle, Row24_AnEighthOneThatReallyFailsIsNotEvictedEither) {
  NodeWorld world("1.33.0", {}, 11);
  world.kill(1, 8);
  world.run_until(1h);
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(24h);
  EXPECT_FALSE(world.cluster.pods[world.pod].ready);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(NodeLifecycle, Row24_TheExclusionLabelKeepsShelvedNodesOutOfTheCount) {
  NodeWorld world("1.33.0", {}, 11);
  for (std::size_t i = 1; i < 8; ++i) {
    NodeShape shape = world.cluster.shape_of(world.cluster.nodes[world.nodes[i]]);
    shape.labels = {{"node.kubernetes.io/exclude-disruption", "true"}};
    const std::uint32_t id = world.cluster.add_node_shape(std::move(shape));
    world.change_node(world.nodes[i], [&](Node& changed) { changed.shape = id; });
  }
  world.run_until(110s);
  world.kill(1, 8);
  world.run_until(1h);
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(2h);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
}

TEST(NodeLifecycle, Row25_ElevenOfTwentyAreExactlyTheThreshold) {
  NodeWorld world("1.33.0", {}, 20);
  world.kill(0, 11);
  world.run_until(24h);
  EXPECT_TRUE(world.no_execute_times().empty());
}

TEST(NodeLifecycle, Row26_ALargeZoneGoesOnAtASecondaryRate) {
  NodeWorld world("1.33.0", {}, 60);
  world.kill(0, 40);
  world.run_until(500s);
  EXPECT_EQ(world.no_execute_times(), (std::vector<sim::Duration>{0s, 100100ms, 200200ms, 300300ms}));
}

TEST(NodeLifecycle, Row27_WhenNoNodeIsReadyNobodyIsEvicted) {
  NodeWorld world("1.33.0", {}, 3);
  world.kill(0, 1);
  world.run_until(160s);
  EXPECT_NE(world.taints().find("unreachable:NoExecute"), std::string::npos);
  world.kill(1, 3);
  world.run_until(24h);
  EXPECT_EQ(world.taints(), "unreachable:NoSchedule") << "the NoExecute twins are taken away";
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(NodeLifecycle, Row27_AfterThatEvictionsBeginWithAnEmptyBucket) {
  NodeWorld world("1.33.0", {}, 3);
  world.kill(0, 3);
  world.run_until(600s);
  world.strike(FaultKind::NodeReturns, world.nodes[2]);
  world.run_until(610s);
  EXPECT_TRUE(world.no_execute_times().empty());
  world.run_until(1h);
  EXPECT_EQ(world.no_execute_times(), (std::vector<sim::Duration>{0s, 10s}));
  EXPECT_EQ(world.last(Field::NodeTaints, world.node_uid()), 610001ms);
}

TEST(NodeLifecycle, Row27_AfterThatSilentNodesGetTheirGraceAnew) {
  NodeWorld world("1.33.0", {}, 3);
  world.kill(0, 3);
  world.run_until(602s);
  world.strike(FaultKind::NodeReturns, world.nodes[2]);
  world.run_until(603s);
  world.strike(FaultKind::NodeDies, world.nodes[2]);  // last seen at 600.001 s
  world.run_until(1h);
  EXPECT_EQ(world.last(Field::NodeReady, world.node_uid(world.nodes[2])), 655001ms) << "not 650.001 s";
}

// Source: handleDisruption: when one node is ready again the limiters of all zones are set anew, also of
// those that are lost altogether.
TEST(NodeLifecycle, Row27_AfterThatALostZoneIsEvicted) {
  NodeWorld world("1.33.0", {}, 2);
  const Row east = world.add_node("east-0", 4000, kGibibyte, {{"topology.kubernetes.io/zone", "east"}});
  world.run_until(200s);
  world.kill(0, 2);
  world.strike(FaultKind::NodeDies, east);
  world.run_until(600s);
  ASSERT_EQ(world.taints(east), "unreachable:NoSchedule") << "no node is ready";
  world.strike(FaultKind::NodeReturns, world.nodes[0]);
  world.run_until(700s);
  EXPECT_EQ(world.taints(east), "unreachable:NoSchedule unreachable:NoExecute");
}

// Source: handleDisruption counts the Nodes that there are.
TEST(NodeLifecycle, Row24_LostNodesThatAreDeletedLetTheOthersBeEvicted) {
  NodeWorld world;
  world.kill(0, 3);
  world.run_until(600s);
  ASSERT_EQ(world.taints(world.nodes[2]), "unreachable:NoSchedule") << "three of four: nothing is evicted";
  world.strike(FaultKind::NodeDeleted, world.nodes[0]);
  world.run_until(626s);
  EXPECT_EQ(world.taints(world.nodes[1]), "unreachable:NoSchedule unreachable:NoExecute");
  EXPECT_EQ(world.taints(world.nodes[2]), "unreachable:NoSchedule unreachable:NoExecute") << "10 s later";
}

TEST(NodeLifecycle, EachZoneHasALimiterOfItsOwn) {
  NodeWorld world("1.33.0", {}, 4);
  std::vector<Row> east;
  for (int i = 0; i < 4; ++i) {
    east.push_back(world.add_node("east-" + std::to_string(i), 4000, kGibibyte,
                                  {{"topology.kubernetes.io/zone", "east"}}));
  }
  world.run_until(200s);
  for (const Row row : {world.nodes[0], world.nodes[1], east[0], east[1]}) {
    world.strike(FaultKind::NodeDies, row);
  }
  world.run_until(1h);
  EXPECT_EQ(world.no_execute_times(), (std::vector<sim::Duration>{0s, 0s, 10s, 10s}));
}

TEST(NodeLifecycle, AZoneThatIsGoneAltogetherIsEvictedWhileAnotherLives) {
  NodeWorld world("1.33.0", {}, 4);
  const Row east = world.add_node("east-0", 4000, kGibibyte, {{"topology.kubernetes.io/zone", "east"}});
  world.run_until(200s);
  world.strike(FaultKind::NodeDies, east);
  world.run_until(1h);
  EXPECT_NE(world.taints(east).find("NoExecute"), std::string::npos);
}

TEST(NodeLifecycle, AKubeletThatPostsNotReadyIsTaintedInTheNextPassAndKeepsItsPodsReady) {
  NodeWorld world;
  world.run_until(102s);
  world.post_not_ready(world.node);
  world.run_until(102s);
  EXPECT_EQ(world.taints(), "not-ready:NoSchedule");
  world.run_until(105101ms);
  EXPECT_EQ(world.taints(), "not-ready:NoSchedule not-ready:NoExecute");
  world.run_until(200s);
  EXPECT_TRUE(world.cluster.pods[world.pod].ready) << "only the controller's own change marks pods";
}

TEST(NodeLifecycle, ANotReadyNodeThatIsReadyAgainLosesBothTaints) {
  NodeWorld world;
  world.post_not_ready(world.node);
  world.run_until(120s);
  ASSERT_EQ(world.taints(), "not-ready:NoSchedule not-ready:NoExecute");
  world.post_ready(world.node);
  world.run_until(126s);
  EXPECT_EQ(world.taints(), "");
  EXPECT_EQ(world.texts(Writer::TaintEvictionController),
            std::vector<std::string>{"Cancelling deletion of Pod default/p"});
}

TEST(NodeLifecycle, PodsAreNotMarkedWhenANotReadyNodeFallsSilent) {
  NodeWorld world;
  world.post_not_ready(world.node);
  world.run_until(110s);
  world.strike(FaultKind::KubeletSilent, world.node);
  world.run_until(200s);
  EXPECT_TRUE(world.cluster.nodes[world.node].ready_unknown);
  EXPECT_TRUE(world.cluster.pods[world.pod].ready);
}

TEST(NodeLifecycle, FalseAndUnknownAreSwappedWithoutTheLimiter) {
  NodeWorld world("1.33.0", {}, 8);
  world.post_not_ready(world.nodes[0]);
  world.post_not_ready(world.nodes[1]);
  world.run_until(130s);
  world.strike(FaultKind::KubeletSilent, world.nodes[0]);
  world.strike(FaultKind::KubeletSilent, world.nodes[1]);
  world.run_until(1h);
  for (const Row row : {world.nodes[0], world.nodes[1]}) {
    EXPECT_EQ(world.last(Field::NodeTaints, world.node_uid(row)), 180001ms) << "both in the same pass";
    EXPECT_EQ(world.taints(row).find("not-ready"), std::string::npos);
  }
}

TEST(NodeLifecycle, ANodeThatNeverReportedIsUnknownAfterAMinute) {
  NodeWorld world;
  world.run_until(102s);
  Node node;
  node.meta.name = world.text("stillborn");
  node.shape = world.cluster.nodes[world.node].shape;
  node.ready = false;
  node.reported = false;
  node.kubelet_alive = false;
  Turn turn = world.turn();
  const Row row = create_node(turn, std::move(node), {Writer::User}).row;
  world.run_until(162s);
  EXPECT_FALSE(world.cluster.nodes[row].ready_unknown);
  EXPECT_EQ(world.taints(row), "");
  world.run_until(165001ms);
  EXPECT_TRUE(world.cluster.nodes[row].ready_unknown);
  world.run_until(165101ms);
  EXPECT_EQ(world.taints(row), "unreachable:NoSchedule unreachable:NoExecute")
      << "it counted as Unknown before, so no further pass is waited for";
}

TEST(NodeLifecycle, CordonHasATwinToo) {
  NodeWorld world;
  world.change_node(world.node, [](Node& changed) { changed.unschedulable = true; });
  world.run_until(101s);
  EXPECT_EQ(world.taints(), "unschedulable:NoSchedule");
  world.change_node(world.node, [](Node& changed) { changed.unschedulable = false; });
  world.run_until(102s);
  EXPECT_EQ(world.taints(), "");
}

TEST(NodeLifecycle, ATaintThatAPersonTakesAwayComesBackInTheNextPass) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(202s);
  world.set_taints({});
  world.run_until(202s);
  EXPECT_EQ(world.taints(), "unreachable:NoSchedule");
  world.run_until(205101ms);
  EXPECT_EQ(world.taints(), "unreachable:NoSchedule unreachable:NoExecute");
}

TEST(NodeLifecycle, AFailedStatusWriteIsRepeatedInTheNextPass) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  Turn turn = world.turn();
  fail_writes(turn, Kind::Node, Verb::UpdateStatus, 1);
  world.run_until(1h);
  EXPECT_EQ(world.last(Field::NodeReady, world.node_uid()), 150001ms);
}

TEST(NodeLifecycle, PodsThatCouldNotBeMarkedAreTriedAgain) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  Turn turn = world.turn();
  fail_writes(turn, Kind::Pod, Verb::UpdateStatus, 1);
  world.run_until(1h);
  EXPECT_EQ(story(world, world.cluster.pods[world.pod].meta.uid), "2s Running ready, 150.001s unready");
}

TEST(NodeLifecycle, ARestartedManagerGivesASilentNodeItsGraceAnew) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(140s);
  Turn turn = world.turn();
  node_lifecycle::restart(turn, sim::kNoTransition);
  world.run_until(1h);
  EXPECT_EQ(world.last(Field::NodeReady, world.node_uid()), 190001ms);
}

TEST(NodeLifecycle, ARestartedManagerTakesTheNoExecuteTaintsAwayAndGivesThemAnew) {
  NodeWorld world("1.33.0", {}, 8);
  world.kill(0, 2);
  world.run_until(300s);
  Turn turn = world.turn();
  node_lifecycle::restart(turn, sim::kNoTransition);
  world.run_until(300101ms);
  EXPECT_NE(world.taints(world.nodes[0]).find("NoExecute"), std::string::npos);
  EXPECT_EQ(world.taints(world.nodes[1]).find("NoExecute"), std::string::npos) << "waits for the limiter";
  world.run_until(311s);
  EXPECT_NE(world.taints(world.nodes[1]).find("NoExecute"), std::string::npos);
}

TEST(NodeLifecycle, ADeletedNodeIsForgotten) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(200s);
  world.strike(FaultKind::NodeDeleted, world.node);
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.node_lifecycle.attended.empty());
  EXPECT_TRUE(world.agenda.events.empty());
}

}  // namespace
}  // namespace models::kubernetes

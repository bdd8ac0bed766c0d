#include "models/kubernetes/node_lifecycle.h"

#include <gtest/gtest.h>

#include <ostream>

#include "models/kubernetes/faults.h"
#include "models/kubernetes/kubelet.h"
#include "models/kubernetes/pod_garbage_collector.h"
#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

/// Kubelets, node lifecycle and PodGC act; a pod `p` runs on the node `worker-0`.
struct NodeWorld : TestCluster {
  explicit NodeWorld(std::string_view version = "1.34.0", std::vector<Toleration> tolerations = {})
      : TestCluster(version, {}, round_profile()) {
    receive(ObserverId::Kubelets, kubelet::observe);
    receive(ObserverId::ControllerManager, pod_garbage_collector::observe);
    receive(ObserverId::ControllerManager, node_lifecycle::observe);
    handle(kubelet::on_event);
    handle(pod_garbage_collector::on_event);
    handle(node_lifecycle::on_event);
    node = add_node("worker-0");
    PodTemplate pod_template;
    pod_template.containers = {container()};
    pod_template.tolerations = std::move(tolerations);
    template_id = cluster.add_template(std::move(pod_template));
    pod = add_pod(*this, "p", template_id, node);
    run_until(100s);
  }
  void strike(FaultKind kind, Row row) {
    Turn current = turn();
    ASSERT_TRUE(apply(current, {kind, row, 0, -1}));
  }
  void set_taints(std::vector<Taint> taints) {
    const std::uint32_t set = cluster.add_taint_set(std::move(taints));
    Turn current = turn();
    update<Node>(current, node, {Writer::User}, Verb::Update,
                 [&](Node& changed) { changed.taint_set = set; });
  }
  [[nodiscard]] std::string taints() const {
    std::string text;
    for (const Taint& taint : cluster.taints_of(cluster.nodes[node])) {
      text += (text.empty() ? "" : " ") + taint.key.substr(taint.key.find('/') + 1) + ":" + taint.effect;
    }
    return text;
  }
  /// When `field` of the subject was last written; kNever if it never was.
  [[nodiscard]] sim::Time last(Field field, Uid subject) const {
    sim::Time at = sim::kNever;
    for (sim::TransitionId id = 0; id < history.next_id(); ++id) {
      const sim::Transition& transition = history.at(id);
      if (transition.field == static_cast<std::uint16_t>(field) && transition.subject == subject) {
        at = transition.at;
      }
    }
    return at;
  }
  [[nodiscard]] Uid node_uid() const { return cluster.nodes[node].meta.uid; }
  Row node = kNoRow;
  TemplateId template_id = 0;
  Row pod = kNoRow;
};

TEST(NodeLifecycle, HealthyNodesMakeNoEvents) {
  NodeWorld world;
  EXPECT_TRUE(world.agenda.events.empty());
}

struct GraceCase {
  const char* name;
  const char* version;
  sim::Time unknown_at;
  friend std::ostream& operator<<(std::ostream& os, const GraceCase& c) { return os << c.name; }
};

// Under nominal choices the last heartbeat is 5 s old when the node dies: the pass at 95.001 s saw it. The
// node is given up in the first pass after the grace period, the next evictions follow one pass later.
const GraceCase kGraces[] = {
    {"forty_seconds_up_to_1_31", "1.31.0", 140001ms},
    {"fifty_seconds_from_1_32_on", "1.32.0", 150001ms},
};

class NodeGrace : public testing::TestWithParam<GraceCase> {};

TEST_P(NodeGrace, ThenUnknownThenTaintThenEvictionAfter300s) {
  NodeWorld world(GetParam().version);
  const Uid pod_uid = world.cluster.pods[world.pod].meta.uid;
  const sim::Time unknown = GetParam().unknown_at;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(unknown - 1ms);
  EXPECT_FALSE(world.cluster.nodes[world.node].ready_unknown);
  EXPECT_TRUE(world.cluster.pods[world.pod].ready) << "nobody knows yet";
  world.run_until(unknown);
  EXPECT_TRUE(world.cluster.nodes[world.node].ready_unknown);
  EXPECT_FALSE(world.cluster.pods[world.pod].ready);
  EXPECT_EQ(world.taints(), "unreachable:NoSchedule");
  world.run_until(unknown + 5s);
  EXPECT_EQ(world.taints(), "unreachable:NoSchedule unreachable:NoExecute");
  world.run_until(unknown + 305s - 1ms);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  world.run_until(unknown + 305s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
  EXPECT_TRUE(world.cluster.pods[world.pod].disruption_target);
  world.run_until(24h);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod)) << "Terminating until somebody helps";
  EXPECT_TRUE(world.agenda.events.empty());
  EXPECT_EQ(story(world, pod_uid), "2s Running ready, " + seconds_text(unknown) + " unready");
}

INSTANTIATE_TEST_SUITE_P(NodeLifecycle, NodeGrace, testing::ValuesIn(kGraces), name_of_case<GraceCase>);

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
    EXPECT_LE(took, 60s);
  }
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
}

TEST(NodeLifecycle, AReturningNodeLosesItsTaintsInTheNextPassAndKeepsItsPods) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(303s);
  world.strike(FaultKind::NodeReturns, world.node);
  EXPECT_TRUE(world.cluster.nodes[world.node].ready);
  world.run_until(304s);
  EXPECT_EQ(world.taints(), "unreachable:NoSchedule unreachable:NoExecute");
  world.run_until(305s + 1ms);
  EXPECT_EQ(world.taints(), "");
  world.run_until(1h);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting()) << "the eviction was called off";
  EXPECT_TRUE(world.cluster.pods[world.pod].ready);
  EXPECT_EQ(world.cluster.pods[world.pod].restarts, 1U);
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(NodeLifecycle, TheSecondSilentNodeIsTaintedTenSecondsLater) {
  NodeWorld world;
  const Row other = world.add_node("worker-1");
  world.run_until(200s);
  world.strike(FaultKind::NodeDies, world.node);
  world.strike(FaultKind::NodeDies, other);
  world.run_until(1h);
  EXPECT_EQ(world.last(Field::NodeTaints, world.cluster.nodes[other].meta.uid) -
                world.last(Field::NodeTaints, world.node_uid()),
            10s);
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

// -----------------------------------------------------------------------------------------------------------
// Tolerations

struct TolerationCase {
  const char* name;
  std::vector<Toleration> tolerations;
  std::vector<Taint> taints;
  std::int64_t seconds;  // -1: for ever
  friend std::ostream& operator<<(std::ostream& os, const TolerationCase& c) { return os << c.name; }
};

const Taint kGone{"node.kubernetes.io/unreachable", "", "NoExecute"};
const Taint kOutOfService{"node.kubernetes.io/out-of-service", "nodeshutdown", "NoExecute"};

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
    {"a_value_must_match",
     {{"node.kubernetes.io/out-of-service", "other", "NoExecute", false, -1}},
     {kOutOfService},
     0},
};

class Tolerations : public testing::TestWithParam<TolerationCase> {};

TEST_P(Tolerations, SayHowLongAPodStays) {
  PodTemplate pod_template;
  pod_template.tolerations = GetParam().tolerations;
  const sim::Duration stays = node_lifecycle::time_tolerated(pod_template, GetParam().taints);
  EXPECT_EQ(stays == sim::kNever ? -1 : std::chrono::duration_cast<std::chrono::seconds>(stays).count(),
            GetParam().seconds);
}

INSTANTIATE_TEST_SUITE_P(NodeLifecycle, Tolerations, testing::ValuesIn(kTolerations),
                         name_of_case<TolerationCase>);

TEST(TaintEviction, APodBoundToATaintedNodeIsEvictedToo) {
  NodeWorld world("1.34.0", {{"drain", "", "NoExecute", true, 30}});
  world.set_taints({{"drain", "", "NoExecute"}});
  world.run_until(110s);
  const Row late = add_pod(world, "late", world.template_id, world.node);
  world.run_until(135s);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
  EXPECT_FALSE(world.cluster.pods[late].meta.deleting());
  world.run_until(145s);
  EXPECT_FALSE(world.cluster.pods.exists(late));
}

TEST(TaintEviction, ATimerThatRunsIsNotSetAnew) {
  NodeWorld world("1.34.0", {{"drain", "", "NoExecute", true, 30}, {"more", "", "NoExecute", true, 10}});
  world.set_taints({{"drain", "", "NoExecute"}});
  world.run_until(105s);
  world.set_taints({{"drain", "", "NoExecute"}, {"more", "", "NoExecute"}});
  world.run_until(129s);
  EXPECT_FALSE(world.cluster.pods[world.pod].meta.deleting());
  world.run_until(130s);
  EXPECT_TRUE(world.cluster.pods[world.pod].meta.deleting());
}

// -----------------------------------------------------------------------------------------------------------
// PodGC

TEST(PodGarbageCollector, PodsOfADeletedNodeGoAfterTheQuarantine) {
  NodeWorld world;
  const Uid uid = world.cluster.pods[world.pod].meta.uid;
  world.run_until(105s);
  Turn turn = world.turn();
  delete_node(turn, world.node, {Writer::User});
  world.run_until(1h);
  // Found by the tick at 120 s, quarantined for 40 s.
  EXPECT_EQ(story(world, uid), "2s Running ready, 160s Failed gone");
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(PodGarbageCollector, ANodeThatCameBackUnderItsNameSavesItsPods) {
  NodeWorld world;
  world.run_until(105s);
  Turn turn = world.turn();
  delete_node(turn, world.node, {Writer::User});
  world.run_until(130s);
  world.add_node("worker-0");
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod));
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(PodGarbageCollector, OutOfServiceEvictsAndEndsPodsOfADeadNodeWithin20s) {
  NodeWorld world;
  const Uid uid = world.cluster.pods[world.pod].meta.uid;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(165s);
  world.set_taints({kOutOfService});
  world.run_until(1h);
  EXPECT_EQ(story(world, uid), "2s Running ready, 150.001s unready, 180s Failed gone");
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(PodGarbageCollector, OutOfServiceWithNoScheduleOnlyEndsPodsThatAreDeleted) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(165s);
  const Row other = add_pod(world, "other", world.template_id, world.node);
  world.set_taints({{kOutOfService.key, "", "NoSchedule"}});
  Turn turn = world.turn();
  delete_pod(turn, world.pod, {Writer::User});
  world.run_until(1h);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
  EXPECT_TRUE(world.cluster.pods.exists(other));
}

TEST(PodGarbageCollector, OutOfServiceMeansNothingOnAReadyNode) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);  // which nobody knows before 150 s
  world.set_taints({{kOutOfService.key, "", "NoSchedule"}});
  Turn turn = world.turn();
  delete_pod(turn, world.pod, {Writer::User});
  world.run_until(149s);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod));
  world.run_until(160s);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
}

TEST(PodGarbageCollector, AnUnscheduledPodThatAFinalizerKeepsFails) {
  NodeWorld world;
  const Row pod = add_pod(world, "unscheduled", world.template_id);
  world.change_pod(pod, [](Pod& changed) { changed.job_tracking = true; }, Writer::User);
  Turn turn = world.turn();
  delete_pod(turn, pod, {Writer::User});
  world.run_until(119s);
  EXPECT_EQ(world.cluster.pods[pod].phase, PodPhase::Pending);
  world.run_until(120s);
  EXPECT_EQ(world.cluster.pods[pod].phase, PodPhase::Failed);
  world.run_until(1h);
  EXPECT_TRUE(world.agenda.events.empty());
}

}  // namespace
}  // namespace models::kubernetes

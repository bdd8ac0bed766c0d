#include "models/kubernetes/faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/kubernetes/kubelet.h"
#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

/// Everything acts; a set `web` of three runs on three nodes.
struct FaultWorld : TestCluster {
  explicit FaultWorld(bool readiness_probe = false) : TestCluster("1.34.0", {}, round_profile()) {
    use_whole_model();
    for (int i = 0; i < 3; ++i) {
      add_node(fmt::format("worker-{}", i));
    }
    PodTemplate pod_template;
    pod_template.labels = {{"app", "web"}};
    pod_template.containers = {container(100)};
    pod_template.readiness_probe = readiness_probe;
    StatefulSetSpec spec;
    spec.replicas = 3;
    spec.pod_template = cluster.add_template(std::move(pod_template));
    add_statefulset("web", spec);
    run_until(100s);
  }
  bool strike(FaultKind kind, std::string_view name, std::int32_t number = 0) {
    Turn current = turn();
    return apply(current, {kind, pod(name), 0, number});
  }
  [[nodiscard]] Uid uid(std::string_view name) const { return cluster.pods[pod(name)].meta.uid; }
  /// The ends of all chains of causes that lead to transitions of `subject` since `first`.
  [[nodiscard]] bool all_end_in_faults(Uid subject, sim::TransitionId first) const {
    for (sim::TransitionId id = first; id < history.next_id(); ++id) {
      if (history.at(id).subject != subject) {
        continue;
      }
      sim::TransitionId end = id;
      while (history.at(end).cause != sim::kNoTransition) {
        end = history.at(end).cause;
      }
      if (history.at(end).writer != static_cast<std::uint16_t>(Writer::Fault)) {
        return false;
      }
    }
    return true;
  }
};

TEST(Faults, ACrashRestartsTheContainers) {
  FaultWorld world;
  const sim::TransitionId first = world.history.next_id();
  ASSERT_TRUE(world.strike(FaultKind::PodCrash, "web-1", 7));
  world.run_until(200s);
  EXPECT_EQ(story(world, world.uid("web-1"), first), "100s exit 7 unready restart 1 ready");
  EXPECT_TRUE(world.all_end_in_faults(world.uid("web-1"), first));
}

TEST(Faults, ADeletedPodIsReplaced) {
  FaultWorld world;
  const Uid before = world.uid("web-1");
  const sim::TransitionId first = world.history.next_id();
  ASSERT_TRUE(world.strike(FaultKind::PodDeleted, "web-1", -1));
  world.run_until(200s);
  EXPECT_EQ(story(world, before, first), "101s Failed unready, 101.010s gone");
  EXPECT_NE(world.uid("web-1"), before);
  EXPECT_TRUE(world.cluster.pods[world.pod("web-1")].ready);
  EXPECT_TRUE(world.all_end_in_faults(before, first));
  EXPECT_TRUE(world.all_end_in_faults(world.uid("web-1"), first));
}

TEST(Faults, LostReadinessStaysLostUntilItIsRegained) {
  FaultWorld world;
  const sim::TransitionId first = world.history.next_id();
  ASSERT_TRUE(world.strike(FaultKind::ReadinessLost, "web-1"));
  world.run_until(200s);
  ASSERT_TRUE(world.strike(FaultKind::PodCrash, "web-1", 1));
  world.run_until(300s);
  EXPECT_FALSE(world.cluster.pods[world.pod("web-1")].ready) << "a restart does not bring it back";
  ASSERT_TRUE(world.strike(FaultKind::ReadinessRegained, "web-1"));
  world.run_until(400s);
  EXPECT_EQ(story(world, world.uid("web-1"), first), "100s unready, 200s exit 1 restart 1, 300s ready");
  EXPECT_FALSE(world.strike(FaultKind::ReadinessRegained, "web-1"));
}

TEST(Faults, APodThatIsNeverReadyMayRestartAsItLikes) {
  FaultWorld world(true);
  ASSERT_TRUE(world.strike(FaultKind::PodDeleted, "web-1", -1));
  world.run_until(104s);
  ASSERT_TRUE(world.strike(FaultKind::PodNeverReady, "web-1"));
  world.run_until(200s);
  ASSERT_TRUE(world.strike(FaultKind::PodCrash, "web-1", 1));
  world.run_until(1h);
  EXPECT_FALSE(world.cluster.pods[world.pod("web-1")].ready);
  EXPECT_FALSE(world.strike(FaultKind::ReadinessRegained, "web-1"));
}

TEST(Faults, WhatCannotStrikeSaysSo) {
  FaultWorld world;
  EXPECT_FALSE(world.strike(FaultKind::ReadinessRegained, "web-1"));
  Turn turn = world.turn();
  EXPECT_FALSE(apply(turn, {FaultKind::NodeReturns, 0, 0, 0})) << "it is there";
  EXPECT_TRUE(apply(turn, {FaultKind::NodeDies, 0, 0, 0}));
  EXPECT_FALSE(apply(turn, {FaultKind::NodeDies, 0, 0, 0})) << "it is dead";
  EXPECT_FALSE(apply(turn, {FaultKind::PodCrash, kNoRow, 0, 1})) << "there is no such pod";
  EXPECT_FALSE(apply(turn, {FaultKind::PodCrash, world.pod("web-1"), 123456, 1}))
      << "it is another pod by now";
}

TEST(Faults, AllThatCouldStrikeIsListedInAFixedOrder) {
  FaultWorld world;
  std::vector<std::string> texts;
  for (const Fault& fault : possible_faults(world.cluster)) {
    texts.push_back(to_text(world.cluster, fault));
  }
  EXPECT_EQ(texts,
            (std::vector<std::string>{"pod default/web-0 exits with code 1", "pod default/web-0 is deleted",
                                      "pod default/web-1 exits with code 1", "pod default/web-1 is deleted",
                                      "pod default/web-2 exits with code 1", "pod default/web-2 is deleted",
                                      "node worker-0 dies", "node worker-1 dies", "node worker-2 dies",
                                      "the controller manager restarts"}));
}

TEST(Faults, EachThatIsListedStrikes) {
  FaultWorld base(true);
  Turn begin = base.turn();
  delete_pod(begin, base.pod("web-1"), {Writer::User});
  base.run_until(104s);
  const std::vector<Fault> faults = possible_faults(base.cluster);
  EXPECT_TRUE(std::any_of(faults.begin(), faults.end(),
                          [](const Fault& fault) { return fault.kind == FaultKind::PodNeverReady; }));
  for (const Fault& fault : faults) {
    Cluster copy = base.cluster;
    sim::Agenda agenda = base.agenda;
    sim::History history;
    sim::Context context{base.choices, history};
    Turn turn{copy, agenda, context};
    EXPECT_TRUE(apply(turn, fault)) << to_text(base.cluster, fault);
    EXPECT_NE(history.next_id(), 0U) << to_text(base.cluster, fault);
  }
}

TEST(Faults, ARestartOfTheControllerManagerChangesNothingInTheEnd) {
  FaultWorld world;
  world.strike(FaultKind::PodDeleted, "web-1", -1);
  world.run_until(101s);
  Turn turn = world.turn();
  ASSERT_TRUE(apply(turn, {FaultKind::ControllerManagerRestarts, kNoRow, 0, 0}));
  world.run_until(300s);
  EXPECT_TRUE(world.cluster.pods[world.pod("web-1")].ready);
  EXPECT_EQ(world.pods().size(), 3U);
}

/// A set of three, each pod on a node of its own; the node of web-1 dies at 100 s, the set is scaled to four.
struct LostNodeWorld : FaultWorld {
  LostNodeWorld() {
    lost = cluster.pods[pod("web-1")].node;
    Turn current = turn();
    apply(current, {FaultKind::NodeDies, lost, 0, 0});
    run_until(160s);
    change_spec<StatefulSet>(0, [](StatefulSetSpec& spec) { spec.replicas = 4; });
  }
  Row lost = kNoRow;
};

TEST(LostNode, Row37_AForcedDeletionUnfreezesTheSet) {
  LostNodeWorld world;
  const Uid before = world.uid("web-1");
  world.run_until(1000s);
  EXPECT_TRUE(world.cluster.pods[world.pod("web-1")].meta.deleting()) << "evicted after about 455 s";
  EXPECT_EQ(world.pod("web-3"), kNoRow) << "frozen since web-1 is not ready";
  Turn turn = world.turn();
  delete_pod(turn, world.pod("web-1"), {Writer::User}, 0);
  world.run_until(1010s);
  EXPECT_NE(world.uid("web-1"), before);
  EXPECT_TRUE(world.cluster.pods[world.pod("web-1")].ready);
  EXPECT_NE(world.cluster.pods[world.pod("web-1")].node, world.lost);
  EXPECT_TRUE(world.cluster.pods[world.pod("web-3")].ready);
}

TEST(LostNode, Row38_OutOfServiceUnfreezesItWithin20s) {
  LostNodeWorld world;
  const Uid before = world.uid("web-1");
  const std::uint32_t taints =
      world.cluster.add_taint_set({{"node.kubernetes.io/out-of-service", "nodeshutdown", "NoExecute"}});
  Turn turn = world.turn();
  update<Node>(turn, world.lost, {Writer::User}, Verb::Update, [&](Node& node) { node.taint_set = taints; });
  world.run_until(161s);
  EXPECT_TRUE(world.cluster.pods[world.pod("web-1")].meta.deleting());
  world.run_until(190s);
  EXPECT_NE(world.uid("web-1"), before);
  EXPECT_TRUE(world.cluster.pods[world.pod("web-3")].ready);
}

TEST(Faults, WritesFailAsOftenAsAsked) {
  FaultWorld world;
  Turn turn = world.turn();
  fail_writes(turn, Kind::Pod, Verb::Create, 1, 1);
  EXPECT_FALSE(write_fails(turn, Kind::Pod, Verb::Create));
  EXPECT_TRUE(write_fails(turn, Kind::Pod, Verb::Create));
  EXPECT_FALSE(write_fails(turn, Kind::Pod, Verb::Create));
}

TEST(Faults, AQuotaIsReplacedByALaterOne) {
  FaultWorld world;
  Turn turn = world.turn();
  set_pod_quota(turn, world.text("default"), 3);
  set_pod_quota(turn, world.text("default"), 5);
  ASSERT_EQ(world.cluster.pod_quotas.size(), 1U);
  EXPECT_EQ(world.cluster.pod_quotas[0].pods, 5);
}

}  // namespace
}  // namespace models::kubernetes

// Mirror pods of static pods, and what a Node that registers anew finds there.

#include "models/kubernetes/static_pods.h"

#include <gtest/gtest.h>

#include "models/kubernetes/eviction.h"
#include "models/kubernetes/garbage_collector.h"
#include "tests/unit/kubernetes/scheduler_fixture.h"
#include "tests/unit/nodes/node_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

/// The pod of the world is a mirror pod.
struct MirrorWorld : NodeWorld {
  MirrorWorld() {
    cluster.pods[pod].static_pod = true;
    uid = cluster.pods[pod].meta.uid;
    started = cluster.containers[cluster.pods[pod].containers].changed_at;
  }
  Uid uid = 0;
  sim::Time started{};

  void expect_made_anew() {
    const Row row = this->TestCluster::pod("p");
    ASSERT_NE(row, kNoRow);
    const Pod& mirror = cluster.pods[row];
    EXPECT_NE(mirror.meta.uid, uid);
    EXPECT_TRUE(mirror.static_pod);
    EXPECT_FALSE(mirror.meta.deleting());
    EXPECT_EQ(mirror.phase, PodPhase::Running);
    EXPECT_TRUE(mirror.ready);
    EXPECT_TRUE(mirror.initialized);
    EXPECT_EQ(mirror.restarts, 0U);
    EXPECT_EQ(mirror.attempt, 1U) << "the second of its name";
    EXPECT_EQ(cluster.containers[mirror.containers].changed_at, started) << "its containers ran on";
    EXPECT_TRUE(kubelet::runs(cluster, row));
  }
};

TEST(StaticPods, AMirrorThatIsDeletedIsMadeAnewAtOnce) {
  MirrorWorld world;
  Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, world.pod, {Writer::User}).ok());
  world.settle();
  EXPECT_LT(world.now(), 101s) << "no grace period passes";
  world.expect_made_anew();
}

TEST(StaticPods, WhatTheKubeletWaitsForGoesOnUnderTheNewMirror) {
  for (const sim::Duration after : {0ms, 100ms, 1000ms, 2000ms, 3000ms}) {
    MirrorWorld world;
    const Row starting = add_pod(world, "q", world.template_id, world.node);
    world.cluster.pods[starting].static_pod = true;
    const Row undisturbed = add_pod(world, "r", world.template_id, world.node);
    world.run_for(after);
    Turn turn = world.turn();
    ASSERT_TRUE(delete_pod(turn, starting, {Writer::User}).ok());
    world.run_for(5min);
    const Row row = world.TestCluster::pod("q");
    ASSERT_NE(row, kNoRow) << after.count();
    EXPECT_EQ(world.cluster.pods[row].phase, PodPhase::Running) << after.count();
    EXPECT_TRUE(world.cluster.pods[row].ready) << after.count();
    const auto started = [&](Row pod) {
      return world.cluster.containers[world.cluster.pods[pod].containers].changed_at;
    };
    EXPECT_EQ(started(row), started(undisturbed)) << after.count() << ": as if nothing had been deleted";
    EXPECT_FALSE(world.cluster.pods[row].meta.deleting()) << after.count();
  }
}

TEST(StaticPods, TheNewMirrorKnowsNothingOfTheDeletion) {
  MirrorWorld world;
  world.change_pod(world.pod, [](Pod& changed) { changed.reason = PodReason::NodeShutdown; });
  Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, world.pod, {Writer::User}, 20).ok());
  world.settle();
  world.expect_made_anew();
  const Pod& mirror = world.cluster.pods[world.TestCluster::pod("p")];
  EXPECT_EQ(mirror.grace_seconds, 0);
  EXPECT_EQ(mirror.reason, PodReason::None);
  EXPECT_EQ(mirror.finished_at, sim::kNever);
}

TEST(StaticPods, AProbeThatIsUnderWayEndsWhenItWouldHave) {
  MirrorWorld world;
  PodTemplate pod_template = *world.cluster.templates[world.template_id];
  pod_template.readiness_probe = true;
  const Row probed = add_pod(world, "q", world.cluster.add_template(std::move(pod_template)), world.node);
  world.cluster.pods[probed].static_pod = true;
  world.run_for(3s);  // started after 2 s, ready after 5 s
  Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, probed, {Writer::User}).ok());
  world.run_until(104999ms);
  const Row row = world.TestCluster::pod("q");
  ASSERT_NE(row, kNoRow);
  EXPECT_EQ(world.cluster.pods[row].phase, PodPhase::Running);
  EXPECT_FALSE(world.cluster.pods[row].ready);
  world.run_until(105s);
  EXPECT_TRUE(world.cluster.pods[row].ready);
}

// Source: mirror_client.go CreateMirrorPod: AlreadyExists is no error, and nothing is made.
TEST(StaticPods, ANameThatIsTakenStaysTaken) {
  MirrorWorld world;
  const Pod gone = world.cluster.pods[world.pod];
  world.cluster.pods[world.pod].static_pod = false;
  ASSERT_TRUE(world.remove(world.pod).ok());
  const Row other = add_pod(world, "p", world.template_id, world.nodes[1]);
  world.run_for(5s);
  Turn turn = world.turn();
  static_pods::mirror_is_gone(turn, gone, {}, sim::kNoTransition);
  EXPECT_EQ(world.TestCluster::pod("p"), other);
  EXPECT_TRUE(world.cluster.kubelet.hidden.empty());
}

TEST(StaticPods, AMirrorIsHiddenOnce) {
  MirrorWorld world;
  world.strike(FaultKind::KubeletSilent, world.node);
  const Pod gone = world.cluster.pods[world.pod];
  ASSERT_TRUE(world.remove(world.pod, Writer::User).ok());
  world.settle();
  for (int i = 0; i < 2; ++i) {
    Turn turn = world.turn();
    static_pods::mirror_is_gone(turn, gone, {}, sim::kNoTransition);
  }
  EXPECT_EQ(world.cluster.kubelet.hidden.size(), 1U);
}

TEST(StaticPods, AMirrorThatIsDeletedByForceIsMadeAnew) {
  MirrorWorld world;
  Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, world.pod, {Writer::User}, 0).ok());
  world.settle();
  world.expect_made_anew();
}

TEST(StaticPods, AMirrorThatIsEvictedIsMadeAnew) {
  MirrorWorld world;
  Turn turn = world.turn();
  ASSERT_TRUE(evict_pod(turn, world.pod, {Writer::User}, -1, false).ok());
  world.settle();
  world.expect_made_anew();
  EXPECT_FALSE(world.cluster.pods[world.TestCluster::pod("p")].disruption_target);
}

TEST(StaticPods, ASilentKubeletMakesNoMirrorAnew) {
  MirrorWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, world.pod, {Writer::User}, 0).ok());
  world.settle();
  EXPECT_EQ(world.TestCluster::pod("p"), kNoRow);
}

TEST(StaticPods, OtherPodsAreStopped) {
  NodeWorld world;
  Turn turn = world.turn();
  ASSERT_TRUE(delete_pod(turn, world.pod, {Writer::User}).ok());
  world.run_for(1min);
  EXPECT_EQ(world.TestCluster::pod("p"), kNoRow);
}

/// … and its Node is deleted under it.
struct RegisteredAnew : MirrorWorld {
  RegisteredAnew() {
    receive(ObserverId::ControllerManager, garbage_collector::observe);
    handle(garbage_collector::on_event);
  }
  void delete_its_node() {
    Turn current = turn();
    ASSERT_TRUE(delete_node(current, node, {Writer::User}).ok());
  }
  [[nodiscard]] Row mirror() const { return this->TestCluster::pod("p"); }
  void expect_on_the_new_node() {
    ASSERT_NE(mirror(), kNoRow);
    EXPECT_NE(cluster.pods[mirror()].node, node);
    EXPECT_EQ(cluster.pods[mirror()].node, cluster.find_node("worker-0"));
  }
};

TEST(StaticPods, AMirrorGoesWithItsNodeAndComesBackWhenTheKubeletStartsAnew) {
  RegisteredAnew world;
  world.delete_its_node();
  world.run_for(5s);
  EXPECT_EQ(world.mirror(), kNoRow) << "its owner is gone";
  world.run_for(5min);
  EXPECT_EQ(world.mirror(), kNoRow) << "a running kubelet does not register again";
  Turn turn = world.turn();
  ASSERT_TRUE(node_power::kubelet_returns(turn, world.node, {Writer::User}, true));
  world.settle();
  world.expect_made_anew();
  world.expect_on_the_new_node();
}

TEST(StaticPods, AMirrorThatWentWhileItsMachineWasOffComesBackWithIt) {
  RegisteredAnew world;
  Turn turn = world.turn();
  ASSERT_TRUE(node_power::power_off(turn, world.node, {Writer::User}));
  world.delete_its_node();
  world.run_for(5min);
  EXPECT_EQ(world.mirror(), kNoRow);
  Turn later = world.turn();
  ASSERT_TRUE(node_power::power_on(later, world.node, {Writer::User}));
  world.run_for(2min);
  world.expect_on_the_new_node();
  const Pod& mirror = world.cluster.pods[world.mirror()];
  EXPECT_EQ(mirror.phase, PodPhase::Running) << "that a controller failed its former mirror is forgotten";
  EXPECT_TRUE(mirror.ready);
  EXPECT_EQ(mirror.restarts, 1U) << "its containers went with the power";
}

TEST(StaticPods, AMirrorThatWentWhileItsKubeletWasSilentComesBackWithIt) {
  RegisteredAnew world;
  Turn turn = world.turn();
  ASSERT_TRUE(node_power::silence_kubelet(turn, world.node, {Writer::User}));
  ASSERT_TRUE(delete_pod(turn, world.pod, {Writer::User}, 0).ok());
  world.run_for(10s);
  EXPECT_EQ(world.mirror(), kNoRow);
  Turn later = world.turn();
  ASSERT_TRUE(node_power::kubelet_returns(later, world.node, {Writer::User}));
  world.settle();
  world.expect_made_anew();
}

TEST(StaticPods, AKubeletShowsNoMirrorsOfOthers) {
  RegisteredAnew world;
  const Row other = add_pod(world, "q", world.template_id, world.nodes[1]);
  world.cluster.pods[other].static_pod = true;
  world.run_for(1min);
  for (const Row node : {world.nodes[0], world.nodes[1]}) {
    Turn turn = world.turn();
    ASSERT_TRUE(node_power::silence_kubelet(turn, node, {Writer::User}));
  }
  for (const Row pod : {world.pod, other}) {
    Turn turn = world.turn();
    ASSERT_TRUE(delete_pod(turn, pod, {Writer::User}, 0).ok());
  }
  world.run_for(10s);
  Turn turn = world.turn();
  ASSERT_TRUE(node_power::kubelet_returns(turn, world.nodes[0], {Writer::User}));
  world.run_for(10s);
  EXPECT_NE(world.TestCluster::pod("p"), kNoRow);
  EXPECT_EQ(world.TestCluster::pod("q"), kNoRow) << "its kubelet is silent still";
}

// Source: backend/cache/cache.go, a NodeInfo is kept by the name of its node.
TEST(ReregisteredNode, HoldsThePodsThatAreBoundToItsName) {
  SchedulerWorld world(1);
  const Row old = world.cluster.find_node("n1");
  const Row held = world.occupy(old, 3000);
  Turn turn = world.turn();
  delete_node(turn, old, {Writer::User});
  world.settle();
  Node node;
  node.meta.name = world.text("n1");
  node.shape = world.cluster.nodes[old].shape;
  Turn later = world.turn();
  create_node(later, node, {Writer::Kubelet});
  world.settle();
  const Row too_big = world.create("too-big", 2000);
  EXPECT_EQ(world.node_of(too_big), "") << "3 of 4 cpus are taken";
  const Row fits = world.create("fits", 1000);
  EXPECT_EQ(world.node_of(fits), "n1");
  world.remove_now(held);
  world.run_for(1min);
  EXPECT_EQ(world.node_of(too_big), "n1") << "what the pod took is free again";
}

}  // namespace
}  // namespace models::kubernetes

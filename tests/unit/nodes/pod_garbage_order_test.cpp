// What PodGC makes of the pods that it takes: which of them fail, which get a condition, which go first, and
// whom it leaves alone. A pod that is wrongly called Failed is a lost index of a Job.

#include <gtest/gtest.h>

#include "models/kubernetes/pod_garbage_collector.h"
#include "tests/unit/nodes/node_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

const Taint kOutOfServiceNoSchedule{kOutOfService.key, "", "NoSchedule"};

void delete_now(NodeWorld& world, Row node) {
  Turn turn = world.turn();
  ASSERT_TRUE(delete_node(turn, node, {Writer::User}).ok());
}

/// How often the collector has written `field` of the pod.
std::size_t writes(const NodeWorld& world, Field field, Uid pod) {
  std::size_t count = 0;
  for (const sim::Transition& one : world.transitions(field, Writer::PodGarbageCollector)) {
    count += one.subject == pod ? 1U : 0U;
  }
  return count;
}

// Source: gc_controller.go markFailedAndDeletePodWithCondition: only a phase that is not final is changed.
TEST(PodGarbage, APodThatSucceededGoesAsItIs) {
  NodeWorld world;
  const Uid uid = world.cluster.pods[world.pod].meta.uid;
  world.succeed(world.pod);
  delete_now(world, world.node);
  world.run_until(1h);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
  EXPECT_EQ(story(world, uid).find("Failed"), std::string::npos);
  EXPECT_EQ(writes(world, Field::PodDisruptionTarget, uid), 0U);
}

// Source: gcOrphaned hands DisruptionTarget, DeletionByPodGC; gcTerminating and gcUnscheduledTerminating
// none.
TEST(PodGarbage, OnlyAnOrphanIsMarkedAsDisrupted) {
  NodeWorld world;
  const Uid orphan = world.cluster.pods[world.pod].meta.uid;
  const Row leaving = add_pod(world, "leaving", world.template_id, world.nodes[1]);
  const Uid leaving_uid = world.cluster.pods[leaving].meta.uid;
  world.strike(FaultKind::NodeDies, world.nodes[1]);
  world.run_until(165s);
  world.set_taints({kOutOfServiceNoSchedule}, world.nodes[1]);
  Turn turn = world.turn();
  delete_pod(turn, leaving, {Writer::User});
  delete_now(world, world.node);
  world.run_until(300s);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
  EXPECT_FALSE(world.cluster.pods.exists(leaving));
  EXPECT_EQ(writes(world, Field::PodDisruptionTarget, orphan), 1U);
  EXPECT_EQ(writes(world, Field::PodDisruptionTarget, leaving_uid), 0U);
}

TEST(PodGarbage, APodThatCouldNotBeFailedIsNotDeletedYet) {
  NodeWorld world;
  const Uid uid = world.cluster.pods[world.pod].meta.uid;
  delete_now(world, world.node);
  world.run_until(110s);
  Turn turn = world.turn();
  fail_writes(turn, Kind::Pod, Verb::UpdateStatus, 1);
  world.run_until(170s);
  ASSERT_TRUE(world.cluster.pods.exists(world.pod)) << "found at 120 s, quarantined until 160 s";
  EXPECT_EQ(world.cluster.pods[world.pod].phase, PodPhase::Running);
  world.run_until(1h);
  EXPECT_NE(story(world, uid).find("Failed gone"), std::string::npos) << "a later tick tries again";
}

// Source: gcTerminating looks at the taints that the Node has now.
TEST(PodGarbage, ATaintThatWasTakenAwayAgainEndsNothing) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(165s);
  world.set_taints({kOutOfServiceNoSchedule});
  world.run_until(190s);
  world.set_taints({});
  Turn turn = world.turn();
  delete_pod(turn, world.pod, {Writer::User});
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod)) << "it may still run there";
}

TEST(PodGarbage, APodThatIsBoundToANodeThatIsGoneGoesToo) {
  NodeWorld world;
  delete_now(world, world.node);
  world.run_until(10min);
  ASSERT_FALSE(world.cluster.pods.exists(world.pod));
  const Row late = add_pod(world, "late", world.template_id, world.node);
  world.run_for(30s);
  EXPECT_TRUE(world.cluster.pods.exists(late));
  world.run_for(1min);
  EXPECT_FALSE(world.cluster.pods.exists(late));
}

// Source: byEvictionAndCreationTimestamp.Less: timestamps are whole seconds; equal ones go by name.
TEST(PodGarbage, OfPodsOfTheSameSecondTheFirstByNameGoes) {
  NodeWorld world;
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->components.terminated_pod_threshold = 1;
  world.cluster.settings = std::move(settings);
  world.run_until(100200ms);
  const Row older = add_pod(world, "t-b", world.template_id);
  world.run_until(100700ms);
  const Row younger = add_pod(world, "t-a", world.template_id);
  for (const Row row : {older, younger}) {
    world.change_pod(row, [](Pod& changed) { changed.phase = PodPhase::Failed; });
  }
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.pods.exists(older));
  EXPECT_FALSE(world.cluster.pods.exists(younger));
}

TEST(PodGarbage, ARestartedManagerBeginsTheQuarantineAnew) {
  NodeWorld world;
  delete_now(world, world.node);
  world.run_until(150s);
  Turn turn = world.turn();
  pod_garbage_collector::restart(turn, sim::kNoTransition);
  world.run_until(190s);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod)) << "without the restart: gone at 160 s";
  world.run_until(200s);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
}

TEST(PodGarbage, ARestartedManagerKnowsTheNodesThatAreOutOfService) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(165s);
  world.set_taints({kOutOfServiceNoSchedule});
  world.run_until(166s);
  Turn turn = world.turn();
  pod_garbage_collector::restart(turn, sim::kNoTransition);
  world.run_until(190s);
  Turn later = world.turn();
  delete_pod(later, world.pod, {Writer::User});
  world.run_until(201s);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
}

TEST(PodGarbage, ARestartedManagerFindsWhatIsTerminated) {
  NodeWorld world;
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->components.terminated_pod_threshold = 1;
  world.cluster.settings = std::move(settings);
  const Row first = add_pod(world, "t-0", world.template_id);
  world.change_pod(first, [](Pod& changed) { changed.phase = PodPhase::Failed; });
  world.run_until(101s);
  Turn turn = world.turn();
  pod_garbage_collector::restart(turn, sim::kNoTransition);
  const Row second = add_pod(world, "t-1", world.template_id);
  world.change_pod(second, [](Pod& changed) { changed.phase = PodPhase::Failed; });
  world.run_until(121s);
  EXPECT_FALSE(world.cluster.pods.exists(first));
  EXPECT_TRUE(world.cluster.pods.exists(second));
}

}  // namespace
}  // namespace models::kubernetes

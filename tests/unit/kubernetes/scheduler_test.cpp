#include "models/kubernetes/scheduler.h"

#include <gtest/gtest.h>

#include <map>

#include "models/kubernetes/node_ranking.h"
#include "models/kubernetes/scheduler_filters.h"
#include "tests/unit/kubernetes/scheduler_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

const Taint kUnreachable{"node.kubernetes.io/unreachable", "", "NoSchedule"};

TEST(SchedulerRow, Row01_ACordonedNodeTakesNothing) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  EXPECT_TRUE(world.cluster.pods[pod].unschedulable);
  EXPECT_EQ(world.message_of(pod),
            "0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: "
            "1 Preemption is not helpful for scheduling.");
}

TEST(SchedulerRow, Row02_CordonedAndFullNodesAreCountedApart) {
  SchedulerWorld world(3);
  world.cordon(0);
  world.occupy(1, 4000);
  world.occupy(2, 4000);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(
      world.message_of(pod),
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are "
      "available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming "
      "pod.");
}

TEST(SchedulerRow, Row03_ANodeShortOfTwoResourcesSaysBoth) {
  SchedulerWorld world(1);
  world.occupy(0, 4000, kNodeMemory);
  const Row pod = world.create("p", 1000, kGibibyte);
  EXPECT_EQ(world.reasons_of(pod), "1 Insufficient cpu, 1 Insufficient memory");
}

TEST(SchedulerRow, Row04_AShelvedNodeShowsItsTaint) {
  SchedulerWorld world(2);
  world.taint(0, kUnreachable);
  world.occupy(1, 4000);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.reasons_of(pod),
            "1 Insufficient cpu, 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }");
}

TEST(SchedulerRow, Row05_ShelvedAndCordonedShowsTheCordonOnly) {
  SchedulerWorld world(1);
  world.taint(0, kUnreachable);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.reasons_of(pod), "1 node(s) were unschedulable");
}

TEST(SchedulerRow, Row06_ATolerationPassesTheCordon) {
  SchedulerWorld world(1);
  world.cordon(0);
  PodTemplate pod_template;
  pod_template.containers = {container(1000)};
  pod_template.tolerations = {{"node.kubernetes.io/unschedulable", "", "NoSchedule", true, -1}};
  EXPECT_EQ(world.node_of(world.create("p", pod_template)), "n1");
}

TEST(SchedulerRow, Row07_NodeNamePassesByTheSchedulerAndTheCordon) {
  SchedulerWorld world(2);
  world.cordon(1);
  PodTemplate pod_template;
  pod_template.containers = {container(1000)};
  pod_template.node_name = "n2";
  EXPECT_EQ(world.node_of(world.create("p", pod_template)), "n2");
}

TEST(SchedulerRow, Row08_ReasonsAreSortedAsStrings) {
  SchedulerWorld world(12);
  for (Row node = 0; node < 10; ++node) {
    world.occupy(node, 4000);
  }
  world.cordon(10);
  world.cordon(11);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.reasons_of(pod), "10 Insufficient cpu, 2 node(s) were unschedulable");
}

PodTemplate one_per_node(const char* app) {
  PodTemplate pod_template;
  pod_template.labels = {{"app", app}};
  pod_template.pod_anti_affinity = {apart_by("kubernetes.io/hostname", app)};
  pod_template.containers = {container(100)};
  return pod_template;
}

TEST(SchedulerRow, Row11_AThirdReplicaFindsNoThirdNode) {
  SchedulerWorld world(2);
  const std::string first = world.node_of(world.create("p0", one_per_node("db")));
  const std::string second = world.node_of(world.create("p1", one_per_node("db")));
  EXPECT_NE(first, second);
  const Row third = world.create("p2", one_per_node("db"));
  EXPECT_EQ(
      world.message_of(third),
      "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: 0/2 nodes are "
      "available: 2 No preemption victims found for incoming pod.");
}

TEST(SchedulerRow, Row13_TheEmptierNodeWins) {
  SchedulerWorld world(2);
  world.occupy(0, 2000, 4 * kGibibyte);
  world.occupy(1, 1000, 2 * kGibibyte);
  EXPECT_EQ(world.node_of(world.create("p", 1000, 2 * kGibibyte)), "n2");

  const SchedulableNode node{0, 0, 0, kNodeCpu, kNodeMemory, 110, false};
  const PodRequests pod{1000, 2 * kGibibyte, 1000, 2 * kGibibyte};
  const NodeUsage half{2000, 4 * kGibibyte, 2000, 4 * kGibibyte, 1};
  const NodeUsage quarter{1000, 2 * kGibibyte, 1000, 2 * kGibibyte, 1};
  EXPECT_EQ(scheduler::least_allocated(node, half, pod), 25);
  EXPECT_EQ(scheduler::least_allocated(node, quarter, pod), 50);
  EXPECT_EQ(scheduler::balanced_allocation(node, half, pod), 100);
  EXPECT_EQ(scheduler::balanced_allocation(node, quarter, pod), 100);
}

TEST(SchedulerRow, Row14_UnbalancedUseCostsHalfTheDifference) {
  const SchedulableNode node{0, 0, 0, kNodeCpu, kNodeMemory, 110, false};
  EXPECT_EQ(scheduler::balanced_allocation(node, {}, {3000, 2 * kGibibyte, 3000, 2 * kGibibyte}), 75);
  EXPECT_EQ(scheduler::balanced_allocation(node, {}, {4000, 0, 4000, 0}), 50);
}

TEST(SchedulerRow, Row15_EqualNodesAreAMatterOfChance) {
  const auto chosen = [](std::uint64_t seed) {
    SchedulerWorld world(2);
    sim::SeededChoices choices(seed);
    sim::Context context{choices, world.history};
    const Row pod = add_pod(world, "p", world.add_template("p"));
    while (sim::step(world, context)) {
    }
    return world.node_of(pod);
  };
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(chosen(seed), chosen(seed));
    ++seen[chosen(seed)];
  }
  EXPECT_EQ(seen.size(), 2U);
}

TEST(SchedulerRow, Row16_LargeClustersAreSampled) {
  EXPECT_EQ(scheduler::nodes_to_find(99), 99U);
  EXPECT_EQ(scheduler::nodes_to_find(100), 100U);
  EXPECT_EQ(scheduler::nodes_to_find(1000), 420U);
  EXPECT_EQ(scheduler::nodes_to_find(5000), 500U);
  EXPECT_EQ(scheduler::nodes_to_find(6000), 300U);
}

TEST(SchedulerRow, Row17_BackOffDoublesTo10s) {
  std::vector<std::int64_t> delays;
  for (std::uint32_t attempt = 1; attempt <= 6; ++attempt) {
    delays.push_back(
        std::chrono::duration_cast<std::chrono::seconds>(scheduler::backoff_after(attempt)).count());
  }
  EXPECT_EQ(delays, (std::vector<std::int64_t>{1, 2, 4, 8, 10, 10}));
}

TEST(SchedulerRow, Row19_UncordonSchedulesWithinTheBackOff) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  world.run_until(100s);
  EXPECT_TRUE(world.agenda.events.empty()) << "an unschedulable pod waits without events";
  world.cordon(0, false);
  EXPECT_EQ(world.node_of(pod), "n1");
  EXPECT_EQ(world.cluster.pods[pod].bound_at, 100s);
  EXPECT_FALSE(world.cluster.pods[pod].unschedulable);
}

TEST(SchedulerRow, Row19_ARetryWaitsForTheRestOfTheBackOff) {
  SchedulerWorld world(1, "1.32.0");
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  world.run_until(300ms);
  world.cordon(0, false);
  EXPECT_EQ(world.node_of(pod), "");
  world.run_until(10s);
  EXPECT_EQ(world.cluster.pods[pod].bound_at, 1s);
}

TEST(SchedulerRow, Row21_ATerminatingPodHoldsItsPlaceUntilItIsGone) {
  SchedulerWorld world(1);
  const Row old = world.occupy(0, 4000);
  Turn turn = world.turn();
  delete_pod(turn, old, {Writer::User});
  const Row replacement = world.create("p", 4000);
  world.run_until(30s);
  EXPECT_EQ(world.reasons_of(replacement), "1 Insufficient cpu");
  world.remove_now(old);
  EXPECT_EQ(world.node_of(replacement), "n1");
}

TEST(SchedulerRow, Row26_APodDeletedWhilePendingIsForgotten) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.cluster.scheduler.parked.size(), 1U);
  world.remove_now(pod);
  EXPECT_TRUE(world.cluster.scheduler.parked.empty());
}

// -----------------------------------------------------------------------------------------------------------

TEST(Scheduler, SaysWhenThereAreNoNodes) {
  SchedulerWorld world(0);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.message_of(pod), "no nodes available to schedule pods");
  world.add_node("late");
  world.run_for(1s);
  EXPECT_EQ(world.node_of(pod), "late");
}

TEST(Scheduler, TextsFollowTheVersion) {
  const auto message = [](std::string_view version) {
    SchedulerWorld world(1, version);
    world.taint(0, {"dedicated", "gpu", "NoSchedule"});
    return world.message_of(world.create("p", 1000));
  };
  EXPECT_EQ(
      message("1.33.0"),
      "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}. preemption: 0/1 nodes are "
      "available: 1 Preemption is not helpful for scheduling.");
  EXPECT_EQ(
      message("1.35.0"),
      "0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: "
      "0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
}

TEST(Scheduler, ARequestBeyondTheNodeIsBeyondPreemptionFrom134On) {
  const auto message = [](std::string_view version) {
    SchedulerWorld world(1, version);
    return world.message_of(world.create("p", 5000));
  };
  EXPECT_NE(message("1.33.0").find("1 No preemption victims found"), std::string::npos);
  EXPECT_NE(message("1.34.0").find("1 Preemption is not helpful"), std::string::npos);
}

TEST(Scheduler, TheNumberOfPodsIsAResource) {
  SchedulerWorld world(0);
  NodeShape shape;
  shape.cpu_millicores = kNodeCpu;
  shape.memory_bytes = kNodeMemory;
  shape.pods = 2;
  Node node;
  node.meta.name = world.text("small");
  node.shape = world.cluster.add_node_shape(shape);
  Turn turn = world.turn();
  create_node(turn, node, {Writer::Setup});
  world.settle();
  world.create("p0", 0);
  world.create("p1", 0);
  EXPECT_EQ(world.reasons_of(world.create("p2", 0)), "1 Too many pods");
}

TEST(Scheduler, NodeSelectorReadsLabelsAndTheHostName) {
  SchedulerWorld world(2);
  PodTemplate pod_template;
  pod_template.containers = {container(100)};
  pod_template.node_selector = {{"kubernetes.io/hostname", "n2"}};
  EXPECT_EQ(world.node_of(world.create("p0", pod_template)), "n2");
  pod_template.node_selector = {{"disk", "ssd"}};
  EXPECT_EQ(world.reasons_of(world.create("p1", pod_template)),
            "2 node(s) didn't match Pod's node affinity/selector");
}

TEST(Scheduler, AntiAffinityOfPodsThatAreThereKeepsOthersAway) {
  SchedulerWorld world(1);
  world.create("db", one_per_node("db"));
  PodTemplate pod_template;
  pod_template.labels = {{"app", "db"}};
  pod_template.containers = {container(100)};
  EXPECT_EQ(world.reasons_of(world.create("copy", pod_template)),
            "1 node(s) didn't satisfy existing pods anti-affinity rules");
  pod_template.labels = {{"app", "web"}};
  EXPECT_EQ(world.node_of(world.create("other", pod_template)), "n1");
}

TEST(Scheduler, AntiAffinityLooksAtPodsThatWereThereBefore) {
  SchedulerWorld world(1);
  PodTemplate pod_template;
  pod_template.labels = {{"app", "db"}};
  pod_template.containers = {container(100)};
  world.create("old", pod_template);
  EXPECT_EQ(world.reasons_of(world.create("db", one_per_node("db"))),
            "1 node(s) didn't match pod anti-affinity rules");
}

TEST(Scheduler, ARemovedPodHelpsOnlyThoseThatItStoodInTheWayOf) {
  SchedulerWorld world(2);
  world.cordon(1);
  const Row busy = world.occupy(0, 4000);
  const Row waits = world.create("waits", 4000);
  world.run_until(100s);
  world.remove_now(busy);
  EXPECT_EQ(world.node_of(waits), "n1");
}

TEST(Scheduler, AFailedBindingIsTriedAgain) {
  SchedulerWorld world(1);
  world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Update), 1, 0});
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.node_of(pod), "");
  world.run_until(1s);
  EXPECT_EQ(world.node_of(pod), "n1");
  EXPECT_TRUE(world.agenda.events.empty());
}

}  // namespace
}  // namespace models::kubernetes

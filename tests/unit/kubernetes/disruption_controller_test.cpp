// The status of PodDisruptionBudgets: rows 18 to 20 of the nodes-and-drain semantics, and the tests of
// upstream's disruption_test.go by their names.

#include "models/kubernetes/disruption_controller.h"

#include "tests/unit/kubernetes/budget_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

class Disruption : public testing::Test {
 protected:
  BudgetWorld world;

  void scale(Row set, std::int32_t replicas) {
    Turn turn = world.turn();
    update<ReplicaSet>(turn, set, {Writer::User}, Verb::Update,
                       [&](ReplicaSet& object) { object.spec.replicas = replicas; });
  }
  /// Makes the controller look at the budget again: upstream's tests call its sync.
  void look_again() {
    Turn turn = world.turn();
    disruption_controller::restart(turn, sim::kNoTransition);
  }
};

TEST_F(Disruption, Row18_ScalingRecomputesAPercentageOfMaxUnavailable) {
  const Row set = world.add_replicaset("web", 7);
  const Row budget = world.max_unavailable(percent_of(30));
  world.add_pod("pod", world.owner_of_replicaset(set));
  EXPECT_EQ(world.shown(budget), "0 1/4 of 7");
  scale(set, 3);
  world.settle();
  look_again();
  EXPECT_EQ(world.shown(budget), "0 1/2 of 3");
}

TEST_F(Disruption, Row19_ABarePodUnderAPercentageAllowsNothing) {
  const Row budget = world.min_available(percent_of(28));
  EXPECT_EQ(world.shown(budget), "0 0/0 of 0");
  world.add_pod("naked");
  EXPECT_EQ(world.shown(budget), "0 1/0 of 0");
  EXPECT_GE(world.warnings("UnmanagedPods"), 1U);
  EXPECT_EQ(world.reason(budget), "InsufficientPods");
}

TEST_F(Disruption, Row20_ThirtyFourPercentOfThreePods) {
  StatefulSetSpec spec;
  spec.replicas = 3;
  spec.pod_template = world.add_template("web");
  const Row set = world.add_statefulset("web", spec);
  const OwnerRef owner{Kind::StatefulSet, set, world.cluster.statefulsets[set].meta.uid};
  const Row budget = world.min_available(percent_of(34));
  for (const char* name : {"a", "b", "c"}) {
    world.add_pod(name, owner);
  }
  EXPECT_EQ(world.shown(budget), "1 3/2 of 3");
  EXPECT_EQ(world.reason(budget), "SufficientPods");
}

TEST_F(Disruption, NoSelector_AnEmptySelectorSelectsEveryPod) {
  const Row budget = world.add_budget("all", [](PodDisruptionBudgetSpec& spec) {
    spec.min_available = count_of(3);
    spec.selector = std::make_shared<const LabelSelector>();
  });
  EXPECT_EQ(world.shown(budget), "0 0/3 of 0");
  world.add_pod("yo-yo-yo");
  EXPECT_EQ(world.shown(budget), "0 1/3 of 1");
}

TEST_F(Disruption, WithoutASelectorNoPodIsSelected) {
  const Row budget = world.add_budget("none", [](PodDisruptionBudgetSpec& spec) {
    spec.min_available = count_of(0);
    spec.selector = nullptr;
  });
  world.add_pod("a");
  EXPECT_EQ(world.shown(budget), "0 0/0 of 0");
}

TEST_F(Disruption, Unavailable) {
  const Row budget = world.min_available(count_of(3));
  std::vector<Row> pods;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(world.shown(budget), fmt::format("0 {0}/3 of {0}", i));
    pods.push_back(world.add_pod(fmt::format("yo-yo-yo-{}", i)));
  }
  EXPECT_EQ(world.shown(budget), "1 4/3 of 4");
  world.make_unready(pods.front());
  EXPECT_EQ(world.shown(budget), "0 3/3 of 4");
}

TEST_F(Disruption, IntegerMaxUnavailable_ABarePodAllowsNothing) {
  const Row budget = world.max_unavailable(count_of(1));
  EXPECT_EQ(world.shown(budget), "0 0/0 of 0");
  world.add_pod("naked");
  world.settle();
  EXPECT_EQ(world.status(budget).disruptions_allowed, 0);
  EXPECT_GE(world.warnings("UnmanagedPods"), 1U);
}

TEST_F(Disruption, IntegerMaxUnavailableWithScaling) {
  const Row set = world.add_replicaset("web", 7);
  const Row budget = world.max_unavailable(count_of(2));
  world.add_pod("pod", world.owner_of_replicaset(set));
  EXPECT_EQ(world.shown(budget), "0 1/5 of 7");
  scale(set, 5);
  EXPECT_EQ(world.shown(budget), "0 1/5 of 7") << "scaling alone is no reason to look";
  look_again();
  EXPECT_EQ(world.shown(budget), "0 1/3 of 5");
}

TEST_F(Disruption, UnsupportedControllerPod_AJobHasNoScale) {
  JobSpec spec;
  spec.pod_template = world.add_template("web");
  const Row job = world.add_job("work", spec);
  const Row budget = world.min_available(percent_of(28));
  EXPECT_EQ(world.shown(budget), "0 0/0 of 0");
  const std::uint32_t observed = world.status(budget).observed_generation;
  world.add_pod("pod", {Kind::Job, job, world.cluster.jobs[job].meta.uid});
  EXPECT_EQ(world.shown(budget), "0 0/0 of 0");
  EXPECT_GE(world.warnings("CalculateExpectedPodCountFailed"), 1U);
  EXPECT_EQ(world.reason(budget), "SyncFailed");
  EXPECT_EQ(world.cluster.strings[world.status(budget).disruption_allowed.message],
            "jobs.batch does not implement the scale subresource");
  EXPECT_EQ(world.status(budget).observed_generation, observed);
}

TEST_F(Disruption, AnIntegerMinAvailableServesJobsToo) {
  JobSpec spec;
  spec.pod_template = world.add_template("web");
  const Row job = world.add_job("work", spec);
  const Row budget = world.min_available(count_of(1));
  const OwnerRef owner{Kind::Job, job, world.cluster.jobs[job].meta.uid};
  world.add_pod("a", owner);
  world.add_pod("b", owner);
  EXPECT_EQ(world.shown(budget), "1 2/1 of 2");
}

TEST_F(Disruption, ReplicaSet_CountsWithoutADeployment) {
  const Row set = world.add_replicaset("web", 10);
  const Row budget = world.min_available(percent_of(20));
  world.add_pod("pod", world.owner_of_replicaset(set));
  EXPECT_EQ(world.shown(budget), "0 1/2 of 10");
}

TEST_F(Disruption, TwoControllersAddUpAndPodsOfOneCountOnce) {
  const Row first = world.add_replicaset("first", 4);
  const Row second = world.add_replicaset("second", 6);
  const Row budget = world.min_available(percent_of(50));
  for (const char* name : {"a", "b", "c"}) {
    world.add_pod(name, world.owner_of_replicaset(first));
  }
  EXPECT_EQ(world.shown(budget), "1 3/2 of 4");
  world.add_pod("d", world.owner_of_replicaset(second), false);
  EXPECT_EQ(world.shown(budget), "0 3/5 of 10");
}

TEST_F(Disruption, ADeploymentIsCountedInPlaceOfItsReplicaSets) {
  Deployment deployment;
  deployment.meta.name = world.text("web");
  deployment.meta.name_space = world.text("default");
  deployment.spec.replicas = 3;
  deployment.spec.pod_template = world.add_template("web");
  deployment.spec.selector = std::make_shared<const LabelSelector>();
  Turn turn = world.turn();
  const Row row = create_deployment(turn, deployment, {Writer::User}).row;
  const OwnerRef owner{Kind::Deployment, row, world.cluster.deployments[row].meta.uid};
  const Row old_set = world.add_replicaset("old", 1, owner);
  const Row new_set = world.add_replicaset("new", 3, owner);
  const Row budget = world.max_unavailable(percent_of(50));
  world.add_pod("a", world.owner_of_replicaset(old_set));
  world.add_pod("b", world.owner_of_replicaset(new_set));
  EXPECT_EQ(world.shown(budget), "1 2/1 of 3");
}

TEST_F(Disruption, UpdateDisruptedPods_EntriesThatHaveExpiredOrAreGoneLeave) {
  const Row budget = world.min_available(count_of(1));
  const Row stays = world.add_pod("p1");
  const Row deleting = world.add_pod("p2");
  world.settle();
  world.run_for(10min);
  Turn turn = world.turn();
  update<PodDisruptionBudget>(turn, budget, {Writer::User}, Verb::UpdateStatus,
                              [&](PodDisruptionBudget& object) {
                                const auto note = [&](const char* name, sim::Time at) {
                                  note_disrupted(world.cluster.strings, object.status, world.text(name), at);
                                };
                                note("p1", world.now());         // should be removed, but it is too early
                                note("p2", world.now());         // deleted meanwhile
                                note("p3", world.now() - 121s);  // gone, and too old
                                note("notthere", world.now() - 1s);
                              });
  delete_pod(turn, deleting, {Writer::User}, 30);
  EXPECT_EQ(world.shown(budget), "0 0/1 of 2");
  ASSERT_EQ(world.status(budget).disrupted_pods.size(), 1U);
  EXPECT_EQ(world.cluster.strings[world.status(budget).disrupted_pods.front().pod], "p1");
  // Two minutes later the pod that was not deleted counts again.
  world.run_for(3min);
  EXPECT_EQ(world.shown(budget), "0 1/1 of 2");
  EXPECT_TRUE(world.status(budget).disrupted_pods.empty());
  EXPECT_TRUE(world.cluster.pods.exists(stays));
}

TEST_F(Disruption, AConflictIsTriedAgain) {
  const Row budget = world.min_available(count_of(1));
  const Row first = world.add_pod("a");
  world.add_pod("b");
  EXPECT_EQ(world.shown(budget), "1 2/1 of 2");
  // An eviction spends the budget before the controller has seen what changed.
  world.make_unready(first);
  EXPECT_TRUE(world.evict(first).ok());
  EXPECT_EQ(world.shown(budget), "0 1/1 of 2");
}

TEST_F(Disruption, StalePodDisruption_TheConditionIsTakenBackAfterTwoMinutes) {
  const Row pod = world.add_pod("a");
  world.run_for(1min);
  world.change_pod(pod, [&](Pod& object) {
    object.disruption_target = true;
    object.disruption_reason = DisruptionReason::EvictionByEvictionAPI;
    object.disrupted_at = world.now();
  });
  world.run_for(119s);
  EXPECT_TRUE(world.cluster.pods[pod].disruption_target);
  world.run_for(2s);
  EXPECT_FALSE(world.cluster.pods[pod].disruption_target);
}

TEST_F(Disruption, StalePodDisruption_WhatTheKubeletEndsIsNeverStale) {
  const Row pod = world.add_pod("a");
  world.change_pod(pod, [&](Pod& object) {
    object.disruption_target = true;
    object.disruption_reason = DisruptionReason::TerminationByKubelet;
    object.disrupted_at = world.now();
  });
  world.run_for(10min);
  EXPECT_TRUE(world.cluster.pods[pod].disruption_target);
}

TEST_F(Disruption, PercentagesAreRoundedUp) {
  EXPECT_EQ(scaled_up(percent_of(28), 10), 3);
  EXPECT_EQ(scaled_up(percent_of(30), 7), 3);
  EXPECT_EQ(scaled_up(percent_of(0), 7), 0);
  EXPECT_EQ(scaled_up(percent_of(100), 7), 7);
  EXPECT_EQ(scaled_up(count_of(5), 7), 5);
}

}  // namespace
}  // namespace models::kubernetes

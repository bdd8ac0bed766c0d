#include "models/kubernetes/preemption.h"

#include <gtest/gtest.h>

#include "tests/unit/kubernetes/scheduler_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

PodTemplate of_priority(std::int32_t priority, std::int64_t cpu, std::string_view app = "x") {
  PodTemplate pod_template = of_app(app, cpu);
  pod_template.priority = priority;
  return pod_template;
}

struct PreemptionWorld : SchedulerWorld {
  using SchedulerWorld::SchedulerWorld;

  Row occupy(Row node, std::int32_t priority, std::int64_t cpu, std::string_view app = "x") {
    const Row row = add_pod(*this, fmt::format("busy-{}", cluster.pods.extent()),
                            cluster.add_template(of_priority(priority, cpu, app)), node);
    settle();
    return row;
  }
  Row protect(std::string_view app, std::int32_t allowed) {
    PodDisruptionBudget budget;
    budget.meta.name = text(app);
    budget.meta.name_space = text("default");
    budget.spec.selector =
        std::make_shared<const LabelSelector>(LabelSelector{{{"app", std::string(app)}}, {}});
    budget.status.disruptions_allowed = allowed;
    Turn current = turn();
    return create_budget(current, std::move(budget), {Writer::User}).row;
  }
  [[nodiscard]] bool preempted(Row pod) const {
    return cluster.pods[pod].meta.deleting() && cluster.pods[pod].disruption_target &&
           cluster.pods[pod].disruption_reason == DisruptionReason::PreemptionByScheduler;
  }
};

TEST(SchedulerRow, Row22_AHigherPriorityTakesThePlaceOnceItIsFree) {
  PreemptionWorld world(1);
  const Row victim = world.occupy(0, 0, 4000);
  const Row pod = world.create("urgent", of_priority(1000, 4000));
  EXPECT_TRUE(world.preempted(victim));
  EXPECT_EQ(world.cluster.pods[victim].grace_seconds, 30) << "a graceful deletion";
  EXPECT_EQ(world.cluster.pods[pod].nominated_node, 0U);
  EXPECT_EQ(world.node_of(pod), "");
  EXPECT_EQ(world.message_of(pod), "0/1 nodes are available: 1 Insufficient cpu.");
  world.run_for(20s);
  EXPECT_EQ(world.node_of(pod), "") << "nothing is bound until the victim is gone";
  world.remove_now(victim);
  world.run_for(10s);
  EXPECT_EQ(world.node_of(pod), "n1");
}

TEST(SchedulerRow, Row23_ABudgetDoesNotGuardAgainstPreemption) {
  PreemptionWorld world(1);
  const Row victim = world.occupy(0, 0, 4000, "db");
  world.protect("db", 0);
  world.create("urgent", of_priority(1000, 4000));
  EXPECT_TRUE(world.preempted(victim));
}

TEST(Preemption, ABudgetIsPreferredToBeKept) {
  PreemptionWorld world(2);
  const Row guarded = world.occupy(0, 0, 4000, "db");
  const Row other = world.occupy(1, 500, 4000, "web");
  world.protect("db", 0);
  world.create("urgent", of_priority(1000, 4000));
  EXPECT_FALSE(world.preempted(guarded));
  EXPECT_TRUE(world.preempted(other)) << "although its priority is higher";
}

TEST(Preemption, AsFewAsPossibleAreTakenTheLeastImportantFirst) {
  PreemptionWorld world(1);
  const Row important = world.occupy(0, 10, 2000);
  const Row least = world.occupy(0, 0, 1000);
  const Row less = world.occupy(0, 5, 1000);
  world.create("urgent", of_priority(1000, 1000));
  EXPECT_FALSE(world.preempted(important));
  EXPECT_FALSE(world.preempted(less));
  EXPECT_TRUE(world.preempted(least));
}

TEST(Preemption, TheNodeWithTheLowestTopPriorityIsChosen) {
  PreemptionWorld world(3);
  const Row first = world.occupy(0, 20, 4000);
  const Row second = world.occupy(1, 10, 4000);
  const Row third = world.occupy(2, 30, 4000);
  world.create("urgent", of_priority(1000, 4000));
  EXPECT_FALSE(world.preempted(first));
  EXPECT_TRUE(world.preempted(second));
  EXPECT_FALSE(world.preempted(third));
}

TEST(Preemption, ThenTheSmallestSumThenTheFewestVictims) {
  PreemptionWorld world(2);
  const Row one = world.occupy(0, 10, 4000);
  const Row two = world.occupy(1, 10, 2000);
  world.occupy(1, 9, 2000);
  world.create("urgent", of_priority(1000, 4000));
  EXPECT_TRUE(world.preempted(one));
  EXPECT_FALSE(world.preempted(two));
}

TEST(Preemption, ThenTheLatestStartInWholeSeconds) {
  const auto first_goes = [](sim::Time first_start, sim::Time second_start) {
    PreemptionWorld world(2);
    const Row first = world.occupy(0, 10, 4000);
    const Row second = world.occupy(1, 10, 4000);
    world.cluster.pods[first].started_at = first_start;
    world.cluster.pods[second].started_at = second_start;
    world.run_until(10s);
    world.create("urgent", of_priority(1000, 4000));
    EXPECT_NE(world.preempted(first), world.preempted(second));
    return world.preempted(first);
  };
  EXPECT_TRUE(first_goes(2100ms, 1200ms));
  EXPECT_FALSE(first_goes(1200ms, 2100ms));
  // Within a second they are equal, and which goes is chance: the same one, whichever is the later.
  EXPECT_EQ(first_goes(1700ms, 1200ms), first_goes(1200ms, 1700ms));
}

TEST(Preemption, BeforeHintsWhoPreemptsIsTriedAgainAfterItsBackOff) {
  const auto message_after_two_seconds = [](std::string_view version) {
    PreemptionWorld world(1, version);
    world.occupy(0, 0, 4000);
    const Row pod = world.create("urgent", of_priority(1000, 4000));
    world.run_for(2s);
    return world.message_of(pod);
  };
  EXPECT_NE(message_after_two_seconds("1.31.0").find("not eligible due to a terminating pod"),
            std::string::npos);
  EXPECT_EQ(message_after_two_seconds("1.32.0"), "0/1 nodes are available: 1 Insufficient cpu.");
}

TEST(Preemption, EqualPrioritiesAreSafe) {
  PreemptionWorld world(1);
  const Row busy = world.occupy(0, 1000, 4000);
  const Row pod = world.create("equal", of_priority(1000, 4000));
  EXPECT_FALSE(world.preempted(busy));
  EXPECT_EQ(
      world.message_of(pod),
      "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption "
      "victims found for incoming pod.");
}

TEST(Preemption, WhereAllVictimsWouldNotDoTheFilterSpeaks) {
  PreemptionWorld world(1);
  world.occupy(0, 2000, 2000);
  const Row lower = world.occupy(0, 0, 1000);
  const Row pod = world.create("urgent", of_priority(1000, 3000));
  EXPECT_FALSE(world.preempted(lower));
  EXPECT_EQ(
      world.message_of(pod),
      "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient "
      "cpu.");
}

TEST(Preemption, APolicyOfNeverWaits) {
  PreemptionWorld world(1);
  const Row busy = world.occupy(0, 0, 4000);
  PodTemplate patient = of_priority(1000, 4000);
  patient.preempts = false;
  const Row pod = world.create("patient", patient);
  EXPECT_FALSE(world.preempted(busy));
  EXPECT_EQ(world.message_of(pod),
            "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to "
            "preemptionPolicy=Never.");
}

TEST(Preemption, TheNominatedPlaceIsKeptFromLowerPriorities) {
  PreemptionWorld world(1);
  world.occupy(0, 0, 4000);
  const Row urgent = world.create("urgent", of_priority(1000, 4000));
  const Row meek = world.create("meek", of_priority(0, 0));
  EXPECT_NE(world.node_of(meek), "") << "it asks for nothing that is kept";
  const Row small = world.create("small", of_priority(0, 100));
  EXPECT_EQ(world.node_of(small), "");
  EXPECT_EQ(world.cluster.pods[urgent].nominated_node, 0U);
}

TEST(Preemption, AnEvenHigherPriorityTakesTheNominationAway) {
  PreemptionWorld world(1);
  const Row victim = world.occupy(0, 0, 4000);
  const Row urgent = world.create("urgent", of_priority(1000, 4000));
  const Row highest = world.create("highest", of_priority(2000, 4000));
  EXPECT_EQ(world.cluster.pods[urgent].nominated_node, kNoRow);
  EXPECT_EQ(world.cluster.pods[highest].nominated_node, 0U);
  world.remove_now(victim);
  world.run_for(10s);
  EXPECT_EQ(world.node_of(highest), "n1");
  EXPECT_EQ(world.node_of(urgent), "");
}

TEST(Preemption, AntiAffinityOfAVictimGivesWay) {
  PreemptionWorld world(1);
  PodTemplate loner = of_priority(0, 100, "db");
  loner.pod_anti_affinity = {apart_by("kubernetes.io/hostname", "web")};
  const Row victim = world.create("db", loner);
  const Row keeps = world.occupy(0, 0, 100, "log");
  world.create("web", of_priority(1000, 100, "web"));
  EXPECT_TRUE(world.preempted(victim));
  EXPECT_FALSE(world.preempted(keeps));
}

TEST(Preemption, PriorityClassesGiveTheirValue) {
  PreemptionWorld world(1);
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->classes.priorities = {{"high", 1000, false, true}};
  world.cluster.settings = std::move(settings);
  const Row victim = world.occupy(0, 0, 4000);
  PodTemplate pod_template = of_app("web", 4000);
  pod_template.priority_class = "high";
  world.create("web", pod_template);
  EXPECT_TRUE(world.preempted(victim));
}

}  // namespace
}  // namespace models::kubernetes

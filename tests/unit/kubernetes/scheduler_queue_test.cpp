#include "models/kubernetes/scheduler_queue.h"

#include <gtest/gtest.h>

#include "tests/unit/kubernetes/scheduler_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

TEST(SchedulerRow, Row18_APodThatNoEventWakesIsTriedAgainAfterFiveMinutes) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  // A second cordoned node wakes nobody (NodeUnschedulable's hint), but the next look counts it.
  Node node;
  node.meta.name = world.text("n2");
  node.shape = world.cluster.nodes[0].shape;
  node.unschedulable = true;
  Turn turn = world.turn();
  create_node(turn, std::move(node), {Writer::Setup});
  world.run_until(299s);
  EXPECT_EQ(world.reasons_of(pod), "1 node(s) were unschedulable");
  world.run_until(330s);
  EXPECT_EQ(world.reasons_of(pod), "2 node(s) were unschedulable");
  EXPECT_TRUE(world.agenda.events.empty()) << "what finds nothing new is not simulated";
}

TEST(SchedulerRow, Row20_TheHigherPriorityGoesFirstThenTheEarlier) {
  SchedulerWorld world(1);
  world.cordon(0);
  PodTemplate low = of_app("low", 3000);
  PodTemplate high = of_app("high", 3000);
  high.priority = 10;
  const Row a = world.create("a", low);
  world.run_for(1s);
  const Row b = world.create("b", high);
  world.run_until(100s);
  world.cordon(0, false);
  EXPECT_EQ(world.node_of(b), "n1");
  EXPECT_EQ(world.node_of(a), "");

  SchedulerWorld equal(1);
  equal.cordon(0);
  const Row first = equal.create("first", low);
  equal.run_for(1s);
  const Row second = equal.create("second", low);
  equal.run_until(100s);
  equal.cordon(0, false);
  EXPECT_EQ(equal.node_of(first), "n1");
  EXPECT_EQ(equal.node_of(second), "");
}

TEST(SchedulerQueue, AnIdleSchedulerTakesPodsOutOfTheirBackOffFrom133On) {
  const auto bound_at = [](std::string_view version) {
    SchedulerWorld world(1, version);
    world.cordon(0);
    const Row pod = world.create("p", 1000);
    world.run_until(300ms);
    world.cordon(0, false);
    world.run_until(10s);
    return world.cluster.pods[pod].bound_at;
  };
  EXPECT_EQ(bound_at("1.32.0"), 1s);
  EXPECT_EQ(bound_at("1.33.0"), 300ms);
}

TEST(SchedulerQueue, AfterAnErrorTheBackOffIsKept) {
  SchedulerWorld world(1, "1.33.0");
  world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Update), 1, 0});
  const Row pod = world.create("p", 1000);
  world.run_until(999ms);
  EXPECT_EQ(world.node_of(pod), "");
  world.run_until(1s);
  EXPECT_EQ(world.node_of(pod), "n1");
}

struct HintCase {
  const char* name;
  const char* version;
  bool woken;  ///< by a change of the cluster that cannot help
  friend std::ostream& operator<<(std::ostream& os, const HintCase& c) { return os << c.name; }
};

class SchedulerHints : public testing::TestWithParam<HintCase> {};

TEST_P(SchedulerHints, ADeletedPodWakesOnlyThoseThatItsPluginSays) {
  // The pod is kept away by the anti-affinity of a pod on n1. From 1.32 on the hint of InterPodAffinity asks
  // whether the pod that went matches the waiting pod's own terms, of which there are none.
  SchedulerWorld world(1, GetParam().version);
  PodTemplate loner = of_app("db");
  loner.pod_anti_affinity = {apart_by("kubernetes.io/hostname", "web")};
  const Row blocks = world.create("db", loner);
  const Row waits = world.create("web", of_app("web"));
  EXPECT_EQ(world.reasons_of(waits), "1 node(s) didn't satisfy existing pods anti-affinity rules");
  world.run_until(20s);
  world.remove_now(blocks);
  world.run_until(250s);
  EXPECT_EQ(world.node_of(waits) == "n1", GetParam().woken);
  world.run_until(331s);
  EXPECT_EQ(world.node_of(waits), "n1") << "the flush finds it";
}

INSTANTIATE_TEST_SUITE_P(Versions, SchedulerHints,
                         testing::Values(HintCase{"by_event", "1.31.0", true},
                                         HintCase{"by_hint", "1.32.0", false}),
                         name_of_case<HintCase>);

TEST(SchedulerQueue, ATaintWakesWhomTheFilterWouldNotLetThroughFrom132On) {
  // NodeResourcesFit does not ask for changed taints; so buildQueueingHintMap asks for it.
  const auto reasons_after_a_taint = [](std::string_view version) {
    SchedulerWorld world(2, version);
    world.occupy(0, 4000);
    world.occupy(1, 4000);
    const Row pod = world.create("p", 3000);
    world.run_until(20s);
    world.taint(0, {"key", "value", "NoSchedule"});
    world.run_until(30s);
    return world.reasons_of(pod);
  };
  EXPECT_EQ(reasons_after_a_taint("1.31.0"), "2 Insufficient cpu");
  EXPECT_EQ(reasons_after_a_taint("1.32.0"),
            "1 Insufficient cpu, 1 node(s) had untolerated taint {key: value}");
}

TEST(SchedulerQueue, WhereRequestsTakeTimeTheNextPodWaitsForTheConditionOfTheOneBefore) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row first = world.create("first", 1000);
  const Row second = world.create("second", 1000);
  world.run_until(100s);
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->profile.set(timing::Key::api_latency, timing::Distribution::fixed(1s));
  world.cluster.settings = std::move(settings);
  world.change_node(0, [&](Node& node) {
    node.unschedulable = false;
    node.taint_set = world.cluster.add_taint_set({{"key", "value", "NoSchedule"}});
  });
  world.run_for(500ms);
  world.change_node(0, [](Node& node) { node.taint_set = 0; });
  world.run_for(10s);
  EXPECT_EQ(world.reasons_of(first), "1 node(s) had untolerated taint {key: value}");
  EXPECT_EQ(world.reasons_of(second), "1 node(s) were unschedulable")
      << "it was tried when the taint was gone";
  EXPECT_EQ(world.node_of(second), "n1");
}

TEST(SchedulerQueue, ANodeThatIsTooSmallWakesNobody) {
  SchedulerWorld world(1);
  world.occupy(0, 4000);
  const Row pod = world.create("p", 3000);
  world.run_until(20s);
  world.add_node("tiny", 1000);
  world.settle();
  EXPECT_EQ(world.reasons_of(pod), "1 Insufficient cpu") << "still of one node: it was not tried again";
  world.add_node("large", 8000);
  world.settle();
  EXPECT_EQ(world.node_of(pod), "large");
}

TEST(SchedulerQueue, ARelabelledPodIsCountedAnew) {
  SchedulerWorld world(1);
  const Row db = world.create("db", of_app("db"));
  PodTemplate loner = of_app("web");
  loner.pod_anti_affinity = {apart_by("kubernetes.io/hostname", "db")};
  const Row waits = world.create("web", loner);
  EXPECT_EQ(world.node_of(waits), "");
  world.run_until(20s);
  Turn turn = world.turn();
  const std::uint32_t labels = world.cluster.add_label_set({{"app", "retired"}});
  update<Pod>(turn, db, {Writer::User}, Verb::Update, [&](Pod& pod) { pod.label_set = labels; });
  world.settle();
  EXPECT_EQ(world.node_of(waits), "n1");
}

}  // namespace
}  // namespace models::kubernetes

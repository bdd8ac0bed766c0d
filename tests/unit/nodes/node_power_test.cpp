#include "models/kubernetes/node_power.h"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>

#include "models/kubernetes/node_shutdown.h"
#include "tests/unit/nodes/node_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

/// A world whose kubelets delay shutdowns.
struct ShutdownWorld : NodeWorld {
  ShutdownWorld(sim::Duration grace, sim::Duration critical) {
    auto settings = std::make_shared<Settings>(*cluster.settings);
    settings->components.shutdown_grace = grace;
    settings->components.shutdown_grace_critical = critical;
    cluster.settings = std::move(settings);
  }
  /// A pod on the first node whose containers take `stop` to end.
  Row add(std::string_view name, const char* priority_class, std::int64_t grace_seconds) {
    PodTemplate pod_template = *cluster.templates[template_id];
    pod_template.priority_class = priority_class;
    pod_template.termination_grace_seconds = grace_seconds;
    const Row row = add_pod(*this, name, cluster.add_template(std::move(pod_template)), node);
    run_for(10s);
    return row;
  }
  [[nodiscard]] std::string told(Row row) const { return story(*this, cluster.pods[row].meta.uid); }
};

void set_stop(TestCluster& world, sim::Duration takes) {
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->profile.set(timing::Key::pod_stop, timing::Distribution::fixed(takes));
  world.cluster.settings = std::move(settings);
}

TEST(NodePower, WhatIsOffCannotBeSwitchedOff) {
  NodeWorld world;
  Turn turn = world.turn();
  EXPECT_TRUE(node_power::power_off(turn, world.node, {Writer::User}));
  EXPECT_FALSE(node_power::power_off(turn, world.node, {Writer::User}));
  EXPECT_FALSE(node_power::shut_down(turn, world.node, {Writer::User}));
  EXPECT_FALSE(node_power::kubelet_returns(turn, world.node, {Writer::User}))
      << "there is no machine to run it";
  EXPECT_TRUE(node_power::power_on(turn, world.node, {Writer::User}));
  EXPECT_FALSE(node_power::power_on(turn, world.node, {Writer::User}));
}

TEST(NodePower, ContainersOfAMachineThatWasOffStartAgain) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(110s);
  world.strike(FaultKind::NodeReturns, world.node);
  world.run_until(1h);
  EXPECT_EQ(world.cluster.pods[world.pod].restarts, 1U);
}

TEST(NodePower, ContainersOfASilentKubeletRunOn) {
  NodeWorld world;
  world.strike(FaultKind::KubeletSilent, world.node);
  world.run_until(200s);
  EXPECT_FALSE(world.cluster.pods[world.pod].ready);
  world.strike(FaultKind::KubeletReturns, world.node);
  EXPECT_TRUE(world.cluster.pods[world.pod].ready) << "the kubelet knows better";
  world.run_until(1h);
  EXPECT_EQ(world.cluster.pods[world.pod].restarts, 0U);
}

TEST(NodePower, APodThatWasDeletedMeanwhileIsStoppedWhenTheKubeletReturns) {
  NodeWorld world;
  world.strike(FaultKind::KubeletSilent, world.node);
  Turn turn = world.turn();
  delete_pod(turn, world.pod, {Writer::User});
  world.run_until(200s);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod));
  world.strike(FaultKind::KubeletReturns, world.node);
  world.run_until(202s);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
}

TEST(NodePower, APodWithRestartPolicyNeverFailsWhenItsMachineReturns) {
  NodeWorld world;
  PodTemplate pod_template = *world.cluster.templates[world.template_id];
  pod_template.restart_policy = RestartPolicy::Never;
  const Row once = add_pod(world, "once", world.cluster.add_template(std::move(pod_template)), world.node);
  world.run_until(110s);
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(120s);
  world.strike(FaultKind::NodeReturns, world.node);
  world.run_until(200s);
  EXPECT_EQ(world.cluster.pods[once].phase, PodPhase::Failed);
}

TEST(NodePower, AMachineWhoseNodeWasDeletedRegistersAnewWithoutCordonAndTaints) {
  NodeWorld world;
  NodeShape shape = world.cluster.shape_of(world.cluster.nodes[world.node]);
  shape.labels = {{"kubernetes.io/arch", "amd64"},
                  {"node-role.kubernetes.io/storage", ""},
                  {"topology.kubernetes.io/zone", "z"}};
  shape.roles = "storage";
  const std::uint32_t id = world.cluster.add_node_shape(std::move(shape));
  world.change_node(world.node, [&](Node& changed) {
    changed.shape = id;
    changed.unschedulable = true;
  });
  world.set_taints({{"mine", "", "NoSchedule"}});
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(200s);
  world.strike(FaultKind::NodeDeleted, world.node);
  world.run_until(210s);
  world.strike(FaultKind::NodeReturns, world.node);
  const Row again = world.cluster.find_node("worker-0");
  ASSERT_NE(again, kNoRow);
  ASSERT_NE(again, world.node);
  const Node& node = world.cluster.nodes[again];
  EXPECT_TRUE(node.ready);
  EXPECT_FALSE(node.unschedulable);
  EXPECT_EQ(world.taints(again), "");
  EXPECT_EQ(world.cluster.shape_of(node).labels,
            (LabelMap{{"kubernetes.io/arch", "amd64"}, {"topology.kubernetes.io/zone", "z"}}));
  EXPECT_EQ(world.cluster.shape_of(node).roles, "");
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod)) << "back within the quarantine";
  EXPECT_EQ(world.cluster.pods[world.pod].node, again);
  EXPECT_TRUE(world.cluster.pods[world.pod].ready);
}

TEST(NodePower, AKubeletWhoseNodeIsDeletedDoesNotRegisterUnlessItIsRestarted) {
  NodeWorld world;
  world.strike(FaultKind::NodeDeleted, world.node);
  world.run_until(1h);
  EXPECT_EQ(world.cluster.find_node("worker-0"), kNoRow);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
  Turn turn = world.turn();
  EXPECT_FALSE(node_power::kubelet_returns(turn, world.node, {Writer::User}, false));
  EXPECT_TRUE(node_power::kubelet_returns(turn, world.node, {Writer::User}, true));
  EXPECT_NE(world.cluster.find_node("worker-0"), kNoRow);
}

// Cases of upstream's nodeshutdown_manager_linux_test.go TestManager.

TEST(NodeShutdown, WithoutAPeriodTheMachineGoesOffAtOnce) {
  NodeWorld world;
  world.strike(FaultKind::NodeShutsDown, world.node);
  EXPECT_FALSE(world.cluster.nodes[world.node].machine_on);
  EXPECT_TRUE(world.cluster.nodes[world.node].ready) << "nobody knows yet";
}

TEST(NodeShutdown, RegularPodsFirstThenCriticalOnes) {
  ShutdownWorld world(60s, 20s);
  const Row critical = world.add("dns", "system-cluster-critical", 30);
  set_stop(world, 5s);
  world.run_until(200s);
  world.strike(FaultKind::NodeShutsDown, world.node);
  EXPECT_FALSE(world.cluster.nodes[world.node].ready);
  EXPECT_FALSE(world.cluster.nodes[world.node].ready_unknown);
  world.run_until(4min);
  EXPECT_EQ(world.told(world.pod), "2s Running ready, 205s Failed unready");
  EXPECT_EQ(world.told(critical), "102s Running ready, 210s Failed unready")
      << "as soon as the others are gone";
  EXPECT_EQ(world.cluster.pods[world.pod].reason, PodReason::Terminated);
  EXPECT_EQ(world.cluster.pods[world.pod].disruption_reason, DisruptionReason::TerminationByKubelet);
  EXPECT_FALSE(world.cluster.nodes[world.node].machine_on);
  EXPECT_EQ(world.last(Field::NodeKubelet, world.node_uid()), 210s);
}

TEST(NodeShutdown, AGroupHasItsPartOfThePeriodAndNoMore) {
  ShutdownWorld world(60s, 20s);
  const Row slow = world.add("slow", "", 300);
  const Row critical = world.add("dns", "system-node-critical", 300);
  set_stop(world, 10min);
  world.run_until(200s);
  world.strike(FaultKind::NodeShutsDown, world.node);
  world.run_until(270s);
  EXPECT_NE(world.told(slow).find("240s Failed"), std::string::npos);
  EXPECT_EQ(world.last(Field::NodeKubelet, world.node_uid()), 260s);
  EXPECT_NE(world.told(critical).find("260s"), std::string::npos);
}

// Source: nodeshutdown_manager.go killPods: the grace period of a pod where that is shorter than its group's.
TEST(NodeShutdown, APodGetsNoMoreThanItsOwnGracePeriod) {
  ShutdownWorld world(60s, 20s);
  const Row brief = world.add("brief", "", 10);
  set_stop(world, 10min);
  world.run_until(200s);
  world.strike(FaultKind::NodeShutsDown, world.node);
  world.run_until(270s);
  EXPECT_NE(world.told(brief).find("210s Failed"), std::string::npos) << world.told(brief);
}

// Source: groupByPriority goes by the number; admission gives it to each pod.
TEST(NodeShutdown, ThePriorityOfAPodSaysItsGroup) {
  ShutdownWorld world(60s, 20s);
  PodTemplate pod_template = *world.cluster.templates[world.template_id];
  pod_template.priority = 2'000'000'000;
  const Row critical =
      add_pod(world, "critical", world.cluster.add_template(std::move(pod_template)), world.node);
  set_stop(world, 5s);
  world.run_until(200s);
  world.strike(FaultKind::NodeShutsDown, world.node);
  world.run_until(4min);
  EXPECT_NE(world.told(critical).find("210s Failed"), std::string::npos) << world.told(critical);
}

TEST(NodeShutdown, AKubeletThatIsSilentDelaysNothing) {
  ShutdownWorld world(60s, 20s);
  world.strike(FaultKind::KubeletSilent, world.node);
  world.run_until(200s);
  world.strike(FaultKind::NodeShutsDown, world.node);
  EXPECT_FALSE(world.cluster.nodes[world.node].machine_on);
}

TEST(NodeShutdown, TheNodeSaysSinceWhenItIsNotReady) {
  ShutdownWorld world(60s, 20s);
  set_stop(world, 5s);
  world.run_until(200s);
  world.strike(FaultKind::NodeShutsDown, world.node);
  EXPECT_EQ(world.cluster.nodes[world.node].ready_changed, 200s);
}

TEST(NodeShutdown, IsOneThoughItsStatusIsLost) {
  ShutdownWorld world(60s, 20s);
  set_stop(world, 30s);
  world.run_until(200s);
  Turn turn = world.turn();
  fail_writes(turn, Kind::Node, Verb::UpdateStatus, 1);
  world.strike(FaultKind::NodeShutsDown, world.node);
  const Row late = add_pod(world, "late", world.template_id, world.node);
  world.run_until(201s);
  EXPECT_EQ(world.cluster.pods[late].reason, PodReason::NodeShutdown) << "the kubelet knows";
}

TEST(NodeShutdown, NewPodsAreRejected) {
  ShutdownWorld world(60s, 20s);
  set_stop(world, 30s);
  world.run_until(200s);
  world.strike(FaultKind::NodeShutsDown, world.node);
  world.run_until(210s);
  const Row late = add_pod(world, "late", world.template_id, world.node);
  world.run_until(211s);
  EXPECT_EQ(world.cluster.pods[late].phase, PodPhase::Failed);
  EXPECT_EQ(world.cluster.pods[late].reason, PodReason::NodeShutdown);
}

TEST(NodeShutdown, PodsThatWereEndedStayFailedWhenTheMachineReturns) {
  ShutdownWorld world(60s, 20s);
  world.run_until(200s);
  world.strike(FaultKind::NodeShutsDown, world.node);
  world.run_until(300s);
  world.strike(FaultKind::NodeReturns, world.node);
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.nodes[world.node].ready);
  EXPECT_FALSE(world.cluster.nodes[world.node].shutting_down);
  EXPECT_EQ(world.cluster.pods[world.pod].phase, PodPhase::Failed);
  EXPECT_EQ(world.taints(), "");
}

struct PeriodCase {
  const char* name;
  sim::Duration grace;
  sim::Duration critical;
  std::int64_t regular_seconds;  // -1: the kubelet does not see to shutdowns
  std::int64_t critical_seconds;
  friend std::ostream& operator<<(std::ostream& os, const PeriodCase& c) { return os << c.name; }
};

// Upstream's Test_migrateConfig.
const PeriodCase kPeriods[] = {
    {"both_periods", 300s, 120s, 180, 120},
    {"no_critical_part", 100s, 0s, 100, 0},
    {"all_of_it_critical", 100s, 100s, 0, 100},
    {"off", 0s, 0s, -1, 0},
    {"a_critical_part_that_is_longer_than_the_whole", 100s, 300s, -1, 0},
};

class ShutdownPeriods : public testing::TestWithParam<PeriodCase> {};

TEST_P(ShutdownPeriods, AreSharedOut) {
  ComponentSettings components;
  components.shutdown_grace = GetParam().grace;
  components.shutdown_grace_critical = GetParam().critical;
  const auto periods = node_shutdown::group_periods(components);
  EXPECT_EQ(periods ? periods->regular_seconds : -1, GetParam().regular_seconds);
  EXPECT_EQ(periods ? periods->critical_seconds : 0, GetParam().critical_seconds);
}

INSTANTIATE_TEST_SUITE_P(NodeShutdown, ShutdownPeriods, testing::ValuesIn(kPeriods),
                         name_of_case<PeriodCase>);

}  // namespace
}  // namespace models::kubernetes

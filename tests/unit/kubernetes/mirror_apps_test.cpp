// Deployments, ReplicaSets, DaemonSets and budgets: what a mirror tells of them is what the simulator told.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/kubernetes/mirror_fixture.h"

namespace models::kubernetes::testing_support {
namespace {

json::Json app(std::string_view kind, std::string_view name, std::string_view spec) {
  return json::Json::parse(fmt::format(
      R"({{"apiVersion":"apps/v1","kind":"{0}","metadata":{{"name":"{1}"}},"spec":{{{2}"selector":{{"matchLabels":{{"app":"{1}"}}}},
          "template":{{"metadata":{{"labels":{{"app":"{1}"}}}},"spec":{{"containers":[{{"name":"main","image":"nginx:1.27",
          "resources":{{"requests":{{"cpu":"10m","memory":"16Mi"}}}}}}]}}}}}}}})",
      kind, name, spec));
}

constexpr const char* kOtherImage =
    R"({"spec":{"template":{"spec":{"containers":[{"name":"main","image":"nginx:1.28",
        "resources":{"requests":{"cpu":"10m","memory":"16Mi"}}}]}}}})";

class MirrorOfApps : public testing::Test {
 protected:
  MirrorOfApps() {
    for (int i = 0; i < 3; ++i) {
      world.simulated.add_node(fmt::format("worker-{}", i));
    }
    world.run_for(10s);  // a pod's start at second 0 reads as none
  }
  void expect_the_same() {
    world.observe_all();
    EXPECT_EQ(world.difference_of_transitions(), "");
    EXPECT_EQ(world.difference_of_objects(), "");
    EXPECT_TRUE(world.mirror.notes().errors().empty());
  }
  MirroredCluster world;
};

TEST_F(MirrorOfApps, TellsADeploymentThatRollsOut) {
  world.apply(app("Deployment", "web", R"("replicas":4,)"));
  world.run_for(60s);
  world.patch(Kind::Deployment, "web", kOtherImage);
  world.run_for(120s);
  expect_the_same();
  const Cluster& cluster = world.mirrored.cluster;
  EXPECT_EQ(cluster.deployments[0].status.updated_replicas, 4);
  EXPECT_EQ(cluster.deployments[0].revision, 2);
  EXPECT_EQ(cluster.replicasets[0].owner.kind, Kind::Deployment);
  EXPECT_EQ(cluster.replicasets[1].pod_counts, world.simulated.cluster.replicasets[1].pod_counts);
}

TEST_F(MirrorOfApps, TellsADeploymentThatIsPausedScaledAndDeleted) {
  world.apply(app("Deployment", "web", R"("replicas":2,)"));
  world.run_for(60s);
  world.patch(Kind::Deployment, "web", R"({"spec":{"paused":true,"replicas":3}})");
  world.run_for(60s);
  world.act([&](Turn& turn) { delete_deployment(turn, 0, {Writer::User}, Propagation::Foreground); });
  world.run_for(120s);
  expect_the_same();
  EXPECT_EQ(world.mirrored.cluster.deployments.size(), 0U);
  EXPECT_EQ(world.mirrored.cluster.replicasets.size(), 0U);
}

TEST_F(MirrorOfApps, TellsAReplicaSetWithoutADeployment) {
  world.apply(app("ReplicaSet", "web", R"("replicas":3,)"));
  world.run_for(60s);
  world.patch(Kind::ReplicaSet, "web", R"({"spec":{"replicas":1}})");
  world.run_for(60s);
  expect_the_same();
  EXPECT_EQ(world.mirrored.cluster.replicasets[0].status.ready_replicas, 1);
}

TEST_F(MirrorOfApps, TellsADaemonSetThatRollsOut) {
  world.apply(app("DaemonSet", "agent", ""));
  world.run_for(60s);
  world.patch(Kind::DaemonSet, "agent", kOtherImage);
  world.run_for(180s);
  expect_the_same();
  EXPECT_EQ(world.mirrored.cluster.daemonsets[0].status.updated, 3);
  EXPECT_EQ(world.mirrored.cluster.daemonsets[0].template_generation, 2U);
}

TEST_F(MirrorOfApps, TellsABudgetThatFollowsItsPods) {
  world.apply(app("Deployment", "web", R"("replicas":3,)"));
  world.apply(
      json::Json::parse(R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},
      "spec":{"minAvailable":2,"selector":{"matchLabels":{"app":"web"}}}})"));
  world.run_for(60s);
  world.patch(Kind::Deployment, "web", R"({"spec":{"replicas":2}})");
  world.run_for(60s);
  world.patch(Kind::PodDisruptionBudget, "web", R"({"spec":{"minAvailable":1}})");
  world.run_for(60s);
  world.act([](Turn& turn) { delete_budget(turn, 0, {Writer::User}); });
  expect_the_same();
}

TEST_F(MirrorOfApps, LinksWhatComesBeforeItsOwner) {
  world.apply(app("Deployment", "web", R"("replicas":2,)"));
  world.run_for(60s);
  // Each kind by its own watch: pods first, the Deployment last.
  std::vector<Observation> late;
  for (const Kind kind : {Kind::Pod, Kind::ReplicaSet, Kind::Deployment}) {
    for (const Observation& one : world.observations) {
      if (one.kind == kind) {
        late.push_back(one);
      }
    }
  }
  std::stable_partition(world.observations.begin(), world.observations.end(),
                        [](const Observation& one) { return one.kind == Kind::Node; });
  std::erase_if(world.observations, [](const Observation& one) { return one.kind != Kind::Node; });
  world.observations.insert(world.observations.end(), late.begin(), late.end());
  world.observe_all();
  const Cluster& cluster = world.mirrored.cluster;
  EXPECT_EQ(cluster.replicasets[0].owner, (OwnerRef{Kind::Deployment, 0, cluster.deployments[0].meta.uid}));
  EXPECT_EQ(cluster.pods[0].owner, (OwnerRef{Kind::ReplicaSet, 0, cluster.replicasets[0].meta.uid}));
  EXPECT_EQ(cluster.replicasets[0].pod_counts, world.simulated.cluster.replicasets[0].pod_counts);
  EXPECT_EQ(world.difference_of_objects(), "");
}

}  // namespace
}  // namespace models::kubernetes::testing_support

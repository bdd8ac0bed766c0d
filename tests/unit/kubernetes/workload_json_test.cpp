// Deployments, ReplicaSets and DaemonSets as people write and read them: manifests, refusals, tables,
// snapshots. Refusals are those of pkg/apis/apps/validation/validation_test.go.

#include <gtest/gtest.h>

#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/json/snapshot.h"
#include "models/kubernetes/object_writes.h"
#include "models/kubernetes/printers.h"
#include "tests/unit/kubernetes/workload_fixture.h"

namespace models::kubernetes::testing_support {
namespace {

using json::Json;

constexpr const char* kDeployment = R"({"apiVersion":"apps/v1","kind":"Deployment",
    "metadata":{"name":"web","annotations":{"kubernetes.io/change-cause":"first"}},
    "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},
      "template":{"metadata":{"labels":{"app":"web"}},
        "spec":{"containers":[{"name":"c","image":"web:1"}]}}}})";
constexpr const char* kDaemonSet = R"({"apiVersion":"apps/v1","kind":"DaemonSet",
    "metadata":{"name":"agent"},
    "spec":{"selector":{"matchLabels":{"app":"agent"}},
      "template":{"metadata":{"labels":{"app":"agent"}},
        "spec":{"nodeSelector":{"disk":"ssd"},"containers":[{"name":"c","image":"agent:1"}]}}}})";

class WorkloadJson : public ClusterTest {
 protected:
  WorkloadJson() {
    world.use_whole_model();
    world.add_node("n1", 4000, 16 * kGibibyte, {{"disk", "ssd"}});
    world.add_node("n2");
  }
  ApiError create(const Json& manifest) {
    Turn turn = world.turn();
    ApiError error;
    WriteNotes notes;
    create_object(turn, manifest, "default", {Writer::User}, error, notes);
    EXPECT_TRUE(notes.unmodelled.empty());
    return error;
  }
  ApiError patch(Kind kind, Row row, const char* text) {
    Turn turn = world.turn();
    ApiError error;
    WriteNotes notes;
    patch_object(turn, kind, row, Json::parse(text), {Writer::User}, error, notes);
    return error;
  }
  Json printed(Kind kind, Row row) const { return json::to_json(world.cluster, kind, row, 0); }
};

TEST_F(WorkloadJson, ADeploymentGetsUpstreamsDefaults) {
  ASSERT_FALSE(create(Json::parse(kDeployment)));
  const Json object = printed(Kind::Deployment, world.cluster.find_deployment("default", "web"));
  EXPECT_EQ(object["spec"]["strategy"].dump(),
            R"({"rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"},"type":"RollingUpdate"})");
  EXPECT_EQ(object["spec"]["progressDeadlineSeconds"], 600);
  EXPECT_EQ(object["spec"]["revisionHistoryLimit"], 10);
  EXPECT_EQ(object["spec"]["template"]["spec"]["restartPolicy"], "Always");
}

TEST_F(WorkloadJson, ADaemonSetGetsUpstreamsDefaults) {
  ASSERT_FALSE(create(Json::parse(kDaemonSet)));
  const Json object = printed(Kind::DaemonSet, world.cluster.find_daemonset("default", "agent"));
  EXPECT_EQ(object["spec"]["updateStrategy"].dump(),
            R"({"rollingUpdate":{"maxSurge":0,"maxUnavailable":1},"type":"RollingUpdate"})");
  EXPECT_EQ(object["metadata"]["annotations"]["deprecated.daemonset.template.generation"], "1");
}

TEST_F(WorkloadJson, TheReplicaSetHasTheAnnotationsOfItsDeployment) {
  ASSERT_FALSE(create(Json::parse(kDeployment)));
  world.run_for(2min);
  const Json object = printed(Kind::ReplicaSet, 0);
  EXPECT_EQ(object["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"], "2");
  EXPECT_EQ(object["metadata"]["annotations"]["deployment.kubernetes.io/max-replicas"], "3");
  EXPECT_EQ(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
  EXPECT_EQ(object["metadata"]["annotations"]["kubernetes.io/change-cause"], "first");
  EXPECT_EQ(object["metadata"]["ownerReferences"][0]["name"], "web");
  const Json hash = object["metadata"]["labels"]["pod-template-hash"];
  EXPECT_EQ(object["spec"]["selector"]["matchLabels"]["pod-template-hash"], hash);
  EXPECT_EQ(object["spec"]["template"]["metadata"]["labels"]["pod-template-hash"], hash);
  EXPECT_EQ(object["metadata"]["name"], "web-" + hash.get<std::string>());
}

TEST_F(WorkloadJson, TablesHaveUpstreamsColumns) {
  ASSERT_FALSE(create(Json::parse(kDeployment)));
  ASSERT_FALSE(create(Json::parse(kDaemonSet)));
  world.run_for(2min);
  const auto table = [&](Kind kind) {
    const std::vector<Row> rows{0};
    return table_for(world.cluster, kind, rows, true, world.now());
  };
  const Table deployments = table(Kind::Deployment);
  EXPECT_EQ(deployments.columns, (std::vector<std::string>{"NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE",
                                                           "CONTAINERS", "IMAGES", "SELECTOR"}));
  EXPECT_EQ(deployments.rows[0],
            (std::vector<std::string>{"web", "2/2", "2", "2", "2m", "c", "web:1", "app=web"}));
  EXPECT_EQ(table(Kind::ReplicaSet).columns[1], "DESIRED");
  EXPECT_EQ(table(Kind::ReplicaSet).rows[0][3], "2");
  const Table daemons = table(Kind::DaemonSet);
  EXPECT_EQ(daemons.columns[6], "NODE SELECTOR");
  EXPECT_EQ(daemons.rows[0], (std::vector<std::string>{"agent", "1", "1", "1", "1", "1", "disk=ssd", "2m",
                                                       "c", "agent:1", "app=agent"}));
}

TEST_F(WorkloadJson, AChangedImageRollsOut) {
  ASSERT_FALSE(create(Json::parse(kDeployment)));
  ASSERT_FALSE(create(Json::parse(kDaemonSet)));
  world.run_for(2min);
  const Row web = world.cluster.find_deployment("default", "web");
  const Row agent = world.cluster.find_daemonset("default", "agent");
  ASSERT_FALSE(patch(Kind::Deployment, web,
                     R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"web:2"}]}}}})"));
  ASSERT_FALSE(patch(Kind::DaemonSet, agent,
                     R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"agent:2"}]}}}})"));
  world.run_for(5min);
  EXPECT_EQ(world.cluster.deployments[web].revision, 2);
  EXPECT_EQ(world.cluster.deployments[web].status.updated_replicas, 2);
  EXPECT_EQ(world.cluster.daemonsets[agent].template_generation, 2U);
  EXPECT_EQ(world.cluster.daemonsets[agent].status.updated, 1);
  // A change of the annotations alone is no roll-out.
  ASSERT_FALSE(patch(Kind::Deployment, web, R"({"metadata":{"annotations":{"note":"x"}}})"));
  world.run_for(1min);
  EXPECT_EQ(world.cluster.deployments[web].revision, 2);
}

TEST_F(WorkloadJson, TheScaleSubresourceSetsReplicas) {
  ASSERT_FALSE(create(Json::parse(kDeployment)));
  Turn turn = world.turn();
  ApiError error;
  scale_object(turn, Kind::Deployment, 0, 5, {Writer::User}, error);
  EXPECT_FALSE(error);
  EXPECT_EQ(world.cluster.deployments[0].spec.replicas, 5);
  EXPECT_EQ(world.cluster.deployments[0].meta.generation, 2U);
}

struct RefusalCase {
  const char* name;
  const char* object;
  const char* patch;  ///< merged into the manifest
  const char* cause;
  friend std::ostream& operator<<(std::ostream& out, const RefusalCase& c) { return out << c.name; }
};

const RefusalCase kRefusals[] = {
    {"negative_replicas", kDeployment, R"({"spec":{"replicas":-1}})",
     "spec.replicas: Invalid value: -1: must be greater than or equal to 0"},
    {"both_zero", kDeployment, R"({"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}}})",
     "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"},
    {"more_than_all", kDeployment, R"({"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":"110%"}}}})",
     "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"110%\": must not be greater than 100%"},
    {"recreate_with_rolling_update", kDeployment,
     R"({"spec":{"strategy":{"type":"Recreate","rollingUpdate":{"maxSurge":1}}}})",
     "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"},
    {"deadline_within_min_ready", kDeployment, R"({"spec":{"minReadySeconds":600}})",
     "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds"},
    {"never_restarts", kDeployment, R"({"spec":{"template":{"spec":{"restartPolicy":"Never"}}}})",
     "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""},
    {"surge_beside_unavailable", kDaemonSet,
     R"({"spec":{"updateStrategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":1}}}})",
     "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is "
     "non-zero"},
    {"neither_surge_nor_unavailable", kDaemonSet,
     R"({"spec":{"updateStrategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}}})",
     "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"},
};

class Refusals : public WorkloadJson, public testing::WithParamInterface<RefusalCase> {};

TEST_P(Refusals, SayWhatUpstreamSays) {
  Json manifest = Json::parse(GetParam().object);
  manifest.merge_patch(Json::parse(GetParam().patch));
  const ApiError error = create(manifest);
  ASSERT_EQ(error.causes.size(), 1U);
  EXPECT_EQ(error.causes[0].text(), GetParam().cause);
}

INSTANTIATE_TEST_SUITE_P(Cases, Refusals, testing::ValuesIn(kRefusals),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST_F(WorkloadJson, TheSelectorStays) {
  ASSERT_FALSE(create(Json::parse(kDeployment)));
  const ApiError error = patch(Kind::Deployment, 0,
                               R"({"spec":{"selector":{"matchLabels":{"tier":"x"}},
                "template":{"metadata":{"labels":{"tier":"x"}}}}})");
  ASSERT_FALSE(error.causes.empty());
  EXPECT_EQ(error.causes.back().field, "spec.selector");
  EXPECT_EQ(error.causes.back().detail, "field is immutable");
}

// What a snapshot of the cluster holds goes on as it was: no pod is replaced.
TEST_F(WorkloadJson, ASnapshotGoesOnAsItWas) {
  ASSERT_FALSE(create(Json::parse(kDeployment)));
  ASSERT_FALSE(create(Json::parse(kDaemonSet)));
  world.run_for(2min);
  TestCluster copy;
  copy.use_whole_model();
  json::SnapshotLinker linker(0);
  const auto take = [&](Kind kind, const auto& store) {
    for (Row row = 0; row < store.extent(); ++row) {
      if (store.exists(row)) {
        linker.add(json::to_json(world.cluster, kind, row, 0));
      }
    }
  };
  take(Kind::Node, world.cluster.nodes);
  take(Kind::Deployment, world.cluster.deployments);
  take(Kind::ReplicaSet, world.cluster.replicasets);
  take(Kind::DaemonSet, world.cluster.daemonsets);
  take(Kind::ControllerRevision, world.cluster.revisions);
  take(Kind::Pod, world.cluster.pods);
  copy.agenda.now = world.now();
  Turn turn = copy.turn();
  const json::SnapshotResult result = linker.finish(turn);
  EXPECT_TRUE(result.errors.empty());
  EXPECT_TRUE(result.other_kinds.empty());
  std::vector<std::string> before;
  for (const Row pod : copy.pods()) {
    before.push_back(copy.cluster.name_of(copy.cluster.pods[pod]));
  }
  EXPECT_EQ(before.size(), 3U);
  copy.run_for(5min);
  std::vector<std::string> after;
  for (const Row pod : copy.pods()) {
    after.push_back(copy.cluster.name_of(copy.cluster.pods[pod]));
  }
  EXPECT_EQ(after, before);
  EXPECT_EQ(copy.cluster.deployments[0].revision, 1);
  EXPECT_EQ(copy.cluster.replicasets.size(), 1U);
  EXPECT_EQ(copy.cluster.daemonsets[0].status.available, 1);
}

}  // namespace
}  // namespace models::kubernetes::testing_support

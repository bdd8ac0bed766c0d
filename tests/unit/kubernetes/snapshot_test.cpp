// A cluster read from what `kubectl get … -o json` printed.

#include "models/kubernetes/json/snapshot.h"

#include <gtest/gtest.h>

#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/printers.h"
#include "tests/unit/kubernetes/cluster_fixture.h"
#include "tests/unit/kubernetes/manifests.h"

namespace models::kubernetes {
namespace {

using namespace std::chrono_literals;
using testing_support::job_manifest;
using testing_support::Json;
using testing_support::statefulset_manifest;
using testing_support::TestCluster;

constexpr json::UnixSeconds kEpoch = 1709294400;  // 2024-03-01T12:00:00Z

Json node(const char* name) {
  return testing_support::patched(Json::parse(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"?"},
      "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},
                "conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2024-03-01T11:00:00Z"}]}})"),
                                  std::string(R"({"metadata":{"name":")") + name + "\"}}");
}

Json web_set() {
  return statefulset_manifest(
      R"({"metadata":{"uid":"set-uid","generation":3,"creationTimestamp":"2024-03-01T10:00:00Z"},
      "spec":{"volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],
        "resources":{"requests":{"storage":"1Gi"}}}}]},
      "status":{"replicas":2,"readyReplicas":1,"currentReplicas":1,"updatedReplicas":1,"observedGeneration":3,
                "currentRevision":"web-old","updateRevision":"web-new"}})");
}

Json web_pod(int ordinal, const char* revision, const char* image) {
  const std::string name = "web-" + std::to_string(ordinal);
  Json pod = Json::parse(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"namespace":"default","creationTimestamp":"2024-03-01T11:00:00Z",
      "ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"web","uid":"set-uid","controller":true}]},
    "spec":{"nodeName":"worker-0","hostname":"x","restartPolicy":"Always","terminationGracePeriodSeconds":30,
      "containers":[{"name":"nginx","image":"?","resources":{"requests":{"cpu":"500m","memory":"1Gi"}},
                     "volumeMounts":[{"name":"kube-api-access-x7f2k","mountPath":"/var/run/secrets"}]}],
      "volumes":[{"name":"kube-api-access-x7f2k","projected":{}}]},
    "status":{"phase":"Running","startTime":"2024-03-01T11:00:01Z",
      "conditions":[{"type":"Initialized","status":"True"},
                    {"type":"Ready","status":"True","lastTransitionTime":"2024-03-01T11:00:30Z"},
                    {"type":"PodScheduled","status":"True","lastTransitionTime":"2024-03-01T11:00:00Z"}],
      "containerStatuses":[{"name":"nginx","ready":true,"restartCount":2,"image":"nginx","imageID":"",
        "state":{"running":{"startedAt":"2024-03-01T11:50:00Z"}},
        "lastState":{"terminated":{"exitCode":1,"finishedAt":"2024-03-01T11:49:00Z"}}}]}})");
  pod["metadata"]["name"] = name;
  pod["metadata"]["uid"] = "uid-" + name;
  pod["metadata"]["labels"] = {{"app", "web"},
                               {"controller-revision-hash", revision},
                               {"statefulset.kubernetes.io/pod-name", name},
                               {"apps.kubernetes.io/pod-index", std::to_string(ordinal)}};
  pod["spec"]["containers"][0]["image"] = image;
  return pod;
}

class Snapshot : public testing::Test {
 protected:
  TestCluster world{"1.34.0"};
  json::SnapshotLinker linker{kEpoch};

  json::SnapshotResult finish() {
    Turn turn = world.turn();
    return linker.finish(turn);
  }
  const Pod& pod(const char* name) { return world.cluster.pods[world.pod(name)]; }
};

TEST_F(Snapshot, LinksPodsWithOwnersAndNodesWhateverTheOrder) {
  // Pods first: a List is sorted by kind as the person asked for it.
  Json list{{"kind", "List"}};
  list["items"].push_back(web_pod(0, "web-old", "nginx:1.24"));
  list["items"].push_back(web_pod(1, "web-new", "nginx:1.25"));
  linker.add(std::move(list));
  linker.add(web_set());
  linker.add(node("worker-0"));
  const json::SnapshotResult result = finish();
  EXPECT_TRUE(result.errors.empty());
  EXPECT_TRUE(result.warnings.empty()) << result.warnings[0].field;
  EXPECT_EQ(result.objects, 4U);

  const Row set_row = world.cluster.find_statefulset("default", "web");
  const StatefulSet& set = world.cluster.statefulsets[set_row];
  EXPECT_EQ(set.meta.generation, 3U);
  EXPECT_EQ(set.meta.created, -2h);
  EXPECT_EQ(set.status.observed_generation, 3U);
  const Pod& first = pod("web-0");
  EXPECT_EQ(first.owner, (OwnerRef{Kind::StatefulSet, set_row, set.meta.uid}));
  EXPECT_EQ(first.index, 0);
  EXPECT_EQ(first.node, world.cluster.find_node("worker-0"));
  EXPECT_EQ(first.phase, PodPhase::Running);
  EXPECT_TRUE(first.ready);
  EXPECT_EQ(first.ready_changed, -(59min + 30s));
  EXPECT_EQ(first.meta.created, -1h);
  EXPECT_EQ(first.restarts, 2U);
  EXPECT_EQ(world.cluster.containers[first.containers].state, ContainerState::Running);
  EXPECT_EQ(first.label_set, 0U);
  // Both pods are in the set's list.
  EXPECT_NE(set.pods_head, kNoRow);
  EXPECT_NE(world.cluster.pods[set.pods_head].owner_next, kNoRow);
  EXPECT_EQ(cells_of(world.cluster, Kind::Pod, world.pod("web-0"), false, sim::Time{}),
            (std::vector<std::string>{"web-0", "1/1", "Running", "2 (11m ago)", "60m"}));
}

TEST_F(Snapshot, MakesRevisionsFromStatusAndPods) {
  linker.add(web_pod(0, "web-old", "nginx:1.24"));
  linker.add(web_pod(1, "web-new", "nginx:1.25"));
  linker.add(web_set());
  linker.add(node("worker-0"));
  finish();
  const Row old_row = json::find_object(world.cluster, Kind::ControllerRevision, "default", "web-old");
  const Row new_row = json::find_object(world.cluster, Kind::ControllerRevision, "default", "web-new");
  ASSERT_NE(old_row, kNoRow);
  ASSERT_NE(new_row, kNoRow);
  const StatefulSet& set = world.cluster.statefulsets[world.cluster.find_statefulset("default", "web")];
  EXPECT_EQ(world.cluster.revisions[new_row].pod_template, set.spec.pod_template);
  EXPECT_EQ(pod("web-1").pod_template, set.spec.pod_template);
  EXPECT_EQ(world.cluster.revisions[old_row].pod_template, pod("web-0").pod_template);
  EXPECT_NE(pod("web-0").pod_template, set.spec.pod_template);
  EXPECT_LT(world.cluster.revisions[old_row].revision, world.cluster.revisions[new_row].revision);
}

TEST_F(Snapshot, TakesRevisionsThatItHolds) {
  linker.add(web_set());
  Json revision = Json::parse(R"({"apiVersion":"apps/v1","kind":"ControllerRevision","revision":5,
      "metadata":{"name":"web-old","namespace":"default",
        "ownerReferences":[{"kind":"StatefulSet","name":"web","uid":"set-uid","controller":true}]},
      "data":{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"web"}},
        "spec":{"containers":[{"name":"nginx","image":"nginx:1.20"}]}}}}})");
  linker.add(revision);
  linker.add(web_pod(0, "web-old", "nginx:1.20"));
  linker.add(node("worker-0"));
  finish();
  const Row row = json::find_object(world.cluster, Kind::ControllerRevision, "default", "web-old");
  ASSERT_NE(row, kNoRow);
  EXPECT_EQ(world.cluster.revisions[row].revision, 5);
  EXPECT_EQ(pod("web-0").pod_template, world.cluster.revisions[row].pod_template);
}

TEST_F(Snapshot, LinksClaimsWithSetAndPod) {
  linker.add(web_set());
  linker.add(web_pod(1, "web-new", "nginx:1.25"));
  linker.add(Json::parse(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim",
      "metadata":{"name":"data-web-1","namespace":"default","finalizers":["kubernetes.io/pvc-protection"],
        "ownerReferences":[{"kind":"Pod","name":"web-1","uid":"uid-web-1"}]},
      "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"volumeName":"pv-9"},
      "status":{"phase":"Bound"}})"));
  linker.add(node("worker-0"));
  finish();
  const PersistentVolumeClaim& claim =
      world.cluster.claims[world.cluster.find_claim("default", "data-web-1")];
  EXPECT_EQ(claim.ordinal, 1);
  EXPECT_EQ(world.cluster.strings[claim.set_name], "web");
  EXPECT_EQ(claim.owner_pod, pod("web-1").meta.uid);
  EXPECT_EQ(claim.phase, ClaimPhase::Bound);
  EXPECT_TRUE(claim.protection);
}

TEST_F(Snapshot, ReadsIndexedJobsWithAnnotationsAndUncountedPods) {
  linker.add(job_manifest(R"({"metadata":{"uid":"job-uid","creationTimestamp":"2024-03-01T11:59:00Z"},
      "spec":{"backoffLimitPerIndex":1,"selector":{"matchLabels":{"batch.kubernetes.io/controller-uid":"job-uid"}}},
      "status":{"active":1,"failed":0,"startTime":"2024-03-01T11:59:00Z","completedIndexes":"0,1",
                "uncountedTerminatedPods":{"failed":["pod-uid"]},
                "conditions":[{"type":"Suspended","status":"False","lastTransitionTime":"2024-03-01T11:59:00Z"}]}})"));
  linker.add(
      Json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"pi-2-bcd24","namespace":"default",
      "uid":"pod-uid","finalizers":["batch.kubernetes.io/job-tracking"],
      "annotations":{"batch.kubernetes.io/job-completion-index":"2","batch.kubernetes.io/job-index-failure-count":"1"},
      "labels":{"app":"pi","job-name":"pi","controller-uid":"job-uid","batch.kubernetes.io/job-completion-index":"2"},
      "ownerReferences":[{"kind":"Job","name":"pi","uid":"job-uid","controller":true}]},
      "spec":{"containers":[{"name":"pi","image":"perl:5.34"}]},
      "status":{"phase":"Failed","containerStatuses":[{"name":"pi","restartCount":0,"ready":false,
        "state":{"terminated":{"exitCode":3,"reason":"Error","finishedAt":"2024-03-01T11:59:30Z"}}}]}})"));
  const json::SnapshotResult result = finish();
  EXPECT_TRUE(result.errors.empty());
  const Row row = world.pod("pi-2-bcd24");
  ASSERT_NE(row, kNoRow);
  const Pod& object = world.cluster.pods[row];
  EXPECT_EQ(object.meta.name, 0U);  // derived from the Job's name
  EXPECT_EQ(object.index, 2);
  EXPECT_EQ(object.failure_count, 1);
  EXPECT_TRUE(object.job_tracking);
  EXPECT_EQ(object.finished_at, -30s);
  EXPECT_EQ(world.cluster.containers[object.containers].exit_code, 3);
  const Job& job = world.cluster.jobs[world.cluster.find_job("default", "pi")];
  EXPECT_EQ(job.spec.selector, nullptr);
  EXPECT_EQ(job.status.completed_indexes.to_text(), "0,1");
  EXPECT_EQ(job.status.uncounted_failed, (std::vector<Uid>{object.meta.uid}));
  EXPECT_EQ(job.status.start_time, -60s);
  EXPECT_TRUE(job.status.condition(JobConditionType::Suspended).present);
}

TEST_F(Snapshot, KeepsPodsThatAreBeingDeleted) {
  linker.add(web_set());
  Json deleted = web_pod(1, "web-new", "nginx:1.25");
  deleted["metadata"]["deletionTimestamp"] = "2024-03-01T12:00:20Z";
  deleted["metadata"]["deletionGracePeriodSeconds"] = 30;
  deleted["metadata"]["finalizers"].push_back("example.com/x");
  linker.add(deleted);
  linker.add(node("worker-0"));
  finish();
  EXPECT_EQ(pod("web-1").meta.deletion_timestamp, 20s);
  EXPECT_EQ(pod("web-1").grace_seconds, 30);
  EXPECT_TRUE(pod("web-1").foreign_finalizer);
}

TEST_F(Snapshot, TellsEqualNotesOnceAndCountsThem) {
  linker.add(web_set());
  for (int i = 0; i < 3; ++i) {
    Json spread = web_pod(i, "web-old", "nginx:1.24");
    spread["spec"]["readinessGates"].push_back({{"conditionType", "x"}});
    linker.add(spread);
  }
  linker.add(node("worker-0"));
  const json::SnapshotResult result = finish();
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_EQ(result.warnings[0], (json::SnapshotNote{"Pod", "default/web-0", "spec.readinessGates",
                                                    "readinessGates is not modelled", 3}));
}

TEST_F(Snapshot, CountsKindsThatAreNotModelledAndHandsOutCustomResources) {
  linker.add(
      Json::parse(R"({"kind":"ServiceList","items":[{"metadata":{"name":"d"}},{"metadata":{"name":"e"}}]})"));
  linker.add(Json::parse(
      R"({"apiVersion":"flux-framework.org/v1alpha2","kind":"MiniCluster","metadata":{"name":"m"}})"));
  const json::SnapshotResult result = finish();
  EXPECT_EQ(result.other_kinds, (std::map<std::string, std::size_t>{{"Service", 2}}));
  EXPECT_EQ(result.custom_resources.size(), 1U);
}

TEST_F(Snapshot, ReportsForeignOwners) {
  linker.add(job_manifest(
      R"({"metadata":{"ownerReferences":[{"kind":"MiniCluster","name":"m","uid":"m-uid","controller":true}]}})"));
  const json::SnapshotResult result = finish();
  ASSERT_EQ(result.foreign_owners.size(), 1U);
  EXPECT_EQ(result.foreign_owners[0].owner_name, "m");
  EXPECT_EQ(result.foreign_owners[0].kind, Kind::Job);
}

TEST_F(Snapshot, ReportsDuplicatesNamelessObjectsAndWrongTypes) {
  linker.add(node("worker-0"));
  linker.add(node("worker-0"));
  linker.add(Json::parse(R"({"kind":"Pod"})"));
  linker.add(Json::parse("[1,2]"));
  linker.add(statefulset_manifest(R"({"spec":{"replicas":"three"}})"));
  const json::SnapshotResult result = finish();
  ASSERT_EQ(result.errors.size(), 3U);
  EXPECT_EQ(result.errors[0].text, "an object without a name");
  EXPECT_EQ(result.errors[2].field, "spec.replicas");
  ASSERT_FALSE(result.warnings.empty());
  EXPECT_EQ(result.warnings[0].text, "the object is there more than once: the first is taken");
  EXPECT_EQ(result.objects, 1U);
}

TEST_F(Snapshot, PodsOfOneUnmodelledWorkloadShareATemplate) {
  linker.add(node("worker-0"));
  for (int i = 0; i < 4; ++i) {
    Json daemon = Json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"kube-system",
        "labels":{"app":"proxy"},"ownerReferences":[{"kind":"DaemonSet","name":"proxy","uid":"d","controller":true}]},
        "spec":{"nodeName":"worker-0","containers":[{"name":"c","image":"i:1"}],
          "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
            {"matchFields":[{"key":"metadata.name","operator":"In","values":["?"]}]}]}}}},
        "status":{"phase":"Running"}})");
    daemon["metadata"]["name"] = "proxy-" + std::to_string(i);
    daemon["metadata"]["annotations"]["cni"] = std::to_string(i);
    daemon["spec"]["volumes"].push_back({{"name", "kube-api-access-" + std::to_string(i)}});
    daemon["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
          ["nodeSelectorTerms"][0]["matchFields"][0]["values"][0] = "worker-" + std::to_string(i);
    linker.add(daemon);
  }
  finish();
  EXPECT_EQ(world.cluster.pods.size(), 4U);
  EXPECT_EQ(world.cluster.templates.size(), 1U);
  EXPECT_EQ(world.cluster.pods[0].owner.kind, Kind::Other);
}

TEST(SnapshotTime, IsTheLatestThatAnObjectMentions) {
  const Json list = Json::parse(R"({"items":[{"metadata":{"creationTimestamp":"2024-03-01T10:00:00Z",
      "annotations":{"until":"2030-01-01T00:00:00Z"},"deletionTimestamp":"2025-01-01T00:00:00Z"},
      "status":{"conditions":[{"lastHeartbeatTime":"2024-03-01T12:00:00Z"}]}}]})");
  EXPECT_EQ(json::latest_time(list), kEpoch);
  EXPECT_EQ(json::latest_time(Json::object()), 0);
}

}  // namespace
}  // namespace models::kubernetes

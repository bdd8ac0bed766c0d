// Snapshots whose objects are missing, contradict each other or are half deleted: they load, and the loader
// says what it made of them.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/kubernetes/json/snapshot.h"
#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes {
namespace {

using json::Json;
using testing_support::TestCluster;

constexpr json::UnixSeconds kEpoch = 1709294400;  // 2024-03-01T12:00:00Z

const char* const kNode = R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"worker-0","uid":"n0"},
  "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True"}]}})";
const char* const kSet = R"({"apiVersion":"apps/v1","kind":"StatefulSet",
  "metadata":{"name":"web","namespace":"default","uid":"set"},
  "spec":{"replicas":1,"serviceName":"web","selector":{"matchLabels":{"app":"web"}},
    "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}})";
const char* const kPod = R"({"apiVersion":"v1","kind":"Pod",
  "metadata":{"name":"web-0","namespace":"default","uid":"pod","labels":{"app":"web"},
    "ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"web","uid":"set","controller":true}]},
  "spec":{"nodeName":"worker-0","containers":[{"name":"c","image":"i:1"}]},
  "status":{"phase":"Running","containerStatuses":[{"name":"c","ready":true,"restartCount":0,
    "state":{"running":{"startedAt":"2024-03-01T11:00:00Z"}}}]}})";
const char* const kClaim = R"({"apiVersion":"v1","kind":"PersistentVolumeClaim",
  "metadata":{"name":"data","namespace":"default","uid":"claim","finalizers":["kubernetes.io/pvc-protection"]},
  "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}},
  "status":{"phase":"Bound"}})";

struct Survivor {
  const char* name;
  std::vector<const char*> objects;
  const char* patch;    ///< merge patch of the last object
  const char* warning;  ///< what is said of it
  std::size_t created;  ///< objects that are there afterwards
  friend std::ostream& operator<<(std::ostream& os, const Survivor& row) { return os << row.name; }
};

const Survivor kSurvivors[] = {
    {"PodOnANodeThatIsNotThere",
     {kSet, kPod},
     "{}",
     "node worker-0 is not in the snapshot: the pod is taken as not bound yet",
     2},
    {"PodWhoseControllerIsGone",
     {kNode, kPod},
     "{}",
     "StatefulSet web is not in the snapshot: the pod stays, and nobody replaces it",
     2},
    {"PodWithTwoControllers",
     {kNode, kSet, kPod},
     R"({"metadata":{"ownerReferences":[{"kind":"StatefulSet","name":"web","uid":"set","controller":true},
         {"kind":"Job","name":"pi","uid":"job","controller":true}]}})",
     "more than one reference is the controller's: the first is taken",
     3},
    {"WorkloadThatIsDeletedAndHeldByNothing",
     {kNode, kSet},
     R"({"metadata":{"deletionTimestamp":"2024-03-01T11:59:00Z"}})",
     "its deletion was requested and nothing holds it: it is taken as gone",
     1},
    {"PodThatIsDeletedAndWasNeverBound",
     {kNode, kSet, kPod},
     R"({"metadata":{"deletionTimestamp":"2024-03-01T11:59:00Z"},"spec":{"nodeName":null}})",
     "its deletion was requested and nothing holds it: it is taken as gone",
     2},
    {"NodeWithoutStatus",
     {kNode},
     R"({"status":null})",
     "the node does not say what it holds: nothing fits there",
     1},
    {"NodeThatSaysNothingOfItsReadiness",
     {kNode},
     R"({"status":{"conditions":[]}})",
     "the node has no condition Ready: it is taken as Ready",
     1},
    {"ObjectThatIsThereTwice",
     {kNode, kNode},
     "{}",
     "the object is there more than once: the first is taken",
     1},
    {"ClaimThatIsBoundToNoVolume",
     {kClaim},
     "{}",
     "the claim is Bound and names no volume: it is taken as Pending",
     1},
};

class SnapshotSurvivors : public testing::TestWithParam<Survivor> {};

TEST_P(SnapshotSurvivors, AreLoadedAndToldOf) {
  TestCluster world;
  json::SnapshotLinker linker{kEpoch};
  const Survivor& row = GetParam();
  for (std::size_t i = 0; i < row.objects.size(); ++i) {
    Json object = Json::parse(row.objects[i]);
    if (i + 1 == row.objects.size()) {
      object.merge_patch(Json::parse(row.patch));
    }
    linker.add(std::move(object));
  }
  Turn turn = world.turn();
  const json::SnapshotResult result = linker.finish(turn);
  EXPECT_TRUE(result.errors.empty()) << result.errors.front().text;
  EXPECT_EQ(result.objects, row.created);
  std::string told;
  for (const json::SnapshotNote& note : result.warnings) {
    told += note.text + "\n";
  }
  EXPECT_NE(told.find(row.warning), std::string::npos) << told;
  // And what was loaded runs.
  world.use_whole_model();
  world.run_for(std::chrono::minutes{10});
}

INSTANTIATE_TEST_SUITE_P(All, SnapshotSurvivors, testing::ValuesIn(kSurvivors),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SnapshotPods, ThatAreAwaitedAreCreatedAfterTheirOwners) {
  TestCluster world;
  json::SnapshotLinker linker{kEpoch};
  linker.await_pod("default", "web-0");
  linker.await_pod("default", "web-0");  // a second file has it too
  linker.add(Json::parse(kSet));
  linker.add(Json::parse(kNode));
  Turn turn = world.turn();
  const json::SnapshotResult result = linker.finish(turn, [](const auto& receive) {
    receive(Json::parse(kPod));
    receive(Json::parse(kPod));
  });
  EXPECT_TRUE(result.errors.empty());
  EXPECT_EQ(result.objects, 3U);
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_EQ(result.warnings[0].text, "the object is there more than once: the first is taken");
  const Row pod = world.pod("web-0");
  ASSERT_NE(pod, kNoRow);
  EXPECT_EQ(world.cluster.pods[pod].owner.kind, Kind::StatefulSet);
}

}  // namespace
}  // namespace models::kubernetes

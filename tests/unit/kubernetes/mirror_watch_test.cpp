// What a mirror makes of what watches really do: kinds out of step, lists after a break, late and repeated
// events, names that are used again, rubbish. And who wrote, from managedFields.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/json/mirror.h"
#include "tests/unit/kubernetes/cluster_fixture.h"
#include "tests/unit/kubernetes/manifests.h"

namespace models::kubernetes::testing_support {
namespace {

using json::Aspect;
using json::Mirror;

constexpr json::UnixSeconds kEpoch = 1709294400;  // 2024-03-01T12:00:00Z

/// What the API server puts into the metadata of every object.
Json stored(Json object, std::string_view uid, int version) {
  object["metadata"]["namespace"] = "default";
  object["metadata"]["uid"] = uid;
  object["metadata"]["resourceVersion"] = std::to_string(version);
  object["metadata"]["generation"] = 1;
  if (!object["metadata"].contains("creationTimestamp")) {
    object["metadata"]["creationTimestamp"] = "2024-03-01T12:00:05Z";
  }
  return object;
}

Json node(int version, std::string_view patch = "") {
  Json object = stored(Json::parse(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"worker-0"},
      "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},
                "conditions":[{"type":"Ready","status":"True","lastHeartbeatTime":"2024-03-01T12:00:00Z",
                               "lastTransitionTime":"2024-03-01T12:00:00Z"}]}})"),
                       "uid-node", version);
  object["metadata"].erase("namespace");
  return patched(std::move(object), patch);
}

Json set(int version, std::string_view patch = "") {
  return patched(stored(statefulset_manifest(), "uid-set", version), patch);
}

/// web-0, as the StatefulSet controller creates it.
Json pod(int version, std::string_view patch = "", std::string_view uid = "uid-pod") {
  Json object = Json::parse(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"name":"web-0","generateName":"web-",
      "labels":{"app":"web","controller-revision-hash":"web-a","statefulset.kubernetes.io/pod-name":"web-0",
                "apps.kubernetes.io/pod-index":"0"},
      "ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"web","uid":"uid-set",
                          "controller":true,"blockOwnerDeletion":true}]},
    "spec":{"containers":[{"name":"nginx","image":"nginx:1.25",
                           "resources":{"requests":{"cpu":"500m","memory":"1Gi"}}}]},
    "status":{"phase":"Pending"}})");
  return patched(stored(std::move(object), uid, version), patch);
}

constexpr const char* kBound = R"({"spec":{"nodeName":"worker-0"},
    "status":{"conditions":[{"type":"PodScheduled","status":"True","lastTransitionTime":"2024-03-01T12:00:06Z"}]}})";
constexpr const char* kRunning = R"({"spec":{"nodeName":"worker-0"},
    "status":{"phase":"Running","startTime":"2024-03-01T12:00:06Z",
      "conditions":[{"type":"PodScheduled","status":"True","lastTransitionTime":"2024-03-01T12:00:06Z"},
                    {"type":"Initialized","status":"True","lastTransitionTime":"2024-03-01T12:00:07Z"},
                    {"type":"Ready","status":"True","lastTransitionTime":"2024-03-01T12:00:08Z"}],
      "containerStatuses":[{"name":"nginx","ready":true,"restartCount":0,
                            "state":{"running":{"startedAt":"2024-03-01T12:00:07Z"}}}]}})";

std::string field_name(Field field) {
  switch (field) {
    case Field::Created:
      return "created";
    case Field::Removed:
      return "removed";
    case Field::DeletionRequested:
      return "deletion";
    case Field::Finalizer:
      return "finalizer";
    case Field::Owner:
      return "owner";
    case Field::PodBound:
      return "bound";
    case Field::PodPhaseChanged:
      return "phase";
    case Field::PodInitialized:
      return "initialized";
    case Field::PodReady:
      return "ready";
    case Field::PodDisruptionTarget:
      return "disruption";
    case Field::NodeUnschedulable:
      return "cordon";
    case Field::SetReplicas:
      return "replicas";
    default:
      return std::to_string(static_cast<int>(field));
  }
}

class MirrorOfWatch : public testing::Test {
 protected:
  TestCluster world;
  Mirror mirror{kEpoch};

  void see(WatchType type, const Json& object) {
    Turn turn = world.turn();
    mirror.observe(turn, type, object);
  }
  void added(const Json& object) { see(WatchType::Added, object); }
  void modified(const Json& object) { see(WatchType::Modified, object); }
  void deleted(const Json& object) { see(WatchType::Deleted, object); }
  void list(Kind kind, const std::vector<Json>& objects) {
    Turn turn = world.turn();
    mirror.observe_list(turn, kind, objects);
  }

  /// `web-0 created by statefulset-controller` …, what was told since the last call.
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (; told_ < world.history.next_id(); ++told_) {
      const sim::Transition& transition = world.history.at(told_);
      lines.push_back(fmt::format("{} {} by {}", world.subject_of(transition),
                                  field_name(static_cast<Field>(transition.field)),
                                  to_text(static_cast<Writer>(transition.writer))));
    }
    return lines;
  }
  const Pod& pod_0() { return world.cluster.pods[world.pod("web-0")]; }

 private:
  sim::TransitionId told_ = 0;
};

using Lines = std::vector<std::string>;
const std::string kNobody(to_text(Writer::None));

std::string line(std::string_view what, Writer writer = Writer::None) {
  return fmt::format("{} by {}", what, to_text(writer));
}

// ---------------------------------------------------------------------------------------------------------
// Kinds out of step

TEST_F(MirrorOfWatch, LinksAPodThatCameBeforeItsOwnerAndNode) {
  added(pod(5));
  modified(pod(6, kBound));
  modified(pod(7, kRunning));
  told();
  added(node(1));
  // That it was bound was seen, but not to which node: it is told now.
  EXPECT_EQ(told(), (Lines{line("worker-0 created"), line("web-0 bound", Writer::Scheduler)}));
  added(set(2));
  EXPECT_EQ(told(), (Lines{line("web created")}));

  const Row row = world.cluster.find_statefulset("default", "web");
  EXPECT_EQ(pod_0().owner, (OwnerRef{Kind::StatefulSet, row, world.cluster.statefulsets[row].meta.uid}));
  EXPECT_EQ(pod_0().node, world.cluster.find_node("worker-0"));
  EXPECT_EQ(world.cluster.statefulsets[row].pods_head, world.pod("web-0"));
  EXPECT_EQ(world.cluster.statefulsets[row].pod_counts, (PodCounts{1, 1}));
  EXPECT_EQ(pod_0().index, 0);
  EXPECT_EQ(pod_0().label_set, 0U);
  EXPECT_EQ(pod_0().pod_template, world.cluster.statefulsets[row].spec.pod_template);
}

TEST_F(MirrorOfWatch, TellsNothingOfHowAnOldPodCameToBe) {
  const Json old = patched(pod(5, kRunning), R"({"metadata":{"creationTimestamp":"2024-03-01T11:00:00Z"}})");
  added(old);
  EXPECT_EQ(told(), (Lines{line("web-0 created", Writer::Setup)}));
  EXPECT_EQ(pod_0().phase, PodPhase::Running);
  EXPECT_EQ(world.cluster.containers[pod_0().containers].state, ContainerState::Running);
  added(node(1));
  EXPECT_EQ(told(), (Lines{line("worker-0 created")}));
  EXPECT_EQ(pod_0().node, world.cluster.find_node("worker-0"));
}

// ---------------------------------------------------------------------------------------------------------
// Lists, repeated and late events

TEST_F(MirrorOfWatch, TellsNothingTwice) {
  added(node(1));
  added(set(2));
  added(pod(5, kBound));
  modified(pod(7, kRunning));
  told();
  added(pod(7, kRunning));   // a watch that began anew
  modified(pod(6, kBound));  // a late event
  deleted(pod(6, kBound));   // a late event of another life cannot have this uid: ignored as well
  list(Kind::Pod, {pod(7, kRunning)});
  list(Kind::Pod, {pod(9, kRunning)});  // a new version that says the same
  EXPECT_EQ(told(), Lines{});
  EXPECT_EQ(pod_0().phase, PodPhase::Running);
}

TEST_F(MirrorOfWatch, TellsAfterAListWhatWasMissed) {
  added(node(1));
  added(set(2));
  told();
  // The watch was broken while the pod was created, bound and started.
  list(Kind::Pod, {pod(7, kRunning)});
  EXPECT_EQ(told(), (Lines{line("web-0 created"), line("web-0 bound", Writer::Scheduler), line("web-0 phase"),
                           line("web-0 initialized"), line("web-0 ready")}));
  // … and while it went.
  list(Kind::Pod, {});
  EXPECT_EQ(told(), (Lines{line("web-0 deletion"), line("web-0 removed")}));
  EXPECT_EQ(world.pod("web-0"), kNoRow);
  added(pod(7, kRunning));  // a late event does not bring it back
  EXPECT_EQ(told(), Lines{});
}

TEST_F(MirrorOfWatch, AnOldListDoesNotRemoveWhatIsNewer) {
  added(pod(5));
  told();
  Turn turn = world.turn();
  mirror.observe_list(turn, Kind::Pod, {}, "4");
  EXPECT_EQ(told(), Lines{});
  mirror.observe_list(turn, Kind::Pod, {}, "6");
  EXPECT_EQ(told().size(), 2U);
}

TEST_F(MirrorOfWatch, ANewUidUnderAnOldNameIsAnotherObject) {
  added(set(2));
  added(pod(5));
  told();
  added(pod(9, "", "uid-next"));
  EXPECT_EQ(told(), (Lines{line("web-0 deletion"), line("web-0 removed"), line("web-0 created")}));
  EXPECT_EQ(mirror.find("uid-pod").kind, Kind::None);
  EXPECT_EQ(mirror.find("uid-next").row, world.pod("web-0"));
  deleted(pod(6));  // the end of the first comes late
  modified(pod(7));
  EXPECT_EQ(told(), Lines{});
  EXPECT_NE(world.pod("web-0"), kNoRow);
}

TEST_F(MirrorOfWatch, TakesTheFinalizerOffAPodThatIsGone) {
  added(
      pod(5, R"({"metadata":{"finalizers":["batch.kubernetes.io/job-tracking"],"deletionGracePeriodSeconds":0,
                   "deletionTimestamp":"2024-03-01T12:00:07Z"}})"));
  told();
  // The write that takes it off removes the pod, and the event shows the version before.
  deleted(pod(6, R"({"metadata":{"finalizers":["batch.kubernetes.io/job-tracking"],
                     "deletionGracePeriodSeconds":0,"deletionTimestamp":"2024-03-01T12:00:07Z"}})"));
  EXPECT_EQ(told(), (Lines{line("web-0 finalizer", Writer::JobController),
                           line("web-0 removed", Writer::JobController)}));
}

TEST_F(MirrorOfWatch, AHeartbeatIsNoTransition) {
  added(node(1));
  told();
  for (int version = 2; version < 10; ++version) {
    Json beat = node(version);
    beat["status"]["conditions"][0]["lastHeartbeatTime"] = fmt::format("2024-03-01T12:00:{:02}Z", version);
    modified(beat);
  }
  EXPECT_EQ(told(), Lines{});
  modified(node(20, R"({"spec":{"unschedulable":true}})"));
  EXPECT_EQ(told(), (Lines{line("worker-0 cordon")}));
}

TEST_F(MirrorOfWatch, CountsOtherKindsAndNotesRubbish) {
  added(Json::parse(R"({"kind":"ConfigMap","metadata":{"name":"x"}})"));
  added(Json::parse(R"({"kind":"Event"})"));
  added(Json::parse("[1,2]"));
  added(Json("text"));
  EXPECT_EQ(mirror.other_kinds().at("ConfigMap"), 1U);
  EXPECT_EQ(mirror.other_kinds().at("(no kind)"), 2U);
  const Json rubbish[] = {
      Json::parse(R"({"kind":"Pod","metadata":{"name":"x"}})"),
      Json::parse(R"({"kind":"Pod","metadata":[]})"),
      pod(5, R"({"spec":null})"),
      pod(5, R"({"spec":{"containers":"none"}})"),
      pod(5, R"({"status":{"conditions":"none"}})"),
      pod(5, R"({"metadata":{"resourceVersion":"abc"}})"),
      set(5, R"({"spec":{"replicas":"many"}})"),
      node(5, R"({"status":{"conditions":{"Ready":true}}})"),
  };
  for (const Json& object : rubbish) {
    added(object);
  }
  EXPECT_EQ(mirror.size(), 0U);
  EXPECT_FALSE(mirror.notes().errors().empty());
  EXPECT_EQ(told(), Lines{});
  // A known object that turns into rubbish stays as it was.
  added(pod(5));
  modified(pod(6, R"({"status":{"phase":"Running","conditions":"none"}})"));
  modified(pod(7, R"({"status":{"phase":"Running","conditions":[7],"containerStatuses":{"a":1}}})"));
  EXPECT_NE(world.pod("web-0"), kNoRow);
}

TEST_F(MirrorOfWatch, KeepsNothingOfWhatIsOver) {
  added(node(1));
  added(set(2));
  int version = 10;
  for (int life = 0; life < 2000; ++life) {
    const std::string uid = fmt::format("uid-{}", life);
    added(pod(version++, "", uid));
    modified(pod(version++, kBound, uid));
    modified(pod(version++, kRunning, uid));
    deleted(pod(version++, kRunning, uid));
  }
  const Cluster& cluster = world.cluster;
  EXPECT_EQ(cluster.pods.versions_kept(), 0U);
  EXPECT_LE(cluster.pods.extent(), 2U);
  EXPECT_LE(cluster.templates.size(), 2U);
  EXPECT_EQ(cluster.watch_log.size(), 0U);
  EXPECT_EQ(mirror.size(), 2U);
  EXPECT_TRUE(world.agenda.events.empty());
  EXPECT_EQ(cluster.statefulsets[0].pods_head, kNoRow);
  EXPECT_EQ(cluster.statefulsets[0].pod_counts, PodCounts{});
}

// ---------------------------------------------------------------------------------------------------------
// Who wrote

/// An entry of managedFields: `kubelet@7/status f:phase`.
Json managed(const std::vector<const char*>& entries) {
  Json list = Json::array();
  for (const std::string entry : entries) {
    const std::size_t at = entry.find('@');
    const std::size_t slash = entry.find('/', at);
    const std::size_t space = entry.find(' ', at);
    const std::string second = entry.substr(at + 1, std::min(slash, space) - at - 1);
    Json item{{"manager", entry.substr(0, at)},
              {"operation", "Update"},
              {"time", fmt::format("2024-03-01T12:00:{:0>2}Z", second)}};
    if (slash != std::string::npos) {
      item["subresource"] = entry.substr(slash + 1, space - slash - 1);
    }
    item["fieldsV1"][space == std::string::npos ? "f:a" : entry.substr(space + 1)] = Json::object();
    list.push_back(std::move(item));
  }
  return Json{{"metadata", {{"managedFields", std::move(list)}}}};
}

struct ChangedByCase {
  const char* name;
  std::vector<const char*> before;
  std::vector<const char*> after;
  Aspect aspect;
  const char* manager;
  friend std::ostream& operator<<(std::ostream& os, const ChangedByCase& c) { return os << c.name; }
};

const ChangedByCase kChangedByCases[] = {
    {"a_new_entry", {"kcm@5"}, {"kcm@5", "kubelet@6/status"}, Aspect::Status, "kubelet"},
    {"a_new_time", {"a@5/status", "b@6/status"}, {"a@7/status", "b@6/status"}, Aspect::Status, "a"},
    {"the_newest_of_two", {}, {"a@7/status", "b@6/status"}, Aspect::Status, "a"},
    {"two_of_the_same_second_tell_nothing", {}, {"a@7/status", "b@7/status"}, Aspect::Status, ""},
    {"a_status_is_not_the_object", {"a@5"}, {"a@5", "b@6/status"}, Aspect::Spec, ""},
    {"the_scale_subresource_is_the_spec", {"a@5"}, {"a@5", "b@6/scale"}, Aspect::Spec, "b"},
    {"twice_within_a_second", {"a@5", "b@6/status"}, {"a@5", "b@6/status"}, Aspect::Status, "b"},
    {"the_same_twice_of_the_object_tells_nothing", {"a@5"}, {"a@5"}, Aspect::Spec, ""},
    {"a_removal_tells_the_former_owner",
     {"a@5 f:x", "b@6 f:y"},
     {"a@5 f:z", "b@6 f:y"},
     Aspect::Finalizer,
     "a"},
    {"a_removal_of_all_fields", {"a@5", "b@6"}, {"a@5"}, Aspect::Finalizer, "b"},
    {"no_entries", {}, {}, Aspect::Status, ""},
};

class ChangedBy : public testing::TestWithParam<ChangedByCase> {};

TEST_P(ChangedBy, IsTheManagerOfTheWrite) {
  const ChangedByCase& c = GetParam();
  EXPECT_EQ(json::changed_by(json::read_managed_fields(managed(c.before)),
                             json::read_managed_fields(managed(c.after)), c.aspect),
            c.manager);
}
INSTANTIATE_TEST_SUITE_P(ManagedFields, ChangedBy, testing::ValuesIn(kChangedByCases),
                         [](const auto& test) { return std::string(test.param.name); });

struct WriterCase {
  const char* manager;
  Kind kind;
  Aspect aspect;
  Kind owner;
  Writer writer;
};

TEST(ManagedFields, NameTheWriter) {
  const WriterCase cases[] = {
      {"kube-controller-manager", Kind::Pod, Aspect::Creation, Kind::Job, Writer::JobController},
      {"kube-controller-manager", Kind::Pod, Aspect::Creation, Kind::StatefulSet,
       Writer::StatefulSetController},
      {"kube-controller-manager", Kind::Pod, Aspect::Creation, Kind::Other, Writer::None},
      {"kube-controller-manager", Kind::Pod, Aspect::Finalizer, Kind::Job, Writer::JobController},
      {"kube-controller-manager", Kind::Pod, Aspect::Status, Kind::Job, Writer::NodeLifecycleController},
      {"kube-controller-manager", Kind::StatefulSet, Aspect::Status, Kind::None,
       Writer::StatefulSetController},
      {"kube-controller-manager", Kind::StatefulSet, Aspect::Spec, Kind::None, Writer::None},
      {"kube-controller-manager", Kind::Job, Aspect::Status, Kind::None, Writer::JobController},
      {"kube-controller-manager", Kind::Job, Aspect::Creation, Kind::Other, Writer::None},
      {"kube-controller-manager", Kind::Node, Aspect::Spec, Kind::None, Writer::NodeLifecycleController},
      {"kube-controller-manager", Kind::PersistentVolumeClaim, Aspect::Creation, Kind::StatefulSet,
       Writer::StatefulSetController},
      {"kube-controller-manager", Kind::PersistentVolumeClaim, Aspect::Status, Kind::StatefulSet,
       Writer::PersistentVolumeController},
      {"kube-controller-manager", Kind::PersistentVolumeClaim, Aspect::Finalizer, Kind::StatefulSet,
       Writer::PersistentVolumeClaimProtection},
      {"kube-controller-manager", Kind::ControllerRevision, Aspect::Creation, Kind::StatefulSet,
       Writer::StatefulSetController},
      {"kube-scheduler", Kind::Pod, Aspect::Status, Kind::Job, Writer::Scheduler},
      {"kubelet", Kind::Node, Aspect::Status, Kind::None, Writer::Kubelet},
      {"kubectl", Kind::Node, Aspect::Spec, Kind::None, Writer::User},
      {"kubectl-client-side-apply", Kind::Job, Aspect::Creation, Kind::None, Writer::User},
      {"kubectlish", Kind::Job, Aspect::Creation, Kind::None, Writer::None},
      {"manager", Kind::Job, Aspect::Creation, Kind::MiniCluster, Writer::FluxOperator},
      {"manager", Kind::Job, Aspect::Creation, Kind::None, Writer::None},
      {"", Kind::Pod, Aspect::Status, Kind::None, Writer::None},
  };
  for (const WriterCase& c : cases) {
    EXPECT_EQ(json::writer_called(c.manager, c.kind, c.aspect, c.owner), c.writer)
        << c.manager << " " << to_text(c.kind);
  }
}

TEST_F(MirrorOfWatch, NamesTheWriterOfEachChange) {
  const auto with = [](Json object, const std::vector<const char*>& entries) {
    object["metadata"]["managedFields"] = managed(entries)["metadata"]["managedFields"];
    return object;
  };
  added(with(node(1), {"kubelet@1"}));
  added(with(set(2), {"kubectl-client-side-apply@5"}));
  added(with(pod(5), {"kube-controller-manager@5"}));
  modified(with(pod(6, kBound), {"kube-controller-manager@5"}));
  modified(with(pod(7, kRunning), {"kube-controller-manager@5", "kubelet@8/status"}));
  EXPECT_EQ(told(),
            (Lines{line("worker-0 created", Writer::Kubelet), line("web created", Writer::User),
                   line("web-0 created", Writer::StatefulSetController),
                   line("web-0 bound", Writer::Scheduler), line("web-0 phase", Writer::Kubelet),
                   line("web-0 initialized", Writer::Kubelet), line("web-0 ready", Writer::Kubelet)}));
  modified(with(set(8, R"({"metadata":{"generation":2},"spec":{"replicas":5}})"),
                {"kubectl-client-side-apply@5", "kubectl@9/scale"}));
  modified(with(node(9, R"({"spec":{"unschedulable":true}})"), {"kubelet@1", "kubectl@9"}));
  modified(with(node(10), {"kubelet@1"}));  // uncordon: the field and with it the entry are gone
  EXPECT_EQ(told(), (Lines{line("web replicas", Writer::User), line("worker-0 cordon", Writer::User),
                           line("worker-0 cordon", Writer::User)}));
  // A taint eviction says so in the condition, and then deletes.
  Json evicted = pod(11, kRunning);
  evicted["status"]["conditions"].push_back(
      {{"type", "DisruptionTarget"}, {"status", "True"}, {"reason", "DeletionByTaintManager"}});
  modified(
      with(evicted, {"kube-controller-manager@5", "kubelet@8/status", "kube-controller-manager@10/status"}));
  evicted["metadata"]["resourceVersion"] = "12";
  evicted["metadata"]["deletionTimestamp"] = "2024-03-01T12:00:40Z";
  evicted["metadata"]["deletionGracePeriodSeconds"] = 30;
  modified(evicted);
  EXPECT_EQ(told(), (Lines{line("web-0 disruption", Writer::TaintEvictionController),
                           line("web-0 deletion", Writer::TaintEvictionController)}));
}

}  // namespace
}  // namespace models::kubernetes::testing_support

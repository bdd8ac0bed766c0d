#pragma once
// A simulated cluster as the oracle of a mirror: everything that the simulated API writes is printed as a
// watch would show it and given to a mirror, whose transitions must be the simulator's.

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/json/budget_json.h"
#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/job_json.h"
#include "models/kubernetes/json/mirror.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/statefulset_json.h"
#include "models/kubernetes/json/workload_json.h"
#include "models/kubernetes/object_writes.h"
#include "tests/unit/kubernetes/cluster_fixture.h"
#include "tests/unit/kubernetes/manifests.h"

namespace models::kubernetes::testing_support {

inline constexpr json::UnixSeconds kMirrorEpoch = 1709294400;  // 2024-03-01T12:00:00Z

inline constexpr Kind kMirroredKinds[] = {Kind::Node,
                                          Kind::Pod,
                                          Kind::StatefulSet,
                                          Kind::Job,
                                          Kind::PersistentVolumeClaim,
                                          Kind::ControllerRevision,
                                          Kind::Deployment,
                                          Kind::ReplicaSet,
                                          Kind::DaemonSet,
                                          Kind::PodDisruptionBudget};

/// A watch event as a real API server would send it.
struct Observation {
  sim::Time at{};
  Kind kind = Kind::None;
  WatchType type = WatchType::Added;
  json::Json object;
};

/// Transitions of each object in words, in order: what a watch can show of them.
using ToldByObject = std::map<std::string, std::vector<std::string>>;

/// `from` and `to` of a transition in words that are the same in two clusters: no ids.
inline std::string words_of(const TestCluster& world, const sim::Transition& transition) {
  const auto text = [&](auto id) { return world.cluster.strings[static_cast<Text>(id)]; };
  const auto object = [&](std::int32_t uid) {
    return uid == 0 ? std::string("-")
                    : subject_name(world.history.subject(static_cast<Uid>(uid)), world.cluster.strings);
  };
  const std::string field = fmt::format("{}", transition.field);
  switch (static_cast<Field>(transition.field)) {
    case Field::SetCurrentRevision:
    case Field::SetUpdateRevision:
      return fmt::format("{} {} {}", field, text(transition.from), text(transition.to));
    case Field::PodLabels:
    case Field::SetTemplate:
    case Field::Owner:  // it may not have been seen
      return field;
    case Field::PodBound:
    case Field::ClaimOwner:
      return fmt::format("{} {} {}", field, object(transition.from), object(transition.to));
    case Field::Finalizer:
      return fmt::format("{} {}", field, text(transition.detail));
    case Field::JobCondition:
    case Field::DeploymentCondition:
    case Field::BudgetCondition:
    case Field::WorkloadReplicaFailure:
      return fmt::format("{} {} {} {}", field, transition.from, transition.to, text(transition.detail));
    case Field::PodUnschedulable:
    case Field::NodeTaints:
    case Field::SetSpec:
    case Field::BudgetSpec:
    case Field::JobSpec:
    case Field::JobCompletedIndexes:
    case Field::JobFailedIndexes:
      return fmt::format("{} {}", field, world.history.text_at(transition.detail));
    default:
      return fmt::format("{} {} {} {}", field, transition.from, transition.to, transition.detail);
  }
}

/// Names of objects are used again: each life of a name is an object.
inline ToldByObject told_by_object(const TestCluster& world) {
  ToldByObject told;
  std::map<std::string, int> lives;
  std::map<Uid, std::string> names;
  std::set<Uid> deleting;
  for (sim::TransitionId id = 0; id < world.history.next_id(); ++id) {
    const sim::Transition& transition = world.history.at(id);
    const auto field = static_cast<Field>(transition.field);
    if (field == Field::Waits || field == Field::SyncFailed || field == Field::Warning ||
        field == Field::NodeKubelet) {
      continue;  // no watch shows them
    }
    const sim::Subject subject = world.history.subject(transition.subject);
    if (field == Field::Updated && (subject.kind == static_cast<std::uint32_t>(Kind::Pod) ||
                                    subject.kind == static_cast<std::uint32_t>(Kind::ControllerRevision))) {
      // The simulated kubelet accepts a pod without a write: status.startTime shows with the next. The
      // printed owner of a revision goes with the set.
      continue;
    }
    if (field == Field::DeletionRequested) {
      deleting.insert(transition.subject);
    } else if (field == Field::PodTerminated && deleting.contains(transition.subject)) {
      continue;  // whether a container of a pod that is being deleted ended by itself or was killed
    }
    std::string& name = names[transition.subject];
    if (name.empty()) {
      const std::string plain = fmt::format("{} {}", to_text(static_cast<Kind>(subject.kind)),
                                            subject_name(subject, world.cluster.strings));
      name = fmt::format("{} #{}", plain, ++lives[plain]);
    }
    told[name].push_back(words_of(world, transition));
  }
  return told;
}

class MirroredCluster {
 public:
  explicit MirroredCluster(std::string_view version = "1.34.0")
      : simulated(version), mirrored(version), mirror(kMirrorEpoch) {
    simulated.use_whole_model();
  }

  TestCluster simulated;
  TestCluster mirrored;
  json::Mirror mirror;
  std::vector<Observation> observations;  ///< everything, in the order of the writes

  /// Writes a manifest to the simulated API.
  void apply(const json::Json& manifest) {
    Turn turn = simulated.turn();
    ApiError error;
    WriteNotes notes;
    EXPECT_TRUE(create_object(turn, manifest, "default", {Writer::User}, error, notes).ok()) << error.message;
    print_writes();
  }
  void patch(Kind kind, std::string_view name, std::string_view merge_patch) {
    Turn turn = simulated.turn();
    ApiError error;
    WriteNotes notes;
    const Row row = json::find_object(simulated.cluster, kind, "default", name);
    EXPECT_TRUE(
        patch_object(turn, kind, row, json::Json::parse(merge_patch), {Writer::User}, error, notes).ok())
        << error.message;
    print_writes();
  }
  /// `write(turn)` on the simulated cluster.
  template <class Write>
  void act(Write&& write) {
    Turn turn = simulated.turn();
    write(turn);
    print_writes();
  }
  void run_for(sim::Duration duration) {
    const sim::Time until = simulated.now() + duration;
    while (!simulated.agenda.events.empty() && simulated.agenda.events.top().at <= until) {
      simulated.step();
      print_writes();
    }
    simulated.agenda.now = until;
  }

  /// Lets the mirror see an observation.
  void observe(const Observation& observation) {
    mirrored.agenda.now = observation.at;
    Turn turn = mirrored.turn();
    mirror.observe(turn, observation.type, observation.object);
  }
  void observe_all() {
    for (const Observation& observation : observations) {
      observe(observation);
    }
    observations.clear();
  }
  /// What a list of a kind shows now.
  [[nodiscard]] static std::vector<json::Json> list(const Cluster& cluster, Kind kind) {
    std::vector<json::Json> objects;
    const auto all = [&](const auto& store) {
      for (Row row = 0; row < store.extent(); ++row) {
        if (store.exists(row)) {
          objects.push_back(json::to_json(cluster, kind, row, kMirrorEpoch));
        }
      }
    };
    switch (kind) {
      case Kind::Node:
        all(cluster.nodes);
        break;
      case Kind::Pod:
        all(cluster.pods);
        break;
      case Kind::StatefulSet:
        all(cluster.statefulsets);
        break;
      case Kind::Job:
        all(cluster.jobs);
        break;
      case Kind::PersistentVolumeClaim:
        all(cluster.claims);
        break;
      case Kind::Deployment:
        all(cluster.deployments);
        break;
      case Kind::ReplicaSet:
        all(cluster.replicasets);
        break;
      case Kind::DaemonSet:
        all(cluster.daemonsets);
        break;
      case Kind::PodDisruptionBudget:
        all(cluster.budgets);
        break;
      default:
        all(cluster.revisions);
        break;
    }
    return objects;
  }
  void relist(Kind kind) {
    mirrored.agenda.now = simulated.now();
    Turn turn = mirrored.turn();
    mirror.observe_list(turn, kind, list(simulated.cluster, kind));
  }

  /// Where the objects that both clusters print differ, but for uids and versions; empty if nowhere.
  [[nodiscard]] std::string difference_of_objects() const {
    for (const Kind kind : kMirroredKinds) {
      const std::map<std::string, json::Json> want = printed(simulated.cluster, kind);
      const std::map<std::string, json::Json> got = printed(mirrored.cluster, kind);
      for (const auto& [name, object] : want) {
        const auto found = got.find(name);
        if (found == got.end() || !json::same(found->second, object)) {
          return fmt::format(
              "{} {}: {}", to_text(kind), name,
              found == got.end() ? "nothing" : json::Json::diff(object, found->second).dump(1));
        }
      }
      if (got.size() != want.size()) {
        return fmt::format("{} objects of kind {} instead of {}", got.size(), to_text(kind), want.size());
      }
    }
    return "";
  }
  /// Where the transitions differ, object by object; empty if nowhere.
  [[nodiscard]] std::string difference_of_transitions() const {
    const ToldByObject want = told_by_object(simulated);
    const ToldByObject got = told_by_object(mirrored);
    for (const auto& [name, sequence] : want) {
      const auto found = got.find(name);
      const std::vector<std::string> told = found == got.end() ? std::vector<std::string>{} : found->second;
      if (told != sequence) {
        return fmt::format("{}:\n{}\ninstead of\n{}", name, fmt::join(told, "; "), fmt::join(sequence, "; "));
      }
    }
    return got.size() == want.size() ? "" : "more objects than there were";
  }

 private:
  /// All objects of a kind by name.
  static std::map<std::string, json::Json> printed(const Cluster& cluster, Kind kind) {
    std::map<std::string, json::Json> by_name;
    for (json::Json& object : list(cluster, kind)) {
      object["metadata"].erase("resourceVersion");
      without_uids(object);
      if (kind == Kind::Pod && object["status"]["phase"] == "Pending") {
        object.erase("status");  // the simulated kubelet accepts a pod without a write
      }
      if (kind == Kind::ControllerRevision) {
        object["metadata"].erase("ownerReferences");  // printed as long as the set is remembered
      }
      const std::string name = object["metadata"]["name"].get<std::string>();
      by_name[name] = std::move(object);
    }
    return by_name;
  }
  static void without_uids(json::Json& value) {
    if (value.is_string() && value.get_ref<const std::string&>().starts_with("00000000-0000-4000-8000-")) {
      value = "uid";
    }
    if (value.is_structured()) {
      for (json::Json& item : value) {
        without_uids(item);
      }
    }
  }

  /// Prints what was written since the last call.
  void print_writes() {
    const Cluster& cluster = simulated.cluster;
    for (; position_ < cluster.watch_log.end(); ++position_) {
      const WatchEvent& event = cluster.watch_log[position_];
      observations.push_back({event.at, event.kind, event.type, print(event)});
    }
  }
  [[nodiscard]] json::Json print(const WatchEvent& event) const {
    const Cluster& cluster = simulated.cluster;
    const bool deleted = event.type == WatchType::Deleted;
    const auto version = [&](const auto& store) {  // a removed object shows its last state
      return store.as_of(event.row, deleted ? event.version - 1 : event.version);
    };
    json::Json object;
    switch (event.kind) {
      case Kind::Node:
        object = json::node_json(cluster, *version(cluster.nodes), kMirrorEpoch);
        break;
      case Kind::Pod:
        object = json::pod_json(cluster, *version(cluster.pods), kMirrorEpoch);
        break;
      case Kind::StatefulSet:
        object = json::statefulset_json(cluster, *version(cluster.statefulsets), kMirrorEpoch);
        break;
      case Kind::Job:
        object = json::job_json(cluster, *version(cluster.jobs), kMirrorEpoch);
        break;
      case Kind::PersistentVolumeClaim:
        object = json::claim_json(cluster, *version(cluster.claims), kMirrorEpoch);
        break;
      case Kind::Deployment:
        object = json::deployment_json(cluster, *version(cluster.deployments), kMirrorEpoch);
        break;
      case Kind::ReplicaSet:
        object = json::replicaset_json(cluster, *version(cluster.replicasets), kMirrorEpoch);
        break;
      case Kind::DaemonSet:
        object = json::daemonset_json(cluster, *version(cluster.daemonsets), kMirrorEpoch);
        break;
      case Kind::PodDisruptionBudget:
        object = json::budget_json(cluster, *version(cluster.budgets), kMirrorEpoch);
        break;
      default:
        object = json::revision_json(cluster, *version(cluster.revisions), kMirrorEpoch);
        break;
    }
    object["metadata"]["resourceVersion"] = std::to_string(event.version);
    return object;
  }

  std::uint64_t position_ = 0;
};

}  // namespace models::kubernetes::testing_support

#include "scenarios/commands/api_objects.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/flux/minicluster_api.h"
#include "models/flux/minicluster_json.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/object_json.h"
#include "sim/require.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
namespace flux = models::flux;
using kubernetes::Cluster;
using kubernetes::kNoRow;

/// Calls `visit(store)` with the store of a kind of the Kubernetes model; false for other kinds.
template <class Visit>
bool with_store(const Cluster& cluster, Kind kind, Visit&& visit) {
  switch (kind) {
    case Kind::Node:
      visit(cluster.nodes);
      return true;
    case Kind::Pod:
      visit(cluster.pods);
      return true;
    case Kind::StatefulSet:
      visit(cluster.statefulsets);
      return true;
    case Kind::Job:
      visit(cluster.jobs);
      return true;
    case Kind::PersistentVolumeClaim:
      visit(cluster.claims);
      return true;
    case Kind::ControllerRevision:
      visit(cluster.revisions);
      return true;
    case Kind::ReplicaSet:
      visit(cluster.replicasets);
      return true;
    case Kind::Deployment:
      visit(cluster.deployments);
      return true;
    case Kind::DaemonSet:
      visit(cluster.daemonsets);
      return true;
    case Kind::PodDisruptionBudget:
      visit(cluster.budgets);
      return true;
    case Kind::None:
    case Kind::MiniCluster:
    case Kind::Other:
      return false;
  }
  return false;
}

}  // namespace

std::optional<ObjectRef> find_object(const Systems& systems, Kind kind, std::string_view name_space,
                                     std::string_view name) {
  const Cluster& cluster = systems.kubernetes.cluster;
  if (kind == Kind::MiniCluster) {
    const Row row = systems.flux.find(cluster.strings, name_space, name);
    return row == kNoRow ? std::nullopt
                         : std::optional<ObjectRef>({kind, row, systems.flux.miniclusters[row].meta.uid});
  }
  const Row row = kubernetes::json::find_object(cluster, kind, name_space, name);
  if (row == kNoRow) {
    return std::nullopt;
  }
  ObjectRef found{kind, row, 0};
  found.uid = meta_of(systems, found).uid;
  return found;
}

std::optional<ObjectRef> find_uid(const Systems& systems, Uid uid) {
  const Cluster& cluster = systems.kubernetes.cluster;
  if (const Row row = systems.flux.find_uid(uid); row != kNoRow) {
    return ObjectRef{Kind::MiniCluster, row, uid};
  }
  const Row row = uid < cluster.row_of_uid.size() ? cluster.row_of_uid[uid] : kNoRow;
  for (const ResourceKind& resource : kubernetes::resource_kinds()) {
    bool found = false;
    with_store(cluster, resource.kind, [&](const auto& store) {
      found = row != kNoRow && store.exists(row) && store[row].meta.uid == uid;
    });
    if (found) {
      return ObjectRef{resource.kind, row, uid};
    }
  }
  return std::nullopt;
}

std::vector<ObjectRef> list_objects(const Systems& systems, Kind kind,
                                    std::optional<std::string_view> name_space) {
  const Cluster& cluster = systems.kubernetes.cluster;
  std::vector<std::pair<std::string, ObjectRef>> keyed;
  const auto add = [&](const ObjectRef& object) {
    const std::string space = namespace_of(systems, object);
    if (!name_space || kind == Kind::Node || space == *name_space) {
      keyed.emplace_back(space + "/" + name_of(systems, object), object);
    }
  };
  with_store(cluster, kind, [&](const auto& store) {
    for (Row row = 0; row < store.extent(); ++row) {
      if (store.exists(row)) {
        add({kind, row, store[row].meta.uid});
      }
    }
  });
  if (kind == Kind::MiniCluster) {
    for (Row row = 0; row < systems.flux.miniclusters.extent(); ++row) {
      if (systems.flux.miniclusters.alive(row)) {
        add({kind, row, systems.flux.miniclusters[row].meta.uid});
      }
    }
  }
  std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<ObjectRef> objects;
  objects.reserve(keyed.size());
  for (const auto& [key, object] : keyed) {
    objects.push_back(object);
  }
  return objects;
}

const Meta& meta_of(const Systems& systems, const ObjectRef& object) {
  if (object.kind == Kind::MiniCluster) {
    return systems.flux.miniclusters[object.row].meta;
  }
  const Meta* meta = nullptr;
  with_store(systems.kubernetes.cluster, object.kind,
             [&](const auto& store) { meta = &store[object.row].meta; });
  sim::require(meta != nullptr, "an object of a kind that the API serves");
  return *meta;
}

std::string name_of(const Systems& systems, const ObjectRef& object) {
  const Cluster& cluster = systems.kubernetes.cluster;
  return object.kind == Kind::Pod ? cluster.name_of(cluster.pods[object.row])
                                  : cluster.name_of(meta_of(systems, object));
}

std::string namespace_of(const Systems& systems, const ObjectRef& object) {
  return systems.kubernetes.cluster.strings[meta_of(systems, object).name_space];
}

LabelMap labels_of(const Systems& systems, const ObjectRef& object) {
  const Json whole = object_json(systems, object, 0);
  const Json* metadata = kubernetes::json::member(whole, "metadata");
  return metadata == nullptr ? LabelMap{} : kubernetes::json::labels_at(*metadata, "labels");
}

bool matches(const Systems& systems, const ObjectRef& object, const Selector& selector) {
  if (object.kind == Kind::Pod) {
    const Cluster& cluster = systems.kubernetes.cluster;
    const kubernetes::Pod& pod = cluster.pods[object.row];
    std::string value;
    return selector.matches([&](std::string_view key) -> std::optional<std::string_view> {
      const std::optional<std::string> found = cluster.label_of(pod, key);
      if (!found) {
        return std::nullopt;
      }
      value = *found;
      return value;
    });
  }
  const LabelMap labels = labels_of(systems, object);
  return selector.matches([&](std::string_view key) -> std::optional<std::string_view> {
    const std::string* value = kubernetes::find_label(labels, key);
    return value == nullptr ? std::nullopt : std::optional<std::string_view>(*value);
  });
}

Json object_json(const Systems& systems, const ObjectRef& object, kubernetes::json::UnixSeconds epoch) {
  const Cluster& cluster = systems.kubernetes.cluster;
  return object.kind == Kind::MiniCluster
             ? flux::minicluster_json(cluster, systems.flux.miniclusters[object.row], epoch)
             : kubernetes::json::to_json(cluster, object.kind, object.row, epoch);
}

std::string printed_name(const Systems& systems, const ObjectRef& object) {
  return kubernetes::resource_of(object.kind).prefix() + "/" + name_of(systems, object);
}

kubernetes::ApiError delete_object(Systems& systems, const ObjectRef& object, By by,
                                   std::int64_t grace_seconds, kubernetes::Propagation propagation) {
  kubernetes::Turn& turn = systems.kubernetes;
  kubernetes::WriteResult result;
  switch (object.kind) {
    case Kind::Pod:
      result = kubernetes::delete_pod(turn, object.row, by, grace_seconds);
      break;
    case Kind::StatefulSet:
      result = kubernetes::delete_statefulset(turn, object.row, by, propagation);
      break;
    case Kind::Job:
      result = kubernetes::delete_job(turn, object.row, by, propagation);
      break;
    case Kind::PersistentVolumeClaim:
      result = kubernetes::delete_claim(turn, object.row, by);
      break;
    case Kind::Node:
      result = kubernetes::delete_node(turn, object.row, by);
      break;
    case Kind::ControllerRevision:
      result = kubernetes::delete_revision(turn, object.row, by);
      break;
    case Kind::ReplicaSet:
      result = kubernetes::delete_replicaset(turn, object.row, by, propagation);
      break;
    case Kind::Deployment:
      result = kubernetes::delete_deployment(turn, object.row, by, propagation);
      break;
    case Kind::DaemonSet:
      result = kubernetes::delete_daemonset(turn, object.row, by, propagation);
      break;
    case Kind::PodDisruptionBudget:
      result = kubernetes::delete_budget(turn, object.row, by);
      break;
    case Kind::MiniCluster: {
      flux::FluxTurn flux_turn{systems.flux, turn};
      const bool found = flux::delete_minicluster(flux_turn, object.row, by, propagation);
      result.outcome = found ? kubernetes::Outcome::Ok : kubernetes::Outcome::NotFound;
      break;
    }
    case Kind::None:
    case Kind::Other:
      sim::fail("an object of a kind that the API serves");
  }
  if (result.ok()) {
    return {};
  }
  return result.outcome == kubernetes::Outcome::NotFound
             ? kubernetes::not_found_error(object.kind, name_of(systems, object))
             : kubernetes::internal_error();
}

void add_minicluster_refusal(KubectlErrors& errors, std::string_view name, const std::string& error,
                             const kubernetes::json::Problems& problems) {
  if (!error.empty()) {
    errors.add(error, error);
    return;
  }
  std::string lines;
  std::string list;
  for (const kubernetes::json::Problem& problem : problems.errors) {
    const std::string text = problem.field.empty() ? problem.text : problem.field + ": " + problem.text;
    lines += "\n* " + text;
    list += (list.empty() ? "" : ", ") + text;
  }
  const bool several = problems.errors.size() > 1;
  errors.add(fmt::format("The MiniCluster \"{}\" is invalid: {}", name, several ? lines : list),
             fmt::format("Error from server (Invalid): MiniCluster.flux-framework.org \"{}\" is invalid: {}",
                         name, several ? "[" + list + "]" : list));
}

}  // namespace scenarios::commands

#include "models/kubernetes/json/managed_fields.h"

#include <algorithm>

namespace models::kubernetes::json {

namespace {

// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
constexpr std::uint64_t kHashStart = 0xcbf29ce484222325ULL;
constexpr std::uint64_t kHashPrime = 0x100000001b3ULL;

std::uint64_t add(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * kHashPrime;
  }
  return hash * kHashPrime;
}

/// fieldsV1 is a tree of names: objects all the way down.
std::uint64_t add_names(std::uint64_t hash, const Json& tree) {
  if (tree.is_object()) {
    for (auto it = tree.begin(); it != tree.end(); ++it) {
      hash = add_names(add(hash, it.key()), *it);
    }
  }
  return add(hash, "/");
}

bool same_key(const ManagedEntry& a, const ManagedEntry& b) {
  return a.manager == b.manager && a.operation == b.operation && a.subresource == b.subresource;
}

const ManagedEntry* find(const ManagedFields& entries, const ManagedEntry& key) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const ManagedEntry& entry) { return same_key(entry, key); });
  return found == entries.end() ? nullptr : &*found;
}

/// The newest entry so far; nobody's if two managers are equally new.
struct Newest {
  UnixSeconds time = 0;
  std::string manager;
  bool any = false;

  void offer(const ManagedEntry& entry) {
    if (!any || entry.time > time) {
      *this = {entry.time, entry.manager, true};
    } else if (entry.time == time && entry.manager != manager) {
      manager.clear();
    }
  }
};

}  // namespace

ManagedFields read_managed_fields(const Json& object) {
  ManagedFields entries;
  const Json* list = at_path(object, "metadata.managedFields");
  for (std::size_t i = 0; list != nullptr && list->is_array() && i < list->size(); ++i) {
    const Json& item = (*list)[i];
    const Json* fields = member(item, "fieldsV1");
    entries.push_back({text_or(item, "manager"), text_or(item, "operation"), text_or(item, "subresource"),
                       parse_time(text_or(item, "time")).value_or(0),
                       fields == nullptr              ? 0
                       : fields->is_number_unsigned() ? fields->get<std::uint64_t>()
                                                      : add_names(kHashStart, *fields)});
  }
  return entries;
}

std::string changed_by(const ManagedFields& before, const ManagedFields& after, Aspect aspect) {
  const bool status = aspect == Aspect::Status;
  const auto concerns = [&](const ManagedEntry& entry) { return (entry.subresource == "status") == status; };
  Newest stamped;
  Newest changed;
  Newest newest;
  for (const ManagedEntry& entry : after) {
    if (!concerns(entry)) {
      continue;
    }
    newest.offer(entry);
    const ManagedEntry* old = find(before, entry);
    if (old == nullptr || old->time != entry.time) {
      stamped.offer(entry);
    } else if (old->fields != entry.fields) {
      changed.offer(entry);
    }
  }
  if (stamped.any) {
    return stamped.manager;
  }
  for (const ManagedEntry& entry : before) {
    if (concerns(entry) && find(after, entry) == nullptr) {
      changed.offer(entry);  // it lost its last field
    }
  }
  return changed.any ? changed.manager : status ? newest.manager : std::string();
}

namespace {

/// The controller of a workload, which writes its pods.
Writer owner_controller(Kind owner) {
  return owner == Kind::Job           ? Writer::JobController
         : owner == Kind::StatefulSet ? Writer::StatefulSetController
         : owner == Kind::ReplicaSet  ? Writer::ReplicaSetController
         : owner == Kind::DaemonSet   ? Writer::DaemonSetController
                                      : Writer::None;
}

/// kube-controller-manager is many; what is written tells which.
Writer controller_of(Kind kind, Aspect aspect, Kind owner) {
  switch (kind) {
    case Kind::Pod:
      if (aspect == Aspect::Status) {
        // Source: pkg/controller/util/node/controller_utils.go MarkPodsNotReady. The other controllers that
        // write a pod's status give the condition DisruptionTarget with their reason.
        return Writer::NodeLifecycleController;
      }
      if (aspect == Aspect::Finalizer) {
        return Writer::JobController;
      }
      return owner_controller(owner);
    case Kind::StatefulSet:
      return aspect == Aspect::Status ? Writer::StatefulSetController : Writer::None;
    case Kind::Job:
      return aspect == Aspect::Status ? Writer::JobController : Writer::None;
    case Kind::PersistentVolumeClaim:
      return aspect == Aspect::Finalizer ? Writer::PersistentVolumeClaimProtection
             : aspect == Aspect::Creation || aspect == Aspect::Owner
                 ? (owner == Kind::StatefulSet ? Writer::StatefulSetController : Writer::None)
                 : Writer::PersistentVolumeController;
    case Kind::ControllerRevision:
      return owner == Kind::StatefulSet || owner == Kind::DaemonSet ? owner_controller(owner) : Writer::None;
    case Kind::ReplicaSet:
      // Only a Deployment's are created and changed by a controller. Source:
      // pkg/controller/deployment/sync.go.
      return aspect == Aspect::Status ? Writer::ReplicaSetController : Writer::DeploymentController;
    case Kind::Deployment:
      return Writer::DeploymentController;
    case Kind::DaemonSet:
      return aspect == Aspect::Status ? Writer::DaemonSetController : Writer::None;
    case Kind::Node:
      return Writer::NodeLifecycleController;
    case Kind::PodDisruptionBudget:
      return aspect == Aspect::Status ? Writer::DisruptionController : Writer::None;
    case Kind::None:
    case Kind::MiniCluster:
    case Kind::Other:
      break;
  }
  return Writer::None;
}

}  // namespace

Writer writer_called(std::string_view manager, Kind kind, Aspect aspect, Kind owner) {
  if (manager == "kube-controller-manager") {
    return controller_of(kind, aspect, owner);
  }
  if (manager == "kube-scheduler") {
    return Writer::Scheduler;
  }
  if (manager == "kubelet") {
    return Writer::Kubelet;
  }
  // Source: the defaults of --field-manager in k8s.io/kubectl pkg/cmd: kubectl-client-side-apply,
  // kubectl-create, kubectl-edit, kubectl-patch, kubectl-taint …; kubectl for server-side apply and cordon.
  if (manager == "kubectl" || manager.starts_with("kubectl-") || manager == "helm") {
    return Writer::User;
  }
  // An eviction spends a disruption of the budget in the API server's name. Source: registry/core/pod/storage
  // eviction.go checkAndDecrement, by the loopback client.
  if (manager == "kube-apiserver" && kind == Kind::PodDisruptionBudget) {
    return Writer::User;
  }
  // The Flux Operator's program is called manager, as kubebuilder's are.
  if (manager == "manager" && owner == Kind::MiniCluster) {
    return Writer::FluxOperator;
  }
  return Writer::None;
}

Writer writer_of_disruption(std::string_view reason) {
  // Sources: pkg/controller/tainteviction/taint_eviction.go, pkg/registry/core/pod/storage/eviction.go,
  // pkg/controller/podgc/gc_controller.go, pkg/scheduler/framework/preemption/preemption.go, and
  // pkg/kubelet/eviction, nodeshutdown and preemption.
  return reason == "DeletionByTaintManager"  ? Writer::TaintEvictionController
         : reason == "EvictionByEvictionAPI" ? Writer::User
         : reason == "DeletionByPodGC"       ? Writer::PodGarbageCollector
         : reason == "PreemptionByScheduler" ? Writer::Scheduler
         : reason == "TerminationByKubelet"  ? Writer::Kubelet
                                             : Writer::None;
}

}  // namespace models::kubernetes::json

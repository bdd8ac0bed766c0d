#pragma once
// Who owns what: whether an owner is still there, and what it leaves behind. For the garbage collector.

#include <algorithm>
#include <utility>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// Whether the object at the row of the reference is still the one that it names.
template <class T>
bool owner_exists(const Store<T>& store, const OwnerRef& owner) {
  return store.exists(owner.row) && store[owner.row].meta.uid == owner.uid;
}

/// True for owners of other models: these say when one goes.
bool owner_exists(const Cluster& cluster, const OwnerRef& owner);

/// Whether there is a StatefulSet with this uid.
bool set_exists(const Cluster& cluster, Uid uid);
/// Whether there is a pod with this uid, which owns the claim.
bool pod_exists(const Cluster& cluster, const PersistentVolumeClaim& claim, Uid uid);

/// What the owner at `row` (which may just have been removed) leaves: pods first, then revisions, then
/// claims.
template <class T>
std::vector<Dependent> dependents_of(const Cluster& cluster, const T& owner) {
  const Uid uid = owner.meta.uid;
  std::vector<Dependent> dependents;
  if constexpr (requires { owner.pods_head; }) {
    for (Row row = owner.pods_head; row != kNoRow; row = cluster.pods[row].owner_next) {
      if (cluster.pods.exists(row) && cluster.pods[row].owner.uid == uid) {
        dependents.push_back({Kind::Pod, row, cluster.pods[row].meta.uid});
      }
    }
    std::reverse(dependents.begin(), dependents.end());  // the list begins with the newest
  } else {
    for (Row row = 0; row < cluster.replicasets.extent(); ++row) {
      if (cluster.replicasets.exists(row) && cluster.replicasets[row].owner.uid == uid) {
        dependents.push_back({Kind::ReplicaSet, row, cluster.replicasets[row].meta.uid});
      }
    }
  }
  for (Row row = 0; row < cluster.revisions.extent(); ++row) {
    if (cluster.revisions.exists(row) && cluster.revisions[row].owner.uid == uid) {
      dependents.push_back({Kind::ControllerRevision, row, cluster.revisions[row].meta.uid});
    }
  }
  for (Row row = 0; row < cluster.claims.extent(); ++row) {
    if (cluster.claims.exists(row) && cluster.claims[row].owner_set == uid) {
      dependents.push_back({Kind::PersistentVolumeClaim, row, cluster.claims[row].meta.uid});
    }
  }
  return dependents;
}

/// Whether a dependent keeps a foreground deletion waiting: those with blockOwnerDeletion, which claims lack.
template <class T>
bool has_blocking_dependents(const Cluster& cluster, const T& owner) {
  const std::vector<Dependent> dependents = dependents_of(cluster, owner);
  return std::any_of(dependents.begin(), dependents.end(), [](const Dependent& dependent) {
    return dependent.kind != Kind::PersistentVolumeClaim;
  });
}

/// Calls `visit(store)` with the store of an owner's kind.
template <class Visit>
auto with_owners(const Cluster& cluster, Kind kind, Visit&& visit) {
  switch (kind) {
    case Kind::StatefulSet:
      return visit(cluster.statefulsets);
    case Kind::ReplicaSet:
      return visit(cluster.replicasets);
    case Kind::Deployment:
      return visit(cluster.deployments);
    case Kind::DaemonSet:
      return visit(cluster.daemonsets);
    default:
      return visit(cluster.jobs);
  }
}

}  // namespace models::kubernetes

#include "models/kubernetes/ownership.h"

#include "models/kubernetes/claim_controller.h"

namespace models::kubernetes {

bool owner_exists(const Cluster& cluster, const OwnerRef& owner) {
  switch (owner.kind) {
    case Kind::StatefulSet:
      return owner_exists(cluster.statefulsets, owner);
    case Kind::Job:
      return owner_exists(cluster.jobs, owner);
    case Kind::ReplicaSet:
      return owner_exists(cluster.replicasets, owner);
    case Kind::Deployment:
      return owner_exists(cluster.deployments, owner);
    case Kind::DaemonSet:
      return owner_exists(cluster.daemonsets, owner);
    default:
      return true;  // kept elsewhere, which says when it goes
  }
}

bool set_exists(const Cluster& cluster, Uid uid) {
  for (Row row = 0; row < cluster.statefulsets.extent(); ++row) {
    if (cluster.statefulsets.exists(row) && cluster.statefulsets[row].meta.uid == uid) {
      return true;
    }
  }
  return false;
}

bool pod_exists(const Cluster& cluster, const PersistentVolumeClaim& claim, Uid uid) {
  const Row row = claim_controller::pod_of(cluster, claim);
  return row != kNoRow && cluster.pods[row].meta.uid == uid ? true : cluster.find_pod_by_uid(uid) != kNoRow;
}

}  // namespace models::kubernetes

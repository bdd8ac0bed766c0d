#pragma once
// The memory of the controllers of ReplicaSets, Deployments and DaemonSets. All of it is lost when the
// controller manager restarts.

#include <cstdint>
#include <memory>
#include <vector>

#include "models/kubernetes/controller_state.h"
#include "models/kubernetes/workload_objects.h"
#include "sim/history.h"

namespace models::kubernetes {

/// What a controller has written and not yet observed. Source: pkg/controller/controller_utils.go
/// UIDTrackingControllerExpectations.
struct Expectations {
  Uid uid = 0;  ///< of the owner; a later owner in the same row begins anew
  std::int32_t creations = 0;
  std::vector<Uid> deletions;  ///< pods whose deletion must be observed, sorted
  sim::Time set_at{};
  friend bool operator==(const Expectations&, const Expectations&) = default;
};

struct ReplicaSetSyncPayload {
  ReplicaSetStatus seen;
  ReplicaSetStatus status;  ///< what the sync counted
  std::int32_t difference = 0;
  std::int32_t next_batch = 0;  ///< pods of the next batch of creations
  std::int32_t to_create = 0;   ///< creations not yet wanted as writes
  bool manages = false;         ///< pods were to be created or deleted
  std::uint32_t generation = 0;
};

struct ReplicaSetControllerState {
  WorkQueue queue;
  ClientThrottle client;
  ClientThrottle retries;
  std::vector<Sync<ReplicaSetSyncPayload>> active;
  std::vector<Expectations> expectations;  ///< by row of the ReplicaSet
  std::vector<Row> orphans;  ///< pods without a controller, as seen; ascending. Follows from the objects
};

/// What a write about a ReplicaSet does to it.
struct ReplicaSetChange {
  Row row = kNoRow;  ///< kNoRow: a new one
  Uid uid = 0;
  ReplicaSet wanted;  ///< spec.replicas, spec.min_ready_seconds and annotations as they shall be
};

struct DeploymentSyncPayload {
  Deployment seen;
  DeploymentStatus status;
  std::int64_t revision = 0;              ///< to write beside the status; 0: none
  std::vector<ReplicaSetChange> changes;  ///< by `Write::index`
  bool rolled_back = false;
};

/// What was found when a Deployment was held against its new ReplicaSet: it follows from these contents
/// alone, and holds as long as the two have them.
struct HeldAgainstReplicaSet {
  TemplateId of_deployment = 0;
  TemplateId of_set = 0;
  bool equal_templates = false;  ///< these templates are equal but for the hash
  Text deployment_manifest = 0;
  Text set_manifest = 0;
  bool same_annotations = false;  ///< with these manifests, the ReplicaSet has the Deployment's annotations
};

struct DeploymentControllerState {
  WorkQueue queue;
  ClientThrottle client;
  ClientThrottle retries;
  std::vector<Sync<DeploymentSyncPayload>> active;
  std::vector<HeldAgainstReplicaSet> held;  ///< by row of the Deployment; looked at again where it is missing
};

/// A node whose pods of a DaemonSet keep failing. Source: daemon_controller.go failedPodsBackoff.
struct FailedPodsBackoff {
  Uid uid = 0;  ///< of the DaemonSet
  std::uint32_t generation = 0;
  Row node = kNoRow;
  sim::Duration delay{};
  sim::Time last_update{};
};

struct DaemonSetSyncPayload {
  DaemonSetStatus seen;
  DaemonSetStatus status;
  Text hash = 0;  ///< of the current revision
  std::int32_t next_batch = 0;
  std::vector<Row> nodes_needing_pods;
  std::vector<Write> history;  ///< deletions of revisions beyond the limit, after the status
};

struct DaemonSetControllerState {
  WorkQueue queue;
  ClientThrottle client;
  ClientThrottle retries;
  std::vector<Sync<DaemonSetSyncPayload>> active;
  std::vector<Expectations> expectations;  ///< by row of the DaemonSet
  std::vector<FailedPodsBackoff> backoffs;
  std::vector<Row> orphans;  ///< pods without a controller, as seen; ascending. Follows from the objects
};

}  // namespace models::kubernetes

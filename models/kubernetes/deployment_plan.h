#pragma once
// What one sync of a Deployment writes.

#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::deployments {

/// What a write belongs to; `Write::pass`.
enum class Pass : std::uint16_t {
  Claims,   ///< ReplicaSets adopted and released
  Rollout,  ///< a failure ends the sync
  Old,      ///< old ReplicaSets scaled down in a roll-out: a failure is passed over
  Cleanup,  ///< ReplicaSets beyond the revision history limit
  Status,
};

struct DeploymentPlan {
  std::vector<Write> writes;  ///< in upstream's order, each a batch of its own
  Deployment seen;            ///< with the conditions and the revision that early writes give it
  DeploymentStatus status;
  bool writes_status = false;
  std::vector<ReplicaSetChange> changes;  ///< by `Write::index`
  /// The new ReplicaSet was brought up to date from an old version, and upstream does so once more in the
  /// same sync: the second write meets a conflict.
  bool repeats = false;
  bool checks_now = false;        ///< the next look at progress is due: rate-limited
  sim::Duration requeue_after{};  ///< 0: no
  Wait wait;
};

/// Decides, from what the controller sees, without writing. New texts, templates and names are stored in the
/// cluster's tables.
/// Source: pkg/controller/deployment deployment_controller.go syncDeployment, sync.go, rolling.go,
///         recreate.go, progress.go. Left out: roll-back by the annotation of extensions/v1beta1.
DeploymentPlan plan(Cluster& cluster, Row row, sim::Time now);

}  // namespace models::kubernetes::deployments

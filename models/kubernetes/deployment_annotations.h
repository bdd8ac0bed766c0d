#pragma once
// The annotations that a Deployment's controller keeps on its ReplicaSets.

#include <cstdint>
#include <string_view>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::deployments {

/// Annotations that are stored as fields, or belong to one object alone. Source: deployment_util.go
/// annotationsToSkip.
bool is_own_annotation(std::string_view key);

/// Copies a Deployment's annotations to its ReplicaSet; those that the ReplicaSet has besides stay.
/// @return whether something changed. Source: copyDeploymentAnnotationsToReplicaSet.
bool copy_annotations(Cluster& cluster, const Deployment& deployment, ReplicaSet& set);

/// Gives a ReplicaSet a higher revision; the one that it had goes to the history.
/// @return whether it has changed. Source: SetNewReplicaSetAnnotations, maxRevHistoryLengthInChars 2000.
bool set_revision(Cluster& cluster, ReplicaSet& set, std::int64_t revision);

}  // namespace models::kubernetes::deployments

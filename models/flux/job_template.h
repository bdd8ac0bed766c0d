#pragma once

#include "models/flux/minicluster.h"
#include "models/kubernetes/cluster.h"

namespace models::flux {

/// The Indexed Job of a MiniCluster, as the operator creates it: completions and parallelism are the size,
/// backoffLimit 100, activeDeadlineSeconds the deadline, and with suspendWorkers backoffLimitPerIndex 0. Pods
/// have an init container that copies the Flux view. Left out: volumes, and the preferred affinity to one pod
/// per node. Fields of gates that are off are dropped, as the API server does. Source: flux-operator
/// controllers/flux/job.go, NewMiniClusterJob; containers.go; pods.go, getPodLabels.
kubernetes::Job job_of(kubernetes::Cluster& cluster, const MiniCluster& minicluster, Row row);

}  // namespace models::flux

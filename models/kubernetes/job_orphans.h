#pragma once
// The Job controller's second queue: pods with the finalizer whose Job is gone or finished.
// Source: kubernetes/kubernetes pkg/controller/job/job_controller.go, orphanWorker, syncOrphanPod.

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/job_plan.h"

namespace models::kubernetes::job_controller {

/// Queues the pod: its finalizer is removed, unless a Job that goes on owns it by then.
void queue_orphan(Turn& turn, const TrackedPod& pod, sim::TransitionId cause);

/// Queues every pod of the Job at `job` that has the finalizer. Source: cleanupPodFinalizers.
void queue_orphans_of(Turn& turn, Row job, Uid uid, sim::TransitionId cause);

/// The worker takes pods from the queue as far as the client lets it.
void work_on_orphans(Turn& turn);

}  // namespace models::kubernetes::job_controller

#pragma once
// The Job controller. Source: kubernetes/kubernetes pkg/controller/job/job_controller.go; the rules in prose
// are in the project's semantics document on the Indexed Job.
//
// A sync takes a snapshot and decides (`plan`), creates or deletes pods, accounts finished pods and writes
// the status, removes finalizers, and writes the status again. Everything judges pods by the snapshot,
// however long the throttled writes take.

#include <cstddef>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/job_plan.h"
#include "models/kubernetes/watch.h"

namespace models::kubernetes {

/// Source: job_controller.go, MaxPodCreateDeletePerSync.
inline constexpr std::size_t kPodWritesPerSync = 500;
/// Source: job_controller.go, syncJobBatchPeriod.
inline constexpr sim::Duration kJobBatchPeriod = std::chrono::seconds{1};
/// Source: pkg/controller/controller_utils.go, ExpectationsTimeout.
inline constexpr sim::Duration kExpectationsTimeout = std::chrono::minutes{5};

/// What a sync of the Job decides at `now` from what `view` shows and what the controller remembers.
/// REQUIRES: the view has the Job, and the Job has not finished; the memory is up to date with the view.
/// Source: syncJob, manageJob.
JobPlan plan(const View& view, Row job, const JobMemory& memory, sim::Time now);

/// The memory of a controller that meets the Job for the first time: its pods as `view` shows them.
JobMemory remember_job(const View& view, Row job);

/// Whether no sync needs to look at the pod again: it is gone or another's, or it has ended and lost its
/// finalizer and no rule of a podFailurePolicy may still find it.
bool settled(const View& view, Row job, const TrackedPod& pod, bool failure_policy);

struct By;

namespace job_controller {

/// Receives a watch event. Source: addPod, updatePod, deletePod, addJob, updateJob, deleteJob.
void observe(Turn& turn, const WatchEvent& event);

/// Performs a pending event of this controller. @return false if it is not one.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// Queues a Job now.
void enqueue(Turn& turn, Row job, sim::TransitionId cause);
/// Queues a Job after `delay`. Source: enqueueSyncJobInternal.
void enqueue_after(Turn& turn, Row job, sim::Duration delay, sim::TransitionId cause);

/// The client of all calls of this controller. Source: kube-controller-manager --kube-api-qps,
/// --kube-api-burst.
inline constexpr std::int64_t kClientQps = 20;
inline constexpr std::int64_t kClientBurst = 30;

/// How long a Job waits after the n-th sync in a row that failed: 1 s doubling to 60 s; before 1.28 10 s
/// doubling to 6 min. Source: job_controller.go, DefaultJobApiBackOff and MaxJobApiBackOff;
/// kubernetes/kubernetes#118615.
sim::Duration retry_delay(const Features& features, std::uint32_t failures);

/// Takes the finalizer batch.kubernetes.io/job-tracking off a pod, which is removed if its deletion was only
/// waiting for that. Source: removeTrackingFinalizerPatch.
Outcome remove_finalizer(Turn& turn, const TrackedPod& pod, const By& by);

/// Forgets everything and starts anew: every Job is queued, counts in memory (the job-wide backoff) are lost.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace job_controller
}  // namespace models::kubernetes

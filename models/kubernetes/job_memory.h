#pragma once
// What the Job controller remembers of a Job. Most of it follows from the Job's pods; it is kept up with
// every watch event, so that a sync of 100,000 running pods need not look at them.

#include <cstdint>
#include <vector>

#include "models/kubernetes/job_indexes.h"
#include "models/kubernetes/job_plan.h"

namespace models::kubernetes {

/// Lost when the controller restarts.
struct JobMemory {
  Uid uid = 0;                          ///< of the Job; another uid: nothing is known about this one
  std::int32_t creates_expected = 0;    ///< created pods that are not yet observed
  std::int32_t deletes_expected = 0;    ///< deleted pods whose deletion is not yet observed
  sim::Time expectations_set{};         ///< they are given up five minutes later
  std::vector<Uid> finalizers_removed;  ///< removal of the finalizer requested, not yet observed; sorted
  JobBackoff backoff;                   ///< failures since the last success

  // What follows from the pods as observed, and so is no state of its own.
  std::int32_t active = 0;         ///< pods that have not ended and are not being deleted
  std::int32_t ready = 0;          ///< of those: Ready
  std::int32_t without_index = 0;  ///< of those: without a completion index
  std::int64_t restarts = 0;       ///< of those: sum of container restarts
  HeldIndexes active_indexes;      ///< of those: the completion indexes
  /// Pods that have ended or are being deleted, in the order of observation. Those that no sync needs to look
  /// at again may still be among them.
  std::vector<TrackedPod> ending;
};

/// Has not ended and is not being deleted. Source: pkg/controller/controller_utils.go, IsPodActive.
inline bool is_active(const Pod& pod) { return !pod.terminal() && !pod.meta.deleting(); }

/// Whether `pod`, which may be null, is the pod that was tracked, and still the Job's.
bool belongs(const Pod* pod, const TrackedPod& tracked, Uid job);
/// Whether a pod has ended and lost its finalizer, and no rule of a podFailurePolicy may still find it.
bool is_settled(const Pod& pod, bool failure_policy);

/// A pod of the Job is there.
void add_pod(JobMemory& memory, Row row, const Pod& pod);
/// A pod of the Job is gone, or no longer the Job's.
void remove_pod(JobMemory& memory, const Pod& pod);
/// A pod of the Job has changed.
void change_pod(JobMemory& memory, Row row, const Pod& before, const Pod& after);

}  // namespace models::kubernetes

#pragma once
// What a sync of the Job controller has seen and decided, as plain values: made by `plan` (job_controller.h),
// carried through the stages of the sync.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/kubernetes/features.h"
#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// A pod that the Job controller has in mind. The uid tells whether the row still holds the same pod.
struct TrackedPod {
  Row row = kNoRow;
  Uid uid = 0;
  friend bool operator==(const TrackedPod&, const TrackedPod&) = default;
};

/// Which of upstream's variants apply to a Job: gates, versions and the fields that turn a rule on.
struct JobRules {
  std::int32_t completions = -1;  ///< -1: not given
  bool indexed = false;
  bool per_index = false;            ///< backoffLimitPerIndex is given (hasBackoffLimitPerIndex)
  bool failure_policy = false;       ///< podFailurePolicy is given
  bool only_replace_failed = false;  ///< onlyReplaceFailedPods
  bool track_terminating = false;    ///< trackTerminatingPods
  bool report_terminating = false;   ///< status.terminating is written
  bool delay_terminal = false;     ///< delayTerminalCondition: terminal conditions wait for terminating pods
  bool success_criteria = false;   ///< condition SuccessCriteriaMet is known
  bool success_policy = false;     ///< successPolicy is given
  bool completion_reason = false;  ///< success by completions has a reason and a message
  bool managed_by_other = false;   ///< managedByExternalController
  friend bool operator==(const JobRules&, const JobRules&) = default;
};

/// Source: the gate checks of job_controller.go (hasBackoffLimitPerIndex, onlyReplaceFailedPods,
/// trackTerminatingPods, delayTerminalCondition), with the releases of kubernetes/kubernetes#125510.
JobRules job_rules(const Features& features, const JobSpec& spec);

/// The job-wide pod backoff. Source: backoff_utils.go, backoffRecord.
struct JobBackoff {
  std::int32_t failures = 0;  ///< since the last success
  sim::Time last_failure{};   ///< meaningful when there are failures
  friend bool operator==(const JobBackoff&, const JobBackoff&) = default;
};

/// A pod with the finalizer, as the snapshot of a sync has it.
struct JobPod {
  Row row = kNoRow;
  Uid uid = 0;
  std::int32_t index = -1;
  std::int32_t failure_count = 0;  ///< the annotation; 0 when unusable
  std::int32_t ignored_failure_count = 0;
  sim::Time finished{};            ///< finish time of a finished pod
  bool succeeded = false;          ///< phase Succeeded
  bool failed = false;             ///< counts as failed (isPodFailed)
  bool counts = true;              ///< the pod failure policy does not ignore its failure
  bool fails_index = false;        ///< the pod failure policy says FailIndex
  bool in_range = true;            ///< has a completion index below completions, or the Job is NonIndexed
  bool recorded = false;           ///< its index is in the stored completedIndexes
  bool uncounted = false;          ///< its uid is in uncountedTerminatedPods
  bool removal_requested = false;  ///< its finalizer's removal was asked for and is not yet observed
  bool held = false;  ///< keeps its finalizer until a replacement is active (backoffLimitPerIndex)

  [[nodiscard]] bool fresh() const { return in_range && !uncounted && !removal_requested; }
  friend bool operator==(const JobPod&, const JobPod&) = default;
};

/// The condition that ends a Job. `type` is what upstream's finishedCondition holds before the status is
/// written: an interim condition to write first, or the terminal one at once.
struct JobVerdict {
  bool present = false;
  JobConditionType type = JobConditionType::Failed;
  std::string reason;
  std::string message;

  [[nodiscard]] bool success_criteria() const {
    return present && type == JobConditionType::SuccessCriteriaMet;
  }
  friend bool operator==(const JobVerdict&, const JobVerdict&) = default;
};

/// A pod to delete.
struct JobPodRemoval {
  Row row = kNoRow;
  Uid uid = 0;
  bool ready = false;
  bool finalizer = false;
  friend bool operator==(const JobPodRemoval&, const JobPodRemoval&) = default;
};

/// A pod to create.
struct JobPodCreation {
  std::int32_t index = -1;
  std::int32_t failure_count = -1;  ///< -1: no annotation
  std::int32_t ignored_failure_count = 0;
  friend bool operator==(const JobPodCreation&, const JobPodCreation&) = default;
};

/// Everything that a sync decides from its snapshot. Never both `removals` and `creations`.
struct JobPlan {
  JobRules rules;
  bool deleting = false;          ///< deletion of the Job was requested
  bool suspended = false;         ///< spec.suspend
  bool managed = false;           ///< pods were managed (manageJob was called)
  bool expectations_met = false;  ///< every create and delete of the controller was observed
  bool strip_finalizers =
      false;  ///< removals take the finalizer off first, so that the pods never count as failed

  std::int32_t active = 0;
  std::int32_t ready = 0;
  std::int32_t terminating = 0;
  std::int32_t succeeded = 0;  ///< successes, those not yet in the status included
  std::int32_t failed = 0;     ///< failedTotal: counted, uncounted and new failures

  JobVerdict verdict;
  std::vector<TrackedPod> adopt;
  std::vector<TrackedPod> release;
  std::vector<JobPodRemoval> removals;
  /// The pods that stay although they rank equally with the last of `removals`, and from which position on
  /// those do: which of all these go is chance.
  std::vector<JobPodRemoval> spared;
  std::uint32_t equal_from = 0;
  std::vector<JobPodCreation> creations;
  sim::Duration retry_after{};     ///< when creation waits for a backoff: how long; 0: no
  sim::Duration deadline_after{};  ///< when activeDeadlineSeconds will be over; 0: no
  JobBackoff backoff;              ///< to remember once the status is written

  JobStatus status;              ///< with start time, completed and failed indexes of this sync
  bool status_changed = false;   ///< `status` differs from what is stored
  std::vector<JobPod> finished;  ///< pods with the finalizer that succeeded or failed
  std::vector<JobPod> live;      ///< the others with the finalizer; only where they may lose it in this sync

  Wait wait;                ///< why there are fewer pods than wanted; meaningful when `managed`
  sim::Time wait_until{};   ///< end of the backoff that is waited for
  std::size_t settled = 0;  ///< pods of `JobMemory::ending` that no sync needs to look at again
};

}  // namespace models::kubernetes

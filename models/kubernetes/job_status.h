#pragma once
// Accounting of finished pods and the status of a Job, which is written in two steps: first what was counted
// and the interim condition, then, once the finalizers are gone, the counters and the terminal condition.
// Source: kubernetes/kubernetes pkg/controller/job/job_controller.go, trackJobStatusAndRemoveFinalizers.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "models/kubernetes/job_plan.h"
#include "models/kubernetes/strings.h"

namespace models::kubernetes {

/// Finished pods accounted in one sync. Source: job_controller.go, MaxUncountedPods.
inline constexpr std::size_t kAccountedPerSync = 500;

/// What became of the creates or deletes of a sync.
struct ManageOutcome {
  std::int32_t created = 0;
  std::int32_t removed = 0;
  std::int32_t removed_ready = 0;
  bool error = false;
};

/// The first write of the status, and whose finalizers go after it.
struct JobAccount {
  JobStatus status;
  bool write = false;                ///< the status must be written
  std::vector<TrackedPod> removals;  ///< in the order in which the finalizers are removed
  bool cut = false;                  ///< the limit was reached: the Job cannot finish in this sync
  bool finishing = false;            ///< `terminal` is to be added once everything is counted
  JobConditionType terminal = JobConditionType::Failed;
  Text reason = 0;
  Text message = 0;
  sim::Time decided_at{};        ///< becomes completionTime
  std::int32_t terminating = 0;  ///< after this sync's own deletes
};

/// Sets a condition. A condition that is absent is not added with status False.
/// @return whether something changed. Source: ensureJobConditionStatus.
bool set_condition(JobStatus& status, JobConditionType type, bool value, Text reason, Text message,
                   sim::Time now);

/// What remains after the creates and deletes were tried: whether the verdict stands, whether the Job is
/// complete now, whether condition Suspended changes, and the counts of pods. Source: syncJob, from
/// deleteActivePods on.
void conclude_management(JobPlan& plan, const ManageOutcome& outcome, Strings& strings, sim::Time now);

/// Counts finished pods by ascending index and uid, at most `kAccountedPerSync`, and adds the interim
/// condition. Takes the status out of `plan`. Source: trackJobStatusAndRemoveFinalizers, canRemoveFinalizer.
JobAccount account_pods(JobPlan& plan, Strings& strings, sim::Time now);

/// Moves uncounted pods whose finalizer is gone into the counters. `gone` is sorted.
/// @return whether something moved. Source: cleanUncountedPodsWithoutFinalizers.
bool count_uncounted(JobStatus& status, std::span<const Uid> gone);

/// Adds the terminal condition if everything is counted and, where it waits for them, no pod is terminating.
/// @return whether the Job is finished now. Source: enactJobFinished.
bool enact_finished(JobAccount& account, bool delay_terminal, sim::Time now);

}  // namespace models::kubernetes

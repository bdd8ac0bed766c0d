#pragma once
// How long the replacement of failed pods waits. Source: kubernetes/kubernetes
// pkg/controller/job/backoff_utils.go.

#include <span>

#include "models/kubernetes/job_plan.h"

namespace models::kubernetes {

/// Source: job_controller.go, DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff.
inline constexpr sim::Duration kPodBackoffBase = std::chrono::seconds{10};
inline constexpr sim::Duration kPodBackoffMax = std::chrono::seconds{600};

/// When a pod ended: its last container's end; else when it was last not Ready; else when its deletion was
/// requested; else its creation. Source: getFinishedTime.
sim::Time finished_time(const Pod& pod);

/// The job-wide backoff after a sync that sees `finished`. Failures since the last success add up; a success
/// starts the count anew with the failures that ended after it. Only fresh pods are looked at. Source:
/// newBackoffRecord.
JobBackoff next_backoff(const JobBackoff& before, std::span<const JobPod> finished);

/// What is left of the wait of `failures` failures, the last of them at `last_failure`: base ×
/// 2^(failures-1), at most `max`. 0 without failures. Source: getRemainingTimeForFailuresCount.
sim::Duration remaining_backoff(std::int32_t failures, sim::Time last_failure, sim::Time now,
                                sim::Duration base = kPodBackoffBase, sim::Duration max = kPodBackoffMax);

/// The same for one index, whose last failed pod keeps the count. Source: getRemainingTimePerIndex.
sim::Duration remaining_backoff(const JobPod& last_failed, sim::Time now);

}  // namespace models::kubernetes

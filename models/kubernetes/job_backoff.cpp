#include "models/kubernetes/job_backoff.h"

#include <algorithm>
#include <limits>

#include "models/kubernetes/served_time.h"
#include "models/kubernetes/upstream_rules.h"

namespace models::kubernetes {

sim::Time finished_time(const Pod& pod) {
  if (pod.finished_at != sim::kNever) {
    return served(pod.finished_at);
  }
  // A pod that the kubelet never accepted has no condition Ready, which shows in the time of its transition.
  if (!pod.ready && pod.ready_changed > pod.meta.created) {
    return served(pod.ready_changed);
  }
  if (pod.meta.deleting()) {
    return served(pod.meta.deletion_timestamp - std::chrono::seconds{pod.grace_seconds});
  }
  return served(pod.meta.created);
}

JobBackoff next_backoff(const JobBackoff& before, std::span<const JobPod> finished) {
  bool success = false;
  sim::Time last_success{};
  for (const JobPod& pod : finished) {
    if (pod.fresh() && pod.succeeded) {
      last_success = success ? std::max(last_success, pod.finished) : pod.finished;
      success = true;
    }
  }
  JobBackoff result = success && stands(Rule::SuccessClearsTheBackoff) ? JobBackoff{} : before;
  bool failure = false;
  for (const JobPod& pod : finished) {
    if (!pod.fresh() || !pod.failed || (success && pod.finished <= last_success)) {
      continue;
    }
    if (failure && !stands(Rule::FailuresSeenTogetherAllCount)) {
      continue;
    }
    result.last_failure = failure ? std::max(result.last_failure, pod.finished) : pod.finished;
    failure = true;
    result.failures = std::min(result.failures, std::numeric_limits<std::int32_t>::max() - 1) + 1;
  }
  return result;
}

sim::Duration remaining_backoff(std::int32_t failures, sim::Time last_failure, sim::Time now,
                                sim::Duration base, sim::Duration max) {
  if (failures <= 0) {
    return sim::Duration::zero();
  }
  sim::Duration backoff = base;
  for (std::int32_t i = 1; i < failures; ++i) {
    backoff *= 2;
    if (backoff >= max) {
      backoff = max;
      break;
    }
  }
  return std::max(sim::Duration::zero(), backoff - (now - last_failure));
}

sim::Duration remaining_backoff(const JobPod& last_failed, sim::Time now) {
  return remaining_backoff(last_failed.failure_count + last_failed.ignored_failure_count + 1,
                           last_failed.finished, now);
}

}  // namespace models::kubernetes

#pragma once
// The eviction subresource of pods: the one way of deleting a pod that asks its disruption budgets.

#include <cstdint>
#include <string>

#include "models/kubernetes/admission.h"
#include "models/kubernetes/api.h"

namespace models::kubernetes {

/// What the API answers to an eviction.
struct EvictionAnswer {
  ApiError error;     ///< none: the pod is being deleted, or gone
  std::string cause;  ///< the DisruptionBudget cause of a refusal, which clients may show
  /// The header Retry-After: a client of client-go waits that long and asks again, up to 10 times, before it
  /// hands the refusal over. 0: no such header. Source: client-go rest/with_retry.go.
  std::int64_t retry_after_seconds = 0;
  Row budget = kNoRow;  ///< that refused it, or that was spent
  sim::TransitionId transition = sim::kNoTransition;

  [[nodiscard]] bool ok() const { return !error; }
};

/// Asks for the eviction of a pod, whichever holds the row's name now. `grace_seconds` -1 is the pod's own. A
/// dry run decides and writes nothing.
///
/// In order: a pod that is gone is not found; a finished, Pending or terminating pod is deleted; two budgets
/// are refused with 500; without a budget the pod is deleted; an unready pod is deleted without asking where
/// the budget's policy is AlwaysAllow or its application is healthy; else the budget is spent or refuses.
/// What upstream retries on conflicts cannot conflict here: reads and writes of one request are one moment.
/// Source: pkg/registry/core/pod/storage/eviction.go EvictionREST.Create, checkAndDecrement.
EvictionAnswer evict_pod(Turn& turn, Row pod, By by, std::int64_t grace_seconds, bool dry_run);

}  // namespace models::kubernetes

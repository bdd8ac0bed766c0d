#pragma once
// Deletes finished Jobs after spec.ttlSecondsAfterFinished.
// Source: kubernetes/kubernetes pkg/controller/ttlafterfinished/ttlafterfinished_controller.go.

#include <optional>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/watch.h"

namespace models::kubernetes::ttl_after_finished {

/// When the Job may be deleted: its TTL after the transition of its terminal condition; none if it has no
/// TTL, has not finished or is being deleted. Source: needsCleanup, getFinishAndExpireTime.
std::optional<sim::Time> expires_at(const Job& job);

/// Receives a watch event. Source: addJob, updateJob.
void observe(Turn& turn, const WatchEvent& event);

/// Performs a pending event of this controller. @return false if it is not one.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// Starts anew: looks at every Job.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::ttl_after_finished

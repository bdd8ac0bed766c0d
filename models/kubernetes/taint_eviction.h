#pragma once
// The taint eviction controller: deletes pods from nodes with NoExecute taints that they do not tolerate (any
// longer). Its deletions are plain ones: disruption budgets are not asked.
// Source: pkg/controller/tainteviction/taint_eviction.go, timed_workers.go; up to 1.28
// pkg/controller/nodelifecycle/scheduler/taint_manager.go with the same rules.

#include "models/kubernetes/api.h"

namespace models::kubernetes::taint_eviction {

/// Receives a watch event: nodes and pods.
void observe(Turn& turn, const WatchEvent& event);
/// Performs the controller's own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// How long a pod stays on a node with these taints: kNever, or 0 where it does not tolerate one of them. The
/// tolerations that admission adds count: 300 s for not-ready and unreachable.
/// Source: processPodOnNode, getMinTolerationTime; plugin/pkg/admission/defaulttolerationseconds.
sim::Duration time_tolerated(const PodTemplate& pod_template, const std::vector<Taint>& taints);

/// Forgets everything, as a restarted controller manager does: all timers begin anew.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::taint_eviction

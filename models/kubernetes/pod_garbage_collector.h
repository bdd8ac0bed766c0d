#pragma once
// PodGC: ends pods that no kubelet will ever end. Source: pkg/controller/podgc/gc_controller.go.
//
// Its tick is pending only while it could do something, so that a quiet cluster stays quiet; ticks fall on
// whole multiples of 20 s of the scenario.

#include "models/kubernetes/api.h"

namespace models::kubernetes::pod_garbage_collector {

/// Receives a watch event: pods and nodes.
void observe(Turn& turn, const WatchEvent& event);
/// Performs the controller's own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// Forgets everything, as a restarted controller manager does, and looks at all nodes and pods anew.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::pod_garbage_collector

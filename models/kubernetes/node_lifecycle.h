#pragma once
// The node lifecycle controller and the taint eviction controller: what happens to a node that falls silent
// and to its pods. Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go,
// pkg/controller/tainteviction.
//
// A healthy node makes no events: its heartbeats are not simulated one by one, the passes in which the
// controller would find something are computed. Passes fall on multiples of 5 s and 1 ms of the scenario. Not
// modelled: zones, and with them the modes in which evictions slow down or stop because too many nodes are
// silent.

#include "models/kubernetes/api.h"

namespace models::kubernetes::node_lifecycle {

/// Receives a watch event: nodes and pods.
void observe(Turn& turn, const WatchEvent& event);
/// Performs the controllers' own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// How long a node may be silent: 40 s, from 1.32 on 50 s (#126287).
sim::Duration monitor_grace_period(const Features& features);

/// How long a pod stays on a node with these taints: kNever, or 0 where it does not tolerate one of them. The
/// tolerations that admission adds count: 300 s for not-ready and unreachable.
/// Source: tainteviction/taint_eviction.go processPodOnNode; plugin/pkg/admission/defaulttolerationseconds.
sim::Duration time_tolerated(const PodTemplate& pod_template, const std::vector<Taint>& taints);

/// Forgets everything, as a restarted controller manager does: heartbeats count from now, evictions start
/// anew.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::node_lifecycle

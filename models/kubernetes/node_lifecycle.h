#pragma once
// The node lifecycle controller: what becomes of a node whose kubelet falls silent or says that it is not
// ready. Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go.
//
// A healthy node costs nothing: its heartbeats are not simulated one by one, and a pass of the monitor takes
// place only when it would find something; it then looks at the nodes that are not plainly healthy. Passes
// fall on multiples of 5 s and 1 ms of the scenario, and the queues of NoExecute taints are looked at on
// multiples of 100 ms and 1 ms after it (assumed: upstream's two loops drift).

#include "models/kubernetes/api.h"

namespace models::kubernetes::node_lifecycle {

/// Receives a watch event: nodes.
void observe(Turn& turn, const WatchEvent& event);
/// Performs the controller's own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// How long a node may be silent: as the flag says, else 40 s, from 1.32 on 50 s (#126287).
sim::Duration monitor_grace_period(const Settings& settings);

/// Forgets everything, as a restarted controller manager does: heartbeats count from now, and the first pass
/// takes all nodes for new ones, whose NoExecute taints go.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::node_lifecycle

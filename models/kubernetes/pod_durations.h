#pragma once
// How long the things take that a kubelet does: from the behaviour that a scenario states, else from the
// profile.

#include "models/kubernetes/api.h"
#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/kubelet_state.h"

namespace models::kubernetes::kubelet {

/// All init containers of the pod, one after the other.
sim::Duration init_duration(Turn& turn, const Pod& pod, const PodBehaviour& behaviour);
/// From the pod being accepted (or initialized) to its containers running: volumes, image, sandbox, start.
sim::Duration start_duration(Turn& turn, const Pod& pod, const PodBehaviour& behaviour);
/// From running to Ready. A pod without a readiness probe is ready as soon as its containers run.
/// Source: pkg/kubelet/prober/prober_manager.go UpdatePodStatus.
sim::Duration ready_duration(Turn& turn, const Pod& pod, const PodBehaviour& behaviour);
/// When containers that start now end by themselves; kNever where nothing says that they do.
sim::Time natural_end(Turn& turn, const Pod& pod, const PodBehaviour& behaviour);
/// From SIGTERM to the containers' end, the grace period not regarded; the maximum for those that ignore
/// SIGTERM.
sim::Duration stop_duration(Turn& turn, const Pod& pod, const PodBehaviour& behaviour);
/// From a change of the containers to the write of the pod's status, for the change that ends `stage`.
sim::Duration status_delay(Turn& turn, const Pod& pod, PodStage stage);
/// From the write of an ended pod's last status to the request that deletes its object.
sim::Duration deletion_delay(Turn& turn, const Pod& pod);

}  // namespace models::kubernetes::kubelet

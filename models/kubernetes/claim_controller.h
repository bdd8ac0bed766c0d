#pragma once
// Two controllers of PersistentVolumeClaims: the one that binds them to volumes and the one that keeps a
// claim while a pod uses it. Which pod uses which claim is known for the claims of StatefulSets, by name.

#include "models/kubernetes/api.h"

namespace models::kubernetes::claim_controller {

/// Receives a watch event: claims and pods.
void observe(Turn& turn, const WatchEvent& event);
/// Performs the controllers' own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// Who asks when chance decides about the claim.
std::uint64_t entity_of(const Cluster& cluster, const PersistentVolumeClaim& claim);

/// The pod that the API serves under the name that the claim was made for; kNoRow if there is none.
Row pod_of(const Cluster& cluster, const PersistentVolumeClaim& claim);
/// Whether a pod uses the claim: it names the claim and has a node; its phase does not matter.
/// Source: pkg/controller/volume/pvcprotection/pvc_protection_controller.go podUsesPVC.
bool in_use(const Cluster& cluster, const PersistentVolumeClaim& claim);

/// Forgets everything, as a restarted controller manager does, and looks at all claims anew.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::claim_controller

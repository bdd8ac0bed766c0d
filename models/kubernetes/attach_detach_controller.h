#pragma once
// The attach/detach controller: volumes of the cloud are attached to the node of the pod that uses them
// before its kubelet starts it, and detached when no pod there wants them any more. Source:
// pkg/controller/volume/attachdetach: attach_detach_controller.go, reconciler/reconciler.go,
// cache/actual_state_of_world.go.

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::attach_detach_controller {

/// Takes a watch event: pods with such volumes, claims and nodes wake it.
void observe(Turn& turn, const WatchEvent& event);
/// @return false for an event of somebody else.
bool on_event(Turn& turn, const sim::PendingEvent& event);
/// The controller manager has restarted: what is attached stays so, and waiting for an unmount begins anew.
void restart(Turn& turn, sim::TransitionId cause);

/// Whether the volume of a claim is attached to a node before it is mounted. Source: storage/v1
/// CSIDriverSpec.attachRequired; pkg/volume/csi/csi_plugin.go skipAttach: also without a CSIDriver. Whether a
/// provisioner is one of CSI its volumes show, where the files hold any, else its name (assumed).
bool is_attachable(const Cluster& cluster, const PersistentVolumeClaim& claim);

/// Whether the pod's kubelet has to wait: some volume of the pod is not attached to its node.
/// Source: pkg/kubelet/volumemanager/volume_manager.go WaitForAttachAndMount.
bool waits_for_volumes(const Cluster& cluster, Row pod);

}  // namespace models::kubernetes::attach_detach_controller

#pragma once
// The DaemonSet controller. Source: pkg/controller/daemon (daemon_controller.go, update.go). Left out:
// ControllerRevisions without an owner are not adopted, and several of equal content are not merged.

#include "models/kubernetes/api.h"

namespace models::kubernetes::daemonset_controller {

/// A watch event has reached the controller manager.
void observe(Turn& turn, const WatchEvent& event);
/// @return whether the event was this controller's.
bool on_event(Turn& turn, const sim::PendingEvent& event);
/// Forgets its memory and looks at every DaemonSet again, as a restarted controller manager does.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::daemonset_controller

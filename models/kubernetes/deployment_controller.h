#pragma once
// The Deployment controller. Source: pkg/controller/deployment.

#include "models/kubernetes/api.h"

namespace models::kubernetes::deployment_controller {

/// A watch event has reached the controller manager.
void observe(Turn& turn, const WatchEvent& event);
/// @return whether the event was this controller's.
bool on_event(Turn& turn, const sim::PendingEvent& event);
/// Forgets its memory and looks at every Deployment again, as a restarted controller manager does.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::deployment_controller

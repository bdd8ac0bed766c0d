#pragma once
// What OpenStack does to Kubernetes: a server that goes takes its kubelet with it, and back.

#include "scenarios/world.h"

namespace scenarios {

/// Performs a pending event of OpenStack. Those that tell of a guest reach the node that runs on it.
void on_openstack_event(World& world, sim::Context& context, const sim::PendingEvent& event);

}  // namespace scenarios

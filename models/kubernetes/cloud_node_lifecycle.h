#pragma once
// The cloud's node lifecycle controller: what it does about nodes that are not Ready, by what the cloud says
// of their servers. A stopped server's node gets the taint node.cloudprovider.kubernetes.io/shutdown, the
// node of a server that does not exist is deleted; a shelved server is neither, so that its node stays.
// Source: k8s.io/cloud-provider controllers/nodelifecycle/node_lifecycle_controller.go MonitorNodes;
// kubernetes/cloud-provider-openstack pkg/openstack/instances.go InstanceShutdownByProviderID (SHUTOFF).
//
// Passes take place only when something could be done. They fall on multiples of 5 s and 2 ms (assumed).

#include "models/kubernetes/api.h"

namespace models::kubernetes::cloud_node_lifecycle {

/// Receives a watch event: nodes.
void observe(Turn& turn, const WatchEvent& event);
/// Performs the controller's own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// The cloud says this of the server behind the node at `row` from now on.
void set_server(Turn& turn, Row row, CloudServer server, sim::TransitionId cause);

}  // namespace models::kubernetes::cloud_node_lifecycle

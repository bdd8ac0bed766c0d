#pragma once
// Machines: switched off and on, shut down in an orderly way, silent, unknown to the cloud. What other
// systems do to a node goes through here.
//
// A machine is known by the row of its Node. When that object is deleted the row stays and stands for the
// machine: it can be switched on, and then registers anew, in a new row.

#include <string_view>

#include "models/kubernetes/api.h"

namespace models::kubernetes::node_power {

/// The row of the machine of that name: of its Node, or of the Node that it had last; kNoRow: there is none.
Row machine_named(const Cluster& cluster, std::string_view name);

/// Power loss: containers and kubelet are gone at once. @return false if the machine is off.
bool power_off(Turn& turn, Row machine, By by);
/// The machine runs again, and its kubelet: it posts Ready, or registers anew where its Node was deleted,
/// without cordon, taints and labels that others had set. @return false if the machine is on and its kubelet
/// acts.
bool power_on(Turn& turn, Row machine, By by);
/// The machine is told to shut down (ACPI, `shutdown now`): with shutdownGracePeriod the kubelet ends its
/// pods first, see node_shutdown.h; else this is `power_off`. @return false if it is off or shuts down
/// already.
bool shut_down(Turn& turn, Row machine, By by);

/// The kubelet stops or cannot be reached; containers run on. @return false if it is silent already.
bool silence_kubelet(Turn& turn, Row machine, By by);
/// The kubelet is back and sees to what happened to its pods meanwhile; one that was restarted
/// (`restarted`) also registers anew where its Node was deleted. @return false if it acts or the machine is
/// off.
bool kubelet_returns(Turn& turn, Row machine, By by, bool restarted = true);

/// From now on the cloud says that of the server behind a node; see cloud_node_lifecycle.h for what follows.
/// It does not switch the machine.
void set_cloud_server(Turn& turn, Row machine, CloudServer server, By by);

}  // namespace models::kubernetes::node_power

#pragma once
// Nodes: reading them from JSON, and printing them.

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Fills a node from JSON whose types were checked: shape from allocatable (else capacity), labels, roles,
/// taints, cordon, readiness. A node without status is Ready and holds what its capacity says.
void node_from(Cluster& cluster, const Json& object, UnixSeconds epoch, Node& out, Problems& problems);
/// Reads a node's manifest or snapshot; times count from `epoch`.
bool read_node(Cluster& cluster, const Json& manifest, Node& out, Problems& problems, UnixSeconds epoch = 0);

/// As `kubectl get -o json` shows it.
Json node_json(const Cluster& cluster, const Node& node, UnixSeconds epoch);

/// ROLES as kubectl prints them from labels: empty for none. Source: printers.go findNodeRoles.
std::string node_roles(const LabelMap& labels);

}  // namespace models::kubernetes::json

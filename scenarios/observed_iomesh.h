#pragma once
// IOMesh as `kubectl get iomesh iomesh -o json` and the pods of its servers show it. Where the replicas of
// data lie is in neither: they are spread evenly, which a verdict lists.

#include <map>
#include <string>
#include <vector>

#include "models/iomesh/state.h"
#include "scenarios/cluster_files.h"
#include "scenarios/language/cluster.h"
#include "scenarios/language/diagnostic.h"
#include "sim/result.h"

namespace scenarios {

/// The addresses of each node.
using NodeAddresses = std::map<std::string, std::vector<std::string>>;

bool is_iomesh(const Json& object);
/// Adds those of the object, if it is a Node.
void note_addresses(const Json& object, NodeAddresses& addresses);

/// Fills in the state. The pods of the servers are there already. A chunk belongs to the pod on the node with
/// its address; or to the pod for which the scenario names its id; or, of those that are left, the lowest
/// address to the first node by name.
/// @param described  what the scenario says of the storage; nullptr: nothing.
/// @return what this rests on.
std::vector<sim::Basis> observe_iomesh(const FileObject& resource, const NodeAddresses& addresses,
                                       const language::IOMesh* described, models::iomesh::Turn& turn,
                                       language::Diagnostics& diagnostics);

}  // namespace scenarios

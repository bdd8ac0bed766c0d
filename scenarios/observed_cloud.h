#pragma once
// What the files of a cluster tell of the cloud below it.

#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"
#include "scenarios/language/openstack.h"
#include "scenarios/observed_iomesh.h"
#include "sim/result.h"

namespace scenarios {

/// The cloud of the servers that `openstack server list -f json` lists, for a scenario that describes none. A
/// server is the machine of the node that has its name or one of its addresses. What lists do not tell is
/// assumed, and `basis` says so: flavours are as large as the nodes on them, and every server has room.
language::OpenStack observed_cloud(const std::vector<std::string>& server_lists,
                                   const models::kubernetes::Cluster& cluster, const NodeAddresses& addresses,
                                   std::vector<sim::Basis>& basis);

}  // namespace scenarios

#pragma once

#include <string>

namespace models::kubernetes {

struct Cluster;
struct Pod;

/// The name that behaviour rules have for a pod: of a Deployment's ReplicaSet, `<deployment>-<hash>`, the
/// Deployment's; else that of the owner whose pods' names derive from it, or the pod's own.
std::string name_for_rules(const Cluster& cluster, const Pod& pod);

}  // namespace models::kubernetes

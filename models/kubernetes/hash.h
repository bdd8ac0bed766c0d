#pragma once

#include "models/kubernetes/cluster.h"
#include "sim/hash.h"

namespace models::kubernetes {

/// Whether nothing is on its way inside the control plane: every observer has seen every write, no queue
/// holds a key, no sync is under way. Only then a cluster is hashed; a world in between is never merged.
bool at_rest(const Cluster& cluster);

/// Adds all that a rule can still read: objects in the order of their rows, moments as the time since or
/// until
/// (`kForgotten` at most), the memory of controllers, kubelets and scheduler. Uids count by rank only,
/// versions, texts of messages and causes not at all. REQUIRES: at_rest.
void hash(const Cluster& cluster, sim::Time now, sim::Hasher& hasher);

/// Where the object with that uid stands, for hashing a reference to it; a constant once it is gone.
std::uint64_t hashed_reference(const Cluster& cluster, Uid uid);

/// A moment relative to `now`; long past ones are alike.
std::int64_t hashed_moment(const Cluster& cluster, sim::Time at, sim::Time now);

}  // namespace models::kubernetes

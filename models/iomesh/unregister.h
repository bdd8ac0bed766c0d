#pragma once
// `iomeshctl chunk unregister`: what the meta leader checks, and when it is over.
//
// Source: IOMesh documentation, Scale Down Cluster (one at a time, in reverse order; takes minutes to hours).
// What it checks, and in which words it refuses, is assumed: Cassandra, HDFS and Ceph refuse or stall alike.

#include <string>

#include "models/iomesh/state.h"

namespace models::iomesh::unregister {

/// Why the meta leader would refuse to remove chunk `position` now; empty: it would not.
std::string refusal(const State& state, std::size_t position);

/// Asks for the removal of the chunk with that id. @return why not; empty: accepted.
std::string request(Turn& turn, std::int32_t id, By by);

}  // namespace models::iomesh::unregister

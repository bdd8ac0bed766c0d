#pragma once
// Chunk servers: which disks a pod serves, when a session opens and when it ends.
//
// Source: IOMesh documentation, Install and Prerequisites: data disks are local to a node, one chunk pod a
// node. That a chunk is known by its node, and that a pod on a node without a record registers as a new id,
// is assumed; so is that the pod of a deleted record stays away until its container starts again.

#include <cstdint>

#include "models/iomesh/state.h"

namespace models::iomesh::chunks {

/// Looks which chunk servers run. `first`: the transition from which on something has happened.
void observe(Turn& turn, sim::TransitionId first);

void on_connect(Turn& turn, std::uint32_t chunk, sim::TransitionId cause);
void on_expire(Turn& turn, std::uint32_t chunk, sim::TransitionId cause);
void on_recovery_due(Turn& turn, std::uint32_t chunk, sim::TransitionId cause);

/// Tells and stores a new status or use.
void set_status(Turn& turn, Chunk& chunk, ChunkStatus status, By by);
void set_use(Turn& turn, Chunk& chunk, UseState use, By by);

}  // namespace models::iomesh::chunks

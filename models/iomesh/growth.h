#pragma once
// What clients write while everything else goes on. It takes room on the chunks that stay, and may take it
// from a migration that had been given it.

#include "models/iomesh/state.h"

namespace models::iomesh::growth {

/// Clients begin to write, if they do.
void begin(Turn& turn);
/// What was written since the last look takes its place: evenly on the chunks with room for it, in as many
/// replicas as all data has. Without such chunks clients are held up, which is told once.
void on_write(Turn& turn, sim::TransitionId cause);

}  // namespace models::iomesh::growth

#pragma once
// The requests of the garbage collector: what an owner left is deleted or orphaned in batches, one dependent
// after the other, and then comes the owner's turn. Source:
// pkg/controller/garbagecollector/garbagecollector.go.

#include <cstddef>

#include "models/kubernetes/api.h"

namespace models::kubernetes::garbage_collector {

/// Queues a batch, unless there is nothing to do in it; its event `GarbageCollect` is due when it is looked
/// at.
void add_batch(Turn& turn, CollectionBatch batch);
/// Queues one dependent that has lost its owner.
void collect_alone(Turn& turn, Uid owner, Dependent dependent, sim::TransitionId cause);
/// Whether a request about the dependent is under way.
bool is_being_collected(const GarbageCollectorState& state, Uid uid);

/// Ends foreground deletions whose dependents are gone. Source: processDeletingDependentsItem.
void end_foreground_deletions(Turn& turn, sim::TransitionId cause);

/// Goes on with the batch at a position of the queue, as far as it can go now.
void work_on(Turn& turn, std::size_t position);

}  // namespace models::kubernetes::garbage_collector

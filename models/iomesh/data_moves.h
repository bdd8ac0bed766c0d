#pragma once
// Data under way: recovery makes missing replicas anew from survivors, migration moves those of a chunk that
// is unregistered. Each has its limit; all moves of a task advance alike.
//
// Source: SmartX, "replicas, data recovery, rebalance" (limits of a node for recovery and for migration,
// which have separate queues). Rates: a migration is bounded by what the leaving node sends, a recovery reads
// every byte on one survivor and writes it on another. That a stopped task begins again with a scan is
// assumed.

#include <optional>
#include <string>

#include "models/iomesh/state.h"

namespace models::iomesh::moves {

/// Brings what has moved up to now into the placement, and plans anew.
void replan(Turn& turn, sim::TransitionId cause);
/// The same, where something is under way.
void replan_if_under_way(Turn& turn, sim::TransitionId cause);
void on_done(Turn& turn, sim::TransitionId cause);

/// How many bytes a task has moved by `now`.
std::int64_t moved_by(const Task& task, sim::Time now);

/// What a migration off chunk `position` would be now.
MovePlan plan_of_migration(const State& state, std::size_t position);
/// Bytes per second of a migration off a chunk to those targets, of which there are `targets`.
std::int64_t migration_rate(const State& state, std::size_t targets);
/// Bytes per second of a recovery among so many live chunks.
std::int64_t recovery_rate(const State& state, std::size_t live);

/// Bytes that other chunks can still take, `position` and what may not take replicas left out.
std::int64_t room_beside(const State& state, std::size_t position);

/// max(used, provisioned) of all chunks against their capacity, in thousandths; gone and expired ones left
/// out.
std::int64_t use_rate_per_mille(const State& state);

}  // namespace models::iomesh::moves

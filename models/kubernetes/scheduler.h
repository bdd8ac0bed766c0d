#pragma once
// The scheduler: finds a node for every pod that has none, one pod at a time.
//
// scheduler_queue and scheduler_hints say which pod comes next, scheduler_filters and scheduler_volumes which
// nodes can take it, node_ranking and scheduler_scores which of them is best, preemption who has to go for
// it; scheduler_counts keeps the numbers that all of them read.
//
// Not modelled: images that lie on nodes, Services in the built-in spreading, limits of attached volumes,
// resources beyond cpu, memory and the number of pods, dynamic resource allocation, scheduling gates, other
// profiles.

#include "models/kubernetes/api.h"

namespace models::kubernetes::scheduler {

/// Receives what the scheduler watches: pods, nodes and claims.
void observe(Turn& turn, const WatchEvent& event);

/// Performs the scheduler's own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// The back-off of a pod after its `attempts`-th attempt failed: 1 s doubling to 10 s.
/// Source: pkg/scheduler/backend/queue/backoff_queue.go calculateBackoffDuration; podInitialBackoffSeconds 1,
/// podMaxBackoffSeconds 10.
sim::Duration backoff_after(std::uint32_t attempts);

}  // namespace models::kubernetes::scheduler

#pragma once
// The scheduler: finds a node for every pod that has none, one pod at a time, in the order of their arrival.
//
// Not modelled: priorities and preemption, preferred affinity, topology spread, volumes, and the flush that
// retries every unschedulable pod after five minutes (here no change goes unnoticed, so it could not change
// anything).

#include "models/kubernetes/api.h"

namespace models::kubernetes::scheduler {

/// Receives what the scheduler watches: pods and nodes.
void observe(Turn& turn, const WatchEvent& event);

/// Performs the scheduler's own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// The back-off of a pod after its `attempts`-th attempt failed: 1 s doubling to 10 s.
/// Source: pkg/scheduler/backend/queue/backoff_queue.go calculateBackoffDuration; podInitialBackoffSeconds 1,
/// podMaxBackoffSeconds 10.
sim::Duration backoff_after(std::uint32_t attempts);

}  // namespace models::kubernetes::scheduler

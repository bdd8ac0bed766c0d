#pragma once
// The StatefulSet controller: creates, replaces, updates and removes the pods of StatefulSets, with their
// claims and revisions. What it decides is in statefulset_plan.h; here are its queue and how it is woken.
//
// Source: pkg/controller/statefulset, as of 1.34; statefulset_rules.h lists what other versions do
// differently. Left out: the resync of all sets about every 12 hours; whole seconds of lastTransitionTime
// (readiness counts to the nanosecond); volumes of a pod that differ from its set's claim templates.

#include "models/kubernetes/api.h"
#include "models/kubernetes/cluster.h"
#include "models/kubernetes/watch.h"
#include "sim/event_queue.h"

namespace models::kubernetes::statefulset_controller {

/// Receives a watch event: StatefulSets and their pods queue the set; claims, nodes and services do not.
/// Source: stateful_set.go NewStatefulSetController, addPod, updatePod, deletePod.
void observe(Turn& turn, const WatchEvent& event);

/// Performs a pending event of this controller. @return false if it is another's.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// Queues the set at `row`, because of `cause`.
void enqueue(Turn& turn, Row row, sim::TransitionId cause);

/// Forgets queue, syncs under way and rate limits as a restarted process does, looks at everything anew and
/// queues every set that is seen.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::statefulset_controller

#pragma once
// The queue of the scheduler: pods that are to be tried, and those that wait for their back-off or for an
// event that may help them. Source: pkg/scheduler/backend/queue/scheduling_queue.go.

#include "models/kubernetes/api.h"

namespace models::kubernetes::scheduler {

/// What happened in the cluster that may help a pod that found no node.
enum class Happened : std::uint8_t {
  PodAssigned,  ///< a pod was seen on a node
  PodRelabelled,
  PodGone,  ///< a pod left its node, or was forgotten after a failed binding
  NodeAdded,
  NodeChanged,
  NodeGone,
  ClaimChanged,
};
struct Change {
  Happened what = Happened::PodGone;
  std::uint32_t pod_class = 0;     ///< of the pod that it is about, afterwards
  std::uint32_t class_before = 0;  ///< … before it was relabelled
  SchedulableNode before;          ///< the node that it is about
  SchedulableNode after;
  Row claim = kNoRow;
  sim::TransitionId cause = sim::kNoTransition;
};

/// Whether the change may help the pod: the queueing hints of the plugins that rejected it, before 1.32 only
/// the events that they are registered for. Source: EventsToRegister of the plugins; eventhandlers.go
/// preCheckForNode.
bool helps(Cluster& cluster, const QueuedPod& pod, const Change& change);

/// A pod that has come.
void enqueue(Turn& turn, const QueuedPod& pod, sim::Duration after);
/// Puts a pod aside that found no node (`unschedulable`) or was not bound.
void park(Turn& turn, QueuedPod pod, Parked as);
/// Wakes the pods that the change may help.
void notice(Turn& turn, const Change& change);
/// Sees to it that parked pods are looked at when their time comes.
void schedule_flush(Turn& turn);
/// Moves pods whose back-off is over, and unschedulable ones that have waited too long, to the active queue,
/// and puts that in order: higher priority first, then who came first.
void unpark(Turn& turn);
/// The next pod to try; `uid` 0 if there is none.
QueuedPod next_pod(Turn& turn);

}  // namespace models::kubernetes::scheduler

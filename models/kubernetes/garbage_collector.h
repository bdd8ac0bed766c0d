#pragma once
// The garbage collector: removes what an owner leaves behind, in the background, in the foreground, or not at
// all. Source: pkg/controller/garbagecollector/garbagecollector.go.
//
// Owners that are modelled: StatefulSets (pods, revisions, claims), Jobs (pods), pods (claims), MiniClusters
// (Jobs).

#include "models/kubernetes/api.h"

namespace models::kubernetes::garbage_collector {

/// Receives a watch event of any kind.
void observe(Turn& turn, const WatchEvent& event);
/// Performs the garbage collector's own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// An owner that another model keeps (a MiniCluster) is gone: its dependents follow.
void owner_removed(Turn& turn, Kind kind, Uid uid, sim::TransitionId cause);

/// Forgets everything, as a restarted controller manager does, and finds again what has lost its owner.
void restart(Turn& turn, sim::TransitionId cause);

}  // namespace models::kubernetes::garbage_collector

#pragma once
// Graceful node shutdown: a kubelet that delays the machine's shutdown to end its pods in an orderly way.
// Source: pkg/kubelet/nodeshutdown/nodeshutdown_manager.go, nodeshutdown_manager_linux.go.
//
// Off unless shutdownGracePeriod is set. The kubelet posts Ready False, ends regular pods, then critical
// ones, each group for as long as its part of the period or until all of it have ended; then the machine goes
// off. Left out: that the groups also wait for volumes to be unmounted, and shutdownGracePeriodByPodPriority.

#include "models/kubernetes/api.h"

namespace models::kubernetes::node_shutdown {

/// The part of the period that a group of pods gets. Source: migrateConfig.
struct GroupPeriods {
  std::int64_t regular_seconds = 0;
  std::int64_t critical_seconds = 0;
};
/// nullopt where the kubelet does not see to a shutdown.
std::optional<GroupPeriods> group_periods(const ComponentSettings& components);

/// Begins the shutdown of the machine at `row`. @return false where the kubelet does not see to it.
bool begin(Turn& turn, Row row, sim::TransitionId cause);
/// The machine went off before it had shut down, or runs again.
void forget(Cluster& cluster, Row row);

/// Performs the shutdown's own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

}  // namespace models::kubernetes::node_shutdown

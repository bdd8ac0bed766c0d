#pragma once
// The disruption controller: keeps the status of PodDisruptionBudgets, which evictions spend.
// Source: pkg/controller/disruption/disruption.go.

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::disruption_controller {

/// Takes a watch event: pods and budgets wake it. Changes of the pods' controllers do not.
void observe(Turn& turn, const WatchEvent& event);
/// @return false for an event of somebody else.
bool on_event(Turn& turn, const sim::PendingEvent& event);
/// The controller manager has restarted: all budgets are looked at again.
void restart(Turn& turn, sim::TransitionId cause);

/// What a sync found and counted.
struct Count {
  std::int32_t expected = 0;
  std::int32_t desired_healthy = 0;
  std::vector<Row> unmanaged;  ///< pods without a controller, where the scale of controllers is asked for
  std::string error;           ///< why it could not be counted; empty: nothing
};
/// How many pods a budget expects and how many must be healthy, from the pods that it selects, as seen.
/// Source: getExpectedPodCount, getExpectedScale.
Count count_expected(const View& view, const PodDisruptionBudget& budget, const std::vector<Row>& pods);

}  // namespace models::kubernetes::disruption_controller

#pragma once
// What one sync of a DaemonSet creates and deletes, and what it counts.

#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::daemonsets {

/// Pods to create, by node, and pods to delete.
struct PodsPlan {
  std::vector<Row> create_on;
  std::vector<Row> remove;
  /// Of a rolling update: of these, so many in addition; which ones is chance.
  std::vector<Row> candidates;  ///< old pods to delete, or with a surge nodes to create on
  std::size_t most_candidates = 0;
  bool surges = false;
  sim::Duration look_again{};  ///< when the first back-off of a failed pod ends; 0: none waits
  [[nodiscard]] bool empty() const { return create_on.empty() && remove.empty(); }
};

/// What the DaemonSet lacks and has too much: one pod on each node that should run it. Notes failed pods
/// that it deletes in `backoffs`.
/// @param pods  the claimed pods.
/// Source: pkg/controller/daemon/daemon_controller.go manage, podsShouldBeOnNode.
PodsPlan manage(const View& view, const DaemonSet& set, Text hash, const std::vector<Row>& pods,
                std::vector<FailedPodsBackoff>& backoffs, sim::Time now);

/// The next step of a rolling update. Upstream goes through the nodes in the random order of a map, and of
/// its candidates the first go: those are left to the caller. Source: update.go rollingUpdate,
/// updatedDesiredNodeCounts, findUpdatedPodsOnNode.
PodsPlan roll(const View& view, const DaemonSet& set, Text hash, const std::vector<Row>& pods, sim::Time now);

/// How many nodes should run a pod.
std::int32_t count_desired(const View& view, const DaemonSet& set);

/// Source: daemon_controller.go updateDaemonSetStatus. observedGeneration is left as it was.
DaemonSetStatus count(const View& view, const DaemonSet& set, Text hash, const std::vector<Row>& pods,
                      sim::Time now);

}  // namespace models::kubernetes::daemonsets

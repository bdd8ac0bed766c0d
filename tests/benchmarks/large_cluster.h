#pragma once
// A cluster of thousands of nodes as `kubectl get … -A -o json` prints it, and the plan that drains a tenth
// of it: Deployments, StatefulSets, DaemonSets and a budget for every set of pods, at rest.

#include <cstdint>
#include <string>

namespace benchmarks {

/// For every 500 nodes 15,000 pods: 1,500 of three DaemonSets, 1,500 of 150 StatefulSets, 12,000 of 240
/// Deployments, with 390 PodDisruptionBudgets.
struct LargeCluster {
  std::int64_t nodes = 5'000;  ///< a multiple of 500
  /// Pods with all that a real one carries, about 7 KB each; else only with what rules read.
  bool real_size = false;

  [[nodiscard]] std::int64_t pods() const { return nodes * 30; }
};

/// Writes the List of all objects to `path`. Ends the program where that cannot be done.
void write_snapshot(const LargeCluster& cluster, const std::string& path);

/// So many nodes drained, ten at a time.
std::string plan_of_drains(std::int64_t nodes);

}  // namespace benchmarks

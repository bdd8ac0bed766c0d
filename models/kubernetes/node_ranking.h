#pragma once
// For the pods of one demand: which nodes are feasible and how good each is, as far as nothing but the node
// and what is counted on it matters, so that a node is found without looking at all of them. The choice is
// the one that upstream's search makes.

#include <cstdint>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::scheduler {

/// How many feasible nodes the search wants before it stops looking.
/// Source: pkg/scheduler/schedule_one.go numFeasibleNodesToFind with percentageOfNodesToScore 0 (adaptive).
std::uint32_t nodes_to_find(std::uint32_t nodes);

/// The score of a node for a pod, 0 to 200, with the pod counted in.
/// Source: noderesources/least_allocated.go (over requests with defaults) and balanced_allocation.go (over
/// real requests, in upstream's very floating-point operations, which every machine performs alike).
std::int32_t least_allocated(const SchedulableNode& node, const NodeUsage& usage,
                             const PodRequests& requests);
std::int32_t balanced_allocation(const SchedulableNode& node, const NodeUsage& usage,
                                 const PodRequests& requests);
/// Both together. From 1.33 on a pod without any request is not balanced: balanced_allocation.go
/// isBestEffortPod, read in 1.33.0 and not in 1.32.2.
std::int32_t score(const Features& features, const SchedulableNode& node, const NodeUsage& usage,
                   const PodRequests& requests);

/// The ranking for pods of the demand, or of the class where it has rules by host name; made, or taken from
/// those that are kept.
NodeRanking& ranking_for(Cluster& cluster, std::uint32_t demand, std::uint32_t pod_class);
/// What is counted on the node at `position` has changed.
void refresh(const Cluster& cluster, NodeRanking& ranking, std::uint32_t position);
/// The node at `position` itself has changed.
void refresh_node(const Cluster& cluster, NodeRanking& ranking, std::uint32_t position);
/// Whether the node at `position` is feasible, and its score.
const RankedNodes& ranked(const NodeRanking& ranking, std::uint32_t position);
/// The first feasible position at `from` or after it and before `end`; `end` if there is none.
std::uint32_t next_feasible(const NodeRanking& ranking, std::uint32_t from, std::uint32_t end);

/// The stretch of nodes that the search looks at: from a position on, around the end.
struct SearchWindow {
  std::uint32_t start = 0;
  std::uint32_t length = 0;
  std::int32_t best_count = 0;  ///< nodes of the best score in it; 0: none is feasible
};
/// The search stops where it meets one feasible node more than it wants.
/// Source: schedule_one.go findNodesThatPassFilters.
SearchWindow search(const NodeRanking& ranking, std::uint32_t nodes, std::uint32_t start,
                    std::uint32_t wanted);
/// The position of the `which`-th node (from 0) of the best score, in the order of the search.
std::uint32_t best_in(const NodeRanking& ranking, std::uint32_t nodes, const SearchWindow& window,
                      std::int32_t which);

}  // namespace models::kubernetes::scheduler

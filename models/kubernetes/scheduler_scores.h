#pragma once
// How good feasible nodes are beside each other: the scores that upstream normalises over them.
// Source: framework/plugins/{tainttoleration,nodeaffinity,podtopologyspread,interpodaffinity}; weights from
// apis/config/v1/default_plugins.go. ImageLocality is off (assumed): which images lie where is not modelled.

#include <cstdint>
#include <vector>

#include "models/kubernetes/scheduler_filters.h"

namespace models::kubernetes::scheduler {

using Scores = std::vector<std::int64_t>;

inline constexpr std::int64_t kMaxNodeScore = 100;
inline constexpr std::int64_t kTaintTolerationWeight = 3;
inline constexpr std::int64_t kPodTopologySpreadWeight = 2;

/// Whether all feasible nodes score the same in everything that looks beyond the node, but for topology
/// spread.
bool only_spread_looks_beyond(const Search& search, const NodeRanking& ranking);

/// The total score of each of the nodes at `positions`, with the scores of NodeResourcesFit and
/// NodeResourcesBalancedAllocation given in `by_node`. A ranking for the pod knows the taints already.
Scores total_scores(const Search& search, const std::vector<std::uint32_t>& positions,
                    const std::vector<std::int32_t>& by_node, const NodeRanking* ranking = nullptr);

}  // namespace models::kubernetes::scheduler

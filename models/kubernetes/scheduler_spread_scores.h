#pragma once
// The score of PodTopologySpread: how evenly a pod's siblings would be spread with it on a node.
// Source: framework/plugins/podtopologyspread/scoring.go.

#include <cstdint>
#include <vector>

#include "models/kubernetes/scheduler_scores.h"

namespace models::kubernetes::scheduler {

/// A constraint with ScheduleAnyway during scoring.
struct SoftSpread {
  const SpreadRule* rule = nullptr;
  const Tally* tally = nullptr;
  const Topology* topology = nullptr;
  std::vector<std::int64_t> by_domain;
  std::vector<bool> scored;  ///< by domain: some feasible node is in it
  double weight = 0;
};

/// The constraints of the pod that is searched for; nothing is counted yet.
std::vector<SoftSpread> soft_constraints(const Search& search);
/// Counts pods in the domains that are `scored`; `all_keys`: only on nodes that have the keys of all
/// constraints. Source: PreScore, processAllNode.
void count_domains(const Search& search, bool all_keys, std::vector<SoftSpread>& constraints);
/// The weight of a constraint with `size` domains. Source: topologyNormalizingWeight.
double spread_weight(std::int64_t size);
/// What `count` pods in a domain add to the score of its nodes. Source: scoreForCount.
double share_of(const SoftSpread& constraint, std::int64_t count);
/// Go's math.Round, of what is not negative.
std::int64_t rounded(double value);
/// The score of a node from its own and the extremes of all. Source: NormalizeScore.
std::int64_t normalised_spread(std::int64_t score, std::int64_t least, std::int64_t most);

/// Whether no constraint tells nodes apart: nothing is counted and each node has each key, or none has.
bool spread_is_even(const SchedulerState& state, const PodClass& pod_class);

/// The normalised score of each of the nodes at `positions`. Source: Score, NormalizeScore.
Scores spread_scores(const Search& search, const std::vector<std::uint32_t>& positions);

}  // namespace models::kubernetes::scheduler

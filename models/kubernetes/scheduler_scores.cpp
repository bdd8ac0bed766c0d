#include "models/kubernetes/scheduler_scores.h"

#include <algorithm>

#include "models/kubernetes/scheduler_counts.h"
#include "models/kubernetes/scheduler_spread_scores.h"

namespace models::kubernetes::scheduler {

namespace {

// Source: apis/config/v1/default_plugins.go.
constexpr std::int64_t kNodeAffinityWeight = 2;
constexpr std::int64_t kInterPodAffinityWeight = 2;

const SchedulableNode& node_at(const Search& search, std::uint32_t position) {
  return search.cluster->scheduler.nodes[position];
}

/// Source: plugins/helper/normalize_score.go DefaultNormalizeScore.
void normalise(Scores& scores, bool reverse) {
  const std::int64_t highest = *std::max_element(scores.begin(), scores.end());
  for (std::int64_t& score : scores) {
    score = highest == 0 ? 0 : kMaxNodeScore * score / highest;
    score = reverse ? kMaxNodeScore - score : score;
  }
}

Scores taint_scores(const Search& search, const std::vector<std::uint32_t>& positions,
                    const NodeRanking* ranking) {
  if (ranking != nullptr && ranking->disliked_total == 0) {
    return Scores(positions.size(), kMaxNodeScore);
  }
  Scores scores;
  scores.reserve(positions.size());
  for (const std::uint32_t position : positions) {
    scores.push_back(ranking != nullptr
                         ? ranking->disliked[position]
                         : disliked_taints(*search.cluster, node_at(search, position), *search.content));
  }
  normalise(scores, true);
  return scores;
}

Scores node_affinity_scores(const Search& search, const std::vector<std::uint32_t>& positions) {
  const Cluster& cluster = *search.cluster;
  Scores scores;
  for (const std::uint32_t position : positions) {
    const SchedulableNode& node = node_at(search, position);
    std::int64_t score = 0;
    for (const PreferredNodeTerm& preferred : search.content->preferred_node_affinity) {
      if (meets_any_term(cluster, node, {preferred.term})) {
        score += preferred.weight;
      }
    }
    scores.push_back(score);
  }
  normalise(scores, false);
  return scores;
}

// ---------------------------------------------------------------------------------------------------------
// InterPodAffinity

/// Source: interpodaffinity/scoring.go PreScore: the sum of the weights by domain.
std::vector<DomainCounts> preferences_of(const Search& search) {
  const SchedulerState& state = search.cluster->scheduler;
  const PodClass& pod_class = state.classes[search.pod_class];
  std::vector<DomainCounts> preferences;
  for (const std::vector<TopologyRule>* rules : {&pod_class.preferred, &pod_class.preferences}) {
    for (const TopologyRule& rule : *rules) {
      const Tally& tally = state.tallies[rule.tally];
      if (tally.total == 0) {
        continue;
      }
      DomainCounts counts{&tally, &state.topologies[rule.topology], rule.weight, {}};
      if (!counts.topology->host_name) {
        counts.by_domain.assign(static_cast<std::size_t>(counts.topology->domains), 0);
        for (const NodeCount& count : tally.on_node) {
          if (const std::int32_t domain = domain_at(*counts.topology, count.node); domain >= 0) {
            counts.by_domain[static_cast<std::size_t>(domain)] += count.all;
          }
        }
      }
      preferences.push_back(std::move(counts));
    }
  }
  return preferences;
}

/// Source: interpodaffinity/scoring.go Score, NormalizeScore. The product of floating-point numbers is
/// upstream's: 100 * (29 / 100) is less than 29.
Scores pod_affinity_scores(const Search& search, const std::vector<std::uint32_t>& positions,
                           const std::vector<DomainCounts>& preferences) {
  Scores scores;
  for (const std::uint32_t position : positions) {
    std::int64_t score = 0;
    for (const DomainCounts& preference : preferences) {
      score += preference.at(node_at(search, position).row) * preference.weight;
    }
    scores.push_back(score);
  }
  const auto [lowest, highest] = std::minmax_element(scores.begin(), scores.end());
  const std::int64_t least = *lowest;
  const std::int64_t range = *highest - least;
  for (std::int64_t& score : scores) {
    const double share = range > 0 ? static_cast<double>(score - least) / static_cast<double>(range) : 0.0;
    score = static_cast<std::int64_t>(static_cast<double>(kMaxNodeScore) * share);
  }
  return scores;
}

}  // namespace

bool only_spread_looks_beyond(const Search& search, const NodeRanking& ranking) {
  const SchedulerState& state = search.cluster->scheduler;
  const PodClass& pod_class = state.classes[search.pod_class];
  const auto none_there = [&](const std::vector<TopologyRule>& rules) {
    return std::all_of(rules.begin(), rules.end(),
                       [&](const TopologyRule& rule) { return state.tallies[rule.tally].total == 0; });
  };
  return search.content->preferred_node_affinity.empty() && ranking.disliked_total == 0 &&
         none_there(pod_class.preferred) && none_there(pod_class.preferences);
}

Scores total_scores(const Search& search, const std::vector<std::uint32_t>& positions,
                    const std::vector<std::int32_t>& by_node, const NodeRanking* ranking) {
  Scores total(by_node.begin(), by_node.end());
  const auto add = [&](const Scores& scores, std::int64_t weight) {
    for (std::size_t i = 0; i < total.size(); ++i) {
      total[i] += weight * scores[i];
    }
  };
  add(taint_scores(search, positions, ranking), kTaintTolerationWeight);
  if (!search.content->preferred_node_affinity.empty()) {
    add(node_affinity_scores(search, positions), kNodeAffinityWeight);
  }
  if (!search.cluster->scheduler.classes[search.pod_class].soft_spread.empty()) {
    add(spread_scores(search, positions), kPodTopologySpreadWeight);
  }
  if (const std::vector<DomainCounts> preferences = preferences_of(search); !preferences.empty()) {
    add(pod_affinity_scores(search, positions, preferences), kInterPodAffinityWeight);
  }
  return total;
}

}  // namespace models::kubernetes::scheduler

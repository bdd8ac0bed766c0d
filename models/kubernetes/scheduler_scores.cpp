#include "models/kubernetes/scheduler_scores.h"

#include <algorithm>
#include <limits>

#include "models/kubernetes/scheduler_counts.h"
#include "models/timing/portable_math.h"

namespace models::kubernetes::scheduler {

namespace {

constexpr std::int64_t kMaxNodeScore = 100;
// Source: apis/config/v1/default_plugins.go.
constexpr std::int64_t kTaintTolerationWeight = 3;
constexpr std::int64_t kNodeAffinityWeight = 2;
constexpr std::int64_t kPodTopologySpreadWeight = 2;
constexpr std::int64_t kInterPodAffinityWeight = 2;

using Scores = std::vector<std::int64_t>;

const SchedulableNode& node_at(const Search& search, std::uint32_t position) {
  return search.cluster->scheduler.nodes[position];
}

std::int32_t domain_at(const Topology& topology, Row node) {
  return node < topology.domain_of.size() ? topology.domain_of[node] : -1;
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

// ---------------------------------------------------------------------------------------------------------
// PodTopologySpread

/// A constraint during scoring.
struct SoftSpread {
  const SpreadRule* rule = nullptr;
  const Tally* tally = nullptr;
  const Topology* topology = nullptr;
  std::vector<std::int64_t> by_domain;
  std::vector<bool> scored;  ///< by domain: some feasible node is in it
  double weight = 0;
};

bool has_all_keys(const std::vector<SoftSpread>& constraints, Row node) {
  return std::all_of(constraints.begin(), constraints.end(), [&](const SoftSpread& constraint) {
    return domain_at(*constraint.topology, node) >= 0;
  });
}

/// Source: podtopologyspread/scoring.go PreScore, processAllNode.
void count_domains(const Search& search, bool all_keys, std::vector<SoftSpread>& constraints) {
  const SchedulerState& state = search.cluster->scheduler;
  for (SoftSpread& constraint : constraints) {
    if (constraint.topology->host_name) {
      continue;
    }
    for (const NodeCount& count : constraint.tally->on_node) {
      const std::int32_t domain = domain_at(*constraint.topology, count.node);
      const std::uint32_t position = position_of(state, count.node);
      if (domain < 0 || position >= state.nodes.size() ||
          !constraint.scored[static_cast<std::size_t>(domain)] ||
          (all_keys && !has_all_keys(constraints, count.node))) {
        continue;
      }
      const SchedulableNode& node = state.nodes[position];
      const bool takes_part =
          (!constraint.rule->honor_node_affinity || selects(*search.cluster, node, *search.content)) &&
          (!constraint.rule->honor_node_taints ||
           !has_untolerated_taint(*search.cluster, node, *search.content));
      constraint.by_domain[static_cast<std::size_t>(domain)] += takes_part ? count.living : 0;
    }
  }
}

std::vector<SoftSpread> soft_spread_of(const Search& search, const std::vector<std::uint32_t>& positions,
                                       std::vector<bool>& ignored) {
  const SchedulerState& state = search.cluster->scheduler;
  const PodClass& pod_class = state.classes[search.pod_class];
  const bool all_keys = !pod_class.default_spread;
  std::vector<SoftSpread> constraints;
  for (const SpreadRule& rule : pod_class.soft_spread) {
    const Topology& topology = state.topologies[rule.topology];
    const auto domains = static_cast<std::size_t>(topology.host_name ? 0 : topology.domains);
    constraints.push_back({&rule, &state.tallies[rule.tally], &topology, std::vector<std::int64_t>(domains),
                           std::vector<bool>(domains), 0});
  }
  std::vector<std::int64_t> sizes(constraints.size());
  std::vector<bool> counted_empty(constraints.size());
  std::int64_t scored_nodes = 0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const Row node = node_at(search, positions[i]).row;
    ignored[i] = all_keys && !has_all_keys(constraints, node);
    if (ignored[i]) {
      continue;
    }
    ++scored_nodes;
    for (std::size_t c = 0; c < constraints.size(); ++c) {
      if (constraints[c].topology->host_name) {
        continue;
      }
      const std::int32_t domain = domain_at(*constraints[c].topology, node);
      if (domain >= 0 && constraints[c].scored[static_cast<std::size_t>(domain)]) {
        continue;
      }
      // A node without the label: upstream counts the empty value as a domain of its own.
      auto seen = domain < 0 ? counted_empty.begin() + static_cast<std::ptrdiff_t>(c)
                             : constraints[c].scored.begin() + domain;
      sizes[c] += *seen ? 0 : 1;
      *seen = true;
    }
  }
  for (std::size_t c = 0; c < constraints.size(); ++c) {
    const std::int64_t size = constraints[c].topology->host_name ? scored_nodes : sizes[c];
    constraints[c].weight = timing::portable_log(static_cast<double>(size + 2));
  }
  count_domains(search, all_keys, constraints);
  return constraints;
}

/// Reads counts of nodes that come in ascending order but for one step back: faster than looking each up.
class Walk {
 public:
  explicit Walk(const NodeCounts& counts) : counts_(&counts) {}
  std::int32_t living_at(Row node) {
    if (next_ > 0 && (*counts_)[next_ - 1].node >= node) {
      next_ = 0;
    }
    while (next_ < counts_->size() && (*counts_)[next_].node < node) {
      ++next_;
    }
    return next_ < counts_->size() && (*counts_)[next_].node == node ? (*counts_)[next_].living : 0;
  }

 private:
  const NodeCounts* counts_;
  std::size_t next_ = 0;
};

/// Go's math.Round, of what is not negative.
std::int64_t rounded(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return whole + (value - static_cast<double>(whole) >= 0.5 ? 1 : 0);
}

/// What `count` pods in a domain add to the score of its nodes.
double share_of(const SoftSpread& constraint, std::int64_t count) {
  return static_cast<double>(count) * constraint.weight + static_cast<double>(constraint.rule->max_skew - 1);
}

/// Adds what a constraint says of each node. Every node has a host name.
void add_shares(const Search& search, const std::vector<std::uint32_t>& positions,
                const SoftSpread& constraint, std::vector<double>& sums) {
  if (constraint.topology->host_name) {
    Walk walk(constraint.tally->on_node);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      sums[i] += share_of(constraint, walk.living_at(node_at(search, positions[i]).row));
    }
    return;
  }
  std::vector<double> shares;
  shares.reserve(constraint.by_domain.size());
  for (const std::int64_t count : constraint.by_domain) {
    shares.push_back(share_of(constraint, count));
  }
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::int32_t domain = domain_at(*constraint.topology, node_at(search, positions[i]).row);
    if (domain >= 0) {
      sums[i] += shares[static_cast<std::size_t>(domain)];
    }
  }
}

/// Source: podtopologyspread/scoring.go Score, NormalizeScore.
Scores spread_scores(const Search& search, const std::vector<std::uint32_t>& positions) {
  std::vector<bool> ignored(positions.size());
  const std::vector<SoftSpread> constraints = soft_spread_of(search, positions, ignored);
  std::vector<double> sums(positions.size());
  for (const SoftSpread& constraint : constraints) {
    add_shares(search, positions, constraint, sums);
  }
  Scores scores(positions.size());
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (ignored[i]) {
      continue;
    }
    scores[i] = rounded(sums[i]);
    least = std::min(least, scores[i]);
    most = std::max(most, scores[i]);
  }
  for (std::size_t i = 0; i < positions.size(); ++i) {
    scores[i] = ignored[i]  ? 0
                : most == 0 ? kMaxNodeScore
                            : kMaxNodeScore * (most + least - scores[i]) / most;
  }
  return scores;
}

/// Whether no constraint tells nodes apart: nothing is counted and each node has each key, or none has.
bool spread_is_even(const SchedulerState& state, const PodClass& pod_class) {
  return std::all_of(pod_class.soft_spread.begin(), pod_class.soft_spread.end(), [&](const SpreadRule& rule) {
    const Topology& topology = state.topologies[rule.topology];
    return state.tallies[rule.tally].total == 0 && (topology.on_every_node || topology.domains == 0);
  });
}

}  // namespace

bool ranked_by_node_only(const Search& search, const NodeRanking& ranking) {
  const SchedulerState& state = search.cluster->scheduler;
  const PodClass& pod_class = state.classes[search.pod_class];
  const auto none_there = [&](const std::vector<TopologyRule>& rules) {
    return std::all_of(rules.begin(), rules.end(),
                       [&](const TopologyRule& rule) { return state.tallies[rule.tally].total == 0; });
  };
  return search.content->preferred_node_affinity.empty() && ranking.disliked_total == 0 &&
         none_there(pod_class.preferred) && none_there(pod_class.preferences) &&
         spread_is_even(state, pod_class);
}

std::vector<std::int64_t> total_scores(const Search& search, const std::vector<std::uint32_t>& positions,
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

#include "models/kubernetes/scheduler_spread_scores.h"

#include <algorithm>
#include <limits>

#include "models/kubernetes/scheduler_counts.h"
#include "models/timing/portable_math.h"

namespace models::kubernetes::scheduler {

namespace {

const SchedulableNode& node_at(const Search& search, std::uint32_t position) {
  return search.cluster->scheduler.nodes[position];
}

bool has_all_keys(const std::vector<SoftSpread>& constraints, Row node) {
  return std::all_of(constraints.begin(), constraints.end(), [&](const SoftSpread& constraint) {
    return domain_at(*constraint.topology, node) >= 0;
  });
}

}  // namespace

std::vector<SoftSpread> soft_constraints(const Search& search) {
  const SchedulerState& state = search.cluster->scheduler;
  std::vector<SoftSpread> constraints;
  for (const SpreadRule& rule : state.classes[search.pod_class].soft_spread) {
    const Topology& topology = state.topologies[rule.topology];
    const auto domains = static_cast<std::size_t>(topology.host_name ? 0 : topology.domains);
    constraints.push_back({&rule, &state.tallies[rule.tally], &topology, std::vector<std::int64_t>(domains),
                           std::vector<bool>(domains), 0});
  }
  return constraints;
}

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

double spread_weight(std::int64_t size) { return timing::portable_log(static_cast<double>(size + 2)); }

double share_of(const SoftSpread& constraint, std::int64_t count) {
  return static_cast<double>(count) * constraint.weight + static_cast<double>(constraint.rule->max_skew - 1);
}

std::int64_t rounded(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return whole + (value - static_cast<double>(whole) >= 0.5 ? 1 : 0);
}

std::int64_t normalised_spread(std::int64_t score, std::int64_t least, std::int64_t most) {
  return most == 0 ? kMaxNodeScore : kMaxNodeScore * (most + least - score) / most;
}

bool spread_is_even(const SchedulerState& state, const PodClass& pod_class) {
  return std::all_of(pod_class.soft_spread.begin(), pod_class.soft_spread.end(), [&](const SpreadRule& rule) {
    const Topology& topology = state.topologies[rule.topology];
    return state.tallies[rule.tally].total == 0 && (topology.on_every_node || topology.domains == 0);
  });
}

namespace {

std::vector<SoftSpread> counted_constraints(const Search& search, const std::vector<std::uint32_t>& positions,
                                            std::vector<bool>& ignored) {
  const bool all_keys = !search.cluster->scheduler.classes[search.pod_class].default_spread;
  std::vector<SoftSpread> constraints = soft_constraints(search);
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
    constraints[c].weight = spread_weight(size);
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

}  // namespace

Scores spread_scores(const Search& search, const std::vector<std::uint32_t>& positions) {
  std::vector<bool> ignored(positions.size());
  const std::vector<SoftSpread> constraints = counted_constraints(search, positions, ignored);
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
    scores[i] = ignored[i] ? 0 : normalised_spread(scores[i], least, most);
  }
  return scores;
}

}  // namespace models::kubernetes::scheduler

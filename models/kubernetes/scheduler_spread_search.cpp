#include "models/kubernetes/scheduler_spread_search.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "models/kubernetes/scheduler_counts.h"

namespace models::kubernetes::scheduler {

bool SpreadSearch::serves(const Search& search) {
  const SchedulerState& state = search.cluster->scheduler;
  const PodClass& pod_class = state.classes[search.pod_class];
  std::size_t by_label = 0;
  for (const SpreadRule& rule : pod_class.soft_spread) {
    const Topology& topology = state.topologies[rule.topology];
    by_label += topology.host_name ? 0 : 1;
    if (!topology.host_name && !topology.on_every_node && !pod_class.default_spread) {
      return false;
    }
  }
  return by_label <= 1;
}

SpreadSearch::SpreadSearch(const Search& search, const NodeRanking& ranking, const SearchWindow& window)
    : search_(&search),
      ranking_(&ranking),
      window_(window),
      nodes_(static_cast<std::uint32_t>(search.cluster->scheduler.nodes.size())),
      constraints_(soft_constraints(search)) {
  for (const SoftSpread& constraint : constraints_) {
    if (!constraint.topology->host_name) {
      topology_ = constraint.topology;
    }
  }
  domains_.resize(1 + static_cast<std::size_t>(topology_ == nullptr ? 0 : topology_->domains));
  find_singles();
  find_domains();
  weigh();
  add_up();
}

/// Visits the feasible nodes of the window in the order of the search, until one of the two returns true.
template <class OnSingle, class OnOther>
void SpreadSearch::each_node(OnSingle&& on_single, OnOther&& on_other) const {
  auto single = singles_.begin();
  const RankedNodes* ranked_nodes = &ranked(*ranking_, 0);
  const std::uint32_t end = window_.start + window_.length;
  for (const auto& [from, to] : {std::pair{window_.start, std::min(end, nodes_)},
                                 std::pair{std::uint32_t{0}, end > nodes_ ? end - nodes_ : 0}}) {
    for (std::uint32_t position = from; position < to; ++position) {
      if (single != singles_.end() && single->position == position) {
        if (on_single(*single++)) {
          return;
        }
      } else if (ranked_nodes[position].feasible != 0 && on_other(position, ranked_nodes[position].best)) {
        return;
      }
    }
  }
}

std::size_t SpreadSearch::domain_of(std::uint32_t position) const {
  return topology_ == nullptr
             ? 0
             : static_cast<std::size_t>(
                   1 + domain_at(*topology_, search_->cluster->scheduler.nodes[position].row));
}

void SpreadSearch::find_singles() {
  const SchedulerState& state = search_->cluster->scheduler;
  const auto place = [&](std::uint32_t position) { return (position + nodes_ - window_.start) % nodes_; };
  for (const SoftSpread& constraint : constraints_) {
    if (!constraint.topology->host_name) {
      continue;
    }
    for (const NodeCount& count : constraint.tally->on_node) {
      const std::uint32_t position = position_of(state, count.node);
      if (position < nodes_ && place(position) < window_.length &&
          ranked(*ranking_, position).feasible != 0) {
        singles_.push_back({position, 0, 0});
      }
    }
  }
  std::sort(singles_.begin(), singles_.end(),
            [&](const Single& a, const Single& b) { return place(a.position) < place(b.position); });
  singles_.erase(std::unique(singles_.begin(), singles_.end(),
                             [](const Single& a, const Single& b) { return a.position == b.position; }),
                 singles_.end());
}

void SpreadSearch::find_domains() {
  feasible_ = static_cast<std::int64_t>(singles_.size());
  each_node([](const Single&) { return false; },
            [&](std::uint32_t position, std::int32_t score) {
              Domain& domain = domains_[domain_of(position)];
              if (score > domain.best) {
                domain.best = score;
                domain.best_count = 0;
              }
              domain.best_count += score == domain.best ? 1 : 0;
              ++feasible_;
              return false;
            });
}

/// Source: podtopologyspread/scoring.go PreScore, initPreScoreState.
void SpreadSearch::weigh() {
  std::vector<bool> there(domains_.size());
  for (std::size_t domain = 0; domain < domains_.size(); ++domain) {
    there[domain] = domains_[domain].best >= 0;
  }
  for (const Single& single : singles_) {
    there[domain_of(single.position)] = true;
  }
  for (SoftSpread& constraint : constraints_) {
    if (!constraint.topology->host_name) {
      std::copy(there.begin() + 1, there.end(), constraint.scored.begin());
    }
    constraint.weight = spread_weight(
        constraint.topology->host_name ? feasible_ : std::count(there.begin(), there.end(), true));
  }
  const bool all_keys = !search_->cluster->scheduler.classes[search_->pod_class].default_spread;
  count_domains(*search_, all_keys, constraints_);
}

/// What the constraints add up to on a node of the domain; kNoRow: on one without counted pods.
/// Floating-point numbers are added in the order of the constraints.
double SpreadSearch::sum_at(std::size_t domain, Row node) const {
  double sum = 0;
  for (const SoftSpread& constraint : constraints_) {
    if (constraint.topology->host_name) {
      sum += share_of(constraint, node == kNoRow ? 0 : count_at(constraint.tally->on_node, node).living);
    } else if (domain > 0) {
      sum += share_of(constraint, constraint.by_domain[domain - 1]);
    }
  }
  return sum;
}

void SpreadSearch::add_up() {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  const auto note = [&](std::int64_t spread) {
    least = std::min(least, spread);
    most = std::max(most, spread);
    return spread;
  };
  for (std::size_t domain = 0; domain < domains_.size(); ++domain) {
    if (domains_[domain].best >= 0) {
      domains_[domain].spread = note(rounded(sum_at(domain, kNoRow)));
    }
  }
  const std::vector<SchedulableNode>& nodes = search_->cluster->scheduler.nodes;
  for (Single& single : singles_) {
    single.spread = note(rounded(sum_at(domain_of(single.position), nodes[single.position].row)));
  }
  const auto total = [&](std::int64_t by_node, std::int64_t spread) {
    return by_node + kTaintTolerationWeight * kMaxNodeScore +
           kPodTopologySpreadWeight * normalised_spread(spread, least, most);
  };
  const auto count = [&](std::int64_t score, std::uint32_t nodes_there) {
    best_count_ = score > highest_ ? nodes_there : best_count_ + (score == highest_ ? nodes_there : 0);
    highest_ = std::max(highest_, score);
  };
  for (Domain& domain : domains_) {
    if (domain.best >= 0) {
      domain.total = total(domain.best, domain.spread);
      count(domain.total, domain.best_count);
    }
  }
  for (Single& single : singles_) {
    single.total = total(ranked(*ranking_, single.position).best, single.spread);
    count(single.total, 1);
  }
}

std::uint32_t SpreadSearch::best(std::uint32_t which) const {
  std::uint32_t found = 0;
  const auto is_it = [&](std::uint32_t position, bool best) {
    found = best ? position : found;
    return best && which-- == 0;
  };
  each_node([&](const Single& single) { return is_it(single.position, single.total == highest_); },
            [&](std::uint32_t position, std::int32_t score) {
              const Domain& domain = domains_[domain_of(position)];
              return is_it(position, score == domain.best && domain.total == highest_);
            });
  return found;
}

}  // namespace models::kubernetes::scheduler

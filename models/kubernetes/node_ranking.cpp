#include "models/kubernetes/node_ranking.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "models/kubernetes/scheduler_filters.h"
#include "sim/require.h"

namespace models::kubernetes::scheduler {

namespace {

constexpr std::size_t kRankingsKept = 16;

RankedNodes joined(const RankedNodes& a, const RankedNodes& b) {
  RankedNodes both;
  both.feasible = a.feasible + b.feasible;
  both.best = std::max(a.best, b.best);
  both.best_count = (a.best == both.best ? a.best_count : 0) + (b.best == both.best ? b.best_count : 0);
  return both;
}

RankedNodes rank(const Cluster& cluster, const NodeRanking& ranking, std::uint32_t position) {
  const SchedulerState& state = cluster.scheduler;
  const SchedulableNode& node = state.nodes[position];
  if (!ranking.admits[position]) {
    return {};
  }
  const TemplateId content = state.demands[ranking.demand];
  const PodRequests& requests = state.requests[content];
  if (!fits(cluster, node, *cluster.templates[content], requests) ||
      (ranking.pod_class != 0 && !keeps_apart(state, ranking.pod_class - 1, node.row))) {
    return {};
  }
  const NodeUsage usage = node.row < state.usage.size() ? state.usage[node.row] : NodeUsage{};
  return {1, score(cluster.features(), node, usage, requests), 1};
}

std::uint32_t leaves_of(const NodeRanking& ranking) {
  return static_cast<std::uint32_t>(ranking.tree.size() / 2);
}

/// How many feasible nodes stand before `position`.
std::int32_t feasible_before(const NodeRanking& ranking, std::uint32_t position) {
  std::int32_t count = 0;
  for (std::uint32_t node = leaves_of(ranking) + position; node > 1; node /= 2) {
    if (node % 2 == 1) {
      count += ranking.tree[node - 1].feasible;
    }
  }
  return count;
}

/// The position of the `count`-th feasible node, counting from 1. REQUIRES: there are as many.
std::uint32_t feasible_at(const NodeRanking& ranking, std::int32_t count) {
  std::uint32_t node = 1;
  while (node < leaves_of(ranking)) {
    node *= 2;
    if (ranking.tree[node].feasible < count) {
      count -= ranking.tree[node].feasible;
      ++node;
    }
  }
  return node - leaves_of(ranking);
}

/// Positions [from, to) as whole parts of the tree, from left to right: `visit(tree node)` until it returns
/// true.
template <class Visit>
bool each_part(const NodeRanking& ranking, std::uint32_t from, std::uint32_t to, Visit&& visit) {
  // Going right along the range, take the largest part that begins here and does not reach beyond the end.
  while (from < to) {
    std::uint32_t size = from == 0 ? leaves_of(ranking) : from & (~from + 1);
    while (size > to - from) {
      size /= 2;
    }
    if (visit((leaves_of(ranking) + from) / size)) {
      return true;
    }
    from += size;
  }
  return false;
}

/// Both stretches of a window, in the order of the search.
template <class Visit>
void each_part_of_window(const NodeRanking& ranking, std::uint32_t nodes, const SearchWindow& window,
                         Visit&& visit) {
  const std::uint32_t end = window.start + window.length;
  if (!each_part(ranking, window.start, std::min(end, nodes), visit) && end > nodes) {
    each_part(ranking, 0, end - nodes, visit);
  }
}

RankedNodes summary(const NodeRanking& ranking, std::uint32_t nodes, const SearchWindow& window) {
  RankedNodes all;
  each_part_of_window(ranking, nodes, window, [&](std::uint32_t part) {
    all = joined(all, ranking.tree[part]);
    return false;
  });
  return all;
}

}  // namespace

std::uint32_t nodes_to_find(std::uint32_t nodes) {
  constexpr std::uint32_t kMinFeasibleNodes = 100;     // schedule_one.go minFeasibleNodesToFind
  constexpr std::uint32_t kMinFeasiblePercentage = 5;  // schedule_one.go minFeasibleNodesPercentageToFind
  if (nodes < kMinFeasibleNodes) {
    return nodes;
  }
  const std::uint32_t share = nodes / 125;
  const std::uint32_t percentage = std::max(share < 50 ? 50 - share : 0U, kMinFeasiblePercentage);
  return std::max(nodes * percentage / 100, kMinFeasibleNodes);
}

std::int32_t least_allocated(const SchedulableNode& node, const NodeUsage& usage,
                             const PodRequests& requests) {
  const auto free_share = [](std::int64_t capacity, std::int64_t requested) {
    return capacity <= 0 || requested > capacity ? std::int64_t{0} : (capacity - requested) * 100 / capacity;
  };
  const std::int64_t cpu =
      free_share(node.cpu_millicores, usage.scored_cpu_millicores + requests.scored_cpu_millicores);
  const std::int64_t memory =
      free_share(node.memory_bytes, usage.scored_memory_bytes + requests.scored_memory_bytes);
  return static_cast<std::int32_t>((cpu + memory) / 2);
}

std::int32_t balanced_allocation(const SchedulableNode& node, const NodeUsage& usage,
                                 const PodRequests& requests) {
  const auto share = [](std::int64_t capacity, std::int64_t requested) {
    return std::min(static_cast<double>(requested) / static_cast<double>(capacity), 1.0);
  };
  if (node.cpu_millicores <= 0 || node.memory_bytes <= 0) {
    return 100;  // one resource alone is in balance
  }
  const double cpu = share(node.cpu_millicores, usage.cpu_millicores + requests.cpu_millicores);
  const double memory = share(node.memory_bytes, usage.memory_bytes + requests.memory_bytes);
  return static_cast<std::int32_t>((1 - std::abs((cpu - memory) / 2)) * 100);
}

std::int32_t score(const Features& features, const SchedulableNode& node, const NodeUsage& usage,
                   const PodRequests& requests) {
  const bool balanced = !features.since(33) || requests.cpu_millicores != 0 || requests.memory_bytes != 0;
  return least_allocated(node, usage, requests) + (balanced ? balanced_allocation(node, usage, requests) : 0);
}

namespace {

/// Looks at the node itself again. @return whether anything is otherwise.
void look_at_node(const Cluster& cluster, NodeRanking& ranking, std::uint32_t position) {
  const SchedulableNode& node = cluster.scheduler.nodes[position];
  const PodTemplate& content = *cluster.templates[cluster.scheduler.demands[ranking.demand]];
  ranking.admits[position] = admits(cluster, node, content);
  ranking.disliked_total -= ranking.disliked[position];
  ranking.disliked[position] = disliked_taints(cluster, node, content);
  ranking.disliked_total += ranking.disliked[position];
}

NodeRanking& oldest(SchedulerState& state) {
  if (state.rankings.size() < kRankingsKept) {
    return state.rankings.emplace_back();
  }
  return *std::min_element(
      state.rankings.begin(), state.rankings.end(),
      [](const NodeRanking& a, const NodeRanking& b) { return a.last_used < b.last_used; });
}

}  // namespace

NodeRanking& ranking_for(Cluster& cluster, std::uint32_t demand, std::uint32_t pod_class) {
  SchedulerState& state = cluster.scheduler;
  ++state.uses;
  const std::uint32_t own = has_host_rules(state, state.classes[pod_class]) ? pod_class + 1 : 0;
  for (NodeRanking& ranking : state.rankings) {
    if (ranking.demand == demand && ranking.pod_class == own) {
      ranking.last_used = state.uses;
      return ranking;
    }
  }
  NodeRanking& ranking = oldest(state);
  ranking.demand = demand;
  ranking.pod_class = own;
  ranking.last_used = state.uses;
  const auto nodes = static_cast<std::uint32_t>(state.nodes.size());
  ranking.admits.assign(nodes, false);
  ranking.disliked.assign(nodes, 0);
  ranking.disliked_total = 0;
  ranking.tree.assign(std::size_t{2} * std::bit_ceil(std::max(nodes, 1U)), RankedNodes{});
  const std::uint32_t leaves = leaves_of(ranking);
  for (std::uint32_t position = 0; position < nodes; ++position) {
    look_at_node(cluster, ranking, position);
    ranking.tree[leaves + position] = rank(cluster, ranking, position);
  }
  for (std::uint32_t node = leaves - 1; node > 0; --node) {
    ranking.tree[node] = joined(ranking.tree[node * std::size_t{2}], ranking.tree[node * std::size_t{2} + 1]);
  }
  return ranking;
}

void refresh(const Cluster& cluster, NodeRanking& ranking, std::uint32_t position) {
  std::uint32_t node = leaves_of(ranking) + position;
  ranking.tree[node] = rank(cluster, ranking, position);
  for (node /= 2; node > 0; node /= 2) {
    ranking.tree[node] = joined(ranking.tree[node * std::size_t{2}], ranking.tree[node * std::size_t{2} + 1]);
  }
}

void refresh_node(const Cluster& cluster, NodeRanking& ranking, std::uint32_t position) {
  look_at_node(cluster, ranking, position);
  refresh(cluster, ranking, position);
}

const RankedNodes& ranked(const NodeRanking& ranking, std::uint32_t position) {
  return ranking.tree[leaves_of(ranking) + position];
}

std::uint32_t next_feasible(const NodeRanking& ranking, std::uint32_t from, std::uint32_t end) {
  if (from < end && ranked(ranking, from).feasible != 0) {
    return from;
  }
  std::uint32_t found = end;
  each_part(ranking, from, end, [&](std::uint32_t part) {
    if (ranking.tree[part].feasible == 0) {
      return false;
    }
    while (part < leaves_of(ranking)) {
      part *= 2;
      part += ranking.tree[part].feasible == 0 ? 1 : 0;
    }
    found = part - leaves_of(ranking);
    return true;
  });
  return found;
}

SearchWindow search(const NodeRanking& ranking, std::uint32_t nodes, std::uint32_t start,
                    std::uint32_t wanted) {
  SearchWindow window{start, nodes, 0};
  const std::int32_t all = ranking.tree[1].feasible;
  const std::int32_t enough = static_cast<std::int32_t>(wanted);
  if (all > enough) {
    const std::int32_t one_too_many = feasible_before(ranking, start) + enough + 1;
    const bool around = one_too_many > all;
    const std::uint32_t position = feasible_at(ranking, around ? one_too_many - all : one_too_many);
    window.length = around ? nodes - start + position : position - start;
  }
  window.best_count = all == 0 ? 0 : summary(ranking, nodes, window).best_count;
  return window;
}

std::uint32_t best_in(const NodeRanking& ranking, std::uint32_t nodes, const SearchWindow& window,
                      std::int32_t which) {
  const std::int32_t best = summary(ranking, nodes, window).best;
  std::uint32_t found = 0;
  each_part_of_window(ranking, nodes, window, [&](std::uint32_t part) {
    const std::int32_t here = ranking.tree[part].best == best ? ranking.tree[part].best_count : 0;
    found = part;
    if (which >= here) {
      which -= here;
      return false;
    }
    return true;
  });
  while (found < leaves_of(ranking)) {
    found *= 2;
    const std::int32_t left = ranking.tree[found].best == best ? ranking.tree[found].best_count : 0;
    if (which >= left) {
      which -= left;
      ++found;
    }
  }
  return found - leaves_of(ranking);
}

}  // namespace models::kubernetes::scheduler

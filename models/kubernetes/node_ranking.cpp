#include "models/kubernetes/node_ranking.h"

#include <algorithm>
#include <bit>

#include "models/kubernetes/scheduler_filters.h"
#include "sim/require.h"

namespace models::kubernetes::scheduler {

namespace {

constexpr std::size_t kRankingsKept = 8;

RankedNodes joined(const RankedNodes& a, const RankedNodes& b) {
  RankedNodes both;
  both.feasible = a.feasible + b.feasible;
  both.best = std::max(a.best, b.best);
  both.best_count = (a.best == both.best ? a.best_count : 0) + (b.best == both.best ? b.best_count : 0);
  return both;
}

RankedNodes rank(const SchedulerState& state, const NodeRanking& ranking, std::uint32_t position) {
  const SchedulableNode& node = state.nodes[position];
  if (!ranking.admits[position]) {
    return {};
  }
  const NodeUsage usage = node.row < state.usage.size() ? state.usage[node.row] : NodeUsage{};
  const PodRequests& requests = state.requests[ranking.pod_template];
  if (!fits(node, usage, requests) || !keeps_apart(state, ranking.pod_class, node.row)) {
    return {};
  }
  return {1, score(node, usage, requests), 1};
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
  constexpr std::int64_t kOne = std::int64_t{1} << 20U;
  constexpr std::int64_t kRounding = 50;  // what the cut-off binary places can add up to
  const auto share = [](std::int64_t capacity, std::int64_t requested) {
    return capacity <= 0 || requested >= capacity ? kOne : (requested << 20U) / capacity;
  };
  const std::int64_t cpu = share(node.cpu_millicores, usage.cpu_millicores + requests.cpu_millicores);
  const std::int64_t memory = share(node.memory_bytes, usage.memory_bytes + requests.memory_bytes);
  const std::int64_t deviation = 50 * (cpu > memory ? cpu - memory : memory - cpu);
  const std::int64_t off = (std::max<std::int64_t>(deviation - kRounding, 0) + kOne - 1) / kOne;
  return static_cast<std::int32_t>(100 - off);
}

NodeRanking& ranking_for(Cluster& cluster, TemplateId pod_template, std::uint32_t pod_class) {
  SchedulerState& state = cluster.scheduler;
  ++state.uses;
  for (NodeRanking& ranking : state.rankings) {
    if (ranking.pod_template == pod_template && ranking.pod_class == pod_class) {
      ranking.last_used = state.uses;
      return ranking;
    }
  }
  if (state.rankings.size() < kRankingsKept) {
    state.rankings.emplace_back();
  }
  NodeRanking& ranking =
      *std::min_element(state.rankings.begin(), state.rankings.end(),
                        [](const NodeRanking& a, const NodeRanking& b) { return a.last_used < b.last_used; });
  ranking.pod_template = pod_template;
  ranking.pod_class = pod_class;
  ranking.last_used = state.uses;
  const auto nodes = static_cast<std::uint32_t>(state.nodes.size());
  ranking.admits.assign(nodes, false);
  ranking.tree.assign(std::size_t{2} * std::bit_ceil(std::max(nodes, 1U)), RankedNodes{});
  const std::uint32_t leaves = leaves_of(ranking);
  const PodTemplate& content = *cluster.templates[pod_template];
  for (std::uint32_t position = 0; position < nodes; ++position) {
    ranking.admits[position] = admits(cluster, state.nodes[position], content);
    ranking.tree[leaves + position] = rank(state, ranking, position);
  }
  for (std::uint32_t node = leaves - 1; node > 0; --node) {
    ranking.tree[node] = joined(ranking.tree[node * std::size_t{2}], ranking.tree[node * std::size_t{2} + 1]);
  }
  return ranking;
}

void refresh(SchedulerState& state, NodeRanking& ranking, std::uint32_t position) {
  std::uint32_t node = leaves_of(ranking) + position;
  ranking.tree[node] = rank(state, ranking, position);
  for (node /= 2; node > 0; node /= 2) {
    ranking.tree[node] = joined(ranking.tree[node * std::size_t{2}], ranking.tree[node * std::size_t{2} + 1]);
  }
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

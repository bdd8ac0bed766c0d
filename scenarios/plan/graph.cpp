#include "scenarios/plan/graph.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/topological_sort.hpp>

namespace scenarios::plan {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

/// An edge from each step to those that need it.
Graph graph_of(const std::vector<std::vector<std::uint32_t>>& needs) {
  Graph graph(needs.size());
  for (std::size_t step = 0; step < needs.size(); ++step) {
    for (const std::uint32_t needed : needs[step]) {
      boost::add_edge(needed, step, graph);
    }
  }
  return graph;
}

/// Keeps the path of the search, and the cycle that the first back edge closes.
class CycleFinder : public boost::default_dfs_visitor {
 public:
  CycleFinder(std::vector<std::uint32_t>& path, std::vector<std::uint32_t>& cycle)
      : path_(path), cycle_(cycle) {}
  void discover_vertex(std::size_t vertex, const Graph&) {
    path_.push_back(static_cast<std::uint32_t>(vertex));
  }
  void finish_vertex(std::size_t, const Graph&) { path_.pop_back(); }
  template <class Edge>
  void back_edge(Edge edge, const Graph& graph) {
    if (cycle_.empty()) {
      const auto first = std::find(path_.begin(), path_.end(), boost::target(edge, graph));
      cycle_.assign(first, path_.end());
    }
  }

 private:
  std::vector<std::uint32_t>& path_;
  std::vector<std::uint32_t>& cycle_;
};

}  // namespace

std::optional<std::vector<std::uint32_t>> find_cycle(const std::vector<std::vector<std::uint32_t>>& needs) {
  const Graph graph = graph_of(needs);
  std::vector<std::uint32_t> path;
  std::vector<std::uint32_t> cycle;
  boost::depth_first_search(graph, boost::visitor(CycleFinder(path, cycle)));
  return cycle.empty() ? std::nullopt : std::optional{cycle};
}

std::vector<Slack> slack_of(const std::vector<std::vector<std::uint32_t>>& needs,
                            const std::vector<sim::Duration>& durations) {
  const Graph graph = graph_of(needs);
  std::vector<std::size_t> order;  // successors first
  boost::topological_sort(graph, std::back_inserter(order));
  std::vector<sim::Duration> earliest_end(needs.size());
  sim::Duration end{};
  for (auto step = order.rbegin(); step != order.rend(); ++step) {
    sim::Duration start{};
    for (const std::uint32_t needed : needs[*step]) {
      start = std::max(start, earliest_end[needed]);
    }
    earliest_end[*step] = start + durations[*step];
    end = std::max(end, earliest_end[*step]);
  }
  std::vector<sim::Duration> latest_end(needs.size(), end);
  for (const std::size_t step : order) {
    for (const std::uint32_t needed : needs[step]) {
      latest_end[needed] = std::min(latest_end[needed], latest_end[step] - durations[step]);
    }
  }
  std::vector<Slack> slack;
  for (std::size_t step = 0; step < needs.size(); ++step) {
    const sim::Duration spare = latest_end[step] - earliest_end[step];
    slack.push_back({spare == sim::Duration::zero(), spare});
  }
  return slack;
}

}  // namespace scenarios::plan

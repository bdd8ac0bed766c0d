#include "tests/unit/iomesh/plain_flow.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>

namespace models::iomesh::testing_support {

std::int64_t most_placed(std::span<const ExtentGroup> groups, std::span<const Need> needs,
                         std::span<const Target> targets) {
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  using Edge = Traits::edge_descriptor;
  using Graph =
      boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                            boost::property<boost::edge_capacity_t, std::int64_t,
                                            boost::property<boost::edge_residual_capacity_t, std::int64_t,
                                                            boost::property<boost::edge_reverse_t, Edge>>>>;
  const std::size_t source = needs.size() + targets.size();
  Graph graph(source + 2);
  const auto capacity = boost::get(boost::edge_capacity, graph);
  const auto reverse = boost::get(boost::edge_reverse, graph);
  const auto connect = [&](std::size_t from, std::size_t to, std::int64_t bytes) {
    const Edge there = boost::add_edge(from, to, graph).first;
    const Edge back = boost::add_edge(to, from, graph).first;
    capacity[there] = std::max<std::int64_t>(0, bytes);
    capacity[back] = 0;
    reverse[there] = back;
    reverse[back] = there;
  };
  for (std::size_t need = 0; need < needs.size(); ++need) {
    connect(source, need, needs[need].amount.claimed);
    for (std::size_t target = 0; target < targets.size(); ++target) {
      const auto& holders = groups[needs[need].group].holders;
      if (std::find(holders.begin(), holders.end(), targets[target].chunk) == holders.end()) {
        connect(need, needs.size() + target, needs[need].amount.claimed);
      }
    }
  }
  for (std::size_t target = 0; target < targets.size(); ++target) {
    connect(needs.size() + target, source + 1, targets[target].free);
  }
  return boost::push_relabel_max_flow(graph, source, source + 1);
}

}  // namespace models::iomesh::testing_support

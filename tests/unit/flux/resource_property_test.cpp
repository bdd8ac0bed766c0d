// `flux resource list` against a second, obvious rule: sets of names.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/flux/resource_tables.h"

namespace models::flux {
namespace {

/// Names in hostlist notation, by looking at each number's neighbours.
std::string obvious_hostlist(const std::string& name, const std::set<int>& ranks) {
  std::string inside;
  for (const int rank : ranks) {
    const bool begins = ranks.count(rank - 1) == 0;
    const bool ends = ranks.count(rank + 1) == 0;
    if (begins) {
      inside += (inside.empty() ? "" : ",") + std::to_string(rank);
    } else if (ends) {
      inside += '-' + std::to_string(rank);
    }
  }
  return ranks.empty() ? "" : ranks.size() == 1 ? name + '-' + inside : name + "-[" + inside + ']';
}

struct World {
  std::string name;
  int size;
  int cores;
  std::set<int> online, drained, torpid, excluded;
  std::map<int, int> allocated;
};

World any_world() {
  World world;
  world.name = *rc::gen::element<std::string>("flux-sample", "a", "hpc-east", "x1y");
  world.size = *rc::gen::inRange(1, 40);
  world.cores = *rc::gen::inRange(1, 200);
  for (int rank = 0; rank < world.size; ++rank) {
    if (*rc::gen::arbitrary<bool>()) world.online.insert(rank);
    if (*rc::gen::inRange(0, 4) == 0) world.drained.insert(rank);
    if (*rc::gen::inRange(0, 8) == 0) world.torpid.insert(rank);
    if (*rc::gen::inRange(0, 10) == 0) world.excluded.insert(rank);
    if (*rc::gen::inRange(0, 3) == 0) world.allocated[rank] = *rc::gen::inRange(1, world.cores + 1);
  }
  for (const int rank : world.excluded) {
    world.allocated.erase(rank);
  }
  return world;
}

ResourceView view_of(const World& world) {
  ResourceView view(static_cast<std::size_t>(world.size));
  for (int rank = 0; rank < world.size; ++rank) {
    RankView& one = view[static_cast<std::size_t>(rank)];
    one.host = world.name + '-' + std::to_string(rank);
    one.cores = world.cores;
    one.online = world.online.count(rank) != 0;
    one.drained = world.drained.count(rank) != 0;
    one.torpid = world.torpid.count(rank) != 0;
    one.excluded = world.excluded.count(rank) != 0;
    const auto found = world.allocated.find(rank);
    one.allocated_cores = found == world.allocated.end() ? 0 : found->second;
  }
  return view;
}

/// One core at a time: each core is a name, and each row a set of such names.
std::string obvious_table(const World& world) {
  std::map<std::string, std::set<std::pair<int, int>>> cores_of;
  for (int rank = 0; rank < world.size; ++rank) {
    if (world.excluded.count(rank) != 0) continue;
    const bool up =
        world.online.count(rank) != 0 && world.drained.count(rank) == 0 && world.torpid.count(rank) == 0;
    for (int core = 0; core < world.cores; ++core) {
      const auto found = world.allocated.find(rank);
      const bool used = found != world.allocated.end() && core < found->second;
      if (used) cores_of["allocated"].insert({rank, core});
      if (!up) cores_of["down"].insert({rank, core});
      if (up && !used) cores_of["free"].insert({rank, core});
    }
  }
  std::string text = "     STATE NNODES   NCORES    NGPUS NODELIST\n";
  for (const std::string state : {"free", "allocated", "down"}) {
    std::set<int> ranks;
    for (const auto& [rank, core] : cores_of[state]) ranks.insert(rank);
    text += fmt::format("{:>10} {:>6} {:>8} {:>8} {}\n", state, ranks.size(), cores_of[state].size(), 0,
                        obvious_hostlist(world.name, ranks));
  }
  return text;
}

RC_GTEST_PROP(ResourceListProperty, the_table_is_what_sets_of_cores_say, ()) {
  const World world = any_world();
  const ResourceView view = view_of(world);
  const std::string table = list_table(
      view, list_rows(view, {ListState::Free, ListState::Allocated, ListState::Down}), TableLayout{});
  RC_ASSERT(table == obvious_table(world));
}

RC_GTEST_PROP(ResourceStatusProperty, every_rank_is_in_exactly_one_default_row, ()) {
  const World world = any_world();
  const ResourceView view = view_of(world);
  StatusQuery query;
  query.flux_minor = 70;
  std::map<int, int> seen;
  for (const StatusRow& row : status_rows(view, query).rows) {
    for (const std::int32_t rank : row.ranks) {
      ++seen[rank];
      RC_ASSERT(row.online == (world.online.count(rank) != 0));
    }
  }
  for (int rank = 0; rank < world.size; ++rank) {
    // Only an excluded rank may stand in a second row: excluding does not undrain or wake it.
    const int most = world.excluded.count(rank) != 0 ? 2 : 1;
    RC_ASSERT(seen[rank] >= 1);
    RC_ASSERT(seen[rank] <= most);
  }
}

}  // namespace
}  // namespace models::flux

// Placement and plans of moves against a slow, obvious second implementation.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <numeric>

#include "models/iomesh/move_plan.h"
#include "models/iomesh/placement.h"
#include "tests/unit/iomesh/plain_flow.h"

namespace models::iomesh {
namespace {

using testing_support::most_placed;

struct Problem {
  std::vector<ExtentGroup> groups;
  std::vector<Need> needs;
  std::vector<Target> targets;
};

/// A cluster with uneven chunks and scattered groups; chunk 0 leaves.
Problem arbitrary_problem() {
  Problem problem;
  const int chunks = *rc::gen::inRange(3, 9);
  const int copies = *rc::gen::inRange(2, std::min(3, chunks - 1) + 1);
  const int groups = *rc::gen::inRange(1, 14);
  for (int g = 0; g < groups; ++g) {
    std::vector<int> order(static_cast<std::size_t>(chunks) - 1);
    std::iota(order.begin(), order.end(), 1);
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(i)))]);
    }
    ExtentGroup group;
    group.copies = static_cast<std::uint8_t>(copies);
    group.holders[0] = 0;
    for (int i = 1; i < copies; ++i) {
      group.holders[static_cast<std::size_t>(i)] =
          static_cast<std::int16_t>(order[static_cast<std::size_t>(i)]);
    }
    std::sort(group.holders.begin(), group.holders.begin() + copies);
    const std::int64_t used = *rc::gen::inRange<std::int64_t>(0, 900);
    group.amount = {used, used + *rc::gen::inRange<std::int64_t>(0, 300)};
    problem.groups.push_back(group);
    problem.needs.push_back({static_cast<std::uint32_t>(g), 0, group.amount});
  }
  for (int chunk = 1; chunk < chunks; ++chunk) {
    const std::int64_t free = *rc::gen::inRange<std::int64_t>(-50, 1500);
    problem.targets.push_back({chunk, free, *rc::gen::inRange<std::int64_t>(0, 3000), 4'000'000});
  }
  return problem;
}

RC_GTEST_PROP(MovePlan, placesAsMuchAsTheLargestFlow, ()) {
  const Problem problem = arbitrary_problem();
  const MovePlan plan = plan_moves(problem.groups, problem.needs, problem.targets, *rc::gen::inRange(1, 400));
  RC_ASSERT(plan.total.claimed == most_placed(problem.groups, problem.needs, problem.targets));
}

RC_GTEST_PROP(MovePlan, conservesBytesAndRespectsRoomAndHolders, ()) {
  const Problem problem = arbitrary_problem();
  const MovePlan plan = plan_moves(problem.groups, problem.needs, problem.targets, *rc::gen::inRange(1, 400));
  std::map<std::int32_t, std::int64_t> taken;
  std::map<std::uint32_t, Amount> moved;
  Amount total;
  for (const Move& move : plan.moves) {
    RC_ASSERT(move.amount.claimed > 0);
    RC_ASSERT(move.amount.used >= 0);
    RC_ASSERT(!problem.groups[move.group].held_by(move.to));
    taken[move.to] += move.amount.claimed;
    moved[move.group].claimed += move.amount.claimed;
    moved[move.group].used += move.amount.used;
    total.used += move.amount.used;
    total.claimed += move.amount.claimed;
  }
  for (const Target& target : problem.targets) {
    RC_ASSERT(taken[target.chunk] <= std::max<std::int64_t>(0, target.free));
  }
  std::int64_t wanted = 0;
  for (const Need& need : problem.needs) {
    wanted += need.amount.claimed;
    RC_ASSERT(moved[need.group].claimed <= need.amount.claimed);
    if (moved[need.group].claimed == need.amount.claimed && need.amount.claimed > 0) {
      RC_ASSERT(moved[need.group].used == need.amount.used);
    }
  }
  RC_ASSERT(total == plan.total);
  RC_ASSERT(plan.unplaced == wanted - total.claimed);
}

RC_GTEST_PROP(MovePlan, neverLeavesFewerReplicas, ()) {
  Problem problem = arbitrary_problem();
  const MovePlan plan = plan_moves(problem.groups, problem.needs, problem.targets, 64);
  for (const Move& move : plan.moves) {
    const ExtentGroup moved = with_holder(problem.groups[move.group], move.from, move.to);
    RC_ASSERT(moved.copies == problem.groups[move.group].copies);
    RC_ASSERT(std::adjacent_find(moved.holders.begin(), moved.holders.begin() + moved.copies) ==
              moved.holders.begin() + moved.copies);
    RC_ASSERT(!moved.held_by(move.from));
  }
}

RC_GTEST_PROP(Placement, evenSpreadGivesTheAmounts, ()) {
  const auto chunks = static_cast<std::size_t>(*rc::gen::inRange(3, 9));
  const auto copies = static_cast<std::size_t>(*rc::gen::inRange(2, 4));
  const std::int64_t each = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40U);
  const auto groups = spread_evenly(std::vector<Amount>(chunks, Amount{each, each}), copies);
  RC_ASSERT(groups.has_value());
  const std::int64_t off_most = static_cast<std::int64_t>(groups->size()) + 1;
  for (const Amount& amount : amounts_of(*groups, chunks)) {
    RC_ASSERT(std::abs(amount.used - each) <= off_most);
    RC_ASSERT(amount.used == amount.claimed);
  }
}

RC_GTEST_PROP(Placement, groupsHoldTheSameOnEveryChunk, ()) {
  const auto chunks = static_cast<std::size_t>(*rc::gen::inRange(4, 40));
  const auto copies = static_cast<std::size_t>(*rc::gen::inRange(2, 4));
  const std::int64_t groups = *rc::gen::inRange<std::int64_t>(1, 200);
  const std::int64_t each = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 40U);
  const std::vector<ExtentGroup> placed = spread_in_groups({each, each}, chunks, copies, groups);
  for (const ExtentGroup& group : placed) {
    RC_ASSERT(std::adjacent_find(group.holders.begin(), group.holders.begin() + group.copies) ==
              group.holders.begin() + group.copies);
  }
  const std::vector<Amount> amounts = amounts_of(placed, chunks);
  for (const Amount& amount : amounts) {
    RC_ASSERT(amount == amounts.front());
    RC_ASSERT(each - amount.used < static_cast<std::int64_t>(copies));
  }
}

TEST(Placement, OfMoreThanTheOthersCanMirrorIsRefused) {
  EXPECT_FALSE(spread_evenly(std::vector<Amount>{{100, 100}, {0, 0}, {0, 0}}, 2));
}

// Assumed: the public record says no more than that data goes to chunks with room; see move_plan.h.
TEST(MovePlan, GoesToTheEmptiestChunkFirst) {
  ExtentGroup group;
  group.copies = 2;
  group.holders = {0, 1};
  group.amount = {10, 10};
  const std::vector<ExtentGroup> groups{group};
  const std::vector<Need> needs{{0, 0, {10, 10}}};
  const std::vector<Target> targets{{1, 1'000'000, 0, 4'000'000},
                                    {2, 1'000'000, 3'000'000, 4'000'000},
                                    {3, 1'000'000, 800'000, 4'000'000},
                                    {4, 1'000'000, 2'000'000, 4'000'000}};
  const MovePlan plan = plan_moves(groups, needs, targets, 10);
  ASSERT_EQ(plan.moves.size(), 1U);
  EXPECT_EQ(plan.moves.front().to, 3) << "chunk 1 holds it already";
  EXPECT_EQ(plan.unplaced, 0);
}

TEST(MovePlan, IsFastFor255ChunksWith10000GroupsEach) {
  const std::int64_t each = std::int64_t{10'000} * (std::int64_t{256} << 20U);
  const std::vector<ExtentGroup> groups = spread_in_groups({each, each}, 255, 2, 10'000);
  std::vector<Need> needs;
  for (std::uint32_t i = 0; i < groups.size(); ++i) {
    if (groups[i].held_by(254)) {
      needs.push_back({i, 254, groups[i].amount});
    }
  }
  EXPECT_EQ(needs.size(), 10'000U);
  std::vector<Target> targets;
  for (std::int32_t chunk = 0; chunk < 254; ++chunk) {
    targets.push_back({chunk, each, each, each * 3});
  }
  EXPECT_TRUE(plan_moves(groups, needs, targets, std::int64_t{256} << 20U).feasible());
}

}  // namespace
}  // namespace models::iomesh

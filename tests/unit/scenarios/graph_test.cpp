#include "scenarios/plan/graph.h"

#include <gtest/gtest.h>

namespace scenarios::plan {
namespace {

using namespace std::chrono_literals;

TEST(Graph, ACycleIsNamedInOrderAndALineHasNone) {
  EXPECT_FALSE(find_cycle({{}, {0}, {1}, {0, 2}}));
  const auto cycle = find_cycle({{}, {3}, {1}, {2}});
  ASSERT_TRUE(cycle);
  EXPECT_EQ(*cycle, (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(*find_cycle({{0}}), (std::vector<std::uint32_t>{0})) << "a step that needs itself";
}

TEST(Graph, TheLongestWayIsCriticalAndTheOthersHaveSlack) {
  // 0 -> 1 -> 3 takes 1 + 5 + 1, 0 -> 2 -> 3 takes 1 + 2 + 1.
  const std::vector<Slack> slack = slack_of({{}, {0}, {0}, {1, 2}}, {1s, 5s, 2s, 1s});
  EXPECT_TRUE(slack[0].critical);
  EXPECT_TRUE(slack[1].critical);
  EXPECT_FALSE(slack[2].critical);
  EXPECT_EQ(slack[2].slack, sim::Duration{3s});
  EXPECT_TRUE(slack[3].critical);
}

}  // namespace
}  // namespace scenarios::plan

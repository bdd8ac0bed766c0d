#include "models/flux/topology.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace models::flux {
namespace {

TEST(Topology, the_operators_default_is_flat_up_to_257_ranks) {
  const Topology topology = *parse_topology("");
  EXPECT_EQ(topology.parent(0), -1);
  EXPECT_EQ(topology.parent(256), 0);
  EXPECT_EQ(topology.parent(257), 1);
  EXPECT_EQ(topology.children(0, 300).size(), 256U);
}

TEST(Topology, kary_2_is_a_binary_tree) {
  const Topology topology = *parse_topology("kary:2");
  EXPECT_EQ(topology.parent(5), 2);
  EXPECT_EQ(topology.children(1, 10), (std::vector<std::int32_t>{3, 4}));
  EXPECT_EQ(topology.children(4, 10), (std::vector<std::int32_t>{9}));
}

TEST(Topology, binomial_parents_as_in_upstreams_test_of_five_ranks) {
  const Topology topology = *parse_topology("binomial");
  EXPECT_EQ(topology.parent(1), 0);
  EXPECT_EQ(topology.parent(2), 0);
  EXPECT_EQ(topology.parent(3), 2);
  EXPECT_EQ(topology.parent(4), 0);
  EXPECT_EQ(topology.children(0, 5), (std::vector<std::int32_t>{1, 2, 4}));
}

TEST(Topology, refuses_what_is_not_modelled) {
  for (const char* text : {"kary", "kary:", "kary:x", "kary:-1", "custom:{}", "mincrit", "binomial:2"}) {
    EXPECT_FALSE(parse_topology(text)) << text;
  }
  EXPECT_EQ(parse_topology("kary:0")->parent(99'999), 0);
}

RC_GTEST_PROP(TopologyProperty, children_are_the_ranks_whose_parent_it_is, ()) {
  const std::int32_t size = *rc::gen::inRange(1, 600);
  const Topology topology =
      *parse_topology(*rc::gen::element<std::string>("", "kary:1", "kary:3", "kary:0", "binomial"));
  const std::int32_t rank = *rc::gen::inRange(0, size);
  std::vector<std::int32_t> obvious;
  for (std::int32_t other = 1; other < size; ++other) {
    if (topology.parent(other) == rank) {
      obvious.push_back(other);
    }
  }
  RC_ASSERT(topology.children(rank, size) == obvious);
}

}  // namespace
}  // namespace models::flux

#include "models/flux/hostlist.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace models::flux {
namespace {

using Hosts = std::vector<std::string>;

Hosts sample(const std::vector<int>& ranks) {
  Hosts hosts;
  for (const int rank : ranks) {
    hosts.push_back(fmt::format("flux-sample-{}", rank));
  }
  return hosts;
}

struct HostlistCase {
  const char* name;
  Hosts hosts;
  const char* text;
  friend std::ostream& operator<<(std::ostream& os, const HostlistCase& c) { return os << c.name; }
};

class Hostlist : public testing::TestWithParam<HostlistCase> {};

TEST_P(Hostlist, IsCompressedAndExpandedBack) {
  EXPECT_EQ(hostlist_compress(GetParam().hosts), GetParam().text);
  const HostlistResult expanded = hostlist_expand(GetParam().text);
  EXPECT_TRUE(expanded);
  EXPECT_EQ(expanded.hosts, GetParam().hosts);
}

const HostlistCase kHostlists[] = {
    {"FX_15_runs_and_a_gap", sample({0, 1, 3, 4, 5}), "flux-sample-[0-1,3-5]"},
    {"FX_15_one_and_a_run", sample({2, 6, 7, 8, 9}), "flux-sample-[2,6-9]"},
    {"FX_15_nothing", {}, ""},
    {"FX_15_one_host_has_no_bracket", sample({7}), "flux-sample-7"},
    {"FX_18_down_hosts", sample({1, 2, 4, 6, 7, 8, 9}), "flux-sample-[1-2,4,6-9]"},
    {"two_neighbours_are_a_range", sample({0, 1}), "flux-sample-[0-1]"},
    {"order_of_the_input_stays", sample({3, 1, 2, 0}), "flux-sample-[3,1-2,0]"},
    {"repeats_stay", sample({1, 1}), "flux-sample-[1,1]"},
    {"prefixes_are_separate", {"a1", "a2", "b3"}, "a[1-2],b3"},
    {"prefix_comes_back", {"a1", "b1", "a2"}, "a1,b1,a2"},
    {"host_without_number", {"login", "node1", "node2"}, "login,node[1-2]"},
    {"number_without_prefix", {"1", "2"}, "[1-2]"},
    {"padding_is_significant", {"n1", "n01"}, "n[1,01]"},
    {"padded_run", {"n08", "n09", "n10"}, "n[08-10]"},
    {"unpadded_run_over_a_power_of_ten", {"n9", "n10"}, "n[9-10]"},
    {"padded_run_outgrows_its_padding", {"n99", "n100"}, "n[99-100]"},
    {"widths_that_do_not_meet", {"n09", "n010"}, "n[09,010]"},
    {"digits_inside_the_name", {"r1n1", "r1n2", "r2n1"}, "r1n[1-2],r2n1"},
    {"very_long_number_is_prefix_first", {"n99999999901", "n99999999902"}, "n9999[9999901-9999902]"},
};

TEST_P(Hostlist, HasTheNamesOfTheInputWhateverTheGrouping) {
  EXPECT_EQ(hostlist_expand(hostlist_compress(GetParam().hosts)).hosts, GetParam().hosts);
}

INSTANTIATE_TEST_SUITE_P(Flux, Hostlist, testing::ValuesIn(kHostlists),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(HostlistExpand, BracketMayBeFollowedByMoreOfTheName) {
  EXPECT_EQ(hostlist_expand("n[1-2]-ib,x").hosts, (Hosts{"n1-ib", "n2-ib", "x"}));
}

struct BadHostlistCase {
  const char* name;
  const char* text;
  const char* problem;
  std::size_t offset;
  friend std::ostream& operator<<(std::ostream& os, const BadHostlistCase& c) { return os << c.text; }
};

class BadHostlist : public testing::TestWithParam<BadHostlistCase> {};

TEST_P(BadHostlist, IsRefusedWithItsPlace) {
  const HostlistResult result = hostlist_expand(GetParam().text, 100);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].text, GetParam().problem);
  EXPECT_EQ(result.problems[0].offset, GetParam().offset);
  EXPECT_TRUE(result.hosts.empty());
}

const BadHostlistCase kBadHostlists[] = {
    {"unclosed", "a[0-3", "unclosed \"[\" in \"a[0-3\"", 1},
    {"unopened", "a0]", "\"]\" without \"[\" in \"a0]\"", 2},
    {"descending", "b,a[3-1]", "\"3-1\" is not a number or an ascending range like 0-3", 4},
    {"no_number", "a[x]", "\"x\" is not a number or an ascending range like 0-3", 2},
    {"empty_bracket", "a[]", "\"\" is not a number or an ascending range like 0-3", 2},
    {"missing_part", "a[1,]", "\"\" is not a number or an ascending range like 0-3", 4},
    {"second_bracket", "a[1]b[2]", "a second bracket in \"a[1]b[2]\"", 5},
    {"missing_name", "a,,b", "a host name is missing", 2},
    {"trailing_comma", "a,", "a host name is missing", 2},
    {"too_many", "a,b[0-99]", "more than 100 hosts", 4},
    {"bomb", "b[0-999999999999]", "more than 100 hosts", 2},
};

INSTANTIATE_TEST_SUITE_P(Flux, BadHostlist, testing::ValuesIn(kBadHostlists),
                         [](const auto& tested) { return std::string(tested.param.name); });

RC_GTEST_PROP(HostlistProperty, ExpandGivesBackWhatCompressTook, ()) {
  const auto hosts = *rc::gen::container<Hosts>(rc::gen::map(
      rc::gen::tuple(rc::gen::element<std::string>("a", "b-", "node", ""), rc::gen::inRange(0, 120),
                     rc::gen::inRange(1, 4)),
      [](const auto& parts) {
        return fmt::format("{}{:0{}}", std::get<0>(parts), std::get<1>(parts), std::get<2>(parts));
      }));
  RC_ASSERT(hostlist_expand(hostlist_compress(hosts)).hosts == hosts);
}

struct IdsetCase {
  const char* name;
  std::vector<int> ids;
  const char* text;
  friend std::ostream& operator<<(std::ostream& os, const IdsetCase& c) { return os << c.name; }
};

class Idset : public testing::TestWithParam<IdsetCase> {};

TEST_P(Idset, IsCompressedAndParsedBack) {
  EXPECT_EQ(idset_compress(GetParam().ids), GetParam().text);
  EXPECT_EQ(idset_parse(GetParam().text).ids, GetParam().ids);
}

const IdsetCase kIdsets[] = {
    {"nothing", {}, ""},
    {"one", {2}, "2"},
    {"range_and_one", {0, 1, 2, 3, 5}, "0-3,5"},
    {"two_neighbours_are_a_range", {1, 2}, "1-2"},
};

INSTANTIATE_TEST_SUITE_P(Flux, Idset, testing::ValuesIn(kIdsets),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(IdsetParse, BracketsAreAllowed) { EXPECT_EQ(idset_parse("[0-1,4]").ids, (std::vector<int>{0, 1, 4})); }

struct BadIdsetCase {
  const char* name;
  const char* text;
  const char* problem;
  std::size_t offset;
  friend std::ostream& operator<<(std::ostream& os, const BadIdsetCase& c) { return os << c.text; }
};

class BadIdset : public testing::TestWithParam<BadIdsetCase> {};

TEST_P(BadIdset, IsRefusedWithItsPlace) {
  const IdsetResult result = idset_parse(GetParam().text, 100);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].text, GetParam().problem);
  EXPECT_EQ(result.problems[0].offset, GetParam().offset);
}

const BadIdsetCase kBadIdsets[] = {
    {"word", "0,two", "\"two\" is not a rank or an ascending range like 0-3", 2},
    {"negative", "-1", "\"-1\" is not a rank or an ascending range like 0-3", 0},
    {"reversed", "4-2", "\"4-2\" is not a rank or an ascending range like 0-3", 0},
    {"descending", "3,1", "\"1\" does not ascend", 2},
    {"repeated", "3,3", "\"3\" does not ascend", 2},
    {"trailing_comma", "3,", "a rank is missing after the last comma", 1},
    {"too_many", "0-100", "more than 100 ranks", 0},
};

INSTANTIATE_TEST_SUITE_P(Flux, BadIdset, testing::ValuesIn(kBadIdsets),
                         [](const auto& tested) { return std::string(tested.param.name); });

RC_GTEST_PROP(IdsetProperty, ParseGivesBackTheSortedSet, ()) {
  const auto ids = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 50));
  const std::set<int> sorted(ids.begin(), ids.end());
  RC_ASSERT(idset_parse(idset_compress(ids)).ids == std::vector<int>(sorted.begin(), sorted.end()));
}

}  // namespace
}  // namespace models::flux

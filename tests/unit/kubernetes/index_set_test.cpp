#include "models/kubernetes/index_set.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace models::kubernetes {
namespace {

struct TextCase {
  const char* name;
  std::vector<int> indexes;
  const char* text;
  friend std::ostream& operator<<(std::ostream& os, const TextCase& c) { return os << c.name; }
};

class IndexText : public testing::TestWithParam<TextCase> {};

TEST_P(IndexText, IsWrittenAndReadAsInAJobsStatus) {
  const IndexSet set = IndexSet::of(GetParam().indexes);
  EXPECT_EQ(set.to_text(), GetParam().text);
  EXPECT_EQ(IndexSet::parse(GetParam().text, 1'000), set);
  EXPECT_EQ(set.size(), GetParam().indexes.size());
}

const TextCase kTexts[] = {
    {"nothing", {}, ""},
    {"one", {7}, "7"},
    {"zero", {0}, "0"},
    {"two_neighbours_are_no_range", {1, 2}, "1,2"},
    {"three_neighbours_are_a_range", {1, 2, 3}, "1-3"},
    {"FX_18_indexes_1_2_and_4", {4, 2, 1}, "1,2,4"},
    {"mixed", {1, 3, 4, 5, 7}, "1,3-5,7"},
    {"indexed_job_row_2", {2, 4, 5, 7, 8, 9}, "2,4,5,7-9"},
};

INSTANTIATE_TEST_SUITE_P(IndexSet, IndexText, testing::ValuesIn(kTexts),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct ParseCase {
  const char* name;
  const char* text;
  int completions;
  const char* want;
  std::vector<std::string> ignored;
  friend std::ostream& operator<<(std::ostream& os, const ParseCase& c) { return os << c.name; }
};

class IndexParse : public testing::TestWithParam<ParseCase> {};

TEST_P(IndexParse, CutsAndForgivesAsUpstreamDoes) {
  std::vector<std::string> ignored;
  EXPECT_EQ(IndexSet::parse(GetParam().text, GetParam().completions, &ignored).to_text(), GetParam().want);
  EXPECT_EQ(ignored, GetParam().ignored);
}

const ParseCase kParses[] = {
    {"row_8_stored_text_is_cut_to_completions", "0-5,8-10", 10, "0-5,8,9", {}},
    {"interval_above_is_dropped", "0,5-7", 3, "0", {}},
    {"interval_begins_at_the_limit", "0,3", 3, "0", {}},
    {"nothing_is_left_of_zero_completions", "0-5", 0, "", {}},
    {"neighbouring_intervals_join", "1,2,3-5", 9, "1-5", {}},
    {"corrupted_part_is_left_out", "1,a,3", 9, "1,3", {"a"}},
    {"corrupted_end_is_left_out", "1,3-x,5", 9, "1,5", {"3-x"}},
    {"missing_end_is_left_out", "3-,5", 9, "5", {"3-"}},
    {"missing_begin_is_left_out", "-3,5", 9, "5", {"-3"}},
    {"empty_part_is_left_out", "1,,3", 9, "1,3", {""}},
    {"trailing_comma_is_left_out", "1,", 9, "1", {""}},
    {"reversed_interval_is_left_out", "5-3,7", 9, "7", {"5-3"}},
    {"sign_is_a_number_to_go", "+1,3", 9, "1,3", {}},
    {"number_too_large", "1,99999999999", 9, "1", {"99999999999"}},
    {"blank_is_no_number", "1, 3", 9, "1", {" 3"}},
};

INSTANTIATE_TEST_SUITE_P(IndexSet, IndexParse, testing::ValuesIn(kParses),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(IndexSet, FirstMissingRow7GivesTheLowestFreeIndexes) {
  // Active 3 and 9; succeeded 1, 5, 9; failed 2, 6, 7; five of twenty are wanted.
  const IndexSet taken = IndexSet::of(std::vector<int>{3, 9}).with(IndexSet::of(std::vector<int>{1, 5, 9}));
  EXPECT_EQ(taken.with(IndexSet::of(std::vector<int>{2, 6, 7})).first_missing(5, 20),
            (std::vector<int>{0, 4, 8, 10, 11}));
}

TEST(IndexSet, FirstMissingStopsAtCompletions) {
  EXPECT_EQ(IndexSet::of(std::vector<int>{1, 7}).first_missing(5, 3), (std::vector<int>{0, 2}));
  EXPECT_TRUE(IndexSet().first_missing(5, 0).empty());
  EXPECT_TRUE(IndexSet().first_missing(0, 5).empty());
}

TEST(IndexSet, AHundredThousandIndexesInOrderAreOneRun) {
  IndexSet set;
  for (int index = 0; index < 100'000; ++index) {
    set.insert(index);
  }
  EXPECT_EQ(set.intervals().size(), 1U);
  EXPECT_EQ(set.to_text(), "0-99999");
}

std::vector<int> some_indexes() { return *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40)); }

/// The text of a std::set by the rule as the documentation words it, index by index.
std::string obvious_text(const std::set<int>& indexes) {
  std::string text;
  for (auto at = indexes.begin(); at != indexes.end();) {
    int last = *at;
    while (indexes.contains(last + 1)) {
      ++last;
    }
    const int first = *at;
    at = indexes.upper_bound(last);
    text += (text.empty() ? "" : ",") + std::to_string(first);
    if (last - first == 1) {
      text += "," + std::to_string(last);
    } else if (last > first) {
      text += "-" + std::to_string(last);
    }
  }
  return text;
}

RC_GTEST_PROP(IndexSet, AgreesWithASetOfIntegers, ()) {
  IndexSet set;
  std::set<int> obvious;
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 400))) {
    const int index = step % 40;
    switch (step / 100) {
      case 0:
        set.erase(index);
        obvious.erase(index);
        break;
      case 1: {
        const int last = index + step % 7;
        set.insert_interval(index, last);
        for (int i = index; i <= last; ++i) {
          obvious.insert(i);
        }
        break;
      }
      default:
        set.insert(index);
        obvious.insert(index);
    }
    RC_ASSERT(set.to_text() == obvious_text(obvious));
  }
  RC_ASSERT(set.size() == obvious.size());
  RC_ASSERT(set.indexes() == std::vector<int>(obvious.begin(), obvious.end()));
  for (int index = 0; index < 50; ++index) {
    RC_ASSERT(set.contains(index) == obvious.contains(index));
  }
  const int limit = *rc::gen::inRange(0, 50);
  set.clamp(limit);
  obvious.erase(obvious.lower_bound(limit), obvious.end());
  RC_ASSERT(set.to_text() == obvious_text(obvious));
}

RC_GTEST_PROP(IndexSet, TextIsReadBackToTheSameSet, ()) {
  const IndexSet set = IndexSet::of(some_indexes());
  RC_ASSERT(IndexSet::parse(set.to_text(), 100) == set);
}

RC_GTEST_PROP(IndexSet, ParseWithALimitIsParseThenClamp, ()) {
  IndexSet set = IndexSet::of(some_indexes());
  const int limit = *rc::gen::inRange(0, 50);
  const IndexSet parsed = IndexSet::parse(set.to_text(), limit);
  set.clamp(limit);
  RC_ASSERT(parsed == set);
}

RC_GTEST_PROP(IndexSet, UnionHoldsWhatEitherHolds, ()) {
  const std::vector<int> left = some_indexes();
  const std::vector<int> right = some_indexes();
  std::vector<int> both = left;
  both.insert(both.end(), right.begin(), right.end());
  RC_ASSERT(IndexSet::of(left).with(IndexSet::of(right)) == IndexSet::of(both));
}

RC_GTEST_PROP(IndexSet, FirstMissingIsWhatCountingUpFinds, ()) {
  const IndexSet set = IndexSet::of(some_indexes());
  const int completions = *rc::gen::inRange(0, 50);
  const auto count = *rc::gen::inRange<std::size_t>(0, 50);
  std::vector<int> obvious;
  for (int index = 0; index < completions && obvious.size() < count; ++index) {
    if (!set.contains(index)) {
      obvious.push_back(index);
    }
  }
  RC_ASSERT(set.first_missing(count, completions) == obvious);
}

}  // namespace
}  // namespace models::kubernetes

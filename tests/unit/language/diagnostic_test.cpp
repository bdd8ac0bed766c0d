#include "scenarios/language/diagnostic.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenarios/language/nearest_word.h"

namespace scenarios::language {
namespace {

TEST(Diagnostic, ShowsPlaceSeverityFieldProblemAndHint) {
  const Diagnostic diagnostic{{"a/b.yaml", 13, 43},
                              "plan[0].run",
                              "kubectl scale has no flag --replica",
                              "did you mean --replicas?",
                              Severity::error};
  EXPECT_EQ(render(diagnostic),
            "a/b.yaml:13:43: error: plan[0].run: kubectl scale has no flag --replica\n  hint: did you mean "
            "--replicas?");
}

TEST(Diagnostic, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(render(Diagnostic{{"a.yaml", 0, 0}, "", "the file cannot be opened", "", Severity::error}),
            "a.yaml: error: the file cannot be opened");
  EXPECT_EQ(render(Diagnostic{{"a.yaml", 2, 1}, "seed", "odd", "", Severity::warning}),
            "a.yaml:2:1: warning: seed: odd");
}

TEST(Diagnostics, AreSortedByPlaceWhateverTheOrderOfDiscovery) {
  Diagnostics diagnostics;
  diagnostics.error({"a", 9, 1}, "", "third");
  diagnostics.error({"a", 2, 7}, "", "second");
  diagnostics.warning({"a", 2, 3}, "", "first");
  const auto sorted = diagnostics.sorted();
  ASSERT_EQ(sorted.size(), 3U);
  EXPECT_EQ(sorted[0].problem, "first");
  EXPECT_EQ(sorted[1].problem, "second");
  EXPECT_EQ(sorted[2].problem, "third");
}

TEST(Diagnostics, WarningsAloneAreNoErrors) {
  Diagnostics diagnostics;
  diagnostics.warning({"a", 1, 1}, "", "w");
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.error({"a", 1, 1}, "", "e");
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.error_count(), 1U);
}

TEST(Diagnostics, AFileThatIsGarbageThroughoutDoesNotFillTheScreen) {
  Diagnostics diagnostics;
  for (int i = 0; i < 5000; ++i) diagnostics.error({"a", i + 1, 1}, "", "e");
  const auto sorted = diagnostics.sorted();
  ASSERT_EQ(sorted.size(), Diagnostics::kept_max + 1);
  EXPECT_EQ(sorted.back().problem, "4900 more problems are not shown");
}

struct NearestCase {
  const char* word;
  const char* want;  // "-": nothing is near
  friend std::ostream& operator<<(std::ostream& os, const NearestCase& c) { return os << c.word; }
};

const std::vector<std::string> known = {
    "replicas", "podManagementPolicy", "start", "partition", "activeDeadline", "cpu", "at"};

const NearestCase nearest_cases[] = {
    {"replcas", "replicas"},
    {"Replicas", "replicas"},
    {"repilcas", "replicas"},
    {"podManagmentPolicy", "podManagementPolicy"},
    {"cup", "cpu"},
    {"activeDeadlineSeconds", "activeDeadline"},
    {"memory", "-"},
    {"", "-"},
    {"xx", "-"},
    {"zzzzzzzzzz", "-"},
};

class NearestWord : public testing::TestWithParam<NearestCase> {};

TEST_P(NearestWord, IsTheOneThatWasMeant) {
  EXPECT_EQ(nearest_word(GetParam().word, known).value_or("-"), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Words, NearestWord, testing::ValuesIn(nearest_cases));

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("abc", "abcd"), 1U);
  EXPECT_EQ(edit_distance("abc", "axc"), 1U);
  EXPECT_EQ(edit_distance("abc", "acb"), 1U);
  EXPECT_EQ(edit_distance("ABC", "abc"), 0U);
}

TEST(DidYouMean, ListsEachKnownWordOnceAndAsksOnlyWhenOneIsNear) {
  EXPECT_EQ(did_you_mean("stat", std::vector<std::string>{"start", "stop", "start"}),
            "did you mean start? known here: start, stop");
  EXPECT_EQ(did_you_mean("zebra", std::vector<std::string>{"start", "stop"}), "known here: start, stop");
  EXPECT_EQ(did_you_mean("zebra", std::vector<std::string>{}), "");
}

TEST(DidYouMean, DoesNotListHundredsOfWords) {
  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) many.push_back("host-" + std::to_string(i));
  EXPECT_TRUE(did_you_mean("zebra", many).ends_with("and 260 more"));
}

}  // namespace
}  // namespace scenarios::language

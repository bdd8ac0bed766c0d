#include "sim/choices.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace sim {
namespace {

/// A duration that is its 64 bits, cut to 32.
struct Raw {
  static bool is_fixed() { return false; }
  static Duration nominal() { return Duration{1}; }
  static Duration quantile(std::uint64_t u) { return Duration{static_cast<std::int64_t>(u >> 32U)}; }
};

// The numbers are the generator's own: a change of library or compiler that alters them would change every
// run.
TEST(SeededChoices, TheSameSeedGivesTheSameNumbersOnEveryMachine) {
  SeededChoices choices(42);
  EXPECT_EQ(choices.duration({1, 2, 3}, Raw{}).count(), SeededChoices(42).duration({1, 2, 3}, Raw{}).count());
  EXPECT_NE(choices.duration({1, 2, 3}, Raw{}), choices.duration({1, 2, 4}, Raw{}));
  EXPECT_NE(choices.duration({1, 2, 3}, Raw{}), SeededChoices(43).duration({1, 2, 3}, Raw{}));
}

RC_GTEST_PROP(SeededChoices, AnswersDoNotDependOnTheOrderOfQuestions,
              (std::uint64_t seed, std::uint64_t first, std::uint64_t second)) {
  SeededChoices forward(seed);
  const Duration a = forward.duration({first, 1, 0}, Raw{});
  const Duration b = forward.duration({second, 1, 0}, Raw{});
  SeededChoices backward(seed);
  RC_ASSERT(backward.duration({second, 1, 0}, Raw{}) == b);
  RC_ASSERT(backward.duration({first, 1, 0}, Raw{}) == a);
}

RC_GTEST_PROP(SeededChoices, APickIsInRange, (std::uint64_t seed, std::uint64_t entity)) {
  const auto n = *rc::gen::inRange<std::uint32_t>(1, 1000);
  RC_ASSERT(SeededChoices(seed).pick({entity, 1, 0}, n) < n);
}

TEST(SeededChoices, PicksAreSpreadEvenly) {
  SeededChoices choices(7);
  std::map<std::uint32_t, int> counts;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    ++counts[choices.pick({5, 1, i}, 4)];
  }
  for (const auto& [value, count] : counts) {
    EXPECT_NEAR(count, 1000, 120) << value;
  }
}

TEST(ScriptedChoices, ARecordedRunIsDictatedAgainAndTheRestIsAsked) {
  SeededChoices seeded(1);
  RecordingChoices recording(seeded);
  const Duration first = recording.duration({1, 1, 0}, Raw{});
  const std::uint32_t second = recording.pick({2, 1, 0}, 100);
  ASSERT_EQ(recording.answers().size(), 2U);

  SeededChoices other(999);
  ScriptedChoices scripted(recording.answers(), other);
  EXPECT_EQ(scripted.duration({1, 1, 0}, Raw{}), first);
  EXPECT_EQ(scripted.pick({2, 1, 0}, 100), second);
  EXPECT_EQ(scripted.unsettled(), 0U);
  scripted.pick({3, 1, 0}, 100);
  EXPECT_EQ(scripted.unsettled(), 1U);
}

TEST(NominalChoices, GiveTheMiddleAndTheMiddlePick) {
  NominalChoices choices;
  EXPECT_EQ(choices.duration({1, 1, 1}, Raw{}).count(), std::int64_t{1} << 31U);
  EXPECT_EQ(choices.pick({1, 1, 1}, 10), 5U);
}

TEST(EnumeratingChoices, EveryCombinationComesOnce) {
  EnumeratingChoices choices;
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
  do {
    const std::uint32_t first = choices.pick({1, 1, 0}, 3);
    // The second question is asked only after some answers, as in a real run.
    const std::uint32_t second = first == 1 ? choices.pick({1, 1, 1}, 4) : 0;
    EXPECT_TRUE(seen.emplace(first, second).second);
  } while (choices.advance());
  EXPECT_EQ(seen.size(), 6U);
  EXPECT_EQ(choices.combinations_so_far(), 6U);
}

}  // namespace
}  // namespace sim

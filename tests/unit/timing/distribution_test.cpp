#include "models/timing/distribution.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ostream>
#include <vector>

namespace models::timing {
namespace {

using namespace std::chrono_literals;
using sim::Duration;

constexpr std::uint64_t kMiddle = std::uint64_t{1} << 63U;
constexpr std::uint64_t kLast = ~std::uint64_t{0};
constexpr std::uint64_t kAt95 = 17524406870024074035ULL;  // 0.95 * 2^64

Distribution percentiles(Duration p50, Duration p95) { return Distribution::percentiles(p50, p95).value(); }

TEST(Distribution, PercentilesPassThroughBothPoints) {
  EXPECT_EQ(percentiles(20s, 45s).quantile(kMiddle), 20s);
  EXPECT_EQ(percentiles(20s, 45s).quantile(kAt95), 45s);
  EXPECT_EQ(percentiles(20s, 45s).nominal(), 20s);
  EXPECT_FALSE(percentiles(20s, 45s).is_fixed());
}

TEST(Distribution, EqualPercentilesAreFixed) {
  EXPECT_TRUE(percentiles(20s, 20s).is_fixed());
  EXPECT_EQ(percentiles(20s, 20s), Distribution::fixed(20s));
}

TEST(Distribution, UniformReachesBothEndsAndItsMiddle) {
  const Distribution distribution = Distribution::uniform(1s, 3s).value();
  EXPECT_EQ(distribution.quantile(0), 1s);
  EXPECT_EQ(distribution.quantile(kLast), 3s);
  EXPECT_EQ(distribution.nominal(), 2s);
}

TEST(Distribution, EmpiricalGivesItsSamplesInOrder) {
  const Distribution distribution = Distribution::empirical({3s, 1s, 9s, 4s}).value();
  EXPECT_EQ(distribution.quantile(0), 1s);
  EXPECT_EQ(distribution.quantile(kMiddle - 1), 3s);
  EXPECT_EQ(distribution.nominal(), 4s) << "of an even number the upper of the middle two";
  EXPECT_EQ(distribution.quantile(kLast), 9s);
  EXPECT_FALSE(distribution.is_fixed());
  EXPECT_TRUE(Distribution::empirical({3s, 3s}).value().is_fixed());
}

TEST(Distribution, DrawBeyondAHundredYearsCountsAsAHundredYears) {
  EXPECT_EQ(percentiles(1s, std::chrono::hours(100'000)).quantile(kLast), std::chrono::hours(24 * 365 * 100));
}

// The exact nanoseconds are part of what makes a run repeatable: they must be the same from every compiler,
// optimisation level and machine. They agree with the quantiles that Python's statistics.NormalDist gives.
TEST(Distribution, DrawsAreTheSameNanosecondsEverywhere) {
  const Distribution distribution = percentiles(20s, 45s);
  EXPECT_EQ(distribution.quantile(0), Duration{219'166'342});
  EXPECT_EQ(distribution.quantile(0x123456789abcdef0), Duration{9'700'785'513});
  EXPECT_EQ(distribution.quantile(0xc000000000000000), Duration{27'889'850'645});
  EXPECT_EQ(distribution.quantile(kLast), Duration{1'825'097'757'914});
}

RC_GTEST_PROP(Distribution, QuantileNeverFallsAsTheDrawGrows, (std::uint64_t a, std::uint64_t b)) {
  const auto p50 = Duration{*rc::gen::inRange<std::int64_t>(1, 100'000'000'000)};
  const auto more = Duration{*rc::gen::inRange<std::int64_t>(0, 100'000'000'000)};
  const auto [low, high] = std::minmax(a, b);
  RC_ASSERT(percentiles(p50, p50 + more).quantile(low) <= percentiles(p50, p50 + more).quantile(high));
  const Distribution uniform = Distribution::uniform(p50, p50 + more).value();
  RC_ASSERT(uniform.quantile(low) <= uniform.quantile(high));
}

RC_GTEST_PROP(Distribution, PercentilesHoldForAnyTwoPoints, ()) {
  const auto p50 = Duration{*rc::gen::inRange<std::int64_t>(1'000, 1'000'000'000'000)};
  const auto more = Duration{*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000)};
  const Distribution distribution = percentiles(p50, p50 + more);
  RC_ASSERT(distribution.quantile(kMiddle) == p50);
  // A billionth of a second is the unit; thousands of seconds have a rounding error of at most a few of them.
  RC_ASSERT(std::chrono::abs(distribution.quantile(kAt95) - (p50 + more)) <= 10ns);
}

struct RefusedCase {
  const char* name;
  DistributionResult result;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const RefusedCase& c) { return os << c.name; }
};

class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, SaysWhichValueIsWrong) {
  EXPECT_FALSE(GetParam().result);
  EXPECT_EQ(GetParam().result.problem(), GetParam().problem);
}

const RefusedCase kRefused[] = {
    {"p95_below_p50", Distribution::percentiles(45s, 20s),
     "p95 is 20s: it must not be below p50, which is 45s"},
    {"negative_p50", Distribution::percentiles(-1s, 20s), "p50 is -1s: it must not be negative"},
    {"zero_p50", Distribution::percentiles(0s, 20s), "p50 is 0s while p95 is 20s: p50 must be above 0s"},
    {"reversed_limits", Distribution::uniform(3s, 1s), "the longest duration 1s is below the shortest 3s"},
    {"negative_limit", Distribution::uniform(-3s, 1s),
     "the shortest duration is -3s: it must not be negative"},
    {"no_samples", Distribution::empirical({}), "there are no samples: at least one is needed"},
    {"negative_sample", Distribution::empirical({1s, -2s}), "a sample is -2s: it must not be negative"},
};

INSTANTIATE_TEST_SUITE_P(Distribution, Refused, testing::ValuesIn(kRefused),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct TextCase {
  const char* want;
  Distribution distribution;
  friend std::ostream& operator<<(std::ostream& os, const TextCase& c) { return os << c.want; }
};

class Text : public testing::TestWithParam<TextCase> {};

TEST_P(Text, IsWhatAPersonWouldWrite) { EXPECT_EQ(GetParam().distribution.to_text(), GetParam().want); }

const TextCase kTexts[] = {
    {"20s", Distribution::fixed(20s)},
    {"0s", Distribution()},
    {"1s to 3s", Distribution::uniform(1s, 3s).value()},
    {"p50 20s, p95 45s", Distribution::percentiles(20s, 45s).value()},
    {"3 samples, 1s to 9s, median 3s", Distribution::empirical({9s, 1s, 3s}).value()},
    {"1 sample, 9s to 9s, median 9s", Distribution::empirical({9s}).value()},
};

INSTANTIATE_TEST_SUITE_P(Distribution, Text, testing::ValuesIn(kTexts));

struct DurationTextCase {
  const char* want;
  Duration duration;
  friend std::ostream& operator<<(std::ostream& os, const DurationTextCase& c) { return os << c.want; }
};

class DurationText : public testing::TestWithParam<DurationTextCase> {};

TEST_P(DurationText, IsExact) { EXPECT_EQ(duration_text(GetParam().duration), GetParam().want); }

const DurationTextCase kDurationTexts[] = {
    {"0s", 0s},       {"1ns", 1ns},         {"1.5us", 1500ns}, {"250ms", 250ms}, {"90ms", 90ms},
    {"1s", 1s},       {"1m30s", 90s},       {"1h", 1h},        {"30h", 30h},     {"1h1s", 3601s},
    {"2.5s", 2500ms}, {"1m0.05s", 60050ms}, {"-4s", -4s},
};

INSTANTIATE_TEST_SUITE_P(Distribution, DurationText, testing::ValuesIn(kDurationTexts));

TEST(Distribution, ProvenanceIsCarriedAndTold) {
  const Provenance provenance{ProvenanceKind::source, "wait.sh"};
  const Distribution distribution = Distribution::fixed(15s, provenance);
  EXPECT_EQ(to_text(distribution.provenance()), "source: wait.sh");
  EXPECT_EQ(to_text(Distribution().provenance()), "assumed");
  EXPECT_NE(distribution, Distribution::fixed(15s)) << "the same number from elsewhere is another statement";
  EXPECT_TRUE(distribution.same_durations(Distribution::fixed(15s)));
  EXPECT_EQ(Distribution::fixed(15s).with_provenance(provenance), distribution);
  EXPECT_EQ(provenance_kind("measured"), ProvenanceKind::measured);
  EXPECT_EQ(provenance_kind("guessed"), std::nullopt);
}

}  // namespace
}  // namespace models::timing

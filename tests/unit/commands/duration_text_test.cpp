#include "scenarios/commands/duration_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

namespace scenarios::commands {
namespace {

using namespace std::chrono_literals;
using sim::Duration;

constexpr Duration kDay = 24h;
constexpr Duration kYear = 365 * kDay;

struct AgeCase {
  const char* row;  // the row of the table of ages or cases in kubectl-output that says so
  Duration age;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const AgeCase& c) { return os << c.row << " " << c.want; }
};

class HumanDuration : public testing::TestWithParam<AgeCase> {};

TEST_P(HumanDuration, IsPrintedAsInATable) { EXPECT_EQ(human_duration(GetParam().age), GetParam().want); }

const AgeCase kAges[] = {
    {"below_minus_1_s", -2s, "<invalid>"},
    {"just_above_minus_2_s", -2s + 1ns, "0s"},
    {"zero", 0s, "0s"},
    {"below_2_min", 90s, "90s"},
    {"below_10_min", 162s, "2m42s"},
    {"below_10_min_seconds_0", 300s, "5m"},
    {"below_3_h", 150min, "150m"},
    {"below_8_h", 5h + 5min, "5h5m"},
    {"below_8_h_minutes_0", 6h, "6h"},
    {"below_48_h", 30h, "30h"},
    {"below_8_d", 3 * kDay + 4h, "3d4h"},
    {"below_8_d_hours_0", 5 * kDay, "5d"},
    {"below_2_y", 400 * kDay, "400d"},
    {"below_8_y", 3 * kYear + 20 * kDay, "3y20d"},
    {"below_8_y_days_0", 3 * kYear, "3y"},
    {"above_8_y", 9 * kYear, "9y"},
    {"case_2", 3min + 58s, "3m58s"},
    {"case_3", 5h + 5min, "5h5m"},
    {"case_11_119_s", 119s, "119s"},
    {"case_11_120_s", 120s, "2m"},
    {"case_11_599_s", 599s, "9m59s"},
    {"case_11_600_s", 600s, "10m"},
    {"case_11_179_min", 179min, "179m"},
    {"case_11_180_min", 180min, "3h"},
    {"cut_not_rounded_at_2_min", 2min - 1ms, "119s"},
    {"cut_not_rounded_at_8_h", 8h - 1ms, "7h59m"},
    {"cut_not_rounded_at_48_h", 48h - 1ms, "47h"},
    {"cut_not_rounded_at_8_d", 8 * kDay - 1ms, "7d23h"},
    {"hours_are_gone_at_8_d", 8 * kDay + 23h, "8d"},
    {"cut_not_rounded_at_2_y", 2 * kYear - 1ms, "729d"},
    {"hours_are_gone_at_2_y", 2 * kYear + 23h, "2y"},
    {"day_counts_at_2_y", 2 * kYear + kDay, "2y1d"},
    {"cut_not_rounded_at_8_y", 8 * kYear - 1ms, "7y364d"},
    {"days_are_gone_at_8_y", 8 * kYear + 364 * kDay, "8y"},
};

INSTANTIATE_TEST_SUITE_P(Commands, HumanDuration, testing::ValuesIn(kAges),
                         [](const auto& tested) { return std::string(tested.param.row); });

class ShortHumanDuration : public testing::TestWithParam<AgeCase> {};

TEST_P(ShortHumanDuration, HasOneUnit) { EXPECT_EQ(short_human_duration(GetParam().age), GetParam().want); }

const AgeCase kShortAges[] = {
    {"negative", -2s, "<invalid>"},
    {"nearly_now", -1500ms, "0s"},
    {"seconds", 1min - 1ms, "59s"},
    {"minutes", 1h - 1ms, "59m"},
    {"hours", kDay - 1ms, "23h"},
    {"days", kYear - 1ms, "364d"},
    {"years", 2 * kYear + 364 * kDay, "2y"},
};

INSTANTIATE_TEST_SUITE_P(Commands, ShortHumanDuration, testing::ValuesIn(kShortAges),
                         [](const auto& tested) { return std::string(tested.param.row); });

struct ParseCase {
  const char* name;
  const char* text;
  Duration want;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const ParseCase& c) { return os << c.text; }
};

class GoDurationParse : public testing::TestWithParam<ParseCase> {};

TEST_P(GoDurationParse, ReadsWhatGoReadsAndFailsInItsWords) {
  const GoDuration parsed = parse_go_duration(GetParam().text);
  EXPECT_EQ(parsed.problem, GetParam().problem);
  EXPECT_EQ(parsed.duration.value_or(Duration::zero()), GetParam().want);
  EXPECT_EQ(parsed.duration.has_value(), parsed.problem.empty());
}

constexpr Duration kMost{9223372036854775807};

const ParseCase kParses[] = {
    {"seconds", "60s", 60s, ""},
    {"two_units", "1m30s", 90s, ""},
    {"fraction", "1.5h", 90min, ""},
    {"negative", "-2ms", -2ms, ""},
    {"plus", "+5s", 5s, ""},
    {"zero_needs_no_unit", "0", 0s, ""},
    {"no_whole_part", ".5s", 500ms, ""},
    {"no_fraction", "1.s", 1s, ""},
    {"fraction_of_a_nanosecond_is_cut", "0.9ns", 0s, ""},
    {"tenths", "1.1s", 1100ms, ""},
    {"micro_in_ascii", "1us", 1us, ""},
    {"micro_sign", "1\u00b5s", 1us, ""},
    {"largest", "2562047h47m16.854775807s", kMost, ""},
    {"smallest", "-9223372036854775808ns", -kMost - 1ns, ""},
    {"empty", "", 0s, "time: invalid duration \"\""},
    {"no_unit", "5", 0s, "time: missing unit in duration \"5\""},
    {"no_unit_at_the_end", "1h1", 0s, "time: missing unit in duration \"1h1\""},
    {"word", "abc", 0s, "time: invalid duration \"abc\""},
    {"unknown_unit", "5x", 0s, "time: unknown unit \"x\" in duration \"5x\""},
    {"blank", "1 s", 0s, "time: unknown unit \" s\" in duration \"1 s\""},
    {"point_alone", ".s", 0s, "time: invalid duration \".s\""},
    {"sign_inside", "1h-1m", 0s, "time: unknown unit \"h-\" in duration \"1h-1m\""},
    {"too_large", "9223372036854775808ns", 0s, "time: invalid duration \"9223372036854775808ns\""},
    {"far_too_large", "9999999999h", 0s, "time: invalid duration \"9999999999h\""},
    {"too_large_in_sum", "2562047h48m", 0s, "time: invalid duration \"2562047h48m\""},
};

INSTANTIATE_TEST_SUITE_P(Commands, GoDurationParse, testing::ValuesIn(kParses),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(GoDurationText, PrintsAllUnitsBelowTheLargest) {
  EXPECT_EQ(go_duration_text(0s), "0s");
  EXPECT_EQ(go_duration_text(90s), "1m30s");
  EXPECT_EQ(go_duration_text(1h), "1h0m0s");
  EXPECT_EQ(go_duration_text(1500ms), "1.5s");
  EXPECT_EQ(go_duration_text(-250ms), "-250ms");
  EXPECT_EQ(go_duration_text(1500ns), "1.5\u00b5s");
  EXPECT_EQ(go_duration_text(7ns), "7ns");
  EXPECT_EQ(go_duration_text(kMost), "2562047h47m16.854775807s");
}

RC_GTEST_PROP(GoDurationText, IsParsedBackToTheSameDuration, (std::int64_t nanoseconds)) {
  // Fractions of an hour's nanoseconds fit a double's 53 bits; text has at most nine digits behind the point.
  const Duration duration{nanoseconds};
  RC_ASSERT(parse_go_duration(go_duration_text(duration)).duration == duration);
}

}  // namespace
}  // namespace scenarios::commands

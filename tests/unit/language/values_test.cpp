#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <string>

#include "scenarios/language/duration.h"
#include "scenarios/language/quantity.h"
#include "scenarios/language/version.h"

namespace scenarios::language {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

struct DurationCase {
  const char* text;
  Duration want;
  friend std::ostream& operator<<(std::ostream& os, const DurationCase& c) { return os << c.text; }
};

const DurationCase durations[] = {
    {"90s", seconds(90)},
    {"1m30s", seconds(90)},
    {"250ms", milliseconds(250)},
    {"2h", hours(2)},
    {"1.5s", milliseconds(1500)},
    {"0.000000001s", nanoseconds(1)},
    {"1d", hours(24)},
    {"0s", Duration{}},
    {"1h0m5s", hours(1) + seconds(5)},
    {"3us7ns", nanoseconds(3007)},
};

class GoodDuration : public testing::TestWithParam<DurationCase> {};
TEST_P(GoodDuration, IsRead) {
  const auto parsed = parse_duration(GetParam().text);
  ASSERT_TRUE(parsed.value.has_value()) << parsed.problem;
  EXPECT_EQ(*parsed.value, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Durations, GoodDuration, testing::ValuesIn(durations));

struct RefusedCase {
  const char* text;
  const char* problem;
  const char* hint;
  friend std::ostream& operator<<(std::ostream& os, const RefusedCase& c) { return os << c.text; }
};

constexpr const char* duration_hint = "write a number and a unit, such as 90s, 1m30s, 250ms or 2h";

const RefusedCase refused_durations[] = {
    {"90", "90 has no unit", "write 90s"},
    {"1m30", "30 has no unit", "write 1m30s"},
    {"0", "0 has no unit", "write 0s"},
    {"", "a duration is missing", duration_hint},
    {"-5s", "-5s is negative: a duration is 0s or more", duration_hint},
    {"s", "s is not a duration", duration_hint},
    {"1.s", "1.s is not a duration", duration_hint},
    {"1 s", "1 s is not a duration", duration_hint},
    {"5sec", "sec in 5sec is not a unit of time", "known units: d, h, m, s, ms, us, ns"},
    {"30s1m", "30s1m gives its units twice or out of order",
     "the largest unit comes first, each once: 1h30m"},
    {"1s1s", "1s1s gives its units twice or out of order", "the largest unit comes first, each once: 1h30m"},
    {"1.5ns", "1.5ns is more exact than a nanosecond", duration_hint},
    {"99999d", "99999d is longer than ten years", duration_hint},
    {"99999999999999999999999999s", "99999999999999999999999999s is longer than ten years", duration_hint},
};

class RefusedDuration : public testing::TestWithParam<RefusedCase> {};
TEST_P(RefusedDuration, SaysWhatIsWrongAndWhatToWrite) {
  const auto parsed = parse_duration(GetParam().text);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_EQ(parsed.problem, GetParam().problem);
  EXPECT_EQ(parsed.hint, GetParam().hint);
}
INSTANTIATE_TEST_SUITE_P(Durations, RefusedDuration, testing::ValuesIn(refused_durations));

RC_GTEST_PROP(DurationText, ReadingAWrittenDurationGivesItBack, ()) {
  const Duration duration{*rc::gen::inRange<std::int64_t>(0, std::int64_t{300'000'000'000'000'000})};
  const auto parsed = parse_duration(format_duration(duration));
  RC_ASSERT(parsed.value.has_value());
  RC_ASSERT(*parsed.value == duration);
}

TEST(DurationText, IsShort) {
  EXPECT_EQ(format_duration(seconds(90)), "1m30s");
  EXPECT_EQ(format_duration(milliseconds(1250)), "1s250ms");
  EXPECT_EQ(format_duration(hours(26)), "26h");
  EXPECT_EQ(format_duration(Duration{}), "0s");
}

struct CpuCase {
  const char* text;
  std::int64_t millicores;
  friend std::ostream& operator<<(std::ostream& os, const CpuCase& c) { return os << c.text; }
};

const CpuCase cpus[] = {
    {"10", 10'000}, {"500m", 500}, {"1.5", 1500}, {"0.0001", 1}, {"2e3", 2'000'000}, {"1k", 1'000'000},
    {"+2", 2000},   {".5", 500},   {"100u", 1},   {"0", 0},      {"1E-1", 100},
};

class CpuQuantity : public testing::TestWithParam<CpuCase> {};
TEST_P(CpuQuantity, IsReadInMillicoresRoundedUp) {
  const auto parsed = parse_cpu(GetParam().text);
  ASSERT_TRUE(parsed.value.has_value()) << parsed.problem;
  EXPECT_EQ(parsed.value->value, GetParam().millicores);
}
INSTANTIATE_TEST_SUITE_P(Quantities, CpuQuantity, testing::ValuesIn(cpus));

struct MemoryCase {
  const char* text;
  std::int64_t bytes;
  friend std::ostream& operator<<(std::ostream& os, const MemoryCase& c) { return os << c.text; }
};

const MemoryCase memories[] = {
    {"32Gi", std::int64_t{32} << 30},
    {"500M", 500'000'000},
    {"1e9", 1'000'000'000},
    {"1.5Ki", 1536},
    {"2E", 2'000'000'000'000'000'000},
    {"1E3", 1000},
    {"17", 17},
    {"1500m", 2},
};

class MemoryQuantity : public testing::TestWithParam<MemoryCase> {};
TEST_P(MemoryQuantity, IsReadInBytesRoundedUp) {
  const auto parsed = parse_bytes(GetParam().text);
  ASSERT_TRUE(parsed.value.has_value()) << parsed.problem;
  EXPECT_EQ(parsed.value->value, GetParam().bytes);
}
INSTANTIATE_TEST_SUITE_P(Quantities, MemoryQuantity, testing::ValuesIn(memories));

const RefusedCase refused_quantities[] = {
    {"", "\"\" is not a quantity", "write a Kubernetes quantity, such as 32Gi or 500M"},
    {"many", "\"many\" is not a quantity", "write a Kubernetes quantity, such as 32Gi or 500M"},
    {"-1", "-1 is negative", "write a Kubernetes quantity, such as 32Gi or 500M"},
    {"32GB", "GB in 32GB is not a suffix of quantities",
     "known suffixes: n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei"},
    {"32gi", "gi in 32gi is not a suffix of quantities",
     "known suffixes: n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei"},
    {"1e99", "1e99 is too large", "write a Kubernetes quantity, such as 32Gi or 500M"},
    {"8Ei", "8Ei is too large", "write a Kubernetes quantity, such as 32Gi or 500M"},
};

class RefusedQuantity : public testing::TestWithParam<RefusedCase> {};
TEST_P(RefusedQuantity, SaysWhatIsWrongAndWhatToWrite) {
  const auto parsed = parse_bytes(GetParam().text);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_EQ(parsed.problem, GetParam().problem);
  EXPECT_EQ(parsed.hint, GetParam().hint);
}
INSTANTIATE_TEST_SUITE_P(Quantities, RefusedQuantity, testing::ValuesIn(refused_quantities));

RC_GTEST_PROP(QuantityText, ReadingAWrittenQuantityGivesItBack, ()) {
  const std::int64_t value = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50);
  const int shift = *rc::gen::inRange(0, 11);
  RC_ASSERT(parse_bytes(format_bytes({value << shift})).value == Bytes{value << shift});
  RC_ASSERT(parse_cpu(format_cpu({value})).value == MilliCpu{value});
}

TEST(QuantityText, UsesTheSuffixThatPeopleUse) {
  EXPECT_EQ(format_bytes({std::int64_t{32} << 30}), "32Gi");
  EXPECT_EQ(format_bytes({1'500'000'000}), "1500M");
  EXPECT_EQ(format_cpu({500}), "500m");
  EXPECT_EQ(format_cpu({3000}), "3");
}

TEST(QuantityWarning, IsGivenForValuesThatLookLikeASlip) {
  EXPECT_FALSE(parse_cpu("0.01").warning.empty());
  EXPECT_TRUE(parse_cpu("100m").warning.empty());
  EXPECT_FALSE(parse_bytes("32").warning.empty());
  EXPECT_FALSE(parse_bytes("512m").warning.empty());
  EXPECT_TRUE(parse_bytes("1Mi").warning.empty());
}

TEST(VersionNumber, HasThreeParts) {
  EXPECT_EQ(parse_version("1.28.0").value, (Version{1, 28, 0}));
  EXPECT_EQ(format_version({1, 35, 4}), "1.35.4");
  EXPECT_LT((Version{1, 9, 7}), (Version{1, 28, 0}));
}

const RefusedCase refused_versions[] = {
    {"1.28", "1.28 does not say which patch release", "write \"1.28.0\", or the patch release that you run"},
    {"v1.28.0", "v1.28.0 begins with v", "write \"1.28.0\""},
    {"1.28.0.1", "\"1.28.0.1\" is not a version", "write major.minor.patch in quotes, such as \"1.28.0\""},
    {"latest", "\"latest\" is not a version", "write major.minor.patch in quotes, such as \"1.28.0\""},
    {"1..0", "\"1..0\" is not a version", "write major.minor.patch in quotes, such as \"1.28.0\""},
};

class RefusedVersion : public testing::TestWithParam<RefusedCase> {};
TEST_P(RefusedVersion, SaysWhatIsWrongAndWhatToWrite) {
  const auto parsed = parse_version(GetParam().text);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_EQ(parsed.problem, GetParam().problem);
  EXPECT_EQ(parsed.hint, GetParam().hint);
}
INSTANTIATE_TEST_SUITE_P(Versions, RefusedVersion, testing::ValuesIn(refused_versions));

}  // namespace
}  // namespace scenarios::language

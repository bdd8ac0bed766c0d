#include "models/timing/portable_math.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace models::timing {
namespace {

constexpr double kLastBits = 4.0 * std::numeric_limits<double>::epsilon();

TEST(PortableMath, LogarithmOfOneIsExactlyZero) { EXPECT_EQ(portable_log(1.0), 0.0); }

TEST(PortableMath, ExponentialOfZeroIsExactlyOne) { EXPECT_EQ(portable_exp(0.0), 1.0); }

TEST(PortableMath, ExponentialLeavesTheRangeOfDoublesQuietly) {
  EXPECT_EQ(portable_exp(710.0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(portable_exp(-709.0), 0.0);
}

// The C library is a second implementation: right to the last bits, though not to the very last everywhere.
RC_GTEST_PROP(PortableMath, LogarithmAgreesWithTheLibrary, ()) {
  const double mantissa =
      1.0 + static_cast<double>(*rc::gen::inRange<std::uint32_t>(0, 1'000'000'000)) * 1e-9;
  const double x = std::ldexp(mantissa, *rc::gen::inRange(-1000, 1000));
  RC_ASSERT(std::abs(portable_log(x) - std::log(x)) <= kLastBits * std::max(std::abs(std::log(x)), 1e-9));
}

RC_GTEST_PROP(PortableMath, ExponentialAgreesWithTheLibrary, ()) {
  const double x = static_cast<double>(*rc::gen::inRange<std::int64_t>(-700'000'000, 700'000'000)) * 1e-6;
  RC_ASSERT(std::abs(portable_exp(x) - std::exp(x)) <= kLastBits * std::exp(x));
}

// std::erfc gives the way back from a quantile to its probability.
RC_GTEST_PROP(PortableMath, NormalQuantileIsTheInverseOfTheDistribution, ()) {
  const auto shift = *rc::gen::inRange(0, 60);
  const std::uint64_t u = *rc::gen::arbitrary<std::uint64_t>() >> shift;
  const double z = normal_quantile(u);
  const double tail = (static_cast<double>(u) + 0.5) * 0x1p-64;
  RC_ASSERT(std::abs(0.5 * std::erfc(-z / std::sqrt(2.0)) - tail) <= 1e-12 * tail);
}

RC_GTEST_PROP(PortableMath, NormalQuantileIsSymmetric, (std::uint64_t u)) {
  RC_ASSERT(normal_quantile(u) == -normal_quantile(~u));
}

TEST(PortableMath, NormalQuantileKnowsTheTablesOfTextbooks) {
  EXPECT_NEAR(normal_quantile(std::uint64_t{1} << 63U), 0.0, 1e-18);
  EXPECT_NEAR(normal_quantile(17524406870024074035ULL), 1.6448536269514722, 1e-14);  // 0.95 * 2^64
  EXPECT_NEAR(normal_quantile(17985575471866812825ULL), 1.9599639845400545, 1e-14);  // 0.975 * 2^64
  EXPECT_NEAR(normal_quantile(std::numeric_limits<std::uint64_t>::max()), 9.1596544, 1e-2);
}

}  // namespace
}  // namespace models::timing

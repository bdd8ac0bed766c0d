#include "models/timing/portable_math.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

#include "sim/require.h"

namespace models::timing {
namespace {

// ln 2 in two parts: the first has few enough bits that its product with an exponent is exact.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kSqrt2 = 0x1.6a09e667f3bcdp+0;

constexpr int kExponentBias = 1023;
constexpr unsigned kMantissaBits = 52;

double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + kExponentBias) << kMantissaBits);
}

/// A polynomial by Horner's rule, highest power first.
template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = coefficients[0];
  for (std::size_t i = 1; i < N; ++i) {
    sum = sum * x + coefficients[i];
  }
  return sum;
}

// The coefficients of AS 241: numerator and denominator for the middle, the near tail and the far tail.
constexpr std::array<double, 8> kMiddleNumerator = {
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080};
constexpr std::array<double, 8> kMiddleDenominator = {
    5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
    5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0};
constexpr std::array<double, 8> kNearNumerator = {
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258,
    3.64784832476320460504,    5.76949722146069140550,    4.63033784615654529590,    1.42343711074968357734};
constexpr std::array<double, 8> kNearDenominator = {1.05075007164441684324e-9, 5.47593808499534494600e-4,
                                                    1.51986665636164571966e-2, 1.48103976427480074590e-1,
                                                    6.89767334985100004550e-1, 1.67638483018380384940,
                                                    2.05319162663775882187,    1.0};
constexpr std::array<double, 8> kFarNumerator = {2.01033439929228813265e-7, 2.71155556874348757815e-5,
                                                 1.24266094738807843860e-3, 2.65321895265761230930e-2,
                                                 2.96560571828504891230e-1, 1.78482653991729133580,
                                                 5.46378491116411436990,    6.65790464350110377720};
constexpr std::array<double, 8> kFarDenominator = {2.04426310338993978564e-15, 1.42151175831644588870e-7,
                                                   1.84631831751005468180e-5,  7.86869131145613259100e-4,
                                                   1.48753612908506148525e-2,  1.36929880922735805310e-1,
                                                   5.99832206555887937690e-1,  1.0};

}  // namespace

double portable_log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> kMantissaBits) - kExponentBias;
  sim::require(exponent > -kExponentBias && exponent <= kExponentBias,
               "portable_log of a number that is not normal");
  constexpr std::uint64_t kMantissa = (std::uint64_t{1} << kMantissaBits) - 1;
  constexpr std::uint64_t kOne = std::uint64_t{kExponentBias} << kMantissaBits;
  double fraction = std::bit_cast<double>((bits & kMantissa) | kOne);
  if (fraction > kSqrt2) {
    fraction *= 0.5;
    ++exponent;
  }
  // ln f = 2 artanh s with |s| < 0.172: the terms fall by 34 each, so thirteen of them reach the last bit.
  const double s = (fraction - 1.0) / (fraction + 1.0);
  const double square = s * s;
  double series = 1.0 / 27.0;
  for (int odd = 25; odd >= 3; odd -= 2) {
    series = series * square + 1.0 / odd;
  }
  const double tail = 2.0 * s * square * series;
  const double e = exponent;
  return e * kLn2High + (2.0 * s + (tail + e * kLn2Low));
}

double portable_exp(double x) {
  if (x > 709.0) {
    return std::numeric_limits<double>::infinity();
  }
  if (x < -708.0) {
    return 0.0;
  }
  const double k = std::floor(x / (kLn2High + kLn2Low) + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  // Taylor's series with |r| < 0.35: the fifteenth term is below the last bit of the sum.
  double series = 1.0;
  for (int n = 15; n >= 1; --n) {
    series = 1.0 + series * r / n;
  }
  return series * power_of_two(static_cast<int>(k));
}

double normal_quantile(std::uint64_t u) {
  constexpr double kTwoToMinus64 = 0x1p-64;
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63U;
  const bool upper = u >= kHalf;
  // Both halves are computed as the lower one, so that they are exact mirror images.
  const std::uint64_t mirrored = upper ? ~u : u;
  const double below_middle = (static_cast<double>(kHalf - 1 - mirrored) + 0.5) * kTwoToMinus64;
  double z = 0.0;
  if (below_middle <= 0.425) {
    const double r = 0.180625 - below_middle * below_middle;
    z = below_middle * polynomial(kMiddleNumerator, r) / polynomial(kMiddleDenominator, r);
  } else {
    const double tail = (static_cast<double>(mirrored) + 0.5) * kTwoToMinus64;
    const double r = std::sqrt(-portable_log(tail));
    z = r <= 5.0 ? polynomial(kNearNumerator, r - 1.6) / polynomial(kNearDenominator, r - 1.6)
                 : polynomial(kFarNumerator, r - 5.0) / polynomial(kFarDenominator, r - 5.0);
  }
  return upper ? z : -z;
}

}  // namespace models::timing

#pragma once
// The three functions that a log-normal duration needs, from additions, multiplications, divisions and square
// roots alone. IEEE 754 settles the bits of those; it does not settle those of `std::exp` and `std::log`,
// which differ between C libraries, processors (fused multiply-add) and constant folding.

#include <cstdint>

namespace models::timing {

/// The natural logarithm. REQUIRES: x is a normal positive number.
double portable_log(double x);

/// e to the power x, 0 below -708 and infinity above 709. Within 2 units in the last place elsewhere.
double portable_exp(double x);

/// The standard normal quantile of (u + 1/2) / 2^64; `u` and its complement give opposite numbers.
/// Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988): about 16 digits.
double normal_quantile(std::uint64_t u);

}  // namespace models::timing

#pragma once
// Simulated time. There is no wall clock in a simulation: every time counts from the scenario's start.

#include <chrono>
#include <limits>

namespace sim {

/// A span of simulated time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// A moment: nanoseconds since the scenario's start.
using Time = std::chrono::nanoseconds;

/// Later than every event: "no such moment".
inline constexpr Time kNever{std::numeric_limits<Time::rep>::max()};

}  // namespace sim

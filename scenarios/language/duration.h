#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/language/parsed.h"

namespace scenarios::language {

/// Simulated time, as everywhere in the program.
using Duration = std::chrono::nanoseconds;

/// Reads `90s`, `1m30s`, `250ms`, `2h`, `1.5s`, `1d`. Each unit (d h m s ms us ns) at most once, the largest
/// first; a number without unit is an error, and so is one over ten years.
Parsed<Duration> parse_duration(std::string_view text);

/// The shortest exact form that `parse_duration` reads: `1m30s`, `1s250ms`, `0s`. Not negative.
std::string format_duration(Duration duration);

}  // namespace scenarios::language

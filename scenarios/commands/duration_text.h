#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/time.h"

namespace scenarios::commands {

/// An age as kubectl's tables print it: "119s", "2m", "9m59s", "5h5m", "30h", "3d4h", "400d", "3y20d". All
/// parts are cut, not rounded. From two seconds before zero on: "<invalid>". Source: apimachinery
/// pkg/util/duration/duration.go, HumanDuration.
std::string human_duration(sim::Duration age);

/// The shorter form with one unit: "59s", "59m", "23h", "364d", "2y".
/// Source: the same file, ShortHumanDuration.
std::string short_human_duration(sim::Duration age);

/// A duration as Go prints it: "1m30s", "1h0m0s", "1.5s", "250ms", "0s".
/// Source: time.Duration.String.
std::string go_duration_text(sim::Duration duration);

struct GoDuration {
  std::optional<sim::Duration> duration;
  std::string problem;  ///< Go's words if there is none: `time: missing unit in duration "5"`
};

/// Reads "60s", "1m30s", "1.5h", "-2ms", "0".
/// Source: time.ParseDuration.
GoDuration parse_go_duration(std::string_view text);

}  // namespace scenarios::commands

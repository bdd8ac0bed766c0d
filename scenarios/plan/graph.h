#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"

namespace scenarios::plan {

/// The steps of a cycle, in order, each needed by the next and the last by the first; nullopt if there is
/// none. `needs[i]` holds the positions of the steps that step i needs.
std::optional<std::vector<std::uint32_t>> find_cycle(const std::vector<std::vector<std::uint32_t>>& needs);

/// Whether a delay of a step delays the end, and by how much it may be late without.
struct Slack {
  bool critical = false;
  sim::Duration slack{};
};

/// Critical path and slack of a performed plan. REQUIRES: no cycle.
/// @param durations  how long each step took, its own delays included.
std::vector<Slack> slack_of(const std::vector<std::vector<std::uint32_t>>& needs,
                            const std::vector<sim::Duration>& durations);

}  // namespace scenarios::plan

#pragma once
// When the writes of a recording happened.

#include <cstdint>
#include <vector>

#include "sim/history.h"

namespace scenarios::targets {

/// The time of each transition, by its id. What a watch showed arrives late by some milliseconds, each kind
/// by others; but the resource versions tell the order of all writes, and no write happened after the arrival
/// of a later one. So a write counts as made at the earliest arrival of it and of all after it, each a moment
/// after the one before.
///
/// @param arrivals  the history of what was observed
/// @param versions  the resource version behind each transition, by its id; 0: none
std::vector<sim::Time> times_of_writes(const sim::History& arrivals, sim::TransitionId begins,
                                       const std::vector<std::uint64_t>& versions);

}  // namespace scenarios::targets

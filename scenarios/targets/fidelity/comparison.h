#pragma once
// A recorded run held against the simulation of the same plan, object by object and field by field.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/targets/fidelity/observations.h"

namespace scenarios::targets {

/// The order of a change that was seen only together with later ones of its object.
inline constexpr std::uint64_t kUnknownOrder = ~std::uint64_t{0};

/// How many transitions agree. Only what controllers and the scheduler wrote is counted.
struct Tally {
  std::size_t matched = 0;
  std::size_t missing = 0;       ///< recorded, not simulated
  std::size_t extra = 0;         ///< simulated, not recorded
  std::size_t out_of_order = 0;  ///< matched, but not after their cause

  [[nodiscard]] std::size_t all() const { return matched + missing + extra; }
  /// The share that the simulation reproduces, of all that either shows; 1 where there is nothing.
  [[nodiscard]] double share() const {
    return all() == 0 ? 1.0 : static_cast<double>(matched - out_of_order) / static_cast<double>(all());
  }
  Tally& operator+=(const Tally& other);
};

enum class Disagreement : std::uint8_t { Missing, Extra, OutOfOrder };

struct Difference {
  Disagreement kind = Disagreement::Missing;
  Observation observation;  ///< recorded where it is missing, else simulated
  std::string controller;   ///< who wrote it
  std::string cause;        ///< of an OutOfOrder: the change that should come before
};

struct Comparison {
  Tally all;
  std::map<std::string, Tally> by_controller;
  std::vector<Difference> differences;  ///< by recorded or simulated time
  /// Of the object of the first difference: both histories, one change a line.
  std::vector<std::string> first_recorded, first_simulated;
};

/// For each object the longest common sequence of changes is matched; what is left on one side is missing or
/// extra. Of two matched changes where the simulation knows the one as the cause of the other, the recorded
/// order must be the same. `recorded_order[i]` says when `recorded[i]` happened, by the order of the API
/// server's writes; kUnknownOrder is no order to be wrong about.
Comparison compare(const std::vector<Observation>& recorded, const std::vector<Observation>& simulated,
                   const std::vector<std::uint64_t>& recorded_order);

}  // namespace scenarios::targets

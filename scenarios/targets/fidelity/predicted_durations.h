#pragma once
// How long the steps of a recorded plan took, held against what simulations of it by chance alone predict.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/build.h"

namespace scenarios::targets {

/// One step: what it took, and the band in which nine of ten simulations lie.
struct StepDuration {
  std::string step;
  sim::Duration recorded{};
  /// The 5th and the 95th percentile over the seeds in which the step ended; nothing where it never did.
  std::optional<sim::Duration> low, high;

  [[nodiscard]] bool inside() const { return low && *low <= recorded && recorded <= *high; }
};

/// Simulates the plan with the seeds 1 to `seeds`, each until its steps are over, with the scenario's own
/// profile and nothing dictated. Steps that did not end in the recording are left out; nothing is predicted
/// of a plan with commands that are not modelled.
std::vector<StepDuration> predict_durations(const Rehearsal& rehearsal, const plan::PlanState& recorded,
                                            std::size_t seeds);

}  // namespace scenarios::targets

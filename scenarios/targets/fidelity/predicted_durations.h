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

/// What the steps took, and what the prediction rests on.
struct PredictedDurations {
  std::vector<StepDuration> steps;
  /// How long a kubectl takes on that machine: the median of those in the recording that only asked; nothing
  /// where there was none, or where the scenario says it.
  std::optional<sim::Duration> kubectl;
};

/// Simulates the plan with the seeds 1 to `seeds`, each until its steps are over, with the scenario's own
/// profile and nothing dictated; only how long kubectl itself takes, where the profile assumes it, is
/// measured in the recording. Steps that did not end in the recording are left out; nothing is predicted of a
/// plan with commands that are not modelled.
PredictedDurations predict_durations(const Rehearsal& rehearsal, const plan::PlanState& recorded,
                                     std::size_t seeds);

}  // namespace scenarios::targets

#pragma once
// A recording played to the live adapter again, and the simulation of the same plan held against it.

#include <optional>
#include <string>
#include <vector>

#include "scenarios/targets/fidelity/command_outputs.h"
#include "scenarios/targets/fidelity/comparison.h"
#include "scenarios/targets/fidelity/predicted_durations.h"
#include "scenarios/targets/live/live_target.h"

namespace scenarios::targets {

/// A command whose simulated end differs from the recorded one.
struct CommandDifference {
  std::string command;
  std::string what;  ///< "exit code 0, simulated 1"
};

/// A command that ended alike and printed something else, by its first line that differs.
struct OutputDifference {
  std::string command;
  LineDifference line;
};

struct ReplayResult {
  std::string version;  ///< of the recorded cluster: "1.32.2"
  Comparison comparison;
  std::vector<CommandDifference> commands;
  std::size_t commands_compared = 0;
  std::vector<OutputDifference> outputs;
  std::size_t outputs_compared = 0;  ///< of commands that ended alike
  PredictedDurations durations;
  std::vector<std::string> notes;  ///< what the adapter noted, when it recorded and now
  std::size_t decisions_changed =
      0;  ///< commands that the adapter now starts and that were not recorded, or not now
};

struct ReplayOptions {
  std::size_t seeds = 0;  ///< simulations by chance alone that durations are held against; 0: none
  /// For tests: is given the simulated settings before the run, to make a model wrong on purpose.
  void (*spoil)(models::kubernetes::Settings&) = nullptr;
  /// For tests: is given the simulated cluster after each event, to make a controller wrong on purpose.
  void (*meddle)(models::kubernetes::Cluster&) = nullptr;
};

/// Replays and compares. @return nothing, and why, for what is no recording of a plan.
std::optional<ReplayResult> replay(const std::string& path, const ReplayOptions& options,
                                   std::string& problem);

}  // namespace scenarios::targets

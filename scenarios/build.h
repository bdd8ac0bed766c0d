#pragma once
// From a scenario as its author wrote it to the world in which it is rehearsed.

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/language/diagnostic.h"
#include "scenarios/language/scenario.h"
#include "scenarios/world.h"
#include "sim/history.h"
#include "sim/result.h"

namespace scenarios {

/// A scenario that is ready to be performed any number of times.
struct Rehearsal {
  language::Scenario scenario;
  World world;           ///< before `begin`; copied for every run
  sim::History history;  ///< of the setup: what was there when the scenario began
  std::string hash;      ///< of everything that was read, hexadecimal
  std::vector<std::string> warnings;
  std::vector<sim::Basis> basis;  ///< what a verdict rests on
  std::string arguments;  ///< of the command line that loads the same again, e.g. `downsize.yaml --set a=b`
};

/// What to load, as given on the command line.
struct LoadRequest {
  std::string file;
  std::optional<std::string> text;     ///< of the scenario, where it is at hand; `file` then only names it
  std::vector<std::string> overrides;  ///< --set path=value
  std::vector<std::string> cluster_files;  ///< --cluster: snapshots or manifests, files or folders
  /// Objects of a cluster that was just looked at, as its API serves them; they count like a snapshot. Must
  /// outlive the loading; nullptr: none.
  const std::vector<nlohmann::ordered_json>* observed = nullptr;
  std::string version = {};  ///< of that cluster, "1.32.2": holds where the scenario names none
  /// Its feature gates. Those that select nothing modelled, or that the version does not have, are passed
  /// over.
  std::vector<std::pair<std::string, bool>> feature_gates = {};
  /// The plan is only to be performed elsewhere: commands that the simulator does not know are let through.
  bool unknown_commands = false;
};

/// Reads and builds a scenario. All errors are diagnostics; nothing is returned if there are any.
std::optional<Rehearsal> load(const LoadRequest& request, language::Diagnostics& diagnostics);

}  // namespace scenarios

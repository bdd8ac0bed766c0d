#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/language/check_declaration.h"
#include "scenarios/language/diagnostic.h"
#include "scenarios/language/scenario.h"
#include "scenarios/language/yaml_document.h"

namespace scenarios::language {

struct LoadOptions {
  KnownWords known;
  std::vector<std::string> overrides;  ///< Of `--set`: `path=value`, applied in order.
  LoadLimits limits;
  /// Whether objects of a cluster that is given elsewhere are still to come; then no name is called unknown.
  bool more_objects = false;
};

struct LoadResult {
  std::optional<Scenario> scenario;     ///< Set only when there is no error; warnings may stand beside it.
  std::vector<Diagnostic> diagnostics;  ///< All of them, in the order of the file.
};

/// Reads, parses and validates one scenario, and reads the files that its `files:` point to.
LoadResult load_scenario(const std::string& file, const LoadOptions& options = {});

/// The same for text at hand. `file` is the name that diagnostics show and that relative paths start from.
LoadResult load_scenario_text(std::string text, const std::string& file, const LoadOptions& options = {});

/// The path of a file that the scenario names, which is relative to the scenario's own file.
std::string path_beside(const std::string& scenario_file, const std::string& path);

}  // namespace scenarios::language

#pragma once
// From a runbook script to a plan: a step for each command, or for what stands together on a line.

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/diagnostic.h"

namespace scenarios {

struct ImportedPlan {
  std::string yaml;  ///< a plan, complete but for its cluster
  std::size_t steps = 0;
  language::Diagnostics not_taken;  ///< what of the script no step performs, with its place
};

/// Reads a script; `version`: of Kubernetes, for what depends on it. Commands that cannot be taken stay in
/// the plan as comments.
ImportedPlan import_runbook(std::string_view script, const std::string& path, const std::string& version);

}  // namespace scenarios

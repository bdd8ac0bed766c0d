#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/timing/profile.h"
#include "scenarios/language/diagnostic.h"
#include "scenarios/language/located.h"

namespace scenarios {

/// Names of the shipped profiles.
std::vector<std::string> profile_names();

/// The profile that a scenario names: a shipped one, or a YAML file relative to `scenario_file` (a name with
/// a dot).
std::optional<models::timing::Profile> load_profile(const language::Text& name,
                                                    const std::string& scenario_file,
                                                    language::Diagnostics& diagnostics);

/// Reads a profile's YAML text. Every number names its source, or `assumed` and why.
std::optional<models::timing::Profile> read_profile(std::string text, const std::string& file,
                                                    language::Diagnostics& diagnostics);

}  // namespace scenarios

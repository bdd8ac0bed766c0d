#pragma once

#include "scenarios/language/diagnostic.h"
#include "scenarios/language/scenario.h"

namespace scenarios::language {

/// The part of `validate` that is about steps: names given twice, `needs` that name no step, captures and
/// variables that are unknown or never used, and entries of `files` that no command mentions.
void validate_plan(const Scenario& scenario, Diagnostics& diagnostics);

}  // namespace scenarios::language

#pragma once

#include "scenarios/language/diagnostic.h"
#include "scenarios/language/scenario.h"
#include "scenarios/plan/plan_state.h"

namespace scenarios::plan {

/// Compiles the steps of a scenario: commands are parsed, `for_each` is written out, `needs` become
/// positions. Wrong commands, unknown and cyclic needs are diagnostics at the very word.
///
/// @param unknown_commands  for plans that real programs perform: of a command only its words must be right;
///                          one that is not known here has a text and nothing that could be emulated.
CompiledPlan compile(const language::Scenario& scenario, const commands::LoadContext& context,
                     language::Diagnostics& diagnostics, bool unknown_commands = false);

}  // namespace scenarios::plan

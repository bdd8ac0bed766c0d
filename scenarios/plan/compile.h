#pragma once

#include "scenarios/language/diagnostic.h"
#include "scenarios/language/scenario.h"
#include "scenarios/plan/plan_state.h"

namespace scenarios::plan {

/// Compiles the steps of a scenario: commands are parsed, `for_each` is written out, `needs` become
/// positions. Wrong commands, unknown and cyclic needs are diagnostics at the very word.
CompiledPlan compile(const language::Scenario& scenario, const commands::LoadContext& context,
                     language::Diagnostics& diagnostics);

}  // namespace scenarios::plan

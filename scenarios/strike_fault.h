#pragma once

#include "models/kubernetes/faults.h"
#include "scenarios/language/fault.h"
#include "scenarios/world.h"

namespace scenarios {

/// Lets a fault of the scenario strike now. A target that is not there is told as a warning in the timeline.
void strike(World& world, sim::Context& context, const language::Fault& fault);

/// Lets a single fault strike between two events, and shows what follows at once to the checks and the plan.
void strike_now(World& world, sim::Context& context, const models::kubernetes::Fault& fault);

}  // namespace scenarios

#pragma once

#include "scenarios/world.h"

namespace scenarios {

/// Schedules the beginning of the plan.
void begin_plan(World& world, sim::Context& context);
/// Performs a pending event of the plan.
void on_plan_event(World& world, sim::Context& context, const sim::PendingEvent& event);
/// Lets steps, commands and `then` conditions go as far as they can now. @return whether anything moved.
bool advance_plan(World& world, sim::Context& context);

}  // namespace scenarios

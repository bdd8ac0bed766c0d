#pragma once

#include <vector>

#include "scenarios/world.h"

namespace scenarios {

/// Makes the plan of `world` what was performed elsewhere: each command that ended there becomes a step of
/// its own that starts when the command took effect there, whatever came before it; conditions are left out.
/// For a world before `begin`. Names new steps in `history`.
///
/// @param written_at  when writes of a user were observed, ascending: a command took effect at the first one
///                    while it ran; where none was seen, after two thirds of its time.
void dictate_plan(World& world, sim::History& history, const plan::PlanState& performed,
                  const std::vector<sim::Time>& written_at);

}  // namespace scenarios

#pragma once

#include "scenarios/world.h"

namespace scenarios {

/// Who performs commands: the emulated programs in a rehearsal, the real ones on a live cluster.
class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  /// As `commands::advance`: called to start the command, after every event while it is not done, and at its
  /// deadline.
  virtual void advance(const plan::CompiledCommand& command, commands::CommandState& state, World& world,
                       sim::Context& context, models::kubernetes::By by) = 0;
};
/// The emulated programs.
CommandRunner& emulated_commands();

/// Schedules the beginning of the plan.
void begin_plan(World& world, sim::Context& context);
/// Performs a pending event of the plan.
void on_plan_event(World& world, sim::Context& context, const sim::PendingEvent& event);
/// Lets steps, commands and `then` conditions go as far as they can now. @return whether anything moved.
bool advance_plan(World& world, sim::Context& context, CommandRunner& runner);

}  // namespace scenarios

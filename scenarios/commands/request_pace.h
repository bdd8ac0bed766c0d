#pragma once
// A command that asks the API about several objects.

#include "models/kubernetes/purposes.h"
#include "scenarios/commands/api_objects.h"

namespace scenarios::commands {

/// How long a command's request about the object takes to take effect: zero where requests take no time.
sim::Duration request_time(Systems& systems, const ObjectRef& object, models::kubernetes::Purpose purpose);

/// Whether the command's request about the object, which is its next, takes effect now. Where requests take
/// time (timing api.latency) it first returns false and `state.deadline` says when it will: the plan wakes
/// the command then. Else all requests take effect at once.
bool takes_effect(CommandState& state, Systems& systems, const ObjectRef& object,
                  models::kubernetes::Purpose purpose);

}  // namespace scenarios::commands

#pragma once
// A command that asks the API about several objects: one request after the other.

#include "models/kubernetes/purposes.h"
#include "scenarios/commands/api_objects.h"

namespace scenarios::commands {

/// Whether the command's request about the object, which is its next, takes effect now. Where requests take
/// time (timing api.latency) it first returns false and `state.deadline` says when it will: the plan wakes
/// the command then. Else all requests take effect at once.
bool takes_effect(CommandState& state, Systems& systems, const ObjectRef& object,
                  models::kubernetes::Purpose purpose);

}  // namespace scenarios::commands

#pragma once
// A command that asks the API about several objects: one request after the other.

#include "models/kubernetes/purposes.h"
#include "scenarios/commands/api_objects.h"

namespace scenarios::commands {

/// Choices of commands are told from those of controllers about the same object by this bit of their
/// occurrence.
inline constexpr std::uint32_t kOfCommand = 0x80000000U;

/// From a command's request about the object to its effect.
sim::Duration request_takes(Systems& systems, const ObjectRef& object, models::kubernetes::Purpose purpose);

/// Whether the command's request about the object, which is its next, takes effect now. Where requests take
/// time (timing api.latency) it first returns false and `state.deadline` says when it will: the plan wakes
/// the command then. Else all requests take effect at once.
bool takes_effect(CommandState& state, Systems& systems, const ObjectRef& object,
                  models::kubernetes::Purpose purpose);

}  // namespace scenarios::commands

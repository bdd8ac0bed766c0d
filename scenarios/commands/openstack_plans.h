#pragma once
// Commands of the openstack client that a plan may not have.

#include <optional>
#include <span>

#include "scenarios/commands/words.h"

namespace scenarios::commands {

/// Why a plan may not have the command that `words` begin: of some, only what Nova refuses is known, so that
/// recordings can be held against it. Nothing for all others.
std::optional<CommandProblem> not_for_plans(std::span<const Argument> words);

}  // namespace scenarios::commands

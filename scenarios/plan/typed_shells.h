#pragma once
// A shell that a line of a runbook opens elsewhere: `kubectl exec -it POD -- bash`, `ssh NODE`. What is typed
// at its prompt until `exit` runs there.

#include <cstddef>
#include <vector>

#include "scenarios/commands/command.h"
#include "scenarios/runbook/script.h"

namespace scenarios::plan {

/// Turns each command typed at such a prompt into the command that performs it from outside: `kubectl exec
/// POD
/// -- COMMAND`, `ssh NODE COMMAND`. Builtins and filters stay where they are. Inside, `flux proxy URI bash`
/// opens another prompt, and a script that is read with `.` performs nothing. Problems carry offsets in the
/// script.
/// @return how many prompts are open at the end of the script, where all of them end.
std::size_t type_into_shells(runbook::Node& script, std::vector<commands::CompileProblem>& problems);

}  // namespace scenarios::plan

#pragma once

#include <string>

namespace scenarios::commands {

/// docs/commands.md: every emulated command with its flags, modelled and refused, from the tables that the
/// parser reads.
std::string render_command_reference();

}  // namespace scenarios::commands

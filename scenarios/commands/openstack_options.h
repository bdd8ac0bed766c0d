#pragma once
// Options that the real client has and the emulated one has not: told as such, for they are no mistakes.
// Source: python-openstackclient 6.0.0, `openstack --help` and the synopses of its commands; cliff,
// cliff/formatters.

#include <string_view>

namespace scenarios::commands {

struct ClientCommand;

/// An option of the real client.
struct RealOption {
  bool known = false;        ///< the real client has it
  bool takes_value = false;  ///< it takes the next word
};

/// What the real client knows of an option of a command, or before one; `name` with its hyphens.
RealOption real_option(const ClientCommand& command, std::string_view name);

/// Whether an option that may stand before a command takes the next word.
bool is_global_with_value(std::string_view name);

}  // namespace scenarios::commands

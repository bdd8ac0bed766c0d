#pragma once
// Commands that a rehearsal did not perform: the real program would have gone on where the model ends.

#include <string>
#include <string_view>

namespace scenarios::commands {

/// How a line on standard error begins that tells so of a command whose own words were thrown away.
inline constexpr std::string_view kNotPerformed = "rehearse: not performed: ";

/// Why a command that has ended was not performed as the real program performs it; empty where it was. What
/// the rehearsal itself says begins with "rehearse: "; its API server says that something "is not modelled".
std::string not_performed_because(int exit_code, std::string_view errors);

}  // namespace scenarios::commands

#pragma once

#include <string_view>

namespace scenarios::commands {

/// Stands where a secret stood in what was recorded. It is text also where patterns would need a shell.
inline constexpr std::string_view kRedacted = "**redacted**";

}  // namespace scenarios::commands

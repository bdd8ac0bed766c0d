#pragma once

#include <string>

#include "scenarios/commands/go_text.h"

namespace scenarios::commands {

/// `value` as `kubectl get -o json` prints it: keys sorted, four blanks an indentation, `<`, `>` and `&` as
/// escapes, a line break at the end. Source: cli-runtime pkg/printers/json.go and Go's encoding/json.
std::string indented_json(const Json& value);

/// The same on one line without blanks, as jsonpath prints objects and lists.
std::string compact_json(const Json& value);

/// `target` after the JSON merge patch `patch` (RFC 7386): null removes, objects merge, all else replaces.
Json merge_patched(Json target, const Json& patch);

}  // namespace scenarios::commands

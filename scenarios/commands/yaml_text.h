#pragma once

#include <string>

#include "scenarios/commands/go_text.h"

namespace scenarios::commands {

/// `value` as `kubectl get -o yaml` prints it: keys sorted (numbers in them by value), two blanks an
/// indentation, lists not indented below their key, text quoted where it would be read as something else,
/// text with line breaks as a block, long plain text folded after its 80th character. Source:
/// sigs.k8s.io/yaml and go.yaml.in/yaml/v2 (encode.go, emitterc.go, resolve.go, sorter.go).
std::string yaml_text(const Json& value);

}  // namespace scenarios::commands

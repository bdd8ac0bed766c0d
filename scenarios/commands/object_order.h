#pragma once
// `kubectl get --sort-by`. Source: kubectl pkg/cmd/get/sorter.go.

#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/commands/jsonpath.h"

namespace scenarios::commands {

/// Where objects stand once they are sorted, or why they cannot be.
struct ObjectOrder {
  std::vector<std::size_t> positions;
  std::string problem;  ///< what kubectl prints after "error: "; empty if all is well
};

/// Sorts objects by the first value that `path` finds in each; those without one come first. `text` is the
/// path as it is told.
ObjectOrder order_by(const JsonPath& path, std::string_view text, const std::vector<Json>& objects);

}  // namespace scenarios::commands

#pragma once
// `kubectl get -o custom-columns=HEADER:PATH,…`. Source: kubectl pkg/cmd/get/customcolumn.go.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/jsonpath.h"

namespace scenarios::commands {

struct CustomColumnsResult;

/// Columns that a command asks for.
class CustomColumns {
 public:
  static CustomColumnsResult parse(std::string_view specification);

  /// One row for each object; a value that is not there is `<none>`.
  [[nodiscard]] JsonPathOutput print(const std::vector<Json>& objects, bool headers) const;

 private:
  std::vector<std::string> headers_;
  std::vector<JsonPath> paths_;
};

struct CustomColumnsResult {
  std::optional<CustomColumns> columns;
  std::string problem;  ///< upstream's words if there are none
};

}  // namespace scenarios::commands

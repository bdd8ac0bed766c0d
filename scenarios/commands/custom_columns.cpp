#include "scenarios/commands/custom_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/commands/table.h"

namespace scenarios::commands {

CustomColumnsResult CustomColumns::parse(std::string_view specification) {
  if (specification.empty()) {
    return {std::nullopt, "custom-columns format specified but no custom columns given"};
  }
  CustomColumns columns;
  for (std::size_t begin = 0; begin <= specification.size();) {
    const std::size_t end = std::min(specification.find(',', begin), specification.size());
    const std::string_view part = specification.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) {
      return {std::nullopt, fmt::format("unexpected custom-columns spec: {}, expected "
                                        "<header>:<json-path-expr>",
                                        part)};
    }
    const RelaxedJsonPath relaxed = relaxed_jsonpath(part.substr(colon + 1));
    if (!relaxed.problem.empty()) {
      return {std::nullopt, relaxed.problem};
    }
    JsonPathResult path = JsonPath::parse(relaxed.text);
    if (!path.path) {
      return {std::nullopt, path.problem};
    }
    columns.headers_.emplace_back(part.substr(0, colon));
    columns.paths_.push_back(std::move(*path.path));
  }
  return {std::move(columns), {}};
}

JsonPathOutput CustomColumns::print(const std::vector<Json>& objects, bool headers) const {
  Table table(headers_);
  if (headers) {
    table.add_row(headers_);  // as they were written, and also where nothing follows
  }
  for (const Json& object : objects) {
    std::vector<std::string> cells;
    for (const JsonPath& path : paths_) {
      const JsonPathFindings found = path.find(object);
      if (!found.problem.empty()) {
        return {{}, found.problem};
      }
      std::string cell = found.groups.empty() || found.groups.front().empty() ? "<none>" : "";
      for (const std::vector<Json>& group : found.groups) {
        for (const Json& value : group) {
          cell += (cell.empty() ? "" : ",") + go_value_text(value);
        }
      }
      cells.push_back(std::move(cell));
    }
    table.add_row(std::move(cells));
  }
  return {table.to_text(false), {}};
}

}  // namespace scenarios::commands

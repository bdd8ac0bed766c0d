#pragma once
// What the openstack client prints: one thing field by field, or a list of things, in its formats.
//
// Source: openstack/cliff, cliff/formatters (table, json_format, value, yaml_format, commaseparated, shell)
// and osc-lib, osc_lib/cli/format_columns.py: tables show a value for people, the other formats one for
// machines.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scenarios::commands {

/// A value as tables and as the other formats show it.
struct ClientValue {
  nlohmann::ordered_json machine;
  std::string people;

  ClientValue() = default;
  /// Shown alike.
  explicit ClientValue(nlohmann::ordered_json value);
  ClientValue(nlohmann::ordered_json value, std::string shown)
      : machine(std::move(value)), people(std::move(shown)) {}
};

using ClientField = std::pair<std::string, ClientValue>;

/// One thing (`show`, `create`). `columns` chooses fields, in the order of the fields; empty: all.
std::string print_one(const std::vector<ClientField>& fields, std::string_view format,
                      const std::vector<std::string>& columns);

/// A list; each row as many values as titles. `columns` chooses by title, in the order asked for.
std::string print_list(const std::vector<std::string>& titles,
                       const std::vector<std::vector<ClientValue>>& rows, std::string_view format,
                       const std::vector<std::string>& columns);

/// What the client says when `columns` names none of the columns that there are; empty where it does, or
/// where it chooses none. Source: cliff/display.py, _generate_columns_and_selector.
std::string column_problem(const std::vector<std::string>& names, const std::vector<std::string>& columns);

/// A value as Python's str() shows it: None, True, {'a': 1}, text as it is.
std::string python_text(const nlohmann::ordered_json& value);

}  // namespace scenarios::commands

#pragma once
// Which objects a kubectl command means: its words TYPE NAME, TYPE/NAME, TYPE[,TYPE] -l …, and their look-up.
// Source: k8s.io/cli-runtime pkg/resource/builder.go and visitor.go.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/commands/api_objects.h"
#include "scenarios/commands/field_selector.h"

namespace scenarios::commands {

/// What a sub-command allows.
struct QueryRules {
  bool all_by_default = false;  ///< a type without a name, selector or --all means all objects of the type
  bool all_is_selector =
      false;  ///< --all excludes names (kubectl delete); else it only allows to leave them out
};

/// Objects that a command asks for.
struct ResourceQuery {
  struct Item {
    const ResourceKind* kind = nullptr;
    std::string name;  ///< empty: all of the kind
  };
  std::vector<Item> items;  ///< in the order of the words
  std::string name_space = "default";
  bool all_namespaces = false;
  std::optional<Selector> selector;
  std::optional<FieldSelector> fields;
  bool single_item = false;  ///< one name of one type was given, which is printed alone and not in a List
};

/// Reads -n, -A, -l, --field-selector, --all and the words that name resources. Problems are noted in
/// `reading`.
ResourceQuery read_query(Reading& reading, std::span<const Argument> arguments, const QueryRules& rules);

/// What a query found: objects in the query's order, and an error for each name that there is not.
struct FoundObjects {
  std::vector<ObjectRef> objects;
  std::vector<models::kubernetes::ApiError> errors;
};
FoundObjects find_objects(const Systems& systems, const ResourceQuery& query);

/// The kind that a word names, or nullptr with a problem at `at`: not served, or not modelled.
const ResourceKind* read_kind(Reading& reading, std::string_view word, std::size_t at);

/// "modelled: nodes, pods, …".
std::string modelled_kinds();

}  // namespace scenarios::commands

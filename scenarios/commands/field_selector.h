#pragma once
// `--field-selector`: conditions on the few fields by which the API server finds objects.
// Source: apimachinery pkg/fields/selector.go; kubernetes pkg/apis/core/v1/conversion.go and
// pkg/apis/batch/v1/conversion.go (which fields), pkg/registry/core/{pod,node}/strategy.go (their values).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/api_objects.h"

namespace scenarios::commands {

/// A field selector: all terms must hold.
struct FieldSelector {
  struct Term {
    std::string field;
    std::string value;
    bool equal = true;
  };
  std::vector<Term> terms;
};

struct FieldSelectorResult {
  std::optional<FieldSelector> selector;
  std::string problem;  ///< upstream's words if there is none
};

/// Parses `status.phase=Running,spec.nodeName!=worker-1`.
FieldSelectorResult parse_field_selector(std::string_view text);

/// What is wrong with selecting objects of a kind by these fields, in the API server's words; empty if
/// nothing is.
std::string field_problem(const FieldSelector& selector, Kind kind);

bool matches(const Systems& systems, const ObjectRef& object, const FieldSelector& selector);

}  // namespace scenarios::commands

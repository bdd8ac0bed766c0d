#pragma once
// Label selectors as JSON.

#include <vector>

#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/label_selector.h"

namespace models::kubernetes::json {

/// The requirements of a list such as `matchExpressions`. Entries of unknown form are left out: validation
/// has refused them.
std::vector<SelectorRequirement> requirements_at(const Json& object, const char* name);
LabelSelector label_selector_from(const Json& selector);
Json to_json(const LabelSelector& selector);

}  // namespace models::kubernetes::json

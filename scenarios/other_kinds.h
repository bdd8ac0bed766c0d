#pragma once
// Objects of kinds that nothing here models, among the manifests of a cluster: they are left out and told.

#include <nlohmann/json.hpp>

namespace scenarios {

/// Whether a manifest is of a kind that Kubernetes or an extension of it has, and that is not modelled. One
/// of a kind that nobody knows is a mistake instead.
bool is_of_other_kind(const nlohmann::ordered_json& manifest);

}  // namespace scenarios

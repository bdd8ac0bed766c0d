#pragma once
// Fields of described objects that the cluster's release does not keep, for their feature gate is off.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/kubernetes/features.h"

namespace scenarios {

/// What is to be said of such fields of a manifest, each by its path. The API server drops them without a
/// word.
std::vector<std::string> dropped_fields(const nlohmann::ordered_json& manifest,
                                        const models::kubernetes::Features& features);

}  // namespace scenarios

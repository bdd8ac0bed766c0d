#pragma once

#include <string_view>

#include "models/kubernetes/json/schema.h"

namespace models::flux {

inline constexpr std::string_view kMiniClusterApiVersion = "flux-framework.org/v1alpha2";

/// The fields of a MiniCluster: which there are, of which type, and whether a rule here reads them.
/// Source: flux-operator api/v1alpha2/minicluster_types.go; suspendWorkers and restartWorkers from the branch
/// and the prose of the "Downsize" example.
const kubernetes::json::Structure& minicluster_structure();

}  // namespace models::flux

#pragma once
// The flags that the components of a recorded cluster were started with.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/kubernetes/settings.h"

namespace scenarios::targets {

/// Takes over what a rule of the models reads. `flags`: of each component, as the header of a recording has
/// them
/// ({"kube-controller-manager": ["--node-monitor-grace-period=15s"]}).
/// @return those that no rule reads, or whose value cannot be read, with their component.
std::vector<std::string> take_flags(const nlohmann::ordered_json& flags,
                                    models::kubernetes::ComponentSettings& components);

}  // namespace scenarios::targets

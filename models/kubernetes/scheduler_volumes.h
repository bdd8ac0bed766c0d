#pragma once
// The claims of a pod that is to be scheduled. Source: framework/plugins/volumebinding.

#include "models/kubernetes/scheduler_filters.h"

namespace models::kubernetes::scheduler {

/// The claims that a pod names; kNoRow for one that the API does not serve, whose name goes to `missing`.
std::vector<Row> claims_of(const Cluster& cluster, const Pod& pod, std::string& missing);

/// Adds what the pod's claims ask for: PreFilter of VolumeBinding, and the volumes that its filter looks at.
void look_at_volumes(Search& search);

}  // namespace models::kubernetes::scheduler

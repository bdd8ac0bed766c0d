#pragma once
// Which pod holds a StatefulSet's pod name.

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// The row of the pod that the API serves under the name `<base_name>-<ordinal>`, if it is derived; else
/// kNoRow.
Row pod_with_ordinal_name(const Cluster& cluster, Text name_space, Text base_name, std::int32_t ordinal);
/// The place of that row, made if there is none. REQUIRES: `ordinal` is not negative.
Row& ordinal_name(Cluster& cluster, Text name_space, Text base_name, std::int32_t ordinal);

}  // namespace models::kubernetes

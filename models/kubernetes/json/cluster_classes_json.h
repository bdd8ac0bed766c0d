#pragma once
// Priority classes, storage classes and volumes of a cluster's files.

#include "models/kubernetes/cluster_classes.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Takes a PriorityClass, a StorageClass or a PersistentVolume. @return false for other kinds.
bool take_cluster_class(const Json& object, ClusterClasses& classes);

}  // namespace models::kubernetes::json

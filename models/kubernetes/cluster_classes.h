#pragma once
// What is fixed about a cluster beside its objects: priority classes, storage classes, and which nodes reach
// a volume. No rule writes to any of them, so they are no objects of the model.

#include <cstdint>
#include <string>
#include <vector>

#include "models/kubernetes/label_selector.h"

namespace models::kubernetes {

/// A PriorityClass. The two that every cluster has need not be given.
struct PriorityClass {
  std::string name;
  std::int32_t value = 0;
  bool global_default = false;
  bool preempts = true;  ///< preemptionPolicy is not Never
};

struct StorageClass {
  std::string name;
  bool immediate = false;   ///< volumeBindingMode Immediate; else WaitForFirstConsumer
  bool by_default = false;  ///< annotation storageclass.kubernetes.io/is-default-class
  std::string provisioner;
};

/// A CSIDriver: whether its volumes are attached to a node before they are mounted.
struct StorageDriver {
  std::string name;
  bool attaches = true;  ///< spec.attachRequired
};

/// spec.nodeAffinity.required of a PersistentVolume.
struct VolumeAffinity {
  std::string volume;
  std::vector<NodeSelectorTerm> terms;
};

struct ClusterClasses {
  std::vector<PriorityClass> priorities;
  std::vector<StorageClass> storage;
  std::vector<StorageDriver> drivers;
  std::vector<VolumeAffinity> volumes;  ///< those with a node affinity
};

}  // namespace models::kubernetes

#pragma once
// How many pods came before a pod, as behaviour rules count attempts.

#include <cstdint>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::workloads {

/// How many earlier attempts the next pod of `owner` has: of a DaemonSet the pods that were made for the
/// node; of a ReplicaSet those of all ReplicaSets of its Deployment, whose name rules have for all of them.
std::uint16_t attempts_before(const Cluster& cluster, const OwnerRef& owner, Row node);
/// Counts `pods` more.
void count_attempt(Cluster& cluster, const OwnerRef& owner, Row node, std::uint32_t pods = 1);

}  // namespace models::kubernetes::workloads

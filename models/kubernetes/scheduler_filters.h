#pragma once
// Which nodes can take a pod, and in upstream's words why the others cannot.
// Source: pkg/scheduler/framework/plugins/{nodeunschedulable,tainttoleration,nodeaffinity,noderesources,
// interpodaffinity}; framework/types.go FitError.

#include <cstdint>
#include <string>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::scheduler {

/// The filters, in the order in which they are asked; the first that rejects a node speaks for it.
enum class Filter : std::uint8_t {
  NodeUnschedulable,
  TaintToleration,
  NodeAffinity,
  NodeResourcesFit,
  InterPodAffinity,
};
constexpr std::uint8_t bit(Filter filter) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(filter));
}

/// Source: k8s.io/api core/v1 toleration.go ToleratesTaint.
bool tolerates(const Toleration& toleration, const Taint& taint);
bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint);

/// Whether neither cordon, taints nor the node selector keep pods of `pod_template` from `node`.
bool admits(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& pod_template);
/// Whether the requests fit beside what is counted on the node.
bool fits(const SchedulableNode& node, const NodeUsage& usage, const PodRequests& requests);
/// Whether inter-pod anti-affinity lets pods of the class (as in Charge) onto the node.
bool keeps_apart(const SchedulerState& state, std::uint32_t pod_class, Row node);

/// The message of condition PodScheduled: why no node takes the pod. `rejected_by` gets the bits of all
/// filters that rejected a node.
std::string explain(const Cluster& cluster, const PodTemplate& pod_template, const PodRequests& requests,
                    std::uint32_t pod_class, std::uint8_t& rejected_by);

}  // namespace models::kubernetes::scheduler

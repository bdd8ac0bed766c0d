#pragma once
// What the scheduler counts: requests and pods by node, pods in classes that no rule can tell apart, and how
// many pods that some rule asks for are where. Kept up to date as pods come and go, so that a pod is placed
// without looking at all others.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::scheduler {

inline constexpr std::string_view kHostName = "kubernetes.io/hostname";

/// Requests of pods of a template, with the defaults that the score assumes for containers without any.
/// Source: pkg/scheduler/util/pod_resources.go DefaultMilliCPURequest, DefaultMemoryRequest.
const PodRequests& requests_of(Cluster& cluster, TemplateId id);

/// The kind of demand of a template: templates of one kind fit on the same nodes, equally well, as far as
/// other pods take no part.
std::uint32_t demand_of(Cluster& cluster, TemplateId id);

/// The class of a pod.
std::uint32_t class_of(Cluster& cluster, const Pod& pod);
/// Whether a pod is of the class.
bool is_of(const SchedulerState& state, std::uint32_t pod_class, const Pod& pod);
/// Makes ready what a search for pods of the class needs.
void prepare(Cluster& cluster, std::uint32_t pod_class);

/// Counts a pod on a node; nothing if it is counted already. @return whether it was not.
bool charge(Cluster& cluster, Row row, const Pod& pod, Row node);
/// Takes a pod out of the counts. @return whether it was counted.
bool release(Cluster& cluster, Row row, Uid uid);
/// Whether and as what the pod at `row` is counted.
const Charge* charge_of(const SchedulerState& state, Row row, Uid uid);
/// The pod's deletion was requested: topology spread no longer counts it.
void note_ending(Cluster& cluster, Row row);

/// The entry of a node; zero if there is none.
NodeCount count_at(const NodeCounts& counts, Row node);

/// The position of a node among those known; `nodes.size()` if it is not.
std::uint32_t position_of(const SchedulerState& state, Row node);

/// The topology of a label. It may not know all nodes, see below.
std::uint32_t topology_of(Cluster& cluster, std::string_view key);
/// The domain of a node; -1: it has no such label.
inline std::int32_t domain_at(const Topology& topology, Row node) {
  return node < topology.domain_of.size() ? topology.domain_of[node] : -1;
}
/// Brings all topologies up to date with the nodes.
void bring_topologies_up_to_date(Cluster& cluster);

/// The value of a node's label, the host name included; nullopt if it has none.
std::optional<std::string> label_of(const Cluster& cluster, const SchedulableNode& node,
                                    std::string_view key);

/// Whether the node meets one of the terms; label_selector.h matches_any, with the host name among the
/// labels.
bool meets_any_term(const Cluster& cluster, const SchedulableNode& node,
                    const std::vector<NodeSelectorTerm>& terms);

/// The priority of a pod: spec.priority, or what the admission plugin Priority takes from its class.
/// Source: plugin/pkg/admission/priority/admission.go; corev1 helpers.go PodPriority.
std::int32_t priority_of(const Cluster& cluster, const Pod& pod);
/// Whether the pod may preempt others: preemptionPolicy, which it takes from its class too.
bool may_preempt(const Cluster& cluster, const Pod& pod);

}  // namespace models::kubernetes::scheduler

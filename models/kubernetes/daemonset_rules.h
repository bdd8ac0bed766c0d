#pragma once
// Which nodes a DaemonSet's pods belong to, and what its pods tolerate.

#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::daemonsets {

/// Whether a pod should be started on a node, and whether one that is there may stay.
struct NodeAnswer {
  bool should_run = false;
  bool may_stay = false;
};

/// The template's tolerations and those that the controller adds: not-ready and unreachable:NoExecute,
/// disk-, memory- and pid-pressure and unschedulable:NoSchedule, network-unavailable for the host's network.
/// Source: pkg/controller/daemon/util/daemonset_util.go AddOrUpdateDaemonPodTolerations.
std::vector<Toleration> tolerations_of(const PodTemplate& pod_template);

/// Source: daemon_controller.go NodeShouldRunDaemonPod. Readiness counts only through taints.
NodeAnswer should_run(const Cluster& cluster, const Node& node, const PodTemplate& pod_template,
                      const std::vector<Toleration>& tolerations);

/// The template of the pods: with the added tolerations. Source: CreatePodTemplate.
PodTemplate pod_template_of(const PodTemplate& pod_template);

/// The node that a pod is on or meant for; kNoRow where that node is not there. Source: GetTargetNodeName.
Row target_node(const View& view, const Pod& pod);

/// Percentages round up. Source: SurgeCount, UnavailableCount, updatedDesiredNodeCounts: both at 0 become
/// one unavailable.
std::int32_t surge_count(const DaemonSetSpec& spec, std::int32_t nodes);
std::int32_t unavailable_count(const DaemonSetSpec& spec, std::int32_t nodes);

/// Whether the pod has the DaemonSet's present template. Source: IsPodUpdated.
bool is_updated(const DaemonSet& set, Text hash, const Pod& pod);

// The back-off of failed pods. Source: daemon_controller.go failedPodsBackoff (1 s to 15 min), client-go
// util/flowcontrol/backoff.go.

/// How long a failed pod on the node must still wait; zero: it may be deleted now.
sim::Duration backoff_left(const std::vector<FailedPodsBackoff>& backoffs, Uid set, std::uint32_t generation,
                           Row node, sim::Time now);
void note_failed_pod(std::vector<FailedPodsBackoff>& backoffs, Uid set, std::uint32_t generation, Row node,
                     sim::Time now);

}  // namespace models::kubernetes::daemonsets

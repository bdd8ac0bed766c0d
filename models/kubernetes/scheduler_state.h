#pragma once

#include <cstdint>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/history.h"

namespace models::kubernetes {

/// What the scheduler has counted on a node: the requests of the pods that it knows to be there. Like
/// upstream's NodeInfo it keeps two sums: real requests, which must fit, and requests with defaults for
/// containers that state none, which only the score looks at.
struct NodeUsage {
  std::int64_t cpu_millicores = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t scored_cpu_millicores = 0;
  std::int64_t scored_memory_bytes = 0;
  std::int32_t pods = 0;
  friend bool operator==(const NodeUsage&, const NodeUsage&) = default;
};

/// What a pod counts for, see NodeUsage.
struct PodRequests {
  std::int64_t cpu_millicores = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t scored_cpu_millicores = -1;  ///< -1: not computed yet
  std::int64_t scored_memory_bytes = 0;
};

/// Where a pod is counted.
struct Charge {
  Uid uid = 0;  ///< of the pod at this row; 0 is none
  Row node = kNoRow;
  std::uint32_t pod_class = 0;  ///< position in `classes` + 1; 0: anti-affinity does not concern the cluster
};

/// A node as the scheduler knows it.
struct SchedulableNode {
  Row row = kNoRow;
  std::uint32_t shape = 0;
  std::uint32_t taint_set = 0;
  std::int64_t cpu_millicores = 0;  ///< allocatable
  std::int64_t memory_bytes = 0;
  std::int32_t pods = 0;
  bool unschedulable = false;
};

/// Pods that inter-pod anti-affinity cannot tell apart: same namespace, template, labels and owner.
struct PodClass {
  Text name_space = 0;
  TemplateId pod_template = 0;
  std::uint32_t label_set = 0;
  Uid owner = 0;
  Text base_name = 0;
  Text revision = 0;
  bool of_job = false;
  std::vector<std::uint32_t> refused;   ///< classes that a term of this class keeps away from
  std::vector<std::uint32_t> refusing;  ///< classes with a term that keeps away from this class
  std::vector<std::uint16_t> on_node;   ///< how many are on each node, by row; empty while no class asks
};

/// One node of a tree over the nodes of the cluster in their order.
struct RankedNodes {
  std::int32_t feasible = 0;
  std::int32_t best = -1;  ///< the highest score among the feasible ones
  std::int32_t best_count = 0;
};

/// Feasibility and score of every node for the pods of one template, kept up to date as pods come and go. All
/// of it follows from the nodes, the usage and the classes.
struct NodeRanking {
  TemplateId pod_template = 0;
  std::uint32_t pod_class = 0;  ///< as in Charge
  std::uint64_t last_used = 0;
  std::vector<bool> admits;       ///< by position: neither cordon, taints nor labels keep the pod away
  std::vector<RankedNodes> tree;  ///< leaves in the second half
};

/// A pod in the scheduler's queue.
struct QueuedPod {
  Row row = kNoRow;
  Uid uid = 0;
  std::uint32_t attempts = 0;
  sim::Time backoff_until{};
  sim::TransitionId cause = sim::kNoTransition;
  bool unschedulable = false;    ///< tried in vain; waits for a change of the cluster
  std::uint8_t rejected_by = 0;  ///< bits of the filters that rejected it, see scheduler.cpp
};

/// A binding that was asked for and has not yet taken effect. The node is charged already.
/// Source: pkg/scheduler/schedule_one.go: assume, then bindingCycle beside the next pods.
struct PendingBinding {
  QueuedPod pod;
  Row node = kNoRow;
};

struct SchedulerState {
  std::vector<NodeUsage> usage;        ///< by row of the node
  std::vector<Charge> charges;         ///< by row of the pod
  std::vector<PodRequests> requests;   ///< by template
  std::vector<SchedulableNode> nodes;  ///< in the order in which they were added
  std::vector<PodClass> classes;       ///< empty while no pod has an anti-affinity term
  bool anti_affinity = false;          ///< some pod has a term
  std::vector<NodeRanking> rankings;   ///< of the templates used last
  std::uint64_t uses = 0;              ///< of rankings; tells which was used last

  std::vector<QueuedPod> active;  ///< in order of arrival
  std::uint32_t head = 0;
  std::vector<PendingBinding>
      bindings;                   ///< where requests take time; in the order in which they were asked for
  std::vector<QueuedPod> parked;  ///< unschedulable or in back-off
  std::uint8_t changes =
      0;  ///< what has changed since the parked pods were last looked at, see scheduler.cpp
  sim::TransitionId change_cause = sim::kNoTransition;  ///< the first of those changes
  bool run_scheduled = false;
  sim::Time flush_at = sim::kNever;  ///< when the first back-off of a parked pod ends
  std::uint32_t next_start = 0;      ///< where among `nodes` the next search begins
};

}  // namespace models::kubernetes

#pragma once
// The taints that the node lifecycle controller keeps on nodes.
// Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go.

#include <string_view>

#include "models/kubernetes/api.h"

namespace models::kubernetes::node_taints {

inline constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";
inline constexpr const char* kNotReady = "node.kubernetes.io/not-ready";

/// Status of condition Ready, as taints follow from it.
enum class Ready : std::uint8_t { False, True, Unknown, None };
Ready ready_of(const Node& node);

bool has_taint(const Cluster& cluster, Row row, std::string_view key, std::string_view effect);
/// Whether the node has a NoExecute taint of the controller.
bool has_no_execute_twin(const Cluster& cluster, Row row);

/// Source: controllerutil.SwapNodeControllerTaint. @return whether it could be written.
bool swap_no_execute(Turn& turn, Row row, const char* add, const char* remove, sim::TransitionId cause);
/// Source: markNodeAsReachable.
void mark_reachable(Turn& turn, Row row, sim::TransitionId cause);
/// The NoSchedule twins of condition Ready and of spec.unschedulable, at once and unthrottled. Twins of the
/// pressure conditions are left as they are. Source: doNoScheduleTaintingPass.
void taint_no_schedule(Turn& turn, Row row, sim::TransitionId cause);

}  // namespace models::kubernetes::node_taints

#pragma once
// How the StatefulSet controller judges pods, and the status that it writes.

#include <string>
#include <string_view>

#include "models/kubernetes/objects.h"
#include "models/kubernetes/served_time.h"
#include "models/kubernetes/statefulset_rules.h"

namespace models::kubernetes {

/// A pod is judged at a moment, by the set's minReadySeconds and the rules of the version.
/// Source: pkg/controller/statefulset/stateful_set_utils.go isRunningAndReady, isRunningAndAvailable,
/// isUnavailable.
struct PodHealth {
  sim::Time now{};
  sim::Duration min_ready{};
  bool available_at_deadline = true;
  bool unavailable_is_unhealthy = true;

  PodHealth(const StatefulSetSpec& spec, const StatefulSetRules& rules, sim::Time at);

  /// Phase Running and condition Ready; being deleted does not make a pod unready.
  [[nodiscard]] static bool ready(const Pod& pod) { return pod.phase == PodPhase::Running && pod.ready; }
  [[nodiscard]] bool available(const Pod& pod) const {
    if (!ready(pod)) {
      return false;
    }
    const sim::Time since = served(pod.ready_changed) + min_ready;
    return min_ready == sim::Duration::zero() || (available_at_deadline ? since <= now : since < now);
  }
  /// Terminating, or not available (before 1.34: not ready). A pod that does not exist is unhealthy.
  [[nodiscard]] bool unhealthy(const Pod* pod) const {
    return pod == nullptr || pod->meta.deleting() ||
           !(unavailable_is_unhealthy ? available(*pod) : ready(*pod));
  }
};

/// Counts `pod` in the status, whose revisions are set.
/// Source: stateful_set_control.go computeReplicaStatus.
inline void count_pod(StatefulSetStatus& status, const Pod& pod, const PodHealth& health) {
  ++status.replicas;
  if (PodHealth::ready(pod)) {
    ++status.ready_replicas;
    status.available_replicas += health.available(pod) ? 1 : 0;
  }
  if (!pod.meta.deleting()) {
    status.current_replicas += pod.revision == status.current_revision ? 1 : 0;
    status.updated_replicas += pod.revision == status.update_revision ? 1 : 0;
  }
}

/// Whether all replicas run the update revision, which then becomes the current one.
/// Source: stateful_set_utils.go completeRollingUpdate.
bool update_is_complete(const StatefulSetSpec& spec, const StatefulSetRules& rules,
                        const StatefulSetStatus& status);

/// Whether a status is worth writing over `stored`.
/// Source: stateful_set_utils.go inconsistentStatus.
bool inconsistent(const StatefulSetStatus& stored, const StatefulSetStatus& wanted);

/// What the API says of a status that it refuses; empty if it accepts it.
/// Source: pkg/apis/apps/validation/validation.go ValidateStatefulSetStatus.
std::string status_refusal(std::string_view set_name, const StatefulSetStatus& status);

}  // namespace models::kubernetes

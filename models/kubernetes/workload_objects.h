#pragma once
// ReplicaSets, Deployments, DaemonSets and PodDisruptionBudgets.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "models/kubernetes/label_selector.h"
#include "models/kubernetes/objects.h"

namespace models::kubernetes {

enum class ConditionStatus : std::uint8_t { False, True, Unknown };

/// A condition of a ReplicaSet, a Deployment or a PodDisruptionBudget. Reasons and messages are interned.
struct ObjectCondition {
  bool present = false;
  ConditionStatus status = ConditionStatus::False;
  Text reason = 0;
  Text message = 0;
  std::uint32_t observed_generation = 0;  ///< budgets only
  sim::Time last_update{};                ///< Deployments only
  sim::Time last_transition{};
  [[nodiscard]] bool is_true() const { return present && status == ConditionStatus::True; }
  friend bool operator==(const ObjectCondition&, const ObjectCondition&) = default;
};

// ---------------------------------------------------------------------------------------------------------
// ReplicaSets

struct ReplicaSetSpec {
  std::int32_t replicas = 1;
  std::int32_t min_ready_seconds = 0;
  TemplateId pod_template = 0;                    ///< a Deployment's has the label pod-template-hash
  std::shared_ptr<const LabelSelector> selector;  ///< never null in a stored object
};

struct ReplicaSetStatus {
  std::int32_t replicas = 0;
  std::int32_t fully_labeled_replicas = 0;
  std::int32_t ready_replicas = 0;
  std::int32_t available_replicas = 0;
  std::int32_t terminating_replicas = -1;  ///< -1: null (gate DeploymentReplicaSetTerminatingReplicas off)
  std::uint32_t observed_generation = 0;
  ObjectCondition replica_failure;
  friend bool operator==(const ReplicaSetStatus&, const ReplicaSetStatus&) = default;
};

struct ReplicaSet {
  Meta meta;
  OwnerRef owner;  ///< a Deployment
  ReplicaSetSpec spec;
  ReplicaSetStatus status;
  std::int32_t desired_replicas = -1;  ///< annotation deployment.kubernetes.io/desired-replicas; -1: absent
  std::int32_t max_replicas = -1;      ///< annotation …/max-replicas; -1: absent
  std::int64_t revision = 0;           ///< annotation …/revision; 0: absent
  Text revision_history = 0;           ///< annotation …/revision-history
  Text template_hash = 0;              ///< label pod-template-hash; 0: absent
  Text manifest = 0;
  Text labels_json = 0;
  DeletionFinalizer propagation = DeletionFinalizer::None;
  Row pods_head = kNoRow;  ///< first pod that it controls; not part of the object
  PodCounts pod_counts;    ///< of the pods that it controls; not part of the object
  Wait wait;               ///< not part of the object
};

// ---------------------------------------------------------------------------------------------------------
// Deployments

struct DeploymentSpec {
  std::int32_t replicas = 1;
  bool recreate = false;  ///< strategy Recreate; else RollingUpdate
  IntOrPercent max_surge{25, true};
  IntOrPercent max_unavailable{25, true};
  std::int32_t min_ready_seconds = 0;
  std::int32_t revision_history_limit = 10;
  std::int32_t progress_deadline_seconds = 600;  ///< 2147483647: none
  bool paused = false;
  TemplateId pod_template = 0;
  std::shared_ptr<const LabelSelector> selector;  ///< never null in a stored object
};

enum class DeploymentConditionType : std::uint8_t { Available, Progressing, ReplicaFailure };
inline constexpr std::size_t kDeploymentConditionTypes = 3;

struct DeploymentStatus {
  std::int32_t replicas = 0;
  std::int32_t updated_replicas = 0;
  std::int32_t ready_replicas = 0;
  std::int32_t available_replicas = 0;
  std::int32_t unavailable_replicas = 0;
  std::int32_t terminating_replicas = -1;  ///< -1: null (gate DeploymentReplicaSetTerminatingReplicas off)
  std::int32_t collision_count = 0;
  std::uint32_t observed_generation = 0;
  std::array<ObjectCondition, kDeploymentConditionTypes> conditions;

  [[nodiscard]] const ObjectCondition& condition(DeploymentConditionType type) const {
    return conditions[static_cast<std::size_t>(type)];
  }
  [[nodiscard]] ObjectCondition& condition(DeploymentConditionType type) {
    return conditions[static_cast<std::size_t>(type)];
  }
  friend bool operator==(const DeploymentStatus&, const DeploymentStatus&) = default;
};

struct Deployment {
  Meta meta;
  OwnerRef owner;
  DeploymentSpec spec;
  DeploymentStatus status;
  std::int64_t revision = 0;  ///< annotation deployment.kubernetes.io/revision; 0: absent
  Text manifest = 0;
  Text labels_json = 0;
  DeletionFinalizer propagation = DeletionFinalizer::None;
  Wait wait;  ///< not part of the object
};

// ---------------------------------------------------------------------------------------------------------
// DaemonSets

struct DaemonSetSpec {
  UpdateStrategy update_strategy = UpdateStrategy::RollingUpdate;
  IntOrPercent max_unavailable{1, false};
  IntOrPercent max_surge{0, false};
  std::int32_t min_ready_seconds = 0;
  std::int32_t revision_history_limit = 10;
  TemplateId pod_template = 0;
  std::shared_ptr<const LabelSelector> selector;  ///< never null in a stored object
};

struct DaemonSetStatus {
  std::int32_t desired = 0;       ///< desiredNumberScheduled
  std::int32_t current = 0;       ///< currentNumberScheduled
  std::int32_t misscheduled = 0;  ///< numberMisscheduled
  std::int32_t ready = 0;         ///< numberReady
  std::int32_t updated = 0;       ///< updatedNumberScheduled
  std::int32_t available = 0;     ///< numberAvailable
  std::int32_t unavailable = 0;   ///< numberUnavailable
  std::int32_t collision_count = 0;
  std::uint32_t observed_generation = 0;
  friend bool operator==(const DaemonSetStatus&, const DaemonSetStatus&) = default;
};

struct DaemonSet {
  Meta meta;
  OwnerRef owner;
  DaemonSetSpec spec;
  DaemonSetStatus status;
  std::uint32_t template_generation = 1;  ///< annotation deprecated.daemonset.template.generation
  Text manifest = 0;
  Text labels_json = 0;
  DeletionFinalizer propagation = DeletionFinalizer::None;
  Row pods_head = kNoRow;  ///< first pod that it controls; not part of the object
  PodCounts pod_counts;    ///< of the pods that it controls; not part of the object
  Wait wait;               ///< not part of the object
};

// ---------------------------------------------------------------------------------------------------------
// PodDisruptionBudgets

enum class UnhealthyPodEvictionPolicy : std::uint8_t { NotGiven, IfHealthyBudget, AlwaysAllow };

/// Exactly one of `min_available` and `max_unavailable` is set in an object that validation let through.
struct PodDisruptionBudgetSpec {
  std::optional<IntOrPercent> min_available;
  std::optional<IntOrPercent> max_unavailable;
  std::shared_ptr<const LabelSelector>
      selector;  ///< null: selects nothing; empty: every pod of the namespace
  UnhealthyPodEvictionPolicy unhealthy_pod_eviction_policy = UnhealthyPodEvictionPolicy::NotGiven;
};

/// A pod whose eviction was granted and whose deletion the controller has not seen yet.
struct DisruptedPod {
  Text pod = 0;  ///< its name
  sim::Time at{};
  friend bool operator==(const DisruptedPod&, const DisruptedPod&) = default;
};

struct PodDisruptionBudgetStatus {
  std::uint32_t observed_generation = 0;
  std::int32_t disruptions_allowed = 0;
  std::int32_t current_healthy = 0;
  std::int32_t desired_healthy = 0;
  std::int32_t expected_pods = 0;
  std::vector<DisruptedPod> disrupted_pods;  ///< sorted by the names' texts
  ObjectCondition disruption_allowed;        ///< condition DisruptionAllowed
  friend bool operator==(const PodDisruptionBudgetStatus&, const PodDisruptionBudgetStatus&) = default;
};

struct PodDisruptionBudget {
  Meta meta;
  PodDisruptionBudgetSpec spec;
  PodDisruptionBudgetStatus status;
  Text manifest = 0;
  Text labels_json = 0;
};

}  // namespace models::kubernetes

// Transitions from the difference between two versions of a ReplicaSet, Deployment, DaemonSet or budget.

#include "models/kubernetes/api.h"
#include "models/kubernetes/difference_teller.h"

namespace models::kubernetes {

namespace {

/// Tells of a path of the spec that changed.
void path(Teller& teller, Field field, bool same, const char* name) {
  if (!same) {
    teller.tell_text(field, name);
  }
}

std::int32_t code_of(const ObjectCondition& condition) {
  return condition.present ? static_cast<std::int32_t>(condition.status) + 1 : 0;
}

/// Whether what a reader of the condition would call a change has happened (times do not count).
bool same_condition(const ObjectCondition& before, const ObjectCondition& after) {
  return code_of(before) == code_of(after) && before.reason == after.reason &&
         before.message == after.message;
}

template <class T>
bool same_metadata(const T& before, const T& after) {
  return before.meta.generation == after.meta.generation && before.manifest == after.manifest &&
         before.labels_json == after.labels_json;
}

}  // namespace

sim::TransitionId tell_difference(Turn& turn, const ReplicaSet& before, const ReplicaSet& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  teller.compare(Field::SetReplicas, before.spec.replicas, after.spec.replicas);
  teller.compare(Field::SetTemplate, before.spec.pod_template, after.spec.pod_template);
  path(teller, Field::SetSpec, before.spec.min_ready_seconds == after.spec.min_ready_seconds,
       "spec.minReadySeconds");
  teller.compare(Field::WorkloadRevision, before.revision, after.revision);
  if (before.owner != after.owner) {
    teller.tell(Field::Owner, static_cast<std::int32_t>(before.owner.uid),
                static_cast<std::int32_t>(after.owner.uid));
  }
  teller.deletion(before.meta, after.meta, 0);
  const ReplicaSetStatus& old_status = before.status;
  const ReplicaSetStatus& status = after.status;
  teller.compare(Field::SetStatusReplicas, old_status.replicas, status.replicas);
  teller.compare(Field::WorkloadFullyLabeled, old_status.fully_labeled_replicas,
                 status.fully_labeled_replicas);
  teller.compare(Field::SetStatusReady, old_status.ready_replicas, status.ready_replicas);
  teller.compare(Field::SetStatusAvailable, old_status.available_replicas, status.available_replicas);
  teller.compare(Field::WorkloadTerminating, old_status.terminating_replicas, status.terminating_replicas);
  if (!same_condition(old_status.replica_failure, status.replica_failure)) {
    teller.tell(Field::WorkloadReplicaFailure, code_of(old_status.replica_failure),
                code_of(status.replica_failure), status.replica_failure.reason);
  }
  teller.compare(Field::SetObservedGeneration, old_status.observed_generation, status.observed_generation);
  return teller.first_or_updated(
      same_metadata(before, after) && before.status == after.status &&
      before.desired_replicas == after.desired_replicas && before.max_replicas == after.max_replicas &&
      before.revision_history == after.revision_history && before.template_hash == after.template_hash);
}

sim::TransitionId tell_difference(Turn& turn, const Deployment& before, const Deployment& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  const DeploymentSpec& was = before.spec;
  const DeploymentSpec& is = after.spec;
  teller.compare(Field::SetReplicas, was.replicas, is.replicas);
  teller.compare(Field::SetTemplate, was.pod_template, is.pod_template);
  teller.compare(Field::WorkloadPaused, was.paused, is.paused);
  path(teller, Field::SetSpec, was.recreate == is.recreate, "spec.strategy.type");
  path(teller, Field::SetSpec, was.max_surge == is.max_surge, "spec.strategy.rollingUpdate.maxSurge");
  path(teller, Field::SetSpec, was.max_unavailable == is.max_unavailable,
       "spec.strategy.rollingUpdate.maxUnavailable");
  path(teller, Field::SetSpec, was.min_ready_seconds == is.min_ready_seconds, "spec.minReadySeconds");
  path(teller, Field::SetSpec, was.revision_history_limit == is.revision_history_limit,
       "spec.revisionHistoryLimit");
  path(teller, Field::SetSpec, was.progress_deadline_seconds == is.progress_deadline_seconds,
       "spec.progressDeadlineSeconds");
  teller.compare(Field::WorkloadRevision, before.revision, after.revision);
  teller.deletion(before.meta, after.meta, 0);
  const DeploymentStatus& old_status = before.status;
  const DeploymentStatus& status = after.status;
  teller.compare(Field::SetStatusReplicas, old_status.replicas, status.replicas);
  teller.compare(Field::SetStatusUpdated, old_status.updated_replicas, status.updated_replicas);
  teller.compare(Field::SetStatusReady, old_status.ready_replicas, status.ready_replicas);
  teller.compare(Field::SetStatusAvailable, old_status.available_replicas, status.available_replicas);
  teller.compare(Field::WorkloadUnavailable, old_status.unavailable_replicas, status.unavailable_replicas);
  teller.compare(Field::WorkloadTerminating, old_status.terminating_replicas, status.terminating_replicas);
  teller.compare(Field::WorkloadCollisions, old_status.collision_count, status.collision_count);
  for (std::size_t i = 0; i < kDeploymentConditionTypes; ++i) {
    if (!same_condition(old_status.conditions[i], status.conditions[i])) {
      teller.tell(Field::DeploymentCondition, static_cast<std::int32_t>(i), code_of(status.conditions[i]),
                  status.conditions[i].reason);
    }
  }
  teller.compare(Field::SetObservedGeneration, old_status.observed_generation, status.observed_generation);
  return teller.first_or_updated(same_metadata(before, after) && before.status == after.status &&
                                 before.owner == after.owner);
}

sim::TransitionId tell_difference(Turn& turn, const DaemonSet& before, const DaemonSet& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  const DaemonSetSpec& was = before.spec;
  const DaemonSetSpec& is = after.spec;
  teller.compare(Field::SetTemplate, was.pod_template, is.pod_template);
  path(teller, Field::SetSpec, was.update_strategy == is.update_strategy, "spec.updateStrategy.type");
  path(teller, Field::SetSpec, was.max_surge == is.max_surge, "spec.updateStrategy.rollingUpdate.maxSurge");
  path(teller, Field::SetSpec, was.max_unavailable == is.max_unavailable,
       "spec.updateStrategy.rollingUpdate.maxUnavailable");
  path(teller, Field::SetSpec, was.min_ready_seconds == is.min_ready_seconds, "spec.minReadySeconds");
  path(teller, Field::SetSpec, was.revision_history_limit == is.revision_history_limit,
       "spec.revisionHistoryLimit");
  teller.deletion(before.meta, after.meta, 0);
  const DaemonSetStatus& old_status = before.status;
  const DaemonSetStatus& status = after.status;
  teller.compare(Field::DaemonDesired, old_status.desired, status.desired);
  teller.compare(Field::DaemonCurrent, old_status.current, status.current);
  teller.compare(Field::DaemonMisscheduled, old_status.misscheduled, status.misscheduled);
  teller.compare(Field::DaemonReady, old_status.ready, status.ready);
  teller.compare(Field::DaemonUpdated, old_status.updated, status.updated);
  teller.compare(Field::DaemonAvailable, old_status.available, status.available);
  teller.compare(Field::WorkloadUnavailable, old_status.unavailable, status.unavailable);
  teller.compare(Field::WorkloadCollisions, old_status.collision_count, status.collision_count);
  teller.compare(Field::SetObservedGeneration, old_status.observed_generation, status.observed_generation);
  return teller.first_or_updated(same_metadata(before, after) && before.owner == after.owner &&
                                 before.template_generation == after.template_generation);
}

sim::TransitionId tell_difference(Turn& turn, const PodDisruptionBudget& before,
                                  const PodDisruptionBudget& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  const PodDisruptionBudgetSpec& was = before.spec;
  const PodDisruptionBudgetSpec& is = after.spec;
  path(teller, Field::BudgetSpec, was.min_available == is.min_available, "spec.minAvailable");
  path(teller, Field::BudgetSpec, was.max_unavailable == is.max_unavailable, "spec.maxUnavailable");
  const bool same_selector = was.selector == nullptr || is.selector == nullptr
                                 ? was.selector == is.selector
                                 : *was.selector == *is.selector;
  path(teller, Field::BudgetSpec, same_selector, "spec.selector");
  path(teller, Field::BudgetSpec, was.unhealthy_pod_eviction_policy == is.unhealthy_pod_eviction_policy,
       "spec.unhealthyPodEvictionPolicy");
  teller.deletion(before.meta, after.meta, 0);
  const PodDisruptionBudgetStatus& old_status = before.status;
  const PodDisruptionBudgetStatus& status = after.status;
  teller.compare(Field::BudgetAllowed, old_status.disruptions_allowed, status.disruptions_allowed);
  teller.compare(Field::BudgetCurrentHealthy, old_status.current_healthy, status.current_healthy);
  teller.compare(Field::BudgetDesiredHealthy, old_status.desired_healthy, status.desired_healthy);
  teller.compare(Field::BudgetExpectedPods, old_status.expected_pods, status.expected_pods);
  teller.compare(Field::BudgetDisruptedPods, old_status.disrupted_pods.size(), status.disrupted_pods.size());
  if (!same_condition(old_status.disruption_allowed, status.disruption_allowed)) {
    teller.tell(Field::BudgetCondition, code_of(old_status.disruption_allowed),
                code_of(status.disruption_allowed), status.disruption_allowed.reason);
  }
  teller.compare(Field::BudgetObservedGeneration, old_status.observed_generation, status.observed_generation);
  return teller.first_or_updated(same_metadata(before, after) && before.status == after.status);
}

}  // namespace models::kubernetes

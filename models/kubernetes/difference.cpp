// Transitions from the difference between two versions of an object.

#include "models/kubernetes/api.h"
#include "models/kubernetes/difference_teller.h"

namespace models::kubernetes {

sim::TransitionId tell_difference(Turn& turn, const Pod& before, const Pod& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  if (before.node != after.node) {
    const Uid node = after.node == kNoRow ? 0 : turn.cluster.nodes[after.node].meta.uid;
    teller.tell(Field::PodBound, 0, static_cast<std::int32_t>(node));
  }
  teller.compare(Field::PodPhaseChanged, before.phase, after.phase);
  teller.compare(Field::PodInitialized, before.initialized, after.initialized);
  if (before.restarts != after.restarts) {
    teller.compare(Field::PodRestarted, before.restarts, after.restarts);
  }
  teller.compare(Field::PodReady, before.ready, after.ready);
  teller.compare(Field::PodEvicted, before.reason, after.reason);
  teller.compare(Field::PodDisruptionTarget, before.disruption_target, after.disruption_target);
  teller.deletion(before.meta, after.meta, after.grace_seconds);
  if (before.job_tracking && !after.job_tracking) {
    teller.tell(Field::Finalizer, 0, 0, teller.intern("batch.kubernetes.io/job-tracking"));
  }
  if (before.foreign_finalizer && !after.foreign_finalizer) {
    teller.tell(Field::Finalizer, 0, 0, 0);
  }
  if (before.owner != after.owner) {
    teller.tell(Field::Owner, static_cast<std::int32_t>(before.owner.uid),
                static_cast<std::int32_t>(after.owner.uid));
  }
  teller.compare(Field::PodLabels, before.label_set, after.label_set);
  if (before.revision != after.revision) {
    teller.tell(Field::PodLabels, static_cast<std::int32_t>(before.revision),
                static_cast<std::int32_t>(after.revision));
  }
  if (after.unschedulable &&
      (!before.unschedulable || before.unschedulable_message != after.unschedulable_message)) {
    teller.tell(Field::PodUnschedulable, before.unschedulable ? 1 : 0, 1,
                turn.context.history.text(turn.cluster.strings[after.unschedulable_message]));
  }
  return teller.first_or_updated(
      before.unschedulable == after.unschedulable && before.started_at == after.started_at &&
      before.finished_at == after.finished_at && before.ready_changed == after.ready_changed &&
      before.containers_started == after.containers_started &&
      before.status_changes == after.status_changes && before.failure_count == after.failure_count &&
      before.ignored_failure_count == after.ignored_failure_count &&
      before.job_tracking == after.job_tracking && before.foreign_finalizer == after.foreign_finalizer &&
      before.grace_seconds == after.grace_seconds && before.pod_template == after.pod_template &&
      before.disruption_reason == after.disruption_reason && before.deletion_cost == after.deletion_cost &&
      before.nominated_node == after.nominated_node);
}

sim::TransitionId tell_difference(Turn& turn, const Node& before, const Node& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  const auto readiness = [](const Node& node) {
    return !node.reported ? 3 : node.ready_unknown ? 2 : node.ready ? 1 : 0;
  };
  teller.compare(Field::NodeReady, readiness(before), readiness(after));
  teller.compare(Field::NodeUnschedulable, before.unschedulable, after.unschedulable);
  teller.compare(Field::NodeKubelet, before.kubelet_alive, after.kubelet_alive);
  teller.deletion(before.meta, after.meta, 0);
  if (before.taint_set != after.taint_set) {
    std::string text;
    for (const Taint& taint : turn.cluster.taints_of(after)) {
      text += (text.empty() ? "" : ",") + taint.key + (taint.value.empty() ? "" : "=" + taint.value) + ":" +
              taint.effect;
    }
    teller.tell_text(Field::NodeTaints, text.empty() ? std::string("none") : std::move(text));
  }
  return teller.first_or_updated(before.shape == after.shape && before.manifest == after.manifest &&
                                 before.machine_on == after.machine_on &&
                                 before.shutting_down == after.shutting_down);
}

sim::TransitionId tell_difference(Turn& turn, const StatefulSet& before, const StatefulSet& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  teller.compare(Field::SetReplicas, before.spec.replicas, after.spec.replicas);
  teller.compare(Field::SetTemplate, before.spec.pod_template, after.spec.pod_template);
  const auto path = [&](bool same, const char* name) {
    if (!same) {
      teller.tell_text(Field::SetSpec, name);
    }
  };
  path(before.spec.start == after.spec.start, "spec.ordinals.start");
  path(before.spec.partition == after.spec.partition, "spec.updateStrategy.rollingUpdate.partition");
  path(before.spec.max_unavailable == after.spec.max_unavailable,
       "spec.updateStrategy.rollingUpdate.maxUnavailable");
  path(before.spec.update_strategy == after.spec.update_strategy &&
           before.spec.rolling_update_block == after.spec.rolling_update_block,
       "spec.updateStrategy.type");
  path(before.spec.min_ready_seconds == after.spec.min_ready_seconds, "spec.minReadySeconds");
  path(before.spec.revision_history_limit == after.spec.revision_history_limit, "spec.revisionHistoryLimit");
  path(before.spec.when_deleted == after.spec.when_deleted &&
           before.spec.when_scaled == after.spec.when_scaled,
       "spec.persistentVolumeClaimRetentionPolicy");
  teller.deletion(before.meta, after.meta, 0);
  const StatefulSetStatus& old_status = before.status;
  const StatefulSetStatus& status = after.status;
  teller.compare(Field::SetStatusReplicas, old_status.replicas, status.replicas);
  teller.compare(Field::SetStatusReady, old_status.ready_replicas, status.ready_replicas);
  teller.compare(Field::SetStatusAvailable, old_status.available_replicas, status.available_replicas);
  teller.compare(Field::SetStatusCurrent, old_status.current_replicas, status.current_replicas);
  teller.compare(Field::SetStatusUpdated, old_status.updated_replicas, status.updated_replicas);
  teller.compare(Field::SetCurrentRevision, old_status.current_revision, status.current_revision);
  teller.compare(Field::SetUpdateRevision, old_status.update_revision, status.update_revision);
  teller.compare(Field::SetObservedGeneration, old_status.observed_generation, status.observed_generation);
  return teller.first_or_updated(before.meta.generation == after.meta.generation &&
                                 before.owner == after.owner && before.manifest == after.manifest &&
                                 before.labels_json == after.labels_json);
}

sim::TransitionId tell_difference(Turn& turn, const ControllerRevision& before,
                                  const ControllerRevision& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  teller.compare(Field::RevisionNumber, before.revision, after.revision);
  return teller.first_or_updated(before.owner == after.owner);
}

sim::TransitionId tell_difference(Turn& turn, const PersistentVolumeClaim& before,
                                  const PersistentVolumeClaim& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  teller.compare(Field::ClaimPhaseChanged, before.phase, after.phase);
  teller.compare(Field::ClaimOwner, before.owner_set, after.owner_set);
  teller.compare(Field::ClaimOwner, before.owner_pod, after.owner_pod);
  teller.deletion(before.meta, after.meta, 0);
  if (before.protection && !after.protection) {
    teller.tell(Field::Finalizer, 0, 0, teller.intern("kubernetes.io/pvc-protection"));
  }
  return teller.first_or_updated(before.volume == after.volume && before.protection == after.protection &&
                                 before.manifest == after.manifest);
}

namespace {

void tell_job_status(Turn& turn, Teller& teller, const JobStatus& before, const JobStatus& after) {
  teller.compare(Field::JobActive, before.active, after.active);
  teller.compare(Field::JobReady, before.ready, after.ready);
  teller.compare(Field::JobTerminating, before.terminating, after.terminating);
  teller.compare(Field::JobSucceeded, before.succeeded, after.succeeded);
  teller.compare(Field::JobFailed, before.failed, after.failed);
  // The texts of large index lists are built only where somebody will read them.
  const bool keeps = turn.context.history.keeps();
  if (before.completed_indexes != after.completed_indexes) {
    teller.tell_text(Field::JobCompletedIndexes, keeps ? after.completed_indexes.to_text() : std::string());
  }
  if (before.failed_indexes != after.failed_indexes) {
    teller.tell_text(Field::JobFailedIndexes, keeps ? after.failed_indexes.to_text() : std::string());
  }
  teller.compare(Field::JobUncounted, before.uncounted_failed.size() + before.uncounted_succeeded.size(),
                 after.uncounted_failed.size() + after.uncounted_succeeded.size());
  if (before.start_time != after.start_time) {
    teller.tell(Field::JobStartTime, before.start_time != sim::kNever ? 1 : 0,
                after.start_time != sim::kNever ? 1 : 0);
  }
  for (std::size_t i = 0; i < kJobConditionTypes; ++i) {
    const JobCondition& condition = after.conditions[i];
    if (condition.present != before.conditions[i].present ||
        condition.status != before.conditions[i].status || condition.reason != before.conditions[i].reason ||
        condition.message != before.conditions[i].message) {
      teller.tell(Field::JobCondition, static_cast<std::int32_t>(i), condition.status ? 1 : 0,
                  condition.reason);
    }
  }
  if (before.completion_time != after.completion_time) {
    teller.tell(Field::JobCompletionTime, before.completion_time != sim::kNever ? 1 : 0,
                after.completion_time != sim::kNever ? 1 : 0);
  }
}

}  // namespace

sim::TransitionId tell_difference(Turn& turn, const Job& before, const Job& after, By by) {
  Teller teller(turn, after.meta.uid, by);
  teller.compare(Field::JobParallelism, before.spec.parallelism, after.spec.parallelism);
  teller.compare(Field::JobCompletions, before.spec.completions, after.spec.completions);
  teller.compare(Field::JobSuspend, before.spec.suspend, after.spec.suspend);
  const auto path = [&](bool same, const char* name) {
    if (!same) {
      teller.tell_text(Field::JobSpec, name);
    }
  };
  path(before.spec.backoff_limit == after.spec.backoff_limit, "spec.backoffLimit");
  path(before.spec.max_failed_indexes == after.spec.max_failed_indexes, "spec.maxFailedIndexes");
  path(before.spec.active_deadline_seconds == after.spec.active_deadline_seconds,
       "spec.activeDeadlineSeconds");
  path(before.spec.ttl_seconds_after_finished == after.spec.ttl_seconds_after_finished,
       "spec.ttlSecondsAfterFinished");
  path(before.spec.pod_replacement_policy == after.spec.pod_replacement_policy, "spec.podReplacementPolicy");
  path(before.spec.pod_template == after.spec.pod_template, "spec.template");
  teller.deletion(before.meta, after.meta, 0);
  tell_job_status(turn, teller, before.status, after.status);
  return teller.first_or_updated(before.meta.generation == after.meta.generation &&
                                 before.owner == after.owner && before.status == after.status &&
                                 before.manifest == after.manifest &&
                                 before.labels_json == after.labels_json);
}

}  // namespace models::kubernetes

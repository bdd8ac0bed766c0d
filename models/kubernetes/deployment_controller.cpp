#include "models/kubernetes/deployment_controller.h"

#include <algorithm>
#include <string>
#include <utility>

#include "models/kubernetes/controller_runtime.h"
#include "models/kubernetes/deployment_plan.h"
#include "models/kubernetes/deployment_rules.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/workload_pods.h"
#include "sim/require.h"

namespace models::kubernetes::deployment_controller {

namespace {

using deployments::Pass;
using DeploymentSync = Sync<DeploymentSyncPayload>;

By by(const DeploymentSync& sync) { return {Writer::DeploymentController, sync.cause}; }

const Deployment* stored(const Cluster& cluster, const DeploymentSync& sync) {
  return cluster.deployments.exists(sync.row) && cluster.deployments[sync.row].meta.uid == sync.uid
             ? &cluster.deployments[sync.row]
             : nullptr;
}

/// Writes of the Deployment's status carry the resourceVersion that the sync began with, and its annotations.
/// Source: sync.go, progress.go: the updated object that the API answers is not used.
Outcome write_status(Turn& turn, const DeploymentSync& sync, const DeploymentStatus& status) {
  const Deployment* now = stored(turn.cluster, sync);
  if (now == nullptr) {
    return Outcome::NotFound;
  }
  if (now->meta.resource_version != sync.payload.seen.meta.resource_version) {
    return Outcome::Conflict;
  }
  return update<Deployment>(turn, sync.row, by(sync), Verb::UpdateStatus,
                            [&](Deployment& deployment) {
                              deployment.status = status;
                              deployment.revision = sync.payload.seen.revision;
                            })
      .outcome;
}

/// Only whether the rollout is paused; annotations as they are. Source: sync.go checkPausedConditions.
Outcome write_paused(Turn& turn, const DeploymentSync& sync) {
  const Deployment* now = stored(turn.cluster, sync);
  if (now == nullptr) {
    return Outcome::NotFound;
  }
  if (now->meta.resource_version != sync.payload.seen.meta.resource_version) {
    return Outcome::Conflict;
  }
  DeploymentStatus status = now->status;
  const bool paused = sync.payload.seen.spec.paused;
  deployments::set_condition(
      status, DeploymentConditionType::Progressing,
      deployments::condition(turn.cluster.strings, ConditionStatus::Unknown,
                             paused ? "DeploymentPaused" : "DeploymentResumed",
                             paused ? "Deployment is paused" : "Deployment is resumed", turn.now()));
  return update<Deployment>(turn, sync.row, by(sync), Verb::UpdateStatus,
                            [&](Deployment& deployment) { deployment.status = status; })
      .outcome;
}

/// Source: sync.go getNewReplicaSet: a name that is taken is another template's (the hash is varied), or
/// this one's, which the cache did not show yet; other failures are told in a condition.
Outcome create_new(Turn& turn, DeploymentSync& sync, const Write& write, Row& row_written) {
  Cluster& cluster = turn.cluster;
  const ReplicaSet& wanted = sync.payload.changes[static_cast<std::size_t>(write.index)].wanted;
  const std::string name = cluster.strings[wanted.meta.name];
  const Row taken = cluster.find_replicaset(cluster.strings[wanted.meta.name_space], name);
  DeploymentStatus status = sync.payload.seen.status;
  if (taken != kNoRow) {
    const ReplicaSet& other = cluster.replicasets[taken];
    if (other.owner.uid == sync.uid &&
        deployments::equal_but_for_hash(*cluster.templates[other.spec.pod_template],
                                        *cluster.templates[wanted.spec.pod_template])) {
      row_written = taken;
      return Outcome::Ok;
    }
    ++status.collision_count;
    write_status(turn, sync, status);
    return Outcome::AlreadyExists;
  }
  ReplicaSet set = wanted;
  set.meta = {};
  set.meta.name = wanted.meta.name;
  set.meta.name_space = wanted.meta.name_space;
  const WriteResult result = create_replicaset(turn, std::move(set), by(sync));
  row_written = result.row;
  if (!result.ok() && deployments::has_progress_deadline(sync.payload.seen.spec)) {
    const std::string text = "Failed to create new replica set \"" + name +
                             "\": " + workloads::api_error(result.outcome, "replicasets.apps", name);
    deployments::set_condition(status, DeploymentConditionType::Progressing,
                               deployments::condition(cluster.strings, ConditionStatus::False,
                                                      "ReplicaSetCreateError", text, turn.now()));
    write_status(turn, sync, status);
    emit_text(turn, sync.uid, Field::Warning, by(sync), text);
  }
  return result.outcome;
}

/// A ReplicaSet that has changed since the sync saw it is not written: the cache was old.
Outcome update_set(Turn& turn, const DeploymentSync& sync, const Write& write) {
  const ReplicaSetChange& change = sync.payload.changes[static_cast<std::size_t>(write.index)];
  const Cluster& cluster = turn.cluster;
  if (!cluster.replicasets.exists(write.row) || cluster.replicasets[write.row].meta.uid != change.uid) {
    return Outcome::NotFound;
  }
  if (cluster.replicasets[write.row].meta.resource_version != change.wanted.meta.resource_version) {
    return Outcome::Conflict;
  }
  return update<ReplicaSet>(turn, write.row, by(sync), Verb::Update,
                            [&](ReplicaSet& set) {
                              const ReplicaSet& wanted = change.wanted;
                              set.meta.generation +=
                                  set.spec.replicas != wanted.spec.replicas ||
                                          set.spec.min_ready_seconds != wanted.spec.min_ready_seconds
                                      ? 1U
                                      : 0U;
                              set.spec = wanted.spec;
                              set.desired_replicas = wanted.desired_replicas;
                              set.max_replicas = wanted.max_replicas;
                              set.revision = wanted.revision;
                              set.revision_history = wanted.revision_history;
                              set.manifest = wanted.manifest;
                            })
      .outcome;
}

Outcome change_owner(Turn& turn, const DeploymentSync& sync, const Write& write) {
  const Cluster& cluster = turn.cluster;
  if (!cluster.replicasets.exists(write.row)) {
    return Outcome::Ok;
  }
  const OwnerRef& owner = cluster.replicasets[write.row].owner;
  const bool adopts = write.kind == WriteKind::AdoptReplicaSet;
  const Deployment* now = stored(cluster, sync);
  if (adopts ? now == nullptr || now->meta.deleting() || owner.kind != Kind::None : owner.uid != sync.uid) {
    return adopts ? Outcome::Invalid : Outcome::Ok;
  }
  const OwnerRef next = adopts ? OwnerRef{Kind::Deployment, sync.row, sync.uid} : OwnerRef{};
  return update<ReplicaSet>(turn, write.row, by(sync), Verb::Update,
                            [&](ReplicaSet& set) { set.owner = next; })
      .outcome;
}

bool is_failure(Outcome outcome) { return outcome != Outcome::Ok && outcome != Outcome::Skipped; }

std::string failure_text(const Cluster& cluster, const DeploymentSync& sync, const Write& write,
                         Outcome outcome) {
  if (write.kind == WriteKind::UpdateStatus || write.kind == WriteKind::UpdateOwner) {
    return workloads::api_error(outcome, "deployments.apps", cluster.strings[sync.payload.seen.meta.name]);
  }
  const Text name = write.index >= 0
                        ? sync.payload.changes[static_cast<std::size_t>(write.index)].wanted.meta.name
                    : cluster.replicasets.alive(write.row) ? cluster.replicasets[write.row].meta.name
                                                           : Text{0};
  return workloads::api_error(outcome, "replicasets.apps", cluster.strings[name]);
}

struct Traits : ControllerOf<&Cluster::deployments, Kind::Deployment> {
  static constexpr Event kQueueRun = Event::DeploymentQueueRun;
  static constexpr Event kWake = Event::DeploymentWake;
  static constexpr Event kResume = Event::DeploymentResume;
  /// Source: kube-controller-manager --concurrent-deployment-syncs, default 5.
  static constexpr std::size_t kWorkers = 5;

  static DeploymentControllerState& state(Cluster& cluster) { return cluster.deployment_controller; }

  static bool begin(Turn& turn, DeploymentSync& sync) {
    deployments::DeploymentPlan made = deployments::plan(turn.cluster, sync.row, turn.now());
    DeploymentSyncPayload& payload = sync.payload;
    sync.writes = std::move(made.writes);
    payload.seen = std::move(made.seen);
    payload.changes = std::move(made.changes);
    payload.status = std::move(made.status);
    // Two writes of one object in a sync: the second carries a version that is no longer the latest.
    if (made.repeats) {
      Write again = sync.writes.back();
      ++again.batch;
      sync.writes.push_back(again);
    }
    if (made.writes_status) {
      Write status;
      status.kind = WriteKind::UpdateStatus;
      status.pass = static_cast<std::uint16_t>(Pass::Status);
      status.row = sync.row;
      status.batch = static_cast<std::uint32_t>(sync.writes.size());
      sync.writes.push_back(status);
    }
    sync.requeue_after = made.checks_now ? workloads::retry_delay(state(turn.cluster).retries, turn.now(), 1)
                                         : made.requeue_after;
    tell_wait(turn, sync, made.wait);
    return true;
  }

  static Outcome perform(Turn& turn, DeploymentSync& sync, const Write& write, Row& row_written) {
    switch (write.kind) {
      case WriteKind::CreateReplicaSet:
        return create_new(turn, sync, write, row_written);
      case WriteKind::UpdateReplicaSet: {
        const Outcome outcome = update_set(turn, sync, write);
        // Source: rolling.go reconcileOldReplicaSets: an error is not handed on.
        return write.pass == static_cast<std::uint16_t>(Pass::Old) ? Outcome::Ok : outcome;
      }
      case WriteKind::DeleteReplicaSet: {
        const bool there = turn.cluster.replicasets.exists(write.row) &&
                           turn.cluster.replicasets[write.row].meta.uid == write.argument;
        return there ? delete_replicaset(turn, write.row, by(sync)).outcome : Outcome::Ok;
      }
      case WriteKind::AdoptReplicaSet:
      case WriteKind::ReleaseReplicaSet:
        return change_owner(turn, sync, write);
      case WriteKind::UpdateOwner:
        return write.number != 0 ? write_paused(turn, sync)
                                 : write_status(turn, sync, sync.payload.seen.status);
      case WriteKind::UpdateStatus:
        return write_status(turn, sync, sync.payload.status);
      default:
        break;
    }
    sim::fail("a write that is not the Deployment controller's");
  }

  static bool next_stage(Turn& turn, DeploymentSync& sync) {
    for (std::size_t i = 0; i < sync.outcomes.size(); ++i) {
      if (is_failure(sync.outcomes[i])) {
        sync.failed = true;
        emit_text(turn, sync.uid, Field::SyncFailed, by(sync),
                  failure_text(turn.cluster, sync, sync.writes[i], sync.outcomes[i]));
        break;
      }
    }
    return false;
  }

  static sim::Duration retry_delay(Turn& turn, std::uint32_t failures) {
    return workloads::retry_delay(state(turn.cluster).retries, turn.now(), failures);
  }

 private:
  /// Says what the Deployment waits for, when that has changed. The wait is no part of the object.
  static void tell_wait(Turn& turn, const DeploymentSync& sync, const Wait& wait) {
    if (!turn.cluster.deployments.alive(sync.row)) {
      return;
    }
    Wait& told = turn.cluster.deployments[sync.row].wait;
    if (told != wait) {
      emit(turn, sync.uid, Field::Waits, by(sync), told.reason, wait.reason, wait.on);
      told = wait;
    }
  }
};

using Runtime = ControllerRuntime<Traits>;

// What wakes the controller
// ----------------------------------------------------------------------------------

/// Source: deployment_controller.go resolveControllerRef.
Row resolve_owner(const Cluster& cluster, const OwnerRef& owner) {
  return owner.kind == Kind::Deployment && Traits::uid_at(cluster, owner.row) == owner.uid ? owner.row
                                                                                           : kNoRow;
}

/// Source: deployment_util.go GetDeploymentsForReplicaSet.
void enqueue_matching(Turn& turn, const ReplicaSet& set, sim::TransitionId cause) {
  const Cluster& cluster = turn.cluster;
  const View view = view_of(cluster, ObserverId::ControllerManager);
  const LabelMap labels = json::labels_from(cluster, set.labels_json);
  for (Row row = 0; row < cluster.deployments.extent(); ++row) {
    const Deployment* deployment = view.deployment(row);
    if (deployment != nullptr && deployment->meta.name_space == set.meta.name_space && !labels.empty() &&
        !deployment->spec.selector->empty() && matches(*deployment->spec.selector, labels)) {
      Runtime::enqueue(turn, row, cause);
    }
  }
}

void observe_set(Turn& turn, const WatchEvent& event) {
  const Cluster& cluster = turn.cluster;
  const ReplicaSet* set = cluster.replicasets.as_of(event.row, event.version);
  const ReplicaSet* before = cluster.replicasets.as_of(event.row, event.version - 1);
  const bool owner_changed = before != nullptr && (set == nullptr || before->owner != set->owner);
  if (owner_changed) {
    if (const Row row = resolve_owner(cluster, before->owner); row != kNoRow) {
      Runtime::enqueue(turn, row, event.cause);
    }
  }
  if (set == nullptr) {
    return;
  }
  if (set->owner.kind != Kind::None) {
    if (const Row row = resolve_owner(cluster, set->owner); row != kNoRow) {
      Runtime::enqueue(turn, row, event.cause);
    }
  } else if (before == nullptr || owner_changed || before->labels_json != set->labels_json) {
    enqueue_matching(turn, *set, event.cause);
  }
}

/// The last pod of a Deployment that recreates its pods has gone. Source: deployment_controller.go deletePod.
void observe_removed_pod(Turn& turn, const WatchEvent& event) {
  const Cluster& cluster = turn.cluster;
  const View view = view_of(cluster, ObserverId::ControllerManager);
  const Pod* pod = cluster.pods.as_of(event.row, event.version - 1);
  if (pod == nullptr || pod->owner.kind != Kind::ReplicaSet) {
    return;
  }
  const ReplicaSet* set = view.replicaset(pod->owner.row);
  if (set == nullptr || set->meta.uid != pod->owner.uid) {
    return;
  }
  const Row row = resolve_owner(cluster, set->owner);
  if (row == kNoRow || !view.deployment(row)->spec.recreate) {
    return;
  }
  bool any = false;
  for (const Row other : replicasets_of(cluster.replicaset_index, set->owner)) {
    const ReplicaSet* sibling = view.replicaset(other);
    if (!any && sibling != nullptr && sibling->owner.uid == set->owner.uid) {
      view.each_pod_of(cluster.replicasets[other].pods_head,
                       [&](Row, const Pod& seen) { any = any || seen.owner.uid == sibling->meta.uid; });
    }
  }
  if (!any) {
    Runtime::enqueue(turn, row, event.cause);
  }
}

}  // namespace

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::Deployment) {
    Runtime::enqueue(turn, event.row, event.cause);
  } else if (event.kind == Kind::ReplicaSet) {
    observe_set(turn, event);
  } else if (event.kind == Kind::Pod && event.type == WatchType::Deleted) {
    observe_removed_pod(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) { return Runtime::on_event(turn, event); }

void restart(Turn& turn, sim::TransitionId cause) { Runtime::restart(turn, cause); }

}  // namespace models::kubernetes::deployment_controller

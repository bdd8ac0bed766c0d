#include "models/kubernetes/replicaset_controller.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/controller_runtime.h"
#include "models/kubernetes/replicaset_ranking.h"
#include "models/kubernetes/upstream_rules.h"
#include "models/kubernetes/workload_pods.h"
#include "sim/require.h"

namespace models::kubernetes::replicaset_controller {

namespace {

using SetSync = Sync<ReplicaSetSyncPayload>;

/// How far a sync is: what it does once its writes so far are through.
enum Stage : std::uint8_t { kPods, kStatus };

/// What a write belongs to; `Write::pass`.
enum Pass : std::uint16_t { kClaimPass, kPodPass, kStatusPass };

By by(const SetSync& sync) { return {Writer::ReplicaSetController, sync.cause}; }

const ReplicaSet* stored(const Cluster& cluster, const SetSync& sync) {
  return cluster.replicasets.exists(sync.row) && cluster.replicasets[sync.row].meta.uid == sync.uid
             ? &cluster.replicasets[sync.row]
             : nullptr;
}

Write write_of(WriteKind kind, Pass pass, std::uint32_t batch, Row row) {
  Write write;
  write.kind = kind;
  write.pass = pass;
  write.batch = batch;
  write.concurrent = pass == kPodPass;
  write.row = row;
  return write;
}

bool fully_labeled(const Cluster& cluster, const ReplicaSet& set, const Pod& pod) {
  if (pod.pod_template == set.spec.pod_template && pod.label_set == 0) {
    return true;
  }
  const LabelMap& labels = cluster.templates[set.spec.pod_template]->labels;
  return std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
    const std::optional<std::string> value = cluster.label_of(pod, label.first);
    return value && *value == label.second;
  });
}

/// Pods that are deleted but not gone, while they have not finished. Source: controller_utils.go
/// IsPodTerminating, FilterClaimedPods.
std::int32_t count_terminating(const View& view, Row set_row, const ReplicaSet& set) {
  std::int32_t terminating = 0;
  view.each_pod_of(view.cluster().replicasets[set_row].pods_head, [&](Row, const Pod& pod) {
    terminating += pod.owner.uid == set.meta.uid && pod.meta.deleting() && !pod.terminal() &&
                           workloads::selects(view.cluster(), *set.spec.selector, pod)
                       ? 1
                       : 0;
  });
  return terminating;
}

/// Source: replica_set_utils.go calculateStatus, but for the failure condition.
ReplicaSetStatus count_pods(const View& view, Row set_row, const ReplicaSet& set,
                            const std::vector<Row>& active, sim::Time now) {
  ReplicaSetStatus status = set.status;
  status.replicas = static_cast<std::int32_t>(active.size());
  status.fully_labeled_replicas = status.ready_replicas = status.available_replicas = 0;
  for (const Row row : active) {
    const Pod& pod = *view.pod(row);
    status.fully_labeled_replicas += fully_labeled(view.cluster(), set, pod) ? 1 : 0;
    status.ready_replicas += pod.ready ? 1 : 0;
    status.available_replicas += workloads::is_available(pod, set.spec.min_ready_seconds, now) ? 1 : 0;
  }
  // Source: pkg/features/kube_features.go DeploymentReplicaSetTerminatingReplicas, on from 1.35.
  status.terminating_replicas =
      view.cluster().features().since(35) ? count_terminating(view, set_row, set) : -1;
  return status;
}

/// All pods that the ReplicaSets of the same Deployment control. Source: replica_set.go
/// getIndirectlyRelatedPods, which lists by the selectors: those of a Deployment's ReplicaSets are disjoint.
std::vector<Row> related_pods(const View& view, const ReplicaSet& set) {
  std::vector<Row> related;
  if (set.owner.kind == Kind::None) {
    return related;
  }
  const Cluster& cluster = view.cluster();
  for (const Row row : replicasets_of(cluster.replicaset_index, set.owner)) {
    const ReplicaSet* other = view.replicaset(row);
    if (other != nullptr && other->owner.uid == set.owner.uid) {
      view.each_pod_of(cluster.replicasets[row].pods_head, [&](Row pod, const Pod& seen) {
        if (seen.owner.uid == other->meta.uid) {
          related.push_back(pod);
        }
      });
    }
  }
  return related;
}

/// The pods to create or to delete. Source: replica_set.go manageReplicas, BurstReplicas 500.
void plan_pods(Turn& turn, const View& view, SetSync& sync, const ReplicaSet& set,
               const std::vector<Row>& active) {
  constexpr std::int32_t kBurst = 500;
  std::vector<Expectations>& expectations = turn.cluster.replicaset_controller.expectations;
  const std::int32_t difference = static_cast<std::int32_t>(active.size()) - set.spec.replicas;
  sync.payload.difference = difference;
  if (difference < 0) {
    const std::int32_t wanted = std::min(-difference, kBurst);
    workloads::expect_creations(expectations, sync.row, sync.uid, wanted, turn.now());
    for (std::int32_t i = 0; i < wanted; ++i) {
      const std::uint32_t batch = 1 + workloads::slow_start_batch(static_cast<std::uint32_t>(i));
      sync.writes.push_back(write_of(WriteKind::CreatePod, kPodPass, batch, kNoRow));
    }
  } else if (difference > 0) {
    if (!stands(Rule::ReplicaSetsShrinkAtOnce) && count_terminating(view, sync.row, set) > 0) {
      return;
    }
    const std::int32_t most = stands(Rule::ReplicaSetsShrinkAtOnce) ? kBurst : 1;
    const auto wanted = static_cast<std::size_t>(std::min(difference, most));
    const std::vector<Row> chosen =
        choose_pods_to_delete(turn, view, active, related_pods(view, set), wanted);
    std::vector<Uid> uids;
    for (std::size_t i = 0; i < wanted; ++i) {
      Write write = write_of(WriteKind::DeletePod, kPodPass, 1, chosen[i]);
      write.argument = view.pod(chosen[i])->meta.uid;
      uids.push_back(write.argument);
      sync.writes.push_back(write);
    }
    workloads::expect_deletions(expectations, sync.row, sync.uid, std::move(uids), turn.now());
  }
}

Outcome create(Turn& turn, const SetSync& sync, Row& row_written) {
  const ReplicaSet* set = stored(turn.cluster, sync);
  if (set == nullptr) {
    return Outcome::NotFound;
  }
  const OwnerRef owner{Kind::ReplicaSet, sync.row, sync.uid};
  Pod pod = workloads::new_pod(turn, owner, set->meta.name, set->meta.name_space);
  pod.pod_template = set->spec.pod_template;
  const WriteResult result = create_pod(turn, std::move(pod), by(sync));
  if (result.ok()) {
    workloads::count_new_pod(turn.cluster, owner);
  }
  row_written = result.row;
  return result.outcome;
}

/// A pod that is gone is no error, but its deletion will not be observed. Source: manageReplicas.
Outcome remove(Turn& turn, const SetSync& sync, const Write& write) {
  const Cluster& cluster = turn.cluster;
  const bool there = cluster.pods.exists(write.row) && cluster.pods[write.row].meta.uid == write.argument;
  const Outcome outcome = there ? delete_pod(turn, write.row, by(sync)).outcome : Outcome::NotFound;
  if (outcome != Outcome::Ok) {
    workloads::deletion_observed(turn.cluster.replicaset_controller.expectations, sync.row, sync.uid,
                                 write.argument);
  }
  return outcome == Outcome::NotFound ? Outcome::Ok : outcome;
}

/// A conflict is retried with the object as the API has it. Source: updateReplicaSetStatus.
Outcome write_status(Turn& turn, const SetSync& sync) {
  if (stored(turn.cluster, sync) == nullptr) {
    return Outcome::NotFound;
  }
  return update<ReplicaSet>(turn, sync.row, by(sync), Verb::UpdateStatus,
                            [&](ReplicaSet& set) { set.status = sync.payload.status; })
      .outcome;
}

/// Source: replica_set_utils.go updateReplicaSetStatus: what is compared.
bool differs(const ReplicaSetStatus& seen, const ReplicaSetStatus& status, std::uint32_t generation) {
  ReplicaSetStatus counted = status;
  counted.observed_generation = seen.observed_generation;
  return counted != seen || seen.observed_generation != generation;
}

bool is_failure(Outcome outcome) { return outcome != Outcome::Ok && outcome != Outcome::Skipped; }

/// The first write of a pass that failed; nullptr if none did.
const Write* first_failure(const SetSync& sync, Pass pass, Outcome& outcome) {
  for (std::size_t i = 0; i < sync.outcomes.size(); ++i) {
    if (sync.writes[i].pass == pass && is_failure(sync.outcomes[i])) {
      outcome = sync.outcomes[i];
      return &sync.writes[i];
    }
  }
  return nullptr;
}

std::string failure_text(const Cluster& cluster, const SetSync& sync, const Write& write, Outcome outcome) {
  const std::string& set = cluster.strings[cluster.replicasets[sync.row].meta.name];
  switch (write.kind) {
    case WriteKind::CreatePod:
      return workloads::api_error(outcome, "pods", set + "-");
    case WriteKind::UpdateStatus:
      return workloads::api_error(outcome, "replicasets.apps", set);
    default:
      return workloads::api_error(
          outcome, "pods",
          cluster.pods.alive(write.row) ? cluster.name_of(cluster.pods[write.row]) : std::string());
  }
}

/// Creations that were not made will not be observed. Source: manageReplicas, skippedPods.
void forget_missing_creations(Turn& turn, const SetSync& sync) {
  for (std::size_t i = 0; i < sync.outcomes.size(); ++i) {
    if (sync.writes[i].kind == WriteKind::CreatePod && sync.outcomes[i] != Outcome::Ok) {
      workloads::creation_observed(turn.cluster.replicaset_controller.expectations, sync.row, sync.uid);
    }
  }
}

struct Traits : ControllerOf<&Cluster::replicasets, Kind::ReplicaSet> {
  static constexpr Event kQueueRun = Event::ReplicaSetQueueRun;
  static constexpr Event kWake = Event::ReplicaSetWake;
  static constexpr Event kResume = Event::ReplicaSetResume;
  /// Source: kube-controller-manager --concurrent-replicaset-syncs, default 5.
  static constexpr std::size_t kWorkers = 5;

  static ReplicaSetControllerState& state(Cluster& cluster) { return cluster.replicaset_controller; }

  /// Source: replica_set.go syncReplicaSet.
  static bool begin(Turn& turn, SetSync& sync) {
    Cluster& cluster = turn.cluster;
    const View view = view_of(cluster, ObserverId::ControllerManager);
    const ReplicaSet& set = *view.replicaset(sync.row);
    const bool manages = workloads::satisfied(state(cluster).expectations, sync.row, sync.uid, turn.now()) &&
                         !set.meta.deleting();
    const workloads::ClaimedPods claimed =
        workloads::claim_pods(view,
                              {sync.uid, cluster.replicasets[sync.row].pods_head, set.meta.name_space,
                               set.spec.selector.get(), set.meta.deleting()},
                              state(cluster).orphans, true);
    for (const Row row : claimed.adopt) {
      sync.writes.push_back(write_of(WriteKind::AdoptPod, kClaimPass, 0, row));
    }
    for (const Row row : claimed.release) {
      sync.writes.push_back(write_of(WriteKind::ReleasePod, kClaimPass, 0, row));
    }
    ReplicaSetSyncPayload& payload = sync.payload;
    payload.seen = set.status;
    payload.generation = set.meta.generation;
    payload.status = count_pods(view, sync.row, set, claimed.members, turn.now());
    if (manages) {
      plan_pods(turn, view, sync, set, claimed.members);
    }
    if (set.spec.min_ready_seconds > 0 &&
        payload.status.ready_replicas != payload.status.available_replicas) {
      std::vector<const Pod*> pods;
      for (const Row row : claimed.members) {
        pods.push_back(view.pod(row));
      }
      sync.requeue_after = workloads::next_availability(pods, set.spec.min_ready_seconds, turn.now());
    }
    return true;
  }

  static Outcome perform(Turn& turn, SetSync& sync, const Write& write, Row& row_written) {
    switch (write.kind) {
      case WriteKind::CreatePod:
        return create(turn, sync, row_written);
      case WriteKind::DeletePod:
        return remove(turn, sync, write);
      case WriteKind::AdoptPod: {
        const ReplicaSet* set = stored(turn.cluster, sync);
        return workloads::adopt_pod(turn, write.row, {Kind::ReplicaSet, sync.row, sync.uid},
                                    set != nullptr && !set->meta.deleting(), by(sync));
      }
      case WriteKind::ReleasePod:
        return workloads::release_pod(turn, write.row, sync.uid, by(sync));
      case WriteKind::UpdateStatus:
        return write_status(turn, sync);
      default:
        break;
    }
    sim::fail("a write that is not the ReplicaSet controller's");
  }

  static bool next_stage(Turn& turn, SetSync& sync) {
    Outcome outcome = Outcome::Ok;
    if (sync.stage == kStatus) {
      if (const Write* failed = first_failure(sync, kStatusPass, outcome)) {
        fail_sync(turn, sync, *failed, outcome);
      }
      return false;
    }
    sync.stage = kStatus;
    forget_missing_creations(turn, sync);
    if (const Write* failed = first_failure(sync, kClaimPass, outcome)) {
      fail_sync(turn, sync, *failed, outcome);
      return false;
    }
    set_failure_condition(turn, sync);
    ReplicaSetSyncPayload& payload = sync.payload;
    if (differs(payload.seen, payload.status, payload.generation)) {
      payload.status.observed_generation = payload.generation;
      const std::uint32_t batch = sync.writes.empty() ? 0 : sync.writes.back().batch + 1;
      sync.writes.push_back(write_of(WriteKind::UpdateStatus, kStatusPass, batch, sync.row));
      sync.batch_failed = false;
      return true;
    }
    return false;
  }

  static sim::Duration retry_delay(Turn& turn, std::uint32_t failures) {
    return workloads::retry_delay(state(turn.cluster).retries, turn.now(), failures);
  }

 private:
  static void fail_sync(Turn& turn, SetSync& sync, const Write& write, Outcome outcome) {
    sync.failed = true;
    if (turn.cluster.replicasets.alive(sync.row)) {
      emit_text(turn, sync.uid, Field::SyncFailed, by(sync),
                failure_text(turn.cluster, sync, write, outcome));
    }
  }

  /// Source: calculateStatus: a failure is told once and stays until the pods could be managed.
  static void set_failure_condition(Turn& turn, SetSync& sync) {
    Outcome outcome = Outcome::Ok;
    const Write* failed = first_failure(sync, kPodPass, outcome);
    ObjectCondition& condition = sync.payload.status.replica_failure;
    if (failed == nullptr) {
      condition = {};
      return;
    }
    fail_sync(turn, sync, *failed, outcome);
    if (!condition.present) {
      Strings& strings = turn.cluster.strings;
      condition.present = true;
      condition.status = ConditionStatus::True;
      condition.reason = strings.intern(sync.payload.difference < 0 ? "FailedCreate" : "FailedDelete");
      condition.message = strings.intern(failure_text(turn.cluster, sync, *failed, outcome));
      condition.last_transition = workloads::whole_seconds(turn.now());
    }
  }
};

using Runtime = ControllerRuntime<Traits>;

// What wakes the controller
// ----------------------------------------------------------------------------------

/// The row of the set that controls the pod, as far as it is seen.
Row resolve_owner(const Cluster& cluster, const Pod& pod) {
  return pod.owner.kind == Kind::ReplicaSet && Traits::uid_at(cluster, pod.owner.row) == pod.owner.uid
             ? pod.owner.row
             : kNoRow;
}

void enqueue_matching_sets(Turn& turn, const Pod& pod, sim::TransitionId cause) {
  const View view = view_of(turn.cluster, ObserverId::ControllerManager);
  for (Row row = 0; row < turn.cluster.replicasets.extent(); ++row) {
    const ReplicaSet* set = view.replicaset(row);
    if (set != nullptr && set->meta.name_space == pod.meta.name_space &&
        workloads::selects(turn.cluster, *set->spec.selector, pod)) {
      Runtime::enqueue(turn, row, cause);
    }
  }
}

/// Source: replica_set.go deletePod.
void observe_deleted(Turn& turn, const Pod& pod, sim::TransitionId cause) {
  if (const Row row = resolve_owner(turn.cluster, pod); row != kNoRow) {
    workloads::deletion_observed(turn.cluster.replicaset_controller.expectations, row, pod.owner.uid,
                                 pod.meta.uid);
    Runtime::enqueue(turn, row, cause);
  }
}

/// Source: replica_set.go addPod, updatePod for a pod with an owner.
void observe_owned(Turn& turn, const Pod* before, const Pod& pod, sim::TransitionId cause) {
  const Row row = resolve_owner(turn.cluster, pod);
  if (row == kNoRow) {
    return;
  }
  if (before == nullptr) {
    workloads::creation_observed(turn.cluster.replicaset_controller.expectations, row, pod.owner.uid);
  }
  Runtime::enqueue(turn, row, cause);
  const ReplicaSet& set = *view_of(turn.cluster, ObserverId::ControllerManager).replicaset(row);
  if (before != nullptr && !before->ready && pod.ready && set.spec.min_ready_seconds > 0) {
    Runtime::enqueue_after(turn, row, std::chrono::seconds{set.spec.min_ready_seconds}, cause);
  }
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  const Pod* pod = cluster.pods.as_of(event.row, event.version);
  const Pod* before = cluster.pods.as_of(event.row, event.version - 1);
  workloads::note_orphan(cluster.replicaset_controller.orphans, event.row, pod);
  if (pod == nullptr || pod->meta.deleting()) {
    if (const Pod* gone = pod != nullptr ? pod : before) {
      observe_deleted(turn, *gone, event.cause);
    }
    return;
  }
  const bool owner_changed = before != nullptr && before->owner != pod->owner;
  if (owner_changed) {
    if (const Row row = resolve_owner(cluster, *before); row != kNoRow) {
      Runtime::enqueue(turn, row, event.cause);
    }
  }
  if (pod->owner.kind != Kind::None) {
    observe_owned(turn, before, *pod, event.cause);
    return;
  }
  const bool labels_changed =
      before != nullptr && (before->label_set != pod->label_set || before->revision != pod->revision);
  if (!pod->static_pod && (before == nullptr || labels_changed || owner_changed)) {
    enqueue_matching_sets(turn, *pod, event.cause);
  }
}

}  // namespace

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::ReplicaSet) {
    if (event.type == WatchType::Deleted) {
      workloads::forget_expectations(turn.cluster.replicaset_controller.expectations, event.row);
    }
    Runtime::enqueue(turn, event.row, event.cause);
  } else if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) { return Runtime::on_event(turn, event); }

void restart(Turn& turn, sim::TransitionId cause) {
  Runtime::restart(turn, cause, [&](auto& state) {
    state.orphans = workloads::list_orphans(view_of(turn.cluster, ObserverId::ControllerManager));
  });
}

}  // namespace models::kubernetes::replicaset_controller

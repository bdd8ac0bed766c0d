#include "models/kubernetes/statefulset_controller.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "models/kubernetes/controller_runtime.h"
#include "models/kubernetes/statefulset_members.h"
#include "models/kubernetes/statefulset_plan.h"
#include "models/kubernetes/statefulset_revisions.h"
#include "models/kubernetes/statefulset_rules.h"
#include "models/kubernetes/statefulset_status.h"
#include "models/kubernetes/statefulset_writes.h"

namespace models::kubernetes::statefulset_controller {

namespace {

/// How far a sync is: what it does once its writes so far are through.
enum Stage : std::uint8_t { kPasses, kStatus, kHistory };

By by(const SetSync& sync) { return {Writer::StatefulSetController, sync.cause}; }

/// Says what the set waits for, when that has changed. The wait is no part of the object: nobody is woken by
/// it.
void tell_wait(Turn& turn, const SetSync& sync, const Wait& wait) {
  Wait& told = turn.cluster.statefulsets[sync.row].wait;
  if (told != wait) {
    emit(turn, sync.uid, Field::Waits, by(sync), told.reason, wait.reason, wait.on);
    told = wait;
  }
}

bool failed_before_the_passes(const SetSync& sync) {
  for (std::size_t i = 0; i < sync.outcomes.size(); ++i) {
    if (sync.writes[i].pass <= static_cast<std::uint16_t>(Pass::Revisions) &&
        sync.outcomes[i] != Outcome::Ok) {
      return true;
    }
  }
  return false;
}

bool any_failed(const SetSync& sync) {
  return std::any_of(sync.outcomes.begin(), sync.outcomes.end(),
                     [](Outcome outcome) { return outcome != Outcome::Ok && outcome != Outcome::Skipped; });
}

struct Traits : ControllerOf<&Cluster::statefulsets, Kind::StatefulSet> {
  using SyncType = SetSync;
  static constexpr Event kQueueRun = Event::StatefulSetQueueRun;
  static constexpr Event kWake = Event::StatefulSetWake;
  static constexpr Event kResume = Event::StatefulSetResume;
  /// Source: kube-controller-manager --concurrent-statefulset-syncs, default 5.
  static constexpr std::size_t kWorkers = 5;

  static StatefulSetControllerState& state(Cluster& cluster) { return cluster.statefulset_controller; }

  static bool begin(Turn& turn, SetSync& sync) {
    Cluster& cluster = turn.cluster;
    const View view = view_of(cluster, ObserverId::ControllerManager);
    const StatefulSet& set = *view.statefulset(sync.row);
    StatefulSetPlan decided = plan(view, sync.row, turn.now());
    StatefulSetSyncPayload& payload = sync.payload;
    payload.version = set.meta.resource_version;
    payload.seen = set.status;
    payload.status = decided.status;
    payload.completes =
        update_is_complete(set.spec, StatefulSetRules::of(cluster.features()), decided.status);
    payload.history = std::move(decided.history);
    sync.writes = std::move(decided.writes);
    if (!decided.refusal.empty()) {
      payload.refused = true;
      emit_text(turn, sync.uid, Field::SyncFailed, by(sync), std::move(decided.refusal));
      return true;
    }
    if (!decided.new_revision.empty()) {
      payload.status.update_revision = cluster.strings.intern(decided.new_revision);
      if (decided.current_is_new) {
        payload.status.current_revision = payload.status.update_revision;
      }
    }
    sync.requeue_after = look_again_after(set.spec, StatefulSetRules::of(cluster.features()), decided);
    tell_wait(turn, sync, decided.wait);
    return true;
  }

  static Outcome perform(Turn& turn, SetSync& sync, const Write& write, Row& row_written) {
    return statefulset_controller::perform(turn, sync, write, row_written);
  }

  /// The status is written also after a failed pass; the history is cut after that.
  static bool next_stage(Turn& turn, SetSync& sync) {
    if (sync.stage == kPasses) {
      sync.stage = kStatus;
      if (sync.payload.refused || failed_before_the_passes(sync)) {
        return end(turn, sync);
      }
      add_status_write(sync);
      return true;
    }
    if (sync.stage == kStatus) {
      sync.stage = kHistory;
      for (Write write : sync.payload.history) {
        write.batch = next_batch(sync);
        sync.writes.push_back(write);
      }
      sync.batch_failed = false;
      return true;
    }
    return end(turn, sync);
  }

  /// Exponential for the key, and a token bucket for all keys; the later of the two.
  /// Source: client-go util/workqueue default_rate_limiters.go DefaultTypedControllerRateLimiter.
  static sim::Duration retry_delay(Turn& turn, std::uint32_t failures) {
    constexpr sim::Duration kBase = std::chrono::milliseconds{5};
    constexpr sim::Duration kMost = std::chrono::seconds{1000};
    constexpr std::uint32_t kDoublingsMax = 18;  // 5 ms times 2^18 is more than the most
    const std::uint32_t doublings = std::min(failures - 1, kDoublingsMax);
    const sim::Duration exponential = std::min(kBase * (std::int64_t{1} << doublings), kMost);
    const sim::Time granted = state(turn.cluster).retries.reserve(turn.now(), 10, 100);
    return std::max(exponential, granted - turn.now());
  }

 private:
  /// Source: stateful_set.go syncStatefulSet.
  static sim::Duration look_again_after(const StatefulSetSpec& spec, const StatefulSetRules& rules,
                                        const StatefulSetPlan& decided) {
    const StatefulSetStatus& status = decided.status;
    const sim::Duration min_ready = std::chrono::seconds{spec.min_ready_seconds};
    if (!rules.wakes_when_available) {
      return status.available_replicas != spec.replicas ? min_ready : sim::Duration::zero();
    }
    if (status.ready_replicas == status.available_replicas) {
      return sim::Duration::zero();
    }
    return decided.look_again > sim::Duration::zero() ? decided.look_again : min_ready;
  }

  static std::uint32_t next_batch(const SetSync& sync) {
    return sync.writes.empty() ? 0 : sync.writes.back().batch + 1;
  }

  static void add_status_write(SetSync& sync) {
    StatefulSetStatus& status = sync.payload.status;
    for (std::size_t i = 0; i < sync.outcomes.size(); ++i) {
      // Source: stateful_set_control.go updateStatefulSet: only deletions of the update pass count at once.
      if (sync.writes[i].pass == static_cast<std::uint16_t>(Pass::Update) &&
          sync.outcomes[i] == Outcome::Ok) {
        --status.current_replicas;
      }
    }
    if (sync.payload.completes) {
      status.current_replicas = status.updated_replicas;
      status.current_revision = status.update_revision;
    }
    sync.batch_failed = false;
    if (inconsistent(sync.payload.seen, status)) {
      Write write;
      write.kind = WriteKind::UpdateStatus;
      write.pass = static_cast<std::uint16_t>(Pass::Status);
      write.batch = next_batch(sync);
      write.row = sync.row;
      sync.writes.push_back(write);
    }
  }

  static bool end(Turn& turn, SetSync& sync) {
    const bool failed = any_failed(sync);
    if (failed) {
      emit_text(turn, sync.uid, Field::SyncFailed, by(sync), failure_text(turn.cluster, sync));
    }
    sync.failed = failed || sync.payload.refused;
    return false;
  }
};

using Runtime = ControllerRuntime<Traits>;

// What wakes the controller
// ----------------------------------------------------------------------------------

/// The row of the set that controls the pod, as far as it is seen. Source: stateful_set.go
/// resolveControllerRef.
Row resolve_owner(const Cluster& cluster, const Pod& pod) {
  return pod.owner.kind == Kind::StatefulSet && Traits::uid_at(cluster, pod.owner.row) == pod.owner.uid
             ? pod.owner.row
             : kNoRow;
}

bool may_be_adopted(const Cluster& cluster, const Pod& pod) {
  return pod.owner.kind == Kind::None && (pod.meta.name != 0 ? ends_in_ordinal(cluster.strings[pod.meta.name])
                                                             : pod.suffix == 0 && pod.index >= 0);
}

void keep_orphan(std::vector<Row>& orphans, Row row, bool orphan) {
  const auto place = std::lower_bound(orphans.begin(), orphans.end(), row);
  const bool kept = place != orphans.end() && *place == row;
  if (orphan && !kept) {
    orphans.insert(place, row);
  } else if (!orphan && kept) {
    orphans.erase(place);
  }
}

/// Queues the sets whose selector matches an orphan. Source: stateful_set.go getStatefulSetsForPod.
void enqueue_matching_sets(Turn& turn, const Pod& pod, sim::TransitionId cause) {
  const View view = view_of(turn.cluster, ObserverId::ControllerManager);
  for (Row row = 0; row < turn.cluster.statefulsets.extent(); ++row) {
    const StatefulSet* set = view.statefulset(row);
    if (set != nullptr && set->meta.name_space == pod.meta.name_space &&
        selects(turn.cluster, *set->spec.selector, pod)) {
      Runtime::enqueue(turn, row, cause);
    }
  }
}

void observe_orphan(Turn& turn, const Pod* before, const Pod& pod, const WatchEvent& event) {
  const bool labels_changed =
      before != nullptr && (before->label_set != pod.label_set || before->revision != pod.revision);
  const bool owner_changed = before != nullptr && before->owner != pod.owner;
  if (before == nullptr || labels_changed || owner_changed) {
    enqueue_matching_sets(turn, pod, event.cause);
  }
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  const Pod* pod = cluster.pods.as_of(event.row, event.version);
  const Pod* before = cluster.pods.as_of(event.row, event.version - 1);
  const bool orphan = pod != nullptr && may_be_adopted(cluster, *pod);
  if (orphan || (before != nullptr && before->owner.kind == Kind::None)) {
    keep_orphan(cluster.statefulset_controller.orphans, event.row, orphan);
  }
  if (before != nullptr && (pod == nullptr || before->owner != pod->owner)) {
    if (const Row row = resolve_owner(cluster, *before); row != kNoRow) {
      Runtime::enqueue(turn, row, event.cause);
    }
  }
  if (pod == nullptr) {
    return;
  }
  if (before == nullptr || before->owner != pod->owner) {
    remember_attempt(cluster, *pod);
  }
  if (pod->owner.kind == Kind::None) {
    observe_orphan(turn, before, *pod, event);
    return;
  }
  const Row row = resolve_owner(cluster, *pod);
  if (row == kNoRow) {
    return;
  }
  Runtime::enqueue(turn, row, event.cause);
  const StatefulSet& set = *view_of(cluster, ObserverId::ControllerManager).statefulset(row);
  if (before != nullptr && !before->ready && pod->ready && set.spec.min_ready_seconds > 0) {
    // Before 1.35 one second more against clocks that differ. Source: stateful_set.go updatePod.
    const int more = StatefulSetRules::of(cluster.features()).wakes_when_available ? 0 : 1;
    Runtime::enqueue_after(turn, row, std::chrono::seconds{set.spec.min_ready_seconds + more}, event.cause);
  }
}

}  // namespace

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::StatefulSet) {
    Runtime::enqueue(turn, event.row, event.cause);
  } else if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) { return Runtime::on_event(turn, event); }

void enqueue(Turn& turn, Row row, sim::TransitionId cause) { Runtime::enqueue(turn, row, cause); }

void restart(Turn& turn, sim::TransitionId cause) {
  Runtime::restart(turn, cause, [&](StatefulSetControllerState& state) {
    const View view = view_of(turn.cluster, ObserverId::ControllerManager);
    for (Row row = 0; row < turn.cluster.pods.extent(); ++row) {
      if (const Pod* pod = view.pod(row); pod != nullptr && may_be_adopted(turn.cluster, *pod)) {
        state.orphans.push_back(row);
      }
    }
  });
}

}  // namespace models::kubernetes::statefulset_controller

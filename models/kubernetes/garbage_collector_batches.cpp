#include "models/kubernetes/garbage_collector_batches.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/kubernetes/ownership.h"
#include "models/kubernetes/purposes.h"
#include "models/kubernetes/requests.h"

namespace models::kubernetes::garbage_collector {

void add_batch(Turn& turn, CollectionBatch batch) {
  if (batch.dependents.empty() && !batch.orphan) {
    return;
  }
  GarbageCollectorState& state = turn.cluster.garbage_collector;
  batch.number = state.next_batch++;
  const sim::Duration takes = turn.context.choices.duration(
      {batch.owner, static_cast<std::uint32_t>(Purpose::GarbageCollectorDelete), 0},
      turn.cluster.settings->profile.at(timing::Key::garbage_collector_delete));
  turn.agenda.schedule(turn.now() + takes, static_cast<std::uint32_t>(Event::GarbageCollect), batch.number, 0,
                       batch.cause);
  state.batches.push_back(std::move(batch));
}

void collect_alone(Turn& turn, Uid owner, Dependent dependent, sim::TransitionId cause) {
  CollectionBatch batch;
  batch.owner = owner;
  batch.cause = cause;
  batch.dependents.push_back(dependent);
  add_batch(turn, std::move(batch));
}

bool is_being_collected(const GarbageCollectorState& state, Uid uid) {
  return std::any_of(state.batches.begin(), state.batches.end(), [&](const CollectionBatch& batch) {
    return std::any_of(batch.dependents.begin() + batch.next, batch.dependents.end(),
                       [&](const Dependent& dependent) { return dependent.uid == uid; });
  });
}

namespace {

/// The finalizer of a deletion is taken off: the owner goes.
void remove_owner(Turn& turn, Kind kind, Row row, By by) {
  switch (kind) {
    case Kind::StatefulSet:
      remove_statefulset(turn, row, by);
      return;
    case Kind::ReplicaSet:
      remove_replicaset(turn, row, by);
      return;
    case Kind::Deployment:
      remove_deployment(turn, row, by);
      return;
    case Kind::DaemonSet:
      remove_daemonset(turn, row, by);
      return;
    default:
      remove_job(turn, row, by);
      return;
  }
}

/// An owner that waits in the foreground was looked at again, and what blocks it was asked to go if it was
/// not before: a revision that the StatefulSet controller made anew meanwhile. Source:
/// processDeletingDependentsItem, attemptToDelete of blockingDependents.
template <class T>
void collect_what_blocks(Turn& turn, const WaitingOwner& waiting, const T& owner, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  CollectionBatch batch;
  batch.owner = waiting.uid;
  batch.owner_kind = waiting.kind;
  batch.owner_row = waiting.row;
  batch.cause = cause;
  batch.dependents = dependents_of(cluster, owner);
  std::erase_if(batch.dependents, [&](const Dependent& dependent) {
    const bool asked =
        dependent.kind == Kind::PersistentVolumeClaim ||
        (dependent.kind == Kind::Pod && cluster.pods[dependent.row].meta.deleting()) ||
        (dependent.kind == Kind::ReplicaSet && cluster.replicasets[dependent.row].meta.deleting());
    return asked || is_being_collected(cluster.garbage_collector, dependent.uid);
  });
  add_batch(turn, std::move(batch));
}

/// Takes the finalizer off an owner whose dependents are gone: a request like others.
void request_removal(Turn& turn, const WaitingOwner& owner, sim::TransitionId cause) {
  if (!requests_take_time(turn.cluster)) {
    remove_owner(turn, owner.kind, owner.row, {Writer::GarbageCollector, cause});
    return;
  }
  CollectionBatch batch;
  batch.owner = owner.uid;
  batch.owner_kind = owner.kind;
  batch.owner_row = owner.row;
  batch.orphan = true;  // nothing is left to be orphaned: the owner's own turn
  batch.cause = cause;
  GarbageCollectorState& state = turn.cluster.garbage_collector;
  batch.number = state.next_batch++;
  turn.agenda.schedule(turn.now(), static_cast<std::uint32_t>(Event::GarbageCollect), batch.number, 0, cause);
  state.batches.push_back(std::move(batch));
}

}  // namespace

void end_foreground_deletions(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  std::vector<WaitingOwner>& waiting = cluster.garbage_collector.waiting_owners;
  for (std::size_t i = 0; i < waiting.size();) {
    const WaitingOwner owner = waiting[i];
    const bool there = with_owners(cluster, owner.kind, [&](const auto& store) {
      return owner_exists(store, {owner.kind, owner.row, owner.uid});
    });
    if (there && with_owners(cluster, owner.kind, [&](const auto& store) {
          return has_blocking_dependents(cluster, store[owner.row]);
        })) {
      with_owners(cluster, owner.kind,
                  [&](const auto& store) { collect_what_blocks(turn, owner, store[owner.row], cause); });
      ++i;
      continue;
    }
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
    if (there) {
      request_removal(turn, owner, cause);
    }
  }
}

namespace {

// Source: cmd/kube-controller-manager/app/core.go startGarbageCollectorController: twice the manager's 20
// requests a second, for each deletion reads the object first; burst 30.
constexpr std::int64_t kQps = 40;
constexpr std::int64_t kBurst = 30;

/// One dependent has lost its owner: delete it, unless another owner holds it or it is another's by now.
/// Source: attemptToDeleteItem. @return how the deletion went.
Outcome collect(Turn& turn, const CollectionBatch& batch, const Dependent& dependent) {
  Cluster& cluster = turn.cluster;
  const By by{Writer::GarbageCollector, batch.cause};
  const Row row = dependent.row;
  switch (dependent.kind) {
    case Kind::Pod: {
      const bool mirror = batch.owner_kind == Kind::Node;  // whose owner is no controller of the model
      if (!cluster.pods.exists(row) || cluster.pods[row].meta.uid != dependent.uid ||
          (!mirror && cluster.pods[row].owner.uid != batch.owner)) {
        return Outcome::Ok;
      }
      if (batch.orphan) {
        return set_pod_owner(turn, row, {}, by).outcome;
      }
      return cluster.pods[row].meta.deleting() ? Outcome::Ok : delete_pod(turn, row, by).outcome;
    }
    case Kind::PersistentVolumeClaim: {
      if (!cluster.claims.exists(row) || cluster.claims[row].meta.uid != dependent.uid) {
        return Outcome::Ok;
      }
      const PersistentVolumeClaim& claim = cluster.claims[row];
      const bool by_set = claim.owner_set == batch.owner;
      if (!by_set && claim.owner_pod != batch.owner) {
        return Outcome::Ok;
      }
      const bool held = by_set ? claim.owner_pod != 0 && pod_exists(cluster, claim, claim.owner_pod)
                               : claim.owner_set != 0 && set_exists(cluster, claim.owner_set);
      if (held || batch.orphan) {
        return update<PersistentVolumeClaim>(turn, row, by, Verb::Update,
                                             [&](PersistentVolumeClaim& changed) {
                                               (by_set ? changed.owner_set : changed.owner_pod) = 0;
                                             })
            .outcome;
      }
      return claim.meta.deleting() ? Outcome::Ok : delete_claim(turn, row, by).outcome;
    }
    case Kind::ControllerRevision: {
      if (!cluster.revisions.exists(row) || cluster.revisions[row].meta.uid != dependent.uid) {
        return Outcome::Ok;
      }
      if (batch.orphan) {
        return update<ControllerRevision>(turn, row, by, Verb::Update,
                                          [](ControllerRevision& revision) { revision.owner = {}; })
            .outcome;
      }
      return delete_revision(turn, row, by).outcome;
    }
    case Kind::ReplicaSet: {
      if (!cluster.replicasets.exists(row) || cluster.replicasets[row].meta.uid != dependent.uid ||
          cluster.replicasets[row].owner.uid != batch.owner) {
        return Outcome::Ok;
      }
      if (batch.orphan) {
        return update<ReplicaSet>(turn, row, by, Verb::Update, [](ReplicaSet& set) { set.owner = {}; })
            .outcome;
      }
      // Source: attemptToDeleteItem: dependents of an owner in foreground deletion that block it are deleted
      // likewise.
      const bool foreground = batch.owner_kind == Kind::Deployment &&
                              cluster.deployments.exists(batch.owner_row) &&
                              cluster.deployments[batch.owner_row].meta.uid == batch.owner;
      return cluster.replicasets[row].meta.deleting()
                 ? Outcome::Ok
                 : delete_replicaset(turn, row, by,
                                     foreground ? Propagation::Foreground : Propagation::Background)
                       .outcome;
    }
    case Kind::Job:
      return cluster.jobs.exists(row) && cluster.jobs[row].meta.uid == dependent.uid
                 ? delete_job(turn, row, by).outcome
                 : Outcome::Ok;
    default:
      return Outcome::Ok;
  }
}

/// The owner's turn, when all of its dependents were looked at.
void end_batch(Turn& turn, std::size_t position) {
  GarbageCollectorState& state = turn.cluster.garbage_collector;
  const CollectionBatch batch = std::move(state.batches[position]);
  state.batches.erase(state.batches.begin() + static_cast<std::ptrdiff_t>(position));
  if (batch.orphan) {
    remove_owner(turn, batch.owner_kind, batch.owner_row, {Writer::GarbageCollector, batch.cause});
  } else if (!state.waiting_owners.empty()) {
    end_foreground_deletions(turn, batch.cause);
  }
}

sim::Subject subject_of(const Cluster& cluster, const Dependent& dependent) {
  const auto of = [&](const Meta& meta) {
    return sim::Subject{static_cast<std::uint32_t>(dependent.kind), meta.name_space, meta.name, -1, 0};
  };
  switch (dependent.kind) {
    case Kind::Pod:
      return kubernetes::subject_of(cluster.pods[dependent.row]);
    case Kind::PersistentVolumeClaim:
      return of(cluster.claims[dependent.row].meta);
    case Kind::ControllerRevision:
      return of(cluster.revisions[dependent.row].meta);
    case Kind::Job:
      return of(cluster.jobs[dependent.row].meta);
    case Kind::ReplicaSet:
      return of(cluster.replicasets[dependent.row].meta);
    default:
      return {};
  }
}

sim::Duration latency(Turn& turn, const CollectionBatch& batch, const Dependent& dependent) {
  return request_latency(turn, subject_of(turn.cluster, dependent),
                         batch.orphan ? Purpose::RequestUpdate : Purpose::RequestDelete,
                         static_cast<std::uint32_t>(batch.owner));
}

/// The owner's finalizer is taken off by a request of its own. Source: removeFinalizer.
sim::Duration owner_latency(Turn& turn, const CollectionBatch& batch) {
  sim::Subject subject{static_cast<std::uint32_t>(batch.owner_kind), 0, 0, -1, 0};
  with_owners(turn.cluster, batch.owner_kind, [&](const auto& store) {
    subject.name_space = store[batch.owner_row].meta.name_space;
    subject.name = store[batch.owner_row].meta.name;
  });
  return request_latency(turn, subject, Purpose::RequestDelete, static_cast<std::uint32_t>(batch.owner));
}

/// Where requests take time: the collector's workers (--concurrent-gc-syncs, 20) send them side by side.
void send_all(Turn& turn, CollectionBatch& batch) {
  GarbageCollectorState& state = turn.cluster.garbage_collector;
  std::vector<std::pair<sim::Time, Dependent>> sent;
  sent.reserve(batch.dependents.size());
  for (const Dependent& dependent : batch.dependents) {
    state.client.reserve(turn.now(), kQps, kBurst);  // reads the object
    const sim::Time granted = state.client.reserve(turn.now(), kQps, kBurst);
    sent.emplace_back(granted + latency(turn, batch, dependent), dependent);
  }
  std::stable_sort(sent.begin(), sent.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < sent.size(); ++i) {
    batch.due.push_back(sent[i].first);
    batch.dependents[i] = sent[i].second;
  }
}

/// The same as `work_on` where requests take time.
void work_in_time(Turn& turn, std::size_t position) {
  GarbageCollectorState& state = turn.cluster.garbage_collector;
  if (state.batches[position].due.empty()) {
    send_all(turn, state.batches[position]);
  }
  while (state.batches[position].next < state.batches[position].dependents.size()) {
    CollectionBatch& batch = state.batches[position];
    if (const sim::Time at = batch.due[batch.next]; at > turn.now()) {
      turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::GarbageCollect), batch.number, 0,
                           batch.cause);
      return;
    }
    const Dependent dependent = batch.dependents[batch.next++];
    if (collect(turn, batch, dependent) == Outcome::Error) {
      CollectionBatch& again = state.batches[position];
      again.due.push_back(std::max(again.due.back(), turn.now() + latency(turn, again, dependent)));
      again.dependents.push_back(dependent);
    }
  }
  if (CollectionBatch& batch = state.batches[position]; batch.orphan) {
    if (batch.due.size() == batch.dependents.size()) {
      batch.due.push_back(turn.now() + owner_latency(turn, batch));
    }
    if (batch.due.back() > turn.now()) {
      turn.agenda.schedule(batch.due.back(), static_cast<std::uint32_t>(Event::GarbageCollect), batch.number,
                           0, batch.cause);
      return;
    }
  }
  end_batch(turn, position);
}

}  // namespace

void work_on(Turn& turn, std::size_t position) {
  if (requests_take_time(turn.cluster)) {
    work_in_time(turn, position);
    return;
  }
  GarbageCollectorState& state = turn.cluster.garbage_collector;
  while (state.batches[position].next < state.batches[position].dependents.size()) {
    CollectionBatch& batch = state.batches[position];
    if (!batch.granted) {
      state.client.reserve(turn.now(), kQps, kBurst);  // reads the object
      const sim::Time at = state.client.reserve(turn.now(), kQps, kBurst);
      if (at > turn.now()) {
        batch.granted = true;
        turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::GarbageCollect), batch.number, 0,
                             batch.cause);
        return;
      }
    }
    batch.granted = false;
    const Dependent dependent = batch.dependents[batch.next++];
    if (collect(turn, batch, dependent) == Outcome::Error) {
      state.batches[position].dependents.push_back(dependent);  // queued again, behind the others
    }
  }
  end_batch(turn, position);
}

}  // namespace models::kubernetes::garbage_collector

#include "models/kubernetes/garbage_collector.h"

#include <algorithm>

#include "models/kubernetes/claim_controller.h"
#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/purposes.h"
#include "models/kubernetes/requests.h"

namespace models::kubernetes::garbage_collector {

namespace {

// Source: cmd/kube-controller-manager/app/core.go startGarbageCollectorController: twice the manager's 20
// requests a second, for each deletion reads the object first; burst 30.
constexpr std::int64_t kQps = 40;
constexpr std::int64_t kBurst = 30;

template <class T>
bool owner_exists(const Store<T>& store, const OwnerRef& owner) {
  return store.exists(owner.row) && store[owner.row].meta.uid == owner.uid;
}

bool owner_exists(const Cluster& cluster, const OwnerRef& owner) {
  switch (owner.kind) {
    case Kind::StatefulSet:
      return owner_exists(cluster.statefulsets, owner);
    case Kind::Job:
      return owner_exists(cluster.jobs, owner);
    case Kind::ReplicaSet:
      return owner_exists(cluster.replicasets, owner);
    case Kind::Deployment:
      return owner_exists(cluster.deployments, owner);
    case Kind::DaemonSet:
      return owner_exists(cluster.daemonsets, owner);
    default:
      return true;  // kept elsewhere, which says when it goes
  }
}

bool set_exists(const Cluster& cluster, Uid uid) {
  for (Row row = 0; row < cluster.statefulsets.extent(); ++row) {
    if (cluster.statefulsets.exists(row) && cluster.statefulsets[row].meta.uid == uid) {
      return true;
    }
  }
  return false;
}

bool pod_exists(const Cluster& cluster, const PersistentVolumeClaim& claim, Uid uid) {
  const Row row = claim_controller::pod_of(cluster, claim);
  return row != kNoRow && cluster.pods[row].meta.uid == uid ? true : cluster.find_pod_by_uid(uid) != kNoRow;
}

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

/// What the owner at `row` (which may just have been removed) leaves: pods first, then revisions, then
/// claims.
template <class T>
std::vector<Dependent> dependents_of(const Cluster& cluster, const T& owner) {
  const Uid uid = owner.meta.uid;
  std::vector<Dependent> dependents;
  if constexpr (requires { owner.pods_head; }) {
    for (Row row = owner.pods_head; row != kNoRow; row = cluster.pods[row].owner_next) {
      if (cluster.pods.exists(row) && cluster.pods[row].owner.uid == uid) {
        dependents.push_back({Kind::Pod, row, cluster.pods[row].meta.uid});
      }
    }
    std::reverse(dependents.begin(), dependents.end());  // the list begins with the newest
  } else {
    for (Row row = 0; row < cluster.replicasets.extent(); ++row) {
      if (cluster.replicasets.exists(row) && cluster.replicasets[row].owner.uid == uid) {
        dependents.push_back({Kind::ReplicaSet, row, cluster.replicasets[row].meta.uid});
      }
    }
  }
  for (Row row = 0; row < cluster.revisions.extent(); ++row) {
    if (cluster.revisions.exists(row) && cluster.revisions[row].owner.uid == uid) {
      dependents.push_back({Kind::ControllerRevision, row, cluster.revisions[row].meta.uid});
    }
  }
  for (Row row = 0; row < cluster.claims.extent(); ++row) {
    if (cluster.claims.exists(row) && cluster.claims[row].owner_set == uid) {
      dependents.push_back({Kind::PersistentVolumeClaim, row, cluster.claims[row].meta.uid});
    }
  }
  return dependents;
}

/// Whether a dependent keeps a foreground deletion waiting: those with blockOwnerDeletion, which claims lack.
template <class T>
bool has_blocking_dependents(const Cluster& cluster, const T& owner) {
  const std::vector<Dependent> dependents = dependents_of(cluster, owner);
  return std::any_of(dependents.begin(), dependents.end(), [](const Dependent& dependent) {
    return dependent.kind != Kind::PersistentVolumeClaim;
  });
}

/// Calls `visit(store)` with the store of an owner's kind.
template <class Visit>
auto with_owners(const Cluster& cluster, Kind kind, Visit&& visit) {
  switch (kind) {
    case Kind::StatefulSet:
      return visit(cluster.statefulsets);
    case Kind::ReplicaSet:
      return visit(cluster.replicasets);
    case Kind::Deployment:
      return visit(cluster.deployments);
    case Kind::DaemonSet:
      return visit(cluster.daemonsets);
    default:
      return visit(cluster.jobs);
  }
}

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

/// Whether a request about the dependent is under way.
bool is_being_collected(const GarbageCollectorState& state, Uid uid) {
  return std::any_of(state.batches.begin(), state.batches.end(), [&](const CollectionBatch& batch) {
    return std::any_of(batch.dependents.begin() + batch.next, batch.dependents.end(),
                       [&](const Dependent& dependent) { return dependent.uid == uid; });
  });
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

/// Ends foreground deletions whose dependents are gone. Source: processDeletingDependentsItem.
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

/// A set or Job is deleted: removed already, or kept by a finalizer until its dependents are dealt with.
template <class T>
void observe_owner(Turn& turn, const WatchEvent& event, const Store<T>& store) {
  const T& owner = store[event.row];
  CollectionBatch batch;
  batch.owner = owner.meta.uid;
  batch.owner_kind = event.kind;
  batch.owner_row = event.row;
  batch.cause = event.cause;
  if (event.type == WatchType::Deleted) {
    batch.dependents = dependents_of(turn.cluster, owner);
    add_batch(turn, std::move(batch));
    return;
  }
  const T* seen = store.as_of(event.row, event.version);
  const T* before = event.type == WatchType::Added ? nullptr : store.as_of(event.row, event.version - 1);
  if (seen == nullptr || seen->propagation == DeletionFinalizer::None ||
      (before != nullptr && before->propagation == seen->propagation)) {
    return;
  }
  batch.orphan = seen->propagation == DeletionFinalizer::Orphan;
  batch.dependents = dependents_of(turn.cluster, owner);
  if (!batch.orphan) {
    std::erase_if(batch.dependents,
                  [](const Dependent& dependent) { return dependent.kind == Kind::PersistentVolumeClaim; });
    turn.cluster.garbage_collector.waiting_owners.push_back({event.kind, event.row, batch.owner});
  }
  const bool nothing_to_wait_for = batch.dependents.empty() && !batch.orphan;
  add_batch(turn, std::move(batch));
  if (nothing_to_wait_for) {
    end_foreground_deletions(turn, event.cause);
  }
}

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

// ---------------------------------------------------------------------------------------------------------
// Single dependents

void collect_alone(Turn& turn, Uid owner, Dependent dependent, sim::TransitionId cause) {
  CollectionBatch batch;
  batch.owner = owner;
  batch.cause = cause;
  batch.dependents.push_back(dependent);
  add_batch(turn, std::move(batch));
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  GarbageCollectorState& state = cluster.garbage_collector;
  if (event.type == WatchType::Added) {
    const Pod& pod = cluster.pods[event.row];
    if (pod.owner.kind != Kind::None && !owner_exists(cluster, pod.owner) && cluster.pods.exists(event.row)) {
      collect_alone(turn, pod.owner.uid, {Kind::Pod, event.row, pod.meta.uid}, event.cause);
    }
    return;
  }
  if (event.type != WatchType::Deleted) {
    return;
  }
  if (!state.claims_of_pods.empty()) {
    const Uid uid = cluster.pods[event.row].meta.uid;
    auto first = std::lower_bound(state.claims_of_pods.begin(), state.claims_of_pods.end(), uid,
                                  [](const ClaimOfPod& known, Uid pod) { return known.pod < pod; });
    CollectionBatch batch;
    batch.owner = uid;
    batch.owner_kind = Kind::Pod;
    batch.cause = event.cause;
    auto last = first;
    for (; last != state.claims_of_pods.end() && last->pod == uid; ++last) {
      if (cluster.claims.exists(last->claim)) {
        batch.dependents.push_back(
            {Kind::PersistentVolumeClaim, last->claim, cluster.claims[last->claim].meta.uid});
      }
    }
    state.claims_of_pods.erase(first, last);
    add_batch(turn, std::move(batch));
  }
  if (!state.waiting_owners.empty()) {
    end_foreground_deletions(turn, event.cause);
  }
}

void observe_claim(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  std::vector<ClaimOfPod>& known = cluster.garbage_collector.claims_of_pods;
  const PersistentVolumeClaim* claim =
      event.type == WatchType::Deleted ? nullptr : cluster.claims.as_of(event.row, event.version);
  const Uid pod = claim == nullptr ? 0 : claim->owner_pod;
  const auto same = std::find_if(known.begin(), known.end(),
                                 [&](const ClaimOfPod& of_pod) { return of_pod.claim == event.row; });
  if (same != known.end()) {
    if (same->pod == pod) {
      return;
    }
    known.erase(same);
  }
  if (pod != 0) {
    if (!pod_exists(cluster, *claim, pod)) {
      collect_alone(turn, pod, {Kind::PersistentVolumeClaim, event.row, claim->meta.uid}, event.cause);
      return;
    }
    const ClaimOfPod added{pod, event.row};
    known.insert(std::upper_bound(known.begin(), known.end(), added,
                                  [](const ClaimOfPod& a, const ClaimOfPod& b) { return a.pod < b.pod; }),
                 added);
  }
}

/// A revision that is made while its owner waits in the foreground (the StatefulSet controller makes the one
/// that it misses even then) is not looked at before the owner is again; one whose owner is gone is
/// collected. Source: graph_builder.go processGraphChanges, insertNode, removeNode.
void observe_revision(Turn& turn, const WatchEvent& event) {
  const Cluster& cluster = turn.cluster;
  if (event.type == WatchType::Deleted) {
    if (!cluster.garbage_collector.waiting_owners.empty()) {
      end_foreground_deletions(turn, event.cause);
    }
    return;
  }
  if (event.type != WatchType::Added || !cluster.revisions.exists(event.row)) {
    return;
  }
  const ControllerRevision& revision = cluster.revisions[event.row];
  if (revision.owner.kind != Kind::None && !owner_exists(cluster, revision.owner) &&
      !is_being_collected(cluster.garbage_collector, revision.meta.uid)) {
    collect_alone(turn, revision.owner.uid, {Kind::ControllerRevision, event.row, revision.meta.uid},
                  event.cause);
  }
}

/// A mirror pod is owned by its Node. Source: pkg/kubelet/pod/mirror_client.go CreateMirrorPod.
void observe_node(Turn& turn, const WatchEvent& event) {
  const Cluster& cluster = turn.cluster;
  if (event.type != WatchType::Deleted) {
    return;
  }
  CollectionBatch batch;
  batch.owner = cluster.nodes[event.row].meta.uid;
  batch.owner_kind = Kind::Node;
  batch.owner_row = event.row;
  batch.cause = event.cause;
  for (const Row row : pods_on_node(cluster, event.row)) {
    if (cluster.pods[row].static_pod) {
      batch.dependents.push_back({Kind::Pod, row, cluster.pods[row].meta.uid});
    }
  }
  add_batch(turn, std::move(batch));
}

}  // namespace

void observe(Turn& turn, const WatchEvent& event) {
  switch (event.kind) {
    case Kind::Node:
      observe_node(turn, event);
      return;
    case Kind::Pod:
      observe_pod(turn, event);
      return;
    case Kind::StatefulSet:
      observe_owner(turn, event, turn.cluster.statefulsets);
      return;
    case Kind::Job:
      observe_owner(turn, event, turn.cluster.jobs);
      return;
    case Kind::ReplicaSet:
      observe_owner(turn, event, turn.cluster.replicasets);
      if (event.type == WatchType::Deleted && !turn.cluster.garbage_collector.waiting_owners.empty()) {
        end_foreground_deletions(turn, event.cause);
      }
      return;
    case Kind::Deployment:
      observe_owner(turn, event, turn.cluster.deployments);
      return;
    case Kind::DaemonSet:
      observe_owner(turn, event, turn.cluster.daemonsets);
      return;
    case Kind::PersistentVolumeClaim:
      observe_claim(turn, event);
      return;
    case Kind::ControllerRevision:
      observe_revision(turn, event);
      return;
    default:
      return;
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) != Event::GarbageCollect) {
    return false;
  }
  const std::vector<CollectionBatch>& batches = turn.cluster.garbage_collector.batches;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    if (batches[i].number == event.subject) {
      work_on(turn, i);
      break;
    }
  }
  return true;
}

void owner_removed(Turn& turn, Kind kind, Uid uid, sim::TransitionId cause) {
  const Cluster& cluster = turn.cluster;
  CollectionBatch batch;
  batch.owner = uid;
  batch.owner_kind = kind;
  batch.cause = cause;
  for (Row row = 0; row < cluster.jobs.extent(); ++row) {
    if (cluster.jobs.exists(row) && cluster.jobs[row].owner.uid == uid) {
      batch.dependents.push_back({Kind::Job, row, cluster.jobs[row].meta.uid});
    }
  }
  add_batch(turn, std::move(batch));
}

void restart(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const std::uint32_t next_batch =
      cluster.garbage_collector.next_batch;  // events of old batches must find nothing
  cluster.garbage_collector = {};
  cluster.garbage_collector.next_batch = next_batch;
  const auto look_at_all = [&](const auto& store, Kind kind) {
    for (Row row = 0; row < store.extent(); ++row) {
      if (store.exists(row)) {
        observe_owner(turn, {turn.now(), cluster.resource_version, row, cause, kind, WatchType::Added},
                      store);
      }
    }
  };
  look_at_all(cluster.statefulsets, Kind::StatefulSet);
  look_at_all(cluster.jobs, Kind::Job);
  look_at_all(cluster.deployments, Kind::Deployment);
  look_at_all(cluster.replicasets, Kind::ReplicaSet);
  look_at_all(cluster.daemonsets, Kind::DaemonSet);
  for (Row row = 0; row < cluster.replicasets.extent(); ++row) {
    const bool lost = cluster.replicasets.exists(row) && cluster.replicasets[row].owner.kind != Kind::None &&
                      !owner_exists(cluster, cluster.replicasets[row].owner);
    if (lost) {
      collect_alone(turn, cluster.replicasets[row].owner.uid,
                    {Kind::ReplicaSet, row, cluster.replicasets[row].meta.uid}, cause);
    }
  }
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (cluster.pods.exists(row)) {
      observe_pod(turn, {turn.now(), cluster.resource_version, row, cause, Kind::Pod, WatchType::Added});
    }
  }
  for (Row row = 0; row < cluster.claims.extent(); ++row) {
    if (!cluster.claims.exists(row)) {
      continue;
    }
    const PersistentVolumeClaim& claim = cluster.claims[row];
    observe_claim(turn, {turn.now(), cluster.resource_version, row, cause, Kind::PersistentVolumeClaim,
                         WatchType::Added});
    if (claim.owner_set != 0 && !set_exists(cluster, claim.owner_set)) {
      collect_alone(turn, claim.owner_set, {Kind::PersistentVolumeClaim, row, claim.meta.uid}, cause);
    }
  }
  for (Row row = 0; row < cluster.revisions.extent(); ++row) {
    if (cluster.revisions.exists(row) && cluster.revisions[row].owner.kind != Kind::None &&
        !owner_exists(cluster, cluster.revisions[row].owner)) {
      collect_alone(turn, cluster.revisions[row].owner.uid,
                    {Kind::ControllerRevision, row, cluster.revisions[row].meta.uid}, cause);
    }
  }
}

}  // namespace models::kubernetes::garbage_collector

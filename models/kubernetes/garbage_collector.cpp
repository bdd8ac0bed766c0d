#include "models/kubernetes/garbage_collector.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/kubernetes/garbage_collector_batches.h"
#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/ownership.h"

namespace models::kubernetes::garbage_collector {

namespace {

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

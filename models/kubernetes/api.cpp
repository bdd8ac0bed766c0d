#include "models/kubernetes/api.h"

#include <algorithm>
#include <chrono>
#include <type_traits>

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/ordinal_names.h"
#include "models/kubernetes/requests.h"
#include "models/kubernetes/upstream_rules.h"
#include "sim/require.h"

namespace models::kubernetes {

namespace {

/// Gives a new object its identity and tells of its creation.
template <class T>
WriteResult store_new(Turn& turn, T object, const sim::Subject& subject, By by) {
  Cluster& cluster = turn.cluster;
  object.meta.uid = cluster.next_uid++;
  object.meta.resource_version = ++cluster.resource_version;
  object.meta.previous = 0;
  if (by.writer != Writer::Setup) {
    object.meta.created = turn.now();
  }
  turn.context.history.introduce(object.meta.uid, subject);
  const Uid uid = object.meta.uid;
  const Row row = detail::StoreOf<T>::get(cluster).insert(std::move(object));
  cluster.row_of_uid.resize(cluster.next_uid, kNoRow);
  cluster.row_of_uid[uid] = row;
  const sim::TransitionId transition = emit(turn, uid, Field::Created, by);
  detail::publish(turn, detail::StoreOf<T>::kind, WatchType::Added, row, transition);
  return {Outcome::Ok, row, transition};
}

template <class T>
WriteResult create_plain(Turn& turn, T object, By by) {
  if (write_fails(turn, detail::StoreOf<T>::kind, Verb::Create)) {
    return {Outcome::Error};
  }
  const sim::Subject subject{static_cast<std::uint32_t>(detail::StoreOf<T>::kind), object.meta.name_space,
                             object.meta.name, -1, 0};
  return store_new(turn, std::move(object), subject, by);
}

/// Marks an object as gone; observers still see it until they have received that.
template <class T>
WriteResult remove_object(Turn& turn, Row row, By by) {
  auto& store = detail::StoreOf<T>::get(turn.cluster);
  T& object = store.begin_write(row, ++turn.cluster.resource_version);
  if constexpr (std::is_same_v<T, Pod>) {
    detail::recount(turn.cluster, object.owner, counts_of(object), {});
  }
  object.meta.removed = true;
  const sim::TransitionId transition = emit(turn, object.meta.uid, Field::Removed, by);
  if constexpr (!std::is_same_v<T, Node>) {  // pods that are bound to a node refer to its row even when it is
                                             // gone
    store.bury(row);
  }
  detail::publish(turn, detail::StoreOf<T>::kind, WatchType::Deleted, row, transition);
  return {Outcome::Ok, row, transition};
}

/// What an owner knows of the pods that it controls.
struct OwnedPods {
  Row* head = nullptr;
  PodCounts* counts = nullptr;
};

template <class T>
OwnedPods owned_pods(Store<T>& store, const OwnerRef& owner) {
  if (!store.alive(owner.row) || store[owner.row].meta.uid != owner.uid) {
    return {};
  }
  T& object = store[owner.row];
  return {&object.pods_head, &object.pod_counts};
}

/// Null pointers for owners that keep no list.
OwnedPods owned_pods(Cluster& cluster, const OwnerRef& owner) {
  switch (owner.kind) {
    case Kind::StatefulSet:
      return owned_pods(cluster.statefulsets, owner);
    case Kind::Job:
      return owned_pods(cluster.jobs, owner);
    case Kind::ReplicaSet:
      return owned_pods(cluster.replicasets, owner);
    case Kind::DaemonSet:
      return owned_pods(cluster.daemonsets, owner);
    default:
      return {};
  }
}

void link_owner(Cluster& cluster, Row row) {
  Pod& pod = cluster.pods[row];
  if (Row* head = owned_pods(cluster, pod.owner).head) {
    pod.owner_previous = kNoRow;
    pod.owner_next = *head;
    if (*head != kNoRow) {
      cluster.pods[*head].owner_previous = row;
    }
    *head = row;
  }
  detail::recount(cluster, pod.owner, {}, counts_of(pod));
}

void unlink_owner(Cluster& cluster, Row row) {
  Pod& pod = cluster.pods[row];
  detail::recount(cluster, pod.owner, counts_of(pod), {});
  if (pod.owner_next != kNoRow) {
    cluster.pods[pod.owner_next].owner_previous = pod.owner_previous;
  }
  if (pod.owner_previous != kNoRow) {
    cluster.pods[pod.owner_previous].owner_next = pod.owner_next;
  } else if (Row* head = owned_pods(cluster, pod.owner).head; head != nullptr && *head == row) {
    *head = pod.owner_next;
  }
  pod.owner_next = pod.owner_previous = kNoRow;
}

void link_node(Cluster& cluster, Row row) {
  Pod& pod = cluster.pods[row];
  if (pod.node == kNoRow || !cluster.nodes.alive(pod.node)) {
    return;
  }
  Row& head = cluster.nodes[pod.node].pods_head;
  pod.node_previous = kNoRow;
  pod.node_next = head;
  if (head != kNoRow) {
    cluster.pods[head].node_previous = row;
  }
  head = row;
}

void unlink_node(Cluster& cluster, Row row) {
  Pod& pod = cluster.pods[row];
  if (pod.node_next != kNoRow) {
    cluster.pods[pod.node_next].node_previous = pod.node_previous;
  }
  if (pod.node_previous != kNoRow) {
    cluster.pods[pod.node_previous].node_next = pod.node_next;
  } else if (pod.node != kNoRow && cluster.nodes.alive(pod.node) &&
             cluster.nodes[pod.node].pods_head == row) {
    cluster.nodes[pod.node].pods_head = pod.node_next;
  }
  pod.node_next = pod.node_previous = kNoRow;
}

bool has_ordinal_name(const Pod& pod) { return pod.meta.name == 0 && pod.suffix == 0 && pod.index >= 0; }

bool quota_exceeded(const Cluster& cluster, Text name_space) {
  for (const PodQuota& quota : cluster.pod_quotas) {
    if (quota.name_space != name_space) {
      continue;
    }
    // Source: quota evaluator core/pods.go: terminal pods do not count.
    std::int32_t used = 0;
    for (Row row = 0; row < cluster.pods.extent(); ++row) {
      used += cluster.pods.exists(row) && cluster.pods[row].meta.name_space == name_space &&
                      !cluster.pods[row].terminal()
                  ? 1
                  : 0;
    }
    if (used >= quota.pods) {
      return true;
    }
  }
  return false;
}

/// Takes a removed pod that every observer has seen go out of the lists.
void forget_pod(Cluster& cluster, Row row) {
  detail::forget_filed_pod(cluster, row);
  unlink_owner(cluster, row);
  unlink_node(cluster, row);
  cluster.containers.release(cluster.pods[row].containers,
                             cluster.template_of(cluster.pods[row]).containers.size());
}

}  // namespace

sim::TransitionId emit(Turn& turn, Uid subject, Field field, By by, std::int32_t from, std::int32_t to,
                       std::uint32_t detail) {
  return turn.context.history.emit({turn.now(), subject, static_cast<std::uint16_t>(field),
                                    static_cast<std::uint16_t>(by.writer), from, to, detail, by.cause});
}

sim::TransitionId emit_text(Turn& turn, Uid subject, Field field, By by, std::string text) {
  return emit(turn, subject, field, by, 0, 0, turn.context.history.text(std::move(text)));
}

bool write_fails(Turn& turn, Kind kind, Verb verb) {
  for (WriteFault& fault : turn.cluster.write_faults) {
    if (fault.kind != kind || fault.verb != static_cast<std::uint8_t>(verb) || fault.times == 0) {
      continue;
    }
    if (fault.skip > 0) {
      --fault.skip;
      return false;
    }
    --fault.times;
    return true;
  }
  return false;
}

sim::Duration watch_latency(const Cluster& cluster) {
  return cluster.settings->profile.at(timing::Key::watch_latency).nominal();
}

namespace detail {

void recount(Cluster& cluster, const OwnerRef& owner, PodCounts before, PodCounts after) {
  if (before == after) {
    return;
  }
  if (PodCounts* counts = owned_pods(cluster, owner).counts) {
    counts->running += after.running - before.running;
    counts->ready += after.ready - before.ready;
  }
}

void publish(Turn& turn, Kind kind, WatchType type, Row row, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const bool added = type == WatchType::Added;
  if (kind == Kind::Pod) {
    note_pod_written(cluster, row, added ? nullptr : &cluster.pods.last_kept());
    file_pod_state(cluster.pod_index, row, cluster.pods[row], type != WatchType::Deleted);
  } else if (kind == Kind::PodDisruptionBudget) {
    note_budget_written(cluster, row, added ? nullptr : &cluster.budgets.last_kept());
  } else if (kind == Kind::ReplicaSet) {
    file_replicaset(cluster.replicaset_index, row, cluster.replicasets[row].owner);
  } else if (kind == Kind::ControllerRevision) {
    file_revision(cluster.revision_index, row, cluster.revisions[row].owner);
  }
  cluster.watch_log.append({turn.now(), cluster.resource_version, row, cause, kind, type});
  for (std::size_t i = 0; i < kObservers; ++i) {
    Observer& observer = cluster.observers[i];
    if (!observer.scheduled) {
      observer.scheduled = true;
      turn.agenda.schedule(turn.now() + watch_latency(cluster), static_cast<std::uint32_t>(Event::Deliver),
                           static_cast<std::uint32_t>(i), 0, cause);
    }
  }
}

const WatchEvent* next_delivery(Turn& turn, ObserverId id) {
  Cluster& cluster = turn.cluster;
  Observer& observer = cluster.observers[static_cast<std::size_t>(id)];
  if (observer.position == cluster.watch_log.end()) {
    return nullptr;
  }
  const WatchEvent& event = cluster.watch_log[observer.position];
  if (event.at + watch_latency(cluster) > turn.now()) {
    return nullptr;
  }
  ++observer.position;
  observer.seen = event.version;
  return &event;
}

namespace {

/// Forgets what lies before `position` in the log, and the versions that were replaced by `seen`.
void trim(Cluster& cluster, std::uint64_t position, Version seen) {
  cluster.watch_log.trim(position);
  const auto nothing = [](Row) {};
  cluster.pods.trim(seen, [&](Row row) { forget_pod(cluster, row); });
  cluster.nodes.trim(seen, nothing);
  cluster.statefulsets.trim(seen, nothing);
  cluster.jobs.trim(seen, nothing);
  cluster.claims.trim(seen, nothing);
  cluster.revisions.trim(seen, [&](Row row) {
    forget_filed_revision(cluster.revision_index, row, cluster.revisions[row].owner);
  });
  cluster.replicasets.trim(seen, [&](Row row) {
    forget_filed_replicaset(cluster.replicaset_index, row, cluster.replicasets[row].owner);
  });
  cluster.deployments.trim(seen, nothing);
  cluster.daemonsets.trim(seen, nothing);
  cluster.budgets.trim(seen, nothing);
}

}  // namespace

void end_delivery(Turn& turn, ObserverId id) {
  Cluster& cluster = turn.cluster;
  Observer& observer = cluster.observers[static_cast<std::size_t>(id)];
  observer.scheduled = observer.position != cluster.watch_log.end();
  if (observer.scheduled) {
    const WatchEvent& next = cluster.watch_log[observer.position];
    turn.agenda.schedule(next.at + watch_latency(cluster), static_cast<std::uint32_t>(Event::Deliver),
                         static_cast<std::uint32_t>(id), 0, next.cause);
  }
  std::uint64_t position = cluster.watch_log.end();
  Version seen = cluster.resource_version;
  for (const Observer& other : cluster.observers) {
    if (other.position < cluster.watch_log.end()) {
      position = std::min(position, other.position);
      seen = std::min(seen, other.seen);
    }
  }
  if (seen != cluster.trimmed) {  // else an observer is where it was, and needs what it needed
    cluster.trimmed = seen;
    trim(cluster, position, seen);
  }
}

void forget_what_was_seen(Cluster& cluster) {
  for (Observer& observer : cluster.observers) {
    observer = {cluster.watch_log.end(), cluster.resource_version, true};
  }
  trim(cluster, cluster.watch_log.end(), cluster.resource_version);
}

void link_owner_silently(Cluster& cluster, Row pod, OwnerRef owner) {
  unlink_owner(cluster, pod);
  cluster.pods[pod].owner = owner;
  link_owner(cluster, pod);
}

void link_node_silently(Cluster& cluster, Row pod, Row node) {
  unlink_node(cluster, pod);
  cluster.pods[pod].node = node;
  link_node(cluster, pod);
}

}  // namespace detail

WriteResult create_pod(Turn& turn, Pod pod, By by) {
  Cluster& cluster = turn.cluster;
  if (by.writer != Writer::Setup) {
    if (write_fails(turn, Kind::Pod, Verb::Create)) {
      return {Outcome::Error};
    }
    if (!cluster.pod_quotas.empty() && quota_exceeded(cluster, pod.meta.name_space)) {
      return {Outcome::Forbidden};
    }
  }
  Row* named = nullptr;
  if (has_ordinal_name(pod)) {
    named = &ordinal_name(cluster, pod.meta.name_space, pod.base_name, pod.index);
    if (*named != kNoRow) {
      return {Outcome::AlreadyExists, *named};
    }
  }
  const PodTemplate& pod_template = cluster.template_of(pod);
  if (pod.node == kNoRow && !pod_template.node_name.empty()) {
    pod.node = cluster.find_node(pod_template.node_name);  // spec.nodeName passes by the scheduler
  }
  pod.containers = cluster.containers.allocate(pod_template.containers.size());
  for (std::size_t i = 0; i < pod_template.containers.size(); ++i) {
    ContainerStatus& status = cluster.containers[pod.containers + i];
    status.reason = pod_template.init_containers > 0 && i >= pod_template.init_containers
                        ? ContainerReason::PodInitializing
                        : ContainerReason::ContainerCreating;
  }
  const sim::Subject subject = subject_of(pod);
  const WriteResult result = store_new(turn, std::move(pod), subject, by);
  if (named != nullptr) {
    *named = result.row;
  }
  link_owner(cluster, result.row);
  link_node(cluster, result.row);
  return result;
}

WriteResult create_statefulset(Turn& turn, StatefulSet set, By by) {
  return create_plain(turn, std::move(set), by);
}
WriteResult create_job(Turn& turn, Job job, By by) { return create_plain(turn, std::move(job), by); }
WriteResult create_revision(Turn& turn, ControllerRevision revision, By by) {
  return create_plain(turn, std::move(revision), by);
}
namespace {

/// Pods name their node: those of a node that is gone belong to one that comes under its name.
void inherit_pods(Cluster& cluster, Row row) {
  for (Row old = 0; old < cluster.nodes.extent(); ++old) {
    if (!cluster.nodes[old].meta.removed || cluster.nodes[old].meta.name != cluster.nodes[row].meta.name) {
      continue;
    }
    while (cluster.nodes[old].pods_head != kNoRow) {
      detail::link_node_silently(cluster, cluster.nodes[old].pods_head, row);
    }
  }
}

}  // namespace

WriteResult create_node(Turn& turn, Node node, By by) {
  const WriteResult result = create_plain(turn, std::move(node), by);
  if (by.writer != Writer::Setup) {  // before a scenario begins no node was deleted
    inherit_pods(turn.cluster, result.row);
  }
  return result;
}
WriteResult create_replicaset(Turn& turn, ReplicaSet set, By by) {
  return create_plain(turn, std::move(set), by);
}
WriteResult create_deployment(Turn& turn, Deployment deployment, By by) {
  return create_plain(turn, std::move(deployment), by);
}
WriteResult create_daemonset(Turn& turn, DaemonSet set, By by) {
  return create_plain(turn, std::move(set), by);
}
WriteResult create_budget(Turn& turn, PodDisruptionBudget budget, By by) {
  return create_plain(turn, std::move(budget), by);
}
WriteResult create_claim(Turn& turn, PersistentVolumeClaim claim, By by) {
  return create_plain(turn, std::move(claim), by);
}

WriteResult bind_pod(Turn& turn, Row row, Row node, By by) {
  Cluster& cluster = turn.cluster;
  if (!cluster.pods.exists(row) || !cluster.nodes.exists(node)) {
    return {Outcome::NotFound, row};
  }
  // Source: core/pod/storage.go BindingREST.setPodHostAndAnnotations.
  if (cluster.pods[row].node != kNoRow || cluster.pods[row].meta.deleting()) {
    return {Outcome::Conflict, row};
  }
  const WriteResult result = update<Pod>(turn, row, by, Verb::Update, [&](Pod& pod) {
    pod.node = node;
    pod.bound_at = turn.now();
    pod.unschedulable = false;
  });
  if (result.ok()) {
    link_node(cluster, row);
  }
  return result;
}

WriteResult set_pod_owner(Turn& turn, Row row, OwnerRef owner, By by) {
  if (!turn.cluster.pods.exists(row)) {
    return {Outcome::NotFound, row};
  }
  unlink_owner(turn.cluster, row);
  const WriteResult result = update<Pod>(turn, row, by, Verb::Update, [&](Pod& pod) { pod.owner = owner; });
  link_owner(turn.cluster, row);
  return result;
}

WriteResult delete_pod(Turn& turn, Row row, By by, std::int64_t grace_seconds) {
  Cluster& cluster = turn.cluster;
  if (!cluster.pods.exists(row)) {
    return {Outcome::NotFound, row};
  }
  if (write_fails(turn, Kind::Pod, Verb::Delete)) {
    return {Outcome::Error, row};
  }
  const Pod& before = cluster.pods[row];
  std::int64_t grace =
      grace_seconds >= 0 ? grace_seconds : cluster.template_of(before).termination_grace_seconds;
  const bool lost = before.node != kNoRow && !cluster.nodes[before.node].ready;
  if (before.node == kNoRow || before.terminal() || (lost && !stands(Rule::LostPodsKeepTheirName))) {
    grace = 0;
  }
  const std::int32_t requested = static_cast<std::int32_t>(std::min<std::int64_t>(grace, 0x7fffffff));
  if (before.meta.deleting() && requested >= before.grace_seconds && requested != 0) {
    return {Outcome::Ok, row};  // a later request can only shorten the grace period
  }
  const sim::Time deletion = turn.now() + std::chrono::seconds{requested};
  const WriteResult result = update<Pod>(turn, row, by, Verb::Delete, [&](Pod& pod) {
    pod.meta.deletion_timestamp =
        pod.meta.deleting() ? std::min(pod.meta.deletion_timestamp, deletion) : deletion;
    pod.grace_seconds = requested;
  });
  const WriteResult removal = remove_pod_if_finalized(turn, row, {by.writer, result.transition});
  return result.transition != sim::kNoTransition ? result : removal;
}

WriteResult remove_pod_if_finalized(Turn& turn, Row row, By by) {
  Cluster& cluster = turn.cluster;
  if (!cluster.pods.exists(row)) {
    return {Outcome::NotFound, row};
  }
  const Pod& pod = cluster.pods[row];
  if (!pod.meta.deleting() || pod.grace_seconds != 0 || pod.job_tracking || pod.foreign_finalizer) {
    return {Outcome::Ok, row};
  }
  if (has_ordinal_name(pod)) {
    ordinal_name(cluster, pod.meta.name_space, pod.base_name, pod.index) = kNoRow;
  }
  return remove_object<Pod>(turn, row, by);
}

namespace {

/// Deletes an owner. In the foreground it stays, deleting, until the garbage collector has removed its
/// dependents.
template <class T>
WriteResult delete_owner(Turn& turn, Row row, By by, Propagation propagation) {
  auto& store = detail::StoreOf<T>::get(turn.cluster);
  if (!store.exists(row)) {
    return {Outcome::NotFound, row};
  }
  if (write_fails(turn, detail::StoreOf<T>::kind, Verb::Delete)) {
    return {Outcome::Error, row};
  }
  if (propagation == Propagation::Background) {
    return remove_object<T>(turn, row, by);
  }
  return update<T>(turn, row, by, Verb::Delete, [&](T& object) {
    // Source: apiserver registry/rest/delete.go BeforeDelete: a request that leaves the object there counts
    // as a change of what is wanted, so that controllers observe it.
    object.meta.generation += object.meta.deleting() ? 0U : 1U;
    object.meta.deletion_timestamp = std::min(object.meta.deletion_timestamp, turn.now());
    object.propagation = propagation == Propagation::Foreground ? DeletionFinalizer::ForegroundDeletion
                                                                : DeletionFinalizer::Orphan;
  });
}

}  // namespace

WriteResult delete_statefulset(Turn& turn, Row set, By by, Propagation propagation) {
  return delete_owner<StatefulSet>(turn, set, by, propagation);
}

WriteResult delete_job(Turn& turn, Row job, By by, Propagation propagation) {
  return delete_owner<Job>(turn, job, by, propagation);
}

WriteResult remove_statefulset(Turn& turn, Row set, By by) {
  return remove_object<StatefulSet>(turn, set, by);
}
WriteResult remove_job(Turn& turn, Row job, By by) { return remove_object<Job>(turn, job, by); }

WriteResult delete_replicaset(Turn& turn, Row set, By by, Propagation propagation) {
  return delete_owner<ReplicaSet>(turn, set, by, propagation);
}
WriteResult delete_deployment(Turn& turn, Row deployment, By by, Propagation propagation) {
  return delete_owner<Deployment>(turn, deployment, by, propagation);
}
WriteResult delete_daemonset(Turn& turn, Row set, By by, Propagation propagation) {
  return delete_owner<DaemonSet>(turn, set, by, propagation);
}
WriteResult remove_replicaset(Turn& turn, Row set, By by) { return remove_object<ReplicaSet>(turn, set, by); }
WriteResult remove_deployment(Turn& turn, Row deployment, By by) {
  return remove_object<Deployment>(turn, deployment, by);
}
WriteResult remove_daemonset(Turn& turn, Row set, By by) { return remove_object<DaemonSet>(turn, set, by); }

WriteResult delete_budget(Turn& turn, Row row, By by) {
  if (!turn.cluster.budgets.exists(row)) {
    return {Outcome::NotFound, row};
  }
  if (write_fails(turn, Kind::PodDisruptionBudget, Verb::Delete)) {
    return {Outcome::Error, row};
  }
  return remove_object<PodDisruptionBudget>(turn, row, by);
}

WriteResult delete_claim(Turn& turn, Row row, By by) {
  Cluster& cluster = turn.cluster;
  if (!cluster.claims.exists(row)) {
    return {Outcome::NotFound, row};
  }
  if (write_fails(turn, Kind::PersistentVolumeClaim, Verb::Delete)) {
    return {Outcome::Error, row};
  }
  if (!cluster.claims[row].protection) {
    return remove_object<PersistentVolumeClaim>(turn, row, by);
  }
  return update<PersistentVolumeClaim>(turn, row, by, Verb::Delete, [&](PersistentVolumeClaim& claim) {
    claim.meta.deletion_timestamp = std::min(claim.meta.deletion_timestamp, turn.now());
  });
}

WriteResult remove_claim_protection(Turn& turn, Row row, By by) {
  const WriteResult result = update<PersistentVolumeClaim>(
      turn, row, by, Verb::Update, [](PersistentVolumeClaim& claim) { claim.protection = false; });
  if (result.ok() && turn.cluster.claims[row].meta.deleting()) {
    return remove_object<PersistentVolumeClaim>(turn, row, by);
  }
  return result;
}

WriteResult delete_revision(Turn& turn, Row row, By by) {
  if (!turn.cluster.revisions.exists(row)) {
    return {Outcome::NotFound, row};
  }
  if (write_fails(turn, Kind::ControllerRevision, Verb::Delete)) {
    return {Outcome::Error, row};
  }
  return remove_object<ControllerRevision>(turn, row, by);
}

WriteResult delete_node(Turn& turn, Row row, By by) {
  if (!turn.cluster.nodes.exists(row)) {
    return {Outcome::NotFound, row};
  }
  if (by.writer != Writer::Fault && write_fails(turn, Kind::Node, Verb::Delete)) {
    return {Outcome::Error, row};
  }
  return remove_object<Node>(turn, row, by);
}

}  // namespace models::kubernetes

#pragma once
// The API server: the one place where objects change. Every write is checked, stored, put into the log of
// watch events, and told as transitions, which follow from the difference between the old object and the new
// one.

#include <cstdint>
#include <type_traits>
#include <utility>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/events.h"

namespace models::kubernetes {

/// Who writes, and because of what.
struct By {
  Writer writer = Writer::None;
  sim::TransitionId cause = sim::kNoTransition;
};

struct WriteResult {
  Outcome outcome = Outcome::Ok;
  Row row = kNoRow;
  sim::TransitionId transition =
      sim::kNoTransition;  ///< the first that the write made; none if nothing changed

  [[nodiscard]] bool ok() const { return outcome == Outcome::Ok; }
};

/// Emits a transition about `subject` now.
sim::TransitionId emit(Turn& turn, Uid subject, Field field, By by, std::int32_t from = 0,
                       std::int32_t to = 0, std::uint32_t detail = 0);
/// Emits a transition with a text, e.g. an event of type Warning.
sim::TransitionId emit_text(Turn& turn, Uid subject, Field field, By by, std::string text);

/// Stores a new object. `meta.name` or the derived name, `name_space` and spec fields are set by the caller;
/// uid, resourceVersion, creation time and generation by the API. Containers of a pod are allocated (Waiting,
/// ContainerCreating) unless `pod.containers` says that they were. Links the pod with its owner and node.
/// Outcomes: AlreadyExists (a StatefulSet pod name that is taken), Forbidden (quota), Error (injected).
WriteResult create_pod(Turn& turn, Pod pod, By by);
WriteResult create_statefulset(Turn& turn, StatefulSet set, By by);
WriteResult create_job(Turn& turn, Job job, By by);
WriteResult create_claim(Turn& turn, PersistentVolumeClaim claim, By by);
WriteResult create_revision(Turn& turn, ControllerRevision revision, By by);
WriteResult create_node(Turn& turn, Node node, By by);
WriteResult create_replicaset(Turn& turn, ReplicaSet set, By by);
WriteResult create_deployment(Turn& turn, Deployment deployment, By by);
WriteResult create_daemonset(Turn& turn, DaemonSet set, By by);
WriteResult create_budget(Turn& turn, PodDisruptionBudget budget, By by);

/// Transitions for the difference between two versions of an object. @return the first one, or none.
sim::TransitionId tell_difference(Turn& turn, const Pod& before, const Pod& after, By by);
sim::TransitionId tell_difference(Turn& turn, const StatefulSet& before, const StatefulSet& after, By by);
sim::TransitionId tell_difference(Turn& turn, const Job& before, const Job& after, By by);
sim::TransitionId tell_difference(Turn& turn, const PersistentVolumeClaim& before,
                                  const PersistentVolumeClaim& after, By by);
sim::TransitionId tell_difference(Turn& turn, const Node& before, const Node& after, By by);
sim::TransitionId tell_difference(Turn& turn, const ControllerRevision& before,
                                  const ControllerRevision& after, By by);
sim::TransitionId tell_difference(Turn& turn, const ReplicaSet& before, const ReplicaSet& after, By by);
sim::TransitionId tell_difference(Turn& turn, const Deployment& before, const Deployment& after, By by);
sim::TransitionId tell_difference(Turn& turn, const DaemonSet& before, const DaemonSet& after, By by);
sim::TransitionId tell_difference(Turn& turn, const PodDisruptionBudget& before,
                                  const PodDisruptionBudget& after, By by);

/// Whether an injected failure hits this write now (and uses the failure up).
bool write_fails(Turn& turn, Kind kind, Verb verb);

namespace detail {
template <class T>
struct StoreOf;
template <>
struct StoreOf<Pod> {
  static constexpr Kind kind = Kind::Pod;
  static Store<Pod>& get(Cluster& cluster) { return cluster.pods; }
};
template <>
struct StoreOf<StatefulSet> {
  static constexpr Kind kind = Kind::StatefulSet;
  static Store<StatefulSet>& get(Cluster& cluster) { return cluster.statefulsets; }
};
template <>
struct StoreOf<Job> {
  static constexpr Kind kind = Kind::Job;
  static Store<Job>& get(Cluster& cluster) { return cluster.jobs; }
};
template <>
struct StoreOf<PersistentVolumeClaim> {
  static constexpr Kind kind = Kind::PersistentVolumeClaim;
  static Store<PersistentVolumeClaim>& get(Cluster& cluster) { return cluster.claims; }
};
template <>
struct StoreOf<Node> {
  static constexpr Kind kind = Kind::Node;
  static Store<Node>& get(Cluster& cluster) { return cluster.nodes; }
};
template <>
struct StoreOf<ControllerRevision> {
  static constexpr Kind kind = Kind::ControllerRevision;
  static Store<ControllerRevision>& get(Cluster& cluster) { return cluster.revisions; }
};
template <>
struct StoreOf<ReplicaSet> {
  static constexpr Kind kind = Kind::ReplicaSet;
  static Store<ReplicaSet>& get(Cluster& cluster) { return cluster.replicasets; }
};
template <>
struct StoreOf<Deployment> {
  static constexpr Kind kind = Kind::Deployment;
  static Store<Deployment>& get(Cluster& cluster) { return cluster.deployments; }
};
template <>
struct StoreOf<DaemonSet> {
  static constexpr Kind kind = Kind::DaemonSet;
  static Store<DaemonSet>& get(Cluster& cluster) { return cluster.daemonsets; }
};
template <>
struct StoreOf<PodDisruptionBudget> {
  static constexpr Kind kind = Kind::PodDisruptionBudget;
  static Store<PodDisruptionBudget>& get(Cluster& cluster) { return cluster.budgets; }
};

/// Brings the counts of a pod's owner up to date after a write that changed what the pod adds to them.
void recount(Cluster& cluster, const OwnerRef& owner, PodCounts before, PodCounts after);

/// Appends to the log of watch events and sees to it that the observers receive it.
void publish(Turn& turn, Kind kind, WatchType type, Row row, sim::TransitionId cause);
}  // namespace detail

/// Changes an object: `change(object)` on the stored value. A change that makes no difference writes nothing.
/// `verb` is what an injected failure may ask for. Outcomes: NotFound, Error (injected).
///
/// The caller must not change `meta`, intrusive lists or `node`/`owner` of a pod by this (see bind_pod,
/// set_pod_owner), and keeps `generation` by `spec_changed`.
template <class T, class Change>
WriteResult update(Turn& turn, Row row, By by, Verb verb, Change&& change) {
  auto& store = detail::StoreOf<T>::get(turn.cluster);
  if (!store.exists(row)) {
    return {Outcome::NotFound, row};
  }
  if (!turn.cluster.write_faults.empty() && write_fails(turn, detail::StoreOf<T>::kind, verb)) {
    return {Outcome::Error, row};
  }
  T& object = store.begin_write(row, turn.cluster.resource_version + 1);
  std::forward<Change>(change)(object);
  const sim::TransitionId first = tell_difference(turn, store.last_kept(), object, by);
  if (first == sim::kNoTransition) {
    store.cancel_write(row);
    return {Outcome::Ok, row};
  }
  if constexpr (std::is_same_v<T, Pod>) {
    detail::recount(turn.cluster, object.owner, counts_of(store.last_kept()), counts_of(object));
  }
  ++turn.cluster.resource_version;
  detail::publish(turn, detail::StoreOf<T>::kind, WatchType::Modified, row, first);
  return {Outcome::Ok, row, first};
}

/// Binds a pod to a node (the binding subresource). Outcomes: NotFound, Conflict (bound already).
WriteResult bind_pod(Turn& turn, Row pod, Row node, By by);
/// Sets the controller owner reference of a pod: adoption, or release with an empty owner.
WriteResult set_pod_owner(Turn& turn, Row pod, OwnerRef owner, By by);

/// Requests deletion. Pods: grace from the template unless given, 0 at once when not bound or terminal; a
/// second request may only shorten it. Finalizers keep the object; without one and with grace 0 it is
/// removed. Source: apiserver registry/rest/delete.go BeforeDelete; core/pod/strategy.go CheckGracefulDelete.
WriteResult delete_pod(Turn& turn, Row pod, By by, std::int64_t grace_seconds = -1);
/// Deletes an owner; `foreground` or `orphan` as in DeleteOptions.propagationPolicy, else background.
enum class Propagation : std::uint8_t { Background, Foreground, Orphan };
WriteResult delete_statefulset(Turn& turn, Row set, By by, Propagation propagation = Propagation::Background);
WriteResult delete_job(Turn& turn, Row job, By by, Propagation propagation = Propagation::Background);
WriteResult delete_replicaset(Turn& turn, Row set, By by, Propagation propagation = Propagation::Background);
WriteResult delete_deployment(Turn& turn, Row deployment, By by,
                              Propagation propagation = Propagation::Background);
WriteResult delete_daemonset(Turn& turn, Row set, By by, Propagation propagation = Propagation::Background);
WriteResult delete_budget(Turn& turn, Row budget, By by);
WriteResult delete_claim(Turn& turn, Row claim, By by);
WriteResult delete_revision(Turn& turn, Row revision, By by);
WriteResult delete_node(Turn& turn, Row node, By by);
/// Ends a foreground or orphaning deletion: the garbage collector has done its part.
WriteResult remove_statefulset(Turn& turn, Row set, By by);
WriteResult remove_job(Turn& turn, Row job, By by);
WriteResult remove_replicaset(Turn& turn, Row set, By by);
WriteResult remove_deployment(Turn& turn, Row deployment, By by);
WriteResult remove_daemonset(Turn& turn, Row set, By by);
/// Removes the finalizer kubernetes.io/pvc-protection, and with it a claim whose deletion was requested.
WriteResult remove_claim_protection(Turn& turn, Row claim, By by);
/// Removes a pod whose deletion was requested, whose grace period is 0 or over and that has no finalizer
/// left; otherwise does nothing. Called after a finalizer was removed or the kubelet has stopped the
/// containers.
WriteResult remove_pod_if_finalized(Turn& turn, Row pod, By by);

/// A delivery to `observer`: moves its cursor over all entries that have reached it by now and calls
/// `receive` for each, then sees to the next delivery. Old versions that nobody needs any more are forgotten.
template <class Receive>
void deliver(Turn& turn, ObserverId observer, Receive&& receive);

/// Performs a pending event of this model. Observers of other models deliver their own.
void dispatch(Turn& turn, const sim::PendingEvent& event);

/// How long a watch event takes to an observer.
sim::Duration watch_latency(const Cluster& cluster);

namespace detail {
/// For a cluster that mirrors a real one: nobody acts on it. No delivery is scheduled from now on, and old
/// versions, removed objects and the log of watch events are forgotten at once. To be called before the first
/// write and after each.
void forget_what_was_seen(Cluster& cluster);
/// Links a pod with its owner or its node without a write and without a transition: a mirror may come to know
/// of these later than of the pod.
void link_owner_silently(Cluster& cluster, Row pod, OwnerRef owner);
void link_node_silently(Cluster& cluster, Row pod, Row node);

/// Whether `observer` has an entry to receive now; moves the cursor past it.
const WatchEvent* next_delivery(Turn& turn, ObserverId observer);
void end_delivery(Turn& turn, ObserverId observer);
}  // namespace detail

template <class Receive>
void deliver(Turn& turn, ObserverId observer, Receive&& receive) {
  while (const WatchEvent* entry = detail::next_delivery(turn, observer)) {
    const WatchEvent event = *entry;  // receiving may write, and so move the log
    receive(event);
  }
  detail::end_delivery(turn, observer);
}

}  // namespace models::kubernetes

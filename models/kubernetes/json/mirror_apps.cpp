// ReplicaSets, Deployments and DaemonSets in the mirror. As of StatefulSets and Jobs, specs are read only
// when they changed.

#include <utility>

#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/mirror.h"
#include "models/kubernetes/json/mirror_parts.h"
#include "models/kubernetes/json/object_links.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/json/workload_json.h"

namespace models::kubernetes::json {

namespace {

using mirror_parts::hash_of_metadata;

/// How an object of one kind is read and stored.
template <class T>
struct App;
template <>
struct App<ReplicaSet> {
  static constexpr Kind kind = Kind::ReplicaSet;
  static const Structure& structure() { return replicaset_structure(); }
  static constexpr auto fill = default_replicaset;
  static constexpr auto read = replicaset_from;
  static constexpr auto create = create_replicaset;
  static void take_annotations(const ReplicaSet& from, ReplicaSet& to) {
    to.desired_replicas = from.desired_replicas;
    to.max_replicas = from.max_replicas;
    to.revision = from.revision;
    to.revision_history = from.revision_history;
    to.template_hash = from.template_hash;
  }
};
template <>
struct App<Deployment> {
  static constexpr Kind kind = Kind::Deployment;
  static const Structure& structure() { return deployment_structure(); }
  static constexpr auto fill = default_deployment;
  static constexpr auto read = deployment_from;
  static constexpr auto create = create_deployment;
  static void take_annotations(const Deployment& from, Deployment& to) { to.revision = from.revision; }
};
template <>
struct App<DaemonSet> {
  static constexpr Kind kind = Kind::DaemonSet;
  static const Structure& structure() { return daemonset_structure(); }
  static constexpr auto fill = default_daemonset;
  static constexpr auto read = daemonset_from;
  static constexpr auto create = create_daemonset;
  static void take_annotations(const DaemonSet& from, DaemonSet& to) {
    to.template_generation = from.template_generation;
  }
};

}  // namespace

template <class T>
bool Mirror::read_app(Turn& turn, const Seen& seen, const Known& known, T& out) {
  Problems problems;
  check_fields(seen.object, App<T>::structure(), "", problems);
  if (problems.ok()) {
    Json filled = seen.object;
    App<T>::fill(filled);
    read_metadata(turn.cluster, seen.object, true, epoch_, out.meta);
    App<T>::read(turn.cluster, filled, out, problems);
    out.propagation = deletion_finalizer(seen.object);
    out.owner = owner_of_app(known);
  }
  note(seen, problems);
  return problems.ok();
}

/// The Deployment of a ReplicaSet; nothing here owns the others.
OwnerRef Mirror::owner_of_app(const Known& known) const {
  if (known.owner_kind == Kind::None) {
    return {};
  }
  const auto gone = removed_.find(known.owner_uid);
  const Place owner = gone == removed_.end() ? find(known.owner_uid) : gone->second;
  return owner.kind == Kind::Deployment ? OwnerRef{owner.kind, owner.row, owner.uid} : OwnerRef{Kind::Other};
}

template <class T>
bool Mirror::create_app(Turn& turn, const Seen& seen, Known& known) {
  T object;
  if (!read_app(turn, seen, known, object)) {
    return false;
  }
  if (App<T>::kind == Kind::ReplicaSet && object.owner.kind == Kind::Other) {
    await_owner(known.owner_uid, seen.uid);
  }
  known.manifest_hash = hash_of_metadata(seen.metadata);
  const bool there_before = was_there_before(object.meta);
  T first = object;
  if (there_before) {
    read_status(turn.cluster, seen.object, epoch_, first);
  } else {
    first.meta.deletion_timestamp = sim::kNever;
    first.propagation = DeletionFinalizer::None;
  }
  const WriteResult written = App<T>::create(
      turn, std::move(first), there_before ? By{Writer::Setup} : creator(seen, known.owner_kind));
  T& stored = detail::StoreOf<T>::get(turn.cluster)[written.row];
  stored.meta.created = object.meta.created;
  known.at = {App<T>::kind, written.row, stored.meta.uid};
  if (!there_before) {
    update<T>(turn, written.row, By{}, Verb::Update, [&](T& into) { mirror_parts::take_spec(object, into); });
    change_app<T>(turn, known, seen);
  }
  return true;
}

template <class T>
void Mirror::change_app(Turn& turn, Known& known, const Seen& seen) {
  auto& store = detail::StoreOf<T>::get(turn.cluster);
  const Row row = known.at.row;
  Meta meta;
  read_times(seen.metadata, epoch_, meta);
  const std::uint64_t hash = hash_of_metadata(seen.metadata);
  const std::string owner_uid = known.owner_uid;
  name_controller(seen, known);
  if (meta.generation != store[row].meta.generation || hash != known.manifest_hash ||
      owner_uid != known.owner_uid) {
    T object;
    if (!read_app(turn, seen, known, object)) {
      return;
    }
    known.manifest_hash = hash;
    By by_spec = by(known, seen, Aspect::Spec);
    if (App<T>::kind == Kind::Deployment && by_spec.writer == Writer::None) {
      // The controller writes the revision with the status. Source: pkg/controller/deployment/sync.go
      // getNewReplicaSet.
      by_spec = by(known, seen, Aspect::Status);
    }
    update<T>(turn, row, by_spec, Verb::Update, [&](T& into) {
      mirror_parts::take_spec(object, into);
      App<T>::take_annotations(object, into);
      into.owner = object.owner;
    });
  }
  T status;
  read_status(turn.cluster, seen.object, epoch_, status);
  update<T>(turn, row, by(known, seen, Aspect::Status), Verb::UpdateStatus,
            [&](T& into) { into.status = status.status; });
}

bool Mirror::create_app_of(Turn& turn, const Seen& seen, Known& known) {
  return seen.kind == Kind::ReplicaSet   ? create_app<ReplicaSet>(turn, seen, known)
         : seen.kind == Kind::Deployment ? create_app<Deployment>(turn, seen, known)
                                         : create_app<DaemonSet>(turn, seen, known);
}

void Mirror::change_app_of(Turn& turn, Known& known, const Seen& seen) {
  if (seen.kind == Kind::ReplicaSet) {
    change_app<ReplicaSet>(turn, known, seen);
  } else if (seen.kind == Kind::Deployment) {
    change_app<Deployment>(turn, known, seen);
  } else {
    change_app<DaemonSet>(turn, known, seen);
  }
}

void Mirror::remove_app(Turn& turn, const Known& known) {
  const Row row = known.at.row;
  // Only the garbage collector takes these finalizers off. Source: pkg/controller/garbagecollector.
  const auto by = [](const auto& object) {
    return By{object.propagation != DeletionFinalizer::None ? Writer::GarbageCollector : Writer::None};
  };
  if (known.at.kind == Kind::ReplicaSet) {
    remove_replicaset(turn, row, by(turn.cluster.replicasets[row]));
  } else if (known.at.kind == Kind::Deployment) {
    remove_deployment(turn, row, by(turn.cluster.deployments[row]));
  } else {
    remove_daemonset(turn, row, by(turn.cluster.daemonsets[row]));
  }
}

}  // namespace models::kubernetes::json

#include "models/kubernetes/json/mirror.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "models/kubernetes/json/object_links.h"
#include "models/kubernetes/resource_kinds.h"

namespace models::kubernetes::json {

namespace {

/// How many removed objects are remembered, so that a late event does not bring one back (assumed to be more
/// than one list or watch can repeat).
constexpr std::size_t kRemovedMax = 65536;

/// resourceVersions are compared as numbers: the API server makes them of etcd's revision. Source: apiserver
/// pkg/storage/api_object_versioner.go CompareResourceVersion.
std::optional<std::uint64_t> parse_version(std::string_view text) {
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{version} : std::nullopt;
}

bool mirrored(Kind kind) {
  return kind == Kind::Node || kind == Kind::Pod || kind == Kind::StatefulSet || kind == Kind::Job ||
         kind == Kind::PersistentVolumeClaim || kind == Kind::ControllerRevision ||
         kind == Kind::PodDisruptionBudget || kind == Kind::ReplicaSet || kind == Kind::Deployment ||
         kind == Kind::DaemonSet;
}

std::string key_of(Kind kind, std::string_view display_name) {
  return std::string(resource_of(kind).kind_name) + "/" + std::string(display_name);
}

}  // namespace

Mirror::Place Mirror::find(std::string_view source_uid) const {
  const auto found = known_.find(source_uid);
  return found == known_.end() ? Place{} : found->second.at;
}

void Mirror::observe(Turn& turn, WatchType type, const Json& object) {
  detail::forget_what_was_seen(turn.cluster);
  try {
    take(turn, type, object);
  } catch (const Json::exception& error) {  // a field of another type than the API's
    notes_.error(object.is_object() ? display_name(object) : std::string(),
                 object.is_object() ? text_or(object, "kind") : std::string(), "", error.what());
  }
  detail::forget_what_was_seen(turn.cluster);
}

void Mirror::take(Turn& turn, WatchType type, const Json& object) {
  const std::string kind_name = object.is_object() ? text_or(object, "kind") : std::string();
  const ResourceKind* kind = find_kind(kind_name);
  if (kind == nullptr || !mirrored(kind->kind)) {
    ++other_kinds_[kind_name.empty() ? "(no kind)" : kind_name];
    return;
  }
  const std::string display = display_name(object);
  const std::string uid = text_at(object, "metadata.uid");
  const std::optional<std::uint64_t> version = parse_version(text_at(object, "metadata.resourceVersion"));
  if (text_at(object, "metadata.name").empty() || uid.empty() || !version) {
    notes_.error(display, kind_name, "metadata",
                 "an observed object has a name, a uid and a resourceVersion");
    return;
  }
  Seen seen{object, object.at("metadata"), kind->kind, uid, key_of(kind->kind, display), *version, {}};
  const auto known = known_.find(uid);
  if (known == known_.end()) {
    if (type != WatchType::Deleted) {
      create(turn, seen);
    }
    return;
  }
  if (*version > known->second.version) {
    seen.managed = read_managed_fields(object);
    change(turn, known->second, seen);
    known->second.version = *version;
    known->second.managed = std::move(seen.managed);
  } else if (type == WatchType::Deleted && *version < known->second.version) {
    return;
  }
  if (type == WatchType::Deleted) {
    remove(turn, known);
  }
}

void Mirror::observe_list(Turn& turn, Kind kind, const std::vector<Json>& objects,
                          std::string_view list_version) {
  detail::forget_what_was_seen(turn.cluster);
  const std::uint64_t as_of = parse_version(list_version).value_or(~std::uint64_t{0});
  std::set<std::string, std::less<>> listed;
  for (const Json& object : objects) {
    listed.insert(text_at(object, "metadata.uid"));
  }
  // Removals first: a name that is used again is free then.
  for (auto known = known_.begin(); known != known_.end();) {
    const auto next = std::next(known);
    if (known->second.at.kind == kind && known->second.version <= as_of && !listed.contains(known->first)) {
      remove(turn, known);
    }
    known = next;
  }
  for (const Json& object : objects) {
    observe(turn, WatchType::Added, object);
  }
  detail::forget_what_was_seen(turn.cluster);
}

// ---------------------------------------------------------------------------------------------------------
// Objects that come, change and go

void Mirror::create(Turn& turn, Seen& seen) {
  if (removed_.contains(seen.uid)) {
    return;
  }
  if (const auto holder = uids_.find(seen.name); holder != uids_.end()) {
    const auto old = known_.find(holder->second);
    if (seen.version < old->second.version) {
      return;  // a late event of an object that had the name before
    }
    remove(turn, old);
  }
  seen.managed = read_managed_fields(seen.object);
  Known known;
  known.at.kind = seen.kind;
  known.version = seen.version;
  known.name = seen.name;
  name_controller(seen, known);
  using Create = bool (Mirror::*)(Turn&, const Seen&, Known&);
  const Create create_it = seen.kind == Kind::Node                    ? &Mirror::create_node_of
                           : seen.kind == Kind::Pod                   ? &Mirror::create_pod_of
                           : seen.kind == Kind::StatefulSet           ? &Mirror::create_statefulset_of
                           : seen.kind == Kind::Job                   ? &Mirror::create_job_of
                           : seen.kind == Kind::PersistentVolumeClaim ? &Mirror::create_claim_of
                           : seen.kind == Kind::PodDisruptionBudget   ? &Mirror::create_budget_of
                           : seen.kind == Kind::ControllerRevision    ? &Mirror::create_revision_of
                                                                      : &Mirror::create_app_of;
  if (!(this->*create_it)(turn, seen, known)) {
    return;
  }
  known.managed = std::move(seen.managed);
  uids_[seen.name] = seen.uid;
  known_.insert_or_assign(seen.uid, std::move(known));
  now_there(turn, seen.uid);
}

void Mirror::change(Turn& turn, Known& known, const Seen& seen) {
  switch (seen.kind) {
    case Kind::Node:
      return change_node(turn, known, seen);
    case Kind::Pod:
      return change_pod(turn, known, seen);
    case Kind::StatefulSet:
      return change_statefulset(turn, known, seen);
    case Kind::Job:
      return change_job(turn, known, seen);
    case Kind::PersistentVolumeClaim:
      return change_claim(turn, known, seen);
    case Kind::ControllerRevision:
      return change_revision(turn, known, seen);
    case Kind::PodDisruptionBudget:
      return change_budget(turn, known, seen);
    case Kind::ReplicaSet:
    case Kind::Deployment:
    case Kind::DaemonSet:
      return change_app_of(turn, known, seen);
    case Kind::None:
    case Kind::MiniCluster:
    case Kind::Other:
      return;
  }
}

void Mirror::remove(Turn& turn, Objects::iterator found) {
  const Known known = std::move(found->second);
  const std::string uid = found->first;
  known_.erase(found);
  uids_.erase(known.name);
  for (const auto& [waiting, key] :
       {std::pair{&owned_, &known.owner_uid}, std::pair{&bound_, &known.awaited_node}}) {
    if (const auto list = waiting->find(*key); list != waiting->end()) {
      std::erase(list->second, uid);
      if (list->second.empty()) {
        waiting->erase(list);
      }
    }
  }
  removed_.emplace(uid, known.at);
  removed_order_.push_back(uid);
  if (removed_order_.size() > kRemovedMax) {
    removed_.erase(removed_order_.front());
    removed_order_.pop_front();
  }
  remove_from_api(turn, known);
}

void Mirror::remove_from_api(Turn& turn, const Known& known) {
  const Row row = known.at.row;
  By by;
  switch (known.at.kind) {
    case Kind::Node:
      delete_node(turn, row, by);
      return;
    case Kind::Pod:
      remove_pod(turn, known);
      return;
    case Kind::StatefulSet:
      // Only the garbage collector takes these finalizers off. Source: pkg/controller/garbagecollector.
      by.writer = turn.cluster.statefulsets[row].propagation != DeletionFinalizer::None
                      ? Writer::GarbageCollector
                      : Writer::None;
      remove_statefulset(turn, row, by);
      return;
    case Kind::Job:
      by.writer = turn.cluster.jobs[row].propagation != DeletionFinalizer::None ? Writer::GarbageCollector
                                                                                : Writer::None;
      remove_job(turn, row, by);
      return;
    case Kind::PersistentVolumeClaim: {
      // The write that takes the last finalizer off removes the object and is not seen itself. Source:
      // registry/generic/registry/store.go Update, errEmptiedFinalizers.
      const PersistentVolumeClaim& claim = turn.cluster.claims[row];
      if (!claim.protection) {
        delete_claim(turn, row, by);
        return;
      }
      if (!claim.meta.deleting()) {
        delete_claim(turn, row, by);
      }
      remove_claim_protection(turn, row, {Writer::PersistentVolumeClaimProtection});
      return;
    }
    case Kind::ControllerRevision:
      delete_revision(turn, row, by);
      return;
    case Kind::PodDisruptionBudget:
      delete_budget(turn, row, by);
      return;
    case Kind::ReplicaSet:
    case Kind::Deployment:
    case Kind::DaemonSet:
      remove_app(turn, known);
      return;
    case Kind::None:
    case Kind::MiniCluster:
    case Kind::Other:
      return;
  }
}

// ---------------------------------------------------------------------------------------------------------
// Links to what came later

void Mirror::name_controller(const Seen& seen, Known& known) const {
  if (const Json* owner = controller_of(seen.object)) {
    const ResourceKind* kind = find_kind(text_or(*owner, "kind"));
    known.owner_kind = kind == nullptr ? Kind::Other : kind->kind;
    known.owner_uid = text_or(*owner, "uid");
  } else {
    known.owner_kind = Kind::None;
    known.owner_uid.clear();
  }
}

void Mirror::await_owner(const std::string& owner_uid, const std::string& uid) {
  std::vector<std::string>& list = owned_[owner_uid];
  if (std::find(list.begin(), list.end(), uid) == list.end()) {
    list.push_back(uid);
  }
}

void Mirror::now_there(Turn& turn, const std::string& uid) {
  const Place place = known_.find(uid)->second.at;
  if (const auto waiting = owned_.find(uid); waiting != owned_.end()) {
    const std::vector<std::string> uids = std::move(waiting->second);
    owned_.erase(waiting);
    for (const std::string& of : uids) {
      const auto owned = known_.find(of);
      if (owned == known_.end()) {
        continue;
      }
      const Place& at = owned->second.at;
      if (at.kind == Kind::Pod) {
        link_pod_to_owner(turn, owned->second);
      } else if (at.kind == Kind::ControllerRevision) {
        turn.cluster.revisions[at.row].owner = {place.kind, place.row, place.uid};
        detail::file_revision(turn.cluster.revision_index, at.row, turn.cluster.revisions[at.row].owner);
      } else if (at.kind == Kind::ReplicaSet) {
        turn.cluster.replicasets[at.row].owner = {place.kind, place.row, place.uid};
        detail::file_replicaset(turn.cluster.replicaset_index, at.row,
                                turn.cluster.replicasets[at.row].owner);
      } else if (at.kind == Kind::PersistentVolumeClaim) {
        const auto link = [&](PersistentVolumeClaim& claim) {
          (place.kind == Kind::StatefulSet ? claim.owner_set : claim.owner_pod) = place.uid;
        };
        if (owned->second.link_untold) {
          update<PersistentVolumeClaim>(turn, at.row, {Writer::StatefulSetController}, Verb::Update, link);
        } else {
          link(turn.cluster.claims[at.row]);
        }
        owned->second.named.emplace_back(uid, place.uid);
      }
    }
  }
  if (place.kind == Kind::Node) {
    node_is_there(turn, turn.cluster.name_of(turn.cluster.nodes[place.row].meta), place.row);
  } else if (place.kind == Kind::StatefulSet) {
    link_claims_of_set(turn, place.row);
  }
}

// ---------------------------------------------------------------------------------------------------------
// Who wrote

By Mirror::by(const Known& known, const Seen& seen, Aspect aspect) const {
  return {
      writer_called(changed_by(known.managed, seen.managed, aspect), seen.kind, aspect, known.owner_kind)};
}

By Mirror::creator(const Seen& seen, Kind owner_kind) const {
  // Entries of the status are younger than the object. Of the others the oldest is its creator's.
  const ManagedEntry* first = nullptr;
  for (const ManagedEntry& entry : seen.managed) {
    if (entry.subresource.empty() && (first == nullptr || entry.time < first->time)) {
      first = &entry;
    }
  }
  return {first == nullptr ? Writer::None
                           : writer_called(first->manager, seen.kind, Aspect::Creation, owner_kind)};
}

void Mirror::note(const Seen& seen, const Problems& problems) {
  notes_.add(display_name(seen.object), resource_of(seen.kind).kind_name, problems);
}

}  // namespace models::kubernetes::json

#include "scenarios/targets/live/minicluster_mirror.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "models/flux/minicluster_api.h"
#include "models/flux/minicluster_difference.h"
#include "models/flux/minicluster_json.h"
#include "models/flux/operator.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/object_links.h"

namespace scenarios::targets {

namespace {

namespace flux = models::flux;
namespace kubernetes = models::kubernetes;
namespace json = models::kubernetes::json;
using json::Aspect;
using kubernetes::By;
using kubernetes::Kind;
using kubernetes::Writer;

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Who made the change: the operator's program is the controller of MiniClusters.
By by(const json::ManagedFields& before, const json::ManagedFields& after, Aspect aspect) {
  return {json::writer_called(json::changed_by(before, after, aspect), Kind::MiniCluster, aspect,
                              Kind::MiniCluster)};
}

/// The oldest entry that is not the status's is the creator's.
By creator(const json::ManagedFields& managed) {
  const json::ManagedEntry* first = nullptr;
  for (const json::ManagedEntry& entry : managed) {
    if (entry.subresource.empty() && (first == nullptr || entry.time < first->time)) {
      first = &entry;
    }
  }
  return {first == nullptr
              ? Writer::None
              : json::writer_called(first->manager, Kind::MiniCluster, Aspect::Creation, Kind::MiniCluster)};
}

}  // namespace

void MiniClusterMirror::observe(flux::FluxTurn& turn, kubernetes::WatchType type, const Json& object) {
  const std::string uid = json::text_at(object, "metadata.uid");
  const std::uint64_t version = number_of(json::text_at(object, "metadata.resourceVersion"));
  if (uid.empty() || version == 0) {
    notes_.error(json::display_name(object), "MiniCluster", "metadata",
                 "an observed object has a name, a uid and a resourceVersion");
    return;
  }
  auto known = known_.find(uid);
  if (known == known_.end()) {
    if (type != kubernetes::WatchType::Deleted) {
      create(turn, uid, version, object);
    }
    return;
  }
  if (version > known->second.version) {
    change(turn, known->second, object);
    known->second.version = version;
  }
  if (type == kubernetes::WatchType::Deleted) {
    flux::remove_minicluster(turn, known->second.row, {});
    known_.erase(known);
  }
}

void MiniClusterMirror::observe_list(flux::FluxTurn& turn, const std::vector<Json>& objects,
                                     std::string_view list_version) {
  const std::uint64_t as_of = number_of(list_version);
  std::set<std::string, std::less<>> listed;
  for (const Json& object : objects) {
    listed.insert(json::text_at(object, "metadata.uid"));
  }
  for (auto known = known_.begin(); known != known_.end();) {
    const bool gone = known->second.version <= as_of && !listed.contains(known->first);
    if (gone) {
      flux::remove_minicluster(turn, known->second.row, {});
    }
    known = gone ? known_.erase(known) : std::next(known);
  }
  for (const Json& object : objects) {
    observe(turn, kubernetes::WatchType::Added, object);
  }
}

void MiniClusterMirror::create(flux::FluxTurn& turn, const std::string& uid, std::uint64_t version,
                               const Json& object) {
  flux::MiniClusterReading reading = flux::read_minicluster(object);
  notes_.add(json::display_name(object), "MiniCluster", reading.problems);
  if (!reading.manifest) {
    return;
  }
  kubernetes::Cluster& cluster = turn.cluster();
  flux::MiniCluster minicluster;
  json::read_metadata(cluster, object, true, epoch_, minicluster.meta);
  const bool there_before = minicluster.meta.created < sim::Time{};
  minicluster.meta.uid = cluster.next_uid++;
  minicluster.meta.resource_version = ++cluster.resource_version;
  minicluster.meta.deletion_timestamp = sim::kNever;
  minicluster.spec = reading.manifest->spec;
  minicluster.details = reading.manifest->details;
  minicluster.status =
      there_before ? reading.manifest->status.value_or(flux::MiniClusterStatus{}) : flux::MiniClusterStatus{};
  const kubernetes::Uid own = minicluster.meta.uid;
  turn.kubernetes.context.history.introduce(own, {static_cast<std::uint32_t>(Kind::MiniCluster),
                                                  minicluster.meta.name_space, minicluster.meta.name, -1, 0});
  Known known{turn.state.miniclusters.insert(std::move(minicluster)).index, version,
              json::read_managed_fields(object)};
  kubernetes::emit(turn.kubernetes, own, kubernetes::Field::Created,
                   there_before ? By{Writer::Setup} : creator(known.managed));
  flux::operate::find_job(turn, known.row);
  change(turn, known, object);
  known_.emplace(uid, std::move(known));
}

void MiniClusterMirror::change(flux::FluxTurn& turn, Known& known, const Json& object) {
  flux::MiniClusterReading reading = flux::read_minicluster(object);
  if (!reading.manifest) {
    notes_.add(json::display_name(object), "MiniCluster", reading.problems);
    return;
  }
  json::ManagedFields managed = json::read_managed_fields(object);
  flux::MiniCluster& minicluster = turn.at(known.row);
  const flux::MiniClusterSpec before = minicluster.spec;
  const bool details_differ =
      !json::same(minicluster.details->object->at("spec"), reading.manifest->details->object->at("spec"));
  minicluster.spec = reading.manifest->spec;
  minicluster.details = reading.manifest->details;
  flux::tell_spec_difference(turn, minicluster.meta.uid, before, minicluster.spec, details_differ,
                             by(known.managed, managed, Aspect::Spec));
  const flux::MiniClusterStatus was = minicluster.status;
  minicluster.status = reading.manifest->status.value_or(flux::MiniClusterStatus{});
  flux::tell_status_difference(turn, minicluster.meta.uid, was, minicluster.status,
                               by(known.managed, managed, Aspect::Status));
  kubernetes::Meta meta;
  json::read_times(object.at("metadata"), epoch_, meta);
  minicluster.meta.generation = meta.generation;
  if (meta.deleting() && !minicluster.meta.deleting()) {
    minicluster.meta.deletion_timestamp = meta.deletion_timestamp;
    kubernetes::emit(turn.kubernetes, minicluster.meta.uid, kubernetes::Field::DeletionRequested, {});
  }
  known.managed = std::move(managed);
}

void MiniClusterMirror::link_jobs(flux::FluxTurn& turn) const {
  for (const auto& [uid, known] : known_) {
    const flux::MiniCluster& minicluster = turn.at(known.row);
    const kubernetes::Store<kubernetes::Job>& jobs = turn.cluster().jobs;
    if (minicluster.job_uid == 0 || !jobs.exists(minicluster.job) ||
        jobs[minicluster.job].meta.uid != minicluster.job_uid) {
      flux::operate::find_job(turn, known.row);
    }
  }
}

}  // namespace scenarios::targets

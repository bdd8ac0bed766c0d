#include "models/flux/minicluster_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/flux/brokers.h"
#include "models/flux/minicluster_difference.h"
#include "models/flux/operator.h"
#include "models/kubernetes/admission.h"

namespace models::flux {

namespace json = kubernetes::json;
using kubernetes::By;
using kubernetes::Kind;
using kubernetes::Writer;

namespace {

/// Source: kubectl's annotation for the three-way patch of `apply`.
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

ChangeResult refused(Problems problems) {
  ChangeResult result;
  result.problems = std::move(problems);
  return result;
}

/// Replaces what is stored by what `object` says.
ChangeResult replace(FluxTurn& turn, Row row, const Json& object, By by) {
  MiniClusterReading reading = read_minicluster(object);
  if (!reading.manifest) {
    return refused(std::move(reading.problems));
  }
  ChangeResult result;
  result.row = row;
  result.change = Change::Unchanged;
  result.problems = std::move(reading.problems);
  MiniCluster& minicluster = turn.at(row);
  const Json before = stored_json(minicluster);
  const MiniClusterSpec old_spec = minicluster.spec;
  minicluster.spec = reading.manifest->spec;
  minicluster.details = reading.manifest->details;
  const Json& after = *minicluster.details->object;
  if (json::same(before, after)) {
    return result;
  }
  result.change = Change::Configured;
  const bool spec_differs = !json::same(before.at("spec"), after.at("spec"));
  result.transition =
      tell_spec_difference(turn, minicluster.meta.uid, old_spec, minicluster.spec, spec_differs, by);
  minicluster.meta.resource_version = ++turn.cluster().resource_version;
  if (spec_differs) {
    ++minicluster.meta.generation;
  }
  operate::enqueue(turn, row, result.transition);
  return result;
}

/// The annotation that `kubectl apply` leaves, in its form: compact, with a newline.
std::string last_applied(const Json& object) {
  Json applied = object;
  applied.erase("status");
  if (Json* metadata = applied.contains("metadata") ? &applied["metadata"] : nullptr) {
    if (metadata->contains("annotations")) {
      (*metadata)["annotations"].erase(kLastApplied);
    }
    if (json::member(*metadata, "namespace") == nullptr) {
      (*metadata)["namespace"] = "default";
    }
  }
  return json::canonical(applied).dump() + '\n';
}

Json with_last_applied(const Json& object) {
  Json annotated = object;
  json::make_path(annotated, "metadata.annotations");
  annotated["metadata"]["annotations"][kLastApplied] = last_applied(object);
  return annotated;
}

/// What takes `current` to what is applied now: fields that were applied before and are no longer become
/// null.
Json three_way_patch(const Json& before, const Json& now) {
  Json patch = Json::object();
  for (auto it = now.begin(); it != now.end(); ++it) {
    const Json* old = before.is_object() ? json::member(before, it.key()) : nullptr;
    patch[it.key()] = it->is_object() ? three_way_patch(old != nullptr ? *old : Json::object(), *it) : *it;
  }
  if (before.is_object()) {
    for (auto it = before.begin(); it != before.end(); ++it) {
      if (!now.contains(it.key())) {
        patch[it.key()] = nullptr;
      }
    }
  }
  return patch;
}

}  // namespace

std::string_view to_text(Change change) {
  switch (change) {
    case Change::Created:
      return "created";
    case Change::Configured:
      return "configured";
    case Change::Unchanged:
      return "unchanged";
    case Change::Refused:
      return "refused";
  }
  return "";
}

ChangeResult create_minicluster(FluxTurn& turn, const MiniClusterManifest& manifest,
                                const MiniClusterSetting& setting, By by) {
  kubernetes::Cluster& cluster = turn.cluster();
  ChangeResult result;
  if (turn.state.find(cluster.strings, manifest.name_space, manifest.name) != kubernetes::kNoRow) {
    result.error = fmt::format(
        "Error from server (AlreadyExists): miniclusters.flux-framework.org \"{}\" already exists",
        manifest.name);
    return result;
  }
  for (const std::string& problem : kubernetes::dns_subdomain_problems(manifest.name)) {
    result.problems.errors.push_back({"metadata.name", problem});
  }
  if (!result.problems.ok()) {
    return result;
  }
  MiniCluster minicluster;
  minicluster.meta.uid = cluster.next_uid++;
  minicluster.meta.resource_version = ++cluster.resource_version;
  minicluster.meta.name = cluster.strings.intern(manifest.name);
  minicluster.meta.name_space = cluster.strings.intern(manifest.name_space);
  minicluster.meta.created = by.writer == Writer::Setup ? sim::Time{} : turn.now();
  minicluster.spec = manifest.spec;
  minicluster.status = manifest.status.value_or(MiniClusterStatus{});
  minicluster.details = manifest.details;
  minicluster.setting = setting;
  std::sort(minicluster.setting.excluded.begin(), minicluster.setting.excluded.end());
  const Uid uid = minicluster.meta.uid;
  turn.kubernetes.context.history.introduce(uid, {static_cast<std::uint32_t>(Kind::MiniCluster),
                                                  minicluster.meta.name_space, minicluster.meta.name, -1, 0});
  result.row = turn.state.miniclusters.insert(std::move(minicluster)).index;
  result.change = Change::Created;
  result.transition = kubernetes::emit(turn.kubernetes, uid, kubernetes::Field::Created, by);
  operate::enqueue(turn, result.row, result.transition);
  return result;
}

ChangeResult create_minicluster(FluxTurn& turn, const Json& object, const MiniClusterSetting& setting,
                                By by) {
  MiniClusterReading reading = read_minicluster(object);
  if (!reading.manifest) {
    return refused(std::move(reading.problems));
  }
  ChangeResult result = create_minicluster(turn, *reading.manifest, setting, by);
  result.problems.unknown = std::move(reading.problems.unknown);
  result.problems.unmodelled = std::move(reading.problems.unmodelled);
  return result;
}

void settle_minicluster(FluxTurn& turn, Row row) {
  operate::find_job(turn, row);
  operate::write_config(turn, row);
  brokers::settle(turn, row);
}

ChangeResult merge_patch(FluxTurn& turn, Row row, const Json& patch, By by) {
  Json object = stored_json(turn.at(row));
  const Json metadata = object.at("metadata");
  object.merge_patch(patch);
  object.erase("status");
  if (!object.is_object() || !object.contains("metadata") || !object["metadata"].is_object()) {
    ChangeResult result;
    result.problems.errors.push_back({"metadata", "the patch leaves no object"});
    return result;
  }
  object["metadata"]["name"] = metadata.at("name");
  object["metadata"]["namespace"] = metadata.at("namespace");
  return replace(turn, row, object, by);
}

ChangeResult apply(FluxTurn& turn, const Json& object, const MiniClusterSetting& setting, By by) {
  MiniClusterReading reading = read_minicluster(object);
  if (!reading.manifest) {
    return refused(std::move(reading.problems));
  }
  const Row row =
      turn.state.find(turn.cluster().strings, reading.manifest->name_space, reading.manifest->name);
  if (row == kubernetes::kNoRow) {
    return create_minicluster(turn, with_last_applied(object), setting, by);
  }
  const Json stored = stored_json(turn.at(row));
  const Json* annotation = json::member(stored.at("metadata"), "annotations");
  const std::string before = annotation != nullptr ? json::text_or(*annotation, kLastApplied) : std::string();
  Json last = Json::parse(before, nullptr, false);
  if (!last.is_object()) {
    last = Json::object();  // created by other means: nothing is taken away
  }
  Json now = with_last_applied(object);
  now.erase("status");
  if (json::member(now["metadata"], "namespace") == nullptr) {
    now["metadata"]["namespace"] = "default";
  }
  ChangeResult result = merge_patch(turn, row, three_way_patch(last, now), by);
  return result;
}

ChangeResult scale(FluxTurn& turn, Row row, std::int32_t replicas, By by) {
  ChangeResult result;
  result.row = row;
  if (replicas < 0) {
    // Source: autoscaling/validation ValidateScale.
    result.error = fmt::format(
        "The Scale \"{}\" is invalid: spec.replicas: Invalid value: {}: must be greater than "
        "or equal to 0",
        turn.cluster().name_of(turn.at(row).meta), replicas);
    return result;
  }
  result.transition = write_size(turn, row, replicas, by);
  result.change = result.transition == sim::kNoTransition ? Change::Unchanged : Change::Configured;
  return result;
}

sim::TransitionId write_size(FluxTurn& turn, Row row, std::int32_t size, By by) {
  MiniCluster& minicluster = turn.at(row);
  if (minicluster.spec.size == size) {
    return sim::kNoTransition;
  }
  const std::int32_t before = std::exchange(minicluster.spec.size, size);
  minicluster.meta.resource_version = ++turn.cluster().resource_version;
  ++minicluster.meta.generation;
  const sim::TransitionId told =
      tell(turn, minicluster.meta.uid, Field::MiniClusterSize, by, before, minicluster.spec.size);
  operate::enqueue(turn, row, told);
  return told;
}

void remove_minicluster(FluxTurn& turn, Row row, By by) {
  kubernetes::emit(turn.kubernetes, turn.at(row).meta.uid, kubernetes::Field::Removed, by);
  ++turn.cluster().resource_version;
  turn.state.miniclusters.erase(turn.state.miniclusters.id(row));
}

bool delete_minicluster(FluxTurn& turn, Row row, By by, kubernetes::Propagation propagation) {
  if (!turn.state.miniclusters.alive(row)) {
    return false;
  }
  MiniCluster& minicluster = turn.at(row);
  const Row job = minicluster.job;
  const Uid job_uid = minicluster.job_uid;
  const bool has_job =
      job_uid != 0 && turn.cluster().jobs.exists(job) && turn.cluster().jobs[job].meta.uid == job_uid;
  sim::TransitionId cause = by.cause;
  if (propagation == kubernetes::Propagation::Foreground && has_job) {
    if (minicluster.meta.deleting()) {
      return true;
    }
    minicluster.meta.deletion_timestamp = turn.now();
    cause = kubernetes::emit(turn.kubernetes, minicluster.meta.uid, kubernetes::Field::DeletionRequested, by);
  } else {
    remove_minicluster(turn, row, by);
    cause = turn.kubernetes.context.history.next_id() - 1;
  }
  if (has_job && propagation == kubernetes::Propagation::Orphan) {
    kubernetes::update<kubernetes::Job>(turn.kubernetes, job, {Writer::GarbageCollector, cause},
                                        kubernetes::Verb::Update,
                                        [](kubernetes::Job& object) { object.owner = {}; });
  } else if (has_job) {
    operate::collect_later(turn, job, job_uid, cause);
  }
  return true;
}

}  // namespace models::flux

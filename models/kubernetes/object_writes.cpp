#include "models/kubernetes/object_writes.h"

#include <fmt/core.h>

#include "models/kubernetes/budget_validation.h"
#include "models/kubernetes/job_validation.h"
#include "models/kubernetes/json/budget_json.h"
#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/job_json.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/json/statefulset_json.h"
#include "models/kubernetes/json/workload_json.h"
#include "models/kubernetes/pod_validation.h"
#include "models/kubernetes/pod_writes.h"
#include "models/kubernetes/resource_kinds.h"
#include "models/kubernetes/statefulset_validation.h"
#include "models/kubernetes/strategic_merge.h"
#include "models/kubernetes/three_way_merge.h"
#include "models/kubernetes/workload_validation.h"

namespace models::kubernetes {

namespace {

using json::Json;

const json::Structure& structure_of(Kind kind) {
  switch (kind) {
    case Kind::Node:
      return json::node_structure();
    case Kind::Pod:
      return json::pod_structure();
    case Kind::StatefulSet:
      return json::statefulset_structure();
    case Kind::Job:
      return json::job_structure();
    case Kind::PodDisruptionBudget:
      return json::budget_structure();
    case Kind::ReplicaSet:
      return json::replicaset_structure();
    case Kind::Deployment:
      return json::deployment_structure();
    case Kind::DaemonSet:
      return json::daemonset_structure();
    default:
      return json::claim_structure();
  }
}

std::string name_in(const Json& object) {
  const Json* name = json::at_path(object, "metadata.name");
  return name != nullptr && name->is_string() ? name->get<std::string>() : std::string();
}

/// `StatefulSet in version "v1" cannot be handled as a StatefulSet: …`. Source: apiserver endpoints/handlers
/// create.go transformDecodeError.
ApiError decode_refusal(Kind kind, const std::string& why) {
  const ResourceKind& resource = resource_of(kind);
  const std::size_t slash = resource.api_version.find('/');
  const std::string_view version =
      slash == std::string_view::npos ? resource.api_version : resource.api_version.substr(slash + 1);
  return bad_request_error(fmt::format("{} in version \"{}\" cannot be handled as a {}: {}",
                                       resource.kind_name, version, resource.kind_name, why));
}

enum class Unknown : std::uint8_t { Refused, Dropped };

/// Checks types and names of fields. @return false with `error` set when the object cannot be decoded.
bool decode(Kind kind, Json& object, Unknown unknown, ApiError& error, WriteNotes& notes) {
  json::Problems problems;
  json::check_fields(object, structure_of(kind), "", problems);
  if (!problems.ok()) {
    error = decode_refusal(kind, problems.errors.front().text);
    return false;
  }
  std::string strict;
  for (const std::string& path : problems.unknown) {
    const std::string text = fmt::format("unknown field \"{}\"", path);
    if (unknown == Unknown::Refused) {
      strict += (strict.empty() ? "" : ", ") + text;
    } else {
      notes.warnings.push_back(text);
    }
  }
  if (!strict.empty()) {
    error = decode_refusal(kind, "strict decoding error: " + strict);
    return false;
  }
  if (!problems.unknown.empty()) {
    json::drop_unknown(object, structure_of(kind));
  }
  notes.unmodelled = std::move(problems.unmodelled);
  return true;
}

/// Fills in defaults and takes out what the cluster's gates do not know. `old`: the stored object or nullptr.
void prepare(Kind kind, Json& object, const Json* old, const Features& features) {
  json::make_path(object, "metadata");
  switch (kind) {
    case Kind::StatefulSet:
      json::default_statefulset(object, features);
      json::drop_disabled_statefulset_fields(object, old, features);
      break;
    case Kind::Job:
      json::strip_generated(object);
      json::default_job(object, features);
      json::drop_disabled_job_fields(object, old, features);
      break;
    case Kind::ReplicaSet:
      json::default_replicaset(object);
      break;
    case Kind::Deployment:
      json::default_deployment(object);
      break;
    case Kind::DaemonSet:
      json::default_daemonset(object);
      break;
    case Kind::Pod:
      json::default_pod(object);
      break;
    case Kind::PersistentVolumeClaim:
      json::default_claim(object);
      break;
    default:
      json::make_path(object, "spec");
      break;
  }
}

FieldErrors validate_new(Kind kind, const Json& object, const Features& features) {
  switch (kind) {
    case Kind::StatefulSet:
      return validate_statefulset(object, features);
    case Kind::Job:
      return validate_job(object, features);
    case Kind::ReplicaSet:
      return validate_replicaset(object, features);
    case Kind::Deployment:
      return validate_deployment(object, features);
    case Kind::DaemonSet:
      return validate_daemonset(object, features);
    case Kind::Pod:
      return validate_pod(object);
    case Kind::Node:
      return validate_node(object);
    case Kind::PodDisruptionBudget:
      return validate_budget(object);
    default:
      return validate_claim(object);
  }
}

/// Name and namespace of a new object, with the times that the API gives it.
template <class T>
T new_object(Cluster& cluster, const Json& object) {
  T created;
  json::read_metadata(cluster, object, true, 0, created.meta);
  created.meta.created = {};
  return created;
}

WriteResult store_new_object(Turn& turn, Kind kind, const Json& object, By by, json::Problems& problems) {
  Cluster& cluster = turn.cluster;
  switch (kind) {
    case Kind::StatefulSet: {
      StatefulSet set;
      json::read_metadata(cluster, object, true, 0, set.meta);
      set.meta.created = {};
      json::statefulset_from(cluster, object, set, problems);
      return create_statefulset(turn, std::move(set), by);
    }
    case Kind::Job: {
      Job job;
      json::read_metadata(cluster, object, true, 0, job.meta);
      job.meta.created = {};
      json::job_from(cluster, object, job, problems);
      return create_job(turn, std::move(job), by);
    }
    case Kind::ReplicaSet: {
      auto set = new_object<ReplicaSet>(cluster, object);
      json::replicaset_from(cluster, object, set, problems);
      return create_replicaset(turn, std::move(set), by);
    }
    case Kind::Deployment: {
      auto deployment = new_object<Deployment>(cluster, object);
      json::deployment_from(cluster, object, deployment, problems);
      return create_deployment(turn, std::move(deployment), by);
    }
    case Kind::DaemonSet: {
      auto set = new_object<DaemonSet>(cluster, object);
      json::daemonset_from(cluster, object, set, problems);
      return create_daemonset(turn, std::move(set), by);
    }
    case Kind::Pod: {
      Pod pod;
      json::pod_from(cluster, object, pod, problems);
      // A pod that names its node passes the scheduler by.
      if (const std::string& node = cluster.templates[pod.pod_template]->node_name; !node.empty()) {
        pod.node = cluster.find_node(node);
        pod.bound_at = turn.now();
      }
      return create_pod(turn, pod, by);
    }
    case Kind::Node: {
      Node node;
      json::node_from(cluster, object, 0, node, problems);
      node.meta.created = {};
      node.meta.deletion_timestamp = sim::kNever;
      return create_node(turn, node, by);
    }
    case Kind::PodDisruptionBudget: {
      PodDisruptionBudget budget;
      json::read_metadata(cluster, object, true, 0, budget.meta);
      budget.meta.created = {};
      budget.meta.generation = 1;
      json::budget_from(cluster, object, budget);
      return create_budget(turn, std::move(budget), by);
    }
    default: {
      PersistentVolumeClaim claim;
      json::claim_from(cluster, object, 0, claim);
      claim.meta.created = {};
      return create_claim(turn, claim, by);
    }
  }
}

ApiError error_of(Outcome outcome, Kind kind, const std::string& name) {
  switch (outcome) {
    case Outcome::Ok:
    case Outcome::Skipped:
    case Outcome::Pending:
      return {};
    case Outcome::NotFound:
      return not_found_error(kind, name);
    case Outcome::Conflict:
      return conflict_error(kind, name);
    case Outcome::AlreadyExists:
      return already_exists_error(kind, name);
    case Outcome::Forbidden:
      return forbidden_error(kind, name, "exceeded quota");
    case Outcome::Invalid:
    case Outcome::Error:
      break;
  }
  return internal_error();
}

}  // namespace

Kind manifest_kind(const Json& manifest, ApiError& error) {
  const std::string kind = json::text_or(manifest, "kind");
  const std::string version = json::text_or(manifest, "apiVersion");
  if (kind.empty() || version.empty()) {
    error =
        bad_request_error(fmt::format("Object '{}' is missing in '{}'", kind.empty() ? "Kind" : "apiVersion",
                                      manifest.dump().substr(0, 200)));
    return Kind::None;
  }
  const ResourceKind* found = find_kind(kind);
  if (found == nullptr || found->api_version != version || found->kind == Kind::MiniCluster ||
      found->kind == Kind::ControllerRevision) {
    error = {404, "NoMatch", fmt::format("no matches for kind \"{}\" in version \"{}\"", kind, version),
             "",  "",        {}};
    return Kind::None;
  }
  return found->kind;
}

bool decode_strictly(Kind kind, const Json& object, ApiError& error, WriteNotes& notes) {
  Json copy = object;
  return decode(kind, copy, Unknown::Refused, error, notes);
}

WriteResult create_object(Turn& turn, const Json& manifest, std::string_view name_space, By by,
                          ApiError& error, WriteNotes& notes) {
  const Kind kind = manifest_kind(manifest, error);
  if (kind == Kind::None) {
    return {Outcome::Invalid};
  }
  Json object = manifest;
  if (!decode(kind, object, Unknown::Refused, error, notes)) {
    return {Outcome::Invalid};
  }
  prepare(kind, object, nullptr, turn.cluster.features());
  if (resource_of(kind).namespaced && json::text_or(object["metadata"], "namespace").empty()) {
    object["metadata"]["namespace"] = name_space;
  }
  const std::string name = name_in(object);
  // A status in a manifest is not stored by a create. Source: the strategies' PrepareForCreate.
  if (kind != Kind::Node) {
    object.erase("status");
  }
  object["metadata"].erase("deletionTimestamp");
  if (FieldErrors errors = validate_new(kind, object, turn.cluster.features()); !errors.empty()) {
    error = invalid_error(kind, name, std::move(errors));
    return {Outcome::Invalid};
  }
  const std::string space =
      resource_of(kind).namespaced ? json::text_or(object["metadata"], "namespace") : "";
  if (json::find_object(turn.cluster, kind, space, name) != kNoRow) {
    error = already_exists_error(kind, name);
    return {Outcome::AlreadyExists};
  }
  json::Problems problems;
  const WriteResult result = store_new_object(turn, kind, object, by, problems);
  notes.unmodelled.insert(notes.unmodelled.end(), problems.unmodelled.begin(), problems.unmodelled.end());
  error = error_of(result.outcome, kind, name);
  return result;
}

namespace {

/// A patch may ask for the version that it was made for; it must not rename the object.
bool check_identity(const Json& changed, const Json& old, Kind kind, ApiError& error) {
  const Json& metadata = changed.at("metadata");
  const Json& before = old.at("metadata");
  const std::string name = name_in(old);
  if (json::text_or(metadata, "resourceVersion") != json::text_or(before, "resourceVersion") &&
      json::member(metadata, "resourceVersion") != nullptr) {
    error = conflict_error(kind, name);
    return false;
  }
  if (name_in(changed) != name) {
    error = bad_request_error(fmt::format(
        "the name of the object ({}) does not match the name on the URL ({})", name_in(changed), name));
    return false;
  }
  if (json::text_or(metadata, "namespace") != json::text_or(before, "namespace")) {
    error = bad_request_error("the namespace of the object does not match the namespace on the URL");
    return false;
  }
  return true;
}

bool same_path(const Json& a, const Json& b, std::string_view path) {
  const Json* left = json::at_path(a, path);
  const Json* right = json::at_path(b, path);
  return left == nullptr || right == nullptr ? left == right : json::same(*left, *right);
}

bool loses_deletion_finalizer(const Json& changed, const Json& old) {
  const Json* before = json::at_path(old, "metadata.finalizers");
  const Json* after = json::at_path(changed, "metadata.finalizers");
  return before != nullptr && !before->empty() && (after == nullptr || after->empty());
}

/// Takes what annotations say that are stored as fields.
template <class T>
void take_annotations(T& object, const T& next, bool template_changed) {
  if constexpr (std::is_same_v<T, ReplicaSet>) {
    object.desired_replicas = next.desired_replicas;
    object.max_replicas = next.max_replicas;
    object.revision = next.revision;
    object.revision_history = next.revision_history;
    object.template_hash = next.template_hash;
  } else if constexpr (std::is_same_v<T, Deployment>) {
    object.revision = next.revision;
  } else if constexpr (std::is_same_v<T, DaemonSet>) {
    // Source: pkg/registry/apps/daemonset/strategy.go PrepareForUpdate.
    object.template_generation += template_changed ? 1U : 0U;
  }
}

/// Stores the changed spec, labels and annotations of a workload.
template <class T, class Read>
WriteResult replace_workload(Turn& turn, Row row, const Json& changed, const Json& old, By by, Read&& read) {
  T next = detail::StoreOf<T>::get(turn.cluster)[row];
  const TemplateId before = next.spec.pod_template;
  read(next);
  // An equal template keeps its identity, also where it was stored without a text.
  if (same_path(changed, old, "spec.template")) {
    next.spec.pod_template = before;
  }
  const bool spec_changed = !same_path(changed, old, "spec");
  return update<T>(turn, row, by, Verb::Update, [&](T& object) {
    object.spec = next.spec;
    object.manifest = next.manifest;
    object.labels_json = next.labels_json;
    object.meta.generation += spec_changed ? 1 : 0;
    take_annotations(object, next, next.spec.pod_template != before);
  });
}

/// The finalizer of a foreground deletion was taken out by hand: the object goes.
WriteResult finish_deletion(Turn& turn, Kind kind, Row row, By by) {
  switch (kind) {
    case Kind::StatefulSet:
      return remove_statefulset(turn, row, by);
    case Kind::ReplicaSet:
      return remove_replicaset(turn, row, by);
    case Kind::Deployment:
      return remove_deployment(turn, row, by);
    case Kind::DaemonSet:
      return remove_daemonset(turn, row, by);
    default:
      return remove_job(turn, row, by);
  }
}

bool is_workload(Kind kind) {
  return kind == Kind::StatefulSet || kind == Kind::Job || kind == Kind::ReplicaSet ||
         kind == Kind::Deployment || kind == Kind::DaemonSet;
}

WriteResult replace_statefulset(Turn& turn, Row row, const Json& changed, const Json& old, By by,
                                ApiError& error, json::Problems& problems) {
  const Features& features = turn.cluster.features();
  if (FieldErrors errors = validate_statefulset_update(changed, old, features); !errors.empty()) {
    error = invalid_error(Kind::StatefulSet, name_in(old), std::move(errors));
    return {Outcome::Invalid, row};
  }
  return replace_workload<StatefulSet>(turn, row, changed, old, by, [&](StatefulSet& next) {
    json::statefulset_from(turn.cluster, changed, next, problems);
  });
}

WriteResult replace_job(Turn& turn, Row row, const Json& changed, const Json& old, By by, ApiError& error,
                        json::Problems& problems) {
  const Features& features = turn.cluster.features();
  const JobStatus& status = turn.cluster.jobs[row].status;
  if (FieldErrors errors = validate_job_update(changed, old, status, features); !errors.empty()) {
    error = invalid_error(Kind::Job, name_in(old), std::move(errors));
    return {Outcome::Invalid, row};
  }
  return replace_workload<Job>(turn, row, changed, old, by,
                               [&](Job& next) { json::job_from(turn.cluster, changed, next, problems); });
}

/// Stores a changed ReplicaSet, Deployment or DaemonSet, whose annotations are fields in part.
WriteResult replace_apps_object(Turn& turn, Kind kind, Row row, const Json& changed, const Json& old, By by,
                                ApiError& error, json::Problems& problems) {
  Cluster& cluster = turn.cluster;
  const Features& features = cluster.features();
  FieldErrors errors = kind == Kind::ReplicaSet   ? validate_replicaset_update(changed, old, features)
                       : kind == Kind::Deployment ? validate_deployment_update(changed, old, features)
                                                  : validate_daemonset_update(changed, old, features);
  if (!errors.empty()) {
    error = invalid_error(kind, name_in(old), std::move(errors));
    return {Outcome::Invalid, row};
  }
  if (kind == Kind::ReplicaSet) {
    return replace_workload<ReplicaSet>(turn, row, changed, old, by, [&](ReplicaSet& next) {
      json::replicaset_from(cluster, changed, next, problems);
    });
  }
  if (kind == Kind::Deployment) {
    return replace_workload<Deployment>(turn, row, changed, old, by, [&](Deployment& next) {
      json::deployment_from(cluster, changed, next, problems);
    });
  }
  return replace_workload<DaemonSet>(turn, row, changed, old, by, [&](DaemonSet& next) {
    json::daemonset_from(cluster, changed, next, problems);
  });
}

}  // namespace

WriteResult replace_object(Turn& turn, Kind kind, Row row, Json changed, By by, ApiError& error,
                           WriteNotes& notes) {
  const Features& features = turn.cluster.features();
  Json old = json::to_json(turn.cluster, kind, row, 0);
  if (!changed.is_object() || !changed.contains("metadata") || !check_identity(changed, old, kind, error)) {
    if (!error) {
      error = bad_request_error("the patch leaves no object");
    }
    return {error.reason == "Conflict" ? Outcome::Conflict : Outcome::Invalid, row};
  }
  if (!decode(kind, changed, Unknown::Dropped, error, notes)) {
    return {Outcome::Invalid, row};
  }
  prepare(kind, old, nullptr, features);
  prepare(kind, changed, &old, features);
  // Status has its own subresource: a write of the object leaves it alone.
  for (const char* path : {"spec", "metadata.labels", "metadata.annotations", "metadata.finalizers",
                           "metadata.ownerReferences"}) {
    if (!same_path(changed, old, path)) {
      json::Problems problems;
      WriteResult result{Outcome::Ok, row};
      switch (kind) {
        case Kind::StatefulSet:
          result = replace_statefulset(turn, row, changed, old, by, error, problems);
          break;
        case Kind::Job:
          result = replace_job(turn, row, changed, old, by, error, problems);
          break;
        case Kind::ReplicaSet:
        case Kind::Deployment:
        case Kind::DaemonSet:
          result = replace_apps_object(turn, kind, row, changed, old, by, error, problems);
          break;
        case Kind::Pod:
          result = replace_pod(turn, row, changed, old, by, error);
          break;
        case Kind::Node:
          result = replace_node(turn, row, changed, old, by, error, problems);
          break;
        case Kind::PodDisruptionBudget:
          result = replace_budget(turn, row, changed, old, by, error);
          break;
        default:
          result = replace_claim(turn, row, changed, old, by, error);
          break;
      }
      if (result.ok() && is_workload(kind) && old["metadata"].contains("deletionTimestamp") &&
          loses_deletion_finalizer(changed, old)) {
        result = finish_deletion(turn, kind, row, by);
      }
      if (!result.ok() && !error) {
        error = error_of(result.outcome, kind, name_in(old));
      }
      return result;
    }
  }
  return {Outcome::Ok, row};
}

WriteResult patch_object(Turn& turn, Kind kind, Row row, const Json& merge_patch, By by, ApiError& error,
                         WriteNotes& notes) {
  return patch_object(turn, kind, row, merge_patch, PatchType::Merge, by, error, notes);
}

namespace {

/// Applies the operations of a JSON patch. Every failure has one answer.
/// Source: applyJSPatch: NewGenericServerResponse of status 422, of which clients see no more than this.
void apply_json_patch(Json& object, const Json& patch, ApiError& error) {
  if (!patch.is_array()) {
    error = bad_request_error(fmt::format(
        "error decoding patch: json: cannot unmarshal {} into Go value of type []handlers.jsonPatchOp",
        patch.type_name()));
    return;
  }
  try {
    object = object.patch(patch);
  } catch (const Json::exception&) {
    error = {422, "Invalid", "the server rejected our request due to an error in our request", "", "", {}};
  }
}

}  // namespace

WriteResult patch_object(Turn& turn, Kind kind, Row row, const Json& patch, PatchType type, By by,
                         ApiError& error, WriteNotes& notes) {
  Json changed = json::to_json(turn.cluster, kind, row, 0);
  switch (type) {
    case PatchType::Json:
      apply_json_patch(changed, patch, error);
      break;
    case PatchType::Merge:
      if (patch.is_object()) {
        apply_merge_patch(changed, patch);
      } else {
        error = bad_request_error("a merge patch is a JSON object");
      }
      break;
    case PatchType::Strategic:
      if (const StrategicMergeError refusal = apply_strategic_merge_patch(changed, patch)) {
        error = refusal.bad_request ? bad_request_error(refusal.text)
                                    : ApiError{500, "", refusal.text, "", "", {}};
      }
      break;
  }
  if (error) {
    return {Outcome::Invalid, row};
  }
  return replace_object(turn, kind, row, std::move(changed), by, error, notes);
}

WriteResult write_pod_phase(Turn& turn, Row row, PodPhase phase, By by, ApiError& error) {
  const std::string name = turn.cluster.name_of(turn.cluster.pods[row]);
  const WriteResult result =
      update<Pod>(turn, row, by, Verb::UpdateStatus, [&](Pod& pod) { pod.phase = phase; });
  error = error_of(result.outcome, Kind::Pod, name);
  return result;
}

WriteResult scale_object(Turn& turn, Kind kind, Row row, std::int32_t replicas, By by, ApiError& error) {
  if (kind != Kind::StatefulSet && kind != Kind::ReplicaSet && kind != Kind::Deployment) {
    error = {404, "NotFound", "the server could not find the requested resource", "", "", {}};
    return {Outcome::NotFound, row};
  }
  const Cluster& cluster = turn.cluster;
  const std::string name = cluster.name_of(kind == Kind::StatefulSet  ? cluster.statefulsets[row].meta
                                           : kind == Kind::ReplicaSet ? cluster.replicasets[row].meta
                                                                      : cluster.deployments[row].meta);
  if (replicas < 0) {
    FieldErrors errors;
    require_nonnegative(replicas, "spec.replicas", errors);
    error = {422,
             "Invalid",
             fmt::format("Scale.autoscaling \"{}\" is invalid: {}", name, aggregate_text(errors)),
             "Scale",
             name,
             std::move(errors)};
    return {Outcome::Invalid, row};
  }
  const auto resize = [&](auto& object) {
    object.meta.generation += object.spec.replicas != replicas ? 1 : 0;
    object.spec.replicas = replicas;
  };
  const WriteResult result =
      kind == Kind::StatefulSet  ? update<StatefulSet>(turn, row, by, Verb::Update, resize)
      : kind == Kind::ReplicaSet ? update<ReplicaSet>(turn, row, by, Verb::Update, resize)
                                 : update<Deployment>(turn, row, by, Verb::Update, resize);
  error = error_of(result.outcome, kind, name);
  return result;
}

}  // namespace models::kubernetes

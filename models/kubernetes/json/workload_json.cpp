#include "models/kubernetes/json/workload_json.h"

#include <fmt/core.h>

#include <charconv>
#include <limits>
#include <utility>

#include "models/kubernetes/deployment_annotations.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/selector_json.h"

namespace models::kubernetes::json {

namespace {

constexpr const char* kRevision = "deployment.kubernetes.io/revision";
constexpr const char* kHistory = "deployment.kubernetes.io/revision-history";
constexpr const char* kDesired = "deployment.kubernetes.io/desired-replicas";
constexpr const char* kMost = "deployment.kubernetes.io/max-replicas";
constexpr const char* kGeneration = "deprecated.daemonset.template.generation";

std::int32_t int32_or(const Json& object, std::string_view name, std::int32_t fallback) {
  return static_cast<std::int32_t>(int_or(object, name, fallback));
}

/// Annotations that are numbers; -1 where one is absent or no number.
std::int64_t number_at(const LabelMap& annotations, std::string_view key) {
  const std::string* text = find_label(annotations, key);
  std::int64_t number = -1;
  if (text != nullptr) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    number = error == std::errc{} && end == text->data() + text->size() ? number : -1;
  }
  return number;
}

LabelMap annotations_of(const Json& object) {
  const Json* metadata = member(object, "metadata");
  return metadata == nullptr ? LabelMap{} : labels_at(*metadata, "annotations");
}

/// The kept part of a manifest without the annotations that are stored as fields.
Text kept_without(Cluster& cluster, const Json& object, std::initializer_list<const char*> stored) {
  Json copy = object;
  if (Json* metadata = copy.contains("metadata") ? &copy["metadata"] : nullptr;
      metadata != nullptr && metadata->contains("annotations")) {
    for (const char* key : stored) {
      (*metadata)["annotations"].erase(key);
    }
  }
  return cluster.strings.intern(kept_text(copy));
}

Text labels_text(Cluster& cluster, const Json& object) {
  const Json* labels = at_path(object, "metadata.labels");
  return labels == nullptr || labels->empty() ? 0 : cluster.strings.intern(canonical(*labels).dump());
}

std::shared_ptr<const LabelSelector> selector_of(const Json& spec) {
  const Json* selector = member(spec, "selector");
  return std::make_shared<const LabelSelector>(selector == nullptr ? LabelSelector{}
                                                                   : label_selector_from(*selector));
}

IntOrPercent share_at(const Json& spec, std::string_view path, IntOrPercent fallback) {
  const Json* value = at_path(spec, path);
  return value == nullptr ? fallback : int_or_percent_from(*value);
}

void put_count(Json& status, const char* name, std::int32_t count) {
  if (count != 0) {
    status[name] = count;
  }
}

// Conditions ---------------------------------------------------------------------------------------------

const char* status_text(ConditionStatus status) {
  return status == ConditionStatus::True ? "True" : status == ConditionStatus::False ? "False" : "Unknown";
}

Json condition_json(const Cluster& cluster, const char* type, const ObjectCondition& condition,
                    bool with_update, UnixSeconds epoch) {
  Json json{{"type", type},
            {"status", status_text(condition.status)},
            {"lastTransitionTime", time_text(condition.last_transition, epoch)}};
  if (with_update) {
    json["lastUpdateTime"] = time_text(condition.last_update, epoch);
  }
  json["reason"] = cluster.strings[condition.reason];
  json["message"] = cluster.strings[condition.message];
  return json;
}

ObjectCondition condition_from(Cluster& cluster, const Json& json, UnixSeconds epoch) {
  ObjectCondition condition;
  const std::string status = text_or(json, "status");
  condition.present = true;
  condition.status = status == "True"    ? ConditionStatus::True
                     : status == "False" ? ConditionStatus::False
                                         : ConditionStatus::Unknown;
  condition.reason = cluster.strings.intern(text_or(json, "reason"));
  condition.message = cluster.strings.intern(text_or(json, "message"));
  condition.last_transition = time_at(json, "lastTransitionTime", epoch).value_or(sim::Time{});
  condition.last_update = time_at(json, "lastUpdateTime", epoch).value_or(condition.last_transition);
  return condition;
}

constexpr std::pair<const char*, DeploymentConditionType> kDeploymentConditions[] = {
    {"Available", DeploymentConditionType::Available},
    {"Progressing", DeploymentConditionType::Progressing},
    {"ReplicaFailure", DeploymentConditionType::ReplicaFailure},
};

// Printing -----------------------------------------------------------------------------------------------

template <class T>
Json workload_metadata(const Cluster& cluster, const T& object, const Json& kept, UnixSeconds epoch) {
  Json metadata = metadata_json(cluster, object.meta, cluster.strings[object.meta.name], epoch);
  metadata["generation"] = object.meta.generation;
  metadata.update(kept.at("metadata"));
  if (object.propagation != DeletionFinalizer::None) {
    metadata["finalizers"].push_back(
        object.propagation == DeletionFinalizer::ForegroundDeletion ? "foregroundDeletion" : "orphan");
  }
  if (Json reference = owner_reference_json(cluster, object.owner); !reference.is_null()) {
    metadata["ownerReferences"].push_back(std::move(reference));
  }
  return metadata;
}

template <class Spec>
void put_common(const Spec& from, Json& spec) {
  if (from.min_ready_seconds != 0 || spec.contains("minReadySeconds")) {
    spec["minReadySeconds"] = from.min_ready_seconds;
  }
  if (from.selector != nullptr) {
    spec["selector"] = to_json(*from.selector);
  }
}

Json assembled(const char* kind, Json metadata, Json spec, Json status) {
  return canonical(Json{{"apiVersion", "apps/v1"},
                        {"kind", kind},
                        {"metadata", std::move(metadata)},
                        {"spec", std::move(spec)},
                        {"status", std::move(status)}});
}

}  // namespace

IntOrPercent int_or_percent_from(const Json& value) {
  if (!value.is_string()) {
    return {value.get<std::int32_t>(), false};
  }
  const std::string& text = value.get_ref<const std::string&>();
  std::int32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return {number, true};
}

Json to_json(const IntOrPercent& value) {
  return value.percent ? Json(fmt::format("{}%", value.value)) : Json(value.value);
}

void replicaset_from(Cluster& cluster, const Json& set, ReplicaSet& out, Problems& problems) {
  const Json& spec = set.at("spec");
  out.spec.replicas = int32_or(spec, "replicas", 1);
  out.spec.min_ready_seconds = int32_or(spec, "minReadySeconds", 0);
  out.spec.selector = selector_of(spec);
  out.spec.pod_template =
      cluster.add_template(pod_template_from(spec.at("template"), "spec.template", problems));
  const LabelMap annotations = annotations_of(set);
  out.desired_replicas = static_cast<std::int32_t>(number_at(annotations, kDesired));
  out.max_replicas = static_cast<std::int32_t>(number_at(annotations, kMost));
  out.revision = std::max<std::int64_t>(0, number_at(annotations, kRevision));
  const std::string* history = find_label(annotations, kHistory);
  out.revision_history = history == nullptr ? 0 : cluster.strings.intern(*history);
  const std::string* hash = find_label(cluster.templates[out.spec.pod_template]->labels, "pod-template-hash");
  out.template_hash = hash == nullptr ? 0 : cluster.strings.intern(*hash);
  out.manifest = kept_without(cluster, set, {kRevision, kHistory, kDesired, kMost});
  out.labels_json = labels_text(cluster, set);
}

void deployment_from(Cluster& cluster, const Json& deployment, Deployment& out, Problems& problems) {
  const Json& spec = deployment.at("spec");
  DeploymentSpec& into = out.spec;
  into.replicas = int32_or(spec, "replicas", 1);
  const Json* type = at_path(spec, "strategy.type");
  into.recreate = type != nullptr && *type == Json("Recreate");
  into.max_surge = share_at(spec, "strategy.rollingUpdate.maxSurge", {25, true});
  into.max_unavailable = share_at(spec, "strategy.rollingUpdate.maxUnavailable", {25, true});
  into.min_ready_seconds = int32_or(spec, "minReadySeconds", 0);
  into.revision_history_limit = int32_or(spec, "revisionHistoryLimit", 10);
  into.progress_deadline_seconds = int32_or(spec, "progressDeadlineSeconds", 600);
  into.paused = bool_or(spec, "paused", false);
  into.selector = selector_of(spec);
  into.pod_template = cluster.add_template(pod_template_from(spec.at("template"), "spec.template", problems));
  out.revision = std::max<std::int64_t>(0, number_at(annotations_of(deployment), kRevision));
  out.manifest = kept_without(cluster, deployment, {kRevision});
  out.labels_json = labels_text(cluster, deployment);
}

void daemonset_from(Cluster& cluster, const Json& set, DaemonSet& out, Problems& problems) {
  const Json& spec = set.at("spec");
  DaemonSetSpec& into = out.spec;
  const Json* type = at_path(spec, "updateStrategy.type");
  into.update_strategy =
      type != nullptr && *type == Json("OnDelete") ? UpdateStrategy::OnDelete : UpdateStrategy::RollingUpdate;
  into.max_unavailable = share_at(spec, "updateStrategy.rollingUpdate.maxUnavailable", {1, false});
  into.max_surge = share_at(spec, "updateStrategy.rollingUpdate.maxSurge", {0, false});
  into.min_ready_seconds = int32_or(spec, "minReadySeconds", 0);
  into.revision_history_limit = int32_or(spec, "revisionHistoryLimit", 10);
  into.selector = selector_of(spec);
  into.pod_template = cluster.add_template(pod_template_from(spec.at("template"), "spec.template", problems));
  const std::int64_t generation = number_at(annotations_of(set), kGeneration);
  if (generation > 0) {
    out.template_generation = static_cast<std::uint32_t>(generation);
  }
  out.manifest = kept_without(cluster, set, {kGeneration});
  out.labels_json = labels_text(cluster, set);
}

void read_status(Cluster& cluster, const Json& object, UnixSeconds epoch, ReplicaSet& out) {
  const Json* status = member(object, "status");
  if (status == nullptr) {
    return;
  }
  ReplicaSetStatus& into = out.status;
  into.replicas = int32_or(*status, "replicas", 0);
  into.fully_labeled_replicas = int32_or(*status, "fullyLabeledReplicas", 0);
  into.ready_replicas = int32_or(*status, "readyReplicas", 0);
  into.available_replicas = int32_or(*status, "availableReplicas", 0);
  into.terminating_replicas = int32_or(*status, "terminatingReplicas", -1);
  into.observed_generation = static_cast<std::uint32_t>(int_or(*status, "observedGeneration", 0));
  const Json* conditions = member(*status, "conditions");
  for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
    if (text_or((*conditions)[i], "type") == "ReplicaFailure") {
      into.replica_failure = condition_from(cluster, (*conditions)[i], epoch);
    }
  }
}

void read_status(Cluster& cluster, const Json& object, UnixSeconds epoch, Deployment& out) {
  const Json* status = member(object, "status");
  if (status == nullptr) {
    return;
  }
  DeploymentStatus& into = out.status;
  into.replicas = int32_or(*status, "replicas", 0);
  into.updated_replicas = int32_or(*status, "updatedReplicas", 0);
  into.ready_replicas = int32_or(*status, "readyReplicas", 0);
  into.available_replicas = int32_or(*status, "availableReplicas", 0);
  into.unavailable_replicas = int32_or(*status, "unavailableReplicas", 0);
  into.terminating_replicas = int32_or(*status, "terminatingReplicas", -1);
  into.collision_count = int32_or(*status, "collisionCount", 0);
  into.observed_generation = static_cast<std::uint32_t>(int_or(*status, "observedGeneration", 0));
  const Json* conditions = member(*status, "conditions");
  for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
    for (const auto& [name, type] : kDeploymentConditions) {
      if (text_or((*conditions)[i], "type") == name) {
        into.condition(type) = condition_from(cluster, (*conditions)[i], epoch);
      }
    }
  }
}

void read_status(Cluster& /*cluster*/, const Json& object, UnixSeconds /*epoch*/, DaemonSet& out) {
  const Json* status = member(object, "status");
  if (status == nullptr) {
    return;
  }
  DaemonSetStatus& into = out.status;
  into.desired = int32_or(*status, "desiredNumberScheduled", 0);
  into.current = int32_or(*status, "currentNumberScheduled", 0);
  into.misscheduled = int32_or(*status, "numberMisscheduled", 0);
  into.ready = int32_or(*status, "numberReady", 0);
  into.updated = int32_or(*status, "updatedNumberScheduled", 0);
  into.available = int32_or(*status, "numberAvailable", 0);
  into.unavailable = int32_or(*status, "numberUnavailable", 0);
  into.collision_count = int32_or(*status, "collisionCount", 0);
  into.observed_generation = static_cast<std::uint32_t>(int_or(*status, "observedGeneration", 0));
}

Json replicaset_json(const Cluster& cluster, const ReplicaSet& set, UnixSeconds epoch) {
  Json kept = with_template(cluster, set.manifest, set.labels_json, set.spec.pod_template);
  Json metadata = workload_metadata(cluster, set, kept, epoch);
  const auto annotate = [&](const char* key, std::int64_t value, std::int64_t least) {
    if (value >= least) {
      metadata["annotations"][key] = std::to_string(value);
    }
  };
  annotate(kDesired, set.desired_replicas, 0);
  annotate(kMost, set.max_replicas, 0);
  annotate(kRevision, set.revision, 1);
  if (set.revision_history != 0) {
    metadata["annotations"][kHistory] = cluster.strings[set.revision_history];
  }
  Json& spec = kept["spec"];
  spec["replicas"] = set.spec.replicas;
  put_common(set.spec, spec);
  Json status{{"replicas", set.status.replicas}};
  put_count(status, "fullyLabeledReplicas", set.status.fully_labeled_replicas);
  put_count(status, "readyReplicas", set.status.ready_replicas);
  put_count(status, "availableReplicas", set.status.available_replicas);
  if (set.status.terminating_replicas >= 0) {
    status["terminatingReplicas"] = set.status.terminating_replicas;
  }
  if (set.status.observed_generation != 0) {
    status["observedGeneration"] = set.status.observed_generation;
  }
  if (set.status.replica_failure.present) {
    status["conditions"].push_back(
        condition_json(cluster, "ReplicaFailure", set.status.replica_failure, false, epoch));
  }
  return assembled("ReplicaSet", std::move(metadata), std::move(spec), std::move(status));
}

Json deployment_json(const Cluster& cluster, const Deployment& deployment, UnixSeconds epoch) {
  const DeploymentSpec& from = deployment.spec;
  Json kept = with_template(cluster, deployment.manifest, deployment.labels_json, from.pod_template);
  Json metadata = workload_metadata(cluster, deployment, kept, epoch);
  if (deployment.revision > 0) {
    metadata["annotations"][kRevision] = std::to_string(deployment.revision);
  }
  Json& spec = kept["spec"];
  spec["replicas"] = from.replicas;
  spec["revisionHistoryLimit"] = from.revision_history_limit;
  spec["progressDeadlineSeconds"] = from.progress_deadline_seconds;
  if (from.paused) {
    spec["paused"] = true;
  } else {
    spec.erase("paused");
  }
  spec["strategy"] = {{"type", from.recreate ? "Recreate" : "RollingUpdate"}};
  if (!from.recreate) {
    spec["strategy"]["rollingUpdate"] = {{"maxSurge", to_json(from.max_surge)},
                                         {"maxUnavailable", to_json(from.max_unavailable)}};
  }
  put_common(from, spec);
  const DeploymentStatus& counted = deployment.status;
  Json status = Json::object();
  put_count(status, "replicas", counted.replicas);
  put_count(status, "updatedReplicas", counted.updated_replicas);
  put_count(status, "readyReplicas", counted.ready_replicas);
  put_count(status, "availableReplicas", counted.available_replicas);
  put_count(status, "unavailableReplicas", counted.unavailable_replicas);
  put_count(status, "collisionCount", counted.collision_count);
  if (counted.terminating_replicas >= 0) {
    status["terminatingReplicas"] = counted.terminating_replicas;
  }
  if (counted.observed_generation != 0) {
    status["observedGeneration"] = counted.observed_generation;
  }
  for (const auto& [name, type] : kDeploymentConditions) {
    if (counted.condition(type).present) {
      status["conditions"].push_back(condition_json(cluster, name, counted.condition(type), true, epoch));
    }
  }
  return assembled("Deployment", std::move(metadata), std::move(spec), std::move(status));
}

Json daemonset_json(const Cluster& cluster, const DaemonSet& set, UnixSeconds epoch) {
  const DaemonSetSpec& from = set.spec;
  Json kept = with_template(cluster, set.manifest, set.labels_json, from.pod_template);
  Json metadata = workload_metadata(cluster, set, kept, epoch);
  metadata["annotations"][kGeneration] = std::to_string(set.template_generation);
  Json& spec = kept["spec"];
  spec["revisionHistoryLimit"] = from.revision_history_limit;
  spec["updateStrategy"] = {
      {"type", from.update_strategy == UpdateStrategy::OnDelete ? "OnDelete" : "RollingUpdate"}};
  if (from.update_strategy == UpdateStrategy::RollingUpdate) {
    spec["updateStrategy"]["rollingUpdate"] = {{"maxSurge", to_json(from.max_surge)},
                                               {"maxUnavailable", to_json(from.max_unavailable)}};
  }
  put_common(from, spec);
  const DaemonSetStatus& counted = set.status;
  Json status{{"currentNumberScheduled", counted.current},
              {"desiredNumberScheduled", counted.desired},
              {"numberMisscheduled", counted.misscheduled},
              {"numberReady", counted.ready}};
  put_count(status, "updatedNumberScheduled", counted.updated);
  put_count(status, "numberAvailable", counted.available);
  put_count(status, "numberUnavailable", counted.unavailable);
  put_count(status, "collisionCount", counted.collision_count);
  if (counted.observed_generation != 0) {
    status["observedGeneration"] = counted.observed_generation;
  }
  return assembled("DaemonSet", std::move(metadata), std::move(spec), std::move(status));
}

}  // namespace models::kubernetes::json

#include "models/kubernetes/json/defaults.h"

#include <limits>

namespace models::kubernetes::json {

namespace {

/// Sets `name` unless the object has it.
void default_to(Json& object, const char* name, Json value) {
  if (member(object, name) == nullptr) {
    object[name] = std::move(value);
  }
}

/// The object in field `name`, made if it is absent.
Json& object_in(Json& object, const char* name) {
  default_to(object, name, Json::object());
  return object[name];
}

void drop(Json& object, const char* name) {
  if (object.is_object()) {
    object.erase(name);
  }
}

bool has_path(const Json* object, std::string_view path) {
  return object != nullptr && at_path(*object, path) != nullptr;
}

/// Quantities are stored as texts: `cpu: 2` reads back as "2".
void quantities_to_text(Json& map) {
  for (Json& quantity : map) {
    if (quantity.is_number()) {
      quantity = quantity_text(quantity);
    }
  }
}

void default_resources(Json& container) {
  Json& resources = object_in(container, "resources");
  for (const char* name : {"limits", "requests"}) {
    if (member(resources, name) != nullptr) {
      quantities_to_text(resources[name]);
    }
  }
  const Json* limits = member(resources, "limits");
  if (limits == nullptr) {
    return;
  }
  const Json copy = *limits;
  Json& requests = object_in(resources, "requests");
  for (auto it = copy.begin(); it != copy.end(); ++it) {
    default_to(requests, it.key().c_str(), *it);
  }
}

void default_probe(Json& container, const char* name) {
  if (member(container, name) == nullptr) {
    return;
  }
  Json& probe = container[name];
  if (!probe.is_object()) {
    return;
  }
  default_to(probe, "timeoutSeconds", 1);
  default_to(probe, "periodSeconds", 10);
  default_to(probe, "successThreshold", 1);
  default_to(probe, "failureThreshold", 3);
}

/// An image without a tag, or with `latest`, is pulled always. Source: SetDefaults_Container.
std::string default_pull_policy(const std::string& image) {
  if (image.find('@') != std::string::npos) {
    return "IfNotPresent";
  }
  const std::size_t slash = image.rfind('/');
  const std::size_t colon = image.find(':', slash == std::string::npos ? 0 : slash);
  const std::string tag = colon == std::string::npos ? "latest" : image.substr(colon + 1);
  return tag == "latest" ? "Always" : "IfNotPresent";
}

void default_container(Json& container) {
  default_resources(container);
  default_to(container, "terminationMessagePath", "/dev/termination-log");
  default_to(container, "terminationMessagePolicy", "File");
  default_to(container, "imagePullPolicy", default_pull_policy(text_or(container, "image")));
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    default_probe(container, probe);
  }
  if (member(container, "ports") != nullptr) {
    for (Json& port : container["ports"]) {
      default_to(port, "protocol", "TCP");
    }
  }
}

void default_template(Json& spec) {
  Json& pod_template = object_in(spec, "template");
  object_in(pod_template, "metadata");
  default_pod_spec(object_in(pod_template, "spec"));
}

}  // namespace

void default_pod_spec(Json& spec) {
  for (const char* list : {"initContainers", "containers"}) {
    if (member(spec, list) != nullptr) {
      for (Json& container : spec[list]) {
        default_container(container);
      }
    }
  }
  default_to(spec, "restartPolicy", "Always");
  default_to(spec, "terminationGracePeriodSeconds", 30);
  default_to(spec, "dnsPolicy", "ClusterFirst");
  default_to(spec, "securityContext", Json::object());
  default_to(spec, "schedulerName", "default-scheduler");
}

void default_pod(Json& pod) { default_pod_spec(object_in(pod, "spec")); }

void default_claim(Json& claim) {
  Json& spec = object_in(claim, "spec");
  default_to(spec, "volumeMode", "Filesystem");
  for (const char* name : {"limits", "requests"}) {
    if (at_path(spec, std::string("resources.") + name) != nullptr) {
      quantities_to_text(spec["resources"][name]);
    }
  }
}

void default_statefulset(Json& set, const Features& features) {
  Json& spec = object_in(set, "spec");
  default_to(spec, "podManagementPolicy", "OrderedReady");
  Json& strategy = object_in(spec, "updateStrategy");
  if (text_or(strategy, "type").empty()) {
    strategy["type"] = "RollingUpdate";
    object_in(strategy, "rollingUpdate");
  }
  // A type that is written without the block gets no block: see the revision of new pods in the controller.
  if (text_or(strategy, "type") == "RollingUpdate" && member(strategy, "rollingUpdate") != nullptr) {
    default_to(strategy["rollingUpdate"], "partition", 0);
    if (features.has(Gate::MaxUnavailableStatefulSet)) {
      default_to(strategy["rollingUpdate"], "maxUnavailable", 1);
    }
  }
  if (features.has(Gate::StatefulSetAutoDeletePVC)) {
    Json& retention = object_in(spec, "persistentVolumeClaimRetentionPolicy");
    default_to(retention, "whenDeleted", "Retain");
    default_to(retention, "whenScaled", "Retain");
  }
  default_to(spec, "replicas", 1);
  default_to(spec, "revisionHistoryLimit", 10);
  default_template(spec);
  if (member(spec, "volumeClaimTemplates") != nullptr) {
    for (Json& claim : spec["volumeClaimTemplates"]) {
      default_to(claim, "apiVersion", "v1");
      default_to(claim, "kind", "PersistentVolumeClaim");
      default_claim(claim);
      object_in(claim, "status")["phase"] = "Pending";
    }
  }
}

void default_replicaset(Json& set) {
  Json& spec = object_in(set, "spec");
  default_to(spec, "replicas", 1);
  default_template(spec);
}

void default_deployment(Json& deployment) {
  Json& spec = object_in(deployment, "spec");
  default_to(spec, "replicas", 1);
  Json& strategy = object_in(spec, "strategy");
  if (text_or(strategy, "type").empty()) {
    strategy["type"] = "RollingUpdate";
  }
  if (text_or(strategy, "type") == "RollingUpdate") {
    Json& block = object_in(strategy, "rollingUpdate");
    default_to(block, "maxUnavailable", "25%");
    default_to(block, "maxSurge", "25%");
  }
  default_to(spec, "revisionHistoryLimit", 10);
  default_to(spec, "progressDeadlineSeconds", 600);
  default_template(spec);
}

void default_daemonset(Json& set) {
  Json& spec = object_in(set, "spec");
  Json& strategy = object_in(spec, "updateStrategy");
  if (text_or(strategy, "type").empty()) {
    strategy["type"] = "RollingUpdate";
  }
  if (text_or(strategy, "type") == "RollingUpdate") {
    Json& block = object_in(strategy, "rollingUpdate");
    default_to(block, "maxUnavailable", 1);
    default_to(block, "maxSurge", 0);
  }
  default_to(spec, "revisionHistoryLimit", 10);
  default_template(spec);
}

void default_job(Json& job, const Features& features) {
  Json& spec = object_in(job, "spec");
  if (member(spec, "completions") == nullptr && member(spec, "parallelism") == nullptr) {
    spec["completions"] = 1;
  }
  default_to(spec, "parallelism", 1);
  const bool per_index =
      features.has(Gate::JobBackoffLimitPerIndex) && member(spec, "backoffLimitPerIndex") != nullptr;
  default_to(spec, "backoffLimit", per_index ? std::numeric_limits<std::int32_t>::max() : 6);
  default_to(spec, "completionMode", "NonIndexed");
  default_to(spec, "suspend", false);
  if (at_path(spec, "podFailurePolicy.rules") != nullptr) {
    for (Json& rule : spec["podFailurePolicy"]["rules"]) {
      if (member(rule, "onPodConditions") != nullptr) {
        for (Json& pattern : rule["onPodConditions"]) {
          default_to(pattern, "status", "True");
        }
      }
    }
  }
  if (features.has(Gate::JobPodReplacementPolicy)) {
    default_to(spec, "podReplacementPolicy",
               member(spec, "podFailurePolicy") != nullptr ? "Failed" : "TerminatingOrFailed");
  }
  default_template(spec);
  const Json* labels = at_path(spec, "template.metadata.labels");
  Json& metadata = object_in(job, "metadata");
  const Json* own = member(metadata, "labels");
  if (labels != nullptr && !labels->empty() && (own == nullptr || own->empty())) {
    metadata["labels"] = *labels;
  }
}

void drop_disabled_statefulset_fields(Json& set, const Json* old, const Features& features) {
  Json& spec = object_in(set, "spec");
  if (!features.has(Gate::StatefulSetAutoDeletePVC) &&
      !has_path(old, "spec.persistentVolumeClaimRetentionPolicy")) {
    drop(spec, "persistentVolumeClaimRetentionPolicy");
  }
  if (!features.has(Gate::StatefulSetStartOrdinal) && !has_path(old, "spec.ordinals")) {
    drop(spec, "ordinals");
  }
  if (!features.has(Gate::MaxUnavailableStatefulSet) &&
      !has_path(old, "spec.updateStrategy.rollingUpdate.maxUnavailable") &&
      at_path(spec, "updateStrategy.rollingUpdate") != nullptr) {
    drop(spec["updateStrategy"]["rollingUpdate"], "maxUnavailable");
  }
}

namespace {

/// FailIndex rules go with the gate of the field that they need. Source: batch/job strategy.go
/// PrepareForCreate.
void drop_fail_index_rules(Json& spec) {
  if (at_path(spec, "podFailurePolicy.rules") == nullptr) {
    return;
  }
  Json kept = Json::array();
  for (const Json& rule : spec["podFailurePolicy"]["rules"]) {
    if (text_or(rule, "action") != "FailIndex") {
      kept.push_back(rule);
    }
  }
  spec["podFailurePolicy"]["rules"] = std::move(kept);
}

}  // namespace

void drop_disabled_job_fields(Json& job, const Json* old, const Features& features) {
  Json& spec = object_in(job, "spec");
  const auto drop_unless = [&](Gate gate, const char* name) {
    if (!features.has(gate) && !has_path(old, std::string("spec.") + name)) {
      drop(spec, name);
    }
  };
  drop_unless(Gate::JobPodFailurePolicy, "podFailurePolicy");
  drop_unless(Gate::JobManagedBy, "managedBy");
  drop_unless(Gate::JobSuccessPolicy, "successPolicy");
  drop_unless(Gate::JobPodReplacementPolicy, "podReplacementPolicy");
  if (!features.has(Gate::JobBackoffLimitPerIndex) && !has_path(old, "spec.backoffLimitPerIndex")) {
    drop(spec, "backoffLimitPerIndex");
    drop(spec, "maxFailedIndexes");
    if (old == nullptr) {
      drop_fail_index_rules(spec);
    }
  }
}

}  // namespace models::kubernetes::json

#include "models/kubernetes/json/statefulset_json.h"

#include <fmt/core.h>

#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/schema.h"

namespace models::kubernetes::json {

namespace {

ClaimRetention retention_of(const Json& spec, const char* name) {
  const Json* policy = member(spec, "persistentVolumeClaimRetentionPolicy");
  return policy != nullptr && text_or(*policy, name) == "Delete" ? ClaimRetention::Delete
                                                                 : ClaimRetention::Retain;
}

std::optional<IntOrPercent> max_unavailable_of(const Json& spec) {
  const Json* value = at_path(spec, "updateStrategy.rollingUpdate.maxUnavailable");
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->is_string()) {
    const std::string& text = value->get_ref<const std::string&>();
    const bool digits =
        !text.empty() && text.find_first_not_of("0123456789%") == std::string::npos && text != "%";
    return IntOrPercent{digits && text.size() < 9 ? std::stoi(text) : 0, true};
  }
  return IntOrPercent{value->get<std::int32_t>(), false};
}

std::shared_ptr<const std::vector<ClaimTemplate>> claims_of(const Json& spec) {
  const Json* templates = member(spec, "volumeClaimTemplates");
  if (templates == nullptr || templates->empty()) {
    return nullptr;
  }
  std::vector<ClaimTemplate> claims;
  for (const Json& claim : *templates) {
    const Json* name = at_path(claim, "metadata.name");
    const Json* storage = at_path(claim, "spec.resources.requests.storage");
    const Json* storage_class = at_path(claim, "spec.storageClassName");
    claims.push_back({name == nullptr ? std::string() : name->get<std::string>(),
                      storage == nullptr ? std::string() : quantity_text(*storage),
                      storage_class == nullptr ? std::string() : storage_class->get<std::string>()});
  }
  return std::make_shared<const std::vector<ClaimTemplate>>(std::move(claims));
}

std::int32_t int32_or(const Json& object, std::string_view name, std::int32_t fallback) {
  return static_cast<std::int32_t>(int_or(object, name, fallback));
}

void report_finalizers(const Json& object, Problems& problems) {
  if (const Json* finalizers = at_path(object, "metadata.finalizers"); finalizers != nullptr) {
    for (const Json& finalizer : *finalizers) {
      if (finalizer != Json("foregroundDeletion") && finalizer != Json("orphan")) {
        problems.unmodelled.push_back({"metadata.finalizers", fmt::format("finalizer {} is not modelled",
                                                                          finalizer.get<std::string>())});
      }
    }
  }
}

}  // namespace

void statefulset_from(Cluster& cluster, const Json& set, StatefulSet& out, Problems& problems) {
  const Json& spec = set.at("spec");
  StatefulSetSpec& into = out.spec;
  into.replicas = int32_or(spec, "replicas", 1);
  into.pod_management_policy = text_or(spec, "podManagementPolicy") == "Parallel"
                                   ? PodManagementPolicy::Parallel
                                   : PodManagementPolicy::OrderedReady;
  const Json* strategy = member(spec, "updateStrategy");
  into.update_strategy = strategy != nullptr && text_or(*strategy, "type") == "OnDelete"
                             ? UpdateStrategy::OnDelete
                             : UpdateStrategy::RollingUpdate;
  const Json* block = strategy == nullptr ? nullptr : member(*strategy, "rollingUpdate");
  into.rolling_update_block = block != nullptr;
  into.partition = block == nullptr ? 0 : int32_or(*block, "partition", 0);
  into.max_unavailable = max_unavailable_of(spec);
  const Json* ordinals = member(spec, "ordinals");
  into.start = ordinals == nullptr ? 0 : int32_or(*ordinals, "start", 0);
  into.min_ready_seconds = int32_or(spec, "minReadySeconds", 0);
  into.revision_history_limit = int32_or(spec, "revisionHistoryLimit", 10);
  into.when_deleted = retention_of(spec, "whenDeleted");
  into.when_scaled = retention_of(spec, "whenScaled");
  into.service_name = cluster.strings.intern(text_or(spec, "serviceName"));
  const Json* selector = member(spec, "selector");
  into.selector = std::make_shared<const LabelMap>(selector == nullptr ? LabelMap{}
                                                                       : labels_at(*selector, "matchLabels"));
  into.claims = claims_of(spec);
  into.pod_template = cluster.add_template(pod_template_from(spec.at("template"), "spec.template", problems));
  out.manifest = cluster.strings.intern(kept_text(set));
  const Json* labels = at_path(set, "metadata.labels");
  out.labels_json =
      labels == nullptr || labels->empty() ? 0 : cluster.strings.intern(canonical(*labels).dump());
  report_finalizers(set, problems);
}

bool read_statefulset(Cluster& cluster, const Json& manifest, StatefulSet& out, Problems& problems) {
  check_fields(manifest, statefulset_structure(), "", problems);
  if (!problems.ok()) {
    return false;
  }
  Json set = manifest;
  default_statefulset(set, cluster.features());
  drop_disabled_statefulset_fields(set, nullptr, cluster.features());
  read_metadata(cluster, set, true, 0, out.meta);
  out.meta.created = {};
  out.meta.deletion_timestamp = sim::kNever;
  statefulset_from(cluster, set, out, problems);
  return true;
}

void read_statefulset_status(Cluster& cluster, const Json& object, StatefulSet& out) {
  const Json* status = member(object, "status");
  if (status == nullptr) {
    return;
  }
  StatefulSetStatus& into = out.status;
  into.replicas = int32_or(*status, "replicas", 0);
  into.ready_replicas = int32_or(*status, "readyReplicas", 0);
  into.available_replicas = int32_or(*status, "availableReplicas", 0);
  into.current_replicas = int32_or(*status, "currentReplicas", 0);
  into.updated_replicas = int32_or(*status, "updatedReplicas", 0);
  into.observed_generation = static_cast<std::uint32_t>(int_or(*status, "observedGeneration", 0));
  into.current_revision = cluster.strings.intern(text_or(*status, "currentRevision"));
  into.update_revision = cluster.strings.intern(text_or(*status, "updateRevision"));
}

namespace {

/// Puts the values that rules read over the kept spec: another writer than `apply` may have changed them.
void write_spec(const Cluster& cluster, const StatefulSetSpec& from, Json& spec) {
  spec["replicas"] = from.replicas;
  spec["podManagementPolicy"] =
      from.pod_management_policy == PodManagementPolicy::Parallel ? "Parallel" : "OrderedReady";
  spec["revisionHistoryLimit"] = from.revision_history_limit;
  if (from.service_name != 0) {
    spec["serviceName"] = cluster.strings[from.service_name];
  }
  if (from.min_ready_seconds != 0 || spec.contains("minReadySeconds")) {
    spec["minReadySeconds"] = from.min_ready_seconds;
  }
  if (from.start != 0 || spec.contains("ordinals")) {
    make_path(spec, "ordinals")["start"] = from.start;
  }
  const auto word = [](ClaimRetention policy) {
    return policy == ClaimRetention::Delete ? "Delete" : "Retain";
  };
  if (cluster.features().has(Gate::StatefulSetAutoDeletePVC)) {
    Json& retention = make_path(spec, "persistentVolumeClaimRetentionPolicy");
    retention["whenDeleted"] = word(from.when_deleted);
    retention["whenScaled"] = word(from.when_scaled);
  }
  Json& strategy = make_path(spec, "updateStrategy");
  const bool on_delete = from.update_strategy == UpdateStrategy::OnDelete;
  strategy["type"] = on_delete ? "OnDelete" : "RollingUpdate";
  if (on_delete || !from.rolling_update_block) {
    strategy.erase("rollingUpdate");
  } else {
    Json& block = make_path(strategy, "rollingUpdate");
    block["partition"] = from.partition;
    if (from.max_unavailable) {
      block["maxUnavailable"] = from.max_unavailable->percent
                                    ? Json(fmt::format("{}%", from.max_unavailable->value))
                                    : Json(from.max_unavailable->value);
    }
  }
  if (from.selector != nullptr && !spec.contains("selector")) {
    spec["selector"]["matchLabels"] = to_json(*from.selector);
  }
  if (from.claims != nullptr && !spec.contains("volumeClaimTemplates")) {
    for (const ClaimTemplate& claim : *from.claims) {
      Json entry{
          {"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"metadata", {{"name", claim.name}}}};
      // A claim template of a described set has no access modes: one node at a time, as most have (assumed).
      entry["spec"]["accessModes"].push_back("ReadWriteOnce");
      entry["spec"]["resources"]["requests"]["storage"] = claim.storage;
      if (!claim.storage_class.empty()) {
        entry["spec"]["storageClassName"] = claim.storage_class;
      }
      entry["spec"]["volumeMode"] = "Filesystem";
      entry["status"]["phase"] = "Pending";
      spec["volumeClaimTemplates"].push_back(std::move(entry));
    }
  }
}

Json status_json(const Cluster& cluster, const StatefulSetStatus& from) {
  Json status = Json::object();
  // Counts of zero are left out by the API, except of replicas and availableReplicas.
  status["availableReplicas"] = from.available_replicas;
  status["replicas"] = from.replicas;
  for (const auto& [name, value] :
       {std::pair{"currentReplicas", from.current_replicas}, std::pair{"readyReplicas", from.ready_replicas},
        std::pair{"updatedReplicas", from.updated_replicas}}) {
    if (value != 0) {
      status[name] = value;
    }
  }
  if (from.observed_generation != 0) {
    status["observedGeneration"] = from.observed_generation;
    status["collisionCount"] = 0;
  }
  for (const auto& [name, value] : {std::pair{"currentRevision", from.current_revision},
                                    std::pair{"updateRevision", from.update_revision}}) {
    if (value != 0) {
      status[name] = cluster.strings[value];
    }
  }
  return status;
}

}  // namespace

Json statefulset_json(const Cluster& cluster, const StatefulSet& set, UnixSeconds epoch) {
  Json object = with_template(cluster, set.manifest, set.labels_json, set.spec.pod_template);
  Json metadata = metadata_json(cluster, set.meta, cluster.strings[set.meta.name], epoch);
  metadata["generation"] = set.meta.generation;
  metadata.update(object["metadata"]);
  if (set.propagation != DeletionFinalizer::None) {
    metadata["finalizers"].push_back(
        set.propagation == DeletionFinalizer::ForegroundDeletion ? "foregroundDeletion" : "orphan");
  }
  write_spec(cluster, set.spec, object["spec"]);
  return canonical(Json{{"apiVersion", "apps/v1"},
                        {"kind", "StatefulSet"},
                        {"metadata", std::move(metadata)},
                        {"spec", std::move(object["spec"])},
                        {"status", status_json(cluster, set.status)}});
}

Json revision_json(const Cluster& cluster, const ControllerRevision& revision, UnixSeconds epoch) {
  Json metadata = metadata_json(cluster, revision.meta, cluster.strings[revision.meta.name], epoch);
  const PodTemplate& pod_template = *cluster.templates[revision.pod_template];
  LabelMap labels = pod_template.labels;
  labels.emplace_back("controller.kubernetes.io/hash", cluster.strings[revision.meta.name]);
  metadata["labels"] = to_json(labels);
  if (Json reference = owner_reference_json(cluster, revision.owner); !reference.is_null()) {
    metadata["ownerReferences"].push_back(std::move(reference));
  }
  Json data = Json::object();
  data["spec"]["template"] = template_json(pod_template);
  data["spec"]["template"]["$patch"] = "replace";
  return canonical(Json{{"apiVersion", "apps/v1"},
                        {"data", std::move(data)},
                        {"kind", "ControllerRevision"},
                        {"metadata", std::move(metadata)},
                        {"revision", revision.revision}});
}

}  // namespace models::kubernetes::json

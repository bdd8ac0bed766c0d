#include "models/kubernetes/json/claim_json.h"

#include <algorithm>

#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/resource_kinds.h"

namespace models::kubernetes::json {

namespace {
constexpr const char* kProtection = "kubernetes.io/pvc-protection";
}

void claim_from(Cluster& cluster, const Json& object, UnixSeconds epoch, PersistentVolumeClaim& out) {
  read_metadata(cluster, object, true, epoch, out.meta);
  const Json* storage = at_path(object, "spec.resources.requests.storage");
  out.storage = cluster.strings.intern(storage == nullptr ? std::string() : quantity_text(*storage));
  const Json& spec = object.at("spec");
  out.storage_class = cluster.strings.intern(text_or(spec, "storageClassName"));
  out.volume = cluster.strings.intern(text_or(spec, "volumeName"));
  const Json* status = member(object, "status");
  const std::string phase = status == nullptr ? std::string() : text_or(*status, "phase");
  out.phase = phase == "Bound" ? ClaimPhase::Bound : phase == "Lost" ? ClaimPhase::Lost : ClaimPhase::Pending;

  Json kept = Json::object();
  const Json& metadata = object.at("metadata");
  for (const char* name : {"annotations", "labels"}) {
    if (const Json* value = member(metadata, name); value != nullptr && !value->empty()) {
      kept["metadata"][name] = *value;
    }
  }
  // The API server adds the finalizer to every new claim. Source: StorageObjectInUseProtection admission.
  const Json* finalizers = member(metadata, "finalizers");
  const bool of_snapshot = status != nullptr && !phase.empty();
  out.protection =
      !of_snapshot || (finalizers != nullptr && std::find(finalizers->begin(), finalizers->end(),
                                                          Json(kProtection)) != finalizers->end());
  kept["spec"] = spec;
  if (const Json* capacity = status == nullptr ? nullptr : member(*status, "capacity")) {
    kept["capacity"] = *capacity;
  }
  out.manifest = cluster.strings.intern(canonical(kept).dump());
}

bool read_claim(Cluster& cluster, const Json& manifest, PersistentVolumeClaim& out, Problems& problems) {
  check_fields(manifest, claim_structure(), "", problems);
  if (!problems.ok()) {
    return false;
  }
  Json claim = manifest;
  make_path(claim, "metadata");
  claim.erase("status");
  default_claim(claim);
  claim_from(cluster, claim, 0, out);
  out.meta.created = {};
  out.meta.deletion_timestamp = sim::kNever;
  return true;
}

namespace {

/// What is known of a claim beside its typed fields.
Json kept_of(const Cluster& cluster, const PersistentVolumeClaim& claim) {
  if (claim.manifest != 0) {
    return Json::parse(cluster.strings[claim.manifest]);
  }
  for (Row row = 0; claim.set_name != 0 && row < cluster.statefulsets.extent(); ++row) {
    if (!cluster.statefulsets.exists(row)) {
      continue;
    }
    const StatefulSet& set = cluster.statefulsets[row];
    if (set.meta.name != claim.set_name || set.meta.name_space != claim.meta.name_space ||
        set.manifest == 0) {
      continue;
    }
    const Json spec = Json::parse(cluster.strings[set.manifest]);
    const Json* templates = at_path(spec, "spec.volumeClaimTemplates");
    if (templates != nullptr && claim.claim_template < templates->size()) {
      Json kept = (*templates)[claim.claim_template];
      kept.erase("status");
      // The claim gets the set's matchLabels. Source: stateful_set_utils.go getPersistentVolumeClaims.
      if (set.spec.selector != nullptr) {
        kept["metadata"]["labels"] = to_json(*set.spec.selector);
      }
      return kept;
    }
  }
  return Json::object();
}

}  // namespace

std::vector<std::string> access_modes_of(const Cluster& cluster, const PersistentVolumeClaim& claim) {
  const Json kept = kept_of(cluster, claim);
  const Json* modes = at_path(kept, "spec.accessModes");
  return modes == nullptr || modes->empty() ? std::vector<std::string>{"ReadWriteOnce"}
                                            : modes->get<std::vector<std::string>>();
}

Json claim_json(const Cluster& cluster, const PersistentVolumeClaim& claim, UnixSeconds epoch) {
  const Json kept = kept_of(cluster, claim);
  Json metadata = metadata_json(cluster, claim.meta, cluster.strings[claim.meta.name], epoch);
  for (const char* name : {"annotations", "labels"}) {
    if (const Json* value = at_path(kept, std::string("metadata.") + name)) {
      metadata[name] = *value;
    }
  }
  if (claim.protection) {
    metadata["finalizers"].push_back(kProtection);
  }
  for (const auto& [kind, uid, name] :
       {std::tuple{Kind::StatefulSet, claim.owner_set, std::string(cluster.strings[claim.set_name])},
        std::tuple{Kind::Pod, claim.owner_pod,
                   cluster.strings[claim.set_name] + "-" + std::to_string(claim.ordinal)}}) {
    if (uid != 0) {
      const ResourceKind& resource = resource_of(kind);
      metadata["ownerReferences"].push_back({{"apiVersion", resource.api_version},
                                             {"kind", resource.kind_name},
                                             {"name", name},
                                             {"uid", uid_text(uid)}});
    }
  }
  const Json* kept_spec = member(kept, "spec");
  Json spec = kept_spec == nullptr ? Json::object() : *kept_spec;
  const std::vector<std::string> modes = access_modes_of(cluster, claim);
  spec["accessModes"] = modes;
  make_path(spec, "resources.requests")["storage"] = cluster.strings[claim.storage];
  for (const auto& [name, value] :
       {std::pair{"storageClassName", claim.storage_class}, std::pair{"volumeName", claim.volume}}) {
    if (value != 0) {
      spec[name] = cluster.strings[value];
    }
  }
  if (!spec.contains("volumeMode")) {
    spec["volumeMode"] = "Filesystem";
  }
  Json status{{"phase", to_text(claim.phase)}};
  if (claim.phase == ClaimPhase::Bound) {
    status["accessModes"] = modes;
    const Json* capacity = member(kept, "capacity");
    status["capacity"] = capacity != nullptr ? *capacity : Json{{"storage", cluster.strings[claim.storage]}};
  }
  return canonical(Json{{"apiVersion", "v1"},
                        {"kind", "PersistentVolumeClaim"},
                        {"metadata", std::move(metadata)},
                        {"spec", std::move(spec)},
                        {"status", std::move(status)}});
}

}  // namespace models::kubernetes::json

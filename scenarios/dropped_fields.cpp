#include "scenarios/dropped_fields.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/kubernetes/json/defaults.h"

namespace scenarios {

namespace json = models::kubernetes::json;

std::vector<std::string> dropped_fields(const nlohmann::ordered_json& manifest,
                                        const models::kubernetes::Features& features) {
  const std::string kind = json::text_or(manifest, "kind");
  json::Json kept = manifest;
  if (!kept.contains("spec") || !kept["spec"].is_object()) {
    return {};
  }
  if (kind == "StatefulSet") {
    json::drop_disabled_statefulset_fields(kept, nullptr, features);
  } else if (kind == "Job") {
    json::drop_disabled_job_fields(kept, nullptr, features);
  } else if (kind == "PodDisruptionBudget" && !features.since(27)) {
    // The gate PDBUnhealthyPodEvictionPolicy is off in 1.26.
    kept["spec"].erase("unhealthyPodEvictionPolicy");
  }
  std::vector<std::string> dropped;
  for (const json::Json& change : json::Json::diff(manifest, kept)) {
    if (change["op"] == "remove") {
      std::string path = change["path"].get<std::string>().substr(1);
      std::replace(path.begin(), path.end(), '/', '.');
      dropped.push_back(fmt::format("{}: the cluster does not keep it, for its feature gate is off", path));
    }
  }
  return dropped;
}

}  // namespace scenarios

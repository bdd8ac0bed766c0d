#pragma once
// Manifests as people write them, and changes of them: a case of a table is a merge patch on a good manifest.

#include <string>
#include <string_view>

#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/three_way_merge.h"

namespace models::kubernetes::testing_support {

using Json = json::Json;

inline Json patched(Json object, std::string_view patch) {
  if (!patch.empty()) {
    apply_merge_patch(object, Json::parse(patch));
  }
  return object;
}

/// StatefulSet default/web: two replicas of one container, serviceName web.
inline Json statefulset_manifest(std::string_view patch = "") {
  static const Json manifest = Json::parse(R"({
    "apiVersion": "apps/v1", "kind": "StatefulSet",
    "metadata": {"name": "web", "labels": {"tier": "front"}},
    "spec": {
      "replicas": 2, "serviceName": "web",
      "selector": {"matchLabels": {"app": "web"}},
      "template": {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "nginx", "image": "nginx:1.25",
                                 "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}]}}}})");
  return patched(manifest, patch);
}

/// Job default/pi: Indexed, four of four.
inline Json job_manifest(std::string_view patch = "") {
  static const Json manifest = Json::parse(R"({
    "apiVersion": "batch/v1", "kind": "Job",
    "metadata": {"name": "pi"},
    "spec": {
      "completions": 4, "parallelism": 4, "completionMode": "Indexed",
      "template": {
        "metadata": {"labels": {"app": "pi"}},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "pi", "image": "perl:5.34"}]}}}})");
  return patched(manifest, patch);
}

}  // namespace models::kubernetes::testing_support

#include "models/kubernetes/deployment_annotations.h"

#include <algorithm>
#include <array>
#include <string>

#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::deployments {

namespace {

json::Json parsed(const Cluster& cluster, Text manifest) {
  return manifest == 0 ? json::Json::object() : json::Json::parse(cluster.strings[manifest]);
}

}  // namespace

bool is_own_annotation(std::string_view key) {
  constexpr std::array<std::string_view, 6> kOwn = {"kubectl.kubernetes.io/last-applied-configuration",
                                                    "deployment.kubernetes.io/revision",
                                                    "deployment.kubernetes.io/revision-history",
                                                    "deployment.kubernetes.io/desired-replicas",
                                                    "deployment.kubernetes.io/max-replicas",
                                                    "deprecated.deployment.rollback.to"};
  return std::find(kOwn.begin(), kOwn.end(), key) != kOwn.end();
}

bool copy_annotations(Cluster& cluster, const Deployment& deployment, ReplicaSet& set) {
  if (cluster.strings[deployment.manifest].find("\"annotations\"") == std::string::npos) {
    return false;  // not worth parsing: every sync comes here
  }
  const json::Json source = parsed(cluster, deployment.manifest);
  const json::Json* annotations = json::at_path(source, "metadata.annotations");
  if (annotations == nullptr) {
    return false;
  }
  json::Json target = parsed(cluster, set.manifest);
  bool changed = false;
  for (auto it = annotations->begin(); it != annotations->end(); ++it) {
    if (is_own_annotation(it.key())) {
      continue;
    }
    const json::Json* metadata = json::member(target, "metadata");
    const json::Json* present = metadata == nullptr ? nullptr : json::member(*metadata, "annotations");
    if (present != nullptr && present->contains(it.key()) && (*present)[it.key()] == *it) {
      continue;
    }
    target["metadata"]["annotations"][it.key()] = *it;
    changed = true;
  }
  if (changed) {
    set.manifest = cluster.strings.intern(json::canonical(target).dump());
  }
  return changed;
}

bool set_revision(Cluster& cluster, ReplicaSet& set, std::int64_t revision) {
  if (set.revision >= revision) {
    return false;
  }
  if (set.revision > 0) {
    constexpr std::size_t kHistoryMax = 2000;
    std::string history = cluster.strings[set.revision_history];
    const std::string left = std::to_string(set.revision);
    while (!history.empty() && history.size() + left.size() + 1 > kHistoryMax) {
      const std::size_t comma = history.find(',');
      history = comma == std::string::npos ? std::string() : history.substr(comma + 1);
    }
    history += (history.empty() ? "" : ",") + left;
    set.revision_history = cluster.strings.intern(history);
  }
  set.revision = revision;
  return true;
}

}  // namespace models::kubernetes::deployments

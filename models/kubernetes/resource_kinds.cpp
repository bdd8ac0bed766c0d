#include "models/kubernetes/resource_kinds.h"

#include <algorithm>
#include <array>

#include "sim/require.h"

namespace models::kubernetes {

namespace {

constexpr std::array<ResourceKind, 11> kResources{{
    {Kind::Node, "Node", "nodes", "node", "no", "", "v1", false},
    {Kind::Pod, "Pod", "pods", "pod", "po", "", "v1", true},
    {Kind::StatefulSet, "StatefulSet", "statefulsets", "statefulset", "sts", "apps", "apps/v1", true},
    {Kind::ReplicaSet, "ReplicaSet", "replicasets", "replicaset", "rs", "apps", "apps/v1", true},
    {Kind::Deployment, "Deployment", "deployments", "deployment", "deploy", "apps", "apps/v1", true},
    {Kind::DaemonSet, "DaemonSet", "daemonsets", "daemonset", "ds", "apps", "apps/v1", true},
    {Kind::Job, "Job", "jobs", "job", "", "batch", "batch/v1", true},
    {Kind::PersistentVolumeClaim, "PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim",
     "pvc", "", "v1", true},
    {Kind::ControllerRevision, "ControllerRevision", "controllerrevisions", "controllerrevision", "", "apps",
     "apps/v1", true},
    {Kind::PodDisruptionBudget, "PodDisruptionBudget", "poddisruptionbudgets", "poddisruptionbudget", "pdb",
     "policy", "policy/v1", true},
    {Kind::MiniCluster, "MiniCluster", "miniclusters", "minicluster", "", "flux-framework.org",
     "flux-framework.org/v1alpha2", true},
}};

std::string with_group(std::string_view word, std::string_view group) {
  return group.empty() ? std::string(word) : std::string(word) + "." + std::string(group);
}

std::string lower(std::string_view word) {
  std::string result(word);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

/// Whether `tail` names the kind's group (`apps`), or its version and group (`v1.apps`).
bool names_group(const ResourceKind& kind, std::string_view tail) {
  if (tail == kind.group) {
    return true;
  }
  const std::size_t slash = kind.api_version.find('/');
  const std::string_view version =
      slash == std::string_view::npos ? kind.api_version : kind.api_version.substr(slash + 1);
  return tail == std::string(version) + "." + std::string(kind.group);
}

}  // namespace

std::string ResourceKind::prefix() const { return with_group(singular, group); }
std::string ResourceKind::group_resource() const { return with_group(resource, group); }
std::string ResourceKind::group_kind() const { return with_group(kind_name, group); }

std::span<const ResourceKind> resource_kinds() { return kResources; }

const ResourceKind* find_resource(std::string_view word) {
  const std::string wanted = lower(word);
  const std::string_view all = wanted;
  const std::size_t dot = all.find('.');
  const std::string_view head = all.substr(0, dot);
  for (const ResourceKind& kind : kResources) {
    const bool named =
        head == kind.resource || head == kind.singular || (!head.empty() && head == kind.short_name);
    if (named && (dot == std::string_view::npos || names_group(kind, all.substr(dot + 1)))) {
      return &kind;
    }
  }
  return nullptr;
}

const ResourceKind* find_kind(std::string_view kind_name) {
  const auto* found = std::find_if(kResources.begin(), kResources.end(),
                                   [&](const ResourceKind& kind) { return kind.kind_name == kind_name; });
  return found == kResources.end() ? nullptr : found;
}

const ResourceKind& resource_of(Kind kind) {
  const auto* found = std::find_if(kResources.begin(), kResources.end(),
                                   [&](const ResourceKind& resource) { return resource.kind == kind; });
  sim::require(found != kResources.end(), "a kind without a resource");
  return *found;
}

}  // namespace models::kubernetes

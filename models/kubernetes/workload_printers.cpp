#include "models/kubernetes/workload_printers.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "models/kubernetes/duration_text.h"

namespace models::kubernetes {

namespace {

std::string age_of(const Meta& meta, sim::Time now) { return human_duration(now - meta.created); }

/// Names and images of the regular containers. Source: layoutContainerCells.
void add_containers(const PodTemplate& pod_template, Cells& cells) {
  std::string names;
  std::string images;
  for (const Container& container : pod_template.containers) {
    if (!container.init) {
      names += (names.empty() ? "" : ",") + container.name;
      images += (images.empty() ? "" : ",") + container.image;
    }
  }
  cells.push_back(std::move(names));
  cells.push_back(std::move(images));
}

template <class Spec>
void add_wide(const Cluster& cluster, const Spec& spec, Cells& cells) {
  add_containers(*cluster.templates[spec.pod_template], cells);
  cells.push_back(selector_text(*spec.selector));
}

std::string requirement_text(const SelectorRequirement& requirement) {
  std::vector<std::string> values = requirement.values;
  std::sort(values.begin(), values.end());
  switch (requirement.op) {
    case SelectorOperator::In:
      return fmt::format("{} in ({})", requirement.key, fmt::join(values, ","));
    case SelectorOperator::NotIn:
      return fmt::format("{} notin ({})", requirement.key, fmt::join(values, ","));
    case SelectorOperator::Exists:
      return requirement.key;
    case SelectorOperator::DoesNotExist:
      return "!" + requirement.key;
    case SelectorOperator::Gt:
      return fmt::format("{}>{}", requirement.key, fmt::join(values, ","));
    case SelectorOperator::Lt:
      return fmt::format("{}<{}", requirement.key, fmt::join(values, ","));
  }
  return {};
}

}  // namespace

std::string labels_text(const LabelMap& labels) {
  std::string text;
  for (const auto& [key, value] : labels) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  }
  return text.empty() ? "<none>" : text;
}

std::string selector_text(const LabelSelector& selector) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const auto& [key, value] : selector.match_labels) {
    parts.emplace_back(key, fmt::format("{}={}", key, value));
  }
  for (const SelectorRequirement& requirement : selector.match_expressions) {
    parts.emplace_back(requirement.key, requirement_text(requirement));
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& part : parts) {
    text += (text.empty() ? "" : ",") + part.second;
  }
  return text.empty() ? "<none>" : text;
}

Cells replicaset_cells(const Cluster& cluster, const ReplicaSet& set, bool wide, sim::Time now) {
  Cells cells{cluster.name_of(set.meta), std::to_string(set.spec.replicas),
              std::to_string(set.status.replicas), std::to_string(set.status.ready_replicas),
              age_of(set.meta, now)};
  if (wide) {
    add_wide(cluster, set.spec, cells);
  }
  return cells;
}

Cells deployment_cells(const Cluster& cluster, const Deployment& deployment, bool wide, sim::Time now) {
  const DeploymentStatus& status = deployment.status;
  Cells cells{cluster.name_of(deployment.meta),
              fmt::format("{}/{}", status.ready_replicas, deployment.spec.replicas),
              std::to_string(status.updated_replicas), std::to_string(status.available_replicas),
              age_of(deployment.meta, now)};
  if (wide) {
    add_wide(cluster, deployment.spec, cells);
  }
  return cells;
}

Cells daemonset_cells(const Cluster& cluster, const DaemonSet& set, bool wide, sim::Time now) {
  const DaemonSetStatus& status = set.status;
  Cells cells{cluster.name_of(set.meta)};
  for (const std::int32_t count :
       {status.desired, status.current, status.ready, status.updated, status.available}) {
    cells.push_back(std::to_string(count));
  }
  cells.push_back(labels_text(cluster.templates[set.spec.pod_template]->node_selector));
  cells.push_back(age_of(set.meta, now));
  if (wide) {
    add_wide(cluster, set.spec, cells);
  }
  return cells;
}

}  // namespace models::kubernetes

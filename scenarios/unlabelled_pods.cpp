#include "scenarios/unlabelled_pods.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/label_selector.h"
#include "models/kubernetes/statefulset_members.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Cluster;
using kubernetes::Kind;
using kubernetes::Pod;
using kubernetes::UpdateStrategy;
using kubernetes::json::text_or;

constexpr const char* kRevision = "controller-revision-hash";

/// The StatefulSet that adopts a pod without a controller; kNoRow if none does.
kubernetes::Row adopter_of(const Cluster& cluster, const Pod& pod) {
  const std::string name = cluster.name_of(pod);
  const kubernetes::Row row = cluster.find_statefulset(
      cluster.strings[pod.meta.name_space], name.substr(0, std::min(name.rfind('-'), name.size())));
  return row != kubernetes::kNoRow &&
                 kubernetes::selects(cluster, *cluster.statefulsets[row].spec.selector, pod)
             ? row
             : kubernetes::kNoRow;
}

/// The set that is going to replace the pod.
struct Replacer {
  Kind kind = Kind::None;
  kubernetes::Row row = kubernetes::kNoRow;
  friend auto operator<=>(const Replacer&, const Replacer&) = default;
};

Replacer replacer_of(const Cluster& cluster, const Pod& pod) {
  if (pod.meta.deleting() || pod.terminal() || pod.revision != 0) {
    return {};
  }
  if (pod.owner.kind == Kind::DaemonSet && cluster.daemonsets.exists(pod.owner.row)) {
    const kubernetes::DaemonSet& set = cluster.daemonsets[pod.owner.row];
    const bool rolls = set.spec.update_strategy == UpdateStrategy::RollingUpdate &&
                       pod.template_generation != set.template_generation;
    return rolls ? Replacer{Kind::DaemonSet, pod.owner.row} : Replacer{};
  }
  const kubernetes::Row row = pod.owner.kind == Kind::StatefulSet ? pod.owner.row
                              : pod.owner.kind == Kind::None      ? adopter_of(cluster, pod)
                                                                  : kubernetes::kNoRow;
  if (row == kubernetes::kNoRow || !cluster.statefulsets.exists(row)) {
    return {};
  }
  const kubernetes::StatefulSet& set = cluster.statefulsets[row];
  const std::int32_t ordinal = kubernetes::ordinal_in(cluster, pod, set.meta.name);
  const bool rolls = set.spec.update_strategy == UpdateStrategy::RollingUpdate && ordinal >= 0 &&
                     ordinal >= set.spec.partition;
  return rolls ? Replacer{Kind::StatefulSet, row} : Replacer{};
}

/// What to add, so that the pods count as those of the present template.
std::string what_to_add(const Cluster& cluster, const Replacer& replacer) {
  if (replacer.kind == Kind::DaemonSet) {
    return fmt::format(
        "if they have its present template, add the label pod-template-generation: \"{}\" to the pods",
        cluster.daemonsets[replacer.row].template_generation);
  }
  const kubernetes::StatefulSet& set = cluster.statefulsets[replacer.row];
  if (set.status.update_revision != 0) {
    return fmt::format(
        "if they have its present template, add the label {}: {} (its status.updateRevision) to the pods",
        kRevision, cluster.strings[set.status.update_revision]);
  }
  const std::string revision = cluster.name_of(set.meta) + "-1";
  return fmt::format(
      "if they have its present template, add status: {{currentRevision: {0}, updateRevision: {0}}} to the "
      "set, and "
      "the label {1}: {0} to the pods",
      revision, kRevision);
}

/// Pods of other controllers are many, and of no interest.
bool may_be_of_a_set(const nlohmann::ordered_json& metadata) {
  const auto references = metadata.find("ownerReferences");
  if (references == metadata.end() || !references->is_array() || references->empty()) {
    return true;
  }
  return std::any_of(references->begin(), references->end(), [](const nlohmann::ordered_json& reference) {
    const std::string kind = text_or(reference, "kind");
    return kind == "StatefulSet" || kind == "DaemonSet";
  });
}

}  // namespace

void UnlabelledPods::take_object(const nlohmann::ordered_json& object, const language::Location& at) {
  if (text_or(object, "kind") != "Pod" || !object.contains("metadata") || !object["metadata"].is_object()) {
    return;
  }
  const nlohmann::ordered_json& metadata = object["metadata"];
  if (may_be_of_a_set(metadata) &&
      kubernetes::find_label(kubernetes::json::labels_at(metadata, "labels"), kRevision) == nullptr) {
    places_.emplace(text_or(metadata, "namespace", "default") + "/" + text_or(metadata, "name"), at);
  }
}

void UnlabelledPods::warn(const Cluster& cluster, language::Diagnostics& diagnostics) const {
  struct Found {
    std::string first;
    std::size_t pods = 0;
  };
  std::map<Replacer, Found> found;
  for (kubernetes::Row row = 0; !places_.empty() && row < cluster.pods.extent(); ++row) {
    const Replacer replacer = cluster.pods.exists(row) ? replacer_of(cluster, cluster.pods[row]) : Replacer{};
    if (replacer.kind == Kind::None) {
      continue;
    }
    const std::string name =
        cluster.strings[cluster.pods[row].meta.name_space] + "/" + cluster.name_of(cluster.pods[row]);
    if (places_.contains(name)) {
      Found& of_set = found[replacer];
      of_set.first = of_set.pods++ == 0 ? name : of_set.first;
    }
  }
  for (const auto& [replacer, pods] : found) {
    const std::string set = replacer.kind == Kind::DaemonSet
                                ? "DaemonSet " + cluster.name_of(cluster.daemonsets[replacer.row].meta)
                                : "StatefulSet " + cluster.name_of(cluster.statefulsets[replacer.row].meta);
    diagnostics.warning(
        places_.at(pods.first), "metadata.labels",
        fmt::format("pod {}{} no label {}: {} takes {} of an older template and replaces {} when the "
                    "rehearsal begins",
                    pods.first, pods.pods == 1 ? " has" : fmt::format(" and {} more have", pods.pods - 1),
                    kRevision, set, pods.pods == 1 ? "it for one" : "them for pods",
                    pods.pods == 1 ? "it" : "them"),
        what_to_add(cluster, replacer));
  }
}

}  // namespace scenarios

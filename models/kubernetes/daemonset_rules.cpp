#include "models/kubernetes/daemonset_rules.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "models/kubernetes/deployment_rules.h"
#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/scheduler_filters.h"

namespace models::kubernetes::daemonsets {

namespace {

constexpr sim::Duration kFirstDelay = std::chrono::seconds{1};
constexpr sim::Duration kLongestDelay = std::chrono::minutes{15};

LabelMap labels_of(const Cluster& cluster, const Node& node) {
  LabelMap labels = cluster.shape_of(node).labels;
  if (find_label(labels, "kubernetes.io/hostname") == nullptr) {
    labels.emplace_back("kubernetes.io/hostname", cluster.strings[node.meta.name]);
    std::sort(labels.begin(), labels.end());
  }
  return labels;
}

bool untolerated(const std::vector<Taint>& taints, const std::vector<Toleration>& tolerations,
                 bool no_schedule_too) {
  return std::any_of(taints.begin(), taints.end(), [&](const Taint& taint) {
    const bool counts = taint.effect == "NoExecute" || (no_schedule_too && taint.effect == "NoSchedule");
    return counts && !scheduler::tolerates(tolerations, taint);
  });
}

json::Json to_json(const Toleration& toleration) {
  json::Json entry = json::Json::object();
  if (!toleration.effect.empty()) {
    entry["effect"] = toleration.effect;
  }
  if (!toleration.key.empty()) {
    entry["key"] = toleration.key;
  }
  entry["operator"] = toleration.exists ? "Exists" : "Equal";
  if (!toleration.value.empty()) {
    entry["value"] = toleration.value;
  }
  if (toleration.seconds >= 0) {
    entry["tolerationSeconds"] = toleration.seconds;
  }
  return entry;
}

/// An entry ends some time after its last use. Source: backoff.go hasExpired.
bool expired(const FailedPodsBackoff& backoff, sim::Time now) {
  return now - backoff.last_update > kLongestDelay * 2;
}

const FailedPodsBackoff* find(const std::vector<FailedPodsBackoff>& backoffs, Uid set,
                              std::uint32_t generation, Row node) {
  const auto found = std::find_if(backoffs.begin(), backoffs.end(), [&](const FailedPodsBackoff& known) {
    return known.uid == set && known.generation == generation && known.node == node;
  });
  return found == backoffs.end() ? nullptr : &*found;
}

}  // namespace

std::vector<Toleration> tolerations_of(const PodTemplate& pod_template) {
  constexpr std::array<std::pair<const char*, const char*>, 7> kAdded{{
      {"node.kubernetes.io/not-ready", "NoExecute"},
      {"node.kubernetes.io/unreachable", "NoExecute"},
      {"node.kubernetes.io/disk-pressure", "NoSchedule"},
      {"node.kubernetes.io/memory-pressure", "NoSchedule"},
      {"node.kubernetes.io/pid-pressure", "NoSchedule"},
      {"node.kubernetes.io/unschedulable", "NoSchedule"},
      {"node.kubernetes.io/network-unavailable", "NoSchedule"},
  }};
  std::vector<Toleration> tolerations = pod_template.tolerations;
  for (const auto& [key, effect] : kAdded) {
    if (std::string_view(key) == "node.kubernetes.io/network-unavailable" && !pod_template.host_network) {
      continue;
    }
    // Source: v1helper.AddOrUpdateTolerationInPodSpec: one for the same taints is replaced.
    const Toleration added{key, "", effect, true, -1};
    const auto same = std::find_if(tolerations.begin(), tolerations.end(), [&](const Toleration& known) {
      return known.key == added.key && known.effect == added.effect && known.exists && known.value.empty();
    });
    if (same == tolerations.end()) {
      tolerations.push_back(added);
    } else {
      *same = added;
    }
  }
  return tolerations;
}

NodeAnswer should_run(const Cluster& cluster, const Node& node, const PodTemplate& pod_template,
                      const std::vector<Toleration>& tolerations) {
  const std::string& name = cluster.strings[node.meta.name];
  if (!pod_template.node_name.empty() && pod_template.node_name != name) {
    return {};
  }
  const LabelMap labels = labels_of(cluster, node);
  const bool selected = std::all_of(pod_template.node_selector.begin(), pod_template.node_selector.end(),
                                    [&](const auto& wanted) {
                                      const std::string* value = find_label(labels, wanted.first);
                                      return value != nullptr && *value == wanted.second;
                                    });
  if (!selected || (pod_template.node_affinity && !matches_any(*pod_template.node_affinity, labels, name))) {
    return {};
  }
  const std::vector<Taint>& taints = cluster.taints_of(node);
  if (untolerated(taints, tolerations, true)) {
    return {false, !untolerated(taints, tolerations, false)};
  }
  return {true, true};
}

PodTemplate pod_template_of(const PodTemplate& pod_template) {
  PodTemplate copy = pod_template;
  copy.tolerations = tolerations_of(pod_template);
  if (!copy.manifest.empty()) {
    json::Json manifest = json::Json::parse(copy.manifest);
    json::Json list = json::Json::array();
    for (const Toleration& toleration : copy.tolerations) {
      list.push_back(to_json(toleration));
    }
    manifest["spec"]["tolerations"] = std::move(list);
    copy.manifest = json::canonical(manifest).dump();
  }
  return copy;
}

Row target_node(const View& view, const Pod& pod) {
  if (pod.node != kNoRow) {
    return pod.node;
  }
  const Cluster& cluster = view.cluster();
  for (Row row = 0; pod.pinned_node != 0 && row < cluster.nodes.extent(); ++row) {
    const Node* node = view.node(row);
    if (node != nullptr && node->meta.name == pod.pinned_node) {
      return row;
    }
  }
  return kNoRow;
}

std::int32_t surge_count(const DaemonSetSpec& spec, std::int32_t nodes) {
  return spec.update_strategy == UpdateStrategy::RollingUpdate
             ? deployments::scaled_value(spec.max_surge, nodes, true)
             : 0;
}

std::int32_t unavailable_count(const DaemonSetSpec& spec, std::int32_t nodes) {
  if (spec.update_strategy != UpdateStrategy::RollingUpdate) {
    return 0;
  }
  const std::int32_t count = deployments::scaled_value(spec.max_unavailable, nodes, true);
  return count == 0 && surge_count(spec, nodes) == 0 ? 1 : count;
}

bool is_updated(const DaemonSet& set, Text hash, const Pod& pod) {
  return pod.template_generation == set.template_generation || (hash != 0 && pod.revision == hash);
}

sim::Duration backoff_left(const std::vector<FailedPodsBackoff>& backoffs, Uid set, std::uint32_t generation,
                           Row node, sim::Time now) {
  // Source: IsInBackOffSinceUpdate, Get: while it waits, the whole delay is waited for anew.
  const FailedPodsBackoff* known = find(backoffs, set, generation, node);
  return known != nullptr && !expired(*known, now) && now - known->last_update < known->delay
             ? known->delay
             : sim::Duration::zero();
}

void note_failed_pod(std::vector<FailedPodsBackoff>& backoffs, Uid set, std::uint32_t generation, Row node,
                     sim::Time now) {
  std::erase_if(backoffs, [&](const FailedPodsBackoff& known) { return expired(known, now); });
  if (const FailedPodsBackoff* known = find(backoffs, set, generation, node)) {
    FailedPodsBackoff& backoff = backoffs[static_cast<std::size_t>(known - backoffs.data())];
    backoff.delay = std::min(backoff.delay * 2, kLongestDelay);
    backoff.last_update = now;
    return;
  }
  backoffs.push_back({set, generation, node, kFirstDelay, now});
}

}  // namespace models::kubernetes::daemonsets

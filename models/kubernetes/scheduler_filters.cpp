#include "models/kubernetes/scheduler_filters.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

namespace models::kubernetes::scheduler {

namespace {

const Taint kUnschedulableTaint{"node.kubernetes.io/unschedulable", "", "NoSchedule"};

bool matters(const Taint& taint) { return taint.effect == "NoSchedule" || taint.effect == "NoExecute"; }

/// The first taint that keeps the pod away, or nullptr.
/// Source: component-helpers scheduling/corev1/helpers.go FindMatchingUntoleratedTaint.
const Taint* untolerated_taint(const Cluster& cluster, const SchedulableNode& node,
                               const PodTemplate& pod_template) {
  if (node.taint_set == 0) {
    return nullptr;
  }
  for (const Taint& taint : *cluster.taint_sets[node.taint_set - 1]) {
    if (matters(taint) && !tolerates(pod_template.tolerations, taint)) {
      return &taint;
    }
  }
  return nullptr;
}

bool cordoned_for(const SchedulableNode& node, const PodTemplate& pod_template) {
  return node.unschedulable && !tolerates(pod_template.tolerations, kUnschedulableTaint);
}

bool selects(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& pod_template) {
  const LabelMap& labels = cluster.node_shapes[node.shape]->labels;
  return std::all_of(pod_template.node_selector.begin(), pod_template.node_selector.end(),
                     [&](const auto& wanted) {
                       if (const std::string* value = find_label(labels, wanted.first)) {
                         return *value == wanted.second;
                       }
                       return wanted.first == "kubernetes.io/hostname" &&
                              cluster.strings[cluster.nodes[node.row].meta.name] == wanted.second;
                     });
}

/// `count reason` entries, sorted as strings. Source: framework/types.go FitError.Error.
class Reasons {
 public:
  void add(const std::string& reason) { ++counts_[reason]; }
  [[nodiscard]] std::string text() const {
    std::vector<std::string> entries;
    for (const auto& [reason, count] : counts_) {
      entries.push_back(fmt::format("{} {}", count, reason));
    }
    std::sort(entries.begin(), entries.end());
    return fmt::format("{}", fmt::join(entries, ", "));
  }

 private:
  std::map<std::string, int> counts_;
};

bool any_on(const SchedulerState& state, const std::vector<std::uint32_t>& classes, Row node) {
  return std::any_of(classes.begin(), classes.end(), [&](std::uint32_t other) {
    const std::vector<std::uint16_t>& on_node = state.classes[other].on_node;
    return node < on_node.size() && on_node[node] > 0;
  });
}

}  // namespace

bool tolerates(const Toleration& toleration, const Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) {
    return false;
  }
  if (!toleration.key.empty() && toleration.key != taint.key) {
    return false;
  }
  return toleration.exists || (!toleration.key.empty() && toleration.value == taint.value);
}

bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint) {
  return std::any_of(tolerations.begin(), tolerations.end(),
                     [&](const Toleration& toleration) { return tolerates(toleration, taint); });
}

bool admits(const Cluster& cluster, const SchedulableNode& node, const PodTemplate& pod_template) {
  return !cordoned_for(node, pod_template) && untolerated_taint(cluster, node, pod_template) == nullptr &&
         selects(cluster, node, pod_template);
}

// Source: noderesources/fit.go fitsRequest: a resource that is not requested is not looked at.
bool fits(const SchedulableNode& node, const NodeUsage& usage, const PodRequests& requests) {
  return usage.pods + 1 <= node.pods &&
         (requests.cpu_millicores == 0 ||
          usage.cpu_millicores + requests.cpu_millicores <= node.cpu_millicores) &&
         (requests.memory_bytes == 0 || usage.memory_bytes + requests.memory_bytes <= node.memory_bytes);
}

bool keeps_apart(const SchedulerState& state, std::uint32_t pod_class, Row node) {
  return pod_class == 0 || (!any_on(state, state.classes[pod_class - 1].refused, node) &&
                            !any_on(state, state.classes[pod_class - 1].refusing, node));
}

std::string explain(const Cluster& cluster, const PodTemplate& pod_template, const PodRequests& requests,
                    std::uint32_t pod_class, std::uint8_t& rejected_by) {
  const SchedulerState& state = cluster.scheduler;
  rejected_by = 0;
  if (state.nodes.empty()) {
    return "no nodes available to schedule pods";  // schedule_one.go ErrNoNodesAvailable
  }
  const bool names_taints = !cluster.features().since(35);  // #134740
  // A request beyond the whole node cannot be helped by preemption: #131345, assumed to be in 1.34.
  const bool oversize_is_final = cluster.features().since(34);
  Reasons reasons;
  int hopeless = 0;
  for (const SchedulableNode& node : state.nodes) {
    if (cordoned_for(node, pod_template)) {
      reasons.add("node(s) were unschedulable");
      rejected_by |= bit(Filter::NodeUnschedulable);
      ++hopeless;
    } else if (const Taint* taint = untolerated_taint(cluster, node, pod_template)) {
      reasons.add(names_taints
                      ? fmt::format("node(s) had untolerated taint {{{}: {}}}", taint->key, taint->value)
                      : std::string("node(s) had untolerated taint(s)"));
      rejected_by |= bit(Filter::TaintToleration);
      ++hopeless;
    } else if (!selects(cluster, node, pod_template)) {
      reasons.add("node(s) didn't match Pod's node affinity/selector");
      rejected_by |= bit(Filter::NodeAffinity);
      ++hopeless;
    } else if (const NodeUsage usage = node.row < state.usage.size() ? state.usage[node.row] : NodeUsage{};
               !fits(node, usage, requests)) {
      rejected_by |= bit(Filter::NodeResourcesFit);
      if (usage.pods + 1 > node.pods) {
        reasons.add("Too many pods");
      }
      if (requests.cpu_millicores > 0 &&
          usage.cpu_millicores + requests.cpu_millicores > node.cpu_millicores) {
        reasons.add("Insufficient cpu");
      }
      if (requests.memory_bytes > 0 && usage.memory_bytes + requests.memory_bytes > node.memory_bytes) {
        reasons.add("Insufficient memory");
      }
      if (oversize_is_final &&
          (requests.cpu_millicores > node.cpu_millicores || requests.memory_bytes > node.memory_bytes)) {
        ++hopeless;
      }
    } else if (pod_class != 0 && !keeps_apart(state, pod_class, node.row)) {
      rejected_by |= bit(Filter::InterPodAffinity);
      reasons.add(any_on(state, state.classes[pod_class - 1].refused, node.row)
                      ? "node(s) didn't match pod anti-affinity rules"
                      : "node(s) didn't satisfy existing pods anti-affinity rules");
    }
  }
  // Preemption finds nobody of lower priority, for all priorities are equal here.
  // Source: framework/preemption/preemption.go; plugins/defaultpreemption.
  Reasons preemption;
  for (std::size_t i = 0; i < state.nodes.size(); ++i) {
    preemption.add(i < static_cast<std::size_t>(hopeless) ? "Preemption is not helpful for scheduling"
                                                          : "No preemption victims found for incoming pod");
  }
  // DynamicResourceAllocation, on by default from 1.34, speaks before preemption does.
  const char* claims = cluster.features().since(34) ? "no new claims to deallocate, " : "";
  // Until kubernetes pull request 117588 FitError.Error put a second dot after the words of preemption.
  // Recorded of 1.28.15 and no more of 1.32.2; in which release between it went is assumed.
  const char* dot = cluster.features().since(29) ? "" : ".";
  return fmt::format("0/{0} nodes are available: {1}. {2}preemption: 0/{0} nodes are available: {3}.{4}",
                     state.nodes.size(), reasons.text(), claims, preemption.text(), dot);
}

}  // namespace models::kubernetes::scheduler

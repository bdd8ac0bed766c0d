#include "models/kubernetes/job_pod_failure_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace models::kubernetes {
namespace {

/// Source: isOnExitCodesOperatorMatching.
bool exit_code_matches(const PodFailureRule& rule, std::int32_t code) {
  const bool listed =
      std::find(rule.exit_codes.begin(), rule.exit_codes.end(), code) != rule.exit_codes.end();
  return listed != rule.not_in;
}

/// The first container, regular ones before init containers, that ended with a matching code other than 0.
/// Source: matchOnExitCodes, getMatchingContainerFromList.
std::optional<std::uint32_t> matching_container(const Cluster& cluster, const Pod& pod,
                                                const PodFailureRule& rule) {
  const PodTemplate& pod_template = cluster.template_of(pod);
  const auto count = static_cast<std::uint32_t>(pod_template.containers.size());
  const std::uint32_t first_regular = pod_template.init_containers;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t position = (first_regular + i) % count;
    const ContainerStatus& status = cluster.containers[std::size_t{pod.containers} + position];
    if (status.state == ContainerState::Terminated && status.exit_code != 0 &&
        (rule.container.empty() || rule.container == pod_template.containers[position].name) &&
        exit_code_matches(rule, status.exit_code)) {
      return position;
    }
  }
  return std::nullopt;
}

/// A pod's conditions in the order in which they usually appear in its status. Only what the model knows.
struct Condition {
  std::string_view type;
  std::string_view status;  ///< empty: the pod does not have it
};

std::array<Condition, 5> conditions_of(const Pod& pod) {
  const bool accepted = pod.started_at > sim::Time{} || pod.phase != PodPhase::Pending;
  const auto word = [](bool value) { return value ? std::string_view{"True"} : std::string_view{"False"}; };
  const std::string_view scheduled = pod.node != kNoRow ? "True" : pod.unschedulable ? "False" : "";
  return {{{"DisruptionTarget", pod.disruption_target ? "True" : ""},
           {"Initialized", accepted ? word(pod.initialized) : ""},
           {"Ready", accepted ? word(pod.ready) : ""},
           {"ContainersReady", accepted ? word(pod.ready) : ""},
           {"PodScheduled", scheduled}}};
}

/// Source: matchOnPodConditions.
std::optional<std::string> matching_condition(const Pod& pod, const PodFailureRule& rule) {
  for (const Condition& condition : conditions_of(pod)) {
    for (const auto& [type, status] : rule.conditions) {
      if (condition.type == type && condition.status == status) {
        return std::string(condition.type);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

PodFailureMatch match_pod_failure_policy(const Cluster& cluster, const std::vector<PodFailureRule>& policy,
                                         const Pod& pod, bool per_index) {
  PodFailureMatch match;
  for (match.rule = 0; match.rule < policy.size(); ++match.rule) {
    const PodFailureRule& rule = policy[match.rule];
    if (rule.action == FailureAction::FailIndex && !per_index) {
      continue;
    }
    if (rule.on_exit_codes) {
      if (const auto container = matching_container(cluster, pod, rule)) {
        match.container = *container;
        match.action = rule.action;
        return match;
      }
    } else if (auto condition = matching_condition(pod, rule)) {
      match.condition = std::move(*condition);
      match.action = rule.action;
      return match;
    }
  }
  return match;
}

std::string fail_job_message(const Cluster& cluster, const Pod& pod, const PodFailureMatch& match) {
  const std::string& name_space = cluster.strings[pod.meta.name_space];
  const std::string name = cluster.name_of(pod);
  if (!match.condition.empty()) {
    return fmt::format("Pod {}/{} has condition {} matching FailJob rule at index {}", name_space, name,
                       match.condition, match.rule);
  }
  return fmt::format("Container {} for pod {}/{} failed with exit code {} matching FailJob rule at index {}",
                     cluster.template_of(pod).containers[match.container].name, name_space, name,
                     cluster.containers[std::size_t{pod.containers} + match.container].exit_code, match.rule);
}

}  // namespace models::kubernetes

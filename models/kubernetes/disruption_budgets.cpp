#include "models/kubernetes/disruption_budgets.h"

#include <algorithm>

namespace models::kubernetes {

bool selects(const Cluster& cluster, const PodDisruptionBudget& budget, const Pod& pod) {
  if (budget.spec.selector == nullptr || budget.meta.name_space != pod.meta.name_space) {
    return false;
  }
  const LabelSelector& selector = *budget.spec.selector;
  const bool labels =
      std::all_of(selector.match_labels.begin(), selector.match_labels.end(),
                  [&](const auto& wanted) { return cluster.label_of(pod, wanted.first) == wanted.second; });
  return labels && std::all_of(selector.match_expressions.begin(), selector.match_expressions.end(),
                               [&](const SelectorRequirement& requirement) {
                                 return meets(requirement, cluster.label_of(pod, requirement.key));
                               });
}

std::vector<Row> budgets_of(const Cluster& cluster, const Pod& pod) {
  std::vector<Row> found = budgets_selecting({cluster, cluster.resource_version}, pod);
  std::sort(found.begin(), found.end(), [&](Row a, Row b) {
    return cluster.name_of(cluster.budgets[a].meta) < cluster.name_of(cluster.budgets[b].meta);
  });
  return found;
}

std::int32_t scaled_up(const IntOrPercent& value, std::int32_t total) {
  if (!value.percent) {
    return value.value;
  }
  const std::int64_t product = std::int64_t{value.value} * total;
  return static_cast<std::int32_t>((product + 99) / 100);
}

void set_condition(ObjectCondition& condition, ConditionStatus status, Text reason, Text message,
                   std::uint32_t observed_generation, sim::Time now) {
  if (!condition.present || condition.status != status) {
    condition.last_transition = now;
  }
  condition.present = true;
  condition.status = status;
  condition.reason = reason;
  condition.message = message;
  condition.observed_generation = observed_generation;
}

void update_disruption_allowed(Strings& strings, PodDisruptionBudgetStatus& status, sim::Time now) {
  const bool allowed = status.disruptions_allowed > 0;
  set_condition(status.disruption_allowed, allowed ? ConditionStatus::True : ConditionStatus::False,
                strings.intern(allowed ? kSufficientPods : kInsufficientPods), 0, status.observed_generation,
                now);
}

bool disruption_allowed_is_up_to_date(const Strings& strings, const PodDisruptionBudgetStatus& status,
                                      std::uint32_t generation) {
  const ObjectCondition& condition = status.disruption_allowed;
  if (!condition.present || status.observed_generation != generation) {
    return false;
  }
  const bool allowed = status.disruptions_allowed > 0;
  return condition.status == (allowed ? ConditionStatus::True : ConditionStatus::False) &&
         strings[condition.reason] == (allowed ? kSufficientPods : kInsufficientPods);
}

void note_disrupted(const Strings& strings, PodDisruptionBudgetStatus& status, Text pod, sim::Time at) {
  std::erase_if(status.disrupted_pods, [&](const DisruptedPod& entry) { return entry.pod == pod; });
  const auto place = std::lower_bound(
      status.disrupted_pods.begin(), status.disrupted_pods.end(), strings[pod],
      [&](const DisruptedPod& entry, const std::string& name) { return strings[entry.pod] < name; });
  status.disrupted_pods.insert(place, {pod, at});
}

}  // namespace models::kubernetes

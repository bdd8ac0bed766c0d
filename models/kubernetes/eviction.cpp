#include "models/kubernetes/eviction.h"

#include <fmt/core.h>

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/upstream_rules.h"

namespace models::kubernetes {

namespace {

/// Source: eviction.go MaxDisruptedPodSize.
constexpr std::size_t kDisruptedPodsMax = 2000;

constexpr const char* kViolates = "Cannot evict pod as it would violate the pod's disruption budget.";

ApiError too_many_requests() { return {429, "TooManyRequests", kViolates, "", "", {}}; }

/// Source: eviction.go canIgnorePDB.
bool ignores_budgets(const Pod& pod) {
  return pod.terminal() || pod.phase == PodPhase::Pending || pod.meta.deleting();
}

/// Whether an unready pod goes without asking the budget. Source: Create. The policy is of 1.27 (beta, on);
/// 1.26 has it in alpha, off.
bool free_of_budget(const Features& features, const PodDisruptionBudget& budget, const Pod& pod) {
  if (pod.ready) {
    return false;
  }
  if (!stands(Rule::BudgetsProtectUnreadyPods)) {
    return true;
  }
  if (features.since(27) &&
      budget.spec.unhealthy_pod_eviction_policy == UnhealthyPodEvictionPolicy::AlwaysAllow) {
    return true;
  }
  return budget.status.current_healthy >= budget.status.desired_healthy && budget.status.desired_healthy > 0;
}

/// Why a budget that allows nothing refuses. Source: checkAndDecrement; before 1.35 (#133097) there was one
/// sentence for all.
std::string cause_of_refusal(const Cluster& cluster, const PodDisruptionBudget& budget) {
  const std::string& name = cluster.name_of(budget.meta);
  const PodDisruptionBudgetStatus& status = budget.status;
  const std::string needs = fmt::format("The disruption budget {} needs {} healthy pods and has {} currently",
                                        name, status.desired_healthy, status.current_healthy);
  if (!cluster.features().since(35)) {
    return needs;
  }
  const ObjectCondition& condition = status.disruption_allowed;
  const std::string& reason = cluster.strings[condition.reason];
  const std::string& message = cluster.strings[condition.message];
  const bool told = condition.present && condition.status == ConditionStatus::False && !message.empty();
  if (told && reason == kSyncFailed) {
    return fmt::format(
        "The disruption budget {} does not allow evicting pods currently because it failed sync: {}", name,
        message);
  }
  if (status.current_healthy <= status.desired_healthy) {
    return needs;
  }
  return fmt::format("The disruption budget {} does not allow evicting pods currently", name) +
         (told ? fmt::format(" ({}): {}", reason, message) : std::string());
}

ApiError budget_forbids(const Cluster& cluster, const PodDisruptionBudget& budget, const char* why) {
  const std::string& name = cluster.name_of(budget.meta);
  return {403, "Forbidden", fmt::format("poddisruptionbudget.policy \"{}\" is forbidden: {}", name, why),
          "",  name,        {}};
}

/// Spends one disruption, or says why not. Source: checkAndDecrement.
void check_and_decrement(Turn& turn, Row row, Text pod, By by, bool dry_run, EvictionAnswer& answer) {
  Cluster& cluster = turn.cluster;
  const PodDisruptionBudget& budget = cluster.budgets[row];
  if (budget.status.observed_generation < budget.meta.generation) {
    answer.error = too_many_requests();
    answer.retry_after_seconds = 10;
    answer.cause = fmt::format("The disruption budget {} is still being processed by the server.",
                               cluster.name_of(budget.meta));
    return;
  }
  if (budget.status.disruptions_allowed < 0) {
    answer.error = budget_forbids(cluster, budget, "pdb disruptions allowed is negative");
    return;
  }
  if (budget.status.disrupted_pods.size() > kDisruptedPodsMax) {
    answer.error = budget_forbids(
        cluster, budget, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
    return;
  }
  if (!stands(Rule::SpentBudgetsRefuseEvictions)) {
    return;
  }
  if (budget.status.disruptions_allowed == 0) {
    answer.error = too_many_requests();
    answer.cause = cause_of_refusal(cluster, budget);
    return;
  }
  if (dry_run) {
    return;
  }
  PodDisruptionBudgetStatus next = budget.status;
  --next.disruptions_allowed;
  if (next.disruptions_allowed == 0) {
    update_disruption_allowed(cluster.strings, next, turn.now());
  }
  note_disrupted(cluster.strings, next, pod, turn.now());
  const WriteResult result = update<PodDisruptionBudget>(
      turn, row, by, Verb::UpdateStatus, [&](PodDisruptionBudget& object) { object.status = next; });
  if (!result.ok()) {
    answer.error = internal_error();
  }
}

/// Source: addConditionAndDeletePod.
void mark_and_delete(Turn& turn, Row row, By by, std::int64_t grace_seconds, EvictionAnswer& answer) {
  const std::string name = turn.cluster.name_of(turn.cluster.pods[row]);
  const sim::Time now = turn.now();
  const WriteResult marked = update<Pod>(turn, row, by, Verb::UpdateStatus, [&](Pod& pod) {
    if (!pod.disruption_target) {
      pod.disrupted_at = now;
    }
    pod.disruption_target = true;
    pod.disruption_reason = DisruptionReason::EvictionByEvictionAPI;
  });
  answer.transition = marked.transition;
  if (marked.ok()) {
    const WriteResult deleted = delete_pod(turn, row, by, grace_seconds);
    if (deleted.ok()) {
      answer.transition = answer.transition == sim::kNoTransition ? deleted.transition : answer.transition;
      return;
    }
  }
  answer.error = internal_error();
}

}  // namespace

EvictionAnswer evict_pod(Turn& turn, Row row, By by, std::int64_t grace_seconds, bool dry_run) {
  Cluster& cluster = turn.cluster;
  EvictionAnswer answer;
  if (!cluster.pods.exists(row)) {
    answer.error = {404, "NotFound", "pod not found", "", "", {}};
    return answer;
  }
  const Pod& pod = cluster.pods[row];
  if (!ignores_budgets(pod)) {
    const std::vector<Row> budgets = budgets_of(cluster, pod);
    if (budgets.size() > 1 && stands(Rule::TwoBudgetsForbidEvictions)) {
      answer.error = {500,
                      "",
                      "This pod has more than one PodDisruptionBudget, which the eviction subresource does "
                      "not support.",
                      "",
                      "",
                      {}};
      return answer;
    }
    if (!budgets.empty() && !free_of_budget(cluster.features(), cluster.budgets[budgets.front()], pod)) {
      answer.budget = budgets.front();
      const Text name = cluster.strings.intern(cluster.name_of(pod));
      check_and_decrement(turn, answer.budget, name, by, dry_run, answer);
    }
  }
  if (answer.ok() && !dry_run) {
    mark_and_delete(turn, row, by, grace_seconds, answer);
  }
  return answer;
}

}  // namespace models::kubernetes

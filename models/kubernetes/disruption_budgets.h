#pragma once
// PodDisruptionBudgets: which pods they select, and the arithmetic of their status.

#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// Whether a budget selects a pod. One without a selector selects none, one with an empty selector every pod
/// of its namespace. Source: k8s.io/api policy/v1 PodDisruptionBudgetSpec.Selector.
bool selects(const Cluster& cluster, const PodDisruptionBudget& budget, const Pod& pod);

/// The rows of the budgets, as the API serves them, that select a pod; in the order of their names.
std::vector<Row> budgets_of(const Cluster& cluster, const Pod& pod);

/// The rows of the pods that the budget at `budget` selects, both as seen; ascending.
std::vector<Row> pods_selected(const View& view, Row budget);
/// The rows of the budgets, as seen, that select `pod`; ascending.
std::vector<Row> budgets_selecting(const View& view, const Pod& pod);

namespace detail {
/// Keep the index of the two; `before` is the version that was replaced, null for a new object.
void note_pod_written(Cluster& cluster, Row pod, const Pod* before);
void note_budget_written(Cluster& cluster, Row budget, const PodDisruptionBudget* before);
/// The row of a removed pod is about to be reused.
void forget_filed_pod(Cluster& cluster, Row pod);
}  // namespace detail

/// A share of `total`, percentages rounded up. Source: apimachinery pkg/util/intstr
/// GetScaledValueFromIntOrPercent.
std::int32_t scaled_up(const IntOrPercent& value, std::int32_t total);

/// The condition DisruptionAllowed as it follows from `disruptions_allowed`.
/// Source: pkg/apis/policy util pdb.go UpdateDisruptionAllowedCondition.
void update_disruption_allowed(Strings& strings, PodDisruptionBudgetStatus& status, sim::Time now);
/// Whether that condition is as it should be. Source: the same file, ConditionsAreUpToDate.
bool disruption_allowed_is_up_to_date(const Strings& strings, const PodDisruptionBudgetStatus& status,
                                      std::uint32_t generation);
/// Sets a condition; the time of its transition moves only with its status.
/// Source: apimachinery pkg/api/meta/conditions.go SetStatusCondition.
void set_condition(ObjectCondition& condition, ConditionStatus status, Text reason, Text message,
                   std::uint32_t observed_generation, sim::Time now);

/// Notes a pod as one that is to be disrupted, or notes it anew.
void note_disrupted(const Strings& strings, PodDisruptionBudgetStatus& status, Text pod, sim::Time at);

inline constexpr std::string_view kSufficientPods = "SufficientPods";
inline constexpr std::string_view kInsufficientPods = "InsufficientPods";
inline constexpr std::string_view kSyncFailed = "SyncFailed";

}  // namespace models::kubernetes

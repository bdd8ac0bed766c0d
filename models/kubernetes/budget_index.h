#pragma once
// Which pods a PodDisruptionBudget may select and which budgets may select a pod, so that neither is looked
// for among all. Kept once there is a budget; it follows from pods and budgets alone.

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "models/kubernetes/objects.h"

namespace models::kubernetes {

/// What pods have in common that no selector can tell apart, but for labels that number siblings.
struct PodKind {
  Text name_space = 0;
  TemplateId pod_template = 0;
  std::uint32_t label_set = 0;
  Kind maker = Kind::None;
  Text base_name = 0;
  Text revision = 0;
  std::uint32_t template_generation = 0;
  friend auto operator<=>(const PodKind&, const PodKind&) = default;
};

/// A superset: pods and budgets stay where they were until their rows are reused, because an observer that
/// lags may still see them as they were. Who looks something up asks the selector again.
struct BudgetIndex {
  struct Entry {
    PodKind kind;
    std::vector<Row> pods;     ///< ascending
    std::vector<Row> budgets;  ///< ascending; those that may select pods of this kind
  };
  bool kept = false;
  std::vector<Entry> entries;
  std::map<PodKind, std::uint32_t> entry_of;                  ///< position in `entries`
  std::vector<std::vector<std::uint32_t>> entries_of_budget;  ///< by row of the budget; ascending
};

}  // namespace models::kubernetes

#pragma once
// Which pods a PodDisruptionBudget may select and which budgets may select a pod, so that neither is looked
// for among all. Kept once there is a budget; it follows from pods and budgets alone.

#include <cstdint>
#include <memory>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/hash_slots.h"

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
  friend bool operator==(const PodKind&, const PodKind&) = default;
};

/// A superset: pods and budgets stay where they were until their rows are reused, because an observer that
/// lags may still see them as they were. Who looks something up asks the selector again, unless it is known
/// that nothing has moved.
struct BudgetIndex {
  static constexpr std::uint32_t kNone = sim::HashSlots::kNone;

  struct Entry {
    PodKind kind;
    std::vector<Row> pods;     ///< ascending
    std::vector<Row> budgets;  ///< ascending; those that may select pods of this kind
  };
  /// Where the pod at a row stands.
  struct FiledPod {
    std::uint32_t entry = kNone;  ///< where it was filed last; kNone: nowhere
    bool elsewhere_too = false;   ///< some pod of this row was filed in another entry, and may still be
  };
  /// What the budget at a row was filed by.
  struct FiledBudget {
    std::vector<std::uint32_t> entries;             ///< ascending
    std::shared_ptr<const LabelSelector> selector;  ///< set where just the pods in `entries` meet this one
  };
  bool kept = false;
  std::vector<Entry> entries;
  sim::HashSlots entry_of;           ///< position in `entries`, by kind
  std::vector<FiledPod> pods;        ///< by row
  std::vector<FiledBudget> budgets;  ///< by row
};

}  // namespace models::kubernetes

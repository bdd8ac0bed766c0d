#pragma once
// Preemption: which pods of lower priority are to go so that a pod finds room, and on which node.
// Source: framework/preemption/preemption.go; plugins/defaultpreemption/default_preemption.go.

#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/api.h"
#include "models/kubernetes/scheduler_filters.h"

namespace models::kubernetes::scheduler {

/// The pods that must go from a node.
struct Victims {
  Row node = kNoRow;
  std::vector<Row> pods;  ///< the most important one first
  int violations = 0;     ///< of disruption budgets
};

/// What came of it: a node and its victims, or the words of the message.
struct PreemptionResult {
  std::optional<Victims> victims;
  std::string message;
  bool keeps_nomination = false;  ///< the nominated node stays what it was
};

/// @param verdicts  what the filters said of each node, in the order of `SchedulerState::nodes`; a node that
/// was
///                  not looked at has none (`Filter::None`).
PreemptionResult find_victims(Turn& turn, const Search& search, const std::vector<Verdict>& verdicts,
                              std::uint32_t attempts);

/// Deletes the victims gracefully, and takes nominations of lower priority from the node.
/// @return whether all writes succeeded.
bool preempt(Turn& turn, const Search& search, const Victims& victims, By by);

}  // namespace models::kubernetes::scheduler

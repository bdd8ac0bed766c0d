#pragma once
// Checks on IOMesh: data, the order in which chunks leave, limits, room and quorum. They are not applicable
// where the scenario has no IOMesh.

#include <functional>
#include <memory>
#include <vector>

#include "scenarios/checks/check.h"

namespace scenarios::checks {

std::shared_ptr<const Check> no_data_lost();
std::shared_ptr<const Check> redundancy_not_reduced(const language::CheckUse& use);
std::shared_ptr<const Check> one_chunk_at_a_time();
std::shared_ptr<const Check> chunk_order_and_id();
std::shared_ptr<const Check> unregister_before_shrinking();
std::shared_ptr<const Check> unregister_finishes();
std::shared_ptr<const Check> iomesh_limits(const language::CheckUse& use);
std::shared_ptr<const Check> meta_quorum_kept();
std::shared_ptr<const Check> storage_use_under(const language::CheckUse& use);
std::shared_ptr<const Check> io_stalls_at_most(const language::CheckUse& use);
std::shared_ptr<const Check> no_restart_during_migration();

/// What `rehearse explain` says of each, and how it is made.
struct StorageEntry {
  Explanation explanation;
  std::function<std::shared_ptr<const Check>(const language::CheckUse&)> make;
};
std::vector<StorageEntry> storage_entries();

}  // namespace scenarios::checks

#pragma once
// Built-in invariants: promises that Kubernetes' controllers make, judged in every scenario.

#include <memory>

#include "scenarios/checks/check.h"

namespace scenarios::checks {

std::shared_ptr<const Check> at_most_one_pod_per_ordinal();
std::shared_ptr<const Check> statefulset_removes_only_the_highest();
std::shared_ptr<const Check> failed_index_stays_dead();
std::shared_ptr<const Check> no_completed_work_lost();
std::shared_ptr<const Check> job_failures_never_fall();

}  // namespace scenarios::checks

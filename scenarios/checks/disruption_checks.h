#pragma once
// Checks on what drains, evictions and deletions take away.

#include <memory>

#include "scenarios/checks/check.h"

namespace scenarios::checks {

std::shared_ptr<const Check> disruption_budgets_respected();
std::shared_ptr<const Check> no_running_work_lost(const language::CheckUse& use);

}  // namespace scenarios::checks

#pragma once
// Checks on the cloud below the cluster, and on what a plan takes.

#include <memory>

#include "scenarios/checks/check.h"

namespace scenarios::checks {

std::shared_ptr<const Check> no_shelve_before_drained();
std::shared_ptr<const Check> no_volume_stuck_attached();
std::shared_ptr<const Check> costs_at_most(const language::CheckUse& use);
std::shared_ptr<const Check> plan_takes_at_most(const language::CheckUse& use);

}  // namespace scenarios::checks

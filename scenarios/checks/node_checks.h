#pragma once
// Checks about nodes and what becomes of their pods.

#include <memory>

#include "scenarios/checks/check.h"

namespace scenarios::checks {

std::shared_ptr<const Check> no_pod_stranded(const language::CheckUse& use);
std::shared_ptr<const Check> evictions_go_on();
std::shared_ptr<const Check> no_uncordon_before_ready();
std::shared_ptr<const Check> no_unschedulable_pods(const language::CheckUse& use);

}  // namespace scenarios::checks

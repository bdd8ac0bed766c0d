#pragma once
// Checks on volumes that Kubernetes attaches to nodes.

#include <memory>

#include "scenarios/checks/check.h"

namespace scenarios::checks {

std::shared_ptr<const Check> no_pod_waits_for_a_held_volume(const language::CheckUse& use);

}  // namespace scenarios::checks

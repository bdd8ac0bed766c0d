#pragma once
// Checks that a scenario asks for by name.

#include <memory>

#include "scenarios/checks/check.h"

namespace scenarios::checks {

std::shared_ptr<const Check> declared_size_is_actual_size(const language::CheckUse& use);
std::shared_ptr<const Check> reverse_ordinal_order(const language::CheckUse& use);
std::shared_ptr<const Check> one_at_a_time(const language::CheckUse& use);
std::shared_ptr<const Check> never_fewer_ready_than(const language::CheckUse& use);
std::shared_ptr<const Check> eventually(const language::CheckUse& use);
std::shared_ptr<const Check> always(const language::CheckUse& use);
std::shared_ptr<const Check> by(const language::CheckUse& use);
std::shared_ptr<const Check> no_stall();
std::shared_ptr<const Check> plan_is_performed();
/// What step `step` should leave behind.
std::shared_ptr<const Check> then_of_step(std::uint32_t step);

}  // namespace scenarios::checks

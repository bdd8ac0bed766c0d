#pragma once
// What a runbook's text may do without a program: which words these builtins take.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/plan/plan_state.h"

namespace scenarios::plan {

/// Says what is wrong, what to do instead, and at which byte of the text.
using Refuse = std::function<void(std::string problem, std::string hint, std::size_t at)>;

/// What a `set` asks for.
struct SetFlags {
  std::optional<bool> errexit;
  std::optional<bool> pipefail;
};
SetFlags read_set(const std::vector<commands::Word>& words, const Refuse& refuse);

Builtin builtin_named(std::string_view program);
void check_builtin(Builtin builtin, const std::vector<commands::Word>& words, const Refuse& refuse);

}  // namespace scenarios::plan

#pragma once
// From the text of a runbook to the commands and the program of a step.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/command.h"
#include "scenarios/plan/plan_state.h"

namespace scenarios::plan {

/// A place in the scenario's file of a byte of the text.
using PlaceOf = std::function<language::Location(std::size_t)>;

/// Appends the commands and instructions of `text` to `step`. `context.variables` grows by the variables that
/// the text sets. Problems carry offsets in `text`.
void lower(std::string_view text, const PlaceOf& place_of, commands::LoadContext& context, CompiledStep& step,
           std::vector<commands::CompileProblem>& problems);

/// A time as `sleep` takes it: "30", "0.5", "5m"; nothing for what is none.
std::optional<sim::Duration> sleep_time(std::string_view text);

}  // namespace scenarios::plan

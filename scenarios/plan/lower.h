#pragma once
// From the text of a runbook to the commands and the program of a step.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/command.h"
#include "scenarios/plan/plan_state.h"
#include "scenarios/runbook/script.h"

namespace scenarios::plan {

/// A place in the scenario's file of a byte of the text.
using PlaceOf = std::function<language::Location(std::size_t)>;

/// What the texts of a plan leave to those after them, as in one terminal.
struct Session {
  struct Function {
    runbook::Node body;
    bool elsewhere = false;  ///< it was defined in an earlier text: its places say nothing in this one
  };
  std::map<std::string, Function> functions;
  std::map<std::string, std::string> constants;  ///< variables whose value is written in the plan

  /// The variable may have another value from here on.
  void forget(const std::string& variable) { constants.erase(variable); }
};

/// Appends the commands and instructions of `text` to `step`. `context.variables` and `session` grow by what
/// the text sets. Problems carry offsets in `text`.
void lower(std::string_view text, const PlaceOf& place_of, commands::LoadContext& context, Session& session,
           CompiledStep& step, std::vector<commands::CompileProblem>& problems);

/// A time as `sleep` takes it: "30", "0.5", "5m"; nothing for what is none.
std::optional<sim::Duration> sleep_time(std::string_view text);

}  // namespace scenarios::plan

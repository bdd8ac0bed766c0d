#pragma once
// What all `flux` commands have in common, at a prompt or behind `kubectl exec … --`.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/flux/drain.h"
#include "models/flux/resource_commands.h"
#include "scenarios/commands/emulated.h"

namespace scenarios::commands {

/// Where a flux program runs.
struct FluxPlace {
  models::kubernetes::Row minicluster = models::kubernetes::kNoRow;
  std::int32_t rank = 0;
};

/// A flux command. At a prompt it is of the only MiniCluster, or of the one whose hosts it names.
class FluxAction : public Action {
 public:
  void advance(CommandState& state, Systems& systems, By by) const final;
  /// Asks the instance at `place`: ends the command, or leaves something in `state.words` and waits for the
  /// next call. `state.waiting_for` belongs to the caller.
  virtual void perform(CommandState& state, Systems& systems, const FluxPlace& place, By by) const = 0;
  /// "flux-resource": what begins the program's messages.
  [[nodiscard]] virtual std::string_view program() const = 0;
  /// A hostlist that the command names; empty: none.
  [[nodiscard]] virtual std::string hosts() const { return {}; }
};

/// Ends a command with what a program printed and returned.
void conclude(CommandState& state, const models::flux::ProgramResult& result);

/// The sub-command that begins `words` ("flux", "resource", "drain" …), or nullptr with a problem.
struct FluxCommandName {
  const SubCommand* command = nullptr;
  std::size_t words = 0;  ///< how many of them are its name, `flux` included
};
FluxCommandName find_flux_command(std::span<const Argument> words, std::vector<CommandProblem>& problems);

/// argparse refuses a value for an option that takes none.
void refuse_values_of_switches(Reading& reading);

/// Refuses the arguments after the first `most`.
void refuse_arguments(Reading& reading, std::size_t most);

}  // namespace scenarios::commands

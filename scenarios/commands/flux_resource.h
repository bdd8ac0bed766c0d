#pragma once
// `flux resource …` as a person types it, at a prompt or behind `kubectl exec … --`.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/flux/drain.h"
#include "models/flux/resource_commands.h"
#include "scenarios/commands/emulated.h"

namespace scenarios::commands {

/// What a `flux resource` command asks of rank 0's broker.
struct FluxRequest {
  enum class Verb : std::uint8_t { list, status, drain_list, drain, undrain, info };
  Verb verb = Verb::list;
  models::flux::TableRequest table;
  models::flux::DrainRequest drain;
  models::flux::UndrainRequest undrain;
};

/// Asks the MiniCluster at that row; prints what the program prints.
models::flux::ProgramResult perform_flux(const FluxRequest& request, Systems& systems,
                                         models::kubernetes::Row minicluster, By by);

/// The sub-command that `words` name ("flux", "resource", "drain" …), or nullptr with a problem.
const SubCommand* find_flux_command(std::span<const Argument> words, std::vector<CommandProblem>& problems);

/// Reads the words of a `flux resource` command. Problems are noted in `reading`.
FluxRequest read_flux(Reading& reading, FluxRequest::Verb verb);

/// The verb of a sub-command's name: "resource drain".
FluxRequest::Verb flux_verb(std::string_view name);

}  // namespace scenarios::commands

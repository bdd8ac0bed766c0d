#pragma once
// The emulated programs: kubectl and flux, as a person types them. A command is compiled when the scenario is
// loaded; performing it is a small state machine in the world.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/flux/state.h"
#include "models/iomesh/state.h"
#include "models/kubernetes/api.h"
#include "models/openstack/state.h"
#include "scenarios/commands/drain_state.h"
#include "scenarios/commands/words.h"
#include "sim/hash.h"

namespace scenarios::commands {

/// The systems that a command can reach, during one dispatch of the world.
struct Systems {
  models::kubernetes::Turn kubernetes;
  models::flux::State& flux;
  models::openstack::State* openstack = nullptr;  ///< nullptr: there is no cloud
  models::iomesh::State* iomesh = nullptr;        ///< nullptr, or not given: there is no IOMesh
};

/// Values of captures and of `for_each`, by name.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// A file that commands may name with `-f`: its documents as JSON, in order.
struct ManifestFile {
  std::string name;  ///< as the command writes it
  std::vector<nlohmann::ordered_json> documents;
};

/// What compiling needs to know of the scenario.
struct LoadContext {
  models::kubernetes::Features features;
  std::vector<ManifestFile> files;
  std::vector<std::string> variables;  ///< names that `${…}` may refer to at this place
  bool unknown_commands = false;       ///< for real programs alone: of a command only its words must be right
  std::string standard_input;          ///< what the command reads with `-f -`; empty: none
  /// Of the scenario's start, in seconds since 1970 (UTC), for what prints dates; fixed, never the wall
  /// clock.
  std::int64_t epoch_seconds = 0;
};

/// What is wrong with a command's text, and where.
struct CompileProblem {
  std::size_t offset = 0;  ///< byte in the text
  std::string problem;
  std::string hint;
};

/// A compiled command: immutable, shared by all copies of a world.
class Command {
 public:
  virtual ~Command() = default;
};
using CommandPointer = std::shared_ptr<const Command>;

/// A command under way.
struct CommandState {
  bool started = false;
  bool done = false;
  sim::Time begins_at = sim::kNever;  ///< its process has started up; kNever: it has not begun to
  std::uint8_t stage = 0;
  int exit_code = 0;
  sim::Time deadline = sim::kNever;                  ///< the command's own --timeout; the plan wakes it then
  std::vector<models::kubernetes::Uid> waiting_for;  ///< objects, meaning as the command says
  std::vector<std::string> words;                    ///< what it keeps while it waits
  std::uint32_t seen =
      0;  ///< resourceVersion of the cluster when it last looked: unchanged, there is nothing to do
  DrainState drain;         ///< of kubectl drain
  CommandPointer resolved;  ///< of a command with variables: the command as its start found them
  std::string text;         ///< likewise, its words
  std::string output;       ///< standard output so far
  std::string errors;       ///< standard error so far

  /// Whether its process was begun, be it still starting up.
  [[nodiscard]] bool begun() const { return started || begins_at != sim::kNever; }
};

/// The value of each variable: the last one given to a name counts. Refers to `variables`.
Argument::ValueOf values_of(const Variables& variables);
/// The words of a command as a person would type them.
std::string text_of(std::span<const Argument> arguments);

/// Parses and checks a command. Errors are collected; nullptr if there are any.
CommandPointer compile(std::string_view text, const LoadContext& context,
                       std::vector<CompileProblem>& problems);

/// Performs the command as far as it can go now: called once to start it, and again after every event while
/// it is not done, and at its deadline. `by.cause` is the transition of the step.
void advance(const Command& command, CommandState& state, const Variables& variables, Systems& systems,
             models::kubernetes::By by);

/// Adds what the rest of a command under way depends on.
void hash(const CommandState& state, sim::Time now, sim::Hasher& hasher);

/// What `rehearse` accepts in `run:`, one line a program and sub-command, for messages and documentation.
std::vector<std::string> supported_commands();

}  // namespace scenarios::commands

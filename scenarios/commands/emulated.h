#pragma once
// How the emulated programs are built: a sub-command is a flag table, a function that reads the words, and
// what that function returns, an action that is performed step by step.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/admission.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/pflag.h"
#include "scenarios/commands/words.h"

namespace scenarios::commands {

using models::kubernetes::By;

/// A command whose words are all known: immutable; what it has reached stands in the CommandState.
class Action : public Command {
 public:
  /// As `scenarios::commands::advance`.
  virtual void advance(CommandState& state, Systems& systems, By by) const = 0;
};
using ActionPointer = std::shared_ptr<const Action>;

/// The words of one command while they are read: when the scenario is loaded, and again at its start if it
/// has variables. At load the value of a variable is open: checks that need it are left for the start.
class Reading {
 public:
  Reading(ParsedFlags parsed, const LoadContext& load_context, std::size_t name_offset)
      : flags(std::move(parsed)), context(load_context), offset(name_offset) {}

  ParsedFlags flags;
  const LoadContext& context;
  std::size_t offset;  ///< of the sub-command's name: the place of what has no other
  std::vector<CommandProblem> problems;

  /// Notes a problem at `at`, or at the sub-command's name.
  void refuse(std::string text, std::string hint = {}, std::optional<std::size_t> at = std::nullopt);

  [[nodiscard]] bool given(std::string_view flag) const { return flags.has(flag); }
  /// Given with a value that is not known yet.
  [[nodiscard]] bool open(std::string_view flag) const;
  /// Where the value of a flag stands.
  [[nodiscard]] std::size_t place_of(std::string_view flag) const;
  // Values; as not given while they are open.
  [[nodiscard]] std::string text(std::string_view flag, std::string_view otherwise = {}) const;
  [[nodiscard]] bool boolean(std::string_view flag, bool otherwise = false) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view flag) const;
  [[nodiscard]] std::optional<sim::Duration> duration(std::string_view flag) const;
};

/// The flags of a sub-command: those that are modelled, and those that only the real program has.
class Flags {
 public:
  enum class Of : std::uint8_t { kubectl, other };
  /// For kubectl, its global flags are added: --namespace is modelled, the others are not.
  Flags(Of program, std::string_view command, std::initializer_list<FlagSpec> modelled,
        std::initializer_list<FlagSpec> not_modelled);
  Flags(const Flags&) = delete;  // the table refers to members
  Flags& operator=(const Flags&) = delete;
  [[nodiscard]] const FlagTable& table() const { return table_; }

 private:
  std::vector<FlagSpec> modelled_;
  std::vector<FlagSpec> not_modelled_;
  FlagTable table_;
};

/// One sub-command of an emulated program.
struct SubCommand {
  std::string_view program;    ///< kubectl
  std::string_view name;       ///< rollout status
  std::string_view arguments;  ///< what follows, as a usage line has it
  std::string_view sentence;   ///< what it does here
  const FlagTable& (*flags)();
  /// Reads the words. Problems are noted in the reading; the action is used only without any.
  ActionPointer (*read)(Reading& reading);
  /// All words from the second argument on are arguments, also those with a hyphen (argparse's REMAINDER).
  bool remainder = false;
};

/// All sub-commands, in the order of the documentation.
std::span<const SubCommand* const> sub_commands();

/// Parses the words that follow a sub-command's name by its flag table.
ParsedFlags parse_sub_command(const SubCommand& command, std::span<const Argument> words);

/// Whether the flags of kubectl take the next word as their value, for those that stand before the
/// sub-command.
bool global_flag_takes_value(std::string_view word);

/// Ends a command.
void finish(CommandState& state, int exit_code = 0);

/// What kubectl prints to standard error when a command has failed, and how it says it.
/// Source: kubectl pkg/cmd/util/helpers.go, checkErr, MultipleErrors, StandardErrorMessage.
class KubectlErrors {
 public:
  void add(const models::kubernetes::ApiError& error);
  /// An error of kubectl itself: `error: …` when it is the only one.
  void add(std::string text);
  /// An error whose two forms are known: alone, and as one of several.
  void add(std::string alone, std::string among_several);
  [[nodiscard]] bool empty() const { return errors_.empty(); }
  [[nodiscard]] std::string text() const;
  /// The errors as a command that is under way keeps them.
  [[nodiscard]] std::vector<std::string> forms() const;
  static KubectlErrors of_forms(std::span<const std::string> forms);
  /// Ends the command with these errors printed, or with success.
  void finish_with(CommandState& state) const;

 private:
  struct Forms {
    std::string alone;
    std::string among_several;
  };
  std::vector<Forms> errors_;
};

}  // namespace scenarios::commands

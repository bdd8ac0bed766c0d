#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/command_problem.h"
#include "scenarios/commands/words.h"
#include "sim/time.h"

namespace scenarios::commands {

/// The types of pflag that kubectl and its relatives use.
enum class FlagType : std::uint8_t {
  text,        ///< String: the last one given counts
  boolean,     ///< Bool: `--flag` or `--flag=false`; never takes the next word
  integer,     ///< Int, Int32, Int64: decimal, 0x, 0o, 0b
  duration,    ///< Duration: "1m30s"
  text_list,   ///< StringArray: one value for each time it is given
  comma_list,  ///< StringSlice: like text_list, each value cut at its commas
};

/// One flag of a program.
struct FlagSpec {
  std::string_view name;  ///< without hyphens
  char shorthand = 0;     ///< 0: none
  FlagType type = FlagType::text;
  std::string_view if_bare =
      {};  ///< the value of `--flag` alone (pflag's NoOptDefVal); such a flag takes no next word
};

/// The flags of one command.
struct FlagTable {
  std::string_view command;                ///< "kubectl scale", for messages
  std::span<const FlagSpec> modelled;      ///< what the emulated command understands
  std::span<const FlagSpec> not_modelled;  ///< what only the real one does: refused, but not as unknown
};

/// A flag as it was given.
struct GivenFlag {
  const FlagSpec* spec = nullptr;
  std::string value;
  bool open = false;  ///< the value has a plan variable in it that is not known yet; its type is unchecked
  std::size_t offset = 0;        ///< where the flag begins in the command
  std::size_t value_offset = 0;  ///< where its value begins; the flag's end if it is bare
};

/// The flags and the other words of a command.
class ParsedFlags {
 public:
  /// Every time that a flag was given, in order; the valid ones only.
  std::vector<GivenFlag> given;
  /// The words that are no flags, in order.
  std::vector<Argument> arguments;
  /// How many of them stand before `--`, if that was given (pflag's ArgsLenAtDash).
  std::optional<std::size_t> arguments_before_dashes;
  /// All that is wrong. The real program stops at the first.
  std::vector<CommandProblem> problems;

  explicit operator bool() const { return problems.empty(); }

  /// The last time that the flag was given; nothing if it was not.
  [[nodiscard]] const GivenFlag* find(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

  // Values of a flag of that type, or `otherwise` if it was not given. REQUIRES: the flag is not open.
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise = {}) const;
  [[nodiscard]] bool boolean(std::string_view name, bool otherwise = false) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
  [[nodiscard]] std::optional<sim::Duration> duration(std::string_view name) const;
  /// All values of a text_list or comma_list.
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
};

/// Parses the words after a command's name by pflag's grammar: `-n ns`, `-nns`, `-n=ns`, `--namespace ns`,
/// `--namespace=ns`, `-it` for two booleans, flags between arguments, `--` before arguments only.
/// Messages are pflag's own. REQUIRES: `table` outlives the result.
/// Source: spf13/pflag flag.go (parseArgs, parseLongArg, parseSingleShortArg) and errors.go, as of v1.0.10.
ParsedFlags parse_flags(std::span<const Argument> words, const FlagTable& table);

/// The problem as the program's standard error shows it:
/// "error: unknown flag: --x\nSee 'kubectl get --help' for usage.\n".
std::string flag_error_output(const CommandProblem& problem, const FlagTable& table);

/// A whole number as Go's strconv.ParseInt(text, 0, 64) reads it; `problem` in its words otherwise.
std::optional<std::int64_t> parse_go_integer(std::string_view text, std::string& problem);

/// A truth value as Go's strconv.ParseBool reads it: 1, t, T, true, True, TRUE and their opposites.
std::optional<bool> parse_go_boolean(std::string_view text);

}  // namespace scenarios::commands

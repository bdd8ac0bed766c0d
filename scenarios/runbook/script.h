#pragma once
// The text of a runbook, as a person types it into a shell: what of the shell's grammar is taken, and where
// it stands. Nothing here performs anything, and no shell is ever started.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/command_problem.h"

namespace scenarios::runbook {

/// A part of a script with the way back to its place.
struct Slice {
  std::string text;
  std::vector<std::size_t> origins;  ///< one a byte: where it stands in the script
  std::size_t end = 0;               ///< one past its last byte in the script

  /// The place in the script of the byte at `position`; at the end, the place after the slice.
  [[nodiscard]] std::size_t origin(std::size_t position) const {
    return position < origins.size() ? origins[position] : end;
  }
  void append(char c, std::size_t origin) {
    text += c;
    origins.push_back(origin);
  }
};

enum class NodeKind : std::uint8_t {
  Command,     ///< `text`: a simple command; `$(…)` in it became `${_N}`, see `substitutions`
  Assignment,  ///< `name`=`text`; substitutions as of a command
  Pipeline,    ///< children: the command, then the filters, all of kind Command
  And,         ///< children: two
  Or,          ///< children: two
  Sequence,    ///< children: one after the other
  Background,  ///< children: one
  Loop,        ///< `for name in text; do children[0]; done`; substitutions as of a command
  If,          ///< children: the condition, what then, and what else if that is written
  While,       ///< children: the condition, the body
  Until,       ///< children: the condition, the body
  Not,         ///< `!`: children: one
  Break,       ///< out of the innermost loop
  Continue,    ///< on to its next turn
  Function,    ///< `name() { children[0] }`: what commands of that name do from here on
};

/// What a shell works out and puts into a text.
struct Substitution;

struct Node {
  NodeKind kind = NodeKind::Command;
  std::size_t at = 0;  ///< byte in the script
  std::string name;
  Slice text;
  bool discards_output = false;   ///< >/dev/null
  bool discards_errors = false;   ///< 2>/dev/null
  bool errors_to_output = false;  ///< 2>&1, while output is not discarded
  bool output_to_errors = false;  ///< >&2
  bool is_local = false;          ///< an assignment behind `local`
  bool has_input = false;         ///< a here-document stands at its end:
  Slice input;                    ///< … the lines of it
  bool input_is_plain = false;    ///< … whose $ are no references, for its delimiter is quoted
  std::vector<Substitution> substitutions;
  std::vector<Node> children;
};

enum class SubstitutionKind : std::uint8_t {
  Commands,    ///< `$(…)`: what the commands print
  Arithmetic,  ///< `$((…))`: the value of the expression, which is the text of `content`
  ExitCode,    ///< `$?`: of the last command
  Default,     ///< `${of:-text}`: the variable's value, or where there is none the text of `content`
};

/// `$(…)`, `$((…))`, `$?` and `${of:-text}`: what is worked out becomes the value of a hidden variable.
struct Substitution {
  std::string variable;
  Node content;
  SubstitutionKind kind = SubstitutionKind::Commands;
  std::string of = {};         ///< of Default
  bool keeps_empty = false;    ///< `${of-text}`: an empty value is one
  bool sets_variable = false;  ///< `${of:=text}`
};

/// The variable that holds a parameter of a function while it runs: "1" to "9", "count" for `$#`, "all" for
/// `$*`.
std::string parameter_variable(std::string_view function, std::string_view parameter);

struct ParseResult {
  Node script;  ///< a Sequence; empty with problems
  std::vector<commands::CommandProblem> problems;
};

/// Reads a script. The grammar, complete:
///
///     script    = list
///     list      = and_or { (";" | "&" | newline) and_or }
///     and_or    = pipeline { ("&&" | "||") pipeline }
///     pipeline  = ["!"] unit { "|" command }
///     unit      = command | loop | choice | group | function | assignment | "break" | "continue"
///     loop      = "for" NAME "in" words (";" | newline) "do" list "done"
///               | ("while" | "until") list "do" list "done"
///     choice    = "if" list "then" list { "elif" list "then" list } [ "else" list ] "fi"
///     group     = "{" list "}"
///     function  = NAME "()" group | "function" NAME ["()"] group
///     assignment= ["export" | "readonly" | "local"] NAME "=" word
///     command   = words, with '…', "…", \x, $name, ${name}, ${name:-text}, $(list), `list`, $((expression)),
///     $?,
///                 {2..10}, {a,b}, in functions $1 … $9, $#, $*, $@, # comments; >/dev/null, 2>/dev/null,
///                 &>/dev/null, 2>&1, >&2 and <<WORD with its lines may stand at its end
///
/// Everything else of a shell is refused with its name and place.
ParseResult parse(std::string_view script);

/// A command, list or loop that begins a line of a script, as far as it goes.
struct Item {
  std::size_t begin = 0;
  std::size_t end = 0;                             ///< one past its last byte
  std::string comment;                             ///< the lines of # comments right before it, without the #
  std::vector<commands::CommandProblem> problems;  ///< what of it is beyond the grammar
};

/// The items of a script, in order. What is beyond the grammar ends at the end of its line, or where what it
/// opens is closed again (`esac`, `done`, `fi`, `}`, the end of a here-document), and the rest is read on.
std::vector<Item> items_of(std::string_view script);

/// Expands `{a,b}` and `{1..3}` outside quotes, as bash does before anything else.
/// Source: bash manual, Brace Expansion.
Slice expand_braces(const Slice& words);

}  // namespace scenarios::runbook

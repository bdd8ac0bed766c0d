#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/command_problem.h"

namespace scenarios::commands {

/// A piece of a word: text, or a reference `$name` or `${name}` to a variable of the plan.
struct WordPart {
  bool reference = false;
  bool quoted = false;  ///< a reference between double quotes: its value stays one word
  std::string text;     ///< the text without quotes, or the variable's name
  std::vector<std::size_t>
      origins;  ///< for text: where each byte stands in the command; for a reference: its `$`
  friend bool operator==(const WordPart&, const WordPart&) = default;
};

/// One word of a command. Pieces of text that touch are one part.
struct Word {
  std::vector<WordPart> parts;
  std::size_t begin = 0;  ///< byte position of its first character, quotes included
  std::size_t end = 0;    ///< one past its last

  [[nodiscard]] bool has_references() const;
};

/// A word as the program gets it, with the way back to the command's text.
class Argument {
 public:
  Argument() = default;
  /// An argument that stands in no command's text.
  explicit Argument(std::string text) : text_(std::move(text)) {}
  /// The word with each reference replaced by what `value_of` gives for it. A reference without a value stays
  /// as
  /// `${name}` and is `open`. The value is not cut, whatever blanks it contains; see `arguments_of`.
  using ValueOf = std::function<std::optional<std::string>(std::string_view name)>;
  static Argument of(const Word& word, const ValueOf& value_of);
  /// All references open: what is known when a plan is loaded.
  static Argument of(const Word& word);

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The place in the command of the byte at `position` of the text; at its end, the place after the word.
  [[nodiscard]] std::size_t origin(std::size_t position) const;
  /// Whether a reference without a value lies at or after `position`.
  [[nodiscard]] bool open_from(std::size_t position) const { return open_until_ > position; }
  /// The argument from `position` on.
  [[nodiscard]] Argument from(std::size_t position) const;

 private:
  friend class ArgumentBuilder;
  std::string text_;
  std::vector<std::size_t> origins_;  // one a byte
  std::size_t end_ = 0;
  std::size_t open_until_ = 0;  // one past the last byte of an open reference
};

struct WordsResult {
  std::vector<Word> words;  ///< empty with problems
  std::vector<CommandProblem> problems;
  explicit operator bool() const { return problems.empty(); }
};

/// Cuts a command into words as a POSIX shell does: blanks, '…', "…", \x, a line that goes on after a
/// backslash,
/// `#` comments. Nothing runs a shell, so all that needs one is refused with its place: pipes, lists,
/// redirections, substitutions, patterns, braces that expand, `~`, assignments, special parameters.
/// `[` is an ordinary character, for hostlists and jsonpath have it; `$name` is a variable of the plan.
WordsResult split_words(std::string_view command);

/// The words as a program gets them. As in a shell, the value of a reference that stands outside quotes is
/// cut at its blanks: `kubectl cordon $nodes` names several nodes, and none where `$nodes` is empty. A
/// reference without a value is open, and one word. Source: POSIX Shell Command Language, 2.6.5 Field
/// Splitting.
std::vector<Argument> arguments_of(const std::vector<Word>& words, const Argument::ValueOf& value_of);

/// `text` as one word of a shell, quoted only if it must be.
std::string quote_word(std::string_view text);

}  // namespace scenarios::commands

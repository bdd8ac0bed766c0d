#pragma once

#include <compare>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scenarios::language {

/// A place in an input file. Lines and columns are 1-based; a line of 0 means that the value was not
/// written by anyone (it is a default). Columns count bytes, as compilers do.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;

  bool known() const { return line > 0; }
  friend auto operator<=>(const Location&, const Location&) = default;
};

enum class Severity { error, warning };

/// One thing that is wrong with an input, for the person who wrote it.
struct Diagnostic {
  Location at;
  std::string field;    ///< Path in the file, such as `plan[0].run`; empty when the file as a whole is meant.
  std::string problem;  ///< What is wrong, with the value that was given.
  std::string hint;     ///< What to write instead; may be empty.
  Severity severity = Severity::error;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// `file:line:column: error: field: problem`, and the hint on a line of its own. No newline at the end.
std::string render(const Diagnostic& diagnostic);

/// All of them, one below the other, each ended by a newline.
std::string render(std::span<const Diagnostic> diagnostics);

/// Collects diagnostics while an input is read, so that its author sees all of them at once.
///
/// At most `kept_max` are kept, so that a file that is garbage throughout does not fill memory and screen;
/// the others are counted.
class Diagnostics {
 public:
  static constexpr std::size_t kept_max = 100;

  void add(Diagnostic diagnostic);
  void error(Location at, std::string field, std::string problem, std::string hint = {});
  void warning(Location at, std::string field, std::string problem, std::string hint = {});

  bool has_errors() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  const std::vector<Diagnostic>& kept() const { return kept_; }

  /// What was kept, in the order of the file, with a last line that counts what was not kept.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> kept_;
  std::size_t errors_ = 0;
  std::size_t dropped_ = 0;
};

/// Prints as `file:line:column`.
std::string render(const Location& at);

}  // namespace scenarios::language

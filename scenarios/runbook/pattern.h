#pragma once
// Regular expressions as grep and awk have them, by the C library.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scenarios::runbook {

struct PatternOptions {
  bool extended = false;
  bool fixed = false;  ///< no expression, the text itself
  bool ignore_case = false;
  bool whole_words = false;
  bool whole_lines = false;
};

class Pattern {
 public:
  /// @return nothing, and why, for what is no expression.
  static std::optional<Pattern> compile(const std::string& text, const PatternOptions& options,
                                        std::string& problem);
  [[nodiscard]] bool matches(std::string_view line) const { return !all(line, true).empty(); }
  /// Every match that is not empty, from left to right.
  [[nodiscard]] std::vector<std::string_view> all(std::string_view line) const { return all(line, false); }

 private:
  struct Expression;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view line, bool first_only) const;
  [[nodiscard]] bool fits(std::string_view line, std::size_t begin, std::size_t end) const;

  std::shared_ptr<const Expression> expression_;
  PatternOptions options_;
};

}  // namespace scenarios::runbook

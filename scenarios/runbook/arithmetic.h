#pragma once
// The expressions of `$((…))`. Source: bash manual, Shell Arithmetic; POSIX Shell Command Language, 2.6.4.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scenarios::runbook {

/// An expression of whole numbers of 64 bits that wrap around: `+ - * / % **`, comparisons, `&& || !`, bits,
/// shifts, `? :`, brackets, and variables with or without `$`.
class Arithmetic {
 public:
  struct Problem {
    std::string text;
    std::size_t at = 0;  ///< byte in the expression
  };
  struct Variable {
    std::string name;
    std::size_t at = 0;
  };
  using ValueOf = std::function<std::string(std::string_view name)>;

  /// Reads an expression. @return nullptr with a problem.
  static std::shared_ptr<const Arithmetic> compile(std::string_view text, Problem& problem);

  /// The variables that it names.
  [[nodiscard]] const std::vector<Variable>& variables() const { return variables_; }

  /// Its value; nothing with a problem: a value that is no number, or a division by 0. An empty value counts
  /// 0.
  [[nodiscard]] std::optional<std::int64_t> value(const ValueOf& value_of, std::string& problem) const;

 private:
  friend class ArithmeticParser;
  friend class ArithmeticRun;

  struct Node {
    std::string op;  ///< "number", "variable", "?:", or the operator; "u-" and the like with one operand
    std::int64_t number = 0;
    std::size_t variable = 0;
    std::size_t left = 0;
    std::size_t right = 0;
    std::size_t otherwise = 0;
  };
  std::vector<Node> nodes_;
  std::size_t root_ = 0;
  std::vector<Variable> variables_;
};
using ArithmeticPointer = std::shared_ptr<const Arithmetic>;

/// A whole number as a shell reads it: decimal, 0x…, or octal with a leading 0; a sign and blanks around it.
std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace scenarios::runbook

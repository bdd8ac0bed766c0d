#pragma once
// The programs that a runbook pipes into: they read text and print text, and touch nothing else.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/commands/command_problem.h"
#include "scenarios/commands/words.h"

namespace scenarios::runbook {

/// A filter whose words are known: immutable.
class Filter {
 public:
  Filter() = default;
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  virtual ~Filter() = default;

  struct Result {
    std::string output;
    int exit_code = 0;
  };
  /// What it prints when `input` is its standard input.
  [[nodiscard]] virtual Result apply(std::string_view input) const = 0;
};
using FilterPointer = std::shared_ptr<const Filter>;

/// Reads the words of a filter. @return nullptr with problems.
FilterPointer compile_filter(std::span<const commands::Argument> words,
                             std::vector<commands::CommandProblem>& problems);

/// Whether a program is one of the filters.
bool is_filter(std::string_view program);

/// What is taken after a pipe, one usage line each, for messages and documentation.
std::vector<std::string> supported_filters();

}  // namespace scenarios::runbook

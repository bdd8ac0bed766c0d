#pragma once
// What echo, printf and date print.

#include <cstdint>
#include <span>
#include <string>

namespace scenarios::runbook {

struct Printed {
  std::string text;
  std::string problem;  ///< empty: none
  std::string hint;     ///< what to do about it
};

/// `echo [-n] [-e] [WORD…]`. Source: bash manual, Bash Builtins, echo.
std::string print_words(std::span<const std::string> words);

/// `printf FORMAT [WORD…]` with %s, %d and %%, used anew while words are left.
/// Source: bash manual, Bash Builtins, printf.
Printed print_formatted(std::span<const std::string> words);

/// `date [-u] [+FORMAT]` at a moment in seconds since 1970; the clock of a runbook shows UTC.
/// Source: coreutils manual, date.
Printed print_date(std::span<const std::string> words, std::int64_t seconds);

}  // namespace scenarios::runbook

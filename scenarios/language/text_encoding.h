#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scenarios::language {

/// The first byte that keeps a text from being read as YAML, and why.
struct EncodingProblem {
  std::size_t offset = 0;
  std::string problem;
  std::string hint;
};

/// Finds NUL bytes, other control characters and invalid UTF-8 (overlong forms, surrogates, truncated
/// sequences). These are found before the YAML parser runs, whose own messages about them mislead.
std::optional<EncodingProblem> find_encoding_problem(std::string_view text);

/// 1-based line and column (in bytes) of an offset; an offset at or past the end gives the last place.
struct LineColumn {
  int line = 1;
  int column = 1;
};
LineColumn line_column(std::string_view text, std::size_t offset);

}  // namespace scenarios::language

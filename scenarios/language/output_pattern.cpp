#include <algorithm>
#include <cstddef>
#include <vector>

#include "scenarios/language/expectation.h"

namespace scenarios::language {
namespace {

bool is_suffix_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Length of an age such as 2m42s, 5h5m, 90s or 3d4h at the front of `text`; 0 if there is none.
std::size_t age_length(std::string_view text) {
  std::size_t length = 0;
  while (true) {
    std::size_t i = length;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    if (i == length || i == text.size() || std::string_view("smhdy").find(text[i]) == std::string_view::npos)
      return length;
    length = i + 1;
  }
}

/// Matches one line. The only placeholder of variable length is an age, and what may follow it is no part of
/// an age, so no backtracking is needed.
bool matches_line(std::string_view pattern, std::string_view line) {
  while (!pattern.empty()) {
    if (pattern.starts_with("<any>")) return true;
    bool replaced = true;
    if (pattern.starts_with("<suffix>")) {
      constexpr std::size_t suffix_length =
          5;  // Source: apiserver pkg/storage/names/generate.go, randomLength.
      if (line.size() < suffix_length ||
          !std::all_of(line.begin(), line.begin() + suffix_length, is_suffix_character))
        return false;
      pattern.remove_prefix(std::string_view("<suffix>").size());
      line.remove_prefix(suffix_length);
    } else if (pattern.starts_with("<age>")) {
      const std::size_t length = age_length(line);
      if (length == 0) return false;
      pattern.remove_prefix(std::string_view("<age>").size());
      line.remove_prefix(length);
    } else {
      if (line.empty() || line.front() != pattern.front()) return false;
      pattern.remove_prefix(1);
      line.remove_prefix(1);
      replaced = false;
    }
    if (replaced && pattern.starts_with(' ')) {
      if (!line.starts_with(' ')) return false;
      pattern.remove_prefix(std::min(pattern.find_first_not_of(' '), pattern.size()));
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    }
  }
  return line.empty();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  if (text.ends_with('\n')) text.remove_suffix(1);
  while (true) {
    const std::size_t end = text.find('\n');
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

int first_difference(std::string_view pattern, std::string_view output) {
  const auto wanted = lines_of(pattern);
  const auto got = lines_of(output);
  const std::size_t common = std::min(wanted.size(), got.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (!matches_line(wanted[i], got[i])) return static_cast<int>(i) + 1;
  }
  return wanted.size() == got.size() ? 0 : static_cast<int>(common) + 1;
}

bool matches_output(std::string_view pattern, std::string_view output) {
  return first_difference(pattern, output) == 0;
}

}  // namespace scenarios::language

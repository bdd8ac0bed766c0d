#include "reports/folded_output.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace reports {

namespace {

using Lines = std::vector<std::string_view>;

/// The longest block whose repetition is looked for: a drain tells of so many pods between two tries.
constexpr std::size_t kBlockMost = 40;
/// Fewer repetitions stand as they came: a table may well have two equal rows.
constexpr std::size_t kTimesLeast = 3;
/// More lines than a person reads.
constexpr std::size_t kLinesMost = 60;

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// How often the `size` lines from `begin` come in a row.
std::size_t times(const Lines& lines, std::size_t begin, std::size_t size) {
  std::size_t count = 1;
  while (begin + (count + 1) * size <= lines.size() &&
         std::equal(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                    lines.begin() + static_cast<std::ptrdiff_t>(begin + size),
                    lines.begin() + static_cast<std::ptrdiff_t>(begin + count * size))) {
    ++count;
  }
  return count;
}

/// The smallest block that comes again and again from `begin` on, and how often.
std::pair<std::size_t, std::size_t> repeated(const Lines& lines, std::size_t begin) {
  for (std::size_t size = 1; size <= kBlockMost && begin + kTimesLeast * size <= lines.size(); ++size) {
    if (const std::size_t count = times(lines, begin, size); count >= kTimesLeast) {
      return {size, count};
    }
  }
  return {1, 1};
}

}  // namespace

std::string folded_output(std::string_view output, std::string_view margin, bool whole) {
  const Lines lines = split(output);
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < lines.size();) {
    const auto [size, count] = whole ? std::pair<std::size_t, std::size_t>{1, 1} : repeated(lines, i);
    for (std::size_t line = i; line < i + size; ++line) {
      shown.emplace_back(lines[line]);
    }
    if (count > 1) {
      shown.back() += size == 1 ? fmt::format(" — {} times", count)
                                : fmt::format(" — these {} lines {} times", size, count);
    }
    i += size * count;
  }
  if (!whole && shown.size() > kLinesMost) {
    const std::size_t left_out = shown.size() - kLinesMost;
    const auto middle = shown.begin() + kLinesMost / 2;
    shown.erase(middle, middle + static_cast<std::ptrdiff_t>(left_out));
    shown.insert(shown.begin() + kLinesMost / 2,
                 fmt::format("… {} lines left out; --verbose shows them", left_out));
  }
  std::string text;
  for (const std::string& line : shown) {
    text += fmt::format("{}{}\n", margin, line);
  }
  return text;
}

}  // namespace reports

#include "reports/wrap.h"

#include <fmt/core.h>

#include <chrono>

namespace reports {

namespace {

/// Columns that a UTF-8 text takes; every code point counts as one, which holds for what is printed here.
std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) {
    columns += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  }
  return columns;
}

}  // namespace

std::string wrap(std::string_view text, int width, std::string_view first, int hanging) {
  std::string result(first);
  std::size_t column = columns_of(first);
  const auto limit = static_cast<std::size_t>(width);
  bool at_start = true;
  std::size_t position = 0;
  while (position < text.size()) {
    std::size_t end = text.find(' ', position);
    end = end == std::string_view::npos ? text.size() : end;
    const std::string_view word = text.substr(position, end - position);
    position = end + 1;
    if (!at_start && column + 1 + columns_of(word) > limit) {
      result += '\n';
      result.append(static_cast<std::size_t>(hanging), ' ');
      column = static_cast<std::size_t>(hanging);
      at_start = true;
    }
    if (!at_start) {
      result += ' ';
      ++column;
    }
    result += word;
    column += columns_of(word);
    at_start = false;
  }
  return result + "\n";
}

std::string moment(sim::Time at) {
  using namespace std::chrono;
  const bool negative = at < sim::Time::zero();
  const auto total = duration_cast<milliseconds>(negative ? -at : at).count();
  const auto ms = total % 1000;
  const auto s = total / 1000;
  const std::string sign = negative ? "-" : "";
  if (s >= 3600) {
    return fmt::format("{}{}h{:02}m{:02}s", sign, s / 3600, s / 60 % 60, s % 60);
  }
  if (s >= 60) {
    return fmt::format("{}{}m{:02}s", sign, s / 60, s % 60);
  }
  return ms == 0 ? fmt::format("{}{}s", sign, s) : fmt::format("{}{}.{:03}s", sign, s, ms);
}

}  // namespace reports

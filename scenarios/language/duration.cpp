#include "scenarios/language/duration.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

namespace scenarios::language {
namespace {

struct Unit {
  std::string_view word;
  std::int64_t nanoseconds;
};

/// Largest first; a day is 24 hours.
constexpr Unit units[] = {
    {"d", 86'400'000'000'000},
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
};

/// Ten years: longer than any plan, and far from overflowing 64 bits of nanoseconds (292 years).
constexpr std::int64_t longest = std::int64_t{10} * 365 * 86'400'000'000'000;

constexpr std::string_view how = "write a number and a unit, such as 90s, 1m30s, 250ms or 2h";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  using Result = Parsed<Duration>;
  if (text.empty()) return Result::bad("a duration is missing", std::string(how));
  if (text.front() == '-')
    return Result::bad(fmt::format("{} is negative: a duration is 0s or more", text), std::string(how));
  __int128 total = 0;
  std::size_t next_unit = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t start = i;
    __int128 whole = 0;
    std::int64_t fraction = 0;
    std::int64_t fraction_scale = 1;
    while (i < text.size() && is_digit(text[i])) {
      whole = whole * 10 + (text[i++] - '0');
      if (whole > longest)
        return Result::bad(fmt::format("{} is longer than ten years", text), std::string(how));
    }
    if (i == start) return Result::bad(fmt::format("{} is not a duration", text), std::string(how));
    if (i < text.size() && text[i] == '.') {
      ++i;
      const std::size_t fraction_start = i;
      for (; i < text.size() && is_digit(text[i]); ++i) {
        if (fraction_scale > 100'000'000'000'000)
          return Result::bad(fmt::format("{} is more exact than a nanosecond", text), std::string(how));
        fraction = fraction * 10 + (text[i] - '0');
        fraction_scale *= 10;
      }
      if (i == fraction_start)
        return Result::bad(fmt::format("{} is not a duration", text), std::string(how));
    }
    const std::string_view number = text.substr(start, i - start);
    const std::size_t unit_start = i;
    while (i < text.size() && is_letter(text[i])) ++i;
    const std::string_view word = text.substr(unit_start, i - unit_start);
    if (word.empty()) {
      if (i < text.size()) return Result::bad(fmt::format("{} is not a duration", text), std::string(how));
      return Result::bad(fmt::format("{} has no unit", number), fmt::format("write {}s", text));
    }
    std::size_t unit = 0;
    while (unit < std::size(units) && units[unit].word != word) ++unit;
    if (unit == std::size(units)) {
      return Result::bad(fmt::format("{} in {} is not a unit of time", word, text),
                         "known units: d, h, m, s, ms, us, ns");
    }
    if (unit < next_unit) {
      return Result::bad(fmt::format("{} gives its units twice or out of order", text),
                         "the largest unit comes first, each once: 1h30m");
    }
    next_unit = unit + 1;
    const __int128 fraction_part = static_cast<__int128>(fraction) * units[unit].nanoseconds;
    if (fraction_part % fraction_scale != 0)
      return Result::bad(fmt::format("{} is more exact than a nanosecond", text), std::string(how));
    total += whole * units[unit].nanoseconds + fraction_part / fraction_scale;
    if (total > longest)
      return Result::bad(fmt::format("{} is longer than ten years", text), std::string(how));
  }
  return Result::good(Duration{static_cast<std::int64_t>(total)});
}

std::string format_duration(Duration duration) {
  std::int64_t left = duration.count();
  if (left <= 0) return "0s";
  std::string out;
  for (const Unit& unit : units) {
    if (unit.word == "d") continue;  // 26h is easier to compare with other durations than 1d2h.
    const std::int64_t count = left / unit.nanoseconds;
    if (count > 0) out += fmt::format("{}{}", count, unit.word);
    left -= count * unit.nanoseconds;
  }
  return out;
}

}  // namespace scenarios::language

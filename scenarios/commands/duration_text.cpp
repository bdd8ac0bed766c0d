#include "scenarios/commands/duration_text.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>

#include "scenarios/commands/go_text.h"

namespace scenarios::commands {
namespace {

using Wide = std::int64_t;

/// Whole units in a duration, cut towards zero.
template <class Unit>
Wide whole(sim::Duration duration) {
  return std::chrono::duration_cast<Unit>(duration).count();
}

std::string two_units(Wide value, char unit, Wide rest, char rest_unit) {
  return rest == 0 ? fmt::format("{}{}", value, unit) : fmt::format("{}{}{}{}", value, unit, rest, rest_unit);
}

/// What both forms print below zero.
std::optional<std::string> below_zero(Wide seconds, sim::Duration age) {
  if (seconds < -1) {
    return "<invalid>";
  }
  return age < sim::Duration::zero() ? std::optional<std::string>("0s") : std::nullopt;
}

constexpr std::uint64_t kSecond = 1'000'000'000;

/// "12.5" of 12,500 thousandths: a fraction without trailing zeros.
std::string with_fraction(std::uint64_t value, std::uint64_t unit) {
  std::string text = std::to_string(value / unit);
  std::string digits;
  for (std::uint64_t rest = value % unit, place = unit / 10; rest > 0; place /= 10) {
    digits += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return digits.empty() ? text : text + "." + digits;
}

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};
// Micro has two signs in Unicode; Go takes both.
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\u00b5s", 1'000},
                                         {"\u03bcs", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", kSecond},
                                         {"m", 60 * kSecond},
                                         {"h", 3600 * kSecond}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// One "1.5h" of a duration, taken off the front of the text.
class PartReader {
 public:
  explicit PartReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }

  /// The nanoseconds of the next part, or nothing with a problem; `whole_text` is what the problem names.
  std::optional<std::uint64_t> next(std::string_view whole_text, std::string& problem) {
    const std::string quoted = go_quote(whole_text);
    std::uint64_t number = 0;
    std::size_t at = 0;
    for (; at < rest_.size() && is_digit(rest_[at]); ++at) {
      if (number > kMost / 10) {
        problem = "time: invalid duration " + quoted;
        return std::nullopt;
      }
      number = number * 10 + static_cast<std::uint64_t>(rest_[at] - '0');
    }
    std::size_t digits = at;
    // The digits behind the point as a whole number and its power of ten; digits beyond an int64 do not
    // count.
    std::uint64_t fraction = 0;
    double scale = 1.0;
    if (at < rest_.size() && rest_[at] == '.') {
      for (++at; at < rest_.size() && is_digit(rest_[at]); ++at, ++digits) {
        if (fraction <= (kMost - 10) / 10) {
          fraction = fraction * 10 + static_cast<std::uint64_t>(rest_[at] - '0');
          scale *= 10.0;
        }
      }
    }
    if (digits == 0) {
      problem = "time: invalid duration " + quoted;
      return std::nullopt;
    }
    std::size_t end = at;
    while (end < rest_.size() && rest_[end] != '.' && !is_digit(rest_[end])) {
      ++end;
    }
    const std::string_view name = rest_.substr(at, end - at);
    rest_.remove_prefix(end);
    if (name.empty()) {
      problem = "time: missing unit in duration " + quoted;
      return std::nullopt;
    }
    for (const Unit& unit : kUnits) {
      if (unit.name == name) {
        if (number > kMost / unit.nanoseconds) {
          problem = "time: invalid duration " + quoted;
          return std::nullopt;
        }
        return number * unit.nanoseconds +
               static_cast<std::uint64_t>(static_cast<double>(fraction) *
                                          (static_cast<double>(unit.nanoseconds) / scale));
      }
    }
    problem = fmt::format("time: unknown unit {} in duration {}", go_quote(name), quoted);
    return std::nullopt;
  }

  static constexpr std::uint64_t kMost = std::uint64_t{1} << 63U;

 private:
  std::string_view rest_;
};

}  // namespace

std::string human_duration(sim::Duration age) {
  using namespace std::chrono;
  const Wide all_seconds = whole<seconds>(age);
  if (const auto text = below_zero(all_seconds, age)) {
    return *text;
  }
  const Wide all_minutes = all_seconds / 60;
  const Wide all_hours = all_minutes / 60;
  constexpr Wide kYearHours = 24 * 365;
  if (all_seconds < 120) {
    return fmt::format("{}s", all_seconds);
  }
  if (all_minutes < 10) {
    return two_units(all_minutes, 'm', all_seconds % 60, 's');
  }
  if (all_minutes < 180) {
    return fmt::format("{}m", all_minutes);
  }
  if (all_hours < 8) {
    return two_units(all_hours, 'h', all_minutes % 60, 'm');
  }
  if (all_hours < 48) {
    return fmt::format("{}h", all_hours);
  }
  if (all_hours < 24 * 8) {
    return two_units(all_hours / 24, 'd', all_hours % 24, 'h');
  }
  if (all_hours < kYearHours * 2) {
    return fmt::format("{}d", all_hours / 24);
  }
  if (all_hours < kYearHours * 8) {
    return two_units(all_hours / kYearHours, 'y', all_hours / 24 % 365, 'd');
  }
  return fmt::format("{}y", all_hours / kYearHours);
}

std::string short_human_duration(sim::Duration age) {
  const Wide all_seconds = whole<std::chrono::seconds>(age);
  if (const auto text = below_zero(all_seconds, age)) {
    return *text;
  }
  if (all_seconds < 60) {
    return fmt::format("{}s", all_seconds);
  }
  if (all_seconds < 3600) {
    return fmt::format("{}m", all_seconds / 60);
  }
  const Wide all_hours = all_seconds / 3600;
  if (all_hours < 24) {
    return fmt::format("{}h", all_hours);
  }
  return all_hours < 24 * 365 ? fmt::format("{}d", all_hours / 24) : fmt::format("{}y", all_hours / 24 / 365);
}

std::string go_duration_text(sim::Duration duration) {
  const bool negative = duration.count() < 0;
  const auto bits = static_cast<std::uint64_t>(duration.count());
  const std::uint64_t ns = negative ? 0 - bits : bits;
  const std::string sign = negative ? "-" : "";
  if (ns == 0) {
    return "0s";
  }
  if (ns < 1'000) {
    return sign + fmt::format("{}ns", ns);
  }
  if (ns < 1'000'000) {
    return sign + with_fraction(ns, 1'000) + "\u00b5s";
  }
  if (ns < kSecond) {
    return sign + with_fraction(ns, 1'000'000) + "ms";
  }
  const std::uint64_t minutes = ns / (60 * kSecond);
  const std::string seconds = with_fraction(ns % (60 * kSecond), kSecond) + "s";
  if (minutes == 0) {
    return sign + seconds;
  }
  return minutes < 60 ? fmt::format("{}{}m{}", sign, minutes, seconds)
                      : fmt::format("{}{}h{}m{}", sign, minutes / 60, minutes % 60, seconds);
}

GoDuration parse_go_duration(std::string_view text) {
  const auto invalid = [&] { return GoDuration{std::nullopt, "time: invalid duration " + go_quote(text)}; };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) {
    rest.remove_prefix(1);
  }
  if (rest == "0") {
    return {sim::Duration::zero(), {}};
  }
  if (rest.empty()) {
    return invalid();
  }
  std::uint64_t total = 0;
  for (PartReader reader(rest); !reader.done();) {
    std::string problem;
    const std::optional<std::uint64_t> part = reader.next(text, problem);
    if (!part) {
      return {std::nullopt, problem};
    }
    total += *part;  // both are at most 2^63, so the sum does not wrap before the test
    if (total > PartReader::kMost) {
      return invalid();
    }
  }
  if (!negative && total == PartReader::kMost) {
    return invalid();
  }
  return {sim::Duration{static_cast<sim::Duration::rep>(negative ? 0 - total : total)}, {}};
}

}  // namespace scenarios::commands

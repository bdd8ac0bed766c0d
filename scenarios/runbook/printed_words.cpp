#include "scenarios/runbook/printed_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "scenarios/runbook/arithmetic.h"

namespace scenarios::runbook {

namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// `\n`, `\t` and `\\`; any other backslash stays.
std::string without_escapes(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'n' || next == 't' || next == '\\') {
      result += next == 'n' ? '\n' : next == 't' ? '\t' : '\\';
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

/// A moment, taken apart.
struct Moment {
  explicit Moment(std::int64_t given) : seconds(given) {
    const std::chrono::sys_seconds time{std::chrono::seconds{given}};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    date = std::chrono::year_month_day{day};
    weekday = std::chrono::weekday{day}.c_encoding();
    day_of_year = (day - std::chrono::sys_days{date.year() / std::chrono::January / 1}).count() + 1;
    of_day = (time - day).count();
  }

  [[nodiscard]] std::int64_t hour() const { return of_day / 3600; }
  [[nodiscard]] std::int64_t minute() const { return of_day / 60 % 60; }
  [[nodiscard]] std::int64_t second() const { return of_day % 60; }
  [[nodiscard]] std::string_view month() const { return kMonths.at(static_cast<unsigned>(date.month()) - 1); }

  /// What a letter behind % stands for; nothing where it is not taken.
  [[nodiscard]] std::optional<std::string> field(char letter) const {
    const int year = static_cast<int>(date.year());
    const unsigned number = static_cast<unsigned>(date.month());
    const unsigned day = static_cast<unsigned>(date.day());
    switch (letter) {
      case 'Y':
        return fmt::format("{}", year);
      case 'y':
        return fmt::format("{:02}", year % 100);
      case 'm':
        return fmt::format("{:02}", number);
      case 'd':
        return fmt::format("{:02}", day);
      case 'e':
        return fmt::format("{:2}", day);
      case 'j':
        return fmt::format("{:03}", day_of_year);
      case 'H':
        return fmt::format("{:02}", hour());
      case 'M':
        return fmt::format("{:02}", minute());
      case 'S':
        return fmt::format("{:02}", second());
      case 'F':
        return fmt::format("{}-{:02}-{:02}", year, number, day);
      case 'T':
        return fmt::format("{:02}:{:02}:{:02}", hour(), minute(), second());
      case 'R':
        return fmt::format("{:02}:{:02}", hour(), minute());
      case 's':
        return fmt::format("{}", seconds);
      case 'a':
        return std::string(kDays.at(weekday));
      case 'b':
        return std::string(month());
      case 'Z':
        return "UTC";
      case 'z':
        return "+0000";
      case 'N':
        return "000000000";
      case '%':
        return "%";
      case 'n':
        return "\n";
      case 't':
        return "\t";
      default:
        return std::nullopt;
    }
  }

  std::int64_t seconds;
  std::chrono::year_month_day date;
  unsigned weekday = 0;
  std::int64_t day_of_year = 0;
  std::int64_t of_day = 0;
};

/// The format once over, with words from `next` on; `taken`: whether it used any.
void print_once(const std::string& format, std::span<const std::string> words, std::size_t& next, bool& taken,
                Printed& printed) {
  taken = false;
  for (std::size_t i = 0; i < format.size() && printed.problem.empty(); ++i) {
    if (format[i] != '%') {
      printed.text += format[i];
      continue;
    }
    const char letter = ++i < format.size() ? format[i] : '\0';
    if (letter == '%') {
      printed.text += '%';
      continue;
    }
    const std::string word = next < words.size() ? words[next] : std::string();
    if (letter == 's') {
      printed.text += word;
    } else if (letter == 'd') {
      const std::optional<std::int64_t> number = word.empty() ? 0 : whole_number(word);
      if (!number) {
        printed.problem = fmt::format("printf: {}: invalid number", word);
        printed.hint = "write a whole number, or %s";
      }
      printed.text += fmt::format("{}", number.value_or(0));
    } else {
      printed.problem = fmt::format("printf: %{} is beyond the grammar of runbooks", letter);
      printed.hint = "taken: %s, %d and %%, without a width";
    }
    taken = true;
    ++next;
  }
}

}  // namespace

std::string print_words(std::span<const std::string> words) {
  bool newline = true;
  bool escapes = false;
  std::size_t first = 1;
  for (; first < words.size() && words[first].size() > 1 && words[first].front() == '-' &&
         words[first].find_first_not_of("neE", 1) == std::string::npos;
       ++first) {
    for (const char flag : words[first].substr(1)) {
      newline = newline && flag != 'n';
      escapes = flag == 'e' || (escapes && flag != 'E');
    }
  }
  std::string text;
  for (std::size_t i = first; i < words.size(); ++i) {
    text += (i == first ? "" : " ") + words[i];
  }
  return (escapes ? without_escapes(text) : text) + (newline ? "\n" : "");
}

Printed print_formatted(std::span<const std::string> words) {
  Printed printed;
  if (words.size() < 2 || words[1].starts_with('-')) {
    printed.problem = words.size() < 2 ? "printf: the format is missing"
                                       : fmt::format("printf: the flag {} is not taken", words[1]);
    printed.hint = "write printf '%s\\n' WORD";
    return printed;
  }
  const std::string format = without_escapes(words[1]);
  std::size_t next = 2;
  bool taken = false;
  do {
    print_once(format, words, next, taken, printed);
  } while (taken && next < words.size() && printed.problem.empty());
  return printed;
}

Printed print_date(std::span<const std::string> words, std::int64_t seconds) {
  Printed printed;
  std::string format = "%a %b %e %T %Z %Y";
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with('+')) {
      format = words[i].substr(1);
    } else if (words[i] == "-Iseconds" || words[i] == "-Is" || words[i] == "--iso-8601=seconds") {
      format = "%FT%T+00:00";
    } else if (words[i] == "-I" || words[i] == "--iso-8601") {
      format = "%F";
    } else if (words[i] != "-u" && words[i] != "--utc") {
      printed.problem = fmt::format("date: \"{}\" is beyond the grammar of runbooks", words[i]);
      printed.hint = "taken: date [-u] [-I | -Iseconds | +FORMAT], the moment of the rehearsal";
      return printed;
    }
  }
  const Moment moment(seconds);
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      printed.text += format[i];
      continue;
    }
    const char letter = ++i < format.size() ? format[i] : '%';
    const std::optional<std::string> field = moment.field(letter);
    if (!field) {
      printed.problem = fmt::format("date: %{} is beyond the grammar of runbooks", letter);
      printed.hint = "taken: %Y %y %m %d %e %j %H %M %S %F %T %R %s %N %a %b %Z %z";
      return printed;
    }
    printed.text += *field;
  }
  printed.text += "\n";
  return printed;
}

}  // namespace scenarios::runbook

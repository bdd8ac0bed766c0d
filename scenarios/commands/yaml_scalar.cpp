#include "scenarios/commands/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "scenarios/commands/go_text.h"
#include "scenarios/commands/pflag.h"

namespace scenarios::commands {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes digits off the front; how many there were.
std::size_t skip_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) {
    ++count;
  }
  text.remove_prefix(count);
  return count;
}

bool skip(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

/// A decimal fraction with an optional exponent, as YAML 1.1 has it.
bool is_float(std::string_view text) {
  skip(text, "+-");
  const std::size_t whole = skip_digits(text);
  if (skip(text, ".")) {
    if (skip_digits(text) == 0 && whole == 0) {
      return false;
    }
  } else if (whole == 0) {
    return false;
  }
  if (skip(text, "eE")) {
    skip(text, "+-");
    if (skip_digits(text) == 0) {
      return false;
    }
  }
  return text.empty();
}

/// "1:30" and "190:20:30.15": numbers to the base of 60, which other parsers still read.
bool is_base_60(std::string_view text) {
  skip(text, "+-");
  if (text.empty() || !is_digit(text.front())) {
    return false;
  }
  while (!text.empty() && (is_digit(text.front()) || text.front() == '_')) {
    text.remove_prefix(1);
  }
  std::size_t groups = 0;
  while (skip(text, ":")) {
    const std::string_view before = text;
    const std::size_t digits = skip_digits(text);
    if (digits == 0 || digits > 2 || (digits == 2 && before.front() > '5')) {
      return false;
    }
    ++groups;
  }
  if (skip(text, ".")) {
    while (!text.empty() && (is_digit(text.front()) || text.front() == '_')) {
      text.remove_prefix(1);
    }
  }
  return groups > 0 && text.empty();
}

/// Whole numbers in any of Go's notations, and binary ones with a sign after the prefix, up to 64 bits.
bool is_integer(std::string_view plain) {
  const std::string text(plain);
  std::string problem;
  if (parse_go_integer(text, problem)) {
    return true;
  }
  // Between 2^63 and 2^64 a number without a sign is one as well.
  if (problem.ends_with("value out of range") && is_digit(plain.front())) {
    std::uint64_t value = 0;
    const bool hexadecimal = plain.starts_with("0x") || plain.starts_with("0X");
    const std::string_view digits = hexadecimal ? plain.substr(2) : plain;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
    return error == std::errc() && end == digits.data() + digits.size();
  }
  return false;
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// One or two digits, at most `most`.
bool skip_field(std::string_view& text, int least, int most) {
  const std::string_view before = text;
  const std::size_t digits = skip_digits(text);
  return digits >= 1 && digits <= 2 && number(before.substr(0, digits)) >= least &&
         number(before.substr(0, digits)) <= most;
}

/// "2024-01-31", "2024-1-31T10:00:00Z", "2024-01-31 10:00:00.5": what Go's parser takes as a time.
bool is_timestamp(std::string_view text) {
  if (text.size() < 5 || !std::all_of(text.begin(), text.begin() + 4, is_digit) || text[4] != '-') {
    return false;
  }
  const int year = number(text.substr(0, 4));
  text.remove_prefix(5);
  const int month = number(text.substr(0, std::min(text.find('-'), text.size())));
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  constexpr std::array<int, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (!skip_field(text, 1, 12) || !skip(text, "-") ||
      !skip_field(text, 1, month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month)])) {
    return false;
  }
  if (text.empty()) {
    return true;
  }
  const bool zoned = text.front() != ' ';
  if (!skip(text, "Tt ") || !skip_field(text, 0, 23) || !skip(text, ":") || !skip_field(text, 0, 59) ||
      !skip(text, ":") || !skip_field(text, 0, 59)) {
    return false;
  }
  if (text.size() > 1 && (text.front() == '.' || text.front() == ',') && is_digit(text[1])) {
    text.remove_prefix(1);
    skip_digits(text);
  }
  if (!zoned || text == "Z") {
    return zoned || text.empty();
  }
  return text.size() == 6 && skip(text, "+-") && is_digit(text[0]) && is_digit(text[1]) && text[2] == ':' &&
         is_digit(text[3]) && is_digit(text[4]) && number(text.substr(0, 2)) <= 24 &&
         number(text.substr(3, 2)) < 60;
}

constexpr std::array<std::string_view, 39> kWords = {
    "y",    "Y",    "yes",  "Yes",   "YES",   "true",  "True",  "TRUE",  "on",    "On",
    "ON",   "n",    "N",    "no",    "No",    "NO",    "false", "False", "FALSE", "off",
    "Off",  "OFF",  "",     "~",     "null",  "Null",  "NULL",  ".nan",  ".NaN",  ".NAN",
    ".inf", ".Inf", ".INF", "+.inf", "-.inf", "+.Inf", "-.Inf", "+.INF", "-.INF"};

/// What the characters of a text allow. Source: go-yaml v2 emitterc.go, yaml_emitter_analyze_scalar.
struct Analysis {
  bool plain = true;
  bool single_quoted = true;
  bool block = true;
};

bool is_break(char32_t rune) {
  return rune == U'\r' || rune == U'\n' || rune == 0x85 || rune == 0x2028 || rune == 0x2029;
}

bool is_shown(char32_t rune) {
  return rune == U'\n' || (rune >= 0x20 && rune <= 0x7E) || (rune >= 0xA0 && rune <= 0xD7FF) ||
         (rune >= 0xE000 && rune <= 0xFFFD && rune != 0xFEFF);
}

Analysis analyse(std::string_view text) {
  Analysis allowed;
  if (text.empty()) {
    return {true, true, false};
  }
  const std::size_t length = text.size();
  if (text.starts_with("---") || text.starts_with("...")) {
    allowed.plain = false;
  }
  bool after_blank = true;
  bool after_space = false;
  bool after_break = false;
  for (std::size_t at = 0; at < length;) {
    const Rune rune = rune_at(text, at);
    const std::size_t next = at + rune.length;
    const bool before_blank = next >= length || text[next] == ' ' || text[next] == '\t';
    const char c = text[at];
    const bool first = at == 0;
    const bool indicator =
        first ? std::string_view("#,[]{}&*!|>'\"%@`").find(c) != std::string_view::npos ||
                    (before_blank && std::string_view("?:-").find(c) != std::string_view::npos)
              : (c == ':' && before_blank) || (c == '#' && after_blank);
    const bool line_break = is_break(rune.value);
    const bool space = c == ' ';
    const bool last = next >= length;
    if (indicator || line_break || (space && (first || last))) {
      allowed.plain = false;
    }
    if (space && last) {
      allowed.block = false;
    }
    if (space && after_break) {
      allowed.plain = allowed.single_quoted = false;
    }
    if ((line_break && after_space) || !is_shown(rune.value)) {
      return {false, false, false};
    }
    after_space = space;
    after_break = line_break;
    after_blank = space || c == '\t' || line_break;
    at = next;
  }
  return allowed;
}

/// Outside ASCII all but the common symbols and pictures count as letters.
bool is_letter(char32_t rune) {
  const bool symbol =
      (rune >= 0x2000 && rune < 0x2C00) || (rune >= 0x3000 && rune < 0x3005) || rune >= 0x1F000;
  return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z') || (rune >= 0xAA && !symbol);
}

std::vector<char32_t> runes_of(std::string_view text) {
  std::vector<char32_t> runes;
  for (std::size_t at = 0; at < text.size();) {
    const Rune rune = rune_at(text, at);
    runes.push_back(rune.value);
    at += rune.length;
  }
  return runes;
}

bool is_digit_rune(char32_t rune) { return rune >= '0' && rune <= '9'; }

}  // namespace

bool has_line_break(std::string_view text) {
  const std::vector<char32_t> runes = runes_of(text);
  return std::any_of(runes.begin(), runes.end(), is_break);
}

bool reads_as_other_than_text(std::string_view text) {
  if (std::find(kWords.begin(), kWords.end(), text) != kWords.end()) {
    return true;
  }
  const char first = text.front();
  if (first == '.') {
    return is_float(text);
  }
  if (!is_digit(first) && first != '+' && first != '-') {
    return false;
  }
  if (is_base_60(text) || is_timestamp(text)) {
    return true;
  }
  std::string plain;
  std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
  return !plain.empty() && (is_integer(plain) || is_float(plain));
}

ScalarStyle scalar_style(std::string_view text, bool as_key) {
  const Analysis allowed = analyse(text);
  if (text.find('\n') != std::string_view::npos) {
    return allowed.block && !as_key ? ScalarStyle::literal_block : ScalarStyle::double_quoted;
  }
  if (reads_as_other_than_text(text)) {
    return ScalarStyle::double_quoted;
  }
  if (allowed.plain) {
    return ScalarStyle::plain;
  }
  return allowed.single_quoted ? ScalarStyle::single_quoted : ScalarStyle::double_quoted;
}

bool key_before(std::string_view a, std::string_view b) {
  const std::vector<char32_t> left = runes_of(a);
  const std::vector<char32_t> right = runes_of(b);
  const std::size_t common = std::min(left.size(), right.size());
  std::size_t i = 0;
  while (i < common && left[i] == right[i]) {
    ++i;
  }
  if (i == common) {
    return left.size() < right.size();
  }
  const bool left_letter = is_letter(left[i]);
  const bool right_letter = is_letter(right[i]);
  if (left_letter || right_letter) {
    return left_letter && right_letter ? left[i] < right[i] : right_letter;
  }
  std::int64_t left_number = 0;
  std::int64_t right_number = 0;
  if (left[i] == '0' || right[i] == '0') {
    // A zero inside a number counts like the digits before it; a leading one does not.
    for (std::size_t j = i; j > 0 && is_digit_rune(left[j - 1]); --j) {
      if (left[j - 1] != '0') {
        left_number = right_number = 1;
        break;
      }
    }
  }
  const auto read = [i](const std::vector<char32_t>& runes, std::int64_t& value) {
    std::size_t end = i;
    // More digits than an int64 holds wrap, as in Go.
    for (; end < runes.size() && is_digit_rune(runes[end]); ++end) {
      value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) * 10 + (runes[end] - '0'));
    }
    return end;
  };
  const std::size_t left_end = read(left, left_number);
  const std::size_t right_end = read(right, right_number);
  if (left_number != right_number) {
    return left_number < right_number;
  }
  return left_end != right_end ? left_end < right_end : left[i] < right[i];
}

}  // namespace scenarios::commands

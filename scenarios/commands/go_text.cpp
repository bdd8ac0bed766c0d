#include "scenarios/commands/go_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

namespace scenarios::commands {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Letters, marks, punctuation and symbols print as they are. Of what lies outside ASCII only the controls
/// and the separators that appear in practice are told apart.
bool printable(char32_t rune) {
  if (rune < 0x20 || rune == 0x7F || (rune >= 0x80 && rune <= 0xA0) || rune == 0xAD) {
    return false;
  }
  return !(rune >= 0x2000 && rune <= 0x200F) && !(rune >= 0x2028 && rune <= 0x202F) && rune != 0x3000 &&
         rune != 0xFEFF;
}

void append_escaped(std::string& text, char32_t rune, char quote) {
  if (rune == static_cast<char32_t>(quote) || rune == U'\\') {
    text += '\\';
    text += static_cast<char>(rune);
    return;
  }
  if (printable(rune)) {
    append_rune(text, rune);
    return;
  }
  constexpr std::string_view kNames = "abtnvfr";  // from U+0007 on
  if (rune >= 7 && rune <= 13) {
    text += '\\';
    text += kNames[rune - 7];
  } else if (rune < 0x80) {
    text += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(rune));
  } else if (rune < 0x10000) {
    text += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(rune));
  } else {
    text += fmt::format("\\U{:08x}", static_cast<std::uint32_t>(rune));
  }
}

/// The members of an object in the order of their keys' bytes.
std::vector<std::pair<std::string_view, const Json*>> sorted_members(const Json& object) {
  std::vector<std::pair<std::string_view, const Json*>> members;
  for (const auto& [key, value] : object.items()) {
    members.emplace_back(key, &value);
  }
  std::sort(members.begin(), members.end());
  return members;
}

}  // namespace

Rune rune_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  if (first < 0x80) {
    return {first, 1, true};
  }
  const Rune broken{kReplacement, 1, false};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) {
    return broken;
  }
  char32_t rune = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) {
      return broken;
    }
    rune = (rune << 6U) | (byte(at + i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (rune < kLeast[length] || rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) {
    return broken;
  }
  return {rune, length, true};
}

void append_rune(std::string& text, char32_t rune) {
  const auto add = [&](char32_t bits) { text += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (rune < 0x80) {
    add(rune);
  } else if (rune < 0x800) {
    add(0xC0U | (rune >> 6U));
    add(0x80U | (rune & 0x3FU));
  } else if (rune < 0x10000) {
    add(0xE0U | (rune >> 12U));
    add(0x80U | ((rune >> 6U) & 0x3FU));
    add(0x80U | (rune & 0x3FU));
  } else {
    add(0xF0U | (rune >> 18U));
    add(0x80U | ((rune >> 12U) & 0x3FU));
    add(0x80U | ((rune >> 6U) & 0x3FU));
    add(0x80U | (rune & 0x3FU));
  }
}

std::string go_quote(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const Rune rune = rune_at(text, at);
    if (rune.valid) {
      append_escaped(quoted, rune.value, '"');
    } else {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    }
    at += rune.length;
  }
  return quoted + "\"";
}

std::string go_quote_rune(char32_t rune) {
  std::string quoted = "'";
  append_escaped(quoted, rune, '\'');
  return quoted + "'";
}

std::string go_float_text(double number) {
  if (std::isnan(number)) {
    return "NaN";
  }
  if (std::isinf(number)) {
    return number > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 64> buffer{};
  const auto scientific =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
  const std::string text(buffer.data(), scientific.ptr);
  const int exponent = std::stoi(text.substr(text.find('e') + 1));
  // Source: strconv.FormatFloat with 'g' and the shortest precision, which decides as if six digits were
  // wanted.
  if (exponent < -4 || exponent >= 6) {
    return text;
  }
  const auto fixed =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
  return {buffer.data(), fixed.ptr};
}

std::string go_type_name(const Json& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return "map[string]interface {}";
    case Json::value_t::array:
      return "[]interface {}";
    case Json::value_t::string:
      return "string";
    case Json::value_t::boolean:
      return "bool";
    case Json::value_t::number_float:
      return "float64";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return "int64";
    default:
      return "<nil>";
  }
}

std::string go_value_text(const Json& value) {
  std::string text;
  switch (value.type()) {
    case Json::value_t::object:
      for (const auto& [key, member] : sorted_members(value)) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : " ", key, go_value_text(*member));
      }
      return "map[" + text + "]";
    case Json::value_t::array:
      for (std::size_t i = 0; i < value.size(); ++i) {
        text += (i == 0 ? "" : " ") + go_value_text(value[i]);
      }
      return "[" + text + "]";
    case Json::value_t::string:
      return value.get<std::string>();
    case Json::value_t::number_float:
      return go_float_text(value.get<double>());
    case Json::value_t::null:
      return "<nil>";
    default:
      return value.dump();
  }
}

std::string go_syntax_text(const Json& value) {
  std::string text;
  switch (value.type()) {
    case Json::value_t::object:
      for (const auto& [key, member] : sorted_members(value)) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ", ", go_quote(key), go_syntax_text(*member));
      }
      return go_type_name(value) + "{" + text + "}";
    case Json::value_t::array:
      for (std::size_t i = 0; i < value.size(); ++i) {
        text += (i == 0 ? "" : ", ") + go_syntax_text(value[i]);
      }
      return go_type_name(value) + "{" + text + "}";
    case Json::value_t::string:
      return go_quote(value.get_ref<const std::string&>());
    case Json::value_t::null:
      return "interface {}(nil)";
    default:
      return go_value_text(value);
  }
}

}  // namespace scenarios::commands

#include "scenarios/language/text_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace scenarios::language {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

/// Length of the well-formed UTF-8 sequence at `i`, or 0. The table is that of the Unicode standard,
/// "Well-Formed UTF-8 Byte Sequences": the range of the second byte depends on the first.
std::size_t sequence_length(std::string_view text, std::size_t i) {
  const std::uint8_t first = byte_at(text, i);
  std::size_t length = 0;
  std::uint8_t low = 0x80, high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (i + length > text.size()) return 0;
  if (byte_at(text, i + 1) < low || byte_at(text, i + 1) > high) return 0;
  for (std::size_t k = 2; k < length; ++k) {
    if (byte_at(text, i + k) < 0x80 || byte_at(text, i + k) > 0xBF) return 0;
  }
  return length;
}

}  // namespace

std::optional<EncodingProblem> find_encoding_problem(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t byte = byte_at(text, i);
    if (byte < 0x80) {
      const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
      if (control) {
        return EncodingProblem{i, fmt::format("the file is not text: it contains the byte 0x{:02x}", byte),
                               "a scenario is YAML text in UTF-8"};
      }
      ++i;
      continue;
    }
    const std::size_t length = sequence_length(text, i);
    if (length == 0) {
      return EncodingProblem{i, fmt::format("the file is not valid UTF-8: unexpected byte 0x{:02x}", byte),
                             "save the file as UTF-8"};
    }
    i += length;
  }
  return std::nullopt;
}

LineColumn line_column(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) offset = text.empty() ? 0 : text.size() - 1;
  LineColumn out;
  const std::string_view before = text.substr(0, offset);
  out.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t newline = before.rfind('\n');
  const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  out.column = 1 + static_cast<int>(offset - start);
  return out;
}

}  // namespace scenarios::language

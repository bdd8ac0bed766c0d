#include "models/flux/flux_job_id.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace models::flux {

namespace {

constexpr std::string_view kDigits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kPrefix = "\xc6\x92";  // ƒ
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> parse_f58_digits(std::string_view text) {
  std::uint64_t id = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos || id > (kMost - digit) / kDigits.size()) {
      return std::nullopt;
    }
    id = id * kDigits.size() + digit;
  }
  return text.empty() ? std::nullopt : std::optional(id);
}

std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> parse_dotted(std::string_view text) {
  std::uint64_t id = 0;
  for (int group = 0; group < 4; ++group) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const auto part = parse_number(text.substr(0, end), 16);
    const bool last = end == text.size();
    if (!part || *part > 0xffff || last != (group == 3)) {
      return std::nullopt;
    }
    id = id << 16U | *part;
    text.remove_prefix(last ? end : end + 1);
  }
  return id;
}

}  // namespace

std::uint64_t make_fluid(std::uint64_t milliseconds, std::uint32_t rank, std::uint32_t sequence) {
  return milliseconds << 24U | std::uint64_t{rank} << 10U | sequence;
}

std::string to_f58(std::uint64_t fluid) {
  std::string digits;
  do {
    digits += kDigits[fluid % kDigits.size()];
    fluid /= kDigits.size();
  } while (fluid > 0);
  std::reverse(digits.begin(), digits.end());
  return std::string(kPrefix) + digits;
}

std::optional<std::uint64_t> parse_job_id(std::string_view text) {
  if (text.starts_with("job.")) {
    return parse_dotted(text.substr(4));
  }
  if (text.find('.') != std::string_view::npos) {
    return parse_dotted(text);
  }
  if (text.starts_with(kPrefix)) {
    return parse_f58_digits(text.substr(kPrefix.size()));
  }
  if (text.starts_with('f')) {
    return parse_f58_digits(text.substr(1));
  }
  return text.starts_with("0x") ? parse_number(text.substr(2), 16) : parse_number(text, 10);
}

}  // namespace models::flux

#include "models/kubernetes/quantity.h"

#include <fmt/core.h>

#include <array>
#include <limits>
#include <utility>

namespace models::kubernetes {

namespace {

/// A suffix of a quantity as a factor 10^ten * 2^two.
struct Suffix {
  std::string_view text;
  int ten;
  int two;
};
constexpr std::array<Suffix, 16> kSuffixTable{{
    {"", 0, 0},
    {"n", -9, 0},
    {"u", -6, 0},
    {"m", -3, 0},
    {"k", 3, 0},
    {"M", 6, 0},
    {"G", 9, 0},
    {"T", 12, 0},
    {"P", 15, 0},
    {"E", 18, 0},
    {"Ki", 0, 10},
    {"Mi", 0, 20},
    {"Gi", 0, 30},
    {"Ti", 0, 40},
    {"Pi", 0, 50},
    {"Ei", 0, 60},
}};

constexpr auto kMax = static_cast<unsigned __int128>(std::numeric_limits<std::int64_t>::max());

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The exponent of `e3`, `E-2`; nullopt if `text` is not one.
std::optional<int> decimal_exponent(std::string_view text) {
  if (text.size() < 2 || (text.front() != 'e' && text.front() != 'E')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const bool negative = text.front() == '-';
  if (text.front() == '-' || text.front() == '+') {
    text.remove_prefix(1);
  }
  int value = 0;
  for (const char c : text) {
    if (!is_digit(c) || value > 100) {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return text.empty() ? std::nullopt : std::optional{negative ? -value : value};
}

/// digits * 10^ten * 2^two, rounded up; nullopt when it does not fit.
std::optional<std::int64_t> scaled(unsigned __int128 digits, int ten, int two) {
  for (; two > 0; --two) {
    digits *= 2;
    if (digits > kMax * 1000000000) {
      return std::nullopt;
    }
  }
  bool rest = false;
  for (; ten < 0 && digits != 0; ++ten) {
    rest = rest || digits % 10 != 0;
    digits /= 10;
  }
  for (; ten > 0 && digits != 0; --ten) {
    digits *= 10;
    if (digits > kMax) {
      return std::nullopt;
    }
  }
  digits += rest ? 1U : 0U;
  return digits > kMax ? std::nullopt : std::optional{static_cast<std::int64_t>(digits)};
}

}  // namespace

std::optional<std::int64_t> parse_quantity(std::string_view text, int decimals) {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  unsigned __int128 digits = 0;
  int ten = decimals;
  std::size_t at = 0;
  std::size_t seen = 0;
  bool fraction = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !fraction)); ++at) {
    if (text[at] == '.') {
      fraction = true;
      continue;
    }
    digits = digits * 10 + static_cast<unsigned>(text[at] - '0');
    ten -= fraction ? 1 : 0;
    if (++seen > 27) {
      return std::nullopt;  // more digits than any amount of a cluster has
    }
  }
  if (seen == 0) {
    return std::nullopt;
  }
  const std::string_view tail = text.substr(at);
  int two = 0;
  bool known = false;
  for (const Suffix& suffix : kSuffixTable) {
    if (suffix.text == tail) {
      ten += suffix.ten;
      two = suffix.two;
      known = true;
    }
  }
  if (!known) {
    const std::optional<int> exponent = decimal_exponent(tail);
    if (!exponent) {
      return std::nullopt;
    }
    ten += *exponent;
  }
  const std::optional<std::int64_t> value = scaled(digits, ten, two);
  return value && negative ? std::optional{-*value} : value;
}

std::string cpu_text(std::int64_t millicores) {
  return millicores % 1000 == 0 ? fmt::format("{}", millicores / 1000) : fmt::format("{}m", millicores);
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::string_view kNames[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t step = 0;
  while (bytes != 0 && bytes % 1024 == 0 && step + 1 < std::size(kNames)) {
    bytes /= 1024;
    ++step;
  }
  return fmt::format("{}{}", bytes, kNames[step]);
}

}  // namespace models::kubernetes

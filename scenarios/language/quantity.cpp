#include "scenarios/language/quantity.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>

namespace scenarios::language {
namespace {

/// A suffix multiplies by `numerator / denominator`.
struct Suffix {
  std::string_view word;
  std::int64_t numerator;
  std::int64_t denominator;
};

/// Source: Kubernetes apimachinery pkg/api/resource/suffix.go.
constexpr Suffix suffixes[] = {
    {"n", 1, 1'000'000'000},
    {"u", 1, 1'000'000},
    {"m", 1, 1'000},
    {"", 1, 1},
    {"k", 1'000, 1},
    {"M", 1'000'000, 1},
    {"G", 1'000'000'000, 1},
    {"T", 1'000'000'000'000, 1},
    {"P", 1'000'000'000'000'000, 1},
    {"E", 1'000'000'000'000'000'000, 1},
    {"Ki", std::int64_t{1} << 10, 1},
    {"Mi", std::int64_t{1} << 20, 1},
    {"Gi", std::int64_t{1} << 30, 1},
    {"Ti", std::int64_t{1} << 40, 1},
    {"Pi", std::int64_t{1} << 50, 1},
    {"Ei", std::int64_t{1} << 60, 1},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A number of at most 18 significant digits: `digits * 10^exponent`.
struct Decimal {
  std::int64_t digits = 0;
  int exponent = 0;
  std::string_view rest;
};

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal out;
  std::size_t i = 0;
  std::size_t seen = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(text[i])) break;
    ++seen;
    if (out.digits >= 100'000'000'000'000'000) return std::nullopt;
    out.digits = out.digits * 10 + (text[i] - '0');
    if (point) --out.exponent;
  }
  if (seen == 0) return std::nullopt;
  out.rest = text.substr(i);
  return out;
}

/// Reads `e3` or `E-2`; a bare `E` is the suffix exa.
std::optional<int> read_exponent(std::string_view rest) {
  if (rest.size() < 2 || (rest[0] != 'e' && rest[0] != 'E')) return std::nullopt;
  std::size_t i = 1;
  const bool negative = rest[1] == '-';
  if (rest[1] == '-' || rest[1] == '+') ++i;
  if (i == rest.size() || rest.size() - i > 2) return std::nullopt;
  int exponent = 0;
  for (; i < rest.size(); ++i) {
    if (!is_digit(rest[i])) return std::nullopt;
    exponent = exponent * 10 + (rest[i] - '0');
  }
  return negative ? -exponent : exponent;
}

/// The value in units of 1/`scale`, rounded up, or nothing when it does not fit 62 bits.
std::optional<std::int64_t> scaled(const Decimal& decimal, int exponent, const Suffix& suffix,
                                   std::int64_t scale) {
  constexpr __int128 limit = static_cast<__int128>(1) << 62;
  __int128 numerator = static_cast<__int128>(decimal.digits);
  __int128 denominator = suffix.denominator;
  exponent += decimal.exponent;
  const auto grow = [](__int128& value, __int128 factor) {
    if (value > (static_cast<__int128>(1) << 126) / factor) return false;
    value *= factor;
    return true;
  };
  if (numerator == 0) return 0;
  if (!grow(numerator, suffix.numerator) || !grow(numerator, scale)) return std::nullopt;
  for (; exponent > 0; --exponent) {
    if (!grow(numerator, 10)) return std::nullopt;
  }
  for (; exponent < 0; ++exponent) {
    if (!grow(denominator, 10)) return 1;  // Tinier than anything that is counted, but more than nothing.
  }
  const __int128 value = (numerator + denominator - 1) / denominator;
  if (value >= limit) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

Parsed<std::int64_t> parse_quantity(std::string_view text, std::int64_t scale, std::string_view examples) {
  using Result = Parsed<std::int64_t>;
  const std::string how = fmt::format("write a Kubernetes quantity, such as {}", examples);
  if (!text.empty() && text.front() == '-') return Result::bad(fmt::format("{} is negative", text), how);
  const bool plus = !text.empty() && text.front() == '+';
  const auto decimal = read_decimal(plus ? text.substr(1) : text);
  if (!decimal) return Result::bad(fmt::format("\"{}\" is not a quantity", text), how);
  const auto too_large = [&] { return Result::bad(fmt::format("{} is too large", text), how); };
  if (const auto exponent = read_exponent(decimal->rest)) {
    const auto value = scaled(*decimal, *exponent, {"", 1, 1}, scale);
    return value ? Result::good(*value) : too_large();
  }
  for (const Suffix& suffix : suffixes) {
    if (suffix.word != decimal->rest) continue;
    const auto value = scaled(*decimal, 0, suffix, scale);
    return value ? Result::good(*value) : too_large();
  }
  return Result::bad(fmt::format("{} in {} is not a suffix of quantities", decimal->rest, text),
                     "known suffixes: n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei");
}

}  // namespace

Parsed<MilliCpu> parse_cpu(std::string_view text) {
  const auto parsed = parse_quantity(text, 1000, "10, 1.5 or 500m");
  if (!parsed.value) return Parsed<MilliCpu>::bad(parsed.problem, parsed.hint);
  auto result = Parsed<MilliCpu>::good({*parsed.value});
  // 10 millicores or less is what a misplaced unit looks like; real requests that small do no work.
  if (*parsed.value <= 10) {
    result.warning = fmt::format("{} is {} thousandths of one core: is that meant?", text, *parsed.value);
    result.hint = "a whole core is 1, half a core 500m";
  }
  return result;
}

Parsed<Bytes> parse_bytes(std::string_view text) {
  const auto parsed = parse_quantity(text, 1, "32Gi or 500M");
  if (!parsed.value) return Parsed<Bytes>::bad(parsed.problem, parsed.hint);
  auto result = Parsed<Bytes>::good({*parsed.value});
  if (*parsed.value < (std::int64_t{1} << 20)) {
    result.warning = fmt::format("{} is {} bytes: is that meant?", text, *parsed.value);
    result.hint = "m is a thousandth; a mebibyte is 1Mi, a gibibyte 1Gi";
  }
  return result;
}

std::string format_cpu(MilliCpu cpu) {
  if (cpu.value % 1000 == 0) return fmt::format("{}", cpu.value / 1000);
  return fmt::format("{}m", cpu.value);
}

std::string format_bytes(Bytes bytes) {
  if (bytes.value == 0) return "0";
  // The binary suffixes are tried first, the largest first: memory is bought in powers of two.
  for (std::size_t i = std::size(suffixes); i-- > 3;) {
    const Suffix& suffix = suffixes[i];
    if (bytes.value % suffix.numerator == 0)
      return fmt::format("{}{}", bytes.value / suffix.numerator, suffix.word);
  }
  return fmt::format("{}", bytes.value);
}

}  // namespace scenarios::language

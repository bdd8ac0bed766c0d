#include "scenarios/language/hostlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

namespace scenarios::language {
namespace {

using Hosts = std::vector<std::string>;
using Result = Parsed<Hosts>;

constexpr std::string_view how = "write names as worker-[0-9,12], a[01-10] or a-1,b-2";

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Up to 18 digits, which fit 63 bits.
std::optional<std::int64_t> to_number(std::string_view text) {
  if (!all_digits(text) || text.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

std::size_t padding_of(std::string_view digits) {
  return digits.size() > 1 && digits.front() == '0' ? digits.size() : 1;
}

/// Appends the numbers of one bracket, such as `0-9,12`, as text; returns what is wrong, or nothing.
std::string expand_bracket(std::string_view bracket, Hosts& numbers) {
  std::size_t start = 0;
  while (start <= bracket.size()) {
    const std::size_t comma = std::min(bracket.find(',', start), bracket.size());
    const std::string_view range = bracket.substr(start, comma - start);
    start = comma + 1;
    const std::size_t dash = range.find('-');
    const std::string_view low_text = range.substr(0, dash);
    const std::string_view high_text = dash == std::string_view::npos ? low_text : range.substr(dash + 1);
    const auto low = to_number(low_text);
    const auto high = to_number(high_text);
    if (!low || !high) return fmt::format("[{}] is not a list of numbers and ranges", bracket);
    if (*high < *low) return fmt::format("the range {} runs backwards", range);
    if (static_cast<std::uint64_t>(*high - *low) >= hosts_max - numbers.size()) {
      return fmt::format("[{}] names more than {} hosts", bracket, hosts_max);
    }
    const std::size_t width = padding_of(low_text);
    for (std::int64_t n = *low; n <= *high; ++n) numbers.push_back(fmt::format("{:0{}}", n, width));
  }
  return {};
}

/// Expands one item, which has no comma outside brackets; returns what is wrong, or nothing.
std::string expand_item(std::string_view item, Hosts& out) {
  Hosts names{""};
  std::size_t i = 0;
  while (i < item.size()) {
    const std::size_t open = std::min(item.find_first_of("[]", i), item.size());
    for (std::string& name : names) name += item.substr(i, open - i);
    if (open == item.size()) break;
    const std::size_t close = item.find(']', open);
    if (item[open] == ']' || close == std::string_view::npos ||
        item.substr(open + 1, close - open - 1).find('[') != std::string_view::npos) {
      return fmt::format("the brackets in {} do not match", item);
    }
    Hosts numbers;
    std::string problem = expand_bracket(item.substr(open + 1, close - open - 1), numbers);
    if (!problem.empty()) return problem;
    if (names.size() > hosts_max / numbers.size())
      return fmt::format("{} names more than {} hosts", item, hosts_max);
    Hosts longer;
    longer.reserve(names.size() * numbers.size());
    for (const std::string& name : names) {
      for (const std::string& number : numbers) longer.push_back(name + number);
    }
    names = std::move(longer);
    i = close + 1;
  }
  if (out.size() + names.size() > hosts_max)
    return fmt::format("the list names more than {} hosts", hosts_max);
  std::move(names.begin(), names.end(), std::back_inserter(out));
  return {};
}

/// A name split into what precedes its trailing number and that number.
struct Split {
  std::string_view prefix;
  std::string_view digits;
};

Split split(std::string_view host) {
  std::size_t start = host.size();
  while (start > 0 && host[start - 1] >= '0' && host[start - 1] <= '9') --start;
  if (host.size() - start > 18) start = host.size();
  return {host.substr(0, start), host.substr(start)};
}

/// The number after `digits` when it is `next`, in the same padding.
bool follows(std::string_view digits, std::size_t width, std::string_view next) {
  return next == fmt::format("{:0{}}", *to_number(digits) + 1, width);
}

}  // namespace

Result expand_hostlist(std::string_view text) {
  Hosts out;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool end = i == text.size();
    if (!end && text[i] == '[') ++depth;
    if (!end && text[i] == ']') --depth;
    if (!end && (text[i] != ',' || depth > 0)) continue;
    const std::string_view item = text.substr(start, i - start);
    start = i + 1;
    if (item.empty())
      return Result::bad(text.empty() ? "a name is missing" : fmt::format("\"{}\" holds an empty name", text),
                         std::string(how));
    const std::size_t bad = item.find_first_of(" \t\n\"'");
    if (bad != std::string_view::npos)
      return Result::bad(fmt::format("\"{}\" is not a name: it holds a blank or a quote", item),
                         std::string(how));
    std::string problem = expand_item(item, out);
    if (!problem.empty()) return Result::bad(std::move(problem), std::string(how));
  }
  return Result::good(std::move(out));
}

std::string compress_hostlist(std::span<const std::string> hosts) {
  std::string out;
  std::size_t i = 0;
  while (i < hosts.size()) {
    const Split first = split(hosts[i]);
    std::string bracket;
    std::size_t members = 0;
    while (i < hosts.size()) {
      const Split low = split(hosts[i]);
      if (low.prefix != first.prefix || low.digits.empty()) break;
      const std::size_t width = padding_of(low.digits);
      Split high = low;
      std::size_t j = i + 1;
      for (; j < hosts.size(); ++j) {
        const Split next = split(hosts[j]);
        if (next.prefix != high.prefix || next.digits.empty() || !follows(high.digits, width, next.digits))
          break;
        high = next;
      }
      if (!bracket.empty()) bracket += ',';
      bracket += low.digits;
      if (j > i + 1) bracket += fmt::format("-{}", high.digits);
      members += j - i;
      i = j;
    }
    if (!out.empty()) out += ',';
    if (members == 0) {
      out += hosts[i++];
    } else if (members == 1) {
      out += fmt::format("{}{}", first.prefix, bracket);
    } else {
      out += fmt::format("{}[{}]", first.prefix, bracket);
    }
  }
  return out;
}

bool IndexSet::contains(int index) const {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& r) { return r.first <= index && index <= r.last; });
}

Parsed<IndexSet> parse_index_set(std::string_view text) {
  IndexSet out;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    const std::string_view range = text.substr(start, comma - start);
    start = comma + 1;
    const std::size_t dash = range.find('-');
    const auto low = to_number(range.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : to_number(range.substr(dash + 1));
    const bool good = low && high && *low <= *high && *high <= 1'000'000'000;
    if (!good)
      return Parsed<IndexSet>::bad(fmt::format("\"{}\" is not a set of indexes", text),
                                   "write 2, 0-3 or 0-1,5");
    out.ranges.push_back({static_cast<int>(*low), static_cast<int>(*high)});
  }
  return Parsed<IndexSet>::good(std::move(out));
}

}  // namespace scenarios::language

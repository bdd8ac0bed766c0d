#include "models/flux/hostlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace models::flux {
namespace {

/// The largest number that counts as one; digits before it belong to the prefix.
/// Source: flux-core src/common/libhostlist/hostname.h, MAX_HOST_SUFFIX.
constexpr std::uint64_t kLargestSuffix = 1U << 25U;
/// More digits than any suffix has, padding included.
constexpr std::size_t kMostDigits = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A whole number of plain digits.
std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || text.size() > kMostDigits || !std::all_of(text.begin(), text.end(), is_digit)) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string padded(std::uint64_t number, std::size_t width) { return fmt::format("{:0{}}", number, width); }

/// A host name cut where its number begins.
struct HostName {
  std::string_view prefix;
  std::string_view suffix;  // the digits; empty if the name ends otherwise
  std::uint64_t number = 0;
};

HostName cut(std::string_view host) {
  std::size_t begin = host.size();
  while (begin > 0 && is_digit(host[begin - 1])) {
    --begin;
  }
  for (; begin < host.size(); ++begin) {
    const std::optional<std::uint64_t> number = digits(host.substr(begin));
    if (number && *number <= kLargestSuffix) {
      return {host.substr(0, begin), host.substr(begin), *number};
    }
  }
  return {host, {}, 0};
}

/// Numbers that ascend by one and are printed with the same padding.
struct Run {
  std::uint64_t first;
  std::uint64_t last;
  std::size_t width;
};

std::string bracket_of(std::string_view prefix, const std::vector<Run>& runs) {
  std::string inside;
  for (const Run& run : runs) {
    if (!inside.empty()) {
      inside += ',';
    }
    inside += padded(run.first, run.width);
    if (run.last > run.first) {
      inside += '-' + padded(run.last, run.width);
    }
  }
  const bool single = runs.size() == 1 && runs.front().first == runs.front().last;
  return single ? fmt::format("{}{}", prefix, inside) : fmt::format("{}[{}]", prefix, inside);
}

/// Reads one list of hosts, left to right.
class HostlistReader {
 public:
  HostlistReader(std::string_view text, std::size_t most) : text_(text), most_(most) {}

  HostlistResult read() {
    if (text_.empty()) {
      return {};
    }
    for (std::size_t begin = 0; begin <= text_.size() && result_.problems.empty();) {
      const std::size_t end = end_of_name(begin);
      read_name(begin, end);
      begin = end + 1;
    }
    if (!result_.problems.empty()) {
      result_.hosts.clear();
    }
    return std::move(result_);
  }

 private:
  /// The next comma outside brackets.
  std::size_t end_of_name(std::size_t at) const {
    bool inside = false;
    for (; at < text_.size(); ++at) {
      if (text_[at] == '[') {
        inside = true;
      } else if (text_[at] == ']') {
        inside = false;
      } else if (text_[at] == ',' && !inside) {
        break;
      }
    }
    return at;
  }

  void read_name(std::size_t begin, std::size_t end) {
    const std::string_view name = text_.substr(begin, end - begin);
    if (name.empty()) {
      problem("a host name is missing", begin);
      return;
    }
    const std::size_t open = name.find('[');
    const std::size_t close = name.find(']');
    if (open == std::string_view::npos) {
      if (close != std::string_view::npos) {
        problem(fmt::format("\"]\" without \"[\" in \"{}\"", name), begin + close);
        return;
      }
      add(std::string(name), begin);
      return;
    }
    if (close == std::string_view::npos || close < open) {
      problem(fmt::format("unclosed \"[\" in \"{}\"", name), begin + open);
      return;
    }
    const std::string_view after = name.substr(close + 1);
    if (const std::size_t second = after.find_first_of("[]"); second != std::string_view::npos) {
      problem(fmt::format("a second bracket in \"{}\"", name), begin + close + 1 + second);
      return;
    }
    read_bracket(name.substr(0, open), begin + open + 1, begin + close, after);
  }

  void read_bracket(std::string_view prefix, std::size_t begin, std::size_t end, std::string_view after) {
    for (std::size_t at = begin; at <= end && result_.problems.empty();) {
      const std::size_t comma = std::min(text_.find(',', at), end);
      const std::string_view part = text_.substr(at, comma - at);
      const std::size_t hyphen = part.find('-');
      const std::string_view low = part.substr(0, hyphen);
      const std::string_view high = hyphen == std::string_view::npos ? low : part.substr(hyphen + 1);
      const auto first = digits(low);
      const auto last = digits(high);
      if (!first || !last || *last < *first) {
        problem(fmt::format("\"{}\" is not a number or an ascending range like 0-3", part), at);
        return;
      }
      for (std::uint64_t number = *first; number <= *last && result_.problems.empty(); ++number) {
        add(fmt::format("{}{}{}", prefix, padded(number, low.size()), after), at);
      }
      at = comma + 1;
    }
  }

  void add(std::string host, std::size_t offset) {
    if (result_.hosts.size() == most_) {
      problem(fmt::format("more than {} hosts", most_), offset);
      return;
    }
    result_.hosts.push_back(std::move(host));
  }

  void problem(std::string text, std::size_t offset) {
    result_.problems.push_back({std::move(text), offset});
  }

  std::string_view text_;
  std::size_t most_;
  HostlistResult result_;
};

}  // namespace

std::string hostlist_compress(std::span<const std::string> hosts) {
  std::string text;
  std::vector<Run> runs;
  std::string_view prefix;
  const auto finish_bracket = [&] {
    if (!runs.empty()) {
      text += (text.empty() ? "" : ",") + bracket_of(prefix, runs);
      runs.clear();
    }
  };
  for (const std::string& host : hosts) {
    const HostName name = cut(host);
    if (name.suffix.empty()) {
      finish_bracket();
      text += (text.empty() ? "" : ",") + host;
      continue;
    }
    if (!runs.empty() && prefix != name.prefix) {
      finish_bracket();
    }
    prefix = name.prefix;
    if (!runs.empty() && name.number == runs.back().last + 1 &&
        padded(name.number, runs.back().width) == name.suffix) {
      runs.back().last = name.number;
    } else {
      runs.push_back({name.number, name.number, name.suffix.size()});
    }
  }
  finish_bracket();
  return text;
}

HostlistResult hostlist_expand(std::string_view text, std::size_t most) {
  return HostlistReader(text, most).read();
}

std::string idset_compress(std::span<const int> ids) {
  std::vector<int> sorted(ids.begin(), ids.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string text;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin + 1;
    while (end < sorted.size() && sorted[end] == sorted[end - 1] + 1) {
      ++end;
    }
    text += (text.empty() ? "" : ",") + std::to_string(sorted[begin]);
    if (end - begin > 1) {
      text += '-' + std::to_string(sorted[end - 1]);
    }
    begin = end;
  }
  return text;
}

IdsetResult idset_parse(std::string_view text, std::size_t most) {
  IdsetResult result;
  const auto refuse = [](std::string problem, std::size_t offset) {
    return IdsetResult{{}, {{std::move(problem), offset}}};
  };
  std::size_t at = 0;
  std::size_t end = text.size();
  if (text.starts_with('[') && text.ends_with(']') && text.size() >= 2) {
    ++at;
    --end;
  }
  while (at < end) {
    const std::size_t comma = std::min(text.find(',', at), end);
    const std::string_view part = text.substr(at, comma - at);
    const std::size_t hyphen = part.find('-');
    const auto first = digits(part.substr(0, hyphen));
    const auto last = hyphen == std::string_view::npos ? first : digits(part.substr(hyphen + 1));
    if (!first || !last || *last < *first || *last > kLargestSuffix) {
      return refuse(fmt::format("\"{}\" is not a rank or an ascending range like 0-3", part), at);
    }
    if (!result.ids.empty() && static_cast<int>(*first) <= result.ids.back()) {
      return refuse(fmt::format("\"{}\" does not ascend", part), at);
    }
    if (result.ids.size() + (*last - *first) >= most) {
      return refuse(fmt::format("more than {} ranks", most), at);
    }
    for (std::uint64_t id = *first; id <= *last; ++id) {
      result.ids.push_back(static_cast<int>(id));
    }
    at = comma + 1;
    if (at == end && comma < end) {
      return refuse("a rank is missing after the last comma", comma);
    }
  }
  return result;
}

}  // namespace models::flux

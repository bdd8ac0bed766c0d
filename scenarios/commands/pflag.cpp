#include "scenarios/commands/pflag.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "scenarios/commands/duration_text.h"
#include "scenarios/commands/go_text.h"
#include "sim/require.h"

namespace scenarios::commands {
namespace {

/// How many insertions, deletions and replacements turn `a` into `b`.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

/// "did you mean --replicas? known here: --replicas, --timeout".
std::string flag_hint(std::string_view name, const FlagTable& table) {
  std::string known;
  std::string_view nearest;
  std::size_t fewest = std::max<std::size_t>(name.size() / 3, 1);
  for (const FlagSpec& spec : table.modelled) {
    known += fmt::format("{}--{}", known.empty() ? "" : ", ", spec.name);
    const std::size_t edits = edits_between(name, spec.name);
    if (edits < fewest || (edits == fewest && nearest.empty())) {
      fewest = edits;
      nearest = spec.name;
    }
  }
  if (known.empty()) {
    return "it has no flags here";
  }
  return nearest.empty() ? "known here: " + known
                         : fmt::format("did you mean --{}? known here: {}", nearest, known);
}

bool is_bare(const FlagSpec& spec) { return spec.type == FlagType::boolean || !spec.if_bare.empty(); }

std::string_view bare_value(const FlagSpec& spec) { return spec.if_bare.empty() ? "true" : spec.if_bare; }

/// The values in a comma-separated line, quotes as in CSV.
std::vector<std::string> comma_values(std::string_view text) {
  std::vector<std::string> values;
  if (text.empty()) {
    return values;
  }
  values.emplace_back();
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      values.back() += '"';
      ++i;
    } else if (text[i] == '"' && (quoted || values.back().empty())) {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      values.emplace_back();
    } else {
      values.back() += text[i];
    }
  }
  return values;
}

/// Why `value` is none of the flag's type; empty if it is one.
std::string type_problem(const FlagSpec& spec, std::string_view value) {
  std::string problem;
  switch (spec.type) {
    case FlagType::integer:
      parse_go_integer(value, problem);
      break;
    case FlagType::boolean:
      if (!parse_go_boolean(value)) {
        problem = fmt::format("strconv.ParseBool: parsing {}: invalid syntax", go_quote(value));
      }
      break;
    case FlagType::duration:
      problem = parse_go_duration(value).problem;
      break;
    case FlagType::text:
    case FlagType::text_list:
    case FlagType::comma_list:
      break;
  }
  return problem;
}

/// Goes through the words once, left to right.
class FlagReader {
 public:
  FlagReader(std::span<const Argument> words, const FlagTable& table) : words_(words), table_(table) {}

  ParsedFlags read() {
    while (next_ < words_.size()) {
      const Argument& word = words_[next_++];
      const std::string& text = word.text();
      if (text.size() < 2 || text[0] != '-') {
        result_.arguments.push_back(word);
      } else if (text == "--") {
        result_.arguments_before_dashes = result_.arguments.size();
        result_.arguments.insert(result_.arguments.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_),
                                 words_.end());
        break;
      } else if (text[1] == '-') {
        read_long(word);
      } else {
        read_shorthands(word);
      }
    }
    return std::move(result_);
  }

 private:
  void problem(std::string text, std::string hint, std::size_t offset) {
    result_.problems.push_back({std::move(text), std::move(hint), offset});
  }

  const FlagSpec* find(std::span<const FlagSpec> specs, std::string_view name, char shorthand) const {
    const auto found = std::find_if(specs.begin(), specs.end(), [&](const FlagSpec& spec) {
      return shorthand != 0 ? spec.shorthand == shorthand : spec.name == name;
    });
    return found == specs.end() ? nullptr : &*found;
  }

  void read_long(const Argument& word) {
    const std::string_view body = std::string_view(word.text()).substr(2);
    if (body.front() == '-' || body.front() == '=') {
      problem("bad flag syntax: " + word.text(), "write --name or --name=value", word.origin(0));
      return;
    }
    const std::size_t equals = body.find('=');
    const std::string_view name = body.substr(0, equals);
    const FlagSpec* spec = find(table_.modelled, name, 0);
    const bool modelled = spec != nullptr;
    if (!modelled) {
      spec = find(table_.not_modelled, name, 0);
      if (spec == nullptr && name != "help") {
        problem(fmt::format("unknown flag: --{}", name), flag_hint(name, table_), word.origin(0));
        return;
      }
      refuse_as_not_modelled(fmt::format("--{}", name), word.origin(0));
      if (spec == nullptr) {
        return;
      }
    }
    if (equals != std::string_view::npos) {
      take(*spec, modelled, word.from(2 + equals + 1), word, word.origin(0));
    } else if (is_bare(*spec)) {
      take(*spec, modelled, std::nullopt, word, word.origin(0));
    } else if (next_ < words_.size()) {
      take(*spec, modelled, words_[next_++], word, word.origin(0));
    } else {
      problem(fmt::format("flag needs an argument: --{}", name), fmt::format("write --{}=value", name),
              word.origin(0));
    }
  }

  void read_shorthands(const Argument& word) {
    const std::string_view text = word.text();
    for (std::size_t at = 1; at < text.size();) {
      const char shorthand = text[at];
      const std::string_view rest = text.substr(at);
      const FlagSpec* spec = find(table_.modelled, {}, shorthand);
      const bool modelled = spec != nullptr;
      if (!modelled) {
        spec = find(table_.not_modelled, {}, shorthand);
        if (spec == nullptr && shorthand != 'h') {
          problem(fmt::format("unknown shorthand flag: {} in -{}",
                              go_quote_rune(static_cast<unsigned char>(shorthand)), rest),
                  shorthand_hint(), word.origin(at));
          return;
        }
        refuse_as_not_modelled(fmt::format("-{}", shorthand), word.origin(at));
        if (spec == nullptr) {
          return;
        }
      }
      if (rest.size() > 2 && rest[1] == '=') {
        take(*spec, modelled, word.from(at + 2), word, word.origin(at));
        return;
      }
      if (is_bare(*spec)) {
        take(*spec, modelled, std::nullopt, word, word.origin(at));
        ++at;
        continue;
      }
      if (rest.size() > 1) {
        take(*spec, modelled, word.from(at + 1), word, word.origin(at));
      } else if (next_ < words_.size()) {
        take(*spec, modelled, words_[next_++], word, word.origin(at));
      } else {
        problem(fmt::format("flag needs an argument: {} in -{}",
                            go_quote_rune(static_cast<unsigned char>(shorthand)), rest),
                fmt::format("write -{} value", shorthand), word.origin(at));
      }
      return;
    }
  }

  std::string shorthand_hint() const {
    std::string known;
    for (const FlagSpec& spec : table_.modelled) {
      if (spec.shorthand != 0) {
        known += fmt::format("{}-{} (--{})", known.empty() ? "" : ", ", spec.shorthand, spec.name);
      }
    }
    return known.empty() ? "it has no short flags here" : "known here: " + known;
  }

  void refuse_as_not_modelled(std::string_view flag, std::size_t offset) {
    problem(fmt::format("{} {} is not modelled", table_.command, flag), flag_hint({}, table_), offset);
  }

  /// Keeps a value; without one, the bare flag's own.
  void take(const FlagSpec& spec, bool modelled, const std::optional<Argument>& value, const Argument& word,
            std::size_t offset) {
    if (!modelled) {
      return;  // refused already; its value was only skipped
    }
    GivenFlag given{&spec, value ? value->text() : std::string(bare_value(spec)),
                    value && value->open_from(0), offset,
                    value ? value->origin(0) : word.origin(word.text().size())};
    const std::string wrong = given.open ? std::string() : type_problem(spec, given.value);
    if (!wrong.empty()) {
      const std::string name = spec.shorthand == 0 ? fmt::format("--{}", spec.name)
                                                   : fmt::format("-{}, --{}", spec.shorthand, spec.name);
      problem(
          fmt::format("invalid argument {} for {} flag: {}", go_quote(given.value), go_quote(name), wrong),
          type_hint(spec), given.value_offset);
      return;
    }
    result_.given.push_back(std::move(given));
  }

  static std::string type_hint(const FlagSpec& spec) {
    switch (spec.type) {
      case FlagType::integer:
        return fmt::format("write a whole number: --{}=3", spec.name);
      case FlagType::boolean:
        return fmt::format("write --{} or --{}=false", spec.name, spec.name);
      case FlagType::duration:
        return fmt::format("write a number and its unit: --{}=60s", spec.name);
      default:
        return {};
    }
  }

  std::span<const Argument> words_;
  const FlagTable& table_;
  std::size_t next_ = 0;
  ParsedFlags result_;
};

/// The digits of a number and their base, by Go's prefixes.
std::pair<std::string_view, unsigned> base_of(std::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0') {
    return {digits, 10};
  }
  switch (digits[1]) {
    case 'x':
    case 'X':
      return {digits.substr(2), 16};
    case 'b':
    case 'B':
      return {digits.substr(2), 2};
    case 'o':
    case 'O':
      return {digits.substr(2), 8};
    default:
      return {digits.substr(1), 8};
  }
}

unsigned digit_value(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char lower = static_cast<char>(static_cast<unsigned char>(c) | 0x20U);
  return lower >= 'a' && lower <= 'z' ? static_cast<unsigned>(lower - 'a') + 10 : 99;
}

}  // namespace

std::optional<std::int64_t> parse_go_integer(std::string_view text, std::string& problem) {
  const auto refuse = [&](std::string_view why) {
    problem = fmt::format("strconv.ParseInt: parsing {}: {}", go_quote(text), why);
    return std::nullopt;
  };
  std::string_view unsigned_text = text;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    unsigned_text.remove_prefix(1);
  }
  const auto [digits, base] = base_of(unsigned_text);
  // An underscore may stand between two digits, or between a prefix and a digit.
  constexpr std::uint64_t kMost = std::uint64_t{1} << 63U;
  std::uint64_t value = 0;
  bool overflow = false;
  bool digit_before = digits.size() != unsigned_text.size();
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] == '_' && digit_before && i + 1 < digits.size()) {
      digit_before = false;
      continue;
    }
    if (digit_value(digits[i]) >= base) {
      return refuse("invalid syntax");
    }
    digit_before = true;
    overflow = overflow || value > (kMost - digit_value(digits[i])) / base;
    value = value * base + digit_value(digits[i]);
  }
  if (digits.empty()) {
    return refuse("invalid syntax");
  }
  if (overflow || value > kMost || (value == kMost && !negative)) {
    return refuse("value out of range");
  }
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

std::optional<bool> parse_go_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end()) {
    return true;
  }
  if (std::find(kFalse.begin(), kFalse.end(), text) != kFalse.end()) {
    return false;
  }
  return std::nullopt;
}

const GivenFlag* ParsedFlags::find(std::string_view name) const {
  const auto found = std::find_if(given.rbegin(), given.rend(),
                                  [&](const GivenFlag& flag) { return flag.spec->name == name; });
  return found == given.rend() ? nullptr : &*found;
}

std::string ParsedFlags::text(std::string_view name, std::string_view otherwise) const {
  const GivenFlag* flag = find(name);
  return flag == nullptr ? std::string(otherwise) : flag->value;
}

bool ParsedFlags::boolean(std::string_view name, bool otherwise) const {
  const GivenFlag* flag = find(name);
  if (flag == nullptr) {
    return otherwise;
  }
  sim::require(!flag->open, "an open flag has no value yet");
  return parse_go_boolean(flag->value).value_or(otherwise);
}

std::optional<std::int64_t> ParsedFlags::integer(std::string_view name) const {
  const GivenFlag* flag = find(name);
  if (flag == nullptr) {
    return std::nullopt;
  }
  sim::require(!flag->open, "an open flag has no value yet");
  std::string problem;
  return parse_go_integer(flag->value, problem);
}

std::optional<sim::Duration> ParsedFlags::duration(std::string_view name) const {
  const GivenFlag* flag = find(name);
  if (flag == nullptr) {
    return std::nullopt;
  }
  sim::require(!flag->open, "an open flag has no value yet");
  return parse_go_duration(flag->value).duration;
}

std::vector<std::string> ParsedFlags::list(std::string_view name) const {
  std::vector<std::string> values;
  for (const GivenFlag& flag : given) {
    if (flag.spec->name != name) {
      continue;
    }
    if (flag.spec->type == FlagType::comma_list) {
      const std::vector<std::string> parts = comma_values(flag.value);
      values.insert(values.end(), parts.begin(), parts.end());
    } else {
      values.push_back(flag.value);
    }
  }
  return values;
}

ParsedFlags parse_flags(std::span<const Argument> words, const FlagTable& table) {
  return FlagReader(words, table).read();
}

std::string flag_error_output(const CommandProblem& problem, const FlagTable& table) {
  return fmt::format("error: {}\nSee '{} --help' for usage.\n", problem.text, table.command);
}

}  // namespace scenarios::commands

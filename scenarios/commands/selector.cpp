#include "scenarios/commands/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include "scenarios/commands/go_text.h"
#include "sim/require.h"

namespace scenarios::commands {
namespace {

using Operator = Requirement::Operator;

constexpr std::string_view kOperators = "in, notin, =, ==, !=, gt, lt";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_special(char c) { return std::string_view("=!(),><").find(c) != std::string_view::npos; }

enum class TokenKind : std::uint8_t { end, close, comma, negation, word, open, comparison };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
};

/// Cuts a selector into tokens. `in` and `notin` are words that only a place for an operator reads as
/// operators.
class TokenReader {
 public:
  explicit TokenReader(std::string_view text) : text_(text) {}

  Token next() {
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++at_;
    }
    if (at_ == text_.size() || text_[at_] == '\0') {
      return {};
    }
    return is_special(text_[at_]) ? symbol() : word();
  }

 private:
  Token word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '\0' && !is_special(text_[at_]) && !is_blank(text_[at_])) {
      ++at_;
    }
    return {TokenKind::word, std::string(text_.substr(begin, at_ - begin))};
  }

  /// The longest run of special characters that is a symbol.
  Token symbol() {
    static constexpr std::array<std::pair<std::string_view, TokenKind>, 9> kSymbols = {{
        {"==", TokenKind::comparison},
        {"!=", TokenKind::comparison},
        {"=", TokenKind::comparison},
        {">", TokenKind::comparison},
        {"<", TokenKind::comparison},
        {"!", TokenKind::negation},
        {"(", TokenKind::open},
        {")", TokenKind::close},
        {",", TokenKind::comma},
    }};
    for (const auto& [name, kind] : kSymbols) {
      if (text_.substr(at_).starts_with(name)) {
        at_ += name.size();
        return {kind, std::string(name)};
      }
    }
    sim::fail("every special character is a symbol");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<std::int64_t> integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) {
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<Operator> operator_of(const Token& token) {
  static constexpr std::array<std::pair<std::string_view, Operator>, 7> kNames = {{
      {"in", Operator::in},
      {"notin", Operator::not_in},
      {"=", Operator::equals},
      {"==", Operator::double_equals},
      {"!=", Operator::not_equals},
      {">", Operator::greater},
      {"<", Operator::less},
  }};
  if (token.kind != TokenKind::word && token.kind != TokenKind::comparison) {
    return std::nullopt;
  }
  const auto* found =
      std::find_if(kNames.begin(), kNames.end(), [&](const auto& n) { return n.first == token.text; });
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

std::string invalid_value(std::string_view path, std::string_view value,
                          const std::vector<std::string>& problems) {
  return fmt::format("{}: Invalid value: {}: {}", path, go_quote(value), fmt::join(problems, "; "));
}

/// Parses one selector; `problem_` says what stopped it.
class SelectorReader {
 public:
  explicit SelectorReader(std::string_view text) {
    TokenReader reader(text);
    do {
      tokens_.push_back(reader.next());
    } while (tokens_.back().kind != TokenKind::end);
  }

  SelectorResult read() {
    Selector selector;
    while (peek().kind != TokenKind::end) {
      if (peek().kind != TokenKind::word && peek().kind != TokenKind::negation) {
        return refused(fmt::format("found '{}', expected: !, identifier, or 'end of string'", peek().text));
      }
      std::optional<Requirement> requirement = read_requirement();
      if (!requirement) {
        return refused("unable to parse requirement: " + problem_);
      }
      selector.requirements.push_back(std::move(*requirement));
      const Token separator = take();
      if (separator.kind == TokenKind::end) {
        break;
      }
      if (separator.kind != TokenKind::comma) {
        return refused(fmt::format("found '{}', expected: ',' or 'end of string'", separator.text));
      }
      if (peek().kind != TokenKind::word && peek().kind != TokenKind::negation) {
        return refused(fmt::format("found '{}', expected: identifier after ','", peek().text));
      }
    }
    std::sort(selector.requirements.begin(), selector.requirements.end(),
              [](const Requirement& a, const Requirement& b) {
                return std::tie(a.key, a.op, a.values) < std::tie(b.key, b.op, b.values);
              });
    return {std::move(selector), {}};
  }

 private:
  static SelectorResult refused(std::string problem) { return {std::nullopt, std::move(problem)}; }

  const Token& peek() const { return tokens_[at_]; }
  // The end stays where it is: it can be taken again.
  Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }

  std::nullopt_t fail(std::string problem) {
    problem_ = std::move(problem);
    return std::nullopt;
  }

  std::optional<Requirement> read_requirement() {
    Requirement requirement;
    const bool negated = peek().kind == TokenKind::negation;
    if (negated) {
      take();
    }
    const Token key = take();
    if (key.kind != TokenKind::word) {
      return fail(fmt::format("found '{}', expected: identifier", key.text));
    }
    requirement.key = key.text;
    if (const auto problems = label_key_problems(key.text); !problems.empty()) {
      return fail(invalid_value("<nil>", key.text, problems));  // upstream has no path for it
    }
    if (negated || peek().kind == TokenKind::end || peek().kind == TokenKind::comma) {
      requirement.op = negated ? Operator::does_not_exist : Operator::exists;
      return requirement;
    }
    const Token token = take();
    const std::optional<Operator> op = operator_of(token);
    if (!op) {
      return fail(fmt::format("found '{}', expected: {}", token.text, kOperators));
    }
    requirement.op = *op;
    const bool is_set = *op == Operator::in || *op == Operator::not_in;
    if (!(is_set ? read_values(requirement.values) : read_value(requirement.values))) {
      return std::nullopt;
    }
    std::sort(requirement.values.begin(), requirement.values.end());
    requirement.values.erase(std::unique(requirement.values.begin(), requirement.values.end()),
                             requirement.values.end());
    return check_values(requirement) ? std::optional(requirement) : std::nullopt;
  }

  bool check_values(const Requirement& requirement) {
    std::vector<std::string> problems;
    const bool compares = requirement.op == Operator::greater || requirement.op == Operator::less;
    if (compares && !integer(requirement.values.front())) {
      problems.push_back(invalid_value("values[0]", requirement.values.front(),
                                       {"for 'Gt', 'Lt' operators, the value must be an integer"}));
    }
    for (std::size_t i = 0; i < requirement.values.size(); ++i) {
      const auto wrong = label_value_problems(requirement.values[i]);
      if (!wrong.empty()) {
        problems.push_back(
            invalid_value(fmt::format("values[{}][{}]", i, requirement.key), requirement.values[i], wrong));
      }
    }
    if (problems.empty()) {
      return true;
    }
    problem_ = problems.size() == 1 ? problems.front() : fmt::format("[{}]", fmt::join(problems, ", "));
    return false;
  }

  bool read_value(std::vector<std::string>& values) {
    if (peek().kind == TokenKind::end || peek().kind == TokenKind::comma) {
      values.emplace_back();
      return true;
    }
    const Token token = take();
    if (token.kind != TokenKind::word) {
      fail(fmt::format("found '{}', expected: identifier", token.text));
      return false;
    }
    values.push_back(token.text);
    return true;
  }

  bool read_values(std::vector<std::string>& values) {
    const Token open = take();
    if (open.kind != TokenKind::open) {
      fail(fmt::format("found '{}' expected: '('", open.text));
      return false;
    }
    if (peek().kind == TokenKind::close) {
      take();
      values.emplace_back();
      return true;
    }
    if (peek().kind != TokenKind::word && peek().kind != TokenKind::comma) {
      fail(fmt::format("found '{}', expected: ',', ')' or identifier", peek().text));
      return false;
    }
    return read_value_list(values);
  }

  /// Values up to the closing parenthesis; nothing beside a comma is the empty value.
  bool read_value_list(std::vector<std::string>& values) {
    bool value_due = true;
    while (true) {
      const Token token = take();
      if (token.kind == TokenKind::word && value_due) {
        values.push_back(token.text);
        value_due = false;
      } else if (token.kind == TokenKind::comma) {
        if (value_due) {
          values.emplace_back();
        }
        value_due = true;
      } else if (token.kind == TokenKind::close) {
        if (value_due) {
          values.emplace_back();
        }
        return true;
      } else {
        fail(fmt::format("found '{}', expected: {}", token.text,
                         value_due ? "',', or identifier" : "',' or ')'"));
        return false;
      }
    }
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::string problem_;
};

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }

/// Alphanumeric at both ends, hyphens, underscores and dots between.
bool is_label_name(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_subdomain(std::string_view text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t dot = std::min(text.find('.', begin), text.size());
    const std::string_view label = text.substr(begin, dot - begin);
    if (label.empty() || !is_lower_alphanumeric(label.front()) || !is_lower_alphanumeric(label.back()) ||
        !std::all_of(label.begin(), label.end(),
                     [](char c) { return is_lower_alphanumeric(c) || c == '-'; })) {
      return false;
    }
    begin = dot + 1;
  }
  return true;
}

/// Upstream's sentence about a name's characters. The blanks and commas between the examples are upstream's.
constexpr std::string_view kNameRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

constexpr std::size_t kLongestName = 63;
constexpr std::size_t kLongestPrefix = 253;

}  // namespace

std::vector<std::string> label_key_problems(std::string_view key) {
  std::vector<std::string> problems;
  const auto slashes = std::count(key.begin(), key.end(), '/');
  if (slashes > 1) {
    return {fmt::format(
        "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
        kNameRule)};
  }
  std::string_view name = key;
  if (slashes == 1) {
    const std::string_view prefix = key.substr(0, key.find('/'));
    name = key.substr(prefix.size() + 1);
    if (prefix.empty()) {
      problems.emplace_back("prefix part must be non-empty");
    } else {
      if (prefix.size() > kLongestPrefix) {
        problems.push_back(fmt::format("prefix part must be no more than {} bytes", kLongestPrefix));
      }
      if (!is_subdomain(prefix)) {
        problems.emplace_back(
            "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
            "'-' or "
            "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
            "validation "
            "is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
      }
    }
  }
  if (name.empty()) {
    problems.emplace_back("name part must be non-empty");
  } else if (name.size() > kLongestName) {
    problems.push_back(fmt::format("name part must be no more than {} bytes", kLongestName));
  }
  if (!is_label_name(name)) {
    problems.push_back(fmt::format("name part {}", kNameRule));
  }
  return problems;
}

std::vector<std::string> label_value_problems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > kLongestName) {
    problems.push_back(fmt::format("must be no more than {} bytes", kLongestName));
  }
  if (!value.empty() && !is_label_name(value)) {
    problems.emplace_back(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and "
        "must start "
        "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
  }
  return problems;
}

bool Requirement::accepts(std::optional<std::string_view> value) const {
  const auto listed = [&] { return std::find(values.begin(), values.end(), *value) != values.end(); };
  switch (op) {
    case Operator::in:
    case Operator::equals:
    case Operator::double_equals:
      return value && listed();
    case Operator::not_in:
    case Operator::not_equals:
      return !value || !listed();
    case Operator::exists:
      return value.has_value();
    case Operator::does_not_exist:
      return !value.has_value();
    case Operator::greater:
    case Operator::less: {
      const std::optional<std::int64_t> number = value ? integer(*value) : std::nullopt;
      const std::optional<std::int64_t> limit = integer(values.front());
      return number && limit && (op == Operator::greater ? *number > *limit : *number < *limit);
    }
  }
  return false;
}

std::string Requirement::to_text() const {
  switch (op) {
    case Operator::exists:
      return key;
    case Operator::does_not_exist:
      return "!" + key;
    case Operator::in:
      return fmt::format("{} in ({})", key, fmt::join(values, ","));
    case Operator::not_in:
      return fmt::format("{} notin ({})", key, fmt::join(values, ","));
    case Operator::equals:
      return fmt::format("{}={}", key, values.front());
    case Operator::double_equals:
      return fmt::format("{}=={}", key, values.front());
    case Operator::not_equals:
      return fmt::format("{}!={}", key, values.front());
    case Operator::greater:
      return fmt::format("{}>{}", key, values.front());
    case Operator::less:
      return fmt::format("{}<{}", key, values.front());
  }
  return key;
}

std::string Selector::to_text() const {
  std::string text;
  for (const Requirement& requirement : requirements) {
    text += (text.empty() ? "" : ",") + requirement.to_text();
  }
  return text;
}

SelectorResult parse_selector(std::string_view text) { return SelectorReader(text).read(); }

}  // namespace scenarios::commands

#include "scenarios/commands/jsonpath_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace scenarios::commands {
namespace {

using Kind = JsonPathNode::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The letters of other alphabets count as letters; upstream asks Unicode.
bool is_identifier_start(char c) {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool ends_name(char c) { return std::string_view(" \t\r\n.,[]$@{}").find(c) != std::string_view::npos; }

std::optional<std::int64_t> integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) {
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<double> fraction(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) {
    text.remove_prefix(1);
  }
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

JsonPathNode literal_node(Json value) {
  JsonPathNode node;
  node.kind = Kind::literal;
  node.constant_text = value.is_string();
  node.literal = std::move(value);
  return node;
}

JsonPathNode named_node(Kind kind, std::string name) {
  JsonPathNode node;
  node.kind = kind;
  node.name = std::move(name);
  return node;
}

/// The text in quotes with Go's escapes undone; nothing if one of them is none.
std::optional<std::string> unquoted(std::string_view quoted) {
  const char quote = quoted.front();
  const std::string_view body = quoted.substr(1, quoted.size() - 2);
  std::string text;
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (body[at] == quote) {
      return std::nullopt;
    }
    if (body[at] != '\\') {
      text += body[at];
      continue;
    }
    if (++at == body.size()) {
      return std::nullopt;
    }
    const char escape = body[at];
    constexpr std::string_view kNames = "abtnvfr";
    if (const std::size_t control = kNames.find(escape); control != std::string_view::npos) {
      text += static_cast<char>(control + 7);
      continue;
    }
    if (escape == '\\' || escape == quote) {
      text += escape;
      continue;
    }
    const bool octal = escape >= '0' && escape <= '7';
    const std::size_t digits = octal ? 3 : escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
    const std::string_view number = body.substr(octal ? at : at + 1).substr(0, digits);
    std::uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), value, octal ? 8 : 16);
    if (digits == 0 || number.size() != digits || error != std::errc() || end != number.data() + digits) {
      return std::nullopt;
    }
    if (digits < 4) {
      if (value > 0xFF) {
        return std::nullopt;
      }
      text += static_cast<char>(value);
    } else if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
      return std::nullopt;
    } else {
      append_rune(text, value);
    }
    at += octal ? 2 : digits;
  }
  return text;
}

/// Parses one template. Inner pieces (a union's members, a filter's sides) are templates of their own, as
/// upstream.
class TreeReader {
 public:
  explicit TreeReader(std::string_view text) : text_(text) {}

  JsonPathTree read() {
    while (at_ < text_.size() && going_on()) {
      const std::size_t brace = std::min(text_.find('{', at_), text_.size());
      if (brace > at_) {
        tree_.nodes.push_back(literal_node(std::string(text_.substr(at_, brace - at_))));
      }
      at_ = brace;
      if (at_ < text_.size()) {
        ++at_;
        JsonPathNode list;
        read_action(list.children);
        tree_.nodes.push_back(std::move(list));
      }
    }
    if (!going_on()) {
      tree_.nodes.clear();
    }
    return std::move(tree_);
  }

 private:
  bool going_on() const { return tree_.problem.empty(); }
  void refuse(std::string problem) { tree_.problem = std::move(problem); }
  bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool at_end() const { return at_ == text_.size(); }

  /// The inside of a pair of braces, up to and with the closing one.
  void read_action(std::vector<JsonPathNode>& nodes) {
    while (going_on()) {
      if (at_end() || text_[at_] == '\n' || text_[at_] == '\r') {
        refuse("unclosed action");
        return;
      }
      const char c = text_[at_];
      if (c == '}') {
        ++at_;
        return;
      }
      if (sees("[?(")) {
        read_filter(nodes);
      } else if (sees("..")) {
        read_recursive(nodes);
      } else if (c == ' ' || c == '@' || c == '$') {
        ++at_;  // the current object needs no node
      } else if (c == '[') {
        read_bracket(nodes);
      } else if (c == '"' || c == '\'') {
        read_quotes(nodes);
      } else if (c == '.') {
        ++at_;
        read_field(nodes);
      } else if (c == '+' || c == '-' || is_digit(c)) {
        read_number(nodes);
      } else if (is_identifier_start(c)) {
        read_identifier(nodes);
      } else {
        const Rune rune = rune_at(text_, at_);
        std::string shown;
        append_rune(shown, rune.value);
        refuse(fmt::format("unrecognized character in action: U+{:04X} '{}'",
                           static_cast<std::uint32_t>(rune.value), shown));
      }
    }
  }

  void read_recursive(std::vector<JsonPathNode>& nodes) {
    if (!nodes.empty() && nodes.back().kind == Kind::recursive) {
      refuse("invalid multiple recursive descent");
      return;
    }
    at_ += 2;
    nodes.push_back(named_node(Kind::recursive, {}));
    if (!at_end() && is_identifier_start(text_[at_])) {
      read_field(nodes);
    }
  }

  void read_field(std::vector<JsonPathNode>& nodes) {
    std::string name;
    for (; !at_end() && !ends_name(text_[at_]); ++at_) {
      if (text_[at_] != '\\') {
        name += text_[at_];
      } else if (at_ + 1 < text_.size()) {
        ++at_;
        if (text_[at_] != '\\') {  // every backslash goes, an escaped one as well
          name += text_[at_];
        }
      }
    }
    nodes.push_back(name == "*" ? named_node(Kind::wildcard, {}) : named_node(Kind::field, std::move(name)));
  }

  void read_identifier(std::vector<JsonPathNode>& nodes) {
    const std::size_t begin = at_;
    while (!at_end() && !ends_name(text_[at_])) {
      ++at_;
    }
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (name == "true" || name == "false") {
      nodes.push_back(literal_node(name == "true"));
    } else {
      nodes.push_back(named_node(Kind::identifier, std::string(name)));
    }
  }

  void read_number(std::vector<JsonPathNode>& nodes) {
    const std::size_t begin = at_;
    ++at_;
    while (!at_end() && (is_digit(text_[at_]) || text_[at_] == '.')) {
      ++at_;
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    if (const auto whole = integer(number)) {
      nodes.push_back(literal_node(*whole));
    } else if (const auto real = fraction(number)) {
      nodes.push_back(literal_node(*real));
    } else {
      refuse(fmt::format("cannot parse number {}", number));
    }
  }

  void read_quotes(std::vector<JsonPathNode>& nodes) {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    while (!at_end() && text_[at_] != '\n' && (text_[at_] != quote || text_[at_ - 1] == '\\')) {
      ++at_;
    }
    if (at_end() || text_[at_] == '\n') {
      refuse("unterminated quoted string");
      return;
    }
    ++at_;
    const std::string_view quoted = text_.substr(begin, at_ - begin);
    const std::optional<std::string> text = unquoted(quoted);
    if (!text) {
      refuse(fmt::format("unquote string {} error invalid syntax", quoted));
      return;
    }
    nodes.push_back(literal_node(*text));
  }

  void read_bracket(std::vector<JsonPathNode>& nodes) {
    const std::size_t close = text_.find_first_of("]\n", at_);
    if (close == std::string_view::npos || text_[close] == '\n') {
      refuse("unterminated array");
      return;
    }
    std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    if (inside == "*") {
      inside = ":";
    }
    if (inside.find(',') != std::string_view::npos) {
      read_union(inside, nodes);
    } else if (inside.size() >= 2 && inside.front() == '\'' && inside.back() == '\'' &&
               inside.substr(1, inside.size() - 2).find('\'') == std::string_view::npos) {
      JsonPathNode list = read_inner(fmt::format(".{}", inside.substr(1, inside.size() - 2)));
      std::move(list.children.begin(), list.children.end(), std::back_inserter(nodes));
    } else {
      read_slice(inside, nodes);
    }
  }

  void read_union(std::string_view inside, std::vector<JsonPathNode>& nodes) {
    JsonPathNode node = named_node(Kind::united, {});
    for (std::size_t begin = 0; begin <= inside.size() && going_on();) {
      const std::size_t comma = std::min(inside.find(',', begin), inside.size());
      std::string_view member = inside.substr(begin, comma - begin);
      const std::size_t first = member.find_first_not_of(' ');
      member = first == std::string_view::npos
                   ? std::string_view()
                   : member.substr(first, member.find_last_not_of(' ') - first + 1);
      node.children.push_back(read_inner(fmt::format("[{}]", member)));
      begin = comma + 1;
    }
    nodes.push_back(std::move(node));
  }

  void read_slice(std::string_view inside, std::vector<JsonPathNode>& nodes) {
    JsonPathNode node = named_node(Kind::slice, {});
    std::array<std::optional<std::string_view>, 3> parts;
    std::string_view rest = inside;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0 && !rest.starts_with(':')) {
        break;
      }
      rest.remove_prefix(i > 0 ? 1 : 0);
      std::size_t end = rest.starts_with('-') ? 1 : 0;
      while (end < rest.size() && is_digit(rest[end])) {
        ++end;
      }
      parts[i] = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    if (!rest.empty()) {
      refuse(fmt::format("invalid array index {}", inside));
      return;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i] && !parts[i]->empty()) {
        const auto value = integer(*parts[i]);
        if (!value) {
          refuse(fmt::format("array index {} is not a number", *parts[i]));
          return;
        }
        node.bounds[i] = {*value, true, false};
      } else if (i == 1 && !parts[i]) {
        node.bounds[i] = {node.bounds[0].value + 1, true, true};
      }
    }
    nodes.push_back(std::move(node));
  }

  void read_filter(std::vector<JsonPathNode>& nodes) {
    at_ += 3;
    const std::size_t begin = at_;
    char quote = '\0';
    bool closed = false;
    // A parenthesis ends the filter unless the first quoted text is still open.
    while (!at_end() && text_[at_] != '\n' && (text_[at_] != ')' || (quote != '\0') != closed)) {
      const char c = text_[at_];
      if ((c == '"' || c == '\'') && quote == '\0') {
        quote = c;
      } else if (c == quote && text_[at_ - 1] != '\\') {
        closed = true;
      }
      ++at_;
    }
    if (at_end() || text_[at_] == '\n') {
      refuse("unterminated filter");
      return;
    }
    const std::string_view inside = text_.substr(begin, at_ - begin);
    ++at_;
    if (at_end() || text_[at_] != ']') {
      refuse("unclosed array expect ]");
      return;
    }
    ++at_;
    nodes.push_back(filter_node(inside));
  }

  JsonPathNode filter_node(std::string_view inside) {
    constexpr std::string_view kOperatorCharacters = "!<>=";
    const std::size_t begin = inside.find_first_of(kOperatorCharacters);
    const std::size_t end =
        begin == std::string_view::npos ? begin : inside.find_first_not_of(kOperatorCharacters, begin);
    JsonPathNode node = named_node(Kind::filter, std::string(kExists));
    const bool operator_ends_it =
        begin != std::string_view::npos && end == std::string_view::npos && inside.size() - begin > 1;
    if (begin == 0 || begin == std::string_view::npos ||
        (end == std::string_view::npos && !operator_ends_it)) {
      node.children.push_back(read_inner(std::string(inside)));
      node.children.emplace_back();
      return node;
    }
    // Without anything on the right the last character of the operator counts as the right side, as
    // upstream's expression has it.
    const std::size_t right = operator_ends_it ? inside.size() - 1 : end;
    node.name = inside.substr(begin, right - begin);
    node.children.push_back(read_inner(std::string(inside.substr(0, begin))));
    if (going_on()) {
      node.children.push_back(read_inner(std::string(inside.substr(right))));
    }
    return node;
  }

  /// The first expression of `{text}`.
  JsonPathNode read_inner(const std::string& text) {
    JsonPathTree inner = TreeReader("{" + text + "}").read_owned();
    if (!inner.problem.empty()) {
      refuse(inner.problem);
      return {};
    }
    return std::move(inner.nodes.front());
  }

  explicit TreeReader(std::string owned) : owned_(std::move(owned)), text_(owned_) {}
  JsonPathTree read_owned() { return read(); }

  std::string owned_;
  std::string_view text_;
  std::size_t at_ = 0;
  JsonPathTree tree_;
};

}  // namespace

JsonPathTree parse_jsonpath_tree(std::string_view text) { return TreeReader(text).read(); }

}  // namespace scenarios::commands

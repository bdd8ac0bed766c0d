#include "scenarios/language/override.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "scenarios/language/nearest_word.h"
#include "scenarios/language/tables.h"

namespace scenarios::language {
namespace {

constexpr const char* how =
    "write --set path=value, such as cluster.miniclusters.flux-sample.size=6 or plan[0].at=30s";

/// Walks the path through the field table and the document at once.
class Walk {
 public:
  Walk(Document& document, std::string_view path, std::uint16_t source, Diagnostics& diagnostics)
      : document_(document), path_(path), source_(source), diagnostics_(diagnostics) {}

  /// The node to set, created where that is allowed; nullptr after a diagnostic.
  Node* find() {
    Node* node = &document_.root;
    const Type root{.words = {}, .shape = Type::Shape::object, .table = &table_of<Scenario>()};
    std::shared_ptr<const Type> type = std::make_shared<const Type>(root);
    while (at_ < path_.size() || at_ == 0) {
      switch (type->shape) {
        case Type::Shape::scalar:
          return fail(at_,
                      fmt::format("{} is a plain value ({}) and has nothing below it", path_.substr(0, at_),
                                  type->words),
                      how);
        case Type::Shape::list:
          node = enter_item(*node);
          if (node == nullptr) return nullptr;
          type = type->element;
          break;
        case Type::Shape::map:
          node = enter_entry(*node, *type);
          if (node == nullptr) return nullptr;
          type = type->element;
          break;
        case Type::Shape::object: {
          const FieldDescription* field = enter_field(*node, *type->table);
          if (field == nullptr) return nullptr;
          node = entered_;
          type = std::make_shared<const Type>(field->type);
          break;
        }
      }
    }
    return node;
  }

 private:
  Node* fail(std::size_t offset, std::string problem, std::string hint) {
    diagnostics_.error({"--set", 1, static_cast<int>(offset) + 1}, std::string(path_), std::move(problem),
                       std::move(hint));
    return nullptr;
  }

  /// Steps over the dot before a key, except at the front.
  bool skip_dot() {
    if (at_ == 0) return true;
    if (at_ < path_.size() && path_[at_] == '.') {
      ++at_;
      return true;
    }
    return fail(at_, fmt::format("a dot is expected after {}", path_.substr(0, at_)), how) != nullptr;
  }

  /// A quoted key; nothing when there is no quote here or it is not closed.
  std::optional<std::string> read_quoted() {
    if (at_ >= path_.size() || (path_[at_] != '"' && path_[at_] != '\'')) return std::nullopt;
    const std::size_t end = path_.find(path_[at_], at_ + 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string key(path_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return key;
  }

  std::string read_plain(std::string_view ends) {
    const std::size_t end = std::min(path_.find_first_of(ends, at_), path_.size());
    std::string key(path_.substr(at_, end - at_));
    at_ = end;
    return key;
  }

  const FieldDescription* enter_field(Node& node, const Table& table) {
    if (!skip_dot()) return nullptr;
    const std::size_t start = at_;
    const std::string key = read_plain(".[");
    const FieldDescription* field = table.find(key);
    if (field == nullptr) {
      fail(start, fmt::format("there is no field {} in {}", key, table.title),
           did_you_mean(key, table.keys()));
      return nullptr;
    }
    if (node.is_scalar() || node.is_sequence()) {
      if (table.shorthand.empty()) {
        fail(start, fmt::format("{} has nothing below it in this scenario", path_.substr(0, start)), how);
        return nullptr;
      }
      // Write the shorthand out, so that other fields can stand beside it.
      Node whole = node;
      node = Node{};
      node.kind = Node::Kind::mapping;
      node.source = whole.source;
      node.line = whole.line;
      node.column = whole.column;
      node.members.push_back({table.shorthand, whole.source, whole.line, whole.column, whole});
    }
    entered_ = &member(node, key, start);
    return field;
  }

  Node* enter_entry(Node& node, const Type& map) {
    if (!skip_dot()) return nullptr;
    const std::size_t start = at_;
    // Names hold dots and brackets: an existing key that the path goes on with wins over the first dot.
    std::optional<std::string> key = read_quoted();
    if (!key) {
      const Member* longest = nullptr;
      for (const Member& candidate : node.members) {
        const std::string_view rest = path_.substr(at_);
        if (!rest.starts_with(candidate.key)) continue;
        if (rest.size() > candidate.key.size() && rest[candidate.key.size()] != '.') continue;
        if (longest == nullptr || candidate.key.size() > longest->key.size()) longest = &candidate;
      }
      if (longest != nullptr) {
        key = longest->key;
        at_ += longest->key.size();
      } else {
        key = read_plain(".");
      }
    }
    const bool known = node.find(*key) != nullptr;
    if (!known && map.element->shape == Type::Shape::object) {
      std::vector<std::string> names;
      for (const Member& candidate : node.members) names.push_back(candidate.key);
      return fail(
          start,
          fmt::format("the scenario has no {} in {}", *key, start == 0 ? "it" : path_.substr(0, start - 1)),
          did_you_mean(*key, names));
    }
    if (node.is_scalar() || node.is_sequence()) return fail(start, "a mapping is expected here", how);
    return &member(node, *key, start);
  }

  Node* enter_item(Node& node) {
    const std::size_t start = at_;
    if (at_ >= path_.size() || path_[at_] != '[')
      return fail(start, fmt::format("{} is a list: name one of its items", path_.substr(0, at_)),
                  "write an index in brackets, such as plan[0]");
    ++at_;
    const std::string digits = read_plain("]");
    const bool number =
        !digits.empty() && digits.size() <= 6 &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number || at_ >= path_.size())
      return fail(start, fmt::format("[{}] is not an index", digits),
                  "write an index in brackets, such as plan[0]");
    ++at_;
    const std::size_t index = std::stoul(digits);
    if (index >= node.items.size()) {
      return fail(start,
                  fmt::format("{} has {} items, so there is no [{}]", path_.substr(0, start),
                              node.items.size(), index),
                  "the first item is [0]");
    }
    return &node.items[index];
  }

  /// The value of a key, which is created when it is missing.
  Node& member(Node& node, const std::string& key, std::size_t offset) {
    if (node.is_null()) node.kind = Node::Kind::mapping;
    if (Node* found = node.find(key)) return *found;
    Member fresh;
    fresh.key = key;
    fresh.source = source_;
    fresh.line = 1;
    fresh.column = static_cast<int>(offset) + 1;
    fresh.value.source = source_;
    fresh.value.line = 1;
    fresh.value.column = fresh.column;
    node.members.push_back(std::move(fresh));
    return node.members.back().value;
  }

  Document& document_;
  std::string_view path_;
  std::uint16_t source_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  Node* entered_ = nullptr;
};

/// Where the path ends: the first `=` outside quotes and brackets.
std::size_t find_equals(std::string_view assignment) {
  char quote = '\0';
  for (std::size_t i = 0; i < assignment.size(); ++i) {
    const char c = assignment[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '=') {
      return i;
    }
  }
  return std::string_view::npos;
}

/// Moves a parsed value behind the `=` and into the given source.
void relocate(Node& node, std::uint16_t source, int column) {
  node.source = source;
  if (node.line == 1) node.column += column;
  for (Node& item : node.items) relocate(item, source, column);
  for (Member& member : node.members) {
    member.source = source;
    if (member.line == 1) member.column += column;
    relocate(member.value, source, column);
  }
}

}  // namespace

bool apply_override(Document& document, std::string_view assignment, Diagnostics& diagnostics) {
  const std::size_t equals = find_equals(assignment);
  if (equals == std::string_view::npos || equals == 0) {
    diagnostics.error({"--set", 1, 1}, "", fmt::format("\"{}\" is not of the form path=value", assignment),
                      how);
    return false;
  }
  const std::string_view path = assignment.substr(0, equals);
  Diagnostics own;
  auto values = load_documents(std::string(assignment.substr(equals + 1)), "--set", LoadLimits{}, own);
  for (Diagnostic diagnostic : own.kept()) {
    if (diagnostic.at.line == 1) diagnostic.at.column += static_cast<int>(equals) + 1;
    diagnostic.field = std::string(path);
    diagnostics.add(std::move(diagnostic));
  }
  if (own.has_errors()) return false;
  if (values.empty() || values.front().root.is_null()) {
    diagnostics.error({"--set", 1, static_cast<int>(equals) + 1}, std::string(path),
                      "there is no value after the =", how);
    return false;
  }
  const auto source = static_cast<std::uint16_t>(document.sources.size());
  document.sources.push_back(std::make_shared<const Source>(Source{"--set", std::string(assignment)}));
  Walk walk(document, path, source, diagnostics);
  Node before = document.root;
  Node* target = walk.find();
  if (target == nullptr) {
    document.root = std::move(before);  // The walk creates what is missing on its way.
    return false;
  }
  *target = std::move(values.front().root);
  relocate(*target, source, static_cast<int>(equals) + 1);
  return true;
}

}  // namespace scenarios::language

#include "scenarios/commands/jsonpath.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "scenarios/commands/json_text.h"
#include "scenarios/commands/jsonpath_parser.h"

namespace scenarios::commands {
namespace {

using Kind = JsonPathNode::Kind;
using Values = std::vector<const Json*>;

/// The kinds that Go's templates compare; anything else cannot be compared at all.
enum class Comparable : std::uint8_t { none, boolean, integer, real, text };

Comparable comparable(const Json& value) {
  switch (value.type()) {
    case Json::value_t::boolean:
      return Comparable::boolean;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return Comparable::integer;
    case Json::value_t::number_float:
      return Comparable::real;
    case Json::value_t::string:
      return Comparable::text;
    default:
      return Comparable::none;
  }
}

/// Applies a tree to one object. Values are pointers into the object, the tree or `made_`.
class Walker {
 public:
  Walker(const std::vector<JsonPathNode>& nodes, bool allow_missing_keys)
      : nodes_(nodes), allow_missing_keys_(allow_missing_keys) {}

  std::vector<Values> find(const Json* object) { return find_from(0, object); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  /// Stops with a problem. What is found so far counts only for a filter that asks whether something is
  /// there.
  Values fail(std::string problem, Values so_far = {}) {
    problem_ = std::move(problem);
    return so_far;
  }

  /// The pieces of the template from `begin` on; a range calls it again for each of its values. `range` and
  /// `end` are remembered by the walk of their node and acted upon here.
  std::vector<Values> find_from(std::size_t begin, const Json* object) {
    std::vector<Values> found;
    for (std::size_t i = begin; i < nodes_.size(); ++i) {
      Values results = walk({object}, nodes_[i]);
      if (!problem_.empty()) {
        return {};
      }
      if (ends_due_ > 0 && ends_due_ <= open_ranges_) {
        --ends_due_;
        last_end_ = i;
        break;
      }
      if (ranges_due_ > 0) {
        --ranges_due_;
        ++open_ranges_;
        // A range over nothing is walked once all the same, to find its end; what that gives is dropped.
        static const Json kNothing;
        for (const Json* value : results.empty() ? Values{&kNothing} : results) {
          std::vector<Values> inner = find_from(i + 1, value);
          if (!problem_.empty()) {
            return {};
          }
          if (!results.empty()) {
            std::move(inner.begin(), inner.end(), std::back_inserter(found));
          }
        }
        --open_ranges_;
        i = last_end_ > i ? last_end_ : i;
        continue;
      }
      found.push_back(std::move(results));
    }
    return found;
  }

  Values walk(const Values& input, const JsonPathNode& node) {
    switch (node.kind) {
      case Kind::list:
        return walk_list(input, node);
      case Kind::literal:
        return node.constant_text ? Values{&node.literal} : Values(input.size(), &node.literal);
      case Kind::field:
        return walk_field(input, node.name);
      case Kind::wildcard:
        return walk_wildcard(input);
      case Kind::recursive:
        return walk_recursive(input);
      case Kind::slice:
        return walk_slice(input, node);
      case Kind::filter:
        return walk_filter(input, node);
      case Kind::united: {
        Values all;
        for (const JsonPathNode& member : node.children) {
          const Values some = walk_list(input, member);
          if (!problem_.empty()) {
            return input;
          }
          all.insert(all.end(), some.begin(), some.end());
        }
        return all;
      }
      case Kind::identifier:
        return walk_identifier(input, node.name);
    }
    return {};
  }

  Values walk_list(const Values& input, const JsonPathNode& list) {
    Values current = input;
    for (const JsonPathNode& node : list.children) {
      current = walk(current, node);
      if (!problem_.empty()) {
        break;
      }
    }
    return current;
  }

  Values walk_identifier(const Values& input, const std::string& name) {
    if (name == "range") {
      ++ranges_due_;
      return input;
    }
    if (name != "end") {
      return fail("unrecognized identifier " + name, input);
    }
    if (open_ranges_ == 0) {
      return fail("not in range, nothing to end");
    }
    ++ends_due_;
    return {};
  }

  Values walk_field(const Values& input, const std::string& name) {
    Values results;
    for (const Json* value : input) {
      if (value->is_object()) {
        if (const auto member = value->find(name); member != value->end()) {
          results.push_back(&*member);
        }
      }
    }
    if (results.empty() && !input.empty() && !allow_missing_keys_) {
      return fail(name + " is not found");
    }
    return results;
  }

  /// All that a value holds. The contents of a text are its bytes, as numbers.
  Values contents(const Json& value) {
    Values results;
    if (value.is_object()) {
      std::vector<std::pair<std::string_view, const Json*>> members;
      for (const auto& [key, member] : value.items()) {
        members.emplace_back(key, &member);
      }
      std::sort(members.begin(), members.end());
      for (const auto& [key, member] : members) {
        results.push_back(member);
      }
    } else if (value.is_array()) {
      for (const Json& element : value) {
        results.push_back(&element);
      }
    } else if (value.is_string()) {
      for (const char c : value.get_ref<const std::string&>()) {
        made_.emplace_back(static_cast<unsigned char>(c));
        results.push_back(&made_.back());
      }
    }
    return results;
  }

  Values walk_wildcard(const Values& input) {
    Values results;
    for (const Json* value : input) {
      const Values inside = contents(*value);
      results.insert(results.end(), inside.begin(), inside.end());
    }
    return results;
  }

  /// A value and all below it, those that hold nothing left out.
  Values walk_recursive(const Values& input) {
    Values results;
    for (const Json* value : input) {
      const bool text = value->is_string() && !value->get_ref<const std::string&>().empty();
      const Values inside = text ? Values{} : contents(*value);
      if (text || !inside.empty()) {
        results.push_back(value);
        const Values below = walk_recursive(inside);
        results.insert(results.end(), below.begin(), below.end());
      }
    }
    return results;
  }

  Values walk_slice(const Values& input, const JsonPathNode& node) {
    Values results;
    for (const Json* value : input) {
      if (value->is_null()) {
        continue;
      }
      if (!value->is_array()) {
        return fail(go_type_name(*value) + " is not array or slice", input);
      }
      const auto length = static_cast<std::int64_t>(value->size());
      std::int64_t first = node.bounds[0].known ? node.bounds[0].value : 0;
      std::int64_t end = node.bounds[1].known ? node.bounds[1].value : length;
      first += first < 0 ? length : 0;
      end += end < 0 || (end == 0 && node.bounds[1].derived) ? length : 0;
      if (first == end) {
        return results;  // nothing asked for, so upstream stops here
      }
      if (first >= length || first < 0) {
        return fail(fmt::format("array index out of bounds: index {}, length {}", first, length), input);
      }
      if (end > length || end < 0) {
        return fail(fmt::format("array index out of bounds: index {}, length {}", end - 1, length), input);
      }
      if (first > end) {
        return fail(fmt::format("starting index {} is greater than ending index {}", first, end), input);
      }
      const std::int64_t step = node.bounds[2].known ? node.bounds[2].value : 1;
      if (step <= 0) {
        return fail("step must be > 0", input);
      }
      for (std::int64_t i = first; i < end; i += std::min(step, end)) {
        results.push_back(&(*value)[static_cast<std::size_t>(i)]);
      }
    }
    return results;
  }

  Values walk_filter(const Values& input, const JsonPathNode& node) {
    Values results;
    for (const Json* value : input) {
      if (!value->is_array()) {
        return fail(go_value_text(*value) + " is not array or slice and cannot be filtered", input);
      }
      for (const Json& element : *value) {
        if (passes(element, node)) {
          results.push_back(&element);
        }
        if (!problem_.empty()) {
          return input;
        }
      }
    }
    return results;
  }

  bool passes(const Json& element, const JsonPathNode& filter) {
    const Values left = walk_list({&element}, filter.children[0]);
    if (filter.name == kExists) {
      problem_.clear();  // what is not there does not exist, and that is all
      return !left.empty();
    }
    const Values right =
        problem_.empty() && left.size() == 1 ? walk_list({&element}, filter.children[1]) : Values{};
    if (!problem_.empty() || left.empty() || (left.size() == 1 && right.empty())) {
      return false;
    }
    if (left.size() > 1 || right.size() > 1) {
      fail("can only compare one element at a time");
      return false;
    }
    return compare(*left[0], filter.name, *right[0]);
  }

  bool compare(const Json& left, const std::string& op, const Json& right) {
    const bool negated = op == "!=" || op == ">" || op == ">=";
    if (op == "==" || op == "!=") {
      return equal(left, right) != negated && problem_.empty();
    }
    if (op == "<" || op == ">=") {
      return less(left, right) != negated && problem_.empty();
    }
    if (op == "<=" || op == ">") {
      const bool at_most = less(left, right) || (problem_.empty() && equal(left, right));
      return at_most != negated && problem_.empty();
    }
    fail("unrecognized filter operator " + op);
    return false;
  }

  /// Whether two values are of one kind that Go's templates can compare.
  bool check_kinds(const Json& left, const Json& right) {
    if (comparable(left) == Comparable::none || comparable(right) == Comparable::none) {
      fail("invalid type for comparison");
    } else if (comparable(left) != comparable(right)) {
      fail("incompatible types for comparison");
    }
    return problem_.empty();
  }

  bool equal(const Json& left, const Json& right) { return check_kinds(left, right) && left == right; }

  bool less(const Json& left, const Json& right) {
    if (!check_kinds(left, right)) {
      return false;
    }
    if (left.is_boolean()) {
      fail("invalid type for comparison");
      return false;
    }
    return left < right;
  }

  const std::vector<JsonPathNode>& nodes_;
  bool allow_missing_keys_;
  std::deque<Json> made_;
  std::string problem_;
  std::size_t ranges_due_ = 0;
  std::size_t open_ranges_ = 0;
  std::size_t ends_due_ = 0;
  std::size_t last_end_ = 0;
};

/// A value as it is printed among text.
std::string value_text(const Json& value) {
  if (value.is_structured()) {
    return compact_json(value);
  }
  return value.is_null() ? "null" : go_value_text(value);
}

}  // namespace

JsonPathResult JsonPath::parse(std::string_view text) {
  JsonPathTree tree = parse_jsonpath_tree(text);
  if (!tree.problem.empty()) {
    return {std::nullopt, std::move(tree.problem)};
  }
  JsonPath path;
  path.nodes_ = std::make_shared<const std::vector<JsonPathNode>>(std::move(tree.nodes));
  return {path, {}};
}

JsonPathOutput JsonPath::execute(const Json& object, bool allow_missing_keys) const {
  Walker walker(*nodes_, allow_missing_keys);
  const std::vector<Values> groups = walker.find(&object);
  JsonPathOutput output{{}, walker.problem()};
  for (const Values& group : groups) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      output.text += (i == 0 ? "" : " ") + value_text(*group[i]);
    }
  }
  return output;
}

JsonPathOutput JsonPath::execute_as_json(const Json& object, bool allow_missing_keys) const {
  const JsonPathFindings findings = find(object, allow_missing_keys);
  JsonPathOutput output{{}, findings.problem};
  for (const std::vector<Json>& group : findings.groups) {
    output.text += indented_json(Json(group));
  }
  return output;
}

JsonPathFindings JsonPath::find(const Json& object, bool allow_missing_keys) const {
  Walker walker(*nodes_, allow_missing_keys);
  JsonPathFindings findings;
  for (const Values& group : walker.find(&object)) {
    findings.groups.emplace_back();
    for (const Json* value : group) {
      findings.groups.back().push_back(*value);
    }
  }
  findings.problem = walker.problem();
  return findings;
}

}  // namespace scenarios::commands

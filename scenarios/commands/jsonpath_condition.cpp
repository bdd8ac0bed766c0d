// The forms of JSONPath around the template itself: relaxed paths, kubectl's errors, and what `wait` waits
// for.

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "scenarios/commands/jsonpath.h"

namespace scenarios::commands {
namespace {

bool ends_with_any(std::string_view text, std::string_view characters) {
  return !text.empty() && characters.find(text.back()) != std::string_view::npos;
}

/// The text without any of `characters` at its ends.
std::string_view trimmed(std::string_view text, std::string_view characters) {
  while (!text.empty() && characters.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  while (ends_with_any(text, characters)) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

RelaxedJsonPath relaxed_jsonpath(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  std::string_view inside = text;
  if (inside.size() >= 2 && inside.front() == '{' && inside.back() == '}') {
    inside = inside.substr(1, inside.size() - 2);
  }
  if (inside.starts_with('.') && inside.size() > 1) {
    inside.remove_prefix(1);
  }
  if (inside.empty() || inside.find_first_of("{}") != std::string_view::npos) {
    return {{},
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or "
            "'{.name1.name2}'"};
  }
  return {fmt::format("{{.{}}}", inside), {}};
}

std::string jsonpath_parse_error(std::string_view text, std::string_view problem) {
  return fmt::format("error parsing jsonpath {}, {}", text, problem);
}

std::string jsonpath_execute_error(std::string_view text, std::string_view problem, const Json& object) {
  return fmt::format(
      "error executing jsonpath {}: Error executing template: {}. Printing more information for debugging "
      "the "
      "template:\n\ttemplate was:\n\t\t{}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
      go_quote(text), problem, text, go_syntax_text(object));
}

JsonPathCondition::Answer JsonPathCondition::met_by(const Json& object) const {
  const JsonPathFindings findings = path.find(object);
  if (!findings.problem.empty()) {
    return {false, findings.problem};
  }
  if (findings.groups.empty() || findings.groups.front().empty()) {
    return {};
  }
  if (findings.groups.size() > 1) {
    return {false, "given jsonpath expression matches more than one list"};
  }
  if (findings.groups.front().size() > 1) {
    return {false, "given jsonpath expression matches more than one value"};
  }
  if (!value) {
    return {true, {}};
  }
  const Json& found = findings.groups.front().front();
  if (found.is_structured()) {
    return {false, "jsonpath leads to a nested object or list which is not supported"};
  }
  const std::string text = go_value_text(found);
  constexpr std::string_view kBlanks = " \t\n\r\v\f";
  return {trimmed(text, kBlanks) == trimmed(*value, kBlanks), {}};
}

JsonPathConditionResult parse_jsonpath_condition(std::string_view text) {
  // Cut at each "=" that is not one of a pair: those compare inside a filter.
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      parts.back() += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '=') {
      parts.back() += "==";
      ++i;
    } else {
      parts.emplace_back();
    }
  }
  if (parts.size() > 2) {
    return {std::nullopt,
            "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or "
            "--for=jsonpath='{.status.readyReplicas}'"};
  }
  const RelaxedJsonPath relaxed = relaxed_jsonpath(parts[0]);
  if (!relaxed.problem.empty()) {
    return {std::nullopt, relaxed.problem};
  }
  std::optional<std::string> value;
  if (parts.size() == 2) {
    value = std::string(trimmed(parts[1], "'\""));
    if (value->empty()) {
      return {std::nullopt,
              "jsonpath wait has to have a value after equal sign, like "
              "--for=jsonpath='{.status.readyReplicas}'=3"};
    }
  }
  if (relaxed.text.empty()) {
    return {std::nullopt, "jsonpath expression cannot be empty"};
  }
  JsonPathResult path = JsonPath::parse(relaxed.text);
  if (!path.path) {
    return {std::nullopt, path.problem};
  }
  return {JsonPathCondition{*path.path, value}, {}};
}

}  // namespace scenarios::commands

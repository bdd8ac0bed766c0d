#include "models/kubernetes/label_selector.h"

#include <algorithm>
#include <charconv>

namespace models::kubernetes {

namespace {

std::optional<std::int64_t> integer(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

std::optional<std::string> value_of(const LabelMap& labels, std::string_view key) {
  const std::string* value = find_label(labels, key);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

bool matches(const NodeSelectorTerm& term, const LabelMap& labels, std::string_view node_name) {
  if (term.match_expressions.empty() && term.match_fields.empty()) {
    return false;
  }
  return std::all_of(term.match_expressions.begin(), term.match_expressions.end(),
                     [&](const SelectorRequirement& requirement) {
                       return meets(requirement, value_of(labels, requirement.key));
                     }) &&
         std::all_of(term.match_fields.begin(), term.match_fields.end(),
                     [&](const SelectorRequirement& requirement) {
                       return meets(requirement, requirement.key == "metadata.name"
                                                     ? std::optional{std::string(node_name)}
                                                     : std::nullopt);
                     });
}

}  // namespace

bool meets(const SelectorRequirement& requirement, const std::optional<std::string>& value) {
  const auto listed = [&] {
    return std::find(requirement.values.begin(), requirement.values.end(), *value) !=
           requirement.values.end();
  };
  switch (requirement.op) {
    case SelectorOperator::In:
      return value && listed();
    case SelectorOperator::NotIn:
      return !value || !listed();
    case SelectorOperator::Exists:
      return value.has_value();
    case SelectorOperator::DoesNotExist:
      return !value;
    case SelectorOperator::Gt:
    case SelectorOperator::Lt:
      break;
  }
  if (!value || requirement.values.size() != 1) {
    return false;
  }
  const std::optional<std::int64_t> has = integer(*value);
  const std::optional<std::int64_t> bound = integer(requirement.values.front());
  return has && bound && (requirement.op == SelectorOperator::Gt ? *has > *bound : *has < *bound);
}

bool matches(const LabelSelector& selector, const LabelMap& labels) {
  return std::all_of(selector.match_labels.begin(), selector.match_labels.end(),
                     [&](const auto& wanted) {
                       const std::string* value = find_label(labels, wanted.first);
                       return value != nullptr && *value == wanted.second;
                     }) &&
         std::all_of(selector.match_expressions.begin(), selector.match_expressions.end(),
                     [&](const SelectorRequirement& requirement) {
                       return meets(requirement, value_of(labels, requirement.key));
                     });
}

bool matches_any(const std::vector<NodeSelectorTerm>& terms, const LabelMap& labels,
                 std::string_view node_name) {
  return std::any_of(terms.begin(), terms.end(),
                     [&](const NodeSelectorTerm& term) { return matches(term, labels, node_name); });
}

}  // namespace models::kubernetes

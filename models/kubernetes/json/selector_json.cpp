#include "models/kubernetes/json/selector_json.h"

#include <algorithm>
#include <array>
#include <utility>

namespace models::kubernetes::json {

namespace {

constexpr std::array<std::pair<std::string_view, SelectorOperator>, 6> kOperators{{
    {"In", SelectorOperator::In},
    {"NotIn", SelectorOperator::NotIn},
    {"Exists", SelectorOperator::Exists},
    {"DoesNotExist", SelectorOperator::DoesNotExist},
    {"Gt", SelectorOperator::Gt},
    {"Lt", SelectorOperator::Lt},
}};

}  // namespace

std::vector<SelectorRequirement> requirements_at(const Json& object, const char* name) {
  std::vector<SelectorRequirement> requirements;
  const Json* list = member(object, name);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const Json& entry = (*list)[i];
    const std::string word = text_or(entry, "operator");
    const auto* op = std::find_if(kOperators.begin(), kOperators.end(),
                                  [&](const auto& known) { return known.first == word; });
    if (op == kOperators.end()) {
      continue;
    }
    SelectorRequirement requirement{text_or(entry, "key"), op->second, {}};
    const Json* values = member(entry, "values");
    for (std::size_t v = 0; values != nullptr && v < values->size(); ++v) {
      if ((*values)[v].is_string()) {
        requirement.values.push_back((*values)[v].get<std::string>());
      }
    }
    requirements.push_back(std::move(requirement));
  }
  return requirements;
}

LabelSelector label_selector_from(const Json& selector) {
  return {labels_at(selector, "matchLabels"), requirements_at(selector, "matchExpressions")};
}

Json to_json(const LabelSelector& selector) {
  Json object = Json::object();
  if (!selector.match_labels.empty()) {
    object["matchLabels"] = to_json(selector.match_labels);
  }
  for (const SelectorRequirement& requirement : selector.match_expressions) {
    const auto* op = std::find_if(kOperators.begin(), kOperators.end(),
                                  [&](const auto& known) { return known.second == requirement.op; });
    Json entry{{"key", requirement.key}, {"operator", op->first}};
    if (!requirement.values.empty()) {
      entry["values"] = requirement.values;
    }
    object["matchExpressions"].push_back(std::move(entry));
  }
  return object;
}

}  // namespace models::kubernetes::json

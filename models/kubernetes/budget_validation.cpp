#include "models/kubernetes/budget_validation.h"

#include "models/kubernetes/json/budget_json.h"

namespace models::kubernetes {

namespace {

using json::Json;

/// Source: pkg/apis/apps/validation ValidatePositiveIntOrPercent, IsNotMoreThan100Percent; apimachinery
/// util/validation IsValidPercent.
void validate_int_or_percent(const Json& spec, const char* name, FieldErrors& errors) {
  const Json* value = json::member(spec, name);
  if (value == nullptr) {
    return;
  }
  const std::string field = std::string("spec.") + name;
  if (!value->is_string()) {
    require_nonnegative(value->get<std::int64_t>(), field, errors);
    return;
  }
  const std::string& text = value->get_ref<const std::string&>();
  const bool percent =
      text.size() > 1 && text.back() == '%' && text.find_first_not_of("0123456789") == text.size() - 1;
  if (!percent) {
    errors.push_back(
        invalid(field, *value,
                "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
                "'93%', regex used for validation is '[0-9]+%')"));
  } else if (text.size() > 4 || std::stoi(text) > 100) {
    errors.push_back(invalid(field, *value, "must not be greater than 100%"));
  }
}

}  // namespace

FieldErrors validate_budget(const Json& budget) {
  FieldErrors errors;
  validate_metadata(budget, NameRule::DnsSubdomain, errors);
  static const Json nothing = Json::object();
  const Json* found = json::member(budget, "spec");
  const Json& spec = found == nullptr ? nothing : *found;
  if (json::member(spec, "minAvailable") != nullptr && json::member(spec, "maxUnavailable") != nullptr) {
    errors.push_back(invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
  }
  validate_int_or_percent(spec, "minAvailable", errors);
  validate_int_or_percent(spec, "maxUnavailable", errors);
  if (const Json* selector = json::member(spec, "selector")) {
    validate_selector(*selector, "spec.selector", errors);
  }
  if (const Json* policy = json::member(spec, "unhealthyPodEvictionPolicy");
      policy != nullptr && *policy != "AlwaysAllow" && *policy != "IfHealthyBudget") {
    errors.push_back(
        not_supported("spec.unhealthyPodEvictionPolicy", *policy, {"AlwaysAllow", "IfHealthyBudget"}));
  }
  return errors;
}

WriteResult replace_budget(Turn& turn, Row row, const Json& changed, const Json& old, By by,
                           ApiError& error) {
  if (FieldErrors errors = validate_budget(changed); !errors.empty()) {
    error = invalid_error(Kind::PodDisruptionBudget, json::text_or(old.at("metadata"), "name"),
                          std::move(errors));
    return {Outcome::Invalid, row};
  }
  for (const char* path : {"metadata.finalizers", "metadata.ownerReferences"}) {
    const Json* after = json::at_path(changed, path);
    if (after != nullptr && !after->empty()) {
      error = not_modelled_error("a change of a budget's finalizers or owners");
      return {Outcome::Invalid, row};
    }
  }
  PodDisruptionBudget next = turn.cluster.budgets[row];
  json::budget_from(turn.cluster, changed, next);
  const bool spec_changed =
      !json::same(changed.value("spec", Json::object()), old.value("spec", Json::object()));
  return update<PodDisruptionBudget>(turn, row, by, Verb::Update, [&](PodDisruptionBudget& object) {
    // An equal selector keeps its identity.
    const bool same_selector = object.spec.selector != nullptr && next.spec.selector != nullptr &&
                               *object.spec.selector == *next.spec.selector;
    const auto selector = same_selector ? object.spec.selector : next.spec.selector;
    object.spec = next.spec;
    object.spec.selector = selector;
    object.manifest = next.manifest;
    object.labels_json = next.labels_json;
    object.meta.generation += spec_changed ? 1U : 0U;
  });
}

}  // namespace models::kubernetes

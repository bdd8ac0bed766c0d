#include "models/kubernetes/statefulset_validation.h"

#include <fmt/core.h>

#include "models/kubernetes/pod_validation.h"

namespace models::kubernetes {

namespace {

using json::Json;

/// Source: validateRollingUpdateStatefulSet, ValidatePositiveIntOrPercent, IsNotMoreThan100Percent.
void validate_rolling_update(const Json& rolling_update, FieldErrors& errors) {
  const std::string field = "spec.updateStrategy.rollingUpdate";
  require_nonnegative(json::int_or(rolling_update, "partition", 0), field + ".partition", errors);
  const Json* unavailable = json::member(rolling_update, "maxUnavailable");
  if (unavailable == nullptr) {
    return;
  }
  const std::string at = field + ".maxUnavailable";
  std::int64_t value = 0;
  if (unavailable->is_string()) {
    const std::string& text = unavailable->get_ref<const std::string&>();
    const bool percent = text.size() > 1 && text.size() < 12 && text.back() == '%' &&
                         text.find_first_not_of("0123456789") == text.size() - 1;
    if (!percent) {
      errors.push_back(invalid(at, text, "must be an integer or percentage (e.g '5%%')"));
    }
    value = percent ? std::stoll(text) : 0;
  } else {
    value = unavailable->get<std::int64_t>();
    require_nonnegative(value, at, errors);
  }
  if (value == 0) {
    errors.push_back(invalid(at, *unavailable, "cannot be 0"));
  }
  if (unavailable->is_string() && value > 100) {
    errors.push_back(invalid(at, *unavailable, "must not be greater than 100%"));
  }
}

/// The internal structures that these refusals print, in the syntax of the release (1.33 assumed for JSON).
std::string rolling_update_text(const Json& block, const Features& features) {
  const std::int64_t partition = json::int_or(block, "partition", 0);
  return features.since(33) ? fmt::format("{{\"Partition\":{},\"MaxUnavailable\":null}}", partition)
                            : fmt::format(
                                  "apps.RollingUpdateStatefulSetStrategy{{Partition:{}, "
                                  "MaxUnavailable:(*intstr.IntOrString)(nil)}}",
                                  partition);
}

std::string strategy_text(const std::string& type, const Features& features) {
  return features.since(33) ? fmt::format("{{\"Type\":\"{}\",\"RollingUpdate\":null}}", type)
                            : fmt::format(
                                  "apps.StatefulSetUpdateStrategy{{Type:\"{}\", "
                                  "RollingUpdate:(*apps.RollingUpdateStatefulSetStrategy)(nil)}}",
                                  type);
}

void validate_strategy(const Json& spec, const Features& features, FieldErrors& errors) {
  const std::string policy = json::text_or(spec, "podManagementPolicy");
  if (policy != "OrderedReady" && policy != "Parallel") {
    errors.push_back(invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  const Json* strategy = json::member(spec, "updateStrategy");
  const std::string type = strategy == nullptr ? std::string() : json::text_or(*strategy, "type");
  const Json* block = strategy == nullptr ? nullptr : json::member(*strategy, "rollingUpdate");
  if (type == "OnDelete") {
    if (block != nullptr) {
      errors.push_back({CauseType::Invalid, "spec.updateStrategy.rollingUpdate",
                        rolling_update_text(*block, features),
                        "only allowed for updateStrategy 'RollingUpdate'"});
    }
  } else if (type == "RollingUpdate") {
    if (block != nullptr) {
      validate_rolling_update(*block, errors);
    }
  } else {
    errors.push_back({CauseType::Invalid, "spec.updateStrategy", strategy_text(type, features),
                      "must be 'RollingUpdate' or 'OnDelete'"});
  }
}

void validate_retention(const Json& spec, FieldErrors& errors) {
  const Json* retention = json::member(spec, "persistentVolumeClaimRetentionPolicy");
  if (retention == nullptr) {
    return;
  }
  for (const char* name : {"whenDeleted", "whenScaled"}) {
    const std::string value = json::text_or(*retention, name);
    if (value != "Retain" && value != "Delete") {
      errors.push_back(not_supported(fmt::format("spec.persistentVolumeClaimRetentionPolicy.{}", name), value,
                                     {"Retain", "Delete"}));
    }
  }
}

void validate_selector_and_template(const Json& spec, const Features& features, FieldErrors& errors) {
  const Json* selector = json::member(spec, "selector");
  const Json& pod_template = spec.at("template");
  const Json* metadata = json::member(pod_template, "metadata");
  const LabelMap labels = metadata == nullptr ? LabelMap{} : json::labels_at(*metadata, "labels");
  if (selector == nullptr) {
    errors.push_back(required("spec.selector"));
  } else {
    validate_selector(*selector, "spec.selector", errors);
    const Json* expressions = json::member(*selector, "matchExpressions");
    if (json::labels_at(*selector, "matchLabels").empty() &&
        (expressions == nullptr || expressions->empty())) {
      errors.push_back(invalid("spec.selector", *selector, "empty selector is invalid for statefulset"));
    } else if (!selector_matches(*selector, labels)) {
      errors.push_back({CauseType::Invalid, "spec.template.metadata.labels", label_map_text(labels, features),
                        "`selector` does not match template `labels`"});
    }
  }
  validate_labels(labels, "spec.template.labels", errors);
  // Before 1.34 a template that no pod can be made of is stored, and its pods fail (kubernetes PR 131790).
  if (features.since(34)) {
    validate_pod_spec(pod_template.at("spec"), "spec.template.spec", errors);
  }
  const std::string policy = json::text_or(pod_template.at("spec"), "restartPolicy");
  if (policy != "Always") {
    errors.push_back(not_supported("spec.template.spec.restartPolicy", policy, {"Always"}));
  }
  if (json::at_path(pod_template, "spec.activeDeadlineSeconds") != nullptr) {
    errors.push_back(forbidden("spec.template.spec.activeDeadlineSeconds",
                               "activeDeadlineSeconds in StatefulSet is not Supported"));
  }
}

/// Claim templates are validated from 1.34 on (kubernetes PR 132212; the release is assumed).
void validate_claim_templates(const Json& spec, const Features& features, FieldErrors& errors) {
  const Json* claims = json::member(spec, "volumeClaimTemplates");
  for (std::size_t i = 0; features.since(34) && claims != nullptr && i < claims->size(); ++i) {
    FieldErrors of_claim = validate_claim((*claims)[i]);
    for (FieldError& error : of_claim) {
      error.field = json::child_path(json::item_path("spec.volumeClaimTemplates", i), error.field);
      errors.push_back(std::move(error));
    }
  }
}

void validate_spec(const Json& spec, const Features& features, FieldErrors& errors) {
  validate_strategy(spec, features, errors);
  validate_retention(spec, errors);
  require_nonnegative(json::int_or(spec, "replicas", 1), "spec.replicas", errors);
  require_nonnegative(json::int_or(spec, "minReadySeconds", 0), "spec.minReadySeconds", errors);
  // Source: kubernetes PR 129017.
  if (features.since(33)) {
    require_nonnegative(json::int_or(spec, "revisionHistoryLimit", 10), "spec.revisionHistoryLimit", errors);
  }
  if (const Json* ordinals = json::member(spec, "ordinals")) {
    require_nonnegative(json::int_or(*ordinals, "start", 0), "spec.ordinals.start", errors);
  }
  validate_selector_and_template(spec, features, errors);
  validate_claim_templates(spec, features, errors);
}

}  // namespace

FieldErrors validate_statefulset(const Json& set, const Features& features) {
  FieldErrors errors;
  validate_metadata(set, NameRule::DnsLabel, errors);
  validate_spec(set.at("spec"), features, errors);
  // Source: kubernetes PR 130233.
  const std::string service = json::text_or(set.at("spec"), "serviceName");
  if (features.since(33) && !service.empty()) {
    for (const std::string& problem : dns_label_problems(service)) {
      errors.push_back(invalid("spec.serviceName", service, problem));
    }
  }
  return errors;
}

FieldErrors validate_statefulset_update(const Json& set, const Json& old, const Features& features) {
  FieldErrors errors;
  validate_spec(set.at("spec"), features, errors);
  // Which release (1.33 or later) let revisionHistoryLimit change is assumed.
  const bool history_may_change = features.since(33);
  Json spec = set.at("spec");
  Json old_spec = old.at("spec");
  for (Json* fixed : {&spec, &old_spec}) {
    for (const char* name : {"replicas", "template", "updateStrategy", "minReadySeconds", "ordinals",
                             "persistentVolumeClaimRetentionPolicy"}) {
      fixed->erase(name);
    }
    if (history_may_change) {
      fixed->erase("revisionHistoryLimit");
    }
  }
  if (!json::same(spec, old_spec)) {
    errors.push_back(forbidden(
        "spec",
        fmt::format("updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                    "'updateStrategy', {}'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are "
                    "forbidden",
                    history_may_change ? "'revisionHistoryLimit', " : "")));
  }
  return errors;
}

FieldErrors validate_statefulset_status(const StatefulSetStatus& status) {
  FieldErrors errors;
  const std::pair<const char*, std::int32_t> counts[] = {
      {"status.replicas", status.replicas},
      {"status.readyReplicas", status.ready_replicas},
      {"status.currentReplicas", status.current_replicas},
      {"status.updatedReplicas", status.updated_replicas},
      {"status.availableReplicas", status.available_replicas}};
  for (const auto& [field, count] : counts) {
    require_nonnegative(count, field, errors);
  }
  for (const auto& [field, count] : counts) {
    if (count > status.replicas) {
      errors.push_back(invalid(field, count, "cannot be greater than status.replicas"));
    }
  }
  if (status.available_replicas > status.ready_replicas) {
    errors.push_back(invalid("status.availableReplicas", status.available_replicas,
                             "cannot be greater than status.readyReplicas"));
  }
  return errors;
}

bool status_valid(const StatefulSetStatus& status) {
  const auto within = [&](std::int32_t count) { return count >= 0 && count <= status.replicas; };
  return within(status.ready_replicas) && within(status.current_replicas) &&
         within(status.updated_replicas) && within(status.available_replicas) &&
         status.available_replicas <= status.ready_replicas;
}

}  // namespace models::kubernetes

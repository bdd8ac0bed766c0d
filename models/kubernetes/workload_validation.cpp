#include "models/kubernetes/workload_validation.h"

#include <fmt/core.h>

#include "models/kubernetes/pod_validation.h"

namespace models::kubernetes {

namespace {

using json::Json;

/// The number of a count or percentage; 0 where it is neither, which is told.
/// Source: ValidatePositiveIntOrPercent, getIntOrPercentValue.
std::int64_t int_or_percent(const Json* value, const std::string& at, FieldErrors& errors) {
  if (value == nullptr) {
    return 0;
  }
  if (!value->is_string()) {
    const auto number = value->get<std::int64_t>();
    require_nonnegative(number, at, errors);
    return number;
  }
  const std::string& text = value->get_ref<const std::string&>();
  const bool percent = text.size() > 1 && text.size() < 12 && text.back() == '%' &&
                       text.find_first_not_of("0123456789") == text.size() - 1;
  if (!percent) {
    errors.push_back(invalid(at, text, "must be an integer or percentage (e.g '5%%')"));
  }
  return percent ? std::stoll(text) : 0;
}

/// Source: IsNotMoreThan100Percent.
void require_at_most_100_percent(const Json* value, std::int64_t number, const std::string& at,
                                 FieldErrors& errors) {
  if (value != nullptr && value->is_string() && number > 100) {
    errors.push_back(invalid(at, *value, "must not be greater than 100%"));
  }
}

/// Selector and template. Source: ValidatePodTemplateSpecForReplicaSet, ValidateDaemonSetSpec.
void validate_pods(const Json& spec, const Features& features, std::string_view kind,
                   std::string_view kind_of_empty_selector, FieldErrors& errors) {
  const Json* selector = json::member(spec, "selector");
  const Json& pod_template = spec.at("template");
  const Json* metadata = json::member(pod_template, "metadata");
  const LabelMap labels = metadata == nullptr ? LabelMap{} : json::labels_at(*metadata, "labels");
  if (selector == nullptr) {
    errors.push_back(required("spec.selector"));
  } else {
    validate_selector(*selector, "spec.selector", errors);
    const Json* expressions = json::member(*selector, "matchExpressions");
    const bool empty =
        json::labels_at(*selector, "matchLabels").empty() && (expressions == nullptr || expressions->empty());
    if (empty) {
      errors.push_back(invalid("spec.selector", *selector,
                               fmt::format("empty selector is invalid for {}", kind_of_empty_selector)));
    } else if (!selector_matches(*selector, labels)) {
      errors.push_back({CauseType::Invalid, "spec.template.metadata.labels", label_map_text(labels, features),
                        "`selector` does not match template `labels`"});
    }
  }
  validate_pod_template(pod_template, "spec.template", errors);
  const std::string policy = json::text_or(pod_template.at("spec"), "restartPolicy");
  if (policy != "Always") {
    errors.push_back(not_supported("spec.template.spec.restartPolicy", policy, {"Always"}));
  }
  if (json::at_path(pod_template, "spec.activeDeadlineSeconds") != nullptr) {
    errors.push_back(forbidden("spec.template.spec.activeDeadlineSeconds",
                               fmt::format("activeDeadlineSeconds in {} is not Supported", kind)));
  }
}

/// Source: ValidateDeploymentStrategy, ValidateRollingUpdateDeployment.
void validate_deployment_strategy(const Json& spec, FieldErrors& errors) {
  const Json* type = json::at_path(spec, "strategy.type");
  const std::string word = type == nullptr ? std::string() : type->get<std::string>();
  const Json* block = json::at_path(spec, "strategy.rollingUpdate");
  if (word == "Recreate") {
    if (block != nullptr) {
      errors.push_back(forbidden("spec.strategy.rollingUpdate",
                                 "may not be specified when strategy `type` is 'Recreate'"));
    }
    return;
  }
  if (word != "RollingUpdate") {
    errors.push_back(not_supported("spec.strategy", spec.at("strategy"), {"Recreate", "RollingUpdate"}));
    return;
  }
  if (block == nullptr) {
    errors.push_back(required("spec.strategy.rollingUpdate", "this should be defaulted and never be nil"));
    return;
  }
  const std::string at = "spec.strategy.rollingUpdate";
  const Json* unavailable = json::member(*block, "maxUnavailable");
  const std::int64_t most_unavailable = int_or_percent(unavailable, at + ".maxUnavailable", errors);
  const std::int64_t surge = int_or_percent(json::member(*block, "maxSurge"), at + ".maxSurge", errors);
  if (most_unavailable == 0 && surge == 0) {
    errors.push_back(invalid(at + ".maxUnavailable", unavailable == nullptr ? Json(0) : *unavailable,
                             "may not be 0 when `maxSurge` is 0"));
  }
  require_at_most_100_percent(unavailable, most_unavailable, at + ".maxUnavailable", errors);
}

/// Source: ValidateDaemonSetUpdateStrategy, ValidateRollingUpdateDaemonSet.
void validate_daemonset_strategy(const Json& spec, FieldErrors& errors) {
  const Json* type = json::at_path(spec, "updateStrategy.type");
  const std::string word = type == nullptr ? std::string() : type->get<std::string>();
  if (word == "OnDelete") {
    return;
  }
  if (word != "RollingUpdate") {
    errors.push_back(
        not_supported("spec.updateStrategy", spec.at("updateStrategy"), {"RollingUpdate", "OnDelete"}));
    return;
  }
  const std::string at = "spec.updateStrategy.rollingUpdate";
  const Json* block = json::at_path(spec, "updateStrategy.rollingUpdate");
  if (block == nullptr) {
    errors.push_back(required(at));
    return;
  }
  const Json* unavailable = json::member(*block, "maxUnavailable");
  const Json* surge = json::member(*block, "maxSurge");
  const std::int64_t most_unavailable = int_or_percent(unavailable, at + ".maxUnavailable", errors);
  const std::int64_t most_surge = int_or_percent(surge, at + ".maxSurge", errors);
  require_at_most_100_percent(unavailable, most_unavailable, at + ".maxUnavailable", errors);
  require_at_most_100_percent(surge, most_surge, at + ".maxSurge", errors);
  if (most_unavailable != 0 && most_surge != 0) {
    errors.push_back(invalid(at + ".maxSurge", *surge, "may not be set when maxUnavailable is non-zero"));
  } else if (most_unavailable == 0 && most_surge == 0) {
    errors.push_back(required(at + ".maxUnavailable", "cannot be 0 when maxSurge is 0"));
  }
}

void validate_replicaset_spec(const Json& spec, const Features& features, FieldErrors& errors) {
  require_nonnegative(json::int_or(spec, "replicas", 1), "spec.replicas", errors);
  require_nonnegative(json::int_or(spec, "minReadySeconds", 0), "spec.minReadySeconds", errors);
  validate_pods(spec, features, "ReplicaSet", "deployment", errors);
}

void validate_deployment_spec(const Json& spec, const Features& features, FieldErrors& errors) {
  require_nonnegative(json::int_or(spec, "replicas", 1), "spec.replicas", errors);
  validate_pods(spec, features, "ReplicaSet", "deployment", errors);
  validate_deployment_strategy(spec, errors);
  const std::int64_t min_ready = json::int_or(spec, "minReadySeconds", 0);
  require_nonnegative(min_ready, "spec.minReadySeconds", errors);
  require_nonnegative(json::int_or(spec, "revisionHistoryLimit", 10), "spec.revisionHistoryLimit", errors);
  const std::int64_t deadline = json::int_or(spec, "progressDeadlineSeconds", 600);
  require_nonnegative(deadline, "spec.progressDeadlineSeconds", errors);
  if (deadline <= min_ready) {
    errors.push_back(
        invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  }
}

void validate_daemonset_spec(const Json& spec, const Features& features, FieldErrors& errors) {
  validate_pods(spec, features, "DaemonSet", "daemonset", errors);
  require_nonnegative(json::int_or(spec, "minReadySeconds", 0), "spec.minReadySeconds", errors);
  validate_daemonset_strategy(spec, errors);
  require_nonnegative(json::int_or(spec, "revisionHistoryLimit", 10), "spec.revisionHistoryLimit", errors);
}

using ValidateSpec = void (*)(const Json&, const Features&, FieldErrors&);

FieldErrors validate_new(const Json& object, const Features& features, ValidateSpec validate_spec) {
  FieldErrors errors;
  validate_metadata(object, NameRule::DnsSubdomain, errors);
  validate_spec(object.at("spec"), features, errors);
  return errors;
}

FieldErrors validate_change(const Json& object, const Json& old, const Features& features,
                            ValidateSpec validate_spec) {
  FieldErrors errors;
  validate_spec(object.at("spec"), features, errors);
  require_immutable(json::at_path(object, "spec.selector"), json::at_path(old, "spec.selector"),
                    "spec.selector", errors);
  return errors;
}

}  // namespace

FieldErrors validate_replicaset(const Json& set, const Features& features) {
  return validate_new(set, features, validate_replicaset_spec);
}
FieldErrors validate_deployment(const Json& deployment, const Features& features) {
  return validate_new(deployment, features, validate_deployment_spec);
}
FieldErrors validate_daemonset(const Json& set, const Features& features) {
  return validate_new(set, features, validate_daemonset_spec);
}

FieldErrors validate_replicaset_update(const Json& set, const Json& old, const Features& features) {
  return validate_change(set, old, features, validate_replicaset_spec);
}
FieldErrors validate_deployment_update(const Json& deployment, const Json& old, const Features& features) {
  return validate_change(deployment, old, features, validate_deployment_spec);
}
FieldErrors validate_daemonset_update(const Json& set, const Json& old, const Features& features) {
  return validate_change(set, old, features, validate_daemonset_spec);
}

}  // namespace models::kubernetes

#include "models/kubernetes/pod_validation.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "models/kubernetes/quantity.h"

namespace models::kubernetes {

namespace {

using json::Json;

void validate_requests(const Json& container, const std::string& field, FieldErrors& errors) {
  const Json* requests = json::at_path(container, "resources.requests");
  const Json* limits = json::at_path(container, "resources.limits");
  for (const auto& [map, name] : {std::pair{limits, "limits"}, std::pair{requests, "requests"}}) {
    if (map == nullptr) {
      continue;
    }
    for (auto it = map->begin(); it != map->end(); ++it) {
      const std::string at = fmt::format("{}.resources.{}.{}", field, name, it.key());
      if (const auto amount = parse_quantity(json::quantity_text(*it), 3); amount && *amount < 0) {
        errors.push_back(invalid(at, json::quantity_text(*it), "must be greater than or equal to 0"));
      }
    }
  }
  if (requests == nullptr || limits == nullptr) {
    return;
  }
  for (auto it = requests->begin(); it != requests->end(); ++it) {
    const auto limit = limits->find(it.key());
    if (limit == limits->end()) {
      continue;
    }
    const std::string asked = json::quantity_text(*it);
    const std::string allowed = json::quantity_text(*limit);
    if (parse_quantity(asked, 3).value_or(0) > parse_quantity(allowed, 3).value_or(0)) {
      errors.push_back(
          invalid(field + ".resources.requests", asked,
                  fmt::format("must be less than or equal to {} limit of {}", it.key(), allowed)));
    }
  }
}

void validate_containers(const Json& spec, const char* list, const std::string& spec_field,
                         std::set<std::string>& names, FieldErrors& errors) {
  const Json* containers = json::member(spec, list);
  for (std::size_t i = 0; containers != nullptr && i < containers->size(); ++i) {
    const Json& container = (*containers)[i];
    const std::string field = json::item_path(spec_field + "." + list, i);
    const std::string name = json::text_or(container, "name");
    if (name.empty()) {
      errors.push_back(required(field + ".name"));
    } else {
      for (const std::string& problem : dns_label_problems(name)) {
        errors.push_back(invalid(field + ".name", name, problem));
      }
      if (!names.insert(name).second) {
        errors.push_back(duplicate(field + ".name", name));
      }
    }
    if (json::text_or(container, "image").empty()) {
      errors.push_back(required(field + ".image"));
    }
    validate_requests(container, field, errors);
  }
}

/// Source: core/validation ValidateTolerations.
void validate_tolerations(const Json& spec, const std::string& spec_field, FieldErrors& errors) {
  const Json* tolerations = json::member(spec, "tolerations");
  for (std::size_t i = 0; tolerations != nullptr && i < tolerations->size(); ++i) {
    const Json& toleration = (*tolerations)[i];
    const std::string field = json::item_path(spec_field + ".tolerations", i);
    const std::string operation = json::text_or(toleration, "operator", "Equal");
    const std::string effect = json::text_or(toleration, "effect");
    if (json::text_or(toleration, "key").empty() && operation != "Exists") {
      errors.push_back(
          invalid(field + ".operator", operation,
                  "operator must be Exists when `key` is empty, which means \"match all values and all "
                  "keys\""));
    }
    if (json::member(toleration, "tolerationSeconds") != nullptr && effect != "NoExecute") {
      errors.push_back(
          invalid(field + ".effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operation == "Exists" && !json::text_or(toleration, "value").empty()) {
      errors.push_back(
          invalid(field + ".operator", toleration, "value must be empty when `operator` is 'Exists'"));
    } else if (operation != "Exists" && operation != "Equal") {
      errors.push_back(not_supported(field + ".operator", operation, {"Equal", "Exists"}));
    }
    if (!effect.empty() && effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute") {
      errors.push_back(
          not_supported(field + ".effect", effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"}));
    }
  }
}

}  // namespace

void validate_pod_spec(const Json& spec, const std::string& field, FieldErrors& errors) {
  const Json* containers = json::member(spec, "containers");
  if (containers == nullptr || containers->empty()) {
    errors.push_back(required(field + ".containers"));
  }
  std::set<std::string> names;
  validate_containers(spec, "containers", field, names, errors);
  validate_containers(spec, "initContainers", field, names, errors);
  const std::string policy = json::text_or(spec, "restartPolicy");
  if (policy.empty()) {
    errors.push_back(required(field + ".restartPolicy"));
  } else if (policy != "Always" && policy != "OnFailure" && policy != "Never") {
    errors.push_back(not_supported(field + ".restartPolicy", policy, {"Always", "OnFailure", "Never"}));
  }
  require_nonnegative(json::int_or(spec, "terminationGracePeriodSeconds", 30),
                      field + ".terminationGracePeriodSeconds", errors);
  if (const Json* deadline = json::member(spec, "activeDeadlineSeconds");
      deadline != nullptr &&
      (deadline->get<std::int64_t>() < 1 || deadline->get<std::int64_t>() > 0x7fffffff)) {
    errors.push_back(
        invalid(field + ".activeDeadlineSeconds", *deadline, "must be between 1 and 2147483647, inclusive"));
  }
  validate_labels(json::labels_at(spec, "nodeSelector"), field + ".nodeSelector", errors);
  validate_tolerations(spec, field, errors);
}

void validate_pod_template(const Json& pod_template, const std::string& field, FieldErrors& errors) {
  static const Json nothing = Json::object();
  const Json* metadata = json::member(pod_template, "metadata");
  if (metadata != nullptr) {
    validate_labels(json::labels_at(*metadata, "labels"), field + ".labels", errors);
  }
  const Json* spec = json::member(pod_template, "spec");
  validate_pod_spec(spec == nullptr ? nothing : *spec, field + ".spec", errors);
}

FieldErrors validate_pod(const Json& pod) {
  FieldErrors errors;
  validate_metadata(pod, NameRule::DnsSubdomain, errors);
  const Json* spec = json::member(pod, "spec");
  validate_pod_spec(spec == nullptr ? Json::object() : *spec, "spec", errors);
  return errors;
}

namespace {

/// Whether every toleration of `old` is still there, for however many seconds.
/// Source: pkg/apis/core/validation validateOnlyAddedTolerations.
bool keeps_tolerations(const Json& spec, const Json& old) {
  const Json* before = json::member(old, "tolerations");
  const Json* after = json::member(spec, "tolerations");
  const auto without_seconds = [](Json toleration) {
    toleration.erase("tolerationSeconds");
    return toleration;
  };
  for (std::size_t i = 0; before != nullptr && i < before->size(); ++i) {
    const bool kept =
        after != nullptr && std::any_of(after->begin(), after->end(), [&](const Json& toleration) {
          return json::same(without_seconds(toleration), without_seconds((*before)[i]));
        });
    if (!kept) {
      return false;
    }
  }
  return true;
}

/// The spec without what a pod may change.
Json fixed_part(Json spec) {
  for (const char* list : {"containers", "initContainers"}) {
    if (json::member(spec, list) != nullptr) {
      for (Json& container : spec[list]) {
        container.erase("image");
      }
    }
  }
  spec.erase("activeDeadlineSeconds");
  spec.erase("tolerations");
  return spec;
}

}  // namespace

FieldErrors validate_pod_update(const Json& pod, const Json& old) {
  FieldErrors errors;
  const Json* spec = json::member(pod, "spec");
  const Json* old_spec = json::member(old, "spec");
  if (spec == nullptr || old_spec == nullptr) {
    return errors;
  }
  validate_pod_spec(*spec, "spec", errors);
  if (!keeps_tolerations(*spec, *old_spec)) {
    errors.push_back(forbidden("spec.tolerations",
                               "existing toleration can not be modified except its tolerationSeconds"));
  }
  if (!json::same(fixed_part(*spec), fixed_part(*old_spec))) {
    errors.push_back(forbidden(
        "spec",
        "pod updates may not change fields other than "
        "`spec.containers[*].image`,`spec.initContainers[*].image`,"
        "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
  }
  return errors;
}

FieldErrors validate_node(const Json& node) {
  FieldErrors errors;
  validate_metadata(node, NameRule::DnsSubdomain, errors);
  const Json* taints = json::at_path(node, "spec.taints");
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; taints != nullptr && i < taints->size(); ++i) {
    const Json& taint = (*taints)[i];
    const std::string field = json::item_path("spec.taints", i);
    const std::string effect = json::text_or(taint, "effect");
    for (const std::string& problem : qualified_name_problems(json::text_or(taint, "key"))) {
      errors.push_back(invalid(field + ".key", json::text_or(taint, "key"), problem));
    }
    for (const std::string& problem : label_value_problems(json::text_or(taint, "value"))) {
      errors.push_back(invalid(field + ".value", json::text_or(taint, "value"), problem));
    }
    if (effect.empty()) {
      errors.push_back(required(field + ".effect"));
    } else if (effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute") {
      errors.push_back(
          not_supported(field + ".effect", effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"}));
    }
    if (!seen.emplace(json::text_or(taint, "key"), effect).second) {
      errors.push_back(duplicate(field, taint));
    }
  }
  return errors;
}

namespace {

void validate_claim_size(const Json& claim, FieldErrors& errors) {
  const Json* storage = json::at_path(claim, "spec.resources.requests.storage");
  if (storage == nullptr) {
    errors.push_back(required("spec.resources[storage]"));
  } else if (parse_quantity(json::quantity_text(*storage)).value_or(0) <= 0) {
    errors.push_back(
        invalid("spec.resources[storage]", json::quantity_text(*storage), "must be greater than zero"));
  }
}

}  // namespace

FieldErrors validate_claim(const Json& claim) {
  FieldErrors errors;
  validate_metadata(claim, NameRule::DnsSubdomain, errors);
  const Json* modes = json::at_path(claim, "spec.accessModes");
  if (modes == nullptr || modes->empty()) {
    errors.push_back(required("spec.accessModes", "at least 1 access mode is required"));
  }
  validate_claim_size(claim, errors);
  return errors;
}

FieldErrors validate_claim_update(const Json& claim, const Json& old) {
  FieldErrors errors;
  validate_claim_size(claim, errors);
  Json spec = claim.at("spec");
  Json old_spec = old.at("spec");
  spec.erase("resources");
  old_spec.erase("resources");
  if (!json::same(spec, old_spec)) {
    errors.push_back(forbidden("spec",
                               "spec is immutable after creation except resources.requests and "
                               "volumeAttributesClassName for bound claims"));
  }
  const Json* size = json::at_path(claim, "spec.resources.requests.storage");
  const Json* old_size = json::at_path(old, "spec.resources.requests.storage");
  if (size != nullptr && old_size != nullptr &&
      parse_quantity(json::quantity_text(*size)).value_or(0) <
          parse_quantity(json::quantity_text(*old_size)).value_or(0)) {
    errors.push_back(
        forbidden("spec.resources.requests.storage", "field can not be less than previous value"));
  }
  return errors;
}

}  // namespace models::kubernetes

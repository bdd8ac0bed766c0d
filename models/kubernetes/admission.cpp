#include "models/kubernetes/admission.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "models/kubernetes/resource_kinds.h"

namespace models::kubernetes {

namespace {

std::string_view cause_text(CauseType type) {
  switch (type) {
    case CauseType::Required:
      return "Required value";
    case CauseType::Invalid:
      return "Invalid value";
    case CauseType::NotSupported:
      return "Unsupported value";
    case CauseType::Forbidden:
      return "Forbidden";
    case CauseType::Duplicate:
      return "Duplicate value";
    case CauseType::TooLong:
      return "Too long";
    case CauseType::TooMany:
      return "Too many";
  }
  return "";
}

std::string in_quotes(std::string_view text) { return json::Json(text).dump(); }

}  // namespace

std::string FieldError::body() const {
  std::string text(cause_text(type));
  for (const std::string* part : {&value, &detail}) {
    if (!part->empty()) {
      text += ": " + *part;
    }
  }
  return text;
}

FieldError required(std::string field, std::string detail) {
  return {CauseType::Required, std::move(field), "", std::move(detail)};
}
FieldError invalid(std::string field, const json::Json& value, std::string detail) {
  return {CauseType::Invalid, std::move(field), value.dump(), std::move(detail)};
}
FieldError invalid_without_value(std::string field, std::string detail) {
  return {CauseType::Invalid, std::move(field), "", std::move(detail)};
}
FieldError not_supported(std::string field, const json::Json& value,
                         const std::vector<std::string_view>& supported) {
  std::string detail;
  for (const std::string_view word : supported) {
    detail += (detail.empty() ? "supported values: " : ", ") + in_quotes(word);
  }
  return {CauseType::NotSupported, std::move(field), value.dump(), std::move(detail)};
}
FieldError forbidden(std::string field, std::string detail) {
  return {CauseType::Forbidden, std::move(field), "", std::move(detail)};
}
FieldError duplicate(std::string field, const json::Json& value) {
  return {CauseType::Duplicate, std::move(field), value.dump(), ""};
}
FieldError too_long(std::string field, std::size_t bytes_max) {
  return {CauseType::TooLong, std::move(field), "", fmt::format("may not be more than {} bytes", bytes_max)};
}
FieldError too_many(std::string field, std::size_t quantity, std::size_t quantity_max) {
  return {CauseType::TooMany, std::move(field), fmt::format("{}", quantity),
          fmt::format("must have at most {} items", quantity_max)};
}

void require_nonnegative(std::int64_t value, std::string field, FieldErrors& errors) {
  if (value < 0) {
    errors.push_back(invalid(std::move(field), value, "must be greater than or equal to 0"));
  }
}

void require_immutable(const json::Json* value, const json::Json* old, std::string field,
                       FieldErrors& errors) {
  const bool equal = value == nullptr || old == nullptr ? value == old : json::same(*value, *old);
  if (!equal) {
    errors.push_back(
        invalid(std::move(field), value == nullptr ? json::Json() : *value, "field is immutable"));
  }
}

std::string label_map_text(const LabelMap& labels, const Features& features) {
  if (features.since(33)) {
    return labels.empty() ? "null" : json::to_json(labels).dump();
  }
  if (labels.empty()) {
    return "map[string]string(nil)";
  }
  std::string text;
  for (const auto& [key, value] : labels) {
    text += (text.empty() ? "" : ", ") + in_quotes(key) + ":" + in_quotes(value);
  }
  return "map[string]string{" + text + "}";
}

std::string aggregate_text(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) {
    std::string text = error.text();
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) {
      texts.push_back(std::move(text));
    }
  }
  if (texts.size() == 1) {
    return texts.front();
  }
  std::string joined;
  for (const std::string& text : texts) {
    joined += (joined.empty() ? "" : ", ") + text;
  }
  return "[" + joined + "]";
}

std::string ApiError::kubectl_text() const {
  if (reason == "NoMatch" || reason == "NotModelled") {
    return "error: " + message;  // not an answer of the server
  }
  if (reason != "Invalid") {
    return reason.empty() ? "Error from server: " + message
                          : fmt::format("Error from server ({}): {}", reason, message);
  }
  if (kind_name.empty() && name.empty()) {
    return "The request is invalid: " + message;
  }
  std::string text = fmt::format("The {} {} is invalid: ", kind_name, in_quotes(name));
  if (causes.size() == 1) {
    return text + causes.front().text();
  }
  std::set<std::string> told;
  for (const FieldError& cause : causes) {
    if (told.insert(cause.text()).second) {
      text += "\n* " + cause.text();
    }
  }
  return text;
}

ApiError invalid_error(Kind kind, std::string_view name, FieldErrors causes) {
  const ResourceKind& resource = resource_of(kind);
  std::string message =
      fmt::format("{} {} is invalid: {}", resource.group_kind(), in_quotes(name), aggregate_text(causes));
  return {422,
          "Invalid",
          std::move(message),
          std::string(resource.kind_name),
          std::string(name),
          std::move(causes)};
}

ApiError not_found_error(Kind kind, std::string_view name) {
  return {404,
          "NotFound",
          fmt::format("{} {} not found", resource_of(kind).group_resource(), in_quotes(name)),
          "",
          std::string(name),
          {}};
}

ApiError already_exists_error(Kind kind, std::string_view name) {
  return {409,
          "AlreadyExists",
          fmt::format("{} {} already exists", resource_of(kind).group_resource(), in_quotes(name)),
          "",
          std::string(name),
          {}};
}

ApiError conflict_error(Kind kind, std::string_view name) {
  return {
      409,
      "Conflict",
      fmt::format("Operation cannot be fulfilled on {} {}: the object has been modified; please apply your "
                  "changes to the latest version and try again",
                  resource_of(kind).group_resource(), in_quotes(name)),
      "",
      std::string(name),
      {}};
}

ApiError bad_request_error(std::string message) {
  return {400, "BadRequest", std::move(message), "", "", {}};
}

ApiError forbidden_error(Kind kind, std::string_view name, std::string_view why) {
  return {403,
          "Forbidden",
          fmt::format("{} {} is forbidden: {}", resource_of(kind).group_resource(), in_quotes(name), why),
          "",
          std::string(name),
          {}};
}

ApiError internal_error() {
  return {
      500, "InternalError", "Internal error occurred: the API server failed as the scenario asked", "", "",
      {}};
}

ApiError not_modelled_error(std::string what) {
  return {501, "NotModelled", what + " is not modelled", "", "", {}};
}

// ---------------------------------------------------------------------------------------------------------
// Names and labels

namespace {

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }

bool matches_dns_label(std::string_view value) {
  return !value.empty() && is_lower_alphanumeric(value.front()) && is_lower_alphanumeric(value.back()) &&
         std::all_of(value.begin(), value.end(), [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

bool matches_dns_subdomain(std::string_view value) {
  while (true) {
    const std::size_t dot = value.find('.');
    if (!matches_dns_label(value.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    value.remove_prefix(dot + 1);
  }
}

/// Starts and ends with a letter or digit, with `-`, `_` and `.` in between.
bool matches_qualified_part(std::string_view value) {
  return !value.empty() && is_alphanumeric(value.front()) && is_alphanumeric(value.back()) &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string too_long_text(int length) { return fmt::format("must be no more than {} characters", length); }

constexpr std::string_view kQualifiedExpression = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

}  // namespace

std::vector<std::string> dns_label_problems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > 63) {
    problems.push_back(too_long_text(63));
  }
  if (!matches_dns_label(value)) {
    problems.push_back(matches_dns_subdomain(value)
                           ? "must not contain dots"
                           : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters "
                             "or '-', and must start "
                             "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "
                             "used for validation is "
                             "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
  }
  return problems;
}

std::vector<std::string> dns_subdomain_problems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > 253) {
    problems.push_back(too_long_text(253));
  }
  if (!matches_dns_subdomain(value)) {
    problems.push_back(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
        "must "
        "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
  }
  return problems;
}

std::vector<std::string> qualified_name_problems(std::string_view value) {
  std::vector<std::string> problems;
  std::string_view name = value;
  const std::size_t slash = value.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view prefix = value.substr(0, slash);
    name = value.substr(slash + 1);
    if (prefix.empty()) {
      problems.emplace_back("prefix part must be non-empty");
    } else {
      for (const std::string& problem : dns_subdomain_problems(prefix)) {
        problems.push_back("prefix part " + problem);
      }
    }
  }
  if (name.empty()) {
    problems.emplace_back("name part must be non-empty");
  } else if (name.size() > 63) {
    problems.push_back("name part " + too_long_text(63));
  }
  if (!matches_qualified_part(name)) {
    problems.push_back(fmt::format(
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        "'{}')",
        kQualifiedExpression));
  }
  return problems;
}

std::vector<std::string> label_value_problems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > 63) {
    problems.push_back(too_long_text(63));
  }
  if (!value.empty() && !matches_qualified_part(value)) {
    problems.push_back(
        fmt::format("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' "
                    "or '.', and must "
                    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
                    "'12345', regex used for "
                    "validation is '({})?')",
                    kQualifiedExpression));
  }
  return problems;
}

void validate_labels(const LabelMap& labels, const std::string& field, FieldErrors& errors) {
  for (const auto& [key, value] : labels) {
    for (const std::string& problem : qualified_name_problems(key)) {
      errors.push_back(invalid(field, key, problem));
    }
    for (const std::string& problem : label_value_problems(value)) {
      errors.push_back(invalid(field, value, problem));
    }
  }
}

void validate_metadata(const json::Json& object, NameRule rule, FieldErrors& errors) {
  const json::Json* metadata = json::member(object, "metadata");
  const std::string name = metadata == nullptr ? std::string() : json::text_or(*metadata, "name");
  if (name.empty()) {
    errors.push_back(required("metadata.name", "name or generateName is required"));
    return;
  }
  for (const std::string& problem :
       rule == NameRule::DnsLabel ? dns_label_problems(name) : dns_subdomain_problems(name)) {
    errors.push_back(invalid("metadata.name", name, problem));
  }
  if (const std::string name_space = json::text_or(*metadata, "namespace"); !name_space.empty()) {
    for (const std::string& problem : dns_label_problems(name_space)) {
      errors.push_back(invalid("metadata.namespace", name_space, problem));
    }
  }
  validate_labels(json::labels_at(*metadata, "labels"), "metadata.labels", errors);
  for (const auto& [key, value] : json::labels_at(*metadata, "annotations")) {
    for (const std::string& problem : qualified_name_problems(key)) {
      errors.push_back(invalid("metadata.annotations", key, problem));
    }
  }
  if (const json::Json* finalizers = json::member(*metadata, "finalizers")) {
    for (const json::Json& finalizer : *finalizers) {
      for (const std::string& problem : qualified_name_problems(finalizer.get<std::string>())) {
        errors.push_back(invalid("metadata.finalizers", finalizer, problem));
      }
    }
  }
}

void validate_selector(const json::Json& selector, const std::string& field, FieldErrors& errors) {
  validate_labels(json::labels_at(selector, "matchLabels"), field + ".matchLabels", errors);
  const json::Json* expressions = json::member(selector, "matchExpressions");
  for (std::size_t i = 0; expressions != nullptr && i < expressions->size(); ++i) {
    const json::Json& expression = (*expressions)[i];
    const std::string at = json::item_path(field + ".matchExpressions", i);
    const std::string operation = json::text_or(expression, "operator");
    const json::Json* values = json::member(expression, "values");
    const bool some = values != nullptr && !values->empty();
    if (operation == "In" || operation == "NotIn") {
      if (!some) {
        errors.push_back(required(at + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (operation == "Exists" || operation == "DoesNotExist") {
      if (some) {
        errors.push_back(
            forbidden(at + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
    } else {
      errors.push_back(invalid(at + ".operator", operation, "not a valid selector operator"));
    }
    for (const std::string& problem : qualified_name_problems(json::text_or(expression, "key"))) {
      errors.push_back(invalid(at + ".key", json::text_or(expression, "key"), problem));
    }
  }
}

bool selector_matches(const json::Json& selector, const LabelMap& labels) {
  for (const auto& [key, value] : json::labels_at(selector, "matchLabels")) {
    const std::string* label = find_label(labels, key);
    if (label == nullptr || *label != value) {
      return false;
    }
  }
  const json::Json* expressions = json::member(selector, "matchExpressions");
  for (std::size_t i = 0; expressions != nullptr && i < expressions->size(); ++i) {
    const json::Json& expression = (*expressions)[i];
    const std::string operation = json::text_or(expression, "operator");
    const std::string* label = find_label(labels, json::text_or(expression, "key"));
    const json::Json* values = json::member(expression, "values");
    const bool listed = label != nullptr && values != nullptr &&
                        std::find(values->begin(), values->end(), json::Json(*label)) != values->end();
    const bool holds = operation == "In"       ? listed
                       : operation == "NotIn"  ? !listed
                       : operation == "Exists" ? label != nullptr
                                               : label == nullptr;
    if (!holds) {
      return false;
    }
  }
  return true;
}

}  // namespace models::kubernetes

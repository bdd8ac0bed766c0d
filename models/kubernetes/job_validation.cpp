#include "models/kubernetes/job_validation.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "models/kubernetes/pod_validation.h"

namespace models::kubernetes {

namespace {

using json::Json;

// Limits of pkg/apis/batch/validation/validation.go.
constexpr std::int64_t kParallelismMax = 100000;
constexpr std::int64_t kFailedIndexesMax = 100000;
constexpr std::int64_t kCompletionsSoftMax = 100000;
constexpr std::int64_t kLimitForHighCompletions = 10000;
constexpr std::size_t kPolicyRulesMax = 20;
constexpr std::size_t kExitCodesMax = 255;
constexpr std::size_t kPatternsMax = 20;
constexpr std::size_t kManagedByMax = 63;
constexpr std::size_t kSucceededIndexesMax = std::size_t{64} * 1024;

/// The numbers of a spec that several checks look at; nullopt: absent.
struct Numbers {
  std::optional<std::int64_t> completions;
  std::optional<std::int64_t> parallelism;
  std::optional<std::int64_t> backoff_limit_per_index;
  std::optional<std::int64_t> max_failed_indexes;
  bool indexed = false;
};

std::optional<std::int64_t> number(const Json& spec, std::string_view name) {
  const Json* value = json::member(spec, name);
  return value == nullptr ? std::nullopt : std::optional{value->get<std::int64_t>()};
}

Numbers numbers_of(const Json& spec) {
  return {number(spec, "completions"), number(spec, "parallelism"), number(spec, "backoffLimitPerIndex"),
          number(spec, "maxFailedIndexes"), json::text_or(spec, "completionMode") == "Indexed"};
}

void validate_high_completions(const Numbers& spec, FieldErrors& errors) {
  const std::string detail = fmt::format(
      "must be less than or equal to {} when completions are above {} and used with backoff limit per index",
      kLimitForHighCompletions, kCompletionsSoftMax);
  if (!spec.max_failed_indexes) {
    errors.push_back(
        required("spec.maxFailedIndexes",
                 fmt::format("must be specified when completions is above {}", kCompletionsSoftMax)));
  }
  if (spec.parallelism.value_or(0) > kLimitForHighCompletions) {
    errors.push_back(invalid("spec.parallelism", *spec.parallelism, detail));
  }
  if (spec.max_failed_indexes.value_or(0) > kLimitForHighCompletions) {
    errors.push_back(invalid("spec.maxFailedIndexes", *spec.max_failed_indexes, detail));
  }
}

void validate_indexed(const Numbers& spec, FieldErrors& errors) {
  if (!spec.completions) {
    errors.push_back(required("spec.completions", "when completion mode is Indexed"));
  }
  if (spec.parallelism.value_or(0) > kParallelismMax) {
    errors.push_back(invalid(
        "spec.parallelism", *spec.parallelism,
        fmt::format("must be less than or equal to {} when completion mode is Indexed", kParallelismMax)));
  }
  if (spec.completions && spec.max_failed_indexes && *spec.max_failed_indexes > *spec.completions) {
    errors.push_back(invalid("spec.maxFailedIndexes", *spec.max_failed_indexes,
                             "must be less than or equal to completions"));
  }
  if (spec.max_failed_indexes.value_or(0) > kFailedIndexesMax) {
    errors.push_back(invalid("spec.maxFailedIndexes", *spec.max_failed_indexes,
                             fmt::format("must be less than or equal to {}", kFailedIndexesMax)));
  }
  if (spec.completions.value_or(0) > kCompletionsSoftMax && spec.backoff_limit_per_index) {
    validate_high_completions(spec, errors);
  }
}

void validate_numbers(const Json& spec, const Numbers& numbers, FieldErrors& errors) {
  for (const char* name : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
                           "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"}) {
    require_nonnegative(json::int_or(spec, name, 0), fmt::format("spec.{}", name), errors);
  }
  if (numbers.max_failed_indexes && !numbers.backoff_limit_per_index) {
    errors.push_back(required("spec.backoffLimitPerIndex", "when maxFailedIndexes is specified"));
  }
}

/// Source: apimachinery IsDomainPrefixedPath.
void validate_managed_by(const Json& spec, FieldErrors& errors) {
  const Json* value = json::member(spec, "managedBy");
  if (value == nullptr) {
    return;
  }
  const std::string& text = value->get_ref<const std::string&>();
  const std::size_t slash = text.find('/');
  if (text.empty()) {
    errors.push_back(required("spec.managedBy"));
  } else if (slash == std::string::npos || slash == 0 || slash + 1 == text.size()) {
    errors.push_back(
        invalid("spec.managedBy", text, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
  } else {
    for (const std::string& problem : dns_subdomain_problems(text.substr(0, slash))) {
      errors.push_back(invalid("spec.managedBy", text.substr(0, slash), problem));
    }
  }
  if (text.size() > kManagedByMax) {
    errors.push_back(too_long("spec.managedBy", kManagedByMax));
  }
}

void validate_mode(const Json& spec, const Numbers& numbers, FieldErrors& errors) {
  const std::string mode = json::text_or(spec, "completionMode");
  if (mode != "NonIndexed" && mode != "Indexed") {
    errors.push_back(not_supported("spec.completionMode", mode, {"NonIndexed", "Indexed"}));
  }
  if (numbers.indexed) {
    validate_indexed(numbers, errors);
  }
  if (mode == "NonIndexed") {
    for (const auto& [name, value] : {std::pair{"spec.backoffLimitPerIndex", numbers.backoff_limit_per_index},
                                      std::pair{"spec.maxFailedIndexes", numbers.max_failed_indexes}}) {
      if (value) {
        errors.push_back(invalid(name, *value, "requires indexed completion mode"));
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// podFailurePolicy

void validate_exit_codes(const Json& codes, const std::set<std::string>& containers, const std::string& field,
                         FieldErrors& errors) {
  const std::string operation = json::text_or(codes, "operator");
  if (operation.empty()) {
    errors.push_back(required(field + ".operator", "valid values: [\"In\" \"NotIn\"]"));
  } else if (operation != "In" && operation != "NotIn") {
    errors.push_back(not_supported(field + ".operator", operation, {"In", "NotIn"}));
  }
  if (const Json* container = json::member(codes, "containerName");
      container != nullptr && !containers.contains(container->get<std::string>())) {
    errors.push_back(invalid(field + ".containerName", *container,
                             "must be one of the container or initContainer names in the pod template"));
  }
  const Json* given = json::member(codes, "values");
  const Json values = given == nullptr ? Json() : *given;
  if (values.empty()) {
    errors.push_back(invalid(field + ".values", values, "at least one value is required"));
  } else if (values.size() > kExitCodesMax) {
    errors.push_back(too_many(field + ".values", values.size(), kExitCodesMax));
  }
  std::set<std::int64_t> seen;
  bool ordered = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string at = json::item_path(field + ".values", i);
    const auto code = values[i].get<std::int64_t>();
    if (operation == "In" && code == 0) {
      errors.push_back(invalid(at, code, "must not be 0 for the In operator"));
    }
    if (!seen.insert(code).second) {
      errors.push_back(duplicate(at, code));
    }
    ordered = ordered && (i == 0 || values[i - 1].get<std::int64_t>() <= code);
  }
  if (!ordered) {
    errors.push_back(invalid(field + ".values", values, "must be ordered"));
  }
}

void validate_patterns(const Json& patterns, const std::string& field, FieldErrors& errors) {
  if (patterns.size() > kPatternsMax) {
    errors.push_back(too_many(field, patterns.size(), kPatternsMax));
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string at = json::item_path(field, i);
    const std::string type = json::text_or(patterns[i], "type");
    for (const std::string& problem : qualified_name_problems(type)) {
      errors.push_back(invalid(at + ".type", type, problem));
    }
    const std::string status = json::text_or(patterns[i], "status");
    if (status.empty()) {
      errors.push_back(required(at + ".status", "valid values: [\"False\" \"True\" \"Unknown\"]"));
    } else if (status != "True" && status != "False" && status != "Unknown") {
      errors.push_back(not_supported(at + ".status", status, {"False", "True", "Unknown"}));
    }
  }
}

void validate_failure_rule(const Json& rule, const Numbers& numbers, const std::set<std::string>& containers,
                           const std::string& field, FieldErrors& errors) {
  const std::string action = json::text_or(rule, "action");
  if (action.empty()) {
    errors.push_back(
        required(field + ".action", "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]"));
  } else if (action == "FailIndex") {
    if (!numbers.backoff_limit_per_index) {
      errors.push_back(invalid(field + ".action", action, "requires the backoffLimitPerIndex to be set"));
    }
  } else if (action != "Count" && action != "FailJob" && action != "Ignore") {
    errors.push_back(not_supported(field + ".action", action, {"Count", "FailIndex", "FailJob", "Ignore"}));
  }
  const Json* codes = json::member(rule, "onExitCodes");
  const Json* patterns = json::member(rule, "onPodConditions");
  const bool some_patterns = patterns != nullptr && !patterns->empty();
  if (codes != nullptr) {
    validate_exit_codes(*codes, containers, field + ".onExitCodes", errors);
  }
  if (some_patterns) {
    validate_patterns(*patterns, field + ".onPodConditions", errors);
  }
  if (codes != nullptr && some_patterns) {
    errors.push_back(
        invalid_without_value(field, "specifying both OnExitCodes and OnPodConditions is not supported"));
  }
  if (codes == nullptr && !some_patterns) {
    errors.push_back(
        invalid_without_value(field, "specifying one of OnExitCodes and OnPodConditions is required"));
  }
}

void validate_failure_policy(const Json& spec, const Numbers& numbers, FieldErrors& errors) {
  const Json* policy = json::member(spec, "podFailurePolicy");
  if (policy == nullptr) {
    return;
  }
  std::set<std::string> containers;
  for (const char* list : {"template.spec.containers", "template.spec.initContainers"}) {
    if (const Json* found = json::at_path(spec, list)) {
      for (const Json& container : *found) {
        containers.insert(json::text_or(container, "name"));
      }
    }
  }
  const Json* rules = json::member(*policy, "rules");
  const std::size_t count = rules == nullptr ? 0 : rules->size();
  if (count > kPolicyRulesMax) {
    errors.push_back(too_many("spec.podFailurePolicy.rules", count, kPolicyRulesMax));
  }
  for (std::size_t i = 0; i < count; ++i) {
    validate_failure_rule((*rules)[i], numbers, containers, json::item_path("spec.podFailurePolicy.rules", i),
                          errors);
  }
}

// ---------------------------------------------------------------------------------------------------------
// successPolicy

void validate_success_rule(const Json& rule, std::int64_t completions, const std::string& field,
                           FieldErrors& errors) {
  const Json* count = json::member(rule, "succeededCount");
  const Json* indexes = json::member(rule, "succeededIndexes");
  if (count == nullptr && indexes == nullptr) {
    errors.push_back(required(field, "at least one of succeededCount or succeededIndexes must be specified"));
  }
  std::int64_t total = 0;
  if (indexes != nullptr) {
    const std::string& text = indexes->get_ref<const std::string&>();
    if (text.size() > kSucceededIndexesMax) {
      errors.push_back(too_long(field + ".succeededIndexes", kSucceededIndexesMax));
    }
    std::string problem;
    total = std::max<std::int64_t>(0, check_indexes(text, completions, problem));
    if (!problem.empty()) {
      errors.push_back(
          invalid(field + ".succeededIndexes", text, "error parsing succeededIndexes: " + problem));
    }
  }
  if (count == nullptr) {
    return;
  }
  const auto value = count->get<std::int64_t>();
  require_nonnegative(value, field + ".succeededCount", errors);
  if (value > completions) {
    errors.push_back(invalid(
        field + ".succeededCount", value,
        fmt::format("must be less than or equal to {} (the number of specified completions)", completions)));
  }
  if (indexes != nullptr && value > total) {
    errors.push_back(
        invalid(field + ".succeededCount", value,
                fmt::format("must be less than or equal to {} (the number of indexes in the specified "
                            "succeededIndexes field)",
                            total)));
  }
}

void validate_success_policy(const Json& spec, const Numbers& numbers, FieldErrors& errors) {
  const Json* policy = json::member(spec, "successPolicy");
  if (policy == nullptr) {
    return;
  }
  if (!numbers.indexed) {
    errors.push_back(invalid("spec.successPolicy", *policy, "requires indexed completion mode"));
    return;
  }
  const std::string field = "spec.successPolicy.rules";
  const Json* rules = json::member(*policy, "rules");
  const std::size_t count = rules == nullptr ? 0 : rules->size();
  if (count == 0) {
    errors.push_back(
        required(field, "at least one rules must be specified when the successPolicy is specified"));
  }
  if (count > kPolicyRulesMax) {
    errors.push_back(too_many(field, count, kPolicyRulesMax));
  }
  for (std::size_t i = 0; i < count; ++i) {
    validate_success_rule((*rules)[i], numbers.completions.value_or(0), json::item_path(field, i), errors);
  }
}

void validate_replacement_policy(const Json& spec, FieldErrors& errors) {
  const Json* policy = json::member(spec, "podReplacementPolicy");
  if (policy == nullptr) {
    return;
  }
  const std::string& value = policy->get_ref<const std::string&>();
  if (json::member(spec, "podFailurePolicy") != nullptr) {
    if (value != "Failed") {
      errors.push_back(not_supported("spec.podReplacementPolicy", value, {"Failed"}));
    }
  } else if (value != "Failed" && value != "TerminatingOrFailed") {
    errors.push_back(not_supported("spec.podReplacementPolicy", value, {"Failed", "TerminatingOrFailed"}));
  }
}

void validate_template(const Json& spec, FieldErrors& errors) {
  const Json& pod_template = spec.at("template");
  FieldErrors of_template;
  validate_pod_template(pod_template, "spec.template", of_template);
  errors.insert(errors.end(), of_template.begin(), of_template.end());
  const std::string field = "spec.template.spec.restartPolicy";
  const std::string policy = json::text_or(pod_template.at("spec"), "restartPolicy");
  if (policy == "Always" || policy.empty()) {
    errors.push_back(required(field, "valid values: \"OnFailure\", \"Never\""));
  } else if (policy != "OnFailure" && policy != "Never") {
    errors.push_back(not_supported(field, policy, {"OnFailure", "Never"}));
  } else if (json::member(spec, "podFailurePolicy") != nullptr && policy != "Never") {
    errors.push_back(
        invalid(field, policy, "only \"Never\" is supported when podFailurePolicy is specified"));
  }
}

/// Without manualSelector the selector is generated, and one that somebody wrote must match what is
/// generated. Source: generateSelector in strategy.go; validateGeneratedSelector, ValidateJobSpec.
void validate_job_selector(const Json& spec, const Features& features, FieldErrors& errors) {
  const Json* selector = json::member(spec, "selector");
  const bool manual = json::bool_or(spec, "manualSelector", false);
  if (selector == nullptr) {
    if (manual) {
      errors.push_back(required("spec.selector"));
    }
    return;
  }
  const Json* metadata = json::at_path(spec, "template.metadata");
  const LabelMap labels = metadata == nullptr ? LabelMap{} : json::labels_at(*metadata, "labels");
  if (!manual) {
    errors.push_back(invalid("spec.selector", *selector, "`selector` not auto-generated"));
  }
  validate_selector(*selector, "spec.selector", errors);
  if (!selector_matches(*selector, labels)) {
    errors.push_back({CauseType::Invalid, "spec.template.metadata.labels", label_map_text(labels, features),
                      "`selector` does not match template `labels`"});
  }
}

void validate_spec(const Json& spec, const Features& features, FieldErrors& errors) {
  const Numbers numbers = numbers_of(spec);
  validate_numbers(spec, numbers, errors);
  validate_managed_by(spec, errors);
  validate_mode(spec, numbers, errors);
  validate_failure_policy(spec, numbers, errors);
  validate_success_policy(spec, numbers, errors);
  validate_replacement_policy(spec, errors);
  validate_template(spec, errors);
  validate_job_selector(spec, features, errors);
}

/// The template of `old` with what may change while the Job is suspended and never started taken from `job`.
Json with_mutable_directives(Json old, const Json& pod_template) {
  for (const char* path : {"spec.nodeSelector", "spec.tolerations", "spec.schedulingGates", "metadata.labels",
                           "metadata.annotations", "spec.affinity.nodeAffinity"}) {
    const std::string_view whole = path;
    const std::size_t dot = whole.rfind('.');
    const Json* value = json::at_path(pod_template, whole);
    const std::string name(whole.substr(dot + 1));
    if (value != nullptr) {
      json::make_path(old, whole.substr(0, dot))[name] = *value;
    } else if (json::at_path(old, whole.substr(0, dot)) != nullptr) {
      json::make_path(old, whole.substr(0, dot)).erase(name);
    }
  }
  // An affinity that held nothing else goes with its node affinity.
  if (const Json* affinity = json::at_path(old, "spec.affinity");
      affinity != nullptr && affinity->empty() && json::at_path(pod_template, "spec.affinity") == nullptr) {
    old["spec"].erase("affinity");
  }
  return old;
}

void validate_completions_change(const Json& spec, const Json& old, const Features& features,
                                 FieldErrors& errors) {
  const Json* completions = json::member(spec, "completions");
  const Json* before = json::member(old, "completions");
  const bool indexed = json::text_or(spec, "completionMode") == "Indexed";
  if (!features.has(Gate::ElasticIndexedJob) || !indexed) {
    require_immutable(completions, before, "spec.completions", errors);
    return;
  }
  const bool unchanged = completions != nullptr && before != nullptr && *completions == *before;
  if (!unchanged && completions != nullptr &&
      json::int_or(spec, "parallelism", 1) != completions->get<std::int64_t>()) {
    errors.push_back(
        invalid("spec.completions", *completions, "can only be modified in tandem with spec.parallelism"));
  }
}

std::optional<std::int64_t> read_index(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional{value}
                                                                                   : std::nullopt;
}

}  // namespace

std::int64_t check_indexes(std::string_view text, std::int64_t completions, std::string& problem) {
  std::int64_t total = 0;
  std::int64_t last = -1;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    std::int64_t limits[2] = {0, 0};
    if (std::count(part.begin(), part.end(), '-') > 1) {
      problem = fmt::format(
          "the fragment \"{}\" violates the requirement that an index interval can have at most two parts "
          "separated "
          "by '-'",
          part);
      return -1;
    }
    const std::size_t dash = part.find('-');
    const std::string_view words[2] = {part.substr(0, dash),
                                       dash == std::string_view::npos ? part : part.substr(dash + 1)};
    for (int i = 0; i < 2; ++i) {
      const std::optional<std::int64_t> index = read_index(words[i]);
      if (!index) {
        problem = fmt::format("cannot convert string to integer for index: \"{}\"", words[i]);
        return -1;
      }
      if (*index >= completions) {
        problem = fmt::format("too large index: \"{}\"", words[i]);
        return -1;
      }
      limits[i] = *index;
    }
    if (dash != std::string_view::npos && limits[0] >= limits[1]) {
      problem = fmt::format("non-increasing order, previous: {}, current: {}", limits[0], limits[1]);
      return -1;
    }
    if (last >= limits[0]) {
      problem = fmt::format("non-increasing order, previous: {}, current: {}", last, limits[0]);
      return -1;
    }
    total += limits[1] - limits[0] + 1;
    last = limits[1];
    if (comma == std::string_view::npos) {
      break;
    }
    text.remove_prefix(comma + 1);
    if (text.empty()) {
      problem = "cannot convert string to integer for index: \"\"";
      return -1;
    }
  }
  return total;
}

FieldErrors validate_job(const Json& job, const Features& features) {
  FieldErrors errors;
  validate_metadata(job, NameRule::DnsSubdomain, errors);
  const Json& spec = job.at("spec");
  validate_spec(spec, features, errors);
  const std::int64_t completions = json::int_or(spec, "completions", 0);
  if (json::text_or(spec, "completionMode") == "Indexed" && completions > 0) {
    const std::string name = json::text_or(job.at("metadata"), "name");
    const std::string hostname = fmt::format("{}-{}", name, completions - 1);
    if (!dns_label_problems(hostname).empty()) {
      errors.push_back(
          invalid("metadata.name", name, "will not able to create pod with invalid DNS label: " + hostname));
    }
  }
  return errors;
}

FieldErrors validate_job_update(const Json& job, const Json& old, const JobStatus& old_status,
                                const Features& features) {
  FieldErrors errors;
  const Json& spec = job.at("spec");
  const Json& old_spec = old.at("spec");
  validate_spec(spec, features, errors);
  validate_completions_change(spec, old_spec, features, errors);
  require_immutable(json::member(spec, "selector"), json::member(old_spec, "selector"), "spec.selector",
                    errors);
  const bool directives_may_change =
      json::bool_or(old_spec, "suspend", false) && old_status.start_time == sim::kNever;
  const Json old_template = directives_may_change
                                ? with_mutable_directives(old_spec.at("template"), spec.at("template"))
                                : old_spec.at("template");
  require_immutable(&spec.at("template"), &old_template, "spec.template", errors);
  for (const char* name :
       {"completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"}) {
    require_immutable(json::member(spec, name), json::member(old_spec, name), fmt::format("spec.{}", name),
                      errors);
  }
  return errors;
}

}  // namespace models::kubernetes

#include "scenarios/commands/field_selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "models/kubernetes/json/fields.h"

namespace scenarios::commands {

namespace {

namespace json = models::kubernetes::json;

/// Where a backslash takes the meaning of what follows, the positions of the commas that part the terms.
std::vector<std::string> terms_of(std::string_view text) {
  std::vector<std::string> terms(1);
  bool escaped = false;
  for (const char c : text) {
    if (!escaped && c == ',') {
      terms.emplace_back();
      continue;
    }
    escaped = !escaped && c == '\\';
    terms.back() += c;
  }
  return terms;
}

/// The value without its backslashes; `problem` where it has what must be escaped, or escapes what must not.
std::string unescaped(std::string_view text, std::string& problem) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' || text[i] == '=') {
      problem = fmt::format("invalid field selector: unescaped character in value: {}", text[i]);
      return {};
    }
    if (text[i] == '\\') {
      ++i;
      if (i == text.size() || (text[i] != '\\' && text[i] != ',' && text[i] != '=')) {
        problem = fmt::format("invalid field selector: invalid escape sequence: {}", text.substr(i - 1, 2));
        return {};
      }
    }
    value += text[i];
  }
  return value;
}

constexpr std::array<std::string_view, 10> kPodFields = {"spec.nodeName",
                                                         "spec.host",
                                                         "spec.restartPolicy",
                                                         "spec.schedulerName",
                                                         "spec.serviceAccountName",
                                                         "spec.hostNetwork",
                                                         "status.phase",
                                                         "status.podIP",
                                                         "status.podIPs",
                                                         "status.nominatedNodeName"};

bool is_supported(Kind kind, std::string_view field) {
  if (field == "metadata.name" || (field == "metadata.namespace" && kind != Kind::Node)) {
    return true;
  }
  switch (kind) {
    case Kind::Pod:
      return std::find(kPodFields.begin(), kPodFields.end(), field) != kPodFields.end();
    case Kind::Node:
      return field == "spec.unschedulable";
    case Kind::Job:
      return field == "status.successful";
    default:
      return false;
  }
}

/// Pods are many: what is asked of them most is not looked up in what the API serves.
std::string pod_field(const Systems& systems, const ObjectRef& object, std::string_view field) {
  const models::kubernetes::Cluster& cluster = systems.kubernetes.cluster;
  const models::kubernetes::Pod& pod = cluster.pods[object.row];
  if (field == "spec.nodeName" || field == "spec.host") {
    return pod.node == models::kubernetes::kNoRow ? std::string()
                                                  : cluster.name_of(cluster.nodes[pod.node].meta);
  }
  if (field == "status.phase") {
    return std::string(to_text(pod.phase));
  }
  const Json served = object_json(systems, object, 0);
  if (field == "spec.hostNetwork") {
    const Json* host_network = json::at_path(served, "spec.hostNetwork");
    return host_network != nullptr && host_network->is_boolean() && host_network->get<bool>() ? "true"
                                                                                              : "false";
  }
  if (field == "spec.schedulerName") {
    const Json* scheduler = json::at_path(served, field);
    return scheduler == nullptr ? "default-scheduler" : scheduler->get<std::string>();
  }
  const Json* value = json::at_path(served, field);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string field_of(const Systems& systems, const ObjectRef& object, std::string_view field) {
  if (field == "metadata.name") {
    return name_of(systems, object);
  }
  if (field == "metadata.namespace") {
    return namespace_of(systems, object);
  }
  const models::kubernetes::Cluster& cluster = systems.kubernetes.cluster;
  switch (object.kind) {
    case Kind::Pod:
      return pod_field(systems, object, field);
    case Kind::Node:
      return cluster.nodes[object.row].unschedulable ? "true" : "false";
    case Kind::Job:
      return fmt::format("{}", cluster.jobs[object.row].status.succeeded);
    default:
      return {};
  }
}

}  // namespace

FieldSelectorResult parse_field_selector(std::string_view text) {
  FieldSelectorResult result;
  FieldSelector selector;
  for (const std::string& term : terms_of(text)) {
    if (term.empty()) {
      continue;
    }
    const std::size_t equals = term.find('=');
    const std::size_t not_equals = term.find("!=");
    if (equals == std::string::npos) {
      result.problem = fmt::format("invalid selector: '{}'; can't understand '{}'", text, term);
      return result;
    }
    const bool equal = not_equals == std::string::npos || not_equals + 1 > equals;
    const std::size_t begin = equal ? equals : not_equals;
    const std::size_t length = !equal || std::string_view(term).substr(begin).starts_with("==") ? 2 : 1;
    const std::string value = unescaped(std::string_view(term).substr(begin + length), result.problem);
    if (!result.problem.empty()) {
      return result;
    }
    selector.terms.push_back({term.substr(0, begin), value, equal});
  }
  result.selector = std::move(selector);
  return result;
}

std::string field_problem(const FieldSelector& selector, Kind kind) {
  for (const FieldSelector::Term& term : selector.terms) {
    if (!is_supported(kind, term.field)) {
      if (kind == Kind::Job) {
        return fmt::format("field label \"{}\" not supported for Job", term.field);
      }
      // Kinds without a table of their own have that of names. Source: apimachinery pkg/runtime/scheme.go,
      // DefaultMetaV1FieldSelectorConversion.
      const bool has_table = kind == Kind::Pod || kind == Kind::Node;
      return has_table ? fmt::format("field label not supported: {}", term.field)
                       : fmt::format(
                             "\"{}\" is not a known field selector: only \"metadata.name\", "
                             "\"metadata.namespace\"",
                             term.field);
    }
  }
  return {};
}

bool matches(const Systems& systems, const ObjectRef& object, const FieldSelector& selector) {
  return std::all_of(selector.terms.begin(), selector.terms.end(), [&](const FieldSelector::Term& term) {
    return (field_of(systems, object, term.field) == term.value) == term.equal;
  });
}

}  // namespace scenarios::commands

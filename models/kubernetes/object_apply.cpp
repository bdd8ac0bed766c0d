// kubectl apply. Source: kubectl pkg/cmd/apply/apply.go, patcher.go; pkg/util/apply.go.

#include <fmt/core.h>

#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/object_writes.h"
#include "models/kubernetes/resource_kinds.h"
#include "models/kubernetes/three_way_merge.h"

namespace models::kubernetes {

namespace {

using json::Json;

constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/// The manifest as the annotation holds it: namespace and annotations filled in, keys sorted, a final
/// newline.
std::string last_applied_text(Json manifest) {
  Json& annotations = json::make_path(manifest, "metadata.annotations");
  annotations.erase(kLastApplied);
  return json::canonical(manifest).dump() + "\n";
}

/// What was applied last; null where the object does not say.
Json last_applied(const Json& object) {
  const Json* annotations = json::at_path(object, "metadata.annotations");
  const Json* text = annotations == nullptr ? nullptr : json::member(*annotations, kLastApplied);
  if (text == nullptr || !text->is_string()) {
    return {};
  }
  Json parsed = Json::parse(text->get_ref<const std::string&>(), nullptr, false);
  return parsed.is_discarded() ? Json() : parsed;
}

}  // namespace

WriteResult apply_object(Turn& turn, const Json& manifest, std::string_view name_space, By by,
                         ApiError& error, ApplyOutcome& outcome, WriteNotes& notes) {
  outcome.kind = manifest_kind(manifest, error);
  if (outcome.kind == Kind::None) {
    return {Outcome::Invalid};
  }
  const ResourceKind& resource = resource_of(outcome.kind);
  const Json* name = json::at_path(manifest, "metadata.name");
  if (name == nullptr || !name->is_string() || name->get_ref<const std::string&>().empty()) {
    const Json* generated = json::at_path(manifest, "metadata.generateName");
    error = bad_request_error(
        generated != nullptr ? fmt::format("from {}: cannot use generate name with apply", generated->dump())
                             : "resource name may not be empty");
    return {Outcome::Invalid};
  }
  Json modified = manifest;
  if (resource.namespaced && json::at_path(modified, "metadata.namespace") == nullptr) {
    modified["metadata"]["namespace"] = name_space;
  }
  const std::string annotation = last_applied_text(modified);
  const std::string space =
      resource.namespaced ? json::text_or(modified["metadata"], "namespace") : std::string();
  outcome.row = json::find_object(turn.cluster, outcome.kind, space, name->get_ref<const std::string&>());
  json::make_path(modified, "metadata.annotations")[kLastApplied] = annotation;
  if (outcome.row == kNoRow) {
    const WriteResult result = create_object(turn, modified, space, by, error, notes);
    outcome.applied = Applied::Created;
    outcome.row = result.row;
    return result;
  }

  const Json current = json::to_json(turn.cluster, outcome.kind, outcome.row, 0);
  const Json original = last_applied(current);
  if (original.is_null()) {
    notes.warnings.push_back(
        fmt::format("resource {}/{} is missing the {} annotation which is required by kubectl apply. kubectl "
                    "apply should only be "
                    "used on resources created declaratively by either kubectl create --save-config or "
                    "kubectl apply. The missing "
                    "annotation will be patched automatically.",
                    resource.resource, name->get_ref<const std::string&>(), kLastApplied));
  }
  modified.erase("status");
  Json merged = three_way_merge(original, modified, current);
  if (json::same(merged, current)) {
    outcome.applied = Applied::Unchanged;
    return {Outcome::Ok, outcome.row};
  }
  outcome.applied = Applied::Configured;
  if (!decode_strictly(outcome.kind, modified, error, notes)) {
    return {Outcome::Invalid, outcome.row};
  }
  // Only workloads keep annotations: elsewhere the note of what was applied goes nowhere and is no change.
  if (outcome.kind == Kind::Pod || outcome.kind == Kind::Node ||
      outcome.kind == Kind::PersistentVolumeClaim) {
    Json& annotations = json::make_path(merged, "metadata.annotations");
    annotations.erase(kLastApplied);
    const Json* kept = json::at_path(current, "metadata.annotations");
    if (const Json* text = kept == nullptr ? nullptr : json::member(*kept, kLastApplied)) {
      annotations[kLastApplied] = *text;
    }
    if (annotations.empty()) {
      merged["metadata"].erase("annotations");
    }
  }
  return replace_object(turn, outcome.kind, outcome.row, std::move(merged), by, error, notes);
}

}  // namespace models::kubernetes

#include "scenarios/commands/object_patch.h"

#include <fmt/format.h>

#include <utility>

#include "models/flux/minicluster_api.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;

/// The merge patch that makes `to` of `from`. Source: RFC 7386.
Json merge_patch_between(const Json& from, const Json& to) {
  Json patch = Json::object();
  for (auto it = from.begin(); it != from.end(); ++it) {
    if (!to.contains(it.key())) {
      patch[it.key()] = nullptr;
    }
  }
  for (auto it = to.begin(); it != to.end(); ++it) {
    const auto before = from.find(it.key());
    if (before == from.end() || !before->is_object() || !it->is_object()) {
      if (before == from.end() || *before != *it) {
        patch[it.key()] = *it;
      }
    } else if (Json inner = merge_patch_between(*before, *it); !inner.empty()) {
      patch[it.key()] = std::move(inner);
    }
  }
  return patch;
}

/// Custom resources know no strategic merge. Source: kubectl patch.go RunPatch; apiextensions-apiserver
/// customresource_handler.go, supportedTypes.
constexpr std::string_view kNoStrategicMerge =
    "application/strategic-merge-patch+json is not supported by flux-framework.org/v1alpha2, "
    "Kind=MiniCluster: the body of the request was in an unknown format - accepted media types include: "
    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";

Patched patch_minicluster(CommandState& state, Systems& systems, const ObjectRef& object, Json patch,
                          PatchType type, By by, KubectlErrors& errors) {
  if (type == PatchType::Strategic) {
    errors.add(std::string(kNoStrategicMerge));
    return {false, true};
  }
  if (type == PatchType::Json) {
    const Json before = object_json(systems, object, 0);
    try {
      patch = merge_patch_between(before, before.patch(patch));
    } catch (const Json::exception&) {
      errors.add(kubernetes::ApiError{
          422, "Invalid", "the server rejected our request due to an error in our request", "", "", {}});
      return {false, true};
    }
  }
  models::flux::FluxTurn turn{systems.flux, systems.kubernetes};
  const models::flux::ChangeResult result = models::flux::merge_patch(turn, object.row, patch, by);
  if (!result.ok()) {
    add_minicluster_refusal(errors, name_of(systems, object), result.error, result.problems);
    return {false, true};
  }
  for (const std::string& field : result.problems.unknown) {
    state.errors += fmt::format("Warning: unknown field \"{}\"\n", field);
  }
  return {result.change == models::flux::Change::Configured, false};
}

}  // namespace

Patched patch_found_object(CommandState& state, Systems& systems, const ObjectRef& object, const Json& patch,
                           PatchType type, By by, KubectlErrors& errors) {
  if (object.kind == Kind::MiniCluster) {
    return patch_minicluster(state, systems, object, patch, type, by, errors);
  }
  kubernetes::ApiError error;
  kubernetes::WriteNotes notes;
  const kubernetes::WriteResult result =
      kubernetes::patch_object(systems.kubernetes, object.kind, object.row, patch, type, by, error, notes);
  for (const std::string& warning : notes.warnings) {
    state.errors += "Warning: " + warning + "\n";
  }
  if (error) {
    errors.add(error);
  }
  return {result.transition != sim::kNoTransition, static_cast<bool>(error)};
}

}  // namespace scenarios::commands

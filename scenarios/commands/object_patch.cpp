#include "scenarios/commands/object_patch.h"

#include <fmt/format.h>

#include <utility>

#include "models/flux/minicluster_api.h"
#include "models/kubernetes/strategic_merge.h"

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

/// Whether `path` leads to a value, or to one whose member or item its last part could be.
bool has_parent(const Json& object, const std::string& path) {
  try {
    const Json::json_pointer parent = Json::json_pointer(path).parent_pointer();
    return object.contains(parent) && object.at(parent).is_structured();
  } catch (const Json::exception&) {
    return false;
  }
}

/// What kubectl's own JSON patch says of an operation that cannot be done.
/// Source: gopkg.in/evanphx/json-patch.v4 patch.go add, remove, replace, test.
std::string json_patch_problem(const Json& object, const Json& operation) {
  const std::string name = operation.value("op", "");
  const std::string path = operation.value("path", "");
  const bool parent = has_parent(object, path);
  if (name == "test") {
    return fmt::format("testing value {} failed: test failed", path);
  }
  if (name == "replace") {
    return fmt::format(
        fmt::runtime(parent ? "Object to be patched is missing field ({}: missing value)"
                            : "replace operation does not apply: doc is missing path: {}: missing value"),
        path);
  }
  if (name == "remove" && parent) {
    return fmt::format("error in remove for path: '{}': Unable to remove nonexistent key: {}: missing value",
                       path, path.substr(path.rfind('/') + 1));
  }
  return fmt::format("{} operation does not apply: doc is missing path: \"{}\": missing value", name, path);
}

/// The object as kubectl itself patches it; a problem goes to `errors`. @return whether it could.
/// Source: kubectl pkg/cmd/patch/patch.go getPatchedJSON.
bool patch_locally(Json& object, const ObjectRef& reference, const Json& patch, PatchType type,
                   KubectlErrors& errors) {
  switch (type) {
    case PatchType::Json:
      for (const Json& operation : patch) {
        try {
          object = object.patch(Json::array({operation}));
        } catch (const Json::exception&) {
          errors.add(json_patch_problem(object, operation));
          return false;
        }
      }
      return true;
    case PatchType::Merge:
      object.merge_patch(patch);
      return true;
    case PatchType::Strategic:
      break;
  }
  if (reference.kind == Kind::MiniCluster) {
    errors.add(
        "strategic merge patch is not supported for flux-framework.org/v1alpha2, Kind=MiniCluster locally, "
        "try --type merge");
    return false;
  }
  const kubernetes::StrategicMergeError problem = kubernetes::apply_strategic_merge_patch(object, patch);
  if (problem) {
    errors.add(problem.text);
  }
  return !problem;
}

}  // namespace

Patched on_a_copy(const Systems& systems, const std::function<Patched(Systems&)>& request) {
  kubernetes::Cluster cluster = systems.kubernetes.cluster;
  sim::Agenda agenda = systems.kubernetes.agenda;
  models::flux::State flux = systems.flux;
  sim::History history(false);
  sim::Context context{systems.kubernetes.context.choices, history};
  Systems copy{{cluster, agenda, context}, flux, nullptr};
  return request(copy);
}

Patched patch_found_object(CommandState& state, Systems& systems, const ObjectRef& object, const Json& patch,
                           PatchType type, By by, KubectlErrors& errors, DryRun dry_run) {
  if (dry_run == DryRun::server) {
    return on_a_copy(systems, [&](Systems& copy) {
      return patch_found_object(state, copy, object, patch, type, by, errors);
    });
  }
  if (dry_run == DryRun::client) {
    const Json before = object_json(systems, object, 0);
    Json after = before;
    const bool could = patch_locally(after, object, patch, type, errors);
    return {after != before, !could};
  }
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

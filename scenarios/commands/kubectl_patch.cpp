// kubectl patch. Source: kubectl pkg/cmd/patch/patch.go.

#include <fmt/format.h>

#include "models/flux/minicluster_api.h"
#include "models/kubernetes/object_writes.h"
#include "scenarios/commands/manifest_text.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;

const Flags& patch_flags() {
  static const Flags flags(
      Flags::Of::kubectl, "kubectl patch",
      {{"patch", 'p', FlagType::text}, {"type", 0, FlagType::text}, {"subresource", 0, FlagType::text}},
      {{"allow-missing-template-keys", 0, FlagType::boolean},
       {"dry-run", 0, FlagType::text, "unchanged"},
       {"field-manager", 0, FlagType::text},
       {"filename", 'f', FlagType::comma_list},
       {"kustomize", 'k', FlagType::text},
       {"local", 0, FlagType::boolean},
       {"output", 'o', FlagType::text},
       {"patch-file", 0, FlagType::text},
       {"record", 0, FlagType::boolean},
       {"recursive", 'R', FlagType::boolean},
       {"show-managed-fields", 0, FlagType::boolean},
       {"template", 0, FlagType::text}});
  return flags;
}

/// What came of one object's patch.
struct Patched {
  bool changed = false;
  bool refused = false;
};

/// A patch of each object that is found, and what is printed of it.
class PatchCommand : public Action {
 public:
  explicit PatchCommand(ResourceQuery query) : query_(std::move(query)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    const FoundObjects found = find_objects(systems, query_);
    KubectlErrors errors;
    for (const ObjectRef& object : found.objects) {
      // The name first: a patch may be the end of its object.
      const std::string name = printed_name(systems, object);
      const Patched patched = patch(state, systems, object, by, errors);
      if (!patched.refused) {
        state.output += fmt::format("{} patched{}\n", name, patched.changed ? "" : " (no change)");
      }
    }
    for (const kubernetes::ApiError& error : found.errors) {
      errors.add(error);
    }
    errors.finish_with(state);
  }

 private:
  virtual Patched patch(CommandState& state, Systems& systems, const ObjectRef& object, By by,
                        KubectlErrors& errors) const = 0;

  ResourceQuery query_;
};

class ObjectPatch : public PatchCommand {
 public:
  ObjectPatch(ResourceQuery query, Json patch) : PatchCommand(std::move(query)), patch_(std::move(patch)) {}

 private:
  Patched patch(CommandState& state, Systems& systems, const ObjectRef& object, By by,
                KubectlErrors& errors) const override {
    if (object.kind == Kind::MiniCluster) {
      models::flux::FluxTurn turn{systems.flux, systems.kubernetes};
      const models::flux::ChangeResult result = models::flux::merge_patch(turn, object.row, patch_, by);
      if (!result.ok()) {
        add_minicluster_refusal(errors, name_of(systems, object), result.error, result.problems);
        return {false, true};
      }
      for (const std::string& field : result.problems.unknown) {
        state.errors += fmt::format("Warning: unknown field \"{}\"\n", field);
      }
      return {result.change == models::flux::Change::Configured, false};
    }
    kubernetes::ApiError error;
    kubernetes::WriteNotes notes;
    const kubernetes::WriteResult result =
        kubernetes::patch_object(systems.kubernetes, object.kind, object.row, patch_, by, error, notes);
    for (const std::string& warning : notes.warnings) {
      state.errors += "Warning: " + warning + "\n";
    }
    if (error) {
      errors.add(error);
    }
    return {result.transition != sim::kNoTransition, static_cast<bool>(error)};
  }

  Json patch_;
};

class PodPhasePatch : public PatchCommand {
 public:
  PodPhasePatch(ResourceQuery query, kubernetes::PodPhase phase)
      : PatchCommand(std::move(query)), phase_(phase) {}

 private:
  Patched patch(CommandState&, Systems& systems, const ObjectRef& object, By by,
                KubectlErrors& errors) const override {
    kubernetes::ApiError error;
    const kubernetes::WriteResult result =
        kubernetes::write_pod_phase(systems.kubernetes, object.row, phase_, by, error);
    if (error) {
      errors.add(error);
    }
    return {result.transition != sim::kNoTransition, static_cast<bool>(error)};
  }

  kubernetes::PodPhase phase_;
};

/// Source: patch.go Run: the patch may be YAML as well as JSON.
Json read_patch(Reading& reading) {
  if (!reading.given("patch")) {
    reading.refuse("must specify --patch or --patch-file containing the contents of the patch",
                   "write -p '{\"spec\":{…}}'");
    return {};
  }
  if (reading.open("patch")) {
    return {};
  }
  const std::string text = reading.text("patch");
  const ManifestText parsed = read_manifest_text(text);
  const std::size_t at = reading.place_of("patch");
  if (!parsed) {
    reading.refuse(fmt::format("unable to parse \"{}\": {}", text, parsed.problem),
                   "write the patch as JSON in single quotes", at);
    return {};
  }
  if (parsed.documents.size() != 1 || !parsed.documents.front().is_object()) {
    reading.refuse(fmt::format("unable to parse \"{}\": a merge patch is one JSON object", text),
                   "write -p '{\"spec\":{…}}'", at);
    return {};
  }
  return parsed.documents.front();
}

void check_type(Reading& reading) {
  const std::string hint = "only merge patches are modelled: write --type=merge";
  if (!reading.given("type")) {
    reading.refuse("kubectl patch --type=strategic, which is the default, is not modelled yet", hint);
  } else if (!reading.open("type")) {
    const std::string type = reading.text("type");
    if (type == "json" || type == "strategic") {
      reading.refuse(fmt::format("kubectl patch --type={} is not modelled yet", type), hint,
                     reading.place_of("type"));
    } else if (type != "merge") {
      reading.refuse(fmt::format("--type must be one of [json merge strategic], not \"{}\"", type), hint,
                     reading.place_of("type"));
    }
  }
}

/// Source: patch.go, --subresource. Other subresources and kinds have theirs upstream.
void check_subresource(Reading& reading, const ResourceQuery& query) {
  const std::string hint = "modelled: --subresource=status of pods";
  if (const std::string name = reading.text("subresource"); name != "status") {
    reading.refuse(fmt::format("kubectl patch --subresource={} is not modelled yet", name), hint,
                   reading.place_of("subresource"));
    return;
  }
  for (const ResourceQuery::Item& item : query.items) {
    if (item.kind->kind != Kind::Pod) {
      reading.refuse(
          fmt::format("kubectl patch --subresource=status of {} is not modelled yet", item.kind->resource),
          hint, reading.place_of("subresource"));
      return;
    }
  }
}

/// The phase that a patch of a pod's status sets. All else in it is refused by name.
kubernetes::PodPhase read_phase(Reading& reading, const Json& patch) {
  const std::string hint = R"(modelled: -p '{"status":{"phase":"Failed"}}', and Succeeded)";
  const std::size_t at = reading.place_of("patch");
  std::string phase;
  for (const auto& [key, value] : patch.items()) {
    if (key != "status" || !value.is_object()) {
      reading.refuse(fmt::format("{} in a patch of a pod's status is not modelled yet", key), hint, at);
      continue;
    }
    for (const auto& [field, field_value] : value.items()) {
      if (field != "phase" || !field_value.is_string()) {
        reading.refuse(fmt::format("a patch of a pod's status.{} is not modelled yet", field), hint, at);
        continue;
      }
      phase = field_value.get<std::string>();
    }
  }
  if (!phase.empty() && phase != "Failed" && phase != "Succeeded") {
    reading.refuse(fmt::format("a patch of a pod's status.phase to {} is not modelled yet", phase), hint, at);
  } else if (phase.empty() && reading.problems.empty()) {
    reading.refuse("a patch of a pod's status without status.phase is not modelled yet", hint, at);
  }
  return phase == "Failed" ? kubernetes::PodPhase::Failed : kubernetes::PodPhase::Succeeded;
}

ActionPointer read_patch_command(Reading& reading) {
  check_type(reading);
  Json patch = read_patch(reading);
  if (reading.flags.arguments.empty()) {
    reading.refuse("You must provide one or more resources by argument or filename.",
                   "write kubectl patch TYPE NAME --type=merge -p PATCH");
    return nullptr;
  }
  ResourceQuery query = read_query(reading, reading.flags.arguments, {});
  if (!reading.given("subresource") ||
      (!reading.open("subresource") && reading.text("subresource").empty())) {
    return std::make_shared<ObjectPatch>(std::move(query), std::move(patch));
  }
  if (!reading.open("subresource")) {
    check_subresource(reading, query);
  }
  kubernetes::PodPhase phase = kubernetes::PodPhase::Failed;
  if (!reading.open("patch") && !patch.is_null()) {
    phase = read_phase(reading, patch);
  }
  return std::make_shared<PodPhasePatch>(std::move(query), phase);
}

}  // namespace

const SubCommand kKubectlPatch{
    "kubectl",
    "patch",
    "TYPE NAME… | TYPE/NAME…",
    "Changes objects by a JSON merge patch (`--type=merge`); with `--subresource=status`, the "
    "phase of pods.",
    []() -> const FlagTable& { return patch_flags().table(); },
    read_patch_command};

}  // namespace scenarios::commands

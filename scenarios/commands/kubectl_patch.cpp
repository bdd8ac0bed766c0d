// kubectl patch. Source: kubectl pkg/cmd/patch/patch.go.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "scenarios/commands/manifest_text.h"
#include "scenarios/commands/object_changes.h"
#include "scenarios/commands/object_patch.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;

const Flags& patch_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl patch",
                           {{"dry-run", 0, FlagType::text, "unchanged"},
                            {"patch", 'p', FlagType::text},
                            {"type", 0, FlagType::text},
                            {"subresource", 0, FlagType::text}},
                           {{"allow-missing-template-keys", 0, FlagType::boolean},
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

/// A patch of each object that is found, and what is printed of it.
class PatchCommand : public ObjectChanges {
 public:
  PatchCommand(ResourceQuery query, DryRun dry_run) : ObjectChanges(std::move(query)), dry_run_(dry_run) {}

 private:
  [[nodiscard]] bool sends() const override { return dry_run_ != DryRun::client; }

  void change(CommandState& state, Systems& systems, const ObjectRef& object, By by,
              KubectlErrors& errors) const override {
    // The name first: a patch may be the end of its object.
    const std::string name = printed_name(systems, object);
    const Patched patched = patch(state, systems, object, by, errors);
    if (!patched.refused) {
      state.output += fmt::format("{} patched{}{}\n", name, patched.changed ? "" : " (no change)",
                                  dry_run_suffix(dry_run_));
    }
  }

  virtual Patched patch(CommandState& state, Systems& systems, const ObjectRef& object, By by,
                        KubectlErrors& errors) const = 0;

 protected:
  DryRun dry_run_;
};

class ObjectPatch : public PatchCommand {
 public:
  ObjectPatch(ResourceQuery query, Json patch, PatchType type, DryRun dry_run)
      : PatchCommand(std::move(query), dry_run), patch_(std::move(patch)), type_(type) {}

 private:
  Patched patch(CommandState& state, Systems& systems, const ObjectRef& object, By by,
                KubectlErrors& errors) const override {
    return patch_found_object(state, systems, object, patch_, type_, by, errors, dry_run_);
  }

  Json patch_;
  PatchType type_;
};

class PodPhasePatch : public PatchCommand {
 public:
  PodPhasePatch(ResourceQuery query, kubernetes::PodPhase phase, DryRun dry_run)
      : PatchCommand(std::move(query), dry_run), phase_(phase) {}

 private:
  Patched patch(CommandState&, Systems& systems, const ObjectRef& object, By by,
                KubectlErrors& errors) const override {
    const auto write = [&](Systems& on) {
      kubernetes::ApiError error;
      const kubernetes::WriteResult result =
          kubernetes::write_pod_phase(on.kubernetes, object.row, phase_, by, error);
      if (error) {
        errors.add(error);
      }
      return Patched{result.transition != sim::kNoTransition, static_cast<bool>(error)};
    };
    switch (dry_run_) {
      case DryRun::none:
        return write(systems);
      case DryRun::client:
        return {systems.kubernetes.cluster.pods[object.row].phase != phase_, false};
      case DryRun::server:
        break;
    }
    return on_a_copy(systems, write);
  }

  kubernetes::PodPhase phase_;
};

/// Source: patch.go Run: the patch may be YAML as well as JSON.
Json read_patch(Reading& reading, PatchType type) {
  const std::string_view example = type == PatchType::Json
                                       ? R"(write -p '[{"op":"replace","path":"/spec/…","value":…}]')"
                                       : R"(write -p '{"spec":{…}}')";
  if (!reading.given("patch")) {
    reading.refuse("must specify --patch or --patch-file containing the contents of the patch",
                   std::string(example));
    return {};
  }
  if (reading.open("patch")) {
    return {};
  }
  const std::string text = reading.text("patch");
  const std::size_t at = reading.place_of("patch");
  // A JSON patch is a list at the top, which manifests never are.
  if (type == PatchType::Json) {
    if (Json parsed = Json::parse(text, nullptr, false); parsed.is_array()) {
      return parsed;
    }
    reading.refuse(fmt::format("unable to parse \"{}\": a JSON patch is a list of operations", text),
                   std::string(example), at);
    return {};
  }
  const ManifestText parsed = read_manifest_text(text);
  if (!parsed) {
    reading.refuse(fmt::format("unable to parse \"{}\": {}", text, parsed.problem),
                   "write the patch as JSON in single quotes", at);
    return {};
  }
  if (parsed.documents.size() != 1 || !parsed.documents.front().is_object()) {
    reading.refuse(fmt::format("unable to parse \"{}\": a merge patch is one JSON object", text),
                   std::string(example), at);
    return {};
  }
  return parsed.documents.front();
}

/// Source: patch.go Validate; strategic is the default.
PatchType read_type(Reading& reading) {
  std::string type = reading.text("type", "strategic");
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (type == "json") {
    return PatchType::Json;
  }
  if (type == "merge") {
    return PatchType::Merge;
  }
  if (type != "strategic" && !type.empty()) {
    reading.refuse(
        fmt::format("--type must be one of [json merge strategic], not \"{}\"", reading.text("type")),
        "write --type=merge", reading.place_of("type"));
  }
  return PatchType::Strategic;
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
  if (patch.is_array()) {
    reading.refuse("a JSON patch of a pod's status is not modelled yet", hint, at);
    return kubernetes::PodPhase::Failed;
  }
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
  const PatchType type = read_type(reading);
  Json patch = read_patch(reading, type);
  if (reading.flags.arguments.empty()) {
    reading.refuse("You must provide one or more resources by argument or filename.",
                   "write kubectl patch TYPE NAME -p PATCH");
    return nullptr;
  }
  ResourceQuery query = read_query(reading, reading.flags.arguments, {});
  const DryRun dry_run = read_dry_run(reading);
  if (!reading.given("subresource") ||
      (!reading.open("subresource") && reading.text("subresource").empty())) {
    return std::make_shared<ObjectPatch>(std::move(query), std::move(patch), type, dry_run);
  }
  if (!reading.open("subresource")) {
    check_subresource(reading, query);
  }
  kubernetes::PodPhase phase = kubernetes::PodPhase::Failed;
  if (!reading.open("patch") && !patch.is_null()) {
    phase = read_phase(reading, patch);
  }
  return std::make_shared<PodPhasePatch>(std::move(query), phase, dry_run);
}

}  // namespace

const SubCommand kKubectlPatch{
    "kubectl",
    "patch",
    "TYPE NAME… | TYPE/NAME…",
    "Changes objects by a strategic merge patch, a JSON merge patch (`--type=merge`) or a JSON patch "
    "(`--type=json`); with `--subresource=status`, the phase of pods.",
    []() -> const FlagTable& { return patch_flags().table(); },
    read_patch_command};

}  // namespace scenarios::commands

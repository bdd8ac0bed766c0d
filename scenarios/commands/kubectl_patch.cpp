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
  static const Flags flags(Flags::Of::kubectl, "kubectl patch",
                           {{"patch", 'p', FlagType::text}, {"type", 0, FlagType::text}},
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
                            {"subresource", 0, FlagType::text},
                            {"template", 0, FlagType::text}});
  return flags;
}

class PatchCommand : public Action {
 public:
  PatchCommand(ResourceQuery query, Json patch) : query_(std::move(query)), patch_(std::move(patch)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    const FoundObjects found = find_objects(systems, query_);
    KubectlErrors errors;
    for (const ObjectRef& object : found.objects) {
      patch(state, systems, object, by, errors);
    }
    for (const kubernetes::ApiError& error : found.errors) {
      errors.add(error);
    }
    errors.finish_with(state);
  }

 private:
  void patch(CommandState& state, Systems& systems, const ObjectRef& object, By by,
             KubectlErrors& errors) const {
    const std::string name = printed_name(systems, object);
    bool changed = false;
    if (object.kind == Kind::MiniCluster) {
      models::flux::FluxTurn turn{systems.flux, systems.kubernetes};
      const models::flux::ChangeResult result = models::flux::merge_patch(turn, object.row, patch_, by);
      if (!result.ok()) {
        add_minicluster_refusal(errors, name_of(systems, object), result.error, result.problems);
        return;
      }
      for (const std::string& field : result.problems.unknown) {
        state.errors += fmt::format("Warning: unknown field \"{}\"\n", field);
      }
      changed = result.change == models::flux::Change::Configured;
    } else {
      kubernetes::ApiError error;
      kubernetes::WriteNotes notes;
      const kubernetes::WriteResult result =
          kubernetes::patch_object(systems.kubernetes, object.kind, object.row, patch_, by, error, notes);
      for (const std::string& warning : notes.warnings) {
        state.errors += "Warning: " + warning + "\n";
      }
      if (error) {
        errors.add(error);
        return;
      }
      changed = result.transition != sim::kNoTransition;
    }
    state.output += fmt::format("{} patched{}\n", name, changed ? "" : " (no change)");
  }

  ResourceQuery query_;
  Json patch_;
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

ActionPointer read_patch_command(Reading& reading) {
  check_type(reading);
  Json patch = read_patch(reading);
  if (reading.flags.arguments.empty()) {
    reading.refuse("You must provide one or more resources by argument or filename.",
                   "write kubectl patch TYPE NAME --type=merge -p PATCH");
    return nullptr;
  }
  return std::make_shared<PatchCommand>(read_query(reading, reading.flags.arguments, {}), std::move(patch));
}

}  // namespace

const SubCommand kKubectlPatch{"kubectl",
                               "patch",
                               "TYPE NAME… | TYPE/NAME…",
                               "Changes objects by a JSON merge patch (`--type=merge`).",
                               []() -> const FlagTable& { return patch_flags().table(); },
                               read_patch_command};

}  // namespace scenarios::commands

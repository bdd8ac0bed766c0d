// kubectl apply -f. Source: kubectl pkg/cmd/apply/apply.go, patcher.go.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "models/flux/minicluster_api.h"
#include "models/flux/minicluster_schema.h"
#include "models/kubernetes/json/cluster_classes_json.h"
#include "models/kubernetes/object_writes.h"
#include "scenarios/commands/manifest_text.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
namespace json = models::kubernetes::json;

const Flags& apply_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl apply", {{"filename", 'f', FlagType::comma_list}},
                           {{"all", 0, FlagType::boolean},
                            {"allow-missing-template-keys", 0, FlagType::boolean},
                            {"cascade", 0, FlagType::text, "background"},
                            {"dry-run", 0, FlagType::text, "unchanged"},
                            {"field-manager", 0, FlagType::text},
                            {"force", 0, FlagType::boolean},
                            {"force-conflicts", 0, FlagType::boolean},
                            {"grace-period", 0, FlagType::integer},
                            {"kustomize", 'k', FlagType::text},
                            {"openapi-patch", 0, FlagType::boolean},
                            {"output", 'o', FlagType::text},
                            {"overwrite", 0, FlagType::boolean},
                            {"prune", 0, FlagType::boolean},
                            {"prune-allowlist", 0, FlagType::text_list},
                            {"record", 0, FlagType::boolean},
                            {"recursive", 'R', FlagType::boolean},
                            {"selector", 'l', FlagType::text},
                            {"server-side", 0, FlagType::boolean},
                            {"show-managed-fields", 0, FlagType::boolean},
                            {"subresource", 0, FlagType::text},
                            {"template", 0, FlagType::text},
                            {"timeout", 0, FlagType::duration},
                            {"validate", 0, FlagType::text, "strict"},
                            {"wait", 0, FlagType::boolean}});
  return flags;
}

bool is_priority_class(const Json& object) {
  return json::text_or(object, "kind") == "PriorityClass" &&
         json::text_or(object, "apiVersion") == "scheduling.k8s.io/v1";
}

/// An object to apply, and what the command called its file.
struct SourcedObject {
  Json object;
  std::string source;
};

class ApplyCommand : public Action {
 public:
  ApplyCommand(std::vector<SourcedObject> objects, std::string name_space, bool enforced)
      : objects_(std::move(objects)), namespace_(std::move(name_space)), enforced_(enforced) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    KubectlErrors errors;
    for (const SourcedObject& sourced : objects_) {
      const Json* given = json::at_path(sourced.object, "metadata.namespace");
      if (enforced_ && given != nullptr && given->is_string() && *given != namespace_) {
        const std::string there = given->get<std::string>();
        errors.add(fmt::format(
            "the namespace from the provided object \"{}\" does not match the namespace \"{}\". You "
            "must pass '--namespace={}' to perform this operation.",
            there, namespace_, there));
      } else if (json::text_or(sourced.object, "kind") == "MiniCluster") {
        apply_minicluster(state, systems, sourced, by, errors);
      } else if (is_priority_class(sourced.object)) {
        apply_priority_class(state, systems, sourced.object, errors);
      } else {
        apply_object(state, systems, sourced, by, errors);
      }
    }
    errors.finish_with(state);
  }

 private:
  void apply_object(CommandState& state, Systems& systems, const SourcedObject& sourced, By by,
                    KubectlErrors& errors) const {
    kubernetes::ApiError error;
    kubernetes::ApplyOutcome outcome;
    kubernetes::WriteNotes notes;
    kubernetes::apply_object(systems.kubernetes, sourced.object, namespace_, by, error, outcome, notes);
    for (const std::string& warning : notes.warnings) {
      state.errors += "Warning: " + warning + "\n";
    }
    if (error) {
      // Source: kubectl pkg/cmd/util/helpers.go AddSourceToErr. An Invalid names its causes instead.
      if (outcome.applied == kubernetes::Applied::Created && error.reason != "Invalid") {
        error.message = fmt::format("error when creating \"{}\": {}", sourced.source, error.message);
      }
      errors.add(error);
      return;
    }
    for (const json::Problem& problem : notes.unmodelled) {
      state.errors += fmt::format("rehearse: {}: {}\n", problem.field, problem.text);
    }
    static constexpr std::string_view kWords[] = {"created", "configured", "unchanged"};
    state.output += fmt::format("{} {}\n", printed_name(systems, {outcome.kind, outcome.row, 0}),
                                kWords[static_cast<std::size_t>(outcome.applied)]);
  }

  /// Classes are no objects of the model but part of what is fixed about a cluster: the copy of this world
  /// gets one more. Source: pkg/apis/scheduling/validation/validation.go ValidatePriorityClassUpdate.
  static void apply_priority_class(CommandState& state, Systems& systems, const Json& object,
                                   KubectlErrors& errors) {
    kubernetes::ClusterClasses applied;
    json::take_cluster_class(object, applied);
    const kubernetes::PriorityClass& next = applied.priorities.front();
    auto settings = std::make_shared<kubernetes::Settings>(*systems.kubernetes.cluster.settings);
    std::vector<kubernetes::PriorityClass>& classes = settings->classes.priorities;
    const auto known =
        std::find_if(classes.begin(), classes.end(), [&](const auto& one) { return one.name == next.name; });
    const std::string name = "priorityclass.scheduling.k8s.io/" + next.name;
    if (known == classes.end()) {
      classes.push_back(next);
      systems.kubernetes.cluster.settings = std::move(settings);
      state.output += name + " created\n";
    } else if (known->value != next.value || known->preempts != next.preempts) {
      const std::string text =
          fmt::format("The PriorityClass \"{}\" is invalid: {}: Forbidden: may not be changed in an update.",
                      next.name, known->value != next.value ? "value" : "preemptionPolicy");
      errors.add(text, text);
    } else {
      const bool same = known->global_default == next.global_default;
      known->global_default = next.global_default;
      systems.kubernetes.cluster.settings = std::move(settings);
      state.output += name + (same ? " unchanged\n" : " configured\n");
    }
  }

  void apply_minicluster(CommandState& state, Systems& systems, const SourcedObject& sourced, By by,
                         KubectlErrors& errors) const {
    Json object = sourced.object;
    if (json::at_path(object, "metadata.namespace") == nullptr) {
      object["metadata"]["namespace"] = namespace_;
    }
    models::flux::FluxTurn turn{systems.flux, systems.kubernetes};
    const models::flux::ChangeResult result = models::flux::apply(turn, object, {}, by);
    const std::string name = json::text_or(object["metadata"], "name");
    if (!result.ok()) {
      add_minicluster_refusal(errors, name, result.error, result.problems);
      return;
    }
    for (const json::Problem& problem : result.problems.unmodelled) {
      state.errors += fmt::format("rehearse: {}: {}\n", problem.field, problem.text);
    }
    state.output +=
        fmt::format("minicluster.flux-framework.org/{} {}\n", name, models::flux::to_text(result.change));
  }

  std::vector<SourcedObject> objects_;
  std::string namespace_;
  bool enforced_;
};

/// What a file says that no cluster of ours can take is told at load, not when the step comes.
void check_object(Reading& reading, const Json& object, const std::string& source, std::size_t at) {
  const auto refuse = [&](const std::string& problem, std::string hint = {}) {
    reading.refuse(fmt::format("{}: {}", source == "-" ? "standard input" : source, problem), std::move(hint),
                   at);
  };
  if (!object.is_object()) {
    refuse("this is no Kubernetes object: it has no apiVersion and kind");
    return;
  }
  const Json* metadata = json::member(object, "metadata");
  if (metadata != nullptr && !metadata->is_object()) {
    refuse("metadata is no object");
    return;
  }
  if (metadata == nullptr || json::member(*metadata, "name") == nullptr ||
      !metadata->at("name").is_string()) {
    refuse("metadata.name is missing, and apply needs it", "name the object");
    return;
  }
  const Json* kind = json::member(object, "kind");
  const Json* version = json::member(object, "apiVersion");
  if (kind != nullptr && kind->is_string() && *kind == "MiniCluster" && version != nullptr &&
      *version == models::flux::kMiniClusterApiVersion) {
    const models::flux::MiniClusterReading parsed = models::flux::read_minicluster(object);
    for (const json::Problem& problem : parsed.problems.errors) {
      refuse(fmt::format("{}: {}", problem.field, problem.text));
    }
    for (const std::string& field : parsed.problems.unknown) {
      refuse(fmt::format("unknown field \"{}\"", field));
    }
    return;
  }
  if (is_priority_class(object)) {
    const Json* value = json::member(object, "value");
    if (value == nullptr || !value->is_number_integer() ||
        value->get<std::int64_t>() < std::numeric_limits<std::int32_t>::min() ||
        value->get<std::int64_t>() > std::numeric_limits<std::int32_t>::max()) {
      refuse("value: a PriorityClass has a whole number of 32 bits");
    }
    return;
  }
  kubernetes::ApiError error;
  kubernetes::WriteNotes notes;
  if ((kind != nullptr && !kind->is_string()) || (version != nullptr && !version->is_string())) {
    refuse("apiVersion and kind are texts");
    return;
  }
  const Kind known = kubernetes::manifest_kind(object, error);
  if (known == Kind::None) {
    refuse(error.message, modelled_kinds());
  } else if (!kubernetes::decode_strictly(known, object, error, notes)) {
    refuse(error.message);
  }
}

/// The documents of one -f.
std::vector<Json> documents_of(Reading& reading, const std::string& name, std::size_t at) {
  if (name == "-") {
    if (reading.context.standard_input.empty()) {
      reading.refuse("no objects passed to apply", "-f - reads the step's stdin:, and there is none", at);
      return {};
    }
    ManifestText parsed = read_manifest_text(reading.context.standard_input);
    if (!parsed) {
      reading.refuse(fmt::format("error parsing STDIN: {}", parsed.problem), {}, at);
    }
    return std::move(parsed.documents);
  }
  const auto& files = reading.context.files;
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const ManifestFile& file) { return file.name == name; });
  if (found == files.end()) {
    std::string hint;
    for (const ManifestFile& file : files) {
      hint += (hint.empty() ? "known here: " : ", ") + file.name;
    }
    reading.refuse(fmt::format("the path \"{}\" does not exist", name), std::move(hint), at);
    return {};
  }
  return found->documents;
}

ActionPointer read_apply(Reading& reading) {
  if (!reading.given("filename")) {
    reading.refuse("must specify one of -f and -k", "write kubectl apply -f FILE");
    return nullptr;
  }
  if (!reading.flags.arguments.empty()) {
    reading.refuse(fmt::format("Unexpected args: [{}]", reading.flags.arguments.front().text()),
                   "apply takes no arguments: write -f FILE", reading.flags.arguments.front().origin(0));
  }
  std::vector<SourcedObject> objects;
  if (!reading.open("filename")) {
    const std::size_t at = reading.place_of("filename");
    for (const std::string& name : reading.flags.list("filename")) {
      for (Json& object : flatten_lists(documents_of(reading, name, at))) {
        check_object(reading, object, name, at);
        objects.push_back({std::move(object), name == "-" ? "STDIN" : name});
      }
    }
    if (objects.empty() && reading.problems.empty()) {
      reading.refuse("no objects passed to apply", "the file holds no object", at);
    }
  }
  const bool enforced = reading.given("namespace");
  return std::make_shared<ApplyCommand>(std::move(objects), reading.text("namespace", "default"), enforced);
}

}  // namespace

const SubCommand kKubectlApply{"kubectl",
                               "apply",
                               "-f FILE|-",
                               "Creates objects, or changes them by what differs from the last time.",
                               []() -> const FlagTable& { return apply_flags().table(); },
                               read_apply};

}  // namespace scenarios::commands

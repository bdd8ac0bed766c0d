// kubectl rollout restart, pause, resume, undo and history; kubectl set image.
// Source: kubectl pkg/cmd/rollout/rollout_{restart,pause,resume,undo,history}.go, pkg/cmd/set/set_image.go;
// pkg/polymorphichelpers object{restarter,pauser,resumer}.go, rollback.go, history.go.

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <utility>

#include "models/kubernetes/deployment_annotations.h"
#include "models/kubernetes/deployment_rules.h"
#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/object_writes.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::TemplateId;

/// A command that does the same with each of its objects.
class EachObject : public Action {
 public:
  explicit EachObject(ResourceQuery query) : query_(std::move(query)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    const FoundObjects found = find_objects(systems, query_);
    KubectlErrors errors;
    for (const kubernetes::ApiError& error : found.errors) {
      errors.add(error);
    }
    for (const ObjectRef& object : found.objects) {
      perform(state, systems, object, by, errors);
    }
    errors.finish_with(state);
  }

 protected:
  virtual void perform(CommandState& state, Systems& systems, const ObjectRef& object, By by,
                       KubectlErrors& errors) const = 0;

  /// Merges a patch in. @return whether the API took it.
  static bool merge(Systems& systems, const ObjectRef& object, const Json& patch, By by,
                    KubectlErrors& errors) {
    kubernetes::ApiError error;
    kubernetes::WriteNotes notes;
    kubernetes::patch_object(systems.kubernetes, object.kind, object.row, patch, by, error, notes);
    if (error) {
      errors.add(error);
    }
    return !error;
  }

  /// Puts a changed object in its place. @return whether the API took it.
  static bool replace(Systems& systems, const ObjectRef& object, Json changed, By by, KubectlErrors& errors) {
    kubernetes::ApiError error;
    kubernetes::WriteNotes notes;
    kubernetes::replace_object(systems.kubernetes, object.kind, object.row, std::move(changed), by, error,
                               notes);
    if (error) {
      errors.add(error);
    }
    return !error;
  }

  /// `error: deployments.apps "web" is already paused`.
  static void refuse(const Systems& systems, const ObjectRef& object, std::string_view why,
                     KubectlErrors& errors) {
    errors.add(fmt::format("{} \"{}\" {}", kubernetes::resource_of(object.kind).group_resource(),
                           name_of(systems, object), why));
  }

  static bool paused(const Systems& systems, const ObjectRef& object) {
    return object.kind == Kind::Deployment && systems.kubernetes.cluster.deployments[object.row].spec.paused;
  }

 private:
  ResourceQuery query_;
};

class RestartCommand : public EachObject {
 public:
  RestartCommand(ResourceQuery query, std::int64_t epoch_seconds)
      : EachObject(std::move(query)), epoch_seconds_(epoch_seconds) {}

 private:
  void perform(CommandState& state, Systems& systems, const ObjectRef& object, By by,
               KubectlErrors& errors) const override {
    if (paused(systems, object)) {
      refuse(systems, object, "can't restart paused deployment (run rollout resume first)", errors);
      return;
    }
    Json patch;
    patch["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] =
        kubernetes::json::time_text(systems.kubernetes.now(), epoch_seconds_);
    if (merge(systems, object, patch, by, errors)) {
      state.output += printed_name(systems, object) + " restarted\n";
    }
  }

  std::int64_t epoch_seconds_;
};

class PauseCommand : public EachObject {
 public:
  PauseCommand(ResourceQuery query, bool pause) : EachObject(std::move(query)), pause_(pause) {}

 private:
  void perform(CommandState& state, Systems& systems, const ObjectRef& object, By by,
               KubectlErrors& errors) const override {
    if (paused(systems, object) == pause_) {
      refuse(systems, object, pause_ ? "is already paused" : "is not paused", errors);
      return;
    }
    Json patch;
    patch["spec"]["paused"] = pause_;
    if (merge(systems, object, patch, by, errors)) {
      state.output += printed_name(systems, object) + (pause_ ? " paused\n" : " resumed\n");
    }
  }

  bool pause_;
};

// ---------------------------------------------------------------------------------------------------------
// Revisions

struct KnownRevision {
  TemplateId pod_template = 0;
  kubernetes::Text manifest = 0;  ///< of a Deployment's ReplicaSet: holds its annotations
};

/// The revisions of a workload by number: ReplicaSets of a Deployment, else ControllerRevisions.
std::map<std::int64_t, KnownRevision> revisions_of(const Systems& systems, const ObjectRef& object) {
  const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
  std::map<std::int64_t, KnownRevision> known;
  for (Row row = 0; object.kind == Kind::Deployment && row < cluster.replicasets.extent(); ++row) {
    if (cluster.replicasets.exists(row) && cluster.replicasets[row].owner.uid == object.uid) {
      const kubernetes::ReplicaSet& set = cluster.replicasets[row];
      known[set.revision] = {set.spec.pod_template, set.manifest};
    }
  }
  for (Row row = 0; object.kind != Kind::Deployment && row < cluster.revisions.extent(); ++row) {
    if (cluster.revisions.exists(row) && cluster.revisions[row].owner.uid == object.uid) {
      known[cluster.revisions[row].revision] = {cluster.revisions[row].pod_template, 0};
    }
  }
  return known;
}

TemplateId template_of(const kubernetes::Cluster& cluster, const ObjectRef& object) {
  switch (object.kind) {
    case Kind::Deployment:
      return cluster.deployments[object.row].spec.pod_template;
    case Kind::DaemonSet:
      return cluster.daemonsets[object.row].spec.pod_template;
    default:
      return cluster.statefulsets[object.row].spec.pod_template;
  }
}

class UndoCommand : public EachObject {
 public:
  UndoCommand(ResourceQuery query, std::int64_t revision)
      : EachObject(std::move(query)), revision_(revision) {}

 private:
  void perform(CommandState& state, Systems& systems, const ObjectRef& object, By by,
               KubectlErrors& errors) const override {
    const kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const std::map<std::int64_t, KnownRevision> known = revisions_of(systems, object);
    // Without a number the one before the newest. Source: deploymentRevision, findHistory.
    auto chosen = revision_ > 0 ? known.find(revision_) : known.end();
    if (revision_ == 0 && known.size() > 1) {
      chosen = std::prev(known.end(), 2);
    }
    if (chosen == known.end()) {
      errors.add(revision_ > 0 ? fmt::format("unable to find specified revision {} in history", revision_)
                 : object.kind == Kind::Deployment
                     ? fmt::format("no rollout history found for deployment \"{}\"", name_of(systems, object))
                     : std::string("no last revision to roll back to"));
      return;
    }
    if (paused(systems, object)) {
      errors.add(
          "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try "
          "again");
      return;
    }
    const kubernetes::PodTemplate wanted =
        kubernetes::deployments::without_hash(*cluster.templates[chosen->second.pod_template]);
    if (wanted == kubernetes::deployments::without_hash(*cluster.templates[template_of(cluster, object)])) {
      state.output += fmt::format("{} skipped rollback (current template already matches revision {})\n",
                                  printed_name(systems, object), revision_);
      return;
    }
    Json changed = object_json(systems, object, 0);
    changed["spec"]["template"] = kubernetes::json::template_json(wanted);
    if (object.kind == Kind::Deployment) {
      take_annotations(cluster, chosen->second, changed);
    }
    if (replace(systems, object, std::move(changed), by, errors)) {
      state.output += printed_name(systems, object) + " rolled back\n";
    }
  }

  /// Those of the ReplicaSet, besides the ones that are the Deployment's alone.
  static void take_annotations(const kubernetes::Cluster& cluster, const KnownRevision& revision,
                               Json& changed) {
    Json kept = Json::object();
    if (const Json* present = kubernetes::json::at_path(changed, "metadata.annotations")) {
      for (const auto& [key, value] : present->items()) {
        if (kubernetes::deployments::is_own_annotation(key)) {
          kept[key] = value;
        }
      }
    }
    const Json of_set =
        revision.manifest == 0 ? Json::object() : Json::parse(cluster.strings[revision.manifest]);
    if (const Json* annotations = kubernetes::json::at_path(of_set, "metadata.annotations")) {
      for (const auto& [key, value] : annotations->items()) {
        kept[key] = value;
      }
    }
    changed["metadata"]["annotations"] = std::move(kept);
  }

  std::int64_t revision_;
};

class HistoryCommand : public EachObject {
 public:
  using EachObject::EachObject;

 private:
  void perform(CommandState& state, Systems& systems, const ObjectRef& object, By,
               KubectlErrors&) const override {
    state.output += printed_name(systems, object) + " \n";
    const std::map<std::int64_t, KnownRevision> known = revisions_of(systems, object);
    if (known.empty()) {
      state.output += "No rollout history found.\n";
      return;
    }
    state.output += "REVISION  CHANGE-CAUSE\n";
    for (const auto& [number, revision] : known) {
      const Json kept = revision.manifest == 0
                            ? Json::object()
                            : Json::parse(systems.kubernetes.cluster.strings[revision.manifest]);
      std::string cause = "<none>";
      if (const Json* annotations = kubernetes::json::at_path(kept, "metadata.annotations")) {
        cause = kubernetes::json::text_or(*annotations, "kubernetes.io/change-cause", cause);
      }
      state.output += fmt::format("{:<10}{}\n", number, cause);
    }
    state.output += "\n";
  }
};

// ---------------------------------------------------------------------------------------------------------
// Images

class SetImageCommand : public EachObject {
 public:
  SetImageCommand(ResourceQuery query, std::vector<std::pair<std::string, std::string>> images)
      : EachObject(std::move(query)), images_(std::move(images)) {}

 private:
  void perform(CommandState& state, Systems& systems, const ObjectRef& object, By by,
               KubectlErrors& errors) const override {
    Json changed = object_json(systems, object, 0);
    Json& spec = changed["spec"]["template"]["spec"];
    bool different = false;
    for (const auto& [name, image] : images_) {
      bool found = false;
      for (const char* list : {"initContainers", "containers"}) {
        for (std::size_t i = 0; spec.contains(list) && i < spec[list].size(); ++i) {
          Json& container = spec[list][i];
          if (name == "*" || kubernetes::json::text_or(container, "name") == name) {
            found = true;
            different = different || container["image"] != Json(image);
            container["image"] = image;
          }
        }
      }
      if (!found) {
        errors.add(fmt::format("unable to find container named \"{}\"", name));
        return;
      }
    }
    if (!different) {
      return;  // upstream says nothing then
    }
    if (replace(systems, object, std::move(changed), by, errors)) {
      state.output += printed_name(systems, object) + " image updated\n";
    }
  }

  std::vector<std::pair<std::string, std::string>> images_;
};

// ---------------------------------------------------------------------------------------------------------
// Words

/// What every one of these commands has and is not modelled.
const std::initializer_list<FlagSpec> kNotModelled{{"dry-run", 0, FlagType::text, "unchanged"},
                                                   {"filename", 'f', FlagType::comma_list},
                                                   {"kustomize", 'k', FlagType::text},
                                                   {"output", 'o', FlagType::text},
                                                   {"recursive", 'R', FlagType::boolean}};
constexpr FlagSpec kSelector{"selector", 'l', FlagType::text};

const FlagTable& restart_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl rollout restart", {kSelector}, kNotModelled);
  return flags.table();
}

const FlagTable& pause_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl rollout pause", {kSelector}, kNotModelled);
  return flags.table();
}

const FlagTable& resume_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl rollout resume", {kSelector}, kNotModelled);
  return flags.table();
}

const FlagTable& history_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl rollout history", {kSelector}, kNotModelled);
  return flags.table();
}

const FlagTable& undo_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl rollout undo",
                           {kSelector, {"to-revision", 0, FlagType::integer}}, kNotModelled);
  return flags.table();
}

const FlagTable& image_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl set image",
                           {kSelector, {"all", 0, FlagType::boolean}},
                           {{"dry-run", 0, FlagType::text, "unchanged"},
                            {"filename", 'f', FlagType::comma_list},
                            {"kustomize", 'k', FlagType::text},
                            {"local", 0, FlagType::boolean},
                            {"output", 'o', FlagType::text},
                            {"recursive", 'R', FlagType::boolean}});
  return flags.table();
}

/// The objects that the words name; a kind without a history or a roll-out of its own is refused.
ResourceQuery read_workloads(Reading& reading, std::span<const Argument> arguments, std::string_view doing,
                             bool deployments_only) {
  ResourceQuery query = read_query(reading, arguments, {.all_by_default = true});
  for (const ResourceQuery::Item& item : query.items) {
    const Kind kind = item.kind->kind;
    const bool fits = kind == Kind::Deployment ||
                      (!deployments_only && (kind == Kind::DaemonSet || kind == Kind::StatefulSet));
    if (!fits) {
      reading.refuse(fmt::format("{} is not supported for {}", doing, item.kind->group_resource()),
                     deployments_only ? "only deployments can be paused"
                                      : "deployments, daemonsets and statefulsets have roll-outs",
                     arguments.front().origin(0));
      break;
    }
  }
  return query;
}

bool has_words(Reading& reading, std::string_view usage) {
  if (reading.flags.arguments.empty()) {
    reading.refuse("required resource not specified", std::string(usage));
    return false;
  }
  return true;
}

ActionPointer read_restart(Reading& reading) {
  if (!has_words(reading, "write kubectl rollout restart deployment NAME")) {
    return nullptr;
  }
  ResourceQuery query = read_workloads(reading, reading.flags.arguments, "restarting", false);
  return std::make_shared<RestartCommand>(std::move(query), reading.context.epoch_seconds);
}

ActionPointer read_pause(Reading& reading, bool pause) {
  if (!has_words(reading, "write kubectl rollout pause deployment NAME")) {
    return nullptr;
  }
  ResourceQuery query =
      read_workloads(reading, reading.flags.arguments, pause ? "pausing" : "resuming", true);
  return std::make_shared<PauseCommand>(std::move(query), pause);
}

ActionPointer read_undo(Reading& reading) {
  if (!has_words(reading, "write kubectl rollout undo deployment NAME")) {
    return nullptr;
  }
  ResourceQuery query = read_workloads(reading, reading.flags.arguments, "rolling back", false);
  return std::make_shared<UndoCommand>(std::move(query), reading.integer("to-revision").value_or(0));
}

ActionPointer read_history(Reading& reading) {
  if (!has_words(reading, "write kubectl rollout history deployment NAME")) {
    return nullptr;
  }
  return std::make_shared<HistoryCommand>(
      read_workloads(reading, reading.flags.arguments, "a history", false));
}

/// TYPE NAME and then CONTAINER=IMAGE. Source: set_image.go getResourcesAndImages.
ActionPointer read_set_image(Reading& reading) {
  const std::span<const Argument> words(reading.flags.arguments);
  const auto first = std::find_if(words.begin(), words.end(), [](const Argument& word) {
    return word.text().find('=') != std::string::npos;
  });
  const auto objects = static_cast<std::size_t>(first - words.begin());
  if (objects == 0) {
    reading.refuse("one or more resources must be specified as <resource> <name> or <resource>/<name>",
                   "write kubectl set image deployment/NAME CONTAINER=IMAGE");
    return nullptr;
  }
  if (objects == words.size()) {
    reading.refuse("at least one image update is required", "write CONTAINER=IMAGE at the end");
    return nullptr;
  }
  std::vector<std::pair<std::string, std::string>> images;
  for (const Argument& word : words.subspan(objects)) {
    const std::string& text = word.text();
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      reading.refuse(fmt::format("invalid image update \"{}\"", text), "write CONTAINER=IMAGE",
                     word.origin(0));
      return nullptr;
    }
    images.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  ResourceQuery query = read_workloads(reading, words.first(objects), "setting an image", false);
  return std::make_shared<SetImageCommand>(std::move(query), std::move(images));
}

}  // namespace

const SubCommand kKubectlRolloutRestart{
    "kubectl",
    "rollout restart",
    "TYPE NAME | TYPE/NAME",
    "Replaces the pods of Deployments, DaemonSets and StatefulSets by a roll-out.",
    restart_flags,
    read_restart};
const SubCommand kKubectlRolloutPause{"kubectl",
                                      "rollout pause",
                                      "deployment NAME | deployment/NAME",
                                      "Lets new templates of Deployments wait.",
                                      pause_flags,
                                      [](Reading& reading) { return read_pause(reading, true); }};
const SubCommand kKubectlRolloutResume{"kubectl",
                                       "rollout resume",
                                       "deployment NAME | deployment/NAME",
                                       "Lets paused Deployments roll out again.",
                                       resume_flags,
                                       [](Reading& reading) { return read_pause(reading, false); }};
const SubCommand kKubectlRolloutUndo{"kubectl",
                                     "rollout undo",
                                     "TYPE NAME | TYPE/NAME",
                                     "Takes an earlier template back: the one before, or `--to-revision`.",
                                     undo_flags,
                                     read_undo};
const SubCommand kKubectlRolloutHistory{
    "kubectl",     "rollout history", "TYPE NAME | TYPE/NAME", "Lists the revisions that are kept.",
    history_flags, read_history};
const SubCommand kKubectlSetImage{"kubectl",
                                  "set image",
                                  "TYPE NAME CONTAINER=IMAGE… | TYPE/NAME CONTAINER=IMAGE…",
                                  "Changes images of a workload's template; `*` means every container.",
                                  image_flags,
                                  read_set_image};

}  // namespace scenarios::commands

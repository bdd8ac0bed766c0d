// kubectl label and annotate. Source: kubectl pkg/cmd/label/label.go, pkg/cmd/annotate/annotate.go,
// pkg/cmd/util/helpers.go GetResourcesAndPairs, ParsePairs.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/commands/object_changes.h"
#include "scenarios/commands/object_patch.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;

/// Which of the two maps of an object's metadata.
enum class Map : std::uint8_t { labels, annotations };

Flags make_flags(std::string_view command) {
  return Flags(Flags::Of::kubectl, command,
               {{"dry-run", 0, FlagType::text, "unchanged"},
                {"overwrite", 0, FlagType::boolean},
                {"list", 0, FlagType::boolean},
                {"all", 0, FlagType::boolean},
                {"all-namespaces", 'A', FlagType::boolean},
                {"resource-version", 0, FlagType::text},
                {"selector", 'l', FlagType::text},
                {"field-selector", 0, FlagType::text}},
               {{"allow-missing-template-keys", 0, FlagType::boolean},
                {"field-manager", 0, FlagType::text},
                {"filename", 'f', FlagType::comma_list},
                {"kustomize", 'k', FlagType::text},
                {"local", 0, FlagType::boolean},
                {"output", 'o', FlagType::text},
                {"record", 0, FlagType::boolean},
                {"recursive", 'R', FlagType::boolean},
                {"show-managed-fields", 0, FlagType::boolean},
                {"template", 0, FlagType::text}});
}

const FlagTable& map_flags(Map map) {
  static const Flags label = make_flags("kubectl label");
  static const Flags annotate = make_flags("kubectl annotate");
  return (map == Map::labels ? label : annotate).table();
}

struct MapRequest {
  Map map = Map::labels;
  ResourceQuery query;
  LabelMap set;  ///< sorted by key; upstream's order is that of a Go map
  std::vector<std::string> remove;
  bool overwrite = false;
  bool list = false;
  DryRun dry_run = DryRun::none;
  std::string resource_version;
};

class MapCommand : public ObjectChanges {
 public:
  explicit MapCommand(MapRequest request) : ObjectChanges(request.query), request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (!request_.resource_version.empty() && !request_.query.single_item) {
      KubectlErrors errors;
      errors.add("--resource-version may only be used with a single resource");
      errors.finish_with(state);
      return;
    }
    ObjectChanges::advance(state, systems, by);
  }

 private:
  [[nodiscard]] bool sends() const override { return !request_.list && request_.dry_run != DryRun::client; }

  void change(CommandState& state, Systems& systems, const ObjectRef& object, By by,
              KubectlErrors& errors) const override {
    request_.list ? list(state, systems, object) : set(state, systems, object, by, errors);
  }

  [[nodiscard]] const char* field() const { return request_.map == Map::labels ? "labels" : "annotations"; }

  [[nodiscard]] LabelMap map_of(const Systems& systems, const ObjectRef& object) const {
    const Json whole = object_json(systems, object, 0);
    const Json* metadata = kubernetes::json::member(whole, "metadata");
    return metadata == nullptr ? LabelMap{} : kubernetes::json::labels_at(*metadata, field());
  }

  void set(CommandState& state, Systems& systems, const ObjectRef& object, By by,
           KubectlErrors& errors) const {
    const LabelMap before = map_of(systems, object);
    if (request_.map == Map::labels && request_.dry_run != DryRun::client) {
      for (const std::string& key : request_.remove) {
        if (kubernetes::find_label(before, key) == nullptr) {
          state.output += fmt::format("label \"{}\" not found.\n", key);
        }
      }
    }
    if (!request_.overwrite && overwrites(before, errors)) {
      return;
    }
    Json wanted = Json::object();
    for (const auto& [key, value] : request_.set) {
      wanted[key] = value;
    }
    for (const std::string& key : request_.remove) {
      wanted[key] = nullptr;
    }
    Json patch{{"metadata", {{field(), std::move(wanted)}}}};
    if (!request_.resource_version.empty()) {
      patch["metadata"]["resourceVersion"] = request_.resource_version;
    }
    const std::string name = printed_name(systems, object);
    // The client alone looks at nothing but the labels or annotations that it changes.
    const bool refused =
        request_.dry_run != DryRun::client &&
        patch_found_object(state, systems, object, patch, PatchType::Merge, by, errors, request_.dry_run)
            .refused;
    if (!refused) {
      state.output += fmt::format("{} {}{}\n", name, operation(before), dry_run_suffix(request_.dry_run));
    }
  }

  /// @return whether a value that is there would change; the error says which.
  bool overwrites(const LabelMap& before, KubectlErrors& errors) const {
    std::vector<std::string> conflicts;
    for (const auto& [key, value] : request_.set) {
      const std::string* present = kubernetes::find_label(before, key);
      // Source: annotate.go: the change cause can always be overwritten.
      if (present != nullptr && *present != value &&
          !(request_.map == Map::annotations && key == "kubernetes.io/change-cause")) {
        conflicts.push_back(fmt::format("'{}' already has a value ({})", key, *present));
      }
    }
    if (conflicts.empty()) {
      return false;
    }
    if (request_.map == Map::annotations) {
      errors.add(fmt::format("--overwrite is false but found the following declared annotation(s): {}",
                             fmt::join(conflicts, "; ")));
      return true;
    }
    for (std::string& conflict : conflicts) {
      conflict += ", and --overwrite is false";
    }
    if (conflicts.size() == 1) {
      errors.add(conflicts.front());
    } else {
      errors.add(fmt::format("{}", fmt::join(conflicts, "\n")),
                 fmt::format("[{}]", fmt::join(conflicts, ", ")));
    }
    return true;
  }

  /// Source: label.go updateDataChangeMsg: an object whose JSON is shorter than before counts as unlabelled.
  [[nodiscard]] std::string_view operation(const LabelMap& before) const {
    if (request_.map == Map::annotations) {
      return "annotated";
    }
    LabelMap after = before;
    std::erase_if(after, [&](const auto& label) {
      return kubernetes::find_label(request_.set, label.first) != nullptr ||
             std::find(request_.remove.begin(), request_.remove.end(), label.first) != request_.remove.end();
    });
    after.insert(after.end(), request_.set.begin(), request_.set.end());
    std::sort(after.begin(), after.end());
    if (after == before) {
      return "not labeled";
    }
    const auto length = [](const LabelMap& map) { return kubernetes::json::to_json(map).dump().size(); };
    return !request_.overwrite && length(after) < length(before) ? "unlabeled" : "labeled";
  }

  void list(CommandState& state, const Systems& systems, const ObjectRef& object) const {
    const bool one = request_.query.single_item;
    if (!one) {
      const ResourceKind& resource = kubernetes::resource_of(object.kind);
      state.output += fmt::format("Listing {} for {}.{}/{}:\n", field(), resource.kind_name, resource.group,
                                  name_of(systems, object));
    }
    for (const auto& [key, value] : map_of(systems, object)) {
      state.output += fmt::format("{}{}={}\n", one ? "" : " ", key, value);
    }
  }

  MapRequest request_;
};

/// KEY=VALUE or KEY-. Source: label.go parseLabels; helpers.go ParsePairs.
void read_pair(Reading& reading, const Argument& argument, MapRequest& request) {
  const std::string& text = argument.text();
  const bool labels = request.map == Map::labels;
  const auto refuse = [&](std::string problem) {
    reading.refuse(std::move(problem), "write KEY=VALUE, or KEY-", argument.origin(0));
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    request.remove.push_back(text.substr(0, text.size() - 1));
    return;
  }
  const std::string value = text.substr(equals + 1);
  if (labels && value.find('=') != std::string::npos) {
    refuse("invalid label spec: " + text);
    return;
  }
  if (labels) {
    if (const auto problems = kubernetes::label_value_problems(value); !problems.empty()) {
      refuse(fmt::format("invalid label value: \"{}\": {}", text, fmt::join(problems, ";")));
      return;
    }
  }
  const std::string key = text.substr(0, equals);
  std::erase_if(request.set, [&](const auto& entry) { return entry.first == key; });
  request.set.emplace_back(key, value);
}

void check_both(Reading& reading, const MapRequest& request) {
  std::vector<std::string> both;
  std::copy_if(request.remove.begin(), request.remove.end(), std::back_inserter(both),
               [&](const std::string& key) { return kubernetes::find_label(request.set, key) != nullptr; });
  if (both.empty()) {
    return;
  }
  reading.refuse(request.map == Map::labels
                     ? std::string("can not both modify and remove a label in the same command")
                     : fmt::format("can not both modify and remove the following annotation(s) in the same "
                                   "command: {}",
                                   fmt::join(both, ", ")));
}

ActionPointer read_map_command(Reading& reading, Map map) {
  MapRequest request;
  request.map = map;
  const std::string_view noun = map == Map::labels ? "label" : "annotation";
  std::vector<Argument> resources;
  bool met = false;
  bool open = false;  // a word that is not known yet may be anything
  for (const Argument& argument : reading.flags.arguments) {
    const std::string& text = argument.text();
    const bool pair =
        (text.find('=') != std::string::npos && text.front() != '=') || (text.ends_with('-') && text != "-");
    met = met || pair;
    open = open || argument.open_from(0);
    if (pair) {
      // A value that is not known yet is read when the command starts.
      if (!argument.open_from(0)) {
        read_pair(reading, argument, request);
      }
    } else if (met) {
      reading.refuse(fmt::format("all resources must be specified before {} changes: {}", noun, text), {},
                     argument.origin(0));
    } else {
      resources.push_back(argument);
    }
  }
  std::sort(request.set.begin(), request.set.end());
  request.overwrite = reading.boolean("overwrite");
  request.list = reading.boolean("list");
  request.dry_run = read_dry_run(reading);
  request.resource_version = reading.text("resource-version");
  const bool all = reading.boolean("all");
  if (all && !reading.text("selector").empty()) {
    reading.refuse("cannot set --all and --selector at the same time", "leave out one of them");
    return nullptr;
  }
  if (all && map == Map::labels && reading.given("field-selector")) {
    reading.refuse("cannot set --all and --field-selector at the same time", "leave out one of them");
    return nullptr;
  }
  if (resources.empty()) {
    reading.refuse(
        "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        fmt::format("write kubectl {} TYPE NAME KEY=VALUE", map == Map::labels ? "label" : "annotate"));
    return nullptr;
  }
  if (!met && !request.list && !open) {
    reading.refuse(fmt::format("at least one {} update is required", noun), "write KEY=VALUE, or KEY-");
    return nullptr;
  }
  check_both(reading, request);
  request.query = read_query(reading, resources, {});
  return std::make_shared<MapCommand>(std::move(request));
}

constexpr std::string_view kArguments =
    "TYPE (NAME… | -l SELECTOR | --all) (KEY=VALUE | KEY-)… | TYPE/NAME… (KEY=VALUE | KEY-)…";

}  // namespace

const SubCommand kKubectlLabel{"kubectl",
                               "label",
                               kArguments,
                               "Sets and removes labels.",
                               []() -> const FlagTable& { return map_flags(Map::labels); },
                               [](Reading& reading) { return read_map_command(reading, Map::labels); }};
const SubCommand kKubectlAnnotate{
    "kubectl",
    "annotate",
    kArguments,
    "Sets and removes annotations.",
    []() -> const FlagTable& { return map_flags(Map::annotations); },
    [](Reading& reading) { return read_map_command(reading, Map::annotations); }};

}  // namespace scenarios::commands

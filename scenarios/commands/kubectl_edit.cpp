// kubectl edit, looked at and closed unchanged: what the editor shows. What a person changes there is written
// as kubectl patch. Source: kubectl pkg/cmd/util/editor/editoptions.go.

#include <fmt/format.h>

#include <algorithm>

#include "models/iomesh/resource.h"
#include "scenarios/commands/iomeshctl.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"
#include "scenarios/commands/yaml_text.h"

namespace scenarios::commands {

namespace {

/// Source: editoptions.go, editHeader.writeTo.
constexpr std::string_view kHeader =
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n"
    "#\n";

const Flags& edit_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl edit", {{"selector", 'l', FlagType::text}},
                           {{"allow-missing-template-keys", 0, FlagType::boolean},
                            {"field-manager", 0, FlagType::text},
                            {"filename", 'f', FlagType::comma_list},
                            {"kustomize", 'k', FlagType::text},
                            {"output", 'o', FlagType::text},
                            {"output-patch", 0, FlagType::boolean},
                            {"recursive", 'R', FlagType::boolean},
                            {"save-config", 0, FlagType::boolean},
                            {"show-managed-fields", 0, FlagType::boolean},
                            {"subresource", 0, FlagType::text},
                            {"template", 0, FlagType::text},
                            {"validate", 0, FlagType::text, "strict"},
                            {"windows-line-endings", 0, FlagType::boolean}});
  return flags;
}

/// The editor is opened and closed.
void show(CommandState& state, const Json& shown) {
  state.output += kHeader;
  state.output += yaml_text(shown);
  state.errors += "Edit cancelled, no changes made.\n";
}

class EditObjects : public Action {
 public:
  EditObjects(ResourceQuery query, std::int64_t epoch_seconds)
      : query_(std::move(query)), epoch_seconds_(epoch_seconds) {}

  void advance(CommandState& state, Systems& systems, By) const override {
    const FoundObjects found = find_objects(systems, query_);
    KubectlErrors errors;
    for (const models::kubernetes::ApiError& error : found.errors) {
      errors.add(error);
    }
    if (errors.empty() && found.objects.empty()) {
      errors.add("error: edit cancelled, no objects found", "edit cancelled, no objects found");
    } else if (errors.empty() && found.objects.size() == 1) {
      show(state, object_json(systems, found.objects.front(), epoch_seconds_));
    } else if (errors.empty()) {
      Json items = Json::array();
      for (const ObjectRef& object : found.objects) {
        items.push_back(object_json(systems, object, epoch_seconds_));
      }
      show(state, {{"apiVersion", "v1"},
                   {"items", std::move(items)},
                   {"kind", "List"},
                   {"metadata", Json::object()}});
    }
    errors.finish_with(state);
  }

 private:
  ResourceQuery query_;
  std::int64_t epoch_seconds_;
};

class EditIOMesh : public Action {
 public:
  EditIOMesh(std::string name_space, std::string name)
      : name_space_(std::move(name_space)), name_(std::move(name)) {}

  void advance(CommandState& state, Systems& systems, By) const override {
    KubectlErrors errors;
    const auto turn = iomesh_turn(systems);
    if (!turn) {
      errors.add("error: the server doesn't have a resource type \"iomesh\"",
                 "the server doesn't have a resource type \"iomesh\"");
    } else if (turn->cluster().strings[turn->state.name_space] != name_space_ ||
               (!name_.empty() && name_ != "iomesh")) {
      const std::string text =
          name_.empty()
              ? "error: edit cancelled, no objects found"
              : fmt::format("Error from server (NotFound): iomeshes.iomesh.com \"{}\" not found", name_);
      errors.add(text, text);
    } else {
      show(state, iomesh::resource::to_json(turn->state, turn->cluster(), turn->now()));
    }
    errors.finish_with(state);
  }

 private:
  std::string name_space_;
  std::string name_;  ///< empty: all, which is one
};

ActionPointer read_edit(Reading& reading) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  if (arguments.empty()) {
    reading.refuse("must specify one of -f and -k, or a resource", "write kubectl edit TYPE NAME");
    return nullptr;
  }
  const std::string& first = arguments.front().text();
  const std::size_t slash = first.find('/');
  if (!names_iomesh(first.substr(0, slash))) {
    return std::make_shared<EditObjects>(read_query(reading, arguments, {.all_by_default = true}),
                                         reading.context.epoch_seconds);
  }
  if (arguments.size() > (slash == std::string::npos ? 2U : 1U)) {
    reading.refuse("kubectl edit iomesh with several names is not modelled", "there is one: iomesh",
                   arguments.back().origin(0));
  }
  std::string name;
  if (slash != std::string::npos) {
    name = first.substr(slash + 1);
  } else if (arguments.size() > 1) {
    name = arguments[1].text();
  }
  return std::make_shared<EditIOMesh>(reading.text("namespace", "default"), std::move(name));
}

}  // namespace

const SubCommand kKubectlEdit{"kubectl",
                              "edit",
                              "TYPE [NAME…] | TYPE/NAME…",
                              "Shows objects in an editor that is closed unchanged. A change is written as "
                              "`kubectl patch`; in a file, as a "
                              "step's `edit:`.",
                              []() -> const FlagTable& { return edit_flags().table(); },
                              read_edit};

}  // namespace scenarios::commands

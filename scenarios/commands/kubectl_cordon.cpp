// kubectl cordon and uncordon. Source: kubectl pkg/cmd/drain/drain.go RunCordonOrUncordon;
// pkg/drain/cordon.go.

#include <fmt/format.h>

#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

namespace kubernetes = models::kubernetes;

class CordonCommand : public Action {
 public:
  CordonCommand(ResourceQuery query, bool cordon) : query_(std::move(query)), cordon_(cordon) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    const FoundObjects found = find_objects(systems, query_);
    KubectlErrors errors;
    for (const kubernetes::ApiError& error : found.errors) {
      errors.add(error);
    }
    // An unknown node fails before anything is changed.
    if (!errors.empty()) {
      errors.finish_with(state);
      return;
    }
    for (const ObjectRef& node : found.objects) {
      cordon(state, systems, node, by);
    }
    finish(state);
  }

 private:
  void cordon(CommandState& state, Systems& systems, const ObjectRef& node, By by) const {
    const std::string_view done = cordon_ ? "cordoned" : "uncordoned";
    const std::string name = name_of(systems, node);
    if (systems.kubernetes.cluster.nodes[node.row].unschedulable == cordon_) {
      state.output += fmt::format("node/{} already {}\n", name, done);
      return;
    }
    const kubernetes::WriteResult result = kubernetes::update<kubernetes::Node>(
        systems.kubernetes, node.row, by, kubernetes::Verb::Update,
        [&](kubernetes::Node& object) { object.unschedulable = cordon_; });
    if (!result.ok()) {
      // The loop goes on, and the exit code stays 0.
      state.errors += fmt::format("error: unable to {} node \"{}\": {}\n", cordon_ ? "cordon" : "uncordon",
                                  name, kubernetes::internal_error().message);
      return;
    }
    state.output += fmt::format("node/{} {}\n", name, done);
  }

  ResourceQuery query_;
  bool cordon_;
};

const FlagTable& cordon_flags(bool cordon) {
  static const Flags cordon_table(Flags::Of::kubectl, "kubectl cordon", {{"selector", 'l', FlagType::text}},
                                  {{"dry-run", 0, FlagType::text, "unchanged"}});
  static const Flags uncordon_table(Flags::Of::kubectl, "kubectl uncordon",
                                    {{"selector", 'l', FlagType::text}},
                                    {{"dry-run", 0, FlagType::text, "unchanged"}});
  return cordon ? cordon_table.table() : uncordon_table.table();
}

ActionPointer read_cordon_command(Reading& reading, bool cordon) {
  const std::string verb = cordon ? "cordon" : "uncordon";
  const std::vector<Argument>& names = reading.flags.arguments;
  if (names.empty() && !reading.given("selector")) {
    reading.refuse(fmt::format("USAGE: {} NODE [flags]", verb), fmt::format("write kubectl {} NODE", verb));
    return nullptr;
  }
  if (!names.empty() && reading.given("selector")) {
    reading.refuse("cannot specify both a node name and a --selector option", "leave out one of them",
                   names.front().origin(0));
    return nullptr;
  }
  const ResourceKind& nodes = kubernetes::resource_of(Kind::Node);
  // With a selector all nodes are looked at; names stand without their type, or as node/NAME.
  ResourceQuery query = read_query(reading, {}, {.all_by_default = true});
  if (names.empty()) {
    query.items.push_back({&nodes, {}});
  }
  for (const Argument& argument : names) {
    const std::string& text = argument.text();
    const std::size_t slash = text.find('/');
    if (argument.open_from(0)) {
      continue;
    }
    if (slash != std::string::npos && kubernetes::find_resource(text.substr(0, slash)) != &nodes) {
      reading.refuse(fmt::format("{} takes nodes, and \"{}\" is none", verb, text),
                     "write NODE, or node/NODE", argument.origin(0));
    } else if (text.empty() || slash + 1 == text.size()) {
      reading.refuse("resource name may not be empty", {}, argument.origin(0));
    } else {
      query.items.push_back({&nodes, slash == std::string::npos ? text : text.substr(slash + 1)});
    }
  }
  return std::make_shared<CordonCommand>(std::move(query), cordon);
}

}  // namespace

const SubCommand kKubectlCordon{"kubectl",
                                "cordon",
                                "NODE… | -l SELECTOR",
                                "Marks nodes as unschedulable.",
                                []() -> const FlagTable& { return cordon_flags(true); },
                                [](Reading& reading) { return read_cordon_command(reading, true); }};
const SubCommand kKubectlUncordon{"kubectl",
                                  "uncordon",
                                  "NODE… | -l SELECTOR",
                                  "Marks nodes as schedulable.",
                                  []() -> const FlagTable& { return cordon_flags(false); },
                                  [](Reading& reading) { return read_cordon_command(reading, false); }};

}  // namespace scenarios::commands

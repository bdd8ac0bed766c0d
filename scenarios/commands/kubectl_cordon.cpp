// kubectl cordon and uncordon. Source: kubectl pkg/cmd/drain/drain.go RunCordonOrUncordon;
// pkg/drain/cordon.go.

#include <fmt/format.h>

#include "scenarios/commands/node_commands.h"
#include "scenarios/commands/pflag.h"
#include "scenarios/commands/request_pace.h"
#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace kubernetes = models::kubernetes;

DryRun read_dry_run(Reading& reading) {
  const std::string text = reading.text("dry-run", "none");
  const std::size_t at = reading.place_of("dry-run");
  if (text == "unchanged") {
    reading.refuse("--dry-run is deprecated and can be replaced with --dry-run=client.",
                   "write --dry-run=client", at);
    return DryRun::client;
  }
  if (const std::optional<bool> old = parse_go_boolean(text)) {
    reading.refuse(
        fmt::format("--dry-run={} is deprecated (boolean value) and can be replaced with --dry-run={}.", text,
                    *old ? "client" : "none"),
        fmt::format("write --dry-run={}", *old ? "client" : "none"), at);
  } else if (text == "client") {
    return DryRun::client;
  } else if (text == "server") {
    return DryRun::server;
  } else if (text != "none") {
    reading.refuse(
        fmt::format("Invalid dry-run value ({}). Must be \"none\", \"server\", or \"client\".", text), {},
        at);
  }
  return DryRun::none;
}

std::string_view dry_run_suffix(DryRun dry_run) {
  switch (dry_run) {
    case DryRun::none:
      return "";
    case DryRun::client:
      return " (dry run)";
    case DryRun::server:
      break;
  }
  return " (server dry run)";
}

ResourceQuery read_nodes(Reading& reading, std::string_view verb) {
  const std::vector<Argument>& names = reading.flags.arguments;
  if (names.empty() && !reading.given("selector")) {
    reading.refuse(fmt::format("USAGE: {} NODE [flags]", verb), fmt::format("write kubectl {} NODE", verb));
    return {};
  }
  const bool selects = reading.open("selector") || !reading.text("selector").empty();
  if (!names.empty() && selects) {
    reading.refuse("cannot specify both a node name and a --selector option", "leave out one of them",
                   names.front().origin(0));
    return {};
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
  return query;
}

bool resolve_nodes(CommandState& state, const Systems& systems, const ResourceQuery& query,
                   std::vector<ObjectRef>& nodes) {
  FoundObjects found = find_objects(systems, query);
  if (!found.errors.empty()) {
    KubectlErrors errors;
    errors.add(found.errors.front());
    errors.finish_with(state);
    return false;
  }
  nodes = std::move(found.objects);
  return true;
}

void cordon_nodes(CommandState& state, Systems& systems, std::span<const ObjectRef> nodes, bool cordon,
                  DryRun dry_run, By by) {
  const std::string_view done = cordon ? "cordoned" : "uncordoned";
  for (const ObjectRef& node : nodes) {
    const std::string name = name_of(systems, node);
    const std::string_view suffix = dry_run_suffix(dry_run);
    if (systems.kubernetes.cluster.nodes[node.row].unschedulable == cordon) {
      state.output += fmt::format("node/{} already {}{}\n", name, done, suffix);
      continue;
    }
    if (dry_run == DryRun::none) {
      const kubernetes::WriteResult result = kubernetes::update<kubernetes::Node>(
          systems.kubernetes, node.row, by, kubernetes::Verb::Update,
          [&](kubernetes::Node& object) { object.unschedulable = cordon; });
      if (!result.ok()) {
        // The loop goes on, and the exit code stays 0.
        state.errors += fmt::format("error: unable to {} node \"{}\": {}\n", cordon ? "cordon" : "uncordon",
                                    name, kubernetes::internal_error().message);
        continue;
      }
    }
    state.output += fmt::format("node/{} {}{}\n", name, done, suffix);
  }
}

namespace {

class CordonCommand : public Action {
 public:
  CordonCommand(ResourceQuery query, bool cordon, DryRun dry_run)
      : query_(std::move(query)), cordon_(cordon), dry_run_(dry_run) {}

  void advance(CommandState& state, Systems& systems, By by) const override {
    if (!state.started) {
      state.started = true;
      std::vector<ObjectRef> nodes;
      if (!resolve_nodes(state, systems, query_, nodes)) {
        return;
      }
      for (const ObjectRef& node : nodes) {
        state.waiting_for.push_back(node.uid);
      }
    }
    while (!state.waiting_for.empty()) {
      const std::optional<ObjectRef> node = find_uid(systems, state.waiting_for.front());
      if (node && changes(systems, *node) &&
          !takes_effect(state, systems, *node, models::kubernetes::Purpose::RequestUpdate)) {
        return;
      }
      state.waiting_for.erase(state.waiting_for.begin());
      state.deadline = sim::kNever;
      if (node) {
        cordon_nodes(state, systems, {&*node, 1}, cordon_, dry_run_, by);
      }
    }
    finish(state);
  }

 private:
  /// Whether a request is sent for the node at all.
  [[nodiscard]] bool changes(const Systems& systems, const ObjectRef& node) const {
    return dry_run_ != DryRun::client && systems.kubernetes.cluster.nodes[node.row].unschedulable != cordon_;
  }

  ResourceQuery query_;
  bool cordon_;
  DryRun dry_run_;
};

const FlagTable& cordon_flags(bool cordon) {
  static const Flags cordon_table(
      Flags::Of::kubectl, "kubectl cordon",
      {{"selector", 'l', FlagType::text}, {"dry-run", 0, FlagType::text, "unchanged"}}, {});
  static const Flags uncordon_table(
      Flags::Of::kubectl, "kubectl uncordon",
      {{"selector", 'l', FlagType::text}, {"dry-run", 0, FlagType::text, "unchanged"}}, {});
  return cordon ? cordon_table.table() : uncordon_table.table();
}

ActionPointer read_cordon_command(Reading& reading, bool cordon) {
  const DryRun dry_run = read_dry_run(reading);
  return std::make_shared<CordonCommand>(read_nodes(reading, cordon ? "cordon" : "uncordon"), cordon,
                                         dry_run);
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

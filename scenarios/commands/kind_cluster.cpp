// kind create cluster, kind delete cluster: a runbook for a laptop begins and ends with them. The rehearsed
// cluster is there already, and what happens after it is gone is no part of a rehearsal: both do nothing.
// Source of the flags: kubernetes-sigs/kind pkg/cmd/kind/create/cluster, pkg/cmd/kind/delete/cluster.

#include <fmt/format.h>

#include "scenarios/commands/sub_commands.h"

namespace scenarios::commands {

namespace {

const Flags& create_flags() {
  static const Flags flags(Flags::Of::other, "kind create cluster",
                           {{"config", 0, FlagType::text},
                            {"image", 0, FlagType::text},
                            {"name", 'n', FlagType::text},
                            {"wait", 0, FlagType::duration}},
                           {{"kubeconfig", 0, FlagType::text},
                            {"quiet", 'q', FlagType::boolean},
                            {"retain", 0, FlagType::boolean},
                            {"verbosity", 'v', FlagType::integer}});
  return flags;
}

const Flags& delete_flags() {
  static const Flags flags(Flags::Of::other, "kind delete cluster", {{"name", 'n', FlagType::text}},
                           {{"kubeconfig", 0, FlagType::text},
                            {"quiet", 'q', FlagType::boolean},
                            {"verbosity", 'v', FlagType::integer}});
  return flags;
}

class NothingToDo : public Action {
 public:
  void advance(CommandState& state, Systems&, By) const override { finish(state); }
};

ActionPointer read_kind(Reading& reading) {
  if (!reading.flags.arguments.empty()) {
    const Argument& first = reading.flags.arguments.front();
    reading.refuse(fmt::format("unknown argument \"{}\"", first.text()), "kind takes flags only",
                   first.origin(0));
  }
  return std::make_shared<NothingToDo>();
}

}  // namespace

const SubCommand kKindCreateCluster{"kind",
                                    "create cluster",
                                    "",
                                    "Does nothing: the scenario's cluster is there.",
                                    []() -> const FlagTable& { return create_flags().table(); },
                                    read_kind};
const SubCommand kKindDeleteCluster{"kind",
                                    "delete cluster",
                                    "",
                                    "Does nothing: the rehearsal ends by itself.",
                                    []() -> const FlagTable& { return delete_flags().table(); },
                                    read_kind};

}  // namespace scenarios::commands

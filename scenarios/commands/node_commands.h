#pragma once
// What kubectl cordon, uncordon and drain have in common.

#include <span>
#include <string_view>

#include "scenarios/commands/resource_arguments.h"

namespace scenarios::commands {

/// --dry-run. Source: kubectl pkg/cmd/util/helpers.go GetDryRunStrategy.
enum class DryRun : std::uint8_t { none, client, server };
DryRun read_dry_run(Reading& reading);
/// What follows a printed name: "", " (dry run)", " (server dry run)".
/// Source: PrintFlagsWithDryRunStrategy.
std::string_view dry_run_suffix(DryRun dry_run);

/// Reads NODE… or -l SELECTOR of `kubectl VERB`; no items and a problem in `reading` where it is neither.
/// Source: kubectl pkg/cmd/drain/drain.go Complete.
ResourceQuery read_nodes(Reading& reading, std::string_view verb);
/// The nodes that are asked for; the first name that there is not ends the command, for the builder does
/// not go on after errors. @return false when the command has ended.
bool resolve_nodes(CommandState& state, const Systems& systems, const ResourceQuery& query,
                   std::vector<ObjectRef>& nodes);

/// Marks nodes as unschedulable, or as schedulable. A refused write is printed and fails nothing.
/// Source: drain.go RunCordonOrUncordon; kubectl pkg/drain/cordon.go.
void cordon_nodes(CommandState& state, Systems& systems, std::span<const ObjectRef> nodes, bool cordon,
                  DryRun dry_run, By by);

}  // namespace scenarios::commands

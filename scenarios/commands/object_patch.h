#pragma once
// A patch of one object of any kind, and what kubectl prints of its refusal.

#include <functional>

#include "models/kubernetes/object_writes.h"
#include "scenarios/commands/api_objects.h"
#include "scenarios/commands/node_commands.h"

namespace scenarios::commands {

using models::kubernetes::PatchType;

/// What came of one object's patch.
struct Patched {
  bool changed = false;
  bool refused = false;
};

/// Patches an object. Warnings go to `state`, a refusal to `errors`. With `DryRun::server` the API server
/// does all but store the result; with `DryRun::client` kubectl applies the patch to the object itself and
/// asks nobody.
Patched patch_found_object(CommandState& state, Systems& systems, const ObjectRef& object, const Json& patch,
                           PatchType type, By by, KubectlErrors& errors, DryRun dry_run = DryRun::none);

/// Performs `request(systems)` on a copy of the systems, which is then forgotten: what a server dry run does.
Patched on_a_copy(const Systems& systems, const std::function<Patched(Systems&)>& request);

}  // namespace scenarios::commands

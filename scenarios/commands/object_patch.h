#pragma once
// A patch of one object of any kind, and what kubectl prints of its refusal.

#include "models/kubernetes/object_writes.h"
#include "scenarios/commands/api_objects.h"

namespace scenarios::commands {

using models::kubernetes::PatchType;

/// What came of one object's patch.
struct Patched {
  bool changed = false;
  bool refused = false;
};

/// Patches an object. Warnings go to `state`, a refusal to `errors`.
Patched patch_found_object(CommandState& state, Systems& systems, const ObjectRef& object, const Json& patch,
                           PatchType type, By by, KubectlErrors& errors);

}  // namespace scenarios::commands

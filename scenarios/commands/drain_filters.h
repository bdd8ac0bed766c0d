#pragma once
// Which pods of a node `kubectl drain` takes, leaves, or stumbles over.

#include <optional>
#include <string>
#include <vector>

#include "scenarios/commands/api_objects.h"

namespace scenarios::commands {

/// The flags of drain that filters ask.
struct DrainFilters {
  bool force = false;
  bool ignore_daemonsets = false;
  bool delete_emptydir_data = false;
  std::int64_t skip_seconds = 0;  ///< --skip-wait-for-delete-timeout; 0: never
  std::optional<Selector> pod_selector;
};

/// The pods of a node as drain sorts them.
struct PodsToDrain {
  std::vector<ObjectRef> pods;      ///< to be deleted, in the order of the API's list
  std::vector<std::string> errors;  ///< why none may be: `cannot delete …: ns/p, ns/q`
  std::string warnings;             ///< empty, or joined by `; `
};

/// Lists and filters the pods of a node. Groups of equal messages stand in the order of their first pods;
/// upstream's order is that of a Go map.
/// Source: kubectl pkg/drain/drain.go GetPodsForDeletion; filters.go.
PodsToDrain pods_to_drain(const Systems& systems, Row node, const DrainFilters& filters);

/// Whether a pod has been terminating for too long to be waited for. Source: filters.go shouldSkipPod.
bool is_skipped(const Systems& systems, Row pod, std::int64_t skip_seconds);

}  // namespace scenarios::commands

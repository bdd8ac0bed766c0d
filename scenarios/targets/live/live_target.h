#pragma once
// A plan performed on a real cluster, by the operator's own programs, and observed through them; or on a
// recording of that, which shows the same to the same code.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/json/fields.h"
#include "scenarios/build.h"
#include "scenarios/plan_dictation.h"
#include "scenarios/targets/fidelity/environment.h"
#include "scenarios/targets/live/strikes.h"
#include "scenarios/targets/programs/programs.h"
#include "sim/result.h"

namespace scenarios::targets {

struct LiveOptions {
  /// The kinds that are watched, as kubectl names them.
  std::vector<std::string> kinds = {"nodes",
                                    "pods",
                                    "statefulsets",
                                    "jobs",
                                    "deployments",
                                    "replicasets",
                                    "daemonsets",
                                    "persistentvolumeclaims",
                                    "poddisruptionbudgets",
                                    "controllerrevisions"};
  /// The run is over when nothing has happened for so long after the plan's end…
  sim::Duration quiet = std::chrono::seconds{5};
  /// … and at the latest so long after it.
  sim::Duration at_most = std::chrono::minutes{2};
};

/// The Flux Operator's kind, as kubectl names it. Only a cluster that has its definition serves it.
inline constexpr const char* kMiniClusters = "miniclusters.flux-framework.org";
/// Whether the cluster serves MiniClusters. That it does not is no error.
bool serves_miniclusters(Programs& programs);

/// What the cluster was when it was looked at first: the items of `kubectl get … -A -o json`.
struct ClusterSnapshot {
  std::vector<models::kubernetes::json::Json> items;
  models::kubernetes::json::UnixSeconds taken = 0;  ///< the latest moment that an object mentions
};

/// Asks kubectl for all objects of `kinds`. @return nothing, and why, when it does not answer with them.
std::optional<ClusterSnapshot> take_snapshot(Programs& programs, const LiveOptions& options,
                                             std::string& problem);

/// What a performed plan left.
struct LiveRun {
  World world;           ///< the cluster as observed, the plan as performed, the checks as they judge it
  sim::History history;  ///< what was observed, in the simulator's transitions
  sim::TransitionId begins = 0;         ///< the first transition after the first look
  std::vector<std::uint64_t> versions;  ///< resourceVersion behind each transition, by its id
  std::vector<std::string> notes;       ///< what the adapter did beside the plan: relists, skipped rubbish
  std::vector<Strike> strikes;          ///< the faults of the scenario, one for each of its `faults:`
  Environment environment;
  std::vector<FirstOutput> first_outputs;  ///< of the plan's commands
};

/// Performs the plan of `rehearsal`, which was built from `snapshot`. Its faults must be `strikable`.
LiveRun perform_live(const Rehearsal& rehearsal, const ClusterSnapshot& snapshot, Programs& programs,
                     const LiveOptions& options);

}  // namespace scenarios::targets

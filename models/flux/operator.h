#pragma once
// The Flux Operator: brings the Job in line with the MiniCluster.
//
// Source: flux-operator controllers/flux/minicluster_controller.go (Reconcile), minicluster.go
// (ensureMiniCluster, getMiniCluster, cleanupPodsStorage), scale.go, api/v1alpha2/minicluster_types.go
// (Validate). Upstream requeues a reconciled object again and again; here it looks again when something has
// changed, for otherwise a reconcile does nothing. Left out: services, headless Service, ConfigMap as an
// object, broker label, bursting.

#include <cstdint>
#include <string>

#include "models/flux/state.h"
#include "models/kubernetes/watch.h"

namespace models::flux::operate {

/// Queues a reconcile: after the watch's latency and the operator's own time. A queued key collapses.
void enqueue(FluxTurn& turn, Row minicluster, sim::TransitionId cause);

/// A watch event of a Job that belongs to a MiniCluster.
void observe(FluxTurn& turn, const kubernetes::WatchEvent& event);

void on_run(FluxTurn& turn, Row minicluster);
/// The garbage collector deletes the Job at `job` of a deleted MiniCluster, if it is still the one with
/// `uid`.
void on_collect(FluxTurn& turn, Row job, Uid uid, sim::TransitionId cause);
void collect_later(FluxTurn& turn, Row job, Uid uid, sim::TransitionId cause);

/// Looks for the Job by the MiniCluster's name. @return whether there is one.
bool find_job(FluxTurn& turn, Row minicluster);
/// Writes the ConfigMap, once: the hosts of the instance and its quorum, which no later change touches.
/// Source: flux-operator pkg/flux/config.go, generateHostlist and getRequiredRanks.
void write_config(FluxTurn& turn, Row minicluster);

/// Why a spec does not pass, in the operator's words; empty: it does.
/// Source: api/v1alpha2/minicluster_types.go, Validate.
std::string validate(const MiniClusterSpec& spec);

/// What a resize request comes to.
enum class Decision : std::uint8_t {
  Nothing,    ///< the Job has that size
  Accept,     ///< the Job is patched
  DenyAbove,  ///< spec.size is patched to status.maximumSize
  DenyBelow,  ///< spec.size is patched back to the Job's parallelism
};
/// Source: scale.go, resizeCluster. REQUIRES: the spec passed `validate` and its size is not 0.
Decision decide(std::int32_t requested, std::int32_t maximum, std::int32_t parallelism);

}  // namespace models::flux::operate

#pragma once
// What the controllers of ReplicaSets and DaemonSets have in common: claiming pods, expectations, names,
// availability, back-off.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/api.h"

namespace models::kubernetes::workloads {

/// A time as API objects hold it: whole seconds.
inline sim::Time whole_seconds(sim::Time at) { return std::chrono::floor<std::chrono::seconds>(at); }

/// Whether a pod counts: neither finished nor deleted. Source: pkg/controller/controller_utils.go
/// IsPodActive.
inline bool is_active(const Pod& pod) { return !pod.terminal() && !pod.meta.deleting(); }

/// Source: pkg/api/v1/pod/util.go IsPodAvailable.
bool is_available(const Pod& pod, std::int32_t min_ready_seconds, sim::Time now);

/// How long until the first of the Ready pods will be available; zero if none is waited for. Source:
/// pkg/controller/controller_utils.go FindMinNextPodAvailabilityCheck.
sim::Duration next_availability(const std::vector<const Pod*>& pods, std::int32_t min_ready_seconds,
                                sim::Time now);

/// Whether the selector matches the pod's labels. Source: controllers never let an empty selector match.
bool selects(const Cluster& cluster, const LabelSelector& selector, const Pod& pod);

/// Who claims pods.
struct Claimant {
  Uid uid = 0;
  Row pods_head = kNoRow;
  Text name_space = 0;
  const LabelSelector* selector = nullptr;
  bool deleting = false;  ///< it adopts and releases nothing then
};

struct ClaimedPods {
  std::vector<Row> members;  ///< those to be adopted included; oldest first, then orphans by row
  std::vector<Row> adopt;
  std::vector<Row> release;
};

/// Pods that the claimant controls and that still match, and orphans that match, as seen.
/// Source: pkg/controller/controller_ref_manager.go ClaimPods, ClaimObject.
/// @param active_only  leaves out pods that do not count, as the ReplicaSet controller does before claiming.
ClaimedPods claim_pods(const View& view, const Claimant& claimant, const std::vector<Row>& orphans,
                       bool active_only);

/// Source: controller_ref_manager.go AdoptPod (an owner that is gone or deleted adopts nothing), ReleasePod
/// (a pod that is gone is nobody's error).
Outcome adopt_pod(Turn& turn, Row pod, OwnerRef owner, bool owner_may_adopt, By by);
Outcome release_pod(Turn& turn, Row pod, Uid owner, By by);

/// Keeps the list of pods without a controller up to date with one watch event.
void note_orphan(std::vector<Row>& orphans, Row row, const Pod* pod);
/// All such pods, as seen: what the list holds after a restart.
std::vector<Row> list_orphans(const View& view);

// Expectations. Source: pkg/controller/controller_utils.go ControllerExpectations,
// UIDTrackingControllerExpectations.

/// Whether every creation and deletion was observed, or too much time has passed.
bool satisfied(const std::vector<Expectations>& all, Row row, Uid uid, sim::Time now);
void expect_creations(std::vector<Expectations>& all, Row row, Uid uid, std::int32_t count, sim::Time now);
void expect_deletions(std::vector<Expectations>& all, Row row, Uid uid, std::vector<Uid> pods, sim::Time now);
/// Creations and deletions of one sync, as the DaemonSet controller expects them.
void expect_both(std::vector<Expectations>& all, Row row, Uid uid, std::int32_t creations,
                 std::vector<Uid> deletions, sim::Time now);
void creation_observed(std::vector<Expectations>& all, Row row, Uid uid);
void deletion_observed(std::vector<Expectations>& all, Row row, Uid uid, Uid pod);
void forget_expectations(std::vector<Expectations>& all, Row row);

/// The next pod of an owner: `<owner>-<suffix>`, unlike all that the owner had before.
/// @return the pod with its names, owner, attempt and suffix; the template is the caller's.
Pod new_pod(Turn& turn, OwnerRef owner, Text owner_name, Text name_space);
/// Counts the pod that `new_pod` gave once the API has taken it.
void count_new_pod(Cluster& cluster, const OwnerRef& owner);
/// Counts a pod that is there without the controller's doing, so that later names differ.
void count_known_pods(Cluster& cluster, const OwnerRef& owner, std::uint32_t pods);

/// Exponential for the key, and a token bucket for all keys; the later of the two.
/// Source: client-go util/workqueue default_rate_limiters.go DefaultTypedControllerRateLimiter.
sim::Duration retry_delay(ClientThrottle& retries, sim::Time now, std::uint32_t failures);

/// What the API answers about an object whose write failed.
std::string api_error(Outcome outcome, std::string_view resource, std::string_view name);

/// Splits `count` into batches of 1, 2, 4, …: the number of the batch of the write at `position`.
/// Source: replica_set.go slowStartBatch, SlowStartInitialBatchSize 1.
std::uint32_t slow_start_batch(std::uint32_t position);

}  // namespace models::kubernetes::workloads

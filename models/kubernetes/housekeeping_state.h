#pragma once
// The memory of the garbage collectors and of the controllers of claims. All of it is lost when the
// controller manager restarts.

#include <cstdint>
#include <vector>

#include "models/kubernetes/controller_state.h"
#include "models/kubernetes/objects.h"
#include "sim/history.h"

namespace models::kubernetes {

/// An object that the garbage collector will look at.
struct Dependent {
  Kind kind = Kind::None;
  Row row = kNoRow;
  Uid uid = 0;
};

/// Objects whose owner is gone (or goes): looked at one by one, as the client lets requests through.
struct CollectionBatch {
  Uid owner = 0;
  std::uint32_t number = 0;  ///< which batch; the subject of its event
  std::uint32_t next = 0;    ///< position in `dependents`
  Kind owner_kind = Kind::None;
  Row owner_row = kNoRow;
  bool orphan = false;   ///< owner references are removed instead of objects
  bool granted = false;  ///< the client has let the next deletion through
  sim::TransitionId cause = sim::kNoTransition;
  std::vector<Dependent> dependents;
  std::vector<sim::Time> due;  ///< when requests take time: when each takes effect, ascending
};

/// A claim that a pod owns.
struct ClaimOfPod {
  Uid pod = 0;
  Row claim = kNoRow;
  friend bool operator==(const ClaimOfPod&, const ClaimOfPod&) = default;
};

/// An owner that is deleted in the foreground and waits for its dependents to go.
struct WaitingOwner {
  Kind kind = Kind::None;
  Row row = kNoRow;
  Uid uid = 0;
};

struct GarbageCollectorState {
  ClientThrottle client;
  std::uint32_t next_batch = 0;
  std::vector<CollectionBatch> batches;      ///< in the order of their numbers
  std::vector<ClaimOfPod> claims_of_pods;    ///< sorted by pod
  std::vector<WaitingOwner> waiting_owners;  ///< in the order of their deletion
};

/// A node that is gone while pods are still bound to it.
struct QuarantinedNode {
  Row row = kNoRow;
  sim::Time until = sim::kNever;  ///< kNever: not yet found by a tick
};

struct PodGarbageCollectorState {
  bool tick_scheduled = false;
  std::vector<QuarantinedNode> missing_nodes;
  std::vector<Row> out_of_service_nodes;  ///< nodes that were seen with that taint, by row
  std::vector<bool> terminated;  ///< by row of the pod: seen as Succeeded or Failed; follows from the pods
  std::uint32_t terminated_count = 0;  ///< how many of these
};

/// A volume that is attached to a node, on its way there or off. Volumes go by their claims.
struct VolumeAttachment {
  enum class Stage : std::uint8_t { Attaching, Attached, Detaching };
  Row claim = kNoRow;
  Uid uid = 0;  ///< of the claim
  Row node = kNoRow;
  Stage stage = Stage::Attaching;
  bool forced = false;                           ///< detached although it was still mounted
  sim::Time ends = sim::kNever;                  ///< of attaching and detaching
  sim::Time unwanted_since = sim::kNever;        ///< since when no pod there wants it; kNever: one does
  sim::TransitionId cause = sim::kNoTransition;  ///< what it was attached, or became unwanted, for
};

struct AttachDetachState {
  std::vector<VolumeAttachment> attachments;  ///< in the order in which they began
  std::vector<Row> pods;                      ///< those on nodes that name such volumes; ascending
  std::vector<Uid> told;                      ///< pods that were told of a Multi-Attach error; ascending
  sim::Time pass_at = sim::kNever;            ///< when the next pass is due
};

struct ClaimControllerState {
  std::vector<Row> terminating;  ///< claims that are deleted but protected, in the order of their deletion
};

}  // namespace models::kubernetes

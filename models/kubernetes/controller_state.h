#pragma once
// The memory of a controller: its queue, its throttled client and its syncs under way.

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/kubernetes/job_memory.h"
#include "models/kubernetes/job_plan.h"
#include "models/kubernetes/job_status.h"
#include "models/kubernetes/objects.h"
#include "sim/history.h"

namespace models::kubernetes {

/// How the API answered a write.
enum class Outcome : std::uint8_t {
  Ok,
  Skipped,  ///< not tried, since an earlier write failed
  NotFound,
  Conflict,  ///< the object has changed since it was read
  AlreadyExists,
  Invalid,    ///< admission refused the content
  Forbidden,  ///< a quota or a policy refused it
  Error,      ///< an injected failure of the API server
  Pending,    ///< sent, or not yet sent: its batch is under way
};

enum class WriteKind : std::uint8_t {
  CreatePod,           ///< index: ordinal or completion index; the rest as the controller says
  DeletePod,           ///< row: the pod
  RemoveJobFinalizer,  ///< row: the pod
  AdoptPod,            ///< row: the pod
  ReleasePod,          ///< row: the pod
  RepairPod,           ///< row: the pod; identity labels and volumes of a StatefulSet's pod
  CreateClaim,         ///< index: ordinal; argument: which claim template
  UpdateClaimOwners,   ///< row: the claim; argument: uid of the set or 0; number: uid of the pod or 0
  CreateRevision,      ///< argument: template; number: revision number
  AdoptRevision,       ///< row: the revision
  RenumberRevision,    ///< row: the revision; number: revision number
  DeleteRevision,      ///< row: the revision
  UpdateStatus,        ///< the status that the sync holds
  CreateReplicaSet,    ///< index: which of the sync's changes
  UpdateReplicaSet,    ///< row: the ReplicaSet; index: which of the sync's changes
  DeleteReplicaSet,    ///< row: the ReplicaSet
  AdoptReplicaSet,     ///< row: the ReplicaSet
  ReleaseReplicaSet,   ///< row: the ReplicaSet
  UpdateOwner,         ///< the object that is synced: annotations or a roll-back of its template
  LabelPod,            ///< row: the pod; argument: Text of the revision label's value
};

/// A write that a controller wants.
///
/// Writes are ordered in batches. All writes of a batch are tried; if one failed, the batches after it are
/// skipped (`Outcome::Skipped`) and the controller goes on with its next stage, where it writes its status.
/// A batch consists of items: a write that needs the one before it, or is for the same index, belongs to the
/// same item and is sent when that one was answered. Items are sent one after the other unless they are
/// `concurrent`.
struct Write {
  WriteKind kind = WriteKind::CreatePod;
  bool needs_previous = false;  ///< skipped unless the write before it succeeded
  bool concurrent = false;      ///< sent beside the other items of its batch, not after them
  std::uint16_t pass = 0;       ///< which pass of the sync wanted it; the controller's own numbering
  std::uint32_t batch = 0;
  Row row = kNoRow;
  std::int32_t index = -1;
  std::uint32_t argument = 0;
  std::int32_t number = 0;
  std::int32_t further_number = 0;
  friend bool operator==(const Write&, const Write&) = default;
};

/// A sync under way. A world that is copied in the middle of one goes on in both copies.
template <class Payload>
struct Sync {
  Row row = kNoRow;
  Uid uid = 0;
  std::uint8_t stage = 0;
  bool granted = false;       ///< the client has let the next write through
  bool batch_failed = false;  ///< a write of the batch under way failed
  bool failed = false;        ///< the sync ends with an error: back-off
  std::uint32_t next = 0;     ///< position in `writes` of the one that is performed now, or next
  std::uint32_t pending = 0;  ///< writes of the batch under way that have not yet taken effect
  sim::TransitionId cause = sim::kNoTransition;
  sim::Duration requeue_after{};  ///< 0: no; else the key is queued again after that (on success)
  std::vector<Write> writes;
  std::vector<Outcome> outcomes;  ///< of writes[0 … next-1]; while requests take time, of all up to the batch
  std::vector<Row> rows;          ///< beside outcomes: the row written or created; kNoRow if none
  std::vector<sim::Time> due;  ///< of the batch under way: when each takes effect; kNever: not sent, or done
  sim::Time resume_at = sim::kNever;  ///< when requests take time: an event for another time is stale
  Payload payload;
};

/// One key of a work queue: like client-go's, a key that is queued again while it waits or runs collapses.
struct QueueEntry {
  bool queued = false;
  bool processing = false;
  bool dirty = false;  ///< queued again while processing
  std::uint8_t further_count = 0;
  std::uint32_t failures = 0;                    ///< of the rate limiter
  sim::TransitionId cause = sim::kNoTransition;  ///< the first write that queued it
  std::array<sim::TransitionId, 3> further{};    ///< the next ones; more are not kept
  sim::Time wake_at = sim::kNever;               ///< queued at that time, for `wake_cause`
  sim::TransitionId wake_cause = sim::kNoTransition;
  sim::Time start_at = sim::kNever;  ///< of a queued key: when a worker looks; kNever: not yet asked
  std::uint32_t syncs = 0;           ///< how many began: the occurrence of its choices
};

/// A work queue. Source: client-go util/workqueue (queue.go, delaying_queue.go, rate_limiting_queue.go).
struct WorkQueue {
  std::vector<QueueEntry> entries;  ///< by row of the object
  std::vector<Row> waiting;         ///< queued keys, first come first served
  std::uint32_t head = 0;
  sim::Time run_at = sim::kNever;  ///< the earliest pending look at the queue

  QueueEntry& entry(Row row) {
    if (row >= entries.size()) {
      entries.resize(row + std::size_t{1});
    }
    return entries[row];
  }
  [[nodiscard]] bool empty() const { return head == waiting.size(); }
  [[nodiscard]] std::size_t size() const { return waiting.size() - head; }
  /// The key that is `position` places behind the first one.
  [[nodiscard]] Row at(std::size_t position) const { return waiting[head + position]; }
  /// Takes that key out.
  Row take(std::size_t position) {
    const auto first = waiting.begin() + head;
    std::rotate(first, first + static_cast<std::ptrdiff_t>(position),
                first + static_cast<std::ptrdiff_t>(position) + 1);
    const Row row = waiting[head++];
    if (head == waiting.size()) {
      waiting.clear();
      head = 0;
    }
    return row;
  }
};

/// The token bucket of an API client (client-go flowcontrol: `qps` a second, `burst` at once), as one number:
/// the time at which the bucket will be full again.
struct ClientThrottle {
  sim::Time full_at{};

  /// Reserves a request. @return when it may be sent: `now`, or later when the bucket is empty.
  sim::Time reserve(sim::Time now, std::int64_t qps, std::int64_t burst) {
    const sim::Duration interval{std::int64_t{1'000'000'000} / qps};
    full_at = std::max(full_at, now) + interval;
    return std::max(now, full_at - interval * burst);
  }
};

/// What a StatefulSet sync carries from its decision to its status write.
struct StatefulSetSyncPayload {
  StatefulSetStatus
      status;  ///< counted by the decision; deletions of the update pass are still to be subtracted
  StatefulSetStatus seen;      ///< the status that the sync found, to write only what differs
  Version version = 0;         ///< resourceVersion of the set that the sync found
  bool completes = false;      ///< the update revision becomes the current one
  bool refused = false;        ///< the sync ends before its passes: nothing is written, not even the status
  std::vector<Write> history;  ///< deletions of revisions beyond the limit, after the status
};

struct StatefulSetControllerState {
  WorkQueue queue;
  ClientThrottle client;
  ClientThrottle retries;  ///< the token bucket of the queue's rate limiter, shared by all keys
  std::vector<Sync<StatefulSetSyncPayload>> active;
  std::vector<Row> orphans;  ///< pods without a controller whose name ends in an ordinal, as seen; ascending
};

/// What a Job sync carries from stage to stage.
struct JobSyncPayload {
  JobPlan plan;         ///< what the snapshot led to
  JobAccount account;   ///< set once pods are managed
  Version version = 0;  ///< resourceVersion that the status writes are based on
  Text name = 0;        ///< of the Job: pods are named after it
  Text name_space = 0;
  TemplateId pod_template = 0;
};

/// A pod whose Job is gone or finished and whose finalizer the controller still has to remove.
struct OrphanPod {
  TrackedPod pod;
  std::uint32_t failures = 0;  ///< of the rate limiter
  sim::Time not_before{};      ///< end of the back-off after a failure
  sim::TransitionId cause = sim::kNoTransition;
};

struct JobControllerState {
  WorkQueue queue;
  ClientThrottle client;
  std::vector<Sync<JobSyncPayload>> active;
  std::vector<JobMemory> memory;   ///< by row of the Job
  std::vector<OrphanPod> orphans;  ///< the queue of the orphan worker, first come first served
  std::uint32_t orphan_head = 0;   ///< those before it are done with
  bool orphan_scheduled = false;   ///< the orphan worker's next look at its queue is pending
  bool orphan_granted = false;     ///< the client has let the first orphan's write through
  /// Pods without a controller, as observed: what a Job may adopt. It follows from the
  /// objects and is listed anew when it is not `ownerless_known`.
  std::vector<TrackedPod> ownerless;
  bool ownerless_known = false;
};

/// The TTL-after-finished controller.
struct TtlControllerState {
  ClientThrottle client;
};

}  // namespace models::kubernetes

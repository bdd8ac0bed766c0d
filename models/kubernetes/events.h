#pragma once

#include <cstdint>

namespace models::kubernetes {

/// Kinds of pending events. Subject and argument as the comment says; a row comes with the object's uid as
/// the argument, so that an event for an object that is gone is recognised.
enum class Event : std::uint32_t {
  Deliver,              ///< subject: ObserverId
  StatefulSetQueueRun,  ///< the controller takes keys from its queue
  StatefulSetWake,      ///< subject: row, argument: uid
  StatefulSetResume,    ///< a throttled write may go on; subject: row, argument: uid
  JobQueueRun,
  JobWake,
  JobResume,
  SchedulerRun,
  SchedulerFlush,       ///< parked pods whose back-off is over
  KubeletPod,           ///< subject: pod row, argument: uid; what to do follows from the pod's state
  KubeletContainerEnd,  ///< subject: pod row, argument: uid
  KubeletKill,          ///< subject: pod row, argument: uid; the grace period is over
  KubeletReady,         ///< subject: pod row, argument: uid
  GarbageCollect,       ///< subject: row of a pod or claim with kind in the argument's top bits
  PodGarbageCollectorTick,
  JobTtlExpired,    ///< subject: job row, argument: uid
  NodeMonitorTick,  ///< a pass of the node lifecycle controller
  TaintEviction,    ///< subject: pod row, argument: uid
  ClaimBind,        ///< subject: claim row, argument: uid
  ClaimProtection,  ///< subject: claim row, argument: uid
  KubeletDeadline,  ///< subject: pod row, argument: uid; activeDeadlineSeconds are over
  JobOrphan,        ///< the Job controller's orphan worker looks at its queue
  JobTtlDelete,     ///< the throttled deletion of a Job may go on; subject: job row, argument: uid
  ReplicaSetQueueRun,
  ReplicaSetWake,    ///< subject: row, argument: uid
  ReplicaSetResume,  ///< a throttled write may go on; subject: row, argument: uid
  DeploymentQueueRun,
  DeploymentWake,
  DeploymentResume,
  DaemonSetQueueRun,
  DaemonSetWake,
  DaemonSetResume,
  DisruptionQueueRun,
  DisruptionWake,  ///< also the recheck of disruptedPods; subject: row, argument: uid
  DisruptionResume,
  DisruptionStalePod,  ///< a pod that was to be disrupted is still there; subject: pod row, argument: uid
  NodeEvictionTick,    ///< the node lifecycle controller looks at a queue; subject: number of the zone
  NodeShutdownStep,    ///< the next pods of a machine that shuts down; subject: node row, argument: uid
  CloudNodeTick,       ///< a pass of the cloud's node lifecycle controller
  AttachDetachPass,    ///< a pass of the attach/detach controller
  kEnd = 100,          ///< codes from 100 belong to Flux, from 200 to the plan
};

}  // namespace models::kubernetes

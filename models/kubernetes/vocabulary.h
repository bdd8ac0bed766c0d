#pragma once
// The codes of transitions and the words that they stand for.

#include <cstdint>
#include <string>
#include <string_view>

#include "models/kubernetes/objects.h"
#include "models/kubernetes/workload_objects.h"
#include "sim/history.h"

namespace models::kubernetes {

struct Strings;

/// Who wrote. The text is the field manager's or the program's name.
enum class Writer : std::uint16_t {
  None,
  Setup,  ///< was there when the scenario began
  User,   ///< a step of the plan
  Fault,  ///< injected by the scenario or the explorer
  StatefulSetController,
  JobController,
  GarbageCollector,
  PodGarbageCollector,
  TtlAfterFinishedController,
  PersistentVolumeClaimProtection,
  PersistentVolumeController,
  NodeLifecycleController,
  TaintEvictionController,
  Scheduler,
  Kubelet,
  FluxOperator,
  FluxBroker,
  Plan,  ///< the performance of the plan itself
  Check,
  ReplicaSetController,
  DeploymentController,
  DaemonSetController,
  DisruptionController,
  CloudNodeLifecycleController,
  AttachDetachController,
};

/// Which property of the subject changed; `from`, `to` and `detail` mean what the comment says.
enum class Field : std::uint16_t {
  None,
  // Any object
  Created,            ///< detail: none
  Removed,            ///< gone from the API
  DeletionRequested,  ///< to: grace period in seconds
  Finalizer,          ///< a finalizer was removed; detail: Text of its name
  Owner,              ///< from, to: uid of the controller; adoption and release
  Waits,              ///< the writer waits; to: WaitReason, detail: uid waited for
  SyncFailed,         ///< a controller's sync ended with an error; detail: history text
  Warning,            ///< an event of type Warning; detail: history text
  Updated,            ///< something changed that has no code of its own
  // Pod
  PodPhaseChanged = 20,  ///< PodPhase
  PodReady,              ///< 0 or 1
  PodInitialized,        ///< 0 or 1
  PodBound,              ///< to: uid of the node
  PodUnschedulable,      ///< to: 1; detail: history text of the condition's message
  PodRestarted,          ///< from, to: sum of restarts; detail: exit code + 1
  PodWaiting,            ///< from, to: ContainerReason
  PodDisruptionTarget,   ///< 0 or 1
  PodLabels,             ///< labels changed
  PodEvicted,            ///< status.reason; PodReason
  PodTerminated,         ///< a container ended; to: exit code, detail: ContainerReason
  // Node
  NodeReady = 40,     ///< 0 False, 1 True, 2 Unknown, 3 there is no such condition
  NodeUnschedulable,  ///< 0 or 1
  NodeTaints,         ///< detail: history text
  NodeKubelet,        ///< 0 silent, 1 alive
  // StatefulSet
  SetReplicas = 60,  ///< spec.replicas
  SetTemplate,       ///< spec.template: from, to template ids
  SetSpec,           ///< another field of the spec; detail: history text of its path
  SetStatusReplicas,
  SetStatusReady,
  SetStatusAvailable,
  SetStatusCurrent,
  SetStatusUpdated,
  SetObservedGeneration,
  SetCurrentRevision,  ///< Text
  SetUpdateRevision,   ///< Text
  RevisionNumber,      ///< a ControllerRevision was renumbered
  // PersistentVolumeClaim
  ClaimPhaseChanged = 80,  ///< ClaimPhase
  ClaimOwner,              ///< from, to: uid of the owning object (set or pod)
  ClaimAttached,           ///< its volume is attached; to: uid of the node
  ClaimDetached,           ///< from: uid of the node; to: 1 where it was still mounted
  // Job
  JobParallelism = 100,  ///< spec.parallelism
  JobCompletions,        ///< spec.completions
  JobSuspend,            ///< spec.suspend
  JobSpec,               ///< another field of the spec; detail: history text of its path
  JobActive,
  JobReady,
  JobSucceeded,
  JobFailed,
  JobTerminating,
  JobCompletedIndexes,  ///< detail: history text of the new value
  JobFailedIndexes,     ///< detail: history text of the new value
  JobUncounted,         ///< number of uncounted pods
  JobStartTime,         ///< 1 set, 0 cleared
  JobCompletionTime,
  JobCondition,  ///< from: JobConditionType, to: 0 or 1; detail: Text of the reason
  // ReplicaSets, Deployments and DaemonSets: spec.replicas, templates and counts as those of a StatefulSet
  WorkloadUnavailable = 120,  ///< status.unavailableReplicas, numberUnavailable
  WorkloadFullyLabeled,       ///< status.fullyLabeledReplicas
  WorkloadTerminating,        ///< status.terminatingReplicas
  WorkloadCollisions,         ///< status.collisionCount
  WorkloadRevision,           ///< annotation deployment.kubernetes.io/revision
  WorkloadPaused,             ///< spec.paused: 0 or 1
  WorkloadReplicaFailure,     ///< to: ConditionStatus + 1, 0 gone; detail: Text of the reason
  DeploymentCondition,        ///< from: DeploymentConditionType, to: as above; detail: Text of the reason
  DaemonDesired,
  DaemonCurrent,
  DaemonMisscheduled,
  DaemonReady,
  DaemonUpdated,
  DaemonAvailable,
  // PodDisruptionBudget
  BudgetSpec = 140,  ///< detail: history text of its path
  BudgetAllowed,
  BudgetCurrentHealthy,
  BudgetDesiredHealthy,
  BudgetExpectedPods,
  BudgetDisruptedPods,  ///< how many
  BudgetCondition,      ///< to: ConditionStatus + 1, 0 gone; detail: Text of the reason
  BudgetObservedGeneration,
  // Codes from 1000 belong to Flux, from 2000 to the plan.
};

/// Why a controller does nothing about an object although it is not what its spec asks for.
enum class WaitReason : std::uint16_t {
  None,
  PodNotReady,      ///< on a pod that must become Ready
  PodNotAvailable,  ///< … Ready for minReadySeconds
  PodTerminating,   ///< on a pod that must be gone
  PodTerminal,      ///< on a failed or succeeded pod that must be gone
  ClaimStale,       ///< on a claim that still belongs to the previous pod
  UpdatePaused,     ///< the partition, or strategy OnDelete, keeps the remaining pods at their revision
  MaxUnavailable,   ///< on an unhealthy pod: no more may be unavailable
  Backoff,          ///< creation waits for the pod backoff
  FailedIndexes,    ///< the missing indexes have failed for good
  TerminatingPods,  ///< replacement waits for terminating pods
  Expectations,     ///< waits to observe its own writes
  Suspended,
  ClientThrottled,
  RolloutPaused,     ///< spec.paused of a Deployment
  DeadlineExceeded,  ///< a Deployment has not progressed for progressDeadlineSeconds
};

std::string_view to_text(Writer writer);
std::string_view to_text(Kind kind);  ///< as in transitions: pod, statefulset, job …
std::string_view to_text(PodPhase phase);
std::string_view to_text(ContainerReason reason);
std::string_view to_text(PodReason reason);
std::string_view to_text(JobConditionType type);
std::string_view to_text(WaitReason reason);
std::string_view to_text(ClaimPhase phase);
std::string_view to_text(DisruptionReason reason);
std::string_view to_text(DeploymentConditionType type);
std::string_view to_text(ConditionStatus status);

/// Five characters of the alphabet that API names are made of (k8s.io/apimachinery util/rand), from a packed
/// suffix. Source: apimachinery pkg/util/rand/rand.go, `alphanums`.
std::string suffix_text(std::uint32_t suffix);
inline constexpr std::uint32_t kSuffixes = 27U * 27U * 27U * 27U * 27U;
/// The packed suffix of `text`, or 0 if it is not one.
std::uint32_t parse_suffix(std::string_view text);

/// A subject's name, as in `default/flux-sample-2-x7k2p` without the namespace.
std::string subject_name(const sim::Subject& subject, const Strings& strings);

}  // namespace models::kubernetes

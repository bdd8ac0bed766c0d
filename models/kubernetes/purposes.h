#pragma once

#include <cstdint>

namespace models::kubernetes {

/// What a choice of this model is for: the `purpose` of its `sim::ChoiceKey`. Saved choices hold these
/// numbers, so new ones go to the end.
enum class Purpose : std::uint32_t {
  PodSuffix = 1,  ///< the five random characters at the end of a Job's pod name
  PodInit,        ///< how long an init container takes
  PodStart,       ///< from bound to containers running
  ImagePull,
  VolumeAttach,
  PodReady,                ///< from running to Ready
  PodRun,                  ///< from running to the containers' end
  PodStop,                 ///< from SIGTERM to the containers' end
  KubeletStatus,           ///< from a change of a container to the status write
  SchedulerLatency,        ///< from the scheduler seeing a pod to its binding
  SchedulerTie,            ///< which of the nodes with the best score
  GarbageCollectorDelete,  ///< from the removal of an owner to the deletion of what it owned
  VolumeProvision,         ///< from the creation of a claim to its binding
  HeartbeatAge,            ///< how old a node's last heartbeat is when the node dies
  KubeletDelete,           ///< from an ended pod's last status to the request that deletes it
  SyncStart,               ///< from a key in a controller's queue to a worker that looks at the object
  RequestCreate,           ///< from a controller's request to its effect: of an object of that name
  RequestDelete,           ///< … its deletion
  RequestUpdate,           ///< … a change of its metadata: owners, finalizers, labels
  RequestStatus,           ///< … its status
  RequestBind,             ///< … of the scheduler: the binding of a pod
  EqualPods,               ///< which of several equally ranked pods goes first
  VolumeCloudAttach,       ///< from the request to a volume being attached to its node
  VolumeCloudDetach,       ///< … detached from it
  PreemptionOffset = 32,   ///< with which node the search for victims begins
  PreemptionTie,           ///< on which of several equally good nodes pods are preempted
  PodDeletionOrder,        ///< which of several equal pods a controller deletes first; occurrence: attempt
  PodCreationOrder,        ///< … makes first
  PodMarkOrder,            ///< … of the pods of a silent node is marked as not ready first
  RequestAnswer,           ///< from a request's effect to its answer; occurrence: which sync
  NodePassPhase,           ///< when in its period the node lifecycle controller looks at nodes
};

}  // namespace models::kubernetes

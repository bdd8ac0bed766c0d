#pragma once
// What the kubelets know of the pods of their nodes.

#include <cstdint>
#include <vector>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/objects.h"
#include "sim/history.h"

namespace models::kubernetes {

/// What a kubelet is doing about a pod.
enum class PodStage : std::uint8_t {
  None,          ///< not accepted
  Initializing,  ///< the init containers run
  Starting,      ///< volumes, image, sandbox, containers
  Running,
  BackOff,    ///< the containers have ended and will be restarted
  Stopping,   ///< SIGTERM was sent (or there was nothing to send it to)
  Ended,      ///< all containers have ended for good
  Attaching,  ///< accepted; its volumes are not yet attached to the node
};

/// A kubelet's knowledge of one pod.
struct KubeletPod {
  Uid uid = 0;                                   ///< of the pod at this row; 0 is none
  sim::TransitionId cause = sim::kNoTransition;  ///< what the stage follows from
  std::int32_t exit_code = 0;  ///< Stopping: the code that the containers will end with; else the last one
  std::uint16_t backoff_seconds = 0;  ///< the delay that the next restart must wait; 0: none yet
  PodStage stage = PodStage::None;
  bool held_unready = false;   ///< readiness was lost and stays so until it is regained
  bool never_ready = false;    ///< the probe never succeeds
  bool past_deadline = false;  ///< stopped for its activeDeadlineSeconds
  bool shut_down = false;      ///< stopped because the machine shuts down
  /// When the stage ends by itself; an event for another time is stale. kNever: it does not.
  sim::Time stage_ends = sim::kNever;
  sim::Time ready_at = sim::kNever;  ///< when the readiness probe succeeds
};

/// A static pod that the API does not show: its mirror went while no kubelet acted or there was no Node.
struct HiddenStaticPod {
  Pod mirror;                             ///< as it was
  Text node = 0;                          ///< name of its machine
  std::vector<ContainerStatus> statuses;  ///< of its containers
  KubeletPod record;
};

struct KubeletState {
  std::vector<KubeletPod> pods;         ///< by row of the pod
  std::vector<HiddenStaticPod> hidden;  ///< in the order in which their mirrors went
  std::vector<OwnerRules> owner_rules;  ///< sorted by namespace and name; follows from the settings
};

}  // namespace models::kubernetes

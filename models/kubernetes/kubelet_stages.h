#pragma once
// The stages of one pod on its node, from its first container to its last status: how each begins, what it
// writes and what follows. Which pods a kubelet has, and when it looks at them, is kubelet.h's.

#include <cstdint>

#include "models/kubernetes/api.h"

namespace models::kubernetes::kubelet {

// Exit codes of containers that did not end by themselves: 128 + the number of the signal.
inline constexpr std::int32_t kKilled =
    137;  // also status_manager.go TerminatePod: containers nobody can find any more

inline constexpr std::int32_t kMaxBackOff = 300;  // kubelet.go MaxContainerBackOff

/// Puts the pod into a stage, which ends at `ends`.
void enter(Turn& turn, Row row, KubeletPod& record, PodStage stage, sim::Time ends, sim::TransitionId cause);
/// Does what follows the stage that the pod is in, which is over.
void end_stage(Turn& turn, Row row, KubeletPod& record);

/// Writes the pod's status. A write that fails is repeated: the kubelet holds the status until it got
/// through. Source: status_manager.go syncBatch. The time between two tries is not modelled.
template <class Change>
sim::TransitionId write_status(Turn& turn, Row row, sim::TransitionId cause, Change&& change) {
  constexpr int kMaxTries = 100;
  WriteResult result;
  for (int i = 0; i < kMaxTries; ++i) {
    result = update<Pod>(turn, row, {Writer::Kubelet, cause}, Verb::UpdateStatus, change);
    if (result.outcome != Outcome::Error) {
      break;
    }
  }
  return result.transition != sim::kNoTransition ? result.transition : cause;
}

/// Sets the condition Ready of a pod, and when it changed.
void set_ready(Pod& pod, bool ready, sim::Time now);

/// Whether the containers of a pod start again after they ended with `exit_code`.
/// Source: kubelet/container/helpers.go ShouldContainerBeRestarted.
bool restarts_after(const PodTemplate& pod_template, std::int32_t exit_code);

/// The kubelet takes a pod on. Source: kubelet.go HandlePodAdditions, syncPod.
void accept(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause);
/// The volumes of a pod are there: its containers are begun. Source: kubelet.go SyncPod.
void begin(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause);

/// The pod will be ready after `takes`.
void await_readiness(Turn& turn, Row row, KubeletPod& record, sim::Duration takes);
/// The readiness probe succeeds.
void become_ready(Turn& turn, Row row, KubeletPod& record);
/// The readiness probe fails: the containers run on.
void stop_being_ready(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause);

/// The containers end by themselves or by a fault. `told`: the end was told already, as this transition.
void containers_ended(Turn& turn, Row row, KubeletPod& record, std::int32_t exit_code,
                      sim::TransitionId told);
/// SIGTERM, and SIGKILL when the grace period is over. Source: kuberuntime_container.go killContainer; the
/// kubelet counts the grace period from when it sees the deletion.
void stop(Turn& turn, Row row, KubeletPod& record, std::int64_t grace_seconds, sim::TransitionId cause);
/// Nothing of the pod runs any more and nothing will: its last status, and its end if it is deleted.
/// Source: kubelet.go SyncTerminatedPod, status_manager.go TerminatePod and syncPod (the delete with grace
/// 0).
void end_pod(Turn& turn, Row row, KubeletPod& record, std::int32_t exit_code);
/// The object of a deleted pod that has ended goes by a request of its own, which comes after its last
/// status. Controllers can see the one before the other. Source: status_manager.go syncPod: a DELETE with
/// grace 0 once the PATCH of the status has returned and canBeDeleted.
void delete_ended_pod(Turn& turn, Row row, KubeletPod& record);

}  // namespace models::kubernetes::kubelet

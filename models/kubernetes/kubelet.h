#pragma once
// The kubelets of all nodes: they run the pods that are bound to their node and write their status.

#include <cstdint>

#include "models/kubernetes/api.h"

namespace models::kubernetes::kubelet {

/// Receives what the kubelets watch: pods that are bound to their nodes.
void observe(Turn& turn, const WatchEvent& event);

/// Performs the kubelets' own events. @return false for other events.
bool on_event(Turn& turn, const sim::PendingEvent& event);

/// The containers of a running pod end now, with `exit_code`; what follows is up to the pod's restartPolicy.
/// @return false if no container of it runs.
bool end_containers(Turn& turn, Row pod, std::int32_t exit_code, sim::TransitionId cause);

/// Whether a living kubelet has taken the pod on.
bool known(const Cluster& cluster, Row pod);
/// Whether containers of the pod run.
bool runs(const Cluster& cluster, Row pod);

/// The readiness probe fails from now on although the containers run, until `regain_readiness`.
bool lose_readiness(Turn& turn, Row pod, sim::TransitionId cause);
/// The readiness probe succeeds again, at once.
bool regain_readiness(Turn& turn, Row pod, sim::TransitionId cause);
/// The readiness probe of this pod never succeeds (again).
bool never_ready(Turn& turn, Row pod, sim::TransitionId cause);

/// The node has come back: pods that were deleted meanwhile go, the containers of the others start again.
/// Source: kubelet.go HandlePodCleanups and syncPod after a restart; semantics of nodes: containers of a
/// machine that lost power are gone, the pod objects keep uid and node.
void node_returned(Turn& turn, Row node, sim::TransitionId cause);

/// The kubelet acts again and its machine was on all the time: the containers ran on without it. What came to
/// its end meanwhile is found now; what would have been begun begins now.
void kubelet_returned(Turn& turn, Row node, sim::TransitionId cause);

/// A volume was attached to the node: pods there that have all of theirs now are started.
void volume_attached(Turn& turn, Row node, sim::TransitionId cause);

/// Ends a pod because its machine shuts down: it becomes Failed, reason Terminated, when its containers have
/// ended. @return when that will be; now, where nothing has to end.
/// Source: nodeshutdown_manager.go killPods, status_manager.go (a terminal phase waits for the containers).
sim::Time shut_down_pod(Turn& turn, Row pod, std::int64_t grace_seconds, sim::TransitionId cause);

/// The delay before the next restart after a container ended, and the delay that the restart after it will
/// wait.
struct RestartDelay {
  std::int32_t seconds = 0;
  std::uint16_t next_seconds = 0;
};
/// Source: kuberuntime_manager.go doBackOff and client-go flowcontrol/backoff.go: the first restart is
/// immediate, then 10 s (kubelet.go backOffPeriod) doubling to 300 s (MaxContainerBackOff); a run of more
/// than twice the maximum forgets it all.
RestartDelay restart_delay(std::uint16_t backoff_seconds, sim::Duration ran);

}  // namespace models::kubernetes::kubelet

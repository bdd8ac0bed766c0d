#pragma once
// What can go wrong, as functions on a turn. A fault is the end of every chain of causes that begins with it:
// it is told with the writer `Fault` and without a cause of its own.

#include <cstdint>
#include <string>
#include <vector>

#include "models/kubernetes/api.h"

namespace models::kubernetes {

enum class FaultKind : std::uint8_t {
  PodCrash,       ///< the containers exit with `number`
  PodDeleted,     ///< `number`: grace period in seconds, -1 the pod's own
  PodNeverReady,  ///< the readiness probe never succeeds (again)
  ReadinessLost,  ///< the readiness probe fails until it is regained
  ReadinessRegained,
  NodeDies,                   ///< power loss: its containers are gone, its kubelet is silent
  NodeReturns,                ///< switched on again, and its kubelet acts
  KubeletSilent,              ///< the kubelet stops or cannot be reached; containers run on
  KubeletReturns,             ///< it is started anew or reached again
  NodeShutsDown,              ///< told to shut down: with shutdownGracePeriod its kubelet ends the pods first
  NodeDeleted,                ///< the Node object is deleted
  ControllerManagerRestarts,  ///< all of its memory is lost
};

/// Something that goes wrong now.
struct Fault {
  FaultKind kind = FaultKind::PodCrash;
  Row row = kNoRow;  ///< of the pod or node; kNoRow where it strikes neither
  Uid uid = 0;       ///< of the pod or node; 0: whatever is at the row
  std::int32_t number = 0;
  friend bool operator==(const Fault&, const Fault&) = default;
};

/// Lets `fault` strike. @return false if it cannot: its target is gone, does not run, has done so already.
bool apply(Turn& turn, const Fault& fault);

/// Every single fault that could strike now: for each pod, by row, a crash with exit code 1 where containers
/// run, a deletion, and for one that is not ready that it never becomes so; for each node, by row, its death;
/// the restart of the controller manager.
std::vector<Fault> possible_faults(const Cluster& cluster);

/// "pod default/web-1 exits with code 1", "node worker-0 dies", "the controller manager restarts".
std::string to_text(const Cluster& cluster, const Fault& fault);

/// Lets the next `times` writes of that kind and verb fail, after `skip` that go through.
void fail_writes(Turn& turn, Kind kind, Verb verb, std::uint32_t times, std::uint32_t skip = 0);
/// Limits the pods of a namespace from now on.
void set_pod_quota(Turn& turn, Text name_space, std::int32_t pods);

}  // namespace models::kubernetes

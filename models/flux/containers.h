#pragma once
// The container of a MiniCluster's pod that runs Flux, as its kubelet has it.

#include <cstdint>

#include "models/flux/state.h"

namespace models::flux {

/// Whether the Flux container of the pod at `pod` runs; with a uid, of that very pod.
bool container_runs(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, Row pod, Uid uid = 0);
/// How often it was restarted in place.
std::uint32_t container_restarts(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, Row pod);
/// Whether it has ended in order, with exit code 0.
bool container_completed(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, Row pod);
/// The start script ends with `code`, and so does the container of the pod `uid`.
void end_container(FluxTurn& turn, Row pod, Uid uid, std::int32_t code, kubernetes::By by);

}  // namespace models::flux

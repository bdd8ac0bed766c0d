#include "models/flux/containers.h"

#include "models/kubernetes/kubelet.h"

namespace models::flux {

namespace {

const kubernetes::ContainerStatus* status_of(const kubernetes::Cluster& cluster,
                                             const MiniCluster& minicluster, Row pod) {
  const kubernetes::PodTemplate& pod_template = cluster.template_of(cluster.pods[pod]);
  const std::size_t position =
      pod_template.init_containers + std::size_t{minicluster.details->flux_container};
  return position < pod_template.containers.size()
             ? &cluster.containers[cluster.pods[pod].containers + position]
             : nullptr;
}

}  // namespace

bool container_runs(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, Row pod, Uid uid) {
  if (!cluster.pods.exists(pod) || (uid != 0 && cluster.pods[pod].meta.uid != uid) ||
      cluster.pods[pod].terminal()) {
    return false;
  }
  const kubernetes::ContainerStatus* status = status_of(cluster, minicluster, pod);
  return status != nullptr && status->state == kubernetes::ContainerState::Running;
}

std::uint32_t container_restarts(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                                 Row pod) {
  const kubernetes::ContainerStatus* status = status_of(cluster, minicluster, pod);
  return status != nullptr ? status->restarts : 0U;
}

bool container_completed(const kubernetes::Cluster& cluster, const MiniCluster& minicluster, Row pod) {
  if (!cluster.pods.exists(pod)) {
    return false;
  }
  const kubernetes::ContainerStatus* status = status_of(cluster, minicluster, pod);
  return status != nullptr && status->state == kubernetes::ContainerState::Terminated &&
         status->exit_code == 0;
}

void end_container(FluxTurn& turn, Row pod, Uid uid, std::int32_t code, kubernetes::By by) {
  if (turn.cluster().pods.exists(pod) && turn.cluster().pods[pod].meta.uid == uid) {
    kubernetes::kubelet::end_containers(turn.kubernetes, pod, code, by.cause);
  }
}

}  // namespace models::flux

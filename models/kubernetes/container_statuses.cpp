#include "models/kubernetes/container_statuses.h"

namespace models::kubernetes::kubelet {

void show_ready(Cluster& cluster, const Pod& pod, bool ready) {
  each_regular(cluster, pod, [&](ContainerStatus& status) { status.ready = ready; });
}

void show_ended(Cluster& cluster, const Pod& pod, std::int32_t exit_code, sim::Time now) {
  each_regular(cluster, pod, [&](ContainerStatus& status) {
    if (status.state == ContainerState::Terminated) {
      return;
    }
    status.state = ContainerState::Terminated;
    status.reason = exit_code == 0 ? ContainerReason::Completed : ContainerReason::Error;
    status.exit_code = exit_code;
    status.changed_at = now;
    status.ready = false;
  });
}

void show_init_containers(Cluster& cluster, const Pod& pod, bool done, sim::Time now) {
  const PodTemplate& pod_template = cluster.template_of(pod);
  for (std::size_t i = 0; i < pod_template.init_containers; ++i) {
    ContainerStatus& status = cluster.containers[pod.containers + i];
    const bool runs_on = pod_template.containers[i].restartable;
    status.state = !done ? (i == 0 ? ContainerState::Running : ContainerState::Waiting)
                         : (runs_on ? ContainerState::Running : ContainerState::Terminated);
    status.reason = !done ? (i == 0 ? ContainerReason::None : ContainerReason::PodInitializing)
                          : (runs_on ? ContainerReason::None : ContainerReason::Completed);
    status.ready = done;
    status.changed_at = now;
  }
}

}  // namespace models::kubernetes::kubelet

#pragma once
// What a pod's status shows of its containers. The regular containers of a pod start, end and restart
// together.

#include <cstddef>
#include <cstdint>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::kubelet {

/// `change(status)` on the statuses of the regular containers.
template <class Change>
void each_regular(Cluster& cluster, const Pod& pod, Change&& change) {
  const PodTemplate& pod_template = cluster.template_of(pod);
  for (std::size_t i = pod_template.init_containers; i < pod_template.containers.size(); ++i) {
    change(cluster.containers[pod.containers + i]);
  }
}

/// Whether the regular containers are ready.
void show_ready(Cluster& cluster, const Pod& pod, bool ready);
/// The regular containers have ended with `exit_code`, unless they had ended before.
void show_ended(Cluster& cluster, const Pod& pod, std::int32_t exit_code, sim::Time now);
/// The init containers run (the first of them), or are done; sidecars run on.
void show_init_containers(Cluster& cluster, const Pod& pod, bool done, sim::Time now);

}  // namespace models::kubernetes::kubelet

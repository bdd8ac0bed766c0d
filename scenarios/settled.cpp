#include <algorithm>

#include "scenarios/world.h"

namespace scenarios {

namespace kubernetes = models::kubernetes;

bool settled(const World& world) {
  const kubernetes::Cluster& cluster = world.cluster;
  for (kubernetes::Row row = 0; row < cluster.statefulsets.extent(); ++row) {
    if (cluster.statefulsets.exists(row)) {
      const kubernetes::StatefulSet& set = cluster.statefulsets[row];
      if (set.status.observed_generation < set.meta.generation ||
          set.status.available_replicas < set.spec.replicas || set.pod_counts.ready < set.spec.replicas) {
        return false;
      }
    }
  }
  for (kubernetes::Row row = 0; row < cluster.deployments.extent(); ++row) {
    if (cluster.deployments.exists(row)) {
      const kubernetes::Deployment& deployment = cluster.deployments[row];
      if (deployment.status.observed_generation < deployment.meta.generation ||
          deployment.status.available_replicas < deployment.spec.replicas) {
        return false;
      }
    }
  }
  for (kubernetes::Row row = 0; row < cluster.daemonsets.extent(); ++row) {
    if (cluster.daemonsets.exists(row)) {
      const kubernetes::DaemonSet& set = cluster.daemonsets[row];
      if (set.status.observed_generation < set.meta.generation || set.status.available < set.status.desired) {
        return false;
      }
    }
  }
  for (kubernetes::Row row = 0; row < cluster.jobs.extent(); ++row) {
    if (!cluster.jobs.exists(row)) {
      continue;
    }
    const kubernetes::Job& job = cluster.jobs[row];
    if (job.status.finished() || job.spec.suspend) {
      continue;
    }
    std::int64_t wanted = job.spec.parallelism;
    if (job.spec.completions >= 0) {
      wanted = std::min<std::int64_t>(wanted, job.spec.completions - job.status.succeeded);
    }
    if (job.pod_counts.ready < wanted) {
      return false;
    }
  }
  for (std::uint32_t row = 0; row < world.flux.miniclusters.extent(); ++row) {
    if (!world.flux.miniclusters.alive(row)) {
      continue;
    }
    const models::flux::MiniCluster& minicluster = world.flux.miniclusters[row];
    std::int32_t online = 0;
    for (const models::flux::Broker& broker : minicluster.instance.brokers) {
      online += broker.online ? 1 : 0;
    }
    if (!minicluster.instance.serving || online < minicluster.spec.size) {
      return false;
    }
  }
  return models::iomesh::settled(world.iomesh);
}

}  // namespace scenarios

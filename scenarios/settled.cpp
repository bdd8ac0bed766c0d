#include <algorithm>
#include <utility>

#include "scenarios/world.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;

bool pods_up(const kubernetes::Cluster& cluster, kubernetes::Row head, std::int64_t wanted) {
  if (std::cmp_less(cluster.pods.size(), wanted)) {
    return false;  // fewer than wanted in the whole cluster: no need to count a large workload every second
  }
  std::int64_t ready = 0;
  for (kubernetes::Row row = head; row != kubernetes::kNoRow; row = cluster.pods[row].owner_next) {
    const kubernetes::Pod& pod = cluster.pods[row];
    ready += !pod.meta.removed && pod.ready && !pod.meta.deleting() ? 1 : 0;
  }
  return ready >= wanted;
}

}  // namespace

bool settled(const World& world) {
  const kubernetes::Cluster& cluster = world.cluster;
  for (kubernetes::Row row = 0; row < cluster.statefulsets.extent(); ++row) {
    if (cluster.statefulsets.exists(row)) {
      const kubernetes::StatefulSet& set = cluster.statefulsets[row];
      if (set.status.observed_generation < set.meta.generation ||
          set.status.available_replicas < set.spec.replicas ||
          !pods_up(cluster, set.pods_head, set.spec.replicas)) {
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
    if (!pods_up(cluster, job.pods_head, wanted)) {
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
  return true;
}

}  // namespace scenarios

// Source: pkg/kubelet/kubelet.go SyncPod (from 1.32 tryReconcileMirrorPods), HandlePodUpdates and
// HandlePodRemoves for mirror pods; pkg/kubelet/pod/mirror_client.go CreateMirrorPod, DeleteMirrorPod.

#include "models/kubernetes/static_pods.h"

#include <algorithm>
#include <vector>

namespace models::kubernetes::static_pods {

namespace {

/// Source: mirror_client.go CreateMirrorPod: annotations, owner reference to the Node and spec are the static
/// pod's, the uid is the API's.
Pod without_identity(const Pod& gone) {
  Pod pod = gone;
  pod.meta = {};
  pod.meta.name = gone.meta.name;
  pod.meta.name_space = gone.meta.name_space;
  pod.owner_next = pod.owner_previous = pod.node_next = pod.node_previous = kNoRow;
  pod.grace_seconds = 0;
  pod.phase = PodPhase::Pending;
  pod.ready = pod.initialized = pod.containers_started = false;
  pod.disruption_target = false;
  pod.disruption_reason = DisruptionReason::None;
  ++pod.attempt;
  return pod;
}

/// The containers run on: what the kubelet waited for it waits for under the new uid.
void follow(Turn& turn, Row row, const KubeletPod& before, sim::TransitionId cause) {
  std::vector<KubeletPod>& records = turn.cluster.kubelet.pods;
  if (row >= records.size()) {
    records.resize(row + std::size_t{1});
  }
  KubeletPod& record = records[row];
  record = before;
  record.uid = turn.cluster.pods[row].meta.uid;
  record.cause = cause;
  if (record.stage_ends != sim::kNever) {
    const bool ends = record.stage == PodStage::Running || record.stage == PodStage::Stopping;
    turn.agenda.schedule(std::max(record.stage_ends, turn.now()),
                         static_cast<std::uint32_t>(ends ? Event::KubeletContainerEnd : Event::KubeletPod),
                         row, record.uid, cause);
  }
  if (record.ready_at != sim::kNever) {
    turn.agenda.schedule(std::max(record.ready_at, turn.now()),
                         static_cast<std::uint32_t>(Event::KubeletReady), row, record.uid, cause);
  }
}

}  // namespace

void mirror_is_gone(Turn& turn, const Pod& gone, const KubeletPod& record, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  if (!cluster.nodes.exists(gone.node) ||
      cluster.find_pod(cluster.strings[gone.meta.name_space], cluster.name_of(gone)) != kNoRow) {
    return;  // "No need to create a mirror pod, since node has been removed from the cluster"
  }
  const std::size_t containers = cluster.template_of(gone).containers.size();
  std::vector<ContainerStatus> statuses;
  for (std::size_t i = 0; i < containers; ++i) {
    statuses.push_back(cluster.containers[gone.containers + i]);
  }
  const Pod shown = gone;  // creating moves what `gone` refers to
  const KubeletPod known = record;
  const WriteResult created = create_pod(turn, without_identity(shown), {Writer::Kubelet, cause});
  if (!created.ok()) {
    return;  // the next sync of the pod tries again; no fault but a quota hinders it here
  }
  const Row row = created.row;
  std::copy(statuses.begin(), statuses.end(), &cluster.containers[cluster.pods[row].containers]);
  update<Pod>(turn, row, {Writer::Kubelet, created.transition}, Verb::UpdateStatus, [&](Pod& pod) {
    pod.phase = shown.phase;
    pod.ready = shown.ready;
    pod.initialized = shown.initialized;
    pod.containers_started = shown.containers_started;
  });
  follow(turn, row, known, created.transition);
}

bool mirror_is_deleted(Turn& turn, Row row, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  if (!cluster.pods[row].static_pod) {
    return false;
  }
  const Pod gone = cluster.pods[row];
  const KubeletPod record = row < cluster.kubelet.pods.size() ? cluster.kubelet.pods[row] : KubeletPod{};
  const WriteResult deleted = delete_pod(turn, row, {Writer::Kubelet, cause}, 0);
  if (deleted.ok() && !cluster.pods.exists(row)) {
    mirror_is_gone(turn, gone, record, deleted.transition);
  }
  return true;
}

}  // namespace models::kubernetes::static_pods

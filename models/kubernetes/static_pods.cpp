// Source: pkg/kubelet/kubelet.go SyncPod (from 1.32 tryReconcileMirrorPods), HandlePodUpdates and
// HandlePodRemoves for mirror pods, fastStaticPodsRegistration when it starts;
// pkg/kubelet/pod/mirror_client.go CreateMirrorPod, DeleteMirrorPod.

#include "models/kubernetes/static_pods.h"

#include <algorithm>
#include <vector>

#include "models/kubernetes/container_statuses.h"

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
  pod.reason = PodReason::None;
  pod.finished_at = sim::kNever;
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

/// Makes the mirror anew on the Node at `node`; its containers are as the kubelet knows them.
void show(Turn& turn, const HiddenStaticPod& known, Row node, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  Pod shown = without_identity(known.mirror);
  shown.node = node;
  const WriteResult created = create_pod(turn, shown, {Writer::Kubelet, cause});
  if (!created.ok()) {
    return;  // the next sync of the pod tries again; no fault but a quota hinders it here
  }
  const Row row = created.row;
  std::copy(known.statuses.begin(), known.statuses.end(), &cluster.containers[cluster.pods[row].containers]);
  // What a controller has made of the old mirror is not what its kubelet knows.
  const bool ended = known.record.stage == PodStage::Ended;
  const bool started = known.mirror.containers_started;
  bool ready = !ended && started;
  kubelet::each_regular(cluster, cluster.pods[row],
                        [&](ContainerStatus& status) { ready = ready && status.ready; });
  update<Pod>(turn, row, {Writer::Kubelet, created.transition}, Verb::UpdateStatus, [&](Pod& pod) {
    pod.phase = ended ? known.mirror.phase : started ? PodPhase::Running : PodPhase::Pending;
    pod.ready = ready;
    pod.initialized = known.mirror.initialized;
    pod.containers_started = started;
  });
  follow(turn, row, known.record, created.transition);
}

bool is_hidden(const Cluster& cluster, const Pod& gone) {
  return std::any_of(cluster.kubelet.hidden.begin(), cluster.kubelet.hidden.end(),
                     [&](const HiddenStaticPod& known) { return known.mirror.meta.uid == gone.meta.uid; });
}

}  // namespace

void mirror_is_gone(Turn& turn, const Pod& gone, const KubeletPod& record, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  if (cluster.find_pod(cluster.strings[gone.meta.name_space], cluster.name_of(gone)) != kNoRow ||
      is_hidden(cluster, gone)) {
    return;
  }
  HiddenStaticPod known{gone, cluster.nodes[gone.node].meta.name, {}, record};
  const std::size_t containers = cluster.template_of(gone).containers.size();
  for (std::size_t i = 0; i < containers; ++i) {
    known.statuses.push_back(cluster.containers[gone.containers + i]);
  }
  // "No need to create a mirror pod, since node has been removed from the cluster"
  if (cluster.nodes.exists(gone.node) && cluster.nodes[gone.node].kubelet_alive) {
    show(turn, known, known.mirror.node, cause);
  } else {
    cluster.kubelet.hidden.push_back(std::move(known));
  }
}

void show_hidden(Turn& turn, Row node, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  if (cluster.kubelet.hidden.empty() || !cluster.nodes.exists(node)) {
    return;
  }
  const Text name = cluster.nodes[node].meta.name;
  const std::vector<HiddenStaticPod> hidden = std::move(cluster.kubelet.hidden);
  cluster.kubelet.hidden.clear();
  for (const HiddenStaticPod& known : hidden) {
    if (known.node == name) {
      show(turn, known, node, cause);
    } else {
      cluster.kubelet.hidden.push_back(known);
    }
  }
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

#include "models/kubernetes/kubelet.h"

#include <algorithm>
#include <chrono>

#include "models/kubernetes/attach_detach_controller.h"
#include "models/kubernetes/container_statuses.h"
#include "models/kubernetes/kubelet_stages.h"
#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/pod_durations.h"
#include "models/kubernetes/static_pods.h"

namespace models::kubernetes::kubelet {

namespace {

using std::chrono::seconds;

constexpr std::int32_t kUnknownExit =
    255;  // containers of a machine that went down, as the container runtimes report

KubeletPod& record_at(Cluster& cluster, Row row) {
  std::vector<KubeletPod>& pods = cluster.kubelet.pods;
  if (row >= pods.size()) {
    pods.resize(row + std::size_t{1});
  }
  return pods[row];
}

/// The kubelet's record of the pod that the API serves at `row`; nullptr if no living kubelet has one.
KubeletPod* record_of(Cluster& cluster, Row row) {
  if (row >= cluster.kubelet.pods.size() || !cluster.pods.exists(row)) {
    return nullptr;
  }
  KubeletPod& record = cluster.kubelet.pods[row];
  return record.uid == cluster.pods[row].meta.uid ? &record : nullptr;
}

bool kubelet_lives(const Cluster& cluster, Row node) {
  return node != kNoRow && cluster.nodes.alive(node) && cluster.nodes[node].kubelet_alive;
}

/// The pod has been active for longer than spec.activeDeadlineSeconds. The phase follows when the containers
/// have stopped. Source: kubelet/active_deadline.go; status_manager.go mergePodStatus.
void deadline(Turn& turn, Row row, KubeletPod& record) {
  const PodTemplate& pod_template = turn.cluster.template_of(turn.cluster.pods[row]);
  if (record.stage == PodStage::Ended || turn.cluster.pods[row].meta.deleting() ||
      turn.now() < turn.cluster.pods[row].started_at + seconds{pod_template.active_deadline_seconds}) {
    return;
  }
  record.past_deadline = true;
  stop(turn, row, record, pod_template.termination_grace_seconds, record.cause);
}

// ---------------------------------------------------------------------------------------------------------
// Pods that were there before the kubelet looked

/// How many seconds the restart after `restarts` quick ones waits.
std::uint16_t backoff_after(std::uint32_t restarts) {
  std::uint16_t backoff = 0;
  for (std::uint32_t i = 0; i < restarts && backoff < kMaxBackOff; ++i) {
    backoff = restart_delay(backoff, sim::Duration::zero()).next_seconds;
  }
  return backoff;
}

/// Takes a pod over as its status says it is: the scenario begins with it running.
///
/// What has been broken for long stays broken (assumed): containers in CrashLoopBackOff are not started again
/// and a pod that has been unready for more than ten minutes does not become ready, unless a behaviour rule
/// says how this pod runs.
void adopt(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  constexpr seconds kBrokenAfter{600};
  Cluster& cluster = turn.cluster;
  const Pod& pod = cluster.pods[row];
  record = KubeletPod{};
  record.uid = pod.meta.uid;
  bool running = false;
  bool crash_loop = false;
  std::uint32_t restarts = 0;
  sim::Time since{};
  each_regular(cluster, pod, [&](const ContainerStatus& status) {
    running = running || status.state == ContainerState::Running;
    crash_loop = crash_loop || status.reason == ContainerReason::CrashLoopBackOff;
    restarts = std::max<std::uint32_t>(restarts, status.restarts);
    since = status.changed_at;
    record.exit_code = status.exit_code;
  });
  const PodBehaviour behaviour = behaviour_of(cluster, pod);
  record.backoff_seconds = backoff_after(restarts);
  if (!running || crash_loop) {
    const bool stated =
        behaviour.run != nullptr || behaviour.ready != nullptr || behaviour.exit_codes != nullptr;
    const sim::Time ends = crash_loop && !stated ? sim::kNever : turn.now() + seconds{record.backoff_seconds};
    enter(turn, row, record, PodStage::BackOff, ends, cause);
    return;
  }
  const sim::Time end = natural_end(turn, pod, behaviour);
  record.exit_code = exit_code_of(behaviour, pod, pod.restarts);
  enter(turn, row, record, PodStage::Running,
        end == sim::kNever ? end : std::max(turn.now(), since + (end - turn.now())), cause);
  const bool broken =
      behaviour.ready == nullptr && turn.now() - std::max(since, pod.ready_changed) > kBrokenAfter;
  if (!pod.ready && !behaviour.never_ready && !broken) {
    await_readiness(turn, row, record, ready_duration(turn, pod, behaviour));
  }
}

/// A machine that shuts down takes no new pods. Source: nodeshutdown_manager_linux.go Admit, kubelet.go
/// rejectPod.
void reject(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  record = KubeletPod{};
  record.uid = turn.cluster.pods[row].meta.uid;
  record.stage = PodStage::Ended;
  write_status(turn, row, cause, [&](Pod& pod) {
    pod.phase = PodPhase::Failed;
    pod.reason = PodReason::NodeShutdown;
    pod.finished_at = turn.now();
    set_ready(pod, false, turn.now());
  });
}

/// Whether the image of a container cannot be had: such a pod waits until a person mends it.
bool image_missing(const Cluster& cluster, const Pod& pod) {
  const std::size_t count = cluster.template_of(pod).containers.size();
  for (std::size_t i = 0; i < count; ++i) {
    const ContainerReason reason = cluster.containers[pod.containers + i].reason;
    if (reason == ContainerReason::ImagePullBackOff || reason == ContainerReason::ErrImagePull) {
      return true;
    }
  }
  return false;
}

void take_on(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  const Pod& pod = turn.cluster.pods[row];
  if (pod.terminal()) {
    record = KubeletPod{};
    record.uid = pod.meta.uid;
    record.stage = PodStage::Ended;
    return;
  }
  if (turn.cluster.nodes[pod.node].shutting_down) {
    reject(turn, row, record, cause);
  } else if (pod.phase == PodPhase::Running) {
    adopt(turn, row, record, cause);
  } else if (image_missing(turn.cluster, pod)) {
    record = KubeletPod{};
    record.uid = pod.meta.uid;
    record.stage = PodStage::Starting;
  } else {
    accept(turn, row, record, cause);
  }
}

void forget(Cluster& cluster, Row row, Uid uid) {
  if (row < cluster.kubelet.pods.size() && cluster.kubelet.pods[row].uid == uid) {
    cluster.kubelet.pods[row] = KubeletPod{};
  }
}

/// The containers of a pod are gone, for their machine was off.
void after_power_loss(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const Pod& pod = cluster.pods[row];
  record.cause = cause;
  record.backoff_seconds = 0;  // kept in memory only
  record.shut_down = false;    // likewise
  if (pod.meta.deleting() || record.past_deadline) {
    record.exit_code = kKilled;
    record.stage = PodStage::Stopping;
    enter(turn, row, record, PodStage::Stopping, turn.now() + status_delay(turn, pod, record.stage), cause);
    return;
  }
  if (record.stage == PodStage::Initializing || record.stage == PodStage::Starting ||
      record.stage == PodStage::Attaching || record.stage == PodStage::None) {
    accept(turn, row, record, cause);
    return;
  }
  if (!restarts_after(cluster.template_of(pod), kUnknownExit)) {
    end_pod(turn, row, record, kUnknownExit);
    return;
  }
  show_ended(turn.cluster, pod, kUnknownExit, turn.now());
  const sim::TransitionId told = write_status(turn, row, cause, [&](Pod& changed) {
    set_ready(changed, false, turn.now());
    ++changed.status_changes;
  });
  record.ready_at = sim::kNever;
  record.stage = PodStage::BackOff;
  const PodBehaviour behaviour = behaviour_of(cluster, cluster.pods[row]);
  const sim::Duration takes = start_duration(turn, cluster.pods[row], behaviour) +
                              status_delay(turn, cluster.pods[row], record.stage);
  enter(turn, row, record, PodStage::BackOff, turn.now() + takes, told);
}

/// A pod that waited for its volumes does so no longer.
void begin_if_attached(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  if (record.stage == PodStage::Attaching && !turn.cluster.pods[row].meta.deleting() &&
      !attach_detach_controller::waits_for_volumes(turn.cluster, row)) {
    begin(turn, row, record, cause);
  }
}

/// Whether the containers pass their readiness probes, as their statuses say.
bool containers_ready(Cluster& cluster, const Pod& pod) {
  bool all = true;
  each_regular(cluster, pod, [&](const ContainerStatus& status) { all = all && status.ready; });
  return all;
}

/// What was due while the kubelet was silent happens now.
void catch_up(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  if (record.stage_ends <= turn.now()) {
    record.cause = cause;
    end_stage(turn, row, record);
    return;
  }
  if (record.stage != PodStage::Running || record.held_unready || record.never_ready) {
    return;
  }
  // The node lifecycle controller may have said that the pod is not ready; the kubelet knows better.
  // Source: status_manager.go needsReconcile.
  const bool passes =
      record.ready_at == sim::kNever && containers_ready(turn.cluster, turn.cluster.pods[row]);
  if (record.ready_at <= turn.now() || (passes && !turn.cluster.pods[row].ready)) {
    record.cause = cause;
    become_ready(turn, row, record);
  }
}

}  // namespace

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind != Kind::Pod) {
    return;
  }
  Cluster& cluster = turn.cluster;
  const Row row = event.row;
  if (event.type == WatchType::Deleted) {
    const Pod& gone = cluster.pods[row];
    const bool known_here =
        row < cluster.kubelet.pods.size() && cluster.kubelet.pods[row].uid == gone.meta.uid;
    const KubeletPod record = known_here ? cluster.kubelet.pods[row] : KubeletPod{};
    forget(cluster, row, gone.meta.uid);
    if (gone.static_pod && known_here) {
      static_pods::mirror_is_gone(turn, gone, record, event.cause);
    }
    return;
  }
  const Pod* seen = cluster.pods.as_of(row, event.version);
  if (seen == nullptr || !kubelet_lives(cluster, seen->node) || !cluster.pods.exists(row)) {
    return;
  }
  const bool deleting = seen->meta.deleting();
  const std::int32_t grace_seconds = seen->grace_seconds;
  KubeletPod& record = record_at(cluster, row);
  if (record.uid != seen->meta.uid) {
    take_on(turn, row, record, event.cause);
  }
  if (deleting && static_pods::mirror_is_deleted(turn, row, event.cause)) {
    return;
  }
  if (deleting && record.stage != PodStage::Ended) {
    stop(turn, row, record, grace_seconds, event.cause);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  const auto kind = static_cast<Event>(event.kind);
  if (kind != Event::KubeletPod && kind != Event::KubeletContainerEnd && kind != Event::KubeletReady &&
      kind != Event::KubeletDeadline) {
    return false;
  }
  const Row row = event.subject;
  KubeletPod* record = record_of(turn.cluster, row);
  if (record == nullptr || record->uid != event.argument ||
      !kubelet_lives(turn.cluster, turn.cluster.pods[row].node)) {
    return true;
  }
  if (kind == Event::KubeletReady) {
    if (record->ready_at == turn.now()) {
      become_ready(turn, row, *record);
    }
    return true;
  }
  if (kind == Event::KubeletDeadline) {
    deadline(turn, row, *record);
    return true;
  }
  if (record->stage_ends != turn.now()) {
    return true;
  }
  end_stage(turn, row, *record);
  return true;
}

bool known(const Cluster& cluster, Row row) {
  return row < cluster.kubelet.pods.size() && cluster.pods.exists(row) &&
         cluster.kubelet.pods[row].uid == cluster.pods[row].meta.uid &&
         kubelet_lives(cluster, cluster.pods[row].node);
}

bool runs(const Cluster& cluster, Row row) {
  if (!known(cluster, row)) {
    return false;
  }
  const PodStage stage = cluster.kubelet.pods[row].stage;
  return stage == PodStage::Running || (stage == PodStage::Stopping && cluster.pods[row].containers_started);
}

bool end_containers(Turn& turn, Row row, std::int32_t exit_code, sim::TransitionId cause) {
  if (!runs(turn.cluster, row)) {
    return false;
  }
  KubeletPod& record = turn.cluster.kubelet.pods[row];
  if (record.stage == PodStage::Stopping) {
    record.cause = cause;
    end_pod(turn, row, record, exit_code);
  } else {
    containers_ended(turn, row, record, exit_code, cause);
  }
  return true;
}

bool lose_readiness(Turn& turn, Row row, sim::TransitionId cause) {
  KubeletPod* record = record_of(turn.cluster, row);
  if (record == nullptr || !kubelet_lives(turn.cluster, turn.cluster.pods[row].node)) {
    return false;
  }
  record->held_unready = true;
  stop_being_ready(turn, row, *record, cause);
  return true;
}

bool never_ready(Turn& turn, Row row, sim::TransitionId cause) {
  KubeletPod* record = record_of(turn.cluster, row);
  if (record == nullptr || !kubelet_lives(turn.cluster, turn.cluster.pods[row].node)) {
    return false;
  }
  record->never_ready = true;
  stop_being_ready(turn, row, *record, cause);
  return true;
}

bool regain_readiness(Turn& turn, Row row, sim::TransitionId cause) {
  KubeletPod* record = record_of(turn.cluster, row);
  if (record == nullptr || !record->held_unready ||
      !kubelet_lives(turn.cluster, turn.cluster.pods[row].node)) {
    return false;
  }
  record->held_unready = false;
  const bool never = record->never_ready || behaviour_of(turn.cluster, turn.cluster.pods[row]).never_ready;
  if (!never && record->stage == PodStage::Running) {
    record->cause = cause;
    become_ready(turn, row, *record);
  }
  return true;
}

void node_returned(Turn& turn, Row node, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  static_pods::show_hidden(turn, node, cause);
  for (const Row row : pods_on_node(cluster, node)) {
    KubeletPod& record = record_at(cluster, row);
    const Uid uid = cluster.pods[row].meta.uid;
    const bool terminal = cluster.pods[row].terminal();
    if (record.uid != uid) {
      record = KubeletPod{};
      record.uid = uid;
      record.stage =
          terminal ? PodStage::Ended
                   : (cluster.pods[row].phase == PodPhase::Running ? PodStage::Running : PodStage::None);
    }
    if (record.stage == PodStage::Ended) {
      if (record.stage_ends != sim::kNever && record.stage_ends < turn.now()) {
        delete_ended_pod(turn, row, record);  // due while the machine was down
      }
      continue;
    }
    if (terminal) {
      record.stage = PodStage::Ended;  // a controller has given the pod up meanwhile
      record.stage_ends = sim::kNever;
      continue;
    }
    after_power_loss(turn, row, record, cause);
  }
}

void kubelet_returned(Turn& turn, Row node, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  static_pods::show_hidden(turn, node, cause);
  for (const Row row : pods_on_node(cluster, node)) {
    KubeletPod& record = record_at(cluster, row);
    const bool terminal = cluster.pods[row].terminal();
    if (record.uid != cluster.pods[row].meta.uid) {
      take_on(turn, row, record, cause);
    } else if (terminal && record.stage != PodStage::Ended) {
      record.stage = PodStage::Ended;  // a controller has given the pod up meanwhile
      record.stage_ends = sim::kNever;
    } else {
      catch_up(turn, row, record, cause);
    }
    begin_if_attached(turn, row, record, cause);
    if (cluster.pods.exists(row) && cluster.pods[row].meta.deleting() && record.stage != PodStage::Ended &&
        record.stage != PodStage::Stopping) {
      stop(turn, row, record, cluster.pods[row].grace_seconds, cause);
    }
  }
}

void volume_attached(Turn& turn, Row node, sim::TransitionId cause) {
  if (!kubelet_lives(turn.cluster, node)) {
    return;
  }
  for (const Row row : pods_on_node(turn.cluster, node)) {
    if (KubeletPod* record = record_of(turn.cluster, row)) {
      begin_if_attached(turn, row, *record, cause);
    }
  }
}

sim::Time shut_down_pod(Turn& turn, Row row, std::int64_t grace_seconds, sim::TransitionId cause) {
  KubeletPod* record = record_of(turn.cluster, row);
  if (record == nullptr || record->stage == PodStage::Ended) {
    return turn.now();
  }
  record->shut_down = true;
  stop(turn, row, *record, grace_seconds, cause);
  return record->stage_ends;
}

}  // namespace models::kubernetes::kubelet

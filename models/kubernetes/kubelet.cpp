#include "models/kubernetes/kubelet.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "models/kubernetes/attach_detach_controller.h"
#include "models/kubernetes/container_statuses.h"
#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/pod_durations.h"
#include "models/kubernetes/static_pods.h"

namespace models::kubernetes::kubelet {

namespace {

using std::chrono::seconds;

// Exit codes of containers that did not end by themselves: 128 + the number of the signal.
constexpr std::int32_t kTerminated =
    143;  // assumed: a program that ends on SIGTERM does not call that a success
constexpr std::int32_t kKilled =
    137;  // also status_manager.go TerminatePod: containers nobody can find any more
constexpr std::int32_t kUnknownExit =
    255;  // containers of a machine that went down, as the container runtimes report

constexpr std::int32_t kFirstBackOff = 10;  // kubelet.go backOffPeriod
constexpr std::int32_t kMaxBackOff = 300;   // kubelet.go MaxContainerBackOff

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

void enter(Turn& turn, Row row, KubeletPod& record, PodStage stage, sim::Time ends, sim::TransitionId cause) {
  record.stage = stage;
  record.stage_ends = ends;
  record.cause = cause;
  if (ends == sim::kNever) {
    return;
  }
  const Event event = stage == PodStage::Running || stage == PodStage::Stopping ? Event::KubeletContainerEnd
                                                                                : Event::KubeletPod;
  turn.agenda.schedule(ends, static_cast<std::uint32_t>(event), row, record.uid, cause);
}

/// Writes the pod's status. A write that fails is repeated: the kubelet holds the status until it got
/// through. Source: status_manager.go syncBatch. The time between two tries is not modelled.
template <class Change>
sim::TransitionId write_status(Turn& turn, Row row, sim::TransitionId cause, Change&& change) {
  constexpr int kMaxTries = 100;
  WriteResult result;
  for (int i = 0; i < kMaxTries; ++i) {
    result = update<Pod>(turn, row, {Writer::Kubelet, cause}, Verb::UpdateStatus, change);
    if (result.outcome != Outcome::Error) {
      break;
    }
  }
  return result.transition != sim::kNoTransition ? result.transition : cause;
}

void set_ready(Pod& pod, bool ready, sim::Time now) {
  if (pod.ready != ready) {
    pod.ready = ready;
    pod.ready_changed = now;
  }
}

/// Whether the containers of a pod start again after they ended with `exit_code`.
/// Source: kubelet/container/helpers.go ShouldContainerBeRestarted.
bool restarts_after(const PodTemplate& pod_template, std::int32_t exit_code) {
  switch (pod_template.restart_policy) {
    case RestartPolicy::Always:
      return true;
    case RestartPolicy::OnFailure:
      return exit_code != 0;
    case RestartPolicy::Never:
      return false;
  }
  return false;
}

// ---------------------------------------------------------------------------------------------------------
// Starting

void begin_starting(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  const Pod& pod = turn.cluster.pods[row];
  record.stage = PodStage::Starting;
  const PodBehaviour behaviour = behaviour_of(turn.cluster, pod);
  const sim::Duration takes = start_duration(turn, pod, behaviour) + status_delay(turn, pod, record.stage);
  enter(turn, row, record, PodStage::Starting, turn.now() + takes, cause);
}

/// The volumes of a pod are there: its containers are begun. Source: kubelet.go SyncPod.
void begin(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  const Pod& pod = turn.cluster.pods[row];
  if (turn.cluster.template_of(pod).init_containers == 0) {
    begin_starting(turn, row, record, cause);
    return;
  }
  show_init_containers(turn.cluster, pod, false, turn.now());
  record.stage = PodStage::Initializing;
  const PodBehaviour behaviour = behaviour_of(turn.cluster, pod);
  const sim::Duration takes = init_duration(turn, pod, behaviour) + status_delay(turn, pod, record.stage);
  enter(turn, row, record, PodStage::Initializing, turn.now() + takes, cause);
}

/// The kubelet takes a pod on. Source: kubelet.go HandlePodAdditions, syncPod.
void accept(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  Pod& pod = turn.cluster.pods[row];
  record = KubeletPod{};
  record.uid = pod.meta.uid;
  // The start time goes out with the next status write; nobody asks for it before.
  pod.started_at = turn.now();
  const PodTemplate& pod_template = turn.cluster.template_of(pod);
  if (pod_template.active_deadline_seconds >= 0) {
    turn.agenda.schedule(turn.now() + seconds{pod_template.active_deadline_seconds},
                         static_cast<std::uint32_t>(Event::KubeletDeadline), row, record.uid, cause);
  }
  if (attach_detach_controller::waits_for_volumes(turn.cluster, row)) {
    enter(turn, row, record, PodStage::Attaching, sim::kNever, cause);
    return;
  }
  begin(turn, row, record, cause);
}

void initialized(Turn& turn, Row row, KubeletPod& record) {
  show_init_containers(turn.cluster, turn.cluster.pods[row], true, turn.now());
  const sim::TransitionId told =
      write_status(turn, row, record.cause, [](Pod& pod) { pod.initialized = true; });
  begin_starting(turn, row, record, told);
}

void await_readiness(Turn& turn, Row row, KubeletPod& record, sim::Duration takes) {
  record.ready_at = turn.now() + takes;
  turn.agenda.schedule(record.ready_at, static_cast<std::uint32_t>(Event::KubeletReady), row, record.uid,
                       record.cause);
}

/// The containers run: the first time or again. One write, and no further event unless the pod becomes ready
/// later or ends by itself.
void containers_run(Turn& turn, Row row, KubeletPod& record) {
  Cluster& cluster = turn.cluster;
  const bool again = record.stage == PodStage::BackOff;
  const PodBehaviour behaviour = behaviour_of(cluster, cluster.pods[row]);
  std::uint32_t further_restarts = 0;
  each_regular(cluster, cluster.pods[row], [&](ContainerStatus& status) {
    if (again) {
      status.last_finished_at =
          status.state == ContainerState::Terminated ? status.changed_at : status.last_finished_at;
      ++status.restarts;
      ++further_restarts;
    }
    status.state = ContainerState::Running;
    status.reason = ContainerReason::None;
    status.changed_at = turn.now();
  });
  // What follows is asked with the number of restarts that the pod will have after this write.
  Pod asked = cluster.pods[row];
  asked.restarts += further_restarts;
  const bool may_be_ready = !behaviour.never_ready && !record.never_ready && !record.held_unready;
  const sim::Duration until_ready =
      may_be_ready ? ready_duration(turn, asked, behaviour) : sim::Duration::zero();
  const bool ready = may_be_ready && until_ready == sim::Duration::zero();
  show_ready(cluster, cluster.pods[row], ready);
  const sim::TransitionId told = write_status(turn, row, record.cause, [&](Pod& pod) {
    pod.phase = PodPhase::Running;
    pod.initialized = true;
    pod.containers_started = true;
    pod.restarts = asked.restarts;
    set_ready(pod, ready, turn.now());
  });
  record.exit_code = exit_code_of(behaviour, asked, asked.restarts);
  enter(turn, row, record, PodStage::Running, natural_end(turn, asked, behaviour), told);
  record.ready_at = sim::kNever;
  if (may_be_ready && !ready) {
    await_readiness(turn, row, record, until_ready);
  }
}

// ---------------------------------------------------------------------------------------------------------
// Ending

/// The phase of a pod whose containers have ended for good.
/// Source: kubelet_pods.go getPhase; with the pod terminal (1.27 and later) every deleted pod gets a final
/// phase.
PodPhase final_phase(const Cluster& cluster, const Pod& pod, bool started, std::int32_t exit_code) {
  if (!started) {
    return cluster.features().since(27) ? PodPhase::Failed : pod.phase;
  }
  const RestartPolicy policy = cluster.template_of(pod).restart_policy;
  if (cluster.features().since(27) || policy == RestartPolicy::Never ||
      (policy == RestartPolicy::OnFailure && exit_code == 0)) {
    return exit_code == 0 ? PodPhase::Succeeded : PodPhase::Failed;
  }
  return pod.phase;
}

/// Nothing of the pod runs any more and nothing will: its last status, and its end if it is deleted.
/// Source: kubelet.go SyncTerminatedPod, status_manager.go TerminatePod and syncPod (the delete with grace
/// 0).
void end_pod(Turn& turn, Row row, KubeletPod& record, std::int32_t exit_code) {
  Cluster& cluster = turn.cluster;
  const bool started = cluster.pods[row].containers_started;
  show_ended(turn.cluster, cluster.pods[row], exit_code, turn.now());
  const sim::TransitionId told = write_status(turn, row, record.cause, [&](Pod& pod) {
    if (record.past_deadline) {
      pod.phase = PodPhase::Failed;
      pod.reason = PodReason::DeadlineExceeded;
    } else if (record.shut_down) {
      // Source: nodeshutdown_manager.go killPods: not where the pod had succeeded by itself.
      pod.phase = pod.phase == PodPhase::Succeeded ? pod.phase : PodPhase::Failed;
      pod.reason = PodReason::Terminated;
      pod.disruption_target = true;
      pod.disruption_reason = DisruptionReason::TerminationByKubelet;
      pod.disrupted_at = turn.now();
    } else if (!pod.terminal()) {
      pod.phase = final_phase(cluster, pod, started, exit_code);
    }
    set_ready(pod, false, turn.now());
    if (pod.finished_at == sim::kNever) {
      pod.finished_at = turn.now();
    }
    ++pod.status_changes;
  });
  record.ready_at = sim::kNever;
  const bool deleting = cluster.pods[row].meta.deleting();
  enter(turn, row, record, PodStage::Ended,
        deleting ? turn.now() + deletion_delay(turn, cluster.pods[row]) : sim::kNever, told);
}

/// The object of a deleted pod that has ended goes by a request of its own, which comes after its last
/// status. Controllers can see the one before the other. Source: status_manager.go syncPod: a DELETE with
/// grace 0 once the PATCH of the status has returned and canBeDeleted.
void delete_ended_pod(Turn& turn, Row row, KubeletPod& record) {
  const WriteResult result = delete_pod(turn, row, {Writer::Kubelet, record.cause}, 0);
  if (result.outcome == Outcome::Error) {  // the next sync of the pod tries again
    enter(turn, row, record, PodStage::Ended, turn.now() + deletion_delay(turn, turn.cluster.pods[row]),
          record.cause);
  }
}

/// The containers end by themselves or by a fault. `told`: the end was told already, as this transition.
void containers_ended(Turn& turn, Row row, KubeletPod& record, std::int32_t exit_code,
                      sim::TransitionId told) {
  Cluster& cluster = turn.cluster;
  const Pod& before = cluster.pods[row];
  const auto reason = exit_code == 0 ? ContainerReason::Completed : ContainerReason::Error;
  record.cause = told != sim::kNoTransition
                     ? told
                     : emit(turn, before.meta.uid, Field::PodTerminated, {Writer::Kubelet, record.cause}, 0,
                            exit_code, static_cast<std::uint32_t>(reason));
  record.exit_code = exit_code;
  if (before.meta.deleting() || !restarts_after(cluster.template_of(before), exit_code)) {
    end_pod(turn, row, record, exit_code);
    return;
  }
  sim::Duration ran{};
  each_regular(cluster, before, [&](ContainerStatus& status) { ran = turn.now() - status.changed_at; });
  show_ended(turn.cluster, before, exit_code, turn.now());
  const RestartDelay delay = restart_delay(record.backoff_seconds, ran);
  record.backoff_seconds = delay.next_seconds;
  if (delay.seconds > 0) {
    emit(turn, before.meta.uid, Field::PodWaiting, {Writer::Kubelet, record.cause},
         static_cast<std::int32_t>(reason), static_cast<std::int32_t>(ContainerReason::CrashLoopBackOff));
    each_regular(cluster, before, [&](ContainerStatus& status) {
      status.last_finished_at = turn.now();
      status.state = ContainerState::Waiting;
      status.reason = ContainerReason::CrashLoopBackOff;
    });
  }
  const sim::TransitionId written = write_status(turn, row, record.cause, [&](Pod& pod) {
    set_ready(pod, false, turn.now());
    ++pod.status_changes;
  });
  record.ready_at = sim::kNever;
  record.stage = PodStage::BackOff;
  const sim::Duration takes = seconds{delay.seconds} + status_delay(turn, cluster.pods[row], record.stage);
  enter(turn, row, record, PodStage::BackOff, turn.now() + takes, written);
}

/// SIGTERM, and SIGKILL when the grace period is over. Source: kuberuntime_container.go killContainer; the
/// kubelet counts the grace period from when it sees the deletion.
void stop(Turn& turn, Row row, KubeletPod& record, std::int64_t grace_seconds, sim::TransitionId cause) {
  const Pod& pod = turn.cluster.pods[row];
  const sim::Time killed_at = turn.now() + seconds{grace_seconds};
  if (record.stage == PodStage::Stopping) {
    if (killed_at < record.stage_ends) {  // asked again, with less time
      record.exit_code = kKilled;
      enter(turn, row, record, PodStage::Stopping, killed_at, cause);
    }
    return;
  }
  if (record.stage != PodStage::Running) {
    // Nothing runs. A pod that waits for its restart keeps the code that its containers ended with.
    record.exit_code = record.stage == PodStage::BackOff ? record.exit_code : kKilled;
    record.stage = PodStage::Stopping;
    enter(turn, row, record, PodStage::Stopping, turn.now() + status_delay(turn, pod, record.stage), cause);
    return;
  }
  const sim::Time ends_by_itself = record.stage_ends;
  const std::int32_t own_exit_code = record.exit_code;
  const sim::Duration takes = stop_duration(turn, pod, behaviour_of(turn.cluster, pod));
  const bool in_time = takes < seconds{grace_seconds};
  sim::Time ends = in_time ? turn.now() + takes : killed_at;
  record.exit_code = in_time ? kTerminated : kKilled;
  if (ends_by_itself <= ends) {
    ends = ends_by_itself;
    record.exit_code = own_exit_code;
  }
  record.stage = PodStage::Stopping;
  enter(turn, row, record, PodStage::Stopping, ends + status_delay(turn, pod, record.stage), cause);
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

void become_ready(Turn& turn, Row row, KubeletPod& record) {
  record.ready_at = sim::kNever;
  show_ready(turn.cluster, turn.cluster.pods[row], true);
  write_status(turn, row, record.cause, [&](Pod& pod) { set_ready(pod, true, turn.now()); });
}

/// The readiness probe fails: the containers run on.
bool stop_being_ready(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  record.ready_at = sim::kNever;
  if (record.stage == PodStage::Running || record.stage == PodStage::Stopping) {
    show_ready(turn.cluster, turn.cluster.pods[row], false);
    write_status(turn, row, cause, [&](Pod& pod) { set_ready(pod, false, turn.now()); });
  }
  return true;
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
    switch (record.stage) {
      case PodStage::Initializing:
        initialized(turn, row, record);
        break;
      case PodStage::Starting:
      case PodStage::BackOff:
        containers_run(turn, row, record);
        break;
      case PodStage::Running:
        containers_ended(turn, row, record, record.exit_code, sim::kNoTransition);
        break;
      case PodStage::Stopping:
        end_pod(turn, row, record, record.exit_code);
        break;
      case PodStage::Ended:
        delete_ended_pod(turn, row, record);
        break;
      case PodStage::Attaching:
      case PodStage::None:
        break;
    }
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

RestartDelay restart_delay(std::uint16_t backoff_seconds, sim::Duration ran) {
  const bool forgotten = ran > seconds{2 * kMaxBackOff};
  const std::int32_t delay = forgotten ? 0 : backoff_seconds;
  return {delay, static_cast<std::uint16_t>(delay == 0 ? kFirstBackOff : std::min(2 * delay, kMaxBackOff))};
}

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
  switch (record->stage) {
    case PodStage::Initializing:
      initialized(turn, row, *record);
      break;
    case PodStage::Starting:
    case PodStage::BackOff:
      containers_run(turn, row, *record);
      break;
    case PodStage::Running:
      containers_ended(turn, row, *record, record->exit_code, sim::kNoTransition);
      break;
    case PodStage::Stopping:
      end_pod(turn, row, *record, record->exit_code);
      break;
    case PodStage::Ended:
      delete_ended_pod(turn, row, *record);
      break;
    case PodStage::Attaching:
    case PodStage::None:
      break;
  }
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
  return stop_being_ready(turn, row, *record, cause);
}

bool never_ready(Turn& turn, Row row, sim::TransitionId cause) {
  KubeletPod* record = record_of(turn.cluster, row);
  if (record == nullptr || !kubelet_lives(turn.cluster, turn.cluster.pods[row].node)) {
    return false;
  }
  record->never_ready = true;
  return stop_being_ready(turn, row, *record, cause);
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

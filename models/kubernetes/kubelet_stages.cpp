#include "models/kubernetes/kubelet_stages.h"

#include <algorithm>
#include <chrono>

#include "models/kubernetes/attach_detach_controller.h"
#include "models/kubernetes/container_statuses.h"
#include "models/kubernetes/kubelet.h"
#include "models/kubernetes/pod_durations.h"

namespace models::kubernetes::kubelet {

namespace {

using std::chrono::seconds;

constexpr std::int32_t kTerminated =
    143;  // assumed: a program that ends on SIGTERM does not call that a success

constexpr std::int32_t kFirstBackOff = 10;  // kubelet.go backOffPeriod

}  // namespace

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

void set_ready(Pod& pod, bool ready, sim::Time now) {
  if (pod.ready != ready) {
    pod.ready = ready;
    pod.ready_changed = now;
  }
}

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

namespace {

void begin_starting(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  const Pod& pod = turn.cluster.pods[row];
  record.stage = PodStage::Starting;
  const PodBehaviour behaviour = behaviour_of(turn.cluster, pod);
  const sim::Duration takes = start_duration(turn, pod, behaviour) + status_delay(turn, pod, record.stage);
  enter(turn, row, record, PodStage::Starting, turn.now() + takes, cause);
}

}  // namespace

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

void await_readiness(Turn& turn, Row row, KubeletPod& record, sim::Duration takes) {
  record.ready_at = turn.now() + takes;
  turn.agenda.schedule(record.ready_at, static_cast<std::uint32_t>(Event::KubeletReady), row, record.uid,
                       record.cause);
}

namespace {

void initialized(Turn& turn, Row row, KubeletPod& record) {
  show_init_containers(turn.cluster, turn.cluster.pods[row], true, turn.now());
  const sim::TransitionId told =
      write_status(turn, row, record.cause, [](Pod& pod) { pod.initialized = true; });
  begin_starting(turn, row, record, told);
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

}  // namespace

void become_ready(Turn& turn, Row row, KubeletPod& record) {
  record.ready_at = sim::kNever;
  show_ready(turn.cluster, turn.cluster.pods[row], true);
  write_status(turn, row, record.cause, [&](Pod& pod) { set_ready(pod, true, turn.now()); });
}

void stop_being_ready(Turn& turn, Row row, KubeletPod& record, sim::TransitionId cause) {
  record.ready_at = sim::kNever;
  if (record.stage == PodStage::Running || record.stage == PodStage::Stopping) {
    show_ready(turn.cluster, turn.cluster.pods[row], false);
    write_status(turn, row, cause, [&](Pod& pod) { set_ready(pod, false, turn.now()); });
  }
}

// ---------------------------------------------------------------------------------------------------------
// Ending

RestartDelay restart_delay(std::uint16_t backoff_seconds, sim::Duration ran) {
  const bool forgotten = ran > seconds{2 * kMaxBackOff};
  const std::int32_t delay = forgotten ? 0 : backoff_seconds;
  return {delay, static_cast<std::uint16_t>(delay == 0 ? kFirstBackOff : std::min(2 * delay, kMaxBackOff))};
}

namespace {

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

}  // namespace

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

void delete_ended_pod(Turn& turn, Row row, KubeletPod& record) {
  const WriteResult result = delete_pod(turn, row, {Writer::Kubelet, record.cause}, 0);
  if (result.outcome == Outcome::Error) {  // the next sync of the pod tries again
    enter(turn, row, record, PodStage::Ended, turn.now() + deletion_delay(turn, turn.cluster.pods[row]),
          record.cause);
  }
}

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

void end_stage(Turn& turn, Row row, KubeletPod& record) {
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
}

}  // namespace models::kubernetes::kubelet

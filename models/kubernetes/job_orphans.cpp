#include "models/kubernetes/job_orphans.h"

#include <algorithm>

#include "models/kubernetes/api.h"
#include "models/kubernetes/job_controller.h"
#include "models/kubernetes/requests.h"

namespace models::kubernetes::job_controller {
namespace {

void schedule(Turn& turn, sim::Time at, sim::TransitionId cause) {
  JobControllerState& state = turn.cluster.job_controller;
  if (!state.orphan_scheduled) {
    state.orphan_scheduled = true;
    turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::JobOrphan), 0, 0, cause);
  }
}

/// Whether the finalizer must go: nobody else will remove it.
bool is_orphan(const Cluster& cluster, const TrackedPod& tracked) {
  if (!cluster.pods.exists(tracked.row) || cluster.pods[tracked.row].meta.uid != tracked.uid ||
      !cluster.pods[tracked.row].job_tracking) {
    return false;
  }
  const Pod* pod = view_of(cluster, ObserverId::ControllerManager).pod(tracked.row);
  if (pod == nullptr || pod->owner.kind == Kind::None) {
    return pod != nullptr;
  }
  if (pod->owner.kind != Kind::Job) {
    return false;
  }
  const Job* job = view_of(cluster, ObserverId::ControllerManager).job(pod->owner.row);
  return job == nullptr || job->meta.uid != pod->owner.uid ||
         (job->status.finished() && !job_rules(cluster.features(), job->spec).managed_by_other);
}

/// The next pod whose turn it is, at the front of the queue; false if all wait for their back-off.
bool bring_forward(JobControllerState& state, sim::Time now) {
  const auto begin = state.orphans.begin() + state.orphan_head;
  const auto due = std::find_if(begin, state.orphans.end(),
                                [&](const OrphanPod& orphan) { return orphan.not_before <= now; });
  if (due == state.orphans.end()) {
    return false;
  }
  std::rotate(begin, due, due + 1);
  return true;
}

void drop_first(JobControllerState& state) {
  if (++state.orphan_head == state.orphans.size()) {
    state.orphans.clear();
    state.orphan_head = 0;
  }
}

}  // namespace

void queue_orphan(Turn& turn, const TrackedPod& pod, sim::TransitionId cause) {
  // In which order pods are queued is open upstream (an informer's store is a map): where requests take time,
  // theirs settles it.
  const Pod& object = turn.cluster.pods[pod.row];
  const sim::Time at =
      turn.now() + request_latency(turn, subject_of(object), Purpose::RequestUpdate, occurrence_of(object));
  JobControllerState& state = turn.cluster.job_controller;
  state.orphans.push_back({pod, 0, at, cause});
  if (state.orphan_scheduled && at > turn.now()) {
    turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::JobOrphan), 0, 0, cause);
  } else {
    schedule(turn, at, cause);
  }
}

void queue_orphans_of(Turn& turn, Row job, Uid uid, sim::TransitionId cause) {
  const Cluster& cluster = turn.cluster;
  if (!cluster.jobs.alive(job) || cluster.jobs[job].meta.uid != uid) {
    return;
  }
  view_of(cluster, ObserverId::ControllerManager)
      .each_pod_of(cluster.jobs[job].pods_head, [&](Row row, const Pod& pod) {
        if (pod.owner.uid == uid && pod.job_tracking) {
          queue_orphan(turn, {row, pod.meta.uid}, cause);
        }
      });
}

void work_on_orphans(Turn& turn) {
  JobControllerState& state = turn.cluster.job_controller;
  state.orphan_scheduled = false;
  while (state.orphan_head < state.orphans.size()) {
    if (!bring_forward(state, turn.now())) {
      const auto earliest = std::min_element(
          state.orphans.begin() + state.orphan_head, state.orphans.end(),
          [](const OrphanPod& a, const OrphanPod& b) { return a.not_before < b.not_before; });
      schedule(turn, earliest->not_before, earliest->cause);
      return;
    }
    const OrphanPod orphan = state.orphans[state.orphan_head];
    if (!is_orphan(turn.cluster, orphan.pod)) {
      drop_first(state);
      continue;
    }
    if (!state.orphan_granted) {
      const sim::Time at = state.client.reserve(turn.now(), kClientQps, kClientBurst);
      if (at > turn.now()) {
        state.orphan_granted = true;
        schedule(turn, at, orphan.cause);
        return;
      }
    }
    state.orphan_granted = false;
    drop_first(state);
    const Outcome outcome = remove_finalizer(turn, orphan.pod, {Writer::JobController, orphan.cause});
    if (outcome != Outcome::Ok && outcome != Outcome::NotFound) {
      OrphanPod again = orphan;
      again.not_before = turn.now() + retry_delay(turn.cluster.features(), ++again.failures);
      state.orphans.push_back(again);
    }
  }
}

}  // namespace models::kubernetes::job_controller

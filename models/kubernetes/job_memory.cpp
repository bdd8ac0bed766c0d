#include "models/kubernetes/job_memory.h"

#include <algorithm>

#include "models/kubernetes/job_controller.h"

namespace models::kubernetes {
namespace {

/// Adds an active pod to the sums, or takes it out.
void count_active(JobMemory& memory, const Pod& pod, std::int32_t one) {
  memory.active += one;
  memory.ready += pod.ready ? one : 0;
  memory.restarts += pod.phase == PodPhase::Unknown ? 0 : one * static_cast<std::int64_t>(pod.restarts);
  if (pod.index < 0) {
    memory.without_index += one;
  } else if (one > 0) {
    memory.active_indexes.insert(pod.index);
  } else {
    memory.active_indexes.erase(pod.index);
  }
}

}  // namespace

void add_pod(JobMemory& memory, Row row, const Pod& pod) {
  if (is_active(pod)) {
    count_active(memory, pod, 1);
  } else {
    memory.ending.push_back({row, pod.meta.uid});
  }
}

void remove_pod(JobMemory& memory, const Pod& pod) {
  if (is_active(pod)) {
    count_active(memory, pod, -1);
  }
}

void change_pod(JobMemory& memory, Row row, const Pod& before, const Pod& after) {
  const bool was_active = is_active(before);
  if (was_active && is_active(after) && before.ready == after.ready && before.restarts == after.restarts &&
      (before.phase == PodPhase::Unknown) == (after.phase == PodPhase::Unknown)) {
    return;
  }
  if (was_active || is_active(after)) {
    remove_pod(memory, before);
    add_pod(memory, row, after);
  }
}

bool belongs(const Pod* pod, const TrackedPod& tracked, Uid job) {
  return pod != nullptr && pod->meta.uid == tracked.uid && pod->owner.uid == job;
}

bool is_settled(const Pod& pod, bool failure_policy) {
  return pod.terminal() && !pod.job_tracking && (!failure_policy || pod.phase == PodPhase::Succeeded);
}

JobMemory remember_job(const View& view, Row row) {
  JobMemory memory;
  const Job& job = *view.job(row);
  memory.uid = job.meta.uid;
  view.each_pod_of(view.cluster().jobs[row].pods_head, [&](Row pod_row, const Pod& pod) {
    if (pod.owner.uid == memory.uid) {
      add_pod(memory, pod_row, pod);
    }
  });
  // The list of an owner begins with its newest pod.
  std::reverse(memory.ending.begin(), memory.ending.end());
  return memory;
}

bool settled(const View& view, Row job, const TrackedPod& tracked, bool failure_policy) {
  const Pod* pod = view.pod(tracked.row);
  return !belongs(pod, tracked, view.job(job)->meta.uid) || is_settled(*pod, failure_policy);
}

}  // namespace models::kubernetes

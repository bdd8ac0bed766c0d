#include "models/kubernetes/job_memory.h"

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

}  // namespace models::kubernetes

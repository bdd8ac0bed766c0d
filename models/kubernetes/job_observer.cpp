// What the Job controller does with watch events: it notes what it was expecting to see and queues Jobs.

#include <algorithm>

#include "models/kubernetes/api.h"
#include "models/kubernetes/job_controller.h"
#include "models/kubernetes/job_orphans.h"
#include "models/kubernetes/served_time.h"

namespace models::kubernetes::job_controller {
namespace {

/// The Job that a controller reference names, as the controller sees it. Source: resolveControllerRef.
const Job* owning_job(const Cluster& cluster, const OwnerRef& owner, Version seen) {
  if (owner.kind != Kind::Job) {
    return nullptr;
  }
  const Job* job = cluster.jobs.as_of(owner.row, seen);
  return job != nullptr && job->meta.uid == owner.uid ? job : nullptr;
}

/// The memory of a Job, or nullptr if the controller has none of it yet: then its first sync lists the pods.
JobMemory* memory_of(Cluster& cluster, const OwnerRef& owner) {
  std::vector<JobMemory>& memory = cluster.job_controller.memory;
  return owner.kind == Kind::Job && owner.row < memory.size() && memory[owner.row].uid == owner.uid
             ? &memory[owner.row]
             : nullptr;
}

void remember_ownerless(Cluster& cluster, const TrackedPod& pod) {
  if (cluster.job_controller.ownerless_known) {
    cluster.job_controller.ownerless.push_back(pod);
  }
}

/// Queues every Job with a selector of its own: it may want to adopt the pod. Source: getPodJobs.
void queue_selecting_jobs(Turn& turn, const Pod& pod, const WatchEvent& event) {
  for (Row row = 0; row < turn.cluster.jobs.extent(); ++row) {
    const Job* job = turn.cluster.jobs.as_of(row, event.version);
    if (job != nullptr && job->spec.selector != nullptr && job->meta.name_space == pod.meta.name_space) {
      enqueue_after(turn, row, kJobBatchPeriod, event.cause);
    }
  }
}

void observe_finalizer_removal(JobMemory* memory, Uid uid) {
  if (memory != nullptr) {
    const auto place =
        std::lower_bound(memory->finalizers_removed.begin(), memory->finalizers_removed.end(), uid);
    if (place != memory->finalizers_removed.end() && *place == uid) {
      memory->finalizers_removed.erase(place);
    }
  }
}

/// A pod is gone (`final`) or on its way. Source: deletePod.
void pod_deleted(Turn& turn, const Pod& pod, const WatchEvent& event, bool final) {
  const Job* job = owning_job(turn.cluster, pod.owner, event.version);
  if (job == nullptr || job->status.finished()) {
    if (pod.job_tracking && !final && (pod.owner.kind == Kind::None || pod.owner.kind == Kind::Job)) {
      queue_orphan(turn, {event.row, pod.meta.uid}, event.cause);  // no sync will remove this finalizer
    }
    return;
  }
  JobMemory* memory = memory_of(turn.cluster, pod.owner);
  if (memory != nullptr) {
    memory->deletes_expected = std::max(0, memory->deletes_expected - 1);
  }
  if (final || !pod.job_tracking) {
    observe_finalizer_removal(memory, pod.meta.uid);
  }
  enqueue_after(turn, pod.owner.row, kJobBatchPeriod, event.cause);
}

/// Source: addPod.
void pod_added(Turn& turn, const Pod& pod, const WatchEvent& event) {
  if (JobMemory* memory = memory_of(turn.cluster, pod.owner)) {
    add_pod(*memory, event.row, pod);
  }
  if (pod.owner.kind == Kind::None) {
    remember_ownerless(turn.cluster, {event.row, pod.meta.uid});
  }
  if (pod.meta.deleting()) {
    pod_deleted(turn, pod, event, false);
    return;
  }
  if (owning_job(turn.cluster, pod.owner, event.version) != nullptr) {
    if (JobMemory* memory = memory_of(turn.cluster, pod.owner)) {
      memory->creates_expected = std::max(0, memory->creates_expected - 1);
    }
    enqueue_after(turn, pod.owner.row, kJobBatchPeriod, event.cause);
  } else if (pod.owner.kind == Kind::None) {
    if (pod.job_tracking) {
      queue_orphan(turn, {event.row, pod.meta.uid}, event.cause);
    }
    queue_selecting_jobs(turn, pod, event);
  }
}

/// Source: updatePod.
void pod_modified(Turn& turn, const Pod& before, const Pod& pod, const WatchEvent& event) {
  const bool owner_changed = before.owner != pod.owner;
  if (!owner_changed) {
    if (JobMemory* memory = memory_of(turn.cluster, pod.owner)) {
      change_pod(*memory, event.row, before, pod);
    }
  } else {
    if (JobMemory* memory = memory_of(turn.cluster, before.owner)) {
      remove_pod(*memory, before);
    }
    if (JobMemory* memory = memory_of(turn.cluster, pod.owner)) {
      add_pod(*memory, event.row, pod);
    }
    if (pod.owner.kind == Kind::None) {
      remember_ownerless(turn.cluster, {event.row, pod.meta.uid});
    }
  }
  if (pod.meta.deleting()) {
    pod_deleted(turn, pod, event, false);
    return;
  }
  if (owner_changed && owning_job(turn.cluster, before.owner, event.version) != nullptr) {
    if (!pod.job_tracking) {
      observe_finalizer_removal(memory_of(turn.cluster, before.owner), pod.meta.uid);
    }
    enqueue_after(turn, before.owner.row, kJobBatchPeriod, event.cause);
  }
  if (owning_job(turn.cluster, pod.owner, event.version) != nullptr) {
    if (!pod.job_tracking) {
      observe_finalizer_removal(memory_of(turn.cluster, pod.owner), pod.meta.uid);
    }
    enqueue_after(turn, pod.owner.row, kJobBatchPeriod, event.cause);
  } else if (pod.owner.kind == Kind::None) {
    if (pod.job_tracking) {
      queue_orphan(turn, {event.row, pod.meta.uid}, event.cause);
    }
    if (owner_changed || before.label_set != pod.label_set) {
      queue_selecting_jobs(turn, pod, event);
    }
  }
}

/// Source: updateJob.
void job_modified(Turn& turn, const Job* before, const Job& job, const WatchEvent& event) {
  const bool spec_changed = before == nullptr || before->meta.generation != job.meta.generation ||
                            before->meta.deleting() != job.meta.deleting();
  enqueue_after(turn, event.row, spec_changed ? sim::Duration::zero() : kJobBatchPeriod, event.cause);
  if (job.status.finished()) {
    queue_orphans_of(turn, event.row, job.meta.uid, event.cause);
  }
  const std::int64_t deadline = job.spec.active_deadline_seconds;
  if (job.status.start_time != sim::kNever && deadline >= 0 && before != nullptr &&
      before->spec.active_deadline_seconds != deadline) {
    enqueue_after(turn, event.row,
                  served(job.status.start_time) + std::chrono::seconds{deadline} - turn.now(), event.cause);
  }
}

bool concerns_jobs(const Pod* pod) {
  return pod != nullptr && (pod->owner.kind == Kind::Job || pod->owner.kind == Kind::None);
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  const Store<Pod>& pods = turn.cluster.pods;
  const Pod* after = pods.as_of(event.row, event.version);
  const Pod* before = event.type == WatchType::Added ? nullptr : pods.as_of(event.row, event.version - 1);
  if (!concerns_jobs(before) && !concerns_jobs(after)) {
    return;
  }
  if (after == nullptr) {
    if (JobMemory* memory = memory_of(turn.cluster, before->owner)) {
      remove_pod(*memory, *before);
    }
    pod_deleted(turn, *before, event, true);
  } else if (before == nullptr) {
    pod_added(turn, *after, event);
  } else {
    pod_modified(turn, *before, *after, event);
  }
}

void observe_job(Turn& turn, const WatchEvent& event) {
  const Store<Job>& jobs = turn.cluster.jobs;
  const Job* after = jobs.as_of(event.row, event.version);
  const Job* before = event.type == WatchType::Added ? nullptr : jobs.as_of(event.row, event.version - 1);
  if (after == nullptr) {
    if (before != nullptr) {
      enqueue(turn, event.row, event.cause);
      queue_orphans_of(turn, event.row, before->meta.uid, event.cause);
    }
  } else if (event.type == WatchType::Added) {
    enqueue(turn, event.row, event.cause);
  } else {
    job_modified(turn, before, *after, event);
  }
}

}  // namespace

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  } else if (event.kind == Kind::Job) {
    observe_job(turn, event);
  }
}

}  // namespace models::kubernetes::job_controller

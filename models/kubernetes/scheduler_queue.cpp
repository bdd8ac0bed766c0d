#include "models/kubernetes/scheduler_queue.h"

#include <algorithm>
#include <chrono>

#include "models/kubernetes/scheduler.h"

namespace models::kubernetes::scheduler {

namespace {

// Source: backend/queue/scheduling_queue.go DefaultPodMaxInUnschedulablePodsDuration; Run, 30 s between
// looks.
constexpr sim::Duration kMaxUnschedulable = std::chrono::minutes{5};
constexpr sim::Duration kBetweenFlushes = std::chrono::seconds{30};

/// When the flush takes a pod along that became unschedulable at `since`: at the first look, every 30 s of
/// the scenario (assumed), at which it has waited for more than five minutes.
sim::Time flushed_at(sim::Time since) {
  return sim::Time{((since + kMaxUnschedulable) / kBetweenFlushes + 1) * kBetweenFlushes};
}

/// The attempts by which the flush would have found nothing new are not simulated; they count for the
/// back-off.
void catch_up(QueuedPod& pod, sim::Time now) {
  while (flushed_at(pod.since) < now) {
    pod.since = flushed_at(pod.since);
    ++pod.attempts;
    pod.backoff_until = pod.since + backoff_after(pod.attempts);
  }
}

void schedule_run(Turn& turn, sim::Duration after, sim::TransitionId cause) {
  SchedulerState& state = turn.cluster.scheduler;
  if (!state.run_scheduled) {
    state.run_scheduled = true;
    turn.agenda.schedule(turn.now() + after, static_cast<std::uint32_t>(Event::SchedulerRun), 0, 0, cause);
  }
}

/// Source: plugins/queuesort/priority_sort.go Less.
bool goes_first(const QueuedPod& a, const QueuedPod& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.since < b.since;
}

/// An idle scheduler takes pods out of their back-off, but not after errors: scheduling_queue.go with
/// SchedulerPopFromBackoffQ, on from 1.33; backoff_queue.go orders them by whole seconds of their expiry.
void take_out_of_backoff(SchedulerState& state) {
  const auto waits = [](const QueuedPod& pod) { return pod.parked != Parked::Backoff; };
  const auto ready = std::stable_partition(state.parked.begin(), state.parked.end(), waits);
  state.active.assign(ready, state.parked.end());
  state.parked.erase(ready, state.parked.end());
  std::stable_sort(state.active.begin(), state.active.end(), [](const QueuedPod& a, const QueuedPod& b) {
    const auto left = std::chrono::floor<std::chrono::seconds>(a.backoff_until);
    const auto right = std::chrono::floor<std::chrono::seconds>(b.backoff_until);
    return left != right ? left < right : goes_first(a, b);
  });
}

sim::Time looked_at(const QueuedPod& pod) {
  if (pod.parked != Parked::Unschedulable) {
    return pod.backoff_until;
  }
  return pod.stale ? flushed_at(pod.since) : sim::kNever;
}

void schedule_look(Turn& turn, sim::Time at) {
  SchedulerState& state = turn.cluster.scheduler;
  if (at < state.flush_at) {
    state.flush_at = at;
    turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::SchedulerFlush), 0, 0, sim::kNoTransition);
  }
}

}  // namespace

void enqueue(Turn& turn, const QueuedPod& pod, sim::Duration after) {
  turn.cluster.scheduler.active.push_back(pod);
  schedule_run(turn, after, pod.cause);
}

void park(Turn& turn, QueuedPod pod, Parked as) {
  ++pod.attempts;
  pod.since = turn.now();
  pod.backoff_until = turn.now() + backoff_after(pod.attempts);
  pod.parked = as;
  pod.stale = false;
  turn.cluster.scheduler.parked.push_back(pod);
  schedule_look(turn, looked_at(pod));
}

void notice(Turn& turn, const Change& change) {
  SchedulerState& state = turn.cluster.scheduler;
  bool woken = false;
  bool stale = false;
  for (QueuedPod& pod : state.parked) {
    if (pod.parked != Parked::Unschedulable) {
      continue;
    }
    if (!helps(turn.cluster, pod, change)) {
      stale = stale || !pod.stale;
      pod.stale = true;
      continue;
    }
    catch_up(pod, turn.now());
    pod.parked = Parked::Backoff;
    pod.cause = change.cause;
    woken = true;
  }
  if (woken) {
    schedule_run(turn, sim::Duration::zero(), change.cause);
  } else if (stale) {
    schedule_flush(turn);
  }
}

void schedule_flush(Turn& turn) {
  const SchedulerState& state = turn.cluster.scheduler;
  sim::Time next = sim::kNever;
  for (const QueuedPod& pod : state.parked) {
    next = std::min(next, looked_at(pod));
  }
  schedule_look(turn, next);
}

void unpark(Turn& turn) {
  SchedulerState& state = turn.cluster.scheduler;
  std::size_t kept = 0;
  for (const QueuedPod& pod : state.parked) {
    if (looked_at(pod) <= turn.now()) {
      state.active.push_back(pod);
    } else {
      state.parked[kept++] = pod;
    }
  }
  state.parked.resize(kept);
  const auto waiting = state.active.begin() + state.head;
  if (!std::is_sorted(waiting, state.active.end(), goes_first)) {
    std::stable_sort(waiting, state.active.end(), goes_first);
  }
  schedule_flush(turn);
}

QueuedPod next_pod(Turn& turn) {
  SchedulerState& state = turn.cluster.scheduler;
  if (state.head < state.active.size()) {
    return state.active[state.head++];
  }
  state.active.clear();
  state.head = 0;
  if (turn.cluster.features().since(33)) {
    take_out_of_backoff(state);
  }
  return state.active.empty() ? QueuedPod{} : state.active[state.head++];
}

}  // namespace models::kubernetes::scheduler

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

sim::Time looked_at(const QueuedPod& pod) {
  if (pod.parked != Parked::Unschedulable) {
    return pod.backoff_until;
  }
  return pod.stale ? flushed_at(pod.since) : sim::kNever;
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
  schedule_flush(turn);
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
  SchedulerState& state = turn.cluster.scheduler;
  sim::Time next = sim::kNever;
  for (const QueuedPod& pod : state.parked) {
    next = std::min(next, looked_at(pod));
  }
  if (next < state.flush_at) {
    state.flush_at = next;
    turn.agenda.schedule(next, static_cast<std::uint32_t>(Event::SchedulerFlush), 0, 0, sim::kNoTransition);
  }
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
  // An idle scheduler takes pods out of their back-off, but not after errors: scheduling_queue.go with
  // SchedulerPopFromBackoffQ, on from 1.33; backoff_queue.go popBackoff, ordered by whole seconds of expiry.
  if (!turn.cluster.features().since(33)) {
    return {};
  }
  const auto second = [](sim::Time at) { return std::chrono::floor<std::chrono::seconds>(at); };
  auto best = state.parked.end();
  for (auto pod = state.parked.begin(); pod != state.parked.end(); ++pod) {
    if (pod->parked != Parked::Backoff) {
      continue;
    }
    if (best == state.parked.end() || second(pod->backoff_until) < second(best->backoff_until) ||
        (second(pod->backoff_until) == second(best->backoff_until) && goes_first(*pod, *best))) {
      best = pod;
    }
  }
  if (best == state.parked.end()) {
    return {};
  }
  const QueuedPod pod = *best;
  state.parked.erase(best);
  return pod;
}

}  // namespace models::kubernetes::scheduler

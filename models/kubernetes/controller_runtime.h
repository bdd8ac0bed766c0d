#pragma once
// What every controller has in common: the queue, the workers, the throttled client, retries.
//
// A controller is a `Traits` type:
//   static State& state(Cluster&);                      // with queue, client, active
//   static constexpr Event kQueueRun, kWake, kResume;
//   static constexpr std::size_t kWorkers;              // syncs at once
//   static Uid uid_at(const Cluster&, Row);             // of the object as the controller sees it; 0: none
//   static bool begin(Turn&, Sync&);                    // looks, decides, fills sync.writes; false: nothing
//   to do static Outcome perform(Turn&, Sync&, const Write&, Row& row_written); static bool next_stage(Turn&,
//   Sync&);               // the writes are through: further writes, or false static sim::Duration
//   retry_delay(std::uint32_t failures);  // after the n-th failure in a row, from 1 static constexpr
//   std::int64_t kQps, kBurst;

#include <algorithm>

#include "models/kubernetes/api.h"
#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

template <class Traits>
struct ControllerRuntime {
  /// Queues the key now. Source: client-go workqueue Type.Add.
  static void enqueue(Turn& turn, Row row, sim::TransitionId cause) {
    WorkQueue& queue = Traits::state(turn.cluster).queue;
    QueueEntry& entry = queue.entry(row);
    if (entry.queued || entry.dirty) {
      remember_cause(entry, cause);
      return;
    }
    entry.cause = cause;
    entry.further_count = 0;
    if (entry.processing) {
      entry.dirty = true;
      return;
    }
    entry.queued = true;
    queue.waiting.push_back(row);
    schedule_run(turn, queue, cause);
  }

  /// Queues the key after `delay`; of several, the earliest counts. Source: client-go delaying_queue.go
  /// AddAfter.
  static void enqueue_after(Turn& turn, Row row, sim::Duration delay, sim::TransitionId cause) {
    if (delay <= sim::Duration::zero()) {
      enqueue(turn, row, cause);
      return;
    }
    QueueEntry& entry = Traits::state(turn.cluster).queue.entry(row);
    const sim::Time at = turn.now() + delay;
    if (at >= entry.wake_at) {
      return;
    }
    entry.wake_at = at;
    entry.wake_cause = cause;
    turn.agenda.schedule(at, static_cast<std::uint32_t>(Traits::kWake), row,
                         Traits::uid_at(turn.cluster, row), cause);
  }

  static void on_wake(Turn& turn, Row row) {
    QueueEntry& entry = Traits::state(turn.cluster).queue.entry(row);
    if (entry.wake_at != turn.now()) {
      return;  // an earlier wake-up replaced this one
    }
    entry.wake_at = sim::kNever;
    enqueue(turn, row, entry.wake_cause);
  }

  static void on_queue_run(Turn& turn) {
    auto& state = Traits::state(turn.cluster);
    state.queue.run_scheduled = false;
    while (!state.queue.empty() && state.active.size() < Traits::kWorkers) {
      const Row row = state.queue.take();
      QueueEntry& entry = state.queue.entry(row);
      entry.queued = false;
      entry.processing = true;
      state.active.emplace_back();
      auto& sync = state.active.back();
      sync.row = row;
      sync.uid = Traits::uid_at(turn.cluster, row);
      sync.cause = entry.cause;
      const sim::TransitionId first = turn.context.history.next_id();
      if (sync.uid == 0 || !Traits::begin(turn, sync)) {
        finish(turn, state.active.size() - 1);
        continue;
      }
      proceed(turn, state.active.size() - 1);
      list_further_causes(turn, state.queue.entry(row), first);
    }
  }

  static void on_resume(Turn& turn, Row row) {
    auto& active = Traits::state(turn.cluster).active;
    for (std::size_t i = 0; i < active.size(); ++i) {
      if (active[i].row == row) {
        active[i].granted = true;
        proceed(turn, i);
        return;
      }
    }
  }

  /// Forgets everything, as a restarted controller does; the caller queues every object again.
  static void restart(Turn& turn) {
    auto& state = Traits::state(turn.cluster);
    state = {};
  }

 private:
  /// A rate limiter that is shared by all keys asks for the turn; one that looks at the key alone does not.
  static sim::Duration retry_delay(Turn& turn, std::uint32_t failures) {
    if constexpr (requires { Traits::retry_delay(turn, failures); }) {
      return Traits::retry_delay(turn, failures);
    } else {
      return Traits::retry_delay(failures);
    }
  }

  static void remember_cause(QueueEntry& entry, sim::TransitionId cause) {
    if (cause != sim::kNoTransition && cause != entry.cause && entry.further_count < entry.further.size()) {
      entry.further[entry.further_count++] = cause;
    }
  }

  static void list_further_causes(Turn& turn, QueueEntry& entry, sim::TransitionId first) {
    if (turn.context.history.next_id() != first && !entry.dirty) {
      for (std::uint8_t i = 0; i < entry.further_count; ++i) {
        turn.context.history.also_because(first, entry.further[i]);
      }
    }
  }

  static void schedule_run(Turn& turn, WorkQueue& queue, sim::TransitionId cause) {
    if (!queue.run_scheduled) {
      queue.run_scheduled = true;
      turn.agenda.schedule(turn.now(), static_cast<std::uint32_t>(Traits::kQueueRun), 0, 0, cause);
    }
  }

  /// Performs the writes of the sync at `position` until they are through or the client must wait.
  static void proceed(Turn& turn, std::size_t position) {
    auto& state = Traits::state(turn.cluster);
    auto& sync = state.active[position];
    do {
      while (sync.next < sync.writes.size()) {
        const Write write = sync.writes[sync.next];
        const bool first_of_batch = sync.next > 0 && sync.writes[sync.next - 1].batch != write.batch;
        if (first_of_batch && sync.batch_failed) {
          sync.outcomes.resize(sync.writes.size(), Outcome::Skipped);
          sync.rows.resize(sync.writes.size(), kNoRow);
          sync.next = static_cast<std::uint32_t>(sync.writes.size());
          break;
        }
        if (write.needs_previous && sync.next > 0 && sync.outcomes[sync.next - 1] != Outcome::Ok) {
          sync.outcomes.push_back(Outcome::Skipped);
          sync.rows.push_back(kNoRow);
          ++sync.next;
          continue;
        }
        if (!sync.granted) {
          const sim::Time at = state.client.reserve(turn.now(), Traits::kQps, Traits::kBurst);
          if (at > turn.now()) {
            turn.agenda.schedule(at, static_cast<std::uint32_t>(Traits::kResume), sync.row, sync.uid,
                                 sync.cause);
            return;
          }
        }
        sync.granted = false;
        Row row_written = write.row;
        const Outcome outcome = Traits::perform(turn, sync, write, row_written);
        sync.outcomes.push_back(outcome);
        sync.rows.push_back(row_written);
        ++sync.next;
        if (outcome != Outcome::Ok) {
          sync.batch_failed = true;
        }
      }
    } while (Traits::next_stage(turn, sync));
    finish(turn, position);
  }

  static void finish(Turn& turn, std::size_t position) {
    auto& state = Traits::state(turn.cluster);
    const Row row = state.active[position].row;
    const bool failed = state.active[position].failed;
    const sim::Duration requeue_after = state.active[position].requeue_after;
    const sim::TransitionId cause = state.active[position].cause;
    state.active.erase(state.active.begin() + static_cast<std::ptrdiff_t>(position));
    QueueEntry& entry = state.queue.entry(row);
    entry.processing = false;
    if (entry.dirty) {
      entry.dirty = false;
      entry.queued = true;
      state.queue.waiting.push_back(row);
    }
    if (failed) {
      ++entry.failures;
      enqueue_after(turn, row, retry_delay(turn, entry.failures), cause);
    } else {
      entry.failures = 0;
      if (requeue_after > sim::Duration::zero()) {
        enqueue_after(turn, row, requeue_after, cause);
      }
    }
    if (!state.queue.empty()) {
      schedule_run(turn, state.queue, cause);
    }
  }
};

}  // namespace models::kubernetes

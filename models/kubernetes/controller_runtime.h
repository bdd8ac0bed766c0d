#pragma once
// What every controller has in common: the queue, the workers, the throttled client, retries.
//
// A controller is a `Traits` type; a base `ControllerOf` holds the last four:
//   static State& state(Cluster&);                        // with queue, client, active
//   static constexpr Event kQueueRun, kWake, kResume;
//   static constexpr std::size_t kWorkers;                // syncs at once
//   static bool begin(Turn&, Sync&);                      // looks, decides, fills sync.writes; false:
//   nothing to do static Outcome perform(Turn&, Sync&, const Write&, Row& row_written); static bool
//   next_stage(Turn&, Sync&);                 // the writes are through: further writes, or false static
//   sim::Duration retry_delay(std::uint32_t failures);  // after the n-th failure in a row, from 1 static Uid
//   uid_at(const Cluster&, Row);               // of the object as the controller sees it; 0: none static
//   sim::Subject subject_at(const Cluster&, Row);  // what that object is called static constexpr
//   std::int64_t kQps, kBurst; kLooksAgain: the next stage looks at the cluster as it is then
//
// Where requests take time (timing api.latency), a write has its effect at the end of that time; the requests
// of concurrent items of a batch are under way side by side.

#include <algorithm>
#include <utility>

#include "models/kubernetes/api.h"
#include "models/kubernetes/cluster.h"
#include "models/kubernetes/requests.h"

namespace models::kubernetes {

/// What the Traits of a controller of one kind of object have in common: how it sees the object, what that is
/// called, and the client. `kStore` is the member of Cluster that holds the objects.
template <auto kStore, Kind kKind>
struct ControllerOf {
  /// Source: kube-controller-manager --kube-api-qps 20, --kube-api-burst 30; a client for each controller.
  static constexpr std::int64_t kQps = 20;
  static constexpr std::int64_t kBurst = 30;

  static Uid uid_at(const Cluster& cluster, Row row) {
    const Observer& informer = cluster.observers[static_cast<std::size_t>(ObserverId::ControllerManager)];
    const auto* object = (cluster.*kStore).as_of(row, informer.seen);
    return object == nullptr ? 0 : object->meta.uid;
  }

  static sim::Subject subject_at(const Cluster& cluster, Row row) {
    const Meta& meta = (cluster.*kStore)[row].meta;
    return {static_cast<std::uint32_t>(kKind), meta.name_space, meta.name, -1, 0};
  }

  static Row extent(const Cluster& cluster) { return (cluster.*kStore).extent(); }
};

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
    schedule_run(turn, queue, turn.now(), cause);
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

  /// The events of the queue and of requests. @return false: the event is none of these.
  static bool on_event(Turn& turn, const sim::PendingEvent& event) {
    switch (static_cast<Event>(event.kind)) {
      case Traits::kQueueRun:
        on_queue_run(turn);
        return true;
      case Traits::kWake:
        on_wake(turn, event.subject);
        return true;
      case Traits::kResume:
        on_resume(turn, event.subject);
        return true;
      default:
        return false;
    }
  }

  /// Forgets everything and queues every object that is seen, as a restarted controller does. `prepare` works
  /// on the fresh state before the first object is queued.
  template <class Prepare>
  static void restart(Turn& turn, sim::TransitionId cause, Prepare&& prepare) {
    auto& state = Traits::state(turn.cluster);
    state = {};
    std::forward<Prepare>(prepare)(state);
    for (Row row = 0; row < Traits::extent(turn.cluster); ++row) {
      if (Traits::uid_at(turn.cluster, row) != 0) {
        enqueue(turn, row, cause);
      }
    }
  }

  static void restart(Turn& turn, sim::TransitionId cause) {
    restart(turn, cause, [](auto&) {});
  }

 private:
  /// A key is a name: what waited for an object that is gone wakes its successor, and what a reused row
  /// inherits must not be lost: a later wait was not noted beside it (see enqueue_after). Source:
  /// client-go delaying_queue.go insert, which keeps the earlier time of a key.
  static void on_wake(Turn& turn, Row row) {
    QueueEntry& entry = Traits::state(turn.cluster).queue.entry(row);
    if (entry.wake_at != turn.now()) {
      return;  // an earlier wake-up replaced this one
    }
    entry.wake_at = sim::kNever;
    if (Traits::uid_at(turn.cluster, row) != 0) {
      enqueue(turn, row, entry.wake_cause);
    }
  }

  static void on_queue_run(Turn& turn) {
    auto& state = Traits::state(turn.cluster);
    WorkQueue& queue = state.queue;
    if (queue.run_at <= turn.now()) {
      queue.run_at = sim::kNever;
    }
    sim::Time next = sim::kNever;
    for (std::size_t i = 0; i < queue.size() && state.active.size() < Traits::kWorkers;) {
      const Row row = queue.at(i);
      if (const sim::Time at = start_of(turn, row); at > turn.now()) {
        next = std::min(next, at);
        ++i;
        continue;
      }
      queue.take(i);
      start(turn, row);
    }
    if (next != sim::kNever) {
      schedule_run(turn, queue, next, sim::kNoTransition);
    }
  }

  static void on_resume(Turn& turn, Row row) {
    auto& active = Traits::state(turn.cluster).active;
    for (std::size_t i = 0; i < active.size(); ++i) {
      if (active[i].row == row) {
        if (active[i].pending > 0 && active[i].resume_at != turn.now()) {
          return;  // of a sync that was forgotten
        }
        active[i].granted = active[i].pending == 0;
        proceed(turn, i);
        return;
      }
    }
  }

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

  static void schedule_run(Turn& turn, WorkQueue& queue, sim::Time at, sim::TransitionId cause) {
    if (at < queue.run_at) {
      queue.run_at = at;
      turn.agenda.schedule(at, static_cast<std::uint32_t>(Traits::kQueueRun), 0, 0, cause);
    }
  }

  /// When a worker looks at the object of a queued key: asked once, when one could.
  static sim::Time start_of(Turn& turn, Row row) {
    QueueEntry& entry = Traits::state(turn.cluster).queue.entry(row);
    if (entry.start_at == sim::kNever) {
      entry.start_at =
          turn.now() + sync_start_latency(turn, Traits::subject_at(turn.cluster, row), row, entry.syncs);
    }
    return entry.start_at;
  }

  static void start(Turn& turn, Row row) {
    auto& state = Traits::state(turn.cluster);
    QueueEntry& entry = state.queue.entry(row);
    entry.queued = false;
    entry.processing = true;
    entry.start_at = sim::kNever;
    ++entry.syncs;
    state.active.emplace_back();
    auto& sync = state.active.back();
    sync.row = row;
    sync.uid = Traits::uid_at(turn.cluster, row);
    sync.cause = entry.cause;
    const sim::TransitionId first = turn.context.history.next_id();
    if (sync.uid == 0 || !Traits::begin(turn, sync)) {
      finish(turn, state.active.size() - 1);
      return;
    }
    proceed(turn, state.active.size() - 1);
    list_further_causes(turn, state.queue.entry(row), first);
  }

  /// Performs the writes of the sync at `position` until they are through, or the client must wait, or a
  /// request is under way.
  static void proceed(Turn& turn, std::size_t position) {
    auto& sync = Traits::state(turn.cluster).active[position];
    const bool take_time = requests_take_time(turn.cluster);
    do {
      while (sync.next < sync.writes.size()) {
        if (sync.pending == 0 && skip_after_failure(sync)) {
          break;
        }
        if (!(take_time ? perform_batch(turn, sync) : perform_next(turn, sync))) {
          return;
        }
      }
    } while (Traits::next_stage(turn, sync));
    finish(turn, position);
  }

  /// At the begin of a batch: skips the rest if a write of the one before failed.
  template <class SyncType>
  static bool skip_after_failure(SyncType& sync) {
    const bool first_of_batch =
        sync.next > 0 && sync.writes[sync.next - 1].batch != sync.writes[sync.next].batch;
    if (!first_of_batch || !sync.batch_failed) {
      return false;
    }
    sync.outcomes.resize(sync.writes.size(), Outcome::Skipped);
    sync.rows.resize(sync.writes.size(), kNoRow);
    sync.next = static_cast<std::uint32_t>(sync.writes.size());
    return true;
  }

  /// One write, without time. @return false while the client must wait.
  template <class SyncType>
  static bool perform_next(Turn& turn, SyncType& sync) {
    const Write write = sync.writes[sync.next];
    if (write.needs_previous && sync.next > 0 && sync.outcomes[sync.next - 1] != Outcome::Ok) {
      sync.outcomes.push_back(Outcome::Skipped);
      sync.rows.push_back(kNoRow);
      ++sync.next;
      return true;
    }
    if (!sync.granted) {
      const sim::Time at =
          Traits::state(turn.cluster).client.reserve(turn.now(), Traits::kQps, Traits::kBurst);
      if (at > turn.now()) {
        turn.agenda.schedule(at, static_cast<std::uint32_t>(Traits::kResume), sync.row, sync.uid, sync.cause);
        return false;
      }
    }
    sync.granted = false;
    Row row_written = write.row;
    const Outcome outcome = Traits::perform(turn, sync, write, row_written);
    sync.outcomes.push_back(outcome);
    sync.rows.push_back(row_written);
    ++sync.next;
    sync.batch_failed = sync.batch_failed || outcome != Outcome::Ok;
    return true;
  }

  /// Whether the write is sent only when the one before it was answered.
  static bool follows_previous(const Write& write, const Write& before) {
    return !write.concurrent || write.needs_previous || (write.index >= 0 && write.index == before.index);
  }

  template <class SyncType>
  static void send(Turn& turn, SyncType& sync, std::size_t first, std::size_t position) {
    auto& state = Traits::state(turn.cluster);
    const sim::Time granted = state.client.reserve(turn.now(), Traits::kQps, Traits::kBurst);
    sync.due[position - first] =
        granted + request_latency(turn, sync.writes[position], Traits::subject_at(turn.cluster, sync.row),
                                  state.queue.entry(sync.row).syncs,
                                  static_cast<std::uint32_t>(position - first));
  }

  /// A batch whose requests take time: sends what can be sent and performs what is due.
  /// @return false while requests are under way.
  template <class SyncType>
  static bool perform_batch(Turn& turn, SyncType& sync) {
    if (sync.pending == 0) {
      begin_batch(turn, sync);
    }
    const std::size_t end = sync.outcomes.size();
    const std::size_t first = end - sync.due.size();
    while (sync.pending > 0) {
      const auto earliest = std::min_element(sync.due.begin(), sync.due.end());
      if (*earliest > turn.now()) {
        sync.resume_at = *earliest;
        turn.agenda.schedule(*earliest, static_cast<std::uint32_t>(Traits::kResume), sync.row, sync.uid,
                             sync.cause);
        return false;
      }
      std::size_t position = first + static_cast<std::size_t>(earliest - sync.due.begin());
      *earliest = sim::kNever;
      perform_at(turn, sync, position);
      // What follows of the item: sent now, or skipped.
      for (++position; position < end && follows_previous(sync.writes[position], sync.writes[position - 1]);
           ++position) {
        if (!sync.writes[position].needs_previous || sync.outcomes[position - 1] == Outcome::Ok) {
          send(turn, sync, first, position);
          break;
        }
        sync.outcomes[position] = Outcome::Skipped;
        --sync.pending;
      }
    }
    sync.due.clear();
    sync.next = static_cast<std::uint32_t>(end);
    return !awaits_answer(turn, sync);
  }

  /// Whether a controller that looks at the cluster again after its writes is still to get an answer.
  template <class SyncType>
  static bool awaits_answer(Turn& turn, SyncType& sync) {
    if constexpr (requires { Traits::kLooksAgain; }) {
      const std::uint32_t syncs = Traits::state(turn.cluster).queue.entry(sync.row).syncs;
      const sim::Time at =
          turn.now() + answer_latency(turn, Traits::subject_at(turn.cluster, sync.row), syncs);
      if (at > turn.now()) {
        turn.agenda.schedule(at, static_cast<std::uint32_t>(Traits::kResume), sync.row, sync.uid, sync.cause);
        return true;
      }
    }
    return false;
  }

  template <class SyncType>
  static void begin_batch(Turn& turn, SyncType& sync) {
    const std::size_t first = sync.next;
    std::size_t end = first;
    while (end < sync.writes.size() && sync.writes[end].batch == sync.writes[first].batch) {
      ++end;
    }
    sync.pending = static_cast<std::uint32_t>(end - first);
    sync.outcomes.resize(end, Outcome::Pending);
    sync.rows.resize(end, kNoRow);
    sync.due.assign(end - first, sim::kNever);
    for (std::size_t i = first; i < end; ++i) {
      if (i == first || !follows_previous(sync.writes[i], sync.writes[i - 1])) {
        send(turn, sync, first, i);
      }
    }
  }

  template <class SyncType>
  static void perform_at(Turn& turn, SyncType& sync, std::size_t position) {
    const Write write = sync.writes[position];
    Row row_written = write.row;
    sync.next = static_cast<std::uint32_t>(position);
    const Outcome outcome = Traits::perform(turn, sync, write, row_written);
    sync.outcomes[position] = outcome;
    sync.rows[position] = row_written;
    sync.batch_failed = sync.batch_failed || outcome != Outcome::Ok;
    --sync.pending;
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
      schedule_run(turn, state.queue, turn.now(), cause);
    }
  }
};

}  // namespace models::kubernetes

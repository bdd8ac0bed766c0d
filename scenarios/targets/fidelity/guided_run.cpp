#include "scenarios/targets/fidelity/guided_run.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/requests.h"
#include "models/kubernetes/vocabulary.h"
#include "scenarios/targets/fidelity/controller_queues.h"
#include "scenarios/targets/fidelity/informer_lag.h"
#include "scenarios/targets/fidelity/sync_verdict.h"
#include "sim/hash.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Kind;
using kubernetes::Writer;
using Key = SyncKey;

/// From a write to its observers, and a little: a sync that starts then has seen it.
constexpr sim::Duration kSeen = std::chrono::microseconds{11};
/// Starts that are tried for one sync at most.
constexpr std::size_t kStartsMost = 40;

/// How a sync starts.
struct Start {
  sim::Duration after{};                ///< its key was queued
  kubernetes::Version seen = kAllSeen;  ///< by the informers: writes up to this one
};

/// Whether the controller makes and deletes no pods while its informers have not shown what it did before.
/// Source: pkg/controller/controller_utils.go ControllerExpectations.
bool has_expectations(Kind kind) {
  return kind == Kind::ReplicaSet || kind == Kind::DaemonSet || kind == Kind::Job;
}

class Guide {
 public:
  Guide(World& world, sim::History& history, const RecordedChanges& recorded,
        void (*meddle)(kubernetes::Cluster&))
      : world_(world),
        history_(history),
        recorded_(recorded),
        choices_(recorded, progress_, world.agenda),
        meddle_(meddle) {}

  void run(sim::Time until) {
    progress_.follow(history_, world_.cluster, recorded_);
    sim::Context context{choices_, history_};
    while (!world_.agenda.events.empty() && world_.agenda.events.top().at <= until) {
      keep_versions(world_, recorded_.bounds().start);
      if (hold_delivery(world_, hold_) || drop_unread_delivery(world_) || wake_early()) {
        continue;
      }
      const sim::PendingEvent& due = world_.agenda.events.top();
      const Kind kind = kind_of_queue(static_cast<kubernetes::Event>(due.kind));
      if (kind != Kind::None) {
        choose_starts(kind);
        run_queue(kind, context);
      } else if ((due.kind == static_cast<std::uint32_t>(plan::Event::StepDue) && hold_step()) ||
                 (is_scheduler_run(due) && hold_scheduler())) {
        continue;
      } else {
        if (is_scheduler_run(due)) {
          choose_equals();
        }
        sim::step(world_, context, until);
      }
      if (meddle_ != nullptr) {
        meddle_(world_.cluster);
      }
      choices_.starts.clear();
      choices_.open_starts.clear();
      choices_.picks.clear();
      choices_.open_picks.clear();
      progress_.follow(history_, world_.cluster, recorded_);
    }
  }

 private:
  /// Times of arrival are late by a little, each watch's by its own; the order of writes is certain. So a
  /// command waits, within bounds, for what controllers had written before it.
  bool hold_step() {
    const sim::PendingEvent due = world_.agenda.events.top();
    const sim::Time recorded = held_.try_emplace(due.subject, due.at).first->second;
    if (due.at >= recorded + recorded_.bounds().request || !is_behind(recorded)) {
      return false;
    }
    world_.agenda.events.pop();
    world_.agenda.schedule(due.at + kHeld, due.kind, due.subject, due.argument, due.cause);
    return true;
  }

  /// Whether a controller's write that was recorded shortly before `at` is still to be made: one that is
  /// later than that will not be made any more.
  [[nodiscard]] bool is_behind(sim::Time at) const {
    const std::vector<DatedChange>& changes = recorded_.of_controllers();
    const auto sooner = [](const DatedChange& change, sim::Time time) { return change.at < time; };
    for (auto change =
             std::lower_bound(changes.begin(), changes.end(), at - recorded_.bounds().request, sooner);
         change != changes.end() && change->at < at; ++change) {
      if (change->index == progress_.position(*change->subject)) {
        return true;
      }
    }
    return false;
  }

  /// Lets the syncs start that are due. What informers that are behind show later queues the key again.
  void run_queue(Kind kind, sim::Context& context) {
    const std::optional<std::pair<kubernetes::Row, kubernetes::Version>> behind =
        std::exchange(behind_, std::nullopt);
    kubernetes::WorkQueue& queue = queue_of(world_.cluster, kind);
    const auto begun = [&] {
      std::uint64_t syncs = 0;
      for (const kubernetes::QueueEntry& entry : queue.entries) {
        syncs += entry.syncs;
      }
      return syncs;
    };
    const std::uint64_t before = begun();
    const kubernetes::Version seen = behind ? behind->second : kAllSeen;
    step_behind(world_, context, sim::kNever, seen);
    if (begun() != before) {
      const kubernetes::Version all = informers_of(world_).seen;
      viewed_[kind] = std::max(viewed_[kind], std::min(all, seen));
    }
    if (!behind) {
      return;
    }
    kubernetes::QueueEntry& entry = queue.entry(behind->first);
    if (entry.processing) {
      entry.dirty = !entry.queued;
    } else if (!entry.queued) {
      entry.queued = true;
      queue.waiting.push_back(behind->first);
      queue.run_at = std::min(queue.run_at, world_.agenda.now);
      world_.agenda.schedule(world_.agenda.now, static_cast<std::uint32_t>(queue_run_of(kind)), 0, 0,
                             entry.cause);
    }
  }

  // The scheduler
  // ------------------------------------------------------------------------------------------

  static bool is_scheduler_run(const sim::PendingEvent& event) {
    return (event.kind == static_cast<std::uint32_t>(kubernetes::Event::SchedulerRun) &&
            event.subject == 0) ||
           event.kind == static_cast<std::uint32_t>(kubernetes::Event::SchedulerFlush);
  }

  /// The scheduler is busy at times, and its watches are late: it tries the next pod at a moment that its
  /// writes tell, like the start of a sync. @return whether that is not now.
  bool hold_scheduler() {
    const sim::PendingEvent due = world_.agenda.events.top();
    if (due.at == settled_run_) {
      return false;
    }
    Key key;
    key.writer = Writer::Scheduler;
    const sim::Duration after = best_run(due, key);
    settled_run_ = due.at + after;
    if (after == sim::Duration::zero()) {
      return false;
    }
    hold_run(world_, due, settled_run_);
    return true;
  }

  static void hold_run(World& world, const sim::PendingEvent& due, sim::Time at) {
    kubernetes::SchedulerState& state = world.cluster.scheduler;
    world.agenda.events.pop();
    if (due.kind == static_cast<std::uint32_t>(kubernetes::Event::SchedulerFlush)) {
      if (state.flush_at != due.at || state.run_scheduled) {
        return;  // stale, or a run is on its way
      }
      state.flush_at = sim::kNever;
    }
    state.run_scheduled = true;
    world.agenda.schedule(at, static_cast<std::uint32_t>(kubernetes::Event::SchedulerRun), 0, 0, due.cause);
  }

  sim::Duration best_run(const sim::PendingEvent& due, const Key& key) {
    sim::Duration best{};
    std::size_t fewest = ~std::size_t{0};
    std::optional<sim::Duration> idle;
    for (const sim::Duration after : possible_starts(key, due.at)) {
      Fork fork(*this);
      fork.progress.keep_seen();
      const sim::Time at = due.at + after;
      if (after > sim::Duration::zero()) {
        hold_run(fork.world, due, at);
      }
      const sim::Time until = at + recorded_.bounds().request;
      while (fork.step(*this, until) &&
             (fork.world.agenda.now < at || !fork.world.cluster.scheduler.bindings.empty())) {
      }
      const SyncVerdict verdict = judge(fork.progress.seen(), key, recorded_, progress_);
      if (verdict.wrong == 0 && verdict.written > 0) {
        return after;
      }
      if (verdict.wrong == 0) {
        idle = idle.value_or(after);
      } else if (verdict.wrong < fewest) {
        fewest = verdict.wrong;
        best = after;
      }
    }
    return idle.value_or(best);
  }

  /// Which of equally good nodes the scheduler takes at the next event: the recorded one if it is among them.
  void choose_equals() {
    while (true) {
      Fork fork(*this);
      fork.step(*this, sim::kNever);
      if (fork.choices.open_picks.empty()) {
        return;
      }
      const OpenPick open = fork.choices.open_picks.front();
      choices_.picks[open.key] = best_pick(open);
    }
  }

  std::uint32_t best_pick(const OpenPick& open) {
    Key key;
    key.writer = Writer::Scheduler;
    std::uint32_t best = 0;
    std::size_t fewest = ~std::size_t{0};
    for (std::uint32_t i = 0; i < open.count; ++i) {
      Fork fork(*this);
      fork.progress.keep_seen();
      fork.choices.picks[open.key] = i;
      fork.step(*this, sim::kNever);
      const std::size_t wrong = judge(fork.progress.seen(), key, recorded_, progress_).wrong * 2 +
                                (binds_elsewhere(fork.world.cluster, open) ? 1 : 0);
      if (wrong < fewest) {
        fewest = wrong;
        best = i;
      }
    }
    return best;
  }

  /// Whether the pod that the question is about is being bound to another node than the recorded one.
  [[nodiscard]] bool binds_elsewhere(const kubernetes::Cluster& cluster, const OpenPick& open) const {
    for (const kubernetes::PendingBinding& binding : cluster.scheduler.bindings) {
      const kubernetes::Pod& pod = cluster.pods[binding.pod.row];
      // Pods of a ReplicaSet share their entity: the attempt tells them apart.
      if (kubernetes::entity_of(cluster, pod) != open.key.entity ||
          kubernetes::occurrence_of(pod, 0) >> 12U != open.key.occurrence >> 12U) {
        continue;
      }
      const std::string name = kubernetes::lasting_name(kubernetes::subject_of(pod), cluster.strings);
      const RecordedChange* bound =
          binding_of(pod.attempt == 0 ? name : name + " #" + std::to_string(pod.attempt + 1));
      if (bound == nullptr) {
        bound = next_binding(sim::text_hash(name));
      }
      return bound != nullptr && bound->where != cluster.name_of(cluster.nodes[binding.node].meta);
    }
    return false;
  }

  [[nodiscard]] const RecordedChange* binding_of(const std::string& pod) const {
    const std::vector<RecordedChange>* changes = recorded_.of(pod);
    for (std::size_t i = 0; changes != nullptr && i < changes->size(); ++i) {
      if ((*changes)[i].field == static_cast<std::uint16_t>(kubernetes::Field::PodBound)) {
        return &(*changes)[i];
      }
    }
    return nullptr;
  }

  [[nodiscard]] const RecordedChange* next_binding(std::uint64_t entity) const {
    const RecordedChange* next = nullptr;
    for (const std::string& subject : recorded_.named(entity)) {
      const std::vector<RecordedChange>& changes = *recorded_.of(subject);
      for (std::size_t i = progress_.position(subject); i < changes.size(); ++i) {
        if (changes[i].field == static_cast<std::uint16_t>(kubernetes::Field::PodBound)) {
          next = next == nullptr || changes[i].at < next->at ? &changes[i] : next;
          break;
        }
      }
    }
    return next;
  }

  // Keys that are queued after a delay
  // ---------------------------------------------------------------------

  /// A delay counts from a write that the recording may show late. So the key may come into the queue sooner,
  /// within bounds: where its controller wrote sooner, what it would write then. @return whether one did.
  bool wake_early() {
    const sim::Time next = world_.agenda.events.top().at;
    for (const Kind kind : kQueuedKinds) {
      const kubernetes::WorkQueue& queue = queue_of(world_.cluster, kind);
      for (kubernetes::Row row = 0; row < queue.entries.size(); ++row) {
        const kubernetes::QueueEntry& entry = queue.entries[row];
        if (entry.wake_at == sim::kNever || entry.queued || entry.processing || entry.wake_at <= next ||
            entry.wake_at > world_.agenda.now + recorded_.bounds().request) {
          continue;
        }
        const Key key = key_at(kind, row);
        if (next_write(key, next + sim::Duration{1}) > next ||
            !woken_.insert({key.name, entry.wake_at}).second) {
          continue;
        }
        Fork fork(*this);
        wake(fork.world, key);
        const SyncVerdict verdict = try_sync(fork, key, world_.agenda.now + kTrialMost, kAllSeen);
        if (verdict.wrong == 0 && verdict.whole && verdict.written > 0) {
          wake(world_, key);
          return true;
        }
      }
    }
    return false;
  }

  static void wake(World& world, const Key& key) {
    kubernetes::QueueEntry& entry = queue_of(world.cluster, key.kind).entry(key.row);
    entry.wake_at = world.agenda.now;
    world.agenda.schedule(entry.wake_at, static_cast<std::uint32_t>(wake_of(key.kind)), key.row,
                          meta_at(world.cluster, key.kind, key.row).uid, entry.wake_cause);
  }

  Key key_at(Kind kind, kubernetes::Row row) const {
    Key key;
    key.kind = kind;
    key.writer = controller_of(kind);
    key.row = row;
    key.name = name_at(world_.cluster, kind, row);
    key.path = key.name.substr(key.name.find(' ') + 1);
    if (const std::uint32_t which = which_at(kind, row); which > 0) {
      key.set = which == 1 ? key.name : key.name + " #" + std::to_string(which);
    }
    return key;
  }

  // When syncs start
  // ---------------------------------------------------------------------------------------

  /// A copy of the simulation.
  struct Fork {
    explicit Fork(const Guide& from)
        : world(from.world_),
          history(from.history_),
          progress(from.progress_.fork()),
          choices(from.recorded_, progress, world.agenda),
          hold(from.hold_) {
      choices.starts = from.choices_.starts;
      choices.answers = from.choices_.answers;
      choices.picks = from.choices_.picks;
    }
    Fork(const Fork&) = delete;
    Fork& operator=(const Fork&) = delete;

    bool step(const Guide& guide, sim::Time until, kubernetes::Version seen = kAllSeen) {
      sim::Context context{choices, history};
      while (hold_delivery(world, hold)) {
      }
      const bool went = step_behind(world, context, until, seen);
      if (guide.meddle_ != nullptr) {
        guide.meddle_(world.cluster);
      }
      progress.follow(history, world.cluster, guide.recorded_);
      return went;
    }

    World world;
    sim::History history;
    Progress progress;
    DictatedChoices choices;
    HeldDelivery hold;
  };

  /// Settles when the syncs start that the next event would let start.
  void choose_starts(Kind kind) {
    while (true) {
      Fork fork(*this);
      fork.step(*this, sim::kNever);
      if (fork.choices.open_starts.empty()) {
        return;
      }
      const sim::ChoiceKey question = fork.choices.open_starts.front();
      const Key key = key_of(question, kind);
      const Start start = key.row == kubernetes::kNoRow ? Start{} : best_start(question, key);
      choices_.starts[question] = start.after;
      if (start.seen != kAllSeen) {
        behind_ = {key.row, start.seen};
      }
    }
  }

  Start best_start(const sim::ChoiceKey& question, const Key& key) {
    Start best;
    std::size_t fewest = ~std::size_t{0};
    std::optional<Start> idle;
    sim::Duration quickest{};
    for (const sim::Duration after : possible_starts(key, world_.agenda.events.top().at)) {
      const Start start{after, kAllSeen};
      const SyncVerdict verdict = try_start(question, key, start);
      if (verdict.wrong == 0 && verdict.whole) {
        if (verdict.written > 0) {
          return start;
        }
        // Nothing to do is never wrong; but a sync that did something may have been this one. One that sends
        // requests of which nothing shows is less likely than one that sends none.
        const sim::Duration took = verdict.ended - world_.agenda.now - after;
        if (!idle || took < quickest) {
          idle = start;
          quickest = took;
        }
        continue;
      }
      const std::size_t badness = verdict.wrong * 2 + (verdict.whole ? 0 : 1);
      if (badness < fewest) {
        fewest = badness;
        best = start;
      }
    }
    for (const kubernetes::Version seen : views_behind(world_, key.kind, viewed_[key.kind])) {
      const Start start{sim::Duration::zero(), seen};
      const SyncVerdict verdict = try_start(question, key, start);
      if (verdict.wrong == 0 && verdict.whole && verdict.written > 0 &&
          !(verdict.counts && has_expectations(key.kind))) {
        return start;
      }
    }
    if (!idle && key.kind == Kind::DaemonSet) {
      choose_what_it_counts(question, key, best.after, fewest);
    }
    return idle.value_or(best);
  }

  /// A DaemonSet's pods are counted after the sync's requests: as far as the informer had shown them by then,
  /// which the recording does not say but for the counts.
  void choose_what_it_counts(const sim::ChoiceKey& question, const Key& key, sim::Duration start,
                             std::size_t fewest) {
    const std::uint32_t sync = queue_of(world_.cluster, key.kind).entry(key.row).syncs + 1;
    const sim::ChoiceKey answer{question.entity,
                                static_cast<std::uint32_t>(kubernetes::Purpose::RequestAnswer), sync};
    const auto better = [&](const SyncVerdict& verdict) {
      const std::size_t badness = verdict.wrong * 2 + (verdict.whole ? 0 : 1);
      const bool is = badness < fewest;
      fewest = std::min(fewest, badness);
      return is;
    };
    if (better(try_start(question, key, Start{start, kAllSeen}, {}, {{answer, kSeen}}))) {
      choices_.answers[answer] = kSeen;
    }
    const sim::Time now = world_.agenda.now;
    const std::vector<sim::Time>& times = recorded_.times();
    std::size_t tried = 0;
    for (auto at = std::lower_bound(times.begin(), times.end(), now + start);
         at != times.end() && *at < now + start + recorded_.bounds().request && tried < kStartsMost;
         ++at, ++tried) {
      const HeldDelivery hold{key.kind, key.row, sync, *at};
      if (better(try_start(question, key, Start{start, kAllSeen}, hold))) {
        hold_ = hold;
        choices_.answers.erase(answer);
      }
    }
  }

  Key key_of(const sim::ChoiceKey& question, Kind kind) {
    const kubernetes::WorkQueue& queue = queue_of(world_.cluster, kind);
    const std::uint32_t asked = kubernetes::which_of(question.occurrence);
    for (std::size_t i = 0; i < queue.size(); ++i) {
      if (sim::text_hash(name_at(world_.cluster, kind, queue.at(i))) == question.entity &&
          which_at(kind, queue.at(i)) == asked) {
        return key_at(kind, queue.at(i));
      }
    }
    return {};
  }

  /// ReplicaSets of one Deployment share their name: which of them it is; 0 elsewhere.
  [[nodiscard]] std::uint32_t which_at(Kind kind, kubernetes::Row row) const {
    return kind == Kind::ReplicaSet ? kubernetes::which_of(kubernetes::which_replicaset(world_.cluster, row))
                                    : 0;
  }

  std::vector<sim::Duration> possible_starts(const Key& key, sim::Time now) const {
    const sim::Time latest = next_write(key, now + recorded_.bounds().start);
    std::vector<sim::Duration> starts{sim::Duration::zero()};
    const std::vector<sim::Time>& times = recorded_.times();
    for (auto at = std::upper_bound(times.begin(), times.end(), now - kSeen);
         at != times.end() && *at < latest && starts.size() < kStartsMost; ++at) {
      if (*at + kSeen > now) {
        starts.push_back(*at + kSeen - now);
      }
    }
    return starts;
  }

  /// When the controller next writes about the key, as recorded; `latest` if not before.
  sim::Time next_write(const Key& key, sim::Time latest) const {
    const std::vector<DatedChange>& changes = recorded_.written_by(key.writer);
    const auto later = [](sim::Time at, const DatedChange& change) { return at < change.at; };
    for (auto change = std::upper_bound(changes.begin(), changes.end(), world_.agenda.now, later);
         change != changes.end() && change->at < latest; ++change) {
      if (belongs(*change->subject, key) && change->index >= progress_.position(*change->subject)) {
        return change->at;
      }
    }
    return latest;
  }

  SyncVerdict try_start(const sim::ChoiceKey& question, const Key& key, const Start& start,
                        const HeldDelivery& hold = {},
                        const std::map<sim::ChoiceKey, sim::Duration>& answers = {}) {
    Fork fork(*this);
    fork.choices.starts[question] = start.after;
    fork.choices.answers.insert(answers.begin(), answers.end());
    if (hold.kind != Kind::None) {
      fork.hold = hold;
    }
    return try_sync(fork, key, world_.agenda.now + start.after + kTrialMost, start.seen);
  }

  /// Runs the fork until the next sync of the key is over; at its first event the informers have seen no more
  /// than `seen`.
  SyncVerdict try_sync(Fork& fork, const Key& key, sim::Time until, kubernetes::Version seen) {
    fork.progress.keep_seen();
    const std::uint32_t before = entry_of(fork, key).syncs;
    do {
      if (!fork.step(*this, until, std::exchange(seen, kAllSeen))) {
        break;
      }
    } while (entry_of(fork, key).syncs == before ||
             (entry_of(fork, key).syncs == before + 1 && entry_of(fork, key).processing));
    SyncVerdict verdict = judge(fork.progress.seen(), key, recorded_, progress_);
    verdict.ended = fork.world.agenda.now;
    return verdict;
  }

  static const kubernetes::QueueEntry& entry_of(Fork& fork, const Key& key) {
    return queue_of(fork.world.cluster, key.kind).entry(key.row);
  }

  World& world_;
  sim::History& history_;
  const RecordedChanges& recorded_;
  Progress progress_;
  DictatedChoices choices_;
  void (*meddle_)(kubernetes::Cluster&);
  HeldDelivery hold_;
  std::map<std::uint32_t, sim::Time> held_;  ///< by step: when it was due
  /// The key whose sync starts at the next event while the informers are behind, and what they have seen.
  std::optional<std::pair<kubernetes::Row, kubernetes::Version>> behind_;
  sim::Time settled_run_ = sim::kNever;         ///< the scheduler's next run, for which the moment was chosen
  std::map<Kind, kubernetes::Version> viewed_;  ///< by a sync of the kind's controller, at most
  std::set<std::pair<std::string, sim::Time>> woken_;  ///< keys for which an early end of the delay was tried
};

}  // namespace

void run_guided(World& world, sim::History& history, const RecordedChanges& recorded, sim::Time until,
                void (*meddle)(kubernetes::Cluster&)) {
  Guide(world, history, recorded, meddle).run(until);
}

}  // namespace scenarios::targets

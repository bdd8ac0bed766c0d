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
#include "sim/hash.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Kind;
using kubernetes::Writer;

/// From a write to its observers, and a little: a sync that starts then has seen it.
constexpr sim::Duration kSeen = std::chrono::microseconds{11};
/// Starts that are tried for one sync at most.
constexpr std::size_t kStartsMost = 40;
/// After so long it is looked again whether a command that is held may start.
constexpr sim::Duration kHeld = std::chrono::milliseconds{2};
/// A sync that has not ended by then is judged by what it wrote.
constexpr sim::Duration kTrialMost = std::chrono::seconds{1};

/// The object whose sync is about to start.
struct Key {
  Kind kind = Kind::None;
  kubernetes::Row row = kubernetes::kNoRow;
  std::string name;  ///< "statefulset default/web"
  std::string path;  ///< "default/web"
  std::string set;   ///< of a ReplicaSet, whose name others have as well: "replicaset default/web #2"
  Writer writer = Writer::JobController;
};

/// How a sync starts.
struct Start {
  sim::Duration after{};                ///< its key was queued
  kubernetes::Version seen = kAllSeen;  ///< by the informers: writes up to this one
};

/// What a trial showed.
struct Verdict {
  std::size_t written = 0;
  std::size_t wrong = 0;  ///< changes that the recording does not show next
  bool whole = true;      ///< of each recorded write all of its changes
  bool counts = false;    ///< objects were made or deleted
  sim::Time ended{};
};

/// Whether the controller makes and deletes no pods while its informers have not shown what it did before.
/// Source: pkg/controller/controller_utils.go ControllerExpectations.
bool has_expectations(Kind kind) {
  return kind == Kind::ReplicaSet || kind == Kind::DaemonSet || kind == Kind::Job;
}

/// Whether an object belongs to what the key's controller does about the key.
bool belongs(const std::string& subject, const Key& key) {
  if (key.path.empty()) {
    return true;  // the scheduler's: whatever it writes
  }
  if (!key.set.empty() && subject.compare(0, key.name.size(), key.name) == 0) {
    return subject == key.set;
  }
  const std::size_t path = subject.find(' ');
  if (path == std::string::npos || subject.compare(path + 1, key.path.size(), key.path) != 0) {
    return false;
  }
  const std::size_t end = path + 1 + key.path.size();
  return end == subject.size() || subject[end] == ' ' || subject[end] == '-';
}

/// A sync of which the controller manager does not see what is written after a moment: it counts what its
/// informer had shown by then.
struct Hold {
  Kind kind = Kind::None;
  kubernetes::Row row = kubernetes::kNoRow;
  std::uint32_t syncs = 0;
  sim::Time from = sim::kNever;
};

/// Postpones the next event if it would show what a sync does not see.
bool hold_delivery(World& world, const Hold& hold) {
  if (hold.kind == Kind::None || world.agenda.events.empty()) {
    return false;
  }
  const sim::PendingEvent due = world.agenda.events.top();
  constexpr auto kControllers = static_cast<std::uint32_t>(kubernetes::ObserverId::ControllerManager);
  const kubernetes::QueueEntry& entry = queue_of(world.cluster, hold.kind).entry(hold.row);
  if (due.kind != static_cast<std::uint32_t>(kubernetes::Event::Deliver) || due.subject != kControllers ||
      due.at <= hold.from || due.at > hold.from + kTrialMost || entry.syncs > hold.syncs ||
      (entry.syncs == hold.syncs && !entry.processing)) {
    return false;
  }
  world.agenda.events.pop();
  world.agenda.schedule(due.at + kHeld, due.kind, due.subject, due.argument, due.cause);
  return true;
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
    for (const auto& [subject, changes] : recorded_.all()) {
      const std::size_t position = progress_.position(subject);
      if (position < changes.size() && changes[position].at < at &&
          changes[position].at + recorded_.bounds().request >= at &&
          of_control_plane(changes[position].writer)) {
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
      const Verdict verdict = judge(fork.progress.seen(), key);
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
      const std::size_t wrong =
          judge(fork.progress.seen(), key).wrong * 2 + (binds_elsewhere(fork.world.cluster, open) ? 1 : 0);
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
        if (next_write(key) > next || !woken_.insert({key.name, entry.wake_at}).second) {
          continue;
        }
        Fork fork(*this);
        wake(fork.world, key);
        const Verdict verdict = try_sync(fork, key, world_.agenda.now + kTrialMost, kAllSeen);
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
          progress(from.progress_),
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
    Hold hold;
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
      const Verdict verdict = try_start(question, key, start);
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
      const Verdict verdict = try_start(question, key, start);
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
    const auto better = [&](const Verdict& verdict) {
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
      const Hold hold{key.kind, key.row, sync, *at};
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
    const sim::Time latest = std::min(now + recorded_.bounds().start, next_write(key));
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

  /// When the controller next writes about the key, as recorded.
  sim::Time next_write(const Key& key) const {
    sim::Time next = sim::kNever;
    for (const auto& [subject, changes] : recorded_.all()) {
      if (!belongs(subject, key)) {
        continue;
      }
      for (std::size_t i = progress_.position(subject); i < changes.size(); ++i) {
        if (changes[i].writer == key.writer && changes[i].at > world_.agenda.now) {
          next = std::min(next, changes[i].at);
          break;
        }
      }
    }
    return next;
  }

  Verdict try_start(const sim::ChoiceKey& question, const Key& key, const Start& start, const Hold& hold = {},
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
  Verdict try_sync(Fork& fork, const Key& key, sim::Time until, kubernetes::Version seen) {
    fork.progress.keep_seen();
    const std::uint32_t before = entry_of(fork, key).syncs;
    do {
      if (!fork.step(*this, until, std::exchange(seen, kAllSeen))) {
        break;
      }
    } while (entry_of(fork, key).syncs == before ||
             (entry_of(fork, key).syncs == before + 1 && entry_of(fork, key).processing));
    Verdict verdict = judge(fork.progress.seen(), key);
    verdict.ended = fork.world.agenda.now;
    return verdict;
  }

  static const kubernetes::QueueEntry& entry_of(Fork& fork, const Key& key) {
    return queue_of(fork.world.cluster, key.kind).entry(key.row);
  }

  /// Holds what a trial wrote against what the recording shows next.
  Verdict judge(const std::vector<Observation>& seen, const Key& key) const {
    Verdict verdict;
    std::map<std::string, std::size_t> positions;
    std::set<std::pair<std::string, std::uint64_t>> writes;
    for (const Observation& one : seen) {
      const std::vector<RecordedChange>* changes = recorded_.of(one.subject);
      std::size_t& position =
          positions.try_emplace(one.subject, progress_.position(one.subject)).first->second;
      const bool by_key = one.writer == key.writer && belongs(one.subject, key);
      verdict.written += by_key ? 1 : 0;
      verdict.counts =
          verdict.counts ||
          (by_key && (one.field == static_cast<std::uint16_t>(kubernetes::Field::Created) ||
                      one.field == static_cast<std::uint16_t>(kubernetes::Field::DeletionRequested)));
      const std::size_t found = changes == nullptr ? 0 : find(*changes, position, one, by_key);
      if (changes == nullptr || found == changes->size()) {
        verdict.wrong += by_key ? 1 : 0;
        continue;
      }
      position = found + 1;
      if (by_key) {
        writes.emplace(one.subject, (*changes)[found].version);
      }
    }
    for (const auto& [subject, version] : writes) {
      const std::vector<RecordedChange>& changes = *recorded_.of(subject);
      const std::size_t position = positions[subject];
      // Of a write whose last change was not made something is missing.
      if (position < changes.size() && changes[position].version == version) {
        verdict.whole = false;
      }
    }
    return verdict;
  }

  /// Where the change stands among those that are left: for one of the controller's the next of its own.
  static std::size_t find(const std::vector<RecordedChange>& changes, std::size_t position,
                          const Observation& one, bool by_key) {
    for (std::size_t i = position; i < changes.size(); ++i) {
      if (changes[i].field == one.field && changes[i].value == one.value) {
        return i;
      }
      if (by_key && (changes[i].writer == one.writer || changes[i].writer == Writer::None)) {
        break;
      }
    }
    return changes.size();
  }

  World& world_;
  sim::History& history_;
  const RecordedChanges& recorded_;
  Progress progress_;
  DictatedChoices choices_;
  void (*meddle_)(kubernetes::Cluster&);
  Hold hold_;
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

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

/// What a trial showed.
struct Verdict {
  std::size_t written = 0;
  std::size_t wrong = 0;  ///< changes that the recording does not show next
  bool whole = true;      ///< of each recorded write all of its changes
};

/// The kind whose controller looks at its queue by this event; None for other events.
Kind kind_of_queue(kubernetes::Event event) {
  switch (event) {
    case kubernetes::Event::StatefulSetQueueRun:
      return Kind::StatefulSet;
    case kubernetes::Event::JobQueueRun:
      return Kind::Job;
    case kubernetes::Event::ReplicaSetQueueRun:
      return Kind::ReplicaSet;
    case kubernetes::Event::DeploymentQueueRun:
      return Kind::Deployment;
    case kubernetes::Event::DaemonSetQueueRun:
      return Kind::DaemonSet;
    case kubernetes::Event::DisruptionQueueRun:
      return Kind::PodDisruptionBudget;
    default:
      return Kind::None;
  }
}

Writer controller_of(Kind kind) {
  return kind == Kind::StatefulSet  ? Writer::StatefulSetController
         : kind == Kind::Job        ? Writer::JobController
         : kind == Kind::ReplicaSet ? Writer::ReplicaSetController
         : kind == Kind::Deployment ? Writer::DeploymentController
         : kind == Kind::DaemonSet  ? Writer::DaemonSetController
                                    : Writer::DisruptionController;
}

kubernetes::WorkQueue& queue_of(kubernetes::Cluster& cluster, Kind kind) {
  return kind == Kind::StatefulSet  ? cluster.statefulset_controller.queue
         : kind == Kind::Job        ? cluster.job_controller.queue
         : kind == Kind::ReplicaSet ? cluster.replicaset_controller.queue
         : kind == Kind::Deployment ? cluster.deployment_controller.queue
         : kind == Kind::DaemonSet  ? cluster.daemonset_controller.queue
                                    : cluster.disruption_controller.queue;
}

std::string name_at(const kubernetes::Cluster& cluster, Kind kind, kubernetes::Row row) {
  const kubernetes::Meta& meta = kind == Kind::StatefulSet  ? cluster.statefulsets[row].meta
                                 : kind == Kind::Job        ? cluster.jobs[row].meta
                                 : kind == Kind::ReplicaSet ? cluster.replicasets[row].meta
                                 : kind == Kind::Deployment ? cluster.deployments[row].meta
                                 : kind == Kind::DaemonSet  ? cluster.daemonsets[row].meta
                                                            : cluster.budgets[row].meta;
  return kubernetes::lasting_name({static_cast<std::uint32_t>(kind), meta.name_space, meta.name, -1, 0},
                                  cluster.strings);
}

/// Whether an object belongs to what the key's controller does about the key.
bool belongs(const std::string& subject, const Key& key) {
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
      if (hold_delivery(world_, hold_)) {
        continue;
      }
      const sim::PendingEvent& due = world_.agenda.events.top();
      const Kind kind = kind_of_queue(static_cast<kubernetes::Event>(due.kind));
      if (kind != Kind::None) {
        choose_starts(kind);
      } else if (due.kind == static_cast<std::uint32_t>(kubernetes::Event::SchedulerRun)) {
        choose_nodes();
      } else if (due.kind == static_cast<std::uint32_t>(plan::Event::StepDue) && hold_step()) {
        continue;
      }
      sim::step(world_, context, until);
      if (meddle_ != nullptr) {
        meddle_(world_.cluster);
      }
      choices_.starts.clear();
      choices_.open_starts.clear();
      choices_.ties.clear();
      choices_.open_ties.clear();
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
      choices.ties = from.choices_.ties;
    }
    Fork(const Fork&) = delete;
    Fork& operator=(const Fork&) = delete;

    bool step(const Guide& guide, sim::Time until) {
      sim::Context context{choices, history};
      while (hold_delivery(world, hold)) {
      }
      const bool went = sim::step(world, context, until);
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

  /// Settles which of equally good nodes the pods get that the next event schedules: those that they got in
  /// the recording. Source: schedule_one.go selectHost draws among them.
  void choose_nodes() {
    while (true) {
      Fork fork(*this);
      fork.step(*this, sim::kNever);
      if (fork.choices.open_ties.empty()) {
        return;
      }
      const NodeTie tie = fork.choices.open_ties.front();
      choices_.ties[tie.key] = tie.count / 2;  // as nobody said otherwise
      const kubernetes::Row pod = pod_of(tie.key);
      const std::string* wanted = pod == kubernetes::kNoRow ? nullptr : &recorded_node(pod);
      for (std::uint32_t i = 0; wanted != nullptr && !wanted->empty() && i < tie.count; ++i) {
        Fork trial(*this);
        trial.choices.ties[tie.key] = i;
        trial.step(*this, sim::kNever);
        const kubernetes::Cluster& cluster = trial.world.cluster;
        const std::vector<kubernetes::Charge>& charges = cluster.scheduler.charges;
        const kubernetes::Row node = pod < charges.size() ? charges[pod].node : kubernetes::kNoRow;
        if (node != kubernetes::kNoRow && cluster.name_of(cluster.nodes[node].meta) == *wanted) {
          choices_.ties[tie.key] = i;
          break;
        }
      }
    }
  }

  /// The pod that a question of the scheduler is about.
  [[nodiscard]] kubernetes::Row pod_of(const sim::ChoiceKey& key) const {
    const kubernetes::Cluster& cluster = world_.cluster;
    for (kubernetes::Row row = 0; row < cluster.pods.extent(); ++row) {
      if (cluster.pods.exists(row) && cluster.pods[row].node == kubernetes::kNoRow &&
          kubernetes::entity_of(cluster, cluster.pods[row]) == key.entity &&
          kubernetes::occurrence_of(cluster.pods[row], 0) >> 12U == key.occurrence >> 12U) {
        return row;
      }
    }
    return kubernetes::kNoRow;
  }

  [[nodiscard]] const std::string& recorded_node(kubernetes::Row row) const {
    const kubernetes::Pod& pod = world_.cluster.pods[row];
    const std::string name = kubernetes::lasting_name(kubernetes::subject_of(pod), world_.cluster.strings);
    return recorded_.node_of(pod.attempt == 0 ? name : name + " #" + std::to_string(pod.attempt + 1));
  }

  /// Settles when the syncs start that the next event would let start.
  void choose_starts(Kind kind) {
    while (true) {
      Fork fork(*this);
      fork.step(*this, sim::kNever);
      if (fork.choices.open_starts.empty()) {
        return;
      }
      const sim::ChoiceKey question = fork.choices.open_starts.front();
      choices_.starts[question] = best_start(question, kind);
    }
  }

  sim::Duration best_start(const sim::ChoiceKey& question, Kind kind) {
    const Key key = key_of(question, kind);
    if (key.row == kubernetes::kNoRow) {
      return sim::Duration::zero();
    }
    sim::Duration best{};
    std::size_t fewest = ~std::size_t{0};
    std::optional<sim::Duration> idle;
    for (const sim::Duration start : possible_starts(key)) {
      const Verdict verdict = try_start(question, key, start, {}, {});
      if (verdict.wrong == 0 && verdict.whole) {
        if (verdict.written > 0) {
          return start;
        }
        // Nothing to do is never wrong; but a sync that did something may have been this one.
        idle = idle.value_or(start);
        continue;
      }
      const std::size_t badness = verdict.wrong * 2 + (verdict.whole ? 0 : 1);
      if (badness < fewest) {
        fewest = badness;
        best = start;
      }
    }
    if (!idle && kind == Kind::DaemonSet) {
      choose_what_it_counts(question, key, best, fewest);
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
    if (better(try_start(question, key, start, {}, {{answer, kSeen}}))) {
      choices_.answers[answer] = kSeen;
    }
    const sim::Time now = world_.agenda.now;
    const std::vector<sim::Time>& times = recorded_.times();
    std::size_t tried = 0;
    for (auto at = std::lower_bound(times.begin(), times.end(), now + start);
         at != times.end() && *at < now + start + recorded_.bounds().request && tried < kStartsMost;
         ++at, ++tried) {
      const Hold hold{key.kind, key.row, sync, *at};
      if (better(try_start(question, key, start, hold, {}))) {
        hold_ = hold;
        choices_.answers.erase(answer);
      }
    }
  }

  Key key_of(const sim::ChoiceKey& question, Kind kind) {
    Key key;
    key.kind = kind;
    key.writer = controller_of(kind);
    const kubernetes::WorkQueue& queue = queue_of(world_.cluster, kind);
    for (std::size_t i = 0; i < queue.size(); ++i) {
      std::string name = name_at(world_.cluster, kind, queue.at(i));
      const std::uint32_t which =
          kind == Kind::ReplicaSet ? kubernetes::which_replicaset(world_.cluster, queue.at(i)) : 0;
      const std::uint32_t asked = kubernetes::which_of(question.occurrence);
      if (sim::text_hash(name) == question.entity && kubernetes::which_of(which) == asked) {
        key.row = queue.at(i);
        if (asked > 0) {
          key.set = asked == 1 ? name : name + " #" + std::to_string(asked);
        }
        key.path = name.substr(name.find(' ') + 1);
        key.name = std::move(name);
        break;
      }
    }
    return key;
  }

  std::vector<sim::Duration> possible_starts(const Key& key) const {
    const sim::Time now = world_.agenda.now;
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

  Verdict try_start(const sim::ChoiceKey& question, const Key& key, sim::Duration start, const Hold& hold,
                    const std::map<sim::ChoiceKey, sim::Duration>& answers) {
    Fork fork(*this);
    fork.choices.starts[question] = start;
    fork.choices.answers.insert(answers.begin(), answers.end());
    if (hold.kind != Kind::None) {
      fork.hold = hold;
    }
    fork.progress.keep_seen();
    const std::uint32_t before = entry_of(fork, key).syncs;
    const sim::Time until = world_.agenda.now + start + kTrialMost;
    do {
      if (!fork.step(*this, until)) {
        break;
      }
    } while (entry_of(fork, key).syncs == before ||
             (entry_of(fork, key).syncs == before + 1 && entry_of(fork, key).processing));
    return judge(fork.progress.seen(), key);
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
  std::map<std::uint32_t, sim::Time> held_;  ///< by step: when it was due
  Hold hold_;
};

}  // namespace

void run_guided(World& world, sim::History& history, const RecordedChanges& recorded, sim::Time until,
                void (*meddle)(kubernetes::Cluster&)) {
  Guide(world, history, recorded, meddle).run(until);
}

}  // namespace scenarios::targets

#include "scenarios/targets/fidelity/dictation.h"

#include <algorithm>
#include <utility>

#include "models/kubernetes/requests.h"
#include "models/kubernetes/vocabulary.h"
#include "scenarios/commands/request_pace.h"
#include "sim/hash.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;
using kubernetes::Purpose;

/// A recorded write that the simulation has not made by so long after it will not be made any more.
constexpr sim::Duration kLate = std::chrono::milliseconds{50};
/// The node lifecycle controller looks at nodes so often: kube-controller-manager --node-monitor-period.
constexpr sim::Duration kPassPeriod = std::chrono::seconds{5};
/// So long after a write one takes effect that came after it.
constexpr sim::Duration kAfter = std::chrono::milliseconds{1};

/// A name without its age: "pod default/web-1 #2" is the second "pod default/web-1".
std::string without_age(const std::string& subject) {
  const std::size_t mark = subject.rfind(" #");
  return mark == std::string::npos ? subject : subject.substr(0, mark);
}

}  // namespace

bool made_by(Purpose purpose, std::uint16_t code) {
  const auto field = static_cast<Field>(code);
  switch (purpose) {
    case Purpose::RequestCreate:
      return field == Field::Created;
    case Purpose::RequestDelete:
      return field == Field::DeletionRequested || field == Field::Removed;
    case Purpose::RequestBind:
      return field == Field::PodBound;
    case Purpose::RequestUpdate:
      return field == Field::Finalizer || field == Field::Owner || field == Field::ClaimOwner ||
             field == Field::PodLabels || field == Field::RevisionNumber || field == Field::SetReplicas ||
             field == Field::SetTemplate || field == Field::WorkloadRevision ||
             field == Field::NodeUnschedulable || field == Field::NodeTaints;
    case Purpose::RequestStatus:
      return (field >= Field::SetStatusReplicas && field <= Field::SetUpdateRevision) ||
             (field >= Field::JobActive && field <= Field::JobCondition) ||
             (field >= Field::WorkloadUnavailable && field <= Field::WorkloadCollisions) ||
             (field >= Field::WorkloadReplicaFailure && field <= Field::DaemonAvailable) ||
             (field >= Field::BudgetAllowed && field <= Field::BudgetObservedGeneration) ||
             field == Field::PodReady || field == Field::PodDisruptionTarget || field == Field::NodeReady;
    default:
      return false;
  }
}

RecordedChanges::RecordedChanges(const std::vector<Observation>& recorded,
                                 const std::vector<std::uint64_t>& order, Moments moments,
                                 DictationBounds bounds)
    : moments_(std::move(moments)), bounds_(bounds) {
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const Observation& one = recorded[i];
    changes_[one.subject].push_back({one.field, one.value, one.writer, one.at, order[i], one.where});
    times_.push_back(one.at);
    const std::string base = without_age(one.subject);
    std::vector<std::string>& named = names_[sim::text_hash(base)];
    if (std::find(named.begin(), named.end(), one.subject) == named.end()) {
      named.push_back(one.subject);
    }
    bases_.emplace(sim::text_hash(base), base);
  }
  for (auto& [subject, changes] : changes_) {
    std::stable_sort(changes.begin(), changes.end(),
                     [](const auto& a, const auto& b) { return a.version < b.version; });
  }
  std::sort(times_.begin(), times_.end());
  times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
  const auto sooner = [](const DatedChange& a, const DatedChange& b) { return a.at < b.at; };
  for (const auto& [subject, changes] : changes_) {
    for (std::size_t i = 0; i < changes.size(); ++i) {
      by_writer_[changes[i].writer].push_back({changes[i].at, &subject, i});
    }
  }
  for (auto& [writer, changes] : by_writer_) {
    std::stable_sort(changes.begin(), changes.end(), sooner);
    if (of_control_plane(writer)) {
      of_controllers_.insert(of_controllers_.end(), changes.begin(), changes.end());
    }
  }
  std::stable_sort(of_controllers_.begin(), of_controllers_.end(), sooner);
}

const std::vector<DatedChange>& RecordedChanges::written_by(kubernetes::Writer writer) const {
  static const std::vector<DatedChange> none;
  const auto found = by_writer_.find(writer);
  return found == by_writer_.end() ? none : found->second;
}

const std::vector<RecordedChange>* RecordedChanges::of(const std::string& subject) const {
  const auto found = changes_.find(subject);
  return found == changes_.end() ? nullptr : &found->second;
}

const std::vector<std::string>& RecordedChanges::named(std::uint64_t entity) const {
  static const std::vector<std::string> none;
  const auto found = names_.find(entity);
  return found == names_.end() ? none : found->second;
}

const std::string& RecordedChanges::base_name(std::uint64_t entity) const {
  static const std::string none;
  const auto found = bases_.find(entity);
  return found == bases_.end() ? none : found->second;
}

void Progress::follow(const sim::History& history, const kubernetes::Cluster& cluster,
                      const RecordedChanges& recorded) {
  for (; next_ != history.next_id(); ++next_) {
    std::optional<Observation> one = stream_.observe(next_, history, cluster, false);
    if (!one) {
      continue;
    }
    if (const std::vector<RecordedChange>* changes = recorded.of(one->subject)) {
      std::size_t& position = positions_[one->subject];
      const sim::Time latest = one->at + recorded.bounds().request;
      for (std::size_t i = position; i < changes->size() && (*changes)[i].at <= latest; ++i) {
        if ((*changes)[i].field == one->field && (*changes)[i].value == one->value) {
          position = i + 1;
          break;
        }
      }
    }
    if (keep_) {
      seen_.push_back(*std::move(one));
    }
  }
}

std::size_t Progress::position(const std::string& subject) const {
  const std::size_t* found = positions_.find(subject);
  return found == nullptr ? 0 : *found;
}

Progress Progress::fork() const {
  Progress copy;
  copy.stream_ = stream_.fork();
  copy.positions_ = positions_.on_top();
  copy.next_ = next_;
  return copy;
}

std::optional<std::int64_t> DictatedChoices::dictate(const sim::ChoiceKey& key) {
  const auto purpose = static_cast<Purpose>(key.purpose);
  switch (purpose) {
    case Purpose::SyncStart:
      return start(key);
    case Purpose::RequestCreate:
    case Purpose::RequestDelete:
    case Purpose::RequestUpdate:
    case Purpose::RequestStatus:
    case Purpose::RequestBind:
      return purpose == Purpose::RequestDelete && (key.occurrence & kubernetes::kOfCommand) != 0 &&
                     recorded_.base_name(key.entity).starts_with("pod ")
                 ? departure(key)
                 : request(key, purpose);
    case Purpose::SchedulerTie:
    case Purpose::PreemptionTie:
      if (const auto settled = picks.find(key); settled != picks.end()) {
        return settled->second;
      }
      open_picks.push_back({key, among_});
      return std::nullopt;
    case Purpose::EqualPods: {
      // Those go that the recording shows going: the sooner, the lower the rank.
      std::optional<sim::Time> goes = next_write(key.entity, Purpose::RequestUpdate);
      return rank(goes ? goes : next_write(key.entity, Purpose::RequestDelete));
    }
    case Purpose::PodDeletionOrder:
      return rank(next_write_on(one_of(key.entity, key.occurrence), Purpose::RequestDelete));
    case Purpose::PodCreationOrder:
      return rank(next_write_on(one_of(key.entity, key.occurrence), Purpose::RequestCreate));
    case Purpose::PodMarkOrder:
      return rank(next_write_on(one_of(key.entity, key.occurrence), Purpose::RequestStatus));
    case Purpose::RequestAnswer: {
      const auto known = answers.find(key);
      return known == answers.end() ? 0 : known->second.count();
    }
    case Purpose::NodePassPhase:
      return pass_phase();
    case Purpose::HeartbeatAge:
      return heartbeat_age(key.entity);
    default:
      break;
  }
  if (const auto moments = recorded_.moments().find(key); moments != recorded_.moments().end()) {
    // The next one; one that is a little late by now is meant as well.
    const std::vector<sim::Time>& at = moments->second;
    const auto next = std::lower_bound(at.begin(), at.end(), agenda_.now - kLate);
    const sim::Time moment = next == at.end() ? at.back() : *next;
    return std::max(sim::Duration::zero(), moment - agenda_.now).count();
  }
  if (purpose == Purpose::KubeletStatus) {
    return 0;  // what the recording shows is the status
  }
  if (purpose == Purpose::VolumeProvision) {
    return sim::Duration{std::chrono::hours{24 * 365}}.count();  // the recording shows no volume
  }
  return std::nullopt;
}

std::optional<std::int64_t> DictatedChoices::dictate_pick(std::uint32_t n) {
  among_ = n;
  return std::nullopt;
}

std::int64_t DictatedChoices::start(const sim::ChoiceKey& key) {
  const auto settled = starts.find(key);
  if (settled != starts.end()) {
    return settled->second.count();
  }
  open_starts.push_back(key);
  return 0;
}

std::int64_t DictatedChoices::rank(std::optional<sim::Time> goes) const {
  constexpr std::int64_t kStays = (1 << 20) - 1;
  return goes && *goes <= agenda_.now + recorded_.bounds().request
             ? std::min(kStays - 1,
                        std::max<std::int64_t>(0, (*goes - agenda_.now) / std::chrono::microseconds{1}))
             : kStays;
}

std::string DictatedChoices::one_of(std::uint64_t entity, std::uint32_t attempt) const {
  const std::string& base = recorded_.base_name(entity);
  return attempt == 0 ? base : base + " #" + std::to_string(attempt + 1);
}

std::int64_t DictatedChoices::request(const sim::ChoiceKey& key, Purpose purpose) const {
  const std::uint32_t which = kubernetes::which_of(key.occurrence);
  std::optional<sim::Time> at;
  if (which == 0) {
    at = next_write(key.entity, purpose);
  } else if (purpose == Purpose::RequestCreate) {
    at = next_creation(key.entity, which - 1);
  } else {
    at = next_write_on(one_of(key.entity, which - 1), purpose);
  }
  const DictationBounds& bounds = recorded_.bounds();
  const sim::Time latest = agenda_.now + bounds.request;
  if (at && *at <= latest) {
    return std::max(sim::Duration::zero(), *at - agenda_.now).count();
  }
  if (purpose == Purpose::RequestStatus && !recorded_.base_name(key.entity).starts_with("pod ")) {
    // A status that the recording does not show, on an object that it shows going, found it gone.
    if (const std::optional<sim::Time> gone = removal(key.entity); gone && *gone <= latest) {
      return std::max(bounds.otherwise, *gone + kAfter - agenda_.now).count();
    }
  }
  return bounds.otherwise.count();
}

std::int64_t DictatedChoices::departure(const sim::ChoiceKey& key) const {
  const auto goes = [](std::uint16_t field) {
    return field == static_cast<std::uint16_t>(Field::PodDisruptionTarget) ||
           made_by(Purpose::RequestDelete, field);
  };
  const DictationBounds& bounds = recorded_.bounds();
  const sim::Time latest = agenda_.now + bounds.request;
  std::optional<sim::Time> own;
  const std::uint32_t which = kubernetes::which_of(key.occurrence);
  for (const std::string& subject : recorded_.named(key.entity)) {
    if (which != 0 && subject != one_of(key.entity, which - 1)) {
      continue;
    }
    if (const std::optional<sim::Time> at = next_change(subject, goes)) {
      own = std::min(own.value_or(sim::kNever), *at);
    }
  }
  if (own && *own <= latest) {
    return std::max(sim::Duration::zero(), *own - agenda_.now).count();
  }
  // A request that came to nothing was served after those that the recording shows: it found the budget
  // spent.
  sim::Time last = agenda_.now + bounds.otherwise;
  for (const auto& [subject, changes] : recorded_.all()) {
    if (!subject.starts_with("pod ")) {
      continue;
    }
    const std::optional<sim::Time> at = next_change(subject, goes);
    if (at && *at <= latest) {
      last = std::max(last, *at + kAfter);
    }
  }
  return (last - agenda_.now).count();
}

std::optional<sim::Time> DictatedChoices::removal(std::uint64_t entity) const {
  std::optional<sim::Time> gone;
  for (const std::string& subject : recorded_.named(entity)) {
    const std::optional<sim::Time> at = next_change(
        subject, [](std::uint16_t field) { return field == static_cast<std::uint16_t>(Field::Removed); });
    if (at) {
      gone = std::min(gone.value_or(sim::kNever), *at);
    }
  }
  return gone;
}

std::optional<sim::Time> DictatedChoices::next_change(const std::string& subject,
                                                      bool (*wanted)(std::uint16_t field)) const {
  const std::vector<RecordedChange>& changes = *recorded_.of(subject);
  const std::size_t position = progress_.position(subject);
  if (position == 0 && changes.front().field == static_cast<std::uint16_t>(Field::Created)) {
    return std::nullopt;  // not made yet
  }
  for (std::size_t i = position; i < changes.size(); ++i) {
    if (wanted(changes[i].field) && changes[i].at + kLate >= agenda_.now) {
      return changes[i].at;
    }
  }
  return std::nullopt;
}

std::optional<sim::Time> DictatedChoices::next_write(std::uint64_t entity, Purpose purpose) const {
  std::optional<sim::Time> next;
  for (const std::string& subject : recorded_.named(entity)) {
    if (const std::optional<sim::Time> at = next_write_on(subject, purpose)) {
      next = std::min(next.value_or(sim::kNever), *at);
    }
  }
  return next;
}

std::optional<sim::Time> DictatedChoices::next_write_on(const std::string& subject, Purpose purpose) const {
  const std::vector<RecordedChange>* known = recorded_.of(subject);
  if (known == nullptr) {
    return std::nullopt;
  }
  const std::vector<RecordedChange>& changes = *known;
  const std::size_t position = progress_.position(subject);
  const bool exists = position > 0 || changes.front().field != static_cast<std::uint16_t>(Field::Created);
  if (!exists && purpose != Purpose::RequestCreate) {
    return std::nullopt;
  }
  for (std::size_t i = position; i < changes.size(); ++i) {
    if (made_by(purpose, changes[i].field) && changes[i].at + kLate >= agenda_.now) {
      return changes[i].at;
    }
  }
  return std::nullopt;
}

std::optional<sim::Time> DictatedChoices::next_creation(std::uint64_t entity, std::size_t before) const {
  std::vector<sim::Time> creations;
  for (const std::string& subject : recorded_.named(entity)) {
    if (const std::optional<sim::Time> at = next_write_on(subject, Purpose::RequestCreate)) {
      creations.push_back(*at);
    }
  }
  std::sort(creations.begin(), creations.end());
  return before < creations.size() ? std::optional(creations[before]) : std::nullopt;
}

/// The controller looks at nodes again and again; the recording shows it where it finds a silent one. Its
/// looks come a little late each time, so the next one that is shown counts, else the last.
std::int64_t DictatedChoices::pass_phase() const {
  std::optional<sim::Time> shown;
  for (const auto& [subject, changes] : recorded_.all()) {
    for (const RecordedChange& change : changes) {
      if (change.field == static_cast<std::uint16_t>(Field::NodeReady) &&
          change.writer == kubernetes::Writer::NodeLifecycleController) {
        const bool coming = change.at + kLate >= agenda_.now;
        const bool known_coming = shown && *shown + kLate >= agenda_.now;
        if (!shown || (coming ? !known_coming || change.at < *shown : !known_coming && change.at > *shown)) {
          shown = change.at;
        }
      }
    }
  }
  constexpr sim::Duration kBefore = std::chrono::milliseconds{1};  // the request that follows takes time
  return shown ? ((*shown - kBefore) % kPassPeriod).count() : kBefore.count();
}

/// So that the controller finds the node silent when the recording shows that it did.
std::optional<std::int64_t> DictatedChoices::heartbeat_age(std::uint64_t node) const {
  constexpr std::string_view kNode = "node ";
  for (const auto& [subject, changes] : recorded_.all()) {
    if (!subject.starts_with(kNode) || sim::text_hash(subject.substr(kNode.size())) != node) {
      continue;
    }
    for (const RecordedChange& change : changes) {
      if (change.field == static_cast<std::uint16_t>(Field::NodeReady) && change.at > agenda_.now &&
          change.writer == kubernetes::Writer::NodeLifecycleController) {
        // The last renewal was seen in the look that was a grace period before this one.
        const sim::Time seen = change.at - recorded_.bounds().node_grace - kPassPeriod / 2;
        return std::clamp<sim::Duration>(agenda_.now - seen, -kPassPeriod, kPassPeriod * 3).count();
      }
    }
  }
  return std::nullopt;
}

}  // namespace scenarios::targets

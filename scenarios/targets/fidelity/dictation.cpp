#include "scenarios/targets/fidelity/dictation.h"

#include <algorithm>
#include <utility>

#include "models/kubernetes/requests.h"
#include "models/kubernetes/vocabulary.h"
#include "sim/hash.h"

namespace scenarios::targets {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;
using kubernetes::Purpose;

/// A recorded write that the simulation has not made by so long after it will not be made any more.
constexpr sim::Duration kLate = std::chrono::milliseconds{50};
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
             field == Field::NodeUnschedulable;
    case Purpose::RequestStatus:
      return (field >= Field::SetStatusReplicas && field <= Field::SetUpdateRevision) ||
             (field >= Field::JobActive && field <= Field::JobCondition) ||
             (field >= Field::WorkloadUnavailable && field <= Field::WorkloadCollisions) ||
             (field >= Field::WorkloadReplicaFailure && field <= Field::DaemonAvailable) ||
             (field >= Field::BudgetAllowed && field <= Field::BudgetObservedGeneration) ||
             field == Field::PodUnschedulable;
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
  const auto found = positions_.find(subject);
  return found == positions_.end() ? 0 : found->second;
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
      if (!goes) {
        goes = next_write(key.entity, Purpose::RequestDelete);
      }
      constexpr std::int64_t kStays = (1 << 20) - 1;
      return goes && *goes <= agenda_.now + recorded_.bounds().request
                 ? std::min(kStays - 1,
                            std::max<std::int64_t>(0, (*goes - agenda_.now) / std::chrono::microseconds{1}))
                 : kStays;
    }
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

std::int64_t DictatedChoices::request(const sim::ChoiceKey& key, Purpose purpose) const {
  const std::optional<sim::Time> at = next_write(key.entity, purpose);
  const DictationBounds& bounds = recorded_.bounds();
  const sim::Time latest = agenda_.now + bounds.request;
  if (at && *at <= latest) {
    return std::max(sim::Duration::zero(), *at - agenda_.now).count();
  }
  if (purpose == Purpose::RequestStatus) {
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
  for (const std::string& subject : recorded_.named(key.entity)) {
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
    const std::vector<RecordedChange>& changes = *recorded_.of(subject);
    const std::size_t position = progress_.position(subject);
    const bool exists = position > 0 || changes.front().field != static_cast<std::uint16_t>(Field::Created);
    if (!exists && purpose != Purpose::RequestCreate) {
      continue;
    }
    for (std::size_t i = position; i < changes.size(); ++i) {
      if (made_by(purpose, changes[i].field) && changes[i].at + kLate >= agenda_.now) {
        next = std::min(next.value_or(sim::kNever), changes[i].at);
        break;
      }
    }
  }
  return next;
}

}  // namespace scenarios::targets

#pragma once
// A recording as the answer to what a simulation asks of chance: when requests take effect, when syncs start,
// when kubelets act. It says when, never what: what a controller writes is for the model to decide.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/purposes.h"
#include "scenarios/targets/fidelity/environment.h"
#include "scenarios/targets/fidelity/layered_map.h"
#include "scenarios/targets/fidelity/observations.h"
#include "sim/choices.h"
#include "sim/kernel.h"

namespace scenarios::targets {

/// What a replay takes from a recording at most; a verdict of a replay rests on these bounds.
struct DictationBounds {
  /// A request takes effect when the recording shows such a write, if that is within …
  sim::Duration request = std::chrono::milliseconds{250};
  /// … else after this.
  sim::Duration otherwise = std::chrono::milliseconds{2};
  /// A sync starts at most so long after its key was queued.
  sim::Duration start = std::chrono::milliseconds{100};
  /// How long a node may be silent.
  sim::Duration node_grace = std::chrono::seconds{40};
};

/// One change that the recording shows.
struct RecordedChange {
  std::uint16_t field = 0;
  std::string value;
  models::kubernetes::Writer writer = models::kubernetes::Writer::None;
  sim::Time at{};
  std::uint64_t version = 0;  ///< of the write that it was part of
  std::string where;          ///< of a binding: the node
};

/// Where a change stands: `of(subject)[index]`.
struct DatedChange {
  sim::Time at{};
  const std::string* subject = nullptr;
  std::size_t index = 0;
};

/// A question of which of several equals.
struct OpenPick {
  sim::ChoiceKey key;
  std::uint32_t count = 0;
};

/// What was recorded, object by object, and the answers that it gives. Shared by all copies of a simulation.
class RecordedChanges {
 public:
  /// `order(i)`: the resource version behind `recorded[i]`.
  RecordedChanges(const std::vector<Observation>& recorded, const std::vector<std::uint64_t>& order,
                  Moments moments, DictationBounds bounds);
  RecordedChanges(const RecordedChanges&) = delete;
  RecordedChanges& operator=(const RecordedChanges&) = delete;

  /// The changes of an object, by version; nullptr for one that the recording does not show.
  [[nodiscard]] const std::vector<RecordedChange>* of(const std::string& subject) const;
  /// The objects of that name, by age, whose name without their age has this hash.
  [[nodiscard]] const std::vector<std::string>& named(std::uint64_t entity) const;
  /// The name of that hash: "statefulset default/web".
  [[nodiscard]] const std::string& base_name(std::uint64_t entity) const;
  /// When anything at all was written, ascending.
  [[nodiscard]] const std::vector<sim::Time>& times() const { return times_; }
  /// What a writer wrote, by time.
  [[nodiscard]] const std::vector<DatedChange>& written_by(models::kubernetes::Writer writer) const;
  /// What controllers and the scheduler wrote, by time.
  [[nodiscard]] const std::vector<DatedChange>& of_controllers() const { return of_controllers_; }
  [[nodiscard]] const Moments& moments() const { return moments_; }
  [[nodiscard]] const DictationBounds& bounds() const { return bounds_; }
  [[nodiscard]] const std::map<std::string, std::vector<RecordedChange>>& all() const { return changes_; }

 private:
  std::map<std::string, std::vector<RecordedChange>> changes_;
  std::map<std::uint64_t, std::vector<std::string>> names_;
  std::map<std::uint64_t, std::string> bases_;
  std::vector<sim::Time> times_;
  std::map<models::kubernetes::Writer, std::vector<DatedChange>> by_writer_;
  std::vector<DatedChange> of_controllers_;
  Moments moments_;
  DictationBounds bounds_;
};

/// How far a simulation is in what was recorded: for each object, the changes that it has made as well.
class Progress {
 public:
  /// Takes note of what the simulation did from `next()` on.
  void follow(const sim::History& history, const models::kubernetes::Cluster& cluster,
              const RecordedChanges& recorded);
  /// The first change of the object that the simulation has not made.
  [[nodiscard]] std::size_t position(const std::string& subject) const;
  /// The observations made by `follow` since `from` (a count); only kept when asked for.
  [[nodiscard]] const std::vector<Observation>& seen() const { return seen_; }
  void keep_seen() { keep_ = true; }
  /// That of a copy of the simulation. REQUIRES: this one neither goes on nor goes away before the copy.
  [[nodiscard]] Progress fork() const;

 private:
  ObservationStream stream_;
  LayeredMap<std::string, std::size_t> positions_;
  sim::TransitionId next_ = 0;
  std::vector<Observation> seen_;
  bool keep_ = false;
};

/// The answers. What the recording does not settle is answered by the middle of everything.
class DictatedChoices : public sim::Choices {
 public:
  /// All must outlive it; `agenda` and `progress` are those of the simulation that asks.
  DictatedChoices(const RecordedChanges& recorded, const Progress& progress, const sim::Agenda& agenda)
      : recorded_(recorded), progress_(progress), agenda_(agenda) {}

  /// How long after its key was queued a sync starts, by the question.
  std::map<sim::ChoiceKey, sim::Duration> starts;
  /// How long the answers of a sync's requests take, by the question; else none.
  std::map<sim::ChoiceKey, sim::Duration> answers;
  /// Questions for a sync's start that `starts` did not settle, answered by "at once".
  std::vector<sim::ChoiceKey> open_starts;
  /// Which of equally good nodes the scheduler takes, by the question.
  std::map<sim::ChoiceKey, std::uint32_t> picks;
  /// Questions of that sort that `picks` did not settle.
  std::vector<OpenPick> open_picks;

 protected:
  std::uint64_t draw(const sim::ChoiceKey&) override { return std::uint64_t{1} << 63U; }
  std::optional<std::int64_t> dictate(const sim::ChoiceKey& key) override;
  std::optional<std::int64_t> dictate_pick(std::uint32_t n) override;

 private:
  std::int64_t start(const sim::ChoiceKey& key);
  [[nodiscard]] std::int64_t request(const sim::ChoiceKey& key, models::kubernetes::Purpose purpose) const;
  /// A command's request that a pod go, which comes by an eviction where it is a drain's.
  [[nodiscard]] std::int64_t departure(const sim::ChoiceKey& key) const;
  /// When an object of that name goes, if the recording shows it within the bounds.
  [[nodiscard]] std::optional<sim::Time> removal(std::uint64_t entity) const;
  /// The sooner, the lower.
  [[nodiscard]] std::int64_t rank(std::optional<sim::Time> goes) const;
  /// The attempt-th of the objects of that name.
  [[nodiscard]] std::string one_of(std::uint64_t entity, std::uint32_t attempt) const;
  /// When the recording shows the next such write on an object of that name.
  [[nodiscard]] std::optional<sim::Time> next_write(std::uint64_t entity,
                                                    models::kubernetes::Purpose purpose) const;
  [[nodiscard]] std::optional<sim::Time> next_write_on(const std::string& subject,
                                                       models::kubernetes::Purpose purpose) const;
  /// … the next objects of that name being made, without the first so many.
  [[nodiscard]] std::optional<sim::Time> next_creation(std::uint64_t entity, std::size_t before) const;
  [[nodiscard]] std::optional<sim::Time> next_change(const std::string& subject,
                                                     bool (*wanted)(std::uint16_t field)) const;
  [[nodiscard]] std::int64_t pass_phase() const;
  [[nodiscard]] std::optional<std::int64_t> heartbeat_age(std::uint64_t node) const;

  const RecordedChanges& recorded_;
  const Progress& progress_;
  const sim::Agenda& agenda_;
  std::uint32_t among_ = 0;  ///< so many alternatives has the pick that is asked for
};

/// Whether a change of this field is what a request of that purpose makes.
bool made_by(models::kubernetes::Purpose purpose, std::uint16_t field);

}  // namespace scenarios::targets

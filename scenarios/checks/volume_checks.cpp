#include "scenarios/checks/volume_checks.h"

#include <fmt/core.h>

#include <chrono>

#include "models/kubernetes/attach_detach_controller.h"
#include "models/timing/distribution.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Field;

/// No pod waits for long for a volume that another node holds.
class NoPodWaitsForAHeldVolume : public Check {
 public:
  explicit NoPodWaitsForAHeldVolume(const language::CheckUse& use) {
    const language::CheckArgument* settle = use.find("settle");
    settle_ =
        settle != nullptr && settle->given() ? settle->duration : sim::Duration{std::chrono::minutes{1}};
  }
  std::vector<std::uint16_t> fields() const override {
    return {static_cast<std::uint16_t>(Field::Warning), static_cast<std::uint16_t>(Field::ClaimAttached),
            static_cast<std::uint16_t>(Field::Removed)};
  }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::Held; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const bool refused =
        transition.field == static_cast<std::uint16_t>(Field::Warning) &&
        transition.writer == static_cast<std::uint16_t>(kubernetes::Writer::AttachDetachController);
    settle(state, observed, false);
    if (refused) {
      state.numbers.insert(state.numbers.end(), {transition.subject, observed.now.count(), id});
    }
  }
  void end(State& state, const Observed& observed) const override { settle(state, observed, true); }
  void hash(const State& state, sim::Time now, sim::Hasher& hasher) const override {
    hasher.add(state.verdict);
    for (std::size_t i = 0; i + kNumbers <= state.numbers.size(); i += kNumbers) {
      hasher.add(std::min(settle_.count(), now.count() - state.numbers[i + kSince]));
    }
  }

 private:
  /// What is kept of each pod that was refused its volume, in `State::numbers`.
  enum Number : std::size_t { kUid, kSince, kBecause, kNumbers };

  /// Judges those that have waited for long, and forgets those that wait no more.
  void settle(State& state, const Observed& observed, bool over) const {
    const kubernetes::Cluster& cluster = observed.cluster;
    for (std::size_t i = 0; i + kNumbers <= state.numbers.size();) {
      const auto uid = static_cast<kubernetes::Uid>(state.numbers[i + kUid]);
      const kubernetes::Row row = cluster.find_pod_by_uid(uid);
      const bool waits =
          row != kubernetes::kNoRow && kubernetes::attach_detach_controller::waits_for_volumes(cluster, row);
      const sim::Duration waited = observed.now - sim::Time{state.numbers[i + kSince]};
      const bool long_enough = waited >= settle_;
      if (long_enough || (over && waits)) {
        const kubernetes::Row told = cluster.find_pod_or_removed(uid);
        violate(state, observed, static_cast<sim::TransitionId>(state.numbers[i + kBecause]),
                fmt::format(
                    "{} {} for {} for a volume that another node held",
                    told == kubernetes::kNoRow ? std::string("a pod") : cluster.name_of(cluster.pods[told]),
                    waits ? "has waited" : "waited", models::timing::duration_text(waited)),
                uid);
      }
      if (waits && !long_enough) {
        i += kNumbers;
      } else {
        const auto first = state.numbers.begin() + static_cast<std::ptrdiff_t>(i);
        state.numbers.erase(first, first + kNumbers);
      }
    }
  }

  sim::Duration settle_{};
};

}  // namespace

std::shared_ptr<const Check> no_pod_waits_for_a_held_volume(const language::CheckUse& use) {
  return std::make_shared<NoPodWaitsForAHeldVolume>(use);
}

}  // namespace scenarios::checks

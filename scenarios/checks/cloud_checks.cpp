// Checks on the cloud below the cluster.

#include "scenarios/checks/cloud_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "models/openstack/charging.h"
#include "models/timing/distribution.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
namespace openstack = models::openstack;

std::uint16_t code(openstack::Field field) { return static_cast<std::uint16_t>(field); }

const openstack::Server* server_of(const Observed& observed, sim::TransitionId id) {
  const std::int32_t found = observed.openstack->find_uid(observed.history.at(id).subject);
  return found == openstack::kNone ? nullptr : &observed.openstack->servers[static_cast<std::size_t>(found)];
}

/// What `kubectl drain --ignore-daemonsets` leaves behind is no reason to stay.
/// Source: kubectl pkg/drain/filters.go, daemonSetFilter, mirrorPodFilter.
bool stays_after_drain(const kubernetes::Pod& pod) {
  return pod.owner.kind == kubernetes::Kind::DaemonSet || pod.static_pod || pod.terminal();
}

/// No server is asked to go while pods are on its node.
class NoShelveBeforeDrained : public Check {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(openstack::Field::ServerAction)}; }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::NotReached; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const std::string& action = observed.history.text_at(observed.history.at(id).detail);
    const openstack::Server* server = server_of(observed, id);
    if (server == nullptr || (action != "shelve" && action != "stop" && action != "delete") ||
        !server->guest_on) {
      return;
    }
    state.verdict = sim::Verdict::Held;
    const kubernetes::Cluster& cluster = observed.cluster;
    const kubernetes::Row node = cluster.find_node(server->kubernetes_node);
    std::size_t count = 0;
    std::string first;
    for (kubernetes::Row row = 0; node != kubernetes::kNoRow && row < cluster.pods.extent(); ++row) {
      if (cluster.pods.exists(row) && cluster.pods[row].node == node &&
          !stays_after_drain(cluster.pods[row])) {
        first = count++ == 0 ? cluster.name_of(cluster.pods[row]) : first;
      }
    }
    if (count > 0) {
      violate(state, observed, id,
              fmt::format("{} of server {} while {} {} on node {}, {} among them", action, server->name,
                          count, count == 1 ? "pod is" : "pods are", server->kubernetes_node, first));
    }
  }
};

/// No data volume stays with a server that is off or on the shelf.
class NoVolumeStuckAttached : public Check {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(openstack::Field::ServerVolume)}; }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::Held; }
  void on_transition(State&, const Observed&, sim::TransitionId) const override {}
  void end(State& state, const Observed& observed) const override {
    for (const openstack::Server& server : observed.openstack->servers) {
      for (const openstack::Volume& volume : server.volumes) {
        const bool held = volume.status == openstack::VolumeStatus::reserved ||
                          (volume.status == openstack::VolumeStatus::in_use && !server.guest_on);
        if (!volume.boot && held) {
          violate(state, observed, last_action(observed, server),
                  fmt::format("volume {} is still {} for server {}, which is {}", volume.name,
                              to_text(volume.status), server.name, openstack::status_of(server.vm_state)),
                  server.uid);
        }
      }
    }
  }

 private:
  /// What was asked of the server last.
  static sim::TransitionId last_action(const Observed& observed, const openstack::Server& server) {
    for (sim::TransitionId id = observed.history.next_id(); id > observed.history.first_id(); --id) {
      const sim::Transition& transition = observed.history.at(id - 1);
      if (transition.subject == server.uid && transition.field == code(openstack::Field::ServerAction)) {
        return id - 1;
      }
    }
    return sim::kNoTransition;
  }
};

/// The servers cost at most so many service units.
class CostsAtMost : public Check {
 public:
  explicit CostsAtMost(const language::CheckUse& use) : units_(use.find("units")->integer) {}
  std::vector<std::uint16_t> fields() const override { return {code(openstack::Field::ServerVmState)}; }
  void begin(State& state, const Observed& observed) const override {
    state.verdict = sim::Verdict::Held;
    state.numbers = {openstack::rate(*observed.openstack)};
  }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    judge(state, observed, id);
    state.numbers = {openstack::rate(*observed.openstack)};
  }
  void end(State& state, const Observed& observed) const override {
    judge(state, observed, sim::kNoTransition);
  }

 private:
  void judge(State& state, const Observed& observed, sim::TransitionId id) const {
    const std::int64_t charged = openstack::charged(*observed.openstack, observed.now);
    const double units = static_cast<double>(charged) / static_cast<double>(openstack::kServiceUnit);
    const std::int64_t beyond = charged - units_ * openstack::kServiceUnit;
    if (beyond > 0) {
      violate(state, observed, id,
              fmt::format("{:.2f} service units by {}, more than {}", units,
                          models::timing::duration_text(observed.now), units_));
      // Looked at only where a rate changes: what is beyond came at the rate that was charged since.
      const std::int64_t rate = state.numbers.front();
      state.at -= std::chrono::microseconds{rate > 0 ? beyond / rate : 0};
    } else {
      state.summary = fmt::format("{:.2f} service units", units);
    }
  }

  std::int64_t units_;
};

/// From the first step's start to the last step's end it takes at most so long.
class PlanTakesAtMost : public Check {
 public:
  explicit PlanTakesAtMost(const language::CheckUse& use) : time_(use.find("time")->duration) {}
  std::vector<std::uint16_t> fields() const override {
    return {static_cast<std::uint16_t>(plan::Field::StepFinished)};
  }
  void begin(State& state, const Observed&) const override { state.verdict = sim::Verdict::NotReached; }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Duration taken = observed.now - first_start(observed);
    state.verdict = sim::Verdict::Held;
    state.summary = models::timing::duration_text(taken);
    if (taken > time_) {
      violate(state, observed, id,
              fmt::format("it took {}, more than {}", models::timing::duration_text(taken),
                          models::timing::duration_text(time_)));
    }
  }
  /// A plan that is not over takes longer still.
  void end(State& state, const Observed& observed) const override {
    const sim::Time first = first_start(observed);
    if (observed.plan_state.open == 0 || observed.now - first <= time_ || state.decided) {
      return;
    }
    violate(state, observed, sim::kNoTransition,
            fmt::format("it is not over after {}, more than {}",
                        models::timing::duration_text(observed.now - first),
                        models::timing::duration_text(time_)));
    state.at = first + time_;
  }

 private:
  static sim::Time first_start(const Observed& observed) {
    sim::Time first = observed.now;
    for (const plan::StepState& step : observed.plan_state.steps) {
      if (step.transition != sim::kNoTransition && step.outcome != sim::StepOutcome::Skipped) {
        first = std::min(first, step.started);
      }
    }
    return first;
  }

  sim::Duration time_;
};

}  // namespace

std::shared_ptr<const Check> no_shelve_before_drained() { return std::make_shared<NoShelveBeforeDrained>(); }
std::shared_ptr<const Check> no_volume_stuck_attached() { return std::make_shared<NoVolumeStuckAttached>(); }
std::shared_ptr<const Check> costs_at_most(const language::CheckUse& use) {
  return std::make_shared<CostsAtMost>(use);
}
std::shared_ptr<const Check> plan_takes_at_most(const language::CheckUse& use) {
  return std::make_shared<PlanTakesAtMost>(use);
}

}  // namespace scenarios::checks

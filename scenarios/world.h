#pragma once
// The world of a rehearsal: all simulated systems, the plan, commands under way and checks, as one plain
// value.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/flux/state.h"
#include "models/iomesh/state.h"
#include "models/kubernetes/api.h"
#include "models/kubernetes/faults.h"
#include "models/openstack/state.h"
#include "scenarios/checks/check.h"
#include "scenarios/language/fault.h"
#include "scenarios/plan/plan_state.h"
#include "sim/hash.h"
#include "sim/kernel.h"

namespace scenarios {

/// What is fixed for all runs of a scenario, shared by all copies of its world.
struct Program {
  plan::CompiledPlan plan;
  std::vector<checks::CompiledCheck> checks;
  /// For each field code, the checks that want to see its transitions.
  std::vector<std::vector<std::uint32_t>> checks_by_field;
  std::vector<language::Fault> faults;
  sim::Time until{};            ///< the run ends here at the latest
  bool starts_settled = false;  ///< a snapshot: the plan begins at once
};

struct World {
  sim::Agenda agenda;
  models::kubernetes::Cluster cluster;
  models::flux::State flux;
  models::openstack::State openstack;
  models::iomesh::State iomesh;
  plan::PlanState plan;
  std::vector<checks::State> checks;
  std::shared_ptr<const Program> program;

  /// Performs one event, shows its transitions to the checks, and lets the plan go on.
  void dispatch(const sim::PendingEvent& event, sim::Context& context);
  /// Never: a run ends when nothing is pending, or at `program->until`.
  [[nodiscard]] bool finished() const { return false; }
};

/// Begins a run: schedules the scenario's faults and the start of the plan, and lets the checks take their
/// first look. Called once, on the world that was built, before its first event.
void begin(World& world, sim::Context& context);
/// Ends an event: shows the transitions from `first` on to the checks and lets the plan go on, until nothing
/// moves. Commands are the emulated ones, or performed by `runner`.
void settle_event(World& world, sim::Context& context, sim::TransitionId first);
class CommandRunner;
void settle_event(World& world, sim::Context& context, sim::TransitionId first, CommandRunner& runner);
/// Settles what checks leave open. Called once, when the run is over.
void end(World& world, sim::Context& context);

/// Covers exactly what any rule, check, variable or choice can still read: times as what is left until they
/// matter, no history, no order of insertion. nullopt while something is on its way inside the control plane:
/// such a world is never merged with another.
std::optional<sim::Digest> hash(const World& world);

/// Whether every workload is as its spec asks, so that a person would begin.
bool settled(const World& world);

}  // namespace scenarios

#include "scenarios/targets/fidelity/predicted_durations.h"

#include <algorithm>

#include "scenarios/world.h"
#include "sim/choices.h"
#include "sim/kernel.h"

namespace scenarios::targets {

namespace {

bool ended(const plan::StepState& step) {
  return step.phase == plan::StepPhase::Done && step.outcome != sim::StepOutcome::Skipped;
}

/// Whether the simulation can perform the plan as it is written: a replay leaves out commands that only look.
bool can_be_simulated(const plan::CompiledPlan& plan) {
  return std::all_of(plan.steps.begin(), plan.steps.end(), [](const plan::CompiledStep& step) {
    return std::all_of(step.commands.begin(), step.commands.end(), [](const plan::CompiledCommand& command) {
      return command.builtin != plan::Builtin::None || command.command != nullptr;
    });
  });
}

plan::PlanState simulate(const Rehearsal& rehearsal, std::uint64_t seed) {
  World world = rehearsal.world;
  sim::History history = rehearsal.history;
  sim::SeededChoices choices(seed);
  sim::Context context{choices, history};
  begin(world, context);
  while (world.plan.open > 0 && sim::step(world, context, world.program->until)) {
  }
  return std::move(world.plan);
}

/// The nearest rank; REQUIRES: not empty, ascending.
sim::Duration percentile(const std::vector<sim::Duration>& durations, std::size_t percent) {
  const std::size_t rank = (durations.size() * percent + 99) / 100;
  return durations[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

std::vector<StepDuration> predict_durations(const Rehearsal& rehearsal, const plan::PlanState& recorded,
                                            std::size_t seeds) {
  if (!can_be_simulated(rehearsal.world.program->plan)) {
    return {};
  }
  std::vector<std::vector<sim::Duration>> simulated(recorded.steps.size());
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const plan::PlanState plan = simulate(rehearsal, seed);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      if (ended(plan.steps[i])) {
        simulated[i].push_back(plan.steps[i].finished - plan.steps[i].started);
      }
    }
  }
  std::vector<StepDuration> durations;
  for (std::size_t i = 0; i < recorded.steps.size(); ++i) {
    if (!ended(recorded.steps[i])) {
      continue;
    }
    StepDuration duration;
    duration.step = rehearsal.world.program->plan.steps[i].name;
    duration.recorded = recorded.steps[i].finished - recorded.steps[i].started;
    std::sort(simulated[i].begin(), simulated[i].end());
    if (!simulated[i].empty()) {
      duration.low = percentile(simulated[i], 5);
      duration.high = percentile(simulated[i], 95);
    }
    durations.push_back(std::move(duration));
  }
  return durations;
}

}  // namespace scenarios::targets

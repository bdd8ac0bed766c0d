#include "scenarios/targets/fidelity/predicted_durations.h"

#include <algorithm>
#include <memory>
#include <utility>

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

/// The nearest rank; REQUIRES: not empty, ascending.
sim::Duration percentile(const std::vector<sim::Duration>& durations, std::size_t percent) {
  const std::size_t rank = (durations.size() * percent + 99) / 100;
  return durations[std::max<std::size_t>(rank, 1) - 1];
}

/// How long those commands of the recording took that ask once and wait for nothing.
std::vector<sim::Duration> kubectl_times(const plan::PlanState& recorded) {
  std::vector<sim::Duration> times;
  for (const plan::StepState& step : recorded.steps) {
    for (const plan::CommandOutcome& command : step.ended) {
      const bool asks = command.text.starts_with("kubectl get ") &&
                        command.text.find(" -w") == std::string::npos &&
                        command.text.find(" --watch") == std::string::npos;
      if (asks && command.finished > command.started) {
        times.push_back(command.finished - command.started);
      }
    }
  }
  return times;
}

/// The world with kubectl as quick as on the machine of the recording. @return its median, where it is known.
std::optional<sim::Duration> set_kubectl(const plan::PlanState& recorded, World& world) {
  using models::timing::Distribution;
  using models::timing::Key;
  using models::timing::ProvenanceKind;
  auto settings = std::make_shared<models::kubernetes::Settings>(*world.cluster.settings);
  std::vector<sim::Duration> times = kubectl_times(recorded);
  if (times.empty() ||
      settings->profile.at(Key::kubectl_start).provenance().kind != ProvenanceKind::assumed) {
    return std::nullopt;
  }
  std::sort(times.begin(), times.end());
  const sim::Duration median = percentile(times, 50);
  settings->profile.set(
      Key::kubectl_start,
      Distribution::empirical(std::move(times), {ProvenanceKind::measured, "kubectl get in the recording"})
          .value());
  world.cluster.settings = std::move(settings);
  return median;
}

plan::PlanState simulate(const Rehearsal& rehearsal, World world, std::uint64_t seed) {
  sim::History history = rehearsal.history;
  sim::SeededChoices choices(seed);
  sim::Context context{choices, history};
  begin(world, context);
  while (world.plan.open > 0 && sim::step(world, context, world.program->until)) {
  }
  return std::move(world.plan);
}

}  // namespace

PredictedDurations predict_durations(const Rehearsal& rehearsal, const plan::PlanState& recorded,
                                     std::size_t seeds) {
  if (!can_be_simulated(rehearsal.world.program->plan)) {
    return {};
  }
  PredictedDurations durations;
  World world = rehearsal.world;
  durations.kubectl = set_kubectl(recorded, world);
  std::vector<std::vector<sim::Duration>> simulated(recorded.steps.size());
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const plan::PlanState plan = simulate(rehearsal, world, seed);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      if (ended(plan.steps[i])) {
        simulated[i].push_back(plan.steps[i].finished - plan.steps[i].started);
      }
    }
  }
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
    durations.steps.push_back(std::move(duration));
  }
  return durations;
}

}  // namespace scenarios::targets

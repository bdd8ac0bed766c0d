#include "scenarios/plan_dictation.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace scenarios {

namespace {

/// Commands that wait ask at once and then wait: their time says nothing. Assumed: no other one takes longer.
constexpr sim::Duration kShort = std::chrono::milliseconds{500};

/// When a command's request reached the API server.
sim::Time took_effect(const plan::CommandOutcome& outcome, const std::vector<sim::Time>& written_at) {
  const auto first = std::lower_bound(written_at.begin(), written_at.end(), outcome.started);
  if (first != written_at.end() && *first <= outcome.finished) {
    return *first;
  }
  return outcome.started + std::min(outcome.finished - outcome.started, kShort) * 2 / 3;
}

}  // namespace

void dictate_plan(World& world, sim::History& history, const plan::PlanState& performed,
                  const std::vector<sim::Time>& written_at) {
  auto program = std::make_shared<Program>(*world.program);
  const plan::CompiledPlan written = std::move(program->plan);
  program->plan = {};
  program->starts_settled = true;
  // The checks of the written plan refer to its steps; nothing is judged here but the cluster's transitions.
  program->checks.clear();
  program->checks_by_field.clear();
  world.plan.steps.clear();
  world.plan.variables.clear();
  for (std::size_t i = 0; i < written.steps.size(); ++i) {
    const std::vector<plan::CommandOutcome>& ended = performed.steps[i].ended;
    for (std::size_t j = 0; j < ended.size(); ++j) {
      plan::CompiledStep step;
      step.name = written.steps[i].name;
      step.at = written.steps[i].at;
      const plan::CompiledCommand& command = written.steps[i].commands[ended[j].command];
      if (command.builtin != plan::Builtin::None) {
        continue;  // changes nothing, and its output went into the values of others
      }
      step.not_before = took_effect(ended[j], written_at);
      step.stop_on_error = false;
      step.commands = {command};
      for (const auto& [name, value] : ended[j].values) {
        commands::Word word;
        word.parts.push_back({false, false, value, {}});
        step.program.push_back({plan::Op::Assign, 0, name, {std::move(word)}, nullptr});
      }
      step.program.push_back({plan::Op::Command, 0, {}, {}, nullptr});
      program->plan.steps.push_back(std::move(step));
      plan::StepState state;
      state.uid = world.cluster.next_uid++;
      history.introduce(state.uid, {});
      world.plan.steps.push_back(std::move(state));
    }
  }
  world.program = std::move(program);
}

}  // namespace scenarios

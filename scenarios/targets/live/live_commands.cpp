#include "scenarios/targets/live/live_commands.h"

#include <algorithm>
#include <utility>

namespace scenarios::targets {

namespace {

/// The state of the command that a process performs; nullptr if none does.
commands::CommandState* state_of(World& world, ProcessId process) {
  for (plan::StepState& step : world.plan.steps) {
    for (plan::Thread& thread : step.threads) {
      commands::CommandState& state = thread.command;
      if (step.phase == plan::StepPhase::Performing && state.started && !state.waiting_for.empty() &&
          state.waiting_for.front() == process) {
        return &state;
      }
    }
  }
  return nullptr;
}

}  // namespace

LiveCommands::LiveCommands(const Rehearsal& rehearsal, Programs& programs)
    : rehearsal_(rehearsal), programs_(programs) {
  language::Diagnostics judged_at_load;
  contexts_ = plan::compile_contexts(rehearsal.scenario, rehearsal.world.program->plan, judged_at_load);
}

void LiveCommands::advance(const plan::CompiledCommand& command, commands::CommandState& state, World& world,
                           sim::Context&, models::kubernetes::By) {
  if (state.started) {
    return;
  }
  state.started = true;
  // The state is that of a thread of its step.
  const auto step =
      std::find_if(world.plan.steps.begin(), world.plan.steps.end(), [&](const plan::StepState& one) {
        return std::any_of(one.threads.begin(), one.threads.end(),
                           [&](const plan::Thread& thread) { return &thread.command == &state; });
      });
  const ProgramCall call =
      call_of(rehearsal_, contexts_, static_cast<std::size_t>(step - world.plan.steps.begin()), command,
              world.plan.variables);
  if (call.arguments.empty()) {  // as a shell does with a command that vanishes
    state.done = true;
    return;
  }
  state.text = call.text;
  const ProcessId process = programs_.start(call.arguments, call.input);
  state.waiting_for = {process};
  running_.push_back(process);
  silent_[process] = {call.text, world.agenda.now, {}};
}

bool LiveCommands::take(const ProgramEvent& event, World& world) {
  commands::CommandState* state = state_of(world, event.process);
  if (state == nullptr) {
    return false;
  }
  switch (event.kind) {
    case ProgramEvent::Kind::Output:
      state->output += event.data;
      if (auto first = silent_.extract(event.process); !first.empty()) {
        first.mapped().at = event.at;
        first_outputs_.push_back(std::move(first.mapped()));
      }
      return false;
    case ProgramEvent::Kind::Errors:
      state->errors += event.data;
      return false;
    case ProgramEvent::Kind::NotStarted:
      state->errors += event.data + "\n";
      state->exit_code = 127;  // as a shell says it of a program that it cannot find
      break;
    case ProgramEvent::Kind::Exited:
      state->exit_code = event.exit_code;
      break;
  }
  state->done = true;
  std::erase(running_, event.process);
  return true;
}

void LiveCommands::kill_abandoned(const World& world) {
  std::erase_if(running_, [&](ProcessId process) {
    const bool wanted = std::any_of(world.plan.steps.begin(), world.plan.steps.end(), [&](const auto& step) {
      return step.phase == plan::StepPhase::Performing &&
             std::any_of(step.threads.begin(), step.threads.end(), [&](const plan::Thread& thread) {
               return !thread.command.waiting_for.empty() && thread.command.waiting_for.front() == process;
             });
    });
    if (!wanted) {
      programs_.kill(process);
    }
    return !wanted;
  });
}

}  // namespace scenarios::targets

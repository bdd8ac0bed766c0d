#include "scenarios/targets/live/live_commands.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "scenarios/commands/words.h"

namespace scenarios::targets {

namespace {

/// The words of a command as its program gets them.
std::vector<std::string> texts_of(const std::vector<commands::Argument>& arguments) {
  std::vector<std::string> texts;
  for (const commands::Argument& argument : arguments) {
    texts.push_back(argument.text());
  }
  return texts;
}

/// The content of a file of the scenario; nothing if it has none of that name.
std::optional<std::string> content_of(const language::Scenario& scenario, const std::string& name) {
  for (const auto& file : scenario.files) {
    if (file.name.value != name) {
      continue;
    }
    if (file.value.content.given()) {
      return file.value.content.value;
    }
    std::ifstream stream(file.value.path.value, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  return std::nullopt;
}

/// Files of the scenario reach the program by its standard input: `-f NAME` becomes `-f -`.
std::string give_files(const language::Scenario& scenario, std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool apart = (arguments[i] == "-f" || arguments[i] == "--filename") && i + 1 < arguments.size();
    const std::size_t equals =
        arguments[i].starts_with("--filename=") ? arguments[i].find('=') : std::string::npos;
    const std::string name = apart                         ? arguments[i + 1]
                             : equals != std::string::npos ? arguments[i].substr(equals + 1)
                                                           : std::string();
    if (std::optional<std::string> content = name.empty() ? std::nullopt : content_of(scenario, name)) {
      arguments[apart ? i + 1 : i] = apart ? "-" : "--filename=-";
      return *std::move(content);
    }
  }
  return {};
}

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

void LiveCommands::advance(const plan::CompiledCommand& command, commands::CommandState& state, World& world,
                           sim::Context&, models::kubernetes::By) {
  if (state.started) {
    return;
  }
  state.started = true;
  const std::vector<commands::Argument> words =
      commands::arguments_of(command.words, commands::values_of(world.plan.variables));
  if (words.empty()) {  // as a shell does with a command that vanishes
    state.done = true;
    return;
  }
  state.text = commands::text_of(words);
  std::vector<std::string> arguments = texts_of(words);
  const std::string input = give_files(rehearsal_.scenario, arguments);
  const ProcessId process = programs_.start(arguments, input);
  state.waiting_for = {process};
  running_.push_back(process);
}

bool LiveCommands::take(const ProgramEvent& event, World& world) {
  commands::CommandState* state = state_of(world, event.process);
  if (state == nullptr) {
    return false;
  }
  switch (event.kind) {
    case ProgramEvent::Kind::Output:
      state->output += event.data;
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

#include "scenarios/targets/live/program_arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "scenarios/commands/words.h"
#include "scenarios/language/host_set.h"
#include "scenarios/targets/programs/allowed_programs.h"

namespace scenarios::targets {

namespace {

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

/// Whether the program is told to read its standard input.
bool reads_input(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument == "-" || argument == "-f-" || argument == "-i" || argument == "-it" ||
           argument == "--stdin" || argument == "--filename=-";
  });
}

template <class Programs>
bool among(const Programs& programs, std::string_view program) {
  return std::find(programs.begin(), programs.end(), program) != programs.end();
}

void judge_program(const plan::CompiledCommand& command, const std::string& field,
                   const std::vector<plan::Context>& contexts, language::Diagnostics& diagnostics) {
  if (command.builtin != plan::Builtin::None) {
    return;  // performed by the plan itself
  }
  const std::string program = plan::program_of(command);
  if (among(kAllowedPrograms, program) || plan::find_context(contexts, program) != nullptr) {
    return;
  }
  if (among(plan::kProgramsInPods, program)) {
    diagnostics.error(
        command.at, field,
        fmt::format("on a real cluster {} runs inside a pod, and no context says in which", program),
        fmt::format("write contexts: {{{0}: kubectl exec POD -c CONTAINER -- {0}}}", program));
    return;
  }
  const std::string text =
      command.words.empty() ? "nothing" : commands::Argument::of(command.words.front()).text();
  diagnostics.error(
      command.at, field,
      fmt::format("on a real cluster only {} are started, and {} through contexts:; {} is none of them",
                  fmt::join(kAllowedPrograms, ", "), fmt::join(plan::kProgramsInPods, " and "), text),
      "take the step out");
}

}  // namespace

ProgramCall call_of(const Rehearsal& rehearsal, const std::vector<plan::Context>& contexts, std::size_t step,
                    const plan::CompiledCommand& command, const commands::Variables& variables) {
  ProgramCall call;
  const std::vector<commands::Argument> words =
      commands::arguments_of(command.words, commands::values_of(variables));
  for (const commands::Argument& word : words) {
    call.arguments.push_back(word.text());
  }
  call.text = commands::text_of(words);
  if (call.arguments.empty()) {
    return call;
  }
  if (const plan::Context* context = plan::find_context(contexts, call.arguments.front())) {
    call.arguments.erase(call.arguments.begin());
    call.arguments.insert(call.arguments.begin(), context->arguments.begin(), context->arguments.end());
  } else {
    call.input = give_files(rehearsal.scenario, call.arguments);
  }
  if (!command.input.empty()) {
    call.input = command.input;
  }
  const language::Text& given = rehearsal.scenario.plan.at(step).standard_input;
  if (call.input.empty() && given.given() && reads_input(call.arguments)) {
    call.input = given.value;
  }
  return call;
}

void judge_programs(const Rehearsal& rehearsal, language::Diagnostics& diagnostics) {
  const plan::CompiledPlan& compiled = rehearsal.world.program->plan;
  language::Diagnostics judged_at_load;
  const std::vector<plan::Context> contexts =
      plan::compile_contexts(rehearsal.scenario, compiled, judged_at_load);
  const std::vector<plan::CompiledStep>& steps = compiled.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const plan::CompiledCommand& command : steps[i].commands) {
      judge_program(command, fmt::format("plan[{}].run", i), contexts, diagnostics);
    }
    const language::Step& step = rehearsal.scenario.plan[i];
    if (step.standard_input.given() && !step.for_each.empty() &&
        !language::references_in(step.standard_input.value).empty()) {
      diagnostics.error(step.standard_input.at, fmt::format("plan[{}].stdin", i),
                        "on a real cluster the standard input is the same for each turn of for_each",
                        "write a step for each");
    }
  }
}

}  // namespace scenarios::targets

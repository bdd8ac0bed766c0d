#include "scenarios/plan_dictation.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

namespace scenarios {

namespace {

/// Commands that wait ask at once and then wait: their time says nothing. Assumed: no other one takes longer.
constexpr sim::Duration kShort = std::chrono::milliseconds{500};
/// From the answer of the API server to the end of a process that waits for nothing else. Assumed; in the
/// recordings it is between 3 and 20 ms.
constexpr sim::Duration kAfterAnswer = std::chrono::milliseconds{10};
/// A command with several requests looks its objects up shortly before the first.
constexpr sim::Duration kLooksUp = std::chrono::milliseconds{1};

bool has_word(const std::string& text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto is_end = [&](std::size_t position) {
      constexpr std::string_view kEnds = " /=,'\"";
      return position >= text.size() || kEnds.find(text[position]) != std::string_view::npos;
    };
    if ((at == 0 || is_end(at - 1)) && is_end(at + word.size())) {
      return true;
    }
  }
  return false;
}

bool deletes(const std::string& text) { return has_word(text, "delete") || has_word(text, "drain"); }

bool waits(const std::string& text) {
  return deletes(text) || has_word(text, "wait") || has_word(text, "status") || has_word(text, "--timeout") ||
         has_word(text, "--watch") || has_word(text, "-w");
}

/// "web" of "statefulset default/web".
std::string_view name_in(const std::string& subject) {
  const std::string_view name = std::string_view(subject).substr(subject.rfind('/') + 1);
  const std::size_t path = subject.rfind('/') == std::string::npos ? name.rfind(' ') : std::string_view::npos;
  return path == std::string_view::npos ? name.substr(0, name.find(' ')) : name.substr(path + 1);
}

/// The first write while the command ran that may be its own: of the object that it names, if there is one.
std::optional<sim::Time> own_write(const plan::CommandOutcome& outcome,
                                   const std::vector<UserWrite>& written) {
  std::optional<sim::Time> first;
  for (const UserWrite& write : written) {
    if (write.at < outcome.started || write.at > outcome.finished ||
        (write.deletion && !deletes(outcome.text))) {
      continue;
    }
    if (has_word(outcome.text, name_in(write.subject))) {
      return write.at;
    }
    first = first ? first : write.at;
  }
  return first;
}

/// When a command's request reached the API server.
sim::Time took_effect(const plan::CommandOutcome& outcome, const std::vector<UserWrite>& written,
                      const std::vector<FirstOutput>& printed) {
  if (has_word(outcome.text, "rollout") && has_word(outcome.text, "status")) {
    const auto first = std::find_if(printed.begin(), printed.end(), [&](const FirstOutput& output) {
      return output.started == outcome.started && output.text == outcome.text;
    });
    if (first != printed.end()) {
      return std::max(outcome.started, first->at - kLooksUp);
    }
  }
  if (const std::optional<sim::Time> write = own_write(outcome, written)) {
    return deletes(outcome.text) || has_word(outcome.text, "cordon") || has_word(outcome.text, "uncordon")
               ? std::max(outcome.started, *write - kLooksUp)
               : *write;
  }
  if (!waits(outcome.text)) {
    return std::max(outcome.started, outcome.finished - kAfterAnswer);
  }
  return outcome.started + std::min(outcome.finished - outcome.started, kShort) * 2 / 3;
}

}  // namespace

void dictate_plan(World& world, sim::History& history, const plan::PlanState& performed,
                  const std::vector<UserWrite>& written_by_users, const std::vector<FirstOutput>& printed) {
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
      if (command.builtin != plan::Builtin::None || command.command == nullptr) {
        continue;  // changes nothing, and its output went into the values of others
      }
      step.not_before = took_effect(ended[j], written_by_users, printed);
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

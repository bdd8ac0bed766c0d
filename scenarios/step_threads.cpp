#include "scenarios/step_threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenarios/commands/not_performed.h"
#include "scenarios/plan/lower.h"
#include "scenarios/runbook/printed_words.h"
#include "scenarios/runbook/script.h"
#include "scenarios/runbook/test_words.h"

namespace scenarios {

namespace {

using plan::Builtin;
using plan::CompiledCommand;
using plan::Instruction;
using plan::Op;
using plan::Thread;

/// So many numbers one seq prints.
constexpr std::int64_t kSequenceMax = 100'000;
/// So many turns of a loop with a condition may follow each other without any time passing.
constexpr std::uint32_t kIdleTurnsMax = 1'000;

std::vector<std::string> texts_of(const std::vector<commands::Argument>& arguments) {
  std::vector<std::string> texts;
  for (const commands::Argument& argument : arguments) {
    texts.push_back(argument.text());
  }
  return texts;
}

void fail(commands::CommandState& state, std::string text) {
  state.errors += std::move(text);
  state.exit_code = 1;
}

/// Source: coreutils seq, whole numbers only.
void print_sequence(const std::vector<std::string>& words, commands::CommandState& state) {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(words[i].data(), words[i].data() + words[i].size(), number);
    if (error != std::errc() || end != words[i].data() + words[i].size()) {
      fail(state, fmt::format("seq: invalid floating point argument: '{}'\n", words[i]));
      return;
    }
    numbers.push_back(number);
  }
  if (numbers.empty() || numbers.size() > 3) {
    fail(state, "seq: missing operand\n");
    return;
  }
  const std::int64_t first = numbers.size() > 1 ? numbers.front() : 1;
  const std::int64_t step = numbers.size() == 3 ? numbers[1] : 1;
  const std::int64_t last = numbers.back();
  if (step == 0) {
    fail(state, "seq: invalid Zero increment value: '0'\n");
    return;
  }
  std::int64_t printed = 0;
  for (std::int64_t number = first; step > 0 ? number <= last : number >= last; number += step) {
    if (++printed > kSequenceMax) {
      fail(state, fmt::format("rehearse: seq prints at most {} numbers here\n", kSequenceMax));
      return;
    }
    state.output += fmt::format("{}\n", number);
  }
}

/// A filter with the values that its words have now.
runbook::Filter::Result apply_filter(const plan::PlannedFilter& filter, std::string_view input,
                                     const commands::Argument::ValueOf& value_of,
                                     commands::CommandState& state) {
  if (filter.ready != nullptr) {
    return filter.ready->apply(input);
  }
  std::vector<commands::CommandProblem> problems;
  const std::vector<commands::Argument> words = commands::arguments_of(filter.words, value_of);
  const runbook::FilterPointer ready = runbook::compile_filter(words, problems);
  for (const commands::CommandProblem& problem : problems) {
    state.errors += fmt::format("rehearse: {}\n", problem.text);
  }
  return ready == nullptr ? runbook::Filter::Result{{}, 2} : ready->apply(input);
}

void apply_filters(const CompiledCommand& command, commands::CommandState& state,
                   const commands::Variables& variables) {
  std::string not_performed = commands::not_performed_because(state.exit_code, state.errors);
  if (command.errors_to_output) {
    state.output += std::exchange(state.errors, {});
  }
  int failed = state.exit_code;
  const commands::Argument::ValueOf value_of = commands::values_of(variables);
  for (const plan::PlannedFilter& filter : command.filters) {
    runbook::Filter::Result result = apply_filter(filter, state.output, value_of, state);
    state.output = std::move(result.output);
    state.exit_code = result.exit_code;
    failed = result.exit_code != 0 ? result.exit_code : failed;
  }
  if (not_performed.empty() && !command.filters.empty()) {
    not_performed = commands::not_performed_because(state.exit_code, state.errors);
  }
  if (command.fails_anywhere) {
    state.exit_code = failed;
  }
  if (command.discards_output) {
    state.output.clear();
  }
  if (command.output_to_errors) {
    state.errors += std::exchange(state.output, {});
  }
  if (command.discards_errors) {
    state.errors.clear();
  }
  // Neither a pipe nor /dev/null hides it.
  if (!not_performed.empty() && commands::not_performed_because(state.exit_code, state.errors).empty()) {
    state.errors += fmt::format("{}{}\n", commands::kNotPerformed, not_performed);
  }
}

/// The variables in a command's text with their values now.
commands::Variables values_in(const CompiledCommand& command, const commands::Variables& variables) {
  commands::Variables values;
  const commands::Argument::ValueOf value_of = commands::values_of(variables);
  const auto take = [&](const std::vector<commands::Word>& words) {
    for (const commands::Word& word : words) {
      for (const commands::WordPart& part : word.parts) {
        if (const auto value = part.reference ? value_of(part.text) : std::nullopt) {
          values.emplace_back(part.text, *value);
        }
      }
    }
  };
  take(command.words);
  for (const plan::PlannedFilter& filter : command.filters) {
    take(filter.words);
  }
  return values;
}

}  // namespace

ThreadsMoved StepThreads::advance() {
  ThreadsMoved result;
  for (std::size_t i = 0; i < state_.threads.size() && !failed_; ++i) {
    result.moved = advance_thread(i) || result.moved;
  }
  result.failed = failed_;
  result.all_done = std::all_of(state_.threads.begin(), state_.threads.end(),
                                [](const Thread& thread) { return thread.done; });
  if (!state_.threads.empty()) {
    state_.exit_code = state_.threads.front().exit_code;
  }
  return result;
}

bool StepThreads::advance_thread(std::size_t position) {
  bool moved = false;
  while (!state_.threads[position].done && !failed_) {
    Thread& thread = state_.threads[position];
    if (thread.at >= thread.end) {
      thread.done = true;
      return true;
    }
    const bool began = !thread.command.begun();
    if (!perform(position, step_.program[thread.at])) {
      return moved || (began && state_.threads[position].command.begun());
    }
    moved = true;
  }
  return moved;
}

bool StepThreads::perform(std::size_t position, const Instruction& instruction) {
  Thread& thread = state_.threads[position];
  switch (instruction.op) {
    case Op::Command:
      return perform_command(position, instruction.argument);
    case Op::Assign:
      assign(instruction.name, joined(instruction.words));
      thread.exit_code = instruction.argument == 1 ? thread.exit_code : 0;
      break;
    case Op::AssignIfEmpty: {
      const auto value = commands::values_of(world_.plan.variables)(instruction.name);
      if (!value || (value->empty() && instruction.argument == 0)) {
        assign(instruction.name, joined(instruction.words));
      }
      break;
    }
    case Op::BindArguments:
      bind_arguments(instruction);
      break;
    case Op::JumpIfFailed:
    case Op::JumpIfSucceeded:
      if ((thread.exit_code != 0) == (instruction.op == Op::JumpIfFailed)) {
        thread.at = instruction.argument;
        return true;
      }
      break;
    case Op::Jump:
      thread.at = instruction.argument;
      return true;
    case Op::LoopBegin:
      thread.loops.push_back({values(instruction.words), 0, 0, now()});
      thread.exit_code = 0;  // of a loop without a turn
      break;
    case Op::LoopNext:
      return begin_loop(position, instruction);
    case Op::LoopTurn:
      return end_turn(position);
    case Op::LoopLeave:
      thread.exit_code = instruction.argument == 1 ? thread.loops.back().exit_code : thread.exit_code;
      thread.loops.pop_back();
      break;
    case Op::Succeed:
      thread.exit_code = 0;
      break;
    case Op::Code:
      thread.exit_code = code_of(instruction, thread.exit_code);
      break;
    case Op::Negate:
      thread.exit_code = thread.exit_code == 0 ? 1 : 0;
      break;
    case Op::Compute:
      return compute(position, instruction);
    case Op::BeginCapture:
      thread.captures.emplace_back();
      break;
    case Op::EndCapture: {
      std::string value = std::move(thread.captures.back());
      thread.captures.pop_back();
      while (!value.empty() && value.back() == '\n') {
        value.pop_back();
      }
      assign(instruction.name, std::move(value));
      break;
    }
    case Op::Spawn: {
      Thread beside;
      beside.at = thread.at + 1;
      beside.end = instruction.argument;
      thread.at = instruction.argument;
      state_.threads.push_back(std::move(beside));  // `thread` is no more
      return true;
    }
    case Op::Wait: {
      for (std::size_t i = 1; i < state_.threads.size(); ++i) {
        if (!state_.threads[i].done) {
          return false;
        }
      }
      thread.exit_code = 0;
      break;
    }
    case Op::EndIfFailed:
      if (thread.exit_code != 0) {
        thread.at = thread.end;
        return true;
      }
      break;
    case Op::StopIfFailed:
      // An expected exit code is for `then` to judge.
      if (thread.exit_code != 0 && !step_.then.exit.given() && step_.stop_on_error) {
        failed_ = true;
        return true;
      }
      break;
    case Op::Exit:
      thread.exit_code = code_of(instruction, thread.exit_code);
      thread.at = thread.end;
      state_.ends_plan = state_.ends_plan || position == 0;
      failed_ = thread.exit_code != 0 && !step_.then.exit.given() && step_.stop_on_error;
      return true;
  }
  ++thread.at;
  return true;
}

/// Words as the value of a variable: nothing is cut.
std::string StepThreads::joined(const std::vector<commands::Word>& words) const {
  std::string value;
  for (const commands::Word& word : words) {
    value += commands::Argument::of(word, commands::values_of(world_.plan.variables)).text();
  }
  return value;
}

/// The exit code that an instruction names; 2 for what is no number, as in bash.
int StepThreads::code_of(const Instruction& instruction, int last) const {
  if (instruction.words.empty()) {
    return instruction.argument == plan::kLastExitCode ? last : static_cast<int>(instruction.argument);
  }
  const std::string text = joined(instruction.words);
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  constexpr int kUsage = 2;
  constexpr int kCodes = 256;
  return error != std::errc() || end != text.data() + text.size() ? kUsage
                                                                  : ((code % kCodes) + kCodes) % kCodes;
}

void StepThreads::bind_arguments(const Instruction& instruction) {
  constexpr std::size_t kParametersMax = 9;
  const std::vector<std::string> words = values(instruction.words);
  std::string all;
  for (const std::string& word : words) {
    all += (&word == words.data() ? "" : " ") + word;
  }
  const auto variable = [&](const std::string& parameter) {
    return runbook::parameter_variable(instruction.name, parameter);
  };
  for (std::size_t i = 1; i <= kParametersMax; ++i) {
    assign(variable(std::to_string(i)), i <= words.size() ? words[i - 1] : std::string());
  }
  assign(variable("all"), std::move(all));
  assign(variable("count"), std::to_string(words.size()));
}

bool StepThreads::begin_loop(std::size_t position, const Instruction& instruction) {
  Thread& thread = state_.threads[position];
  plan::Loop& loop = thread.loops.back();
  if (loop.next == loop.words.size()) {
    thread.loops.pop_back();
    thread.at = instruction.argument;
    return true;
  }
  assign(instruction.name, loop.words[loop.next++]);
  ++thread.at;
  return true;
}

/// A loop whose turns take no time would never let the cluster go on.
bool StepThreads::end_turn(std::size_t position) {
  Thread& thread = state_.threads[position];
  plan::Loop& loop = thread.loops.back();
  loop.exit_code = thread.exit_code;
  loop.next = loop.turned == now() ? loop.next + 1 : 0;
  loop.turned = now();
  if (loop.next > kIdleTurnsMax) {
    return give_up(position, fmt::format("{}the loop made {} turns in which no time passed; sleep in it\n",
                                         commands::kNotPerformed, kIdleTurnsMax));
  }
  ++thread.at;
  return true;
}

bool StepThreads::compute(std::size_t position, const Instruction& instruction) {
  Thread& thread = state_.threads[position];
  if (instruction.argument == 1) {
    assign(instruction.name, fmt::format("{}", thread.exit_code));
    ++thread.at;
    return true;
  }
  const commands::Argument::ValueOf value_of = commands::values_of(world_.plan.variables);
  std::string problem;
  const std::optional<std::int64_t> value = instruction.expression->value(
      [&](std::string_view name) { return value_of(name).value_or(""); }, problem);
  if (!value) {
    return give_up(position, fmt::format("rehearse: {}\n", problem));
  }
  assign(instruction.name, fmt::format("{}", *value));
  ++thread.at;
  return true;
}

/// The commands of the step end here, as those of a shell that cannot go on.
bool StepThreads::give_up(std::size_t position, std::string why) {
  Thread& thread = state_.threads[position];
  thread.exit_code = 1;
  thread.at = thread.end;
  failed_ = !step_.then.exit.given() && step_.stop_on_error;
  const auto first = std::find_if(step_.program.begin(), step_.program.end(),
                                  [](const Instruction& one) { return one.op == Op::Command; });
  const std::uint32_t command = first == step_.program.end() ? 0 : first->argument;
  if (!state_.ended.empty()) {
    state_.ended.back().errors += why;
  } else if (!step_.commands.empty()) {
    state_.ended.push_back(
        {command, now(), now(), 1, false, step_.commands[command].text, {}, std::move(why), {}});
  }
  return true;
}

bool StepThreads::perform_command(std::size_t position, std::uint32_t index) {
  const CompiledCommand& command = step_.commands[index];
  Thread& thread = state_.threads[position];
  commands::CommandState& state = thread.command;
  if (!state.begun()) {
    thread.command_started = now();
  }
  const sim::Time deadline_before = state.deadline;
  if (command.builtin != Builtin::None) {
    advance_builtin(command, state);
  } else {
    runner_.advance(command, state, world_, context_, {models::kubernetes::Writer::User, state_.transition});
  }
  if (!state.done) {
    if (state.deadline != deadline_before && state.deadline != sim::kNever) {
      world_.agenda.schedule(state.deadline, static_cast<std::uint32_t>(plan::Event::StepWake), index_, 0,
                             state_.transition);
    }
    return false;
  }
  end_command(position, index);
  return true;
}

void StepThreads::advance_builtin(const CompiledCommand& command, commands::CommandState& state) {
  const bool first = !state.started;
  state.started = true;
  if (!first) {
    state.done = now() >= state.deadline;  // only sleep takes time
    return;
  }
  const std::vector<commands::Argument> arguments =
      commands::arguments_of(command.words, commands::values_of(world_.plan.variables));
  const std::vector<std::string> words = texts_of(arguments);
  if (std::any_of(command.words.begin(), command.words.end(),
                  [](const commands::Word& word) { return word.has_references(); })) {
    state.text = commands::text_of(arguments);
  }
  state.done = true;
  switch (command.builtin) {
    case Builtin::Echo:
      state.output = runbook::print_words(words);
      return;
    case Builtin::Printf:
    case Builtin::Date: {
      constexpr std::int64_t kNanosecondsInASecond = 1'000'000'000;
      runbook::Printed printed =
          command.builtin == Builtin::Printf
              ? runbook::print_formatted(words)
              : runbook::print_date(words, command.epoch_seconds + now().count() / kNanosecondsInASecond);
      state.output = std::move(printed.text);
      if (!printed.problem.empty()) {
        fail(state, printed.problem + "\n");
      }
      return;
    }
    case Builtin::Sequence:
      print_sequence(words, state);
      return;
    case Builtin::Sleep: {
      const std::optional<sim::Duration> time = words.size() == 2 ? plan::sleep_time(words[1]) : std::nullopt;
      if (!time) {
        fail(state, fmt::format("sleep: invalid time interval '{}'\n", words.size() == 2 ? words[1] : ""));
        return;
      }
      state.deadline = now() + *time;
      state.done = now() >= state.deadline;
      return;
    }
    case Builtin::Test: {
      runbook::TestResult result = runbook::test_words(test_values(command.words));
      state.exit_code = result.exit_code;
      state.errors += result.problem.empty() ? "" : fmt::format("{}: {}\n", words.front(), result.problem);
      return;
    }
    case Builtin::False:
      state.exit_code = 1;
      return;
    case Builtin::True:
    case Builtin::None:
      return;
  }
}

void StepThreads::end_command(std::size_t position, std::uint32_t index) {
  const CompiledCommand& command = step_.commands[index];
  Thread& thread = state_.threads[position];
  commands::CommandState done = std::exchange(thread.command, {});
  apply_filters(command, done, world_.plan.variables);
  const std::string text = (done.text.empty() ? command.text : done.text) + command.filters_text;
  context_.history.emit({now(), state_.uid, static_cast<std::uint16_t>(plan::Field::CommandFinished),
                         static_cast<std::uint16_t>(models::kubernetes::Writer::Plan), 0, done.exit_code,
                         context_.history.text(text), state_.transition});
  thread.exit_code = done.exit_code;
  if (!thread.captures.empty()) {
    thread.captures.back() += done.output;
  }
  state_.ended.push_back({index, thread.command_started, now(), done.exit_code, !thread.captures.empty(),
                          text, std::move(done.output), std::move(done.errors),
                          values_in(command, world_.plan.variables)});
  ++thread.at;
}

void StepThreads::assign(const std::string& name, std::string value) {
  commands::Variables& variables = world_.plan.variables;
  const auto known = std::find_if(variables.begin(), variables.end(),
                                  [&](const auto& variable) { return variable.first == name; });
  if (known == variables.end()) {
    variables.emplace_back(name, std::move(value));
  } else {
    known->second = std::move(value);
  }
}

std::vector<std::string> StepThreads::values(const std::vector<commands::Word>& words) const {
  return texts_of(commands::arguments_of(words, commands::values_of(world_.plan.variables)));
}

/// Between double brackets no value is cut, and an empty one is a word.
std::vector<std::string> StepThreads::test_values(const std::vector<commands::Word>& words) const {
  if (commands::Argument::of(words.front()).text() != "[[") {
    return values(words);
  }
  std::vector<std::string> values;
  for (const commands::Word& word : words) {
    values.push_back(commands::Argument::of(word, commands::values_of(world_.plan.variables)).text());
  }
  return values;
}

}  // namespace scenarios

#include "scenarios/plan/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "scenarios/commands/openstack_plans.h"
#include "scenarios/plan/lowering.h"
#include "scenarios/plan/typed_shells.h"

namespace scenarios::plan {

using commands::Argument;
using commands::CommandProblem;
using commands::CompileProblem;
using commands::Word;
using runbook::Node;
using runbook::NodeKind;
using runbook::Slice;

namespace {

/// So many commands one text may unroll to.
constexpr std::size_t kCommandsMax = 10'000;
constexpr std::size_t kInstructionsMax = 100'000;

}  // namespace

void Lowering::lower_list(const Node& list, bool may_assign) {
  for (const Node& node : list.children) {
    lower(node, may_assign);
    if (stops(node.kind)) {
      emit(Op::EndIfFailed);
    }
  }
}

bool Lowering::stops(NodeKind kind) const {
  return stops_at_failure_ && spared_ == 0 &&
         (kind == NodeKind::Command || kind == NodeKind::Pipeline || kind == NodeKind::Assignment);
}

void Lowering::lower_captured_list(const Node& list) {
  const std::vector<Around> outside = std::exchange(around_, {});
  const std::size_t loops = std::exchange(capture_loops_, 0);
  capture_ends_.emplace_back();
  ++spared_;  // bash without inherit_errexit
  lower_list(list, false);
  --spared_;
  land(capture_ends_.back());
  capture_ends_.pop_back();
  capture_loops_ = loops;
  around_ = outside;
}

void Lowering::lower_spared(const Node& node, bool may_assign) {
  ++spared_;
  lower(node, may_assign);
  --spared_;
}

void Lowering::lower(const Node& node, bool may_assign) {
  if (step_.commands.size() > kCommandsMax || step_.program.size() > kInstructionsMax) {
    if (!too_long_) {
      refuse(fmt::format("this is more than {} commands", kCommandsMax), "make it several steps", node.at);
      too_long_ = true;
    }
    return;
  }
  switch (node.kind) {
    case NodeKind::Command:
      lower_command(node, {});
      return;
    case NodeKind::Pipeline:
      lower_pipeline(node);
      return;
    case NodeKind::Assignment:
      lower_assignment(node, may_assign);
      return;
    case NodeKind::And:
    case NodeKind::Or: {
      lower_spared(node.children.front(), may_assign);
      const std::uint32_t jump = emit(node.kind == NodeKind::And ? Op::JumpIfFailed : Op::JumpIfSucceeded);
      ++uncertain_;
      lower(node.children.back(), may_assign);
      --uncertain_;
      if (stops(node.children.back().kind)) {
        emit(Op::EndIfFailed);
      }
      step_.program[jump].argument = here();
      return;
    }
    case NodeKind::Not:
      lower_spared(node.children.front(), may_assign);
      emit(Op::Negate);
      return;
    case NodeKind::If:
      lower_choice(node, may_assign);
      return;
    case NodeKind::While:
    case NodeKind::Until:
      lower_conditional_loop(node, may_assign);
      return;
    case NodeKind::Break:
    case NodeKind::Continue:
      lower_leap(node);
      return;
    case NodeKind::Sequence:
      lower_list(node, may_assign);
      return;
    case NodeKind::Background: {
      const std::uint32_t spawn = emit(Op::Spawn);
      const std::vector<Around> outside = std::exchange(around_, {});
      ++beside_;
      lower(node.children.front(), false);
      --beside_;
      around_ = outside;
      step_.program[spawn].argument = here();
      return;
    }
    case NodeKind::Function:
      session_.functions.insert_or_assign(node.name, Session::Function{node.children.front(), false});
      return;
    case NodeKind::Loop:
      lower_loop(node, may_assign);
      return;
  }
}

void Lowering::lower_command(const Node& node, std::span<const Node> filters) {
  lower_substitutions(node);
  for (const Node& filter : filters) {
    lower_substitutions(filter);
  }
  const Slice text = with_values(node.text, known_);
  const std::vector<Word> words = words_of(text);
  if (words.empty()) {
    return;
  }
  const std::string program = Argument::of(words.front()).text();
  if (filters.empty() && lower_control(program, words, text)) {
    return;
  }
  if (session_.functions.contains(program)) {
    if (filters.empty()) {
      lower_call(node, program, words, text);
    } else {
      refuse("a function before a pipe is beyond the grammar of runbooks",
             fmt::format("pipe its output: echo \"$({} …)\" |", program), text.origin(0));
    }
    return;
  }
  CompiledCommand command;
  command.text = trimmed(text.text);
  command.at = place_of_(place(text.origin(0)));
  command.capture = capture_.empty() ? std::string() : capture_.back();
  command.words = words;
  command.fails_anywhere = pipefail_;
  const Node& last = filters.empty() ? node : filters.back();
  command.discards_output = last.discards_output || discards_output_;
  command.discards_errors = node.discards_errors || discards_errors_;
  command.errors_to_output = node.errors_to_output || errors_to_output_;
  command.output_to_errors = last.output_to_errors || output_to_errors_;
  command.epoch_seconds = context_.epoch_seconds;
  command.builtin = builtin_named(program);
  const std::string around = context_.standard_input;
  const bool prints = prints_document(node, command);
  if (node.has_input && !prints) {
    context_.standard_input = command.input = document_of(node);
  }
  if (prints) {
    command.text = "cat <<EOF";
  } else if (command.builtin != Builtin::None) {
    check_builtin(command.builtin, words, refusal(text));
  } else {
    compile_program(command, text);
  }
  context_.standard_input = around;
  for (const Node& filter : filters) {
    add_filter(command, filter);
  }
  step_.commands.push_back(std::move(command));
  emit(Op::Command, static_cast<std::uint32_t>(step_.commands.size() - 1));
}

void Lowering::compile_program(CompiledCommand& command, const Slice& text) {
  std::vector<CompileProblem> found;
  // Places in the trimmed text are counted from its own start.
  const std::size_t skipped = std::min(text.text.find_first_not_of(" \t\r\n"), text.text.size());
  command.command = commands::compile(command.text, context_, found);
  if (context_.unknown_commands) {
    return;  // real programs perform it; only its words must be right
  }
  std::vector<Argument> words;
  for (const Word& word : command.words) {
    words.push_back(Argument::of(word));
  }
  if (const auto problem = commands::not_for_plans(words)) {
    refuse(problem->text, problem->hint, text.origin(problem->offset));
  }
  for (CompileProblem& problem : found) {
    problem.offset = place(text.origin(skipped + problem.offset));
    problems_.push_back(std::move(problem));
  }
}

void Lowering::add_filter(CompiledCommand& command, const Node& node) {
  const Slice text = with_values(node.text, known_);
  const std::vector<Word> words = words_of(text);
  if (words.empty()) {
    return;
  }
  const bool open =
      std::any_of(words.begin(), words.end(), [](const Word& word) { return word.has_references(); });
  if (open && runbook::is_filter(Argument::of(words.front()).text())) {
    command.filters.push_back({nullptr, words});
    command.filters_text += " | " + trimmed(text.text);
    return;
  }
  std::vector<Argument> arguments;
  for (const Word& word : words) {
    arguments.push_back(Argument::of(word));
  }
  std::vector<CommandProblem> found;
  command.filters.push_back({runbook::compile_filter(arguments, found), {}});
  command.filters_text += " | " + trimmed(text.text);
  for (const CommandProblem& problem : found) {
    refuse(problem.text, problem.hint, text.origin(problem.offset));
  }
}

bool Lowering::lower_control(const std::string& program, const std::vector<Word>& words, const Slice& text) {
  if (program == "wait") {
    if (words.size() > 1) {
      refuse("wait takes no words here: it waits for all that was begun with &", "write wait",
             text.origin(0));
    }
    emit(Op::Wait);
    return true;
  }
  if (program == "exit" || program == "return") {
    lower_end(program, words, text);
    return true;
  }
  if (program == "set") {
    const SetFlags flags = read_set(words, refusal(text));
    pipefail_ = flags.pipefail.value_or(pipefail_);
    stops_at_failure_ = flags.errexit.value_or(stops_at_failure_);
    return true;
  }
  return false;
}

void Lowering::lower_end(const std::string& program, const std::vector<Word>& words, const Slice& text) {
  std::uint32_t code = kLastExitCode;
  std::vector<Word> number;
  if (words.size() == 2 && words[1].has_references()) {
    number = {words[1]};
  } else if (words.size() > 1) {
    const std::string given = Argument::of(words[1]).text();
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), code);
    if (words.size() > 2 || error != std::errc() || end != given.data() + given.size() || code > 255) {
      refuse(fmt::format("{} takes one number from 0 to 255", program), fmt::format("write {} 1", program),
             text.origin(0));
      return;
    }
  }
  if (program == "exit" && capture_.empty()) {
    emit(Op::Exit, code, {}, std::move(number));
    return;
  }
  if (program == "return" && (calls_.empty() || calls_.back().captures != capture_.size())) {
    refuse("return stands in no function", "write exit", text.origin(0));
    return;
  }
  if (code != kLastExitCode || !number.empty()) {
    emit(Op::Code, code, {}, std::move(number));
  }
  for (std::size_t i = program == "exit" ? capture_loops_ : call_loops_; i > 0; --i) {
    emit(Op::LoopLeave);
  }
  (program == "exit" ? capture_ends_.back() : calls_.back().returns).push_back(emit(Op::Jump));
}

void lower(std::string_view text, const PlaceOf& place_of, commands::LoadContext& context, Session& session,
           CompiledStep& step, std::vector<CompileProblem>& problems) {
  runbook::ParseResult parsed = runbook::parse(text);
  for (const CommandProblem& problem : parsed.problems) {
    problems.push_back({problem.offset, problem.text, problem.hint});
  }
  if (!parsed.problems.empty()) {
    return;
  }
  if (parsed.script.children.empty()) {
    problems.push_back({0, "the command is empty", "write a command of kubectl or flux"});
    return;
  }
  for (auto& [name, function] : session.functions) {
    function.elsewhere = true;
  }
  type_into_shells(parsed.script, problems);
  Lowering(place_of, context, session, step, problems).lower_list(parsed.script, true);
}

}  // namespace scenarios::plan

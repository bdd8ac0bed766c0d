#include "scenarios/plan/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "scenarios/plan/assigned_names.h"
#include "scenarios/plan/known_values.h"
#include "scenarios/plan/lower_builtins.h"
#include "scenarios/plan/typed_shells.h"
#include "scenarios/runbook/arithmetic.h"
#include "scenarios/runbook/script.h"

namespace scenarios::plan {

namespace {

using commands::Argument;
using commands::CommandProblem;
using commands::CompileProblem;
using commands::Word;
using runbook::Node;
using runbook::NodeKind;
using runbook::Slice;

/// So many commands one text may unroll to.
constexpr std::size_t kCommandsMax = 10'000;

class Lowering {
 public:
  Lowering(const PlaceOf& place_of, commands::LoadContext& context, CompiledStep& step,
           std::vector<CompileProblem>& problems)
      : place_of_(place_of), context_(context), step_(step), problems_(problems) {}

  void lower_list(const Node& list, bool may_assign) {
    for (const Node& node : list.children) {
      lower(node, may_assign);
      if (stops(node.kind)) {
        emit(Op::EndIfFailed);
      }
    }
  }

 private:
  /// A loop whose body is being lowered, as `break` and `continue` see it.
  struct Around {
    bool runs = false;                     ///< it has a frame when the plan runs
    std::vector<std::uint32_t> breaks;     ///< jumps to its end
    std::vector<std::uint32_t> continues;  ///< jumps to the end of its turn
  };

  /// Whether a failure here ends the text, as `set -e` asks; what is made of commands leaves that to them.
  /// Source: bash manual, The Set Builtin, -e.
  [[nodiscard]] bool stops(NodeKind kind) const {
    return stops_at_failure_ && spared_ == 0 &&
           (kind == NodeKind::Command || kind == NodeKind::Pipeline || kind == NodeKind::Assignment);
  }

  /// What is lowered meanwhile may fail without ending the text: it is a condition.
  void lower_spared(const Node& node, bool may_assign) {
    ++spared_;
    lower(node, may_assign);
    --spared_;
  }

  void land(const std::vector<std::uint32_t>& jumps) {
    for (const std::uint32_t jump : jumps) {
      step_.program[jump].argument = here();
    }
  }

  std::uint32_t here() const { return static_cast<std::uint32_t>(step_.program.size()); }

  std::uint32_t emit(Op op, std::uint32_t argument = 0, std::string name = {}, std::vector<Word> words = {}) {
    step_.program.push_back({op, argument, std::move(name), std::move(words), nullptr});
    return here() - 1;
  }

  void refuse(std::string text, std::string hint, std::size_t at) {
    problems_.push_back({at, std::move(text), std::move(hint)});
  }

  void lower(const Node& node, bool may_assign) {
    if (step_.commands.size() > kCommandsMax) {
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
        lower_command(node.children.front(), std::span(node.children).subspan(1));
        return;
      case NodeKind::Assignment:
        lower_assignment(node, may_assign);
        return;
      case NodeKind::And:
      case NodeKind::Or: {
        lower_spared(node.children.front(), may_assign);
        const std::uint32_t jump = emit(node.kind == NodeKind::And ? Op::JumpIfFailed : Op::JumpIfSucceeded);
        lower(node.children.back(), may_assign);
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
        lower(node.children.front(), false);
        around_ = outside;
        step_.program[spawn].argument = here();
        return;
      }
      case NodeKind::Loop:
        lower_loop(node, may_assign);
        return;
    }
  }

  // --- Text
  // -------------------------------------------------------------------------------------------------

  /// The words of a text; none with problems.
  std::vector<Word> words_of(const Slice& text) {
    commands::WordsResult split = commands::split_words(text.text);
    for (const CommandProblem& problem : split.problems) {
      refuse(problem.text, problem.hint, text.origin(problem.offset));
    }
    for (const Word& word : split.words) {
      for (const commands::WordPart& part : word.parts) {
        if (part.reference && std::find(context_.variables.begin(), context_.variables.end(), part.text) ==
                                  context_.variables.end()) {
          refuse(fmt::format("there is no variable {} here", part.text),
                 "set it before: NAME=value, let:, or the loop's variable",
                 text.origin(part.origins.front()));
        }
      }
    }
    return std::move(split.words);
  }

  /// Where a builtin says what is wrong with its words.
  Refuse refusal(const Slice& text) {
    return [this, &text](std::string problem, std::string hint, std::size_t at) {
      refuse(std::move(problem), std::move(hint), text.origin(at));
    };
  }

  // --- Commands
  // -----------------------------------------------------------------------------------------------

  void lower_substitutions(const Node& node) {
    for (const runbook::Substitution& substitution : node.substitutions) {
      switch (substitution.kind) {
        case runbook::SubstitutionKind::Commands:
          lower_captured(substitution);
          break;
        case runbook::SubstitutionKind::Arithmetic:
          lower_arithmetic(substitution);
          break;
        case runbook::SubstitutionKind::ExitCode:
          emit(Op::Compute, 1, substitution.variable);
          break;
      }
      context_.variables.push_back(substitution.variable);
    }
  }

  void lower_captured(const runbook::Substitution& substitution) {
    emit(Op::BeginCapture);
    capture_.push_back(substitution.variable);
    const std::vector<Around> outside = std::exchange(around_, {});
    ++spared_;  // bash without inherit_errexit
    lower_list(substitution.content, false);
    --spared_;
    around_ = outside;
    capture_.pop_back();
    emit(Op::EndCapture, 0, substitution.variable);
  }

  void lower_arithmetic(const runbook::Substitution& substitution) {
    lower_substitutions(substitution.content);
    const Slice& text = substitution.content.text;
    runbook::Arithmetic::Problem problem;
    std::string written = text.text;
    runbook::ArithmeticPointer expression = runbook::Arithmetic::compile(written, problem);
    if (expression == nullptr) {
      refuse(fmt::format("$((…)): {}", problem.text),
             "taken: whole numbers, variables, + - * / % and comparisons", text.origin(problem.at));
      return;
    }
    for (const runbook::Arithmetic::Variable& variable : expression->variables()) {
      const auto known = std::find_if(known_.rbegin(), known_.rend(),
                                      [&](const auto& entry) { return entry.first == variable.name; });
      if (known != known_.rend()) {
        // The turn of a loop over written words is known now; the variable holds its value where this runs.
        emit(Op::Assign, 1, variable.name, commands::split_words(commands::quote_word(known->second)).words);
      } else if (std::find(context_.variables.begin(), context_.variables.end(), variable.name) ==
                 context_.variables.end()) {
        refuse(fmt::format("there is no variable {} here", variable.name),
               "set it before: NAME=value, let:, or the loop's variable", text.origin(variable.at));
      }
    }
    const std::uint32_t compute = emit(Op::Compute, 0, substitution.variable);
    step_.program[compute].expression = std::move(expression);
  }

  void lower_command(const Node& node, std::span<const Node> filters) {
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
    CompiledCommand command;
    command.text = trimmed(text.text);
    command.at = place_of_(text.origin(0));
    command.capture = capture_.empty() ? std::string() : capture_.back();
    command.words = words;
    command.fails_anywhere = pipefail_;
    const Node& last = filters.empty() ? node : filters.back();
    command.discards_output = last.discards_output;
    command.discards_errors = node.discards_errors;
    command.errors_to_output = node.errors_to_output;
    command.builtin = builtin_named(program);
    if (command.builtin != Builtin::None) {
      check_builtin(command.builtin, words, refusal(text));
    } else {
      compile_program(command, text);
    }
    for (const Node& filter : filters) {
      add_filter(command, filter);
    }
    step_.commands.push_back(std::move(command));
    emit(Op::Command, static_cast<std::uint32_t>(step_.commands.size() - 1));
  }

  static std::string trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    return std::string(end == std::string_view::npos ? std::string_view()
                                                     : text.substr(begin, end + 1 - begin));
  }

  void compile_program(CompiledCommand& command, const Slice& text) {
    std::vector<CompileProblem> found;
    // Places in the trimmed text are counted from its own start.
    const std::size_t skipped = std::min(text.text.find_first_not_of(" \t\r\n"), text.text.size());
    command.command = commands::compile(command.text, context_, found);
    if (context_.unknown_commands) {
      return;  // real programs perform it; only its words must be right
    }
    for (CompileProblem& problem : found) {
      problem.offset = text.origin(skipped + problem.offset);
      problems_.push_back(std::move(problem));
    }
  }

  void add_filter(CompiledCommand& command, const Node& node) {
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

  /// What changes how the plan goes on rather than what is done.
  bool lower_control(const std::string& program, const std::vector<Word>& words, const Slice& text) {
    const auto word = [&](std::size_t i) {
      return i < words.size() ? Argument::of(words[i]).text() : std::string();
    };
    if (program == "wait") {
      if (words.size() > 1) {
        refuse("wait takes no words here: it waits for all that was begun with &", "write wait",
               text.origin(0));
      }
      emit(Op::Wait);
      return true;
    }
    if (program == "exit") {
      std::uint32_t code = 0;
      const std::string given = word(1);
      const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), code);
      if (words.size() > 2 ||
          (!given.empty() && (error != std::errc() || end != given.data() + given.size() || code > 255))) {
        refuse("exit takes one number from 0 to 255", "write exit 1", text.origin(0));
      }
      emit(Op::Exit, code);
      return true;
    }
    if (program == "set") {
      const SetFlags flags = read_set(words, refusal(text));
      pipefail_ = pipefail_ || flags.pipefail;
      stops_at_failure_ = stops_at_failure_ || flags.errexit;
      return true;
    }
    return false;
  }

  // --- Variables and loops
  // ------------------------------------------------------------------------------------

  void lower_assignment(const Node& node, bool may_assign) {
    if (!may_assign) {
      refuse("a variable set here would be lost: it stands in $( ) or before &",
             "set it in a line of its own", node.at);
      return;
    }
    lower_substitutions(node);
    // The exit code is that of the commands whose output is taken, if there are any.
    const bool keeps = std::any_of(node.substitutions.begin(), node.substitutions.end(), [](const auto& one) {
      return one.kind == runbook::SubstitutionKind::Commands;
    });
    emit(Op::Assign, keeps ? 1 : 0, node.name, words_of(with_values(node.text, known_)));
    context_.variables.push_back(node.name);
    // From here on the loop variable of that name, if there is one, is another.
    std::erase_if(known_, [&](const auto& entry) { return entry.first == node.name; });
  }

  /// The words of a loop, if they are all known now and plain.
  std::optional<std::vector<std::string>> written_words(const std::vector<Word>& words) const {
    std::vector<std::string> values;
    for (const Word& word : words) {
      if (word.has_references() || !is_plain(Argument::of(word).text())) {
        return std::nullopt;
      }
      values.push_back(Argument::of(word).text());
    }
    return values;
  }

  /// A loop over written words becomes its commands, each checked when the plan is loaded; another one runs.
  void lower_loop(const Node& node, bool may_assign) {
    lower_substitutions(node);
    const std::vector<Word> words = words_of(with_values(node.text, known_));
    const std::optional<std::vector<std::string>> values = written_words(words);
    if (values && !assigns(node.children.front(), node.name)) {
      unroll(node, *values, may_assign);
      return;
    }
    begin_empty(node);
    emit(Op::LoopBegin, 0, {}, words);
    const std::uint32_t top = emit(Op::LoopNext, 0, node.name);
    context_.variables.push_back(node.name);
    around_.push_back({true, {}, {}});
    lower_list(node.children.front(), may_assign);
    land(around_.back().continues);
    emit(Op::Jump, top);
    step_.program[top].argument = here();
    land(around_.back().breaks);
    around_.pop_back();
  }

  void unroll(const Node& node, const std::vector<std::string>& values, bool may_assign) {
    const std::size_t outer = known_.size();
    const bool stops = stops_at_failure_;
    around_.emplace_back();
    for (const std::string& value : values) {
      known_.emplace_back(node.name, value);
      stops_at_failure_ = stops;
      lower_list(node.children.front(), may_assign);
      land(std::exchange(around_.back().continues, {}));
      known_.resize(outer);
      if (problems_.size() > 20) {
        break;
      }
    }
    land(around_.back().breaks);
    around_.pop_back();
  }

  /// Variables that a part sets which may not be performed are empty until then, as in a shell.
  void begin_empty(const Node& node) {
    for (const std::string& name : assigned_names(node)) {
      if (std::find(context_.variables.begin(), context_.variables.end(), name) == context_.variables.end()) {
        emit(Op::Assign, 1, name);
        context_.variables.push_back(name);
      }
    }
  }

  void lower_choice(const Node& node, bool may_assign) {
    begin_empty(node);
    lower_spared(node.children[0], may_assign);
    const std::uint32_t otherwise = emit(Op::JumpIfFailed);
    lower(node.children[1], may_assign);
    const std::uint32_t end = emit(Op::Jump);
    step_.program[otherwise].argument = here();
    if (node.children.size() > 2) {
      lower(node.children[2], may_assign);
    } else {
      emit(Op::Succeed);
    }
    step_.program[end].argument = here();
  }

  void lower_conditional_loop(const Node& node, bool may_assign) {
    begin_empty(node);
    emit(Op::LoopBegin);
    const std::uint32_t top = here();
    lower_spared(node.children[0], may_assign);
    const std::uint32_t over = emit(node.kind == NodeKind::While ? Op::JumpIfFailed : Op::JumpIfSucceeded);
    around_.push_back({true, {}, {}});
    lower(node.children[1], may_assign);
    land(around_.back().continues);
    emit(Op::LoopTurn);
    emit(Op::Jump, top);
    step_.program[over].argument = here();
    emit(Op::LoopLeave, 1);
    land(around_.back().breaks);
    around_.pop_back();
  }

  void lower_leap(const Node& node) {
    const bool leaves = node.kind == NodeKind::Break;
    if (around_.empty()) {
      refuse(fmt::format("{} stands in no loop", leaves ? "break" : "continue"), "take it out", node.at);
      return;
    }
    Around& loop = around_.back();
    emit(Op::Succeed);
    if (leaves && loop.runs) {
      emit(Op::LoopLeave);
    }
    (leaves ? loop.breaks : loop.continues).push_back(emit(Op::Jump));
  }

  const PlaceOf& place_of_;
  commands::LoadContext& context_;
  CompiledStep& step_;
  std::vector<CompileProblem>& problems_;
  Known known_;
  std::vector<std::string> capture_;
  bool stops_at_failure_ = false;
  bool pipefail_ = false;
  bool too_long_ = false;
  std::size_t spared_ = 0;      ///< conditions around what is lowered
  std::vector<Around> around_;  ///< loops around it, innermost last
};

}  // namespace

void lower(std::string_view text, const PlaceOf& place_of, commands::LoadContext& context, CompiledStep& step,
           std::vector<CompileProblem>& problems) {
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
  type_into_shells(parsed.script, problems);
  Lowering(place_of, context, step, problems).lower_list(parsed.script, true);
}

}  // namespace scenarios::plan

#include "scenarios/plan/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

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

/// Values of loop variables that are known when the plan is loaded.
using Known = std::vector<std::pair<std::string, std::string>>;

/// Whether a value can stand in a command's text as it is.
bool is_plain(std::string_view value) { return !value.empty() && commands::quote_word(value) == value; }

/// A reference `$name` or `${name}` outside single quotes.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string name;
};

std::vector<Place> references_in(const std::string& text) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::vector<Place> places;
  bool double_quotes = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') {
      ++at;
    } else if (c == '"') {
      double_quotes = !double_quotes;
    } else if (c == '\'' && !double_quotes) {
      at = std::min(text.find('\'', at + 1), text.size());
    } else if (c == '$' && at + 1 < text.size()) {
      const bool braces = text[at + 1] == '{';
      std::size_t end = at + (braces ? 2 : 1);
      const std::size_t name = end;
      while (end < text.size() && is_name(text[end])) {
        ++end;
      }
      if (end > name && (!braces || (end < text.size() && text[end] == '}'))) {
        places.push_back({at, end + (braces ? 1 : 0), text.substr(name, end - name)});
        at = places.back().end - 1;
      }
    }
  }
  return places;
}

class Lowering {
 public:
  Lowering(const PlaceOf& place_of, commands::LoadContext& context, CompiledStep& step,
           std::vector<CompileProblem>& problems)
      : place_of_(place_of), context_(context), step_(step), problems_(problems) {}

  void lower_list(const Node& list, bool may_assign) {
    for (const Node& node : list.children) {
      lower(node, may_assign);
      if (stops_at_failure_ && node.kind != NodeKind::And && node.kind != NodeKind::Or &&
          node.kind != NodeKind::Background) {
        emit(Op::EndIfFailed);
      }
    }
  }

 private:
  std::uint32_t here() const { return static_cast<std::uint32_t>(step_.program.size()); }

  std::uint32_t emit(Op op, std::uint32_t argument = 0, std::string name = {}, std::vector<Word> words = {}) {
    step_.program.push_back({op, argument, std::move(name), std::move(words)});
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
        lower(node.children.front(), may_assign);
        const std::uint32_t jump = emit(node.kind == NodeKind::And ? Op::JumpIfFailed : Op::JumpIfSucceeded);
        lower(node.children.back(), may_assign);
        step_.program[jump].argument = here();
        return;
      }
      case NodeKind::Sequence:
        lower_list(node, may_assign);
        return;
      case NodeKind::Background: {
        const std::uint32_t spawn = emit(Op::Spawn);
        lower(node.children.front(), false);
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

  /// The text with the known values put in and braces expanded.
  Slice prepared(const Slice& text) const {
    Slice result;
    result.end = text.end;
    std::size_t copied = 0;
    const auto copy_to = [&](std::size_t end) {
      for (; copied < end; ++copied) {
        result.append(text.text[copied], text.origin(copied));
      }
    };
    for (const Place& reference : references_in(text.text)) {
      const auto known = std::find_if(known_.rbegin(), known_.rend(),
                                      [&](const auto& entry) { return entry.first == reference.name; });
      if (known == known_.rend()) {
        continue;
      }
      copy_to(reference.begin);
      for (const char c : known->second) {
        result.append(c, text.origin(reference.begin));
      }
      copied = reference.end;
    }
    copy_to(text.text.size());
    return runbook::expand_braces(result);
  }

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

  // --- Commands
  // -----------------------------------------------------------------------------------------------

  void lower_substitutions(const Node& node) {
    for (const runbook::Substitution& substitution : node.substitutions) {
      emit(Op::BeginCapture);
      capture_.push_back(substitution.variable);
      lower_list(substitution.commands, false);
      capture_.pop_back();
      emit(Op::EndCapture, 0, substitution.variable);
      context_.variables.push_back(substitution.variable);
    }
  }

  void lower_command(const Node& node, std::span<const Node> filters) {
    lower_substitutions(node);
    const Slice text = prepared(node.text);
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
    if (!read_builtin(program, command, text)) {
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
    const Slice text = prepared(node.text);
    const std::vector<Word> words = words_of(text);
    if (words.empty()) {
      return;
    }
    const bool open =
        std::any_of(words.begin(), words.end(), [](const Word& word) { return word.has_references(); });
    if (open) {
      refuse("a filter whose words are known only when the plan runs is not taken",
             "write the value out, or use a loop over written words", text.origin(0));
      return;
    }
    std::vector<Argument> arguments;
    for (const Word& word : words) {
      arguments.push_back(Argument::of(word));
    }
    std::vector<CommandProblem> found;
    command.filters.push_back(runbook::compile_filter(arguments, found));
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
      read_set(words, text);
      return true;
    }
    return false;
  }

  void read_set(const std::vector<Word>& words, const Slice& text) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string flag = Argument::of(words[i]).text();
      std::string letters = flag.starts_with('-') ? flag.substr(1) : std::string();
      bool good = !letters.empty();
      if (good && letters.back() == 'o') {
        letters.pop_back();
        const std::string option = ++i < words.size() ? Argument::of(words[i]).text() : std::string();
        pipefail_ = pipefail_ || option == "pipefail";
        stops_at_failure_ = stops_at_failure_ || option == "errexit";
        good = option == "pipefail" || option == "errexit" || option == "nounset" || option == "xtrace";
      }
      for (const char letter : letters) {
        stops_at_failure_ = stops_at_failure_ || letter == 'e';
        good = good && (letter == 'e' || letter == 'u' || letter == 'x');
      }
      if (!good) {
        refuse(fmt::format("set {} is beyond the grammar of runbooks", flag),
               "taken: set -e, -u, -x, -o pipefail", text.origin(words[std::min(i, words.size() - 1)].begin));
      }
    }
  }

  bool read_builtin(const std::string& program, CompiledCommand& command, const Slice& text) {
    static constexpr std::pair<std::string_view, Builtin> kBuiltins[] = {
        {"echo", Builtin::Echo}, {"seq", Builtin::Sequence}, {"sleep", Builtin::Sleep},
        {"true", Builtin::True}, {":", Builtin::True},       {"false", Builtin::False}};
    const auto* found = std::find_if(std::begin(kBuiltins), std::end(kBuiltins),
                                     [&](const auto& one) { return one.first == program; });
    if (found == std::end(kBuiltins)) {
      return false;
    }
    command.builtin = found->second;
    const auto known = [&](std::size_t i) { return !command.words[i].has_references(); };
    if (command.builtin == Builtin::Sleep) {
      if (command.words.size() != 2) {
        refuse("sleep takes one time", "write sleep 30 or sleep 5m", text.origin(0));
      } else if (known(1) && !sleep_time(Argument::of(command.words[1]).text())) {
        refuse(fmt::format("\"{}\" is no time to sleep", Argument::of(command.words[1]).text()),
               "write a number of seconds, or one with s, m, h or d", text.origin(command.words[1].begin));
      }
    }
    if (command.builtin == Builtin::Sequence && (command.words.size() < 2 || command.words.size() > 4)) {
      refuse("seq takes one to three whole numbers", "write seq LAST, seq FIRST LAST or seq FIRST STEP LAST",
             text.origin(0));
    }
    return true;
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
    emit(Op::Assign, node.substitutions.empty() ? 0 : 1, node.name, words_of(prepared(node.text)));
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

  static bool assigns(const Node& node, const std::string& name) {
    return (node.kind == NodeKind::Assignment && node.name == name) ||
           std::any_of(node.children.begin(), node.children.end(),
                       [&](const Node& child) { return assigns(child, name); });
  }

  /// A loop over written words becomes its commands, each checked when the plan is loaded; another one runs.
  void lower_loop(const Node& node, bool may_assign) {
    lower_substitutions(node);
    const std::vector<Word> words = words_of(prepared(node.text));
    const std::optional<std::vector<std::string>> values = written_words(words);
    const std::size_t outer = known_.size();
    const bool stops = stops_at_failure_;
    if (values && !assigns(node.children.front(), node.name)) {
      for (const std::string& value : *values) {
        known_.emplace_back(node.name, value);
        stops_at_failure_ = stops;
        lower_list(node.children.front(), may_assign);
        known_.resize(outer);
        if (problems_.size() > 20) {
          return;
        }
      }
      return;
    }
    emit(Op::LoopBegin, 0, {}, words);
    const std::uint32_t top = emit(Op::LoopNext, 0, node.name);
    context_.variables.push_back(node.name);
    lower_list(node.children.front(), may_assign);
    emit(Op::Jump, top);
    step_.program[top].argument = here();
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
};

}  // namespace

std::optional<sim::Duration> sleep_time(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  const auto* found =
      std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& one) { return one.first == unit; });
  constexpr double kSecondsMax = 1e9;
  if (error != std::errc() || found == std::end(kUnits) || number < 0 || number > kSecondsMax) {
    return std::nullopt;
  }
  return sim::Duration{static_cast<std::int64_t>(number * 1e6) * found->second * 1000};
}

void lower(std::string_view text, const PlaceOf& place_of, commands::LoadContext& context, CompiledStep& step,
           std::vector<CompileProblem>& problems) {
  const runbook::ParseResult parsed = runbook::parse(text);
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
  Lowering(place_of, context, step, problems).lower_list(parsed.script, true);
}

}  // namespace scenarios::plan

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenarios/plan/assigned_names.h"
#include "scenarios/plan/lowering.h"

namespace scenarios::plan {

using commands::Argument;
using commands::CommandProblem;
using commands::CompileProblem;
using commands::Word;
using runbook::Node;
using runbook::NodeKind;
using runbook::Slice;

void Lowering::lower_pipeline(const Node& node) {
  const Node& first = node.children.front();
  const std::span<const Node> rest = std::span(node.children).subspan(1);
  if (first.has_input && trimmed(first.text.text) == "cat" && !is_filter(rest.front())) {
    // `cat <<EOF | kubectl apply -f -`: the next command reads the lines itself.
    Node second = rest.front();
    second.has_input = true;
    second.input = first.input;
    second.input_is_plain = first.input_is_plain;
    lower_command(second, rest.subspan(1));
    return;
  }
  lower_command(first, rest);
}

bool Lowering::is_filter(const Node& node) {
  const commands::WordsResult words = commands::split_words(node.text.text);
  return !words.words.empty() && runbook::is_filter(Argument::of(words.words.front()).text());
}

bool Lowering::prints_document(const Node& node, CompiledCommand& command) {
  if (!node.has_input || trimmed(node.text.text) != "cat") {
    return false;
  }
  command.builtin = Builtin::Printf;
  command.words = commands::split_words("printf '%s' " + commands::quote_word(document_of(node))).words;
  return true;
}

void Lowering::lower_call(const Node& node, const std::string& name, const std::vector<Word>& words,
                          const Slice& text) {
  if (std::any_of(calls_.begin(), calls_.end(), [&](const Call& call) { return call.name == name; })) {
    refuse(fmt::format("{} calls itself, which is beyond the grammar of runbooks", name), "write a loop",
           text.origin(0));
    return;
  }
  if (too_long_) {
    return;
  }
  const std::size_t outer = known_.size();
  const std::optional<std::size_t> called_at = called_at_;
  bind(name, words, text);
  const Session::Function function = session_.functions.at(name);
  if (function.elsewhere && !called_at_) {
    called_at_ = text.origin(0);
  }
  calls_.push_back({name, capture_.size(), {}, {}});
  const std::vector<Around> outside = std::exchange(around_, {});
  const std::size_t loops = std::exchange(call_loops_, 0);
  const bool discards_output = std::exchange(discards_output_, discards_output_ || node.discards_output);
  const bool discards_errors = std::exchange(discards_errors_, discards_errors_ || node.discards_errors);
  const bool errors_to_output = std::exchange(errors_to_output_, errors_to_output_ || node.errors_to_output);
  const bool output_to_errors = std::exchange(output_to_errors_, output_to_errors_ || node.output_to_errors);
  lower_list(function.body, beside_ == 0 && capture_.empty());
  discards_output_ = discards_output;
  discards_errors_ = discards_errors;
  errors_to_output_ = errors_to_output;
  output_to_errors_ = output_to_errors;
  call_loops_ = loops;
  around_ = outside;
  land(calls_.back().returns);
  for (const std::string& local : calls_.back().locals) {
    std::erase(context_.variables, local);
  }
  calls_.pop_back();
  called_at_ = called_at;
  known_.resize(outer);
}

void Lowering::bind(const std::string& name, const std::vector<Word>& words, const Slice& text) {
  constexpr std::size_t kParametersMax = 9;
  const std::size_t count = words.size() - 1;
  if (count > kParametersMax) {
    refuse(fmt::format("{} is given more than {} words", name, kParametersMax), "call it for fewer at once",
           text.origin(0));
    return;
  }
  const bool written = std::all_of(words.begin() + 1, words.end(), [](const Word& word) {
    return !word.has_references() && is_plain(Argument::of(word).text());
  });
  const auto variable = [&](const std::string& parameter) {
    return runbook::parameter_variable(name, parameter);
  };
  if (!written) {
    if (beside_ > 0) {
      refuse(
          fmt::format("{} is performed beside the rest, so that its words have to be plain and known", name),
          "write the commands out, or call it without &", text.origin(0));
    }
    emit(Op::BindArguments, 0, name, std::vector<Word>(words.begin() + 1, words.end()));
  }
  std::string all;
  for (std::size_t i = 1; i <= kParametersMax; ++i) {
    const std::string value = written && i <= count ? Argument::of(words[i]).text() : std::string();
    all += value.empty() ? "" : (all.empty() ? "" : " ") + value;
    add_parameter(variable(std::to_string(i)), value, written);
  }
  add_parameter(variable("all"), all, written);
  add_parameter(variable("count"), std::to_string(count), written);
}

void Lowering::add_parameter(const std::string& variable, const std::string& value, bool written) {
  if (written) {
    known_.emplace_back(variable, value);
    return;
  }
  std::erase_if(known_, [&](const auto& entry) { return entry.first == variable; });
  if (!is_variable(variable)) {
    context_.variables.push_back(variable);
  }
}

void Lowering::lower_assignment(const Node& node, bool may_assign) {
  if (!may_assign && !(node.is_local && beside_ == 0)) {
    refuse("a variable set here would be lost: it stands in $( ) or before &", "set it in a line of its own",
           node.at);
    return;
  }
  lower_substitutions(node);
  // The exit code is that of the commands whose output is taken, if there are any.
  const bool keeps = std::any_of(node.substitutions.begin(), node.substitutions.end(), [](const auto& one) {
    return one.kind == runbook::SubstitutionKind::Commands;
  });
  if (node.is_local && !calls_.empty()) {
    Call& call = calls_.back();
    if (std::find(call.locals.begin(), call.locals.end(), node.name) == call.locals.end()) {
      if (is_variable(node.name)) {
        refuse(fmt::format("local {0} hides a variable {0} that is set outside", node.name),
               "give one of them another name", node.at);
      }
      call.locals.push_back(node.name);
    }
  }
  const std::vector<Word> words = words_of(with_values(node.text, known_));
  const bool certain = uncertain_ == 0 && beside_ == 0 && capture_.empty() && calls_.empty();
  session_.forget(node.name);
  if (certain && words.size() == 1 && !words.front().has_references()) {
    session_.constants[node.name] = Argument::of(words.front()).text();
  }
  emit(Op::Assign, keeps ? 1 : 0, node.name, words);
  context_.variables.push_back(node.name);
  // From here on the loop variable of that name, if there is one, is another.
  std::erase_if(known_, [&](const auto& entry) { return entry.first == node.name; });
}

std::optional<std::vector<std::string>> Lowering::written_words(const std::vector<Word>& words) const {
  std::vector<std::string> values;
  for (const Word& word : words) {
    if (word.has_references() || !is_plain(Argument::of(word).text())) {
      return std::nullopt;
    }
    values.push_back(Argument::of(word).text());
  }
  return values;
}

void Lowering::lower_loop(const Node& node, bool may_assign) {
  lower_substitutions(node);
  const std::vector<Word> words = words_of(with_values(node.text, known_));
  const std::optional<std::vector<std::string>> values = written_words(words);
  if (values && !assigns(node.children.front(), node.name)) {
    unroll(node, *values, may_assign);
    return;
  }
  begin_empty(node);
  session_.forget(node.name);
  emit(Op::LoopBegin, 0, {}, words);
  const std::uint32_t top = emit(Op::LoopNext, 0, node.name);
  context_.variables.push_back(node.name);
  enter_loop();
  lower_list(node.children.front(), may_assign);
  leave_loop();
  land(around_.back().continues);
  emit(Op::Jump, top);
  step_.program[top].argument = here();
  land(around_.back().breaks);
  around_.pop_back();
}

void Lowering::unroll(const Node& node, const std::vector<std::string>& values, bool may_assign) {
  const std::size_t outer = known_.size();
  const bool stops = stops_at_failure_;
  around_.emplace_back();
  ++uncertain_;
  session_.forget(node.name);
  for (const std::string& value : values) {
    known_.emplace_back(node.name, value);
    stops_at_failure_ = stops;
    lower_list(node.children.front(), may_assign);
    land(std::exchange(around_.back().continues, {}));
    known_.resize(outer);
    if (problems_.size() > 20 || too_long_) {
      break;
    }
  }
  --uncertain_;
  land(around_.back().breaks);
  around_.pop_back();
}

void Lowering::enter_loop() {
  around_.push_back({true, {}, {}});
  ++uncertain_;
  ++capture_loops_;
  ++call_loops_;
}

void Lowering::leave_loop() {
  --uncertain_;
  --capture_loops_;
  --call_loops_;
}

void Lowering::begin_empty(const Node& node) {
  for (const std::string& name : assigned_names(node)) {
    if (std::find(context_.variables.begin(), context_.variables.end(), name) == context_.variables.end()) {
      emit(Op::Assign, 1, name);
      context_.variables.push_back(name);
    }
  }
}

void Lowering::lower_choice(const Node& node, bool may_assign) {
  begin_empty(node);
  lower_spared(node.children[0], may_assign);
  const std::uint32_t otherwise = emit(Op::JumpIfFailed);
  ++uncertain_;
  lower(node.children[1], may_assign);
  const std::uint32_t end = emit(Op::Jump);
  step_.program[otherwise].argument = here();
  if (node.children.size() > 2) {
    lower(node.children[2], may_assign);
  } else {
    emit(Op::Succeed);
  }
  --uncertain_;
  step_.program[end].argument = here();
}

void Lowering::lower_conditional_loop(const Node& node, bool may_assign) {
  begin_empty(node);
  emit(Op::LoopBegin);
  const std::uint32_t top = here();
  lower_spared(node.children[0], may_assign);
  const std::uint32_t over = emit(node.kind == NodeKind::While ? Op::JumpIfFailed : Op::JumpIfSucceeded);
  enter_loop();
  lower(node.children[1], may_assign);
  leave_loop();
  land(around_.back().continues);
  emit(Op::LoopTurn);
  emit(Op::Jump, top);
  step_.program[over].argument = here();
  emit(Op::LoopLeave, 1);
  land(around_.back().breaks);
  around_.pop_back();
}

void Lowering::lower_leap(const Node& node) {
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

}  // namespace scenarios::plan

#include "scenarios/plan/lower_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/runbook/arithmetic.h"

namespace scenarios::plan {

using commands::Argument;
using commands::CommandProblem;
using commands::Word;
using runbook::Slice;

namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::uint32_t TextLowering::emit(Op op, std::uint32_t argument, std::string name, std::vector<Word> words) {
  step_.program.push_back({op, argument, std::move(name), std::move(words), nullptr});
  return here() - 1;
}

void TextLowering::land(const std::vector<std::uint32_t>& jumps) {
  for (const std::uint32_t jump : jumps) {
    step_.program[jump].argument = here();
  }
}

void TextLowering::refuse(std::string text, std::string hint, std::size_t at) {
  problems_.push_back({place(at), std::move(text), std::move(hint)});
}

Refuse TextLowering::refusal(const Slice& text) {
  return [this, &text](std::string problem, std::string hint, std::size_t at) {
    refuse(std::move(problem), std::move(hint), text.origin(at));
  };
}

bool TextLowering::is_variable(std::string_view name) const {
  return std::find(context_.variables.begin(), context_.variables.end(), name) != context_.variables.end();
}

std::vector<Word> TextLowering::words_of(const Slice& text) {
  commands::WordsResult split = commands::split_words(text.text);
  for (const CommandProblem& problem : split.problems) {
    refuse(problem.text, problem.hint, text.origin(problem.offset));
  }
  for (const Word& word : split.words) {
    for (const commands::WordPart& part : word.parts) {
      if (part.reference && !is_variable(part.text)) {
        refuse(fmt::format("there is no variable {} here", part.text),
               "set it before: NAME=value, let:, or the loop's variable", text.origin(part.origins.front()));
      }
    }
  }
  return std::move(split.words);
}

void TextLowering::lower_substitutions(const runbook::Node& node) {
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
      case runbook::SubstitutionKind::Default:
        lower_default(substitution);
        break;
    }
    context_.variables.push_back(substitution.variable);
  }
}

void TextLowering::lower_captured(const runbook::Substitution& substitution) {
  emit(Op::BeginCapture);
  capture_.push_back(substitution.variable);
  lower_captured_list(substitution.content);
  capture_.pop_back();
  emit(Op::EndCapture, 0, substitution.variable);
}

const std::string* TextLowering::known_value(std::string_view name) const {
  const auto known =
      std::find_if(known_.rbegin(), known_.rend(), [&](const auto& entry) { return entry.first == name; });
  return known == known_.rend() ? nullptr : &known->second;
}

void TextLowering::lower_arithmetic(const runbook::Substitution& substitution) {
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
    if (const std::string* known = known_value(variable.name)) {
      // The turn of a loop over written words is known now; the variable holds its value where this runs.
      emit(Op::Assign, 1, variable.name, commands::split_words(commands::quote_word(*known)).words);
    } else if (!is_variable(variable.name)) {
      refuse(fmt::format("there is no variable {} here", variable.name),
             "set it before: NAME=value, let:, or the loop's variable", text.origin(variable.at));
    }
  }
  const std::uint32_t compute = emit(Op::Compute, 0, substitution.variable);
  step_.program[compute].expression = std::move(expression);
}

/// A variable that nothing sets may come from the environment of a script; here it has none.
void TextLowering::lower_default(const runbook::Substitution& substitution) {
  const bool is_set =
      !substitution.of.empty() && (known_value(substitution.of) != nullptr || is_variable(substitution.of));
  lower_substitutions(substitution.content);
  const std::vector<Word> text = words_of(with_values(substitution.content.text, known_));
  if (!is_set) {
    emit(Op::Assign, 1, substitution.variable, text);
  } else {
    Slice variable;
    for (const char c : fmt::format("\"${{{}}}\"", substitution.of)) {
      variable.append(c, substitution.content.at);
    }
    const std::vector<Word> value = words_of(with_values(variable, known_));
    emit(Op::Assign, 1, substitution.variable, value);
    emit(Op::AssignIfEmpty, substitution.keeps_empty ? 1 : 0, substitution.variable, text);
  }
  if (substitution.sets_variable) {
    emit(Op::Assign, 1, substitution.of, commands::split_words("\"${" + substitution.variable + "}\"").words);
    context_.variables.push_back(substitution.of);
    session_.forget(substitution.of);
  }
}

std::string TextLowering::document_of(const runbook::Node& node) {
  const std::string& text = node.input.text;
  if (node.input_is_plain) {
    return text;
  }
  std::string document;
  for (std::size_t at = 0; at < text.size();) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (text[at] == '\\' && (next == '$' || next == '`' || next == '\\')) {
      document += next;
      at += 2;
      continue;
    }
    const bool braces = text[at] == '$' && next == '{';
    std::size_t end = at + (braces ? 2 : 1);
    const std::size_t begin = end;
    while (text[at] == '$' && end < text.size() && is_name(text[end])) {
      ++end;
    }
    const bool named = end > begin && !(text[begin] >= '0' && text[begin] <= '9') &&
                       (!braces || (end < text.size() && text[end] == '}'));
    if (text[at] == '`' || (text[at] == '$' && !named && (next == '(' || next == '{'))) {
      refuse("a here-document is read when the plan is loaded, and no command has run then",
             "write the value, or quote the end word: <<'EOF'", node.input.origin(at));
      return {};
    }
    if (text[at] != '$' || !named) {
      document += text[at++];
      continue;
    }
    const std::string name = text.substr(begin, end - begin);
    const std::string* value = known_value(name);
    const auto constant = session_.constants.find(name);
    if (value == nullptr && constant == session_.constants.end()) {
      refuse(fmt::format("a here-document is read when the plan is loaded, and ${} has no value then", name),
             "write the value, or quote the end word: <<'EOF'", node.input.origin(at));
      return {};
    }
    document += value != nullptr ? *value : constant->second;
    at = end + (braces ? 1 : 0);
  }
  return document;
}

std::string TextLowering::trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  return std::string(end == std::string_view::npos ? std::string_view()
                                                   : text.substr(begin, end + 1 - begin));
}

}  // namespace scenarios::plan

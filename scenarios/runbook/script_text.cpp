#include "scenarios/runbook/script_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace scenarios::runbook {

namespace {

/// Takes the number of the redirected stream from the end of the text; 1 where none stands there.
char stream_before(Slice& text) {
  const std::size_t size = text.text.size();
  const bool number = size > 0 && (text.text.back() == '1' || text.text.back() == '2') &&
                      (size == 1 || is_blank(text.text[size - 2]));
  if (!number) {
    return '1';
  }
  const char stream = text.text.back();
  text.text.pop_back();
  text.origins.pop_back();
  return stream;
}

}  // namespace

void TextReader::refuse(std::string text, std::string_view hint, std::size_t at) {
  if (problems_.empty()) {
    problems_.push_back({std::move(text), std::string(hint), at});
  }
}

void TextReader::skip_blanks() {
  while (!ended()) {
    if (is_blank(here())) {
      ++at_;
    } else if (sees("\\\n")) {
      at_ += 2;
    } else if (here() == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else {
      return;
    }
  }
}

std::string_view TextReader::peek_word() const {
  std::size_t end = at_;
  while (end < text_.size() && !is_blank(text_[end]) &&
         std::string_view("\n;|&<>()").find(text_[end]) == std::string_view::npos) {
    ++end;
  }
  return text_.substr(at_, end - at_);
}

bool TextReader::assignment_begins() const {
  std::size_t end = at_;
  while (end < text_.size() && is_name(text_[end])) {
    ++end;
  }
  return end > at_ && is_name_start(text_[at_]) && end < text_.size() && text_[end] == '=';
}

void TextReader::read_text(Node& node, bool one_word) {
  bool word_begins = true;
  while (good() && !ended()) {
    const char c = here();
    if (std::string_view("\n;|)").find(c) != std::string_view::npos || (c == '&' && !sees("&>")) ||
        (one_word && is_blank(c))) {
      break;
    }
    if (c == '#' && word_begins) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      break;
    }
    word_begins = is_blank(c);
    read_character(node);
  }
  node.text.end = at_;
}

void TextReader::copy(Node& node, std::size_t count) {
  for (std::size_t i = 0; i < count && !ended(); ++i, ++at_) {
    node.text.append(text_[at_], at_);
  }
}

void TextReader::read_character(Node& node) {
  switch (here()) {
    case '\'':
      read_single_quotes(node);
      return;
    case '"':
      read_double_quotes(node);
      return;
    case '\\':
      copy(node, 2);
      return;
    case '$':
      read_dollar(node);
      return;
    case '`':
      refuse("` is beyond the grammar of runbooks", "write $(…)", at_);
      return;
    case '(':
      refuse("a subshell or function is beyond the grammar of runbooks",
             "quote the character if the program is to see it", at_);
      return;
    case '<':
      refuse(sees("<<") ? "a here-document is beyond the grammar of runbooks"
                        : "reading from a file is beyond the grammar of runbooks",
             "give the text with stdin:, or the file with files:", at_);
      return;
    case '>':
    case '&':
      read_redirection(node);
      return;
    default:
      copy(node, 1);
  }
}

void TextReader::read_single_quotes(Node& node) {
  const std::size_t close = text_.find('\'', at_ + 1);
  if (close == std::string_view::npos) {
    refuse("the single quote that opens here is never closed", "add a ' at the end of the word", at_);
    return;
  }
  copy(node, close + 1 - at_);
}

void TextReader::read_double_quotes(Node& node) {
  const std::size_t open = at_;
  copy(node, 1);
  while (good() && !ended() && here() != '"') {
    if (here() == '\\') {
      copy(node, 2);
    } else if (here() == '$') {
      read_dollar(node);
    } else if (here() == '`') {
      refuse("` is beyond the grammar of runbooks", "write $(…)", at_);
    } else {
      copy(node, 1);
    }
  }
  if (good() && ended()) {
    refuse("the double quote that opens here is never closed", "add a \" at the end of the word", open);
  }
  copy(node, 1);
}

void TextReader::read_dollar(Node& node) {
  if (sees("$((")) {
    read_arithmetic(node);
  } else if (sees("$(")) {
    read_commands(node);
  } else if (sees("$?")) {
    const std::size_t begin = at_;
    at_ += 2;
    substitute(node, {next_variable(), {}, SubstitutionKind::ExitCode}, begin);
  } else {
    copy(node, 1);
  }
}

void TextReader::read_commands(Node& node) {
  const std::size_t begin = at_;
  at_ += 2;
  Substitution substitution{next_variable(), read_substituted_list(), SubstitutionKind::Commands};
  if (good() && here() != ')') {
    refuse("the $( that opens here is never closed", "add a ) after its last command", begin);
  }
  ++at_;
  if (good() && substitution.content.children.empty()) {
    refuse("$( ) has no command", "write one", begin);
  }
  substitute(node, std::move(substitution), begin);
}

/// The expression ends at the `))` that no bracket in it opens.
void TextReader::read_arithmetic(Node& node) {
  const std::size_t begin = at_;
  at_ += 3;
  Substitution substitution{next_variable(), {}, SubstitutionKind::Arithmetic};
  substitution.content.at = at_;
  std::size_t open = 0;
  while (good() && !ended() && (open > 0 || !sees("))"))) {
    if (here() == '$') {
      read_dollar(substitution.content);
      continue;
    }
    if (here() == ')' && open == 0) {
      break;
    }
    open += here() == '(' ? 1 : 0;
    open -= here() == ')' ? 1 : 0;
    copy(substitution.content, 1);
  }
  if (good() && !sees("))")) {
    refuse("the $(( that opens here is never closed", "add )) after the expression", begin);
  }
  substitution.content.text.end = at_;
  at_ += 2;
  substitute(node, std::move(substitution), begin);
}

std::string TextReader::next_variable() { return fmt::format("_{}", ++substitutions_); }

void TextReader::substitute(Node& node, Substitution substitution, std::size_t begin) {
  for (const char c : fmt::format("${{{}}}", substitution.variable)) {
    node.text.append(c, begin);
  }
  node.substitutions.push_back(std::move(substitution));
}

void TextReader::read_redirection(Node& node) {
  const std::size_t begin = at_;
  const bool both = here() == '&';
  const char stream = both ? '1' : stream_before(node.text);
  at_ += both ? 2 : 1;
  if (here() == '>') {
    ++at_;
  }
  if (!both && sees("&1") && stream == '2') {
    at_ += 2;
    node.errors_to_output = !node.discards_output;
    node.discards_errors = node.discards_errors || node.discards_output;
    return;
  }
  skip_blanks();
  if (peek_word() != "/dev/null") {
    refuse("a redirection into a file is beyond the grammar of runbooks",
           "only /dev/null and 2>&1 are taken; capture output with let:", begin);
    return;
  }
  at_ += std::string_view("/dev/null").size();
  node.discards_output = node.discards_output || both || stream == '1';
  node.discards_errors = node.discards_errors || both || stream == '2';
}

}  // namespace scenarios::runbook

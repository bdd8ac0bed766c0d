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
         std::string_view("\n;|&<>()").find(text_[end]) == std::string_view::npos &&
         (closing_ != '`' || text_[end] != '`')) {
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
        (c == '`' && closing_ == '`') || (one_word && is_blank(c))) {
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

void TextReader::add(Node& node, std::string_view text, std::size_t origin) {
  for (const char c : text) {
    node.text.append(c, origin);
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
      read_backticks(node);
      return;
    case '(':
      refuse(node.kind == NodeKind::Assignment && node.text.text.empty()
                 ? "an array is beyond the grammar of runbooks"
                 : "a subshell is beyond the grammar of runbooks",
             node.kind == NodeKind::Assignment && node.text.text.empty()
                 ? "write NAME=\"a b c\", and for i in $NAME"
                 : "quote the character if the program is to see it",
             at_);
      return;
    case '<':
      if (sees("<<") && !sees("<<<")) {
        read_document(node);
        return;
      }
      refuse(sees("<<<")  ? "a here-string is beyond the grammar of runbooks"
             : sees("<(") ? "a process substitution is beyond the grammar of runbooks"
                          : "reading from a file is beyond the grammar of runbooks",
             sees("<<<")  ? "pipe the text: echo TEXT |"
             : sees("<(") ? "pipe the output, or loop: for i in $(COMMAND); do"
                          : "give the text with stdin:, or the file with files:",
             at_);
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
      read_backticks(node);
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
  const Deeper deeper(*this);
  if (!good()) {
    return;
  }
  const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (sees("$((")) {
    read_arithmetic(node);
  } else if (sees("$(")) {
    read_commands(node);
  } else if (sees("$?")) {
    const std::size_t begin = at_;
    at_ += 2;
    substitute(node, {next_variable(), {}, SubstitutionKind::ExitCode}, begin);
  } else if ((next >= '1' && next <= '9') || next == '@' || next == '*' || next == '#') {
    read_parameter(node);
  } else if (next != '{' || !read_braces(node)) {
    copy(node, 1);
  }
}

/// `$1`, `$#`, `$*` and `$@` of the function whose body this is.
void TextReader::read_parameter(Node& node) {
  const char parameter = text_[at_ + 1];
  if (function_.empty()) {
    refuse(fmt::format("${} is an argument of the script, which has none here", parameter),
           "write the value, or NAME=value before it", at_);
    return;
  }
  const std::size_t begin = node.text.text.find_first_not_of(" \t");
  const bool joined = node.kind == NodeKind::Assignment ||
                      (begin != std::string::npos && node.text.text.compare(begin, 5, "echo ") == 0);
  const bool quoted =
      !node.text.text.empty() && std::count(node.text.text.begin(), node.text.text.end(), '"') % 2 != 0;
  if (parameter == '@' && quoted && !joined) {
    refuse("\"$@\" is taken behind echo only", "write \"$1\" \"$2\"", at_);
    return;
  }
  add(node,
      fmt::format("${{{}}}", parameter_variable(function_, parameter == '#' ? "count"
                                                           : parameter == '*' || parameter == '@'
                                                               ? "all"
                                                               : std::string(1, parameter))),
      at_);
  at_ += 2;
}

/// `${…}`. @return false for `${name}`, which the words of a command have.
bool TextReader::read_braces(Node& node) {
  const std::size_t begin = at_;
  std::size_t end = at_ + 2;
  while (end < text_.size() && is_name(text_[end])) {
    ++end;
  }
  std::string name(text_.substr(at_ + 2, end - at_ - 2));
  if (name.size() == 1 && name.front() >= '1' && name.front() <= '9' && !function_.empty()) {
    name = parameter_variable(function_, name);
  }
  const char after = end < text_.size() ? text_[end] : '\0';
  if (name.empty() || after == '%' || after == '#' || after == '/' || after == '^' || after == ',' ||
      after == '[') {
    refuse(fmt::format("\"${{{}{}\" is beyond the grammar of runbooks", name,
                       name.empty() ? text_.substr(end, 1) : std::string_view(&text_[end], 1)),
           "taken: ${name}, ${name:-text} and ${name:=text}; cut and awk take texts apart", begin);
    return true;
  }
  if (after == '}') {
    if (is_name_start(name.front())) {
      add(node, fmt::format("${{{}}}", name), begin);
      at_ = end + 1;
      return true;
    }
    refuse(fmt::format("${{{}}} is an argument of the script, which has none here", name),
           "write the value, or NAME=value before it", begin);
    return true;
  }
  const bool colon = after == ':';
  const char op = end + (colon ? 1 : 0) < text_.size() ? text_[end + (colon ? 1 : 0)] : '\0';
  if ((op != '-' && op != '=') || !is_name_start(name.front())) {
    if (op == '-' || op == '=') {  // an argument that the script does not have
      name.clear();
    } else if (op == '?' || op == '+') {
      refuse(fmt::format("\"${{{}{}{}\" is beyond the grammar of runbooks", name, colon ? ":" : "", op),
             "write an if, or [ -n \"$name\" ] || exit 1", begin);
      return true;
    } else {
      return false;
    }
  }
  at_ = end + (colon ? 2 : 1);
  if (!colon && name.starts_with('_') && !function_.empty() && text_[begin + 2] <= '9') {
    refuse("whether an argument is empty or not there is not told apart here", "write ${1:-text}", begin);
    return true;
  }
  Substitution substitution{next_variable(), {}, SubstitutionKind::Default};
  substitution.of = name;
  substitution.keeps_empty = !colon;
  substitution.sets_variable = op == '=' && !name.empty();
  substitution.content.at = at_;
  read_default(substitution.content, begin);
  substitute(node, std::move(substitution), begin);
  return true;
}

/// The text up to the brace that closes `${`; its blanks are part of it.
void TextReader::read_default(Node& content, std::size_t begin) {
  while (good() && !ended() && here() != '}') {
    if (is_blank(here()) || here() == '\n') {
      add(content, here() == '\n' ? "'\n'" : "' '", at_);
      ++at_;
    } else if (std::string_view(";|&<>()#").find(here()) != std::string_view::npos) {
      add(content, fmt::format("'{}'", here()), at_);
      ++at_;
    } else {
      read_character(content);
    }
  }
  content.text.end = at_;
  if (good() && ended()) {
    refuse("the ${ that opens here is never closed", "add a } after the text", begin);
  }
  ++at_;
}

void TextReader::read_commands(Node& node) {
  const std::size_t begin = at_;
  at_ += 2;
  const char around = std::exchange(closing_, ')');
  std::string variable = next_variable();
  Substitution substitution{std::move(variable), read_substituted_list(), SubstitutionKind::Commands};
  closing_ = around;
  if (good() && here() != ')') {
    refuse("the $( that opens here is never closed", "add a ) after its last command", begin);
  }
  ++at_;
  if (good() && substitution.content.children.empty()) {
    refuse("$( ) has no command", "write one", begin);
  }
  substitute(node, std::move(substitution), begin);
}

/// The old form of `$(…)`. What stands in it is read as it is: a backslash before `, $ or \ would need
/// another look.
void TextReader::read_backticks(Node& node) {
  const std::size_t begin = at_;
  if (closing_ == '`') {
    refuse("` inside ` is beyond the grammar of runbooks", "write $(…)", at_);
    return;
  }
  ++at_;
  const char around = std::exchange(closing_, '`');
  std::string variable = next_variable();
  Substitution substitution{std::move(variable), read_substituted_list(), SubstitutionKind::Commands};
  closing_ = around;
  if (good() && here() != '`') {
    refuse("the ` that opens here is never closed", "write $(…)", begin);
  } else if (good() && text_.substr(begin, at_ - begin).find('\\') != std::string_view::npos) {
    refuse("a backslash inside ` is beyond the grammar of runbooks", "write $(…)", begin);
  } else if (good() && substitution.content.children.empty()) {
    refuse("` ` has no command", "write one", begin);
  }
  ++at_;
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

std::string TextReader::next_variable() {
  ++substitutions_;
  // A function may be called from another text, whose variables have these numbers as well.
  return function_.empty() ? fmt::format("_{}", substitutions_)
                           : parameter_variable(function_, fmt::format("s{}", substitutions_));
}

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
  if (!both && sees("&2") && stream == '1') {
    at_ += 2;
    node.output_to_errors = true;
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

/// `<<WORD`: the lines that follow this one up to the line WORD. They are blanks from then on.
void TextReader::read_document(Node& node) {
  const std::size_t begin = at_;
  at_ += 2;
  const bool tabs_go = here() == '-';
  at_ += tabs_go ? 1 : 0;
  while (is_blank(here())) {
    ++at_;
  }
  std::string_view word = peek_word();
  at_ += word.size();
  node.input_is_plain = word.find_first_of("'\"\\") != std::string_view::npos;
  std::string delimiter(word);
  std::erase_if(delimiter, [](char c) { return c == '\'' || c == '"' || c == '\\'; });
  if (delimiter.empty() || node.has_input) {
    refuse(node.has_input ? "this command has a here-document already" : "the here-document has no end word",
           "write <<EOF, the lines, and a line EOF", begin);
    return;
  }
  node.has_input = true;
  const std::size_t first = std::max(std::min(text_.find('\n', at_), text_.size()), document_end_);
  for (std::size_t at = std::min(first + 1, text_.size()); at < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    std::size_t from = at;
    while (tabs_go && from < end && text_[from] == '\t') {
      ++from;
    }
    std::string_view line = text_.substr(from, end - from);
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    if (line == delimiter) {
      node.input.end = at;
      document_end_ = end;
      std::fill(text_of_script_.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                text_of_script_.begin() + static_cast<std::ptrdiff_t>(end), ' ');
      return;
    }
    for (std::size_t i = 0; i < line.size(); ++i) {
      node.input.append(line[i], from + i);
    }
    node.input.append('\n', end);
    at = end + 1;
  }
  refuse(fmt::format("the here-document that begins here has no line \"{}\"", delimiter),
         "end it with that word alone on a line", begin);
}

std::string parameter_variable(std::string_view function, std::string_view parameter) {
  std::string variable = fmt::format("_{}_{}", function, parameter);
  std::replace(variable.begin(), variable.end(), '-', '_');
  return variable;
}

}  // namespace scenarios::runbook

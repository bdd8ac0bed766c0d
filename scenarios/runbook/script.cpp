#include "scenarios/runbook/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace scenarios::runbook {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

/// What begins a command that this grammar does not have, and what to do instead.
struct Reserved {
  std::string_view word;
  std::string_view hint;
};
constexpr std::string_view kWaitInstead =
    "say what to wait for with kubectl wait, kubectl rollout status or then: with within:";
constexpr std::array kReserved = {
    Reserved{"if", "say what must hold with then:, or join commands with && and ||"},
    Reserved{"while", kWaitInstead},
    Reserved{"until", kWaitInstead},
    Reserved{"case", "write a step for each case"},
    Reserved{"select", "write the choice out"},
    Reserved{"function", "write the commands out where they are used"},
    Reserved{"{", "join commands with && and ||"},
    Reserved{"[[", "say what must hold with then:"},
    Reserved{"[", "say what must hold with then:"},
    Reserved{"test", "say what must hold with then:"},
    Reserved{"!", "say what the step should leave behind with then:"},
    Reserved{"time", "the report tells how long each command took"},
};
constexpr std::array<std::string_view, 7> kStray = {"do", "done", "then", "else", "elif", "fi", "esac"};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  ParseResult parse() {
    ParseResult result;
    result.script = parse_list({});
    if (problems_.empty() && at_ < text_.size()) {
      refuse(fmt::format("\"{}\" has no beginning", text_[at_]), "take it out, or quote it", at_);
    }
    if (!problems_.empty()) {
      result.script = {};
    }
    result.problems = std::move(problems_);
    return result;
  }

  std::vector<Item> items() {
    std::vector<Item> items;
    for (;;) {
      Item item;
      item.comment = read_comment();
      if (ended()) {
        return items;
      }
      item.begin = at_;
      read_item();
      if (!good() && at_ <= problems_.front().offset) {
        at_ = problems_.front().offset;
      }
      if (!good()) {
        at_ = std::min(text_.find('\n', at_), text_.size());
        item.problems = std::exchange(problems_, {});
      }
      item.end = at_;
      items.push_back(std::move(item));
    }
  }

 private:
  /// One line's worth: what `;` and `&` join stays together.
  void read_item() {
    while (good() && !ended() && here() != '\n') {
      if (here() == ')') {
        refuse("\")\" has no beginning", "take it out, or quote it", at_);
        return;
      }
      parse_and_or();
      skip_blanks();
      if (here() == ';' || here() == '&') {
        ++at_;
      } else if (good() && !ended() && here() != '\n') {
        refuse(fmt::format("\"{}\" stands where a command should have ended", here()),
               "put ; or a new line before it", at_);
      }
      skip_blanks();
    }
  }

  /// Passes over blank lines and comments; an empty line parts a comment from what follows.
  std::string read_comment() {
    std::string comment;
    bool line_empty = false;
    while (!ended()) {
      const char c = here();
      if (c == '\n') {
        comment = line_empty ? std::string() : comment;
        line_empty = true;
        ++at_;
      } else if (is_blank(c)) {
        ++at_;
      } else if (c == '#') {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        std::string_view line = text_.substr(at_, end - at_);
        line.remove_prefix(std::min(line.find_first_not_of("# \t"), line.size()));
        comment += (comment.empty() || line.empty() ? "" : " ") + std::string(line);
        at_ = end;
        if (!ended()) {
          ++at_;
        }
        line_empty = false;
      } else {
        break;
      }
      if (c != '\n' && c != '#' && !is_blank(c)) {
        break;
      }
    }
    return comment;
  }

  bool good() const { return problems_.empty(); }
  bool ended() const { return at_ >= text_.size(); }
  char here() const { return ended() ? '\0' : text_[at_]; }
  bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void refuse(std::string text, std::string_view hint, std::size_t at) {
    if (problems_.empty()) {
      problems_.push_back({std::move(text), std::string(hint), at});
    }
  }

  void skip_blanks() {
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

  void skip_blanks_and_newlines() {
    for (skip_blanks(); here() == '\n'; skip_blanks()) {
      ++at_;
    }
  }

  /// The word that begins here, as far as it is plain.
  std::string_view peek_word() const {
    std::size_t end = at_;
    while (end < text_.size() && !is_blank(text_[end]) &&
           std::string_view("\n;|&<>()").find(text_[end]) == std::string_view::npos) {
      ++end;
    }
    return text_.substr(at_, end - at_);
  }

  bool at_end_of_list(std::string_view terminator) const {
    return ended() || here() == ')' || (!terminator.empty() && peek_word() == terminator);
  }

  Node parse_list(std::string_view terminator) {
    Node list{NodeKind::Sequence, at_, {}, {}, false, false, false, {}, {}};
    skip_blanks_and_newlines();
    while (good() && !at_end_of_list(terminator)) {
      Node unit = parse_and_or();
      skip_blanks();
      if (here() == '&' && !sees("&&")) {
        ++at_;
        Node background{NodeKind::Background, unit.at, {}, {}, false, false, false, {}, {}};
        background.children.push_back(std::move(unit));
        list.children.push_back(std::move(background));
      } else {
        list.children.push_back(std::move(unit));
        if (here() == ';') {
          ++at_;
          if (here() == ';') {
            refuse("\";;\" ends no command here", "a single ; is enough", at_);
          }
        } else if (here() != '\n' && !at_end_of_list(terminator)) {
          refuse(fmt::format("\"{}\" stands where a command should have ended", here()),
                 "put ; or a new line before it", at_);
        }
      }
      skip_blanks_and_newlines();
    }
    return list;
  }

  Node parse_and_or() {
    Node left = parse_pipeline();
    for (skip_blanks(); good() && (sees("&&") || sees("||")); skip_blanks()) {
      Node both{sees("&&") ? NodeKind::And : NodeKind::Or, left.at, {}, {}, false, false, false, {}, {}};
      at_ += 2;
      skip_blanks_and_newlines();
      both.children.push_back(std::move(left));
      both.children.push_back(parse_pipeline());
      left = std::move(both);
    }
    return left;
  }

  Node parse_pipeline() {
    Node first = parse_unit();
    skip_blanks();
    if (here() != '|' || sees("||")) {
      return first;
    }
    if (first.kind != NodeKind::Command) {
      refuse("only a command can stand before a pipe", "pipe each command by itself", at_);
    }
    Node pipeline{NodeKind::Pipeline, first.at, {}, {}, false, false, false, {}, {}};
    pipeline.children.push_back(std::move(first));
    while (good() && here() == '|' && !sees("||")) {
      ++at_;
      if (here() == '&') {
        refuse("\"|&\" is beyond this grammar", "write 2>&1 |", at_ - 1);
      }
      skip_blanks_and_newlines();
      pipeline.children.push_back(parse_command());
      skip_blanks();
    }
    return pipeline;
  }

  Node parse_unit() {
    const std::string_view word = peek_word();
    if (word.empty()) {
      refuse(ended() ? std::string("a command is missing at the end")
                     : fmt::format("a command is missing before \"{}\"", here()),
             "write one, or take the operator out", at_);
      return {};
    }
    if (word == "for") {
      return parse_loop();
    }
    const auto reserved = std::find_if(kReserved.begin(), kReserved.end(),
                                       [&](const Reserved& one) { return one.word == word; });
    if (reserved != kReserved.end()) {
      refuse(fmt::format("\"{}\" is beyond the grammar of runbooks", word), reserved->hint, at_);
      return {};
    }
    if (std::find(kStray.begin(), kStray.end(), word) != kStray.end()) {
      refuse(fmt::format("\"{}\" has no beginning", word), "take it out", at_);
      return {};
    }
    if (word == "export" && is_blank(text_[std::min(at_ + word.size(), text_.size() - 1)])) {
      at_ += word.size();
      skip_blanks();
      return parse_assignment();
    }
    return assignment_begins() ? parse_assignment() : parse_command();
  }

  bool assignment_begins() const {
    std::size_t end = at_;
    while (end < text_.size() && is_name(text_[end])) {
      ++end;
    }
    return end > at_ && is_name_start(text_[at_]) && end < text_.size() && text_[end] == '=';
  }

  Node parse_assignment() {
    Node node{NodeKind::Assignment, at_, {}, {}, false, false, false, {}, {}};
    if (!assignment_begins()) {
      refuse("no NAME=value stands here", "write export NAME=value", at_);
      return node;
    }
    const std::size_t equals = text_.find('=', at_);
    node.name = std::string(text_.substr(at_, equals - at_));
    at_ = equals + 1;
    read_text(node, true);
    skip_blanks();
    if (good() && !ended() && std::string_view("\n;|&)").find(here()) == std::string_view::npos) {
      refuse("a variable for one command alone is beyond the grammar of runbooks",
             "set it in a line of its own", node.at);
    }
    return node;
  }

  Node parse_loop() {
    Node loop{NodeKind::Loop, at_, {}, {}, false, false, false, {}, {}};
    at_ += 3;
    skip_blanks();
    const std::size_t name_at = at_;
    while (is_name(here())) {
      ++at_;
    }
    loop.name = std::string(text_.substr(name_at, at_ - name_at));
    if (loop.name.empty() || !is_name_start(loop.name.front())) {
      refuse("the loop has no variable", "write for NAME in WORDS; do COMMANDS; done", name_at);
      return loop;
    }
    skip_blanks_and_newlines();
    if (peek_word() != "in") {
      refuse("\"in\" is missing after the loop's variable", "write for NAME in WORDS; do COMMANDS; done",
             at_);
      return loop;
    }
    at_ += 2;
    skip_blanks();
    read_text(loop, false);
    if (here() == ';') {
      ++at_;
    }
    skip_blanks_and_newlines();
    if (!good() || !expect("do", loop.at)) {
      return loop;
    }
    loop.children.push_back(parse_list("done"));
    if (good() && loop.children.front().children.empty()) {
      refuse("the loop has no commands", "write some between do and done", loop.at);
    }
    if (good()) {
      expect("done", loop.at);
    }
    return loop;
  }

  bool expect(std::string_view word, std::size_t loop_at) {
    if (peek_word() != word) {
      refuse(fmt::format("the loop that begins here has no \"{}\"", word),
             "write for NAME in WORDS; do COMMANDS; done", loop_at);
      return false;
    }
    at_ += word.size();
    return true;
  }

  Node parse_command() {
    Node command{NodeKind::Command, at_, {}, {}, false, false, false, {}, {}};
    read_text(command, false);
    if (good() && command.text.text.find_first_not_of(" \t\r\n") == std::string::npos) {
      refuse("a command is missing here", "write one, or take the operator out", command.at);
    }
    return command;
  }

  /// The text of a command up to its end, or one word of it.
  void read_text(Node& node, bool one_word) {
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

  void copy(Node& node, std::size_t count) {
    for (std::size_t i = 0; i < count && !ended(); ++i, ++at_) {
      node.text.append(text_[at_], at_);
    }
  }

  void read_character(Node& node) {
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

  void read_single_quotes(Node& node) {
    const std::size_t close = text_.find('\'', at_ + 1);
    if (close == std::string_view::npos) {
      refuse("the single quote that opens here is never closed", "add a ' at the end of the word", at_);
      return;
    }
    copy(node, close + 1 - at_);
  }

  void read_double_quotes(Node& node) {
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

  void read_dollar(Node& node) {
    if (sees("$((")) {
      refuse("arithmetic is beyond the grammar of runbooks", "write the number out", at_);
      return;
    }
    if (!sees("$(")) {
      copy(node, 1);
      return;
    }
    const std::size_t begin = at_;
    at_ += 2;
    Substitution substitution{fmt::format("_{}", ++substitutions_), parse_list({})};
    if (good() && here() != ')') {
      refuse("the $( that opens here is never closed", "add a ) after its last command", begin);
    }
    ++at_;
    if (good() && substitution.commands.children.empty()) {
      refuse("$( ) has no command", "write one", begin);
    }
    for (const char c : fmt::format("${{{}}}", substitution.variable)) {
      node.text.append(c, begin);
    }
    node.substitutions.push_back(std::move(substitution));
  }

  /// Takes the number of the redirected stream from the end of the text; 1 where none stands there.
  static char stream_before(Slice& text) {
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

  void read_redirection(Node& node) {
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

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t substitutions_ = 0;
  std::vector<commands::CommandProblem> problems_;
};

}  // namespace

ParseResult parse(std::string_view script) { return Parser(script).parse(); }

std::vector<Item> items_of(std::string_view script) { return Parser(script).items(); }

}  // namespace scenarios::runbook

#include "scenarios/runbook/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "scenarios/runbook/script_text.h"

namespace scenarios::runbook {

namespace {

/// What begins a command that this grammar does not have, and what to do instead.
struct Reserved {
  std::string_view word;
  std::string_view hint;
};
constexpr std::array kReserved = {
    Reserved{"case", "write an if for each case"},
    Reserved{"select", "write the choice out"},
    Reserved{"function", "write the commands out where they are used"},
    Reserved{"{", "join commands with && and ||"},
    Reserved{"((", "write NAME=$((expression)), or [ \"$a\" -lt \"$b\" ]"},
    Reserved{"time", "the report tells how long each command took"},
};
constexpr std::array<std::string_view, 7> kStray = {"do", "done", "then", "else", "elif", "fi", "esac"};
constexpr std::string_view kLoopForm = "write for NAME in WORDS; do COMMANDS; done";
constexpr std::string_view kConditionalLoopForm = "write while CONDITION; do COMMANDS; done";
constexpr std::string_view kChoiceForm = "write if CONDITION; then COMMANDS; else COMMANDS; fi";
/// The words that a list ends before.
using Terminators = std::initializer_list<std::string_view>;

class Parser final : public TextReader {
 public:
  using TextReader::TextReader;

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

  void skip_blanks_and_newlines() {
    for (skip_blanks(); here() == '\n'; skip_blanks()) {
      ++at_;
    }
  }

  bool at_end_of_list(Terminators terminators) const {
    return ended() || here() == ')' ||
           std::find(terminators.begin(), terminators.end(), peek_word()) != terminators.end();
  }

  Node read_substituted_list() override { return parse_list({}); }

  Node parse_list(Terminators terminators) {
    Node list = node_of(NodeKind::Sequence);
    skip_blanks_and_newlines();
    while (good() && !at_end_of_list(terminators)) {
      Node unit = parse_and_or();
      skip_blanks();
      if (here() == '&' && !sees("&&")) {
        ++at_;
        Node background = node_of(NodeKind::Background, unit.at);
        background.children.push_back(std::move(unit));
        list.children.push_back(std::move(background));
      } else {
        list.children.push_back(std::move(unit));
        if (here() == ';') {
          ++at_;
          if (here() == ';') {
            refuse("\";;\" ends no command here", "a single ; is enough", at_);
          }
        } else if (here() != '\n' && !at_end_of_list(terminators)) {
          refuse(fmt::format("\"{}\" stands where a command should have ended", here()),
                 "put ; or a new line before it", at_);
        }
      }
      skip_blanks_and_newlines();
    }
    return list;
  }

  static Node node_of(NodeKind kind, std::size_t at) {
    Node node;
    node.kind = kind;
    node.at = at;
    return node;
  }
  Node node_of(NodeKind kind) const { return node_of(kind, at_); }

  Node parse_and_or() {
    Node left = parse_pipeline();
    for (skip_blanks(); good() && (sees("&&") || sees("||")); skip_blanks()) {
      Node both = node_of(sees("&&") ? NodeKind::And : NodeKind::Or, left.at);
      at_ += 2;
      skip_blanks_and_newlines();
      both.children.push_back(std::move(left));
      both.children.push_back(parse_pipeline());
      left = std::move(both);
    }
    return left;
  }

  Node parse_pipeline() {
    if (peek_word() == "!") {
      Node negation = node_of(NodeKind::Not);
      ++at_;
      skip_blanks();
      negation.children.push_back(parse_pipeline());
      return negation;
    }
    Node first = parse_unit();
    skip_blanks();
    if (here() != '|' || sees("||")) {
      return first;
    }
    if (first.kind != NodeKind::Command) {
      refuse("only a command can stand before a pipe", "pipe each command by itself", at_);
    }
    Node pipeline = node_of(NodeKind::Pipeline, first.at);
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
    if (word == "while" || word == "until") {
      return parse_conditional_loop(word == "while" ? NodeKind::While : NodeKind::Until, word);
    }
    if (word == "if") {
      return parse_choice("if");
    }
    if (word == "break" || word == "continue") {
      return parse_leap(word == "break" ? NodeKind::Break : NodeKind::Continue, word);
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

  Node parse_assignment() {
    Node node = node_of(NodeKind::Assignment);
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
    Node loop = node_of(NodeKind::Loop);
    at_ += 3;
    skip_blanks();
    const std::size_t name_at = at_;
    while (is_name(here())) {
      ++at_;
    }
    loop.name = std::string(text_.substr(name_at, at_ - name_at));
    if (loop.name.empty() || !is_name_start(loop.name.front())) {
      refuse("the loop has no variable", kLoopForm, name_at);
      return loop;
    }
    skip_blanks_and_newlines();
    if (peek_word() != "in") {
      refuse("\"in\" is missing after the loop's variable", kLoopForm, at_);
      return loop;
    }
    at_ += 2;
    skip_blanks();
    read_text(loop, false);
    if (here() == ';') {
      ++at_;
    }
    skip_blanks_and_newlines();
    if (good() && expect("do", "loop", kLoopForm, loop.at)) {
      parse_body(loop, kLoopForm);
    }
    return loop;
  }

  void parse_body(Node& loop, std::string_view form) {
    loop.children.push_back(parse_list({"done"}));
    if (good() && loop.children.back().children.empty()) {
      refuse("the loop has no commands", "write some between do and done", loop.at);
    }
    if (good()) {
      expect("done", "loop", form, loop.at);
    }
  }

  Node parse_conditional_loop(NodeKind kind, std::string_view word) {
    Node loop = node_of(kind);
    at_ += word.size();
    parse_condition(loop, "do", "loop", kConditionalLoopForm);
    if (good()) {
      parse_body(loop, kConditionalLoopForm);
    }
    return loop;
  }

  /// A list up to the word that begins what depends on it.
  void parse_condition(Node& node, std::string_view word, std::string_view what, std::string_view form) {
    node.children.push_back(parse_list({word}));
    if (good() && node.children.back().children.empty()) {
      refuse(fmt::format("the {} has no condition", what), form, node.at);
    }
    if (good()) {
      expect(word, what, form, node.at);
    }
  }

  /// `if`, or what follows an `elif`.
  Node parse_choice(std::string_view word) {
    Node choice = node_of(NodeKind::If);
    at_ += word.size();
    parse_condition(choice, "then", "if", kChoiceForm);
    if (!good()) {
      return choice;
    }
    choice.children.push_back(parse_list({"elif", "else", "fi"}));
    if (good() && choice.children.back().children.empty()) {
      refuse("nothing stands after then", kChoiceForm, choice.at);
    }
    if (good() && peek_word() == "elif") {
      Node rest = node_of(NodeKind::Sequence);
      rest.children.push_back(parse_choice("elif"));
      choice.children.push_back(std::move(rest));
      return choice;
    }
    if (good() && peek_word() == "else") {
      at_ += 4;
      choice.children.push_back(parse_list({"fi"}));
      if (good() && choice.children.back().children.empty()) {
        refuse("nothing stands after else", kChoiceForm, choice.at);
      }
    }
    if (good()) {
      expect("fi", "if", kChoiceForm, choice.at);
    }
    return choice;
  }

  Node parse_leap(NodeKind kind, std::string_view word) {
    Node leap = node_of(kind);
    at_ += word.size();
    skip_blanks();
    if (!ended() && std::string_view("\n;|&)").find(here()) == std::string_view::npos) {
      refuse(fmt::format("{} takes no words here: it is about the innermost loop", word),
             fmt::format("write {}", word), at_);
    }
    return leap;
  }

  bool expect(std::string_view word, std::string_view what, std::string_view form, std::size_t begin) {
    if (peek_word() != word) {
      refuse(fmt::format("the {} that begins here has no \"{}\"", what, word), form, begin);
      return false;
    }
    at_ += word.size();
    return true;
  }

  Node parse_command() {
    Node command = node_of(NodeKind::Command);
    read_text(command, false);
    if (good() && command.text.text.find_first_not_of(" \t\r\n") == std::string::npos) {
      refuse("a command is missing here", "write one, or take the operator out", command.at);
    }
    return command;
  }
};

}  // namespace

ParseResult parse(std::string_view script) { return Parser(script).parse(); }

std::vector<Item> items_of(std::string_view script) { return Parser(script).items(); }

}  // namespace scenarios::runbook

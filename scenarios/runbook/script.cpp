#include "scenarios/runbook/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

#include "scenarios/runbook/refused_extent.h"
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
    Reserved{"time", "the report tells how long each command took"},
};
constexpr std::array<std::string_view, 8> kStray = {"do", "done", "then", "else", "elif", "fi", "esac", "}"};
/// What may stand before the variables that a line sets.
constexpr std::array<std::string_view, 3> kSetters = {"export", "readonly", "local"};
constexpr std::string_view kLoopForm = "write for NAME in WORDS; do COMMANDS; done";
constexpr std::string_view kConditionalLoopForm = "write while CONDITION; do COMMANDS; done";
constexpr std::string_view kGroupForm = "write { COMMANDS; }";
constexpr std::string_view kFunctionForm = "write NAME() { COMMANDS; }";
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
      if (!good()) {
        at_ = std::min(text_.find('\n', std::max(at_, problems_.front().offset)), text_.size());
        at_ = std::max(at_, refused_extent(text_, item.begin));
        function_.clear();
        closing_ = ')';
        item.problems = std::exchange(problems_, {});
      }
      item.end = document_end_ > item.begin ? std::max(at_, document_end_) : at_;
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
        std::string_view line = sees("#!") ? std::string_view() : text_.substr(at_, end - at_);
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
    return ended() || here() == ')' || (here() == '`' && closing_ == '`') ||
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
    constexpr std::size_t kJoinedMax = 500;
    Node left = parse_pipeline();
    std::size_t joined = 0;
    for (skip_blanks(); good() && (sees("&&") || sees("||")); skip_blanks()) {
      Node both = node_of(sees("&&") ? NodeKind::And : NodeKind::Or, left.at);
      at_ += 2;
      skip_blanks_and_newlines();
      both.children.push_back(std::move(left));
      both.children.push_back(parse_pipeline());
      left = std::move(both);
      if (++joined > kJoinedMax) {
        refuse(fmt::format("more than {} commands are joined here", kJoinedMax), "write lines of their own",
               at_);
      }
    }
    return left;
  }

  Node parse_pipeline() {
    const Deeper deeper(*this);
    if (!good()) {
      return {};
    }
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
      const std::string_view word = peek_word();
      if (word == "while" || word == "until" || word == "for" || word == "if" || word == "{") {
        refuse(fmt::format("a pipe into \"{}\" is beyond the grammar of runbooks", word),
               "write for NAME in $(COMMANDS); do …; done", at_);
        return pipeline;
      }
      pipeline.children.push_back(parse_command());
      skip_blanks();
    }
    return pipeline;
  }

  Node parse_unit() {
    const std::string_view word = peek_word();
    if (word.empty() && here() == '(') {
      const bool arithmetic = sees("((");
      refuse(arithmetic ? "\"((\" is beyond the grammar of runbooks"
                        : "a subshell is beyond the grammar of runbooks",
             arithmetic ? "write NAME=$((expression)), or [ \"$a\" -lt \"$b\" ]"
                        : "write the commands without brackets, or { …; }",
             at_);
      return {};
    }
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
    if (word == "{") {
      return parse_group();
    }
    if (const std::optional<std::string> name = function_begins(word)) {
      return parse_function(*name);
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
    if (std::find(kSetters.begin(), kSetters.end(), word) != kSetters.end()) {
      return parse_setter(word);
    }
    return assignment_begins() ? parse_assignment() : parse_command();
  }

  /// `export A=b C`, `local x=$1 y`: a variable that gets no value here is empty behind local, and as it was
  /// behind the others.
  Node parse_setter(std::string_view word) {
    Node list = node_of(NodeKind::Sequence);
    const bool local = word == "local";
    if (local && function_.empty()) {
      refuse("local stands in no function", "take the word out", at_);
    }
    at_ += word.size();
    skip_blanks();
    while (good() && !ends_command()) {
      const std::size_t begin = at_;
      if (assignment_begins()) {
        list.children.push_back(parse_value());
      } else {
        Node empty = node_of(NodeKind::Assignment);
        empty.name = std::string(peek_word());
        empty.text.end = at_ += empty.name.size();
        if (empty.name.empty() || !std::all_of(empty.name.begin(), empty.name.end(), is_name)) {
          refuse("no NAME=value stands here", fmt::format("write {} NAME=value", word), begin);
        } else if (local) {
          list.children.push_back(std::move(empty));
        }
      }
      skip_blanks();
    }
    for (Node& child : list.children) {
      child.is_local = local;
    }
    if (good() && list.children.size() == 1) {
      return std::move(list.children.front());
    }
    return list;
  }

  bool ends_command() const {
    return ended() || std::string_view("\n;|&)").find(here()) != std::string_view::npos ||
           (here() == '`' && closing_ == '`');
  }

  /// `NAME=value`, where it begins.
  Node parse_value() {
    Node node = node_of(NodeKind::Assignment);
    const std::size_t equals = text_.find('=', at_);
    node.name = std::string(text_.substr(at_, equals - at_));
    at_ = equals + 1;
    read_text(node, true);
    return node;
  }

  Node parse_assignment() {
    Node node = parse_value();
    skip_blanks();
    if (good() && !ends_command()) {
      refuse("a variable for one command alone is beyond the grammar of runbooks",
             "set it in a line of its own", node.at);
    }
    return node;
  }

  Node parse_group() {
    const std::size_t begin = at_;
    ++at_;
    Node group = parse_list({"}"});
    group.at = begin;
    if (good() && group.children.empty()) {
      refuse("the { that opens here has no commands", kGroupForm, begin);
    }
    if (good() && expect("}", "group", kGroupForm, begin)) {
      skip_blanks();
      if (here() == '>' || here() == '<') {
        refuse("what a group reads or prints cannot be redirected", "redirect each of its commands", at_);
      }
    }
    return group;
  }

  /// The name of the function whose definition begins with `word`.
  std::optional<std::string> function_begins(std::string_view word) const {
    if (word == "function") {
      std::size_t begin = at_ + word.size();
      while (begin < text_.size() && is_blank(text_[begin])) {
        ++begin;
      }
      const std::size_t end = std::min(text_.find_first_of(" \t\r\n({;", begin), text_.size());
      return std::string(text_.substr(begin, end - begin));
    }
    std::size_t after = at_ + word.size();
    while (after < text_.size() && is_blank(text_[after])) {
      ++after;
    }
    return text_.substr(after).starts_with("()") ? std::optional(std::string(word)) : std::nullopt;
  }

  Node parse_function(const std::string& name) {
    Node function = node_of(NodeKind::Function);
    function.name = name;
    if (name.empty() || !is_name_start(name.front()) ||
        !std::all_of(name.begin(), name.end(), [](char c) { return is_name(c) || c == '-'; })) {
      refuse(fmt::format("\"{}\" is no name of a function here", name), "letters, digits, _ and -", at_);
      return function;
    }
    if (!function_.empty()) {
      refuse("a function inside a function is beyond the grammar of runbooks", "write it before the other",
             at_);
      return function;
    }
    at_ = text_.find(name, at_ + (peek_word() == "function" ? std::string_view("function").size() : 0)) +
          name.size();
    skip_blanks();
    at_ += sees("()") ? 2 : 0;
    skip_blanks_and_newlines();
    if (peek_word() != "{") {
      refuse(fmt::format("the function {} has no {{ …; }}", name), kFunctionForm, function.at);
      return function;
    }
    function_ = name;
    function.children.push_back(parse_group());
    function_.clear();
    return function;
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
    const Deeper deeper(*this);
    Node choice = node_of(NodeKind::If);
    if (!good()) {
      return choice;
    }
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
    if (!ends_command()) {
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

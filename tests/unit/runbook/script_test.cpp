#include "scenarios/runbook/script.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace scenarios::runbook {
namespace {

std::string shown(const Node& node) {
  std::string children;
  for (const Node& child : node.children) {
    children += (children.empty() ? "" : " ") + shown(child);
  }
  for (const Substitution& substitution : node.substitutions) {
    const bool commands = substitution.kind == SubstitutionKind::Commands;
    const bool code = substitution.kind == SubstitutionKind::ExitCode;
    const bool fallback = substitution.kind == SubstitutionKind::Default;
    children += (children.empty() ? "" : " ") + substitution.variable + "=" +
                (commands   ? shown(substitution.content)
                 : code     ? "?"
                 : fallback ? substitution.of + ":-" + substitution.content.text.text
                            : "(" + substitution.content.text.text + ")");
  }
  const std::string inside = children.empty() ? "" : " " + children;
  switch (node.kind) {
    case NodeKind::Command:
      return "<" + node.text.text + (node.discards_output ? " >0" : "") +
             (node.discards_errors ? " 2>0" : "") + (node.errors_to_output ? " 2>1" : "") +
             (node.output_to_errors ? " >2" : "") + (node.has_input ? " <<[" + node.input.text + "]" : "") +
             inside + ">";
    case NodeKind::Assignment:
      return "(set " + node.name + "=" + node.text.text + inside + ")";
    case NodeKind::Pipeline:
      return "(pipe" + inside + ")";
    case NodeKind::And:
      return "(and" + inside + ")";
    case NodeKind::Or:
      return "(or" + inside + ")";
    case NodeKind::Sequence:
      return "(list" + inside + ")";
    case NodeKind::Background:
      return "(beside" + inside + ")";
    case NodeKind::Loop:
      return "(for " + node.name + " in " + node.text.text + inside + ")";
    case NodeKind::If:
      return "(if" + inside + ")";
    case NodeKind::While:
      return "(while" + inside + ")";
    case NodeKind::Until:
      return "(until" + inside + ")";
    case NodeKind::Not:
      return "(not" + inside + ")";
    case NodeKind::Break:
      return "(break)";
    case NodeKind::Continue:
      return "(continue)";
    case NodeKind::Function:
      return "(function " + node.name + inside + ")";
  }
  return {};
}

struct ScriptCase {
  const char* name;
  const char* script;
  const char* want;
  friend std::ostream& operator<<(std::ostream& os, const ScriptCase& c) { return os << c.script; }
};

class Scripts : public testing::TestWithParam<ScriptCase> {};

TEST_P(Scripts, HaveTheStructureOfAShell) {
  const ParseResult result = parse(GetParam().script);
  ASSERT_TRUE(result.problems.empty()) << result.problems.front().text;
  EXPECT_EQ(shown(result.script), GetParam().want);
}

const ScriptCase kScripts[] = {
    {"one_command", "kubectl get nodes", "(list <kubectl get nodes>)"},
    {"semicolon", "a; b", "(list <a> <b>)"},
    {"lines", "a\nb\n\nc", "(list <a> <b> <c>)"},
    {"comments", "# first\na # says\n b", "(list <a > <b>)"},
    {"and_or_from_the_left", "a && b || c", "(list (or (and <a > <b >) <c>))"},
    {"and_goes_on_in_the_next_line", "a &&\n b", "(list (and <a > <b>))"},
    {"pipe", "a | b | c", "(list (pipe <a > <b > <c>))"},
    {"pipe_goes_on_in_the_next_line", "a |\n b", "(list (pipe <a > <b>))"},
    {"beside", "a & b & wait", "(list (beside <a >) (beside <b >) <wait>)"},
    {"loop", "for i in {2..10}; do a $i; b; done", "(list (for i in {2..10} (list <a $i> <b>)))"},
    {"loop_over_lines", "for i in a b\ndo\n a\ndone", "(list (for i in a b (list <a>)))"},
    {"loop_in_a_loop", "for i in a; do for j in b; do c; done; done",
     "(list (for i in a (list (for j in b (list <c>)))))"},
    {"assignment", "CLUSTER=demo; a $CLUSTER", "(list (set CLUSTER=demo) <a $CLUSTER>)"},
    {"export", "export A=b", "(list (set A=b))"},
    {"substitution", "a $(b -o name)", "(list <a ${_1} _1=(list <b -o name>)>)"},
    {"substitution_in_quotes", "a \"x $(b)\"", "(list <a \"x ${_1}\" _1=(list <b>)>)"},
    {"substitution_in_one", "a $(b $(c))", "(list <a ${_1} _1=(list <b ${_2} _2=(list <c>)>)>)"},
    {"substitution_with_a_pipe", "n=$(a | wc -l)", "(list (set n=${_1} _1=(list (pipe <a > <wc -l>))))"},
    {"operators_in_quotes", "a '|' \"&&\" \\; b", "(list <a '|' \"&&\" \\; b>)"},
    {"output_thrown_away", "a >/dev/null 2>&1", "(list <a   >0 2>0>)"},
    {"errors_thrown_away", "a 2>/dev/null | b", "(list (pipe <a   2>0> <b>))"},
    {"errors_in_the_output", "a 2>&1 | b", "(list (pipe <a   2>1> <b>))"},
    {"choice", "if a; then b; fi", "(list (if (list <a>) (list <b>)))"},
    {"choice_of_two", "if a\nthen b\nelse c\nfi", "(list (if (list <a>) (list <b>) (list <c>)))"},
    {"choice_of_three", "if a; then b; elif c; then d; else e; fi",
     "(list (if (list <a>) (list <b>) (list (if (list <c>) (list <d>) (list <e>)))))"},
    {"choice_then_more", "if a; then b; fi; c", "(list (if (list <a>) (list <b>)) <c>)"},
    {"while_loop", "while a; do b; done", "(list (while (list <a>) (list <b>)))"},
    {"until_loop", "until a | b\ndo c\ndone", "(list (until (list (pipe <a > <b>)) (list <c>)))"},
    {"leaps", "for i in a; do break; continue; done", "(list (for i in a (list (break) (continue))))"},
    {"negation", "! a | b && c", "(list (and (not (pipe <a > <b >)) <c>))"},
    {"bracket", "[ -n \"$a\" ] && b", "(list (and <[ -n \"$a\" ] > <b>))"},
    {"arithmetic", "a=$((1 + (b) * 2))", "(list (set a=${_1} _1=(1 + (b) * 2)))"},
    {"exit_code", "a $?", "(list <a ${_1} _1=?>)"},
    {"group", "a || { b; c; }; d", "(list (or <a > (list <b> <c>)) <d>)"},
    {"function", "f() { a \"$1\" $#; }; f b", "(list (function f (list <a \"${_f_1}\" ${_f_count}>)) <f b>)"},
    {"backticks", "a `b | c`", "(list <a ${_1} _1=(list (pipe <b > <c>))>)"},
    {"default", "a ${b:-c d}", "(list <a ${_1} _1=b:-c' 'd>)"},
    {"output_to_errors", "a >&2", "(list <a  >2>)"},
    {"document", "a <<EOF && b\nx\n y\nEOF\nc", "(list (and <a   <<[x\n y\n]> <b>) <c>)"},
    {"several_exports", "export A=b C=d", "(list (list (set A=b) (set C=d)))"},
    {"line_goes_on", "a \\\n b", "(list <a \\\n b>)"},
};

INSTANTIATE_TEST_SUITE_P(Table, Scripts, testing::ValuesIn(kScripts),
                         [](const auto& row) { return std::string(row.param.name); });

struct RefusedCase {
  const char* script;
  const char* problem;
  std::size_t at;
};

TEST(Scripts, RefuseTheRestOfAShellByNameAndPlace) {
  const RefusedCase cases[] = {
      {"a; if b; then c", "the if that begins here has no \"fi\"", 3},
      {"if a; b; fi", "\"fi\" has no beginning", 9},
      {"if a; b", "the if that begins here has no \"then\"", 0},
      {"if then a; fi", "the if has no condition", 0},
      {"if a; then fi", "nothing stands after then", 0},
      {"if a; then b; else fi", "nothing stands after else", 0},
      {"while a; b; done", "\"done\" has no beginning", 12},
      {"while do a; done", "the loop has no condition", 0},
      {"until a; do done", "the loop has no commands", 0},
      {"break 2", "break takes no words here: it is about the innermost loop", 6},
      {"fi", "\"fi\" has no beginning", 0},
      {"a | while read b; do c; done", "a pipe into \"while\" is beyond the grammar of runbooks", 4},
      {"case a in b) c;; esac", "\"case\" is beyond the grammar of runbooks", 0},
      {"a `b", "the ` that opens here is never closed", 2},
      {"a `b \\`c\\``", "a backslash inside ` is beyond the grammar of runbooks", 2},
      {"(a)", "a subshell is beyond the grammar of runbooks", 0},
      {"f() (a)", "the function f has no { …; }", 0},
      {"{ a; ", "the group that begins here has no \"}\"", 0},
      {"{ }", "the { that opens here has no commands", 0},
      {"}", "\"}\" has no beginning", 0},
      {"a <<<b", "a here-string is beyond the grammar of runbooks", 2},
      {"a <(b)", "a process substitution is beyond the grammar of runbooks", 2},
      {"A=(b)", "an array is beyond the grammar of runbooks", 2},
      {"a ${b:-c", "the ${ that opens here is never closed", 2},
      {"a > file", "a redirection into a file is beyond the grammar of runbooks", 2},
      {"a < file", "reading from a file is beyond the grammar of runbooks", 2},
      {"a <<EOF", "the here-document that begins here has no line \"EOF\"", 2},
      {"a $((1+1)", "the $(( that opens here is never closed", 2},
      {"((a++))", "\"((\" is beyond the grammar of runbooks", 0},
      {"A=b c", "a variable for one command alone is beyond the grammar of runbooks", 0},
      {"a |& b", "\"|&\" is beyond this grammar", 2},
      {"for i in a; b; done", "the loop that begins here has no \"do\"", 0},
      {"for i in a; do b", "the loop that begins here has no \"done\"", 0},
      {"for i in a; do done", "the loop has no commands", 0},
      {"for in a; do b; done", "\"in\" is missing after the loop's variable", 7},
      {"done", "\"done\" has no beginning", 0},
      {"a $(b", "the $( that opens here is never closed", 2},
      {"a $()", "$( ) has no command", 2},
      {"a )", "\")\" has no beginning", 2},
      {"a 'b", "the single quote that opens here is never closed", 2},
      {"a \"b", "the double quote that opens here is never closed", 2},
      {"a |", "a command is missing here", 3},
      {"a &&", "a command is missing at the end", 4},
      {"; a", "a command is missing before \";\"", 0},
      {"a;; b", "\";;\" ends no command here", 2},
  };
  for (const RefusedCase& one : cases) {
    const ParseResult result = parse(one.script);
    ASSERT_EQ(result.problems.size(), 1U) << one.script;
    EXPECT_EQ(result.problems.front().text, one.problem) << one.script;
    EXPECT_EQ(result.problems.front().offset, one.at) << one.script;
    EXPECT_FALSE(result.problems.front().hint.empty()) << one.script;
  }
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) {
    all += text;
  }
  return all;
}

TEST(Scripts, RefuseWhatIsNestedTooDeep) {
  for (const char* text :
       {"a $(", "{ ", "! ", "if a; then ", "a $((", "a ${b:-", "a \"$(", "if a; then b; elif ", "f() { "}) {
    const ParseResult result = parse(repeated(text, 20'000));
    ASSERT_FALSE(result.problems.empty()) << text;
  }
  const ParseResult joined = parse(repeated("a && ", 20'000) + "a");
  ASSERT_FALSE(joined.problems.empty());
  EXPECT_EQ(joined.problems.front().text, "more than 500 commands are joined here");
  EXPECT_TRUE(parse(repeated("a && ", 400) + "a").problems.empty());
  EXPECT_TRUE(parse(repeated("a $(", 40) + "b" + repeated(")", 40)).problems.empty());
}

}  // namespace
}  // namespace scenarios::runbook

// A runbook as a shell would run it: bash is the judge of everything that needs no cluster.
#include "scenarios/run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "scenarios/build.h"
#include "scenarios/import_runbook.h"
#include "tests/unit/runbook/real_programs.h"

namespace scenarios {
namespace {

constexpr const char* kCluster = R"(apiVersion: rehearsal/v1
scenario: a runbook
cluster:
  nodes: {"node-[1-3]": {cpu: 4, memory: 8Gi}}
  statefulsets: {web: {replicas: 2}}
)";

std::string indented(const std::string& script) {
  std::string text;
  for (std::size_t at = 0; at < script.size();) {
    const std::size_t end = std::min(script.find('\n', at), script.size());
    text += "      " + script.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return text;
}

std::string scenario_of(const std::string& script, const std::string& more = {}) {
  return std::string(kCluster) + "plan:\n  - step: all of it\n    on_error: continue\n    run: |\n" +
         indented(script) + more;
}

struct Ran {
  std::string output;
  int exit_code = 0;
  sim::ResultRecord record;
  std::string problem;
};

Ran run_script(const std::string& script, const std::string& more = {}) {
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal = load({"a.yaml", scenario_of(script, more), {}, {}}, diagnostics);
  Ran ran;
  if (!rehearsal) {
    ran.problem = language::render(diagnostics.sorted());
    return ran;
  }
  sim::NominalChoices choices;
  ran.record = perform(*rehearsal, choices, 0);
  ran.exit_code = ran.record.steps.front().exit_code;
  for (const sim::CommandRecord& command : ran.record.steps.front().commands) {
    ran.output += command.captured ? std::string() : command.output;
  }
  return ran;
}

struct ScriptCase {
  const char* name;
  const char* script;
  friend std::ostream& operator<<(std::ostream& os, const ScriptCase& c) { return os << c.script; }
};

class Runbooks : public testing::TestWithParam<ScriptCase> {};

TEST_P(Runbooks, PrintWhatBashPrints) {
  const Ran ran = run_script(GetParam().script);
  ASSERT_EQ(ran.problem, "");
  const runbook::RealResult real = runbook::run_bash(GetParam().script);
  EXPECT_EQ(ran.output, real.output);
  EXPECT_EQ(ran.exit_code, real.exit_code);
}

const ScriptCase kScripts[] = {
    {"words", "echo one  two 'three  four' \"five six\""},
    {"lines", "echo a\necho b"},
    {"a_failure_goes_on", "false; echo after"},
    {"and_after_success", "true && echo yes"},
    {"and_after_failure", "false && echo no\necho end"},
    {"or_after_failure", "false || echo yes"},
    {"or_after_success", "true || echo no\necho end"},
    {"and_then_or", "false && echo a || echo b"},
    {"or_then_and", "true || echo a && echo b"},
    {"pipe", "echo a b c | awk '{print $2}'"},
    {"pipe_of_three", "seq 10 | tail -n 4 | head -n 2"},
    {"pipe_fails_with_its_last", "echo a | grep b"},
    {"pipe_hides_the_first", "false | cat"},
    {"pipefail", "set -o pipefail\nfalse | cat"},
    {"stops_at_failure", "set -e\necho a\nfalse\necho b"},
    {"stops_not_in_a_condition", "set -e\nfalse || true\necho b"},
    {"loop", "for i in {2..4}; do echo node-$i; done"},
    {"loop_over_words", "for i in a 'b c' d; do echo [$i]; done"},
    {"loop_in_a_loop", "for i in {1..2}; do for j in a b; do echo $i$j; done; done"},
    {"loop_over_a_substitution", "for i in $(seq 3); do echo n$i; done"},
    {"loop_over_a_variable", "L='x y  z'\nfor i in $L; do echo $i; done"},
    {"loop_over_nothing", "E=''\nfor i in $E; do echo $i; done\necho end"},
    {"loop_variable_stays", "for i in $(seq 2); do true; done\necho $i"},
    {"variable", "A=b\necho $A ${A}c '$A' \"$A\""},
    {"variable_set_again", "A=b\nA=${A}c\necho $A"},
    {"variable_cut_at_blanks", "A='x   y'\necho $A\necho \"$A\""},
    {"variable_with_blanks_around", "A=' x '\necho a$A''b"},
    {"empty_variable", "A=\necho $A | wc -w"},
    {"substitution", "A=$(echo one; echo two)\necho \"$A\"\necho $A"},
    {"substitution_with_a_pipe", "N=$(seq 20 | wc -l)\necho $N nodes"},
    {"substitution_in_a_word", "echo pre-$(echo mid)-post"},
    {"substitution_in_one", "echo $(echo a $(echo b))"},
    {"substitution_fails_the_assignment", "A=$(false)"},
    {"substitution_loses_its_newlines", "A=$(echo a; echo; echo)\necho \"[$A]\""},
    {"braces", "echo {a,b}{1..2} x{3..1}"},
    {"output_thrown_away", "echo a >/dev/null; echo b"},
    {"beside", "echo a & wait; echo b"},
    {"exit", "echo a; exit 3; echo b"},
    {"choice", "if true; then echo yes; else echo no; fi\nif false; then echo yes; else echo no; fi"},
    {"choice_without_else", "if false; then echo a; fi\necho $?"},
    {"choice_of_three", "A=2\nif [ $A = 1 ]; then echo a; elif [ $A = 2 ]; then echo b; else echo c; fi"},
    {"choice_by_a_pipe", "if seq 3 | grep -q 2; then echo yes; fi"},
    {"choice_fails_with_its_last", "if true; then false; fi"},
    {"choice_in_a_loop", "for i in a b c; do if [ $i = b ]; then continue; fi; echo $i; done"},
    {"variable_of_a_choice", "if false; then A=x; fi\necho \"[$A]\""},
    {"while_loop", "n=0\nwhile [ $n -lt 3 ]; do echo $n; n=$((n + 1)); done\necho end $n"},
    {"until_loop", "n=5\nuntil [ $n -le 2 ]; do n=$((n-1)); done\necho $n"},
    {"loop_without_a_turn", "while false; do echo a; done\necho $?"},
    {"loop_ends_with_its_last_turn", "n=0\nuntil [ $n = 2 ]; do n=$((n+1)); false; done"},
    {"break_in_a_loop", "n=0\nwhile true; do n=$((n+1)); if [ $n -eq 4 ]; then break; fi; done\necho $n"},
    {"break_out_of_written_words", "for i in a b c; do echo $i; [ $i = b ] && break; done\necho $?"},
    {"break_out_of_a_substitution", "for i in $(seq 5); do [ $i = 3 ] && break; echo $i; done\necho end"},
    {"continue_in_a_loop", "n=0\nwhile [ $n -lt 4 ]; do n=$((n+1)); [ $n = 2 ] && continue; echo $n; done"},
    {"break_leaves_one_loop",
     "for i in 1 2; do for j in $(seq 3); do [ $j = 2 ] && break; echo $i$j; done; done"},
    {"loop_in_a_conditional_loop",
     "n=0\nwhile [ $n -lt 2 ]; do for i in $(seq 2); do echo $n$i; done; n=$((n+1)); done"},
    {"negation", "! true; echo $?; ! false; echo $?; ! echo a | grep -q b && echo none"},
    {"exit_codes", "false; echo $?; true; echo $?; echo a | grep b; echo \"was $?\""},
    {"brackets_of_texts",
     "[ a = a ] && echo 1; [ a != a ] || echo 2; [ -n '' ] || echo 3; [ -z '' ] && echo 4"},
    {"brackets_of_numbers",
     "[ 2 -lt 10 ] && echo 1; [ 2 -ge 10 ] || echo 2; [ 007 -eq 7 ] && echo 3; [ -3 -lt 0 ] && echo 4"},
    {"brackets_with_too_few_words",
     "E=\n[ $E -eq 1 ]; echo $?; [ \"$E\" -eq 1 ]; echo $?; [ $E = a ]; echo $?"},
    {"brackets_of_one_word", "[ a ] && echo 1; [ '' ] || echo 2; test ! a; echo $?; [ ! '' ] && echo 3"},
    {"double_brackets",
     "A='x  y'\nE=\n[[ $A == 'x  y' ]] && echo 1; [[ $E -eq 0 ]] && echo 2; [[ -z $E ]] && echo 3"},
    {"arithmetic",
     "A=7\necho $((A + 2 * 3)) $(($A % 4)) $(((1+2)*3)) $((-A)) $((2**10)) $((7/2)) $((-7/2)) $((-7%3))"},
    {"arithmetic_of_truth", "echo $((1<2)) $((3==4)) $((!5)) $((1 && 0)) $((0 || 2)) $((5 > 3 ? 10 : 20))"},
    {"arithmetic_of_bits",
     "echo $((6 & 3)) $((6 | 3)) $((6 ^ 3)) $((~0)) $((1 << 5)) $((256 >> 2)) $((0x1f)) $((010))"},
    {"arithmetic_of_nothing", "E=\necho $((E + 1))"},
    {"arithmetic_wraps_around", "echo $((9223372036854775807 + 1))"},
    {"arithmetic_of_a_substitution", "echo $(( $(seq 5 | wc -l) - 2 ))"},
    {"arithmetic_of_a_loop_variable", "for i in 1 2 3; do echo $((i * 10)) $(($i+1)); done"},
    {"stops_not_in_a_choice",
     "set -e\nif false; then echo a; fi\nwhile false; do echo b; done\n! true\necho end"},
    {"stops_in_a_choice", "set -e\nif true; then false; fi\necho end"},
    {"stops_not_after_a_choice_of_conditions", "set -e\nif true; then false && true; fi\necho end"},
    {"filter_with_a_substitution", "seq 9 | grep $(echo 7) | head -n $((1 + 1))"},
    {"stops_after_the_last_of_a_list", "set -e\ntrue && false\necho end"},
    {"stops_not_before_the_last_of_a_list", "set -e\nfalse && true\necho end"},
    {"stops_not_in_a_substitution", "set -e\necho $(false; echo on)\nA=$(false)\necho end"},
    {"filter_with_a_variable", "for i in $(seq 3); do seq 5 | grep -c $i; done; N=2\nseq 9 | head -n $N"},
    {"comments", "# first\necho a # second\n# third"},
    {"goes_on_in_the_next_line", "echo a \\\n  b"},
    {"group", "false || { echo a; echo b; }\necho c"},
    {"group_over_lines", "true && {\n  echo a\n  echo b\n}\n{ echo c; }"},
    {"group_that_exits", "true && { echo a; exit 4; }\necho b"},
    {"function", "f() { echo \"f $1 $#\"; }\nf a; f b c; f"},
    {"function_over_lines", "f ()\n{\n  # says it\n  echo \"$1\"\n}\nf a"},
    {"function_with_its_keyword", "function f { echo x; }\nfunction g() { echo y; }\nf; g"},
    {"function_with_a_hyphen", "my-f() { echo $1; }\nmy-f a"},
    {"function_of_all_words", "say() { echo \"$*\"; echo $@; echo \"$@\"; }\nsay a 'b  c' d"},
    {"function_of_cut_words", "W='a b'\nf() { echo $# $1; }\nf $W; f \"$W\""},
    {"function_returns", "f() { if [ $1 = a ]; then return 3; fi; echo on; }\nf a; echo $?; f b; echo $?"},
    {"function_returns_from_a_loop",
     "f() { for i in $(seq 3); do [ $i = 2 ] && return 5; echo $i; done; }\nf; echo $?\nfor j in $(seq 2); "
     "do f; "
     "echo $j; done"},
    {"function_returns_the_last_code", "f() { false; return; }\nf; echo $?"},
    {"function_in_a_condition",
     "ok() { [ $1 -gt 2 ]; }\nok 3 && echo yes\nok 1 || echo no\nif ok 5; then echo big; fi"},
    {"function_captured", "f() { echo $1-$2; }\nx=$(f a b)\necho $x $(f \"c d\" e)"},
    {"function_with_a_local_variable", "f() { local y=$1; echo $y; }\nf a; x=$(f b); echo $x"},
    {"function_sets_a_variable", "f() { V=$1; }\nf a; echo $V"},
    {"function_in_a_function", "g() { echo g$1; }\nf() { g $1; g x; echo f$1; }\nf a; f \"b c\""},
    {"function_in_a_loop",
     "f() { echo $1; }\nfor i in a b; do f $i; done\nfor i in $(seq 2); do f n$i; done"},
    {"function_beside", "f() { echo $1; }\nf a & wait"},
    {"function_thrown_away", "f() { echo a; }\nf >/dev/null; echo b"},
    {"function_that_exits", "die() { echo \"$*\"; exit 7; }\nfalse || die no more\necho on"},
    {"function_stops_not_in_a_condition", "set -e\nf() { false; echo on; }\nf || echo caught\nf\necho end"},
    {"function_with_substitutions", "f() { echo $(seq $1 | wc -l) $(($1 + 1)); }\nf 3; N=4; f $N"},
    {"default_value", "echo ${A:-x} ${A-y}\nA=\necho \"[${A:-e f}]\" \"[${A-g}]\"\nA=z\necho ${A:-x}"},
    {"default_value_of_a_variable", "B=b\necho ${A:-$B} ${C:-$(seq 2 | tail -n 1)} \"${D:-a;b|c}\""},
    {"default_value_that_is_set", "echo ${B:=q}\necho $B"},
    {"default_value_of_a_parameter", "f() { echo ${1:-none} ${2:-two}; }\nf; f a b; f ''"},
    {"backticks", "A=`echo a b`\necho $A `seq 3 | wc -l`\necho \"x `echo y` z\""},
    {"printf_words", "printf '%s-%d%%\\n' a 1 b 2; printf 'x\\n'; printf '%s' end"},
    {"echo_with_escapes", "echo -e 'a\\nb\\tc'; echo -en 'x\\n'; echo 'a\\nb'; echo -n -e y"},
    {"errors_are_no_output", "echo a >&2; echo b; echo c 1>&2; A=$(echo d >&2; echo e)\necho $A"},
    {"failures_go_on_again", "set -e\nset +e\nfalse\necho on"},
    {"all_that_a_script_sets", "set -Eeuo pipefail\necho a\nfalse | cat\necho b"},
    {"exit_with_a_variable", "N=3\nexit $N"},
    {"exit_with_the_last_code", "false\nexit"},
    {"exit_from_a_substitution", "A=$(echo x; exit 3; echo y)\necho $? $A"},
    {"exit_from_a_loop_in_a_substitution",
     "A=$(for i in $(seq 3); do [ $i = 2 ] && exit 3; echo $i; done)\necho $? $A"},
    {"exit_from_a_loop", "for i in $(seq 3); do [ $i = 2 ] && exit 6; echo $i; done\necho end"},
    {"export_of_two", "export A=1 B=2 C\nreadonly D=3\necho $A$B$D"},
    {"document", "N=web\ncat <<EOF\nname: $N ${N}-1 \\$x\n  more {a,b}\nEOF\necho end"},
    {"document_as_it_is", "cat <<'EOF'\n$N `x` \\n\nEOF"},
    {"document_without_its_tabs", "cat <<-EOF\n\ta\n\t\tb\n\tEOF\necho c"},
    {"document_into_filters", "cat <<EOF | grep -c a\na\nb\nab\nEOF"},
    {"document_in_a_loop", "for i in a b; do cat <<EOF\n$i;\nEOF\ndone"},
    {"documents_two_on_a_line", "cat <<A; cat <<B\na\nA\nb\nB\necho c"},
    {"sequence_steps", "seq 1 3 10"},
    {"sequence_down", "seq 3 -1 1"},
    {"echo_without_newline", "echo -n a; echo b"},
};

INSTANTIATE_TEST_SUITE_P(Table, Runbooks, testing::ValuesIn(kScripts),
                         [](const auto& row) { return std::string(row.param.name); });

/// Small scripts of what needs no cluster.
rc::Gen<std::string> scripts() {
  using rc::gen::element;
  static const auto word =
      element<std::string>("a", "$A", "\"$A\"", "'b  c'", "$(seq 3)", "x{1..2}", "\"$(echo d e)\"");
  const auto command = rc::gen::map(
      rc::gen::tuple(word, word, element<std::string>("", " | wc -w", " | grep -c a", " | tail -n 1")),
      [](const auto& t) { return "echo " + std::get<0>(t) + " " + std::get<1>(t) + std::get<2>(t); });
  const auto simple =
      rc::gen::oneOf(command, element<std::string>("true", "false", "A=f", "A='g  h'", "A=$(echo i; false)"));
  const auto joined =
      rc::gen::map(rc::gen::tuple(simple, element<std::string>(" && ", " || ", "; ", "\n"), simple),
                   [](const auto& t) { return std::get<0>(t) + std::get<1>(t) + std::get<2>(t); });
  const auto loop = rc::gen::map(
      rc::gen::tuple(element<std::string>("{1..2}", "$A", "$(seq 2)", "j k"), joined), [](const auto& t) {
        return "for i in " + std::get<0>(t) + "; do echo $i; " + std::get<1>(t) + "; done";
      });
  const auto condition =
      element<std::string>("true", "false", "[ \"$A\" = f ]", "! [ -n \"$A\" ]", "[ $N -lt 2 ]",
                           "echo a | grep -q a", "[[ $A == z ]]", "[ $((N % 2)) -eq 0 ]");
  const auto choice = rc::gen::map(rc::gen::tuple(condition, joined, joined), [](const auto& t) {
    return "if " + std::get<0>(t) + "; then " + std::get<1>(t) + "; else " + std::get<2>(t) + "; fi";
  });
  const auto turns = rc::gen::map(
      rc::gen::tuple(
          element<std::string>("while [ $N -lt 3 ]", "until [ $N -ge 2 ]"), joined,
          element<std::string>("true", "[ $N -eq 1 ] && break", "[ $N = 1 ] && continue", "false")),
      [](const auto& t) {
        return "N=0\n" + std::get<0>(t) + "; do N=$((N + 1)); " + std::get<2>(t) + "; " + std::get<1>(t) +
               "; done\necho $?";
      });
  const auto unit = rc::gen::oneOf(simple, joined, loop, choice, turns);
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(3, unit),
                      [](const std::vector<std::string>& units) {
                        std::string script = "A=z\nN=1\n";
                        for (const std::string& one : units) {
                          script += one + "\n";
                        }
                        return script;
                      });
}

RC_GTEST_PROP(RunbookProperty, scripts_print_what_bash_prints, ()) {
  const std::string script = *scripts();
  const Ran ran = run_script(script);
  RC_LOG() << script << ran.problem;
  RC_ASSERT(ran.problem.empty());
  const runbook::RealResult real = runbook::run_bash(script);
  RC_ASSERT(ran.output == real.output);
}

TEST(Runbooks, RunCommandsOfTheCluster) {
  const Ran ran = run_script(
      "for n in $(kubectl get nodes -o name | head -n 2); do kubectl cordon $n; done\n"
      "kubectl get nodes | grep -c SchedulingDisabled\n");
  ASSERT_EQ(ran.problem, "");
  EXPECT_EQ(ran.output, "node/node-1 cordoned\nnode/node-2 cordoned\n2\n");
}

TEST(Runbooks, PerformWhatStandsBeforeAmpersandSideBySide) {
  const Ran ran = run_script("sleep 30 &\nsleep 20 &\nwait\necho end");
  ASSERT_EQ(ran.problem, "");
  const std::vector<sim::CommandRecord>& commands = ran.record.steps.front().commands;
  ASSERT_EQ(commands.size(), 3U);
  EXPECT_EQ(commands[0].command, "sleep 20");
  EXPECT_EQ(*commands[2].started - *commands[0].started, std::chrono::seconds{30});
}

TEST(Runbooks, WaitInALoopUntilTheClusterIsReady) {
  const Ran ran = run_script(
      "kubectl scale statefulset web --replicas=4\n"
      "n=0\n"
      "until kubectl get pods --no-headers | grep -c ' 1/1 ' | grep -qx 4; do\n"
      "  n=$((n + 1))\n"
      "  if [ $n -gt 60 ]; then echo late; exit 1; fi\n"
      "  sleep 5\n"
      "done\n"
      "kubectl get statefulset web -o jsonpath='{.status.readyReplicas}'\n");
  ASSERT_EQ(ran.problem, "");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.output, "statefulset.apps/web scaled\n4");
  EXPECT_GT(ran.record.steps.front().commands.size(), 4U);
}

TEST(Runbooks, EndALoopThatTakesNoTime) {
  const Ran ran = run_script("while true; do true; done\necho end");
  ASSERT_EQ(ran.problem, "");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.output, "");
  std::string errors;
  for (const sim::CommandRecord& command : ran.record.steps.front().commands) {
    errors += command.errors;
  }
  EXPECT_NE(errors.find("1000 turns in which no time passed"), std::string::npos) << errors;
}

TEST(Runbooks, LeaveALoopThatNeverEndsAsAStall) {
  const Ran ran = run_script("until kubectl get pod web-9; do sleep 60; done", "until: 2h\n");
  ASSERT_EQ(ran.problem, "");
  bool stalls = false;
  for (const sim::Finding& finding : ran.record.findings) {
    stalls = stalls || (finding.check == "stalls" && finding.verdict == sim::Verdict::Violated);
  }
  EXPECT_TRUE(stalls);
}

/// What is beyond the model is told, whatever the runbook makes of the failure: on_error is continue here.
TEST(Runbooks, DoNotPassOverWhatIsBeyondTheModel) {
  const auto judged = [](const Ran& ran) {
    for (const sim::Finding& finding : ran.record.findings) {
      if (finding.check == "plan-is-performed") {
        return finding.verdict == sim::Verdict::Held ? std::string("held") : finding.summary;
      }
    }
    return std::string("it was not judged");
  };
  const std::string beyond = "step \"all of it\" was not performed: ";
  EXPECT_EQ(judged(run_script("f=$(echo --watch)\nkubectl get pods $f")),
            beyond + "kubectl get --watch is not modelled");
  EXPECT_EQ(judged(run_script("f=$(echo --watch)\nkubectl get pods $f 2>/dev/null | wc -l || true")),
            beyond + "kubectl get --watch is not modelled");
  EXPECT_EQ(judged(run_script("kubectl patch node node-1 -p '{\"spec\":{\"podCIDR\":\"10.0.0.0/24\"}}'")),
            beyond + "a change of a node's spec other than of taints and unschedulable is not modelled");
  EXPECT_EQ(judged(run_script("seq 1 100000000 | tail -1")),
            beyond + "seq prints at most 100000 numbers here");
  // These the real programs refuse.
  EXPECT_EQ(judged(run_script("f=$(echo --wach)\nkubectl get pods $f")), "held");
  EXPECT_EQ(judged(run_script("kubectl get pod nobody")), "held");
}

TEST(Runbooks, EndAtADivisionByZero) {
  const Ran ran = run_script("N=0\necho $((1 / N))\necho end");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.output, "");
}

TEST(Runbooks, SayWhatOfAConditionIsNotTaken) {
  for (const auto& [script, problem] : std::vector<std::pair<std::string, std::string>>{
           {"[ -f a ] && echo b", "[: \"-f\" is no comparison that is taken"},
           {"[ a == b", "the [ that opens here has no ]"},
           {"[ a = b -a c = d ]", "[ takes one comparison here"},
           {"break", "break stands in no loop"},
           {"for i in a; do A=$(break); done", "break stands in no loop"},
           {"echo $((1 +))", "$((…)): a number is missing at the end"},
           {"echo $((none))", "there is no variable none here"},
           {"N=1\necho $((N++))", "\"++\" is beyond the expressions of runbooks"}}) {
    EXPECT_NE(run_script(script).problem.find(problem), std::string::npos)
        << script << run_script(script).problem;
  }
}

TEST(Runbooks, SayWhatOfAFunctionIsNotTaken) {
  for (const auto& [script, problem] : std::vector<std::pair<std::string, std::string>>{
           {"f() { f; }\nf", "f calls itself"},
           {"f() { echo a; }\nf | grep a", "a function before a pipe"},
           {"f() { g() { echo a; }; }", "a function inside a function"},
           {"f() echo a", "the function f has no { …; }"},
           {"f() { kubectl \"$@\"; }\nf get nodes", "\"$@\" is taken behind echo only"},
           {"return 3", "return stands in no function"},
           {"local A=b", "local stands in no function"},
           {"A=b\nf() { local A=c; }\nf", "local A hides a variable A that is set outside"},
           {"f() { echo $1; }\nA=$(echo b)\nf $A & wait", "f is performed beside the rest"},
           {"echo $1", "$1 is an argument of the script"},
           {"echo ${2}", "${2} is an argument of the script"},
           {"A=b\necho ${A%c}", "\"${A%\" is beyond the grammar"},
           {"A=b\necho ${#A}", "\"${#\" is beyond the grammar"},
           {"A=b\necho ${A:?none}", "\"${A:?\" is beyond the grammar"},
           {"A=(b c)", "an array is beyond the grammar"},
           {"A=$(echo b)\ncat <<EOF\n$A\nEOF", "$A has no value then"},
           {"cat <<EOF\n$(date)\nEOF", "no command has run then"},
           {"cat <<EOF\na", "has no line \"EOF\""},
           {"printf %5d 1", "printf: %5 is beyond the grammar"},
           {"date -d tomorrow", "date: \"-d\" is beyond the grammar"},
           {"{ echo a; } >/dev/null", "what a group reads or prints cannot be redirected"}}) {
    EXPECT_NE(run_script(script).problem.find(problem), std::string::npos) << script << "\n"
                                                                           << run_script(script).problem;
  }
}

TEST(Runbooks, RefuseFunctionsThatGrowWithoutEnd) {
  std::string script = "f0() { A=b; }\n";
  for (int i = 1; i < 40; ++i) {
    script += fmt::format("f{}() {{ f{}; f{}; }}\n", i, i - 1, i - 1);
  }
  EXPECT_NE(run_script(script + "f39").problem.find("this is more than 10000 commands"), std::string::npos);
  EXPECT_NE(run_script("for i in {1..9999}; do for j in {1..9999}; do A=b; done; done")
                .problem.find("this is more than"),
            std::string::npos);
}

TEST(Runbooks, KnowFunctionsOfEarlierSteps) {
  const Ran ran = run_script("say() { echo \"said $1\"; frob() { true; }; }", "");
  EXPECT_NE(ran.problem.find("a function inside a function"), std::string::npos) << ran.problem;
  const Ran later = run_script("say() { echo \"said $1\"; }\nsay once",
                               "  - step: later\n    run: say twice\n"
                               "  - step: last\n    run: say $N\n");
  EXPECT_NE(later.problem.find("there is no variable N here"), std::string::npos) << later.problem;
  const Ran good =
      run_script("say() { echo \"said $1\"; }\nsay once", "  - step: later\n    run: say twice\n");
  ASSERT_EQ(good.problem, "");
  EXPECT_EQ(good.record.steps.back().output(), "said twice\n");
}

TEST(Runbooks, EndThePlanWithExit) {
  const Ran ran = run_script("echo a\nexit 0\necho b", "  - step: later\n    run: echo c\n");
  ASSERT_EQ(ran.problem, "");
  EXPECT_EQ(ran.output, "a\n");
  EXPECT_EQ(ran.record.steps.front().outcome, sim::StepOutcome::Succeeded);
  EXPECT_EQ(ran.record.steps.back().outcome, sim::StepOutcome::Skipped);
}

TEST(Runbooks, ShowTheMomentOfTheRehearsal) {
  // The plan begins when the cluster has come up, five seconds later.
  const Ran ran =
      run_script("date -u +%FT%TZ\nsleep 3661\ndate +%H:%M:%S\ndate", "date: 2026-02-28T23:00:00Z\n");
  ASSERT_EQ(ran.problem, "");
  EXPECT_EQ(ran.output, "2026-02-28T23:00:05Z\n00:01:06\nSun Mar  1 00:01:06 UTC 2026\n");
}

TEST(Runbooks, ApplyWhatAHereDocumentHolds) {
  const Ran ran = run_script(
      "NAME=late\ncat <<EOF | kubectl apply -f -\napiVersion: policy/v1\nkind: PodDisruptionBudget\n"
      "metadata: {name: $NAME}\nspec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\nEOF\n"
      "kubectl get pdb -o name\n");
  ASSERT_EQ(ran.problem, "");
  EXPECT_EQ(ran.output, "poddisruptionbudget.policy/late created\npoddisruptionbudget.policy/late\n");
}

TEST(Runbooks, PerformAFunctionForEachNodeSideBySide) {
  const Ran ran = run_script(
      "away() {\n  kubectl cordon \"$1\" >/dev/null || return 1\n  sleep 10\n}\n"
      "for n in node-1 node-2; do away $n & done\nwait\nkubectl get nodes | grep -c SchedulingDisabled\n");
  ASSERT_EQ(ran.problem, "");
  EXPECT_EQ(ran.output, "2\n");
}

TEST(Runbooks, KeepVariablesFromStepToStep) {
  const Ran ran = run_script("A=web",
                             "  - step: later\n    run: kubectl scale statefulset $A --replicas=1\n"
                             "  - step: and later\n    run: echo $B\n");
  EXPECT_NE(ran.problem.find("there is no variable B here"), std::string::npos) << ran.problem;
  EXPECT_EQ(ran.problem.find("variable A"), std::string::npos) << ran.problem;
}

TEST(Runbooks, TellWhatIsBeyondTheGrammarWithItsPlaceInTheFile) {
  const Ran ran = run_script("echo a\nkubectl get nodes | sed s/a/b/\n");
  EXPECT_NE(ran.problem.find("a.yaml:11:27: error: plan[0].run: nothing can be piped into sed here"),
            std::string::npos)
      << ran.problem;
}

TEST(Runbooks, CheckEachTurnOfALoopWhenTheyAreLoaded) {
  const Ran ran = run_script("for i in {1..2}; do kubectl get nodes --selectr=$i; done");
  EXPECT_NE(ran.problem.find("--selectr"), std::string::npos) << ran.problem;
}

TEST(Import, MakesAStepOfEachCommandAndSaysWhatItCannotTake) {
  const ImportedPlan plan = import_runbook(
      "#!/bin/bash\nset -e\n\n# cordon the first two\nfor i in {1..2}; do\n  kubectl cordon node-$i\ndone\n"
      "case x in x) echo x;; esac\nkubectl get nodes | grep -c Disabled\nfrobnicate\n"
      "# until two are cordoned\nuntil [ $(kubectl get nodes | grep -c Disabled) -eq 2 ]; do\n  sleep "
      "5\ndone\n",
      "scale.sh", "1.35");
  EXPECT_EQ(plan.steps, 3U);
  EXPECT_EQ(plan.not_taken.error_count(), 2U);
  const std::string told = language::render(plan.not_taken.sorted());
  EXPECT_NE(told.find("scale.sh:8:1: error: \"case\" is beyond the grammar of runbooks"), std::string::npos)
      << told;
  EXPECT_NE(told.find("scale.sh:10:1: error: the program frobnicate is not modelled"), std::string::npos)
      << told;
  EXPECT_NE(plan.yaml.find("step: cordon the first two"), std::string::npos) << plan.yaml;
  EXPECT_NE(plan.yaml.find("step: until two are cordoned"), std::string::npos) << plan.yaml;
  EXPECT_NE(plan.yaml.find("# not taken, line 8:\n#   case x"), std::string::npos) << plan.yaml;
  const std::string cluster = "cluster:\n  nodes: {\"node-[1-3]\": {cpu: 4, memory: 8Gi}}\n";
  language::Diagnostics diagnostics;
  EXPECT_TRUE(load({"plan.yaml", plan.yaml + cluster, {}, {}}, diagnostics))
      << language::render(diagnostics.sorted()) << plan.yaml;
}

TEST(Import, KeepsAnExitCodeBesideItsCommand) {
  const ImportedPlan plan = import_runbook(
      "kubectl get node node-1\nif [ $? -ne 0 ]; then exit 1; fi\nkubectl get nodes\n", "a.sh", "1.35");
  EXPECT_EQ(plan.steps, 2U) << plan.yaml;
}

TEST(Import, TakesWhatAScriptSetsIntoTheStepsThatNeedIt) {
  const ImportedPlan plan = import_runbook(
      "#!/bin/bash\nset -euo pipefail\nsay() { echo \"$*\"; }\nfor n in 1 2; do\n  kubectl cordon node-$n\n  "
      "kubectl drain node-$n --ignore-daemonsets\ndone\nkubectl get nodes\nkubectl get pods | wc -l\n"
      "set +e\nsay the end\n",
      "a.sh", "1.35");
  EXPECT_FALSE(plan.not_taken.has_errors()) << language::render(plan.not_taken.sorted());
  EXPECT_EQ(plan.steps, 4U) << plan.yaml;
  for (const char* part :
       {"      set -eo pipefail\n      say() { echo \"$*\"; }\n      for n in 1 2; do\n",
        "run: |\n      kubectl get nodes\n  - step",
        "      set -o pipefail\n      kubectl get pods | wc -l\n",
        "run: |\n      say the end\n    on_error: continue\n",
        "checks:  # that fit these commands; see rehearse explain\n  - no-unschedulable-pods\n"}) {
    EXPECT_NE(plan.yaml.find(part), std::string::npos) << part << "\nis not in\n" << plan.yaml;
  }
  const std::string cluster = "cluster:\n  nodes: {\"node-[1-3]\": {cpu: 4, memory: 8Gi}}\n";
  language::Diagnostics diagnostics;
  EXPECT_TRUE(load({"plan.yaml", plan.yaml + cluster, {}, {}}, diagnostics))
      << language::render(diagnostics.sorted()) << plan.yaml;
}

TEST(Import, GoesOnAfterAFailureAsTheScriptDoes) {
  EXPECT_NE(import_runbook("kubectl get nodes\n", "a.sh", "1.35").yaml.find("on_error: continue"),
            std::string::npos);
  // Somebody who types stops, and so does a script that asks for it.
  EXPECT_EQ(import_runbook("$ kubectl get nodes\n", "a.sh", "1.35").yaml.find("on_error"), std::string::npos);
  EXPECT_EQ(import_runbook("set -e\nkubectl get nodes\n", "a.sh", "1.35").yaml.find("on_error"),
            std::string::npos);
}

TEST(Import, PassesOverTheWholeOfWhatItCannotTake) {
  const ImportedPlan plan = import_runbook(
      "case \"$1\" in\n  up)\n    kubectl uncordon a\n    ;;\n  *) if true; then echo x; fi ;;\nesac\n"
      "for n in a b; do\n  kubectl get nodes > file\n  kubectl cordon $n\ndone\n"
      "f() {\n  ( cd x )\n  kubectl delete node a\n}\n"
      "cat > file <<EOF\nkubectl delete node b\nEOF\nkubectl get nodes\n",
      "a.sh", "1.35");
  EXPECT_EQ(plan.steps, 1U) << plan.yaml;
  const std::string told = language::render(plan.not_taken.sorted());
  EXPECT_EQ(plan.not_taken.error_count(), 4U) << told;
  for (const char* place : {"a.sh:1:1: error: \"case\"", "a.sh:8:21: error: a redirection",
                            "a.sh:12:3: error: a subshell", "a.sh:15:5: error: a redirection"}) {
    EXPECT_NE(told.find(place), std::string::npos) << place << " is not in\n" << told;
  }
  EXPECT_EQ(plan.yaml.substr(plan.yaml.find("plan:")).find("delete"), std::string::npos) << plan.yaml;
}

}  // namespace
}  // namespace scenarios

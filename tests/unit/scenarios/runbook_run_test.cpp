// A runbook as a shell would run it: bash is the judge of everything that needs no cluster.
#include "scenarios/run.h"

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

}  // namespace
}  // namespace scenarios

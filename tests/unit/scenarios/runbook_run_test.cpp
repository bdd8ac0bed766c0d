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
  const auto unit = rc::gen::oneOf(simple, joined, loop);
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(3, unit),
                      [](const std::vector<std::string>& units) {
                        std::string script = "A=z\n";
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
      "if true; then echo x; fi\nkubectl get nodes | grep -c Disabled\nfrobnicate\n",
      "scale.sh", "1.35");
  EXPECT_EQ(plan.steps, 2U);
  EXPECT_EQ(plan.not_taken.error_count(), 2U);
  const std::string told = language::render(plan.not_taken.sorted());
  EXPECT_NE(told.find("scale.sh:8:1: error: \"if\" is beyond the grammar of runbooks"), std::string::npos)
      << told;
  EXPECT_NE(told.find("scale.sh:10:1: error: the program frobnicate is not modelled"), std::string::npos)
      << told;
  EXPECT_NE(plan.yaml.find("step: cordon the first two"), std::string::npos) << plan.yaml;
  EXPECT_NE(plan.yaml.find("# not taken, line 8:\n#   if true"), std::string::npos) << plan.yaml;
  const std::string cluster = "cluster:\n  nodes: {\"node-[1-3]\": {cpu: 4, memory: 8Gi}}\n";
  language::Diagnostics diagnostics;
  EXPECT_TRUE(load({"plan.yaml", plan.yaml + cluster, {}, {}}, diagnostics))
      << language::render(diagnostics.sorted()) << plan.yaml;
}

}  // namespace
}  // namespace scenarios

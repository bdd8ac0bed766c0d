#include "scenarios/runbook/filter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/unit/runbook/real_programs.h"

namespace scenarios::runbook {
namespace {

constexpr const char* kPods =
    "NAME             READY   STATUS    RESTARTS   AGE\n"
    "iomesh-chunk-0   3/3     Running   0          5h5m\n"
    "iomesh-chunk-1   3/3     Running   12         5h5m\n"
    "iomesh-chunk-10  3/3     Pending   2          5m\n"
    "iomesh-meta-0    2/2     Running   0          5h5m\n"
    "\n"
    "no newline at the end";

FilterPointer compile(const std::string& text, std::vector<commands::CommandProblem>& problems) {
  std::vector<commands::Argument> arguments;
  for (const commands::Word& word : commands::split_words(text).words) {
    arguments.push_back(commands::Argument::of(word));
  }
  return compile_filter(arguments, problems);
}

struct FilterCase {
  const char* name;
  const char* filter;
  friend std::ostream& operator<<(std::ostream& os, const FilterCase& c) { return os << c.filter; }
};

class Filters : public testing::TestWithParam<FilterCase> {};

TEST_P(Filters, PrintWhatTheRealProgramPrints) {
  for (const std::string& input :
       {std::string(kPods), std::string(), std::string("\n"), std::string("b\na\n")}) {
    std::vector<commands::CommandProblem> problems;
    const FilterPointer filter = compile(GetParam().filter, problems);
    ASSERT_TRUE(filter) << problems.front().text;
    const RealResult real = run_bash(GetParam().filter, input);
    EXPECT_EQ(filter->apply(input).output, real.output) << "input: " << input;
    EXPECT_EQ(filter->apply(input).exit_code, real.exit_code) << "input: " << input;
  }
}

const FilterCase kFilters[] = {
    {"grep", "grep chunk"},
    {"grep_inverted", "grep -v Running"},
    {"grep_count", "grep -c chunk"},
    {"grep_quiet", "grep -q chunk"},
    {"grep_nothing", "grep absent"},
    {"grep_basic_expression", "grep 'chunk-[0-9]*  '"},
    {"grep_extended", "grep -E 'chunk-(0|1) '"},
    {"grep_fixed", "grep -F '3/3'"},
    {"grep_case", "grep -i RUNNING"},
    {"grep_word", "grep -w iomesh-chunk-1"},
    {"grep_line", "grep -x 'no newline at the end'"},
    {"grep_only", "grep -o 'chunk-[0-9]'"},
    {"grep_most", "grep -m 1 chunk"},
    {"grep_two_patterns", "grep -e meta -e Pending"},
    {"grep_flags_together", "grep -vi running"},
    {"egrep", "egrep 'meta|Pending'"},
    {"head", "head"},
    {"head_n", "head -n 2"},
    {"head_short", "head -1"},
    {"head_all_but", "head -n -2"},
    {"tail", "tail -n 2"},
    {"tail_short", "tail -1"},
    {"tail_from", "tail -n +2"},
    {"wc_lines", "wc -l"},
    {"wc_words", "wc -w"},
    {"wc", "wc"},
    {"sort", "sort"},
    {"sort_reverse", "sort -r"},
    {"sort_key", "sort -k 3"},
    {"sort_numeric", "sort -n -k4"},
    {"sort_unique", "sort -u"},
    {"sort_versions", "sort -V"},
    {"uniq", "uniq"},
    {"uniq_count", "uniq -c"},
    {"tac_lines", "head -n 3"},
    {"cat", "cat"},
    {"cut", "cut -d ' ' -f 1"},
    {"cut_two", "cut -d - -f 1,3"},
    {"awk_field", "awk '{print $1}'"},
    {"awk_fields", "awk '{print $1, $3}'"},
    {"awk_joined", "awk '{print $1\"/\"$2}'"},
    {"awk_last", "awk '{print $NF}'"},
    {"awk_count", "awk '{print NF}'"},
    {"awk_skips_the_header", "awk 'NR>1 {print $1}'"},
    {"awk_pattern", "awk '/chunk/ {print $1}'"},
    {"awk_not_pattern", "awk '!/chunk/'"},
    {"awk_text", "awk '$3==\"Running\" {print $1}'"},
    {"awk_both", "awk 'NR>1 && $4 > 1 {print $1}'"},
    {"awk_either", "awk '$3==\"Pending\" || /meta/ {print}'"},
    {"awk_field_matches", "awk '$1 ~ /^iomesh-chunk/ {print $1}'"},
    {"awk_separator", "awk -F- '{print $2}'"},
};

INSTANTIATE_TEST_SUITE_P(Table, Filters, testing::ValuesIn(kFilters),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Filters, TacTurnsLinesRound) {
  std::vector<commands::CommandProblem> problems;
  EXPECT_EQ(compile("tac", problems)->apply("a\nb\n").output, "b\na\n");
}

struct RefusedCase {
  const char* filter;
  const char* problem;
};

TEST(Filters, RefuseWhatTheyDoNotHave) {
  const RefusedCase cases[] = {
      {"sed s/a/b/", "nothing can be piped into sed here"},
      {"grep", "grep: the pattern is missing"},
      {"grep -A3 x", "grep: the flag -A is not taken"},
      {"grep 'a\\(' ", "grep: \"a\\(\" is no pattern: Unmatched ( or \\("},
      {"grep x file", "grep: \"file\" is one word too many"},
      {"head -c 3", "head: the flag -c is not taken"},
      {"head -n x", "head: \"x\" is no number of lines"},
      {"tail -n", "tail: -n needs a value"},
      {"sort -k x", "sort: \"x\" is no number of lines"},
      {"wc -L", "wc: the flag -L is not taken"},
      {"awk", "awk: the program is missing"},
      {"awk '{printf $1}'", "awk: only print is taken"},
      {"awk '{print $1} END {print 2}'", "awk: one rule is all that is taken"},
      {"cut -f x -d,", "cut: \"x\" is no list of fields"},
  };
  for (const RefusedCase& one : cases) {
    std::vector<commands::CommandProblem> problems;
    EXPECT_FALSE(compile(one.filter, problems)) << one.filter;
    ASSERT_FALSE(problems.empty()) << one.filter;
    EXPECT_EQ(problems.front().text, one.problem);
    EXPECT_FALSE(problems.front().hint.empty()) << one.filter;
  }
}

RC_GTEST_PROP(Filters, AgreeWithTheRealProgramOnDrawnText, ()) {
  const auto lines = *rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::element('a', 'b', '-', '1', '0', ' ', '\t')));
  std::string input;
  for (const std::string& line : lines) {
    input += line + "\n";
  }
  const std::string filter = *rc::gen::element<std::string>(
      "grep a", "grep -c '^b'", "grep -w a", "grep -o '[01]*'", "head -n 2", "tail -n +2", "sort", "sort -n",
      "sort -rn -k2", "uniq -c", "wc -l", "awk '{print $2}'", "awk 'NF>1 {print $NF, NR}'", "cut -d - -f 2");
  std::vector<commands::CommandProblem> problems;
  const RealResult real = run_bash(filter, input);
  const Filter::Result ours = compile(filter, problems)->apply(input);
  RC_LOG() << filter << "\n" << input;
  RC_ASSERT(ours.output == real.output);
  RC_ASSERT(ours.exit_code == real.exit_code);
}

}  // namespace
}  // namespace scenarios::runbook

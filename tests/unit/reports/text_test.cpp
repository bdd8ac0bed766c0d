#include "reports/text.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <sstream>

#include "reports/folded_output.h"
#include "reports/wrap.h"

namespace reports {
namespace {

struct MomentCase {
  std::int64_t milliseconds;
  const char* text;
  friend std::ostream& operator<<(std::ostream& os, const MomentCase& c) { return os << c.text; }
};
const MomentCase kMoments[] = {
    {0, "0s"},         {4500, "4.500s"},        {59'999, "59.999s"},       {60'000, "1m00s"},
    {62'345, "1m02s"}, {3'600'000, "1h00m00s"}, {90'061'000, "25h01m01s"}, {-5000, "-5s"}};
class Moments : public testing::TestWithParam<MomentCase> {};
TEST_P(Moments, ReadAsPeopleWriteThem) {
  EXPECT_EQ(moment(sim::Time{GetParam().milliseconds * 1'000'000}), GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(All, Moments, testing::ValuesIn(kMoments));

TEST(Wrap, BreaksAtBlanksAndHangs) {
  EXPECT_EQ(wrap("one two three four", 12, "a: ", 3), "a: one two\n   three\n   four\n");
  EXPECT_EQ(wrap("averyveryverylongword x", 8, "", 2), "averyveryverylongword\n  x\n");
  EXPECT_EQ(wrap("✔✔✔ ✔✔✔", 7, "", 0), "✔✔✔ ✔✔✔\n") << "a code point is one column";
}

sim::ResultRecord example() {
  sim::ResultRecord record;
  record.scenario = "a set shrinks";
  record.file = "a.yaml";
  record.repeat = "rehearse run a.yaml --seed 1";
  record.ended_at = sim::Time{90'000'000'000};
  sim::StepRecord step;
  step.name = "shrink";
  step.commands = {{"kubectl scale sts web --replicas=1", false, sim::Time{60'000'000'000},
                    sim::Time{60'000'000'000}, 0, "statefulset.apps/web scaled\n", ""}};
  step.started = sim::Time{60'000'000'000};
  step.outcome = sim::StepOutcome::Running;
  record.steps = {step};
  record.transitions = {{sim::Time{61'000'000'000},
                         "pod default/web-2",
                         "deletion requested (grace 30s)",
                         "statefulset-controller",
                         0,
                         {}},
                        {sim::Time{61'000'000'000},
                         "pod default/web-1",
                         "deletion requested (grace 30s)",
                         "statefulset-controller",
                         0,
                         {}},
                        {sim::Time{62'000'000'000},
                         "statefulset default/web",
                         "status.replicas 3 -> 2",
                         "statefulset-controller",
                         0,
                         {}}};
  sim::Finding finding;
  finding.check = "one-at-a-time";
  finding.asked_for = true;
  finding.verdict = sim::Verdict::Violated;
  finding.summary = "web-1 leaves while web-2 is still leaving";
  finding.at = sim::Time{61'000'000'000};
  finding.place = "a.yaml:14";
  finding.because = {
      {sim::Time{60'000'000'000}, "step \"shrink\": kubectl scale sts web --replicas=1", "a.yaml:12"}};
  record.findings = {finding};
  record.basis = {{"pod.start 2s", "assumed", "a guess"}};
  return record;
}

TEST(Text, LeavesOutTheMiddleOfALoopThatWaits) {
  sim::ResultRecord record = example();
  const sim::CommandRecord turn{"sleep 5", false, sim::Time{60'000'000'000}, sim::Time{65'000'000'000}, 0,
                                "",        ""};
  record.steps.front().commands.assign(100, turn);
  record.steps.front().commands.front().command = "echo first";
  record.steps.front().commands.push_back({"echo never", false, {}, {}, 0, "", ""});
  const std::string report = text(record, {});
  EXPECT_NE(report.find("$ echo first\n"), std::string::npos) << report;
  EXPECT_NE(report.find("… 61 commands left out; --verbose shows them\n"), std::string::npos) << report;
  EXPECT_NE(report.find("$ echo never   (not performed)\n"), std::string::npos) << report;
  TextOptions all;
  all.verbose = true;
  EXPECT_EQ(text(record, all).find("left out"), std::string::npos);
}

TEST(Text, TellsWhatHappenedWhyAndHowToRepeatIt) {
  const std::string report = text(example(), {});
  EXPECT_NE(report.find("1m01s  pod default/web-2, default/web-1: deletion requested"), std::string::npos)
      << report;
  EXPECT_NE(report.find("$ kubectl scale sts web --replicas=1"), std::string::npos);
  EXPECT_NE(report.find("| statefulset.apps/web scaled"), std::string::npos);
  EXPECT_NE(report.find("VIOLATED     one-at-a-time (line 14) at 1m01s"), std::string::npos);
  EXPECT_NE(report.find("because     1m00s  step \"shrink\""), std::string::npos);
  EXPECT_NE(report.find("assumed      pod.start 2s"), std::string::npos);
  EXPECT_NE(report.find("repeat: rehearse run a.yaml --seed 1"), std::string::npos);
  EXPECT_EQ(report.find("status.replicas"), std::string::npos) << "counters are for --verbose";
  EXPECT_NE(text(example(), {false, 80, true}).find("status.replicas 3 -> 2"), std::string::npos);
}

TEST(Text, LeavesOutAConflictThatIsTriedAgain) {
  sim::ResultRecord record = example();
  record.transitions.front().change =
      "sync failed: Operation cannot be fulfilled on pods \"web-2\": the object has been modified; please "
      "apply "
      "your changes to the latest version and try again";
  EXPECT_EQ(text(record, {}).find("Operation cannot"), std::string::npos);
  EXPECT_NE(text(record, {false, 80, true}).find("Operation cannot"), std::string::npos);
}

TEST(Text, FitsInEightyColumnsAndHasNoColourUnlessAsked) {
  std::istringstream lines(text(example(), {}));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80U) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
  EXPECT_NE(text(example(), {true, 80, false}).find("\x1b[31m"), std::string::npos);
}

TEST(FoldedOutput, TellsABlockThatComesAgainAndAgainOnce) {
  EXPECT_EQ(folded_output("a\na\na\nb\nb\n", "| ", false), "| a — 3 times\n| b\n| b\n");
  EXPECT_EQ(folded_output("0\na\nb\na\nb\na\nb\nc", "", false), "0\na\nb — these 2 lines 3 times\nc\n");
  EXPECT_EQ(folded_output("a\na\na\n", "", true), "a\na\na\n");
  EXPECT_EQ(folded_output("", "| ", false), "");
  EXPECT_EQ(folded_output("\n", "| ", false), "| \n");
}

TEST(FoldedOutput, LeavesTheMiddleOutOfMoreThanAPersonReads) {
  std::string output;
  for (int i = 0; i < 100; ++i) {
    output += fmt::format("line {}\n", i);
  }
  const std::string folded = folded_output(output, "", false);
  EXPECT_NE(folded.find("line 29\n… 40 lines left out; --verbose shows them\nline 70\n"), std::string::npos)
      << folded;
  EXPECT_EQ(folded_output(output, "", true), output);
}

TEST(Text, OfARealClusterSpeaksOfNoSimulatedTimeAndMayHaveNothingToRepeat) {
  EXPECT_NE(text(example(), {}).find("in 1m30s of simulated time"), std::string::npos) << text(example(), {});
  sim::ResultRecord watched = example();
  watched.repeat.clear();
  const std::string report = text(watched, {false, 80, false, false});
  EXPECT_NE(report.find("in 1m30s."), std::string::npos) << report;
  EXPECT_EQ(report.find("simulated"), std::string::npos);
  EXPECT_EQ(report.find("repeat"), std::string::npos);
}

}  // namespace
}  // namespace reports

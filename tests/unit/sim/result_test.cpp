#include "sim/result.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sim {
namespace {

ResultRecord example() {
  ResultRecord record;
  record.tool_version = "0.1.0";
  record.scenario = "a scenario";
  record.file = "a.yaml";
  record.scenario_hash = "00ff";
  record.source = "somewhere";
  record.seed = 7;
  record.repeat = "rehearse run a.yaml --seed 7";
  record.ended_at = Time{1'500'000'000};
  record.events = 12;
  record.as_expected = true;
  StepRecord step;
  step.name = "shrink";
  step.commands = {{"first=$(kubectl get pods)", true, Time{5}, Time{6}, 0, "captured\n", ""},
                   {"kubectl scale sts web --replicas=1", false, Time{6}, std::nullopt, 1, "out\n", "err\n"}};
  step.place = "a.yaml:9";
  step.needs = {"before"};
  step.started = Time{5};
  step.outcome = StepOutcome::TimedOut;
  step.exit_code = 1;
  step.critical = true;
  step.slack = Duration{3};
  record.steps = {step};
  record.transitions = {{Time{1}, "pod default/web-0", "created", "step", kNoTransition, {}},
                        {Time{2}, "pod default/web-0", "Pending -> Running", "kubelet", 0, {0, 1}}};
  Finding finding;
  finding.check = "one-at-a-time";
  finding.parameters = "object=web";
  finding.asked_for = true;
  finding.verdict = Verdict::Violated;
  finding.summary = "two leave";
  finding.at = Time{4};
  finding.place = "a.yaml:12";
  finding.because = {{Time{3}, "step \"shrink\"", "a.yaml:9"}};
  record.findings = {finding};
  record.expectations = {{"one-at-a-time violated", true, "", "a.yaml:14"}};
  record.basis = {{"pod.start 2s", "assumed", "a guess"}};
  record.warnings = {"something"};
  record.choices = {{{0xfedcba9876543210ULL, 3, 1}, -5}};
  return record;
}

TEST(ResultRecord, ComesBackFromJsonAsItWas) {
  std::string problem;
  const auto back = result_from_json(nlohmann::ordered_json::parse(to_json(example()).dump()), problem);
  ASSERT_TRUE(back) << problem;
  EXPECT_EQ(*back, example());
}

struct BadRecord {
  const char* name;
  const char* change;  // a JSON merge patch
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const BadRecord& bad) { return os << bad.name; }
};
const BadRecord kBadRecords[] = {
    {"foreign", R"({"kind": "List"})", "this is not a result record"},
    {"of_a_later_version", R"({"schema": [2, 0]})",
     "schema version 2 is not known here, this program reads version 1"},
    {"without_steps", R"({"steps": null})", "the record is damaged"},
    {"unknown_word", R"({"steps": [{"outcome": "exploded"}]})", "the record is damaged"},
    {"bad_choice", R"({"choices": [{"entity": "xyz", "purpose": 1, "occurrence": 0, "answer": 1}]})",
     "the choices are damaged"},
};
class BadRecords : public testing::TestWithParam<BadRecord> {};
TEST_P(BadRecords, AreRefusedWithAReason) {
  nlohmann::ordered_json json = to_json(example());
  json.merge_patch(nlohmann::ordered_json::parse(GetParam().change));
  std::string problem;
  EXPECT_FALSE(result_from_json(json, problem));
  EXPECT_NE(problem.find(GetParam().problem), std::string::npos) << problem;
}
INSTANTIATE_TEST_SUITE_P(All, BadRecords, testing::ValuesIn(kBadRecords),
                         [](const auto& bad) { return std::string(bad.param.name); });

TEST(ResultRecord, TheDocumentNamesEveryField) {
  const nlohmann::ordered_json json = to_json(example());
  EXPECT_EQ(json.size(), 20U) << "describe the new field in docs/result-record.md and count it here";
}

}  // namespace
}  // namespace sim

// The known traps of upstream under scenarios/library/upstream. The head of each names the issue and the
// rules of the model that it rests on:
//
//     # kubernetes/kubernetes#67250, "StatefulSet - can't rollback from a broken state"
//     # rule: OrderedSetsWaitForUnreadyPods
//
// A trap ends as it expects, and it does not in a model in which one of these rules is turned round.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "models/kubernetes/upstream_rules.h"
#include "scenarios/run.h"

namespace scenarios {
namespace {

using models::kubernetes::InvertedRule;
using models::kubernetes::Rule;

constexpr const char* kFolder = "scenarios/library/upstream";

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> matches_of(const std::string& text, const char* pattern) {
  std::vector<std::string> found;
  const std::regex wanted(pattern, std::regex::multiline);
  for (auto match = std::sregex_iterator(text.begin(), text.end(), wanted); match != std::sregex_iterator();
       ++match) {
    found.push_back((*match)[1]);
  }
  return found;
}

/// A trap and one of its rules.
struct Trap {
  std::string file;
  std::string rule;
};

std::ostream& operator<<(std::ostream& os, const Trap& trap) { return os << trap.file << " " << trap.rule; }

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml" && entry.path().stem().extension() != ".manifest") {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Trap> traps() {
  std::vector<Trap> found;
  for (const std::filesystem::path& path : files()) {
    for (const std::string& rule : matches_of(text_of(path), "^# rule: (\\w+)$")) {
      found.push_back({path.string(), rule});
    }
  }
  return found;
}

sim::ResultRecord perform_file(const std::string& file) {
  language::Diagnostics diagnostics;
  const std::optional<Rehearsal> rehearsal = load({file, {}, {}, {}}, diagnostics);
  EXPECT_TRUE(rehearsal) << language::render(diagnostics.sorted());
  if (!rehearsal) {
    return {};
  }
  const auto seed = static_cast<std::uint64_t>(rehearsal->scenario.seed.value);
  sim::SeededChoices choices(seed);
  return perform(*rehearsal, choices, seed);
}

std::string unmet(const sim::ResultRecord& record) {
  std::string text;
  for (const sim::Expectation& expectation : record.expectations) {
    text += expectation.met ? "" : expectation.text + ": " + expectation.detail + "\n";
  }
  return text;
}

class UpstreamTrap : public testing::TestWithParam<Trap> {};

TEST_P(UpstreamTrap, FailsWhenItsRuleIsTurnedRound) {
  const std::optional<Rule> rule = models::kubernetes::rule_named(GetParam().rule);
  ASSERT_TRUE(rule) << "there is no rule " << GetParam().rule;
  const sim::ResultRecord upright = perform_file(GetParam().file);
  EXPECT_TRUE(upright.as_expected) << unmet(upright);
  const InvertedRule inverted(*rule);
  const sim::ResultRecord turned = perform_file(GetParam().file);
  EXPECT_FALSE(turned.as_expected);
  RecordProperty("unmet", unmet(turned));
}

std::string name_of(const testing::TestParamInfo<Trap>& trap) {
  return std::filesystem::path(trap.param.file).stem().string() + "_" + trap.param.rule;
}

INSTANTIATE_TEST_SUITE_P(Library, UpstreamTrap, testing::ValuesIn(traps()), name_of);

TEST(UpstreamTraps, EachCitesAnIssueAndARule) {
  std::set<std::string> issues;
  for (const std::filesystem::path& path : files()) {
    const std::string text = text_of(path);
    const std::vector<std::string> cited = matches_of(text, "^# ([\\w-]+/[\\w-]+#\\d+), ");
    EXPECT_FALSE(cited.empty()) << path << " cites no issue";
    EXPECT_FALSE(matches_of(text, "^# rule: (\\w+)$").empty()) << path << " names no rule";
    issues.insert(cited.begin(), cited.end());
  }
  EXPECT_GE(issues.size(), 20U);
}

}  // namespace
}  // namespace scenarios

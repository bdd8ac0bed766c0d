#include "scenarios/language/override.h"

#include <gtest/gtest.h>

#include <string>

#include "scenarios/language/load.h"
#include "tests/unit/language/design_example.h"

namespace scenarios::language {
namespace {

LoadResult load_with(std::vector<std::string> overrides) {
  LoadOptions options;
  options.overrides = std::move(overrides);
  return load_scenario_text(design_example, "s.yaml", options);
}

Scenario changed(const std::string& assignment) {
  LoadResult result = load_with({assignment});
  EXPECT_TRUE(result.scenario.has_value()) << assignment << "\n" << render(result.diagnostics);
  return result.scenario ? std::move(*result.scenario) : Scenario{};
}

TEST(Override, SetsValuesThatStandInTheFile) {
  EXPECT_EQ(changed("cluster.miniclusters.flux-sample.size=6").cluster->miniclusters[0].value.size.value, 6);
  EXPECT_EQ(changed("plan[0].step=other").plan[0].name.value, "other");
  EXPECT_EQ(changed("cluster.nodes.\"worker-[0-9]\".cpu=4").cluster->nodes[0].group.cpu.value.value, 4000);
  EXPECT_EQ(changed("cluster.nodes.worker-[0-9].cpu=4").cluster->nodes[0].group.cpu.value.value, 4000);
}

TEST(Override, SetsFieldsThatTheFileLeavesOut) {
  EXPECT_EQ(changed("seed=7").seed.value, 7);
  EXPECT_EQ(changed("until=2h").until.value, std::chrono::hours(2));
  EXPECT_EQ(changed("plan[1].timeout=30s").plan[1].timeout.value, std::chrono::seconds(30));
  EXPECT_FALSE(changed("cluster.kubernetes.featureGates.ElasticIndexedJob=false")
                   .cluster->kubernetes.feature_gates[1]
                   .value.value);
}

TEST(Override, TakesYamlForAValue) {
  EXPECT_EQ(changed("behaviour.flux-sample.exit=[1, 0]").behaviour[0].value.exit.size(), 2U);
  EXPECT_EQ(changed("behaviour.flux-sample.run={uniform: [1s, 2s]}").behaviour[0].value.run.value.to_text(),
            "1s to 2s");
  EXPECT_EQ(changed("plan[0].run=kubectl get pods -l a=b").plan[0].run[0].value, "kubectl get pods -l a=b");
}

TEST(Override, LaterOnesWin) {
  const LoadResult result = load_with({"seed=7", "seed=8"});
  ASSERT_TRUE(result.scenario.has_value());
  EXPECT_EQ(result.scenario->seed.value, 8);
}

TEST(Override, PlacesPointIntoTheArgument) {
  const LoadResult result = load_with({"seed=7", "cluster.miniclusters.flux-sample.size=six"});
  EXPECT_EQ(render(result.diagnostics),
            "--set:1:39: error: cluster.miniclusters.flux-sample.size: \"six\" is not a whole number\n  "
            "hint: write a whole number from 1 to 100000\n");
}

struct RefusedCase {
  const char* name;
  const char* assignment;
  const char* want;  // first line of the diagnostic
  friend std::ostream& operator<<(std::ostream& os, const RefusedCase& c) { return os << c.name; }
};

const RefusedCase refused[] = {
    {"no_value", "seed", "--set:1:1: error: \"seed\" is not of the form path=value"},
    {"no_path", "=3", "--set:1:1: error: \"=3\" is not of the form path=value"},
    {"empty_value", "seed=", "--set:1:5: error: seed: there is no value after the ="},
    {"unknown_field", "cluster.miniclusters.flux-sample.sice=6",
     "--set:1:34: error: cluster.miniclusters.flux-sample.sice: there is no field sice in MiniCluster"},
    {"unknown_object", "cluster.miniclusters.flux-sampel.size=6",
     "--set:1:22: error: cluster.miniclusters.flux-sampel.size: the scenario has no flux-sampel in "
     "cluster.miniclusters"},
    {"object_where_there_is_none", "cluster.jobs.a.completions=6",
     "--set:1:14: error: cluster.jobs.a.completions: the scenario has no a in cluster.jobs"},
    {"item_that_is_not_there", "plan[9].at=3s",
     "--set:1:5: error: plan[9].at: plan has 3 items, so there is no [9]"},
    {"list_without_index", "plan.step=3",
     "--set:1:5: error: plan.step: plan is a list: name one of its items"},
    {"bad_index", "plan[x].step=3", "--set:1:5: error: plan[x].step: [x] is not an index"},
    {"below_a_value", "until.x=4",
     "--set:1:6: error: until.x: until is a plain value (duration) and has nothing below it"},
    {"no_dot", "plan[0]x=1", "--set:1:8: error: plan[0]x: a dot is expected after plan[0]"},
    {"malformed_value", "plan[0].run=\"a",
     "--set:1:14: error: plan[0].run: this is not well-formed YAML: illegal EOF in scalar"},
};

class RefusedOverride : public testing::TestWithParam<RefusedCase> {};
TEST_P(RefusedOverride, SaysWhereThePathLeavesTheLanguage) {
  const LoadResult result = load_with({GetParam().assignment});
  EXPECT_FALSE(result.scenario.has_value());
  ASSERT_EQ(result.diagnostics.size(), 1U) << render(result.diagnostics);
  const std::string shown = render(result.diagnostics[0]);
  EXPECT_EQ(shown.substr(0, shown.find('\n')), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Assignments, RefusedOverride, testing::ValuesIn(refused),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Override, AMisspelledFieldGetsTheNearestOne) {
  EXPECT_TRUE(load_with({"cluster.miniclusters.flux-sample.sice=6"})
                  .diagnostics[0]
                  .hint.starts_with("did you mean size?"));
}

}  // namespace
}  // namespace scenarios::language

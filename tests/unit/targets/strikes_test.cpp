#include "scenarios/targets/live/strikes.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "scenarios/language/load.h"

namespace scenarios::targets {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

/// Starts nothing, and remembers what it should have started.
class NotedPrograms final : public Programs {
 public:
  ProcessId start(const Words& arguments, const std::string& /*input*/) override {
    started.push_back(arguments);
    return static_cast<ProcessId>(started.size());
  }
  void kill(ProcessId /*process*/) override {}
  std::optional<ProgramEvent> next(sim::Time /*until*/) override { return std::nullopt; }
  sim::Time now() const override { return {}; }

  std::vector<Words> started;
};

language::Scenario scenario_with(const std::string& faults) {
  const language::LoadResult result =
      language::load_scenario_text("apiVersion: rehearsal/v1\nscenario: s\nfaults:\n" + faults, "s.yaml");
  EXPECT_TRUE(result.scenario.has_value());
  return result.scenario.value_or(language::Scenario{});
}

struct Case {
  const char* fault;
  std::vector<Words> commands;
};

TEST(StrikeArguments, AreTheControlPlanesOwn) {
  const std::vector<Case> cases = {
      {"node_dies: \"worker-[0-1]\"",
       {{"control-plane", "control", "silence", "worker-0"},
        {"control-plane", "control", "silence", "worker-1"}}},
      {"node_returns: worker-3", {{"control-plane", "control", "resume", "worker-3"}}},
      {"controller_restarts: statefulset", {{"control-plane", "control", "restart-controller-manager"}}},
      {"controller_restarts: job", {{"control-plane", "control", "restart-controller-manager"}}},
      {"controller_restarts: scheduler", {{"control-plane", "control", "restart-scheduler"}}},
      {"controller_restarts: flux-operator", {}},
      {"pod_crash: {pod: web-0, exit: 3}", {{"control-plane", "control", "exit", "web-0", "3"}}},
      {"lose_readiness: web-0", {{"control-plane", "control", "ready", "web-0", "false"}}},
      {"regain_readiness: web-0", {{"control-plane", "control", "ready", "web-0", "true"}}},
      {"never_ready: web-0", {}},
      {"delete_pod: web-0", {}},
      {"quota: {pods: 3}", {}},
      {"fail_write: {verb: create, kind: Pod}", {}},
  };
  for (const Case& one : cases) {
    const language::Scenario scenario = scenario_with(std::string("  - {at: 1s, ") + one.fault + "}\n");
    ASSERT_EQ(scenario.faults.size(), 1U) << one.fault;
    EXPECT_EQ(strike_arguments(scenario.faults[0]), one.commands) << one.fault;
    language::Diagnostics diagnostics;
    EXPECT_EQ(strikable(scenario, diagnostics), !one.commands.empty()) << one.fault;
    EXPECT_EQ(diagnostics.has_errors(), one.commands.empty()) << one.fault;
  }
}

TEST(Strikes, StrikeInTheOrderOfTheirTimesAndSayWhenTheyDid) {
  const language::Scenario scenario = scenario_with(
      "  - {at: 9s, node_returns: worker-1}\n"
      "  - {at: 2s, node_dies: \"worker-[1-2]\"}\n");
  NotedPrograms programs;
  Strikes strikes(scenario, programs);
  EXPECT_EQ(strikes.next_due(), sim::Time(2s));
  strikes.strike_next();
  ASSERT_EQ(programs.started.size(), 2U);
  EXPECT_EQ(strikes.next_due(), sim::Time(9s));
  EXPECT_FALSE(strikes.take({7, ProgramEvent::Kind::Exited, {}, 0, 3s}));
  EXPECT_TRUE(strikes.take({1, ProgramEvent::Kind::Exited, {}, 0, 2100ms}));
  EXPECT_TRUE(strikes.take({2, ProgramEvent::Kind::Exited, {}, 0, 2200ms}));
  EXPECT_EQ(strikes.all()[1].struck, sim::Time(2200ms));
  EXPECT_EQ(strikes.all()[1].problem, "");
  EXPECT_FALSE(strikes.all()[0].struck.has_value());
  strikes.strike_next();
  EXPECT_EQ(strikes.next_due(), sim::kNever);
}

TEST(Strikes, SayWhatACommandSaidThatFailed) {
  const language::Scenario scenario = scenario_with("  - {at: 2s, node_dies: \"worker-[1-2]\"}\n");
  NotedPrograms programs;
  Strikes strikes(scenario, programs);
  strikes.strike_next();
  EXPECT_TRUE(strikes.take({1, ProgramEvent::Kind::Errors, "there is no node", 0, 2050ms}));
  EXPECT_TRUE(strikes.take({1, ProgramEvent::Kind::Exited, {}, 1, 2100ms}));
  EXPECT_TRUE(strikes.take({2, ProgramEvent::Kind::Exited, {}, 0, 2200ms}));
  EXPECT_EQ(strikes.all()[0].problem, "control-plane control silence worker-1: there is no node");
}

}  // namespace
}  // namespace scenarios::targets

// The world is a value: a copy of it goes on like the original, and equal worlds may be merged.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "scenarios/explore.h"
#include "tests/property/rehearsals.h"

namespace {

using scenarios::World;

const std::vector<std::string>& scenario_files() {
  static const std::vector<std::string> files = {"scenarios/library/flux/downsize.yaml"};
  return files;
}

std::vector<sim::ToldTransition> tell_all(const World& world, const sim::History& history) {
  std::vector<sim::ToldTransition> told;
  for (sim::TransitionId id = history.first_id(); id != history.next_id(); ++id) {
    told.push_back(scenarios::tell(history.at(id), world, history));
  }
  return told;
}

RC_GTEST_PROP(World, ACopyTakenAtAnyEventGivesTheSameTransitionsAsTheOriginal, (std::uint64_t seed)) {
  const std::string file = *rc::gen::elementOf(scenario_files());
  const scenarios::Rehearsal rehearsal = property::load_file(file);
  World original = rehearsal.world;
  sim::History history = rehearsal.history;
  sim::SeededChoices choices(seed);
  sim::Context context{choices, history};
  scenarios::begin(original, context);
  const auto events = *rc::gen::inRange<std::uint64_t>(0, 600);
  sim::run(original, context, original.program->until, events);

  World copy = original;
  sim::History copied_history = history;
  // Another object answers, with the same seed: choices have no memory.
  sim::SeededChoices other(seed);
  sim::Context copied_context{other, copied_history};
  sim::run(copy, copied_context, copy.program->until);
  scenarios::end(copy, copied_context);
  sim::run(original, context, original.program->until);
  scenarios::end(original, context);
  RC_ASSERT(tell_all(copy, copied_history) == tell_all(original, history));
}

/// What the counts of an owner should be, by the plain rule.
models::kubernetes::PodCounts counted(const models::kubernetes::Cluster& cluster,
                                      models::kubernetes::Uid owner) {
  models::kubernetes::PodCounts counts;
  for (models::kubernetes::Row row = 0; row < cluster.pods.extent(); ++row) {
    if (cluster.pods.exists(row) && cluster.pods[row].owner.uid == owner &&
        !cluster.pods[row].meta.deleting()) {
      counts.running += cluster.pods[row].phase == models::kubernetes::PodPhase::Running ? 1 : 0;
      counts.ready += cluster.pods[row].ready ? 1 : 0;
    }
  }
  return counts;
}

RC_GTEST_PROP(World, WhatAnOwnerCountsOfItsPodsIsWhatThereIs, (std::uint64_t seed)) {
  const scenarios::Rehearsal rehearsal = property::load_file(*rc::gen::elementOf(scenario_files()));
  World world = rehearsal.world;
  sim::History history = rehearsal.history;
  sim::SeededChoices choices(seed);
  sim::Context context{choices, history};
  scenarios::begin(world, context);
  for (int i = 0; i < 40; ++i) {
    sim::run(world, context, world.program->until, *rc::gen::inRange<std::uint64_t>(1, 40));
    const models::kubernetes::Cluster& cluster = world.cluster;
    for (models::kubernetes::Row row = 0; row < cluster.statefulsets.extent(); ++row) {
      if (cluster.statefulsets.exists(row)) {
        const models::kubernetes::StatefulSet& set = cluster.statefulsets[row];
        RC_ASSERT(set.pod_counts == counted(cluster, set.meta.uid));
      }
    }
    for (models::kubernetes::Row row = 0; row < cluster.jobs.extent(); ++row) {
      if (cluster.jobs.exists(row)) {
        RC_ASSERT(cluster.jobs[row].pod_counts == counted(cluster, cluster.jobs[row].meta.uid));
      }
    }
  }
}

RC_GTEST_PROP(World, TheSameSeedGivesTheSameRecordAndItsChoicesGiveItAgain, (std::uint64_t seed)) {
  const scenarios::Rehearsal rehearsal = property::load_file(*rc::gen::elementOf(scenario_files()));
  const sim::ResultRecord first = property::perform(rehearsal, seed);
  const sim::ResultRecord second = property::perform(rehearsal, seed);
  RC_ASSERT(sim::to_json(first).dump() == sim::to_json(second).dump());
  sim::SeededChoices other(seed + 1);
  sim::ScriptedChoices scripted(first.choices, other);
  const sim::ResultRecord again = scenarios::perform(rehearsal, scripted, seed);
  RC_ASSERT(scripted.unsettled() == 0U);
  RC_ASSERT(sim::to_json(again).dump() == sim::to_json(first).dump());
}

constexpr const char* kSmall = R"(
apiVersion: rehearsal/v1
scenario: a small set shrinks
cluster:
  kubernetes: {version: "1.34.0"}
  nodes: {"worker-[0-1]": {cpu: 4, memory: 8Gi}}
  statefulsets:
    web: {replicas: 2, cpu: 100m}
plan:
  - step: shrink
    run: kubectl scale statefulset web --replicas=1
    then: {running: web-0, within: 10m}
checks:
  - one-at-a-time
  - {never-fewer-ready-than: {object: web, count: 1}}
)";

std::vector<std::string> findings(const sim::Exploration<models::kubernetes::Fault>& exploration) {
  std::vector<std::string> texts;
  for (const auto& found : exploration.findings) {
    texts.push_back(found.finding);
  }
  return texts;
}

TEST(World, ExploringWithAndWithoutMergingFindsTheSame) {
  const scenarios::Rehearsal rehearsal = property::load(kSmall);
  sim::ExploreLimits limits;
  const auto merged = scenarios::explore(rehearsal, limits);
  limits.merge = false;
  const auto plain = scenarios::explore(rehearsal, limits);
  EXPECT_EQ(findings(merged), findings(plain));
  EXPECT_FALSE(findings(plain).empty()) << "a crash of the last pod must be found";
  EXPECT_GT(merged.merged, 0U);
  EXPECT_LT(merged.events, plain.events);
  EXPECT_TRUE(merged.complete);
}

}  // namespace

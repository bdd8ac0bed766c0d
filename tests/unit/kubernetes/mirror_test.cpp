// A real cluster as a value: what a mirror tells of the objects that it is shown.

#include "models/kubernetes/json/mirror.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/kubernetes/mirror_fixture.h"

namespace models::kubernetes::testing_support {
namespace {

constexpr const char* kClaims = R"({"spec":{"volumeClaimTemplates":[{"metadata":{"name":"data"},
    "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}],
    "persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete","whenDeleted":"Retain"}}})";

class MirrorOfSimulation : public testing::Test {
 protected:
  MirrorOfSimulation() {
    for (int i = 0; i < 3; ++i) {
      world.simulated.add_node(fmt::format("worker-{}", i));
    }
    world.run_for(10s);  // a pod's start at second 0 reads as none
  }
  MirroredCluster world;
  TestCluster& simulated = world.simulated;
};

TEST_F(MirrorOfSimulation, TellsAStatefulSetThatGrowsAndShrinks) {
  world.apply(statefulset_manifest(R"({"spec":{"replicas":3}})"));
  world.run_for(60s);
  world.patch(Kind::StatefulSet, "web", R"({"spec":{"replicas":5}})");
  world.run_for(60s);
  world.patch(Kind::StatefulSet, "web", R"({"spec":{"replicas":4}})");
  world.run_for(120s);
  world.observe_all();
  EXPECT_EQ(world.difference_of_transitions(), "");
  EXPECT_EQ(world.difference_of_objects(), "");
  EXPECT_EQ(world.mirrored.cluster.statefulsets[0].status.ready_replicas, 4);
  EXPECT_TRUE(world.mirror.notes().errors().empty());
  EXPECT_TRUE(world.mirror.notes().warnings().empty());
}

TEST_F(MirrorOfSimulation, TellsARollingUpdate) {
  world.apply(statefulset_manifest(R"({"spec":{"replicas":3}})"));
  world.run_for(60s);
  world.patch(Kind::StatefulSet, "web",
              R"({"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:1.26"}]}}}})");
  world.run_for(300s);
  world.observe_all();
  EXPECT_EQ(world.difference_of_transitions(), "");
  EXPECT_EQ(world.difference_of_objects(), "");
}

TEST_F(MirrorOfSimulation, TellsClaimsThatGoWithTheirPods) {
  world.apply(statefulset_manifest(kClaims));
  world.run_for(60s);
  world.patch(Kind::StatefulSet, "web", R"({"spec":{"replicas":1}})");
  world.run_for(120s);
  world.observe_all();
  EXPECT_EQ(world.difference_of_transitions(), "");
  EXPECT_EQ(world.difference_of_objects(), "");
  EXPECT_EQ(world.mirrored.cluster.find_claim("default", "data-web-1"), kNoRow);
}

TEST_F(MirrorOfSimulation, TellsAnIndexedJobWithAnIndexThatFails) {
  auto settings = std::make_shared<Settings>(*simulated.cluster.settings);
  Behaviour ends;
  ends.run = timing::Distribution::fixed(5s);
  settings->behaviours.push_back({"", "pi", -1, -1, ends});
  ends.exit_codes = {1};
  settings->behaviours.push_back({"", "pi", 2, -1, ends});
  simulated.cluster.settings = settings;
  world.apply(job_manifest(R"({"spec":{"backoffLimitPerIndex":1,"backoffLimit":2147483647}})"));
  world.run_for(600s);
  world.observe_all();
  EXPECT_EQ(world.difference_of_transitions(), "");
  EXPECT_EQ(world.difference_of_objects(), "");
  const JobStatus& status = world.mirrored.cluster.jobs[0].status;
  EXPECT_EQ(status.failed_indexes.to_text(), "2");
  EXPECT_TRUE(status.is_true(JobConditionType::Failed));
}

TEST_F(MirrorOfSimulation, TellsContainersThatCrash) {
  auto settings = std::make_shared<Settings>(*simulated.cluster.settings);
  Behaviour crashes;
  crashes.run = timing::Distribution::fixed(5s);
  crashes.exit_codes = {3};
  settings->behaviours.push_back({"", "web", 0, -1, crashes});
  simulated.cluster.settings = settings;
  world.apply(statefulset_manifest());
  world.run_for(200s);
  world.observe_all();
  EXPECT_EQ(world.difference_of_transitions(), "");
  EXPECT_EQ(world.difference_of_objects(), "");
}

TEST_F(MirrorOfSimulation, TellsADrain) {
  world.apply(statefulset_manifest(R"({"spec":{"replicas":3}})"));
  world.apply(job_manifest());
  world.run_for(60s);
  const Row node = simulated.cluster.find_node("worker-1");
  world.act([&](Turn& turn) {
    update<Node>(turn, node, {Writer::User}, Verb::Update, [](Node& n) { n.unschedulable = true; });
  });
  for (const Row pod : simulated.pods()) {
    if (simulated.cluster.pods[pod].node == node) {
      world.act([&](Turn& turn) { delete_pod(turn, pod, {Writer::User}); });
    }
  }
  world.run_for(120s);
  world.observe_all();
  EXPECT_EQ(world.difference_of_transitions(), "");
  EXPECT_EQ(world.difference_of_objects(), "");
}

// ---------------------------------------------------------------------------------------------------------
// Random plans

/// Something that a person does to the simulated cluster.
void act_at_random(MirroredCluster& world) {
  TestCluster& simulated = world.simulated;
  const std::vector<Row> pods = simulated.pods();
  const Row set = simulated.cluster.find_statefulset("default", "web");
  const Row job = simulated.cluster.find_job("default", "pi");
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
      if (set != kNoRow) {
        world.patch(Kind::StatefulSet, "web",
                    fmt::format(R"({{"spec":{{"replicas":{}}}}})", *rc::gen::inRange(0, 6)));
      }
      break;
    case 1:
      if (set != kNoRow) {
        world.patch(
            Kind::StatefulSet, "web",
            fmt::format(
                R"({{"spec":{{"template":{{"spec":{{"containers":[{{"name":"nginx","image":"n:{}"}}]}}}}}}}})",
                *rc::gen::inRange(0, 3)));
      }
      break;
    case 2:
    case 3:
      if (!pods.empty()) {
        const Row pod = *rc::gen::elementOf(pods);
        const std::int64_t grace = *rc::gen::element(-1, 0, 5);
        world.act([&](Turn& turn) { delete_pod(turn, pod, {Writer::User}, grace); });
      }
      break;
    case 4: {
      const Row node = simulated.cluster.find_node(fmt::format("worker-{}", *rc::gen::inRange(0, 3)));
      world.act([&](Turn& turn) {
        update<Node>(turn, node, {Writer::User}, Verb::Update,
                     [](Node& n) { n.unschedulable = !n.unschedulable; });
      });
      break;
    }
    case 5:
      if (job != kNoRow) {
        const bool suspended = simulated.cluster.jobs[job].spec.suspend;
        world.patch(Kind::Job, "pi",
                    suspended ? R"({"spec":{"suspend":false}})" : R"({"spec":{"suspend":true}})");
      }
      break;
    case 6:
      if (job != kNoRow) {
        const auto how = *rc::gen::element(Propagation::Background, Propagation::Foreground);
        world.act([&](Turn& turn) { delete_job(turn, job, {Writer::User}, how); });
      }  // not created again: under nominal choices two Jobs of one name give their pods the same names
      break;
    case 7:
      if (*rc::gen::inRange(0, 4) != 0) {
        break;
      }
      if (set != kNoRow) {
        const auto how =
            *rc::gen::element(Propagation::Background, Propagation::Foreground, Propagation::Orphan);
        world.act([&](Turn& turn) { delete_statefulset(turn, set, {Writer::User}, how); });
      } else {
        world.apply(statefulset_manifest());
      }
      break;
    default:
      break;
  }
  world.run_for(std::chrono::milliseconds{*rc::gen::inRange(0, 40'000)});
}

void begin_at_random(MirroredCluster& world) {
  for (int i = 0; i < 3; ++i) {
    world.simulated.add_node(fmt::format("worker-{}", i), *rc::gen::element(1000, 4000));
  }
  world.run_for(10s);  // a pod's start at second 0 reads as none
  auto settings = std::make_shared<Settings>(*world.simulated.cluster.settings);
  Behaviour ends;
  ends.run = timing::Distribution::fixed(std::chrono::seconds{*rc::gen::inRange(1, 60)});
  ends.exit_codes = {*rc::gen::inRange(0, 2), *rc::gen::inRange(0, 2)};
  settings->behaviours.push_back({"", *rc::gen::element<std::string>("pi", "pi", "web"), -1, -1, ends});
  world.simulated.cluster.settings = settings;
  world.apply(statefulset_manifest());
  world.apply(job_manifest());
}

RC_GTEST_PROP(MirrorProperty, TellsTheSameWhateverTheOrderAmongKinds, ()) {
  MirroredCluster world;
  begin_at_random(world);
  const int actions = *rc::gen::inRange(0, 12);
  for (int i = 0; i < actions; ++i) {
    act_at_random(world);
  }
  // Each kind has its own watch. Nodes are there first.
  std::vector<std::deque<Observation>> watches(std::size(kMirroredKinds));
  for (const Observation& observation : world.observations) {
    const auto kind = std::find(std::begin(kMirroredKinds), std::end(kMirroredKinds), observation.kind);
    watches[static_cast<std::size_t>(kind - std::begin(kMirroredKinds))].push_back(observation);
  }
  // One drawn number says how they interleave: a draw an event would be too much to shrink.
  std::minstd_rand random(*rc::gen::inRange<std::uint32_t>(1, 1000));
  std::size_t left = world.observations.size();
  for (bool first = true; left > 0; first = false) {
    auto& watch = watches[first ? 0 : random() % watches.size()];
    const std::size_t burst = first ? watch.size() : random() % 20;
    for (std::size_t i = 0; i < burst && !watch.empty(); ++i, --left) {
      world.observe(watch.front());
      watch.pop_front();
    }
  }
  RC_ASSERT(world.difference_of_transitions() == "");
  RC_ASSERT(world.mirror.notes().errors().empty());
  RC_ASSERT(world.difference_of_objects() == "");
}

RC_GTEST_PROP(MirrorProperty, KnowsAfterAListWhatTheWatchesMissed, ()) {
  MirroredCluster world;
  begin_at_random(world);
  const int actions = *rc::gen::inRange(1, 12);
  for (int i = 0; i < actions; ++i) {
    act_at_random(world);
    if (*rc::gen::inRange(0, 2) == 0) {
      world.observe_all();
    } else {  // the watches broke
      world.observations.clear();
      for (const Kind kind : kMirroredKinds) {
        world.relist(kind);
      }
    }
  }
  for (const Kind kind : kMirroredKinds) {
    world.relist(kind);
  }
  RC_ASSERT(world.difference_of_objects() == "");
  // Each life of an object is told once, and a list that shows nothing new tells nothing.
  for (const auto& [name, sequence] : told_by_object(world.mirrored)) {
    RC_ASSERT(std::count(sequence.begin(), sequence.end(), "1 0 0 0") == 1);
    RC_ASSERT(std::count(sequence.begin(), sequence.end(), "2 0 0 0") <= 1);
  }
  const sim::TransitionId told = world.mirrored.history.next_id();
  for (const Kind kind : kMirroredKinds) {
    world.relist(kind);
  }
  RC_ASSERT(world.mirrored.history.next_id() == told);
  RC_ASSERT(world.mirrored.agenda.events.empty());
}

}  // namespace
}  // namespace models::kubernetes::testing_support

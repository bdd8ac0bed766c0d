#include "models/kubernetes/pod_garbage_collector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "tests/unit/nodes/node_world.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

TEST(PodGarbageCollector, Row29_PodsOfADeletedNodeGoAfterTheQuarantine) {
  NodeWorld world;
  const Uid uid = world.cluster.pods[world.pod].meta.uid;
  world.run_until(105s);
  Turn turn = world.turn();
  delete_node(turn, world.node, {Writer::User});
  world.run_until(1h);
  // Found by the tick at 120 s, quarantined for 40 s.
  EXPECT_EQ(story(world, uid), "2s Running ready, 160s Failed gone");
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(PodGarbageCollector, ANodeThatCameBackUnderItsNameSavesItsPods) {
  NodeWorld world;
  world.run_until(105s);
  Turn turn = world.turn();
  delete_node(turn, world.node, {Writer::User});
  world.run_until(130s);
  world.add_node("worker-0");
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod));
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(PodGarbageCollector, Row28_OutOfServiceEvictsAndEndsPodsOfADeadNodeWithin20s) {
  NodeWorld world;
  const Uid uid = world.cluster.pods[world.pod].meta.uid;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(165s);
  world.set_taints({kOutOfService});
  world.run_until(1h);
  EXPECT_EQ(story(world, uid), "2s Running ready, 145.001s unready, 180s Failed gone");
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(PodGarbageCollector, OutOfServiceWithNoScheduleOnlyEndsPodsThatAreDeleted) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);
  world.run_until(165s);
  const Row other = add_pod(world, "other", world.template_id, world.node);
  world.set_taints({{kOutOfService.key, "", "NoSchedule"}});
  Turn turn = world.turn();
  delete_pod(turn, world.pod, {Writer::User});
  world.run_until(400s);  // before the NoExecute twin evicts the other
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
  EXPECT_TRUE(world.cluster.pods.exists(other));
}

TEST(PodGarbageCollector, OutOfServiceMeansNothingOnAReadyNode) {
  NodeWorld world;
  world.strike(FaultKind::NodeDies, world.node);  // which nobody knows before 150 s
  world.set_taints({{kOutOfService.key, "", "NoSchedule"}});
  Turn turn = world.turn();
  delete_pod(turn, world.pod, {Writer::User});
  world.run_until(149s);
  EXPECT_TRUE(world.cluster.pods.exists(world.pod));
  world.run_until(160s);
  EXPECT_FALSE(world.cluster.pods.exists(world.pod));
}

TEST(PodGarbageCollector, AnUnscheduledPodThatAFinalizerKeepsFails) {
  NodeWorld world;
  const Row pod = add_pod(world, "unscheduled", world.template_id);
  world.change_pod(pod, [](Pod& changed) { changed.job_tracking = true; }, Writer::User);
  Turn turn = world.turn();
  delete_pod(turn, pod, {Writer::User});
  world.run_until(119s);
  EXPECT_EQ(world.cluster.pods[pod].phase, PodPhase::Pending);
  world.run_until(120s);
  EXPECT_EQ(world.cluster.pods[pod].phase, PodPhase::Failed);
  world.run_until(1h);
  EXPECT_TRUE(world.agenda.events.empty());
}

// Cases of upstream's gc_controller_test.go TestGCTerminated.

struct TerminatedCase {
  const char* name;
  std::int64_t threshold;
  std::vector<PodPhase> phases;  // of pods that were created one second after the other
  std::vector<int> evicted;      // which of them a kubelet evicted
  std::vector<int> removed;
  friend std::ostream& operator<<(std::ostream& os, const TerminatedCase& c) { return os << c.name; }
};

constexpr PodPhase kFailed = PodPhase::Failed;
constexpr PodPhase kSucceeded = PodPhase::Succeeded;
constexpr PodPhase kRunning = PodPhase::Running;

const TerminatedCase kTerminated[] = {
    {"threshold_0_disables", 0, {kFailed, kSucceeded}, {}, {}},
    {"threshold_1_of_two", 1, {kFailed, kSucceeded}, {}, {0}},
    {"Row30_threshold_1_of_three", 1, {kFailed, kSucceeded, kFailed}, {}, {0, 1}},
    {"threshold_5_of_two", 5, {kFailed, kSucceeded}, {}, {}},
    {"running_ones_do_not_count", 1, {kRunning, kFailed}, {}, {}},
    {"evicted_ones_go_first", 2, {kFailed, kFailed, kFailed}, {2}, {2}},
};

class Terminated : public testing::TestWithParam<TerminatedCase> {};

TEST_P(Terminated, BeyondTheThresholdAreRemoved) {
  const TerminatedCase& c = GetParam();
  NodeWorld world;
  auto settings = std::make_shared<Settings>(*world.cluster.settings);
  settings->components.terminated_pod_threshold = c.threshold;
  world.cluster.settings = std::move(settings);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < c.phases.size(); ++i) {
    rows.push_back(add_pod(world, "t-" + std::to_string(i), world.template_id));
    world.run_for(1s);
  }
  for (std::size_t i = 0; i < c.phases.size(); ++i) {
    world.change_pod(rows[i], [&](Pod& changed) {
      changed.phase = c.phases[i];
      changed.reason = std::count(c.evicted.begin(), c.evicted.end(), static_cast<int>(i)) != 0
                           ? PodReason::Evicted
                           : PodReason::None;
    });
  }
  world.run_until(119s);
  std::vector<int> removed;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(world.cluster.pods.exists(rows[i]));
  }
  world.run_until(120s);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!world.cluster.pods.exists(rows[i])) {
      removed.push_back(static_cast<int>(i));
    }
  }
  EXPECT_EQ(removed, c.removed);
  world.run_until(1h);
  EXPECT_TRUE(world.agenda.events.empty());
}

INSTANTIATE_TEST_SUITE_P(PodGarbageCollector, Terminated, testing::ValuesIn(kTerminated),
                         name_of_case<TerminatedCase>);

}  // namespace
}  // namespace models::kubernetes

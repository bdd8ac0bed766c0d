// The ReplicaSet controller: which pods it deletes first, batches, adoption, status.
// Rows of TestActivePodsWithRanks are those of pkg/controller/controller_utils_test.go
// (TestSortingActivePodsWithRanks), the others of pkg/controller/replicaset/replica_set_test.go.

#include <gtest/gtest.h>

#include "models/kubernetes/replicaset_controller.h"
#include "models/kubernetes/replicaset_ranking.h"
#include "models/kubernetes/workload_pods.h"
#include "tests/unit/kubernetes/workload_fixture.h"

namespace models::kubernetes::testing_support {
namespace {

// ---------------------------------------------------------------------------------------------------------
// Ranking

struct RankCase {
  const char* name;
  void (*first)(RankedPod&, Pod&);
  void (*second)(RankedPod&, Pod&);
  friend std::ostream& operator<<(std::ostream& out, const RankCase& c) { return out << c.name; }
};

constexpr sim::Time kNow = std::chrono::hours{100};

void ready(Pod& pod, sim::Time since) {
  pod.phase = PodPhase::Running;
  pod.ready = true;
  pod.ready_changed = since;
}

const RankCase kRankCases[] = {
    {"unassigned_before_assigned", [](RankedPod&, Pod& pod) { pod.node = kNoRow; }, [](RankedPod&, Pod&) {}},
    {"pending_before_unknown", [](RankedPod&, Pod&) {},
     [](RankedPod&, Pod& pod) { pod.phase = PodPhase::Unknown; }},
    {"unknown_before_running", [](RankedPod&, Pod& pod) { pod.phase = PodPhase::Unknown; },
     [](RankedPod&, Pod& pod) { pod.phase = PodPhase::Running; }},
    {"not_ready_before_ready", [](RankedPod&, Pod& pod) { pod.phase = PodPhase::Running; },
     [](RankedPod&, Pod& pod) { ready(pod, std::chrono::hours{1}); }},
    {"lower_deletion_cost_first",
     [](RankedPod&, Pod& pod) {
       ready(pod, std::chrono::hours{1});
       pod.deletion_cost = -10;
     },
     [](RankedPod& entry, Pod& pod) {
       ready(pod, std::chrono::hours{1});
       entry.rank = 5;
     }},
    {"more_neighbours_first",
     [](RankedPod& entry, Pod& pod) {
       ready(pod, std::chrono::hours{1});
       entry.rank = 2;
     },
     [](RankedPod& entry, Pod& pod) {
       ready(pod, std::chrono::hours{99});
       entry.rank = 1;
     }},
    {"ready_for_a_magnitude_less_first", [](RankedPod&, Pod& pod) { ready(pod, std::chrono::hours{99}); },
     [](RankedPod&, Pod& pod) { ready(pod, std::chrono::hours{1}); }},
    {"ready_for_about_as_long_the_uid_decides",
     [](RankedPod&, Pod& pod) {
       ready(pod, std::chrono::hours{10});
       pod.meta.uid = 1;
     },
     [](RankedPod&, Pod& pod) {
       ready(pod, std::chrono::hours{12});
       pod.meta.uid = 2;
     }},
    {"more_restarts_first",
     [](RankedPod& entry, Pod& pod) {
       ready(pod, std::chrono::hours{1});
       entry.restarts = 3;
     },
     [](RankedPod& entry, Pod& pod) {
       ready(pod, std::chrono::hours{1});
       entry.restarts = 1;
       entry.sidecar_restarts = 9;
     }},
    {"younger_by_a_magnitude_first",
     [](RankedPod&, Pod& pod) {
       ready(pod, std::chrono::hours{99});
       pod.meta.created = std::chrono::hours{98};
     },
     [](RankedPod&, Pod& pod) {
       ready(pod, std::chrono::hours{99});
       pod.meta.created = std::chrono::hours{1};
     }},
    {"ready_within_the_same_second_is_as_long",
     [](RankedPod& entry, Pod& pod) {
       ready(pod, std::chrono::hours{99} + std::chrono::milliseconds{100});
       entry.restarts = 1;
     },
     [](RankedPod&, Pod& pod) { ready(pod, std::chrono::hours{99} + std::chrono::milliseconds{900}); }},
};

TEST(EqualPods, ChanceDecidesBetweenPodsThatNothingElseTellsApart) {
  Pod older;
  Pod younger;
  older.node = younger.node = 0;
  older.meta.uid = 6;
  younger.meta.uid = 7;
  EXPECT_TRUE(deleted_before({1, &younger, 0, 0, 0, 3}, {0, &older, 0, 0, 0, 4}, kNow));
  EXPECT_TRUE(deleted_before({0, &older, 0, 0, 0, 3}, {1, &younger, 0, 0, 0, 3}, kNow));
  // A difference of less than a power of two is none. Source: logarithmicRankDiff.
  older.phase = younger.phase = PodPhase::Running;
  ready(older, std::chrono::hours{100});
  ready(younger, std::chrono::hours{99});
  EXPECT_TRUE(deleted_before({0, &older, 0, 0, 0, 3}, {1, &younger, 0, 0, 0, 4}, kNow));
}

class Ranking : public testing::TestWithParam<RankCase> {};

TEST_P(Ranking, DeletesTheFirstBeforeTheSecond) {
  Pod first_pod;
  Pod second_pod;
  first_pod.node = second_pod.node = 0;
  first_pod.meta.uid = 7;
  second_pod.meta.uid = 6;
  RankedPod first{0, &first_pod, 0, 0, 0, 0};
  RankedPod second{1, &second_pod, 0, 0, 0, 0};
  GetParam().first(first, first_pod);
  GetParam().second(second, second_pod);
  EXPECT_TRUE(deleted_before(first, second, kNow));
  EXPECT_FALSE(deleted_before(second, first, kNow));
}

INSTANTIATE_TEST_SUITE_P(Cases, Ranking, testing::ValuesIn(kRankCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(SlowStart, DoublesEachBatch) {
  std::vector<std::uint32_t> sizes(5, 0);
  for (std::uint32_t i = 0; i < 31; ++i) {
    ++sizes[workloads::slow_start_batch(i)];
  }
  EXPECT_EQ(sizes, (std::vector<std::uint32_t>{1, 2, 4, 8, 16}));
}

// ---------------------------------------------------------------------------------------------------------
// The controller

class ReplicaSetTest : public ClusterTest {
 protected:
  ReplicaSetTest() {
    world.receive(ObserverId::ControllerManager, replicaset_controller::observe);
    world.handle(replicaset_controller::on_event);
    world.add_node("n1");
    world.add_node("n2");
  }
  Row make(std::int32_t replicas, std::int32_t min_ready_seconds = 0) {
    ReplicaSetSpec spec;
    spec.replicas = replicas;
    spec.min_ready_seconds = min_ready_seconds;
    spec.pod_template = world.add_template("web");
    return add_replicaset(world, "web", spec);
  }
  void all_ready() {
    for (const Row pod : world.pods()) {
      if (world.cluster.pods[pod].node == kNoRow) {
        world.bind(pod, 0);
      }
      world.make_ready(pod);
    }
    world.settle();
  }
  std::size_t active() const {
    std::size_t count = 0;
    for (const Row pod : world.pods()) {
      count += workloads::is_active(world.cluster.pods[pod]) ? 1 : 0;
    }
    return count;
  }
};

TEST_F(ReplicaSetTest, CreatesAsManyAsItWantsAndCountsThem) {
  const Row set = make(3);
  world.settle();
  EXPECT_EQ(world.pods().size(), 3U);
  all_ready();
  const ReplicaSetStatus& status = world.cluster.replicasets[set].status;
  EXPECT_EQ(status.replicas, 3);
  EXPECT_EQ(status.fully_labeled_replicas, 3);
  EXPECT_EQ(status.ready_replicas, 3);
  EXPECT_EQ(status.available_replicas, 3);
  EXPECT_EQ(status.observed_generation, 1U);
}

TEST_F(ReplicaSetTest, PodsHaveDifferentNames) {
  make(20);
  world.run_for(5s);
  std::vector<std::string> names;
  for (const Row pod : world.pods()) {
    names.push_back(world.cluster.name_of(world.cluster.pods[pod]));
    EXPECT_TRUE(names.back().starts_with("web-")) << names.back();
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
  EXPECT_EQ(names.size(), 20U);
}

// nodes-and-drain case 33: the pod of a shelved node is not Ready and goes first.
TEST_F(ReplicaSetTest, Row33_ScalingInTakesThePodThatIsNotReady) {
  const Row set = make(3);
  world.settle();
  all_ready();
  const Row lost = world.pods()[1];
  world.make_unready(lost);
  world.settle();
  world.change_spec<ReplicaSet>(set, [](ReplicaSetSpec& spec) { spec.replicas = 2; });
  world.settle();
  EXPECT_TRUE(world.cluster.pods[lost].meta.deleting());
  EXPECT_EQ(active(), 2U);
}

// Source: nodes-and-drain, section 6: a ReplicaSet does not wait for a terminating pod.
TEST_F(ReplicaSetTest, ReplacesATerminatingPodAtOnce) {
  make(2);
  world.settle();
  all_ready();
  Turn turn = world.turn();
  delete_pod(turn, world.pods()[0], {Writer::User});
  world.settle();
  EXPECT_EQ(world.pods().size(), 3U);
  EXPECT_EQ(active(), 2U);
}

TEST_F(ReplicaSetTest, AFailedPodIsReplaced) {
  make(1);
  world.settle();
  world.fail(world.pods()[0]);
  world.settle();
  EXPECT_EQ(world.pods().size(), 2U);
  EXPECT_EQ(active(), 1U);
}

// Source: TestDoNotPatchPodWithOtherControlRef, TestPatchPodFails, AdoptPod.
TEST_F(ReplicaSetTest, AdoptsAnOrphanThatMatches) {
  Pod orphan;
  orphan.meta.name = world.text("mine");
  orphan.meta.name_space = world.text("default");
  orphan.pod_template = world.add_template("web");
  Turn turn = world.turn();
  const Row pod = create_pod(turn, orphan, {Writer::User}).row;
  const Row set = make(1);
  world.settle();
  EXPECT_EQ(world.pods().size(), 1U);
  EXPECT_EQ(world.cluster.pods[pod].owner.uid, world.cluster.replicasets[set].meta.uid);
}

TEST_F(ReplicaSetTest, ReleasesAPodWhoseLabelsNoLongerMatchAndReplacesIt) {
  make(1);
  world.settle();
  const Row pod = world.pods()[0];
  world.change_pod(pod,
                   [&](Pod& object) { object.label_set = world.cluster.add_label_set({{"app", "debug"}}); });
  world.settle();
  EXPECT_EQ(world.cluster.pods[pod].owner.kind, Kind::None);
  EXPECT_EQ(world.pods().size(), 2U);
}

// Source: TestSlowStartBatch: a batch with a failure is the last.
TEST_F(ReplicaSetTest, AFailureStopsTheFollowingBatches) {
  world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Create), 1, 1});
  const Row set = make(10);
  while (world.transitions(Field::SyncFailed, Writer::ReplicaSetController).empty() && world.step()) {
  }
  // One, then two of which one fails.
  EXPECT_EQ(world.pods().size(), 2U);
  EXPECT_TRUE(world.cluster.replicasets[set].status.replica_failure.is_true());
  EXPECT_EQ(world.cluster.strings[world.cluster.replicasets[set].status.replica_failure.reason],
            "FailedCreate");
  world.run_for(5s);
  EXPECT_EQ(world.pods().size(), 10U);
  EXPECT_FALSE(world.cluster.replicasets[set].status.replica_failure.present);
}

TEST_F(ReplicaSetTest, AvailableOnlyAfterMinReadySeconds) {
  const Row set = make(1, 10);
  world.settle();
  all_ready();
  EXPECT_EQ(world.cluster.replicasets[set].status.ready_replicas, 1);
  EXPECT_EQ(world.cluster.replicasets[set].status.available_replicas, 0);
  world.run_for(11s);
  EXPECT_EQ(world.cluster.replicasets[set].status.available_replicas, 1);
}

}  // namespace
}  // namespace models::kubernetes::testing_support

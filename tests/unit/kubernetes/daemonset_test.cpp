// The DaemonSet controller. Source of the rows: pkg/controller/daemon daemon_controller_test.go
// TestNodeShouldRunDaemonPod, TestSimpleDaemonSetLaunchesPods and others; nodes-and-drain, sections 8 and 10.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "models/kubernetes/daemonset_rules.h"
#include "models/kubernetes/node_power.h"
#include "models/kubernetes/workload_pods.h"
#include "tests/unit/kubernetes/workload_fixture.h"

namespace models::kubernetes::testing_support {
namespace {

struct ShouldRunCase {
  const char* name;
  std::vector<Taint> taints;
  void (*change)(PodTemplate&);
  bool should_run;
  bool may_stay;
  friend std::ostream& operator<<(std::ostream& out, const ShouldRunCase& c) { return out << c.name; }
};

const ShouldRunCase kShouldRunCases[] = {
    {"a_plain_node", {}, [](PodTemplate&) {}, true, true},
    {"another_node_name", {}, [](PodTemplate& t) { t.node_name = "other"; }, false, false},
    {"its_node_name", {}, [](PodTemplate& t) { t.node_name = "n1"; }, true, true},
    {"selector_that_matches", {}, [](PodTemplate& t) { t.node_selector = {{"disk", "ssd"}}; }, true, true},
    {"selector_that_does_not", {}, [](PodTemplate& t) { t.node_selector = {{"disk", "hdd"}}; }, false, false},
    {"affinity_that_matches",
     {},
     [](PodTemplate& t) {
       t.node_affinity.emplace().push_back({{{"disk", SelectorOperator::In, {"ssd"}}}, {}});
     },
     true,
     true},
    {"affinity_that_does_not",
     {},
     [](PodTemplate& t) {
       t.node_affinity.emplace().push_back({{{"disk", SelectorOperator::NotIn, {"ssd"}}}, {}});
     },
     false,
     false},
    {"cordoned", {{"node.kubernetes.io/unschedulable", "", "NoSchedule"}}, [](PodTemplate&) {}, true, true},
    {"unreachable_NoExecute",
     {{"node.kubernetes.io/unreachable", "", "NoExecute"}},
     [](PodTemplate&) {},
     true,
     true},
    {"unreachable_NoSchedule_keeps_the_pod",
     {{"node.kubernetes.io/unreachable", "", "NoSchedule"}},
     [](PodTemplate&) {},
     false,
     true},
    {"not_ready_NoSchedule_keeps_the_pod",
     {{"node.kubernetes.io/not-ready", "", "NoSchedule"}},
     [](PodTemplate&) {},
     false,
     true},
    {"untolerated_NoExecute", {{"key", "value", "NoExecute"}}, [](PodTemplate&) {}, false, false},
    {"untolerated_PreferNoSchedule", {{"key", "value", "PreferNoSchedule"}}, [](PodTemplate&) {}, true, true},
    {"tolerates_everything",
     {{"key", "value", "NoExecute"}},
     [](PodTemplate& t) { t.tolerations.push_back({"", "", "", true, -1}); },
     true,
     true},
    {"network_unavailable",
     {{"node.kubernetes.io/network-unavailable", "", "NoSchedule"}},
     [](PodTemplate&) {},
     false,
     true},
    {"network_unavailable_on_the_host_network",
     {{"node.kubernetes.io/network-unavailable", "", "NoSchedule"}},
     [](PodTemplate& t) { t.host_network = true; },
     true,
     true},
};

class ShouldRun : public testing::TestWithParam<ShouldRunCase> {};

TEST_P(ShouldRun, OnNodeN1) {
  const ShouldRunCase& c = GetParam();
  TestCluster world;
  const Row node = world.add_node("n1", 4000, 16 * kGibibyte, {{"disk", "ssd"}});
  world.cluster.nodes[node].taint_set = world.cluster.add_taint_set(c.taints);
  PodTemplate pod_template;
  c.change(pod_template);
  const daemonsets::NodeAnswer answer = daemonsets::should_run(
      world.cluster, world.cluster.nodes[node], pod_template, daemonsets::tolerations_of(pod_template));
  EXPECT_EQ(answer.should_run, c.should_run);
  EXPECT_EQ(answer.may_stay, c.may_stay);
}

INSTANTIATE_TEST_SUITE_P(Cases, ShouldRun, testing::ValuesIn(kShouldRunCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(FailedPodsBackoff, DoublesFromASecondToAQuarterOfAnHour) {
  std::vector<FailedPodsBackoff> backoffs;
  sim::Time now{};
  std::vector<std::int64_t> delays;
  for (int i = 0; i < 13; ++i) {
    EXPECT_EQ(daemonsets::backoff_left(backoffs, 1, 1, 0, now), sim::Duration::zero());
    daemonsets::note_failed_pod(backoffs, 1, 1, 0, now);
    delays.push_back(daemonsets::backoff_left(backoffs, 1, 1, 0, now) / std::chrono::seconds{1});
    now += backoffs.front().delay;
  }
  EXPECT_EQ(delays, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900}));
  EXPECT_EQ(daemonsets::backoff_left(backoffs, 1, 2, 0, now), sim::Duration::zero())
      << "a new generation begins anew";
}

TEST(FailedPodsBackoff, IsForgottenHalfAnHourAfterItsLastUse) {
  std::vector<FailedPodsBackoff> backoffs;
  daemonsets::note_failed_pod(backoffs, 1, 1, 0, sim::Time{});
  daemonsets::note_failed_pod(backoffs, 1, 1, 0, sim::Time{30min});
  EXPECT_EQ(daemonsets::backoff_left(backoffs, 1, 1, 0, sim::Time{30min}), 2s);
  daemonsets::note_failed_pod(backoffs, 1, 1, 0, sim::Time{60min + 1s});
  EXPECT_EQ(daemonsets::backoff_left(backoffs, 1, 1, 0, sim::Time{60min + 1s}), 1s);
}

struct ShareCase {
  IntOrPercent unavailable;
  IntOrPercent surge;
  std::int32_t nodes;
  std::int32_t want_unavailable;
  std::int32_t want_surge;
};

// Source: pkg/controller/daemon/util/daemonset_util.go SurgeCount, UnavailableCount; update.go
// updatedDesiredNodeCounts.
TEST(DaemonSetShares, RoundUpAndAreNeverBothZero) {
  constexpr ShareCase kCases[] = {
      {{1, false}, {0, false}, 10, 1, 0}, {{10, true}, {0, false}, 11, 2, 0},
      {{0, false}, {10, true}, 11, 0, 2}, {{0, false}, {0, false}, 10, 1, 0},
      {{0, true}, {0, true}, 10, 1, 0},   {{0, false}, {3, false}, 10, 0, 3},
  };
  for (const ShareCase& row : kCases) {
    DaemonSetSpec spec;
    spec.max_unavailable = row.unavailable;
    spec.max_surge = row.surge;
    EXPECT_EQ(daemonsets::unavailable_count(spec, row.nodes), row.want_unavailable) << &row - kCases;
    EXPECT_EQ(daemonsets::surge_count(spec, row.nodes), row.want_surge) << &row - kCases;
  }
}

// Source: pkg/controller/daemon/util/daemonset_util.go IsPodUpdated.
TEST(DaemonSetPods, AreUpdatedByTheirHashOrByTheirGeneration) {
  DaemonSet set;
  set.template_generation = 2;
  Pod pod;
  pod.template_generation = 1;
  pod.revision = 7;
  EXPECT_FALSE(daemonsets::is_updated(set, 8, pod));
  EXPECT_TRUE(daemonsets::is_updated(set, 7, pod));
  pod.template_generation = 2;
  EXPECT_TRUE(daemonsets::is_updated(set, 8, pod));
  pod.template_generation = 1;
  pod.revision = 0;
  EXPECT_FALSE(daemonsets::is_updated(set, 0, pod)) << "no hash is no match";
}

// ---------------------------------------------------------------------------------------------------------
// A whole cluster

class DaemonSetTest : public ClusterTest {
 protected:
  DaemonSetTest() {
    world.use_whole_model();
    for (const char* name : {"n1", "n2", "n3"}) {
      nodes.push_back(world.add_node(name));
    }
  }
  DaemonSetSpec spec_of(std::string_view image = "agent:A") {
    DaemonSetSpec spec;
    spec.pod_template = world.add_template("agent", image);
    return spec;
  }
  const DaemonSetStatus& status(Row set) const { return world.cluster.daemonsets[set].status; }
  Row pod_on(Row node) const {
    for (const Row pod : world.pods()) {
      if (world.cluster.pods[pod].node == node && !world.cluster.pods[pod].meta.deleting()) {
        return pod;
      }
    }
    return kNoRow;
  }
  void set_taints(Row node, std::vector<Taint> taints) {
    Turn turn = world.turn();
    const std::uint32_t set = world.cluster.add_taint_set(std::move(taints));
    update<Node>(turn, node, {Writer::User}, Verb::Update, [&](Node& object) { object.taint_set = set; });
  }

  std::vector<Row> nodes;
};

TEST_F(DaemonSetTest, RunsOnePodOnEachNode) {
  const Row set = add_daemonset(world, "agent", spec_of());
  world.run_for(2min);
  EXPECT_EQ(world.pods().size(), 3U);
  for (const Row node : nodes) {
    const Row pod = pod_on(node);
    ASSERT_NE(pod, kNoRow);
    EXPECT_TRUE(world.cluster.label_of(world.cluster.pods[pod], "controller-revision-hash"));
    EXPECT_EQ(world.cluster.label_of(world.cluster.pods[pod], "pod-template-generation"), "1");
  }
  EXPECT_EQ(status(set).desired, 3);
  EXPECT_EQ(status(set).current, 3);
  EXPECT_EQ(status(set).ready, 3);
  EXPECT_EQ(status(set).updated, 3);
  EXPECT_EQ(status(set).available, 3);
  EXPECT_EQ(status(set).misscheduled, 0);
  EXPECT_EQ(status(set).observed_generation, 1U);
}

TEST_F(DaemonSetTest, ANewNodeGetsAPod) {
  const Row set = add_daemonset(world, "agent", spec_of());
  world.run_for(2min);
  nodes.push_back(world.add_node("n4"));
  world.run_for(2min);
  EXPECT_NE(pod_on(nodes.back()), kNoRow);
  EXPECT_EQ(status(set).desired, 4);
}

// nodes-and-drain case 32.
TEST_F(DaemonSetTest, Row32_ADeadNodeKeepsItsPodAndIsNotCounted) {
  const Row set = add_daemonset(world, "agent", spec_of());
  world.run_for(2min);
  const Row pod = pod_on(nodes[0]);
  Turn turn = world.turn();
  ASSERT_TRUE(node_power::silence_kubelet(turn, nodes[0], {Writer::Fault}));
  world.run_for(2min);
  EXPECT_TRUE(world.cluster.pods.exists(pod));
  EXPECT_FALSE(world.cluster.pods[pod].meta.deleting());
  EXPECT_EQ(status(set).desired, 2);
  EXPECT_EQ(status(set).misscheduled, 1);
}

TEST_F(DaemonSetTest, AnUntoleratedNoExecuteTaintRemovesThePod) {
  add_daemonset(world, "agent", spec_of());
  world.run_for(2min);
  set_taints(nodes[1], {{"key", "value", "NoExecute"}});
  world.run_for(2min);
  EXPECT_EQ(pod_on(nodes[1]), kNoRow);
  EXPECT_EQ(world.pods().size(), 2U);
}

TEST_F(DaemonSetTest, RollsOutOneNodeAfterTheOther) {
  const Row set = add_daemonset(world, "agent", spec_of());
  world.run_for(2min);
  const TemplateId next = world.add_template("agent", "agent:B");
  world.change_spec<DaemonSet>(set, [&](DaemonSetSpec& spec) { spec.pod_template = next; });
  world.cluster.daemonsets[set].template_generation = 2;
  std::int32_t least = 3;
  const sim::Time end = world.now() + 10min;
  while (world.now() < end && world.step()) {
    least = std::min(least, world.cluster.daemonsets[set].pod_counts.ready);
  }
  EXPECT_EQ(least, 2);
  EXPECT_EQ(status(set).updated, 3);
  EXPECT_EQ(status(set).available, 3);
  for (const Row pod : world.pods()) {
    EXPECT_EQ(world.cluster.template_of(world.cluster.pods[pod]).containers.front().image, "agent:B");
  }
}

// Source: update.go rollingUpdate goes through a map of nodes; manage through a list that comes from one.
TEST(DaemonSetOrder, IsChance) {
  std::set<Text> created_first;
  std::set<Text> replaced_first;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    TestCluster world;
    sim::SeededChoices choices(seed);
    sim::Context context{choices, world.history};
    world.use_whole_model();
    for (const char* name : {"n1", "n2", "n3"}) {
      world.add_node(name);
    }
    DaemonSetSpec spec;
    spec.pod_template = world.add_template("agent", "agent:A");
    const Row set = add_daemonset(world, "agent", spec);
    sim::run(world, context, 2min);
    ASSERT_EQ(world.pods().size(), 3U);
    std::vector<std::pair<std::uint32_t, Text>> nodes;  // by the suffix of the pod
    for (const Row pod : world.pods()) {
      nodes.emplace_back(world.cluster.pods[pod].suffix, world.cluster.pods[pod].pinned_node);
    }
    created_first.insert(nodes.front().second);
    const TemplateId next = world.add_template("agent", "agent:B");
    world.change_spec<DaemonSet>(set, [&](DaemonSetSpec& changed) { changed.pod_template = next; });
    world.cluster.daemonsets[set].template_generation = 2;
    const sim::TransitionId changed = world.history.next_id();
    sim::run(world, context, 4min);
    for (sim::TransitionId id = changed; id < world.history.next_id(); ++id) {
      const sim::Transition& transition = world.history.at(id);
      if (transition.field == static_cast<std::uint16_t>(Field::DeletionRequested)) {
        const auto pod = std::find_if(nodes.begin(), nodes.end(), [&](const auto& one) {
          return one.first == world.history.subject(transition.subject).suffix;
        });
        ASSERT_NE(pod, nodes.end());
        replaced_first.insert(pod->second);
        break;
      }
    }
  }
  EXPECT_EQ(created_first.size(), 3U);
  EXPECT_EQ(replaced_first.size(), 3U);
}

TEST_F(DaemonSetTest, WithSurgeNoNodeIsEverWithoutAReadyPod) {
  DaemonSetSpec spec = spec_of();
  spec.max_surge = {1, false};
  spec.max_unavailable = {0, false};
  const Row set = add_daemonset(world, "agent", spec);
  world.run_for(2min);
  const TemplateId next = world.add_template("agent", "agent:B");
  world.change_spec<DaemonSet>(set, [&](DaemonSetSpec& changed) { changed.pod_template = next; });
  world.cluster.daemonsets[set].template_generation = 2;
  std::int32_t least = 3;
  const sim::Time end = world.now() + 10min;
  while (world.now() < end && world.step()) {
    least = std::min(least, world.cluster.daemonsets[set].pod_counts.ready);
  }
  EXPECT_EQ(least, 3);
  EXPECT_EQ(status(set).updated, 3);
  EXPECT_EQ(world.pods().size(), 3U);
}

TEST_F(DaemonSetTest, OnDeleteWaitsForThePerson) {
  DaemonSetSpec spec = spec_of();
  spec.update_strategy = UpdateStrategy::OnDelete;
  const Row set = add_daemonset(world, "agent", spec);
  world.run_for(2min);
  const TemplateId next = world.add_template("agent", "agent:B");
  world.change_spec<DaemonSet>(set, [&](DaemonSetSpec& changed) { changed.pod_template = next; });
  world.cluster.daemonsets[set].template_generation = 2;
  world.run_for(5min);
  EXPECT_EQ(status(set).updated, 0);
  Turn turn = world.turn();
  delete_pod(turn, pod_on(nodes[0]), {Writer::User});
  world.run_for(5min);
  EXPECT_EQ(status(set).updated, 1);
}

TEST_F(DaemonSetTest, AFailedPodIsReplaced) {
  add_daemonset(world, "agent", spec_of());
  world.run_for(2min);
  const Row pod = pod_on(nodes[0]);
  const Uid before = world.cluster.pods[pod].meta.uid;
  world.fail(pod);
  world.run_for(1min);
  ASSERT_NE(pod_on(nodes[0]), kNoRow);
  EXPECT_NE(world.cluster.pods[pod_on(nodes[0])].meta.uid, before);
}

TEST_F(DaemonSetTest, DeletingItTakesPodsAndRevisionsWithIt) {
  const Row set = add_daemonset(world, "agent", spec_of());
  world.run_for(2min);
  Turn turn = world.turn();
  delete_daemonset(turn, set, {Writer::User});
  world.run_for(2min);
  EXPECT_TRUE(world.pods().empty());
  for (Row row = 0; row < world.cluster.revisions.extent(); ++row) {
    EXPECT_FALSE(world.cluster.revisions.exists(row));
  }
}

}  // namespace
}  // namespace models::kubernetes::testing_support

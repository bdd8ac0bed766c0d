#include "models/kubernetes/scheduler.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <optional>
#include <ostream>

#include "models/kubernetes/node_ranking.h"
#include "models/kubernetes/scheduler_filters.h"
#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

constexpr std::int64_t kNodeCpu = 4000;
constexpr std::int64_t kNodeMemory = 8 * kGibibyte;

/// A cluster in which only the scheduler acts. Its version is one that the case table is written for.
struct SchedulerWorld : TestCluster {
  explicit SchedulerWorld(int nodes, std::string_view version = "1.33.0", std::int64_t memory = kNodeMemory)
      : TestCluster(version, {}, round_profile()) {
    receive(ObserverId::Scheduler, scheduler::observe);
    handle(scheduler::on_event);
    for (int i = 1; i <= nodes; ++i) {
      add_node(fmt::format("n{}", i), kNodeCpu, memory);
    }
    settle();
  }

  Row create(std::string_view name, PodTemplate pod_template) {
    const Row row = add_pod(*this, name, cluster.add_template(std::move(pod_template)));
    settle();
    return row;
  }
  Row create(std::string_view name, std::int64_t cpu, std::int64_t memory = 0) {
    PodTemplate pod_template;
    pod_template.containers = {container(cpu, memory)};
    return create(name, std::move(pod_template));
  }
  /// A pod that uses that much of the node, put there by somebody else.
  Row occupy(Row node, std::int64_t cpu, std::int64_t memory = 0) {
    PodTemplate pod_template;
    pod_template.containers = {container(cpu, memory)};
    const Row row = add_pod(*this, fmt::format("busy-{}", cluster.pods.extent()),
                            cluster.add_template(std::move(pod_template)), node);
    settle();
    return row;
  }
  template <class Change>
  void change_node(Row node, Change&& change) {
    Turn current = turn();
    update<Node>(current, node, {Writer::User}, Verb::Update, std::forward<Change>(change));
    settle();
  }
  void cordon(Row node, bool unschedulable = true) {
    change_node(node, [&](Node& changed) { changed.unschedulable = unschedulable; });
  }
  void taint(Row node, Taint taint) {
    const std::uint32_t set = cluster.add_taint_set({std::move(taint)});
    change_node(node, [&](Node& changed) { changed.taint_set = set; });
  }
  void remove_now(Row pod) {
    Turn current = turn();
    delete_pod(current, pod, {Writer::User}, 0);
    settle();
  }
  [[nodiscard]] std::string node_of(Row pod) const {
    const Row node = cluster.pods[pod].node;
    return node == kNoRow ? "" : cluster.name_of(cluster.nodes[node].meta);
  }
  [[nodiscard]] const std::string& message_of(Row pod) const {
    return cluster.strings[cluster.pods[pod].unschedulable_message];
  }
  /// The list of reasons in the message.
  [[nodiscard]] std::string reasons_of(Row pod) const {
    const std::string& message = message_of(pod);
    const std::size_t from = message.find("available: ") + 11;
    return message.substr(from, message.find(". ") - from);
  }
};

const Taint kUnreachable{"node.kubernetes.io/unreachable", "", "NoSchedule"};

TEST(SchedulerRow, Row01_ACordonedNodeTakesNothing) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  EXPECT_TRUE(world.cluster.pods[pod].unschedulable);
  EXPECT_EQ(world.message_of(pod),
            "0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: "
            "1 Preemption is not helpful for scheduling.");
}

TEST(SchedulerRow, Row02_CordonedAndFullNodesAreCountedApart) {
  SchedulerWorld world(3);
  world.cordon(0);
  world.occupy(1, 4000);
  world.occupy(2, 4000);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(
      world.message_of(pod),
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: 0/3 nodes are "
      "available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming "
      "pod.");
}

TEST(SchedulerRow, Row03_ANodeShortOfTwoResourcesSaysBoth) {
  SchedulerWorld world(1);
  world.occupy(0, 4000, kNodeMemory);
  const Row pod = world.create("p", 1000, kGibibyte);
  EXPECT_EQ(world.reasons_of(pod), "1 Insufficient cpu, 1 Insufficient memory");
}

TEST(SchedulerRow, Row04_AShelvedNodeShowsItsTaint) {
  SchedulerWorld world(2);
  world.taint(0, kUnreachable);
  world.occupy(1, 4000);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.reasons_of(pod),
            "1 Insufficient cpu, 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }");
}

TEST(SchedulerRow, Row05_ShelvedAndCordonedShowsTheCordonOnly) {
  SchedulerWorld world(1);
  world.taint(0, kUnreachable);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.reasons_of(pod), "1 node(s) were unschedulable");
}

TEST(SchedulerRow, Row06_ATolerationPassesTheCordon) {
  SchedulerWorld world(1);
  world.cordon(0);
  PodTemplate pod_template;
  pod_template.containers = {container(1000)};
  pod_template.tolerations = {{"node.kubernetes.io/unschedulable", "", "NoSchedule", true, -1}};
  EXPECT_EQ(world.node_of(world.create("p", pod_template)), "n1");
}

TEST(SchedulerRow, Row07_NodeNamePassesByTheSchedulerAndTheCordon) {
  SchedulerWorld world(2);
  world.cordon(1);
  PodTemplate pod_template;
  pod_template.containers = {container(1000)};
  pod_template.node_name = "n2";
  EXPECT_EQ(world.node_of(world.create("p", pod_template)), "n2");
}

TEST(SchedulerRow, Row08_ReasonsAreSortedAsStrings) {
  SchedulerWorld world(12);
  for (Row node = 0; node < 10; ++node) {
    world.occupy(node, 4000);
  }
  world.cordon(10);
  world.cordon(11);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.reasons_of(pod), "10 Insufficient cpu, 2 node(s) were unschedulable");
}

PodTemplate one_per_node(const char* app) {
  PodTemplate pod_template;
  pod_template.labels = {{"app", app}};
  pod_template.anti_affinity_by_host = {{{"app", app}}};
  pod_template.containers = {container(100)};
  return pod_template;
}

TEST(SchedulerRow, Row11_AThirdReplicaFindsNoThirdNode) {
  SchedulerWorld world(2);
  const std::string first = world.node_of(world.create("p0", one_per_node("db")));
  const std::string second = world.node_of(world.create("p1", one_per_node("db")));
  EXPECT_NE(first, second);
  const Row third = world.create("p2", one_per_node("db"));
  EXPECT_EQ(
      world.message_of(third),
      "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: 0/2 nodes are "
      "available: 2 No preemption victims found for incoming pod.");
}

TEST(SchedulerRow, Row13_TheEmptierNodeWins) {
  SchedulerWorld world(2);
  world.occupy(0, 2000, 4 * kGibibyte);
  world.occupy(1, 1000, 2 * kGibibyte);
  EXPECT_EQ(world.node_of(world.create("p", 1000, 2 * kGibibyte)), "n2");

  const SchedulableNode node{0, 0, 0, kNodeCpu, kNodeMemory, 110, false};
  const PodRequests pod{1000, 2 * kGibibyte, 1000, 2 * kGibibyte};
  const NodeUsage half{2000, 4 * kGibibyte, 2000, 4 * kGibibyte, 1};
  const NodeUsage quarter{1000, 2 * kGibibyte, 1000, 2 * kGibibyte, 1};
  EXPECT_EQ(scheduler::least_allocated(node, half, pod), 25);
  EXPECT_EQ(scheduler::least_allocated(node, quarter, pod), 50);
  EXPECT_EQ(scheduler::balanced_allocation(node, half, pod), 100);
  EXPECT_EQ(scheduler::balanced_allocation(node, quarter, pod), 100);
}

TEST(SchedulerRow, Row14_UnbalancedUseCostsHalfTheDifference) {
  const SchedulableNode node{0, 0, 0, kNodeCpu, kNodeMemory, 110, false};
  EXPECT_EQ(scheduler::balanced_allocation(node, {}, {3000, 2 * kGibibyte, 3000, 2 * kGibibyte}), 75);
  EXPECT_EQ(scheduler::balanced_allocation(node, {}, {4000, 0, 4000, 0}), 50);
}

TEST(SchedulerRow, Row15_EqualNodesAreAMatterOfChance) {
  const auto chosen = [](std::uint64_t seed) {
    SchedulerWorld world(2);
    sim::SeededChoices choices(seed);
    sim::Context context{choices, world.history};
    const Row pod = add_pod(world, "p", world.add_template("p"));
    while (sim::step(world, context)) {
    }
    return world.node_of(pod);
  };
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(chosen(seed), chosen(seed));
    ++seen[chosen(seed)];
  }
  EXPECT_EQ(seen.size(), 2U);
}

TEST(SchedulerRow, Row16_LargeClustersAreSampled) {
  EXPECT_EQ(scheduler::nodes_to_find(99), 99U);
  EXPECT_EQ(scheduler::nodes_to_find(100), 100U);
  EXPECT_EQ(scheduler::nodes_to_find(1000), 420U);
  EXPECT_EQ(scheduler::nodes_to_find(5000), 500U);
  EXPECT_EQ(scheduler::nodes_to_find(6000), 300U);
}

TEST(SchedulerRow, Row17_BackOffDoublesTo10s) {
  std::vector<std::int64_t> delays;
  for (std::uint32_t attempt = 1; attempt <= 6; ++attempt) {
    delays.push_back(
        std::chrono::duration_cast<std::chrono::seconds>(scheduler::backoff_after(attempt)).count());
  }
  EXPECT_EQ(delays, (std::vector<std::int64_t>{1, 2, 4, 8, 10, 10}));
}

TEST(SchedulerRow, Row19_UncordonSchedulesWithinTheBackOff) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  world.run_until(100s);
  EXPECT_TRUE(world.agenda.events.empty()) << "an unschedulable pod waits without events";
  world.cordon(0, false);
  EXPECT_EQ(world.node_of(pod), "n1");
  EXPECT_EQ(world.cluster.pods[pod].bound_at, 100s);
  EXPECT_FALSE(world.cluster.pods[pod].unschedulable);
}

TEST(SchedulerRow, Row19_ARetryWaitsForTheRestOfTheBackOff) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  world.run_until(300ms);
  world.cordon(0, false);
  EXPECT_EQ(world.node_of(pod), "");
  world.run_until(10s);
  EXPECT_EQ(world.cluster.pods[pod].bound_at, 1s);
}

TEST(SchedulerRow, Row21_ATerminatingPodHoldsItsPlaceUntilItIsGone) {
  SchedulerWorld world(1);
  const Row old = world.occupy(0, 4000);
  Turn turn = world.turn();
  delete_pod(turn, old, {Writer::User});
  const Row replacement = world.create("p", 4000);
  world.run_until(30s);
  EXPECT_EQ(world.reasons_of(replacement), "1 Insufficient cpu");
  world.remove_now(old);
  EXPECT_EQ(world.node_of(replacement), "n1");
}

TEST(SchedulerRow, Row26_APodDeletedWhilePendingIsForgotten) {
  SchedulerWorld world(1);
  world.cordon(0);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.cluster.scheduler.parked.size(), 1U);
  world.remove_now(pod);
  EXPECT_TRUE(world.cluster.scheduler.parked.empty());
}

// -----------------------------------------------------------------------------------------------------------

TEST(Scheduler, SaysWhenThereAreNoNodes) {
  SchedulerWorld world(0);
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.message_of(pod), "no nodes available to schedule pods");
  world.add_node("late");
  world.run_for(1s);
  EXPECT_EQ(world.node_of(pod), "late");
}

TEST(Scheduler, TextsFollowTheVersion) {
  const auto message = [](std::string_view version) {
    SchedulerWorld world(1, version);
    world.taint(0, {"dedicated", "gpu", "NoSchedule"});
    return world.message_of(world.create("p", 1000));
  };
  EXPECT_EQ(
      message("1.33.0"),
      "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}. preemption: 0/1 nodes are "
      "available: 1 Preemption is not helpful for scheduling.");
  EXPECT_EQ(
      message("1.35.0"),
      "0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: "
      "0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
}

TEST(Scheduler, ARequestBeyondTheNodeIsBeyondPreemptionFrom134On) {
  const auto message = [](std::string_view version) {
    SchedulerWorld world(1, version);
    return world.message_of(world.create("p", 5000));
  };
  EXPECT_NE(message("1.33.0").find("1 No preemption victims found"), std::string::npos);
  EXPECT_NE(message("1.34.0").find("1 Preemption is not helpful"), std::string::npos);
}

TEST(Scheduler, TheNumberOfPodsIsAResource) {
  SchedulerWorld world(0);
  NodeShape shape;
  shape.cpu_millicores = kNodeCpu;
  shape.memory_bytes = kNodeMemory;
  shape.pods = 2;
  Node node;
  node.meta.name = world.text("small");
  node.shape = world.cluster.add_node_shape(shape);
  Turn turn = world.turn();
  create_node(turn, node, {Writer::Setup});
  world.settle();
  world.create("p0", 0);
  world.create("p1", 0);
  EXPECT_EQ(world.reasons_of(world.create("p2", 0)), "1 Too many pods");
}

TEST(Scheduler, NodeSelectorReadsLabelsAndTheHostName) {
  SchedulerWorld world(2);
  PodTemplate pod_template;
  pod_template.containers = {container(100)};
  pod_template.node_selector = {{"kubernetes.io/hostname", "n2"}};
  EXPECT_EQ(world.node_of(world.create("p0", pod_template)), "n2");
  pod_template.node_selector = {{"disk", "ssd"}};
  EXPECT_EQ(world.reasons_of(world.create("p1", pod_template)),
            "2 node(s) didn't match Pod's node affinity/selector");
}

TEST(Scheduler, AntiAffinityOfPodsThatAreThereKeepsOthersAway) {
  SchedulerWorld world(1);
  world.create("db", one_per_node("db"));
  PodTemplate pod_template;
  pod_template.labels = {{"app", "db"}};
  pod_template.containers = {container(100)};
  EXPECT_EQ(world.reasons_of(world.create("copy", pod_template)),
            "1 node(s) didn't satisfy existing pods anti-affinity rules");
  pod_template.labels = {{"app", "web"}};
  EXPECT_EQ(world.node_of(world.create("other", pod_template)), "n1");
}

TEST(Scheduler, AntiAffinityLooksAtPodsThatWereThereBefore) {
  SchedulerWorld world(1);
  PodTemplate pod_template;
  pod_template.labels = {{"app", "db"}};
  pod_template.containers = {container(100)};
  world.create("old", pod_template);
  EXPECT_EQ(world.reasons_of(world.create("db", one_per_node("db"))),
            "1 node(s) didn't match pod anti-affinity rules");
}

TEST(Scheduler, ARemovedPodHelpsOnlyThoseThatItStoodInTheWayOf) {
  SchedulerWorld world(2);
  world.cordon(1);
  const Row busy = world.occupy(0, 4000);
  const Row waits = world.create("waits", 4000);
  world.run_until(100s);
  world.remove_now(busy);
  EXPECT_EQ(world.node_of(waits), "n1");
}

TEST(Scheduler, AFailedBindingIsTriedAgain) {
  SchedulerWorld world(1);
  world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Update), 1, 0});
  const Row pod = world.create("p", 1000);
  EXPECT_EQ(world.node_of(pod), "");
  world.run_until(1s);
  EXPECT_EQ(world.node_of(pod), "n1");
  EXPECT_TRUE(world.agenda.events.empty());
}

// -----------------------------------------------------------------------------------------------------------
// The oracle: every node is looked at, one after the other, as upstream does

struct SlowScan {
  std::uint32_t next_start = 0;

  std::optional<Row> choose(const Cluster& cluster, const Pod& pod) {
    std::vector<Row> nodes;
    for (Row row = 0; row < cluster.nodes.extent(); ++row) {
      if (cluster.nodes.exists(row)) {
        nodes.push_back(row);
      }
    }
    if (nodes.empty()) {
      return std::nullopt;
    }
    const auto count = static_cast<std::uint32_t>(nodes.size());
    std::vector<Row> feasible;
    std::uint32_t processed = 0;
    for (; processed < count; ++processed) {
      const Row node = nodes[(next_start + processed) % count];
      if (fits(cluster, pod, node)) {
        if (feasible.size() == scheduler::nodes_to_find(count)) {
          break;
        }
        feasible.push_back(node);
      }
    }
    if (feasible.empty()) {
      return std::nullopt;
    }
    next_start = (next_start + processed) % count;
    std::vector<Row> best;
    std::int64_t best_score = -1;
    for (const Row node : feasible) {
      const std::int64_t score = score_of(cluster, pod, node);
      if (score > best_score) {
        best.clear();
        best_score = score;
      }
      if (score == best_score) {
        best.push_back(node);
      }
    }
    return best[best.size() / 2];  // what nominal choices pick
  }

  static std::vector<Row> pods_on(const Cluster& cluster, Row node) {
    std::vector<Row> rows;
    for (Row row = 0; row < cluster.pods.extent(); ++row) {
      if (cluster.pods.exists(row) && cluster.pods[row].node == node && !cluster.pods[row].terminal()) {
        rows.push_back(row);
      }
    }
    return rows;
  }
  static bool hits(const Cluster& cluster, const Pod& from, const Pod& other) {
    for (const LabelMap& term : cluster.template_of(from).anti_affinity_by_host) {
      bool all = true;
      for (const auto& [key, value] : term) {
        all = all && cluster.label_of(other, key) == value;
      }
      if (all) {
        return true;
      }
    }
    return false;
  }
  static bool fits(const Cluster& cluster, const Pod& pod, Row row) {
    const Node& node = cluster.nodes[row];
    const PodTemplate& wanted = cluster.template_of(pod);
    if (node.unschedulable) {
      return false;
    }
    for (const Taint& taint : cluster.taints_of(node)) {
      if (!scheduler::tolerates(wanted.tolerations, taint)) {
        return false;
      }
    }
    std::int64_t cpu = wanted.cpu_millicores;
    std::int64_t memory = wanted.memory_bytes;
    std::int32_t pods = 1;
    for (const Row other : pods_on(cluster, row)) {
      cpu += cluster.template_of(cluster.pods[other]).cpu_millicores;
      memory += cluster.template_of(cluster.pods[other]).memory_bytes;
      ++pods;
      if (hits(cluster, pod, cluster.pods[other]) || hits(cluster, cluster.pods[other], pod)) {
        return false;
      }
    }
    const NodeShape& shape = cluster.shape_of(node);
    return pods <= shape.pods && (wanted.cpu_millicores == 0 || cpu <= shape.cpu_millicores) &&
           (wanted.memory_bytes == 0 || memory <= shape.memory_bytes);
  }
  static PodRequests requests(const PodTemplate& pod_template) {
    PodRequests sum{pod_template.cpu_millicores, pod_template.memory_bytes, 0, 0};
    for (const Container& one : pod_template.containers) {
      sum.scored_cpu_millicores += one.cpu_millicores == 0 ? 100 : one.cpu_millicores;
      sum.scored_memory_bytes += one.memory_bytes == 0 ? std::int64_t{200} * 1024 * 1024 : one.memory_bytes;
    }
    return sum;
  }
  static std::int64_t score_of(const Cluster& cluster, const Pod& pod, Row row) {
    const NodeShape& shape = cluster.shape_of(cluster.nodes[row]);
    NodeUsage usage;
    for (const Row other : pods_on(cluster, row)) {
      const PodRequests one = requests(cluster.template_of(cluster.pods[other]));
      usage.cpu_millicores += one.cpu_millicores;
      usage.memory_bytes += one.memory_bytes;
      usage.scored_cpu_millicores += one.scored_cpu_millicores;
      usage.scored_memory_bytes += one.scored_memory_bytes;
    }
    const SchedulableNode node{row, 0, 0, shape.cpu_millicores, shape.memory_bytes, shape.pods, false};
    return scheduler::score(node, usage, requests(cluster.template_of(pod)));
  }
};

std::vector<TemplateId> random_templates(TestCluster& world) {
  std::vector<TemplateId> templates;
  const int count = *rc::gen::inRange(1, 11);  // more than the rankings that are kept
  for (int i = 0; i < count; ++i) {
    PodTemplate pod_template;
    pod_template.labels = {{"app", fmt::format("app-{}", i % 3)}};
    pod_template.containers = {container(*rc::gen::element<std::int64_t>(0, 100, 900, 2500),
                                         *rc::gen::element<std::int64_t>(0, 1, 3) * kGibibyte)};
    if (*rc::gen::inRange(0, 3) == 0) {
      pod_template.anti_affinity_by_host = {{{"app", fmt::format("app-{}", *rc::gen::inRange(0, 3))}}};
    }
    if (*rc::gen::inRange(0, 3) == 0) {
      pod_template.tolerations = {{"spot", "", "", true, -1}};
    }
    templates.push_back(world.cluster.add_template(std::move(pod_template)));
  }
  return templates;
}

void random_change(SchedulerWorld& world, int number) {
  const Row node = *rc::gen::inRange<Row>(0, world.cluster.nodes.extent());
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      if (world.cluster.nodes.exists(node)) {
        world.cordon(node, !world.cluster.nodes[node].unschedulable);
      }
      return;
    case 1:
      if (world.cluster.nodes.exists(node)) {
        world.taint(node, {"spot", "", "NoSchedule"});
      }
      return;
    case 2:
      world.add_node(fmt::format("extra-{}", number), 4000, 16 * kGibibyte);
      world.settle();
      return;
    case 3: {
      const std::vector<Row> pods = world.pods();
      if (!pods.empty()) {
        world.remove_now(pods[*rc::gen::inRange<std::size_t>(0, pods.size())]);
      }
      return;
    }
    case 4: {
      const std::vector<Row> pods = world.pods();
      if (!pods.empty()) {
        world.succeed(pods[*rc::gen::inRange<std::size_t>(0, pods.size())]);
        world.settle();
      }
      return;
    }
    default:
      return;
  }
}

RC_GTEST_PROP(Scheduler, choosesTheNodeThatAScanOfAllNodesChooses, ()) {
  SchedulerWorld world(0);
  const int nodes = *rc::gen::element(1, 3, 7, 99, 130);
  for (int i = 0; i < nodes; ++i) {
    world.add_node(fmt::format("n{}", i), *rc::gen::element<std::int64_t>(1000, 4000, 8000),
                   *rc::gen::element<std::int64_t>(4, 16) * kGibibyte);
  }
  world.settle();
  const std::vector<TemplateId> templates = random_templates(world);
  SlowScan oracle;
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    random_change(world, i);
    // A pod that waits and is bound by a change moves the start of the search: it is taken away first.
    for (const Row row : world.pods()) {
      if (world.cluster.pods[row].node == kNoRow) {
        world.remove_now(row);
      }
    }
    oracle.next_start = world.cluster.scheduler.next_start;
    Pod pod;
    pod.meta.name_space = world.text("default");
    pod.pod_template = templates[*rc::gen::inRange<std::size_t>(0, templates.size())];
    const std::optional<Row> expected = oracle.choose(world.cluster, pod);
    const Row created = add_pod(world, fmt::format("p{}", i), pod.pod_template);
    world.settle();
    RC_ASSERT(world.cluster.pods[created].node == expected.value_or(kNoRow));
    RC_ASSERT(world.cluster.pods[created].unschedulable == !expected.has_value());
    RC_ASSERT(world.cluster.scheduler.next_start == oracle.next_start);
  }
}

}  // namespace
}  // namespace models::kubernetes

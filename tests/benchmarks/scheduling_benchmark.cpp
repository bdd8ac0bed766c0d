// Finding a node for a pod among 5,000 nodes with 150,000 pods, against a plain scan of all nodes that asks
// the same filters and the same scores.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "models/kubernetes/api.h"
#include "models/kubernetes/node_ranking.h"
#include "models/kubernetes/scheduler.h"
#include "models/kubernetes/scheduler_counts.h"
#include "models/kubernetes/scheduler_filters.h"
#include "models/kubernetes/scheduler_scores.h"
#include "sim/choices.h"
#include "sim/history.h"
#include "sim/kernel.h"
#include "tests/benchmarks/figures.h"

namespace {

namespace kubernetes = models::kubernetes;
using kubernetes::Row;

constexpr int kNodes = 5'000;
constexpr int kPodsPerNode = 30;
constexpr double kShareOfPlainScan = 0.1;

/// A cluster in which only the scheduler acts.
struct World {
  kubernetes::Cluster cluster;
  sim::Agenda agenda;

  World() {
    auto settings = std::make_shared<kubernetes::Settings>();
    kubernetes::resolve_features("1.33.0", {}, settings->features);
    cluster.settings = std::move(settings);
  }
  void dispatch(const sim::PendingEvent& event, sim::Context& context) {
    kubernetes::Turn turn{cluster, agenda, context};
    if (static_cast<kubernetes::Event>(event.kind) == kubernetes::Event::Deliver) {
      const auto observer = static_cast<kubernetes::ObserverId>(event.subject);
      kubernetes::deliver(turn, observer, [&](const kubernetes::WatchEvent& entry) {
        if (observer == kubernetes::ObserverId::Scheduler) {
          kubernetes::scheduler::observe(turn, entry);
        }
      });
      return;
    }
    kubernetes::scheduler::on_event(turn, event);
  }
  [[nodiscard]] bool finished() const { return false; }
};

/// Nodes in ten zones, each nearly full: one in ten has room for another pod.
struct Filled {
  World world;
  sim::SeededChoices choices{1};
  sim::History history{false};
  sim::Context context{choices, history};
  std::vector<kubernetes::TemplateId> templates;
  int made = 0;

  explicit Filled(bool spread) {
    kubernetes::Turn turn{world.cluster, world.agenda, context};
    for (int i = 0; i < kNodes; ++i) {
      kubernetes::NodeShape shape;
      shape.cpu_millicores = (kPodsPerNode + (i % 10 == 0 ? 5 : 0)) * 100;
      shape.memory_bytes = std::int64_t{64} << 30U;
      shape.labels = {{"topology.kubernetes.io/zone", fmt::format("zone-{}", i / 10 % 10)}};
      kubernetes::Node node;
      node.meta.name = world.cluster.strings.intern(fmt::format("node-{}", i));
      node.shape = world.cluster.add_node_shape(std::move(shape));
      kubernetes::create_node(turn, node, {kubernetes::Writer::Setup});
    }
    for (int i = 0; i < 50; ++i) {
      templates.push_back(world.cluster.add_template(template_of(i, spread)));
    }
    for (int i = 0; i < kNodes * kPodsPerNode; ++i) {
      create(static_cast<Row>(i % kNodes));
    }
    settle();
  }

  static kubernetes::PodTemplate template_of(int number, bool spread) {
    kubernetes::PodTemplate content;
    const std::string app = fmt::format("app-{}", number);
    content.labels = {{"app", app}};
    kubernetes::Container container;
    container.name = "app";
    container.cpu_millicores = 100;
    content.containers = {container};
    if (spread) {
      kubernetes::TopologySpreadConstraint constraint;
      constraint.topology_key = "topology.kubernetes.io/zone";
      constraint.selector.match_labels = {{"app", app}};
      constraint.has_selector = true;
      content.topology_spread = {constraint};
      constraint.topology_key = "kubernetes.io/hostname";
      constraint.do_not_schedule = false;
      content.topology_spread.push_back(constraint);
    }
    return content;
  }

  Row create(Row node) {
    kubernetes::Pod pod;
    pod.meta.name = world.cluster.strings.intern(fmt::format("pod-{}", made));
    pod.meta.name_space = world.cluster.strings.intern("default");
    pod.pod_template = templates[static_cast<std::size_t>(made++) % templates.size()];
    pod.node = node;
    kubernetes::Turn turn{world.cluster, world.agenda, context};
    return kubernetes::create_pod(turn, pod, {kubernetes::Writer::Setup}).row;
  }
  void settle() {
    while (!world.agenda.events.empty()) {
      sim::step(world, context);
    }
  }
};

Filled& filled(bool spread) {
  static Filled plain(false);
  static Filled spreading(true);
  return spread ? spreading : plain;
}

void by_index(benchmark::State& state) {
  Filled& cluster = filled(state.range(0) != 0);
  for (auto _ : state) {
    const Row pod = cluster.create(kubernetes::kNoRow);
    cluster.settle();
    if (cluster.world.cluster.pods[pod].node == kubernetes::kNoRow) {
      state.SkipWithError("a pod found no node");
      break;
    }
  }
}
BENCHMARK(by_index)->Arg(0)->Arg(1)->Iterations(500)->Unit(benchmark::kMicrosecond);

/// Looks at every node in turn, as many as the search wants; what it finds is not bound.
void by_plain_scan(benchmark::State& state) {
  namespace scheduler = kubernetes::scheduler;
  Filled& filled_cluster = filled(state.range(0) != 0);
  kubernetes::Cluster& cluster = filled_cluster.world.cluster;
  const Row pod = filled_cluster.create(kubernetes::kNoRow);
  std::uint32_t start = 0;
  for (auto _ : state) {
    const scheduler::Search search = scheduler::begin_search(cluster, pod);
    const std::vector<kubernetes::SchedulableNode>& nodes = cluster.scheduler.nodes;
    const auto count = static_cast<std::uint32_t>(nodes.size());
    std::vector<std::uint32_t> feasible;
    std::vector<std::int32_t> scores;
    std::uint32_t looked_at = 0;
    for (; looked_at < count && feasible.size() < scheduler::nodes_to_find(count); ++looked_at) {
      const std::uint32_t position = (start + looked_at) % count;
      if (scheduler::look_at(search, nodes[position]).passes()) {
        feasible.push_back(position);
        scores.push_back(scheduler::score(cluster.features(), nodes[position],
                                          cluster.scheduler.usage[nodes[position].row], search.requests));
      }
    }
    start = (start + looked_at) % count;
    const std::vector<std::int64_t> total = scheduler::total_scores(search, feasible, scores);
    benchmark::DoNotOptimize(*std::max_element(total.begin(), total.end()));
  }
  filled_cluster.settle();
}
BENCHMARK(by_plain_scan)->Arg(0)->Arg(1)->Iterations(100)->Unit(benchmark::kMicrosecond);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  for (const auto& [argument, what] :
       {std::pair{"0", "requests alone"}, std::pair{"1", "topology spread over zones and hosts"}}) {
    const auto index = measurements.find(fmt::format("by_index/{}", argument));
    const auto scan = measurements.find(fmt::format("by_plain_scan/{}", argument));
    if (index && scan) {
      figures.push_back({fmt::format("a pod placed among 5,000 nodes and 150,000 pods, {}", what),
                         index->cpu * 1e6, "us", scan->cpu * 1e6, kShareOfPlainScan * scan->cpu * 1e6});
    }
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }

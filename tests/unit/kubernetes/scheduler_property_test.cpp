#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/kubernetes/plain_scheduler.h"
#include "tests/unit/kubernetes/scheduler_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;

constexpr const char* kHost = "kubernetes.io/hostname";
constexpr const char* kZone = "topology.kubernetes.io/zone";

std::string some_app() { return fmt::format("app-{}", *rc::gen::inRange(0, 3)); }
std::string some_topology() { return *rc::gen::element<std::string>(kHost, kZone, "rack"); }
bool one_in(int n) { return *rc::gen::inRange(0, n) == 0; }

PodAffinityTerm some_term() {
  PodAffinityTerm term = about_app(some_topology(), some_app(), one_in(2) ? 0 : *rc::gen::inRange(1, 101));
  term.every_namespace = one_in(4);
  return term;
}

TopologySpreadConstraint some_spread() {
  TopologySpreadConstraint constraint = spread_over(some_topology(), some_app(), *rc::gen::inRange(1, 4));
  constraint.do_not_schedule = one_in(2);
  constraint.min_domains = constraint.do_not_schedule && one_in(4) ? 3 : 1;
  constraint.honor_node_affinity = !one_in(4);
  constraint.honor_node_taints = one_in(2);
  if (one_in(4)) {
    constraint.match_label_keys = {"app"};
  }
  return constraint;
}

NodeSelectorTerm some_node_term() {
  const auto op = *rc::gen::element(SelectorOperator::In, SelectorOperator::NotIn, SelectorOperator::Exists,
                                    SelectorOperator::DoesNotExist);
  const bool has_values = op == SelectorOperator::In || op == SelectorOperator::NotIn;
  return {{{some_topology() == kZone ? kZone : "rack", op,
            has_values ? std::vector<std::string>{"a"} : std::vector<std::string>{}}},
          {}};
}

PodTemplate some_template() {
  PodTemplate pod_template = of_app(some_app(), *rc::gen::element<std::int64_t>(0, 100, 900, 2500),
                                    *rc::gen::element<std::int64_t>(0, 1, 3) * kGibibyte);
  if (one_in(3)) {
    pod_template.pod_anti_affinity.push_back(some_term());
  }
  if (one_in(3)) {
    pod_template.pod_affinity.push_back(some_term());
  }
  if (one_in(3)) {
    pod_template.topology_spread.push_back(some_spread());
    if (one_in(2)) {
      pod_template.topology_spread.push_back(some_spread());
    }
  }
  if (one_in(4)) {
    pod_template.node_affinity = {some_node_term()};
  }
  if (one_in(5)) {
    pod_template.node_selector = {{one_in(2) ? kZone : "rack", "a"}};
  }
  if (one_in(4)) {
    pod_template.preferred_node_affinity = {{*rc::gen::inRange(1, 101), some_node_term()}};
  }
  if (one_in(3)) {
    pod_template.tolerations = {
        {"spot", "", *rc::gen::element<std::string>("", "NoSchedule", "NoExecute"), true, -1}};
  }
  if (one_in(5)) {
    pod_template.host_ports = {{*rc::gen::inRange(80, 82), "TCP",
                                *rc::gen::element<std::string>("", "0.0.0.0", "10.0.0.1", "10.0.0.2")}};
  }
  return pod_template;
}

/// Of every node, if `all`: then no rule passes a node over for a missing label.
LabelMap some_labels(bool all) {
  LabelMap labels;
  if (all || !one_in(4)) {
    labels.emplace_back("rack", *rc::gen::element<std::string>("a", "b"));
  }
  if (all || !one_in(4)) {
    labels.emplace_back(kZone, *rc::gen::element<std::string>("a", "b", "c"));
  }
  return labels;
}

void add_some_node(SchedulerWorld& world, const std::string& name, bool all_labels) {
  NodeShape shape;
  shape.cpu_millicores = *rc::gen::element<std::int64_t>(1000, 4000, 8000);
  shape.memory_bytes = *rc::gen::element<std::int64_t>(4, 16) * kGibibyte;
  shape.pods = one_in(4) ? 2 : 110;
  shape.labels = some_labels(all_labels);
  Node node;
  node.meta.name = world.text(name);
  node.shape = world.cluster.add_node_shape(std::move(shape));
  Turn turn = world.turn();
  create_node(turn, std::move(node), {Writer::Setup});
}

/// The Node object goes and comes back; the pods that are bound to it stay.
void register_anew(SchedulerWorld& world, Row row) {
  Node node;
  node.meta.name = world.cluster.nodes[row].meta.name;
  node.shape = world.cluster.nodes[row].shape;
  Turn turn = world.turn();
  delete_node(turn, row, {Writer::User});
  if (one_in(2)) {
    world.settle();
  }
  Turn later = world.turn();
  create_node(later, std::move(node), {Writer::Kubelet});
  world.settle();
}

void random_change(SchedulerWorld& world, int number, bool all_labels) {
  const Row node = *rc::gen::inRange<Row>(0, world.cluster.nodes.extent());
  const std::vector<Row> pods = world.pods();
  const Row pod = pods.empty() ? kNoRow : pods[*rc::gen::inRange<std::size_t>(0, pods.size())];
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      if (world.cluster.nodes.exists(node)) {
        world.cordon(node, !world.cluster.nodes[node].unschedulable);
      }
      return;
    case 1:
      if (world.cluster.nodes.exists(node)) {
        world.taint(node, {"spot", "",
                           *rc::gen::element<std::string>("NoSchedule", "NoExecute", "PreferNoSchedule")});
      }
      return;
    case 2:
      add_some_node(world, fmt::format("extra-{}", number), all_labels);
      world.settle();
      return;
    case 3:
      if (pod != kNoRow) {
        world.remove_now(pod);
      }
      return;
    case 4:
      if (pod != kNoRow) {
        world.succeed(pod);
        world.settle();
      }
      return;
    case 5:
      if (pod != kNoRow && !world.cluster.pods[pod].meta.deleting()) {
        Turn turn = world.turn();
        delete_pod(turn, pod, {Writer::User});  // it stays, for nobody stops it
        world.settle();
      }
      return;
    case 6:
      if (pod != kNoRow) {
        Turn turn = world.turn();
        const std::uint32_t labels = world.cluster.add_label_set({{"app", some_app()}});
        update<Pod>(turn, pod, {Writer::User}, Verb::Update, [&](Pod& one) { one.label_set = labels; });
        world.settle();
      }
      return;
    case 7:
      if (world.cluster.nodes.exists(node)) {
        register_anew(world, node);
      }
      return;
    default:
      return;
  }
}

/// A pod that waits and is bound by a change would move the start of the search.
void remove_waiting_pods(SchedulerWorld& world) {
  for (const Row row : world.pods()) {
    if (world.cluster.pods[row].node == kNoRow) {
      world.remove_now(row);
    }
  }
}

Row make_set(SchedulerWorld& world) {
  StatefulSet set;
  set.meta.name = world.text("set");
  set.meta.name_space = world.text("default");
  set.spec.selector = std::make_shared<const LabelMap>(LabelMap{{"app", "app-0"}});
  Turn turn = world.turn();
  return create_statefulset(turn, std::move(set), {Writer::User}).row;
}

Pod some_pod(SchedulerWorld& world, const std::vector<TemplateId>& templates, Row set, int number) {
  Pod pod;
  pod.meta.name = world.text(fmt::format("p{}", number));
  pod.meta.name_space = world.text(one_in(4) ? "other" : "default");
  pod.pod_template = templates[*rc::gen::inRange<std::size_t>(0, templates.size())];
  if (one_in(2)) {
    pod.owner = {Kind::StatefulSet, set, world.cluster.statefulsets[set].meta.uid};
  }
  return pod;
}

RC_GTEST_PROP(Scheduler, decidesAsAScanOfAllNodesAndPodsDecides, ()) {
  SchedulerWorld world(0, *rc::gen::element<std::string>("1.28.0", "1.32.0", "1.33.0", "1.35.0"));
  const int nodes = *rc::gen::element(1, 3, 7, 12, 99, 130);
  const bool all_labels = one_in(2);
  for (int i = 0; i < nodes; ++i) {
    add_some_node(world, fmt::format("n{}", i), all_labels);
  }
  const Row set = make_set(world);
  world.settle();
  std::vector<TemplateId> templates;
  const int count = *rc::gen::inRange(1, 22);  // more than the rankings that are kept
  for (int i = 0; i < count; ++i) {
    templates.push_back(world.cluster.add_template(some_template()));
  }
  const int steps = *rc::gen::inRange(1, nodes > 50 ? 25 : 60);
  for (int i = 0; i < steps; ++i) {
    random_change(world, i, all_labels);
    remove_waiting_pods(world);
    Pod pod = some_pod(world, templates, set, i);
    const PlainDecision expected = decide_plainly(world.cluster, pod, world.cluster.scheduler.next_start);
    Turn turn = world.turn();
    const Row created = create_pod(turn, pod, {Writer::User}).row;
    world.settle();
    RC_ASSERT(world.cluster.pods[created].node == expected.node.value_or(kNoRow));
    if (!expected.node) {
      RC_ASSERT(world.reasons_of(created) == expected.reasons);
    }
    RC_ASSERT(world.cluster.scheduler.next_start == expected.next_start);
  }
}

}  // namespace
}  // namespace models::kubernetes

#pragma once
// A cluster in which only the scheduler acts.

#include <string>
#include <string_view>
#include <utility>

#include "models/kubernetes/scheduler.h"
#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes::testing_support {

inline constexpr std::int64_t kNodeCpu = 4000;
inline constexpr std::int64_t kNodeMemory = 8 * kGibibyte;

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
  Row create_in_zone(std::string_view name, std::string_view zone, std::int64_t cpu = kNodeCpu) {
    const Row row = add_node(name, cpu, kNodeMemory, {{"topology.kubernetes.io/zone", std::string(zone)}});
    settle();
    return row;
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

/// A term about pods with the label app.
inline PodAffinityTerm about_app(std::string_view topology, std::string_view app, std::int32_t weight = 0) {
  PodAffinityTerm term;
  term.selector.match_labels = {{"app", std::string(app)}};
  term.has_selector = true;
  term.topology_key = topology;
  term.weight = weight;
  return term;
}
inline PodAffinityTerm apart_by(std::string_view topology, std::string_view app) {
  return about_app(topology, app);
}

/// A template with the label app.
inline PodTemplate of_app(std::string_view app, std::int64_t cpu = 100, std::int64_t memory = 0) {
  PodTemplate pod_template;
  pod_template.labels = {{"app", std::string(app)}};
  pod_template.containers = {container(cpu, memory)};
  return pod_template;
}

/// A DoNotSchedule constraint over pods with the label app.
inline TopologySpreadConstraint spread_over(std::string_view topology, std::string_view app,
                                            std::int32_t max_skew = 1) {
  TopologySpreadConstraint constraint;
  constraint.selector.match_labels = {{"app", std::string(app)}};
  constraint.has_selector = true;
  constraint.topology_key = topology;
  constraint.max_skew = max_skew;
  return constraint;
}

}  // namespace models::kubernetes::testing_support

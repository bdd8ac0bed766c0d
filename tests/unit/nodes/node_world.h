#pragma once
// Nodes, their kubelets and all controllers that watch over them, without scheduler and workloads.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/cloud_node_lifecycle.h"
#include "models/kubernetes/faults.h"
#include "models/kubernetes/kubelet.h"
#include "models/kubernetes/node_lifecycle.h"
#include "models/kubernetes/node_power.h"
#include "models/kubernetes/node_shutdown.h"
#include "models/kubernetes/pod_garbage_collector.h"
#include "models/kubernetes/taint_eviction.h"
#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes::testing_support {

inline const Taint kUnreachableNoExecute{"node.kubernetes.io/unreachable", "", "NoExecute"};
inline const Taint kOutOfService{"node.kubernetes.io/out-of-service", "nodeshutdown", "NoExecute"};

/// Nodes `worker-0` … `worker-<n-1>`; a pod `p` runs on the first. It is 100 s.
struct NodeWorld : TestCluster {
  explicit NodeWorld(std::string_view version = "1.33.0", std::vector<Toleration> tolerations = {},
                     int number = 4)
      : TestCluster(version, {}, round_profile()) {
    receive(ObserverId::Kubelets, kubelet::observe);
    receive(ObserverId::ControllerManager, pod_garbage_collector::observe);
    receive(ObserverId::ControllerManager, node_lifecycle::observe);
    receive(ObserverId::ControllerManager, taint_eviction::observe);
    receive(ObserverId::ControllerManager, cloud_node_lifecycle::observe);
    handle(kubelet::on_event);
    handle(pod_garbage_collector::on_event);
    handle(node_lifecycle::on_event);
    handle(taint_eviction::on_event);
    handle(cloud_node_lifecycle::on_event);
    handle(node_shutdown::on_event);
    for (int i = 0; i < number; ++i) {
      nodes.push_back(add_node("worker-" + std::to_string(i)));
    }
    node = nodes.front();
    PodTemplate pod_template;
    pod_template.containers = {container()};
    pod_template.tolerations = std::move(tolerations);
    template_id = cluster.add_template(std::move(pod_template));
    pod = add_pod(*this, "p", template_id, node);
    run_until(100s);
  }

  void strike(FaultKind kind, Row row) {
    Turn current = turn();
    ASSERT_TRUE(apply(current, {kind, row, 0, -1}));
  }
  /// Nodes first … last - 1 fail.
  void kill(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      strike(FaultKind::NodeDies, nodes[i]);
    }
  }
  /// As a user does.
  void change_node(Row row, const auto& change, Writer writer = Writer::User) {
    Turn current = turn();
    update<Node>(current, row, {writer}, Verb::Update, change);
  }
  void set_taints(std::vector<Taint> taints, Row row = kNoRow) {
    const std::uint32_t set = cluster.add_taint_set(std::move(taints));
    change_node(row == kNoRow ? node : row, [&](Node& changed) { changed.taint_set = set; });
  }
  /// The kubelet of a node says that it is not ready.
  void post_not_ready(Row row) {
    change_node(
        row,
        [&](Node& changed) {
          changed.ready = false;
          changed.ready_unknown = false;
          changed.ready_changed = now();
        },
        Writer::Kubelet);
  }
  void post_ready(Row row) {
    change_node(
        row,
        [&](Node& changed) {
          changed.ready = true;
          changed.ready_unknown = false;
          changed.ready_changed = now();
        },
        Writer::Kubelet);
  }
  void set_tolerations(Row row, std::vector<Toleration> tolerations) {
    PodTemplate pod_template = cluster.template_of(cluster.pods[row]);
    pod_template.tolerations = std::move(tolerations);
    const TemplateId id = cluster.add_template(std::move(pod_template));
    change_pod(row, [&](Pod& changed) { changed.pod_template = id; }, Writer::User);
  }

  [[nodiscard]] std::string taints(Row row = kNoRow) const {
    std::string text;
    for (const Taint& taint : cluster.taints_of(cluster.nodes[row == kNoRow ? node : row])) {
      text += (text.empty() ? "" : " ") + taint.key.substr(taint.key.find('/') + 1) + ":" + taint.effect;
    }
    return text;
  }
  /// When `field` of the subject was last written; kNever if it never was.
  [[nodiscard]] sim::Time last(Field field, Uid subject) const {
    sim::Time at = sim::kNever;
    for (sim::TransitionId id = 0; id < history.next_id(); ++id) {
      const sim::Transition& transition = history.at(id);
      if (transition.field == static_cast<std::uint16_t>(field) && transition.subject == subject) {
        at = transition.at;
      }
    }
    return at;
  }
  [[nodiscard]] Uid node_uid(Row row = kNoRow) const {
    return cluster.nodes[row == kNoRow ? node : row].meta.uid;
  }
  /// When each node got a NoExecute taint, in order, counted from the first.
  [[nodiscard]] std::vector<sim::Duration> no_execute_times() const {
    std::vector<sim::Duration> times;
    for (const sim::Transition& transition :
         transitions(Field::NodeTaints, Writer::NodeLifecycleController)) {
      if (history.text_at(transition.detail).find("NoExecute") != std::string::npos) {
        times.push_back(transition.at);
      }
    }
    for (std::size_t i = times.size(); i > 0; --i) {
      times[i - 1] -= times.front();
    }
    return times;
  }
  /// The texts of events and log lines of a writer.
  [[nodiscard]] std::vector<std::string> texts(Writer writer) const {
    std::vector<std::string> all;
    for (const sim::Transition& transition : transitions(Field::Warning, writer)) {
      all.emplace_back(history.text_at(transition.detail));
    }
    return all;
  }

  std::vector<Row> nodes;
  Row node = kNoRow;
  TemplateId template_id = 0;
  Row pod = kNoRow;
};

}  // namespace models::kubernetes::testing_support

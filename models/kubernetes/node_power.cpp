#include "models/kubernetes/node_power.h"

#include <algorithm>
#include <array>

#include "models/kubernetes/cloud_node_lifecycle.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/kubelet.h"
#include "models/kubernetes/node_shutdown.h"

namespace models::kubernetes::node_power {

namespace {

/// Labels that a kubelet or the cloud puts on a Node when it registers. Others, `--node-labels` among them,
/// are taken to be set by hand (assumed).
/// Source: pkg/kubelet/kubelet_node_status.go initialNode, updateDefaultLabels.
constexpr std::array<std::string_view, 12> kOwnLabels = {
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "node.kubernetes.io/windows-build",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.k8s.aws/zone-id",
};

/// Changes what is true of the machine. No injected failure of writes hinders that.
template <class Change>
sim::TransitionId change_machine(Turn& turn, Row row, By by, Change&& change) {
  constexpr int kMaxTries = 100;
  WriteResult result;
  for (int i = 0; i < kMaxTries; ++i) {
    result = update<Node>(turn, row, by, Verb::UpdateStatus, change);
    if (result.outcome != Outcome::Error) {
      break;
    }
  }
  if (!result.ok()) {
    change(turn.cluster.nodes[row]);
  }
  return result.transition != sim::kNoTransition ? result.transition : by.cause;
}

/// The row that stands for the same machine now.
Row current(const Cluster& cluster, Row row) {
  return row < cluster.nodes.extent() ? machine_named(cluster, cluster.name_of(cluster.nodes[row].meta))
                                      : kNoRow;
}

/// Source: kubelet_node_status.go registerWithAPIServer, tryUpdateNodeStatus. That the first status of a
/// kubelet that registers can be Ready False until its network is set up is left out.
Row register_anew(Turn& turn, Row row, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const Node& old = cluster.nodes[row];
  NodeShape shape = cluster.shape_of(old);
  std::erase_if(shape.labels, [](const auto& label) {
    return std::find(kOwnLabels.begin(), kOwnLabels.end(), label.first) == kOwnLabels.end();
  });
  shape.roles = json::node_roles(shape.labels);
  Node node;
  node.meta.name = old.meta.name;
  node.manifest = old.manifest;
  node.ready_changed = turn.now();
  cluster.nodes[row].kubelet_alive = false;  // the old row stands for no machine any more
  cluster.nodes[row].machine_on = false;
  node.shape = cluster.add_node_shape(std::move(shape));
  return create_node(turn, std::move(node), {Writer::Kubelet, cause}).row;
}

void post_ready(Turn& turn, Row row, sim::TransitionId cause) {
  change_machine(turn, row, {Writer::Kubelet, cause}, [&](Node& node) {
    if (!node.ready || !node.reported) {
      node.ready_changed = turn.now();
    }
    node.reported = true;
    node.ready = true;
    node.ready_unknown = false;
  });
}

/// The kubelet begins to act. @return the row of its Node from now on.
Row begin_acting(Turn& turn, Row row, By by, bool registers, sim::TransitionId& told) {
  node_shutdown::forget(turn.cluster, row);
  told = change_machine(turn, row, by, [](Node& node) {
    node.kubelet_alive = true;
    node.machine_on = true;
    node.shutting_down = false;
  });
  if (turn.cluster.nodes.exists(row)) {
    post_ready(turn, row, told);
    return row;
  }
  return registers ? register_anew(turn, row, told) : row;
}

}  // namespace

Row machine_named(const Cluster& cluster, std::string_view name) {
  if (const Row row = cluster.find_node(name); row != kNoRow) {
    return row;
  }
  for (Row row = cluster.nodes.extent(); row > 0; --row) {
    if (cluster.nodes.alive(row - 1) && cluster.name_of(cluster.nodes[row - 1].meta) == name) {
      return row - 1;
    }
  }
  return kNoRow;
}

bool power_off(Turn& turn, Row machine, By by) {
  const Row row = current(turn.cluster, machine);
  if (row == kNoRow || !turn.cluster.nodes[row].machine_on) {
    return false;
  }
  node_shutdown::forget(turn.cluster, row);
  change_machine(turn, row, by, [](Node& node) {
    node.kubelet_alive = false;
    node.machine_on = false;
    node.shutting_down = false;
  });
  return true;
}

bool power_on(Turn& turn, Row machine, By by) {
  const Row row = current(turn.cluster, machine);
  if (row == kNoRow || turn.cluster.nodes[row].machine_on) {
    return row != kNoRow && kubelet_returns(turn, row, by);
  }
  sim::TransitionId told = by.cause;
  const Row node = begin_acting(turn, row, by, true, told);  // first: it says what `told` is
  kubelet::node_returned(turn, node, told);
  return true;
}

bool shut_down(Turn& turn, Row machine, By by) {
  const Row row = current(turn.cluster, machine);
  if (row == kNoRow || !turn.cluster.nodes[row].machine_on || turn.cluster.nodes[row].shutting_down) {
    return false;
  }
  const sim::TransitionId told = emit_text(turn, turn.cluster.nodes[row].meta.uid, Field::Warning, by,
                                           "the machine is told to shut down");
  return node_shutdown::begin(turn, row, told) || power_off(turn, row, {by.writer, told});
}

bool silence_kubelet(Turn& turn, Row machine, By by) {
  const Row row = current(turn.cluster, machine);
  if (row == kNoRow || !turn.cluster.nodes[row].kubelet_alive) {
    return false;
  }
  node_shutdown::forget(turn.cluster, row);
  change_machine(turn, row, by, [](Node& node) {
    node.kubelet_alive = false;
    node.shutting_down = false;
  });
  return true;
}

bool kubelet_returns(Turn& turn, Row machine, By by, bool restarted) {
  const Row row = current(turn.cluster, machine);
  if (row == kNoRow || !turn.cluster.nodes[row].machine_on) {
    return false;
  }
  const bool missing = !turn.cluster.nodes.exists(row);
  if (turn.cluster.nodes[row].kubelet_alive && !(missing && restarted)) {
    return false;
  }
  sim::TransitionId told = by.cause;
  const Row node = begin_acting(turn, row, by, restarted, told);  // first: it says what `told` is
  kubelet::kubelet_returned(turn, node, told);
  return true;
}

void set_cloud_server(Turn& turn, Row machine, CloudServer server, By by) {
  const Row row = current(turn.cluster, machine);
  if (row != kNoRow && turn.cluster.nodes.exists(row)) {
    cloud_node_lifecycle::set_server(turn, row, server, by.cause);
  }
}

}  // namespace models::kubernetes::node_power

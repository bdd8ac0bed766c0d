#include "models/kubernetes/cloud_node_lifecycle.h"

#include <algorithm>
#include <chrono>

namespace models::kubernetes::cloud_node_lifecycle {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr sim::Duration kPeriod = seconds{5};       // cloud-controller-manager --node-monitor-period
constexpr sim::Duration kOffset = milliseconds{2};  // assumed

const Taint kShutdown{"node.cloudprovider.kubernetes.io/shutdown", "", "NoSchedule"};

std::vector<CloudNode>::iterator place_of(Cluster& cluster, Row row) {
  std::vector<CloudNode>& nodes = cluster.cloud_nodes.nodes;
  return std::lower_bound(nodes.begin(), nodes.end(), row,
                          [](const CloudNode& node, Row other) { return node.row < other; });
}

bool tainted(const Cluster& cluster, Row row) {
  const std::vector<Taint>& taints = cluster.taints_of(cluster.nodes[row]);
  return std::find(taints.begin(), taints.end(), kShutdown) != taints.end();
}

bool is_ready(const Node& node) { return node.reported && node.ready; }

/// Whether a pass would do something about the node.
bool due(const Cluster& cluster, const CloudNode& known) {
  if (!cluster.nodes.exists(known.row) || cluster.nodes[known.row].meta.uid != known.uid) {
    return false;
  }
  if (is_ready(cluster.nodes[known.row])) {
    return tainted(cluster, known.row);
  }
  return known.server == CloudServer::Gone ||
         (known.server == CloudServer::Shutoff && !tainted(cluster, known.row));
}

void request_pass(Turn& turn, sim::TransitionId cause) {
  CloudNodeState& state = turn.cluster.cloud_nodes;
  const bool any = std::any_of(state.nodes.begin(), state.nodes.end(),
                               [&](const CloudNode& known) { return due(turn.cluster, known); });
  if (!any || state.next_pass != sim::kNever) {
    return;
  }
  const sim::Duration period = kPeriod;
  state.next_pass = ((turn.now() - kOffset + period) / period) * period + kOffset;
  turn.agenda.schedule(state.next_pass, static_cast<std::uint32_t>(Event::CloudNodeTick), 0, 0, cause);
}

void set_taint(Turn& turn, Row row, bool wanted, sim::TransitionId cause) {
  std::vector<Taint> taints = turn.cluster.taints_of(turn.cluster.nodes[row]);
  std::erase(taints, kShutdown);
  if (wanted) {
    taints.push_back(kShutdown);
  }
  const std::uint32_t taint_set = turn.cluster.add_taint_set(std::move(taints));
  update<Node>(turn, row, {Writer::CloudNodeLifecycleController, cause}, Verb::Update,
               [&](Node& node) { node.taint_set = taint_set; });
}

/// Source: MonitorNodes.
void pass(Turn& turn, sim::TransitionId cause) {
  turn.cluster.cloud_nodes.next_pass = sim::kNever;
  const std::vector<CloudNode> nodes = turn.cluster.cloud_nodes.nodes;
  for (const CloudNode& known : nodes) {
    if (!due(turn.cluster, known)) {
      continue;
    }
    if (is_ready(turn.cluster.nodes[known.row])) {
      set_taint(turn, known.row, false, cause);
    } else if (known.server == CloudServer::Gone) {
      delete_node(turn, known.row, {Writer::CloudNodeLifecycleController, cause});
    } else {
      set_taint(turn, known.row, true, cause);
    }
  }
  request_pass(turn, cause);  // what a failed write left
}

}  // namespace

void set_server(Turn& turn, Row row, CloudServer server, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const Uid uid = cluster.nodes[row].meta.uid;
  const auto place = place_of(cluster, row);
  const bool known = place != cluster.cloud_nodes.nodes.end() && place->row == row;
  if (known) {
    *place = {row, uid, server};
  } else if (server != CloudServer::Active) {
    cluster.cloud_nodes.nodes.insert(place, {row, uid, server});
  }
  request_pass(turn, cause);
}

void observe(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  if (event.kind != Kind::Node || cluster.cloud_nodes.nodes.empty()) {
    return;
  }
  const auto place = place_of(cluster, event.row);
  if (place == cluster.cloud_nodes.nodes.end() || place->row != event.row) {
    return;
  }
  const bool over = !cluster.nodes.exists(event.row) ||
                    (place->server == CloudServer::Active && !tainted(cluster, event.row));
  if (over) {
    cluster.cloud_nodes.nodes.erase(place);
  } else {
    request_pass(turn, event.cause);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) != Event::CloudNodeTick) {
    return false;
  }
  if (turn.cluster.cloud_nodes.next_pass == turn.now()) {
    pass(turn, event.cause);
  }
  return true;
}

}  // namespace models::kubernetes::cloud_node_lifecycle

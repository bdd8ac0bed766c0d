#include "models/kubernetes/node_shutdown.h"

#include <algorithm>
#include <chrono>

#include "models/kubernetes/kubelet.h"
#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/node_power.h"

namespace models::kubernetes::node_shutdown {

namespace {

using std::chrono::seconds;

constexpr std::int32_t kSystemCritical = 2'000'000'000;  // pkg/apis/scheduling SystemCriticalPriority
constexpr std::uint8_t kGroups = 2;

std::vector<NodeShutdown>::iterator place_of(Cluster& cluster, Row row) {
  std::vector<NodeShutdown>& under_way = cluster.node_shutdown.under_way;
  return std::lower_bound(under_way.begin(), under_way.end(), row,
                          [](const NodeShutdown& known, Row other) { return known.row < other; });
}

NodeShutdown* find(Cluster& cluster, Row row) {
  const auto place = place_of(cluster, row);
  return place != cluster.node_shutdown.under_way.end() && place->row == row ? &*place : nullptr;
}

/// Source: groupByPriority, with the two groups of migrateConfig.
bool in_group(const Cluster& cluster, const Pod& pod, std::uint8_t group) {
  const PodTemplate& pod_template = cluster.template_of(pod);
  // The two classes that every cluster has: 2000000000 and 2000001000.
  const bool critical = pod_template.priority >= kSystemCritical ||
                        pod_template.priority_class == "system-cluster-critical" ||
                        pod_template.priority_class == "system-node-critical";
  return critical == (group == 1);
}

/// Ends the pods of a group. @return when the last of them will have ended; now, where there are none.
/// Source: killPods: a pod gets its own grace period where that is shorter than the group's.
sim::Time end_group(Turn& turn, Row row, std::uint8_t group, std::int64_t period, sim::TransitionId cause) {
  sim::Time last = turn.now();
  for (const Row pod : pods_on_node(turn.cluster, row)) {
    if (in_group(turn.cluster, turn.cluster.pods[pod], group)) {
      const std::int64_t own = turn.cluster.template_of(turn.cluster.pods[pod]).termination_grace_seconds;
      last = std::max(last, kubelet::shut_down_pod(turn, pod, std::min(own, period), cause));
    }
  }
  return last;
}

void step(Turn& turn, Row row) {
  const std::optional<GroupPeriods> periods = group_periods(turn.cluster.settings->components);
  while (NodeShutdown* shutdown = find(turn.cluster, row)) {
    const std::uint8_t group = shutdown->group++;
    const sim::TransitionId cause = shutdown->cause;
    if (group == kGroups || !periods) {
      // "Shutdown manager completed processing shutdown event, node will shutdown shortly": at once
      // (assumed).
      node_power::power_off(turn, row, {Writer::Kubelet, cause});
      return;
    }
    const std::int64_t period = group == 0 ? periods->regular_seconds : periods->critical_seconds;
    const sim::Time ended = end_group(turn, row, group, period, cause);
    if (ended > turn.now()) {
      shutdown = find(turn.cluster, row);
      shutdown->next = std::min<sim::Time>(ended, turn.now() + seconds{period});
      turn.agenda.schedule(shutdown->next, static_cast<std::uint32_t>(Event::NodeShutdownStep), row,
                           shutdown->uid, cause);
      return;
    }
  }
}

}  // namespace

std::optional<GroupPeriods> group_periods(const ComponentSettings& components) {
  const sim::Duration regular = components.shutdown_grace - components.shutdown_grace_critical;
  if (components.shutdown_grace == sim::Duration::zero() || regular < sim::Duration::zero()) {
    return std::nullopt;
  }
  const auto whole = [](sim::Duration duration) {
    return std::chrono::duration_cast<seconds>(duration).count();
  };
  return GroupPeriods{whole(regular), whole(components.shutdown_grace_critical)};
}

bool begin(Turn& turn, Row row, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  if (!group_periods(cluster.settings->components) || !cluster.nodes[row].kubelet_alive ||
      find(cluster, row) != nullptr) {
    return false;
  }
  NodeShutdown shutdown;
  shutdown.row = row;
  shutdown.uid = cluster.nodes[row].meta.uid;
  shutdown.next = turn.now();
  const WriteResult posted =
      update<Node>(turn, row, {Writer::Kubelet, cause}, Verb::UpdateStatus, [&](Node& node) {
        node.shutting_down = true;
        if (node.ready || node.ready_unknown) {
          node.ready_changed = turn.now();
        }
        node.ready = false;
        node.ready_unknown = false;
      });
  shutdown.cause = posted.transition != sim::kNoTransition ? posted.transition : cause;
  cluster.nodes[row].shutting_down = true;  // also where the write failed, or there is no Node
  cluster.node_shutdown.under_way.insert(place_of(cluster, row), shutdown);
  step(turn, row);
  return true;
}

void forget(Cluster& cluster, Row row) {
  if (find(cluster, row) != nullptr) {
    cluster.node_shutdown.under_way.erase(place_of(cluster, row));
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) != Event::NodeShutdownStep) {
    return false;
  }
  const NodeShutdown* shutdown = find(turn.cluster, event.subject);
  if (shutdown != nullptr && shutdown->uid == event.argument && shutdown->next == turn.now()) {
    step(turn, event.subject);
  }
  return true;
}

}  // namespace models::kubernetes::node_shutdown

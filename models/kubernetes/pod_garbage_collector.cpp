#include "models/kubernetes/pod_garbage_collector.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/requests.h"

namespace models::kubernetes::pod_garbage_collector {

namespace {

using std::chrono::seconds;

constexpr seconds kCheckPeriod{20};  // gcCheckPeriod
constexpr seconds kQuarantine{40};   // quarantineTime

void schedule_tick(Turn& turn, sim::TransitionId cause) {
  PodGarbageCollectorState& state = turn.cluster.pod_garbage_collector;
  if (state.tick_scheduled) {
    return;
  }
  state.tick_scheduled = true;
  const sim::Duration period = kCheckPeriod;
  const sim::Time next = (turn.now() / period + 1) * period;
  turn.agenda.schedule(next, static_cast<std::uint32_t>(Event::PodGarbageCollectorTick), 0, 0, cause);
}

bool out_of_service(const Cluster& cluster, const Node& node) {
  const std::vector<Taint>& taints = cluster.taints_of(node);
  return std::any_of(taints.begin(), taints.end(),
                     [](const Taint& taint) { return taint.key == "node.kubernetes.io/out-of-service"; });
}

WriteResult fail(Turn& turn, Row row, bool disruption, sim::TransitionId cause) {
  return update<Pod>(turn, row, {Writer::PodGarbageCollector, cause}, Verb::UpdateStatus, [&](Pod& pod) {
    pod.phase = PodPhase::Failed;
    if (disruption) {
      pod.disruption_target = true;
      pod.disruption_reason = DisruptionReason::DeletionByPodGC;
      pod.disrupted_at = turn.now();
    }
  });
}

/// Source: markFailedAndDeletePodWithCondition.
void fail_and_delete(Turn& turn, Row row, bool disruption, sim::TransitionId cause) {
  sim::TransitionId because = cause;
  if (!turn.cluster.pods[row].terminal()) {
    const WriteResult failed = fail(turn, row, disruption, cause);
    if (!failed.ok()) {
      return;  // the next tick tries again
    }
    because = failed.transition;
  }
  delete_pod(turn, row, {Writer::PodGarbageCollector, because}, 0);
}

/// What a PodGarbageCollectorTick is about where it is none, in its argument above the uid: a request about
/// an orphaned pod.
enum Request : std::uint32_t { kFail = 1U << 30U, kDelete = 2U << 30U };
constexpr std::uint32_t kUidOfRequest = (1U << 30U) - 1;

/// Where requests take time: sends the first one about a pod of the node that is gone, the one whose turn it
/// is, which is chance. Source: gcOrphaned goes through pods as they lie in a map.
void send_next(Turn& turn, Row node, sim::TransitionId cause) {
  Row next = kNoRow;
  std::uint32_t least = 0;
  for (const Row row : pods_on_node(turn.cluster, node)) {
    const Pod& pod = turn.cluster.pods[row];
    const std::uint32_t rank = rank_by_chance(turn, subject_of(pod), Purpose::PodMarkOrder, pod.attempt);
    const bool is_done = pod.terminal() && pod.meta.deleting();  // a finalizer keeps it
    if (!is_done && (next == kNoRow || rank < least)) {
      next = row;
      least = rank;
    }
  }
  if (next != kNoRow) {
    const Pod& pod = turn.cluster.pods[next];
    const bool failed = pod.terminal();
    const sim::Duration takes =
        pod_request_latency(turn, pod, failed ? Purpose::RequestDelete : Purpose::RequestStatus, 0);
    turn.agenda.schedule(turn.now() + takes, static_cast<std::uint32_t>(Event::PodGarbageCollectorTick), next,
                         (failed ? kDelete : kFail) | pod.meta.uid, cause);
  }
}

/// Source: markFailedAndDeletePodWithCondition, one pod after the other.
void on_request(Turn& turn, const sim::PendingEvent& event) {
  Cluster& cluster = turn.cluster;
  const Row row = event.subject;
  if (!cluster.pods.alive(row) || cluster.pods[row].meta.uid != (event.argument & kUidOfRequest)) {
    return;
  }
  const Row node = cluster.pods[row].node;
  if (cluster.pods.exists(row) && event.argument < kDelete) {
    const WriteResult failed = fail(turn, row, true, event.cause);
    if (failed.ok() && cluster.pods.exists(row)) {
      const Pod& pod = cluster.pods[row];
      turn.agenda.schedule(turn.now() + pod_request_latency(turn, pod, Purpose::RequestDelete, 0),
                           static_cast<std::uint32_t>(Event::PodGarbageCollectorTick), row,
                           kDelete | pod.meta.uid, failed.transition);
      return;
    }
  } else if (cluster.pods.exists(row)) {
    delete_pod(turn, row, {Writer::PodGarbageCollector, event.cause}, 0);
  }
  send_next(turn, node, event.cause);
}

bool too_many_terminated(const Cluster& cluster) {
  const std::int64_t threshold = cluster.settings->components.terminated_pod_threshold;
  return threshold > 0 && cluster.pod_garbage_collector.terminated_count > threshold;
}

/// Source: gcTerminated, byEvictionAndCreationTimestamp: pods that a kubelet evicted go first, then the
/// oldest.
/// @return whether some could not be deleted.
bool collect_terminated(Turn& turn, sim::TransitionId cause) {
  if (!too_many_terminated(turn.cluster)) {
    return false;
  }
  const Cluster& cluster = turn.cluster;
  using Age = std::tuple<bool, sim::Time>;  // creation timestamps are whole seconds
  std::vector<std::pair<Age, Row>> terminated;
  for (const Row row : cluster.pod_index.ended.rows()) {
    if (cluster.pods.exists(row) && cluster.pods[row].terminal()) {
      const Pod& pod = cluster.pods[row];
      terminated.push_back(
          {{pod.reason != PodReason::Evicted, std::chrono::floor<seconds>(pod.meta.created)}, row});
    }
  }
  const auto threshold = static_cast<std::size_t>(cluster.settings->components.terminated_pod_threshold);
  if (terminated.size() <= threshold) {
    return false;
  }
  const std::size_t too_many = terminated.size() - threshold;
  // Equal ages are told apart by the name. Of those that stay, the many, none is needed.
  const auto last = terminated.begin() + static_cast<std::ptrdiff_t>(too_many - 1);
  std::nth_element(terminated.begin(), last, terminated.end());
  const Age youngest = last->first;
  std::vector<std::tuple<Age, std::string, Row>> order;
  for (const auto& [age, row] : terminated) {
    if (age <= youngest) {
      order.emplace_back(age, cluster.name_of(cluster.pods[row]), row);
    }
  }
  std::sort(order.begin(), order.end());
  order.resize(too_many);
  bool remains = false;
  for (const auto& [age, name, row] : order) {
    remains = !delete_pod(turn, row, {Writer::PodGarbageCollector, cause}, 0).ok() || remains;
  }
  return remains;
}

/// Source: gcTerminating: pods that are deleted on nodes that are out of service and not ready.
bool collect_out_of_service(Turn& turn, sim::TransitionId cause) {
  bool remains = false;
  const std::vector<Row> nodes = turn.cluster.pod_garbage_collector.out_of_service_nodes;
  for (const Row node : nodes) {
    if (!turn.cluster.nodes.exists(node) || turn.cluster.nodes[node].ready) {
      continue;
    }
    for (const Row row : pods_on_node(turn.cluster, node)) {
      const Pod& pod = turn.cluster.pods[row];
      if (pod.meta.deleting() && (pod.grace_seconds != 0 || !pod.terminal())) {
        fail_and_delete(turn, row, false, cause);
        remains = remains || (turn.cluster.pods.exists(row) && !turn.cluster.pods[row].terminal());
      }
    }
  }
  return remains;
}

/// Source: gcOrphaned: pods that are bound to nodes that do not exist. A node is looked at again after the
/// quarantine; one that came back under the same name saves its pods.
bool collect_orphaned(Turn& turn, sim::TransitionId cause) {
  std::vector<QuarantinedNode>& missing = turn.cluster.pod_garbage_collector.missing_nodes;
  for (QuarantinedNode& node : missing) {
    if (node.until == sim::kNever) {
      node.until = turn.now() + kQuarantine;
    }
  }
  std::vector<QuarantinedNode> kept;
  const std::vector<QuarantinedNode> looked_at = missing;
  for (const QuarantinedNode& node : looked_at) {
    if (node.until > turn.now()) {
      kept.push_back(node);
      continue;
    }
    if (turn.cluster.find_node(turn.cluster.strings[turn.cluster.nodes[node.row].meta.name]) != kNoRow) {
      continue;
    }
    bool remains = false;
    if (requests_take_time(turn.cluster)) {
      if (!pods_on_node(turn.cluster, node.row).empty()) {
        kept.push_back(node);
        send_next(turn, node.row, cause);
      }
      continue;
    }
    for (const Row row : pods_on_node(turn.cluster, node.row)) {
      fail_and_delete(turn, row, true, cause);
      remains = remains || (turn.cluster.pods.exists(row) && !turn.cluster.pods[row].terminal());
    }
    if (remains) {
      kept.push_back({node.row, sim::kNever});
    }
  }
  missing = std::move(kept);
  return !missing.empty();
}

/// Source: gcUnscheduledTerminating: pods without a node that a finalizer keeps from going.
void collect_unscheduled(Turn& turn, sim::TransitionId cause) {
  for (const Row row : turn.cluster.pod_index.leaving_unbound.rows()) {
    if (turn.cluster.pods.exists(row) && turn.cluster.pods[row].node == kNoRow &&
        turn.cluster.pods[row].meta.deleting()) {
      fail_and_delete(turn, row, false, cause);
    }
  }
}

void tick(Turn& turn, sim::TransitionId cause) {
  turn.cluster.pod_garbage_collector.tick_scheduled = false;
  const bool terminated = collect_terminated(turn, cause);
  const bool terminating = collect_out_of_service(turn, cause);
  const bool orphaned = collect_orphaned(turn, cause);
  collect_unscheduled(turn, cause);
  if (terminated || terminating || orphaned) {
    schedule_tick(turn, cause);
  }
}

void quarantine(Turn& turn, Row node, sim::TransitionId cause) {
  std::vector<QuarantinedNode>& missing = turn.cluster.pod_garbage_collector.missing_nodes;
  if (std::none_of(missing.begin(), missing.end(),
                   [&](const QuarantinedNode& known) { return known.row == node; })) {
    missing.push_back({node, sim::kNever});
  }
  schedule_tick(turn, cause);
}

void observe_node(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  std::vector<Row>& known = cluster.pod_garbage_collector.out_of_service_nodes;
  const Node* node =
      event.type == WatchType::Deleted ? nullptr : cluster.nodes.as_of(event.row, event.version);
  if (node == nullptr) {
    std::erase(known, event.row);
    if (!pods_on_node(cluster, event.row).empty()) {
      quarantine(turn, event.row, event.cause);
    }
    return;
  }
  const auto place = std::lower_bound(known.begin(), known.end(), event.row);
  const bool listed = place != known.end() && *place == event.row;
  if (!out_of_service(cluster, *node)) {
    if (listed) {
      known.erase(place);
    }
    return;
  }
  if (!listed) {
    known.insert(place, event.row);
  }
  schedule_tick(turn, event.cause);
}

/// Keeps count of the pods that have ended.
void count_terminated(Cluster& cluster, Row row, bool terminated) {
  PodGarbageCollectorState& state = cluster.pod_garbage_collector;
  if (row >= state.terminated.size()) {
    if (!terminated) {
      return;
    }
    state.terminated.resize(row + std::size_t{1});
  }
  if (state.terminated[row] != terminated) {
    state.terminated[row] = terminated;
    state.terminated_count = terminated ? state.terminated_count + 1 : state.terminated_count - 1;
  }
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  const bool gone = event.type == WatchType::Deleted || !cluster.pods.exists(event.row);
  count_terminated(cluster, event.row, !gone && cluster.pods[event.row].terminal());
  if (!gone && too_many_terminated(cluster)) {
    schedule_tick(turn, event.cause);
  }
  if (gone) {
    return;
  }
  const Pod& pod = cluster.pods[event.row];
  if (pod.node != kNoRow && !cluster.nodes.exists(pod.node)) {
    quarantine(turn, pod.node, event.cause);
    return;
  }
  if (!pod.meta.deleting()) {
    return;
  }
  const std::vector<Row>& nodes = cluster.pod_garbage_collector.out_of_service_nodes;
  if (pod.node == kNoRow ? !pod.terminal() : std::binary_search(nodes.begin(), nodes.end(), pod.node)) {
    schedule_tick(turn, event.cause);
  }
}

}  // namespace

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  } else if (event.kind == Kind::Node) {
    observe_node(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) != Event::PodGarbageCollectorTick) {
    return false;
  }
  if (event.argument != 0) {
    on_request(turn, event);
  } else {
    tick(turn, event.cause);
  }
  return true;
}

void restart(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const bool tick_scheduled = cluster.pod_garbage_collector.tick_scheduled;
  cluster.pod_garbage_collector = {};
  cluster.pod_garbage_collector.tick_scheduled = tick_scheduled;
  for (Row row = 0; row < cluster.nodes.extent(); ++row) {
    if (cluster.nodes.alive(row)) {
      observe_node(turn, {turn.now(), cluster.resource_version, row, cause, Kind::Node,
                          cluster.nodes.exists(row) ? WatchType::Added : WatchType::Deleted});
    }
  }
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (cluster.pods.exists(row)) {
      observe_pod(turn, {turn.now(), cluster.resource_version, row, cause, Kind::Pod, WatchType::Added});
    }
  }
}

}  // namespace models::kubernetes::pod_garbage_collector

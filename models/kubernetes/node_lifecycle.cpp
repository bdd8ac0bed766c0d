#include "models/kubernetes/node_lifecycle.h"

#include <algorithm>
#include <chrono>

#include "models/kubernetes/purposes.h"
#include "models/kubernetes/scheduler_filters.h"
#include "sim/hash.h"

namespace models::kubernetes::node_lifecycle {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr sim::Duration kMonitorPeriod = seconds{5};      // --node-monitor-period
constexpr sim::Duration kPassOffset = milliseconds{1};    // assumed: passes do not coincide with round times
constexpr sim::Duration kLeaseRenewal = seconds{10};      // kubelet nodeLeaseDurationSeconds 40 x 0.25
constexpr sim::Duration kEvictionInterval = seconds{10};  // --node-eviction-rate 0.1
constexpr std::int64_t kDefaultTolerationSeconds = 300;   // --default-unreachable-toleration-seconds

const char* const kUnreachable = "node.kubernetes.io/unreachable";
const char* const kNotReady = "node.kubernetes.io/not-ready";
const char* const kCordoned = "node.kubernetes.io/unschedulable";

/// The first pass at or after `time`.
sim::Time pass_from(sim::Time time) {
  const sim::Time::rep period = kMonitorPeriod.count();
  const sim::Time::rep since = (time - kPassOffset).count();
  const sim::Time::rep number = since >= 0 ? (since + period - 1) / period : -(-since / period);
  return kPassOffset + number * kMonitorPeriod;
}
sim::Time pass_after(sim::Time time) { return pass_from(time + sim::Duration{1}); }

bool has_no_execute(const Cluster& cluster, const Node& node) {
  const std::vector<Taint>& taints = cluster.taints_of(node);
  return std::any_of(taints.begin(), taints.end(),
                     [](const Taint& taint) { return taint.effect == "NoExecute"; });
}

std::vector<Taint> no_execute_taints(const Cluster& cluster, const Node& node) {
  std::vector<Taint> taints = cluster.taints_of(node);
  std::erase_if(taints, [](const Taint& taint) { return taint.effect != "NoExecute"; });
  return taints;
}

sim::TransitionId set_taints(Turn& turn, Row row, std::vector<Taint> taints, sim::TransitionId cause) {
  const std::uint32_t taint_set = turn.cluster.add_taint_set(std::move(taints));
  const WriteResult result = update<Node>(turn, row, {Writer::NodeLifecycleController, cause}, Verb::Update,
                                          [&](Node& node) { node.taint_set = taint_set; });
  return result.transition != sim::kNoTransition ? result.transition : cause;
}

sim::TransitionId add_taint(Turn& turn, Row row, const Taint& taint, sim::TransitionId cause) {
  std::vector<Taint> taints = turn.cluster.taints_of(turn.cluster.nodes[row]);
  if (std::find(taints.begin(), taints.end(), taint) != taints.end()) {
    return cause;
  }
  taints.push_back(taint);
  return set_taints(turn, row, std::move(taints), cause);
}

void look_at(Turn& turn, NodeHealth& health, sim::Time when, sim::TransitionId cause) {
  health.next_look = when;
  turn.agenda.schedule(when, static_cast<std::uint32_t>(Event::NodeMonitorTick), health.row, health.uid,
                       cause);
}

NodeHealth* health_of(Cluster& cluster, Row row) {
  std::vector<NodeHealth>& silent = cluster.node_lifecycle.silent;
  const auto found =
      std::find_if(silent.begin(), silent.end(), [&](const NodeHealth& known) { return known.row == row; });
  return found == silent.end() ? nullptr : &*found;
}

void forget_node(Cluster& cluster, Row row) {
  std::erase_if(cluster.node_lifecycle.silent, [&](const NodeHealth& known) { return known.row == row; });
}

/// When the controller last saw a sign of life of a node that died now: it saw the last renewal of the lease
/// in the pass after it.
sim::Time last_sign_of_life(Turn& turn, const Node& node) {
  const auto age = timing::Distribution::uniform(
      sim::Duration::zero(), kLeaseRenewal,
      {timing::ProvenanceKind::source,
       "kubelet renews its lease every 10 s; when in these a node dies is chance"});
  const std::uint64_t entity = sim::text_hash(turn.cluster.strings[node.meta.name]);
  return pass_from(turn.now() -
                   turn.context.choices.duration(
                       {entity, static_cast<std::uint32_t>(Purpose::HeartbeatAge), 0}, age.value()));
}

/// A kubelet fell silent.
void begin_watching(Turn& turn, Row row, sim::Time last_seen, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const Node& node = cluster.nodes[row];
  NodeHealth health;
  health.row = row;
  health.uid = node.meta.uid;
  health.marked = node.ready_unknown;
  std::vector<NodeHealth>& silent = cluster.node_lifecycle.silent;
  const auto place = std::lower_bound(silent.begin(), silent.end(), row,
                                      [](const NodeHealth& known, Row other) { return known.row < other; });
  NodeHealth& kept = *silent.insert(place, health);
  if (!health.marked) {
    look_at(turn, kept, pass_after(last_seen + monitor_grace_period(cluster.features())), cause);
  } else if (!has_no_execute(cluster, node)) {
    look_at(turn, kept, pass_after(turn.now()), cause);
  }
}

/// Ready becomes Unknown, the node gets its NoSchedule taint at once and its pods are not ready any more.
/// Source: monitorNodeHealth, doNoScheduleTaintingPass, controllerutil.MarkPodsNotReady.
void mark_unknown(Turn& turn, NodeHealth& health, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const Row row = health.row;
  const WriteResult result =
      update<Node>(turn, row, {Writer::NodeLifecycleController, cause}, Verb::UpdateStatus, [&](Node& node) {
        node.ready = false;
        node.ready_unknown = true;
        node.ready_changed = turn.now();
      });
  const sim::TransitionId because = result.transition != sim::kNoTransition ? result.transition : cause;
  add_taint(turn, row, {kUnreachable, "", "NoSchedule"}, because);
  std::vector<Row> pods;
  for (Row pod = cluster.nodes[row].pods_head; pod != kNoRow; pod = cluster.pods[pod].node_next) {
    if (cluster.pods.exists(pod) && cluster.pods[pod].ready) {
      pods.push_back(pod);
    }
  }
  for (const Row pod : pods) {
    update<Pod>(turn, pod, {Writer::NodeLifecycleController, because}, Verb::UpdateStatus, [&](Pod& changed) {
      changed.ready = false;
      changed.ready_changed = turn.now();
    });
  }
  health.marked = true;
  look_at(turn, health, pass_after(turn.now()), because);
}

/// The taint that evicts: one pass later, and no faster than the rate limiter allows.
/// Source: processTaintBaseEviction, doNoExecuteTaintingPass.
void taint_no_execute(Turn& turn, NodeHealth& health, sim::TransitionId cause) {
  NodeLifecycleState& state = turn.cluster.node_lifecycle;
  if (state.eviction_allowed_at > turn.now()) {
    look_at(turn, health, state.eviction_allowed_at, cause);
    return;
  }
  state.eviction_allowed_at = turn.now() + kEvictionInterval;
  health.next_look = sim::kNever;
  add_taint(turn, health.row, {kUnreachable, "", "NoExecute"}, cause);
}

void tick(Turn& turn, Row row, Uid uid, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  NodeHealth* health = health_of(cluster, row);
  if (health == nullptr || health->uid != uid || health->next_look != turn.now() ||
      !cluster.nodes.exists(row)) {
    return;
  }
  const Node& node = cluster.nodes[row];
  if (node.ready) {
    if (node.kubelet_alive) {
      std::vector<Taint> taints = cluster.taints_of(node);
      std::erase_if(taints,
                    [](const Taint& taint) { return taint.key == kUnreachable || taint.key == kNotReady; });
      set_taints(turn, row, std::move(taints), cause);
      forget_node(cluster, row);
      return;
    }
    mark_unknown(turn, *health, cause);
    return;
  }
  if (!health->marked) {
    mark_unknown(turn, *health, cause);
  } else {
    taint_no_execute(turn, *health, cause);
  }
}

// ---------------------------------------------------------------------------------------------------------
// Taint eviction

EvictionTimer* timer_of(Cluster& cluster, Row pod) {
  std::vector<EvictionTimer>& timers = cluster.node_lifecycle.timers;
  const auto place = std::lower_bound(timers.begin(), timers.end(), pod,
                                      [](const EvictionTimer& timer, Row row) { return timer.pod < row; });
  return place != timers.end() && place->pod == pod ? &*place : nullptr;
}

void cancel_timer(Cluster& cluster, Row pod) {
  if (const EvictionTimer* timer = timer_of(cluster, pod)) {
    std::vector<EvictionTimer>& timers = cluster.node_lifecycle.timers;
    timers.erase(timers.begin() + (timer - timers.data()));
  }
}

/// Source: tainteviction addConditionAndDeletePod: a plain deletion; disruption budgets are not asked.
void evict(Turn& turn, Row row, sim::TransitionId cause) {
  cancel_timer(turn.cluster, row);
  if (!turn.cluster.pods.exists(row) || turn.cluster.pods[row].meta.deleting()) {
    return;
  }
  const WriteResult result =
      update<Pod>(turn, row, {Writer::TaintEvictionController, cause}, Verb::UpdateStatus, [&](Pod& pod) {
        pod.disruption_target = true;
        pod.disruption_reason = DisruptionReason::DeletionByTaintManager;
        pod.disrupted_at = turn.now();
      });
  delete_pod(
      turn, row,
      {Writer::TaintEvictionController, result.transition != sim::kNoTransition ? result.transition : cause});
}

/// A timer that runs is not set anew. Source: processPodOnNode.
void process_pod(Turn& turn, Row row, const std::vector<Taint>& taints, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const Pod& pod = cluster.pods[row];
  const sim::Duration tolerated = time_tolerated(cluster.template_of(pod), taints);
  if (tolerated == sim::kNever) {
    cancel_timer(cluster, row);
  } else if (tolerated == sim::Duration::zero()) {
    evict(turn, row, cause);
  } else if (timer_of(cluster, row) == nullptr && !pod.meta.deleting()) {
    std::vector<EvictionTimer>& timers = cluster.node_lifecycle.timers;
    const auto place =
        std::lower_bound(timers.begin(), timers.end(), row,
                         [](const EvictionTimer& timer, Row other) { return timer.pod < other; });
    const EvictionTimer timer{row, pod.meta.uid, turn.now() + tolerated};
    timers.insert(place, timer);
    turn.agenda.schedule(timer.at, static_cast<std::uint32_t>(Event::TaintEviction), row, timer.uid, cause);
  }
}

/// The NoExecute taints of a node may have changed. Source: handleNodeUpdate.
void process_node(Turn& turn, Row row, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  std::vector<Row>& nodes = cluster.node_lifecycle.no_execute_nodes;
  const auto place = std::lower_bound(nodes.begin(), nodes.end(), row);
  const bool listed = place != nodes.end() && *place == row;
  const std::vector<Taint> taints =
      cluster.nodes.exists(row) ? no_execute_taints(cluster, cluster.nodes[row]) : std::vector<Taint>{};
  if (taints.empty() && !listed) {
    return;
  }
  if (taints.empty()) {
    nodes.erase(place);
  } else if (!listed) {
    nodes.insert(place, row);
  }
  std::vector<Row> pods;
  for (Row pod = cluster.nodes[row].pods_head; pod != kNoRow; pod = cluster.pods[pod].node_next) {
    if (cluster.pods.exists(pod)) {
      pods.push_back(pod);
    }
  }
  std::sort(pods.begin(), pods.end());
  for (const Row pod : pods) {
    if (taints.empty()) {
      cancel_timer(cluster, pod);
    } else {
      process_pod(turn, pod, taints, cause);
    }
  }
}

/// A cordoned node has a taint, others do not. Source: node_lifecycle_controller.go doNoScheduleTaintingPass.
void keep_cordon_taint(Turn& turn, Row row, sim::TransitionId cause) {
  const Taint cordon{kCordoned, "", "NoSchedule"};
  const Node& node = turn.cluster.nodes[row];
  if (node.unschedulable) {
    add_taint(turn, row, cordon, cause);
  } else if (std::vector<Taint> taints = turn.cluster.taints_of(node); std::erase(taints, cordon) > 0) {
    set_taints(turn, row, std::move(taints), cause);
  }
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  const std::vector<Row>& nodes = cluster.node_lifecycle.no_execute_nodes;
  if (nodes.empty()) {
    return;
  }
  if (event.type == WatchType::Deleted || !cluster.pods.exists(event.row)) {
    cancel_timer(cluster, event.row);
    return;
  }
  const Row node = cluster.pods[event.row].node;
  if (node != kNoRow && std::binary_search(nodes.begin(), nodes.end(), node) && cluster.nodes.exists(node)) {
    process_pod(turn, event.row, no_execute_taints(cluster, cluster.nodes[node]), event.cause);
  }
}

void observe_node(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  const Row row = event.row;
  process_node(turn, row, event.cause);
  if (!cluster.nodes.exists(row)) {
    forget_node(cluster, row);
    return;
  }
  keep_cordon_taint(turn, row, event.cause);
  const Node& node = cluster.nodes[row];
  NodeHealth* health = health_of(cluster, row);
  if (health == nullptr) {
    if (!node.kubelet_alive) {
      begin_watching(turn, row, last_sign_of_life(turn, node), event.cause);
    }
    return;
  }
  if (node.kubelet_alive && node.ready) {
    const std::vector<Taint>& taints = cluster.taints_of(node);
    const bool tainted = std::any_of(taints.begin(), taints.end(), [](const Taint& taint) {
      return taint.key == kUnreachable || taint.key == kNotReady;
    });
    if (!tainted) {
      forget_node(cluster, row);
    } else if (health->marked || health->next_look == sim::kNever) {
      health->marked = false;
      look_at(turn, *health, pass_after(turn.now()), event.cause);
    }
  }
}

}  // namespace

sim::Duration monitor_grace_period(const Features& features) {
  return features.since(32) ? seconds{50} : seconds{40};
}

sim::Duration time_tolerated(const PodTemplate& pod_template, const std::vector<Taint>& taints) {
  std::vector<Toleration> tolerations = pod_template.tolerations;
  for (const char* key : {kNotReady, kUnreachable}) {
    const bool stated =
        std::any_of(tolerations.begin(), tolerations.end(), [&](const Toleration& toleration) {
          return (toleration.key == key || toleration.key.empty()) &&
                 (toleration.effect == "NoExecute" || toleration.effect.empty());
        });
    if (!stated) {
      tolerations.push_back({key, "", "NoExecute", true, kDefaultTolerationSeconds});
    }
  }
  sim::Duration least = sim::kNever;
  for (const Taint& taint : taints) {
    bool tolerated = false;
    for (const Toleration& toleration : tolerations) {
      if (scheduler::tolerates(toleration, taint)) {
        tolerated = true;
        if (toleration.seconds >= 0) {
          least = std::min<sim::Duration>(least, seconds{toleration.seconds});
        }
      }
    }
    if (!tolerated) {
      return sim::Duration::zero();
    }
  }
  return least;
}

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::Node) {
    observe_node(turn, event);
  } else if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  switch (static_cast<Event>(event.kind)) {
    case Event::NodeMonitorTick:
      tick(turn, event.subject, event.argument, event.cause);
      return true;
    case Event::TaintEviction:
      if (const EvictionTimer* timer = timer_of(turn.cluster, event.subject);
          timer != nullptr && timer->uid == event.argument && timer->at == turn.now()) {
        evict(turn, event.subject, event.cause);
      }
      return true;
    default:
      return false;
  }
}

void restart(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  cluster.node_lifecycle = {};
  for (Row row = 0; row < cluster.nodes.extent(); ++row) {
    if (!cluster.nodes.exists(row)) {
      continue;
    }
    process_node(turn, row, cause);
    if (!cluster.nodes[row].kubelet_alive) {
      begin_watching(turn, row, turn.now(), cause);
      continue;
    }
    const std::vector<Taint>& taints = cluster.taints_of(cluster.nodes[row]);
    if (cluster.nodes[row].ready && std::any_of(taints.begin(), taints.end(), [](const Taint& taint) {
          return taint.key == kUnreachable || taint.key == kNotReady;
        })) {
      NodeHealth health;
      health.row = row;
      health.uid = cluster.nodes[row].meta.uid;
      cluster.node_lifecycle.silent.push_back(health);
      look_at(turn, cluster.node_lifecycle.silent.back(), pass_after(turn.now()), cause);
    }
  }
}

}  // namespace models::kubernetes::node_lifecycle

#include "models/kubernetes/node_lifecycle.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/node_zones.h"
#include "models/kubernetes/purposes.h"
#include "sim/hash.h"

namespace models::kubernetes::node_lifecycle {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr sim::Duration kMonitorPeriod = seconds{5};       // --node-monitor-period
constexpr sim::Duration kDrainPeriod = milliseconds{100};  // scheduler.NodeEvictionPeriod
constexpr sim::Duration kPassOffset = milliseconds{1};     // assumed: passes do not coincide with round times
constexpr sim::Duration kLeaseRenewal = seconds{10};       // kubelet nodeLeaseDurationSeconds 40 x 0.25
constexpr sim::Duration kStartupGracePeriod = seconds{60};  // --node-startup-grace-period

const char* const kUnreachable = "node.kubernetes.io/unreachable";
const char* const kNotReady = "node.kubernetes.io/not-ready";
const char* const kUnschedulable = "node.kubernetes.io/unschedulable";

/// Status of condition Ready, as taints follow from it.
enum class Ready : std::uint8_t { False, True, Unknown, None };

Ready ready_of(const Node& node) {
  return !node.reported       ? Ready::None
         : node.ready_unknown ? Ready::Unknown
         : node.ready         ? Ready::True
                              : Ready::False;
}

/// The first multiple of `period` and the offset at or after `time`.
sim::Time grid_from(sim::Time time, sim::Duration period) {
  const sim::Time::rep step = period.count();
  const sim::Time::rep since = (time - kPassOffset).count();
  const sim::Time::rep number = since >= 0 ? (since + step - 1) / step : -(-since / step);
  return kPassOffset + number * period;
}
sim::Time pass_from(sim::Time time) { return grid_from(time, kMonitorPeriod); }
sim::Time pass_after(sim::Time time) { return pass_from(time + sim::Duration{1}); }

// ---------------------------------------------------------------------------------------------------------
// Taints

bool has_taint(const Cluster& cluster, Row row, std::string_view key, std::string_view effect) {
  const std::vector<Taint>& taints = cluster.taints_of(cluster.nodes[row]);
  return std::any_of(taints.begin(), taints.end(),
                     [&](const Taint& taint) { return taint.key == key && taint.effect == effect; });
}

bool has_no_execute_twin(const Cluster& cluster, Row row) {
  return has_taint(cluster, row, kUnreachable, "NoExecute") ||
         has_taint(cluster, row, kNotReady, "NoExecute");
}

WriteResult set_taints(Turn& turn, Row row, std::vector<Taint> taints, sim::TransitionId cause) {
  const std::uint32_t taint_set = turn.cluster.add_taint_set(std::move(taints));
  return update<Node>(turn, row, {Writer::NodeLifecycleController, cause}, Verb::Update,
                      [&](Node& node) { node.taint_set = taint_set; });
}

/// Source: controllerutil.SwapNodeControllerTaint.
bool swap_no_execute(Turn& turn, Row row, const char* add, const char* remove, sim::TransitionId cause) {
  std::vector<Taint> taints = turn.cluster.taints_of(turn.cluster.nodes[row]);
  const Taint wanted{add, "", "NoExecute"};
  std::erase(taints, Taint{remove, "", "NoExecute"});
  if (std::find(taints.begin(), taints.end(), wanted) == taints.end()) {
    taints.push_back(wanted);
  }
  return set_taints(turn, row, std::move(taints), cause).ok();
}

/// Source: markNodeAsReachable.
void mark_reachable(Turn& turn, Row row, sim::TransitionId cause) {
  std::vector<Taint> taints = turn.cluster.taints_of(turn.cluster.nodes[row]);
  std::erase(taints, Taint{kUnreachable, "", "NoExecute"});
  std::erase(taints, Taint{kNotReady, "", "NoExecute"});
  if (set_taints(turn, row, std::move(taints), cause).ok()) {
    node_zones::dequeue(turn.cluster, row);
  }
}

/// The NoSchedule twins of condition Ready and of spec.unschedulable, at once and unthrottled. Twins of the
/// pressure conditions are left as they are. Source: doNoScheduleTaintingPass.
void taint_no_schedule(Turn& turn, Row row, sim::TransitionId cause) {
  const Node& node = turn.cluster.nodes[row];
  const Ready ready = ready_of(node);
  std::vector<Taint> taints = turn.cluster.taints_of(node);
  const auto settle = [&](const char* key, bool wanted) {
    const Taint twin{key, "", "NoSchedule"};
    const auto found = std::find_if(taints.begin(), taints.end(), [&](const Taint& taint) {
      return taint.key == twin.key && taint.effect == twin.effect;
    });
    if (wanted && found == taints.end()) {
      taints.push_back(twin);
    } else if (!wanted && found != taints.end()) {
      taints.erase(found);
    }
  };
  settle(kNotReady, ready == Ready::False);
  settle(kUnreachable, ready == Ready::Unknown);
  settle(kUnschedulable, node.unschedulable);
  if (taints != turn.cluster.taints_of(node)) {
    set_taints(turn, row, std::move(taints), cause);
  }
}

// ---------------------------------------------------------------------------------------------------------
// Which nodes are looked at, and when

std::vector<NodeHealth>::iterator health_place(Cluster& cluster, Row row) {
  std::vector<NodeHealth>& attended = cluster.node_lifecycle.attended;
  return std::lower_bound(attended.begin(), attended.end(), row,
                          [](const NodeHealth& known, Row other) { return known.row < other; });
}

NodeHealth* health_of(Cluster& cluster, Row row) {
  const auto place = health_place(cluster, row);
  return place != cluster.node_lifecycle.attended.end() && place->row == row ? &*place : nullptr;
}

void forget_node(Cluster& cluster, Row row) {
  if (health_of(cluster, row) != nullptr) {
    cluster.node_lifecycle.attended.erase(health_place(cluster, row));
  }
}

NodeHealth& attend(Cluster& cluster, Row row) {
  if (NodeHealth* known = health_of(cluster, row)) {
    return *known;
  }
  NodeHealth health;
  health.row = row;
  health.uid = cluster.nodes[row].meta.uid;
  return *cluster.node_lifecycle.attended.insert(health_place(cluster, row), health);
}

void request_pass(Turn& turn, sim::Time at, sim::TransitionId cause) {
  NodeLifecycleState& state = turn.cluster.node_lifecycle;
  if (at >= state.next_pass) {
    return;
  }
  state.next_pass = at;
  turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::NodeMonitorTick), 0, 0, cause);
}

/// Whether the next pass would change the NoExecute twin of a node or put the node into its queue.
bool twin_is_due(Cluster& cluster, Row row) {
  const DisruptionZone* zone = node_zones::zone_of(cluster, row);
  const bool waits = zone != nullptr && node_zones::queued(*zone, row);
  switch (ready_of(cluster.nodes[row])) {
    case Ready::True:
      return waits || has_no_execute_twin(cluster, row);
    case Ready::False:
      return has_taint(cluster, row, kUnreachable, "NoExecute") ||
             (!waits && !has_taint(cluster, row, kNotReady, "NoExecute"));
    case Ready::Unknown:
      return has_taint(cluster, row, kNotReady, "NoExecute") ||
             (!waits && !has_taint(cluster, row, kUnreachable, "NoExecute"));
    case Ready::None:
      return false;
  }
  return false;
}

sim::Duration grace_of(const Cluster& cluster, const Node& node) {
  return node.reported ? monitor_grace_period(*cluster.settings) : kStartupGracePeriod;
}

/// The pass at which something is due for a node; kNever: nothing is.
sim::Time next_look(Turn& turn, const NodeHealth& health) {
  const Node& node = turn.cluster.nodes[health.row];
  if (health.retry_pods || twin_is_due(turn.cluster, health.row)) {
    return pass_after(turn.now());
  }
  if (health.probe != sim::kNever && ready_of(node) != Ready::Unknown) {
    return pass_after(std::max(turn.now(), health.probe + grace_of(turn.cluster, node)));
  }
  return sim::kNever;
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

bool counts_as_not_ready(const Node& node) { return ready_of(node) != Ready::True; }

// ---------------------------------------------------------------------------------------------------------
// The queues of NoExecute taints

void schedule_drain(Turn& turn, std::uint32_t number, sim::TransitionId cause) {
  DisruptionZone& zone = turn.cluster.node_lifecycle.zones[number];
  if (zone.queue.empty() || zone.qps <= 0.0F) {
    return;
  }
  const sim::Time at = grid_from(std::max(zone.token_at, turn.now() + sim::Duration{1}), kDrainPeriod);
  if (zone.next_drain == at) {
    return;
  }
  zone.next_drain = at;
  turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::NodeEvictionTick), number, 0, cause);
}

/// Source: doNoExecuteTaintingPass, RateLimitedTimedQueue.Try: the token is used up even where the node turns
/// out to be ready; a write that fails puts the node back.
void drain(Turn& turn, std::uint32_t number, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  while (!cluster.node_lifecycle.zones[number].queue.empty() &&
         node_zones::accept(cluster.node_lifecycle.zones[number], turn.now())) {
    std::vector<Row>& queue = cluster.node_lifecycle.zones[number].queue;
    const Row row = queue.front();
    queue.erase(queue.begin());
    if (!cluster.nodes.exists(row) || ready_of(cluster.nodes[row]) == Ready::True) {
      continue;
    }
    const bool unknown = ready_of(cluster.nodes[row]) == Ready::Unknown;
    if (!swap_no_execute(turn, row, unknown ? kUnreachable : kNotReady, unknown ? kNotReady : kUnreachable,
                         cause)) {
      node_zones::enqueue(cluster.node_lifecycle.zones[number], row);
      break;
    }
  }
  schedule_drain(turn, number, cause);
}

// ---------------------------------------------------------------------------------------------------------
// A pass

/// Source: tryUpdateNodeHealth.
WriteResult write_unknown(Turn& turn, Row row, sim::TransitionId cause) {
  return update<Node>(turn, row, {Writer::NodeLifecycleController, cause}, Verb::UpdateStatus,
                      [&](Node& node) {
                        node.reported = true;
                        node.ready = false;
                        node.ready_unknown = true;
                        node.ready_changed = turn.now();
                      });
}

/// Source: controllerutil.MarkPodsNotReady; container statuses are left alone. @return whether all could be.
bool mark_pods_not_ready(Turn& turn, Row row, sim::TransitionId cause) {
  bool all = true;
  for (const Row pod : pods_on_node(turn.cluster, row)) {
    if (turn.cluster.pods[pod].ready) {
      const WriteResult result = update<Pod>(turn, pod, {Writer::NodeLifecycleController, cause},
                                             Verb::UpdateStatus, [&](Pod& changed) {
                                               changed.ready = false;
                                               changed.ready_changed = turn.now();
                                             });
      all = all && result.outcome != Outcome::Error;
    }
  }
  return all;
}

/// Source: processTaintBaseEviction, markNodeForTainting.
void process_taints(Turn& turn, Row row, Ready ready, sim::TransitionId cause) {
  if (ready == Ready::True) {
    if (twin_is_due(turn.cluster, row)) {
      mark_reachable(turn, row, cause);
    }
    return;
  }
  const char* own = ready == Ready::Unknown ? kUnreachable : kNotReady;
  const char* other = ready == Ready::Unknown ? kNotReady : kUnreachable;
  if (has_taint(turn.cluster, row, other, "NoExecute")) {
    swap_no_execute(turn, row, own, other, cause);
  } else if (!has_taint(turn.cluster, row, own, "NoExecute")) {
    if (DisruptionZone* zone = node_zones::zone_of(turn.cluster, row)) {
      node_zones::enqueue(*zone, row);
    }
  }
}

/// One node in a pass. Source: monitorNodeHealth updateNodeFunc. Up to 1.33 taints follow from the condition
/// as it was before this pass, so that the NoExecute twin of a silent node comes one pass later.
void look_at(Turn& turn, Row row, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const NodeHealth health = *health_of(cluster, row);
  const Node& node = cluster.nodes[row];
  const Ready observed = ready_of(node);
  Ready current = observed;
  sim::TransitionId because = cause;
  if (health.probe != sim::kNever && current != Ready::Unknown &&
      turn.now() > health.probe + grace_of(cluster, node)) {
    const WriteResult result = write_unknown(turn, row, cause);
    if (!result.ok()) {
      return;  // "Skipping - no pods will be evicted"; the next pass tries again
    }
    because = result.transition;
    current = Ready::Unknown;
    node_zones::count(cluster, row, true);
  }
  if (current == Ready::None) {
    return;
  }
  // A node that has never reported counts as Unknown before.
  const Ready before = observed == Ready::None ? Ready::Unknown : observed;
  process_taints(turn, row, cluster.features().since(34) ? current : before, because);
  if ((current != Ready::True && observed == Ready::True) || (health.retry_pods && observed != Ready::True)) {
    const bool all = mark_pods_not_ready(turn, row, because);
    if (NodeHealth* kept = health_of(cluster, row)) {
      kept->retry_pods = !all;
    }
  }
}

void tell_rate(Turn& turn, const DisruptionZone& zone, sim::TransitionId cause) {
  std::string key = turn.cluster.strings[zone.key];
  std::replace(key.begin(), key.end(), '\0', ' ');
  const std::string where = key.empty() ? std::string() : fmt::format(" of zone {}", key);
  const std::string pace = zone.qps <= 0.0F ? std::string("no node gets a NoExecute taint any more")
                                            : fmt::format("one node in {:.0f} s gets a NoExecute taint",
                                                          1.0 / static_cast<double>(zone.qps));
  emit_text(turn, 0, Field::Warning, {Writer::NodeLifecycleController, cause},
            fmt::format("{} of {} nodes{} are not ready: {}", zone.not_ready, zone.size, where, pace));
}

void set_state(Turn& turn, DisruptionZone& zone, ZoneState state, float rate, sim::TransitionId cause) {
  const bool other_rate = zone.qps != rate;
  node_zones::swap_limiter(zone, rate, turn.now());
  zone.state = state;
  if (other_rate) {
    tell_rate(turn, zone, cause);
  }
}

/// Some node is ready again after none was: silent nodes get their grace period anew.
void leave_master_disruption(Turn& turn) {
  for (NodeHealth& health : turn.cluster.node_lifecycle.attended) {
    health.probe = health.probe == sim::kNever ? sim::kNever : turn.now();
  }
}

/// Source: handleDisruption.
void handle_disruption(Turn& turn, sim::TransitionId cause) {
  NodeLifecycleState& state = turn.cluster.node_lifecycle;
  bool all_are = true;
  bool all_were = true;
  for (const DisruptionZone& zone : state.zones) {
    if (zone.size > 0) {
      all_are = all_are && node_zones::compute_zone_state(zone.size - zone.not_ready, zone.not_ready) ==
                               ZoneState::FullDisruption;
      all_were = all_were && zone.state == ZoneState::FullDisruption;
    }
  }
  if (all_are && all_were) {
    return;
  }
  if (all_are) {
    const std::vector<NodeHealth> attended = state.attended;
    for (const NodeHealth& health : attended) {
      mark_reachable(turn, health.row, cause);
    }
    for (DisruptionZone& zone : state.zones) {
      set_state(turn, zone, ZoneState::FullDisruption, 0.0F, cause);
    }
    return;
  }
  if (all_were) {
    leave_master_disruption(turn);
  }
  for (DisruptionZone& zone : state.zones) {
    const ZoneState next = node_zones::compute_zone_state(zone.size - zone.not_ready, zone.not_ready);
    if (zone.size > 0 && (all_were || next != zone.state)) {
      set_state(turn, zone, next, node_zones::rate_of(next, zone.size), cause);
    }
  }
}

/// Forgets nodes that are healthy again, and sees to the next pass.
void end_pass(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  std::erase_if(cluster.node_lifecycle.attended, [&](const NodeHealth& health) {
    return health.probe == sim::kNever && !health.retry_pods &&
           ready_of(cluster.nodes[health.row]) == Ready::True && !twin_is_due(cluster, health.row);
  });
  sim::Time next = sim::kNever;
  for (const NodeHealth& health : cluster.node_lifecycle.attended) {
    next = std::min(next, next_look(turn, health));
  }
  request_pass(turn, next, cause);
}

void pass(Turn& turn, sim::TransitionId cause) {
  NodeLifecycleState& state = turn.cluster.node_lifecycle;
  state.next_pass = sim::kNever;
  const std::vector<NodeHealth> attended = state.attended;
  if (state.restarted) {
    for (const NodeHealth& health : attended) {
      mark_reachable(turn, health.row, cause);
    }
    state.restarted = false;
  }
  for (const NodeHealth& health : attended) {
    if (turn.cluster.nodes.exists(health.row)) {
      look_at(turn, health.row, cause);
    }
  }
  handle_disruption(turn, cause);
  for (std::uint32_t zone = 0; zone < state.zones.size(); ++zone) {
    schedule_drain(turn, zone, cause);
  }
  end_pass(turn, cause);
}

/// A node has changed, or is new, or gone.
void observe_node(Turn& turn, Row row, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  if (!cluster.nodes.exists(row)) {
    node_zones::count(cluster, row, false);
    forget_node(cluster, row);
  } else {
    const Node& node = cluster.nodes[row];
    node_zones::count(cluster, row, counts_as_not_ready(node));
    taint_no_schedule(turn, row, cause);
    const NodeHealth* known = health_of(cluster, row);
    const bool silent = known != nullptr && known->probe != sim::kNever;
    if (!node.kubelet_alive && !silent) {
      const sim::Time seen = node.reported ? last_sign_of_life(turn, node) : node.meta.created;
      attend(cluster, row).probe = seen;
    } else if (node.kubelet_alive && silent) {
      attend(cluster, row).probe = sim::kNever;
    } else if (twin_is_due(cluster, row)) {
      attend(cluster, row);
    }
    if (const NodeHealth* health = health_of(cluster, row)) {
      const sim::Time look = next_look(turn, *health);
      if (look == sim::kNever && ready_of(node) == Ready::True && health->probe == sim::kNever) {
        forget_node(cluster, row);
      } else {
        request_pass(turn, look, cause);
      }
    }
  }
  if (node_zones::any_zone_changes(cluster.node_lifecycle)) {
    request_pass(turn, pass_after(turn.now()), cause);
  }
}

}  // namespace

sim::Duration monitor_grace_period(const Settings& settings) {
  if (settings.components.node_monitor_grace > sim::Duration::zero()) {
    return settings.components.node_monitor_grace;
  }
  return settings.features.since(32) ? seconds{50} : seconds{40};
}

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::Node) {
    observe_node(turn, event.row, event.cause);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  NodeLifecycleState& state = turn.cluster.node_lifecycle;
  switch (static_cast<Event>(event.kind)) {
    case Event::NodeMonitorTick:
      if (state.next_pass == turn.now()) {
        pass(turn, event.cause);
      }
      return true;
    case Event::NodeEvictionTick:
      if (event.subject < state.zones.size() && state.zones[event.subject].next_drain == turn.now()) {
        state.zones[event.subject].next_drain = sim::kNever;
        drain(turn, event.subject, event.cause);
      }
      return true;
    default:
      return false;
  }
}

void restart(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  cluster.node_lifecycle = {};
  cluster.node_lifecycle.restarted = true;
  for (Row row = 0; row < cluster.nodes.extent(); ++row) {
    if (!cluster.nodes.exists(row)) {
      continue;
    }
    const Node& node = cluster.nodes[row];
    node_zones::count(cluster, row, counts_as_not_ready(node));
    if (!node.kubelet_alive || node.reported == false || counts_as_not_ready(node) ||
        has_no_execute_twin(cluster, row)) {
      attend(cluster, row).probe = node.kubelet_alive ? sim::kNever : turn.now();
    }
    taint_no_schedule(turn, row, cause);
  }
  if (!cluster.node_lifecycle.attended.empty()) {
    request_pass(turn, pass_after(turn.now()), cause);
  }
}

}  // namespace models::kubernetes::node_lifecycle

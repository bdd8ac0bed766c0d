#include "models/kubernetes/node_lifecycle.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/node_taints.h"
#include "models/kubernetes/node_zones.h"
#include "models/kubernetes/purposes.h"
#include "models/kubernetes/requests.h"
#include "sim/hash.h"

namespace models::kubernetes::node_lifecycle {

namespace {

using node_taints::has_taint;
using node_taints::kNotReady;
using node_taints::kUnreachable;
using node_taints::Ready;
using node_taints::ready_of;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr sim::Duration kMonitorPeriod = seconds{5};       // --node-monitor-period
constexpr sim::Duration kDrainPeriod = milliseconds{100};  // scheduler.NodeEvictionPeriod
constexpr sim::Duration kPassOffset = milliseconds{1};     // assumed: passes do not coincide with round times
constexpr sim::Duration kLeaseRenewal = seconds{10};       // kubelet nodeLeaseDurationSeconds 40 x 0.25
constexpr sim::Duration kStartupGracePeriod = seconds{60};  // --node-startup-grace-period

/// What a NodeMonitorTick is about, in its argument above the uid.
enum Tick : std::uint32_t {
  kPass = 0,
  kLook = 1U << 30U,     ///< a node's condition is written; subject: its row
  kMark = 2U << 30U,     ///< a pod is marked; subject: its row
  kPassEnd = 3U << 30U,  ///< every node was looked at
};
constexpr std::uint32_t kUidOfTick = (1U << 30U) - 1;

/// The first multiple of `period` and the offset at or after `time`.
sim::Time grid_from(sim::Time time, sim::Duration period, sim::Duration offset) {
  const sim::Time::rep step = period.count();
  const sim::Time::rep since = (time - offset).count();
  const sim::Time::rep number = since >= 0 ? (since + step - 1) / step : -(-since / step);
  return offset + number * period;
}
/// When in their period passes take place; only where requests take time may that be other than assumed.
sim::Duration pass_offset(Turn& turn) {
  if (!requests_take_time(turn.cluster)) {
    return kPassOffset;
  }
  const auto phase = timing::Distribution::uniform(
      kPassOffset - sim::Duration{1}, kPassOffset,
      {timing::ProvenanceKind::assumed, "passes do not coincide with round times"});
  return turn.context.choices.duration({0, static_cast<std::uint32_t>(Purpose::NodePassPhase), 0},
                                       phase.value());
}
sim::Time pass_from(Turn& turn, sim::Time time) { return grid_from(time, kMonitorPeriod, pass_offset(turn)); }
sim::Time pass_after(Turn& turn, sim::Time time) { return pass_from(turn, time + sim::Duration{1}); }

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
      return waits || node_taints::has_no_execute_twin(cluster, row);
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
    return pass_after(turn, turn.now());
  }
  if (health.probe != sim::kNever && ready_of(node) != Ready::Unknown) {
    const sim::Time silent_at = health.probe + grace_of(turn.cluster, node);
    return silent_at > turn.now() ? pass_from(turn, silent_at) : pass_after(turn, turn.now());
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
  const sim::Duration since = turn.context.choices.duration(
      {entity, static_cast<std::uint32_t>(Purpose::HeartbeatAge), 0}, age.value());
  return pass_from(turn, turn.now() - since);
}

bool counts_as_not_ready(const Node& node) { return ready_of(node) != Ready::True; }

// ---------------------------------------------------------------------------------------------------------
// The queues of NoExecute taints

void schedule_drain(Turn& turn, std::uint32_t number, sim::TransitionId cause) {
  DisruptionZone& zone = turn.cluster.node_lifecycle.zones[number];
  if (zone.queue.empty() || zone.qps <= 0.0F) {
    return;
  }
  const sim::Time at =
      grid_from(std::max(zone.token_at, turn.now() + sim::Duration{1}), kDrainPeriod, kPassOffset);
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
    if (!node_taints::swap_no_execute(turn, row, unknown ? kUnreachable : kNotReady,
                                      unknown ? kNotReady : kUnreachable, cause)) {
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

WriteResult mark_pod(Turn& turn, Row pod, sim::TransitionId cause) {
  return update<Pod>(turn, pod, {Writer::NodeLifecycleController, cause}, Verb::UpdateStatus,
                     [&](Pod& changed) {
                       changed.ready = false;
                       changed.ready_changed = turn.now();
                     });
}

/// Where requests take time: sends the one about the next pod, in the order of an index, which is chance.
void send_next_mark(Turn& turn, Row row, sim::TransitionId cause) {
  Row next = kNoRow;
  std::uint32_t least = 0;
  for (const Row pod : pods_on_node(turn.cluster, row)) {
    const Pod& seen = turn.cluster.pods[pod];
    if (seen.ready) {
      const std::uint32_t rank = rank_by_chance(turn, subject_of(seen), Purpose::PodMarkOrder, seen.attempt);
      if (next == kNoRow || rank < least) {
        next = pod;
        least = rank;
      }
    }
  }
  if (next != kNoRow) {
    const Pod& pod = turn.cluster.pods[next];
    const sim::Duration takes = pod_request_latency(turn, pod, Purpose::RequestStatus, 0);
    turn.agenda.schedule(turn.now() + takes, static_cast<std::uint32_t>(Event::NodeMonitorTick), next,
                         kMark | pod.meta.uid, cause);
  }
}

void keep_for_retry(Cluster& cluster, Row row, bool retry) {
  if (NodeHealth* kept = health_of(cluster, row)) {
    kept->retry_pods = retry;
  }
}

/// Source: controllerutil.MarkPodsNotReady: one pod after the other; container statuses are left alone.
void mark_pods_not_ready(Turn& turn, Row row, sim::TransitionId cause) {
  keep_for_retry(turn.cluster, row, false);
  if (requests_take_time(turn.cluster)) {
    send_next_mark(turn, row, cause);
    return;
  }
  bool all = true;
  for (const Row pod : pods_on_node(turn.cluster, row)) {
    if (turn.cluster.pods[pod].ready) {
      all = mark_pod(turn, pod, cause).outcome != Outcome::Error && all;
    }
  }
  keep_for_retry(turn.cluster, row, !all);
}

/// Source: processTaintBaseEviction, markNodeForTainting.
void process_taints(Turn& turn, Row row, Ready ready, sim::TransitionId cause) {
  if (ready == Ready::True) {
    if (twin_is_due(turn.cluster, row)) {
      node_taints::mark_reachable(turn, row, cause);
    }
    return;
  }
  const char* own = ready == Ready::Unknown ? kUnreachable : kNotReady;
  const char* other = ready == Ready::Unknown ? kNotReady : kUnreachable;
  if (has_taint(turn.cluster, row, other, "NoExecute")) {
    node_taints::swap_no_execute(turn, row, own, other, cause);
  } else if (!has_taint(turn.cluster, row, own, "NoExecute")) {
    if (DisruptionZone* zone = node_zones::zone_of(turn.cluster, row)) {
      node_zones::enqueue(*zone, row);
    }
  }
}

/// Source: tryUpdateNodeHealth. Passes come a little later than every 5 s (wait.UntilWithContext waits after
/// a pass), so that one which is a whole grace period after the last sign of life was seen is after it. A
/// pass whose informer has not shown yet that the kubelet is back writes nothing: the node that it knows is
/// Unknown already, or else its write meets a conflict and monitorNodeHealth reads the node anew.
bool is_silent(const Cluster& cluster, const NodeHealth& health, sim::Time now) {
  const Node& node = cluster.nodes[health.row];
  return health.probe != sim::kNever && !node.kubelet_alive && ready_of(node) != Ready::Unknown &&
         now >= health.probe + grace_of(cluster, node);
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
  if (is_silent(cluster, health, turn.now())) {
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
    mark_pods_not_ready(turn, row, because);
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
      node_taints::mark_reachable(turn, health.row, cause);
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

void schedule_drains(Turn& turn, sim::TransitionId cause) {
  for (std::uint32_t zone = 0; zone < turn.cluster.node_lifecycle.zones.size(); ++zone) {
    schedule_drain(turn, zone, cause);
  }
}

/// What follows when every node was looked at.
void judge_zones(Turn& turn, sim::TransitionId cause) {
  handle_disruption(turn, cause);
  schedule_drains(turn, cause);
  end_pass(turn, cause);
}

/// A node whose condition has to be written is looked at when that request takes effect, beside the others:
/// monitorNodeHealth looks at nodes side by side. @return when it is looked at.
sim::Time look_or_send(Turn& turn, const NodeHealth& health, sim::TransitionId cause) {
  sim::Time at = turn.now();
  if (is_silent(turn.cluster, health, turn.now())) {
    const Meta& meta = turn.cluster.nodes[health.row].meta;
    at += request_latency(turn, {static_cast<std::uint32_t>(Kind::Node), 0, meta.name, -1, 0},
                          Purpose::RequestStatus, 0);
    if (at > turn.now()) {
      turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::NodeMonitorTick), health.row,
                           kLook | meta.uid, cause);
      return at;
    }
  }
  look_at(turn, health.row, cause);
  return at;
}

void pass(Turn& turn, sim::TransitionId cause) {
  NodeLifecycleState& state = turn.cluster.node_lifecycle;
  state.next_pass = sim::kNever;
  const std::vector<NodeHealth> attended = state.attended;
  if (state.restarted) {
    for (const NodeHealth& health : attended) {
      node_taints::mark_reachable(turn, health.row, cause);
    }
    state.restarted = false;
  }
  sim::Time looked = turn.now();
  for (const NodeHealth& health : attended) {
    if (turn.cluster.nodes.exists(health.row)) {
      looked = std::max(looked, look_or_send(turn, health, cause));
    }
  }
  if (looked > turn.now()) {
    turn.agenda.schedule(looked, static_cast<std::uint32_t>(Event::NodeMonitorTick), 0, kPassEnd, cause);
    return;
  }
  judge_zones(turn, cause);
}

/// Whether a request of the pass under way has yet to take effect: of a silent node's condition, or of a pod
/// that is to be marked.
bool requests_under_way(const Cluster& cluster, sim::Time now) {
  const std::vector<NodeHealth>& attended = cluster.node_lifecycle.attended;
  return std::any_of(attended.begin(), attended.end(), [&](const NodeHealth& health) {
    if (!cluster.nodes.exists(health.row)) {
      return false;
    }
    if (is_silent(cluster, health, now)) {
      return true;
    }
    const std::vector<Row> pods = pods_on_node(cluster, health.row);
    return ready_of(cluster.nodes[health.row]) == Ready::Unknown && !health.retry_pods &&
           std::any_of(pods.begin(), pods.end(), [&](Row pod) { return cluster.pods[pod].ready; });
  });
}

/// The zones are judged when the requests about all nodes and their pods were answered; nodes that wait for
/// their taint are let through meanwhile. Source: monitorNodeHealth, ParallelizeUntil.
void judge_when_done(Turn& turn, sim::TransitionId cause) {
  if (!requests_under_way(turn.cluster, turn.now())) {
    judge_zones(turn, cause);
  }
}

/// The requests of a pass, where they take time.
void on_request(Turn& turn, const sim::PendingEvent& event) {
  Cluster& cluster = turn.cluster;
  const Uid uid = event.argument & kUidOfTick;
  switch (event.argument & ~kUidOfTick) {
    case kLook:
      if (cluster.nodes.exists(event.subject) && cluster.nodes[event.subject].meta.uid == uid &&
          health_of(cluster, event.subject) != nullptr) {
        look_at(turn, event.subject, event.cause);
        schedule_drains(turn, event.cause);
      }
      return;
    case kMark:
      if (cluster.pods.alive(event.subject) && cluster.pods[event.subject].meta.uid == uid) {
        const Row node = cluster.pods[event.subject].node;
        if (cluster.pods.exists(event.subject) &&
            mark_pod(turn, event.subject, event.cause).outcome == Outcome::Error) {
          keep_for_retry(cluster, node, true);
        } else if (cluster.nodes.exists(node) && ready_of(cluster.nodes[node]) != Ready::True) {
          send_next_mark(turn, node, event.cause);
        }
      }
      break;
    default:
      break;
  }
  judge_when_done(turn, event.cause);
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
    node_taints::taint_no_schedule(turn, row, cause);
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
    request_pass(turn, pass_after(turn, turn.now()), cause);
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
      if (event.argument != kPass) {
        on_request(turn, event);
      } else if (state.next_pass == turn.now()) {
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
        node_taints::has_no_execute_twin(cluster, row)) {
      attend(cluster, row).probe = node.kubelet_alive ? sim::kNever : turn.now();
    }
    node_taints::taint_no_schedule(turn, row, cause);
  }
  if (!cluster.node_lifecycle.attended.empty()) {
    request_pass(turn, pass_after(turn, turn.now()), cause);
  }
}

}  // namespace models::kubernetes::node_lifecycle

#include "models/kubernetes/taint_eviction.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/requests.h"
#include "models/kubernetes/scheduler_filters.h"

namespace models::kubernetes::taint_eviction {

namespace {

using std::chrono::seconds;

constexpr std::int64_t kDefaultTolerationSeconds =
    300;                               // --default-{not-ready,unreachable}-toleration-seconds
constexpr std::uint32_t kRetries = 5;  // taint_eviction.go retries

/// What a TaintEviction event is about where it is no timer, in its argument above the uid and the number of
/// tries that failed: a request.
enum Request : std::uint32_t { kMark = 1U << 30U, kDelete = 2U << 30U };
constexpr std::uint32_t kRequests = 3U << 30U;
constexpr std::uint32_t kTry = 1U << 26U;
constexpr std::uint32_t kUidOfRequest = kTry - 1;

const char* const kUnreachable = "node.kubernetes.io/unreachable";
const char* const kNotReady = "node.kubernetes.io/not-ready";

/// The NoExecute taints of a node, as an id; 0: none.
std::uint32_t no_execute_taints(Cluster& cluster, const Node& node) {
  std::vector<Taint> taints = cluster.taints_of(node);
  std::erase_if(taints, [](const Taint& taint) { return taint.effect != "NoExecute"; });
  return cluster.add_taint_set(std::move(taints));
}

TaintedNode* tainted(Cluster& cluster, Row node) {
  std::vector<TaintedNode>& nodes = cluster.taint_eviction.nodes;
  const auto place = std::lower_bound(nodes.begin(), nodes.end(), node,
                                      [](const TaintedNode& known, Row row) { return known.row < row; });
  return place != nodes.end() && place->row == node ? &*place : nullptr;
}

std::vector<EvictionTimer>::iterator timer_place(Cluster& cluster, Row pod) {
  std::vector<EvictionTimer>& timers = cluster.taint_eviction.timers;
  return std::lower_bound(timers.begin(), timers.end(), pod,
                          [](const EvictionTimer& timer, Row row) { return timer.pod < row; });
}

EvictionTimer* timer_of(Cluster& cluster, Row pod) {
  const auto place = timer_place(cluster, pod);
  return place != cluster.taint_eviction.timers.end() && place->pod == pod ? &*place : nullptr;
}

/// @return whether there was one.
bool forget_timer(Cluster& cluster, Row pod) {
  if (timer_of(cluster, pod) == nullptr) {
    return false;
  }
  cluster.taint_eviction.timers.erase(timer_place(cluster, pod));
  return true;
}

/// Source: cancelWorkWithEvent.
void cancel(Turn& turn, Row row, sim::TransitionId cause) {
  if (forget_timer(turn.cluster, row)) {
    const Pod& pod = turn.cluster.pods[row];
    emit_text(turn, pod.meta.uid, Field::Warning, {Writer::TaintEvictionController, cause},
              fmt::format("Cancelling deletion of Pod {}/{}", turn.cluster.strings[pod.meta.name_space],
                          turn.cluster.name_of(pod)));
  }
}

WriteResult mark(Turn& turn, Row row, sim::TransitionId cause) {
  return update<Pod>(turn, row, {Writer::TaintEvictionController, cause}, Verb::UpdateStatus, [&](Pod& pod) {
    if (!pod.disruption_target) {
      pod.disrupted_at = turn.now();
    }
    pod.disruption_target = true;
    pod.disruption_reason = DisruptionReason::DeletionByTaintManager;
  });
}

/// A request about a pod that takes time: has its effect later.
void send(Turn& turn, Row row, Request request, std::uint32_t tries, sim::TransitionId cause) {
  const Pod& pod = turn.cluster.pods[row];
  const Purpose purpose = request == kMark ? Purpose::RequestStatus : Purpose::RequestDelete;
  turn.agenda.schedule(turn.now() + pod_request_latency(turn, pod, purpose, 0),
                       static_cast<std::uint32_t>(Event::TaintEviction), row,
                       request + tries * kTry + pod.meta.uid, cause);
}

/// The requests of evict, one after the other, where they take time; each pod has a worker of its own.
void on_request(Turn& turn, const sim::PendingEvent& event) {
  const Row row = event.subject;
  const Cluster& cluster = turn.cluster;
  if (!cluster.pods.exists(row) || cluster.pods[row].meta.uid != (event.argument & kUidOfRequest)) {
    return;
  }
  const std::uint32_t tries = (event.argument & ~kRequests) / kTry;
  bool failed = false;
  if ((event.argument & kRequests) == kDelete) {
    failed = delete_pod(turn, row, {Writer::TaintEvictionController, event.cause}).outcome == Outcome::Error;
  } else {
    const WriteResult marked = mark(turn, row, event.cause);
    failed = !marked.ok();
    if (!failed) {
      send(turn, row, kDelete, tries,
           marked.transition != sim::kNoTransition ? marked.transition : event.cause);
    }
  }
  if (failed && tries + 1 < kRetries) {
    send(turn, row, kMark, tries + 1, event.cause);
  }
}

/// Source: deletePodHandler, addConditionAndDeletePod. A pod that is being deleted already gets the condition
/// too; the second deletion then changes nothing. The 10 ms between two tries are left out.
void evict(Turn& turn, Row row, sim::TransitionId cause) {
  forget_timer(turn.cluster, row);
  if (requests_take_time(turn.cluster) && turn.cluster.pods.exists(row)) {
    send(turn, row, kMark, 0, cause);
    return;
  }
  for (std::uint32_t i = 0; i < kRetries && turn.cluster.pods.exists(row); ++i) {
    const WriteResult marked = mark(turn, row, cause);
    if (!marked.ok()) {
      continue;
    }
    const sim::TransitionId because = marked.transition != sim::kNoTransition ? marked.transition : cause;
    if (delete_pod(turn, row, {Writer::TaintEvictionController, because}).outcome != Outcome::Error) {
      return;
    }
  }
}

/// A timer that runs is not set anew, neither for other tolerations nor for further tolerated taints.
/// Source: processPodOnNode, which compares the old start with a trigger that is always later.
void process_pod(Turn& turn, Row row, std::uint32_t taint_set, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const Pod& pod = cluster.pods[row];
  const sim::Duration tolerated =
      time_tolerated(cluster.template_of(pod), *cluster.taint_sets[taint_set - 1]);
  if (tolerated == sim::kNever) {
    cancel(turn, row, cause);
  } else if (tolerated == sim::Duration::zero()) {
    cancel(turn, row, cause);
    evict(turn, row, cause);
  } else if (timer_of(cluster, row) == nullptr) {
    const EvictionTimer timer{row, pod.meta.uid, turn.now() + tolerated};
    cluster.taint_eviction.timers.insert(timer_place(cluster, row), timer);
    turn.agenda.schedule(timer.at, static_cast<std::uint32_t>(Event::TaintEviction), row, timer.uid, cause);
  }
}

/// Source: NodeUpdated, handleNodeUpdate. A node that is gone is only forgotten: timers run on, until a node
/// comes under its name.
void observe_node(Turn& turn, Row row, bool added, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  const bool exists = cluster.nodes.exists(row);
  const std::uint32_t now = exists ? no_execute_taints(cluster, cluster.nodes[row]) : 0;
  TaintedNode* known = tainted(cluster, row);
  const bool may_cancel = added && exists && !cluster.taint_eviction.timers.empty();
  if ((known == nullptr ? 0 : known->taint_set) == now && !may_cancel) {
    return;
  }
  std::vector<TaintedNode>& nodes = cluster.taint_eviction.nodes;
  if (now == 0) {
    std::erase_if(nodes, [&](const TaintedNode& node) { return node.row == row; });
  } else if (known != nullptr) {
    known->taint_set = now;
  } else {
    nodes.insert(std::lower_bound(nodes.begin(), nodes.end(), row,
                                  [](const TaintedNode& node, Row other) { return node.row < other; }),
                 {row, now});
  }
  if (!exists) {
    return;
  }
  for (const Row pod : pods_on_node(cluster, row)) {
    if (now == 0) {
      cancel(turn, pod, cause);
    } else {
      process_pod(turn, pod, now, cause);
    }
  }
}

/// Source: PodUpdated: only a new pod, a binding and a change of tolerations matter; handlePodUpdate.
void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  if (cluster.taint_eviction.nodes.empty() && cluster.taint_eviction.timers.empty()) {
    return;
  }
  if (event.type == WatchType::Deleted) {
    cancel(turn, event.row, event.cause);
    return;
  }
  if (!cluster.pods.exists(event.row)) {
    return;
  }
  const Pod& pod = cluster.pods[event.row];
  const Pod* before =
      event.type == WatchType::Added ? nullptr : cluster.pods.as_of(event.row, event.version - 1);
  if (pod.node == kNoRow ||
      (before != nullptr && before->node == pod.node && before->pod_template == pod.pod_template)) {
    return;
  }
  if (const TaintedNode* node = tainted(cluster, pod.node)) {
    process_pod(turn, event.row, node->taint_set, event.cause);
  }
}

}  // namespace

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
    observe_node(turn, event.row, event.type == WatchType::Added, event.cause);
  } else if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) != Event::TaintEviction) {
    return false;
  }
  if (event.argument > kUidOfRequest) {
    on_request(turn, event);
    return true;
  }
  const EvictionTimer* timer = timer_of(turn.cluster, event.subject);
  if (timer != nullptr && timer->uid == event.argument && timer->at == turn.now()) {
    evict(turn, event.subject, event.cause);
  }
  return true;
}

void restart(Turn& turn, sim::TransitionId cause) {
  turn.cluster.taint_eviction = {};
  for (Row row = 0; row < turn.cluster.nodes.extent(); ++row) {
    if (turn.cluster.nodes.exists(row)) {
      observe_node(turn, row, true, cause);
    }
  }
}

}  // namespace models::kubernetes::taint_eviction

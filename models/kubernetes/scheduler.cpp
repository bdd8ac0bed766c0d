#include "models/kubernetes/scheduler.h"

#include <algorithm>
#include <chrono>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/node_ranking.h"
#include "models/kubernetes/purposes.h"
#include "models/kubernetes/requests.h"
#include "models/kubernetes/scheduler_filters.h"

namespace models::kubernetes::scheduler {

namespace {

// What can make an unschedulable pod schedulable; bits of SchedulerState::changes.
constexpr std::uint8_t kPodGone = 1;
constexpr std::uint8_t kNodeChanged = 2;

/// Whether a change may help a pod that these filters rejected.
/// Source: the EventsToRegister of the plugins: freed pods matter to NodeResourcesFit and InterPodAffinity,
/// nodes to all of them.
bool helps(std::uint8_t changes, std::uint8_t rejected_by) {
  constexpr std::uint8_t kCaresForPods = bit(Filter::NodeResourcesFit) | bit(Filter::InterPodAffinity);
  return (changes & kNodeChanged) != 0 || ((changes & kPodGone) != 0 && (rejected_by & kCaresForPods) != 0);
}

/// Requests of pods of a template, with the defaults that the score assumes for containers without any.
/// Source: pkg/scheduler/util/pod_resources.go DefaultMilliCPURequest, DefaultMemoryRequest.
const PodRequests& requests_of(Cluster& cluster, TemplateId id) {
  constexpr std::int64_t kDefaultCpu = 100;
  constexpr std::int64_t kDefaultMemory = std::int64_t{200} << 20U;
  std::vector<PodRequests>& known = cluster.scheduler.requests;
  if (id >= known.size()) {
    known.resize(id + std::size_t{1});
  }
  PodRequests& requests = known[id];
  if (requests.scored_cpu_millicores >= 0) {
    return requests;
  }
  const PodTemplate& pod_template = *cluster.templates[id];
  requests = {pod_template.cpu_millicores, pod_template.memory_bytes, 0, 0};
  std::int64_t init_cpu = 0;
  std::int64_t init_memory = 0;
  for (const Container& container : pod_template.containers) {
    const std::int64_t cpu = container.cpu_millicores == 0 ? kDefaultCpu : container.cpu_millicores;
    const std::int64_t memory = container.memory_bytes == 0 ? kDefaultMemory : container.memory_bytes;
    if (container.init && !container.restartable) {
      init_cpu = std::max(init_cpu, cpu);
      init_memory = std::max(init_memory, memory);
    } else {
      requests.scored_cpu_millicores += cpu;
      requests.scored_memory_bytes += memory;
    }
  }
  requests.scored_cpu_millicores = std::max(requests.scored_cpu_millicores, init_cpu);
  requests.scored_memory_bytes = std::max(requests.scored_memory_bytes, init_memory);
  return requests;
}

// ---------------------------------------------------------------------------------------------------------
// Inter-pod anti-affinity: pods in classes

/// A pod that has the labels of all pods of the class.
Pod pod_like(const PodClass& pod_class) {
  Pod pod;
  pod.meta.name_space = pod_class.name_space;
  pod.pod_template = pod_class.pod_template;
  pod.label_set = pod_class.label_set;
  pod.owner.uid = pod_class.owner;
  pod.base_name = pod_class.base_name;
  pod.revision = pod_class.revision;
  pod.suffix = pod_class.of_job ? 1 : 0;
  return pod;
}

/// Whether some term of `from` keeps its pods away from pods of `other`.
/// Source: interpodaffinity/filtering.go; a term without namespaces is about the pod's own.
bool refuses(const Cluster& cluster, const PodClass& from, const PodClass& other) {
  if (from.name_space != other.name_space) {
    return false;
  }
  const Pod pod = pod_like(other);
  const std::vector<LabelMap>& terms = cluster.templates[from.pod_template]->anti_affinity_by_host;
  return std::any_of(terms.begin(), terms.end(), [&](const LabelMap& term) {
    return std::all_of(term.begin(), term.end(),
                       [&](const auto& label) { return cluster.label_of(pod, label.first) == label.second; });
  });
}

void count_on_node(PodClass& pod_class, Row node, int by) {
  if (node >= pod_class.on_node.size()) {
    pod_class.on_node.resize(node + std::size_t{1});
  }
  pod_class.on_node[node] = static_cast<std::uint16_t>(pod_class.on_node[node] + by);
}

/// Begins to count the pods of a class by node.
void track(SchedulerState& state, std::uint32_t id) {
  PodClass& pod_class = state.classes[id];
  if (!pod_class.on_node.empty()) {
    return;
  }
  pod_class.on_node.resize(state.usage.size() + 1);
  for (const Charge& charge : state.charges) {
    if (charge.uid != 0 && charge.pod_class == id + 1) {
      count_on_node(pod_class, charge.node, 1);
    }
  }
}

void relate(Cluster& cluster, std::uint32_t from, std::uint32_t to) {
  SchedulerState& state = cluster.scheduler;
  if (refuses(cluster, state.classes[from], state.classes[to])) {
    state.classes[from].refused.push_back(to);
    state.classes[to].refusing.push_back(from);
    track(state, from);
    track(state, to);
  }
}

/// The class of a pod, as in Charge.
std::uint32_t class_of(Cluster& cluster, const Pod& pod) {
  SchedulerState& state = cluster.scheduler;
  if (!state.anti_affinity) {
    return 0;
  }
  const bool of_job = pod.suffix != 0;
  for (std::size_t i = state.classes.size(); i-- > 0;) {
    const PodClass& known = state.classes[i];
    if (known.pod_template == pod.pod_template && known.owner == pod.owner.uid &&
        known.label_set == pod.label_set && known.name_space == pod.meta.name_space &&
        known.base_name == pod.base_name && known.revision == pod.revision && known.of_job == of_job) {
      return static_cast<std::uint32_t>(i) + 1;
    }
  }
  PodClass added;
  added.name_space = pod.meta.name_space;
  added.pod_template = pod.pod_template;
  added.label_set = pod.label_set;
  added.owner = pod.owner.uid;
  added.base_name = pod.base_name;
  added.revision = pod.revision;
  added.of_job = of_job;
  state.classes.push_back(std::move(added));
  const auto id = static_cast<std::uint32_t>(state.classes.size() - 1);
  for (std::uint32_t other = 0; other < id; ++other) {
    relate(cluster, id, other);
    relate(cluster, other, id);
  }
  relate(cluster, id, id);
  return id + 1;
}

/// The first pod with a term has come: from now on pods are counted by class.
void begin_anti_affinity(Cluster& cluster) {
  SchedulerState& state = cluster.scheduler;
  state.anti_affinity = true;
  state.rankings.clear();
  for (Row row = 0; row < state.charges.size(); ++row) {
    if (state.charges[row].uid != 0) {
      const std::uint32_t id = class_of(cluster, cluster.pods[row]);
      state.charges[row].pod_class = id;
      if (!state.classes[id - 1].on_node.empty()) {
        count_on_node(state.classes[id - 1], state.charges[row].node, 1);
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// Counting pods on nodes

/// The position of a node among those known; `nodes.size()` if it is not.
std::uint32_t position_of(const SchedulerState& state, Row node) {
  if (node < state.nodes.size() && state.nodes[node].row == node) {
    return node;
  }
  const auto found = std::lower_bound(state.nodes.begin(), state.nodes.end(), node,
                                      [](const SchedulableNode& known, Row row) { return known.row < row; });
  return static_cast<std::uint32_t>(
      (found != state.nodes.end() && found->row == node ? found : state.nodes.end()) - state.nodes.begin());
}

void count(Cluster& cluster, const Charge& charge, TemplateId pod_template, int by) {
  SchedulerState& state = cluster.scheduler;
  if (charge.node >= state.usage.size()) {
    state.usage.resize(charge.node + std::size_t{1});
  }
  const PodRequests& requests = requests_of(cluster, pod_template);
  NodeUsage& usage = state.usage[charge.node];
  usage.cpu_millicores += by * requests.cpu_millicores;
  usage.memory_bytes += by * requests.memory_bytes;
  usage.scored_cpu_millicores += by * requests.scored_cpu_millicores;
  usage.scored_memory_bytes += by * requests.scored_memory_bytes;
  usage.pods += by;
  if (charge.pod_class != 0 && !state.classes[charge.pod_class - 1].on_node.empty()) {
    count_on_node(state.classes[charge.pod_class - 1], charge.node, by);
  }
  const std::uint32_t position = position_of(state, charge.node);
  if (position < state.nodes.size()) {
    for (NodeRanking& ranking : state.rankings) {
      refresh(state, ranking, position);
    }
  }
}

void charge_pod(Cluster& cluster, Row row, const Pod& pod, Row node) {
  SchedulerState& state = cluster.scheduler;
  if (row >= state.charges.size()) {
    state.charges.resize(row + std::size_t{1});
  }
  if (state.charges[row].uid == pod.meta.uid) {
    return;
  }
  const Charge charge{pod.meta.uid, node, class_of(cluster, pod)};
  state.charges[row] = charge;
  count(cluster, charge, pod.pod_template, 1);
}

void schedule_run(Turn& turn, sim::Duration after, sim::TransitionId cause) {
  SchedulerState& state = turn.cluster.scheduler;
  if (!state.run_scheduled) {
    state.run_scheduled = true;
    turn.agenda.schedule(turn.now() + after, static_cast<std::uint32_t>(Event::SchedulerRun), 0, 0, cause);
  }
}

/// Something changed that may help the pods that wait for a change.
void note_change(Turn& turn, std::uint8_t change, sim::TransitionId cause) {
  SchedulerState& state = turn.cluster.scheduler;
  if (state.parked.empty()) {
    return;
  }
  if (state.changes == 0) {
    state.change_cause = cause;
  }
  state.changes |= change;
  schedule_run(turn, sim::Duration::zero(), cause);
}

/// The pod has ended or is gone: what it took is free again.
void release_pod(Turn& turn, Row row, Uid uid, TemplateId pod_template, sim::TransitionId cause) {
  SchedulerState& state = turn.cluster.scheduler;
  if (row >= state.charges.size() || state.charges[row].uid != uid) {
    return;
  }
  const Charge charge = state.charges[row];
  state.charges[row] = {};
  count(turn.cluster, charge, pod_template, -1);
  note_change(turn, kPodGone, cause);
}

// ---------------------------------------------------------------------------------------------------------
// The queue

sim::Duration latency(Turn& turn, const Pod& pod) {
  const timing::Distribution& distribution = turn.cluster.settings->profile.at(timing::Key::pod_schedule);
  if (distribution.is_fixed()) {
    return distribution.nominal();
  }
  return turn.context.choices.duration(
      {entity_of(turn.cluster, pod), static_cast<std::uint32_t>(Purpose::SchedulerLatency),
       occurrence_of(pod)},
      distribution);
}

void park(SchedulerState& state, QueuedPod pod, sim::Time now, bool unschedulable, std::uint8_t rejected_by) {
  ++pod.attempts;
  pod.backoff_until = now + backoff_after(pod.attempts);
  pod.unschedulable = unschedulable;
  pod.rejected_by = rejected_by;
  state.parked.push_back(pod);
}

/// Moves the pods to the active queue that may be tried again, in the order in which they were parked, and
/// sees to those whose back-off is not over.
void unpark(Turn& turn) {
  SchedulerState& state = turn.cluster.scheduler;
  std::size_t kept = 0;
  sim::Time next = sim::kNever;
  for (std::size_t i = 0; i < state.parked.size(); ++i) {
    QueuedPod pod = state.parked[i];
    if (pod.unschedulable && helps(state.changes, pod.rejected_by)) {
      pod.unschedulable = false;
      pod.cause = state.change_cause;
    }
    if (!pod.unschedulable && pod.backoff_until <= turn.now()) {
      state.active.push_back(pod);
      continue;
    }
    if (!pod.unschedulable) {
      next = std::min(next, pod.backoff_until);
    }
    state.parked[kept++] = pod;
  }
  state.parked.resize(kept);
  state.changes = 0;
  if (next < state.flush_at) {
    state.flush_at = next;
    turn.agenda.schedule(next, static_cast<std::uint32_t>(Event::SchedulerFlush), 0, 0, sim::kNoTransition);
  }
}

/// Tries to find a node for one pod. Source: schedule_one.go.
void schedule_one(Turn& turn, const QueuedPod& queued) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  const Row row = queued.row;
  if (!cluster.pods.exists(row) || cluster.pods[row].meta.uid != queued.uid ||
      cluster.pods[row].node != kNoRow || cluster.pods[row].meta.deleting() || cluster.pods[row].terminal()) {
    return;  // schedule_one.go skipPodSchedule
  }
  const By by{Writer::Scheduler, queued.cause};
  const TemplateId pod_template = cluster.pods[row].pod_template;
  requests_of(cluster, pod_template);
  const std::uint32_t pod_class = class_of(cluster, cluster.pods[row]);
  const auto nodes = static_cast<std::uint32_t>(state.nodes.size());
  const NodeRanking& ranking = ranking_for(cluster, pod_template, pod_class);
  const SearchWindow window = search(ranking, nodes, state.next_start, nodes_to_find(nodes));
  if (window.best_count == 0) {
    std::uint8_t rejected_by = 0;
    const std::string message = explain(cluster, *cluster.templates[pod_template],
                                        state.requests[pod_template], pod_class, rejected_by);
    const Text interned = cluster.strings.intern(message);
    park(state, queued, turn.now(), true, rejected_by);
    update<Pod>(turn, row, by, Verb::UpdateStatus, [&](Pod& pod) {
      pod.unschedulable = true;
      pod.unschedulable_message = interned;
    });
    return;
  }
  const std::uint64_t entity = window.best_count > 1 ? entity_of(cluster, cluster.pods[row]) : 0;
  const std::uint32_t which =
      turn.context.choices.pick({entity, static_cast<std::uint32_t>(Purpose::SchedulerTie),
                                 occurrence_of(cluster.pods[row], queued.attempts)},
                                static_cast<std::uint32_t>(window.best_count));
  const Row node = state.nodes[best_in(ranking, nodes, window, static_cast<std::int32_t>(which))].row;
  state.next_start = (state.next_start + window.length) % nodes;
  if (requests_take_time(cluster)) {
    charge_pod(cluster, row, cluster.pods[row], node);
    state.bindings.push_back({queued, node});
    const sim::Duration takes = request_latency(turn, subject_of(cluster.pods[row]), Purpose::RequestBind,
                                                occurrence_of(cluster.pods[row], queued.attempts));
    turn.agenda.schedule(turn.now() + takes, static_cast<std::uint32_t>(Event::SchedulerRun), row + 1,
                         queued.uid, queued.cause);
  } else if (bind_pod(turn, row, node, by).ok()) {
    charge_pod(cluster, row, cluster.pods[row], node);
  } else {
    park(state, queued, turn.now(), false, 0);  // schedule_one.go handleBindingCycleError
    unpark(turn);
  }
}

/// The answer to a binding that was asked for.
void bind_asked(Turn& turn, Row row, Uid uid) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  const auto found = std::find_if(
      state.bindings.begin(), state.bindings.end(),
      [&](const PendingBinding& binding) { return binding.pod.row == row && binding.pod.uid == uid; });
  if (found == state.bindings.end()) {
    return;
  }
  const PendingBinding binding = *found;
  state.bindings.erase(found);
  const bool there = cluster.pods.exists(row) && cluster.pods[row].meta.uid == uid;
  if (there && bind_pod(turn, row, binding.node, {Writer::Scheduler, binding.pod.cause}).ok()) {
    return;
  }
  if (there) {
    release_pod(turn, row, uid, cluster.pods[row].pod_template, binding.pod.cause);
    park(state, binding.pod, turn.now(), false, 0);  // schedule_one.go handleBindingCycleError
    unpark(turn);
  }
}

void run(Turn& turn) {
  SchedulerState& state = turn.cluster.scheduler;
  state.run_scheduled = false;
  if (!state.parked.empty()) {
    unpark(turn);
  }
  while (state.head < state.active.size()) {
    const QueuedPod pod = state.active[state.head++];
    schedule_one(turn, pod);
  }
  state.active.clear();
  state.head = 0;
}

// ---------------------------------------------------------------------------------------------------------
// What the scheduler watches

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  const Row row = event.row;
  if (event.type == WatchType::Deleted) {
    const Pod& gone = cluster.pods[row];
    release_pod(turn, row, gone.meta.uid, gone.pod_template, event.cause);
    if (gone.node == kNoRow) {
      std::erase_if(state.parked,
                    [&](const QueuedPod& pod) { return pod.row == row && pod.uid == gone.meta.uid; });
    }
    return;
  }
  const Pod* pod = cluster.pods.as_of(row, event.version);
  if (pod == nullptr) {
    return;
  }
  if (!state.anti_affinity && !cluster.template_of(*pod).anti_affinity_by_host.empty()) {
    begin_anti_affinity(cluster);
  }
  if (pod->terminal()) {
    release_pod(turn, row, pod->meta.uid, pod->pod_template, event.cause);
  } else if (pod->node != kNoRow) {
    charge_pod(cluster, row, *pod, pod->node);
  } else if (event.type == WatchType::Added && !pod->meta.deleting()) {
    QueuedPod queued;
    queued.row = row;
    queued.uid = pod->meta.uid;
    queued.cause = event.cause;
    state.active.push_back(queued);
    schedule_run(turn, latency(turn, *pod), event.cause);
  }
}

void observe_node(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  const std::uint32_t position = position_of(state, event.row);
  const Node* node =
      event.type == WatchType::Deleted ? nullptr : cluster.nodes.as_of(event.row, event.version);
  if (node == nullptr) {
    if (position < state.nodes.size()) {
      state.nodes.erase(state.nodes.begin() + position);
      state.next_start = 0;
      state.rankings.clear();
    }
    return;
  }
  const NodeShape& shape = cluster.shape_of(*node);
  const SchedulableNode known{event.row,          node->shape, node->taint_set,    shape.cpu_millicores,
                              shape.memory_bytes, shape.pods,  node->unschedulable};
  if (position == state.nodes.size()) {
    const auto place =
        std::lower_bound(state.nodes.begin(), state.nodes.end(), event.row,
                         [](const SchedulableNode& other, Row row) { return other.row < row; });
    state.nodes.insert(place, known);
  } else if (const SchedulableNode& before = state.nodes[position];
             before.shape != known.shape || before.taint_set != known.taint_set ||
             before.unschedulable != known.unschedulable) {
    state.nodes[position] = known;
  } else {
    return;  // readiness alone means nothing to the scheduler; the taints that follow from it do
  }
  state.rankings.clear();
  note_change(turn, kNodeChanged, event.cause);
}

}  // namespace

sim::Duration backoff_after(std::uint32_t attempts) {
  constexpr std::uint32_t kMaxSeconds = 10;
  const std::uint32_t shift = std::min(attempts == 0 ? 0 : attempts - 1, 4U);
  return std::chrono::seconds{std::min(1U << shift, kMaxSeconds)};
}

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  } else if (event.kind == Kind::Node) {
    observe_node(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  switch (static_cast<Event>(event.kind)) {
    case Event::SchedulerRun:
      if (event.subject != 0) {
        bind_asked(turn, event.subject - 1, event.argument);
      } else {
        run(turn);
      }
      return true;
    case Event::SchedulerFlush:
      if (turn.cluster.scheduler.flush_at == turn.now()) {
        turn.cluster.scheduler.flush_at = sim::kNever;
        run(turn);
      }
      return true;
    default:
      return false;
  }
}

}  // namespace models::kubernetes::scheduler

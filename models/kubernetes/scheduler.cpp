#include "models/kubernetes/scheduler.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/node_ranking.h"
#include "models/kubernetes/preemption.h"
#include "models/kubernetes/purposes.h"
#include "models/kubernetes/requests.h"
#include "models/kubernetes/scheduler_counts.h"
#include "models/kubernetes/scheduler_filters.h"
#include "models/kubernetes/scheduler_queue.h"
#include "models/kubernetes/scheduler_scores.h"
#include "models/kubernetes/scheduler_spread_search.h"

namespace models::kubernetes::scheduler {

namespace {

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

// ---------------------------------------------------------------------------------------------------------
// Choosing a node

/// Of equally good nodes, those with the most pods of the same class: what hurts most when one fails.
void keep_most_siblings(const Search& search, std::vector<std::uint32_t>& positions) {
  const SchedulerState& state = search.cluster->scheduler;
  const NodeCounts& siblings = state.classes[search.pod_class].on_node;
  const auto count = [&](std::uint32_t position) {
    return count_at(siblings, state.nodes[position].row).all;
  };
  std::int32_t most = 0;
  for (const std::uint32_t position : positions) {
    most = std::max(most, count(position));
  }
  std::erase_if(positions, [&](std::uint32_t position) { return count(position) != most; });
}

/// One of `count` equally good nodes. Source: schedule_one.go selectHost draws among them.
std::uint32_t pick_among(Turn& turn, const Search& search, std::uint32_t attempts, std::uint32_t count) {
  const Pod& pod = turn.cluster.pods[search.pod];
  const std::uint64_t entity = count > 1 ? entity_of(turn.cluster, pod) : 0;
  return turn.context.choices.pick(
      {entity, static_cast<std::uint32_t>(Purpose::SchedulerTie), occurrence_of(pod, attempts)}, count);
}

/// What each node scores by itself; a ranking knows it already.
std::vector<std::int32_t> scores_by_node(const Search& search, const NodeRanking* ranking,
                                         const std::vector<std::uint32_t>& positions) {
  const Cluster& cluster = *search.cluster;
  const SchedulerState& state = cluster.scheduler;
  std::vector<std::int32_t> scores;
  scores.reserve(positions.size());
  for (const std::uint32_t position : positions) {
    if (ranking != nullptr) {
      scores.push_back(ranked(*ranking, position).best);
      continue;
    }
    const SchedulableNode& node = state.nodes[position];
    const NodeUsage usage = node.row < state.usage.size() ? state.usage[node.row] : NodeUsage{};
    scores.push_back(score(cluster.features(), node, usage, search.requests));
  }
  return scores;
}

/// The position of the best of the feasible nodes. Source: schedule_one.go prioritizeNodes, selectHost.
std::uint32_t choose_among(Turn& turn, const Search& search, const NodeRanking* ranking,
                           std::uint32_t attempts, const std::vector<std::uint32_t>& feasible) {
  const Cluster& cluster = turn.cluster;
  std::vector<std::uint32_t> best;
  if (feasible.size() == 1) {
    best = feasible;
  } else {
    const std::vector<std::int64_t> scores =
        total_scores(search, feasible, scores_by_node(search, ranking, feasible), ranking);
    const std::int64_t highest = *std::max_element(scores.begin(), scores.end());
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (scores[i] == highest) {
        best.push_back(feasible[i]);
      }
    }
    if (cluster.settings->adverse_ties) {
      keep_most_siblings(search, best);
    }
  }
  return best[pick_among(turn, search, attempts, static_cast<std::uint32_t>(best.size()))];
}

/// A pod with a nominated node goes there if it can. Source: schedule_one.go evaluateNominatedNode.
std::optional<std::uint32_t> nominated_position(const Search& search) {
  const SchedulerState& state = search.cluster->scheduler;
  const Row nominated = search.cluster->pods[search.pod].nominated_node;
  const std::uint32_t position =
      nominated == kNoRow ? static_cast<std::uint32_t>(state.nodes.size()) : position_of(state, nominated);
  return position < state.nodes.size() && look_at(search, state.nodes[position]).passes()
             ? std::optional{position}
             : std::nullopt;
}

/// Looks at the nodes that PreFilter has left, in turn.
std::vector<std::uint32_t> feasible_candidates(Search& search) {
  SchedulerState& state = search.cluster->scheduler;
  const auto count = static_cast<std::uint32_t>(search.candidates.size());
  const std::uint32_t wanted = nodes_to_find(count);
  std::vector<std::uint32_t> feasible;
  std::uint32_t looked_at = 0;
  for (; looked_at < count; ++looked_at) {
    const std::uint32_t position =
        position_of(state, search.candidates[(state.next_start + looked_at) % count]);
    if (look_at(search, state.nodes[position]).passes()) {
      if (feasible.size() == wanted) {
        break;
      }
      feasible.push_back(position);
    }
  }
  state.next_start = (state.next_start + looked_at) %
                     std::max<std::uint32_t>(static_cast<std::uint32_t>(state.nodes.size()), 1);
  return feasible;
}

/// Looks at the nodes that the ranking thinks feasible, in turn; the search stops where it meets one more
/// than it wants. Source: schedule_one.go findNodesThatPassFilters.
std::vector<std::uint32_t> feasible_nodes(Search& search, const NodeRanking& ranking) {
  SchedulerState& state = search.cluster->scheduler;
  const auto count = static_cast<std::uint32_t>(state.nodes.size());
  const std::uint32_t wanted = nodes_to_find(count);
  const std::uint32_t start = state.next_start;
  std::vector<std::uint32_t> feasible;
  for (const auto& [from, end] : {std::pair{start, count}, std::pair{std::uint32_t{0}, start}}) {
    for (std::uint32_t position = next_feasible(ranking, from, end); position < end;
         position = next_feasible(ranking, position + 1, end)) {
      if (!search.by_node_only && !passes_beyond(search, state.nodes[position])) {
        continue;
      }
      if (feasible.size() == wanted) {
        state.next_start = position;
        return feasible;
      }
      feasible.push_back(position);
    }
  }
  return feasible;
}

/// The position of the best node by what is known of all: of the ranking alone, or of topology spread too.
std::optional<std::uint32_t> find_in_window(Turn& turn, const Search& search, const NodeRanking& ranking,
                                            std::uint32_t attempts, bool by_ranking_alone) {
  SchedulerState& state = turn.cluster.scheduler;
  const auto nodes = static_cast<std::uint32_t>(state.nodes.size());
  const SearchWindow window = scheduler::search(ranking, nodes, state.next_start, nodes_to_find(nodes));
  if (window.best_count == 0) {
    return std::nullopt;
  }
  state.next_start = (state.next_start + window.length) % nodes;
  if (by_ranking_alone) {
    const std::uint32_t which =
        pick_among(turn, search, attempts, static_cast<std::uint32_t>(window.best_count));
    return best_in(ranking, nodes, window, static_cast<std::int32_t>(which));
  }
  const SpreadSearch spread(search, ranking, window);
  return spread.best(pick_among(turn, search, attempts, spread.best_count()));
}

/// The position of the node for the pod; nullopt if none can take it.
std::optional<std::uint32_t> find_node(Turn& turn, Search& search, std::uint32_t attempts) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  if (!search.rejection.empty()) {
    return std::nullopt;
  }
  if (const std::optional<std::uint32_t> nominated = nominated_position(search)) {
    return nominated;
  }
  std::vector<std::uint32_t> feasible;
  const NodeRanking* ranking_used = nullptr;
  if (search.narrowed) {
    feasible = feasible_candidates(search);
  } else {
    const NodeRanking& ranking = ranking_for(cluster, search.demand, search.pod_class);
    ranking_used = &ranking;
    if (search.by_node_only && !cluster.settings->adverse_ties && only_spread_looks_beyond(search, ranking)) {
      const bool even = spread_is_even(state, state.classes[search.pod_class]);
      if (even || SpreadSearch::serves(search)) {
        return find_in_window(turn, search, ranking, attempts, even);
      }
    }
    feasible = feasible_nodes(search, ranking);
  }
  return feasible.empty() ? std::nullopt
                          : std::optional{choose_among(turn, search, ranking_used, attempts, feasible)};
}

// ---------------------------------------------------------------------------------------------------------
// When no node can take the pod

/// What the filters say of every node.
std::vector<Verdict> verdicts_of(const Search& search) {
  const SchedulerState& state = search.cluster->scheduler;
  std::vector<Verdict> verdicts(state.nodes.size());
  if (!search.rejection.empty()) {
    std::fill(verdicts.begin(), verdicts.end(), Verdict{search.rejected_by, 0, true});
  } else if (search.narrowed) {
    for (const Row row : search.candidates) {
      const std::uint32_t position = position_of(state, row);
      verdicts[position] = look_at(search, state.nodes[position]);
    }
  } else {
    for (std::size_t position = 0; position < verdicts.size(); ++position) {
      verdicts[position] = look_at(search, state.nodes[position]);
    }
  }
  return verdicts;
}

/// The reasons, as in the message. Source: framework/types.go FitError.Error.
std::string reasons_of(const Search& search, const std::vector<Verdict>& verdicts,
                       std::uint16_t& rejected_by) {
  const Cluster& cluster = *search.cluster;
  const SchedulerState& state = cluster.scheduler;
  if (!search.rejection.empty()) {
    rejected_by = bit(search.rejected_by);
    return search.rejection;
  }
  Reasons reasons;
  int unseen = 0;
  for (std::size_t position = 0; position < verdicts.size(); ++position) {
    if (verdicts[position].passes()) {
      ++unseen;
      continue;
    }
    rejected_by = static_cast<std::uint16_t>(rejected_by | bit(verdicts[position].filter));
    add_reasons(search, state.nodes[position], verdicts[position], reasons);
  }
  if (search.narrowed) {
    // The plugin that narrowed the nodes counts as one that rejected them (RunPreFilterPlugins).
    rejected_by = static_cast<std::uint16_t>(rejected_by | bit(search.narrowed_by));
    // Nodes that PreFilter left out have a reason of their own in 1.32 (schedule_one.go findNodesThatFitPod)
    // and none in 1.28; the release of the change is assumed.
    if (unseen > 0 && cluster.features().since(30)) {
      reasons.add(search.narrowed_by == Filter::VolumeBinding
                      ? "node(s) didn't satisfy plugin(s) [VolumeBinding]"
                      : "node(s) didn't satisfy plugin(s) [NodeAffinity]",
                  unseen);
    }
  }
  return reasons.text();
}

struct Failure {
  std::string message;
  std::uint16_t rejected_by = 0;
  std::optional<Victims> victims;
  bool keeps_nomination = false;
};

Failure explain(Turn& turn, const Search& search, std::uint32_t attempts) {
  const Cluster& cluster = turn.cluster;
  Failure failure;
  if (cluster.scheduler.nodes.empty()) {
    failure.message = "no nodes available to schedule pods";  // schedule_one.go ErrNoNodesAvailable
    return failure;
  }
  const std::vector<Verdict> verdicts = verdicts_of(search);
  const std::string reasons = reasons_of(search, verdicts, failure.rejected_by);
  PreemptionResult preemption = find_victims(turn, search, verdicts, attempts);
  failure.victims = std::move(preemption.victims);
  failure.keeps_nomination = preemption.keeps_nomination;
  failure.message = fmt::format("0/{} nodes are available:", cluster.scheduler.nodes.size());
  if (!reasons.empty()) {
    failure.message += fmt::format(" {}.", reasons);
  }
  if (!failure.victims) {
    // DynamicResourceAllocation, on by default from 1.34, speaks before preemption does.
    const char* claims = cluster.features().since(34) ? "no new claims to deallocate, " : "";
    // Until kubernetes pull request 117588 FitError.Error put a second dot after the words of preemption.
    // Recorded of 1.28.15 and no more of 1.32.2; in which release between it went is assumed.
    const char* dot = cluster.features().since(29) ? "" : ".";
    failure.message += fmt::format(" {}preemption: {}{}", claims, preemption.message, dot);
  }
  return failure;
}

/// Whether what is said of one pod of the class holds for all of them.
bool same_for_all(const Search& search) {
  return search.pinned_node == 0 && search.volumes.empty() && search.rejection.empty() &&
         search.cluster->pods[search.pod].nominated_node == kNoRow;
}

Failure failure_of(Turn& turn, const Search& search, std::uint32_t attempts) {
  SchedulerState& state = turn.cluster.scheduler;
  if (same_for_all(search) && state.classes[search.pod_class].failed_at == state.changes) {
    const PodClass& pod_class = state.classes[search.pod_class];
    return {turn.cluster.strings[pod_class.failure], pod_class.rejected_by, std::nullopt, false};
  }
  Failure failure = explain(turn, search, attempts);
  if (same_for_all(search) && !failure.victims && !failure.keeps_nomination) {
    PodClass& pod_class = state.classes[search.pod_class];
    pod_class.failed_at = state.changes;
    pod_class.failure = turn.cluster.strings.intern(failure.message);
    pod_class.rejected_by = failure.rejected_by;
  }
  return failure;
}

void forget_nomination(SchedulerState& state, Uid uid) {
  if (std::erase_if(state.nominations, [&](const Nomination& one) { return one.uid == uid; }) > 0) {
    ++state.changes;
  }
}

/// Source: schedule_one.go schedulingCycle, handleSchedulingFailure.
void fail(Turn& turn, const Search& search, QueuedPod queued) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  const By by{Writer::Scheduler, queued.cause};
  const Failure failure = failure_of(turn, search, queued.attempts);
  queued.rejected_by = failure.rejected_by;
  Row nominated = failure.keeps_nomination ? cluster.pods[queued.row].nominated_node : kNoRow;
  if (failure.victims) {
    nominated = failure.victims->node;
  }
  if (nominated == kNoRow || failure.victims) {
    forget_nomination(state, queued.uid);
  }
  // Before queueing hints what is seen of assigned pods during an attempt lets the pod be tried again after
  // its back-off, and the condition of its own victims is seen then. Source: scheduling_queue.go
  // AddUnschedulableIfNotPresent, moveRequestCycle; AssignedPodUpdated.
  park(turn, queued,
       failure.victims && !cluster.features().since(32) ? Parked::Backoff : Parked::Unschedulable);
  if (failure.victims) {
    preempt(turn, search, *failure.victims, by);
    state.nominations.push_back({queued.row, queued.uid, nominated, search.priority});
    ++state.changes;
  }
  const Text message = cluster.strings.intern(failure.message);
  update<Pod>(turn, queued.row, by, Verb::UpdateStatus, [&](Pod& pod) {
    pod.unschedulable = true;
    pod.unschedulable_message = message;
    pod.nominated_node = nominated;
  });
}

/// Source: schedule_one.go handleBindingCycleError.
void give_up_binding(Turn& turn, const QueuedPod& queued, std::uint32_t pod_class) {
  park(turn, queued, Parked::ErrorBackoff);
  Change change;
  change.pod_class = pod_class;
  change.cause = queued.cause;
  notice(turn, change);  // the assumed pod is forgotten: room for others
}

/// Binds the pod. Source: schedule_one.go bindingCycle.
void bind(Turn& turn, const Search& search, const QueuedPod& queued, Row node) {
  Cluster& cluster = turn.cluster;
  const By by{Writer::Scheduler, queued.cause};
  forget_nomination(cluster.scheduler, queued.uid);
  if (requests_take_time(cluster)) {
    const Pod& pod = cluster.pods[queued.row];
    const sim::Duration takes =
        pod_request_latency(turn, pod, Purpose::RequestBind, occurrence_of(pod, queued.attempts));
    charge(cluster, queued.row, pod, node);
    cluster.scheduler.charges[queued.row].assumed = true;
    cluster.scheduler.bindings.push_back({queued, node, search.pod_class});
    turn.agenda.schedule(turn.now() + takes, static_cast<std::uint32_t>(Event::SchedulerRun), queued.row + 1,
                         queued.uid, queued.cause);
    return;
  }
  if (bind_pod(turn, queued.row, node, by).ok()) {
    charge(cluster, queued.row, cluster.pods[queued.row], node);
    cluster.scheduler.charges[queued.row].assumed = true;
    return;
  }
  give_up_binding(turn, queued, search.pod_class);
}

/// Source: schedule_one.go ScheduleOne, skipPodSchedule. @return how long the scheduler is busy with the pod:
/// a binding goes on beside the next pod, but the condition of one that found no node is written before it.
sim::Duration schedule_one(Turn& turn, const QueuedPod& queued) {
  Cluster& cluster = turn.cluster;
  const Row row = queued.row;
  if (!cluster.pods.exists(row) || cluster.pods[row].meta.uid != queued.uid ||
      cluster.pods[row].node != kNoRow || cluster.pods[row].meta.deleting() || cluster.pods[row].terminal()) {
    return sim::Duration::zero();
  }
  Search search = begin_search(cluster, row);
  if (const std::optional<std::uint32_t> position = find_node(turn, search, queued.attempts)) {
    bind(turn, search, queued, cluster.scheduler.nodes[*position].row);
    return sim::Duration::zero();
  }
  const Pod& pod = cluster.pods[row];
  const sim::Duration busy =
      request_latency(turn, subject_of(pod), Purpose::RequestStatus, occurrence_of(pod, queued.attempts));
  fail(turn, search, queued);
  return busy;
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
    release(cluster, row, uid);
    give_up_binding(turn, binding.pod, binding.pod_class);
  }
}

void run(Turn& turn) {
  SchedulerState& state = turn.cluster.scheduler;
  state.run_scheduled = false;
  unpark(turn);
  for (QueuedPod pod = next_pod(turn); pod.uid != 0; pod = next_pod(turn)) {
    const sim::Duration busy = schedule_one(turn, pod);
    if (busy > sim::Duration::zero()) {
      state.run_scheduled = true;
      turn.agenda.schedule(turn.now() + busy, static_cast<std::uint32_t>(Event::SchedulerRun), 0, 0,
                           pod.cause);
      return;
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// What the scheduler watches

void notice_pod(Turn& turn, Happened what, std::uint32_t pod_class, const WatchEvent& event,
                std::uint32_t class_before = 0) {
  Change change;
  change.what = what;
  change.pod_class = pod_class;
  change.class_before = class_before;
  change.cause = event.cause;
  notice(turn, change);
}

/// The pod has ended or is gone: what it took is free again.
void see_pod_go(Turn& turn, Row row, Uid uid, const WatchEvent& event) {
  SchedulerState& state = turn.cluster.scheduler;
  if (const Charge* charge = charge_of(state, row, uid)) {
    const std::uint32_t pod_class = charge->pod_class;
    release(turn.cluster, row, uid);
    notice_pod(turn, Happened::PodGone, pod_class, event);
  } else {
    std::erase_if(state.parked, [&](const QueuedPod& pod) { return pod.row == row && pod.uid == uid; });
    forget_nomination(state, uid);
  }
}

/// The pod is on a node.
void see_pod_there(Turn& turn, Row row, const Pod& pod, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  const bool is_new = charge(cluster, row, pod, pod.node);
  const bool first_seen = is_new || state.charges[row].assumed;
  state.charges[row].assumed = false;
  if (pod.meta.deleting()) {
    note_ending(cluster, row);
  }
  const std::uint32_t before = state.charges[row].pod_class;
  const std::uint32_t pod_class = is_of(state, before, pod) ? before : class_of(cluster, pod);
  if (pod_class != before) {
    release(cluster, row, pod.meta.uid);
    charge(cluster, row, pod, pod.node);
    notice_pod(turn, Happened::PodRelabelled, pod_class, event, before);
  } else if (first_seen) {
    notice_pod(turn, Happened::PodAssigned, pod_class, event);
  }
}

void see_pod_waiting(Turn& turn, Row row, const Pod& pod, const WatchEvent& event) {
  SchedulerState& state = turn.cluster.scheduler;
  QueuedPod queued;
  queued.row = row;
  queued.uid = pod.meta.uid;
  queued.cause = event.cause;
  queued.since = turn.now();
  queued.priority = priority_of(turn.cluster, pod);
  if (pod.nominated_node != kNoRow) {
    state.nominations.push_back({row, pod.meta.uid, pod.nominated_node, queued.priority});
    ++state.changes;
  }
  enqueue(turn, queued, latency(turn, pod));
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  const Row row = event.row;
  if (event.type == WatchType::Deleted) {
    see_pod_go(turn, row, cluster.pods[row].meta.uid, event);
    return;
  }
  const Pod* seen = cluster.pods.as_of(row, event.version);
  if (seen == nullptr) {
    return;
  }
  const Pod& pod = *seen;  // nothing that follows writes
  if (pod.terminal()) {
    see_pod_go(turn, row, pod.meta.uid, event);
  } else if (pod.node != kNoRow) {
    see_pod_there(turn, row, pod, event);
  } else if (event.type == WatchType::Added && !pod.meta.deleting()) {
    see_pod_waiting(turn, row, pod, event);
  }
}

void see_node_go(Turn& turn, std::uint32_t position, const WatchEvent& event) {
  SchedulerState& state = turn.cluster.scheduler;
  if (position >= state.nodes.size()) {
    return;
  }
  Change change;
  change.what = Happened::NodeGone;
  change.before = state.nodes[position];
  change.cause = event.cause;
  state.nodes.erase(state.nodes.begin() + position);
  state.next_start = 0;
  state.rankings.clear();
  ++state.nodes_version;
  ++state.changes;
  notice(turn, change);
}

/// A Node that comes under the name of one that is gone holds the pods that are bound to that name. Those
/// that are counted there already are counted here from now on. Source: backend/cache/cache.go: NodeInfos are
/// kept by name; removeNode leaves the one that still has pods, AddNode finds it, AddPod makes one for a node
/// that is not there.
void take_over_pods(Cluster& cluster, Row node) {
  SchedulerState& state = cluster.scheduler;
  for (Row row = cluster.nodes[node].pods_head; row != kNoRow; row = cluster.pods[row].node_next) {
    const Pod& pod = cluster.pods[row];
    const Charge* charged = charge_of(state, row, pod.meta.uid);
    if (charged == nullptr || charged->node == node) {
      continue;
    }
    const Charge before = *charged;
    release(cluster, row, pod.meta.uid);
    charge(cluster, row, pod, node);
    state.charges[row].assumed = before.assumed;
    if (before.ending) {
      note_ending(cluster, row);
    }
  }
}

/// No label of a node is about to change with the next version of the nodes.
void keep_topologies(SchedulerState& state) {
  for (Topology& topology : state.topologies) {
    if (topology.as_of == state.nodes_version) {
      ++topology.as_of;
    }
  }
}

void observe_node(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  const std::uint32_t position = position_of(state, event.row);
  const Node* node =
      event.type == WatchType::Deleted ? nullptr : cluster.nodes.as_of(event.row, event.version);
  if (node == nullptr) {
    see_node_go(turn, position, event);
    return;
  }
  const NodeShape& shape = cluster.shape_of(*node);
  Change change;
  change.after = {event.row,          node->shape, node->taint_set,    shape.cpu_millicores,
                  shape.memory_bytes, shape.pods,  node->unschedulable};
  change.cause = event.cause;
  const SchedulableNode& after = change.after;
  if (position == state.nodes.size()) {
    change.what = Happened::NodeAdded;
    const auto place =
        std::lower_bound(state.nodes.begin(), state.nodes.end(), event.row,
                         [](const SchedulableNode& other, Row row) { return other.row < row; });
    state.nodes.insert(place, after);
    state.rankings.clear();
    take_over_pods(cluster, event.row);
  } else {
    change.what = Happened::NodeChanged;
    change.before = state.nodes[position];
    if (change.before.shape == after.shape && change.before.taint_set == after.taint_set &&
        change.before.unschedulable == after.unschedulable) {
      return;  // readiness alone means nothing to the scheduler; the taints that follow from it do
    }
    state.nodes[position] = after;
    for (NodeRanking& ranking : state.rankings) {
      refresh_node(cluster, ranking, position);
    }
    if (change.before.shape == after.shape) {
      keep_topologies(state);
    }
  }
  ++state.nodes_version;
  ++state.changes;
  notice(turn, change);
}

void observe_claim(Turn& turn, const WatchEvent& event) {
  if (event.type == WatchType::Deleted || turn.cluster.scheduler.parked.empty()) {
    return;
  }
  Change change;
  change.what = Happened::ClaimChanged;
  change.claim = event.row;
  change.cause = event.cause;
  notice(turn, change);
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
  } else if (event.kind == Kind::PersistentVolumeClaim) {
    observe_claim(turn, event);
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
        if (!requests_take_time(turn.cluster) || !turn.cluster.scheduler.run_scheduled) {
          run(turn);  // else it is busy, and looks at what waits when it is through
        }
      }
      return true;
    default:
      return false;
  }
}

}  // namespace models::kubernetes::scheduler

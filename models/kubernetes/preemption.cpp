#include "models/kubernetes/preemption.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/purposes.h"
#include "models/kubernetes/scheduler_counts.h"
#include "models/kubernetes/workload_pods.h"

namespace models::kubernetes::scheduler {

namespace {

/// When a pod began, or now if it has not. The scheduler reads what the API serves, which is whole seconds.
/// Source: pkg/scheduler/util/utils.go GetPodStartTime; apimachinery pkg/apis/meta/v1/time.go MarshalJSON.
sim::Time start_of(const Pod& pod, sim::Time now) {
  return pod.started_at == sim::Time{} ? now : workloads::whole_seconds(pod.started_at);
}

/// Source: pkg/scheduler/util/utils.go MoreImportantPod; equal ones in the order of their creation.
bool more_important(const Cluster& cluster, sim::Time now, Row a, Row b) {
  const Pod& left = cluster.pods[a];
  const Pod& right = cluster.pods[b];
  return std::make_tuple(-std::int64_t{priority_of(cluster, left)}, start_of(left, now), left.meta.uid) <
         std::make_tuple(-std::int64_t{priority_of(cluster, right)}, start_of(right, now), right.meta.uid);
}

/// Whether the scheduler counts any pod of a lower priority, wherever it is.
bool any_lower_pod(const Search& search) {
  const std::vector<PodClass>& classes = search.cluster->scheduler.classes;
  return std::any_of(classes.begin(), classes.end(), [&](const PodClass& pod_class) {
    return pod_class.priority < search.priority && !pod_class.on_node.empty();
  });
}

/// The pods that the scheduler counts on a node and that have a lower priority.
std::vector<Row> lower_pods(const Search& search, Row node) {
  const Cluster& cluster = *search.cluster;
  std::vector<Row> rows;
  for (Row row = cluster.nodes[node].pods_head; row != kNoRow; row = cluster.pods[row].node_next) {
    const Pod& pod = cluster.pods[row];
    const Charge* charge = charge_of(cluster.scheduler, row, pod.meta.uid);
    if (charge != nullptr && charge->node == node &&
        cluster.scheduler.classes[charge->pod_class].priority < search.priority) {
      rows.push_back(row);
    }
  }
  return rows;
}

/// Which of the pods would violate a budget, in order. Source: default_preemption.go
/// filterPodsWithPDBViolation.
std::vector<bool> violations_of(const Cluster& cluster, const std::vector<Row>& pods) {
  std::vector<std::int32_t> allowed(cluster.budgets.extent());
  for (Row row = 0; row < cluster.budgets.extent(); ++row) {
    allowed[row] = cluster.budgets.exists(row) ? cluster.budgets[row].status.disruptions_allowed : 0;
  }
  std::vector<bool> violating;
  for (const Row row : pods) {
    const Pod& pod = cluster.pods[row];
    const LabelMap labels = cluster.labels_of(pod);
    bool violates = false;
    for (Row budget_row = 0; budget_row < cluster.budgets.extent() && !labels.empty(); ++budget_row) {
      if (!cluster.budgets.exists(budget_row)) {
        continue;
      }
      const PodDisruptionBudget& budget = cluster.budgets[budget_row];
      if (budget.meta.name_space != pod.meta.name_space || budget.spec.selector == nullptr ||
          budget.spec.selector->empty() || !matches(*budget.spec.selector, labels)) {
        continue;
      }
      const std::string name = cluster.name_of(pod);
      const auto& disrupted = budget.status.disrupted_pods;
      if (std::any_of(disrupted.begin(), disrupted.end(),
                      [&](const DisruptedPod& one) { return cluster.strings[one.pod] == name; })) {
        continue;
      }
      violates = --allowed[budget_row] < 0 || violates;
    }
    violating.push_back(violates);
  }
  return violating;
}

/// What the search for victims on a node came to: victims, or the verdict that stays without them.
struct DryRun {
  Victims victims;
  bool nobody = false;  ///< there is no pod of a lower priority
  Verdict verdict;
};

/// Source: default_preemption.go SelectVictimsOnNode.
DryRun select_victims(Turn& turn, const Search& search, const SchedulableNode& node, bool any_lower) {
  Cluster& cluster = *search.cluster;
  DryRun run;
  run.victims.node = node.row;
  std::vector<Row> pods = any_lower ? lower_pods(search, node.row) : std::vector<Row>{};
  if (pods.empty()) {
    run.nobody = true;
    return run;
  }
  Supposed supposed;
  for (const Row row : pods) {
    suppose(cluster, supposed, cluster.pods[row], node.row, -1);
  }
  run.verdict = look_at(search, node, &supposed);
  if (!run.verdict.passes()) {
    return run;
  }
  const auto by_importance = [&](Row a, Row b) { return more_important(cluster, turn.now(), a, b); };
  std::sort(pods.begin(), pods.end(), by_importance);
  const std::vector<bool> violating = violations_of(cluster, pods);
  for (const bool those_under_a_budget : {true, false}) {
    for (std::size_t i = 0; i < pods.size(); ++i) {
      if (violating[i] != those_under_a_budget) {
        continue;
      }
      Supposed reprieved = supposed;
      suppose(cluster, reprieved, cluster.pods[pods[i]], node.row, 1);
      if (look_at(search, node, &reprieved).passes()) {
        supposed = std::move(reprieved);
      } else {
        run.victims.pods.push_back(pods[i]);
        run.victims.violations += those_under_a_budget ? 1 : 0;
      }
    }
  }
  std::sort(run.victims.pods.begin(), run.victims.pods.end(), by_importance);
  return run;
}

/// Keeps the candidates with the least `key`.
template <class Key>
void keep_least(std::vector<Victims>& candidates, Key&& key) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const Victims& candidate : candidates) {
    least = std::min(least, key(candidate));
  }
  std::erase_if(candidates, [&](const Victims& candidate) { return key(candidate) != least; });
}

/// Source: preemption.go pickOneNodeForPreemption. What is still equal then is a matter of the order of a Go
/// map, hence of chance.
Victims pick_one(Turn& turn, const Search& search, std::vector<Victims> candidates, std::uint32_t attempts) {
  const Cluster& cluster = *search.cluster;
  const auto priority = [&](Row row) { return std::int64_t{priority_of(cluster, cluster.pods[row])}; };
  keep_least(candidates, [](const Victims& one) { return std::int64_t{one.violations}; });
  keep_least(candidates, [&](const Victims& one) { return priority(one.pods.front()); });
  keep_least(candidates, [&](const Victims& one) {
    std::int64_t sum = 0;
    for (const Row row : one.pods) {
      sum += priority(row) + std::numeric_limits<std::int32_t>::max() + 1;
    }
    return sum;
  });
  keep_least(candidates, [](const Victims& one) { return static_cast<std::int64_t>(one.pods.size()); });
  keep_least(candidates, [&](const Victims& one) {
    // Source: pkg/scheduler/util/utils.go GetEarliestPodStartTime: among those of the highest priority.
    sim::Time earliest = sim::kNever;
    for (const Row row : one.pods) {
      if (priority(row) == priority(one.pods.front())) {
        earliest = std::min(earliest, start_of(cluster.pods[row], turn.now()));
      }
    }
    return -earliest.count();
  });
  const auto count = static_cast<std::uint32_t>(candidates.size());
  const Pod& pod = cluster.pods[search.pod];
  const std::uint32_t which =
      count == 1 ? 0
                 : turn.context.choices.pick(
                       {entity_of(cluster, pod), static_cast<std::uint32_t>(Purpose::PreemptionTie),
                        occurrence_of(pod, attempts)},
                       count);
  return std::move(candidates[which]);
}

/// How many candidates are enough. Source: default_preemption.go calculateNumCandidates, with the defaults of
/// apis/config/v1/defaults.go (MinCandidateNodesPercentage, MinCandidateNodesAbsolute).
std::uint32_t candidates_wanted(std::uint32_t nodes) {
  constexpr std::uint32_t kMinCandidateNodesPercentage = 10;
  constexpr std::uint32_t kMinCandidateNodesAbsolute = 100;
  return std::min(nodes, std::max(nodes * kMinCandidateNodesPercentage / 100, kMinCandidateNodesAbsolute));
}

/// Source: default_preemption.go PodEligibleToPreemptOthers. @return why not; empty if it may.
std::string why_not_eligible(const Search& search, const std::vector<Verdict>& verdicts) {
  const Cluster& cluster = *search.cluster;
  const SchedulerState& state = cluster.scheduler;
  if (!may_preempt(cluster, cluster.pods[search.pod])) {
    return "not eligible due to preemptionPolicy=Never.";
  }
  const Row nominated = cluster.pods[search.pod].nominated_node;
  const std::uint32_t position = nominated == kNoRow ? 0 : position_of(state, nominated);
  if (nominated == kNoRow || position >= state.nodes.size() || verdicts[position].unresolvable) {
    return {};
  }
  for (const Row row : lower_pods(search, nominated)) {
    // podTerminatingByPreemption
    if (cluster.pods[row].meta.deleting() &&
        cluster.pods[row].disruption_reason == DisruptionReason::PreemptionByScheduler) {
      return "not eligible due to a terminating pod on the nominated node.";
    }
  }
  return {};
}

}  // namespace

PreemptionResult find_victims(Turn& turn, const Search& search, const std::vector<Verdict>& verdicts,
                              std::uint32_t attempts) {
  const Cluster& cluster = *search.cluster;
  const std::vector<SchedulableNode>& nodes = cluster.scheduler.nodes;
  PreemptionResult result;
  if (std::string reason = why_not_eligible(search, verdicts); !reason.empty()) {
    result.message = std::move(reason);
    result.keeps_nomination = true;
    return result;
  }
  // Until 1.29 nodes that PreFilter had left out were thought to be worth a try: preemption.go
  // nodesWherePreemptionMightHelp in 1.28; the release of the change is assumed.
  const bool tries_unseen = search.narrowed && !cluster.features().since(30);
  std::vector<std::uint32_t> potential;
  for (std::uint32_t position = 0; position < nodes.size(); ++position) {
    const Verdict& verdict = verdicts[position];
    if (verdict.passes() ? tries_unseen : !verdict.unresolvable) {
      potential.push_back(position);
    }
  }
  const auto count = static_cast<std::uint32_t>(potential.size());
  const std::uint32_t wanted = candidates_wanted(count);
  const Pod& pod = cluster.pods[search.pod];
  const std::uint32_t offset =
      wanted >= count ? 0
                      : turn.context.choices.pick(
                            {entity_of(cluster, pod), static_cast<std::uint32_t>(Purpose::PreemptionOffset),
                             occurrence_of(pod, attempts)},
                            count);
  const bool any_lower = any_lower_pod(search);
  std::vector<Victims> candidates;
  std::uint32_t harmless = 0;
  Reasons reasons;
  for (std::uint32_t i = 0; i < count && !(harmless > 0 && candidates.size() >= wanted); ++i) {
    const SchedulableNode& node = nodes[potential[(offset + i) % count]];
    DryRun run = select_victims(turn, search, node, any_lower);
    if (run.nobody) {
      reasons.add("No preemption victims found for incoming pod");
    } else if (!run.verdict.passes()) {
      add_reasons(search, node, run.verdict, reasons);
    } else if (!run.victims.pods.empty()) {
      harmless += run.victims.violations == 0 ? 1 : 0;
      candidates.push_back(std::move(run.victims));
    }
  }
  if (!candidates.empty()) {
    result.victims = pick_one(turn, search, std::move(candidates), attempts);
    return result;
  }
  if (count < nodes.size()) {
    reasons.add("Preemption is not helpful for scheduling", static_cast<int>(nodes.size() - count));
  }
  result.message = fmt::format("0/{} nodes are available: {}.", nodes.size(), reasons.text());
  return result;
}

bool preempt(Turn& turn, const Search& search, const Victims& victims, By by) {
  Cluster& cluster = turn.cluster;
  SchedulerState& state = cluster.scheduler;
  for (const Row row : victims.pods) {
    if (!cluster.pods.exists(row) || cluster.pods[row].meta.deleting()) {
      continue;
    }
    const WriteResult marked = update<Pod>(turn, row, by, Verb::UpdateStatus, [&](Pod& pod) {
      pod.disruption_target = true;
      pod.disruption_reason = DisruptionReason::PreemptionByScheduler;
      pod.disrupted_at = turn.now();
    });
    if (!marked.ok() || !delete_pod(turn, row, by).ok()) {
      return false;
    }
  }
  for (const Nomination& other : state.nominations) {
    if (other.node == victims.node && other.priority < search.priority && cluster.pods.exists(other.pod)) {
      update<Pod>(turn, other.pod, by, Verb::UpdateStatus, [](Pod& pod) { pod.nominated_node = kNoRow; });
    }
  }
  std::erase_if(state.nominations, [&](const Nomination& other) {
    return other.node == victims.node && other.priority < search.priority;
  });
  ++state.changes;
  return true;
}

}  // namespace models::kubernetes::scheduler

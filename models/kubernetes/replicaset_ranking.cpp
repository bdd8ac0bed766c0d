#include "models/kubernetes/replicaset_ranking.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "models/kubernetes/requests.h"
#include "models/kubernetes/upstream_rules.h"
#include "models/kubernetes/workload_pods.h"

namespace models::kubernetes {

namespace {

/// Source: controller_utils.go podPhaseToOrdinal; other phases count as 0 in a Go map.
int ordinal_of(PodPhase phase) { return phase == PodPhase::Unknown ? 1 : phase == PodPhase::Running ? 2 : 0; }

/// floor(log2) of a time that has passed, in nanoseconds; -1 where none has. Source: logarithmicRankDiff.
int magnitude(sim::Duration passed) {
  return passed > sim::Duration::zero()
             ? static_cast<int>(std::bit_width(static_cast<std::uint64_t>(passed.count()))) - 1
             : -1;
}

/// Which of two pods goes first where nothing but chance tells.
bool luckless(const RankedPod& a, const RankedPod& b) {
  return a.chance != b.chance ? a.chance < b.chance : a.pod->meta.uid < b.pod->meta.uid;
}

/// Compares a moment of two pods; nothing where both are the same second.
std::optional<bool> later_first(sim::Time of_a, sim::Time of_b, const RankedPod& a, const RankedPod& b,
                                sim::Time now) {
  of_a = workloads::whole_seconds(of_a);
  of_b = workloads::whole_seconds(of_b);
  if (of_a == of_b) {
    return std::nullopt;
  }
  const int difference = magnitude(now - of_a) - magnitude(now - of_b);
  return difference == 0 ? luckless(a, b) : difference < 0;
}

std::uint32_t chance_of(Turn& turn, const Pod& pod) {
  return rank_by_chance(turn, subject_of(pod), Purpose::PodDeletionOrder, pod.attempt);
}

}  // namespace

bool deleted_before(const RankedPod& a, const RankedPod& b, sim::Time now) {
  const Pod& first = *a.pod;
  const Pod& second = *b.pod;
  if (first.node != second.node && (first.node == kNoRow || second.node == kNoRow)) {
    return first.node == kNoRow;
  }
  if (ordinal_of(first.phase) != ordinal_of(second.phase)) {
    return ordinal_of(first.phase) < ordinal_of(second.phase);
  }
  if (first.ready != second.ready && stands(Rule::UnreadyPodsGoFirst)) {
    return !first.ready;
  }
  if (first.deletion_cost != second.deletion_cost && stands(Rule::DeletionCostRanksPods)) {
    return first.deletion_cost < second.deletion_cost;
  }
  if (a.rank != b.rank) {
    return a.rank > b.rank;
  }
  if (first.ready && second.ready) {
    if (const std::optional<bool> answer =
            later_first(first.ready_changed, second.ready_changed, a, b, now)) {
      return *answer;
    }
  }
  if (a.restarts != b.restarts) {
    return a.restarts > b.restarts;
  }
  if (a.sidecar_restarts != b.sidecar_restarts) {
    return a.sidecar_restarts > b.sidecar_restarts;
  }
  return later_first(first.meta.created, second.meta.created, a, b, now).value_or(luckless(a, b));
}

std::vector<Row> choose_pods_to_delete(Turn& turn, const View& view, const std::vector<Row>& pods,
                                       const std::vector<Row>& related, std::size_t count) {
  if (count >= pods.size()) {
    return pods;
  }
  std::vector<std::int32_t> on_node(view.cluster().nodes.extent() + std::size_t{1}, 0);
  const auto place = [&](const Pod& pod) {
    return pod.node == kNoRow ? on_node.size() - 1 : static_cast<std::size_t>(pod.node);
  };
  for (const Row row : related) {
    if (const Pod* pod = view.pod(row); pod != nullptr && workloads::is_active(*pod)) {
      ++on_node[place(*pod)];
    }
  }
  std::vector<RankedPod> ranked;
  for (const Row row : pods) {
    const Pod& pod = *view.pod(row);
    RankedPod entry{row, &pod, on_node[place(pod)], 0, 0, chance_of(turn, pod)};
    const PodTemplate& pod_template = view.cluster().template_of(pod);
    for (std::size_t i = 0; i < pod_template.containers.size(); ++i) {
      // Source: maxContainerRestarts: regular containers, and restartable init containers apart.
      const Container& container = pod_template.containers[i];
      const std::uint32_t restarts = view.cluster().containers[pod.containers + i].restarts;
      if (!container.init) {
        entry.restarts = std::max(entry.restarts, restarts);
      } else if (container.restartable) {
        entry.sidecar_restarts = std::max(entry.sidecar_restarts, restarts);
      }
    }
    ranked.push_back(entry);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](const RankedPod& a, const RankedPod& b) { return deleted_before(a, b, turn.now()); });
  std::vector<Row> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    chosen.push_back(ranked[i].row);
  }
  return chosen;
}

}  // namespace models::kubernetes

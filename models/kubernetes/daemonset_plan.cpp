#include "models/kubernetes/daemonset_plan.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "models/kubernetes/daemonset_rules.h"
#include "models/kubernetes/workload_pods.h"

namespace models::kubernetes::daemonsets {

namespace {

/// The DaemonSet's pods by node, and what is asked of each node.
class Nodes {
 public:
  Nodes(const View& view, const DaemonSet& set, const std::vector<Row>& pods)
      : view_(view),
        pod_template_(*view.cluster().templates[set.spec.pod_template]),
        tolerations_(tolerations_of(pod_template_)),
        on_node_(view.cluster().nodes.extent()) {
    for (const Row row : pods) {
      const Pod& pod = *view.pod(row);
      if (pod.terminal() && pod.meta.deleting()) {
        continue;  // on its way out: its node may get a new one
      }
      const Row node = target_node(view, pod);
      if (node != kNoRow && node < on_node_.size()) {
        on_node_[node].push_back(row);
      } else if (pod.node == kNoRow) {
        without_node_.push_back(row);
      }
    }
    for (std::vector<Row>& list : on_node_) {
      sort(list);
    }
  }

  template <class Visit>
  void each(Visit&& visit) const {
    for (Row row = 0; row < on_node_.size(); ++row) {
      if (view_.node(row) != nullptr) {
        visit(row);
      }
    }
  }
  [[nodiscard]] NodeAnswer answer(Row row) const {
    return should_run(view_.cluster(), *view_.node(row), pod_template_, tolerations_);
  }
  [[nodiscard]] const std::vector<Row>& pods_on(Row row) const { return on_node_[row]; }
  /// Pods that are bound to no node and meant for one that is gone.
  [[nodiscard]] const std::vector<Row>& without_node() const { return without_node_; }
  [[nodiscard]] const Pod& pod(Row row) const { return *view_.pod(row); }

  /// Bound ones first, then by age. Source: podByCreationTimestampAndPhase.
  void sort(std::vector<Row>& rows) const {
    const auto key = [&](Row row) {
      const Pod& one = pod(row);
      return std::tuple(one.node == kNoRow, workloads::whole_seconds(one.meta.created),
                        view_.cluster().name_of(one));
    };
    if (rows.size() > 1) {
      std::sort(rows.begin(), rows.end(), [&](Row a, Row b) { return key(a) < key(b); });
    }
  }

 private:
  const View& view_;
  const PodTemplate& pod_template_;
  std::vector<Toleration> tolerations_;
  std::vector<std::vector<Row>> on_node_;
  std::vector<Row> without_node_;
};

/// Of several pods on a node with surge, which go. Source: podsShouldBeOnNode, after "This is a surge".
void trim_surge(const Nodes& nodes, const DaemonSet& set, Text hash, const std::vector<Row>& running,
                sim::Time now, PodsPlan& plan) {
  const Pod* newest = nullptr;
  Row old_row = kNoRow;
  for (const Row row : running) {
    const Pod& pod = nodes.pod(row);
    const bool updated = pod.revision == hash;
    if (updated && newest == nullptr) {
      newest = &pod;
    } else if (!updated && old_row == kNoRow) {
      old_row = row;
    } else {
      plan.remove.push_back(row);
    }
  }
  if (newest != nullptr && old_row != kNoRow &&
      (!nodes.pod(old_row).ready || workloads::is_available(*newest, set.spec.min_ready_seconds, now))) {
    plan.remove.push_back(old_row);
  }
}

/// A node where a pod may stay: ended pods are deleted, and too many are.
void manage_node(const Nodes& nodes, const DaemonSet& set, Text hash, Row node, bool should_run,
                 std::vector<FailedPodsBackoff>& backoffs, sim::Time now, PodsPlan& plan) {
  std::vector<Row> running;
  for (const Row row : nodes.pods_on(node)) {
    const Pod& pod = nodes.pod(row);
    if (pod.meta.deleting()) {
      continue;
    }
    if (pod.phase == PodPhase::Failed) {
      const std::uint32_t generation = set.status.observed_generation;
      const sim::Duration left = backoff_left(backoffs, set.meta.uid, generation, node, now);
      if (left > sim::Duration::zero()) {
        plan.look_again = plan.look_again == sim::Duration::zero() ? left : std::min(plan.look_again, left);
        continue;
      }
      note_failed_pod(backoffs, set.meta.uid, generation, node, now);
      plan.remove.push_back(row);
    } else if (pod.phase == PodPhase::Succeeded) {
      plan.remove.push_back(row);
    } else {
      running.push_back(row);
    }
  }
  const bool surges = surge_count(set.spec, 1) > 0;
  if (surges && running.empty() && should_run) {
    plan.create_on.push_back(node);
  } else if (surges && running.size() > 1) {
    trim_surge(nodes, set, hash, running, now, plan);
  } else if (running.size() > 1) {
    plan.remove.insert(plan.remove.end(), running.begin() + 1, running.end());
  }
}

/// The pods of a node by template; `ok` is false with two of one.
struct PodsOfNode {
  const Pod* updated = nullptr;
  const Pod* old = nullptr;
  Row old_row = kNoRow;
  bool ok = true;
};

PodsOfNode find_updated(const Nodes& nodes, const DaemonSet& set, Text hash, Row node) {
  PodsOfNode found;
  for (const Row row : nodes.pods_on(node)) {
    const Pod& pod = nodes.pod(row);
    if (pod.meta.deleting()) {
      continue;
    }
    const Pod*& place = is_updated(set, hash, pod) ? found.updated : found.old;
    if (place != nullptr) {
      return {nullptr, nullptr, kNoRow, false};
    }
    place = &pod;
    if (place == found.old) {
      found.old_row = row;
    }
  }
  return found;
}

PodsPlan roll_without_surge(const Nodes& nodes, const DaemonSet& set, Text hash, std::int32_t most,
                            sim::Time now) {
  PodsPlan plan;
  std::int32_t unavailable = 0;
  nodes.each([&](Row node) {
    if (nodes.pods_on(node).empty()) {
      return;
    }
    const PodsOfNode pods = find_updated(nodes, set, hash, node);
    const auto available = [&](const Pod& pod) {
      return workloads::is_available(pod, set.spec.min_ready_seconds, now);
    };
    if (!pods.ok || (pods.updated == nullptr) == (pods.old == nullptr)) {
      ++unavailable;
    } else if (pods.updated != nullptr) {
      unavailable += available(*pods.updated) ? 0 : 1;
    } else if (!available(*pods.old)) {
      plan.remove.push_back(pods.old_row);
      ++unavailable;
    } else if (unavailable < most) {
      plan.candidates.push_back(pods.old_row);
    }
  });
  plan.most_candidates = static_cast<std::size_t>(std::max(0, most - unavailable));
  return plan;
}

PodsPlan roll_with_surge(const Nodes& nodes, const DaemonSet& set, Text hash, std::int32_t most,
                         std::int32_t desired, sim::Time now) {
  PodsPlan plan;
  plan.surges = true;
  std::vector<Row> elsewhere;  // old pods on nodes that should not run one
  std::int32_t surge = 0;
  std::int32_t available_count = 0;
  const auto available = [&](const Pod& pod) {
    return workloads::is_available(pod, set.spec.min_ready_seconds, now);
  };
  nodes.each([&](Row node) {
    if (nodes.pods_on(node).empty()) {
      return;
    }
    const PodsOfNode pods = find_updated(nodes, set, hash, node);
    if (!pods.ok) {
      ++surge;
      return;
    }
    const Pod* serving = pods.old != nullptr ? pods.old : pods.updated;
    available_count += serving != nullptr && available(*serving) ? 1 : 0;
    if (pods.old == nullptr) {
      return;
    }
    if (pods.updated != nullptr) {
      if (available(*pods.updated)) {
        plan.remove.push_back(pods.old_row);
      } else {
        ++surge;
      }
      return;
    }
    const bool wanted_here = nodes.answer(node).should_run;
    if (!available(*pods.old)) {
      if (wanted_here) {
        plan.create_on.push_back(node);
      } else {
        plan.remove.push_back(pods.old_row);
      }
    } else if (!wanted_here) {
      elsewhere.push_back(pods.old_row);
    } else if (surge < most) {
      plan.candidates.push_back(node);
    }
  });
  const auto spare = static_cast<std::size_t>(std::max(0, available_count - desired));
  elsewhere.resize(std::min(elsewhere.size(), spare));
  plan.remove.insert(plan.remove.end(), elsewhere.begin(), elsewhere.end());
  plan.most_candidates = static_cast<std::size_t>(std::max(0, most - surge));
  return plan;
}

}  // namespace

PodsPlan manage(const View& view, const DaemonSet& set, Text hash, const std::vector<Row>& pods,
                std::vector<FailedPodsBackoff>& backoffs, sim::Time now) {
  const Nodes nodes(view, set, pods);
  PodsPlan plan;
  nodes.each([&](Row node) {
    const NodeAnswer answer = nodes.answer(node);
    const std::vector<Row>& here = nodes.pods_on(node);
    if (answer.should_run && here.empty()) {
      plan.create_on.push_back(node);
    } else if (answer.may_stay) {
      manage_node(nodes, set, hash, node, answer.should_run, backoffs, now, plan);
    } else {
      for (const Row row : here) {
        if (!nodes.pod(row).meta.deleting()) {
          plan.remove.push_back(row);
        }
      }
    }
  });
  plan.remove.insert(plan.remove.end(), nodes.without_node().begin(), nodes.without_node().end());
  return plan;
}

PodsPlan roll(const View& view, const DaemonSet& set, Text hash, const std::vector<Row>& pods,
              sim::Time now) {
  const Nodes nodes(view, set, pods);
  std::int32_t desired = 0;
  nodes.each([&](Row node) { desired += nodes.answer(node).should_run ? 1 : 0; });
  const std::int32_t surge = surge_count(set.spec, desired);
  return surge == 0 ? roll_without_surge(nodes, set, hash, unavailable_count(set.spec, desired), now)
                    : roll_with_surge(nodes, set, hash, surge, desired, now);
}

std::int32_t count_desired(const View& view, const DaemonSet& set) {
  const Nodes nodes(view, set, {});
  std::int32_t desired = 0;
  nodes.each([&](Row node) { desired += nodes.answer(node).should_run ? 1 : 0; });
  return desired;
}

DaemonSetStatus count(const View& view, const DaemonSet& set, Text hash, const std::vector<Row>& pods,
                      sim::Time now) {
  const Nodes nodes(view, set, pods);
  DaemonSetStatus status;
  status.collision_count = set.status.collision_count;
  status.observed_generation = set.status.observed_generation;
  nodes.each([&](Row node) {
    const std::vector<Row>& here = nodes.pods_on(node);
    if (!nodes.answer(node).should_run) {
      status.misscheduled += here.empty() ? 0 : 1;
      return;
    }
    ++status.desired;
    if (here.empty()) {
      return;
    }
    ++status.current;
    const Pod& pod = nodes.pod(here.front());
    status.ready += pod.ready ? 1 : 0;
    status.available += workloads::is_available(pod, set.spec.min_ready_seconds, now) ? 1 : 0;
    status.updated += is_updated(set, hash, pod) ? 1 : 0;
  });
  status.unavailable = status.desired - status.available;
  return status;
}

}  // namespace models::kubernetes::daemonsets

#include "models/kubernetes/disruption_controller.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "models/kubernetes/controller_runtime.h"
#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/upstream_rules.h"

namespace models::kubernetes::disruption_controller {

namespace {

/// How long a pod may stand in disruptedPods without being deleted. Source: disruption.go DeletionTimeout.
constexpr sim::Duration kDeletionTimeout = std::chrono::minutes{2};
/// After that, the condition DisruptionTarget of a pod that stayed is taken back. Source: disruption.go
/// stalePodDisruptionTimeout.
constexpr sim::Duration kStaleTimeout = std::chrono::minutes{2};
/// A recheck is added to the queue by its rate limiter. Source: processNextRecheckWorkItem; client-go
/// default_rate_limiters.go, the first delay.
constexpr sim::Duration kRecheckDelay = std::chrono::milliseconds{5};

using DisruptionSync = Sync<DisruptionSyncPayload>;

/// The scale of a pod's controller.
struct Scale {
  Uid uid = 0;
  std::int32_t replicas = 0;
  bool found = false;
};

/// Source: getPodDeployment, getPodReplicaSet, and the scale subresource where the Deployment is gone.
Scale replicaset_scale(const View& view, const OwnerRef& owner) {
  const ReplicaSet* set = view.replicaset(owner.row);
  if (set == nullptr || set->meta.uid != owner.uid) {
    return {};
  }
  if (set->owner.kind == Kind::Deployment) {
    const Deployment* deployment = view.deployment(set->owner.row);
    if (deployment != nullptr && deployment->meta.uid == set->owner.uid) {
      return {deployment->meta.uid, deployment->spec.replicas, true};
    }
  }
  return {set->meta.uid, set->spec.replicas, true};
}

/// Source: getPodStatefulSet, getScaleController: kinds without a scale subresource are an error.
Scale scale_of(const View& view, const OwnerRef& owner, std::string& error) {
  switch (owner.kind) {
    case Kind::ReplicaSet:
      return replicaset_scale(view, owner);
    case Kind::StatefulSet: {
      const StatefulSet* set = view.statefulset(owner.row);
      return set != nullptr && set->meta.uid == owner.uid ? Scale{set->meta.uid, set->spec.replicas, true}
                                                          : Scale{};
    }
    case Kind::Job:
      if (const Job* job = view.job(owner.row); job != nullptr && !stands(Rule::JobsHaveNoScale)) {
        return {job->meta.uid, job->spec.parallelism, true};
      }
      error = "jobs.batch does not implement the scale subresource";
      return {};
    case Kind::DaemonSet:
      error = "daemonsets.apps does not implement the scale subresource";
      return {};
    default:
      return {};
  }
}

/// The sum of the scales of the pods' distinct controllers. Source: getExpectedScale.
std::int32_t expected_scale(const View& view, const std::vector<Row>& pods, Count& count) {
  std::vector<std::pair<Uid, std::int32_t>> scales;  // by the controller of pods, then by what is scaled
  std::vector<Uid> known;
  for (const Row row : pods) {
    const Pod& pod = *view.pod(row);
    if (pod.owner.kind == Kind::None) {
      count.unmanaged.push_back(row);
      continue;
    }
    if (std::find(known.begin(), known.end(), pod.owner.uid) != known.end()) {
      continue;
    }
    known.push_back(pod.owner.uid);
    const Scale scale = scale_of(view, pod.owner, count.error);
    if (!count.error.empty()) {
      return 0;
    }
    if (!scale.found) {
      count.error = fmt::format("found no controllers for pod \"{}\"", view.cluster().name_of(pod));
      return 0;
    }
    const bool told = std::any_of(scales.begin(), scales.end(),
                                  [&](const auto& entry) { return entry.first == scale.uid; });
    if (!told) {
      scales.emplace_back(scale.uid, scale.replicas);
    }
  }
  std::int32_t sum = 0;
  for (const auto& [uid, replicas] : scales) {
    sum += replicas;
  }
  return sum;
}

/// The pods that are to be disrupted, found by pod. Few of many pods are among them: a generated name is put
/// together only where its end is the same.
class DisruptedPods {
 public:
  DisruptedPods(const Cluster& cluster, const PodDisruptionBudgetStatus& status) : cluster_(&cluster) {
    for (const DisruptedPod& entry : status.disrupted_pods) {
      const std::string_view name = cluster.strings[entry.pod];
      entries_.push_back({&entry, parse_suffix(name.substr(name.size() - std::min(name.size(), kSuffix)))});
    }
  }

  /// The pod's entry; nullptr if it has none.
  [[nodiscard]] const DisruptedPod* find(const Pod& pod) const {
    for (const Entry& one : entries_) {
      const bool its = pod.meta.name != 0 ? pod.meta.name == one.entry->pod
                                          : (pod.suffix == 0 || pod.suffix == one.suffix) &&
                                                cluster_->name_of(pod) == cluster_->strings[one.entry->pod];
      if (its) {
        return one.entry;
      }
    }
    return nullptr;
  }

 private:
  static constexpr std::size_t kSuffix = 5;
  struct Entry {
    const DisruptedPod* entry;
    std::uint32_t suffix;  ///< the end of the name, as `Pod::suffix` has it
  };
  const Cluster* cluster_;
  std::vector<Entry> entries_;
};

/// Entries that still count, and when the first of them expires. Source: buildDisruptedPodMap.
sim::Time keep_disrupted(const View& view, const std::vector<Row>& pods,
                         const PodDisruptionBudgetStatus& seen, Strings& strings, sim::Time now,
                         PodDisruptionBudgetStatus& status) {
  sim::Time recheck = sim::kNever;
  status.disrupted_pods.clear();
  if (seen.disrupted_pods.empty()) {
    return recheck;
  }
  const DisruptedPods disrupted(view.cluster(), seen);
  for (const Row row : pods) {
    const Pod& pod = *view.pod(row);
    const DisruptedPod* entry = pod.meta.deleting() ? nullptr : disrupted.find(pod);
    if (entry == nullptr || entry->at + kDeletionTimeout < now) {
      continue;
    }
    recheck = std::min(recheck, entry->at + kDeletionTimeout);
    note_disrupted(strings, status, entry->pod, entry->at);
  }
  return recheck;
}

/// Source: countHealthyPods.
std::int32_t count_healthy(const View& view, const std::vector<Row>& pods,
                           const PodDisruptionBudgetStatus& status, sim::Time now) {
  const DisruptedPods disrupted(view.cluster(), status);
  std::int32_t healthy = 0;
  for (const Row row : pods) {
    const Pod& pod = *view.pod(row);
    if (pod.meta.deleting() || !pod.ready) {
      continue;
    }
    const DisruptedPod* entry = disrupted.find(pod);
    healthy += entry != nullptr && entry->at + kDeletionTimeout > now ? 0 : 1;
  }
  return healthy;
}

/// The selector as Go prints a *metav1.LabelSelector.
std::string selector_text(const PodDisruptionBudget& budget) {
  std::string labels;
  for (const auto& [key, value] : budget.spec.selector->match_labels) {
    labels += fmt::format("{}{}: {}", labels.empty() ? "" : ",", key, value);
  }
  return fmt::format(
      "&LabelSelector{{MatchLabels:map[string]string{{{}}},MatchExpressions:[]"
      "LabelSelectorRequirement{{}},}}",
      labels.empty() ? labels : labels + ",");
}

By by(const DisruptionSync& sync) { return {Writer::DisruptionController, sync.cause}; }

struct Traits : ControllerOf<&Cluster::budgets, Kind::PodDisruptionBudget> {
  using SyncType = DisruptionSync;
  static constexpr Event kQueueRun = Event::DisruptionQueueRun;
  static constexpr Event kWake = Event::DisruptionWake;
  static constexpr Event kResume = Event::DisruptionResume;
  /// Source: disruption.go Run: one worker.
  static constexpr std::size_t kWorkers = 1;

  static DisruptionControllerState& state(Cluster& cluster) { return cluster.disruption_controller; }

  /// Source: trySync, failSafe, updatePdbStatus.
  static bool begin(Turn& turn, DisruptionSync& sync) {
    Cluster& cluster = turn.cluster;
    const View view = view_of(cluster, ObserverId::ControllerManager);
    const PodDisruptionBudget& budget = *view.budget(sync.row);
    DisruptionSyncPayload& payload = sync.payload;
    payload.version = budget.meta.resource_version;
    payload.seen = budget.status;
    payload.status = budget.status;
    const std::vector<Row> pods = pods_selected(view, sync.row);
    const Count count = count_expected(view, budget, pods);
    if (!count.error.empty()) {
      payload.status.disruptions_allowed = 0;
      set_condition(payload.status.disruption_allowed, ConditionStatus::False,
                    cluster.strings.intern(kSyncFailed), cluster.strings.intern(count.error),
                    payload.status.observed_generation, turn.now());
      if (payload.status != payload.seen) {
        emit_text(turn, sync.uid, Field::Warning, by(sync),
                  "CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: " +
                      count.error);
      }
    } else {
      fill_status(turn, view, budget, pods, count, sync);
    }
    if (payload.status != payload.seen) {
      Write write;
      write.kind = WriteKind::UpdateStatus;
      write.row = sync.row;
      sync.writes.push_back(write);
    }
    return true;
  }

  static Outcome perform(Turn& turn, DisruptionSync& sync, const Write& write, Row&) {
    Cluster& cluster = turn.cluster;
    if (!cluster.budgets.exists(write.row) || cluster.budgets[write.row].meta.uid != sync.uid) {
      return Outcome::NotFound;
    }
    if (cluster.budgets[write.row].meta.resource_version != sync.payload.version) {
      return Outcome::Conflict;
    }
    return update<PodDisruptionBudget>(
               turn, write.row, by(sync), Verb::UpdateStatus,
               [&](PodDisruptionBudget& object) { object.status = sync.payload.status; })
        .outcome;
  }

  static bool next_stage(Turn&, DisruptionSync& sync) {
    sync.failed = std::any_of(sync.outcomes.begin(), sync.outcomes.end(), [](Outcome outcome) {
      return outcome != Outcome::Ok && outcome != Outcome::Skipped;
    });
    return false;
  }

  /// Exponential for the key, and a token bucket for all keys; the later of the two.
  /// Source: client-go util/workqueue default_rate_limiters.go DefaultTypedControllerRateLimiter.
  static sim::Duration retry_delay(Turn& turn, std::uint32_t failures) {
    constexpr sim::Duration kMost = std::chrono::seconds{1000};
    const std::uint32_t doublings = std::min(failures - 1, 18U);  // 5 ms times 2^18 is more than the most
    const sim::Duration exponential = std::min(kRecheckDelay * (std::int64_t{1} << doublings), kMost);
    const sim::Time granted = state(turn.cluster).retries.reserve(turn.now(), 10, 100);
    return std::max(exponential, granted - turn.now());
  }

 private:
  static void fill_status(Turn& turn, const View& view, const PodDisruptionBudget& budget,
                          const std::vector<Row>& pods, const Count& count, DisruptionSync& sync) {
    Strings& strings = turn.cluster.strings;
    PodDisruptionBudgetStatus& status = sync.payload.status;
    const PodDisruptionBudgetStatus& seen = sync.payload.seen;
    const sim::Time recheck = keep_disrupted(view, pods, seen, strings, turn.now(), status);
    status.current_healthy = count_healthy(view, pods, status, turn.now());
    status.desired_healthy = count.desired_healthy;
    status.expected_pods = count.expected;
    const std::int32_t allowed = status.current_healthy - status.desired_healthy;
    status.disruptions_allowed = count.expected <= 0 || allowed <= 0 ? 0 : allowed;
    status.observed_generation = budget.meta.generation;
    // The condition alone is no reason to write unless it is out of date.
    PodDisruptionBudgetStatus counted = status;
    counted.disruption_allowed = seen.disruption_allowed;
    if (counted != seen || !disruption_allowed_is_up_to_date(strings, seen, budget.meta.generation)) {
      update_disruption_allowed(strings, status, turn.now());
      if (!count.unmanaged.empty()) {
        // The recorder joins an event that is told again: it is told with each change.
        emit_text(
            turn, sync.uid, Field::Warning, by(sync),
            fmt::format("UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: {}) were "
                        "found to be unmanaged. As a result, the status of the PDB cannot be calculated "
                        "correctly, which may result in undefined behavior. To account for these pods "
                        "please set \".spec.minAvailable\" field of the PDB to an integer value.",
                        selector_text(budget)));
      }
    }
    if (recheck != sim::kNever) {
      sync.requeue_after = recheck - turn.now() + kRecheckDelay;
    }
  }
};

using Runtime = ControllerRuntime<Traits>;

/// Queues the budget of a pod. Of several the choice is upstream's "arbitrarily": here they take turns
/// (assumed). Source: getPdbForPod.
void enqueue_budget_of(Turn& turn, const Pod& pod, const WatchEvent& event) {
  const View view = view_of(turn.cluster, ObserverId::ControllerManager);
  const std::vector<Row> found = budgets_selecting(view, pod);
  if (!found.empty()) {
    Runtime::enqueue(turn, found[event.version % found.size()], event.cause);
  }
}

/// Source: nonTerminatingPodHasStaleDisruptionCondition.
bool may_become_stale(const Pod& pod) {
  return pod.disruption_target && !pod.meta.deleting() && !pod.terminal() &&
         pod.disruption_reason != DisruptionReason::TerminationByKubelet;
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  const Pod* pod = cluster.pods.as_of(event.row, event.version);
  const Pod* before = cluster.pods.as_of(event.row, event.version - 1);
  if (pod != nullptr && may_become_stale(*pod) && (before == nullptr || !may_become_stale(*before))) {
    turn.agenda.schedule(std::max(turn.now(), pod->disrupted_at + kStaleTimeout),
                         static_cast<std::uint32_t>(Event::DisruptionStalePod), event.row, pod->meta.uid,
                         event.cause);
  }
  if (cluster.budgets.size() == 0) {
    return;
  }
  if (const Pod* known = pod != nullptr ? pod : before; known != nullptr) {
    enqueue_budget_of(turn, *known, event);
  }
}

/// Source: syncStalePodDisruption.
void take_back_stale(Turn& turn, const sim::PendingEvent& event) {
  const Pod* pod = view_of(turn.cluster, ObserverId::ControllerManager).pod(event.subject);
  if (pod == nullptr || pod->meta.uid != event.argument || !may_become_stale(*pod)) {
    return;
  }
  if (pod->disrupted_at + kStaleTimeout > turn.now()) {
    turn.agenda.schedule(pod->disrupted_at + kStaleTimeout,
                         static_cast<std::uint32_t>(Event::DisruptionStalePod), event.subject, event.argument,
                         event.cause);
    return;
  }
  update<Pod>(turn, event.subject, {Writer::DisruptionController, event.cause}, Verb::UpdateStatus,
              [&](Pod& object) {
                object.disruption_target = false;
                object.disruption_reason = DisruptionReason::None;
                object.disrupted_at = turn.now();
              });
}

}  // namespace

Count count_expected(const View& view, const PodDisruptionBudget& budget, const std::vector<Row>& pods) {
  Count count;
  if (budget.spec.max_unavailable) {
    count.expected = expected_scale(view, pods, count);
    count.desired_healthy =
        std::max(count.expected - scaled_up(*budget.spec.max_unavailable, count.expected), 0);
  } else if (budget.spec.min_available && budget.spec.min_available->percent) {
    count.expected = expected_scale(view, pods, count);
    count.desired_healthy = scaled_up(*budget.spec.min_available, count.expected);
  } else if (budget.spec.min_available) {
    count.desired_healthy = budget.spec.min_available->value;
    count.expected = static_cast<std::int32_t>(pods.size());
  }
  return count;
}

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::PodDisruptionBudget) {
    Runtime::enqueue(turn, event.row, event.cause);
  } else if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) == Event::DisruptionStalePod) {
    take_back_stale(turn, event);
    return true;
  }
  return Runtime::on_event(turn, event);
}

void restart(Turn& turn, sim::TransitionId cause) { Runtime::restart(turn, cause); }

}  // namespace models::kubernetes::disruption_controller

#include "models/kubernetes/hash.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>

#include "models/kubernetes/served_time.h"

namespace models::kubernetes {

namespace {

/// No rule looks further back than the longest back-off and the kubelet's crash-loop reset (10 minutes), or a
/// StatefulSet's minReadySeconds.
/// Source: pkg/kubelet (MaxContainerBackOff, twice for the reset), job_controller.go MaxJobPodFailureBackOff.
constexpr sim::Duration kForgotten = std::chrono::minutes{20};

sim::Duration memory_of(const Cluster& cluster) {
  sim::Duration longest = kForgotten;
  const auto extend = [&](const auto& store) {
    for (Row row = 0; row < store.extent(); ++row) {
      if (store.exists(row)) {
        longest = std::max(longest, sim::Duration{std::chrono::seconds{store[row].spec.min_ready_seconds}} +
                                        std::chrono::seconds{1});
      }
    }
  };
  extend(cluster.statefulsets);
  extend(cluster.replicasets);
  extend(cluster.daemonsets);
  for (Row row = 0; row < cluster.deployments.extent(); ++row) {
    if (cluster.deployments.exists(row)) {
      // Progress is looked for as long as the deadline is not over.
      const std::int32_t deadline = cluster.deployments[row].spec.progress_deadline_seconds;
      if (deadline != std::numeric_limits<std::int32_t>::max()) {
        longest = std::max(longest, sim::Duration{std::chrono::seconds{deadline}} + std::chrono::seconds{2});
      }
    }
  }
  return longest;
}

/// Adds values, and moments relative to now.
class Adder {
 public:
  Adder(const Cluster& cluster, sim::Time now, sim::Hasher& hasher)
      : cluster_(cluster), now_(now), longest_(memory_of(cluster)), hasher_(hasher) {}

  template <class... Values>
  void add(const Values&... values) {
    (hasher_.add(values), ...);
  }
  void moment(sim::Time at) {
    hasher_.add(at == sim::kNever ? at.count() : std::max((at - now_).count(), -longest_.count()));
  }
  void reference(Uid uid) { hasher_.add(hashed_reference(cluster_, uid)); }
  void meta(const Meta& meta) {
    add(meta.name, meta.name_space, meta.generation);
    moment(meta.created);
    moment(meta.deletion_timestamp);
  }
  void owner(const OwnerRef& owner) {
    add(owner.kind);
    reference(owner.uid);
  }

 private:
  const Cluster& cluster_;
  sim::Time now_;
  sim::Duration longest_;
  sim::Hasher& hasher_;
};

/// Whether what a pod does depends on how many came before it.
bool attempts_matter(const Settings& settings) {
  return std::any_of(settings.behaviours.begin(), settings.behaviours.end(), [](const BehaviourRule& rule) {
    return rule.attempt >= 0 || rule.behaviour.exit_codes.size() > 1;
  });
}

void add_pods(const Cluster& cluster, Adder& adder) {
  // Ties are broken by age, which uids keep in order.
  std::vector<Uid> uids;
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (cluster.pods.exists(row)) {
      uids.push_back(cluster.pods[row].meta.uid);
    }
  }
  std::sort(uids.begin(), uids.end());
  const bool attempts = attempts_matter(*cluster.settings);
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (!cluster.pods.exists(row)) {
      continue;
    }
    const Pod& pod = cluster.pods[row];
    adder.add(row, std::lower_bound(uids.begin(), uids.end(), pod.meta.uid) - uids.begin());
    adder.meta(pod.meta);
    adder.owner(pod.owner);
    adder.add(pod.base_name, pod.index, pod.pod_template, pod.label_set, pod.revision, pod.node,
              pod.grace_seconds, pod.failure_count, pod.ignored_failure_count, pod.restarts, pod.phase,
              pod.reason, pod.ready, pod.initialized, pod.containers_started, pod.unschedulable,
              pod.job_tracking, pod.foreign_finalizer, pod.disruption_target, pod.static_pod,
              pod.disruption_reason, pod.made_for, pod.pinned_node, pod.template_generation,
              pod.deletion_cost, pod.nominated_node, attempts ? pod.attempt : 0U);
    adder.moment(pod.ready_changed);
    adder.moment(pod.started_at);
    adder.moment(pod.finished_at);
    const std::size_t containers = cluster.template_of(pod).containers.size();
    for (std::size_t i = 0; i < containers; ++i) {
      const ContainerStatus& status = cluster.containers[pod.containers + i];
      adder.moment(status.changed_at);
      adder.add(status.exit_code, status.signal, status.restarts, status.state, status.reason, status.ready);
    }
    if (row < cluster.kubelet.pods.size() && cluster.kubelet.pods[row].uid == pod.meta.uid) {
      const KubeletPod& known = cluster.kubelet.pods[row];
      adder.add(known.exit_code, known.backoff_seconds, known.stage, known.held_unready, known.never_ready,
                known.past_deadline, known.shut_down);
      adder.moment(known.stage_ends);
      adder.moment(known.ready_at);
    }
  }
}

/// Static pods that will be shown once their kubelet acts.
void add_hidden_pods(const Cluster& cluster, Adder& adder) {
  for (const HiddenStaticPod& known : cluster.kubelet.hidden) {
    adder.add(known.node, known.mirror.meta.name, known.mirror.meta.name_space, known.mirror.pod_template,
              known.mirror.containers_started, known.record.stage, known.record.exit_code,
              known.record.backoff_seconds);
    adder.moment(known.record.stage_ends);
    adder.moment(known.record.ready_at);
    for (const ContainerStatus& status : known.statuses) {
      adder.moment(status.changed_at);
      adder.add(status.exit_code, status.restarts, status.state, status.reason, status.ready);
    }
  }
}

/// How many pods each ordinal and index has had: what the next one will be.
void add_attempts(const Cluster& cluster, Adder& adder) {
  if (!attempts_matter(*cluster.settings)) {
    return;
  }
  for (const SetAttempts& attempts : cluster.set_attempts) {
    adder.reference(attempts.uid);
    for (const auto& [ordinal, count] : attempts.by_ordinal) {
      adder.add(ordinal, count);
    }
  }
  for (const auto* owners : {&cluster.replicaset_attempts, &cluster.daemonset_attempts}) {
    for (const JobAttempts& attempts : *owners) {
      adder.reference(attempts.uid);
      adder.add(attempts.without_index);
      for (const std::uint16_t count : attempts.by_index) {
        adder.add(count);
      }
    }
  }
  for (const JobAttempts& attempts : cluster.job_attempts) {
    adder.reference(attempts.uid);
    adder.add(attempts.without_index);
    for (const std::uint16_t count : attempts.by_index) {
      adder.add(count);
    }
  }
}

void add_nodes(const Cluster& cluster, Adder& adder) {
  for (Row row = 0; row < cluster.nodes.extent(); ++row) {
    if (cluster.nodes.exists(row)) {
      const Node& node = cluster.nodes[row];
      adder.add(row, node.meta.name, node.shape, node.taint_set, node.unschedulable, node.ready,
                node.ready_unknown, node.reported, node.kubelet_alive, node.machine_on, node.shutting_down);
      adder.moment(node.ready_changed);
    }
  }
}

void add_statefulsets(const Cluster& cluster, Adder& adder) {
  for (Row row = 0; row < cluster.statefulsets.extent(); ++row) {
    if (!cluster.statefulsets.exists(row)) {
      continue;
    }
    const StatefulSet& set = cluster.statefulsets[row];
    const StatefulSetSpec& spec = set.spec;
    const StatefulSetStatus& status = set.status;
    adder.add(row, set.propagation, spec.replicas, spec.pod_management_policy, spec.update_strategy,
              spec.rolling_update_block, spec.partition, spec.max_unavailable.has_value(),
              spec.max_unavailable.value_or(IntOrPercent{}).value,
              spec.max_unavailable.value_or(IntOrPercent{}).percent, spec.start, spec.min_ready_seconds,
              spec.revision_history_limit, spec.when_deleted, spec.when_scaled, spec.pod_template);
    adder.meta(set.meta);
    adder.add(status.replicas, status.ready_replicas, status.available_replicas, status.current_replicas,
              status.updated_replicas, status.observed_generation, status.current_revision,
              status.update_revision);
  }
  for (Row row = 0; row < cluster.revisions.extent(); ++row) {
    if (cluster.revisions.exists(row)) {
      const ControllerRevision& revision = cluster.revisions[row];
      adder.add(row, revision.meta.name, revision.revision, revision.pod_template);
      adder.owner(revision.owner);
    }
  }
  for (Row row = 0; row < cluster.claims.extent(); ++row) {
    if (cluster.claims.exists(row)) {
      const PersistentVolumeClaim& claim = cluster.claims[row];
      adder.add(row, claim.set_name, claim.ordinal, claim.claim_template, claim.foreign_controller,
                claim.phase, claim.protection);
      adder.meta(claim.meta);
      adder.reference(claim.owner_set);
      adder.reference(claim.owner_pod);
    }
  }
}

void add_condition(const ObjectCondition& condition, Adder& adder) {
  adder.add(condition.present, condition.status, condition.reason, condition.observed_generation);
  adder.moment(condition.present ? condition.last_update : sim::kNever);
  adder.moment(condition.present ? condition.last_transition : sim::kNever);
}

void add_share(const std::optional<IntOrPercent>& share, Adder& adder) {
  adder.add(share.has_value(), share.value_or(IntOrPercent{}).value, share.value_or(IntOrPercent{}).percent);
}

void add_replicasets(const Cluster& cluster, Adder& adder) {
  for (Row row = 0; row < cluster.replicasets.extent(); ++row) {
    if (!cluster.replicasets.exists(row)) {
      continue;
    }
    const ReplicaSet& set = cluster.replicasets[row];
    const ReplicaSetStatus& status = set.status;
    adder.meta(set.meta);
    adder.owner(set.owner);
    adder.add(row, set.propagation, set.spec.replicas, set.spec.min_ready_seconds, set.spec.pod_template,
              set.desired_replicas, set.max_replicas, set.revision, set.template_hash, status.replicas,
              status.fully_labeled_replicas, status.ready_replicas, status.available_replicas,
              status.terminating_replicas, status.observed_generation);
    add_condition(status.replica_failure, adder);
  }
}

void add_deployments(const Cluster& cluster, Adder& adder) {
  for (Row row = 0; row < cluster.deployments.extent(); ++row) {
    if (!cluster.deployments.exists(row)) {
      continue;
    }
    const Deployment& deployment = cluster.deployments[row];
    const DeploymentSpec& spec = deployment.spec;
    const DeploymentStatus& status = deployment.status;
    adder.meta(deployment.meta);
    adder.add(row, deployment.propagation, deployment.revision, spec.replicas, spec.recreate,
              spec.max_surge.value, spec.max_surge.percent, spec.max_unavailable.value,
              spec.max_unavailable.percent, spec.min_ready_seconds, spec.revision_history_limit,
              spec.progress_deadline_seconds, spec.paused, spec.pod_template, status.replicas,
              status.updated_replicas, status.ready_replicas, status.available_replicas,
              status.unavailable_replicas, status.terminating_replicas, status.collision_count,
              status.observed_generation);
    for (const ObjectCondition& condition : status.conditions) {
      add_condition(condition, adder);
    }
  }
}

void add_daemonsets(const Cluster& cluster, Adder& adder) {
  for (Row row = 0; row < cluster.daemonsets.extent(); ++row) {
    if (!cluster.daemonsets.exists(row)) {
      continue;
    }
    const DaemonSet& set = cluster.daemonsets[row];
    const DaemonSetSpec& spec = set.spec;
    const DaemonSetStatus& status = set.status;
    adder.meta(set.meta);
    adder.add(row, set.propagation, set.template_generation, spec.update_strategy, spec.max_unavailable.value,
              spec.max_unavailable.percent, spec.max_surge.value, spec.max_surge.percent,
              spec.min_ready_seconds, spec.revision_history_limit, spec.pod_template, status.desired,
              status.current, status.misscheduled, status.ready, status.updated, status.available,
              status.unavailable, status.collision_count, status.observed_generation);
  }
}

void add_budgets(const Cluster& cluster, Adder& adder) {
  for (Row row = 0; row < cluster.budgets.extent(); ++row) {
    if (!cluster.budgets.exists(row)) {
      continue;
    }
    const PodDisruptionBudget& budget = cluster.budgets[row];
    const PodDisruptionBudgetStatus& status = budget.status;
    adder.meta(budget.meta);
    adder.add(row, budget.spec.unhealthy_pod_eviction_policy, budget.spec.selector != nullptr,
              status.observed_generation, status.disruptions_allowed, status.current_healthy,
              status.desired_healthy, status.expected_pods);
    add_share(budget.spec.min_available, adder);
    add_share(budget.spec.max_unavailable, adder);
    for (const DisruptedPod& disrupted : status.disrupted_pods) {
      adder.add(disrupted.pod);
      adder.moment(disrupted.at);
    }
    add_condition(status.disruption_allowed, adder);
  }
}

void add_indexes(const IndexSet& indexes, Adder& adder) {
  for (const IndexSet::Interval& interval : indexes.intervals()) {
    adder.add(interval.first, interval.last);
  }
  adder.add(-1);
}

void add_jobs(const Cluster& cluster, Adder& adder) {
  for (Row row = 0; row < cluster.jobs.extent(); ++row) {
    if (!cluster.jobs.exists(row)) {
      continue;
    }
    const Job& job = cluster.jobs[row];
    const JobSpec& spec = job.spec;
    const JobStatus& status = job.status;
    adder.meta(job.meta);
    adder.owner(job.owner);
    adder.add(row, job.propagation, spec.completions, spec.parallelism, spec.backoff_limit,
              spec.max_failed_indexes, spec.active_deadline_seconds, spec.ttl_seconds_after_finished,
              spec.suspend, spec.pod_replacement_policy, spec.pod_template, status.active, status.ready,
              status.succeeded, status.failed, status.terminating);
    add_indexes(status.completed_indexes, adder);
    add_indexes(status.failed_indexes, adder);
    for (const Uid uid : status.uncounted_failed) {
      adder.reference(uid);
    }
    adder.add(-1);
    for (const Uid uid : status.uncounted_succeeded) {
      adder.reference(uid);
    }
    adder.moment(status.start_time);
    if (spec.active_deadline_seconds >= 0 && status.start_time != sim::kNever) {
      adder.moment(served(status.start_time));  // a deadline counts from there
    }
    adder.moment(status.completion_time);
    for (const JobCondition& condition : status.conditions) {
      adder.add(condition.present, condition.status, condition.reason);
      adder.moment(condition.present ? condition.last_transition : sim::kNever);
    }
    if (row < cluster.job_controller.memory.size()) {
      const JobMemory& memory = cluster.job_controller.memory[row];
      adder.add(memory.creates_expected, memory.deletes_expected, memory.backoff.failures);
      adder.moment(memory.backoff.failures > 0 ? memory.backoff.last_failure : sim::kNever);
      adder.moment(memory.creates_expected > 0 || memory.deletes_expected > 0 ? memory.expectations_set
                                                                              : sim::kNever);
      for (const Uid uid : memory.finalizers_removed) {
        adder.reference(uid);
      }
    }
  }
}

void add_queue(const WorkQueue& queue, Adder& adder) {
  for (const QueueEntry& entry : queue.entries) {
    adder.add(entry.failures);
    adder.moment(entry.wake_at);
  }
  adder.add(-1);
}

void add_expectations(const std::vector<Expectations>& all, Adder& adder) {
  for (const Expectations& expectations : all) {
    const bool open = expectations.creations > 0 || !expectations.deletions.empty();
    adder.add(expectations.creations);
    for (const Uid uid : expectations.deletions) {
      adder.reference(uid);
    }
    adder.moment(open ? expectations.set_at : sim::kNever);
  }
  adder.add(-1);
}

/// The queue, the clients and what else a controller remembers.
template <class State>
void add_controller(const State& state, Adder& adder) {
  add_queue(state.queue, adder);
  adder.moment(state.client.full_at);
  adder.moment(state.retries.full_at);
  if constexpr (requires { state.expectations; }) {
    add_expectations(state.expectations, adder);
  }
  if constexpr (requires { state.backoffs; }) {
    for (const FailedPodsBackoff& backoff : state.backoffs) {
      adder.add(backoff.node, backoff.generation, backoff.delay.count());
      adder.reference(backoff.uid);
      adder.moment(backoff.last_update);
    }
    adder.add(-1);
  }
}

void add_scheduler(const SchedulerState& scheduler, Adder& adder) {
  // What is counted on nodes follows from the pods.
  adder.add(scheduler.next_start);
  adder.moment(scheduler.flush_at);
  for (const QueuedPod& pod : scheduler.parked) {
    adder.add(pod.row, pod.attempts, pod.parked, pod.stale, pod.rejected_by);
    adder.moment(pod.since);
    adder.moment(pod.backoff_until);
  }
  adder.add(-1);
  for (const Nomination& nomination : scheduler.nominations) {
    adder.add(nomination.pod, nomination.node);
  }
  adder.add(-1);
  for (Row row = 0; row < scheduler.charges.size(); ++row) {
    if (scheduler.charges[row].assumed) {
      adder.add(row);
    }
  }
  adder.add(-1);
}

/// What the controllers of nodes remember. How many nodes of a zone are ready follows from the nodes.
void add_node_controllers(const Cluster& cluster, Adder& adder) {
  const NodeLifecycleState& lifecycle = cluster.node_lifecycle;
  adder.add(lifecycle.restarted);
  adder.moment(lifecycle.next_pass);
  for (const DisruptionZone& zone : lifecycle.zones) {
    // A zone that has never been judged works like a normal one.
    adder.add(zone.key, zone.state == ZoneState::Initial ? ZoneState::Normal : zone.state,
              std::bit_cast<std::uint32_t>(zone.qps));
    adder.moment(zone.token_at);
    adder.moment(zone.next_drain);
    for (const Row row : zone.queue) {
      adder.add(row);
    }
    adder.add(-1);
  }
  for (const NodeHealth& health : lifecycle.attended) {
    adder.add(health.row, health.retry_pods);
    adder.moment(health.probe);
  }
  adder.add(-1);
  for (const TaintedNode& node : cluster.taint_eviction.nodes) {
    adder.add(node.row, node.taint_set);
  }
  adder.add(-1);
  for (const EvictionTimer& timer : cluster.taint_eviction.timers) {
    adder.add(timer.pod);
    adder.moment(timer.at);
  }
  adder.add(-1);
  for (const CloudNode& node : cluster.cloud_nodes.nodes) {
    adder.add(node.row, node.server);
  }
  adder.moment(cluster.cloud_nodes.next_pass);
  for (const NodeShutdown& shutdown : cluster.node_shutdown.under_way) {
    adder.add(shutdown.row, shutdown.group);
    adder.moment(shutdown.next);
  }
}

void add_housekeeping(const Cluster& cluster, sim::Time now, Adder& adder) {
  const GarbageCollectorState& collector = cluster.garbage_collector;
  adder.moment(collector.client.full_at);
  for (const CollectionBatch& batch : collector.batches) {
    adder.add(batch.next, batch.orphan, batch.granted, batch.owner_kind, batch.owner_row);
    adder.reference(batch.owner);
    for (const Dependent& dependent : batch.dependents) {
      adder.reference(dependent.uid);
    }
  }
  for (const WaitingOwner& owner : collector.waiting_owners) {
    adder.reference(owner.uid);
  }
  const PodGarbageCollectorState& pods = cluster.pod_garbage_collector;
  adder.add(pods.tick_scheduled);
  for (const QuarantinedNode& node : pods.missing_nodes) {
    adder.add(node.row);
    adder.moment(node.until);
  }
  for (const Row row : pods.out_of_service_nodes) {
    adder.add(row);
  }
  adder.add(-1);
  for (const Row row : cluster.claim_controller.terminating) {
    adder.add(row);
  }
  adder.add(-1);
  for (const VolumeAttachment& one : cluster.attach_detach.attachments) {
    adder.add(one.claim, one.node, one.stage, one.forced);
    adder.reference(one.uid);
    adder.moment(one.ends);
    adder.moment(one.unwanted_since == sim::kNever ? sim::kNever
                                                   : one.unwanted_since + std::chrono::minutes{6});
  }
  for (const Uid uid : cluster.attach_detach.told) {
    adder.reference(uid);
  }
  adder.moment(cluster.attach_detach.pass_at);
  if (pods.tick_scheduled || !cluster.node_lifecycle.attended.empty() || !cluster.cloud_nodes.nodes.empty()) {
    // Passes fall on multiples of 5 s and ticks on multiples of 20 s of the scenario.
    adder.add((now % sim::Duration{std::chrono::seconds{20}}).count());
  }
}

}  // namespace

std::uint64_t hashed_reference(const Cluster& cluster, Uid uid) {
  constexpr std::uint64_t kGone = ~std::uint64_t{0};
  const Row row = uid < cluster.row_of_uid.size() ? cluster.row_of_uid[uid] : kNoRow;
  const auto is = [&](const auto& store) { return store.exists(row) && store[row].meta.uid == uid; };
  if (row == kNoRow || uid == 0) {
    return kGone;
  }
  const auto key = [&](Kind kind) { return (static_cast<std::uint64_t>(kind) << 32U) | row; };
  if (is(cluster.pods)) return key(Kind::Pod);
  if (is(cluster.statefulsets)) return key(Kind::StatefulSet);
  if (is(cluster.jobs)) return key(Kind::Job);
  if (is(cluster.claims)) return key(Kind::PersistentVolumeClaim);
  if (is(cluster.nodes)) return key(Kind::Node);
  if (is(cluster.revisions)) return key(Kind::ControllerRevision);
  if (is(cluster.replicasets)) return key(Kind::ReplicaSet);
  if (is(cluster.deployments)) return key(Kind::Deployment);
  if (is(cluster.daemonsets)) return key(Kind::DaemonSet);
  if (is(cluster.budgets)) return key(Kind::PodDisruptionBudget);
  return kGone;
}

std::int64_t hashed_moment(const Cluster& cluster, sim::Time at, sim::Time now) {
  return at == sim::kNever ? at.count() : std::max((at - now).count(), -memory_of(cluster).count());
}

namespace {

template <class State>
bool idle(const State& state) {
  return state.active.empty() && state.queue.empty();
}

}  // namespace

bool at_rest(const Cluster& cluster) {
  const bool seen =
      std::all_of(cluster.observers.begin(), cluster.observers.end(),
                  [&](const Observer& observer) { return observer.position == cluster.watch_log.end(); });
  return seen && cluster.statefulset_controller.active.empty() &&
         cluster.statefulset_controller.queue.empty() && cluster.job_controller.active.empty() &&
         cluster.job_controller.queue.empty() &&
         cluster.job_controller.orphan_head == cluster.job_controller.orphans.size() &&
         idle(cluster.replicaset_controller) && idle(cluster.deployment_controller) &&
         idle(cluster.daemonset_controller) && idle(cluster.disruption_controller) &&
         cluster.scheduler.head == cluster.scheduler.active.size() && cluster.scheduler.bindings.empty();
}

void hash(const Cluster& cluster, sim::Time now, sim::Hasher& hasher) {
  Adder adder(cluster, now, hasher);
  add_nodes(cluster, adder);
  add_pods(cluster, adder);
  add_hidden_pods(cluster, adder);
  add_statefulsets(cluster, adder);
  add_jobs(cluster, adder);
  add_replicasets(cluster, adder);
  add_deployments(cluster, adder);
  add_daemonsets(cluster, adder);
  add_budgets(cluster, adder);
  add_attempts(cluster, adder);
  add_queue(cluster.statefulset_controller.queue, adder);
  adder.moment(cluster.statefulset_controller.client.full_at);
  adder.moment(cluster.statefulset_controller.retries.full_at);
  add_queue(cluster.job_controller.queue, adder);
  adder.moment(cluster.job_controller.client.full_at);
  adder.moment(cluster.ttl_controller.client.full_at);
  add_controller(cluster.replicaset_controller, adder);
  add_controller(cluster.deployment_controller, adder);
  add_controller(cluster.daemonset_controller, adder);
  add_controller(cluster.disruption_controller, adder);
  add_scheduler(cluster.scheduler, adder);
  add_housekeeping(cluster, now, adder);
  add_node_controllers(cluster, adder);
  for (const WriteFault& fault : cluster.write_faults) {
    adder.add(fault.kind, fault.verb, fault.times, fault.skip);
  }
  for (const PodQuota& quota : cluster.pod_quotas) {
    adder.add(quota.name_space, quota.pods);
  }
}

}  // namespace models::kubernetes

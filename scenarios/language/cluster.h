#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/language/duration.h"
#include "scenarios/language/host_set.h"
#include "scenarios/language/hostlist.h"
#include "scenarios/language/iomesh.h"
#include "scenarios/language/located.h"
#include "scenarios/language/openstack.h"
#include "scenarios/language/quantity.h"
#include "scenarios/language/version.h"

namespace scenarios::language {

using Labels = std::vector<Entry<Text>>;

/// `cluster.kubernetes`.
struct Kubernetes {
  Located<Version> version;
  std::vector<Entry<Located<bool>>> feature_gates;
  Text profile;
  Text scheduler_ties;
  Located<Duration> shutdown_grace_period;
  Located<Duration> shutdown_grace_period_critical;
  Located<std::int64_t> terminated_pod_threshold;
  Located<bool> disable_force_detach_on_timeout;
};

struct Taint {
  Text key;
  Text value;
  Text effect;
};

/// The nodes of one hostlist of `cluster.nodes`.
struct NodeGroup {
  Located<MilliCpu> cpu;
  Located<Bytes> memory;
  Located<std::int64_t> pods;
  Labels labels;
  std::vector<Taint> taints;
  Located<bool> unschedulable;
};

/// A key of `cluster.nodes` and what its nodes are like.
struct NodeEntry {
  HostSet names;
  NodeGroup group;
};

/// A count, or a share of the replicas in percent.
struct CountOrPercent {
  std::int64_t value = 0;
  bool percent = false;
  friend bool operator==(const CountOrPercent&, const CountOrPercent&) = default;
};

/// One StatefulSet of `cluster.statefulsets`; its name is the key.
struct StatefulSet {
  Text name_space;
  Located<std::int64_t> replicas;
  Text pod_management_policy;
  Located<std::int64_t> min_ready_seconds;
  Located<std::int64_t> start;
  Located<std::int64_t> partition;
  Located<CountOrPercent> max_unavailable;
  Text update_strategy;
  Located<std::int64_t> revision_history_limit;
  std::vector<Entry<Located<Bytes>>> claims;
  Text when_scaled;
  Text when_deleted;
  Located<Duration> termination_grace_period;
  Located<std::int64_t> containers;
  Located<MilliCpu> cpu;
  Located<Bytes> memory;
  Located<bool> one_per_node;
  Labels labels;
  Text service_name;
};

/// One Deployment of `cluster.deployments`; its name is the key.
struct Deployment {
  Text name_space;
  Located<std::int64_t> replicas;
  Text strategy;
  Located<CountOrPercent> max_surge;
  Located<CountOrPercent> max_unavailable;
  Located<std::int64_t> min_ready_seconds;
  Located<std::int64_t> progress_deadline_seconds;
  Located<std::int64_t> revision_history_limit;
  Located<bool> paused;
  Located<Duration> termination_grace_period;
  Located<std::int64_t> containers;
  Located<MilliCpu> cpu;
  Located<Bytes> memory;
  Located<bool> one_per_node;
  Labels labels;
};

/// One DaemonSet of `cluster.daemonsets`; its name is the key.
struct DaemonSet {
  Text name_space;
  Text update_strategy;
  Located<CountOrPercent> max_surge;
  Located<CountOrPercent> max_unavailable;
  Located<std::int64_t> min_ready_seconds;
  Located<std::int64_t> revision_history_limit;
  Labels node_selector;
  Located<bool> tolerates_everything;
  Located<Duration> termination_grace_period;
  Located<std::int64_t> containers;
  Located<MilliCpu> cpu;
  Located<Bytes> memory;
  Located<bool> one_per_node;
  Labels labels;
};

struct OnExitCodes {
  Text container_name;
  Text operator_word;
  std::vector<Located<std::int64_t>> values;
};

struct OnPodCondition {
  Text type;
  Text status;
};

struct PodFailureRule {
  Text action;
  std::optional<OnExitCodes> on_exit_codes;
  std::vector<OnPodCondition> on_pod_conditions;
};

struct PodFailurePolicy {
  std::vector<PodFailureRule> rules;
};

struct SuccessRule {
  Located<IndexSet> succeeded_indexes;
  Located<std::int64_t> succeeded_count;
};

struct SuccessPolicy {
  std::vector<SuccessRule> rules;
};

/// One Job of `cluster.jobs`; its name is the key.
struct Job {
  Text name_space;
  Located<std::int64_t> completions;
  Located<std::int64_t> parallelism;
  Text completion_mode;
  Located<std::int64_t> backoff_limit;
  Located<std::int64_t> backoff_limit_per_index;
  Located<std::int64_t> max_failed_indexes;
  std::optional<PodFailurePolicy> pod_failure_policy;
  Text pod_replacement_policy;
  std::optional<SuccessPolicy> success_policy;
  Located<bool> suspend;
  Located<Duration> active_deadline;
  Located<Duration> ttl_after_finished;
  Text restart_policy;
  Located<Duration> termination_grace_period;
  Located<std::int64_t> containers;
  Located<MilliCpu> cpu;
  Located<Bytes> memory;
  Located<bool> one_per_node;
  Labels labels;
};

/// One MiniCluster of `cluster.miniclusters`; its name is the key.
struct MiniCluster {
  Text name_space;
  Located<std::int64_t> size;
  Located<std::int64_t> max_size;
  Located<std::int64_t> min_size;
  Located<bool> restart_workers;
  Located<bool> suspend_workers;
  Located<bool> complete_workers;
  Located<std::int64_t> cores;
  Located<bool> interactive;
  Located<std::int64_t> backoff_limit;
  Located<Duration> deadline;
  Located<bool> cleanup;
  Located<Version> flux_version;
  Located<MilliCpu> cpu;
  Located<Bytes> memory;
};

/// One PodDisruptionBudget of `cluster.podDisruptionBudgets`; its name is the key.
struct PodDisruptionBudget {
  Text name_space;
  Located<CountOrPercent> min_available;
  Located<CountOrPercent> max_unavailable;
  std::optional<Labels> selector;
  Text unhealthy_pod_eviction_policy;
};

/// `cluster`: where the plan is rehearsed.
struct Cluster {
  Kubernetes kubernetes;
  std::vector<NodeEntry> nodes;
  std::vector<Entry<StatefulSet>> statefulsets;
  std::vector<Entry<Deployment>> deployments;
  std::vector<Entry<DaemonSet>> daemonsets;
  std::vector<Entry<Job>> jobs;
  std::vector<Entry<MiniCluster>> miniclusters;
  std::vector<Entry<PodDisruptionBudget>> pod_disruption_budgets;
  std::optional<OpenStack> openstack;
  std::optional<IOMesh> iomesh;
  std::vector<Text> manifests;  ///< Paths relative to the scenario's file.
  std::vector<Text> snapshot;   ///< Likewise.
};

}  // namespace scenarios::language

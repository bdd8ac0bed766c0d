#pragma once
// The state of a simulated Kubernetes cluster: what the API server stores, the log of watch events, and the
// memory of each controller. A plain value: copy it to fork.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/kubernetes/budget_index.h"
#include "models/kubernetes/controller_state.h"
#include "models/kubernetes/disruption_state.h"
#include "models/kubernetes/housekeeping_state.h"
#include "models/kubernetes/kubelet_state.h"
#include "models/kubernetes/node_lifecycle_state.h"
#include "models/kubernetes/objects.h"
#include "models/kubernetes/pod_index.h"
#include "models/kubernetes/replicaset_index.h"
#include "models/kubernetes/revision_index.h"
#include "models/kubernetes/scheduler_state.h"
#include "models/kubernetes/settings.h"
#include "models/kubernetes/store.h"
#include "models/kubernetes/strings.h"
#include "models/kubernetes/vocabulary.h"
#include "models/kubernetes/watch.h"
#include "models/kubernetes/workload_objects.h"
#include "models/kubernetes/workload_state.h"
#include "sim/kernel.h"

namespace models::kubernetes {

/// Container statuses of all pods: blocks of as many as the pod's template has containers.
class ContainerPool {
 public:
  std::uint32_t allocate(std::size_t count);
  void release(std::uint32_t first, std::size_t count);
  [[nodiscard]] ContainerStatus& operator[](std::size_t position) { return statuses_[position]; }
  [[nodiscard]] const ContainerStatus& operator[](std::size_t position) const { return statuses_[position]; }

 private:
  std::vector<ContainerStatus> statuses_;
  std::vector<std::vector<std::uint32_t>> free_;  // by block size
};

/// An API write that a fault lets fail.
struct WriteFault {
  Kind kind = Kind::None;   ///< of the object written
  std::uint8_t verb = 0;    ///< a `Verb`
  std::uint32_t times = 0;  ///< how many more
  std::uint32_t skip = 0;   ///< how many go through before
};
enum class Verb : std::uint8_t { Create, Update, UpdateStatus, Delete };

/// A ResourceQuota on the number of pods of a namespace.
struct PodQuota {
  Text name_space = 0;
  std::int32_t pods = 0;
};

/// Which pod holds a StatefulSet's pod name, by ordinal: names are unique in the API whoever owns the pod.
struct OrdinalNames {
  Text name_space = 0;
  Text base_name = 0;
  std::vector<Row> rows;  ///< kNoRow: the name is free
};

/// How many pods of each ordinal a StatefulSet has had, for `Pod::attempt`.
struct SetAttempts {
  Uid uid = 0;  ///< of the set; a later set in the same row begins anew
  std::vector<std::pair<std::int32_t, std::uint16_t>> by_ordinal;  ///< sorted by ordinal
};

/// How many pods were created for each index of a Job, and for all others together.
struct JobAttempts {
  Uid uid = 0;  ///< of the Job that the counts are for
  std::vector<std::uint16_t> by_index;
  std::uint32_t without_index = 0;
};

struct Cluster {
  std::shared_ptr<const Settings> settings;
  Strings strings;
  std::vector<std::shared_ptr<const PodTemplate>> templates;
  std::vector<std::shared_ptr<const LabelMap>> label_sets;
  std::vector<std::shared_ptr<const std::vector<Taint>>> taint_sets;
  std::vector<std::shared_ptr<const NodeShape>> node_shapes;

  Store<Node> nodes;
  Store<Pod> pods;
  Store<StatefulSet> statefulsets;
  Store<Job> jobs;
  Store<PersistentVolumeClaim> claims;
  Store<ControllerRevision> revisions;
  Store<ReplicaSet> replicasets;
  Store<Deployment> deployments;
  Store<DaemonSet> daemonsets;
  Store<PodDisruptionBudget> budgets;
  ContainerPool containers;
  std::vector<OrdinalNames> ordinal_names;
  std::vector<JobAttempts> job_attempts;  ///< by row of the Job

  Version resource_version = 0;
  Uid next_uid = 1;
  std::vector<Row> row_of_uid;  ///< where each object was stored, by uid; rows are reused after removal
  WatchLog watch_log;
  std::array<Observer, kObservers> observers;

  StatefulSetControllerState statefulset_controller;
  JobControllerState job_controller;
  ReplicaSetControllerState replicaset_controller;
  DeploymentControllerState deployment_controller;
  DaemonSetControllerState daemonset_controller;
  DisruptionControllerState disruption_controller;
  TtlControllerState ttl_controller;
  GarbageCollectorState garbage_collector;
  PodGarbageCollectorState pod_garbage_collector;
  ClaimControllerState claim_controller;
  AttachDetachState attach_detach;
  NodeLifecycleState node_lifecycle;
  TaintEvictionState taint_eviction;
  CloudNodeState cloud_nodes;
  NodeShutdownState node_shutdown;
  SchedulerState scheduler;
  KubeletState kubelet;

  std::vector<SetAttempts> set_attempts;         ///< by row of the StatefulSet
  std::vector<JobAttempts> replicaset_attempts;  ///< by row of the ReplicaSet; its pods have no index
  std::vector<JobAttempts> daemonset_attempts;   ///< by row of the DaemonSet; its pods have no index

  // Of no object; whoever hashes a world passes them over.
  BudgetIndex budget_index;
  ReplicaSetIndex replicaset_index;
  RevisionIndex revision_index;
  PodIndex pod_index;
  Version trimmed = 0;  ///< what was replaced up to here is forgotten

  std::vector<WriteFault> write_faults;
  std::vector<PodQuota> pod_quotas;

  [[nodiscard]] const Features& features() const { return settings->features; }
  [[nodiscard]] const PodTemplate& template_of(const Pod& pod) const { return *templates[pod.pod_template]; }
  [[nodiscard]] const NodeShape& shape_of(const Node& node) const { return *node_shapes[node.shape]; }

  /// The id of an equal template stored before, or of this one stored now.
  TemplateId add_template(PodTemplate pod_template);
  std::uint32_t add_label_set(LabelMap labels);  ///< for Pod::label_set: position + 1; 0 for no labels
  std::uint32_t add_taint_set(std::vector<Taint> taints);  ///< for Node::taint_set; 0 for none
  std::uint32_t add_node_shape(NodeShape shape);

  [[nodiscard]] std::string name_of(const Pod& pod) const;
  [[nodiscard]] const std::string& name_of(const Meta& meta) const { return strings[meta.name]; }
  /// `<prefix>-<index>-<suffix>` as upstream: hostname of a Job's pod is `<job>-<index>`.
  [[nodiscard]] std::string hostname_of(const Pod& pod) const;
  /// The value of a label of a pod, the ones that controllers add included; nullopt if it has none.
  [[nodiscard]] std::optional<std::string> label_of(const Pod& pod, std::string_view key) const;
  /// All labels of a pod, sorted.
  [[nodiscard]] LabelMap labels_of(const Pod& pod) const;
  [[nodiscard]] const std::vector<Taint>& taints_of(const Node& node) const;

  /// Look-ups of what the API serves now; kNoRow if there is none.
  [[nodiscard]] Row find_pod(std::string_view name_space, std::string_view name) const;
  [[nodiscard]] Row find_statefulset(std::string_view name_space, std::string_view name) const;
  [[nodiscard]] Row find_job(std::string_view name_space, std::string_view name) const;
  [[nodiscard]] Row find_replicaset(std::string_view name_space, std::string_view name) const;
  [[nodiscard]] Row find_deployment(std::string_view name_space, std::string_view name) const;
  [[nodiscard]] Row find_daemonset(std::string_view name_space, std::string_view name) const;
  [[nodiscard]] Row find_budget(std::string_view name_space, std::string_view name) const;
  [[nodiscard]] Row find_claim(std::string_view name_space, std::string_view name) const;
  [[nodiscard]] Row find_node(std::string_view name) const;
  [[nodiscard]] Row find_pod_by_uid(Uid uid) const;
  /// The same, also for a pod that was removed and that an observer has not yet seen go.
  [[nodiscard]] Row find_pod_or_removed(Uid uid) const;

  /// The sum of the restarts of a pod's containers.
  [[nodiscard]] std::uint32_t restarts_of(const Pod& pod) const;
};

/// One dispatch: the cluster, the time and what is pending, chance and history.
struct Turn {
  Cluster& cluster;
  sim::Agenda& agenda;
  sim::Context& context;

  [[nodiscard]] sim::Time now() const { return agenda.now; }
};

/// The cluster as an observer sees it: every object in the version that it last received.
class View {
 public:
  View(const Cluster& cluster, Version seen) : cluster_(&cluster), seen_(seen) {}

  [[nodiscard]] const Pod* pod(Row row) const { return cluster_->pods.as_of(row, seen_); }
  [[nodiscard]] const StatefulSet* statefulset(Row row) const {
    return cluster_->statefulsets.as_of(row, seen_);
  }
  [[nodiscard]] const Job* job(Row row) const { return cluster_->jobs.as_of(row, seen_); }
  [[nodiscard]] const PersistentVolumeClaim* claim(Row row) const {
    return cluster_->claims.as_of(row, seen_);
  }
  [[nodiscard]] const ControllerRevision* revision(Row row) const {
    return cluster_->revisions.as_of(row, seen_);
  }
  [[nodiscard]] const ReplicaSet* replicaset(Row row) const {
    return cluster_->replicasets.as_of(row, seen_);
  }
  [[nodiscard]] const Deployment* deployment(Row row) const {
    return cluster_->deployments.as_of(row, seen_);
  }
  [[nodiscard]] const DaemonSet* daemonset(Row row) const { return cluster_->daemonsets.as_of(row, seen_); }
  [[nodiscard]] const PodDisruptionBudget* budget(Row row) const {
    return cluster_->budgets.as_of(row, seen_);
  }
  [[nodiscard]] const Node* node(Row row) const { return cluster_->nodes.as_of(row, seen_); }
  [[nodiscard]] const Cluster& cluster() const { return *cluster_; }

  /// Visits every pod that `owner` controls, as seen: the list starts at the owner's `pods_head` (the newest
  /// pod) and holds removed pods until every observer has seen their removal.
  template <class Visit>
  void each_pod_of(Row pods_head, Visit&& visit) const {
    for (Row row = pods_head; row != kNoRow; row = cluster_->pods[row].owner_next) {
      if (const Pod* seen = pod(row); seen != nullptr) {
        visit(row, *seen);
      }
    }
  }

 private:
  const Cluster* cluster_;
  Version seen_;
};

/// What `observer` sees now.
inline View view_of(const Cluster& cluster, ObserverId observer) {
  return {cluster, cluster.observers[static_cast<std::size_t>(observer)].seen};
}

}  // namespace models::kubernetes

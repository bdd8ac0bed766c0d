#pragma once
// The API objects, as plain values. Content that never changes (pod templates, label sets) is stored once and
// referred to by id, so that objects stay small and worlds cheap to copy.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/index_set.h"
#include "models/kubernetes/label_selector.h"
#include "sim/table.h"
#include "sim/time.h"

namespace models::kubernetes {

using Text = std::uint32_t;     ///< an interned string, see `Strings`; 0 is the empty string
using Uid = std::uint32_t;      ///< counts objects of a run from 1; also the subject of transitions
using Version = std::uint32_t;  ///< resourceVersion; counts writes of the cluster from 1
using Row = std::uint32_t;      ///< index of an object in its store
using TemplateId = std::uint32_t;
inline constexpr Row kNoRow = 0xffffffffU;

enum class Kind : std::uint8_t {
  None,
  Node,
  Pod,
  StatefulSet,
  Job,
  PersistentVolumeClaim,
  ControllerRevision,
  MiniCluster,
  Other,  ///< an owner that is not modelled
  ReplicaSet,
  Deployment,
  DaemonSet,
  PodDisruptionBudget,
};

/// What every object has. `previous` chains to older versions that an observer may still need.
struct Meta {
  Uid uid = 0;
  Version resource_version = 0;
  std::uint32_t previous = 0;  ///< position in the version log + 1; 0 is none
  Text name = 0;
  Text name_space = 0;
  std::uint32_t generation = 1;
  sim::Time created{};
  sim::Time deletion_timestamp = sim::kNever;  ///< deletion requested: when the grace period ends
  bool removed = false;                        ///< gone from the API; the row stays while an observer lags

  [[nodiscard]] bool deleting() const { return deletion_timestamp != sim::kNever; }
  friend bool operator==(const Meta&, const Meta&) = default;
};

/// The finalizer that a deletion with a propagation policy puts on an owner.
enum class DeletionFinalizer : std::uint8_t { None, ForegroundDeletion, Orphan };

/// The controller owner reference (`controller: true`).
struct OwnerRef {
  Kind kind = Kind::None;
  Row row = kNoRow;  ///< row of the owner in its store; valid only while the owner's uid is `uid`
  Uid uid = 0;
  friend bool operator==(const OwnerRef&, const OwnerRef&) = default;
};

// ---------------------------------------------------------------------------------------------------------
// Pods

enum class PodPhase : std::uint8_t { Pending, Running, Succeeded, Failed, Unknown };
enum class RestartPolicy : std::uint8_t { Always, OnFailure, Never };

/// Why a container waits or ended; the word that `kubectl get pods` shows.
enum class ContainerReason : std::uint8_t {
  None,
  ContainerCreating,
  PodInitializing,
  CrashLoopBackOff,
  ImagePullBackOff,
  ErrImagePull,
  Completed,
  Error,
  OOMKilled,
  Other,
};
enum class ContainerState : std::uint8_t { Waiting, Running, Terminated };

struct ContainerStatus {
  sim::Time changed_at{};  ///< started, or finished when terminated
  std::int32_t exit_code = 0;
  std::int16_t signal = 0;
  std::uint16_t restarts = 0;
  ContainerState state = ContainerState::Waiting;
  ContainerReason reason = ContainerReason::None;
  bool ready = false;
  sim::Time last_finished_at =
      sim::kNever;  ///< lastState.terminated.finishedAt: end of the run before; kNever: none
  friend bool operator==(const ContainerStatus&, const ContainerStatus&) = default;
};

/// `status.reason` of a pod that the kubelet or a controller ended.
enum class PodReason : std::uint8_t {
  None,
  Evicted,
  NodeLost,
  NodeShutdown,  ///< rejected by a kubelet whose machine shuts down
  Terminated,    ///< ended because the machine shuts down
  DeadlineExceeded,
  UnexpectedAdmissionError
};

/// Reason of the condition DisruptionTarget. Source: k8s.io/api core/v1 types.go PodReason…
enum class DisruptionReason : std::uint8_t {
  None,
  EvictionByEvictionAPI,
  DeletionByTaintManager,
  DeletionByPodGC,
  PreemptionByScheduler,
  TerminationByKubelet,
};

/// One pod. Names of controllers' pods are not stored but derived: `<base>-<index>` for a StatefulSet,
/// `<base>-<index>-<suffix>` for an Indexed Job, `<base>-<suffix>` for others.
struct Pod {
  Meta meta;                 ///< `name` is 0 when derived
  Text base_name = 0;        ///< the owner's name, where the pod's name is derived from it
  std::int32_t index = -1;   ///< ordinal of a StatefulSet's pod, completion index of a Job's; -1 is none
  std::uint32_t suffix = 0;  ///< five random characters in base 27 plus 1; 0 is none
  OwnerRef owner;
  TemplateId pod_template = 0;
  std::uint32_t label_set = 0;  ///< 0: the template's labels; else `Cluster::label_sets[label_set - 1]`
  Text revision =
      0;  ///< label controller-revision-hash: a StatefulSet's ControllerRevision, a DaemonSet's hash
  Row node = kNoRow;                    ///< spec.nodeName
  std::uint32_t containers = 0;         ///< first of the template's containers in `Cluster::containers`
  std::uint32_t attempt = 0;            ///< how many pods of this owner and index were created before
  std::int32_t grace_seconds = 0;       ///< deletionGracePeriodSeconds once deletion is requested
  sim::Time ready_changed{};            ///< lastTransitionTime of condition Ready
  sim::Time bound_at{};                 ///< when the scheduler bound it
  sim::Time started_at{};               ///< status.startTime: when the kubelet accepted it
  sim::Time finished_at = sim::kNever;  ///< when all containers had ended
  std::int32_t failure_count = -1;      ///< annotation batch.kubernetes.io/job-index-failure-count; -1 absent
  std::int32_t ignored_failure_count = 0;  ///< annotation …/job-index-ignored-failure-count
  std::uint32_t restarts = 0;              ///< sum over containers, as this version knows it
  std::uint16_t status_changes = 0;  ///< counts changes of container statuses that show in no other field
  PodPhase phase = PodPhase::Pending;
  PodReason reason = PodReason::None;
  bool ready = false;               ///< condition Ready is True
  bool initialized = false;         ///< condition Initialized is True
  bool containers_started = false;  ///< all regular containers run (or have run)
  bool unschedulable = false;       ///< condition PodScheduled is False, reason Unschedulable
  Text unschedulable_message = 0;   ///< that condition's message
  bool job_tracking = false;        ///< finalizer batch.kubernetes.io/job-tracking
  bool foreign_finalizer = false;   ///< some other finalizer, which a person must remove
  bool disruption_target = false;   ///< condition DisruptionTarget is True
  bool static_pod = false;          ///< a mirror pod: annotation kubernetes.io/config.mirror
  DisruptionReason disruption_reason = DisruptionReason::None;
  Kind made_for = Kind::None;  ///< ReplicaSet or DaemonSet where `base_name` is one's; None: see `made_by`
  Text pinned_node = 0;        ///< a DaemonSet's: the node that its affinity names (metadata.name); 0: none
  std::uint32_t template_generation = 0;  ///< a DaemonSet's: label pod-template-generation
  std::int32_t deletion_cost = 0;         ///< annotation controller.kubernetes.io/pod-deletion-cost
  Row nominated_node = kNoRow;            ///< status.nominatedNodeName
  sim::Time disrupted_at{};               ///< lastTransitionTime of condition DisruptionTarget

  // Intrusive lists of the pods of an owner and of a node (rows; kNoRow ends a list). Not part of the object.
  Row owner_next = kNoRow, owner_previous = kNoRow;
  Row node_next = kNoRow, node_previous = kNoRow;

  [[nodiscard]] bool terminal() const { return phase == PodPhase::Succeeded || phase == PodPhase::Failed; }
  /// The kind of controller that created the pod, also after it was released; None: a person or a kubelet.
  [[nodiscard]] Kind made_by() const {
    return made_for != Kind::None ? made_for
           : base_name == 0       ? Kind::None
           : suffix != 0          ? Kind::Job
                                  : Kind::StatefulSet;
  }
};
static_assert(sizeof(Pod) <= 256);

struct Container {
  std::string name;
  std::string image;
  std::int64_t cpu_millicores = 0;  ///< request
  std::int64_t memory_bytes = 0;    ///< request
  bool init = false;
  bool restartable = false;  ///< an init container with restartPolicy Always (sidecar)
  friend bool operator==(const Container&, const Container&) = default;
};

struct Toleration {
  std::string key;  ///< empty with `exists`: every taint
  std::string value;
  std::string effect;  ///< empty: every effect
  bool exists = false;
  std::int64_t seconds = -1;  ///< tolerationSeconds; -1 is for ever
  friend bool operator==(const Toleration&, const Toleration&) = default;
};

struct Taint {
  std::string key;
  std::string value;
  std::string effect;
  friend bool operator==(const Taint&, const Taint&) = default;
};

struct HostPort {
  std::int32_t port = 0;
  std::string protocol;  ///< TCP, UDP, SCTP
  std::string ip;        ///< empty: every address of the node
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// A term of inter-pod affinity or anti-affinity.
struct PodAffinityTerm {
  LabelSelector selector;
  bool has_selector = false;  ///< without one no pod matches
  std::string topology_key;
  std::vector<std::string> namespaces;  ///< empty: the pod's own
  bool every_namespace = false;         ///< an empty namespaceSelector
  std::int32_t weight = 0;              ///< 0: required
  friend bool operator==(const PodAffinityTerm&, const PodAffinityTerm&) = default;
};

struct TopologySpreadConstraint {
  std::int32_t max_skew = 1;
  std::int32_t min_domains = 1;
  std::string topology_key;
  bool do_not_schedule = true;  ///< else ScheduleAnyway
  LabelSelector selector;
  bool has_selector = false;
  bool honor_node_affinity = true;  ///< nodeAffinityPolicy
  bool honor_node_taints = false;   ///< nodeTaintsPolicy
  std::vector<std::string> match_label_keys;
  friend bool operator==(const TopologySpreadConstraint&, const TopologySpreadConstraint&) = default;
};

/// Volumes of a pod that rules look at. Claims of a StatefulSet's templates are not in its pod template.
struct PodVolumes {
  bool empty_dir = false;  ///< some volume is an emptyDir, also one in memory
  bool host_path = false;
  std::vector<std::string> claims;  ///< names of claims, in the order of the manifest
  friend bool operator==(const PodVolumes&, const PodVolumes&) = default;
};

/// spec.template of a workload, or the spec of a bare pod.
struct PodTemplate {
  LabelMap labels;
  LabelMap annotations;
  std::vector<Container> containers;  ///< init containers first, in the order of the manifest
  RestartPolicy restart_policy = RestartPolicy::Always;
  std::int64_t termination_grace_seconds = 30;
  std::int64_t active_deadline_seconds = -1;
  LabelMap node_selector;
  std::vector<Toleration> tolerations;
  std::string node_name;                                       ///< spec.nodeName given in the manifest
  std::optional<std::vector<NodeSelectorTerm>> node_affinity;  ///< required terms; none: no such affinity
  std::vector<PreferredNodeTerm> preferred_node_affinity;
  std::vector<PodAffinityTerm> pod_affinity;  ///< required and preferred, see `weight`
  std::vector<PodAffinityTerm> pod_anti_affinity;
  std::vector<TopologySpreadConstraint> topology_spread;
  std::vector<HostPort> host_ports;
  PodVolumes volumes;
  std::int32_t priority = 0;   ///< spec.priority
  std::string priority_class;  ///< spec.priorityClassName
  bool preempts = true;        ///< spec.preemptionPolicy is not Never
  bool host_network = false;
  std::string manifest;  ///< the template as JSON, every field, for printing and for revision hashes
  std::int64_t cpu_millicores = 0;  ///< what the scheduler counts: requests of the pod as a whole
  std::int64_t memory_bytes = 0;
  std::uint8_t init_containers = 0;
  bool readiness_probe =
      false;  ///< some container has a readinessProbe; without one a running pod is ready at once
  friend bool operator==(const PodTemplate&, const PodTemplate&) = default;

  [[nodiscard]] std::size_t regular_containers() const { return containers.size() - init_containers; }
};

// ---------------------------------------------------------------------------------------------------------
// Nodes

/// What nodes of one kind share.
struct NodeShape {
  std::int64_t cpu_millicores = 0;  ///< allocatable
  std::int64_t memory_bytes = 0;
  std::int32_t pods = 110;  ///< default of kubelet --max-pods
  LabelMap labels;          ///< without kubernetes.io/hostname, which is the node's name
  std::string roles;        ///< as printed; empty prints <none>
  std::string kubelet_version;
  friend bool operator==(const NodeShape&, const NodeShape&) = default;
};

struct Node {
  Meta meta;
  std::uint32_t shape = 0;      ///< in `Cluster::node_shapes`
  std::uint32_t taint_set = 0;  ///< 0: none; else `Cluster::taint_sets[taint_set - 1]`
  bool unschedulable = false;   ///< spec.unschedulable (cordon)
  bool ready = true;            ///< condition Ready is True
  bool ready_unknown = false;   ///< condition Ready is Unknown: the kubelet went silent
  bool reported = true;         ///< there is a condition Ready at all
  bool kubelet_alive = true;    ///< not part of the object: whether its kubelet acts and posts status
  bool machine_on = true;       ///< not part of the object: whether containers can run on it
  bool shutting_down = false;   ///< not part of the object: the kubelet ends its pods and takes no new ones
  sim::Time ready_changed{};
  Text manifest = 0;       ///< fields that no rule reads, as JSON, for printing; 0: none
  Row pods_head = kNoRow;  ///< first pod of the node's intrusive list
};

// ---------------------------------------------------------------------------------------------------------
// StatefulSets

enum class PodManagementPolicy : std::uint8_t { OrderedReady, Parallel };
enum class UpdateStrategy : std::uint8_t { RollingUpdate, OnDelete };
enum class ClaimRetention : std::uint8_t { Retain, Delete };

/// A count or a share of replicas.
struct IntOrPercent {
  std::int32_t value = 1;
  bool percent = false;
  friend bool operator==(const IntOrPercent&, const IntOrPercent&) = default;
};

struct ClaimTemplate {
  std::string name;
  std::string storage;        ///< requested size as written
  std::string storage_class;  ///< empty: the default class
  friend bool operator==(const ClaimTemplate&, const ClaimTemplate&) = default;
};

struct StatefulSetSpec {
  std::int32_t replicas = 1;
  PodManagementPolicy pod_management_policy = PodManagementPolicy::OrderedReady;
  UpdateStrategy update_strategy = UpdateStrategy::RollingUpdate;
  bool rolling_update_block = true;  ///< updateStrategy.rollingUpdate is present
  std::int32_t partition = 0;
  std::optional<IntOrPercent> max_unavailable;
  std::int32_t start = 0;  ///< ordinals.start
  std::int32_t min_ready_seconds = 0;
  std::int32_t revision_history_limit = 10;
  ClaimRetention when_deleted = ClaimRetention::Retain;
  ClaimRetention when_scaled = ClaimRetention::Retain;
  Text service_name = 0;
  TemplateId pod_template = 0;
  std::shared_ptr<const LabelMap> selector;                  ///< matchLabels; never null in a stored object
  std::shared_ptr<const std::vector<ClaimTemplate>> claims;  ///< null: none
};

struct StatefulSetStatus {
  std::int32_t replicas = 0;
  std::int32_t ready_replicas = 0;
  std::int32_t available_replicas = 0;
  std::int32_t current_replicas = 0;
  std::int32_t updated_replicas = 0;
  std::uint32_t observed_generation = 0;
  Text current_revision = 0;
  Text update_revision = 0;
  friend bool operator==(const StatefulSetStatus&, const StatefulSetStatus&) = default;
};

/// What a controller last said it waits for; see vocabulary.h for the reasons.
struct Wait {
  std::uint16_t reason = 0;  ///< a `WaitReason`; 0: not waiting
  Uid on = 0;                ///< the object waited for; 0 where there is none
  friend bool operator==(const Wait&, const Wait&) = default;
};

/// How many of an owner's pods run and are Ready; pods whose deletion was requested are not counted.
struct PodCounts {
  std::int32_t running = 0;  ///< phase Running
  std::int32_t ready = 0;    ///< condition Ready is True
  friend bool operator==(const PodCounts&, const PodCounts&) = default;
};

/// What one pod adds to the counts of its owner.
inline PodCounts counts_of(const Pod& pod) {
  const bool stays = !pod.meta.removed && !pod.meta.deleting();
  return {stays && pod.phase == PodPhase::Running ? 1 : 0, stays && pod.ready ? 1 : 0};
}

struct StatefulSet {
  Meta meta;
  OwnerRef owner;
  StatefulSetSpec spec;
  StatefulSetStatus status;
  Text manifest = 0;     ///< the object as applied, JSON, for printing; 0: none
  Text labels_json = 0;  ///< metadata.labels as JSON, for printing and selecting; 0: none
  DeletionFinalizer propagation = DeletionFinalizer::None;
  Row pods_head = kNoRow;  ///< first pod that it controls; not part of the object
  PodCounts pod_counts;    ///< of the pods that it controls; not part of the object
  Wait wait;               ///< not part of the object
};

/// A stored version of a StatefulSet's template.
struct ControllerRevision {
  Meta meta;
  OwnerRef owner;
  std::int64_t revision = 0;
  TemplateId pod_template = 0;
};

// ---------------------------------------------------------------------------------------------------------
// PersistentVolumeClaims

enum class ClaimPhase : std::uint8_t { Pending, Bound, Lost };

struct PersistentVolumeClaim {
  Meta meta;
  Text set_name = 0;                 ///< name of the StatefulSet that it was created for; 0: none
  std::int32_t ordinal = -1;         ///< whose claim it is; -1: not a StatefulSet's
  std::uint16_t claim_template = 0;  ///< which of the set's claim templates
  Uid owner_set = 0;                 ///< owner reference to a StatefulSet; 0: none
  Uid owner_pod = 0;                 ///< owner reference to a Pod; 0: none
  bool foreign_controller = false;   ///< has a controller reference to something else
  ClaimPhase phase = ClaimPhase::Pending;
  Text storage = 0;
  Text storage_class = 0;
  Text volume = 0;         ///< name of the bound volume
  bool protection = true;  ///< finalizer kubernetes.io/pvc-protection
  Text manifest =
      0;  ///< fields that no rule reads, as JSON, for printing; 0: those of the set's claim template
};

// ---------------------------------------------------------------------------------------------------------
// Jobs

enum class PodReplacementPolicy : std::uint8_t { TerminatingOrFailed, Failed };
enum class FailureAction : std::uint8_t { Ignore, Count, FailIndex, FailJob };

struct PodFailureRule {
  FailureAction action = FailureAction::Count;
  bool on_exit_codes = false;  ///< else on pod conditions
  std::string container;       ///< empty: any
  bool not_in = false;         ///< operator NotIn
  std::vector<std::int32_t> exit_codes;
  /// Condition patterns, type and status; only DisruptionTarget ever becomes True here.
  std::vector<std::pair<std::string, std::string>> conditions;
};

struct SuccessRule {
  std::optional<IndexSet> succeeded_indexes;
  std::int32_t succeeded_count = -1;  ///< -1: not given
};

struct JobSpec {
  std::int32_t completions = -1;  ///< -1: not given
  std::int32_t parallelism = 1;
  bool indexed = false;
  std::int32_t backoff_limit = 6;
  std::int32_t backoff_limit_per_index = -1;  ///< -1: not given
  std::int32_t max_failed_indexes = -1;       ///< -1: not given
  std::int64_t active_deadline_seconds = -1;
  std::int64_t ttl_seconds_after_finished = -1;
  bool suspend = false;
  bool managed_by_other = false;  ///< spec.managedBy names another controller
  PodReplacementPolicy pod_replacement_policy = PodReplacementPolicy::TerminatingOrFailed;
  TemplateId pod_template = 0;
  std::shared_ptr<const std::vector<PodFailureRule>> pod_failure_policy;  ///< null: none
  std::shared_ptr<const std::vector<SuccessRule>> success_policy;         ///< null: none
  std::shared_ptr<const LabelMap> selector;  ///< null: the generated one (controller-uid)
};

enum class JobConditionType : std::uint8_t { Suspended, FailureTarget, SuccessCriteriaMet, Failed, Complete };
inline constexpr std::size_t kJobConditionTypes = 5;

/// A condition of a Job. Reasons and messages are interned texts.
struct JobCondition {
  bool present = false;
  bool status = false;  ///< True or False
  Text reason = 0;
  Text message = 0;
  sim::Time last_transition{};
  friend bool operator==(const JobCondition&, const JobCondition&) = default;
};

struct JobStatus {
  std::int32_t active = 0;
  std::int32_t ready = 0;
  std::int32_t succeeded = 0;
  std::int32_t failed = 0;
  std::int32_t terminating = -1;  ///< -1: null (gate JobPodReplacementPolicy off)
  IndexSet completed_indexes;
  IndexSet failed_indexes;  ///< printed only with backoffLimitPerIndex
  std::vector<Uid> uncounted_succeeded;
  std::vector<Uid> uncounted_failed;
  sim::Time start_time = sim::kNever;
  sim::Time completion_time = sim::kNever;
  std::array<JobCondition, kJobConditionTypes> conditions;

  [[nodiscard]] const JobCondition& condition(JobConditionType type) const {
    return conditions[static_cast<std::size_t>(type)];
  }
  [[nodiscard]] JobCondition& condition(JobConditionType type) {
    return conditions[static_cast<std::size_t>(type)];
  }
  [[nodiscard]] bool is_true(JobConditionType type) const {
    return condition(type).present && condition(type).status;
  }
  [[nodiscard]] bool finished() const {
    return is_true(JobConditionType::Complete) || is_true(JobConditionType::Failed);
  }
  friend bool operator==(const JobStatus&, const JobStatus&) = default;
};

struct Job {
  Meta meta;
  OwnerRef owner;
  JobSpec spec;
  JobStatus status;
  Text manifest = 0;
  Text labels_json = 0;
  DeletionFinalizer propagation = DeletionFinalizer::None;
  Row pods_head = kNoRow;  ///< first pod that it controls; not part of the object
  PodCounts pod_counts;    ///< of the pods that it controls; not part of the object
  Wait wait;               ///< not part of the object
};

}  // namespace models::kubernetes

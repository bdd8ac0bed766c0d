#include "scenarios/language/pod_fields.h"
#include "scenarios/language/tables.h"

namespace scenarios::language {

template <>
const TableOf<Kubernetes>& table_of<Kubernetes>() {
  static const TableOf<Kubernetes> table(
      "Kubernetes", "Which release runs, and what is switched on in it.", [](auto& t) {
        t.field(
            "version", &Kubernetes::version,
            {.fallback = "1.34.0",
             .sentence = "The release, patch number included. Defaults and behaviour follow it. Where it is "
                         "not given, files of a cluster tell it: `kubectl version -o json`, else the newest "
                         "kubelet of their Nodes.",
             .source = "`kubectl version`"});
        t.field("featureGates", &Kubernetes::feature_gates,
                {.sentence = "Gates that differ from the release's defaults.",
                 .source = "kube-apiserver and kube-controller-manager `--feature-gates`"});
        t.field("profile", &Kubernetes::profile,
                {.sentence = "The timing profile of the cluster: how long starts, stops and API calls take.",
                 .source = "Rehearsal"});
        t.field("schedulerTies", &Kubernetes::scheduler_ties,
                {.fallback = "random",
                 .sentence =
                     "Which of equally good nodes a pod gets: any, or one with the most pods of its kind.",
                 .source = "Rehearsal; kube-scheduler draws",
                 .words = {"random", "adverse"}});
        t.field("shutdownGracePeriod", &Kubernetes::shutdown_grace_period,
                {.fallback = "0s",
                 .sentence = "How long kubelets delay the shutdown of their machine to end its pods; `0s`: "
                             "not at all.",
                 .source = "kubelet `shutdownGracePeriod`",
                 .zero_is_fine = true,
                 .whole_seconds = true});
        t.field("shutdownGracePeriodCriticalPods", &Kubernetes::shutdown_grace_period_critical,
                {.fallback = "0s",
                 .sentence = "Which part of that is kept for pods that are critical to the system.",
                 .source = "kubelet `shutdownGracePeriodCriticalPods`",
                 .zero_is_fine = true,
                 .whole_seconds = true});
        t.field("terminatedPodGCThreshold", &Kubernetes::terminated_pod_threshold,
                {.fallback = "12500",
                 .sentence = "How many ended pods may stay before the oldest are removed; `0`: any number.",
                 .source = "kube-controller-manager `--terminated-pod-gc-threshold`"});
        t.field("disableForceDetachOnTimeout", &Kubernetes::disable_force_detach_on_timeout,
                {.fallback = "false",
                 .sentence = "Whether a volume that is still mounted on a node that is not ready stays "
                             "attached after six minutes.",
                 .source = "kube-controller-manager `--disable-force-detach-on-timeout`"});
      });
  return table;
}

template <>
const TableOf<Taint>& table_of<Taint>() {
  static const TableOf<Taint> table("Taint", "A taint of a node.", [](auto& t) {
    t.field("key", &Taint::key,
            {.required = true, .sentence = "The key of the taint.", .source = "core/v1 Taint.key"});
    t.field("value", &Taint::value,
            {.sentence = "The value of the taint.", .source = "core/v1 Taint.value", .empty_is_fine = true});
    t.field("effect", &Taint::effect,
            {.required = true,
             .sentence = "What it does to pods that do not tolerate it.",
             .source = "core/v1 Taint.effect",
             .words = {"NoSchedule", "PreferNoSchedule", "NoExecute"}});
  });
  return table;
}

template <>
const TableOf<NodeGroup>& table_of<NodeGroup>() {
  static const TableOf<NodeGroup> table("Node", "What the nodes of one hostlist are like.", [](auto& t) {
    t.field("cpu", &NodeGroup::cpu,
            {.required = true,
             .sentence = "Allocatable processor time of each node.",
             .source = "core/v1 NodeStatus.allocatable"});
    t.field("memory", &NodeGroup::memory,
            {.required = true,
             .sentence = "Allocatable memory of each node.",
             .source = "core/v1 NodeStatus.allocatable"});
    t.field("pods", &NodeGroup::pods,
            {.fallback = "110",
             .sentence = "How many pods each node takes.",
             .source = "kubelet `--max-pods`",
             .minimum = 1,
             .maximum = 100'000});
    t.field("labels", &NodeGroup::labels,
            {.sentence = "Labels besides `kubernetes.io/hostname`.",
             .source = "core/v1 ObjectMeta.labels",
             .empty_is_fine = true});
    t.field("taints", &NodeGroup::taints,
            {.sentence = "Taints of each node.", .source = "core/v1 NodeSpec.taints"});
    t.field("unschedulable", &NodeGroup::unschedulable,
            {.fallback = "false",
             .sentence = "Whether the nodes are cordoned at the start.",
             .source = "core/v1 NodeSpec.unschedulable"});
  });
  return table;
}

template <>
const TableOf<StatefulSet>& table_of<StatefulSet>() {
  static const TableOf<StatefulSet> table(
      "StatefulSet", "A StatefulSet, described by what the rehearsal needs to know of it.", [](auto& t) {
        t.field(
            "namespace", &StatefulSet::name_space,
            {.fallback = "default", .sentence = "Its namespace.", .source = "core/v1 ObjectMeta.namespace"});
        t.field("replicas", &StatefulSet::replicas,
                {.fallback = "1",
                 .sentence = "How many pods it wants.",
                 .source = "apps/v1 StatefulSetSpec.replicas"});
        t.field("podManagementPolicy", &StatefulSet::pod_management_policy,
                {.fallback = "OrderedReady",
                 .sentence = "Whether pods are created and deleted one after the other or at once.",
                 .source = "apps/v1 StatefulSetSpec.podManagementPolicy",
                 .words = {"OrderedReady", "Parallel"}});
        t.field("minReadySeconds", &StatefulSet::min_ready_seconds,
                {.fallback = "0",
                 .sentence = "For how many seconds a pod must be Ready to count as available.",
                 .source = "apps/v1 StatefulSetSpec.minReadySeconds"});
        t.field("start", &StatefulSet::start,
                {.fallback = "0",
                 .sentence = "The ordinal of the first pod.",
                 .source = "apps/v1 StatefulSetOrdinals.start"});
        t.field("updateStrategy", &StatefulSet::update_strategy,
                {.fallback = "RollingUpdate",
                 .sentence = "Whether a new template replaces pods by itself.",
                 .source = "apps/v1 StatefulSetUpdateStrategy.type",
                 .words = {"RollingUpdate", "OnDelete"}});
        t.field("partition", &StatefulSet::partition,
                {.fallback = "0",
                 .sentence = "Pods below this index keep the old template.",
                 .source = "apps/v1 RollingUpdateStatefulSetStrategy.partition"});
        t.field(
            "maxUnavailable", &StatefulSet::max_unavailable,
            {.sentence =
                 "How many pods an update may take away at once; needs the gate MaxUnavailableStatefulSet.",
             .source = "apps/v1 RollingUpdateStatefulSetStrategy.maxUnavailable",
             .minimum = 1});
        t.field("revisionHistoryLimit", &StatefulSet::revision_history_limit,
                {.fallback = "10",
                 .sentence = "How many unused revisions are kept.",
                 .source = "apps/v1 StatefulSetSpec.revisionHistoryLimit"});
        t.field("claims", &StatefulSet::claims,
                {.sentence = "Its volume claim templates: name and size.",
                 .source = "apps/v1 StatefulSetSpec.volumeClaimTemplates"});
        t.field("whenScaled", &StatefulSet::when_scaled,
                {.fallback = "Retain",
                 .sentence = "What becomes of the claims of pods that a smaller `replicas` removes.",
                 .source = "apps/v1 StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled",
                 .words = {"Retain", "Delete"}});
        t.field("whenDeleted", &StatefulSet::when_deleted,
                {.fallback = "Retain",
                 .sentence = "What becomes of the claims when the StatefulSet is deleted.",
                 .source = "apps/v1 StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted",
                 .words = {"Retain", "Delete"}});
        t.field(
            "serviceName", &StatefulSet::service_name,
            {.sentence = "The service that governs it.", .source = "apps/v1 StatefulSetSpec.serviceName"});
        add_pod_fields(t);
      });
  return table;
}

template <>
const TableOf<Deployment>& table_of<Deployment>() {
  static const TableOf<Deployment> table(
      "Deployment", "A Deployment, described by what the rehearsal needs to know of it.", [](auto& t) {
        t.field(
            "namespace", &Deployment::name_space,
            {.fallback = "default", .sentence = "Its namespace.", .source = "core/v1 ObjectMeta.namespace"});
        t.field("replicas", &Deployment::replicas,
                {.fallback = "1",
                 .sentence = "How many pods it wants.",
                 .source = "apps/v1 DeploymentSpec.replicas"});
        t.field("strategy", &Deployment::strategy,
                {.fallback = "RollingUpdate",
                 .sentence = "Whether a new template replaces pods little by little or all at once.",
                 .source = "apps/v1 DeploymentStrategy.type",
                 .words = {"RollingUpdate", "Recreate"}});
        t.field("maxSurge", &Deployment::max_surge,
                {.sentence = "How many pods a roll-out may have above `replicas`; without it, 25%.",
                 .source = "apps/v1 RollingUpdateDeployment.maxSurge",
                 .zero_is_fine = true});
        t.field("maxUnavailable", &Deployment::max_unavailable,
                {.sentence = "How many pods a roll-out may lack of `replicas`; without it, 25%.",
                 .source = "apps/v1 RollingUpdateDeployment.maxUnavailable",
                 .zero_is_fine = true});
        t.field("minReadySeconds", &Deployment::min_ready_seconds,
                {.fallback = "0",
                 .sentence = "For how many seconds a pod must be Ready to count as available.",
                 .source = "apps/v1 DeploymentSpec.minReadySeconds"});
        t.field("progressDeadlineSeconds", &Deployment::progress_deadline_seconds,
                {.fallback = "600",
                 .sentence = "After how many seconds without progress a roll-out is said to have failed.",
                 .source = "apps/v1 DeploymentSpec.progressDeadlineSeconds"});
        t.field("revisionHistoryLimit", &Deployment::revision_history_limit,
                {.fallback = "10",
                 .sentence = "How many unused ReplicaSets are kept.",
                 .source = "apps/v1 DeploymentSpec.revisionHistoryLimit"});
        t.field("paused", &Deployment::paused,
                {.fallback = "false",
                 .sentence = "Whether a new template waits for the roll-out to be resumed.",
                 .source = "apps/v1 DeploymentSpec.paused"});
        add_pod_fields(t);
      });
  return table;
}

template <>
const TableOf<DaemonSet>& table_of<DaemonSet>() {
  static const TableOf<DaemonSet> table(
      "DaemonSet", "A DaemonSet, described by what the rehearsal needs to know of it.", [](auto& t) {
        t.field(
            "namespace", &DaemonSet::name_space,
            {.fallback = "default", .sentence = "Its namespace.", .source = "core/v1 ObjectMeta.namespace"});
        t.field("updateStrategy", &DaemonSet::update_strategy,
                {.fallback = "RollingUpdate",
                 .sentence = "Whether a new template replaces pods by itself.",
                 .source = "apps/v1 DaemonSetUpdateStrategy.type",
                 .words = {"RollingUpdate", "OnDelete"}});
        t.field("maxSurge", &DaemonSet::max_surge,
                {.sentence = "On how many nodes an update may start the new pod before the old one stops.",
                 .source = "apps/v1 RollingUpdateDaemonSet.maxSurge",
                 .zero_is_fine = true});
        t.field("maxUnavailable", &DaemonSet::max_unavailable,
                {.sentence = "On how many nodes an update may take the pod away at once; without it, 1.",
                 .source = "apps/v1 RollingUpdateDaemonSet.maxUnavailable",
                 .zero_is_fine = true});
        t.field("minReadySeconds", &DaemonSet::min_ready_seconds,
                {.fallback = "0",
                 .sentence = "For how many seconds a pod must be Ready to count as available.",
                 .source = "apps/v1 DaemonSetSpec.minReadySeconds"});
        t.field("revisionHistoryLimit", &DaemonSet::revision_history_limit,
                {.fallback = "10",
                 .sentence = "How many unused revisions are kept.",
                 .source = "apps/v1 DaemonSetSpec.revisionHistoryLimit"});
        t.field("nodeSelector", &DaemonSet::node_selector,
                {.sentence = "Labels of the nodes that get a pod; without it, every node.",
                 .source = "core/v1 PodSpec.nodeSelector",
                 .empty_is_fine = true});
        t.field("toleratesEverything", &DaemonSet::tolerates_everything,
                {.fallback = "false",
                 .sentence = "Whether its pods tolerate every taint, as those of network plugins do.",
                 .source = "core/v1 Toleration, operator Exists without a key"});
        add_pod_fields(t);
      });
  return table;
}

template <>
const TableOf<MiniCluster>& table_of<MiniCluster>() {
  static const TableOf<MiniCluster> table(
      "MiniCluster", "A Flux MiniCluster of the Flux Operator.", [](auto& t) {
        t.field(
            "namespace", &MiniCluster::name_space,
            {.fallback = "default", .sentence = "Its namespace.", .source = "core/v1 ObjectMeta.namespace"});
        t.field("size", &MiniCluster::size,
                {.fallback = "1",
                 .sentence = "How many pods, and so brokers, it starts with.",
                 .source = "flux-framework.org/v1alpha2 MiniClusterSpec.size",
                 .minimum = 1,
                 .maximum = 100'000});
        t.field("maxSize", &MiniCluster::max_size,
                {.sentence = "How many hosts Flux knows; a resize cannot exceed it. Without it: `size`.",
                 .source = "MiniClusterSpec.maxSize",
                 .minimum = 1,
                 .maximum = 100'000});
        t.field("minSize", &MiniCluster::min_size,
                {.sentence = "How many brokers must be up before Flux works. Without it: `size`.",
                 .source = "MiniClusterSpec.minSize",
                 .minimum = 1,
                 .maximum = 100'000});
        t.field("restartWorkers", &MiniCluster::restart_workers,
                {.sentence = "`false` makes the Job give up an index at its first failure "
                             "(backoffLimitPerIndex 0). Not together with suspendWorkers.",
                 .source = "Flux Operator example Downsize"});
        t.field("suspendWorkers", &MiniCluster::suspend_workers,
                {.sentence = "`true` means the same as `restartWorkers: false`.",
                 .source = "flux-operator f4f64d64 MiniClusterSpec.suspendWorkers"});
        t.field("completeWorkers", &MiniCluster::complete_workers,
                {.fallback = "false",
                 .sentence = "Whether a worker's pod completes at the first exit of its broker.",
                 .source = "MiniClusterSpec.flux.completeWorkers"});
        t.field("cores", &MiniCluster::cores,
                {.fallback = "1",
                 .sentence = "Cores that each broker offers to Flux.",
                 .source = "what hwloc finds in the pod",
                 .minimum = 1,
                 .maximum = 100'000});
        t.field("interactive", &MiniCluster::interactive,
                {.fallback = "true",
                 .sentence = "Whether the lead broker waits for commands instead of running one.",
                 .source = "MiniClusterSpec.interactive"});
        t.field("backoffLimit", &MiniCluster::backoff_limit,
                {.fallback = "100",
                 .sentence = "How many pod failures end the Job.",
                 .source = "flux-operator controllers/flux/job.go"});
        t.field("deadline", &MiniCluster::deadline,
                {.fallback = "31500000s",
                 .sentence = "How long the Job may run.",
                 .source = "MiniClusterSpec.deadlineSeconds",
                 .whole_seconds = true});
        t.field("cleanup", &MiniCluster::cleanup,
                {.fallback = "false",
                 .sentence = "Whether the MiniCluster is deleted once its lead pod has ended.",
                 .source = "MiniClusterSpec.cleanup"});
        t.field("fluxVersion", &MiniCluster::flux_version,
                {.fallback = "0.66.0",
                 .sentence = "The release of flux-core; the layout of its tables follows it.",
                 .source = "`flux version`"});
        t.field("cpu", &MiniCluster::cpu,
                {.sentence = "Processor time that each pod requests.",
                 .source = "MiniClusterSpec.containers.resources"});
        t.field(
            "memory", &MiniCluster::memory,
            {.sentence = "Memory that each pod requests.", .source = "MiniClusterSpec.containers.resources"});
        t.rule([](Reader& reader, const Node& node, MiniCluster& cluster) {
          if (cluster.restart_workers.given() && cluster.suspend_workers.given()) {
            reader.error(node, "restartWorkers and suspendWorkers are both given",
                         "they are two names of one switch: keep one");
          }
          if (cluster.max_size.given() && cluster.size.value > cluster.max_size.value) {
            reader.error(node, "size is larger than maxSize", "the operator refuses such a MiniCluster");
          }
          if (cluster.min_size.given() && cluster.min_size.value > cluster.size.value) {
            reader.error(node, "minSize is larger than size", "the operator refuses such a MiniCluster");
          }
        });
      });
  return table;
}

template <>
const TableOf<Cluster>& table_of<Cluster>() {
  static const TableOf<Cluster> table(
      "Cluster", "Where the plan is rehearsed: described here, or taken from files.", [](auto& t) {
        t.field(
            "kubernetes", &Cluster::kubernetes,
            {.sentence = "The release and its switches.", .source = "Rehearsal", .absent_is_empty = true});
        t.field("nodes", &Cluster::nodes,
                {.sentence = "Nodes, by hostlist; put quotes around a key with brackets.",
                 .source = "Rehearsal"});
        t.field("statefulsets", &Cluster::statefulsets,
                {.sentence = "StatefulSets by name.", .source = "apps/v1 StatefulSet"});
        t.field("deployments", &Cluster::deployments,
                {.sentence = "Deployments by name.", .source = "apps/v1 Deployment"});
        t.field("daemonsets", &Cluster::daemonsets,
                {.sentence = "DaemonSets by name.", .source = "apps/v1 DaemonSet"});
        t.field("jobs", &Cluster::jobs, {.sentence = "Jobs by name.", .source = "batch/v1 Job"});
        t.field(
            "miniclusters", &Cluster::miniclusters,
            {.sentence = "Flux MiniClusters by name.", .source = "flux-framework.org/v1alpha2 MiniCluster"});
        t.field("podDisruptionBudgets", &Cluster::pod_disruption_budgets,
                {.sentence = "PodDisruptionBudgets by name.", .source = "policy/v1 PodDisruptionBudget"});
        t.field("openstack", &Cluster::openstack,
                {.sentence = "The cloud whose servers the nodes are.", .source = "OpenStack Nova"});
        t.field("iomesh", &Cluster::iomesh,
                {.sentence = "The storage whose servers run in it.", .source = "IOMesh"});
        t.field("manifests", &Cluster::manifests,
                {.sentence = "Files with objects as `kubectl apply` takes them, relative to this file.",
                 .source = "`kubectl apply -f`",
                 .one_or_many = true});
        t.field("snapshot", &Cluster::snapshot,
                {.sentence = "Files with a cluster as `kubectl get nodes,pods,deployments,replicasets,"
                             "daemonsets,statefulsets,jobs,pvc,pdb -A -o json` (or `yaml`) prints it, "
                             "relative to this file.",
                 .source = "`kubectl get`",
                 .one_or_many = true});
      });
  return table;
}

}  // namespace scenarios::language

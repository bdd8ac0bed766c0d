// The fields of the API's types as of 1.35 (k8s.io/api core/v1, apps/v1, batch/v1, apimachinery meta/v1). A
// field that an older version lacks is accepted there too: nothing that is modelled depends on it.

#include "models/kubernetes/json/schema.h"

namespace models::kubernetes::json {

namespace {

using enum FieldType;
using enum Use;

constexpr FieldRow kObjectMetaFields[] = {
    {"name", String, Read},
    {"generateName", String},
    {"namespace", String, Read},
    {"selfLink", String},
    {"uid", String, Read},
    {"resourceVersion", String},
    {"generation", Int64, Read},
    {"creationTimestamp", Time, Read},
    {"deletionTimestamp", Time, Read},
    {"deletionGracePeriodSeconds", Int64, Read},
    {"labels", StringMap, Read},
    {"annotations", StringMap, Read},
    {"ownerReferences", Any, Read},
    {"finalizers", StringList, Read},
    {"managedFields", Any},
};
constexpr Structure kObjectMeta{"ObjectMeta", kObjectMetaFields};

constexpr FieldRow kLabelSelectorFields[] = {
    {"matchLabels", StringMap, Read},
    {"matchExpressions", Any, NotModelled},
};
constexpr Structure kLabelSelector{"LabelSelector", kLabelSelectorFields};

constexpr FieldRow kRequirementFields[] = {
    {"key", String, Read}, {"operator", String, Read}, {"values", StringList, Read}};
constexpr Structure kLabelRequirement{"LabelSelectorRequirement", kRequirementFields};
constexpr Structure kNodeRequirement{"NodeSelectorRequirement", kRequirementFields};

constexpr FieldRow kPlacementSelectorFields[] = {{"matchLabels", StringMap, Read},
                                                 {"matchExpressions", List, Read, &kLabelRequirement}};
constexpr Structure kPlacementSelector{"LabelSelector", kPlacementSelectorFields};

constexpr FieldRow kNodeTermFields[] = {{"matchExpressions", List, Read, &kNodeRequirement},
                                        {"matchFields", List, Read, &kNodeRequirement}};
constexpr Structure kNodeTerm{"NodeSelectorTerm", kNodeTermFields};
constexpr FieldRow kNodeSelectorFields[] = {{"nodeSelectorTerms", List, Read, &kNodeTerm}};
constexpr Structure kNodeSelector{"NodeSelector", kNodeSelectorFields};
constexpr FieldRow kPreferredNodeTermFields[] = {{"weight", Int32, Read},
                                                 {"preference", Object, Read, &kNodeTerm}};
constexpr Structure kPreferredNodeTerm{"PreferredSchedulingTerm", kPreferredNodeTermFields};
constexpr FieldRow kNodeAffinityFields[] = {
    {"requiredDuringSchedulingIgnoredDuringExecution", Object, Read, &kNodeSelector},
    {"preferredDuringSchedulingIgnoredDuringExecution", List, Read, &kPreferredNodeTerm},
};
constexpr Structure kNodeAffinity{"NodeAffinity", kNodeAffinityFields};

// Which namespace selectors and label keys are modelled depends on their content: json/placement_json.cpp
// reports the others.
constexpr FieldRow kPodAffinityTermFields[] = {
    {"labelSelector", Object, Read, &kPlacementSelector},
    {"namespaces", StringList, Read},
    {"topologyKey", String, Read},
    {"namespaceSelector", Object, Read, &kPlacementSelector},
    {"matchLabelKeys", StringList, Read},
    {"mismatchLabelKeys", StringList, Read},
};
constexpr Structure kPodAffinityTerm{"PodAffinityTerm", kPodAffinityTermFields};
constexpr FieldRow kWeightedPodTermFields[] = {{"weight", Int32, Read},
                                               {"podAffinityTerm", Object, Read, &kPodAffinityTerm}};
constexpr Structure kWeightedPodTerm{"WeightedPodAffinityTerm", kWeightedPodTermFields};

constexpr FieldRow kPodAffinityFields[] = {
    {"requiredDuringSchedulingIgnoredDuringExecution", List, Read, &kPodAffinityTerm},
    {"preferredDuringSchedulingIgnoredDuringExecution", List, Read, &kWeightedPodTerm},
};
constexpr Structure kPodAffinity{"PodAffinity", kPodAffinityFields};
constexpr Structure kPodAntiAffinity{"PodAntiAffinity", kPodAffinityFields};

constexpr FieldRow kAffinityFields[] = {
    {"nodeAffinity", Object, Read, &kNodeAffinity},
    {"podAffinity", Object, Read, &kPodAffinity},
    {"podAntiAffinity", Object, Read, &kPodAntiAffinity},
};
constexpr Structure kAffinity{"Affinity", kAffinityFields};

constexpr FieldRow kTopologySpreadFields[] = {
    {"maxSkew", Int32, Read},
    {"topologyKey", String, Read},
    {"whenUnsatisfiable", String, Read},
    {"labelSelector", Object, Read, &kPlacementSelector},
    {"minDomains", Int32, Read},
    {"nodeAffinityPolicy", String, Read},
    {"nodeTaintsPolicy", String, Read},
    {"matchLabelKeys", StringList, Read},
};
constexpr Structure kTopologySpread{"TopologySpreadConstraint", kTopologySpreadFields};

constexpr FieldRow kTolerationFields[] = {
    {"key", String, Read},    {"operator", String, Read},         {"value", String, Read},
    {"effect", String, Read}, {"tolerationSeconds", Int64, Read},
};
constexpr Structure kToleration{"Toleration", kTolerationFields};

constexpr FieldRow kContainerPortFields[] = {
    {"name", String},     {"hostPort", Int32, Read}, {"containerPort", Int32},
    {"protocol", String}, {"hostIP", String, Read},
};
constexpr Structure kContainerPort{"ContainerPort", kContainerPortFields};

constexpr FieldRow kResourcesFields[] = {
    {"limits", QuantityMap, Read},
    {"requests", QuantityMap, Read},
    {"claims", Any, NotModelled},
};
constexpr Structure kResources{"ResourceRequirements", kResourcesFields};

constexpr FieldRow kContainerFields[] = {
    {"name", String, Read},
    {"image", String, Read},
    {"command", StringList},
    {"args", StringList},
    {"workingDir", String},
    {"ports", List, Kept, &kContainerPort},
    {"envFrom", Any},
    {"env", Any},
    {"resources", Object, Read, &kResources},
    {"resizePolicy", Any},
    {"restartPolicy", String, Read},
    {"restartPolicyRules", Any, NotModelled},
    {"volumeMounts", Any},
    {"volumeDevices", Any},
    {"livenessProbe", Any},
    {"readinessProbe", Any},
    {"startupProbe", Any},
    {"lifecycle", Any, NotModelled},
    {"terminationMessagePath", String},
    {"terminationMessagePolicy", String},
    {"imagePullPolicy", String},
    {"securityContext", Any},
    {"stdin", Bool},
    {"stdinOnce", Bool},
    {"tty", Bool},
};
constexpr Structure kContainer{"Container", kContainerFields};

constexpr FieldRow kPodSpecFields[] = {
    {"volumes", Any, Read},
    {"initContainers", List, Read, &kContainer},
    {"containers", List, Read, &kContainer},
    {"ephemeralContainers", Any},
    {"restartPolicy", String, Read},
    {"terminationGracePeriodSeconds", Int64, Read},
    {"activeDeadlineSeconds", Int64, Read},
    {"dnsPolicy", String},
    {"nodeSelector", StringMap, Read},
    {"serviceAccountName", String},
    {"serviceAccount", String},
    {"automountServiceAccountToken", Bool},
    {"nodeName", String, Read},
    {"hostNetwork", Bool},
    {"hostPID", Bool},
    {"hostIPC", Bool},
    {"shareProcessNamespace", Bool},
    {"securityContext", Any},
    {"imagePullSecrets", Any},
    {"hostname", String},
    {"subdomain", String},
    {"affinity", Object, Read, &kAffinity},
    {"schedulerName", String, NotModelled, nullptr, "\"default-scheduler\""},
    {"tolerations", List, Read, &kToleration},
    {"hostAliases", Any},
    {"priorityClassName", String, Read},
    {"priority", Int32, Read},
    {"dnsConfig", Any},
    {"readinessGates", Any, NotModelled},
    {"runtimeClassName", String},
    {"enableServiceLinks", Bool},
    {"preemptionPolicy", String, Read},
    {"overhead", QuantityMap, NotModelled},
    {"topologySpreadConstraints", List, Read, &kTopologySpread},
    {"setHostnameAsFQDN", Bool},
    {"os", Any},
    {"hostUsers", Bool},
    {"schedulingGates", Any, NotModelled},
    {"resourceClaims", Any, NotModelled},
    {"resources", Any, NotModelled},
    {"hostnameOverride", String},
    {"workloadRef", Any, NotModelled},
};
constexpr Structure kPodSpec{"PodSpec", kPodSpecFields};

constexpr FieldRow kPodTemplateFields[] = {
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kPodSpec},
};
constexpr Structure kPodTemplate{"PodTemplateSpec", kPodTemplateFields};

constexpr FieldRow kPodConditionFields[] = {
    {"type", String, Read},        {"status", String, Read}, {"reason", String, Read},
    {"message", String},           {"lastProbeTime", Any},   {"lastTransitionTime", Any, Read},
    {"observedGeneration", Int64},
};
constexpr Structure kPodCondition{"PodCondition", kPodConditionFields};

constexpr FieldRow kContainerStatusFields[] = {
    {"name", String, Read},
    {"state", Any, Read},
    {"lastState", Any, Read},
    {"ready", Bool, Read},
    {"restartCount", Int32, Read},
    {"image", String},
    {"imageID", String},
    {"containerID", String},
    {"started", Bool},
    {"allocatedResources", Any},
    {"allocatedResourcesStatus", Any},
    {"resources", Any},
    {"volumeMounts", Any},
    {"user", Any},
    {"stopSignal", String},
};
constexpr Structure kContainerStatus{"ContainerStatus", kContainerStatusFields};

constexpr FieldRow kPodStatusFields[] = {
    {"phase", String, Read},
    {"conditions", List, Read, &kPodCondition},
    {"message", String},
    {"reason", String, Read},
    {"nominatedNodeName", String, Read},
    {"hostIP", String},
    {"hostIPs", Any},
    {"podIP", String},
    {"podIPs", Any},
    {"startTime", Time, Read},
    {"initContainerStatuses", List, Read, &kContainerStatus},
    {"containerStatuses", List, Read, &kContainerStatus},
    {"ephemeralContainerStatuses", Any},
    {"qosClass", String},
    {"resize", String},
    {"resourceClaimStatuses", Any},
    {"extendedResourceClaimStatus", Any},
    {"observedGeneration", Int64},
    {"allocatedResources", Any},
    {"resources", Any},
};
constexpr Structure kPodStatus{"PodStatus", kPodStatusFields};

constexpr FieldRow kPodFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kPodSpec},
    {"status", Object, Read, &kPodStatus},
};
constexpr Structure kPod{"Pod", kPodFields};

constexpr FieldRow kClaimResourcesFields[] = {{"limits", QuantityMap}, {"requests", QuantityMap, Read}};
constexpr Structure kClaimResources{"VolumeResourceRequirements", kClaimResourcesFields};

constexpr FieldRow kClaimSpecFields[] = {
    {"accessModes", StringList},
    {"selector", Any, NotModelled},
    {"resources", Object, Read, &kClaimResources},
    {"volumeName", String, Read},
    {"storageClassName", String, Read},
    {"volumeMode", String},
    {"dataSource", Any},
    {"dataSourceRef", Any},
    {"volumeAttributesClassName", String},
};
constexpr Structure kClaimSpec{"PersistentVolumeClaimSpec", kClaimSpecFields};

constexpr FieldRow kClaimStatusFields[] = {
    {"phase", String, Read},
    {"accessModes", StringList},
    {"capacity", QuantityMap},
    {"conditions", Any},
    {"allocatedResources", Any},
    {"allocatedResourceStatuses", Any},
    {"currentVolumeAttributesClassName", String},
    {"modifyVolumeStatus", Any},
};
constexpr Structure kClaimStatus{"PersistentVolumeClaimStatus", kClaimStatusFields};

constexpr FieldRow kClaimFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kClaimSpec},
    {"status", Object, Read, &kClaimStatus},
};
constexpr Structure kClaim{"PersistentVolumeClaim", kClaimFields};

constexpr FieldRow kRollingUpdateFields[] = {{"partition", Int32, Read},
                                             {"maxUnavailable", IntOrString, Read}};
constexpr Structure kRollingUpdate{"RollingUpdateStatefulSetStrategy", kRollingUpdateFields};
constexpr FieldRow kUpdateStrategyFields[] = {
    {"type", String, Read},
    {"rollingUpdate", Object, Read, &kRollingUpdate},
};
constexpr Structure kUpdateStrategy{"StatefulSetUpdateStrategy", kUpdateStrategyFields};
constexpr FieldRow kRetentionFields[] = {{"whenDeleted", String, Read}, {"whenScaled", String, Read}};
constexpr Structure kRetention{"StatefulSetPersistentVolumeClaimRetentionPolicy", kRetentionFields};
constexpr FieldRow kOrdinalsFields[] = {{"start", Int32, Read}};
constexpr Structure kOrdinals{"StatefulSetOrdinals", kOrdinalsFields};

constexpr FieldRow kStatefulSetSpecFields[] = {
    {"replicas", Int32, Read},
    {"selector", Object, Read, &kLabelSelector},
    {"template", Object, Read, &kPodTemplate},
    {"volumeClaimTemplates", List, Read, &kClaim},
    {"serviceName", String, Read},
    {"podManagementPolicy", String, Read},
    {"updateStrategy", Object, Read, &kUpdateStrategy},
    {"revisionHistoryLimit", Int32, Read},
    {"minReadySeconds", Int32, Read},
    {"persistentVolumeClaimRetentionPolicy", Object, Read, &kRetention},
    {"ordinals", Object, Read, &kOrdinals},
};
constexpr Structure kStatefulSetSpec{"StatefulSetSpec", kStatefulSetSpecFields};

constexpr FieldRow kStatefulSetStatusFields[] = {
    {"observedGeneration", Int64, Read}, {"replicas", Int32, Read},        {"readyReplicas", Int32, Read},
    {"currentReplicas", Int32, Read},    {"updatedReplicas", Int32, Read}, {"currentRevision", String, Read},
    {"updateRevision", String, Read},    {"collisionCount", Int32},        {"conditions", Any},
    {"availableReplicas", Int32, Read},
};
constexpr Structure kStatefulSetStatus{"StatefulSetStatus", kStatefulSetStatusFields};

constexpr FieldRow kStatefulSetFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kStatefulSetSpec},
    {"status", Object, Read, &kStatefulSetStatus},
};
constexpr Structure kStatefulSet{"StatefulSet", kStatefulSetFields};

constexpr FieldRow kReplicaSetSpecFields[] = {
    {"replicas", Int32, Read},
    {"minReadySeconds", Int32, Read},
    {"selector", Object, Read, &kPlacementSelector},
    {"template", Object, Read, &kPodTemplate},
};
constexpr Structure kReplicaSetSpec{"ReplicaSetSpec", kReplicaSetSpecFields};
constexpr FieldRow kReplicaSetStatusFields[] = {
    {"replicas", Int32, Read},
    {"fullyLabeledReplicas", Int32, Read},
    {"readyReplicas", Int32, Read},
    {"availableReplicas", Int32, Read},
    {"terminatingReplicas", Int32, Read},
    {"observedGeneration", Int64, Read},
    {"conditions", Any, Read},
};
constexpr Structure kReplicaSetStatus{"ReplicaSetStatus", kReplicaSetStatusFields};
constexpr FieldRow kReplicaSetFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kReplicaSetSpec},
    {"status", Object, Read, &kReplicaSetStatus},
};
constexpr Structure kReplicaSet{"ReplicaSet", kReplicaSetFields};

constexpr FieldRow kSurgeFields[] = {{"maxUnavailable", IntOrString, Read}, {"maxSurge", IntOrString, Read}};
constexpr Structure kDeploymentRollingUpdate{"RollingUpdateDeployment", kSurgeFields};
constexpr FieldRow kDeploymentStrategyFields[] = {
    {"type", String, Read},
    {"rollingUpdate", Object, Read, &kDeploymentRollingUpdate},
};
constexpr Structure kDeploymentStrategy{"DeploymentStrategy", kDeploymentStrategyFields};
constexpr FieldRow kDeploymentSpecFields[] = {
    {"replicas", Int32, Read},
    {"selector", Object, Read, &kPlacementSelector},
    {"template", Object, Read, &kPodTemplate},
    {"strategy", Object, Read, &kDeploymentStrategy},
    {"minReadySeconds", Int32, Read},
    {"revisionHistoryLimit", Int32, Read},
    {"paused", Bool, Read},
    {"progressDeadlineSeconds", Int32, Read},
};
constexpr Structure kDeploymentSpec{"DeploymentSpec", kDeploymentSpecFields};
constexpr FieldRow kDeploymentStatusFields[] = {
    {"observedGeneration", Int64, Read},  {"replicas", Int32, Read},
    {"updatedReplicas", Int32, Read},     {"readyReplicas", Int32, Read},
    {"availableReplicas", Int32, Read},   {"unavailableReplicas", Int32, Read},
    {"terminatingReplicas", Int32, Read}, {"conditions", Any, Read},
    {"collisionCount", Int32, Read},
};
constexpr Structure kDeploymentStatus{"DeploymentStatus", kDeploymentStatusFields};
constexpr FieldRow kDeploymentFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kDeploymentSpec},
    {"status", Object, Read, &kDeploymentStatus},
};
constexpr Structure kDeployment{"Deployment", kDeploymentFields};

constexpr Structure kDaemonSetRollingUpdate{"RollingUpdateDaemonSet", kSurgeFields};
constexpr FieldRow kDaemonSetStrategyFields[] = {
    {"type", String, Read},
    {"rollingUpdate", Object, Read, &kDaemonSetRollingUpdate},
};
constexpr Structure kDaemonSetStrategy{"DaemonSetUpdateStrategy", kDaemonSetStrategyFields};
constexpr FieldRow kDaemonSetSpecFields[] = {
    {"selector", Object, Read, &kPlacementSelector},
    {"template", Object, Read, &kPodTemplate},
    {"updateStrategy", Object, Read, &kDaemonSetStrategy},
    {"minReadySeconds", Int32, Read},
    {"revisionHistoryLimit", Int32, Read},
};
constexpr Structure kDaemonSetSpec{"DaemonSetSpec", kDaemonSetSpecFields};
constexpr FieldRow kDaemonSetStatusFields[] = {
    {"currentNumberScheduled", Int32, Read}, {"numberMisscheduled", Int32, Read},
    {"desiredNumberScheduled", Int32, Read}, {"numberReady", Int32, Read},
    {"observedGeneration", Int64, Read},     {"updatedNumberScheduled", Int32, Read},
    {"numberAvailable", Int32, Read},        {"numberUnavailable", Int32, Read},
    {"collisionCount", Int32, Read},         {"conditions", Any},
};
constexpr Structure kDaemonSetStatus{"DaemonSetStatus", kDaemonSetStatusFields};
constexpr FieldRow kDaemonSetFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kDaemonSetSpec},
    {"status", Object, Read, &kDaemonSetStatus},
};
constexpr Structure kDaemonSet{"DaemonSet", kDaemonSetFields};

constexpr FieldRow kOnExitCodesFields[] = {
    {"containerName", String, Read},
    {"operator", String, Read},
    {"values", Int32List, Read},
};
constexpr Structure kOnExitCodes{"PodFailurePolicyOnExitCodesRequirement", kOnExitCodesFields};
constexpr FieldRow kOnPodConditionFields[] = {{"type", String, Read}, {"status", String, Read}};
constexpr Structure kOnPodCondition{"PodFailurePolicyOnPodConditionsPattern", kOnPodConditionFields};
constexpr FieldRow kPodFailureRuleFields[] = {
    {"action", String, Read},
    {"onExitCodes", Object, Read, &kOnExitCodes},
    {"onPodConditions", List, Read, &kOnPodCondition},
};
constexpr Structure kPodFailureRule{"PodFailurePolicyRule", kPodFailureRuleFields};
constexpr FieldRow kPodFailurePolicyFields[] = {{"rules", List, Read, &kPodFailureRule}};
constexpr Structure kPodFailurePolicy{"PodFailurePolicy", kPodFailurePolicyFields};
constexpr FieldRow kSuccessRuleFields[] = {{"succeededIndexes", String, Read},
                                           {"succeededCount", Int32, Read}};
constexpr Structure kSuccessRule{"SuccessPolicyRule", kSuccessRuleFields};
constexpr FieldRow kSuccessPolicyFields[] = {{"rules", List, Read, &kSuccessRule}};
constexpr Structure kSuccessPolicy{"SuccessPolicy", kSuccessPolicyFields};

constexpr FieldRow kJobSpecFields[] = {
    {"parallelism", Int32, Read},
    {"completions", Int32, Read},
    {"activeDeadlineSeconds", Int64, Read},
    {"podFailurePolicy", Object, Read, &kPodFailurePolicy},
    {"successPolicy", Object, Read, &kSuccessPolicy},
    {"backoffLimit", Int32, Read},
    {"backoffLimitPerIndex", Int32, Read},
    {"maxFailedIndexes", Int32, Read},
    {"selector", Object, Read, &kLabelSelector},
    {"manualSelector", Bool, Read},
    {"template", Object, Read, &kPodTemplate},
    {"ttlSecondsAfterFinished", Int32, Read},
    {"completionMode", String, Read},
    {"suspend", Bool, Read},
    {"podReplacementPolicy", String, Read},
    {"managedBy", String, Read},
};
constexpr Structure kJobSpec{"JobSpec", kJobSpecFields};

constexpr FieldRow kJobConditionFields[] = {
    {"type", String, Read},   {"status", String, Read},
    {"lastProbeTime", Any},   {"lastTransitionTime", Any, Read},
    {"reason", String, Read}, {"message", String, Read},
};
constexpr Structure kJobCondition{"JobCondition", kJobConditionFields};
constexpr FieldRow kUncountedFields[] = {{"succeeded", StringList, Read}, {"failed", StringList, Read}};
constexpr Structure kUncounted{"UncountedTerminatedPods", kUncountedFields};
constexpr FieldRow kJobStatusFields[] = {
    {"conditions", List, Read, &kJobCondition},
    {"startTime", Time, Read},
    {"completionTime", Time, Read},
    {"active", Int32, Read},
    {"succeeded", Int32, Read},
    {"failed", Int32, Read},
    {"terminating", Int32, Read},
    {"completedIndexes", String, Read},
    {"failedIndexes", String, Read},
    {"uncountedTerminatedPods", Object, Read, &kUncounted},
    {"ready", Int32, Read},
};
constexpr Structure kJobStatus{"JobStatus", kJobStatusFields};

constexpr FieldRow kJobFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kJobSpec},
    {"status", Object, Read, &kJobStatus},
};
constexpr Structure kJob{"Job", kJobFields};

constexpr FieldRow kBudgetSpecFields[] = {
    {"minAvailable", IntOrString, Read},
    {"selector", Object, Read, &kPlacementSelector},
    {"maxUnavailable", IntOrString, Read},
    {"unhealthyPodEvictionPolicy", String, Read},
};
constexpr Structure kBudgetSpec{"PodDisruptionBudgetSpec", kBudgetSpecFields};
constexpr FieldRow kConditionFields[] = {
    {"type", String, Read},
    {"status", String, Read},
    {"observedGeneration", Int64, Read},
    {"lastTransitionTime", Any, Read},
    {"reason", String, Read},
    {"message", String, Read},
};
constexpr Structure kCondition{"Condition", kConditionFields};
constexpr FieldRow kBudgetStatusFields[] = {
    {"observedGeneration", Int64, Read},     {"disruptedPods", Any, Read},
    {"disruptionsAllowed", Int32, Read},     {"currentHealthy", Int32, Read},
    {"desiredHealthy", Int32, Read},         {"expectedPods", Int32, Read},
    {"conditions", List, Read, &kCondition},
};
constexpr Structure kBudgetStatus{"PodDisruptionBudgetStatus", kBudgetStatusFields};
constexpr FieldRow kBudgetFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kBudgetSpec},
    {"status", Object, Read, &kBudgetStatus},
};
constexpr Structure kBudget{"PodDisruptionBudget", kBudgetFields};

constexpr FieldRow kTaintFields[] = {
    {"key", String, Read},
    {"value", String, Read},
    {"effect", String, Read},
    {"timeAdded", Any},
};
constexpr Structure kTaint{"Taint", kTaintFields};
constexpr FieldRow kNodeSpecFields[] = {
    {"podCIDR", String},           {"podCIDRs", StringList},        {"providerID", String},
    {"unschedulable", Bool, Read}, {"taints", List, Read, &kTaint}, {"configSource", Any},
    {"externalID", String},
};
constexpr Structure kNodeSpec{"NodeSpec", kNodeSpecFields};
constexpr FieldRow kNodeConditionFields[] = {
    {"type", String, Read},     {"status", String, Read},
    {"lastHeartbeatTime", Any}, {"lastTransitionTime", Any, Read},
    {"reason", String},         {"message", String},
};
constexpr Structure kNodeCondition{"NodeCondition", kNodeConditionFields};
constexpr FieldRow kNodeStatusFields[] = {
    {"capacity", QuantityMap, Read},
    {"allocatable", QuantityMap, Read},
    {"phase", String},
    {"conditions", List, Read, &kNodeCondition},
    {"addresses", Any},
    {"daemonEndpoints", Any},
    {"nodeInfo", Any, Read},
    {"images", Any},
    {"volumesInUse", Any},
    {"volumesAttached", Any},
    {"config", Any},
    {"runtimeHandlers", Any},
    {"features", Any},
    {"declaredFeatures", Any},
};
constexpr Structure kNodeStatus{"NodeStatus", kNodeStatusFields};
constexpr FieldRow kNodeFields[] = {
    {"apiVersion", String, Read},
    {"kind", String, Read},
    {"metadata", Object, Read, &kObjectMeta},
    {"spec", Object, Read, &kNodeSpec},
    {"status", Object, Read, &kNodeStatus},
};
constexpr Structure kNode{"Node", kNodeFields};

}  // namespace

const Structure& statefulset_structure() { return kStatefulSet; }
const Structure& job_structure() { return kJob; }
const Structure& replicaset_structure() { return kReplicaSet; }
const Structure& deployment_structure() { return kDeployment; }
const Structure& daemonset_structure() { return kDaemonSet; }
const Structure& pod_structure() { return kPod; }
const Structure& pod_template_structure() { return kPodTemplate; }
const Structure& node_structure() { return kNode; }
const Structure& claim_structure() { return kClaim; }
const Structure& budget_structure() { return kBudget; }

}  // namespace models::kubernetes::json

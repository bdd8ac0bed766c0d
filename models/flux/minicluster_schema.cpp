#include "models/flux/minicluster_schema.h"

namespace models::flux {

namespace {

using kubernetes::json::FieldRow;
using kubernetes::json::Structure;
using enum kubernetes::json::FieldType;
using enum kubernetes::json::Use;

constexpr FieldRow kMetadataFields[] = {
    {"name", String, Read},
    {"namespace", String, Read},
    {"labels", StringMap, Read},
    {"annotations", StringMap, Read},
    {"uid", String},
    {"resourceVersion", String},
    {"generation", Int64},
    {"creationTimestamp", Any},
    {"deletionTimestamp", Any},
    {"deletionGracePeriodSeconds", Int64},
    {"generateName", String, NotModelled},
    {"finalizers", StringList, NotModelled},
    {"managedFields", Any},
    {"ownerReferences", Any, NotModelled},
    {"selfLink", String},
};
constexpr Structure kMetadata{"ObjectMeta", kMetadataFields};

constexpr FieldRow kResourcesFields[] = {{"limits", QuantityMap, Read}, {"requests", QuantityMap, Read}};
constexpr Structure kResources{"ContainerResources", kResourcesFields};

constexpr FieldRow kCommandsFields[] = {
    {"prefix", String}, {"script", String},          {"init", String},      {"pre", String},
    {"post", String},   {"workerPre", String, Read}, {"brokerPre", String}, {"servicePre", String},
};
constexpr Structure kCommands{"Commands", kCommandsFields};

constexpr FieldRow kContainerFields[] = {
    {"image", String, Read},
    {"imagePullSecret", String},
    {"imagePullPolicy", String},
    {"pullAlways", Bool},
    {"workingDir", String},
    {"name", String, Read},
    {"command", String, Read},
    {"ports", Int32List},
    {"environment", StringMap},
    {"secrets", Any},
    {"launcher", Bool},
    {"batch", Bool},
    {"batchRaw", Bool},
    {"logs", String},
    {"runFlux", Bool, Read},
    {"noWrapEntrypoint", Bool},
    {"volumes", Any},
    {"lifeCycle", Any},
    {"resources", Object, Read, &kResources},
    {"commands", Object, Read, &kCommands},
    {"securityContext", Any},
    {"environmentFrom", Any},
    {"diagnostics", Bool},
};
constexpr Structure kContainer{"MiniClusterContainer", kContainerFields};

constexpr FieldRow kFluxContainerFields[] = {
    {"disable", Bool, NotModelled, nullptr, "false"},
    {"name", String, Read},
    {"workingDir", String},
    {"pythonPath", String},
    {"resources", Object, Read, &kResources},
    {"imagePullSecret", String},
    {"image", String, Read},
    {"pullAlways", Bool},
    {"mountPath", String},
    {"securityContext", Any},
    {"imagePullPolicy", String},
};
constexpr Structure kFluxContainer{"FluxContainer", kFluxContainerFields};

constexpr FieldRow kSchedulerFields[] = {{"queuePolicy", String, NotModelled, nullptr, "\"fcfs\""},
                                         {"simple", Bool}};
constexpr Structure kScheduler{"FluxScheduler", kSchedulerFields};

constexpr FieldRow kFluxFields[] = {
    {"container", Object, Read, &kFluxContainer},
    {"arch", String},
    {"submitCommand", String},
    {"wrap", String},
    {"connectTimeout", String, Read},
    {"optionFlags", String},
    {"minimalService", Bool},
    {"disableSocket", Bool},
    {"topology", String, Read},
    {"noWaitSocket", Bool},
    {"completeWorkers", Bool, Read},
    {"logLevel", Int32},
    {"curveCert", String},
    {"scheduler", Object, Read, &kScheduler},
    {"mungeSecret", String},
    {"bursting", Any, NotModelled},
    {"brokerConfig", String, NotModelled, nullptr, "\"\""},
    {"environment", StringMap},
};
constexpr Structure kFlux{"FluxSpec", kFluxFields};

constexpr FieldRow kTolerationFields[] = {
    {"key", String, Read},
    {"operator", String, Read},
    {"value", String, Read},
    {"effect", String, Read},
};
constexpr Structure kToleration{"Toleration", kTolerationFields};

constexpr FieldRow kPodFields[] = {
    {"annotations", StringMap, Read},
    {"labels", StringMap, Read},
    {"restartPolicy", String, Read},
    {"serviceAccountName", String},
    {"runtimeClassName", String},
    {"automountServiceAccountToken", Bool},
    {"schedulerName", String, NotModelled},
    {"nodeSelector", StringMap, Read},
    {"nodeAffinity", Any, NotModelled},
    {"tolerations", List, Read, &kToleration},
    {"dnsPolicy", String},
    {"hostIPC", Bool},
    {"hostPID", Bool},
    {"resources", Any, NotModelled},
    {"securityContext", Any},
};
constexpr Structure kPod{"PodSpec", kPodFields};

constexpr FieldRow kSpecFields[] = {
    {"containers", List, Read, &kContainer},
    {"services", Any, NotModelled, nullptr, "[]"},
    {"network", Any},
    {"jobLabels", StringMap, Read},
    {"interactive", Bool, Read},
    {"flux", Object, Read, &kFlux},
    {"logging", Any},
    {"archive", Any, NotModelled, nullptr, "{}"},
    {"shareProcessNamespace", Bool},
    {"cleanup", Bool, Read},
    {"size", Int32, Read},
    {"maxSize", Int32, Read},
    {"minSize", Int32, Read},
    {"backoffLimit", Int32, Read},
    {"tasks", Int32},
    {"deadlineSeconds", Int64, Read},
    {"pod", Object, Read, &kPod},
    {"suspendWorkers", Bool, Read},
    {"restartWorkers", Bool, Read},
};
constexpr Structure kSpec{"MiniClusterSpec", kSpecFields};

constexpr FieldRow kStatusFields[] = {
    {"size", Int32, Read},        {"selector", String, Read}, {"jobid", String},
    {"maximumSize", Int32, Read}, {"conditions", Any, Read},
};
constexpr Structure kStatus{"MiniClusterStatus", kStatusFields};

constexpr FieldRow kMiniClusterFields[] = {
    {"apiVersion", String, Read},           {"kind", String, Read},
    {"metadata", Object, Read, &kMetadata}, {"spec", Object, Read, &kSpec},
    {"status", Object, Read, &kStatus},
};
constexpr Structure kMiniCluster{"MiniCluster", kMiniClusterFields};

}  // namespace

const kubernetes::json::Structure& minicluster_structure() { return kMiniCluster; }

}  // namespace models::flux

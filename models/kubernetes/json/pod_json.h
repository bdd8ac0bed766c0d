#pragma once
// Pods and pod templates: reading them from JSON, and printing pods.

#include <vector>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// A pod template from its defaulted JSON (`metadata`, `spec`). Terms of affinity and requests that no rule
/// reads are reported in `problems`, with paths below `path`.
/// The annotation controller.kubernetes.io/pod-deletion-cost; 0 where it is absent or no number, as upstream
/// reads it (pkg/controller/controller_utils.go, apis/core/helper GetDeletionCostFromPodAnnotations).
std::int32_t deletion_cost_of(const LabelMap& annotations);

PodTemplate pod_template_from(const Json& pod_template, std::string_view path, Problems& problems);

/// Reads spec.template of a workload: checks its fields, fills in defaults, stores it.
/// @return false when there are errors; `out` is set only otherwise.
bool read_pod_template(Cluster& cluster, const Json& pod_template, TemplateId& out, Problems& problems);

/// A bare pod from its defaulted JSON: its name and namespace, its own template, finalizers. Neither owner,
/// node nor status.
void pod_from(Cluster& cluster, const Json& pod, Pod& out, Problems& problems);
/// Reads a pod's manifest: checks its fields, fills in defaults, stores its template.
bool read_pod(Cluster& cluster, const Json& manifest, Pod& out, Problems& problems);

/// Reads a pod's status as a snapshot has it: phase, conditions, reason, times, and one status per container
/// of the pod's template, in its order. REQUIRES: `pod.pod_template` is set.
/// @return the container statuses; they are stored once the pod is.
std::vector<ContainerStatus> read_pod_status(Cluster& cluster, const Json& object, UnixSeconds epoch,
                                             Pod& pod, Problems& problems);

/// A pod as `kubectl get -o json` shows it.
Json pod_json(const Cluster& cluster, const Pod& pod, UnixSeconds epoch);

/// Whether the kubelet has reported container statuses of the pod.
bool reports_containers(const Cluster& cluster, const Pod& pod);

}  // namespace models::kubernetes::json

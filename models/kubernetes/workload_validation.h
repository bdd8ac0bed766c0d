#pragma once
// What the API server refuses of ReplicaSets, Deployments and DaemonSets.
// Source: pkg/apis/apps/validation/validation.go.

#include "models/kubernetes/admission.h"

namespace models::kubernetes {

/// New objects, defaulted. Source: ValidateReplicaSet, ValidateDeployment, ValidateDaemonSet.
FieldErrors validate_replicaset(const json::Json& set, const Features& features);
FieldErrors validate_deployment(const json::Json& deployment, const Features& features);
FieldErrors validate_daemonset(const json::Json& set, const Features& features);

/// Changes of stored ones: the selector stays. Source: Validate…Update; the selectors of apps/v1 are
/// immutable (pkg/registry/apps/{replicaset,deployment,daemonset}/strategy.go).
FieldErrors validate_replicaset_update(const json::Json& set, const json::Json& old,
                                       const Features& features);
FieldErrors validate_deployment_update(const json::Json& deployment, const json::Json& old,
                                       const Features& features);
FieldErrors validate_daemonset_update(const json::Json& set, const json::Json& old, const Features& features);

}  // namespace models::kubernetes

#pragma once

#include "models/kubernetes/admission.h"

namespace models::kubernetes {

/// What is wrong with a pod's spec at `field` ("spec", "spec.template.spec"). Checked: containers and their
/// names, images, requests against limits, restart policy, grace period, tolerations. Source:
/// pkg/apis/core/validation/validation.go ValidatePodSpec, validateContainers.
void validate_pod_spec(const json::Json& spec, const std::string& field, FieldErrors& errors);
/// spec.template at `field`: labels, and its spec. Source: ValidatePodTemplateSpec.
void validate_pod_template(const json::Json& pod_template, const std::string& field, FieldErrors& errors);

/// A new pod. Source: ValidatePodCreate.
FieldErrors validate_pod(const json::Json& pod);
/// A change of a pod: only images, deadlines, added tolerations. Source: ValidatePodUpdate.
FieldErrors validate_pod_update(const json::Json& pod, const json::Json& old);

/// Source: core/validation ValidateNode, ValidateNodeUpdate (taints, labels).
FieldErrors validate_node(const json::Json& node);
/// Source: core/validation ValidatePersistentVolumeClaim, ValidatePersistentVolumeClaimUpdate.
FieldErrors validate_claim(const json::Json& claim);
FieldErrors validate_claim_update(const json::Json& claim, const json::Json& old);

}  // namespace models::kubernetes

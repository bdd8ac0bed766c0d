#pragma once

#include "models/kubernetes/admission.h"

namespace models::kubernetes {

/// A new StatefulSet, defaulted. Source: pkg/apis/apps/validation/validation.go ValidateStatefulSet.
FieldErrors validate_statefulset(const json::Json& set, const Features& features);
/// A change: the spec again (not the name), and which fields may change.
/// Source: ValidateStatefulSetUpdate.
FieldErrors validate_statefulset_update(const json::Json& set, const json::Json& old,
                                        const Features& features);
/// A status as a controller writes it. Source: ValidateStatefulSetStatus.
FieldErrors validate_statefulset_status(const StatefulSetStatus& status);
/// Whether the API takes the status: what the controller's status write asks.
bool status_valid(const StatefulSetStatus& status);

}  // namespace models::kubernetes

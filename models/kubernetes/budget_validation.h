#pragma once

#include "models/kubernetes/admission.h"
#include "models/kubernetes/api.h"

namespace models::kubernetes {

/// A new or changed PodDisruptionBudget. Source: pkg/apis/policy/validation/validation.go
/// ValidatePodDisruptionBudgetSpec.
FieldErrors validate_budget(const json::Json& budget);

/// Stores labels, annotations and spec of a changed budget; generation + 1 with the spec. Source:
/// pkg/registry/policy/poddisruptionbudget/strategy.go.
WriteResult replace_budget(Turn& turn, Row row, const json::Json& changed, const json::Json& old, By by,
                           ApiError& error);

}  // namespace models::kubernetes

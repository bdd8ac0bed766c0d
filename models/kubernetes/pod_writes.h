#pragma once
// Changes of pods, nodes and claims by patch or apply: the parts that are typed here. What upstream would
// store and nothing here can hold is refused with `… is not modelled`.

#include "models/kubernetes/admission.h"
#include "models/kubernetes/api.h"

namespace models::kubernetes {

/// Labels, annotations, finalizers, release from the owner. `changed` and `old` are whole objects, defaulted.
WriteResult replace_pod(Turn& turn, Row row, const json::Json& changed, const json::Json& old, By by,
                        ApiError& error);
/// Labels, annotations, taints, spec.unschedulable.
WriteResult replace_node(Turn& turn, Row row, const json::Json& changed, const json::Json& old, By by,
                         ApiError& error, json::Problems& problems);
/// Labels, annotations, finalizers.
WriteResult replace_claim(Turn& turn, Row row, const json::Json& changed, const json::Json& old, By by,
                          ApiError& error);

}  // namespace models::kubernetes

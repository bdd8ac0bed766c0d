#pragma once

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// The object of `kind` at `row` as `kubectl get -o json` shows it: keys sorted, the spec as it was applied
/// with what other writers changed since, every status field that is modelled. Times are placed by `epoch`,
/// the date at which the scenario begins. REQUIRES: the row exists, and the kind is one of this folder.
Json to_json(const Cluster& cluster, Kind kind, Row row, UnixSeconds epoch);

/// The row of the object with this name; kNoRow if there is none. `name_space` is ignored for nodes.
Row find_object(const Cluster& cluster, Kind kind, std::string_view name_space, std::string_view name);

}  // namespace models::kubernetes::json

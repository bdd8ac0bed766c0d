#pragma once
// StatefulSets and ControllerRevisions: reading them from JSON, and printing them.

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Fills metadata and spec of `out` from defaulted JSON whose types were checked. Words that validation
/// refuses become the first value of their kind. The status is left alone.
void statefulset_from(Cluster& cluster, const Json& set, StatefulSet& out, Problems& problems);
/// Reads a manifest: checks its fields, fills in defaults, drops fields of gates that are off; no validation.
bool read_statefulset(Cluster& cluster, const Json& manifest, StatefulSet& out, Problems& problems);
/// Reads the status as a snapshot has it.
void read_statefulset_status(Cluster& cluster, const Json& object, StatefulSet& out);

/// As `kubectl get -o json` shows it.
Json statefulset_json(const Cluster& cluster, const StatefulSet& set, UnixSeconds epoch);
Json revision_json(const Cluster& cluster, const ControllerRevision& revision, UnixSeconds epoch);

}  // namespace models::kubernetes::json

#pragma once
// Jobs: reading them from JSON, and printing them.

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Takes out what the API server generates for a Job that has no manual selector: the selector by controller
/// uid, and the labels of its template. The stored object holds neither; printing adds them again. Source:
/// pkg/registry/batch/job/strategy.go generateSelector.
void strip_generated(Json& job);

/// Fills metadata and spec of `out` from defaulted JSON whose types were checked and whose generated parts
/// were taken out. The status is left alone.
void job_from(Cluster& cluster, const Json& job, Job& out, Problems& problems);
/// Reads a manifest: checks its fields, fills in defaults, drops fields of gates that are off; no validation.
bool read_job(Cluster& cluster, const Json& manifest, Job& out, Problems& problems);
/// Reads the status as a snapshot has it. Uncounted pods are known by the uids of the source: the snapshot
/// links them.
void read_job_status(Cluster& cluster, const Json& object, UnixSeconds epoch, Job& out);

/// As `kubectl get -o json` shows it.
Json job_json(const Cluster& cluster, const Job& job, UnixSeconds epoch);

}  // namespace models::kubernetes::json

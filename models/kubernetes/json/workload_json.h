#pragma once
// ReplicaSets, Deployments and DaemonSets: reading them from JSON, and printing them.

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Fill spec, annotations and labels of `out` from defaulted JSON whose types were checked. Name, owner and
/// status are left alone.
void replicaset_from(Cluster& cluster, const Json& set, ReplicaSet& out, Problems& problems);
void deployment_from(Cluster& cluster, const Json& deployment, Deployment& out, Problems& problems);
void daemonset_from(Cluster& cluster, const Json& set, DaemonSet& out, Problems& problems);

/// Read the status as a snapshot has it.
void read_status(Cluster& cluster, const Json& object, UnixSeconds epoch, ReplicaSet& out);
void read_status(Cluster& cluster, const Json& object, UnixSeconds epoch, Deployment& out);
void read_status(Cluster& cluster, const Json& object, UnixSeconds epoch, DaemonSet& out);

/// As `kubectl get -o json` shows them.
Json replicaset_json(const Cluster& cluster, const ReplicaSet& set, UnixSeconds epoch);
Json deployment_json(const Cluster& cluster, const Deployment& deployment, UnixSeconds epoch);
Json daemonset_json(const Cluster& cluster, const DaemonSet& set, UnixSeconds epoch);

/// A count, or a share as `25%`.
IntOrPercent int_or_percent_from(const Json& value);
Json to_json(const IntOrPercent& value);

}  // namespace models::kubernetes::json

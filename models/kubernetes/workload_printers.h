#pragma once
// Tables of ReplicaSets, Deployments and DaemonSets. Source: pkg/printers/internalversion/printers.go.

#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

using Cells = std::vector<std::string>;

/// printReplicaSet, printDeployment, printDaemonSet.
Cells replicaset_cells(const Cluster& cluster, const ReplicaSet& set, bool wide, sim::Time now);
Cells deployment_cells(const Cluster& cluster, const Deployment& deployment, bool wide, sim::Time now);
Cells daemonset_cells(const Cluster& cluster, const DaemonSet& set, bool wide, sim::Time now);

/// `app=web,tier in (a,b)`; `<none>` for an empty one. Source: apimachinery meta/v1 FormatLabelSelector,
/// pkg/labels Requirement.String: requirements in the order of their keys.
std::string selector_text(const LabelSelector& selector);
/// `a=b,c=d`; `<none>` for none. Source: pkg/util/labels FormatLabels.
std::string labels_text(const LabelMap& labels);

}  // namespace models::kubernetes

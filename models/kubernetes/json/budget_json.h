#pragma once
// PodDisruptionBudgets: reading them from JSON, and printing them.

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Fills metadata and spec of `out` from JSON whose types were checked. The status is left alone.
void budget_from(Cluster& cluster, const Json& budget, PodDisruptionBudget& out);
/// Reads a manifest: checks its fields; no validation.
bool read_budget(Cluster& cluster, const Json& manifest, PodDisruptionBudget& out, Problems& problems);
/// Reads the status as a snapshot or a watch has it.
void read_budget_status(Cluster& cluster, const Json& object, UnixSeconds epoch, PodDisruptionBudget& out);

/// As `kubectl get -o json` shows it.
Json budget_json(const Cluster& cluster, const PodDisruptionBudget& budget, UnixSeconds epoch);

/// `2`, or `30%`. Source: apimachinery pkg/util/intstr IntOrString.String.
std::string int_or_percent_text(const IntOrPercent& value);

}  // namespace models::kubernetes::json

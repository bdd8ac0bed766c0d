#pragma once
// Where a pod may and wants to run, in JSON: affinity, topology spread, priority, host ports, volumes.

#include <string>

#include "models/kubernetes/json/fields.h"

namespace models::kubernetes::json {

/// Reads the fields of a pod's spec that only the scheduler (and those who act for it) look at.
void read_placement(const Json& spec, const std::string& path, PodTemplate& out, Problems& problems);

/// Writes them into the spec of a template that was not read from JSON.
void write_placement(const PodTemplate& pod_template, Json& spec);

/// The terms of a node selector (`nodeSelectorTerms`).
std::vector<NodeSelectorTerm> node_selector_terms(const Json& selector);

}  // namespace models::kubernetes::json

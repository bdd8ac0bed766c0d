#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/objects.h"
#include "scenarios/language/scenario.h"

namespace scenarios {

/// An object that the scenario describes, as the manifest that a person would have applied.
struct DescribedObject {
  nlohmann::ordered_json manifest;
  language::Location at;
  std::string field;  ///< path in the scenario, for errors
};

/// The manifests of `cluster.statefulsets`, `cluster.jobs`, `cluster.miniclusters` and
/// `cluster.podDisruptionBudgets`, in the order of the
/// file.
std::vector<DescribedObject> described_objects(const language::Cluster& cluster);

/// A node of `cluster.nodes`.
struct DescribedNode {
  std::string name;
  models::kubernetes::NodeShape shape;
  std::vector<models::kubernetes::Taint> taints;
  bool unschedulable = false;
  language::Location at;
};
std::vector<DescribedNode> described_nodes(const language::Cluster& cluster,
                                           const std::string& kubelet_version);

/// The rules of `behaviour`.
std::vector<models::kubernetes::BehaviourRule> described_behaviours(const language::Scenario& scenario);

}  // namespace scenarios

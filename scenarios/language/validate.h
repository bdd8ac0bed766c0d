#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/check_declaration.h"
#include "scenarios/language/diagnostic.h"
#include "scenarios/language/scenario.h"

namespace scenarios::language {

/// What exists in the cluster, as far as it is known.
struct ObjectNames {
  std::vector<std::string> objects;       ///< StatefulSets, Jobs and MiniClusters.
  std::vector<std::string> miniclusters;  ///< Those of them that are MiniClusters.
  std::vector<std::string> pods;          ///< Pods that none of the objects owns.
  std::vector<std::string> nodes;
  /// Nothing else can come to exist: neither manifests, snapshots nor the plan bring further objects. When
  /// false, names that are not listed are not errors.
  bool complete = true;
  std::vector<std::string> servers;  ///< Of a cloud that the scenario does not describe.
  bool may_have_cloud = false;       ///< Files that are not read yet may bring one.

  /// Whether a pod may have that name: one of `pods`, `<object>-<number>`, or `<object>-<number>-<suffix>`.
  bool may_name_pod(std::string_view name) const;
};

/// What the scenario itself describes.
ObjectNames names_in(const Scenario& scenario);

/// Finds what no single field can tell: names that refer to nothing, names given twice, and what is written
/// but never used. Cycles of `needs` are found where the plan is built.
///
/// Whoever loads manifests or a snapshot calls it again with all names and `complete` set.
void validate(const Scenario& scenario, const KnownWords& known, const ObjectNames& names,
              Diagnostics& diagnostics);

}  // namespace scenarios::language

#pragma once
// Which pods are a StatefulSet's: the ones that it controls and that still match, and the orphans that match.

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// A pod of a set, as seen.
struct SetMember {
  Row row = kNoRow;
  const Pod* pod = nullptr;
  std::int32_t ordinal = -1;
};

/// What a set's sync finds among the pods.
struct SetMembers {
  std::vector<SetMember> members;  ///< those to be adopted included; newest first, then orphans by row
  std::vector<Row> adopt;          ///< orphans that match
  std::vector<Row> release;        ///< pods that the set controls and that match no more
};

/// The decimal number behind the last dash of `name`, if what stands before is `prefix`; else -1.
/// Source: pkg/controller/statefulset/stateful_set_utils.go getParentNameAndOrdinal.
std::int32_t ordinal_after(std::string_view name, std::string_view prefix);
/// Whether `name` ends in a dash and digits.
bool ends_in_ordinal(std::string_view name);
/// The ordinal of a pod that by its name belongs to the set of that name; -1 if it does not.
std::int32_t ordinal_in(const Cluster& cluster, const Pod& pod, Text set_name);

/// Whether a pod has all the labels of `selector`.
bool selects(const Cluster& cluster, const LabelMap& selector, const Pod& pod);

/// Source: pkg/controller/controller_ref_manager.go ClaimPods, ClaimObject, with the filter of
///         stateful_set.go getPodsForStatefulSet. A set that is being deleted adopts and releases nothing.
SetMembers find_members(const View& view, Row set_row, const StatefulSet& set,
                        const std::vector<Row>& orphans);

}  // namespace models::kubernetes

#pragma once
// The PersistentVolumeClaims of a StatefulSet's pods: their names, and whom the retention policy makes their
// owner.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// `<template>-<set>-<ordinal>`. Source: stateful_set_utils.go getPersistentVolumeClaimName.
std::string claim_name(std::string_view claim_template, std::string_view set_name, std::int32_t ordinal);

/// The two owners that the controller gives a claim; 0 is none.
struct ClaimOwners {
  Uid set = 0;
  Uid pod = 0;
  friend bool operator==(const ClaimOwners&, const ClaimOwners&) = default;
};

/// Whom the retention policy wants as the owner of a claim.
/// Source: stateful_set_utils.go updateClaimOwnerRefForSetAndPod.
/// @param in_range  whether the pod's ordinal is one that the spec asks for.
/// @param pod       uid of the claim's pod; 0 while it is not created.
ClaimOwners wanted_owners(const StatefulSetSpec& spec, Uid set, bool in_range, Uid pod);

/// Whether a claim needs no change of owners: it has the wanted ones, or it belongs to somebody else: an
/// earlier set or pod of the same name, or another controller. Source: stateful_set_utils.go
/// isClaimOwnerUpToDate.
bool owners_up_to_date(const PersistentVolumeClaim& claim, const StatefulSetSpec& spec, Uid set,
                       bool in_range, Uid pod);

/// What `update_owners` makes of the claim's owners: the wanted ones, or none beside another controller.
ClaimOwners corrected_owners(const PersistentVolumeClaim& claim, const StatefulSetSpec& spec, Uid set,
                             bool in_range, Uid pod);

/// Whether a claim of a pod that is yet to be created still belongs to the pod before it.
/// Source: stateful_pod_control.go PodClaimIsStale, stateful_set_utils.go hasStaleOwnerRef.
bool claim_is_stale(const PersistentVolumeClaim& claim, const StatefulSetSpec& spec);

/// The claims of a set's ordinals as seen, found by name: claims outlive pods and sets.
class SetClaims {
 public:
  /// One pass over all claims; none at all for a set without claim templates.
  SetClaims(const View& view, const StatefulSet& set);

  /// The claim of `ordinal` for the claim template at `position`; kNoRow if it is not seen.
  [[nodiscard]] Row find(std::int32_t ordinal, std::size_t position) const;
  [[nodiscard]] std::size_t templates() const { return templates_; }

 private:
  struct Entry {
    std::int32_t ordinal;
    std::uint32_t position;
    Row row;
  };
  std::size_t templates_ = 0;
  std::vector<Entry> entries_;  // sorted by ordinal, then position
};

}  // namespace models::kubernetes

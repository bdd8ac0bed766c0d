#pragma once
// Transitions from the difference between two versions of a MiniCluster.

#include "models/flux/state.h"

namespace models::flux {

/// `details_differ`: whether anything of the specs differs, the fields included that no rule reads.
/// @return the first transition, or none.
sim::TransitionId tell_spec_difference(FluxTurn& turn, Uid uid, const MiniClusterSpec& before,
                                       const MiniClusterSpec& after, bool details_differ, kubernetes::By by);
sim::TransitionId tell_status_difference(FluxTurn& turn, Uid uid, const MiniClusterStatus& before,
                                         const MiniClusterStatus& after, kubernetes::By by);

}  // namespace models::flux

#pragma once
// A simulation whose chance a recording dictates. When requests take effect the recording shows. When a sync
// started it does not: but what a sync writes tells what it had seen. So before a sync starts the world is
// forked, and the sync tried at each moment at which it may have started: at once, or after one of the next
// changes that the recording shows, within the bounds and not after the controller's next recorded write
// about this object. The first start whose writes are the recorded ones is taken; if none is, the one with
// the fewest others, the earliest of them.

#include "scenarios/targets/fidelity/dictation.h"
#include "scenarios/world.h"

namespace scenarios::targets {

/// Runs the world, which has begun, until `until`. `meddle` is given the cluster after each event, of forks
/// too.
void run_guided(World& world, sim::History& history, const RecordedChanges& recorded, sim::Time until,
                void (*meddle)(models::kubernetes::Cluster&) = nullptr);

}  // namespace scenarios::targets

#pragma once

#include <string>
#include <vector>

#include "scenarios/run.h"
#include "sim/explorer.h"

namespace scenarios {

/// Every placement of up to `limits.faults` faults at every event boundary of the scenario's nominal run. A
/// finding is the name of a violated check, with its parameters.
sim::Exploration<models::kubernetes::Fault> explore(const Rehearsal& rehearsal, sim::ExploreLimits limits);

}  // namespace scenarios

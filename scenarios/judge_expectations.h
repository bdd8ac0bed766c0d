#pragma once

#include <vector>

#include "scenarios/build.h"
#include "sim/result.h"

namespace scenarios {

/// Holds a run against the scenario's `expect`. One entry for each thing expected, and one for findings that
/// were not expected; none where the scenario expects nothing.
std::vector<sim::Expectation> judge_expectations(const Rehearsal& rehearsal, const sim::ResultRecord& record);

}  // namespace scenarios

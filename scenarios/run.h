#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/build.h"
#include "scenarios/world.h"
#include "sim/choices.h"
#include "sim/result.h"

namespace scenarios {

/// A fault that strikes between two events.
struct FaultPlacement {
  std::uint64_t after_event = 0;  ///< when so many events were performed
  models::kubernetes::Fault fault;
};

/// The record of a run that is over, whoever performed it: steps, transitions, findings, expectations.
sim::ResultRecord tell_run(const Rehearsal& rehearsal, const World& world, const sim::History& history,
                           std::uint64_t seed);

/// Performs a scenario once and tells what happened.
///
/// @param rehearsal   what was built from the scenario; not changed.
/// @param choices     answers all chance of the run.
/// @param placements  further faults, in the order of their boundaries.
sim::ResultRecord perform(const Rehearsal& rehearsal, sim::Choices& choices, std::uint64_t seed,
                          const std::vector<FaultPlacement>& placements = {});

/// The chain of causes of a transition, latest first, down to the step or fault that began it. A wait is
/// followed to the latest that happened to the object waited for, of what lies before the transition
/// `before`.
std::vector<sim::Because> chain_of(sim::TransitionId id, const World& world, const sim::History& history,
                                   sim::TransitionId before);

/// A transition in words, whichever model it belongs to.
sim::ToldTransition tell(const sim::Transition& transition, const World& world, const sim::History& history);

/// The version of this program.
std::string_view tool_version();

}  // namespace scenarios

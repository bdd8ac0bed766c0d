#pragma once
// Informers that are behind: a sync that starts before they have shown what was written before it. In a
// replay watches deliver at once, and what a sync had not seen is told by the view that it starts with.

#include <chrono>
#include <vector>

#include "scenarios/world.h"
#include "sim/kernel.h"

namespace scenarios::targets {

/// After so long it is looked again whether what is held may go on.
inline constexpr sim::Duration kHeld = std::chrono::milliseconds{2};
/// A sync that has not ended by then is judged by what it wrote.
inline constexpr sim::Duration kTrialMost = std::chrono::seconds{1};

/// Everything that was delivered.
inline constexpr models::kubernetes::Version kAllSeen = ~models::kubernetes::Version{0};

/// The informers of the controller manager.
models::kubernetes::Observer& informers_of(World& world);

/// Keeps the versions of objects that informers may not have got beyond, which are `lag` behind at most. The
/// store keeps versions for the observer that is farthest behind; so the watch that nobody reads, the Flux
/// operator's on a cluster without Flux, stays behind. Called before each event.
void keep_versions(World& world, sim::Duration lag);

/// Takes the next event away if it delivers to the watch that nobody reads. @return whether it does.
bool drop_unread_delivery(World& world);

/// What informers that are behind may have seen now, for a sync of an object of that kind; the latest first.
/// They never go back behind `least`.
std::vector<models::kubernetes::Version> views_behind(World& world, models::kubernetes::Kind kind,
                                                      models::kubernetes::Version least);

/// Performs the next event, by which syncs start, while the informers have seen no more than `seen`.
bool step_behind(World& world, sim::Context& context, sim::Time until, models::kubernetes::Version seen);

/// A sync of which the controller manager does not see what is written after a moment: it counts what its
/// informer had shown by then.
struct HeldDelivery {
  models::kubernetes::Kind kind = models::kubernetes::Kind::None;
  models::kubernetes::Row row = models::kubernetes::kNoRow;
  std::uint32_t syncs = 0;
  sim::Time from = sim::kNever;
};

/// Postpones the next event if it would show what that sync does not see. @return whether it does.
bool hold_delivery(World& world, const HeldDelivery& hold);

}  // namespace scenarios::targets

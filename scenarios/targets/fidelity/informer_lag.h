#pragma once
// Informers that are behind: a sync that starts before they have shown what was written before it. In a
// replay watches deliver at once, and what a sync had not seen is told by the view that it starts with.

#include <vector>

#include "scenarios/world.h"
#include "sim/kernel.h"

namespace scenarios::targets {

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

}  // namespace scenarios::targets

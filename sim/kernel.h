#pragma once
// The kernel is generic over the world: any value with an `agenda` and a `dispatch`.

#include <cstdint>

#include "sim/choices.h"
#include "sim/event_queue.h"
#include "sim/history.h"

namespace sim {

/// The part of a world that the kernel drives: the time and what is pending.
struct Agenda {
  Time now{};
  EventQueue events;

  void schedule(Time at, std::uint32_t kind, std::uint32_t subject, std::uint32_t argument,
                TransitionId cause) {
    events.push(at < now ? now : at, kind, subject, argument, cause);
  }
};

/// What a world uses while it runs and does not own: chance, and its past.
struct Context {
  Choices& choices;
  History& history;
};

/// Performs the next pending event, if there is one at or before `until`.
///
/// World needs: `Agenda agenda`, `void dispatch(const PendingEvent&, Context&)`.
/// @return false when nothing is left to do by `until`.
template <class World>
bool step(World& world, Context& context, Time until = kNever) {
  if (world.agenda.events.empty() || world.agenda.events.top().at > until) {
    return false;
  }
  const PendingEvent event = world.agenda.events.pop();
  world.agenda.now = event.at;
  world.dispatch(event, context);
  context.history.end_event();
  return true;
}

/// Runs until nothing is pending by `until`, the world says that it is `finished()`, or `events_max` events
/// have passed. @return the number of events performed.
template <class World>
std::uint64_t run(World& world, Context& context, Time until = kNever,
                  std::uint64_t events_max = ~std::uint64_t{0}) {
  std::uint64_t events = 0;
  while (events < events_max && !world.finished() && step(world, context, until)) {
    ++events;
  }
  return events;
}

}  // namespace sim

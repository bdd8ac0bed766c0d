#include "scenarios/targets/fidelity/informer_lag.h"

#include <algorithm>

#include "models/kubernetes/events.h"
#include "scenarios/targets/fidelity/controller_queues.h"

namespace scenarios::targets {

namespace kubernetes = models::kubernetes;
using kubernetes::Kind;

namespace {

/// So many views are tried at most, each without one event more.
constexpr std::size_t kViewsMost = 40;

kubernetes::Observer& observer(World& world, kubernetes::ObserverId id) {
  return world.cluster.observers[static_cast<std::size_t>(id)];
}

bool has_flux(const World& world) { return world.flux.miniclusters.size() > 0; }

}  // namespace

kubernetes::Observer& informers_of(World& world) {
  return observer(world, kubernetes::ObserverId::ControllerManager);
}

void keep_versions(World& world, sim::Duration lag) {
  if (has_flux(world)) {
    return;
  }
  kubernetes::Observer& unread = observer(world, kubernetes::ObserverId::FluxOperator);
  const kubernetes::WatchLog& log = world.cluster.watch_log;
  unread.scheduled = true;
  for (; unread.position < log.end() && log[unread.position].at + lag < world.agenda.now; ++unread.position) {
    unread.seen = log[unread.position].version;
  }
}

bool drop_unread_delivery(World& world) {
  const sim::PendingEvent& due = world.agenda.events.top();
  const bool unread = due.kind == static_cast<std::uint32_t>(kubernetes::Event::Deliver) &&
                      due.subject == static_cast<std::uint32_t>(kubernetes::ObserverId::FluxOperator) &&
                      !has_flux(world);
  if (unread) {
    world.agenda.events.pop();
  }
  return unread;
}

std::vector<kubernetes::Version> views_behind(World& world, Kind kind, kubernetes::Version least) {
  std::vector<kubernetes::Version> views;
  if (has_flux(world)) {
    return views;
  }
  const kubernetes::Observer& unread = observer(world, kubernetes::ObserverId::FluxOperator);
  const kubernetes::WatchLog& log = world.cluster.watch_log;
  least = std::max(least, unread.seen);
  for (std::uint64_t at = informers_of(world).position;
       at-- > unread.position && views.size() < kViewsMost;) {
    const kubernetes::WatchEvent& event = log[at];
    if (event.version <= least) {
      break;
    }
    if (event.kind == Kind::Pod || event.kind == kind || event.kind == Kind::ReplicaSet ||
        event.kind == Kind::ControllerRevision) {
      views.push_back(event.version - 1);
    }
  }
  return views;
}

bool step_behind(World& world, sim::Context& context, sim::Time until, kubernetes::Version seen) {
  kubernetes::Observer& informers = informers_of(world);
  const kubernetes::Version all = informers.seen;
  informers.seen = std::min(all, seen);
  const bool went = sim::step(world, context, until);
  if (seen < all) {
    informers.seen = all;
  }
  return went;
}

bool hold_delivery(World& world, const HeldDelivery& hold) {
  if (hold.kind == Kind::None || world.agenda.events.empty()) {
    return false;
  }
  const sim::PendingEvent due = world.agenda.events.top();
  constexpr auto kControllers = static_cast<std::uint32_t>(kubernetes::ObserverId::ControllerManager);
  const kubernetes::QueueEntry& entry = queue_of(world.cluster, hold.kind).entry(hold.row);
  if (due.kind != static_cast<std::uint32_t>(kubernetes::Event::Deliver) || due.subject != kControllers ||
      due.at <= hold.from || due.at > hold.from + kTrialMost || entry.syncs > hold.syncs ||
      (entry.syncs == hold.syncs && !entry.processing)) {
    return false;
  }
  world.agenda.events.pop();
  world.agenda.schedule(due.at + kHeld, due.kind, due.subject, due.argument, due.cause);
  return true;
}

}  // namespace scenarios::targets

#include "scenarios/server_power.h"

#include "models/kubernetes/node_power.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;
namespace openstack = models::openstack;
namespace node_power = models::kubernetes::node_power;

}  // namespace

void on_openstack_event(World& world, sim::Context& context, const sim::PendingEvent& event) {
  const auto kind = static_cast<openstack::Event>(event.kind);
  if (kind != openstack::Event::GuestStopped && kind != openstack::Event::GuestStarted) {
    openstack::Turn turn{world.openstack, world.cluster.settings->profile, world.agenda, context,
                         world.cluster.next_uid};
    openstack::dispatch(turn, event);
    return;
  }
  openstack::Server& server = world.openstack.servers[event.subject];
  if (server.guest_event_at != world.agenda.now) {
    return;  // something came in between
  }
  server.guest_event_at = sim::kNever;
  const bool on = kind == openstack::Event::GuestStarted;
  const kubernetes::Row machine = server.kubernetes_node.empty()
                                      ? kubernetes::kNoRow
                                      : node_power::machine_named(world.cluster, server.kubernetes_node);
  if (machine == kubernetes::kNoRow) {
    return;
  }
  kubernetes::Turn turn{world.cluster, world.agenda, context};
  const kubernetes::By by{kubernetes::Writer::Kubelet, event.cause};
  if (on) {
    node_power::power_on(turn, machine, by);
  } else {
    node_power::power_off(turn, machine, by);
  }
}

}  // namespace scenarios

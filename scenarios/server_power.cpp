#include "scenarios/server_power.h"

#include "models/kubernetes/kubelet.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;
namespace openstack = models::openstack;

/// The machine is off: its containers end, its kubelet falls silent.
void stop_kubelet(kubernetes::Turn& turn, kubernetes::Row node, sim::TransitionId cause) {
  kubernetes::update<kubernetes::Node>(turn, node, {kubernetes::Writer::Kubelet, cause},
                                       kubernetes::Verb::UpdateStatus,
                                       [](kubernetes::Node& it) { it.kubelet_alive = false; });
}

/// The machine runs again; its kubelet posts Ready and sees to its pods.
void start_kubelet(kubernetes::Turn& turn, kubernetes::Row node, sim::TransitionId cause) {
  const kubernetes::By by{kubernetes::Writer::Kubelet, cause};
  const kubernetes::WriteResult alive = kubernetes::update<kubernetes::Node>(
      turn, node, by, kubernetes::Verb::UpdateStatus, [](kubernetes::Node& it) { it.kubelet_alive = true; });
  kubernetes::update<kubernetes::Node>(turn, node, {kubernetes::Writer::Kubelet, alive.transition},
                                       kubernetes::Verb::UpdateStatus, [&](kubernetes::Node& it) {
                                         if (!it.ready) {
                                           it.ready_changed = turn.now();
                                         }
                                         it.ready = true;
                                         it.ready_unknown = false;
                                       });
  kubernetes::kubelet::node_returned(turn, node, alive.transition);
}

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
  const kubernetes::Row node = world.cluster.find_node(server.kubernetes_node);
  if (server.kubernetes_node.empty() || node == kubernetes::kNoRow ||
      world.cluster.nodes[node].kubelet_alive == on) {
    return;
  }
  kubernetes::Turn turn{world.cluster, world.agenda, context};
  if (on) {
    start_kubelet(turn, node, event.cause);
  } else {
    stop_kubelet(turn, node, event.cause);
  }
}

}  // namespace scenarios

#pragma once
// What happens after the API has answered 202: nova-conductor and nova-compute.
//
// Source: nova/compute/manager.py (shelve_instance, shelve_offload_instance, unshelve_instance,
// stop_instance, start_instance, terminate_instance, _poll_shelved_instances, _sync_power_states),
// nova/conductor/manager.py (unshelve_instance, schedule_and_build_instances), nova/virt/libvirt/driver.py
// (snapshot).

#include <cstdint>

#include "models/openstack/state.h"

namespace models::openstack::compute {

/// Hands work to the conductor or to the server's host. A host whose service is down gets it when it is up
/// again, for the message waits.
void cast(Turn& turn, std::int32_t server, Work work, sim::TransitionId cause);

/// The work of a server goes on: the delay of its stage is over.
void go_on(Turn& turn, std::int32_t server, sim::TransitionId cause);

/// A host's sweep: offloads servers that are SHELVED without a task for longer than shelved_offload_time.
void poll_shelved(Turn& turn, std::int32_t host);

/// A guest that is off although its server is active becomes stopped.
void synchronize_power_states(Turn& turn);

/// nova-compute of a host ends. `killed`: with all work under way, which stays as it is for ever; otherwise
/// work under way is finished first, and only further messages wait.
void stop_service(Turn& turn, std::int32_t host, bool killed, By by);
/// It starts again: a server caught in spawning goes to ERROR, shelving task states stay, waiting messages
/// are taken. Source: manager.py, _init_instance.
void start_service(Turn& turn, std::int32_t host, By by);

/// The image service is gone, or back: uploads fail from now on, those under way at once.
void set_image_service(Turn& turn, bool up, By by);

}  // namespace models::openstack::compute

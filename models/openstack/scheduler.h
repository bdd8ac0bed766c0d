#pragma once
// Which host takes a server.

#include "models/openstack/state.h"

namespace models::openstack {

/// Whether a host has room for a flavour. Placement counts allocations, not guests: a SHELVED server keeps
/// its room until it is offloaded.
bool has_room(const State& state, std::int32_t host, const Flavor& flavor);

/// Whether some host has room, its service up or not.
bool placement_has_room(const State& state, const Server& server);

/// The host for a server, or kNone: NoValidHost. Among those that are up and have room the one with the most
/// free memory, then the first. Source: nova/scheduler/weights/ram.py (the RAM weigher prefers free memory);
/// placement's allocation candidates. Left out: the other weighers, which weigh equal hosts alike, and
/// aggregates.
std::int32_t choose_host(const State& state, const Server& server, std::int32_t wanted);

}  // namespace models::openstack

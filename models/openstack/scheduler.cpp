#include "models/openstack/scheduler.h"

namespace models::openstack {

namespace {

struct Room {
  std::int64_t vcpus = 0;
  std::int64_t ram_mb = 0;
  std::int64_t disk_gb = 0;
};

Room free_room(const State& state, std::int32_t host) {
  const Host& here = state.hosts[static_cast<std::size_t>(host)];
  Room room{here.vcpus, here.ram_mb, here.disk_gb};
  for (const Server& server : state.servers) {
    if (server.allocation == host) {
      const Flavor& flavor = state.flavors[static_cast<std::size_t>(server.flavor)];
      room.vcpus -= flavor.vcpus;
      room.ram_mb -= flavor.ram_mb;
      // A server that boots from a volume has no disk on its host.
      room.disk_gb -= server.image == kNone ? 0 : flavor.disk_gb;
    }
  }
  return room;
}

}  // namespace

bool has_room(const State& state, std::int32_t host, const Flavor& flavor) {
  const Room room = free_room(state, host);
  return room.vcpus >= flavor.vcpus && room.ram_mb >= flavor.ram_mb && room.disk_gb >= flavor.disk_gb;
}

bool placement_has_room(const State& state, const Server& server) {
  const Flavor& flavor = state.flavors[static_cast<std::size_t>(server.flavor)];
  for (std::int32_t host = 0; host < static_cast<std::int32_t>(state.hosts.size()); ++host) {
    if (!state.hosts[static_cast<std::size_t>(host)].full && has_room(state, host, flavor)) {
      return true;
    }
  }
  return false;
}

std::int32_t choose_host(const State& state, const Server& server, std::int32_t wanted) {
  const Flavor& flavor = state.flavors[static_cast<std::size_t>(server.flavor)];
  std::int32_t best = kNone;
  std::int64_t most = 0;
  for (std::int32_t host = 0; host < static_cast<std::int32_t>(state.hosts.size()); ++host) {
    const bool fits = state.hosts[static_cast<std::size_t>(host)].up &&
                      !state.hosts[static_cast<std::size_t>(host)].full && has_room(state, host, flavor) &&
                      (wanted == kNone || wanted == host);
    const std::int64_t memory = fits ? free_room(state, host).ram_mb : 0;
    if (fits && (best == kNone || memory > most)) {
      best = host;
      most = memory;
    }
  }
  return best;
}

}  // namespace models::openstack

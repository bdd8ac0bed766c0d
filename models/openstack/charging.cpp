#include "models/openstack/charging.h"

#include <chrono>

namespace models::openstack {

namespace {

std::int64_t rate_of(const State& state, const Server& server) {
  return std::int64_t{charged_percent(server.vm_state)} *
         state.flavors[static_cast<std::size_t>(server.flavor)].units_per_hour;
}

}  // namespace

std::int32_t charged_percent(VmState state) {
  constexpr std::int32_t kSuspended = 75;
  constexpr std::int32_t kStopped = 50;
  switch (state) {
    case VmState::active:
    case VmState::paused:
      return 100;
    case VmState::suspended:
      return kSuspended;
    case VmState::stopped:
      return kStopped;
    case VmState::building:
    case VmState::shelved:
    case VmState::shelved_offloaded:
    case VmState::error:
    case VmState::deleted:
      return 0;
  }
  return 0;
}

std::int64_t charged(const State& state, const Server& server, sim::Time now) {
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - server.charged_until);
  return server.charged + rate_of(state, server) * passed.count();
}

void charge(const State& state, Server& server, sim::Time now) {
  server.charged = charged(state, server, now);
  server.charged_until = now;
}

std::int64_t charged(const State& state, sim::Time now) {
  std::int64_t sum = 0;
  for (const Server& server : state.servers) {
    sum += charged(state, server, now);
  }
  return sum;
}

std::int64_t rate(const State& state) {
  std::int64_t sum = 0;
  for (const Server& server : state.servers) {
    sum += rate_of(state, server);
  }
  return sum;
}

}  // namespace models::openstack

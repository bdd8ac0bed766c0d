#pragma once
// Service units, as Jetstream2 charges them.
//
// Source: docs.jetstream-cloud.org, vmsizes and instancemgt: a share of the flavour's rate by status. The
// transitional states are charged by the status that is printed meanwhile: assumed. PAUSED is not documented:
// as ACTIVE, assumed; both SHELVED and SHELVED_OFFLOADED are free.

#include <cstdint>

#include "models/openstack/state.h"

namespace models::openstack {

/// Hundredths of the flavour's rate.
std::int32_t charged_percent(VmState state);

/// Brings a server's account up to `now`.
void charge(const State& state, Server& server, sim::Time now);

/// What a server, or all of them, was charged up to `now`, in hundredths of units per hour times
/// microseconds.
std::int64_t charged(const State& state, const Server& server, sim::Time now);
std::int64_t charged(const State& state, sim::Time now);

/// One service unit in these.
inline constexpr std::int64_t kServiceUnit = std::int64_t{100} * 3'600 * 1'000'000;

/// What the servers cost an hour in the states that they have now, in hundredths of units.
std::int64_t rate(const State& state);

}  // namespace models::openstack

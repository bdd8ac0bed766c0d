#pragma once
// How long a controller's requests take. Where a profile says that they take time, a write has its effect at
// the end of that, and what else happens meanwhile comes before it.

#include <cstdint>
#include <string>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/purposes.h"

namespace models::kubernetes {

/// What an object is called on every cluster that runs the same plan: "pod default/web-1"; a Job's pod
/// without its random characters, a revision without its hash. What choices about requests are asked of.
std::string lasting_name(const sim::Subject& subject, const Strings& strings);

sim::Subject subject_of(const Pod& pod);

/// Choices about the requests of commands are told from those of controllers about the same object by this
/// bit of their occurrence.
inline constexpr std::uint32_t kOfCommand = 0x80000000U;

/// Whether a request to the API server takes simulated time at all.
bool requests_take_time(const Cluster& cluster);

/// From a request about the object to its effect.
sim::Duration request_latency(Turn& turn, const sim::Subject& subject, Purpose purpose,
                              std::uint32_t occurrence);

/// The same for a write that the controller of `owner` wants; `occurrence` says which of its syncs it is.
sim::Duration request_latency(Turn& turn, const Write& write, const sim::Subject& owner,
                              std::uint32_t occurrence);

/// From a key in the queue of the controller of `owner` to a worker that looks at it.
sim::Duration sync_start_latency(Turn& turn, const sim::Subject& owner, std::uint32_t occurrence);

}  // namespace models::kubernetes

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
/// Of the pod that the DaemonSet called so runs on the node called so.
sim::Subject subject_of_daemon_pod(Text name_space, Text daemonset, Text node);

/// Choices about the requests of commands are told from those of controllers about the same object by this
/// bit of their occurrence.
inline constexpr std::uint32_t kOfCommand = 0x80000000U;

/// Whether a request to the API server takes simulated time at all.
bool requests_take_time(const Cluster& cluster);

/// From a request about the object to its effect.
sim::Duration request_latency(Turn& turn, const sim::Subject& subject, Purpose purpose,
                              std::uint32_t occurrence);

/// In the occurrence of a question about one of several objects of one name, seven bits from this one on: 1 +
/// the pod's attempt, 1 + how many ReplicaSets their Deployment had before this one, or 1 + how many more of
/// a batch are made before it. 0: the name is enough.
inline constexpr std::uint32_t kWhichShift = 24;
inline std::uint32_t which_of(std::uint32_t occurrence) { return (occurrence >> kWhichShift) & 0x7fU; }
/// That part of an occurrence for a ReplicaSet.
std::uint32_t which_replicaset(const Cluster& cluster, Row row);

/// The same for a write that the controller of `owner` wants; `occurrence` says which of its syncs it is,
/// `before` how many writes of its batch come before it.
sim::Duration request_latency(Turn& turn, const Write& write, const sim::Subject& owner,
                              std::uint32_t occurrence, std::uint32_t before);

/// From the effect of the last request of a batch of the controller of `owner` to its answer.
sim::Duration answer_latency(Turn& turn, const sim::Subject& owner, std::uint32_t occurrence);

/// The same for a request about a stored pod, which may share its name with others.
sim::Duration pod_request_latency(Turn& turn, const Pod& pod, Purpose purpose, std::uint32_t occurrence);

/// A rank that chance gives to one of several things that are equal to a controller: the `occurrence`-th pod
/// of that name.
std::uint32_t rank_by_chance(Turn& turn, const sim::Subject& subject, Purpose purpose,
                             std::uint32_t occurrence);

/// From a key in the queue of the controller of `owner`, which is at `row`, to a worker that looks at it.
sim::Duration sync_start_latency(Turn& turn, const sim::Subject& owner, Row row, std::uint32_t occurrence);

}  // namespace models::kubernetes

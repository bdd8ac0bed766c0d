#pragma once

#include <string>

#include "models/kubernetes/cluster.h"
#include "sim/history.h"

namespace models::kubernetes {

/// The subject of a transition in words: "pod default/web-1", "node worker-0".
std::string describe_subject(Uid uid, const sim::History& history, const Cluster& cluster);

/// What changed, in words: "Pending -> Running", "deletion requested (grace 30s)", "waits for pod
/// default/web-1 to become Ready". Fields of other models give an empty text.
std::string describe_change(const sim::Transition& transition, const sim::History& history,
                            const Cluster& cluster);

}  // namespace models::kubernetes

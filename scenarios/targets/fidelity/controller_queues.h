#pragma once
// The queues of the controllers whose syncs a replay times, by the kind of their objects.

#include <array>
#include <string>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/events.h"
#include "models/kubernetes/vocabulary.h"

namespace scenarios::targets {

/// The kinds whose controllers have such a queue.
inline constexpr std::array kQueuedKinds = {
    models::kubernetes::Kind::StatefulSet, models::kubernetes::Kind::Job,
    models::kubernetes::Kind::ReplicaSet,  models::kubernetes::Kind::Deployment,
    models::kubernetes::Kind::DaemonSet,   models::kubernetes::Kind::PodDisruptionBudget};

/// The kind whose controller looks at its queue by this event; None for other events.
models::kubernetes::Kind kind_of_queue(models::kubernetes::Event event);

/// The event by which the controller of that kind looks at its queue.
models::kubernetes::Event queue_run_of(models::kubernetes::Kind kind);

/// The event by which a delayed key of that kind comes into its queue.
models::kubernetes::Event wake_of(models::kubernetes::Kind kind);

models::kubernetes::Writer controller_of(models::kubernetes::Kind kind);

models::kubernetes::WorkQueue& queue_of(models::kubernetes::Cluster& cluster, models::kubernetes::Kind kind);

/// The object of a key, as the API serves it.
const models::kubernetes::Meta& meta_at(const models::kubernetes::Cluster& cluster,
                                        models::kubernetes::Kind kind, models::kubernetes::Row row);

/// "statefulset default/web".
std::string name_at(const models::kubernetes::Cluster& cluster, models::kubernetes::Kind kind,
                    models::kubernetes::Row row);

}  // namespace scenarios::targets

#pragma once
// How the StatefulSet controller's writes are performed, and what it says of those that failed.

#include <cstddef>
#include <string>

#include "models/kubernetes/api.h"
#include "models/kubernetes/cluster.h"

namespace models::kubernetes::statefulset_controller {

using SetSync = Sync<StatefulSetSyncPayload>;

/// A label's value has at most 63 characters, and a pod carries its revision's name in one.
/// Source: apimachinery pkg/util/validation LabelValueMaxLength.
inline constexpr std::size_t kLabelValueMax = 63;

/// The set of a sync, also while observers have yet to see its removal; nullptr once it is forgotten.
const StatefulSet* set_of(const Cluster& cluster, const SetSync& sync);

/// Sends one write to the API. @param row_written  the object written or created.
Outcome perform(Turn& turn, SetSync& sync, const Write& write, Row& row_written);

/// The errors of a sync in upstream's words, for example `create Pod web-1 in StatefulSet web failed error:
/// pods "web-1" is forbidden: exceeded quota`; several as `[first, second]`. Empty if there was none. Source:
/// stateful_pod_control.go recordPodEvent, createPersistentVolumeClaims; apimachinery pkg/api/errors.
std::string failure_text(const Cluster& cluster, const SetSync& sync);

/// Remembers that the pod was created, for the `attempt` of its successor.
void remember_attempt(Cluster& cluster, const Pod& pod);

}  // namespace models::kubernetes::statefulset_controller

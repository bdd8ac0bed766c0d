#pragma once
// Static pods: a kubelet runs them from files of its own and shows each as a mirror pod in the API. What is
// done to the mirror does not touch the containers.

#include "models/kubernetes/api.h"
#include "models/kubernetes/kubelet_state.h"

namespace models::kubernetes::static_pods {

/// The kubelet sees that a mirror pod is to go: it removes the object at once and makes it anew, with the
/// containers running on. Does nothing about other pods. @return whether it was a mirror pod.
bool mirror_is_deleted(Turn& turn, Row row, sim::TransitionId cause);

/// A mirror pod is gone from the API: its kubelet makes it anew, once it acts and has a Node. `gone` is the
/// pod as it was, `record` what the kubelet knows of its containers.
void mirror_is_gone(Turn& turn, const Pod& gone, const KubeletPod& record, sim::TransitionId cause);

/// The kubelet of the Node at `node` begins to act: it shows its static pods that the API does not show.
void show_hidden(Turn& turn, Row node, sim::TransitionId cause);

}  // namespace models::kubernetes::static_pods

#pragma once
// The memory of the controller of PodDisruptionBudgets. All of it is lost when the controller manager
// restarts.

#include "models/kubernetes/controller_state.h"
#include "models/kubernetes/workload_objects.h"

namespace models::kubernetes {

struct DisruptionSyncPayload {
  PodDisruptionBudgetStatus seen;
  PodDisruptionBudgetStatus status;
  Version version = 0;  ///< resourceVersion of the budget that the sync found
};

struct DisruptionControllerState {
  WorkQueue queue;
  ClientThrottle client;
  ClientThrottle retries;
  std::vector<Sync<DisruptionSyncPayload>> active;
};

}  // namespace models::kubernetes

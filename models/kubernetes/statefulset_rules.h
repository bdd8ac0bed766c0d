#pragma once

#include "models/kubernetes/features.h"

namespace models::kubernetes {

/// What differs between versions of the StatefulSet controller. Where upstream also patched older releases,
/// the release that first had the change decides: which patches have it could not be looked up (assumed).
struct StatefulSetRules {
  bool start_ordinal = true;               ///< spec.ordinals.start counts
  bool claim_retention = true;             ///< persistentVolumeClaimRetentionPolicy counts
  bool max_unavailable = false;            ///< the update pass takes up to maxUnavailable pods at once
  bool concurrent_batches = true;          ///< Parallel passes run as batches of 1, 2, 4, … 500 (#117865)
  bool recreates_succeeded = true;         ///< a Succeeded pod is replaced as a Failed one is (#120398)
  bool terminal_pod_must_be_gone = true;   ///< else it is deleted and created in the same sync (#123809)
  bool completes_at_spec_replicas = true;  ///< else an update is complete at status.replicas (#120731)
  bool unavailable_is_unhealthy = true;    ///< else only an unready pod is (#130909)
  bool available_at_deadline = true;  ///< minReadySeconds to the nanosecond is enough; from 1.34 (assumed)

  /// Source: pkg/features/kube_features.go for the gates, the pull requests named above for the rest.
  static StatefulSetRules of(const Features& features) {
    StatefulSetRules rules;
    rules.start_ordinal = features.since(31) || features.has(Gate::StatefulSetStartOrdinal);
    rules.claim_retention = features.since(32) || features.has(Gate::StatefulSetAutoDeletePVC);
    rules.max_unavailable = features.has(Gate::MaxUnavailableStatefulSet);
    rules.concurrent_batches = features.since(28);
    rules.recreates_succeeded = features.since(29);
    rules.terminal_pod_must_be_gone = features.since(31);
    rules.completes_at_spec_replicas = features.since(29);
    rules.unavailable_is_unhealthy = features.since(34);
    rules.available_at_deadline = features.since(34);
    return rules;
  }
};

}  // namespace models::kubernetes

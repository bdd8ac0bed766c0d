#pragma once

#include <initializer_list>

#include "models/kubernetes/features.h"

namespace models::kubernetes {

/// What differs between versions of the StatefulSet controller, patch releases included. Looked up in the
/// sources of 1.26.15, 1.27.16, 1.28.2, 1.28.4, 1.28.5, 1.28.11, 1.28.15, 1.29.15, 1.30.14 and 1.32 to 1.35;
/// 1.28.3, 1.28.10, and that other minors got a change in the patch release of the same day are assumed.
struct StatefulSetRules {
  bool start_ordinal = true;               ///< spec.ordinals.start counts
  bool claim_retention = true;             ///< persistentVolumeClaimRetentionPolicy counts
  bool max_unavailable = false;            ///< the update pass takes up to maxUnavailable pods at once
  bool concurrent_batches = true;          ///< Parallel passes run as batches of 1, 2, 4, … 500 (#117865)
  bool recreates_succeeded = true;         ///< a Succeeded pod is replaced as a Failed one is (#120398)
  bool terminal_pod_must_be_gone = true;   ///< else it is deleted and created in the same sync (#123809)
  bool completes_at_spec_replicas = true;  ///< else an update is complete at status.replicas (#120731)
  bool unavailable_is_unhealthy = true;    ///< else only an unready pod is (#130909)
  bool available_at_deadline = true;       ///< minReadySeconds to the nanosecond is enough; from 1.34
  bool wakes_when_available = true;        ///< else a second later, or minReadySeconds after any sync (1.35)

  /// Source: pkg/features/kube_features.go for the gates, the pull requests named above for the rest.
  static StatefulSetRules of(const Features& features) {
    StatefulSetRules rules;
    rules.start_ordinal = features.since(31) || features.has(Gate::StatefulSetStartOrdinal);
    rules.claim_retention = features.since(32) || features.has(Gate::StatefulSetAutoDeletePVC);
    rules.max_unavailable = features.has(Gate::MaxUnavailableStatefulSet);
    rules.concurrent_batches = features.since(28);
    rules.recreates_succeeded = patched(features, {{27, 9}, {28, 5}}, 29);
    rules.terminal_pod_must_be_gone = patched(features, {{28, 11}, {29, 6}, {30, 2}}, 31);
    rules.completes_at_spec_replicas = patched(features, {{27, 7}, {28, 3}}, 29);
    rules.unavailable_is_unhealthy = features.since(34);
    rules.available_at_deadline = features.since(34);
    rules.wakes_when_available = features.since(35);
    return rules;
  }

 private:
  struct Patch {
    int minor;
    int patch;
  };

  /// Whether a change is in: from 1.`minor`.0 on, and in older minors from a patch release on.
  static bool patched(const Features& features, std::initializer_list<Patch> patches, int minor) {
    for (const Patch& one : patches) {
      if (features.minor == one.minor) {
        return features.patch >= one.patch;
      }
    }
    return features.since(minor);
  }
};

}  // namespace models::kubernetes

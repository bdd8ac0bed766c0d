#pragma once
// What the StatefulSet controller wants to do next: decided from what it sees, performed elsewhere.

#include <cstdint>
#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes::statefulset_controller {

/// The parts of a sync, in their order. `Write::pass` names the one that wanted the write.
enum class Pass : std::uint16_t {
  Adopt,      ///< adoption and release of revisions and pods
  Revisions,  ///< creating or renumbering the update revision
  Replicas,   ///< pods that the spec asks for: create, replace, repair
  Claims,     ///< owners of the claims of pods beyond the spec
  Condemned,  ///< deleting pods beyond the spec
  Update,     ///< deleting pods of old revisions
  Status,
  History,  ///< deleting revisions beyond the history limit
};

/// The outcome of one decision.
///
/// Batches are performed in order; all writes of a batch are tried, and an error in one skips the batches
/// after it. OrderedReady has a batch for each write. Parallel has batches of 1, 2, 4, … 500 replicas, whose
/// order inside is undefined upstream and ascending (descending in the condemned pass) here.
struct StatefulSetPlan {
  std::vector<Write> writes;   ///< of the passes before the status
  std::vector<Write> history;  ///< after the status
  /// As counted over the pods seen. Revisions that are yet to be created have no name here but
  /// `new_revision`.
  StatefulSetStatus status;
  std::string new_revision;     ///< name of the revision to create; empty if there is none to create
  bool current_is_new = false;  ///< the revision to create is the current one as well: the set's first
  Wait wait;                    ///< what the sync stopped at, or none
  sim::Duration look_again{};   ///< a Ready pod becomes available after that; 0: none will
  std::string refusal;  ///< why the sync ends with an error before it does anything; empty if it does not
};

/// Decides for the set at `row`, which `view` must see.
/// Source: pkg/controller/statefulset/stateful_set.go sync; stateful_set_control.go UpdateStatefulSet.
StatefulSetPlan plan(const View& view, Row row, sim::Time now);

}  // namespace models::kubernetes::statefulset_controller

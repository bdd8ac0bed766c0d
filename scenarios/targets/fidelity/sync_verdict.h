#pragma once
// What a sync wrote in a copy of the simulation, held against what the recording shows next.

#include <string>
#include <vector>

#include "models/kubernetes/cluster.h"
#include "models/kubernetes/vocabulary.h"
#include "scenarios/targets/fidelity/dictation.h"
#include "scenarios/targets/fidelity/observations.h"

namespace scenarios::targets {

/// The object whose sync is about to start, or nothing but the writer.
struct SyncKey {
  models::kubernetes::Kind kind = models::kubernetes::Kind::None;
  models::kubernetes::Row row = models::kubernetes::kNoRow;
  std::string name;  ///< "statefulset default/web"
  std::string path;  ///< "default/web"
  std::string set;   ///< of a ReplicaSet, whose name others have as well: "replicaset default/web #2"
  models::kubernetes::Writer writer = models::kubernetes::Writer::JobController;
};

/// What a trial of a sync showed.
struct SyncVerdict {
  std::size_t written = 0;
  std::size_t wrong = 0;  ///< changes that the recording does not show next
  bool whole = true;      ///< of each recorded write all of its changes
  bool counts = false;    ///< objects were made or deleted
  sim::Time ended{};
};

/// Whether an object belongs to what the key's controller does about the key.
bool belongs(const std::string& subject, const SyncKey& key);

/// Holds what a trial wrote against what the recording shows next. `progress`: how far the simulation was
/// before the trial.
SyncVerdict judge(const std::vector<Observation>& seen, const SyncKey& key, const RecordedChanges& recorded,
                  const Progress& progress);

}  // namespace scenarios::targets

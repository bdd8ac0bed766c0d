#pragma once
// The IOMesh resource as `kubectl get iomesh iomesh -o yaml` shows it.
//
// Source: IOMesh documentation, draft "Scale Cluster" (the fields of a chunk, 0B for an expired one), License
// (status.license). The group iomesh.com and what else the resource holds is assumed.

#include <nlohmann/json.hpp>

#include "models/iomesh/state.h"

namespace models::iomesh::resource {

using Json = nlohmann::ordered_json;

Json to_json(const State& state, const kubernetes::Cluster& cluster, sim::Time now);

/// The counters of `iomeshctl summary cluster`.
struct Counters {
  std::int64_t ongoing_recovers = 0, pending_recovers = 0, ongoing_migrates = 0, pending_migrates = 0;
  std::int64_t pending_migrates_bytes = 0, pending_recovers_bytes = 0;
};
/// Assumed: one extent of each task is under way, the rest pends.
Counters counters_of(const State& state, sim::Time now);

/// What a chunk holds now, with what moves at this moment.
std::vector<Amount> amounts_now(const State& state, sim::Time now);

}  // namespace models::iomesh::resource

#pragma once
// Which pods a ReplicaSet deletes first.

#include <vector>

#include "models/kubernetes/cluster.h"

namespace models::kubernetes {

/// A pod and how many active pods of its ReplicaSet and of the related ones are on its node.
struct RankedPod {
  Row row = kNoRow;
  const Pod* pod = nullptr;
  std::int32_t rank = 0;
  std::uint32_t restarts = 0;  ///< the most that one of its containers has, sidecars apart
  std::uint32_t sidecar_restarts = 0;
  std::uint32_t chance = 0;  ///< decides between pods that nothing else tells apart
};

/// Whether `a` is deleted before `b`: unassigned; Pending, Unknown, Running; not Ready; lower
/// pod-deletion-cost; more neighbours; shorter Ready, in steps of powers of two; more restarts; younger, in
/// such steps. Times count in whole seconds, as the API holds them.
/// Source: pkg/controller/controller_utils.go ActivePodsWithRanks.Less with LogarithmicScaleDown (on since
/// 1.22), compareMaxContainerRestarts. Where the steps are equal upstream compares UIDs, which are random,
/// and of pods of one second the order in a map decides: both are chance here. Where chance makes no
/// difference, the older goes.
bool deleted_before(const RankedPod& a, const RankedPod& b, sim::Time now);

/// The `count` pods that go first; asks chance where not all go. `related` are the pods of all ReplicaSets
/// with the same owner, for the ranks. Source: replica_set.go getPodsToDelete.
std::vector<Row> choose_pods_to_delete(Turn& turn, const View& view, const std::vector<Row>& pods,
                                       const std::vector<Row>& related, std::size_t count);

}  // namespace models::kubernetes

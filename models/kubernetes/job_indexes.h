#pragma once
// Which completion indexes are taken, which come next, and which pods go first when there are too many.
// Source: kubernetes/kubernetes pkg/controller/job/indexed_job_utils.go.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kubernetes/job_plan.h"

namespace models::kubernetes {

/// Indexes held by pods, as a bitmap: it is filled anew by every sync, in whatever order the pods come. Indexes at
/// or above `window` are kept in a sorted list beside it; with a window of as many indexes as can be taken below
/// the candidates of a sync, there are next to none.
class OccupiedIndexes {
 public:
  explicit OccupiedIndexes(int window) : window_(window), bits_((static_cast<std::size_t>(window) + 63) / 64) {}

  /// @return false if the index was there already. REQUIRES: index >= 0.
  bool insert(int index);
  /// Adds what `other`, of the same window, holds.
  void insert_all(const OccupiedIndexes& other);
  [[nodiscard]] bool contains(int index) const;
  /// The lowest index at or above `from` that is not held.
  [[nodiscard]] int next_free(int from) const;

 private:
  int window_;
  std::vector<std::uint64_t> bits_;
  std::vector<int> beyond_;
};

/// The lowest `count` indexes below `completions` that no pod holds and that neither succeeded nor failed.
/// Source: firstPendingIndexes.
std::vector<int> first_pending_indexes(const OccupiedIndexes& occupied, const IndexSet& succeeded,
                                       const IndexSet& failed, std::size_t count, int completions);

/// Marks the held pods and lists them by ascending index: of each index that is neither active nor succeeded nor
/// failed, the failed pod with the most failures, then the latest finish, then the latest uid. A held pod keeps its
/// finalizer, and so its failure count, until a replacement is active. Source: getPodsWithDelayedDeletionPerIndex.
std::vector<JobPod> hold_failed_pods(std::span<JobPod> finished, const OccupiedIndexes& active,
                                     const IndexSet& succeeded, const IndexSet& failed);
/// The one of `held` for `index`, or nullptr.
const JobPod* find_held(std::span<const JobPod> held, std::int32_t index);

/// Whether `a` is removed before `b` when there are too many: unscheduled, Pending, Unknown, Running; not ready;
/// ready most recently; more restarts; newer. Upstream leaves full ties open; here the later uid goes first.
/// Source: pkg/controller/controller_utils.go, ActivePods.Less.
bool goes_first(const Pod& a, const Pod& b);

struct ActivePod {
  Row row = kNoRow;
  const Pod* pod = nullptr;
};

/// The pods to remove: for an Indexed Job (`completions` >= 0) those without an index, all but the best of those
/// that share one, and those at or above completions; then the worst of the rest, until there are `at_least`.
/// Source: activePodsForRemoval, appendDuplicatedIndexPodsForRemoval.
std::vector<ActivePod> pods_for_removal(std::vector<ActivePod> active, int completions, std::size_t at_least);

}  // namespace models::kubernetes

#pragma once
// Which completion indexes are taken, which come next, and which pods go first when there are too many.
// Source: kubernetes/kubernetes pkg/controller/job/indexed_job_utils.go.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kubernetes/job_plan.h"

namespace models::kubernetes {

/// The indexes that pods hold, as a bitmap that grows as needed; an index may be held more than once. Pods
/// come and go in any order, and a change costs next to nothing. Indexes above a million are kept in a sorted
/// list beside it.
class HeldIndexes {
 public:
  /// REQUIRES: index >= 0.
  void insert(int index);
  /// Takes the index out once. REQUIRES: it is held.
  void erase(int index);
  /// Adds what `other` holds.
  void insert_all(const HeldIndexes& other);
  [[nodiscard]] bool contains(int index) const;
  /// The lowest index at or above `from` that is not held.
  [[nodiscard]] int next_free(int from) const;
  /// Whether an index is held more than once.
  [[nodiscard]] bool repeated() const { return !repeated_.empty(); }
  /// Whether an index at or above `from` is held.
  [[nodiscard]] bool any_from(int from) const;

  friend bool operator==(const HeldIndexes& a, const HeldIndexes& b);

 private:
  [[nodiscard]] bool bit(int index) const;

  std::vector<std::uint64_t> bits_;
  std::vector<int> beyond_;    ///< sorted, each once
  std::vector<int> repeated_;  ///< sorted: for each index, every holder but the first
};

/// The lowest `count` indexes below `completions` that no pod holds and that neither succeeded nor failed.
/// Source: firstPendingIndexes.
std::vector<int> first_pending_indexes(const HeldIndexes& held, const IndexSet& succeeded,
                                       const IndexSet& failed, std::size_t count, int completions);

/// Marks the held pods and lists them by ascending index: of each index that is neither active nor succeeded
/// nor failed, the failed pod with the most failures, then the latest finish, then the latest uid. A held pod
/// keeps its finalizer, and so its failure count, until a replacement is active. Source:
/// getPodsWithDelayedDeletionPerIndex.
std::vector<JobPod> hold_failed_pods(std::span<JobPod> finished, const HeldIndexes& active,
                                     const IndexSet& succeeded, const IndexSet& failed);
/// The one of `held` for `index`, or nullptr.
const JobPod* find_held(std::span<const JobPod> held, std::int32_t index);

/// Whether `a` is removed before `b` when there are too many: unscheduled, Pending, Unknown, Running; not
/// ready; ready most recently; more restarts; newer. Times count in whole seconds, as the API serves them.
/// Upstream leaves full ties open; here the later uid goes first. Source: pkg/controller/controller_utils.go,
/// ActivePods.Less; apimachinery meta/v1 Time.MarshalJSON.
bool goes_first(const Pod& a, const Pod& b);
/// Whether nothing but chance decides between the two. Source: sort.Sort in activePodsForRemoval is unstable.
bool rank_equally(const Pod& a, const Pod& b);

struct ActivePod {
  Row row = kNoRow;
  const Pod* pod = nullptr;
};

/// The pods to remove: for an Indexed Job (`completions` >= 0) those without an index, all but the best of
/// those that share one, and those at or above completions; then the worst of the rest, until there are
/// `at_least`. Source: activePodsForRemoval, appendDuplicatedIndexPodsForRemoval.
std::vector<ActivePod> pods_for_removal(std::vector<ActivePod> active, int completions, std::size_t at_least);

/// The pods to remove, and those that might go as well in place of some of them.
struct RemovalChoice {
  std::vector<ActivePod> removed;
  std::size_t equal_from = 0;     ///< from here on they rank equally with `spared`
  std::vector<ActivePod> spared;  ///< empty where the ranks settle everything
};
RemovalChoice choose_for_removal(std::vector<ActivePod> active, int completions, std::size_t at_least);

}  // namespace models::kubernetes

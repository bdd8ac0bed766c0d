#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace models::kubernetes {

/// A set of completion indexes, held as the runs that `completedIndexes` and `failedIndexes` print.
///
/// Costs grow with the number of runs, not of indexes: 100,000 indexes in a few runs are a few words.
/// Inserting above all others is constant, elsewhere linear in the runs after the place. Source:
/// pkg/controller/job/indexed_job_utils.go, orderedIntervals.
class IndexSet {
 public:
  /// The indexes from `first` to `last`, both included.
  struct Interval {
    int first = 0;
    int last = 0;
    friend bool operator==(const Interval&, const Interval&) = default;
  };

  IndexSet() = default;

  /// Reads the text of a status field and cuts it to the indexes below `completions`. Parts that are no
  /// interval of indexes are left out, as upstream does (it logs them); they are added to `ignored` if that
  /// is given. Source: indexed_job_utils.go, succeededIndexesFromString.
  static IndexSet parse(std::string_view text, int completions, std::vector<std::string>* ignored = nullptr);

  /// The set of `indexes`, in any order.
  static IndexSet of(std::span<const int> indexes);

  /// Adds one index. REQUIRES: index >= 0.
  void insert(int index) { insert_interval(index, index); }
  /// Adds `first` to `last`, both included. REQUIRES: 0 <= first <= last.
  void insert_interval(int first, int last);
  /// Takes one index out, if it is there.
  void erase(int index);
  /// Forgets every index at or above `completions`.
  void clamp(int completions);

  /// This set and `other` together. Source: withOrderedIndexes, for whole sets.
  [[nodiscard]] IndexSet with(const IndexSet& other) const;

  [[nodiscard]] bool contains(int index) const;
  [[nodiscard]] bool empty() const { return intervals_.empty(); }
  /// How many indexes, not how many runs.
  [[nodiscard]] std::size_t size() const;

  /// The lowest `count` indexes below `completions` that are not in the set; fewer if there are not as many.
  /// Source: firstPendingIndexes.
  [[nodiscard]] std::vector<int> first_missing(std::size_t count, int completions) const;

  /// All indexes, ascending.
  [[nodiscard]] std::vector<int> indexes() const;
  /// The runs, ascending, none touching the next.
  [[nodiscard]] std::span<const Interval> intervals() const { return intervals_; }

  /// "1,3-5,7"; two neighbours are "1,2"; an empty set is "". Source: orderedIntervals.String.
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const IndexSet&, const IndexSet&) = default;

 private:
  std::vector<Interval> intervals_;
};

std::ostream& operator<<(std::ostream& os, const IndexSet& set);

}  // namespace models::kubernetes

#include "models/kubernetes/job_indexes.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <tuple>
#include <utility>

#include "models/kubernetes/served_time.h"
#include "sim/require.h"

namespace models::kubernetes {

namespace {

constexpr int kBitsMax = 1 << 20;

std::size_t word_of(int index) { return static_cast<std::size_t>(index) / 64; }
std::uint64_t mask_of(int index) { return std::uint64_t{1} << (static_cast<unsigned>(index) % 64); }

void insert_sorted(std::vector<int>& values, int value) {
  values.insert(std::lower_bound(values.begin(), values.end(), value), value);
}

}  // namespace

bool HeldIndexes::bit(int index) const {
  return word_of(index) < bits_.size() && (bits_[word_of(index)] & mask_of(index)) != 0;
}

void HeldIndexes::insert(int index) {
  if (contains(index)) {
    insert_sorted(repeated_, index);
  } else if (index >= kBitsMax) {
    insert_sorted(beyond_, index);
  } else {
    if (word_of(index) >= bits_.size()) {
      bits_.resize(word_of(index) + 1);
    }
    bits_[word_of(index)] |= mask_of(index);
  }
}

void HeldIndexes::erase(int index) {
  const auto take = [&](std::vector<int>& values) {
    const auto place = std::lower_bound(values.begin(), values.end(), index);
    if (place == values.end() || *place != index) {
      return false;
    }
    values.erase(place);
    return true;
  };
  if (take(repeated_)) {
    return;
  }
  if (index >= kBitsMax) {
    sim::require(take(beyond_), "an index that is given back was held");
  } else {
    sim::require(bit(index), "an index that is given back was held");
    bits_[word_of(index)] &= ~mask_of(index);
  }
}

void HeldIndexes::insert_all(const HeldIndexes& other) {
  bits_.resize(std::max(bits_.size(), other.bits_.size()));
  for (std::size_t i = 0; i < other.bits_.size(); ++i) {
    bits_[i] |= other.bits_[i];
  }
  for (const int index : other.beyond_) {
    insert(index);
  }
}

bool HeldIndexes::contains(int index) const {
  return index < kBitsMax ? bit(index) : std::binary_search(beyond_.begin(), beyond_.end(), index);
}

int HeldIndexes::next_free(int from) const {
  while (word_of(from) < bits_.size()) {
    const std::uint64_t rest = bits_[word_of(from)] >> (static_cast<unsigned>(from) % 64);
    const int held = std::countr_one(rest);
    const int in_word = 64 - from % 64;
    if (held < in_word) {
      return from + held;
    }
    from += in_word;
  }
  while (contains(from)) {
    ++from;
  }
  return from;
}

bool HeldIndexes::any_from(int from) const {
  if (!beyond_.empty() && beyond_.back() >= from) {
    return true;
  }
  for (std::size_t word = word_of(from); word < bits_.size(); ++word) {
    const std::uint64_t below = word == word_of(from) ? mask_of(from) - 1 : 0;
    if ((bits_[word] & ~below) != 0) {
      return true;
    }
  }
  return false;
}

bool operator==(const HeldIndexes& a, const HeldIndexes& b) {
  const auto [in_a, in_b] = std::mismatch(a.bits_.begin(), a.bits_.end(), b.bits_.begin(), b.bits_.end());
  const auto zero = [](std::uint64_t word) { return word == 0; };
  return std::all_of(in_a, a.bits_.end(), zero) && std::all_of(in_b, b.bits_.end(), zero) &&
         a.beyond_ == b.beyond_ && a.repeated_ == b.repeated_;
}

std::vector<int> first_pending_indexes(const HeldIndexes& held, const IndexSet& succeeded,
                                       const IndexSet& failed, std::size_t count, int completions) {
  std::vector<int> result;
  result.reserve(count);
  auto done = succeeded.intervals().begin();
  auto dead = failed.intervals().begin();
  int candidate = 0;
  while (result.size() < count) {
    const int before = candidate;
    candidate = held.next_free(candidate);
    for (; done != succeeded.intervals().end() && done->first <= candidate; ++done) {
      candidate = std::max(candidate, done->last + 1);
    }
    for (; dead != failed.intervals().end() && dead->first <= candidate; ++dead) {
      candidate = std::max(candidate, dead->last + 1);
    }
    if (candidate >= completions) {
      break;
    }
    // A skipped run may end on a held index, so only an index that nothing moved is a candidate.
    if (candidate == before) {
      result.push_back(candidate++);
    }
  }
  return result;
}

std::vector<JobPod> hold_failed_pods(std::span<JobPod> finished, const HeldIndexes& active,
                                     const IndexSet& succeeded, const IndexSet& failed) {
  std::vector<JobPod*> candidates;
  for (JobPod& pod : finished) {
    if (pod.failed && pod.in_range && !pod.removal_requested && !active.contains(pod.index) &&
        !succeeded.contains(pod.index) && !failed.contains(pod.index)) {
      candidates.push_back(&pod);
    }
  }
  const auto key = [](const JobPod* pod) {
    return std::tuple(pod->index, pod->failure_count + pod->ignored_failure_count, pod->finished, pod->uid);
  };
  std::sort(candidates.begin(), candidates.end(),
            [&](const JobPod* a, const JobPod* b) { return key(a) < key(b); });
  std::vector<JobPod> held;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i + 1 == candidates.size() || candidates[i + 1]->index != candidates[i]->index) {
      candidates[i]->held = true;
      held.push_back(*candidates[i]);
    }
  }
  return held;
}

const JobPod* find_held(std::span<const JobPod> held, std::int32_t index) {
  const auto found =
      std::lower_bound(held.begin(), held.end(), index,
                       [](const JobPod& pod, std::int32_t wanted) { return pod.index < wanted; });
  return found != held.end() && found->index == index ? &*found : nullptr;
}

namespace {

/// Below 0: `a` goes first; 0: nothing decides.
int compare_ranks(const Pod& a, const Pod& b) {
  const auto rank = [](PodPhase phase) {
    return phase == PodPhase::Pending ? 0 : phase == PodPhase::Unknown ? 1 : 2;
  };
  const auto order = [](auto left, auto right) { return left < right ? -1 : left > right ? 1 : 0; };
  if ((a.node == kNoRow) != (b.node == kNoRow)) {
    return a.node == kNoRow ? -1 : 1;
  }
  if (a.phase != b.phase) {
    return order(rank(a.phase), rank(b.phase));
  }
  if (a.ready != b.ready) {
    return a.ready ? 1 : -1;
  }
  if (a.ready && served(a.ready_changed) != served(b.ready_changed)) {
    return order(served(b.ready_changed), served(a.ready_changed));
  }
  if (a.restarts != b.restarts) {
    return order(b.restarts, a.restarts);
  }
  return order(served(b.meta.created), served(a.meta.created));
}

}  // namespace

bool goes_first(const Pod& a, const Pod& b) {
  const int order = compare_ranks(a, b);
  return order != 0 ? order < 0 : a.meta.uid > b.meta.uid;
}

bool rank_equally(const Pod& a, const Pod& b) { return compare_ranks(a, b) == 0; }

namespace {

bool worse(const ActivePod& a, const ActivePod& b) { return goes_first(*a.pod, *b.pod); }

/// Moves the pods that an Indexed Job has no place for from `active` to `removed`.
void take_misplaced(std::vector<ActivePod>& active, std::vector<ActivePod>& removed, int completions) {
  std::sort(active.begin(), active.end(), [](const ActivePod& a, const ActivePod& b) {
    return a.pod->index != b.pod->index ? a.pod->index < b.pod->index : worse(a, b);
  });
  std::vector<ActivePod> left;
  left.reserve(active.size());
  for (std::size_t i = 0; i < active.size(); ++i) {
    const std::int32_t index = active[i].pod->index;
    // Pods of one index stand together, the best of them last.
    const bool best = i + 1 == active.size() || active[i + 1].pod->index != index;
    if (index >= 0 && index < completions && best) {
      left.push_back(active[i]);
    } else {
      removed.push_back(active[i]);
    }
  }
  active = std::move(left);
}

}  // namespace

RemovalChoice choose_for_removal(std::vector<ActivePod> active, int completions, std::size_t at_least) {
  RemovalChoice choice;
  std::vector<ActivePod>& removed = choice.removed;
  if (completions >= 0) {
    take_misplaced(active, removed, completions);
  }
  if (removed.size() < at_least) {
    const std::size_t misplaced = removed.size();
    const std::size_t more = std::min(at_least - removed.size(), active.size());
    const auto end = active.begin() + static_cast<std::ptrdiff_t>(more);
    std::partial_sort(active.begin(), end, active.end(), worse);
    removed.insert(removed.end(), active.begin(), end);
    if (more == 0) {
      return choice;
    }
    const Pod& last = *removed.back().pod;
    std::copy_if(end, active.end(), std::back_inserter(choice.spared),
                 [&](const ActivePod& other) { return rank_equally(last, *other.pod); });
    choice.equal_from = removed.size();
    while (choice.equal_from > misplaced && rank_equally(last, *removed[choice.equal_from - 1].pod)) {
      --choice.equal_from;
    }
  }
  return choice;
}

std::vector<ActivePod> pods_for_removal(std::vector<ActivePod> active, int completions,
                                        std::size_t at_least) {
  return choose_for_removal(std::move(active), completions, at_least).removed;
}

}  // namespace models::kubernetes

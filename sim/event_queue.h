#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "sim/history.h"
#include "sim/time.h"

namespace sim {

/// Something that will happen. `kind` and `subject` are codes of the models.
struct PendingEvent {
  Time at{};
  std::uint64_t order = 0;  ///< insertion order; breaks ties between equal times
  std::uint32_t kind = 0;
  std::uint32_t subject = 0;
  std::uint32_t argument = 0;
  TransitionId cause = kNoTransition;
};
static_assert(std::is_trivially_copyable_v<PendingEvent> && sizeof(PendingEvent) == 32);

/// Pending events by (time, insertion order): equal times leave in the order in which they came.
///
/// A four-ary heap in one array: half the levels of a binary heap, and the four children share two cache
/// lines.
class EventQueue {
 public:
  void push(Time at, std::uint32_t kind, std::uint32_t subject, std::uint32_t argument, TransitionId cause) {
    heap_.push_back({});
    const PendingEvent event{at, next_order_++, kind, subject, argument, cause};
    std::size_t hole = heap_.size() - 1;
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 4;
      if (!before(event, heap_[parent])) {
        break;
      }
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = event;
  }

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  [[nodiscard]] const PendingEvent& top() const { return heap_.front(); }
  /// All pending events, in heap order (not in the order in which they will leave).
  [[nodiscard]] const std::vector<PendingEvent>& unordered() const { return heap_; }

  PendingEvent pop() {
    const PendingEvent first = heap_.front();
    const PendingEvent last = heap_.back();
    heap_.pop_back();
    const std::size_t size = heap_.size();
    if (size == 0) {
      return first;
    }
    std::size_t hole = 0;
    while (true) {
      const std::size_t child = hole * 4 + 1;
      if (child >= size) {
        break;
      }
      std::size_t least = child;
      const std::size_t end = child + 4 < size ? child + 4 : size;
      for (std::size_t other = child + 1; other < end; ++other) {
        if (before(heap_[other], heap_[least])) {
          least = other;
        }
      }
      if (!before(heap_[least], last)) {
        break;
      }
      heap_[hole] = heap_[least];
      hole = least;
    }
    heap_[hole] = last;
    return first;
  }

 private:
  static bool before(const PendingEvent& a, const PendingEvent& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  }

  std::vector<PendingEvent> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace sim

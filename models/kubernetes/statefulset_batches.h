#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/kubernetes/controller_state.h"
#include "models/kubernetes/statefulset_plan.h"

namespace models::kubernetes::statefulset_controller {

/// Collects the writes of a sync in batches, as the passes over replicas and condemned pods go.
class WriteBatches {
 public:
  enum class Mode : std::uint8_t {
    Ordered,     ///< one by one; an item may stop the sync
    Sequential,  ///< Parallel before 1.28: one by one, all items
    Concurrent,  ///< Parallel: all items, in batches of 1, 2, 4, … 500
  };

  WriteBatches(std::vector<Write>& writes, Mode mode) : writes_(writes), mode_(mode) {}

  /// What follows waits for what came before, and is skipped if that failed.
  void next_batch() { ++batch_; }

  /// Adds to the present batch.
  Write& add(WriteKind kind, Pass pass, Row row) {
    Write write;
    write.kind = kind;
    write.pass = static_cast<std::uint16_t>(pass);
    write.batch = batch_;
    write.row = row;
    write.concurrent = in_concurrent_pass_;
    return writes_.emplace_back(write);
  }

  /// Adds a step that needs the one before it, if it is not the first of its item: in a batch of its own, but
  /// inside a concurrent pass, where the batch is shared with other items, by the mark on the write.
  Write& add_step(WriteKind kind, Pass pass, Row row, bool first_of_item) {
    if (!in_concurrent_pass_) {
      ++batch_;
    }
    Write& write = add(kind, pass, row);
    write.needs_previous = in_concurrent_pass_ && !first_of_item;
    return write;
  }

  /// Adds one of several that are all tried, whatever becomes of the others.
  Write& add_sibling(WriteKind kind, Pass pass, Row row, bool first_sibling) {
    if (!in_concurrent_pass_ && first_sibling) {
      ++batch_;
    }
    return add(kind, pass, row);
  }

  /// Visits 0 … count-1. Ordered ends at the first item for which `visit` says "stop".
  /// @return whether the sync ends here. Source: stateful_set_control.go runForAll, slowStartBatch.
  template <class Visit>
  bool run_for_all(std::size_t count, Visit&& visit) {
    if (mode_ != Mode::Concurrent) {
      for (std::size_t i = 0; i < count; ++i) {
        if (visit(i) && mode_ == Mode::Ordered) {
          return true;
        }
      }
      return false;
    }
    in_concurrent_pass_ = true;
    std::size_t batch_size = 1;
    std::size_t left_in_batch = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (left_in_batch == 0) {
        ++batch_;
        left_in_batch = batch_size;
        batch_size = std::min(batch_size * 2, kBatchMax);
      }
      --left_in_batch;
      visit(i);
    }
    in_concurrent_pass_ = false;
    ++batch_;
    return false;
  }

 private:
  /// Source: stateful_set_control.go MaxBatchSize.
  static constexpr std::size_t kBatchMax = 500;

  std::vector<Write>& writes_;
  Mode mode_;
  std::uint32_t batch_ = 0;
  bool in_concurrent_pass_ = false;
};

}  // namespace models::kubernetes::statefulset_controller

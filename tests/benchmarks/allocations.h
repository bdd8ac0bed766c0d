#pragma once
// The heap as a benchmark sees it. A program that links allocations.cpp has every `new` counted while a count
// is on.

#include <cstdint>

namespace benchmarks {

struct Allocations {
  std::int64_t live_bytes =
      0;  ///< held beyond what was held when the count began, blocks as malloc rounds them
  std::int64_t peak_bytes = 0;
  std::uint64_t count = 0;  ///< calls of `new`
};

/// Begins a count at zero. Counting costs a few nanoseconds an allocation: time is measured in another run.
void start_counting();
/// Ends it. @return what was counted.
Allocations stop_counting();

}  // namespace benchmarks

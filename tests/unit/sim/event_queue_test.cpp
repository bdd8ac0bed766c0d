#include "sim/event_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace sim {
namespace {

TEST(EventQueue, EqualTimesLeaveInTheOrderInWhichTheyCame) {
  EventQueue queue;
  for (std::uint32_t subject = 0; subject < 20; ++subject) {
    queue.push(Time{subject % 2}, 0, subject, 0, kNoTransition);
  }
  std::vector<std::uint32_t> even;
  std::vector<std::uint32_t> odd;
  while (!queue.empty()) {
    const PendingEvent event = queue.pop();
    (event.at == Time{0} ? even : odd).push_back(event.subject);
  }
  EXPECT_EQ(even, (std::vector<std::uint32_t>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}));
  EXPECT_EQ(odd, (std::vector<std::uint32_t>{1, 3, 5, 7, 9, 11, 13, 15, 17, 19}));
}

// The obvious second implementation: keep a list, and take its least element each time.
RC_GTEST_PROP(EventQueue, LeavesInTheOrderOfTimeAndInsertion, (const std::vector<std::uint8_t>& times)) {
  EventQueue queue;
  std::vector<std::tuple<Time, std::size_t>> expected;
  std::vector<std::tuple<Time, std::size_t>> left;
  for (std::size_t i = 0; i < times.size(); ++i) {
    // Now and then one leaves in between, as in a simulation.
    if (times[i] % 5 == 0 && !queue.empty()) {
      const PendingEvent event = queue.pop();
      const auto least = std::min_element(expected.begin(), expected.end());
      RC_ASSERT((*least == std::tuple{event.at, std::size_t{event.subject}}));
      expected.erase(least);
    }
    queue.push(Time{times[i] / 4}, 0, static_cast<std::uint32_t>(i), 0, kNoTransition);
    expected.emplace_back(Time{times[i] / 4}, i);
  }
  std::sort(expected.begin(), expected.end());
  while (!queue.empty()) {
    const PendingEvent event = queue.pop();
    left.emplace_back(event.at, event.subject);
  }
  RC_ASSERT(left == expected);
}

}  // namespace
}  // namespace sim

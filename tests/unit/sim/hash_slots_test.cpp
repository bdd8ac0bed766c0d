#include "sim/hash_slots.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

/// Few hashes for many values: what collides must be told apart by the values.
std::uint64_t crowded_hash(std::uint32_t value) { return value % 7 * 0x9e3779b97f4a7c15ULL; }

RC_GTEST_PROP(HashSlots, findWhatALookAtAllValuesFinds, ()) {
  const auto inserted = *rc::gen::unique<std::vector<std::uint32_t>>(rc::gen::inRange(0U, 300U));
  sim::HashSlots slots;
  std::vector<std::uint32_t> values;
  for (const std::uint32_t value : inserted) {
    slots.insert(crowded_hash(value), static_cast<std::uint32_t>(values.size()));
    values.push_back(value);
  }
  const sim::HashSlots copy = slots;
  slots.clear();
  for (std::uint32_t value = 0; value < 300; ++value) {
    const auto place = std::find(values.begin(), values.end(), value);
    const auto is_it = [&](std::uint32_t position) { return values[position] == value; };
    RC_ASSERT(
        copy.find(crowded_hash(value), is_it) ==
        (place == values.end() ? sim::HashSlots::kNone : static_cast<std::uint32_t>(place - values.begin())));
    RC_ASSERT(slots.find(crowded_hash(value), is_it) == sim::HashSlots::kNone);
  }
}

}  // namespace

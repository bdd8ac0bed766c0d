#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sim {

/// Finds the position of a value in an array by the hash of what it stands for. Open addressing in one array,
/// so that a copy is one allocation; never iterated.
class HashSlots {
 public:
  static constexpr std::uint32_t kNone = 0xffffffffU;

  /// The position for which `is_it(position)` holds, among those that were inserted under `hash`; or kNone.
  template <class IsIt>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, IsIt&& is_it) const {
    if (slots_.empty()) {
      return kNone;
    }
    const std::size_t mask = slots_.size() - 1;
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = tag & mask; slots_[at].position != kNone; at = (at + 1) & mask) {
      if (slots_[at].tag == tag && is_it(slots_[at].position)) {
        return slots_[at].position;
      }
    }
    return kNone;
  }

  void insert(std::uint64_t hash, std::uint32_t position) {
    if (2 * (used_ + 1) > slots_.size()) {
      std::vector<Slot> before(slots_.empty() ? kFirstSize : 2 * slots_.size());
      before.swap(slots_);
      for (const Slot& slot : before) {
        if (slot.position != kNone) {
          place(slot);
        }
      }
    }
    place({tag_of(hash), position});
    ++used_;
  }

  void clear() {
    slots_.clear();
    used_ = 0;
  }

 private:
  static constexpr std::size_t kFirstSize = 16;

  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t position = kNone;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash ^ (hash >> 32U)); }

  void place(Slot slot) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = slot.tag & mask;
    while (slots_[at].position != kNone) {
      at = (at + 1) & mask;
    }
    slots_[at] = slot;
  }

  std::vector<Slot> slots_;  // a power of two of them, at most half in use
  std::size_t used_ = 0;
};

}  // namespace sim

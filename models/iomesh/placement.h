#pragma once
// Where the replicas of data lie: extents that have the same holders form a group.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace models::iomesh {

inline constexpr std::int32_t kNone = -1;
/// Source: IOMesh documentation, StorageClass: a replica factor of 2 or 3 since 0.11.
inline constexpr std::size_t kCopiesMax = 3;

/// Bytes of one replica: written, and what the accounting counts (written or provisioned, whichever is more).
struct Amount {
  std::int64_t used = 0;
  std::int64_t claimed = 0;
  friend bool operator==(const Amount&, const Amount&) = default;
};

/// Extents with the same holders. A holder whose chunk is away stays a holder until its replica was made anew
/// elsewhere.
struct ExtentGroup {
  std::array<std::int16_t, kCopiesMax> holders{kNone, kNone, kNone};  ///< positions of chunks, rising
  std::uint8_t copies = 2;                                            ///< how many there should be
  Amount amount;                                                      ///< of one replica

  [[nodiscard]] bool held_by(std::int32_t chunk) const {
    return holders[0] == chunk || holders[1] == chunk || holders[2] == chunk;
  }
};

/// The same group with `to` in the place of `from`, holders rising again. REQUIRES: held by `from`, not by
/// `to`.
ExtentGroup with_holder(const ExtentGroup& group, std::int32_t from, std::int32_t to);

/// Puts groups with equal holders together; the order is that of the holders afterwards.
void merge_equal(std::vector<ExtentGroup>& groups);

/// What each of `chunks` holds.
std::vector<Amount> amounts_of(std::span<const ExtentGroup> groups, std::size_t chunks);

/// Spreads replicas so that chunk i holds `wanted[i]`: evenly over all sets of `copies` chunks as far as the
/// amounts are equal, and what the larger ones hold beyond that evenly over those. nullopt where no placement
/// on distinct chunks gives these amounts: one chunk holds more than all others can mirror.
std::optional<std::vector<ExtentGroup>> spread_evenly(std::span<const Amount> wanted, std::size_t copies);

/// The same in about `groups` groups a chunk, whatever the number of sets: group g of chunk i has its further
/// replicas at distances that go round. REQUIRES: equal amounts, groups > 0, more chunks than copies.
std::vector<ExtentGroup> spread_in_groups(Amount each, std::size_t chunks, std::size_t copies,
                                          std::int64_t groups);

}  // namespace models::iomesh

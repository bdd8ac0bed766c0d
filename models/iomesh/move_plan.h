#pragma once
// Which replica goes where: the flow problem of an unregister and of a recovery.
//
// Data of the leaving chunk is grouped by its other holders; a group may go to any active chunk that does not
// hold it yet, as far as there is room. All of it can go exactly if the largest flow carries it. Replicas are
// dealt to the emptiest chunk that may take them (assumed), and what finds no place by that is placed by
// augmenting paths, so that the plan carries as much as any plan could.

#include <cstdint>
#include <span>
#include <vector>

#include "models/iomesh/placement.h"

namespace models::iomesh {

/// A replica, or a part of one, that is to be made elsewhere.
struct Need {
  std::uint32_t group = 0;    ///< position of the group
  std::int32_t from = kNone;  ///< the holder that is replaced
  Amount amount;              ///< `claimed` decides where it fits
};

/// A chunk that may take replicas.
struct Target {
  std::int32_t chunk = kNone;
  std::int64_t free = 0;      ///< bytes of `claimed` that it can take
  std::int64_t claimed = 0;   ///< what it holds now
  std::int64_t capacity = 1;  ///< the emptiest by claimed/capacity takes first
};

/// A part of a need and its place.
struct Move {
  std::uint32_t group = 0;
  std::int32_t from = kNone;
  std::int32_t to = kNone;
  Amount amount;
};

struct MovePlan {
  std::vector<Move> moves;
  Amount total;               ///< of all moves
  std::int64_t unplaced = 0;  ///< bytes of `claimed` that find no place

  [[nodiscard]] bool feasible() const { return unplaced == 0; }
};

/// bytes · part / whole without overflow, rounded down; 0 where `whole` is 0.
std::int64_t share_of(std::int64_t bytes, std::int64_t part, std::int64_t whole);

/// @param extent  data is dealt in pieces of this size.
MovePlan plan_moves(std::span<const ExtentGroup> groups, std::span<const Need> needs,
                    std::vector<Target> targets, std::int64_t extent);

}  // namespace models::iomesh

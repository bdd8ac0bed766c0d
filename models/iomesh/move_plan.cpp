#include "models/iomesh/move_plan.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace models::iomesh {

namespace {

/// Dealing goes on in larger pieces where there would be more than so many.
constexpr std::int64_t kPiecesMax = 1 << 17;
constexpr std::int64_t kParts = 1'000'000;

/// What of a need went to a target, by the position of the target.
struct Placed {
  std::uint32_t target = 0;
  std::int64_t claimed = 0;
};

class Dealer {
 public:
  Dealer(std::span<const ExtentGroup> groups, std::span<const Need> needs, std::vector<Target> targets)
      : groups_(groups), needs_(needs), targets_(std::move(targets)), placed_(needs.size()) {}

  /// Deals pieces in turns, one of each need after the other, each to the emptiest chunk that may take it.
  void deal(std::int64_t piece) {
    std::vector<std::uint32_t> open;
    left_.resize(needs_.size());
    for (std::uint32_t need = 0; need < needs_.size(); ++need) {
      left_[need] = needs_[need].amount.claimed;
      if (left_[need] > 0) {
        open.push_back(need);
      }
    }
    while (!open.empty()) {
      std::vector<std::uint32_t> still_open;
      for (const std::uint32_t need : open) {
        if (deal_piece(need, piece)) {
          still_open.push_back(need);
        }
      }
      open = std::move(still_open);
    }
  }

  /// Finds room for what was left over by moving what was dealt: breadth first over the targets.
  void augment() {
    for (std::uint32_t need = 0; need < needs_.size(); ++need) {
      while (left_[need] > 0 && some_room() && augment_once(need)) {
      }
    }
  }

  MovePlan plan() const {
    MovePlan plan;
    for (std::uint32_t need = 0; need < needs_.size(); ++need) {
      plan.unplaced += left_[need];
      add_moves(need, plan);
    }
    return plan;
  }

 private:
  /// @return whether the need may get another piece.
  bool deal_piece(std::uint32_t need, std::int64_t piece) {
    const std::int32_t target = emptiest(need);
    if (target == kNone) {
      return false;
    }
    const std::int64_t bytes =
        std::min({piece, left_[need], targets_[static_cast<std::size_t>(target)].free});
    put(need, static_cast<std::uint32_t>(target), bytes);
    left_[need] -= bytes;
    return left_[need] > 0;
  }

  [[nodiscard]] bool allowed(std::uint32_t need, std::size_t target) const {
    return !groups_[needs_[need].group].held_by(targets_[target].chunk);
  }

  [[nodiscard]] bool some_room() const {
    return std::any_of(targets_.begin(), targets_.end(), [](const Target& one) { return one.free > 0; });
  }

  [[nodiscard]] std::int32_t emptiest(std::uint32_t need) const {
    std::int32_t best = kNone;
    std::int64_t best_share = 0;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      const Target& target = targets_[i];
      if (target.free <= 0) {
        continue;
      }
      const std::int64_t share = target.claimed / std::max<std::int64_t>(1, target.capacity / kParts);
      if ((best == kNone || share < best_share) && allowed(need, i)) {
        best = static_cast<std::int32_t>(i);
        best_share = share;
      }
    }
    return best;
  }

  void put(std::uint32_t need, std::uint32_t target, std::int64_t bytes) {
    auto& places = placed_[need];
    const auto found =
        std::find_if(places.begin(), places.end(), [&](const Placed& one) { return one.target == target; });
    if (found == places.end()) {
      places.push_back({target, bytes});
    } else {
      found->claimed += bytes;
    }
    targets_[target].free -= bytes;
    targets_[target].claimed += bytes;
  }

  /// One augmenting path from `need` to a target with room.
  bool augment_once(std::uint32_t need) {
    struct Reached {
      bool seen = false;
      std::int32_t before = kNone;  ///< the target whose data makes room; kNone: the need itself comes here
      std::uint32_t moved = 0;      ///< the need whose data moves from there
    };
    std::vector<Reached> reached(targets_.size());
    std::deque<std::size_t> queue;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (allowed(need, i)) {
        reached[i].seen = true;
        queue.push_back(i);
      }
    }
    while (!queue.empty()) {
      const std::size_t at = queue.front();
      queue.pop_front();
      if (targets_[at].free > 0) {
        std::int64_t bytes = std::min(left_[need], targets_[at].free);
        for (std::size_t i = at; reached[i].before != kNone;
             i = static_cast<std::size_t>(reached[i].before)) {
          bytes = std::min(bytes, bytes_at(reached[i].moved, static_cast<std::uint32_t>(reached[i].before)));
        }
        std::size_t i = at;
        for (; reached[i].before != kNone; i = static_cast<std::size_t>(reached[i].before)) {
          put(reached[i].moved, static_cast<std::uint32_t>(i), bytes);
          put(reached[i].moved, static_cast<std::uint32_t>(reached[i].before), -bytes);
        }
        put(need, static_cast<std::uint32_t>(i), bytes);
        left_[need] -= bytes;
        return true;
      }
      for (std::uint32_t other = 0; other < needs_.size(); ++other) {
        if (bytes_at(other, static_cast<std::uint32_t>(at)) <= 0) {
          continue;
        }
        for (std::size_t next = 0; next < targets_.size(); ++next) {
          if (!reached[next].seen && allowed(other, next)) {
            reached[next] = {true, static_cast<std::int32_t>(at), other};
            queue.push_back(next);
          }
        }
      }
    }
    return false;
  }

  [[nodiscard]] std::int64_t bytes_at(std::uint32_t need, std::uint32_t target) const {
    for (const Placed& one : placed_[need]) {
      if (one.target == target) {
        return one.claimed;
      }
    }
    return 0;
  }

  /// The moves of one need; written bytes go in proportion to claimed ones, the last part takes what is left.
  void add_moves(std::uint32_t need, MovePlan& plan) const {
    const Need& whole = needs_[need];
    std::int64_t claimed = 0;
    std::int64_t used = 0;
    for (const Placed& one : placed_[need]) {
      if (one.claimed <= 0) {
        continue;
      }
      claimed += one.claimed;
      const std::int64_t used_so_far = share_of(whole.amount.used, claimed, whole.amount.claimed);
      Move move{whole.group, whole.from, targets_[one.target].chunk, {used_so_far - used, one.claimed}};
      used = used_so_far;
      plan.total.used += move.amount.used;
      plan.total.claimed += move.amount.claimed;
      plan.moves.push_back(move);
    }
  }

  std::span<const ExtentGroup> groups_;
  std::span<const Need> needs_;
  std::vector<Target> targets_;
  std::vector<std::vector<Placed>> placed_;
  std::vector<std::int64_t> left_;
};

}  // namespace

std::int64_t share_of(std::int64_t bytes, std::int64_t part, std::int64_t whole) {
  __extension__ using Wide = __int128;
  return whole == 0 ? 0 : static_cast<std::int64_t>(static_cast<Wide>(bytes) * part / whole);
}

MovePlan plan_moves(std::span<const ExtentGroup> groups, std::span<const Need> needs,
                    std::vector<Target> targets, std::int64_t extent) {
  std::int64_t claimed = 0;
  for (const Need& need : needs) {
    claimed += need.amount.claimed;
  }
  Dealer dealer(groups, needs, std::move(targets));
  dealer.deal(std::max({std::int64_t{1}, extent, claimed / kPiecesMax}));
  dealer.augment();
  return dealer.plan();
}

}  // namespace models::iomesh

#include "models/iomesh/data_moves.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/iomesh/chunks.h"
#include "models/iomesh/release.h"
#include "models/timing/distribution.h"

namespace models::iomesh::moves {

namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;

std::int32_t mebibytes(std::int64_t bytes) {
  constexpr std::int64_t kMiB = std::int64_t{1} << 20U;
  constexpr std::int64_t kMost = std::int64_t{1} << 30U;
  return static_cast<std::int32_t>(std::min(kMost, (bytes + kMiB - 1) / kMiB));
}

std::int64_t left_by_applications(const State& state, std::int64_t bytes) {
  return std::max<std::int64_t>(1, share_of(bytes, 100 - state.parameters.application_percent, 100));
}

struct Live {
  std::size_t live = 0;
  std::int32_t missing = kNone;  ///< a holder that is not live; the first
};
Live live_of(const State& state, const ExtentGroup& group) {
  Live found;
  for (std::size_t i = 0; i < group.copies; ++i) {
    const std::int32_t holder = group.holders[i];
    if (state.chunks[static_cast<std::size_t>(holder)].keeps_data()) {
      ++found.live;
    } else if (found.missing == kNone) {
      found.missing = holder;
    }
  }
  return found;
}

/// Chunks that may take replicas, and their room after what `planned` puts there.
std::vector<Target> targets_of(const State& state, std::span<const Move> planned) {
  const std::vector<Amount> amounts = amounts_of(state.groups, state.chunks.size());
  std::vector<Target> targets;
  for (std::size_t i = 0; i < state.chunks.size(); ++i) {
    if (!state.chunks[i].takes_replicas()) {
      continue;
    }
    const std::int64_t claimed = std::max(amounts[i].used, amounts[i].claimed);
    Target target{static_cast<std::int32_t>(i), state.room_of(i, amounts[i]), claimed,
                  state.chunks[i].capacity};
    for (const Move& move : planned) {
      if (move.to == target.chunk) {
        target.free -= move.amount.claimed;
        target.claimed += move.amount.claimed;
      }
    }
    targets.push_back(target);
  }
  return targets;
}

/// What the accounting counts of a replica.
Amount counted(const Amount& amount) { return {amount.used, std::max(amount.used, amount.claimed)}; }

std::vector<Need> needs_of_migration(const State& state, std::int32_t chunk) {
  std::vector<Need> needs;
  for (std::uint32_t i = 0; i < state.groups.size(); ++i) {
    // A group that lacks a replica is first made whole.
    if (state.groups[i].held_by(chunk) && live_of(state, state.groups[i]).missing == kNone) {
      needs.push_back({i, chunk, counted(state.groups[i].amount)});
    }
  }
  return needs;
}

std::vector<Need> needs_of_recovery(const State& state) {
  std::vector<Need> needs;
  for (std::uint32_t i = 0; i < state.groups.size(); ++i) {
    const Live live = live_of(state, state.groups[i]);
    if (live.missing != kNone && live.live > 0 &&
        state.chunks[static_cast<std::size_t>(live.missing)].recovers) {
      needs.push_back({i, live.missing, counted(state.groups[i].amount)});
    }
  }
  return needs;
}

/// Puts what a task has moved by now into the placement.
void take_in(State& state, const Task& task, sim::Time now) {
  const std::int64_t moved = moved_by(task, now);
  const bool all = now >= task.ends;
  for (const Move& move : task.moves) {
    ExtentGroup& group = state.groups[move.group];
    Amount part = move.amount;
    if (!all) {
      part = {share_of(part.used, moved, task.bytes), share_of(part.claimed, moved, task.bytes)};
    }
    part.claimed = std::min(part.claimed, group.amount.claimed);
    ExtentGroup at_target = with_holder(group, move.from, move.to);
    at_target.amount = part;
    group.amount.used -= part.used;
    group.amount.claimed -= part.claimed;
    state.groups.push_back(at_target);
  }
}

void begin(Turn& turn, Task& task, MovePlan plan, std::int64_t bytes, std::int64_t rate,
           sim::TransitionId cause) {
  // Moves are cleared before each plan; only a task that had none to do has no end.
  const std::int64_t was_stalled = task.active() && task.ends == sim::kNever ? task.unplaced : 0;
  const auto which = static_cast<std::int32_t>(task.kind);
  task.moves = std::move(plan.moves);
  task.unplaced = plan.unplaced;
  task.bytes = bytes;
  task.bytes_per_second = rate;
  task.ends = sim::kNever;
  task.cause = cause;
  if (!task.moves.empty()) {
    task.begins = turn.now() + turn.state.parameters.scan;
    const std::int64_t seconds = bytes / rate;
    const sim::Duration rest{share_of(bytes % rate, kNanoseconds, rate)};
    const sim::Duration takes = std::chrono::seconds{seconds} + rest;
    task.ends = task.begins + takes;
    task.cause = tell(turn, turn.state.uid, Field::MovesPlanned, by(Writer::MetaServer, cause), which,
                      mebibytes(bytes),
                      fmt::format("at {}/s, {}", size_text(rate),
                                  timing::duration_text(std::chrono::ceil<std::chrono::seconds>(takes))));
    schedule(turn, task.ends, Event::MoveDone, 0, task.cause);
  } else if (task.unplaced > 0 && task.unplaced != was_stalled) {
    task.cause = tell(turn, turn.state.uid, Field::MovesStalled, by(Writer::MetaServer, cause), which,
                      mebibytes(task.unplaced));
  }
}

void clear(Task& task) {
  task.moves.clear();
  task.bytes = 0;
  task.unplaced = 0;
  task.ends = sim::kNever;
}

/// Tells how much data lacks live replicas, where that has changed.
void judge_redundancy(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  std::int64_t degraded = 0;
  std::int64_t unreachable = 0;
  for (const ExtentGroup& group : state.groups) {
    const Live live = live_of(state, group);
    degraded += live.live < group.copies ? group.amount.used : 0;
    unreachable += live.live == 0 ? group.amount.used : 0;
  }
  const auto tell_if_new = [&](std::int32_t& before, std::int64_t bytes, Field field) {
    const std::int32_t after = mebibytes(bytes);
    if (before != after) {
      tell(turn, state.uid, field, by(Writer::MetaServer, cause), before, after);
      before = after;
    }
  };
  tell_if_new(state.degraded_mebibytes, degraded, Field::Redundancy);
  tell_if_new(state.unreachable_mebibytes, unreachable, Field::Unreachable);
}

/// Deletes the records of unregistered chunks that hold nothing any more.
void forget_drained(Turn& turn, sim::TransitionId cause) {
  const std::vector<Amount> amounts = amounts_of(turn.state.groups, turn.state.chunks.size());
  for (std::size_t i = 0; i < turn.state.chunks.size(); ++i) {
    Chunk& chunk = turn.chunk(i);
    if (chunk.use == UseState::removing && amounts[i] == Amount{}) {
      chunks::set_use(turn, chunk, UseState::drained, by(Writer::MetaServer, cause));
      chunks::set_use(turn, chunk, UseState::gone, by(Writer::MetaServer, chunk.cause));
      chunk.expires_at = sim::kNever;
      chunk.recovers_at = sim::kNever;
    }
  }
}

std::int64_t counted_on(const Amount& amount) { return std::max(amount.used, amount.claimed); }

/// Chunks that differ from the average use: what the fuller ones give, and what the emptier ones take.
struct Imbalance {
  std::vector<Need> needs;
  std::vector<Target> targets;
  std::size_t givers = 0;
};

/// What each chunk holds beyond its share of the whole; targets of `found` are those that hold less.
/// @return whether one holds so much less that it is worth moving data.
bool compare_with_average(const State& state, std::span<const Amount> amounts,
                          std::vector<std::int64_t>& gives, Imbalance& found) {
  std::int64_t held = 0;
  std::int64_t capacity = 0;
  for (std::size_t i = 0; i < state.chunks.size(); ++i) {
    held += state.chunks[i].registered() ? counted_on(amounts[i]) : 0;
    capacity += state.chunks[i].registered() ? state.chunks[i].capacity : 0;
  }
  bool far_below = false;
  for (std::size_t i = 0; i < state.chunks.size(); ++i) {
    const Chunk& chunk = state.chunks[i];
    if (!chunk.registered()) {
      continue;
    }
    const std::int64_t fair = share_of(chunk.capacity, held, capacity);
    const std::int64_t here = counted_on(amounts[i]);
    if (here < fair) {
      far_below =
          far_below || share_of(100, fair - here, chunk.capacity) >= state.parameters.rebalance_percent;
      found.targets.push_back({static_cast<std::int32_t>(i), fair - here, here, chunk.capacity});
    } else if (here > fair) {
      gives[i] = here - fair;
      ++found.givers;
    }
  }
  return far_below;
}

/// Nothing where all chunks are about as full, or where one is not active: then there is better to do.
Imbalance imbalance_of(const State& state) {
  const bool all_active = std::all_of(state.chunks.begin(), state.chunks.end(), [](const Chunk& chunk) {
    return !chunk.registered() || chunk.takes_replicas();
  });
  const std::vector<Amount> amounts = amounts_of(state.groups, state.chunks.size());
  std::vector<std::int64_t> gives(state.chunks.size());
  Imbalance found;
  if (!all_active || !compare_with_average(state, amounts, gives, found)) {
    return {};
  }
  for (std::uint32_t g = 0; g < state.groups.size(); ++g) {
    const ExtentGroup& group = state.groups[g];
    const Amount amount = counted(group.amount);
    for (std::size_t i = 0; i < group.copies; ++i) {
      const auto holder = static_cast<std::size_t>(group.holders[i]);
      // No more than a share, so that the replicas of one extent do not move together.
      const std::int64_t whole = counted_on(amounts[holder]);
      const std::int64_t part = std::min(gives[holder], whole / group.copies);
      const Amount moved{share_of(amount.used, part, whole), share_of(amount.claimed, part, whole)};
      if (moved.claimed > 0) {
        found.needs.push_back({g, group.holders[i], moved});
      }
    }
  }
  return found;
}

/// Data for chunks that are emptier than the others, where nothing else moves.
void plan_rebalance(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  const bool other_work = state.migration.active() || state.recovery.active() || state.degraded_mebibytes > 0;
  Imbalance found = other_work ? Imbalance{} : imbalance_of(state);
  if (found.needs.empty()) {
    clear(state.rebalance);
    return;
  }
  const std::size_t pairs = std::min(found.givers, found.targets.size());
  MovePlan plan =
      plan_moves(state.groups, found.needs, std::move(found.targets), state.parameters.extent_bytes);
  plan.unplaced = 0;  // what finds no place stays where it is
  const std::int64_t bytes = plan.total.used;
  const std::int64_t rate =
      migration_rate(state, 1) * static_cast<std::int64_t>(std::max<std::size_t>(1, pairs));
  begin(turn, state.rebalance, std::move(plan), bytes, rate, cause);
}

void plan_tasks(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  const std::vector<Need> missing = needs_of_recovery(state);
  std::vector<Move> planned;
  if (!missing.empty()) {
    MovePlan plan = plan_moves(state.groups, missing, targets_of(state, {}), state.parameters.extent_bytes);
    planned = plan.moves;
    const auto live = std::count_if(state.chunks.begin(), state.chunks.end(),
                                    [](const Chunk& chunk) { return chunk.live() && chunk.up; });
    const std::int64_t bytes = plan.total.used;
    begin(turn, state.recovery, std::move(plan), bytes, recovery_rate(state, static_cast<std::size_t>(live)),
          cause);
  } else {
    clear(state.recovery);
  }
  const auto leaving = std::find_if(state.chunks.begin(), state.chunks.end(), [](const Chunk& chunk) {
    return chunk.use == UseState::removing && chunk.live() && chunk.up;
  });
  if (leaving == state.chunks.end()) {
    clear(state.migration);
    return;
  }
  const auto position = static_cast<std::int32_t>(leaving - state.chunks.begin());
  const std::vector<Target> targets = targets_of(state, planned);
  const auto with_room = static_cast<std::size_t>(
      std::count_if(targets.begin(), targets.end(), [](const Target& target) { return target.free > 0; }));
  MovePlan plan =
      plan_moves(state.groups, needs_of_migration(state, position), targets, state.parameters.extent_bytes);
  const std::int64_t bytes = state.parameters.move_provisioned ? plan.total.claimed : plan.total.used;
  begin(turn, state.migration, std::move(plan), bytes, migration_rate(state, with_room), cause);
}

}  // namespace

std::int64_t moved_by(const Task& task, sim::Time now) {
  if (now >= task.ends) {
    return task.bytes;
  }
  if (task.moves.empty() || now <= task.begins) {
    return 0;
  }
  return share_of(task.bytes, (now - task.begins).count(), (task.ends - task.begins).count());
}

std::int64_t migration_rate(const State& state, std::size_t targets) {
  const Parameters& p = state.parameters;
  const std::int64_t into =
      p.migrate_bytes_per_second * static_cast<std::int64_t>(std::max<std::size_t>(1, targets));
  return left_by_applications(state,
                              std::min({p.migrate_bytes_per_second, into, p.network_bytes_per_second}));
}

std::int64_t recovery_rate(const State& state, std::size_t live) {
  const Parameters& p = state.parameters;
  const std::int64_t each = std::min(p.recover_bytes_per_second, p.network_bytes_per_second);
  return left_by_applications(state, std::max<std::int64_t>(1, static_cast<std::int64_t>(live) * each / 2));
}

MovePlan plan_of_migration(const State& state, std::size_t position) {
  const auto chunk = static_cast<std::int32_t>(position);
  std::vector<Target> targets = targets_of(state, {});
  std::erase_if(targets, [&](const Target& target) { return target.chunk == chunk; });
  return plan_moves(state.groups, needs_of_migration(state, chunk), std::move(targets),
                    state.parameters.extent_bytes);
}

std::int64_t room_beside(const State& state, std::size_t position) {
  std::int64_t room = 0;
  for (const Target& target : targets_of(state, {})) {
    room += target.chunk == static_cast<std::int32_t>(position) ? 0 : std::max<std::int64_t>(0, target.free);
  }
  return room;
}

std::int64_t use_rate_per_mille(const State& state) {
  const std::vector<Amount> amounts = amounts_of(state.groups, state.chunks.size());
  std::int64_t held = 0;
  std::int64_t capacity = 0;
  for (std::size_t i = 0; i < state.chunks.size(); ++i) {
    if (state.chunks[i].live() && state.chunks[i].use == UseState::active) {
      held += std::max(amounts[i].used, amounts[i].claimed);
      capacity += state.chunks[i].capacity;
    }
  }
  return share_of(1000, held, capacity);
}

void replan(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  take_in(state, state.migration, turn.now());
  take_in(state, state.recovery, turn.now());
  take_in(state, state.rebalance, turn.now());
  if (!state.migration.moves.empty() || !state.recovery.moves.empty() || !state.rebalance.moves.empty()) {
    merge_equal(state.groups);
  }
  state.migration.moves.clear();
  state.recovery.moves.clear();
  state.rebalance.moves.clear();
  judge_redundancy(turn, cause);
  if (state.quorum && state.leader != 0) {
    forget_drained(turn, cause);
    plan_tasks(turn, cause);
    plan_rebalance(turn, cause);
  } else {
    clear(state.migration);
    clear(state.recovery);
    clear(state.rebalance);
  }
  if (!state.moving()) {
    release::moves_are_over(turn, cause);
  }
}

void replan_if_under_way(Turn& turn, sim::TransitionId cause) {
  if (turn.state.moving()) {
    replan(turn, cause);
  }
}

void on_done(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  bool done = false;
  sim::TransitionId because = cause;
  for (Task* task : {&state.migration, &state.recovery, &state.rebalance}) {
    if (!task->moves.empty() && task->ends == turn.now()) {
      done = true;
      because = tell(turn, state.uid, Field::MovesDone, by(Writer::MetaServer, task->cause),
                     static_cast<std::int32_t>(task->kind), mebibytes(task->bytes));
    }
  }
  if (done) {
    replan(turn, because);
  }
}

}  // namespace models::iomesh::moves

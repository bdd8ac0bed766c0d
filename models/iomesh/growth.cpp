#include "models/iomesh/growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "models/iomesh/data_moves.h"
#include "models/iomesh/resource.h"

namespace models::iomesh::growth {

namespace {

/// How often writes are looked at. Assumed.
constexpr std::chrono::seconds kStep{60};

void schedule_next(Turn& turn, sim::TransitionId cause) {
  turn.state.clients_write_at = turn.now() + kStep;
  schedule(turn, turn.state.clients_write_at, Event::ClientsWrite, 0, cause);
}

/// How much each chunk gets of `total` bytes; empty: too few chunks have room for an even share.
std::vector<Amount> shares_of(const State& state, std::span<const Amount> held, std::int64_t total) {
  std::vector<bool> takes(state.chunks.size());
  std::int64_t count = 0;
  for (std::size_t i = 0; i < takes.size(); ++i) {
    takes[i] = state.chunks[i].takes_replicas();
    count += takes[i] ? 1 : 0;
  }
  // A chunk without room for its share leaves more to the others.
  for (bool changed = true; changed && count > 0;) {
    changed = false;
    const std::int64_t each = total / count;
    for (std::size_t i = 0; i < takes.size(); ++i) {
      if (takes[i] && state.room_of(i, held[i]) < each) {
        takes[i] = false;
        changed = true;
      }
    }
    count = std::count(takes.begin(), takes.end(), true);
  }
  if (count < state.copies) {
    return {};
  }
  std::vector<Amount> shares(takes.size());
  for (std::size_t i = 0; i < takes.size(); ++i) {
    shares[i] = takes[i] ? Amount{total / count, total / count} : Amount{};
  }
  return shares;
}

/// Groups keep their positions: data under way refers to them.
void add(std::vector<ExtentGroup>& groups, const ExtentGroup& written) {
  const auto same = std::find_if(groups.begin(), groups.end(), [&](const ExtentGroup& group) {
    return group.holders == written.holders && group.copies == written.copies;
  });
  if (same == groups.end()) {
    groups.push_back(written);
  } else {
    same->amount.used += written.amount.used;
    same->amount.claimed += written.amount.claimed;
  }
}

/// Whether what is still to arrive has no room any more.
bool too_little_room(const State& state, sim::Time now) {
  std::vector<std::int64_t> room;
  const std::vector<Amount> held = resource::amounts_now(state, now);
  for (std::size_t i = 0; i < state.chunks.size(); ++i) {
    room.push_back(state.room_of(i, held[i]));
  }
  bool short_of_room = false;
  for (const Task* task : {&state.migration, &state.recovery, &state.rebalance}) {
    const std::int64_t moved = moves::moved_by(*task, now);
    for (const Move& move : task->moves) {
      std::int64_t& left = room[static_cast<std::size_t>(move.to)];
      left -= move.amount.claimed - share_of(move.amount.claimed, moved, task->bytes);
      short_of_room = short_of_room || left < 0;
    }
  }
  return short_of_room;
}

}  // namespace

void begin(Turn& turn) {
  if (turn.state.parameters.client_bytes_per_second > 0) {
    schedule_next(turn, sim::kNoTransition);
  }
}

void on_write(Turn& turn, sim::TransitionId cause) {
  State& state = turn.state;
  if (state.clients_write_at != turn.now()) {
    return;
  }
  schedule_next(turn, cause);
  const bool starts = std::any_of(state.chunks.begin(), state.chunks.end(), [](const Chunk& chunk) {
    return chunk.registered() && chunk.status == ChunkStatus::initializing;
  });
  if (starts) {
    return;
  }
  const std::int64_t written = state.parameters.client_bytes_per_second * kStep.count() * state.copies;
  const std::vector<Amount> shares = shares_of(state, resource::amounts_now(state, turn.now()), written);
  const auto groups =
      shares.empty() ? std::nullopt : spread_evenly(shares, static_cast<std::size_t>(state.copies));
  if (!groups) {
    if (!state.clients_held_up) {
      tell(turn, state.uid, Field::Warning, by(Writer::MetaServer, cause), 0, 0,
           fmt::format("clients cannot write: fewer than {} chunks have room for new data", state.copies));
    }
    state.clients_held_up = true;
    return;
  }
  state.clients_held_up = false;
  for (const ExtentGroup& group : *groups) {
    add(state.groups, group);
  }
  if (too_little_room(state, turn.now())) {
    moves::replan(turn, cause);
  }
}

}  // namespace models::iomesh::growth

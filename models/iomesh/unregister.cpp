#include "models/iomesh/unregister.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/iomesh/chunks.h"
#include "models/iomesh/data_moves.h"

namespace models::iomesh::unregister {

namespace {

/// Source: IOMesh documentation, Scale Cluster: at least three chunk pods.
constexpr std::int64_t kDocumentedMinimum = 3;

std::int64_t remaining(const State& state, std::size_t position) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < state.chunks.size(); ++i) {
    count += i != position && state.chunks[i].takes_replicas() ? 1 : 0;
  }
  return count;
}

/// Why the data would not fit; empty: it does.
std::string misfit(const State& state, std::size_t position) {
  if (remaining(state, position) < state.copies) {
    return fmt::format("{} chunks would remain for {} replicas (remaining < replicaFactor)",
                       remaining(state, position), state.copies);
  }
  const MovePlan plan = moves::plan_of_migration(state, position);
  if (plan.feasible()) {
    return {};
  }
  return fmt::format("{} find no place: the other chunks have {} of free space", size_text(plan.unplaced),
                     size_text(moves::room_beside(state, position)));
}

}  // namespace

std::string refusal(const State& state, std::size_t position) {
  const Chunk& chunk = state.chunks[position];
  if (chunk.use != UseState::active) {
    return fmt::format("chunk {} is {}", chunk.id, to_text(chunk.use));
  }
  for (std::size_t i = 0; i < state.chunks.size(); ++i) {
    const Chunk& other = state.chunks[i];
    if (i == position || !other.registered()) {
      continue;
    }
    if (other.use != UseState::active) {
      return fmt::format("chunk {} is {}: one chunk at a time", other.id, to_text(other.use));
    }
    if (other.status == ChunkStatus::session_expired) {
      return fmt::format("chunk {} is expired: one chunk at a time", other.id);
    }
  }
  if (chunk.status == ChunkStatus::session_expired) {
    return {};  // it goes once what it held is protected again
  }
  if (chunk.status != ChunkStatus::healthy || !chunk.up) {
    return fmt::format("chunk {} is not healthy", chunk.id);
  }
  if (state.recovery.active()) {
    return "data is being recovered";
  }
  return state.parameters.precheck == Precheck::refuse ? misfit(state, position) : std::string();
}

std::string request(Turn& turn, std::int32_t id, By by) {
  State& state = turn.state;
  const std::int32_t found = state.find_id(id);
  const kubernetes::Uid subject =
      found == kNone ? state.uid : state.chunks[static_cast<std::size_t>(found)].uid;
  const auto refuse = [&](std::string why) {
    tell(turn, subject, Field::UnregisterRefused, by, 0, id, why);
    return why;
  };
  if (!state.quorum || state.leader == 0) {
    return refuse("the meta servers have no leader");
  }
  if (found == kNone) {
    return refuse(fmt::format("chunk {} is not registered", id));
  }
  const auto position = static_cast<std::size_t>(found);
  if (std::string why = refusal(state, position); !why.empty()) {
    return refuse(std::move(why));
  }
  Chunk& chunk = turn.chunk(position);
  const sim::TransitionId requested = tell(turn, chunk.uid, Field::UnregisterRequested, by, 0, id);
  const By because{static_cast<std::uint16_t>(Writer::MetaServer), requested};
  const std::int64_t left = remaining(state, position);
  if (left < kDocumentedMinimum) {
    tell(turn, chunk.uid, Field::Warning, because, 0, 0,
         fmt::format("below-documented-minimum: {} chunks remain, at least {} are documented", left,
                     kDocumentedMinimum));
  }
  if (left == state.copies) {
    tell(turn, chunk.uid, Field::Warning, because, 0, 0,
         fmt::format("as many chunks remain as there are replicas ({}): no chunk may fail afterwards without "
                     "data staying under-replicated",
                     left));
  }
  chunks::set_use(turn, chunk, UseState::removing, because);
  moves::replan(turn, chunk.cause);
  return {};
}

}  // namespace models::iomesh::unregister

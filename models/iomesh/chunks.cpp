#include "models/iomesh/chunks.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/iomesh/data_moves.h"

namespace models::iomesh::chunks {

namespace {

/// The latest transition about `subject` since `first`, or `first` itself where something has happened.
sim::TransitionId cause_of(const Turn& turn, sim::TransitionId first, kubernetes::Uid subject) {
  const sim::History& history = turn.kubernetes.context.history;
  for (sim::TransitionId id = history.next_id(); id != first;) {
    if (history.at(--id).subject == subject) {
      return id;
    }
  }
  return first < history.next_id() ? first : sim::kNoTransition;
}

/// The chunk whose disks are those of `pod`'s node: known by the node, or described for the pod's ordinal.
std::int32_t chunk_of(const Turn& turn, const kubernetes::Pod& pod) {
  const kubernetes::Text node = turn.cluster().nodes[pod.node].meta.name;
  std::int32_t described = kNone;
  for (std::size_t i = 0; i < turn.state.chunks.size(); ++i) {
    const Chunk& chunk = turn.state.chunks[i];
    if (chunk.registered() && chunk.node == node) {
      return static_cast<std::int32_t>(i);
    }
    if (chunk.registered() && chunk.node == 0 && chunk.ordinal == pod.index) {
      described = static_cast<std::int32_t>(i);
    }
  }
  return described;
}

/// Whether this very container served a chunk whose record was deleted.
bool was_unregistered(const Turn& turn, kubernetes::Row row) {
  const kubernetes::Pod& pod = turn.cluster().pods[row];
  return std::any_of(turn.state.chunks.begin(), turn.state.chunks.end(), [&](const Chunk& chunk) {
    return !chunk.registered() && chunk.pod == pod.meta.uid &&
           chunk.pod_restarts == turn.cluster().restarts_of(pod);
  });
}

std::int32_t register_new(Turn& turn, kubernetes::Row row, sim::TransitionId cause) {
  const kubernetes::Pod& pod = turn.cluster().pods[row];
  State& state = turn.state;
  Chunk chunk;
  chunk.id = 1;
  for (const Chunk& known : state.chunks) {
    chunk.id = std::max(chunk.id, known.id + 1);
  }
  chunk.uid = turn.cluster().next_uid++;
  turn.kubernetes.context.history.introduce(chunk.uid, {});
  chunk.ordinal = pod.index;
  chunk.capacity = state.new_capacity;
  chunk.cache = state.new_cache;
  chunk.cause = tell(turn, chunk.uid, Field::ChunkRegistered, by(Writer::MetaServer, cause), 0, chunk.id,
                     fmt::format("pod {} on {}", turn.cluster().name_of(pod),
                                 turn.cluster().name_of(turn.cluster().nodes[pod.node].meta)));
  state.chunks.push_back(chunk);
  return static_cast<std::int32_t>(state.chunks.size()) - 1;
}

void server_runs(Turn& turn, std::size_t position, kubernetes::Row row, sim::TransitionId first) {
  Chunk& chunk = turn.chunk(position);
  const kubernetes::Pod& pod = turn.cluster().pods[row];
  const bool is_new = chunk.node == 0 && chunk.cause != sim::kNoTransition;
  chunk.node = turn.cluster().nodes[pod.node].meta.name;
  chunk.ordinal = pod.index;
  chunk.pod = pod.meta.uid;
  chunk.pod_restarts = turn.cluster().restarts_of(pod);
  chunk.up = true;
  chunk.cause = tell(turn, chunk.uid, Field::ChunkConnection,
                     by(Writer::ChunkServer, cause_of(turn, first, pod.meta.uid)), 0, 1);
  const Parameters& parameters = turn.state.parameters;
  chunk.connects_at = turn.now() + (is_new ? parameters.device_claim : parameters.connect);
  schedule(turn, chunk.connects_at, Event::ChunkConnect, static_cast<std::uint32_t>(position), chunk.cause);
}

void server_gone(Turn& turn, std::size_t position, sim::TransitionId first) {
  Chunk& chunk = turn.chunk(position);
  chunk.up = false;
  chunk.connects_at = sim::kNever;
  chunk.cause = tell(turn, chunk.uid, Field::ChunkConnection,
                     by(Writer::ChunkServer, cause_of(turn, first, chunk.pod)), 1, 0);
  if (chunk.status != ChunkStatus::healthy || !chunk.registered()) {
    return;
  }
  const auto subject = static_cast<std::uint32_t>(position);
  chunk.expires_at = turn.now() + turn.state.parameters.session_expiry;
  chunk.recovers_at = turn.now() + turn.state.parameters.recovery_delay;
  schedule(turn, chunk.expires_at, Event::ChunkExpire, subject, chunk.cause);
  schedule(turn, chunk.recovers_at, Event::RecoveryDue, subject, chunk.cause);
  moves::replan_if_under_way(turn, chunk.cause);
}

}  // namespace

void set_status(Turn& turn, Chunk& chunk, ChunkStatus status, By by) {
  if (chunk.status != status) {
    chunk.cause = tell(turn, chunk.uid, Field::ChunkStatusChanged, by,
                       static_cast<std::int32_t>(chunk.status), static_cast<std::int32_t>(status));
    chunk.status = status;
  }
}

void set_use(Turn& turn, Chunk& chunk, UseState use, By by) {
  if (chunk.use != use) {
    chunk.cause = tell(turn, chunk.uid, Field::ChunkUse, by, static_cast<std::int32_t>(chunk.use),
                       static_cast<std::int32_t>(use));
    chunk.use = use;
  }
}

void observe(Turn& turn, sim::TransitionId first) {
  const kubernetes::Cluster& cluster = turn.cluster();
  const kubernetes::Row set = cluster.find_statefulset(cluster.strings[turn.state.name_space], kChunkSet);
  std::vector<bool> runs(turn.state.chunks.size());
  for (kubernetes::Row row = set == kubernetes::kNoRow ? set : cluster.statefulsets[set].pods_head;
       row != kubernetes::kNoRow; row = cluster.pods[row].owner_next) {
    if (cluster.pods[row].meta.removed || !serves(cluster, row)) {
      continue;
    }
    std::int32_t found = chunk_of(turn, cluster.pods[row]);
    if (found == kNone && !was_unregistered(turn, row) && turn.state.leader != 0) {
      found = register_new(turn, row, cause_of(turn, first, cluster.pods[row].meta.uid));
      runs.resize(turn.state.chunks.size());
    }
    if (found != kNone) {
      const auto position = static_cast<std::size_t>(found);
      runs[position] = true;
      if (!turn.chunk(position).up) {
        server_runs(turn, position, row, first);
      }
    }
  }
  for (std::size_t i = 0; i < turn.state.chunks.size(); ++i) {
    if (turn.chunk(i).up && turn.chunk(i).registered() && !runs[i]) {
      server_gone(turn, i, first);
    }
  }
}

void on_connect(Turn& turn, std::uint32_t position, sim::TransitionId cause) {
  Chunk& chunk = turn.chunk(position);
  if (chunk.connects_at != turn.now() || !chunk.up || !chunk.registered()) {
    return;
  }
  chunk.connects_at = sim::kNever;
  chunk.expires_at = sim::kNever;
  chunk.recovers_at = sim::kNever;
  chunk.recovers = false;
  const bool was_away = chunk.status == ChunkStatus::session_expired;
  set_status(turn, chunk, ChunkStatus::healthy, by(Writer::MetaServer, cause));
  const auto& all = turn.state.chunks;
  const bool others_start = std::any_of(all.begin(), all.end(), [](const Chunk& one) {
    return one.registered() && one.status == ChunkStatus::initializing;
  });
  // While chunks still start, there is nothing to plan that would not be planned again at the last of them.
  if (was_away || !others_start) {
    moves::replan(turn, chunk.cause);
  } else {
    moves::replan_if_under_way(turn, chunk.cause);
  }
}

void on_expire(Turn& turn, std::uint32_t position, sim::TransitionId cause) {
  Chunk& chunk = turn.chunk(position);
  if (chunk.expires_at != turn.now() || !chunk.registered()) {
    return;
  }
  chunk.expires_at = sim::kNever;
  set_status(turn, chunk, ChunkStatus::session_expired, by(Writer::MetaServer, cause));
  moves::replan(turn, chunk.cause);
}

void on_recovery_due(Turn& turn, std::uint32_t position, sim::TransitionId cause) {
  Chunk& chunk = turn.chunk(position);
  if (chunk.recovers_at != turn.now() || !chunk.registered()) {
    return;
  }
  chunk.recovers_at = sim::kNever;
  chunk.recovers = true;
  moves::replan(turn, cause);
}

}  // namespace models::iomesh::chunks

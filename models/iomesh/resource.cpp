#include "models/iomesh/resource.h"

#include <algorithm>

#include "models/iomesh/data_moves.h"

namespace models::iomesh::resource {

namespace {

Json space_of(const Chunk& chunk, const Amount& amount) {
  const bool tells = chunk.status != ChunkStatus::session_expired;
  const auto text = [&](std::int64_t bytes) { return size_text(tells ? bytes : 0); };
  return {{"dirtyCacheSpace", text(0)},
          {"failureCacheSpace", text(0)},
          {"failureDataSpace", text(0)},
          {"provisionedDataSpace", text(std::max(amount.used, amount.claimed))},
          {"totalCacheCapacity", text(chunk.cache)},
          {"totalDataCapacity", text(chunk.capacity)},
          {"usedCacheSpace", text(0)},
          {"usedDataSpace", text(amount.used)}};
}

void count(const State& state, const Task& task, sim::Time now, std::int64_t& ongoing, std::int64_t& pending,
           std::int64_t& bytes) {
  const std::int64_t left = task.bytes - moves::moved_by(task, now) + task.unplaced;
  if (!task.active() || left <= 0) {
    return;
  }
  const std::int64_t extents = (left + state.parameters.extent_bytes - 1) / state.parameters.extent_bytes;
  ongoing = task.moves.empty() ? 0 : 1;
  pending = extents - ongoing;
  bytes = left;
}

}  // namespace

std::vector<Amount> amounts_now(const State& state, sim::Time now) {
  std::vector<Amount> amounts = amounts_of(state.groups, state.chunks.size());
  for (const Task* task : {&state.migration, &state.recovery, &state.rebalance}) {
    const std::int64_t moved = moves::moved_by(*task, now);
    for (const Move& move : task->moves) {
      const std::int64_t used = share_of(move.amount.used, moved, task->bytes);
      const std::int64_t claimed = share_of(move.amount.claimed, moved, task->bytes);
      Amount& from = amounts[static_cast<std::size_t>(move.from)];
      Amount& to = amounts[static_cast<std::size_t>(move.to)];
      from.used -= used;
      from.claimed -= claimed;
      to.used += used;
      to.claimed += claimed;
    }
  }
  return amounts;
}

Counters counters_of(const State& state, sim::Time now) {
  Counters counters;
  const Task& migrates = state.migration.active() ? state.migration : state.rebalance;
  count(state, migrates, now, counters.ongoing_migrates, counters.pending_migrates,
        counters.pending_migrates_bytes);
  count(state, state.recovery, now, counters.ongoing_recovers, counters.pending_recovers,
        counters.pending_recovers_bytes);
  return counters;
}

Json to_json(const State& state, const kubernetes::Cluster& cluster, sim::Time now) {
  const std::vector<Amount> amounts = amounts_now(state, now);
  Json chunks = Json::array();
  for (std::size_t i = 0; i < state.chunks.size(); ++i) {
    const Chunk& chunk = state.chunks[i];
    if (chunk.registered()) {
      chunks.push_back({{"id", chunk.id},
                        {"ip", address_of(state, cluster, cluster.strings[chunk.node])},
                        {"spaceInfo", space_of(chunk, amounts[i])},
                        {"status", to_text(chunk.status)}});
    }
  }
  const bool community = state.license.edition == Edition::community;
  return {{"apiVersion", "iomesh.com/v1alpha1"},
          {"kind", "IOMesh"},
          {"metadata", {{"name", "iomesh"}, {"namespace", cluster.strings[state.name_space]}}},
          {"spec",
           {{"chunk", {{"replicaCount", state.release.chunk_replicas}}},
            {"meta", {{"replicaCount", state.release.meta_replicas}}}}},
          {"status",
           {{"license",
             {{"edition", community ? "COMMUNITY" : "ENTERPRISE"},
              {"maxChunkNum", community ? 3 : state.license.max_chunks}}},
            {"summary", {{"chunkSummary", {{"chunks", std::move(chunks)}}}}}}}};
}

}  // namespace models::iomesh::resource

#include "models/iomesh/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/iomesh/chunks.h"
#include "models/iomesh/data_moves.h"
#include "models/iomesh/growth.h"
#include "models/iomesh/metas.h"
#include "models/iomesh/release.h"
#include "models/kubernetes/hash.h"

namespace models::iomesh {

namespace {
/// Field codes from here on belong to Flux, OpenStack, IOMesh and the plan; see
/// models/kubernetes/vocabulary.h.
constexpr std::uint16_t kFirstForeignField = 1000;
}  // namespace

std::int32_t State::find_id(std::int32_t id) const {
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (chunks[i].registered() && chunks[i].id == id) {
      return static_cast<std::int32_t>(i);
    }
  }
  return kNone;
}

std::int32_t State::find_uid(kubernetes::Uid chunk) const {
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (chunks[i].uid == chunk) {
      return static_cast<std::int32_t>(i);
    }
  }
  return kNone;
}

std::int64_t State::room_of(std::size_t position, const Amount& held) const {
  const std::int64_t ceiling = share_of(chunks[position].capacity, parameters.ceiling_percent, 100);
  return ceiling - std::max(held.used, held.claimed);
}

sim::TransitionId tell(Turn& turn, kubernetes::Uid subject, Field field, By by, std::int32_t from,
                       std::int32_t to, std::string text) {
  sim::History& history = turn.kubernetes.context.history;
  return history.emit({turn.now(), subject, static_cast<std::uint16_t>(field), by.writer, from, to,
                       history.text(std::move(text)), by.cause});
}

void schedule(Turn& turn, sim::Time at, Event event, std::uint32_t subject, sim::TransitionId cause) {
  turn.kubernetes.agenda.schedule(at, static_cast<std::uint32_t>(event), subject, 0, cause);
}

void dispatch(Turn& turn, const sim::PendingEvent& event) {
  switch (static_cast<Event>(event.kind)) {
    case Event::ChunkConnect:
      chunks::on_connect(turn, event.subject, event.cause);
      return;
    case Event::ChunkExpire:
      chunks::on_expire(turn, event.subject, event.cause);
      return;
    case Event::RecoveryDue:
      chunks::on_recovery_due(turn, event.subject, event.cause);
      return;
    case Event::MoveDone:
      moves::on_done(turn, event.cause);
      return;
    case Event::Elect:
      metas::on_elect(turn, event.cause);
      return;
    case Event::OperatorSync:
      release::on_sync(turn, event.cause);
      return;
    case Event::RollOut:
      release::on_roll_out(turn, event.cause);
      return;
    case Event::ClientsWrite:
      growth::on_write(turn, event.cause);
      return;
    case Event::kEnd:
      return;
  }
}

void observe(Turn& turn, sim::TransitionId first) {
  const sim::History& history = turn.kubernetes.context.history;
  bool of_cluster = false;
  for (sim::TransitionId id = first; id < history.next_id() && !of_cluster; ++id) {
    of_cluster = history.at(id).field < kFirstForeignField;
  }
  if (of_cluster) {
    metas::observe(turn, first);
    chunks::observe(turn, first);
    release::observe(turn, first);
  }
}

bool settled(const State& state) {
  return !state.given() ||
         (state.leader != 0 && std::all_of(state.chunks.begin(), state.chunks.end(), [](const Chunk& chunk) {
            return chunk.live() || !chunk.registered() || chunk.recovers;
          }));
}

bool serves(const kubernetes::Cluster& cluster, kubernetes::Row row) {
  const kubernetes::Pod& pod = cluster.pods[row];
  if (pod.node == kubernetes::kNoRow || pod.terminal() || !cluster.nodes[pod.node].machine_on) {
    return false;
  }
  const std::size_t first = pod.containers + cluster.template_of(pod).init_containers;
  return cluster.containers[first].state == kubernetes::ContainerState::Running;
}

std::string address_of(const State& state, const kubernetes::Cluster& cluster, std::string_view node) {
  const auto takes_pods = [&](const kubernetes::Node& one) {
    const auto& taints = cluster.taints_of(one);
    return std::none_of(taints.begin(), taints.end(), [](const kubernetes::Taint& taint) {
      return taint.key == "node-role.kubernetes.io/control-plane";
    });
  };
  const auto text_of = [](std::uint32_t address) {
    return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 0xffU, (address >> 8U) & 0xffU,
                       address & 0xffU);
  };
  for (const Chunk& chunk : state.chunks) {
    if (chunk.address != 0 && cluster.strings[chunk.node] == node) {
      return text_of(chunk.address);
    }
  }
  std::uint32_t number = 0;
  for (const bool workers : {true, false}) {
    for (kubernetes::Row row = 0; row < cluster.nodes.extent(); ++row) {
      const kubernetes::Node& one = cluster.nodes[row];
      if (!cluster.nodes.alive(row) || takes_pods(one) != workers) {
        continue;
      }
      if (cluster.name_of(one.meta) == node) {
        return text_of(state.first_address + number);
      }
      ++number;
    }
  }
  return {};
}

namespace {

void add_left(sim::Hasher& hasher, sim::Time at, sim::Time now) {
  hasher.add(at == sim::kNever ? std::int64_t{-1} : (at - now).count());
}

void add_chunk(const Chunk& chunk, const kubernetes::Cluster& cluster, sim::Time now, sim::Hasher& hasher) {
  hasher.add(chunk.id);
  hasher.add(chunk.ordinal);
  hasher.add(std::string_view(cluster.strings[chunk.node]));
  hasher.add(chunk.pod != 0 ? kubernetes::hashed_reference(cluster, chunk.pod) : 0U);
  hasher.add(chunk.pod_restarts);
  hasher.add(chunk.capacity);
  hasher.add(chunk.status);
  hasher.add(chunk.use);
  hasher.add(chunk.up);
  hasher.add(chunk.recovers);
  add_left(hasher, chunk.connects_at, now);
  add_left(hasher, chunk.expires_at, now);
  add_left(hasher, chunk.recovers_at, now);
}

void add_task(const Task& task, sim::Time now, sim::Hasher& hasher) {
  hasher.add(task.moves.size());
  hasher.add(task.unplaced);
  if (!task.active()) {
    return;
  }
  hasher.add(task.bytes);
  hasher.add(task.bytes_per_second);
  add_left(hasher, task.begins, now);
  add_left(hasher, task.ends, now);
  for (const Move& move : task.moves) {
    hasher.add(move.group);
    hasher.add(move.from);
    hasher.add(move.to);
    hasher.add(move.amount.used);
    hasher.add(move.amount.claimed);
  }
}

void add_release(const Release& release, sim::Hasher& hasher) {
  hasher.add(release.chunk_replicas);
  hasher.add(release.meta_replicas);
  hasher.add(std::string_view(release.chart_version));
  hasher.add(std::string_view(release.other));
  hasher.add(release.revision);
}

}  // namespace

void hash(const State& state, const kubernetes::Cluster& cluster, sim::Time now, sim::Hasher& hasher) {
  hasher.add(state.chunks.size());
  for (const Chunk& chunk : state.chunks) {
    add_chunk(chunk, cluster, now, hasher);
  }
  hasher.add(state.groups.size());
  for (const ExtentGroup& group : state.groups) {
    for (const std::int16_t holder : group.holders) {
      hasher.add(holder);
    }
    hasher.add(group.copies);
    hasher.add(group.amount.used);
    hasher.add(group.amount.claimed);
  }
  add_task(state.migration, now, hasher);
  add_task(state.recovery, now, hasher);
  add_task(state.rebalance, now, hasher);
  add_release(state.release, hasher);
  for (const ValuesFile& file : state.files) {
    hasher.add(std::string_view(file.name));
    hasher.add(std::string_view(file.values));
  }
  hasher.add(state.leader != 0 ? kubernetes::hashed_reference(cluster, state.leader) : 0U);
  hasher.add(state.quorum);
  hasher.add(state.quorum_seen);
  add_left(hasher, state.election_at, now);
  add_left(hasher, state.sync_at, now);
  add_left(hasher, state.clients_write_at, now);
  hasher.add(state.clients_held_up);
  hasher.add(state.roll_out_waits);
  hasher.add(state.rolled_out);
  hasher.add(state.degraded_mebibytes);
  hasher.add(state.unreachable_mebibytes);
}

}  // namespace models::iomesh

#include "scenarios/checks/iomesh_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "models/iomesh/data_moves.h"
#include "models/kubernetes/vocabulary.h"
#include "models/timing/distribution.h"
#include "scenarios/checks/pods.h"

namespace scenarios::checks {

namespace {

namespace kubernetes = models::kubernetes;
namespace iomesh = models::iomesh;
using iomesh::Field;

std::uint16_t code(Field field) { return static_cast<std::uint16_t>(field); }
std::uint16_t code(kubernetes::Field field) { return static_cast<std::uint16_t>(field); }
std::string mebibytes(std::int64_t count) { return iomesh::size_text(count << 20U); }

/// A time without what bytes that do not divide add to it.
std::string rounded(sim::Duration time) {
  return models::timing::duration_text(std::chrono::round<std::chrono::milliseconds>(time));
}

bool given(const Observed& observed) { return observed.iomesh != nullptr && observed.iomesh->given(); }

/// A check that judges IOMesh; without one it is not applicable.
class StorageCheck : public Check {
 public:
  void begin(State& state, const Observed& observed) const override {
    if (given(observed)) {
      state.verdict = first();
    } else {
      state.decided = true;
    }
  }
  void on_transition(State& state, const Observed& observed, sim::TransitionId id) const override {
    if (given(observed)) {
      judge(state, observed, id);
    }
  }
  void end(State& state, const Observed& observed) const override {
    if (given(observed)) {
      close(state, observed);
    }
  }

 protected:
  /// The verdict before anything has happened.
  [[nodiscard]] virtual sim::Verdict first() const { return sim::Verdict::Held; }
  virtual void judge(State& state, const Observed& observed, sim::TransitionId id) const = 0;
  virtual void close(State&, const Observed&) const {}
};

/// Marks as violated since an earlier moment.
void violate_since(State& state, const Observed& observed, sim::Time since, sim::TransitionId id,
                   std::string summary) {
  violate(state, observed, id, std::move(summary));
  state.at = since;
}

std::int64_t count_of(sim::Time time) { return time.count(); }

/// The chunk that a chunk pod serves, or served; nullptr for other pods.
struct ChunkPod {
  kubernetes::Row row = kubernetes::kNoRow;
  const iomesh::Chunk* chunk = nullptr;
};
ChunkPod chunk_pod(const Observed& observed, kubernetes::Uid uid) {
  const kubernetes::Cluster& cluster = observed.cluster;
  const kubernetes::Row row = cluster.find_pod_or_removed(uid);
  if (row == kubernetes::kNoRow || cluster.strings[cluster.pods[row].base_name] != iomesh::kChunkSet ||
      cluster.pods[row].meta.name_space != observed.iomesh->name_space) {
    return {};
  }
  ChunkPod found{row, nullptr};
  for (const iomesh::Chunk& chunk : observed.iomesh->chunks) {
    if (chunk.pod == uid) {
      found.chunk = &chunk;
    }
  }
  return found;
}

/// All data keeps a live replica, at least in the end.
class NoDataLost : public StorageCheck {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(Field::Unreachable)}; }

 private:
  /// numbers: while data is without a live replica, since when, because of which transition, and MiB.
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    if (transition.to == 0) {
      state.numbers.clear();
    } else if (state.numbers.empty()) {
      state.numbers = {count_of(observed.now), id, transition.to};
    } else {
      state.numbers[2] = std::max<std::int64_t>(state.numbers[2], transition.to);
    }
  }
  void close(State& state, const Observed& observed) const override {
    if (!state.numbers.empty()) {
      violate_since(state, observed, sim::Time{state.numbers[0]},
                    static_cast<sim::TransitionId>(state.numbers[1]),
                    fmt::format("{} lost: no live replica is left", mebibytes(state.numbers[2])));
    }
  }

 public:
  void hash(const State& state, sim::Time now, sim::Hasher& hasher) const override {
    hasher.add(state.verdict);
    hasher.add(state.numbers.empty() ? std::int64_t{-1} : state.numbers[2]);
    static_cast<void>(now);
  }
};

/// No data has fewer live replicas than it should for longer than a time.
class RedundancyNotReduced : public StorageCheck {
 public:
  explicit RedundancyNotReduced(const language::CheckUse& use) : time_(use.find("time")->duration) {}
  std::vector<std::uint16_t> fields() const override { return {code(Field::Redundancy)}; }
  void hash(const State& state, sim::Time now, sim::Hasher& hasher) const override {
    hasher.add(state.verdict);
    hasher.add(state.numbers.empty() ? std::int64_t{-1} : count_of(now) - state.numbers[0]);
    hasher.add(state.numbers.empty() ? std::int64_t{-1} : state.numbers[2]);
  }

 private:
  /// numbers: since when, because of which transition, and the most MiB.
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    if (transition.to > 0 && state.numbers.empty()) {
      state.numbers = {count_of(observed.now), id, transition.to};
    } else if (transition.to > 0) {
      state.numbers[2] = std::max<std::int64_t>(state.numbers[2], transition.to);
    } else {
      close(state, observed);
      state.numbers.clear();
    }
  }
  void close(State& state, const Observed& observed) const override {
    if (state.numbers.empty() || state.verdict == sim::Verdict::Violated) {
      return;
    }
    const sim::Duration lasted = observed.now - sim::Time{state.numbers[0]};
    if (lasted > time_) {
      violate_since(state, observed, sim::Time{state.numbers[0]},
                    static_cast<sim::TransitionId>(state.numbers[1]),
                    fmt::format("{} had fewer live replicas than wanted, for {}", mebibytes(state.numbers[2]),
                                rounded(lasted)));
    }
  }

  sim::Duration time_;
};

/// A chunk that is on its way out, or away, other than `except`; nullptr: none.
const iomesh::Chunk* another_away(const Observed& observed, const iomesh::Chunk* except) {
  for (const iomesh::Chunk& chunk : observed.iomesh->chunks) {
    const bool away = chunk.use == iomesh::UseState::removing ||
                      chunk.status == iomesh::ChunkStatus::session_expired ||
                      (!chunk.up && chunk.status == iomesh::ChunkStatus::healthy);
    if (&chunk != except && chunk.registered() && away) {
      return &chunk;
    }
  }
  return nullptr;
}

std::string_view state_word(const iomesh::Chunk& chunk) {
  if (chunk.use == iomesh::UseState::removing) {
    return "being removed";
  }
  return chunk.status == iomesh::ChunkStatus::session_expired ? "expired" : "away";
}

const iomesh::Chunk* chunk_of(const Observed& observed, sim::TransitionId id) {
  const std::int32_t found = observed.iomesh->find_uid(observed.history.at(id).subject);
  return found == iomesh::kNone ? nullptr : &observed.iomesh->chunks[static_cast<std::size_t>(found)];
}

/// No chunk is removed, and no chunk pod leaves, while another chunk is on its way out or away.
class OneChunkAtATime : public StorageCheck {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::UnregisterRequested), code(Field::UnregisterRefused),
            code(kubernetes::Field::DeletionRequested)};
  }

 private:
  [[nodiscard]] sim::Verdict first() const override { return sim::Verdict::NotReached; }
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const iomesh::Chunk* chunk = nullptr;
    std::string what;
    if (transition.field == code(kubernetes::Field::DeletionRequested)) {
      const ChunkPod pod = chunk_pod(observed, transition.subject);
      if (pod.row == kubernetes::kNoRow) {
        return;
      }
      chunk = pod.chunk;
      what = fmt::format("{} leaves", observed.cluster.name_of(observed.cluster.pods[pod.row]));
    } else {
      chunk = chunk_of(observed, id);
      what = fmt::format("unregister of chunk {}", transition.to);
    }
    state.verdict = sim::Verdict::Held;
    if (const iomesh::Chunk* other = another_away(observed, chunk)) {
      violate(state, observed, id,
              fmt::format("{} while chunk {} is {}", what, other->id, state_word(*other)));
    }
  }
};

/// The chunk that is unregistered is the one whose pod leaves next.
class ChunkOrderAndId : public StorageCheck {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::UnregisterRequested), code(Field::UnregisterRefused)};
  }

 private:
  [[nodiscard]] sim::Verdict first() const override { return sim::Verdict::NotReached; }
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    state.verdict = sim::Verdict::Held;
    const std::int32_t replicas = observed.iomesh->release.chunk_replicas;
    const iomesh::Chunk* chunk = chunk_of(observed, id);
    if (chunk == nullptr) {
      violate(state, observed, id, fmt::format("there is no chunk {}", observed.history.at(id).to));
      return;
    }
    if (chunk->ordinal < replicas - 1) {
      violate(
          state, observed, id,
          fmt::format("chunk {} belongs to {}-{}; with replicaCount {} the next to leave is {}-{}", chunk->id,
                      iomesh::kChunkSet, chunk->ordinal, replicas, iomesh::kChunkSet, replicas - 1));
    }
  }
};

/// A pod leaves only once its chunk's record is deleted.
class UnregisterBeforeShrinking : public StorageCheck {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(kubernetes::Field::DeletionRequested)}; }

 private:
  [[nodiscard]] sim::Verdict first() const override { return sim::Verdict::NotReached; }
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const ChunkPod pod = chunk_pod(observed, observed.history.at(id).subject);
    if (pod.row == kubernetes::kNoRow) {
      return;
    }
    const kubernetes::Pod& leaving = observed.cluster.pods[pod.row];
    if (leaving.index < observed.iomesh->release.chunk_replicas) {
      return;  // a replacement
    }
    state.verdict = state.verdict == sim::Verdict::Violated ? state.verdict : sim::Verdict::Held;
    if (pod.chunk != nullptr && pod.chunk->registered()) {
      violate(state, observed, id,
              fmt::format("{} leaves while chunk {} is still {}", observed.cluster.name_of(leaving),
                          pod.chunk->id, iomesh::to_text(pod.chunk->use)),
              leaving.meta.uid);
    }
  }
};

/// Every unregister comes to its end.
class UnregisterFinishes : public StorageCheck {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::UnregisterRequested), code(Field::UnregisterRefused), code(Field::MovesStalled),
            code(Field::ChunkUse)};
  }

 private:
  [[nodiscard]] sim::Verdict first() const override { return sim::Verdict::NotReached; }
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    if (transition.field == code(Field::UnregisterRefused)) {
      violate(state, observed, id,
              fmt::format("unregister of chunk {} refused: {}", transition.to,
                          observed.history.text_at(transition.detail)));
    } else if (transition.field == code(Field::MovesStalled) && transition.from == 0) {
      violate(state, observed, id, fmt::format("it stalls: {} find no place", mebibytes(transition.to)));
    } else if (transition.field == code(Field::ChunkUse) &&
               transition.to == static_cast<std::int32_t>(iomesh::UseState::gone)) {
      state.verdict = sim::Verdict::Held;
    }
  }
  void close(State& state, const Observed& observed) const override {
    for (const iomesh::Chunk& chunk : observed.iomesh->chunks) {
      if (chunk.use == iomesh::UseState::removing) {
        violate(state, observed, chunk.cause, fmt::format("chunk {} is still being removed", chunk.id));
        return;
      }
    }
  }
};

/// Counts of chunk and meta servers stay within what the documents, the licence and the workers allow.
class IOMeshLimits : public StorageCheck {
 public:
  explicit IOMeshLimits(const language::CheckUse& use) : minimum_(use.find("minimum")->integer) {}
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::ReleaseChanged), code(Field::ReleaseRefused)};
  }

 private:
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    if (transition.field == code(Field::ReleaseRefused)) {
      violate(state, observed, id, observed.history.text_at(transition.detail));
      return;
    }
    const iomesh::Release& release = observed.iomesh->release;
    const std::int64_t workers = workers_of(observed.cluster);
    if (release.chunk_replicas < minimum_) {
      violate(state, observed, id,
              fmt::format("chunk.replicaCount {}: at least {} chunk pods are documented",
                          release.chunk_replicas, minimum_));
    } else if (release.meta_replicas != 3 && release.meta_replicas != 5) {
      violate(state, observed, id,
              fmt::format("meta.replicaCount {}: there should be 3 or 5", release.meta_replicas));
    } else if (std::max(release.chunk_replicas, release.meta_replicas) > workers) {
      const bool chunks = release.chunk_replicas > workers;
      violate(state, observed, id,
              fmt::format("{} {} pods on {} workers: each worker takes one",
                          chunks ? release.chunk_replicas : release.meta_replicas, chunks ? "chunk" : "meta",
                          workers));
    }
  }

  static std::int64_t workers_of(const kubernetes::Cluster& cluster) {
    std::int64_t workers = 0;
    for (kubernetes::Row row = 0; row < cluster.nodes.extent(); ++row) {
      workers += cluster.nodes.exists(row) && cluster.taints_of(cluster.nodes[row]).empty() ? 1 : 0;
    }
    return workers;
  }

  std::int64_t minimum_;
};

/// The meta servers keep their quorum.
class MetaQuorumKept : public StorageCheck {
 public:
  std::vector<std::uint16_t> fields() const override { return {code(Field::MetaQuorum)}; }

 private:
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    if (observed.history.at(id).to == 0) {
      violate(state, observed, id, "fewer than half of the meta servers run");
    }
  }
};

/// The use of the data space stays under a share.
class StorageUseUnder : public StorageCheck {
 public:
  explicit StorageUseUnder(const language::CheckUse& use) : percent_(use.find("percent")->integer) {}
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::ChunkUse), code(Field::ChunkStatusChanged), code(Field::MovesDone)};
  }

 private:
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const std::int64_t rate = iomesh::moves::use_rate_per_mille(*observed.iomesh);
    if (rate > percent_ * 10) {
      violate(
          state, observed, id,
          fmt::format("{}.{} % of the data space in use, more than {} %", rate / 10, rate % 10, percent_));
    }
  }
  void close(State& state, const Observed& observed) const override {
    judge(state, observed, sim::kNoTransition);
  }

  std::int64_t percent_;
};

/// Input and output stall no longer than a time.
class IoStallsAtMost : public StorageCheck {
 public:
  explicit IoStallsAtMost(const language::CheckUse& use) : time_(use.find("time")->duration) {}
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::ChunkConnection), code(Field::ChunkStatusChanged), code(Field::Unreachable)};
  }
  void hash(const State& state, sim::Time now, sim::Hasher& hasher) const override {
    hasher.add(state.verdict);
    for (std::size_t i = 0; i + 1 < state.numbers.size(); i += 2) {
      hasher.add(state.numbers[i]);
      hasher.add(count_of(now) - state.numbers[i + 1]);
    }
  }

 private:
  /// numbers: pairs of a subject whose data stalls and since when.
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    const auto subject = static_cast<std::int64_t>(transition.subject);
    const iomesh::Chunk* chunk = chunk_of(observed, id);
    const bool down = transition.field == code(Field::ChunkConnection) && transition.to == 0 &&
                      chunk != nullptr && chunk->status == iomesh::ChunkStatus::healthy;
    const bool lost = transition.field == code(Field::Unreachable) && transition.to > 0;
    auto at = state.numbers.begin();
    while (at != state.numbers.end() && *at != subject) {
      at += 2;
    }
    if (down || lost) {
      if (at == state.numbers.end()) {
        state.numbers.insert(state.numbers.end(), {subject, count_of(observed.now)});
      }
      return;
    }
    if (at != state.numbers.end()) {
      settle(state, observed, sim::Time{*(at + 1)}, id);
      state.numbers.erase(at, at + 2);
    }
  }
  void close(State& state, const Observed& observed) const override {
    for (std::size_t i = 0; i + 1 < state.numbers.size(); i += 2) {
      settle(state, observed, sim::Time{state.numbers[i + 1]}, sim::kNoTransition);
    }
  }
  void settle(State& state, const Observed& observed, sim::Time since, sim::TransitionId id) const {
    const sim::Duration stalled = observed.now - since;
    if (stalled > time_) {
      violate(state, observed, id, fmt::format("input and output stalled for {}", rounded(stalled)));
    }
  }

  sim::Duration time_;
};

/// Servers are not restarted, upgraded or given new disks while data moves.
class NoRestartDuringMigration : public StorageCheck {
 public:
  std::vector<std::uint16_t> fields() const override {
    return {code(Field::RollOutPostponed), code(kubernetes::Field::DeletionRequested)};
  }

 private:
  void judge(State& state, const Observed& observed, sim::TransitionId id) const override {
    const sim::Transition& transition = observed.history.at(id);
    if (transition.field == code(Field::RollOutPostponed)) {
      violate(state, observed, id, "new pods were asked for while data moves: the operator makes them wait");
      return;
    }
    const iomesh::State& storage = *observed.iomesh;
    const ChunkPod pod = chunk_pod(observed, transition.subject);
    if (pod.row != kubernetes::kNoRow && storage.moving()) {
      violate(state, observed, id,
              fmt::format("{} is taken away while data moves",
                          observed.cluster.name_of(observed.cluster.pods[pod.row])));
    }
  }
};

}  // namespace

std::shared_ptr<const Check> no_data_lost() { return std::make_shared<NoDataLost>(); }
std::shared_ptr<const Check> redundancy_not_reduced(const language::CheckUse& use) {
  return std::make_shared<RedundancyNotReduced>(use);
}
std::shared_ptr<const Check> one_chunk_at_a_time() { return std::make_shared<OneChunkAtATime>(); }
std::shared_ptr<const Check> chunk_order_and_id() { return std::make_shared<ChunkOrderAndId>(); }
std::shared_ptr<const Check> unregister_before_shrinking() {
  return std::make_shared<UnregisterBeforeShrinking>();
}
std::shared_ptr<const Check> unregister_finishes() { return std::make_shared<UnregisterFinishes>(); }
std::shared_ptr<const Check> iomesh_limits(const language::CheckUse& use) {
  return std::make_shared<IOMeshLimits>(use);
}
std::shared_ptr<const Check> meta_quorum_kept() { return std::make_shared<MetaQuorumKept>(); }
std::shared_ptr<const Check> storage_use_under(const language::CheckUse& use) {
  return std::make_shared<StorageUseUnder>(use);
}
std::shared_ptr<const Check> io_stalls_at_most(const language::CheckUse& use) {
  return std::make_shared<IoStallsAtMost>(use);
}
std::shared_ptr<const Check> no_restart_during_migration() {
  return std::make_shared<NoRestartDuringMigration>();
}

}  // namespace scenarios::checks

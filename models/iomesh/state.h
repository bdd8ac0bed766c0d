#pragma once
// The IOMesh part of a world: a plain value beside the Kubernetes cluster in which its servers run.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/iomesh/move_plan.h"
#include "models/iomesh/parameters.h"
#include "models/iomesh/placement.h"
#include "models/iomesh/vocabulary.h"
#include "models/kubernetes/api.h"
#include "sim/hash.h"

namespace models::iomesh {

namespace kubernetes = models::kubernetes;

/// The record that the meta servers keep of a chunk. It belongs to the disks of a node: a pod that starts on
/// another node is another chunk.
struct Chunk {
  std::int32_t id = 0;
  kubernetes::Uid uid = 0;         ///< of its transitions
  std::int32_t ordinal = kNone;    ///< of the pod that serves it, or did so last
  kubernetes::Text node = 0;       ///< whose disks these are; 0: its pod has not started yet
  kubernetes::Uid pod = 0;         ///< that serves it, or did so last
  std::uint32_t pod_restarts = 0;  ///< of that pod when it connected
  std::int64_t capacity = 0;       ///< valid data space
  std::int64_t cache = 0;          ///< cache capacity
  std::uint32_t address = 0;       ///< of its node in the data network, where it was seen; 0: by position
  ChunkStatus status = ChunkStatus::initializing;
  UseState use = UseState::active;
  bool up = false;        ///< its server runs
  bool recovers = false;  ///< what it holds is being made anew elsewhere

  sim::Time connects_at = sim::kNever;
  sim::Time expires_at = sim::kNever;
  sim::Time recovers_at = sim::kNever;
  sim::TransitionId cause = sim::kNoTransition;  ///< its last transition

  [[nodiscard]] bool registered() const { return use != UseState::gone; }
  /// Serves its replicas: a chunk that is silent counts until its session has expired.
  [[nodiscard]] bool live() const { return registered() && status == ChunkStatus::healthy; }
  /// The same for what lies on its disks: a chunk that has not connected yet was never missed.
  [[nodiscard]] bool keeps_data() const {
    return registered() && (status == ChunkStatus::healthy || status == ChunkStatus::initializing);
  }
  [[nodiscard]] bool takes_replicas() const { return live() && up && use == UseState::active; }
};

enum class TaskKind : std::uint8_t { migration, recovery, rebalance };

/// Data under way. All of its moves advance alike.
struct Task {
  TaskKind kind = TaskKind::migration;
  std::vector<Move> moves;
  std::int64_t bytes = 0;  ///< that cross the network
  std::int64_t bytes_per_second = 0;
  std::int64_t unplaced = 0;  ///< finds no place
  sim::Time begins{};
  sim::Time ends = sim::kNever;  ///< kNever: does not move
  sim::TransitionId cause = sim::kNoTransition;

  [[nodiscard]] bool active() const { return !moves.empty() || unplaced > 0; }
};

inline Task of_kind(TaskKind kind) {
  Task task;
  task.kind = kind;
  return task;
}

/// The values of the release: what `helm upgrade` writes.
struct Release {
  std::int32_t chunk_replicas = 3;
  std::int32_t meta_replicas = 3;
  std::string chart_version;  ///< empty: what was installed
  std::string other;          ///< all other values, as compact JSON
  std::int32_t revision = 1;
  friend bool operator==(const Release&, const Release&) = default;
};

enum class Edition : std::uint8_t { community, enterprise };

struct License {
  Edition edition = Edition::enterprise;
  std::int32_t max_chunks = 255;
};

/// A values file on the operator's machine, as JSON.
struct ValuesFile {
  std::string name;
  std::string values;
};

struct State {
  bool described = false;
  Parameters parameters;
  License license;
  kubernetes::Text name_space = 0;
  kubernetes::Uid uid = 0;          ///< of IOMesh as a whole, for transitions
  std::uint32_t first_address = 0;  ///< data address of the first node
  std::int32_t copies = 2;          ///< replica factor of its volumes
  std::int64_t new_capacity = 0;    ///< of chunks that register later
  std::int64_t new_cache = 0;
  std::vector<Chunk> chunks;  ///< in the order of registration; records that are gone stay
  std::vector<ExtentGroup> groups;
  Task migration;
  Task recovery = of_kind(TaskKind::recovery);
  Task rebalance = of_kind(TaskKind::rebalance);
  Release release;
  std::vector<ValuesFile> files;
  kubernetes::Uid leader = 0;  ///< pod of the meta leader
  bool quorum = false;
  bool quorum_seen = false;  ///< there was a quorum once
  sim::Time election_at = sim::kNever;
  sim::Time sync_at = sim::kNever;           ///< the operator's next sync
  sim::Time clients_write_at = sim::kNever;  ///< the next look at what clients wrote
  bool clients_held_up = false;              ///< there was no room for it
  bool roll_out_waits = false;
  std::int32_t rolled_out = 0;  ///< how many roll-outs began
  std::int32_t degraded_mebibytes = 0;
  std::int32_t unreachable_mebibytes = 0;

  [[nodiscard]] bool given() const { return described; }
  /// Whether data is under way, or would be if it had a place.
  [[nodiscard]] bool moving() const { return migration.active() || recovery.active() || rebalance.active(); }
  /// The position of the registered chunk with that id, or kNone.
  [[nodiscard]] std::int32_t find_id(std::int32_t id) const;
  [[nodiscard]] std::int32_t find_uid(kubernetes::Uid chunk) const;
  /// How many bytes chunk `position` can still take.
  [[nodiscard]] std::int64_t room_of(std::size_t position, const Amount& held) const;
};

/// Who writes, and because of what; codes as in transitions.
struct By {
  std::uint16_t writer = 0;
  sim::TransitionId cause = sim::kNoTransition;
};
inline By by(Writer writer, sim::TransitionId cause) { return {static_cast<std::uint16_t>(writer), cause}; }

/// One dispatch: IOMesh beside a turn of the cluster.
struct Turn {
  State& state;
  kubernetes::Turn kubernetes;

  [[nodiscard]] sim::Time now() const { return kubernetes.now(); }
  [[nodiscard]] kubernetes::Cluster& cluster() const { return kubernetes.cluster; }
  [[nodiscard]] Chunk& chunk(std::size_t position) const { return state.chunks[position]; }
};

/// Performs a pending event of this model, codes of `Event`.
void dispatch(Turn& turn, const sim::PendingEvent& event);
/// Looks at the pods of the servers, if something has happened in the cluster since the transition `first`.
void observe(Turn& turn, sim::TransitionId first);
/// Whether every chunk is connected, or given up, and there is a leader.
bool settled(const State& state);

/// Adds what rules, commands and choices can still read. Times count from `now`.
void hash(const State& state, const kubernetes::Cluster& cluster, sim::Time now, sim::Hasher& hasher);

sim::TransitionId tell(Turn& turn, kubernetes::Uid subject, Field field, By by, std::int32_t from = 0,
                       std::int32_t to = 0, std::string text = {});
void schedule(Turn& turn, sim::Time at, Event event, std::uint32_t subject, sim::TransitionId cause);

/// The names of the StatefulSets.
inline constexpr std::string_view kChunkSet = "iomesh-chunk";
inline constexpr std::string_view kMetaSet = "iomesh-meta";

/// The data address of a node: the one that its chunk was seen with; else nodes that take pods count from the
/// first address on, and the others follow.
std::string address_of(const State& state, const kubernetes::Cluster& cluster, std::string_view node);

/// A pod whose main container runs on a machine that is on; `pod` a row.
bool serves(const kubernetes::Cluster& cluster, kubernetes::Row pod);

}  // namespace models::iomesh

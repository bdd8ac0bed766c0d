#pragma once
// What `flux resource` knows: sets of ranks, and the rows that follow from them. Pure: values in, values out.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/flux/state.h"

namespace models::flux {

/// One rank as rank 0 sees it.
struct RankView {
  std::string host;
  std::int32_t cores = 0;
  std::int32_t gpus = 0;
  std::int32_t allocated_cores = 0;  ///< in use by running jobs
  bool online = false;
  bool torpid = false;
  bool excluded = false;
  bool drained = false;  ///< drained or draining
  sim::Time drained_at{};
  std::string reason;  ///< of the drain; empty: none given
};

/// All ranks of an instance, by rank.
using ResourceView = std::vector<RankView>;

/// What rank 0 of the MiniCluster would answer now. REQUIRES: it serves.
ResourceView resource_view(const kubernetes::Cluster& cluster, const MiniCluster& minicluster);

/// Whether the scheduler may not use a rank: not online, torpid or drained.
/// Source: flux-core src/modules/resource/status.c, the set `down`.
bool is_down(const MiniCluster& minicluster, std::int32_t rank);
bool is_excluded(const MiniCluster& minicluster, std::int32_t rank);
/// The entry of a rank in the drain log, or nullptr.
const Drain* find_drain(const Instance& instance, std::int32_t rank);

/// The states of `flux resource list`.
enum class ListState : std::uint8_t { Free, Allocated, Down, Up, All };
std::string_view to_text(ListState state);

/// One row of `flux resource list`.
struct ListRow {
  ListState state = ListState::Free;
  std::int32_t cores = 0;
  std::int32_t gpus = 0;
  std::vector<std::int32_t> ranks;  ///< ascending
  friend bool operator==(const ListRow&, const ListRow&) = default;
};

/// One row for each of `states`, in their order, empty ones included. Resources are counted by core: a partly
/// used rank is free and allocated at once, and a drained rank with a job is allocated and down. Source:
/// flux-core python flux/resource/list.py, SchedResourceList; src/modules/resource/status.c.
std::vector<ListRow> list_rows(const ResourceView& view, const std::vector<ListState>& states);

/// One row of `flux resource status`, or of `flux resource drain` without targets.
struct StatusRow {
  std::string state;  ///< without the mark of offline rows
  bool online = true;
  sim::Time since{};                ///< of drained rows
  std::string reason;               ///< of drained rows
  std::vector<std::int32_t> ranks;  ///< ascending
  friend bool operator==(const StatusRow&, const StatusRow&) = default;
};

/// What `flux resource status` was asked for.
struct StatusQuery {
  std::vector<std::string> states;  ///< -s; empty: the default ones
  bool skip_empty = false;          ///< --skip-empty
  std::int32_t flux_minor = 58;  ///< version 0.N of flux-core: torpid from 65, allocated 66, housekeeping 67
};

/// The rows, or the first unknown state. Drained ranks have a row each; the table joins rows that look alike.
struct StatusRows {
  std::vector<StatusRow> rows;
  std::string unknown_state;
  std::vector<std::string> valid_states;
};

/// Source: flux-core src/cmd/flux-resource.py, statuslines and status; python flux/resource/status.py.
StatusRows status_rows(const ResourceView& view, const StatusQuery& query);

/// The names of the ranks' hosts, in hostlist notation.
std::string hostlist_of(const ResourceView& view, const std::vector<std::int32_t>& ranks);

}  // namespace models::flux

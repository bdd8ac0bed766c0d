#pragma once
// `flux resource list|status|drain|undrain|info` as programs: what they print and return, rank 0 reachable or
// not.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/flux/drain.h"
#include "models/flux/resource_tables.h"

namespace models::flux {

/// What a Flux program says when rank 0's broker is not there. The path is the operator's local-uri.
/// Source: flux-core src/common/libflux/connector_local.c; flux-operator templates/wait.sh. Assumed: the
/// socket's file is gone with the broker.
inline constexpr std::string_view kUnreachable =
    "Unable to connect to Flux: broker socket /mnt/flux/config/run/flux/local was not found";

/// Whether rank 0's broker answers programs.
bool reachable(const MiniCluster& minicluster);

/// What a table command was given.
struct TableRequest {
  std::vector<std::string> states;  ///< -s; empty: the default ones
  bool no_header = false;           ///< -n
  bool skip_empty = false;          ///< --skip-empty, of `status`
  bool long_format = false;         ///< -o long, of `status`
  bool ascii = false;               ///< a locale without UTF-8
  std::int64_t epoch_seconds_at_start = 0;
};

ProgramResult resource_list(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                            const TableRequest& request);
ProgramResult resource_status(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                              const TableRequest& request);
/// `flux resource drain` without targets.
ProgramResult resource_drain_list(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                                  const TableRequest& request);
ProgramResult resource_info(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                            const TableRequest& request);

}  // namespace models::flux

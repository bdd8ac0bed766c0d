#pragma once
// `flux resource drain TARGETS` and `flux resource undrain`: what changes in rank 0's drain log, and what is
// printed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/flux/resource_view.h"
#include "models/flux/state.h"

namespace models::flux {

/// What a program printed and returned.
struct ProgramResult {
  std::string output;
  std::string errors;
  int exit_code = 0;
  friend bool operator==(const ProgramResult&, const ProgramResult&) = default;
};

/// Ranks that a text names, or why not, with the errno that the request fails with.
struct Targets {
  std::vector<std::int32_t> ranks;  ///< ascending, no repeats
  std::string problem;
  int error_number = 0;
  explicit operator bool() const { return error_number == 0; }
};

/// Reads an idset ("2", "1-2") or a hostlist ("flux-sample-[1-2]").
/// Errors: "idset is empty", "idset is out of range", "invalid targets: invalid hosts: …", "invalid targets:
/// Hostlist cannot be decoded".
/// Source: flux-core src/modules/resource/drain.c, drain_targets_decode; inventory.c,
/// inventory_targets_to_ranks; librlist/rlist.c, rlist_hosts_to_ranks.
Targets decode_targets(std::string_view text, const ResourceView& view);

struct DrainRequest {
  std::string targets;
  std::optional<std::string> reason;  ///< several words are joined by spaces
  int force = 0;                      ///< -f: new reason; -ff: new time as well
  bool update = false;                ///< -u: leave drained ranks as they are
};

struct UndrainRequest {
  std::string targets;
  bool force = false;   ///< -f: ranks that are not drained do not matter; from 0.67 on
  bool update = false;  ///< -u: likewise; from 0.82 on
};

/// Performs the request, or changes nothing and says why. Silent when it succeeds.
/// Source: flux-core src/modules/resource/drain.c, drain_cb, check_draininfo_idset, draininfo_drain_rank;
/// src/cmd/flux-resource.py, drain. Excluded ranks are refused with --force too, as the manual says.
ProgramResult drain(FluxTurn& turn, Row minicluster, const DrainRequest& request, kubernetes::By by);

/// Source: drain.c, undrain_cb; the words changed in 0.67 and 0.82.
ProgramResult undrain(FluxTurn& turn, Row minicluster, const UndrainRequest& request, kubernetes::By by);

/// Drains a rank for rank 0 itself: its cores do not cover R. An existing reason stays.
/// Source: drain.c, drain_rank; topo.c, drain_self.
void drain_by_broker(FluxTurn& turn, Row minicluster, std::int32_t rank, std::string reason,
                     sim::TransitionId cause);

}  // namespace models::flux

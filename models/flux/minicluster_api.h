#pragma once
// MiniClusters in the API server: created, changed and deleted by people and by the operator.

#include <cstdint>
#include <string>
#include <string_view>

#include "models/flux/minicluster_json.h"
#include "models/flux/state.h"

namespace models::flux {

/// What became of a request.
enum class Change : std::uint8_t { Created, Configured, Unchanged, Refused };
std::string_view to_text(Change change);  ///< as kubectl says it: created, configured, unchanged

struct ChangeResult {
  Change change = Change::Refused;
  Row row = kubernetes::kNoRow;
  sim::TransitionId transition = sim::kNoTransition;  ///< the first that the write made
  Problems problems;  ///< of the content: errors when refused; unknown and unmodelled fields
  std::string error;  ///< other refusals, as kubectl prints them: `Error from server (NotFound): …`

  [[nodiscard]] bool ok() const { return change != Change::Refused; }
};

/// Stores a new MiniCluster. With Writer::Setup and a status, as part of a cluster that is at work: see
/// `settle`.
ChangeResult create_minicluster(FluxTurn& turn, const MiniClusterManifest& manifest,
                                const MiniClusterSetting& setting, kubernetes::By by);
ChangeResult create_minicluster(FluxTurn& turn, const Json& object, const MiniClusterSetting& setting,
                                kubernetes::By by);

/// Takes over a MiniCluster whose Job and pods were there when the scenario began: finds its Job, fixes what
/// the ConfigMap holds, and lets all brokers whose containers run have joined.
void settle_minicluster(FluxTurn& turn, Row minicluster);

/// A JSON merge patch (RFC 7386) on the stored object, as `kubectl patch --type=merge`; status and identity
/// stay.
ChangeResult merge_patch(FluxTurn& turn, Row minicluster, const Json& patch, kubernetes::By by);

/// `kubectl apply`: creates, or patches by the difference between what was applied before, what is stored and
/// what is applied now. Source: kubectl pkg/cmd/apply/patcher.go; apimachinery jsonmergepatch (lists are
/// replaced).
ChangeResult apply(FluxTurn& turn, const Json& object, const MiniClusterSetting& setting, kubernetes::By by);

/// The scale subresource: spec.size. Source: the resource's scale subresource, specpath .spec.size.
ChangeResult scale(FluxTurn& turn, Row minicluster, std::int32_t replicas, kubernetes::By by);

/// Deletes a MiniCluster. Background: it is gone at once and the garbage collector deletes its Job later;
/// Foreground: it stays until the Job is gone; Orphan: the Job stays. Its brokers live as long as their pods.
bool delete_minicluster(FluxTurn& turn, Row minicluster, kubernetes::By by,
                        kubernetes::Propagation propagation = kubernetes::Propagation::Background);

/// Writes spec.size and has the operator look again. @return the transition, or none if nothing changed.
sim::TransitionId write_size(FluxTurn& turn, Row minicluster, std::int32_t size, kubernetes::By by);

/// Takes a MiniCluster out of the API. Called when its deletion is complete.
void remove_minicluster(FluxTurn& turn, Row minicluster, kubernetes::By by);

}  // namespace models::flux

#include "models/kubernetes/claim_controller.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/kubernetes/ordinal_names.h"
#include "models/kubernetes/purposes.h"
#include "sim/hash.h"

namespace models::kubernetes::claim_controller {

namespace {

/// Volumes are bound as soon as a provisioner has made them: binding mode Immediate (assumed; a claim that
/// waits for its first consumer is bound a little later, after the pod was given a node).
void begin_binding(Turn& turn, Row row, sim::TransitionId cause) {
  const PersistentVolumeClaim& claim = turn.cluster.claims[row];
  const sim::Duration takes = turn.context.choices.duration(
      {entity_of(turn.cluster, claim), static_cast<std::uint32_t>(Purpose::VolumeProvision), 0},
      turn.cluster.settings->profile.at(timing::Key::volume_provision));
  turn.agenda.schedule(turn.now() + takes, static_cast<std::uint32_t>(Event::ClaimBind), row, claim.meta.uid,
                       cause);
}

/// Source: pkg/controller/volume/persistentvolume/pv_controller.go bindVolumeToClaim; the volume's name is
/// pvc-<uid of the claim> (GetProvisionedVolumeNameForClaim).
void bind(Turn& turn, Row row, Uid uid, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  if (!cluster.claims.exists(row) || cluster.claims[row].meta.uid != uid ||
      cluster.claims[row].phase != ClaimPhase::Pending || cluster.claims[row].meta.deleting()) {
    return;
  }
  const Text volume = cluster.strings.intern(fmt::format("pvc-{}", uid));
  update<PersistentVolumeClaim>(turn, row, {Writer::PersistentVolumeController, cause}, Verb::UpdateStatus,
                                [&](PersistentVolumeClaim& claim) {
                                  claim.phase = ClaimPhase::Bound;
                                  claim.volume = volume;
                                });
}

/// Lets the claims go that are deleted and that nobody uses any more. Source: processPVC.
void release_unused(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  std::vector<Row>& terminating = cluster.claim_controller.terminating;
  for (std::size_t i = 0; i < terminating.size();) {
    const Row row = terminating[i];
    const bool there = cluster.claims.exists(row) && cluster.claims[row].meta.deleting();
    if (there && in_use(cluster, cluster.claims[row])) {
      ++i;
      continue;
    }
    if (there &&
        remove_claim_protection(turn, row, {Writer::PersistentVolumeClaimProtection, cause}).outcome ==
            Outcome::Error) {
      ++i;
      continue;
    }
    terminating.erase(terminating.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void look_at(Turn& turn, Row row, const PersistentVolumeClaim& claim, bool is_new, sim::TransitionId cause) {
  if (claim.meta.deleting() && claim.protection) {
    std::vector<Row>& terminating = turn.cluster.claim_controller.terminating;
    if (std::find(terminating.begin(), terminating.end(), row) == terminating.end()) {
      terminating.push_back(row);
      release_unused(turn, cause);
    }
  } else if (is_new && claim.phase == ClaimPhase::Pending) {
    begin_binding(turn, row, cause);
  }
}

}  // namespace

std::uint64_t entity_of(const Cluster& cluster, const PersistentVolumeClaim& claim) {
  return sim::text_hash(cluster.strings[claim.meta.name]) * 31 +
         sim::text_hash(cluster.strings[claim.meta.name_space]);
}

Row pod_of(const Cluster& cluster, const PersistentVolumeClaim& claim) {
  return pod_with_ordinal_name(cluster, claim.meta.name_space, claim.set_name, claim.ordinal);
}

bool in_use(const Cluster& cluster, const PersistentVolumeClaim& claim) {
  const Row row = pod_of(cluster, claim);
  return row != kNoRow && cluster.pods[row].node != kNoRow;
}

void observe(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  if (event.kind == Kind::Pod) {
    if (event.type == WatchType::Deleted && !cluster.claim_controller.terminating.empty()) {
      release_unused(turn, event.cause);
    }
    return;
  }
  if (event.kind != Kind::PersistentVolumeClaim || event.type == WatchType::Deleted) {
    return;
  }
  if (const PersistentVolumeClaim* claim = cluster.claims.as_of(event.row, event.version);
      claim != nullptr && cluster.claims.exists(event.row)) {
    const PersistentVolumeClaim seen = *claim;
    look_at(turn, event.row, seen, event.type == WatchType::Added, event.cause);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) != Event::ClaimBind) {
    return false;
  }
  bind(turn, event.subject, event.argument, event.cause);
  return true;
}

void restart(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  cluster.claim_controller = {};
  for (Row row = 0; row < cluster.claims.extent(); ++row) {
    if (cluster.claims.exists(row)) {
      const PersistentVolumeClaim claim = cluster.claims[row];
      look_at(turn, row, claim, false, cause);  // provisioning goes on outside the controller manager
    }
  }
}

}  // namespace models::kubernetes::claim_controller

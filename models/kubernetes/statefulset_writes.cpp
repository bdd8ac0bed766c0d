#include "models/kubernetes/statefulset_writes.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include "models/kubernetes/ordinal_names.h"
#include "models/kubernetes/statefulset_claims.h"
#include "models/kubernetes/statefulset_plan.h"
#include "models/kubernetes/statefulset_revisions.h"
#include "models/kubernetes/statefulset_status.h"
#include "sim/require.h"

namespace models::kubernetes::statefulset_controller {

const StatefulSet* set_of(const Cluster& cluster, const SetSync& sync) {
  return cluster.statefulsets.alive(sync.row) && cluster.statefulsets[sync.row].meta.uid == sync.uid
             ? &cluster.statefulsets[sync.row]
             : nullptr;
}

namespace {

By by(const SetSync& sync) { return {Writer::StatefulSetController, sync.cause}; }

/// The pod that has the name of the set's pod of that ordinal, whoever owns it.
Row pod_by_name(const Cluster& cluster, const StatefulSet& set, std::int32_t ordinal) {
  const Row named = pod_with_ordinal_name(cluster, set.meta.name_space, set.meta.name, ordinal);
  if (named != kNoRow) {
    return named;
  }
  // Pods that have their names from a person are few.
  std::string name;
  for (const Row row : cluster.statefulset_controller.orphans) {
    if (!cluster.pods.exists(row) || cluster.pods[row].meta.name == 0 ||
        cluster.pods[row].meta.name_space != set.meta.name_space) {
      continue;
    }
    if (name.empty()) {
      name = fmt::format("{}-{}", cluster.strings[set.meta.name], ordinal);
    }
    if (cluster.strings[cluster.pods[row].meta.name] == name) {
      return row;
    }
  }
  return kNoRow;
}

std::uint32_t next_attempt(const Cluster& cluster, Row set, Uid uid, std::int32_t ordinal) {
  if (set >= cluster.set_attempts.size() || cluster.set_attempts[set].uid != uid) {
    return 0;
  }
  const auto& attempts = cluster.set_attempts[set].by_ordinal;
  const auto found = std::lower_bound(attempts.begin(), attempts.end(), std::pair{ordinal, std::uint16_t{0}});
  return found != attempts.end() && found->first == ordinal ? found->second : 0;
}

/// Whether a claim that this pod needs could not be created in this sync.
bool claim_failed(const SetSync& sync, std::int32_t ordinal) {
  for (std::size_t i = sync.next; i-- > 0;) {
    const Write& write = sync.writes[i];
    if (write.kind != WriteKind::CreateClaim || write.index != ordinal) {
      return false;
    }
    if (sync.outcomes[i] != Outcome::Ok) {
      return true;
    }
  }
  return false;
}

/// Source: stateful_set_utils.go newStatefulSetPod, newVersionedStatefulSetPod.
Outcome create_set_pod(Turn& turn, const SetSync& sync, const Write& write, Row& row_written) {
  const StatefulSet* set = set_of(turn.cluster, sync);
  if (set == nullptr) {
    return Outcome::NotFound;
  }
  if (claim_failed(sync, write.index)) {
    return Outcome::Skipped;
  }
  const StatefulSetStatus& status = sync.payload.status;
  Pod pod;
  pod.meta.name_space = set->meta.name_space;
  pod.base_name = set->meta.name;
  pod.index = write.index;
  pod.owner = {Kind::StatefulSet, sync.row, sync.uid};
  pod.pod_template = write.argument;
  pod.revision = write.number != 0 ? status.update_revision : status.current_revision;
  pod.attempt = next_attempt(turn.cluster, sync.row, sync.uid, write.index);
  if (turn.cluster.strings[pod.revision].size() > kLabelValueMax) {
    return Outcome::Invalid;
  }
  if (pod_by_name(turn.cluster, *set, write.index) != kNoRow) {
    return Outcome::AlreadyExists;
  }
  const WriteResult result = create_pod(turn, std::move(pod), by(sync));
  row_written = result.row;
  return result.outcome;
}

/// Deletions carry no uid: they hit the pod that has the name now. Source: stateful_pod_control.go DeletePod.
Outcome delete_set_pod(Turn& turn, const SetSync& sync, const Write& write, Row& row_written) {
  const StatefulSet* set = set_of(turn.cluster, sync);
  if (set == nullptr) {
    return Outcome::NotFound;
  }
  const Row row = write.row != kNoRow && turn.cluster.pods.exists(write.row)
                      ? write.row
                      : pod_by_name(turn.cluster, *set, write.index);
  const Outcome outcome = row == kNoRow ? Outcome::NotFound : delete_pod(turn, row, by(sync)).outcome;
  row_written = row;
  // Source: stateful_set_control.go updateStatefulSet: the update pass does not mind that the pod is gone.
  const bool of_update = write.pass == static_cast<std::uint16_t>(Pass::Update);
  return of_update && outcome == Outcome::NotFound ? Outcome::Ok : outcome;
}

/// Source: controller_ref_manager.go AdoptPod, ReleasePod; a pod that is gone is nobody's error.
Outcome adopt_or_release(Turn& turn, const SetSync& sync, const Write& write) {
  const Cluster& cluster = turn.cluster;
  if (!cluster.pods.exists(write.row)) {
    return Outcome::Ok;
  }
  const OwnerRef& owner = cluster.pods[write.row].owner;
  if (write.kind == WriteKind::ReleasePod) {
    return owner.uid == sync.uid ? set_pod_owner(turn, write.row, {}, by(sync)).outcome : Outcome::Ok;
  }
  const StatefulSet* set = set_of(cluster, sync);
  if (set == nullptr || set->meta.deleting() || owner.kind != Kind::None) {
    return Outcome::Invalid;
  }
  return set_pod_owner(turn, write.row, {Kind::StatefulSet, sync.row, sync.uid}, by(sync)).outcome;
}

/// Source: stateful_set_utils.go updateIdentity.
Outcome repair_pod(Turn& turn, const SetSync& sync, const Write& write) {
  Cluster& cluster = turn.cluster;
  if (!cluster.pods.exists(write.row)) {
    return Outcome::NotFound;
  }
  const Pod& pod = cluster.pods[write.row];
  std::uint32_t label_set = pod.label_set;
  if (pod.meta.name != 0) {
    LabelMap labels = cluster.labels_of(pod);
    const auto put = [&](const char* key, std::string value) {
      const auto place = std::lower_bound(labels.begin(), labels.end(), key,
                                          [](const auto& label, const char* k) { return label.first < k; });
      if (place != labels.end() && place->first == key) {
        place->second = std::move(value);
      } else {
        labels.insert(place, {key, std::move(value)});
      }
    };
    put("statefulset.kubernetes.io/pod-name", cluster.strings[pod.meta.name]);
    if (cluster.features().has(Gate::PodIndexLabel)) {
      put("apps.kubernetes.io/pod-index", std::to_string(write.index));
    }
    label_set = cluster.add_label_set(std::move(labels));
  }
  return update<Pod>(turn, write.row, by(sync), Verb::Update,
                     [&](Pod& object) { object.label_set = label_set; })
      .outcome;
}

/// Source: stateful_pod_control.go createPersistentVolumeClaims; stateful_set_utils.go
/// getPersistentVolumeClaims.
Outcome create_set_claim(Turn& turn, const SetSync& sync, const Write& write, Row& row_written) {
  Cluster& cluster = turn.cluster;
  const StatefulSet* set = set_of(cluster, sync);
  if (set == nullptr) {
    return Outcome::NotFound;
  }
  if (write.row != kNoRow) {
    return Outcome::Conflict;  // the claim is seen, but is being deleted: nothing is sent
  }
  const ClaimTemplate& claim_template = (*set->spec.claims)[write.argument];
  const std::string name = claim_name(claim_template.name, cluster.strings[set->meta.name], write.index);
  if (cluster.find_claim(cluster.strings[set->meta.name_space], name) != kNoRow) {
    return Outcome::AlreadyExists;
  }
  PersistentVolumeClaim claim;
  claim.meta.name = cluster.strings.intern(name);
  claim.meta.name_space = set->meta.name_space;
  claim.set_name = set->meta.name;
  claim.ordinal = write.index;
  claim.claim_template = static_cast<std::uint16_t>(write.argument);
  claim.storage = cluster.strings.intern(claim_template.storage);
  claim.storage_class = cluster.strings.intern(claim_template.storage_class);
  const WriteResult result = create_claim(turn, std::move(claim), by(sync));
  row_written = result.row;
  return result.outcome;
}

Outcome update_claim_owners(Turn& turn, const SetSync& sync, const Write& write) {
  // Creating the pod comes before this; a name that is taken ends the pod's turn, other errors do not.
  // Source: stateful_pod_control.go CreateStatefulPod.
  if (write.pass == static_cast<std::uint16_t>(Pass::Replicas)) {
    for (std::size_t i = sync.next; i > 0 && sync.writes[i - 1].index == write.index; --i) {
      if (sync.writes[i - 1].kind == WriteKind::CreatePod && sync.outcomes[i - 1] == Outcome::AlreadyExists) {
        return Outcome::Skipped;
      }
    }
  }
  return update<PersistentVolumeClaim>(turn, write.row, by(sync), Verb::Update,
                                       [&](PersistentVolumeClaim& claim) {
                                         claim.owner_set = write.argument;
                                         claim.owner_pod = static_cast<Uid>(write.number);
                                       })
      .outcome;
}

Row revision_named(const Cluster& cluster, Text name_space, Text name) {
  for (Row row = 0; row < cluster.revisions.extent(); ++row) {
    if (cluster.revisions.exists(row) && cluster.revisions[row].meta.name == name &&
        cluster.revisions[row].meta.name_space == name_space) {
      return row;
    }
  }
  return kNoRow;
}

/// A name that a revision with the same template has is no error; one that another has is varied.
/// Source: pkg/controller/history/controller_history.go CreateControllerRevision.
Outcome create_set_revision(Turn& turn, SetSync& sync, const Write& write, Row& row_written) {
  Cluster& cluster = turn.cluster;
  const StatefulSet* set = set_of(cluster, sync);
  if (set == nullptr) {
    return Outcome::NotFound;
  }
  StatefulSetStatus& status = sync.payload.status;
  const bool current_is_new = status.current_revision == status.update_revision;
  Text name = status.update_revision;
  for (std::uint32_t collisions = 1;; ++collisions) {
    const Row taken = revision_named(cluster, set->meta.name_space, name);
    if (taken == kNoRow) {
      break;
    }
    if (cluster.revisions[taken].pod_template == write.argument) {
      row_written = taken;
      return Outcome::Ok;
    }
    name = cluster.strings.intern(
        revision_name(cluster.strings[set->meta.name], *cluster.templates[write.argument], collisions));
  }
  status.update_revision = name;
  status.current_revision = current_is_new ? name : status.current_revision;
  ControllerRevision revision;
  revision.meta.name = name;
  revision.meta.name_space = set->meta.name_space;
  revision.owner = {Kind::StatefulSet, sync.row, sync.uid};
  revision.revision = write.number;
  revision.pod_template = write.argument;
  const WriteResult result = create_revision(turn, std::move(revision), by(sync));
  row_written = result.row;
  return result.outcome;
}

template <class Change>
Outcome change_revision(Turn& turn, const SetSync& sync, Row row, Change&& change) {
  return update<ControllerRevision>(turn, row, by(sync), Verb::Update, std::forward<Change>(change)).outcome;
}

/// A conflict is retried with the set as the cache has it then, five times within some 50 ms: enough unless
/// the cache lags by more. Source: stateful_set_status_updater.go UpdateStatefulSetStatus; client-go
/// util/retry DefaultRetry.
Outcome update_status(Turn& turn, const SetSync& sync, const Write& write) {
  const StatefulSet* set = set_of(turn.cluster, sync);
  if (set == nullptr || set->meta.removed) {
    return Outcome::NotFound;
  }
  constexpr sim::Duration kRetriesLast = std::chrono::milliseconds{40};
  if (set->meta.resource_version != sync.payload.version && watch_latency(turn.cluster) > kRetriesLast) {
    return Outcome::Conflict;
  }
  if (!status_refusal({}, sync.payload.status).empty()) {
    return Outcome::Invalid;
  }
  return update<StatefulSet>(turn, write.row, by(sync), Verb::UpdateStatus,
                             [&](StatefulSet& object) { object.status = sync.payload.status; })
      .outcome;
}

}  // namespace

Outcome perform(Turn& turn, SetSync& sync, const Write& write, Row& row_written) {
  switch (write.kind) {
    case WriteKind::CreatePod:
      return create_set_pod(turn, sync, write, row_written);
    case WriteKind::DeletePod:
      return delete_set_pod(turn, sync, write, row_written);
    case WriteKind::AdoptPod:
    case WriteKind::ReleasePod:
      return adopt_or_release(turn, sync, write);
    case WriteKind::RepairPod:
      return repair_pod(turn, sync, write);
    case WriteKind::CreateClaim:
      return create_set_claim(turn, sync, write, row_written);
    case WriteKind::UpdateClaimOwners:
      return update_claim_owners(turn, sync, write);
    case WriteKind::CreateRevision:
      return create_set_revision(turn, sync, write, row_written);
    case WriteKind::AdoptRevision:
      return change_revision(turn, sync, write.row, [&](ControllerRevision& revision) {
        revision.owner = {Kind::StatefulSet, sync.row, sync.uid};
      });
    case WriteKind::RenumberRevision:
      return change_revision(turn, sync, write.row,
                             [&](ControllerRevision& revision) { revision.revision = write.number; });
    case WriteKind::DeleteRevision:
      return delete_revision(turn, write.row, by(sync)).outcome;
    case WriteKind::UpdateStatus:
      return update_status(turn, sync, write);
    default:
      break;
  }
  sim::fail("a write that is not the StatefulSet controller's");
}

void remember_attempt(Cluster& cluster, const Pod& pod) {
  if (pod.owner.kind != Kind::StatefulSet || pod.index < 0) {
    return;
  }
  if (cluster.set_attempts.size() <= pod.owner.row) {
    cluster.set_attempts.resize(pod.owner.row + std::size_t{1});
  }
  SetAttempts& attempts = cluster.set_attempts[pod.owner.row];
  if (attempts.uid != pod.owner.uid) {
    attempts = {pod.owner.uid, {}};
  }
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint16_t>::max();
  const auto count = static_cast<std::uint16_t>(std::min(pod.attempt + 1, kMost));
  auto& by_ordinal = attempts.by_ordinal;
  const auto place =
      std::lower_bound(by_ordinal.begin(), by_ordinal.end(), std::pair{pod.index, std::uint16_t{0}});
  if (place != by_ordinal.end() && place->first == pod.index) {
    place->second = std::max(place->second, count);
  } else {
    by_ordinal.insert(place, {pod.index, count});
  }
}

}  // namespace models::kubernetes::statefulset_controller

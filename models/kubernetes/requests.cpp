#include "models/kubernetes/requests.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/kubernetes/behaviour.h"
#include "models/kubernetes/statefulset_claims.h"
#include "sim/hash.h"

namespace models::kubernetes {

namespace {

sim::Subject subject_of(Kind kind, const Meta& meta) {
  return {static_cast<std::uint32_t>(kind), meta.name_space, meta.name, -1, 0};
}

Purpose purpose_of(const Write& write) {
  switch (write.kind) {
    case WriteKind::CreatePod:
    case WriteKind::CreateClaim:
    case WriteKind::CreateRevision:
    case WriteKind::CreateReplicaSet:
      return Purpose::RequestCreate;
    case WriteKind::DeletePod:
    case WriteKind::DeleteRevision:
    case WriteKind::DeleteReplicaSet:
      return Purpose::RequestDelete;
    case WriteKind::UpdateStatus:
      return Purpose::RequestStatus;
    case WriteKind::UpdateOwner:  // of a Deployment whose condition alone changes, or its revision as well
      return write.number != 0 ? Purpose::RequestStatus : Purpose::RequestUpdate;
    default:
      return Purpose::RequestUpdate;
  }
}

bool is_zero(const timing::Distribution& distribution) {
  return distribution.is_fixed() && distribution.nominal() == sim::Duration::zero();
}

sim::Duration ask(Turn& turn, std::uint64_t entity, Purpose purpose, std::uint32_t occurrence) {
  const timing::Key key =
      purpose == Purpose::SyncStart ? timing::Key::controller_sync_start : timing::Key::api_latency;
  return turn.context.choices.duration({entity, static_cast<std::uint32_t>(purpose), occurrence},
                                       turn.cluster.settings->profile.at(key));
}

constexpr std::int32_t kNoIndex = -1;

/// The index of the subject of a pod that is pinned to a node, by that node's name: it names no index, and
/// tells the node when the pod is gone. Such a pod, a DaemonSet's, is called by its node: "pod
/// default/agent-worker-1".
std::int32_t index_of_node(Text node) { return kNoIndex - 1 - static_cast<std::int32_t>(node); }
Text node_of_index(std::int32_t index) { return static_cast<Text>(kNoIndex - 1 - index); }

/// The claim that a StatefulSet's pod of that ordinal needs.
std::string claim_text(const Cluster& cluster, const Write& write, const sim::Subject& owner) {
  for (Row row = 0; row < cluster.statefulsets.extent(); ++row) {
    const StatefulSet& set = cluster.statefulsets[row];
    if (cluster.statefulsets.exists(row) && set.meta.name == owner.name &&
        set.meta.name_space == owner.name_space && set.spec.claims != nullptr &&
        write.argument < set.spec.claims->size()) {
      return fmt::format(
          "{} {}/{}", to_text(Kind::PersistentVolumeClaim), cluster.strings[owner.name_space],
          claim_name((*set.spec.claims)[write.argument].name, cluster.strings[owner.name], write.index));
    }
  }
  return {};
}

/// What the write is about.
std::string target_text(const Cluster& cluster, const Write& write, const sim::Subject& owner) {
  const bool stored = write.row != kNoRow;
  switch (write.kind) {
    case WriteKind::UpdateStatus:
    case WriteKind::UpdateOwner:
      return lasting_name(owner, cluster.strings);
    case WriteKind::CreateClaim:
      return claim_text(cluster, write, owner);
    case WriteKind::UpdateClaimOwners:
      return stored ? lasting_name(subject_of(Kind::PersistentVolumeClaim, cluster.claims[write.row].meta),
                                   cluster.strings)
                    : std::string();
    case WriteKind::CreateRevision:
    case WriteKind::AdoptRevision:
    case WriteKind::RenumberRevision:
    case WriteKind::DeleteRevision:
      return fmt::format("{} {}/{}", to_text(Kind::ControllerRevision), cluster.strings[owner.name_space],
                         cluster.strings[owner.name]);
    case WriteKind::CreateReplicaSet:
    case WriteKind::UpdateReplicaSet:
    case WriteKind::DeleteReplicaSet:
    case WriteKind::AdoptReplicaSet:
    case WriteKind::ReleaseReplicaSet:
      return stored ? lasting_name(subject_of(Kind::ReplicaSet, cluster.replicasets[write.row].meta),
                                   cluster.strings)
                    : fmt::format("{} {}/{}", to_text(Kind::ReplicaSet), cluster.strings[owner.name_space],
                                  cluster.strings[owner.name]);
    case WriteKind::DeletePod:
    case WriteKind::RemoveJobFinalizer:
    case WriteKind::AdoptPod:
    case WriteKind::ReleasePod:
    case WriteKind::RepairPod:
    case WriteKind::LabelPod:
      if (stored && cluster.pods.alive(write.row)) {
        return lasting_name(subject_of(cluster.pods[write.row]), cluster.strings);
      }
      [[fallthrough]];
    case WriteKind::CreatePod:
      break;
  }
  const std::uint32_t suffix = owner.kind == static_cast<std::uint32_t>(Kind::StatefulSet) ? 0 : 1;
  const bool on_node =
      owner.kind == static_cast<std::uint32_t>(Kind::DaemonSet) && cluster.nodes.alive(write.row);
  const std::int32_t index = on_node ? index_of_node(cluster.nodes[write.row].meta.name) : write.index;
  return lasting_name({static_cast<std::uint32_t>(Kind::Pod), owner.name_space, owner.name, index, suffix},
                      cluster.strings);
}

/// Whether a name may end in the hash of a Deployment's template: a number of 32 bits in decimal digits,
/// which are written as these characters. Source: apimachinery pkg/util/rand/rand.go SafeEncodeString.
bool ends_in_template_hash(std::string_view name) {
  constexpr std::size_t kShortest = 5;  // assumed: a shorter number comes once in 40,000 times
  constexpr std::size_t kLongest = 10;
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) {
    return false;
  }
  const std::string_view hash = name.substr(dash + 1);
  return hash.size() >= kShortest && hash.size() <= kLongest &&
         hash.find_first_not_of("456789bcdf") == std::string_view::npos;
}

/// 1 + a number, where an occurrence says which of several objects of one name is meant.
std::uint32_t which(std::uint32_t number) {
  constexpr std::uint32_t kMost = 0x7e;
  return (std::min(number, kMost) + 1) << kWhichShift;
}

std::uint32_t which_pod(const Pod& pod) {
  return pod.owner.kind == Kind::ReplicaSet ? which(pod.attempt) : 0;
}

/// Where a write's object shares its name with others, which one it is.
std::uint32_t which_target(const Cluster& cluster, const Write& write, const sim::Subject& owner,
                           std::uint32_t before) {
  const bool of_replicaset = owner.kind == static_cast<std::uint32_t>(Kind::ReplicaSet);
  switch (write.kind) {
    case WriteKind::CreatePod:
      return of_replicaset ? which(before) : 0;
    case WriteKind::DeletePod:
    case WriteKind::ReleasePod:
      return of_replicaset && cluster.pods.alive(write.row) ? which_pod(cluster.pods[write.row]) : 0;
    case WriteKind::UpdateStatus:
      return of_replicaset && write.row != kNoRow ? which_replicaset(cluster, write.row) : 0;
    case WriteKind::UpdateReplicaSet:
    case WriteKind::DeleteReplicaSet:
    case WriteKind::AdoptReplicaSet:
    case WriteKind::ReleaseReplicaSet:
      return which_replicaset(cluster, write.row);
    default:
      return 0;
  }
}

}  // namespace

std::uint32_t which_replicaset(const Cluster& cluster, Row row) {
  if (!cluster.replicasets.alive(row)) {
    return 0;
  }
  const ReplicaSet& set = cluster.replicasets[row];
  std::uint32_t before = 0;
  for (Row other = 0; set.owner.kind == Kind::Deployment && other < cluster.replicasets.extent(); ++other) {
    before += cluster.replicasets.alive(other) && cluster.replicasets[other].owner.uid == set.owner.uid &&
                      cluster.replicasets[other].meta.uid < set.meta.uid
                  ? 1U
                  : 0U;
  }
  return which(before);
}

sim::Subject subject_of_daemon_pod(Text name_space, Text daemonset, Text node) {
  return {static_cast<std::uint32_t>(Kind::Pod), name_space, daemonset, index_of_node(node), 1};
}

sim::Subject subject_of(const Pod& pod) {
  return pod.meta.name != 0
             ? sim::Subject{static_cast<std::uint32_t>(Kind::Pod), pod.meta.name_space, pod.meta.name, -1, 0}
             : sim::Subject{static_cast<std::uint32_t>(Kind::Pod), pod.meta.name_space, pod.base_name,
                            pod.pinned_node != 0 ? index_of_node(pod.pinned_node) : pod.index, pod.suffix};
}

std::string lasting_name(const sim::Subject& subject, const Strings& strings) {
  const auto kind = static_cast<Kind>(subject.kind);
  std::string name;
  if (kind == Kind::ControllerRevision) {
    const std::string& full = strings[subject.name];
    name = full.substr(0, full.rfind('-'));
  } else if (subject.suffix != 0) {
    name = strings[subject.name];
    if (subject.index >= 0) {
      name += fmt::format("-{}", subject.index);
    } else if (subject.index < kNoIndex) {
      name += "-" + strings[node_of_index(subject.index)];
    } else if (ends_in_template_hash(name)) {
      name.resize(name.rfind('-'));
    }
  } else {
    name = subject_name(subject, strings);
    if (kind == Kind::ReplicaSet && ends_in_template_hash(name)) {
      name.resize(name.rfind('-'));
    }
  }
  return subject.name_space == 0 ? fmt::format("{} {}", to_text(kind), name)
                                 : fmt::format("{} {}/{}", to_text(kind), strings[subject.name_space], name);
}

bool requests_take_time(const Cluster& cluster) {
  return !is_zero(cluster.settings->profile.at(timing::Key::api_latency));
}

sim::Duration request_latency(Turn& turn, const sim::Subject& subject, Purpose purpose,
                              std::uint32_t occurrence) {
  if (!requests_take_time(turn.cluster)) {
    return sim::Duration::zero();
  }
  return ask(turn, sim::text_hash(lasting_name(subject, turn.cluster.strings)), purpose, occurrence);
}

sim::Duration request_latency(Turn& turn, const Write& write, const sim::Subject& owner,
                              std::uint32_t occurrence, std::uint32_t before) {
  if (!requests_take_time(turn.cluster)) {
    return sim::Duration::zero();
  }
  return ask(turn, sim::text_hash(target_text(turn.cluster, write, owner)), purpose_of(write),
             occurrence | which_target(turn.cluster, write, owner, before));
}

sim::Duration answer_latency(Turn& turn, const sim::Subject& owner, std::uint32_t occurrence) {
  if (!requests_take_time(turn.cluster)) {
    return sim::Duration::zero();
  }
  const auto at_once = timing::Distribution::uniform(
      sim::Duration::zero(), sim::Duration{1},
      {timing::ProvenanceKind::assumed, "how long a request takes is the time to its effect"});
  return turn.context.choices.duration({sim::text_hash(lasting_name(owner, turn.cluster.strings)),
                                        static_cast<std::uint32_t>(Purpose::RequestAnswer), occurrence},
                                       at_once.value());
}

sim::Duration pod_request_latency(Turn& turn, const Pod& pod, Purpose purpose, std::uint32_t occurrence) {
  return request_latency(turn, subject_of(pod), purpose, occurrence | which_pod(pod));
}

std::uint32_t rank_by_chance(Turn& turn, const sim::Subject& subject, Purpose purpose,
                             std::uint32_t occurrence) {
  constexpr std::uint32_t kRanks = 1U << 20U;
  return turn.context.choices.pick({sim::text_hash(lasting_name(subject, turn.cluster.strings)),
                                    static_cast<std::uint32_t>(purpose), occurrence},
                                   kRanks);
}

sim::Duration sync_start_latency(Turn& turn, const sim::Subject& owner, Row row, std::uint32_t occurrence) {
  if (is_zero(turn.cluster.settings->profile.at(timing::Key::controller_sync_start))) {
    return sim::Duration::zero();
  }
  const bool of_replicaset = owner.kind == static_cast<std::uint32_t>(Kind::ReplicaSet);
  return ask(turn, sim::text_hash(lasting_name(owner, turn.cluster.strings)), Purpose::SyncStart,
             occurrence | (of_replicaset ? which_replicaset(turn.cluster, row) : 0U));
}

}  // namespace models::kubernetes

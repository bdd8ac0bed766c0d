#include "models/kubernetes/attach_detach_controller.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/api.h"
#include "models/kubernetes/claim_controller.h"
#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/kubelet.h"
#include "models/kubernetes/node_pods.h"
#include "models/kubernetes/purposes.h"
#include "models/kubernetes/scheduler_volumes.h"

namespace models::kubernetes::attach_detach_controller {

namespace {

using Stage = VolumeAttachment::Stage;

/// Between two passes. Source: attach_detach_controller.go DefaultTimerConfig, ReconcilerLoopPeriod.
constexpr sim::Duration kPeriod = std::chrono::milliseconds{100};
/// How long a volume that is still mounted is waited for. Source: the same,
/// ReconcilerMaxWaitForUnmountDuration.
constexpr sim::Duration kMaxWaitForUnmount = std::chrono::minutes{6};

constexpr std::string_view kOutOfService = "node.kubernetes.io/out-of-service";

By by(sim::TransitionId cause) { return {Writer::AttachDetachController, cause}; }

void schedule_pass(Turn& turn, sim::Time at, sim::TransitionId cause) {
  AttachDetachState& state = turn.cluster.attach_detach;
  if (at < state.pass_at) {
    state.pass_at = at;
    turn.agenda.schedule(at, static_cast<std::uint32_t>(Event::AttachDetachPass), 0, 0, cause);
  }
}

/// In-tree volumes that are attached; they are served by their CSI drivers since 1.25 and earlier.
/// Source: staging/src/k8s.io/csi-translation-lib/plugins (those of file shares attach nothing).
constexpr std::string_view kAttachableInTree[] = {
    "kubernetes.io/aws-ebs", "kubernetes.io/azure-disk",      "kubernetes.io/cinder",
    "kubernetes.io/gce-pd",  "kubernetes.io/portworx-volume", "kubernetes.io/vsphere-volume"};

/// Whether one of the words of a provisioner's name is csi, as drivers are called (assumed; a CSIDriver or a
/// volume among the files tells better): others make local paths and file shares, which are not attached.
bool is_called_csi(std::string_view provisioner) {
  constexpr std::string_view kWordEnds = "./-_";
  while (!provisioner.empty()) {
    const std::size_t end = std::min(provisioner.find_first_of(kWordEnds), provisioner.size());
    if (provisioner.substr(0, end) == "csi") {
      return true;
    }
    provisioner.remove_prefix(std::min(end + 1, provisioner.size()));
  }
  return false;
}

/// Source: pkg/volume/csi/csi_plugin.go skipAttach: volumes of a driver without a CSIDriver are attached.
bool class_attaches(const ClusterClasses& classes, const StorageClass& of_claim) {
  const auto driver =
      std::find_if(classes.drivers.begin(), classes.drivers.end(),
                   [&](const StorageDriver& one) { return one.name == of_claim.provisioner; });
  if (driver != classes.drivers.end()) {
    return driver->attaches;
  }
  return is_called_csi(of_claim.provisioner) ||
         std::find(std::begin(kAttachableInTree), std::end(kAttachableInTree), of_claim.provisioner) !=
             std::end(kAttachableInTree);
}

bool anything_attaches(const Cluster& cluster) {
  const ClusterClasses& classes = cluster.settings->classes;
  return std::any_of(classes.storage.begin(), classes.storage.end(),
                     [&](const StorageClass& one) { return class_attaches(classes, one); });
}

/// The rows of the pod's claims whose volumes are attached to its node, also of those not bound yet.
std::vector<Row> attachable_claims(const Cluster& cluster, const Pod& pod) {
  std::vector<Row> claims;
  std::string missing;
  for (const Row row : scheduler::claims_of(cluster, pod, missing)) {
    if (row != kNoRow && is_attachable(cluster, cluster.claims[row])) {
      claims.push_back(row);
    }
  }
  return claims;
}

bool names_claims(const Cluster& cluster, const Pod& pod) {
  const bool of_set = pod.owner.kind == Kind::StatefulSet && cluster.statefulsets.alive(pod.owner.row) &&
                      cluster.statefulsets[pod.owner.row].spec.claims != nullptr;
  return of_set || !cluster.template_of(pod).volumes.claims.empty();
}

/// A deleted pod wants its volumes for as long as its status shows a container that runs. Source:
/// pkg/volume/util/util.go IsPodTerminated.
bool wants_volumes(const Cluster& cluster, const Pod& pod) {
  if (pod.node == kNoRow || pod.terminal() || pod.meta.removed) {
    return false;
  }
  if (!pod.meta.deleting()) {
    return true;
  }
  const std::size_t containers = cluster.template_of(pod).containers.size();
  for (std::size_t i = 0; i < containers; ++i) {
    if (cluster.containers[pod.containers + i].state == ContainerState::Running) {
      return true;
    }
  }
  return false;
}

/// The pods on the node that want the volume, by row.
std::vector<Row> users_on(const Cluster& cluster, const VolumeAttachment& attachment) {
  const std::vector<Row>& pods = cluster.attach_detach.pods;
  std::vector<Row> users;
  if (cluster.claims[attachment.claim].meta.uid != attachment.uid) {
    return users;
  }
  for (Row row = cluster.nodes[attachment.node].pods_head; row != kNoRow; row = cluster.pods[row].node_next) {
    if (!cluster.pods.exists(row) || !std::binary_search(pods.begin(), pods.end(), row) ||
        !wants_volumes(cluster, cluster.pods[row])) {
      continue;
    }
    const std::vector<Row> claims = attachable_claims(cluster, cluster.pods[row]);
    if (std::find(claims.begin(), claims.end(), attachment.claim) != claims.end()) {
      users.push_back(row);
    }
  }
  std::sort(users.begin(), users.end());
  return users;
}

/// The attachments of each claim by their positions, so that a pass does not look at all for each pod.
class AttachmentsByClaim {
 public:
  explicit AttachmentsByClaim(const Cluster& cluster) : cluster_(cluster) {
    for (std::size_t i = 0; i < all().size(); ++i) {
      add(i);
    }
  }

  void add(std::size_t position) { positions_[all()[position].claim].push_back(position); }

  /// The first attachment of the claim, on `node` or, where that is kNoRow, on any; nullptr if there is none.
  [[nodiscard]] const VolumeAttachment* find(Row claim, Row node) const {
    const auto known = positions_.find(claim);
    if (known == positions_.end()) {
      return nullptr;
    }
    for (const std::size_t position : known->second) {
      const VolumeAttachment& one = all()[position];
      if (one.uid == cluster_.claims[claim].meta.uid && (node == kNoRow || one.node == node)) {
        return &one;
      }
    }
    return nullptr;
  }

 private:
  [[nodiscard]] const std::vector<VolumeAttachment>& all() const {
    return cluster_.attach_detach.attachments;
  }

  const Cluster& cluster_;
  std::map<Row, std::vector<std::size_t>> positions_;
};

/// Source: util/util.go IsMultiAttachAllowed.
bool attaches_to_many(const Cluster& cluster, Row claim) {
  const std::vector<std::string> modes = json::access_modes_of(cluster, cluster.claims[claim]);
  return std::any_of(modes.begin(), modes.end(), [](const std::string& mode) {
    return mode == "ReadWriteMany" || mode == "ReadOnlyMany";
  });
}

bool is_out_of_service(const Cluster& cluster, Row node) {
  const std::vector<Taint>& taints = cluster.taints_of(cluster.nodes[node]);
  return cluster.nodes.exists(node) && std::any_of(taints.begin(), taints.end(), [](const Taint& taint) {
           return taint.key == kOutOfService;
         });
}

/// What `choose` draws for a request about the claim.
sim::Time due(Turn& turn, Row claim, Row node, Purpose purpose, timing::Key key) {
  return turn.now() +
         turn.context.choices.duration({claim_controller::entity_of(turn.cluster, turn.cluster.claims[claim]),
                                        static_cast<std::uint32_t>(purpose), node},
                                       turn.cluster.settings->profile.at(key));
}

/// Requests that are done with. Kubelets that waited for a volume start their pods.
void finish(Turn& turn) {
  std::vector<VolumeAttachment>& all = turn.cluster.attach_detach.attachments;
  std::vector<VolumeAttachment> attached;
  for (std::size_t i = 0; i < all.size();) {
    VolumeAttachment& one = all[i];
    const auto node = static_cast<std::int32_t>(turn.cluster.nodes[one.node].meta.uid);
    if (one.ends > turn.now()) {
      ++i;
    } else if (one.stage == Stage::Attaching) {
      one.stage = Stage::Attached;
      one.ends = sim::kNever;
      one.cause = emit(turn, one.uid, Field::ClaimAttached, by(one.cause), 0, node);
      attached.push_back(one);
      ++i;
    } else {
      emit(turn, one.uid, Field::ClaimDetached, by(one.cause), node, one.forced ? 1 : 0);
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  for (const VolumeAttachment& one : attached) {
    kubelet::volume_attached(turn, one.node, one.cause);
  }
}

/// Source: reconciler.go reconcile, the part that detaches. A kubelet that acts is taken to have unmounted
/// what no pod uses, and to have told so, at once (assumed; its next status tells, at most 10 s later).
void detach_unwanted(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  for (VolumeAttachment& one : cluster.attach_detach.attachments) {
    if (one.stage != Stage::Attached) {
      continue;
    }
    if (!users_on(cluster, one).empty()) {
      one.unwanted_since = sim::kNever;
      continue;
    }
    if (one.unwanted_since == sim::kNever) {
      one.unwanted_since = turn.now();
      one.cause = cause;
    }
    const Node& node = cluster.nodes[one.node];
    const bool healthy = cluster.nodes.exists(one.node) && node.ready;
    const bool expired = turn.now() - one.unwanted_since > kMaxWaitForUnmount &&
                         cluster.settings->components.force_detach_on_timeout;
    const bool mounted = !node.kubelet_alive;
    if (mounted && (healthy || !expired) && !is_out_of_service(cluster, one.node)) {
      if (one.unwanted_since + kMaxWaitForUnmount >= turn.now()) {
        schedule_pass(turn, one.unwanted_since + kMaxWaitForUnmount + kPeriod, one.cause);
      }
      continue;
    }
    one.stage = Stage::Detaching;
    one.forced = mounted;
    one.ends = due(turn, one.claim, one.node, Purpose::VolumeCloudDetach, timing::Key::volume_cloud_detach);
    schedule_pass(turn, one.ends, one.cause);
  }
}

/// Source: reconciler.go reportMultiAttachError: told once a pod.
void refuse(Turn& turn, Row pod, Row claim, const VolumeAttachment& holder) {
  Cluster& cluster = turn.cluster;
  const Uid uid = cluster.pods[pod].meta.uid;
  std::vector<Uid>& told = cluster.attach_detach.told;
  const auto place = std::lower_bound(told.begin(), told.end(), uid);
  if (place != told.end() && *place == uid) {
    return;
  }
  told.insert(place, uid);
  std::vector<std::string> users;
  for (const Row row : users_on(cluster, holder)) {
    users.push_back(cluster.name_of(cluster.pods[row]));
  }
  const std::string why =
      users.empty() ? "Volume is already exclusively attached to one node and can't be attached to another"
                    : fmt::format("Volume is already used by pod(s) {}", fmt::join(users, ", "));
  emit_text(turn, uid, Field::Warning, by(holder.cause),
            fmt::format("FailedAttachVolume: Multi-Attach error for volume \"{}\" {}",
                        cluster.strings[cluster.claims[claim].volume], why));
}

/// Source: reconciler.go attachDesiredVolumes. Pods of a cluster that is found running have their volumes.
void attach_wanted(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  std::vector<VolumeAttachment>& all = cluster.attach_detach.attachments;
  const std::vector<Row> pods = cluster.attach_detach.pods;
  AttachmentsByClaim by_claim(cluster);
  for (const Row row : pods) {
    if (!cluster.pods.exists(row) || !wants_volumes(cluster, cluster.pods[row])) {
      continue;
    }
    const Row node = cluster.pods[row].node;
    for (const Row claim : attachable_claims(cluster, cluster.pods[row])) {
      // Source: util/util.go getPVCFromCache: a claim that is not bound has no volume yet.
      if (cluster.claims[claim].phase != ClaimPhase::Bound || by_claim.find(claim, node) != nullptr) {
        continue;
      }
      const VolumeAttachment* holder = by_claim.find(claim, kNoRow);
      if (holder != nullptr && !attaches_to_many(cluster, claim)) {
        if (holder->stage == Stage::Attached) {  // else a request is pending, and nothing is told
          refuse(turn, row, claim, VolumeAttachment(*holder));
        }
        continue;
      }
      VolumeAttachment one{claim, cluster.claims[claim].meta.uid, node};
      one.cause = cause;
      if (cluster.pods[row].phase == PodPhase::Running) {
        one.stage = Stage::Attached;
      } else {
        one.ends = due(turn, claim, node, Purpose::VolumeCloudAttach, timing::Key::volume_cloud_attach);
        schedule_pass(turn, one.ends, cause);
      }
      all.push_back(one);
      by_claim.add(all.size() - 1);
    }
  }
}

/// Volumes are attached to machines: a Node that registered anew has those of its predecessor.
void follow_nodes(Turn& turn, sim::TransitionId cause) {
  Cluster& cluster = turn.cluster;
  std::vector<Row> moved;
  for (VolumeAttachment& one : cluster.attach_detach.attachments) {
    if (cluster.nodes.exists(one.node)) {
      continue;
    }
    const Row now = cluster.find_node(cluster.name_of(cluster.nodes[one.node].meta));
    if (now != kNoRow) {
      one.node = now;
      moved.push_back(now);
    }
  }
  for (const Row node : moved) {
    kubelet::volume_attached(turn, node, cause);
  }
}

void pass(Turn& turn, sim::TransitionId cause) {
  follow_nodes(turn, cause);
  finish(turn);
  detach_unwanted(turn, cause);
  attach_wanted(turn, cause);
  sim::Time next = sim::kNever;
  for (const VolumeAttachment& one : turn.cluster.attach_detach.attachments) {
    next = std::min(next, one.ends);
  }
  if (next != sim::kNever) {
    schedule_pass(turn, next, cause);
  }
}

void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  std::vector<Row>& pods = cluster.attach_detach.pods;
  const auto place = std::lower_bound(pods.begin(), pods.end(), event.row);
  const bool known = place != pods.end() && *place == event.row;
  const bool there = event.type != WatchType::Deleted && cluster.pods.exists(event.row) &&
                     cluster.pods[event.row].node != kNoRow;
  const bool counts = there && names_claims(cluster, cluster.pods[event.row]);
  if (known && !counts) {
    pods.erase(place);
  } else if (!known && counts) {
    pods.insert(place, event.row);
  }
  if (known || counts) {
    schedule_pass(turn, turn.now() + kPeriod, event.cause);
  }
}

}  // namespace

bool is_attachable(const Cluster& cluster, const PersistentVolumeClaim& claim) {
  const ClusterClasses& classes = cluster.settings->classes;
  const std::string& name = cluster.strings[claim.storage_class];
  const auto of_claim =
      std::find_if(classes.storage.begin(), classes.storage.end(),
                   [&](const StorageClass& one) { return name.empty() ? one.by_default : one.name == name; });
  if (of_claim == classes.storage.end()) {
    return false;
  }
  return class_attaches(classes, *of_claim);
}

bool waits_for_volumes(const Cluster& cluster, Row row) {
  if (!anything_attaches(cluster)) {
    return false;
  }
  const Pod& pod = cluster.pods[row];
  const std::vector<VolumeAttachment>& all = cluster.attach_detach.attachments;
  const std::vector<Row> claims = attachable_claims(cluster, pod);
  return std::any_of(claims.begin(), claims.end(), [&](Row claim) {
    return std::none_of(all.begin(), all.end(), [&](const VolumeAttachment& one) {
      return one.claim == claim && one.uid == cluster.claims[claim].meta.uid && one.node == pod.node &&
             one.stage == Stage::Attached;
    });
  });
}

void observe(Turn& turn, const WatchEvent& event) {
  if (!anything_attaches(turn.cluster)) {
    return;
  }
  if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  } else if ((event.kind == Kind::Node && !turn.cluster.attach_detach.attachments.empty()) ||
             (event.kind == Kind::PersistentVolumeClaim && !turn.cluster.attach_detach.pods.empty())) {
    schedule_pass(turn, turn.now() + kPeriod, event.cause);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) {
  if (static_cast<Event>(event.kind) != Event::AttachDetachPass) {
    return false;
  }
  if (turn.cluster.attach_detach.pass_at == turn.now()) {
    turn.cluster.attach_detach.pass_at = sim::kNever;
    pass(turn, event.cause);
  }
  return true;
}

void restart(Turn& turn, sim::TransitionId cause) {
  AttachDetachState& state = turn.cluster.attach_detach;
  state.told.clear();
  for (VolumeAttachment& one : state.attachments) {
    one.unwanted_since = sim::kNever;
  }
  if (!state.attachments.empty() || !state.pods.empty()) {
    schedule_pass(turn, turn.now() + kPeriod, cause);
  }
}

}  // namespace models::kubernetes::attach_detach_controller

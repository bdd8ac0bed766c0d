#include "models/kubernetes/faults.h"

#include <fmt/core.h>

#include "models/kubernetes/attach_detach_controller.h"
#include "models/kubernetes/claim_controller.h"
#include "models/kubernetes/daemonset_controller.h"
#include "models/kubernetes/deployment_controller.h"
#include "models/kubernetes/disruption_controller.h"
#include "models/kubernetes/garbage_collector.h"
#include "models/kubernetes/job_controller.h"
#include "models/kubernetes/kubelet.h"
#include "models/kubernetes/node_lifecycle.h"
#include "models/kubernetes/node_power.h"
#include "models/kubernetes/pod_garbage_collector.h"
#include "models/kubernetes/replicaset_controller.h"
#include "models/kubernetes/statefulset_controller.h"
#include "models/kubernetes/taint_eviction.h"
#include "models/kubernetes/ttl_after_finished.h"

namespace models::kubernetes {

namespace {

constexpr By kFault{Writer::Fault, sim::kNoTransition};

bool strikes_node(FaultKind kind) { return kind >= FaultKind::NodeDies && kind <= FaultKind::NodeDeleted; }

template <class T>
bool is_there(const Store<T>& store, const Fault& fault) {
  return store.exists(fault.row) && (fault.uid == 0 || store[fault.row].meta.uid == fault.uid);
}

sim::TransitionId tell(Turn& turn, Uid subject, const char* what) {
  return emit_text(turn, subject, Field::Warning, kFault, what);
}

bool crash_pod(Turn& turn, const Fault& fault) {
  if (!kubelet::runs(turn.cluster, fault.row)) {
    return false;
  }
  const auto reason = fault.number == 0 ? ContainerReason::Completed : ContainerReason::Error;
  const sim::TransitionId told = emit(turn, turn.cluster.pods[fault.row].meta.uid, Field::PodTerminated,
                                      kFault, 0, fault.number, static_cast<std::uint32_t>(reason));
  return kubelet::end_containers(turn, fault.row, fault.number, told);
}

/// A machine whose Node was deleted can still be switched and can come back.
bool apply_to_node(Turn& turn, const Fault& fault) {
  if (!turn.cluster.nodes.alive(fault.row) ||
      (fault.uid != 0 && turn.cluster.nodes[fault.row].meta.uid != fault.uid)) {
    return false;
  }
  switch (fault.kind) {
    case FaultKind::NodeDies:
      return node_power::power_off(turn, fault.row, kFault);
    case FaultKind::NodeReturns:
      return node_power::power_on(turn, fault.row, kFault);
    case FaultKind::KubeletSilent:
      return node_power::silence_kubelet(turn, fault.row, kFault);
    case FaultKind::KubeletReturns:
      return node_power::kubelet_returns(turn, fault.row, kFault);
    case FaultKind::NodeShutsDown:
      return node_power::shut_down(turn, fault.row, kFault);
    default:
      return delete_node(turn, fault.row, kFault).ok();
  }
}

std::string_view node_words(FaultKind kind) {
  switch (kind) {
    case FaultKind::NodeDies:
      return "dies";
    case FaultKind::NodeReturns:
      return "returns";
    case FaultKind::KubeletSilent:
      return "no longer hears from its kubelet";
    case FaultKind::KubeletReturns:
      return "hears from its kubelet again";
    case FaultKind::NodeShutsDown:
      return "shuts down";
    default:
      return "is deleted";
  }
}

/// All controllers of the manager start anew. That another replica takes over after its lease ran out, about
/// 15 s later, is left out: they start at once.
bool restart_controller_manager(Turn& turn) {
  const sim::TransitionId told = tell(turn, 0, "the controller manager restarts");
  statefulset_controller::restart(turn, told);
  job_controller::restart(turn, told);
  replicaset_controller::restart(turn, told);
  deployment_controller::restart(turn, told);
  daemonset_controller::restart(turn, told);
  ttl_after_finished::restart(turn, told);
  claim_controller::restart(turn, told);
  attach_detach_controller::restart(turn, told);
  garbage_collector::restart(turn, told);
  pod_garbage_collector::restart(turn, told);
  node_lifecycle::restart(turn, told);
  disruption_controller::restart(turn, told);
  taint_eviction::restart(turn, told);
  return true;
}

bool apply_to_pod(Turn& turn, const Fault& fault) {
  const Uid uid = turn.cluster.pods[fault.row].meta.uid;
  switch (fault.kind) {
    case FaultKind::PodCrash:
      return crash_pod(turn, fault);
    case FaultKind::PodDeleted:
      return delete_pod(turn, fault.row, kFault, fault.number).ok();
    case FaultKind::PodNeverReady:
      return kubelet::known(turn.cluster, fault.row) &&
             kubelet::never_ready(turn, fault.row, tell(turn, uid, "the readiness probe will never succeed"));
    case FaultKind::ReadinessLost:
      return kubelet::known(turn.cluster, fault.row) &&
             kubelet::lose_readiness(turn, fault.row, tell(turn, uid, "the readiness probe begins to fail"));
    case FaultKind::ReadinessRegained:
      return kubelet::known(turn.cluster, fault.row) &&
             kubelet::regain_readiness(turn, fault.row,
                                       tell(turn, uid, "the readiness probe succeeds again"));
    default:
      return false;
  }
}

}  // namespace

bool apply(Turn& turn, const Fault& fault) {
  if (fault.kind == FaultKind::ControllerManagerRestarts) {
    return restart_controller_manager(turn);
  }
  if (strikes_node(fault.kind)) {
    return apply_to_node(turn, fault);
  }
  return is_there(turn.cluster.pods, fault) && apply_to_pod(turn, fault);
}

std::vector<Fault> possible_faults(const Cluster& cluster) {
  std::vector<Fault> faults;
  for (Row row = 0; row < cluster.pods.extent(); ++row) {
    if (!cluster.pods.exists(row)) {
      continue;
    }
    const Pod& pod = cluster.pods[row];
    if (kubelet::runs(cluster, row)) {
      faults.push_back({FaultKind::PodCrash, row, pod.meta.uid, 1});
    }
    if (!pod.meta.deleting()) {
      faults.push_back({FaultKind::PodDeleted, row, pod.meta.uid, -1});
    }
    if (!pod.ready && !pod.terminal() && kubelet::known(cluster, row) &&
        !cluster.kubelet.pods[row].never_ready) {
      faults.push_back({FaultKind::PodNeverReady, row, pod.meta.uid, 0});
    }
  }
  for (Row row = 0; row < cluster.nodes.extent(); ++row) {
    if (cluster.nodes.exists(row) && cluster.nodes[row].kubelet_alive) {
      faults.push_back({FaultKind::NodeDies, row, cluster.nodes[row].meta.uid, 0});
    }
  }
  faults.push_back({FaultKind::ControllerManagerRestarts, kNoRow, 0, 0});
  return faults;
}

std::string to_text(const Cluster& cluster, const Fault& fault) {
  if (fault.kind == FaultKind::ControllerManagerRestarts) {
    return "the controller manager restarts";
  }
  if (strikes_node(fault.kind)) {
    return fmt::format("node {} {}", cluster.name_of(cluster.nodes[fault.row].meta), node_words(fault.kind));
  }
  const Pod& pod = cluster.pods[fault.row];
  const std::string name =
      fmt::format("pod {}/{}", cluster.strings[pod.meta.name_space], cluster.name_of(pod));
  switch (fault.kind) {
    case FaultKind::PodCrash:
      return fmt::format("{} exits with code {}", name, fault.number);
    case FaultKind::PodDeleted:
      return fmt::format("{} is deleted", name);
    case FaultKind::PodNeverReady:
      return fmt::format("{} never becomes ready", name);
    case FaultKind::ReadinessLost:
      return fmt::format("{} loses its readiness", name);
    default:
      return fmt::format("{} regains its readiness", name);
  }
}

void fail_writes(Turn& turn, Kind kind, Verb verb, std::uint32_t times, std::uint32_t skip) {
  turn.cluster.write_faults.push_back({kind, static_cast<std::uint8_t>(verb), times, skip});
  tell(turn, 0, "writes begin to fail");
}

void set_pod_quota(Turn& turn, Text name_space, std::int32_t pods) {
  for (PodQuota& quota : turn.cluster.pod_quotas) {
    if (quota.name_space == name_space) {
      quota.pods = pods;
      return;
    }
  }
  turn.cluster.pod_quotas.push_back({name_space, pods});
}

}  // namespace models::kubernetes

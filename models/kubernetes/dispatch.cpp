// Which part of the model an event is for.

#include "models/kubernetes/api.h"
#include "models/kubernetes/attach_detach_controller.h"
#include "models/kubernetes/claim_controller.h"
#include "models/kubernetes/cloud_node_lifecycle.h"
#include "models/kubernetes/daemonset_controller.h"
#include "models/kubernetes/deployment_controller.h"
#include "models/kubernetes/disruption_controller.h"
#include "models/kubernetes/garbage_collector.h"
#include "models/kubernetes/job_controller.h"
#include "models/kubernetes/kubelet.h"
#include "models/kubernetes/node_lifecycle.h"
#include "models/kubernetes/node_shutdown.h"
#include "models/kubernetes/pod_garbage_collector.h"
#include "models/kubernetes/replicaset_controller.h"
#include "models/kubernetes/scheduler.h"
#include "models/kubernetes/statefulset_controller.h"
#include "models/kubernetes/taint_eviction.h"
#include "models/kubernetes/ttl_after_finished.h"
#include "sim/require.h"

namespace models::kubernetes {

namespace {

/// The controllers of the controller manager, in the order in which each watch event is handed to them.
void controller_manager_receives(Turn& turn, const WatchEvent& event) {
  statefulset_controller::observe(turn, event);
  job_controller::observe(turn, event);
  replicaset_controller::observe(turn, event);
  deployment_controller::observe(turn, event);
  daemonset_controller::observe(turn, event);
  ttl_after_finished::observe(turn, event);
  claim_controller::observe(turn, event);
  attach_detach_controller::observe(turn, event);
  garbage_collector::observe(turn, event);
  pod_garbage_collector::observe(turn, event);
  node_lifecycle::observe(turn, event);
  disruption_controller::observe(turn, event);
  taint_eviction::observe(turn, event);
  cloud_node_lifecycle::observe(turn, event);
}

void receive(Turn& turn, ObserverId observer) {
  switch (observer) {
    case ObserverId::ControllerManager:
      deliver(turn, observer, [&](const WatchEvent& event) { controller_manager_receives(turn, event); });
      return;
    case ObserverId::Scheduler:
      deliver(turn, observer, [&](const WatchEvent& event) { scheduler::observe(turn, event); });
      return;
    case ObserverId::Kubelets:
      deliver(turn, observer, [&](const WatchEvent& event) { kubelet::observe(turn, event); });
      return;
    case ObserverId::FluxOperator:
      // The model that composes this one with Flux delivers to it; without one, nobody listens.
      deliver(turn, observer, [](const WatchEvent&) {});
      return;
  }
}

}  // namespace

void dispatch(Turn& turn, const sim::PendingEvent& event) {
  switch (static_cast<Event>(event.kind)) {
    case Event::Deliver:
      receive(turn, static_cast<ObserverId>(event.subject));
      return;
    case Event::StatefulSetQueueRun:
    case Event::StatefulSetWake:
    case Event::StatefulSetResume:
      statefulset_controller::on_event(turn, event);
      return;
    case Event::JobQueueRun:
    case Event::JobWake:
    case Event::JobResume:
    case Event::JobOrphan:
      job_controller::on_event(turn, event);
      return;
    case Event::JobTtlExpired:
    case Event::JobTtlDelete:
      ttl_after_finished::on_event(turn, event);
      return;
    case Event::SchedulerRun:
    case Event::SchedulerFlush:
      scheduler::on_event(turn, event);
      return;
    case Event::KubeletPod:
    case Event::KubeletContainerEnd:
    case Event::KubeletKill:
    case Event::KubeletReady:
    case Event::KubeletDeadline:
      kubelet::on_event(turn, event);
      return;
    case Event::GarbageCollect:
      garbage_collector::on_event(turn, event);
      return;
    case Event::PodGarbageCollectorTick:
      pod_garbage_collector::on_event(turn, event);
      return;
    case Event::NodeMonitorTick:
    case Event::NodeEvictionTick:
      node_lifecycle::on_event(turn, event);
      return;
    case Event::DisruptionQueueRun:
    case Event::DisruptionWake:
    case Event::DisruptionResume:
    case Event::DisruptionStalePod:
      disruption_controller::on_event(turn, event);
      return;
    case Event::TaintEviction:
      taint_eviction::on_event(turn, event);
      return;
    case Event::CloudNodeTick:
      cloud_node_lifecycle::on_event(turn, event);
      return;
    case Event::NodeShutdownStep:
      node_shutdown::on_event(turn, event);
      return;
    case Event::ClaimBind:
    case Event::ClaimProtection:
      claim_controller::on_event(turn, event);
      return;
    case Event::AttachDetachPass:
      attach_detach_controller::on_event(turn, event);
      return;
    case Event::ReplicaSetQueueRun:
    case Event::ReplicaSetWake:
    case Event::ReplicaSetResume:
      replicaset_controller::on_event(turn, event);
      return;
    case Event::DeploymentQueueRun:
    case Event::DeploymentWake:
    case Event::DeploymentResume:
      deployment_controller::on_event(turn, event);
      return;
    case Event::DaemonSetQueueRun:
    case Event::DaemonSetWake:
    case Event::DaemonSetResume:
      daemonset_controller::on_event(turn, event);
      return;
    case Event::kEnd:
      break;
  }
  sim::fail("an event that no model knows");
}

}  // namespace models::kubernetes

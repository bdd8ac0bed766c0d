#include "scenarios/targets/fidelity/controller_queues.h"

#include "models/kubernetes/requests.h"

namespace scenarios::targets {

namespace kubernetes = models::kubernetes;
using kubernetes::Event;
using kubernetes::Kind;
using kubernetes::Writer;

Kind kind_of_queue(Event event) {
  switch (event) {
    case Event::StatefulSetQueueRun:
      return Kind::StatefulSet;
    case Event::JobQueueRun:
      return Kind::Job;
    case Event::ReplicaSetQueueRun:
      return Kind::ReplicaSet;
    case Event::DeploymentQueueRun:
      return Kind::Deployment;
    case Event::DaemonSetQueueRun:
      return Kind::DaemonSet;
    case Event::DisruptionQueueRun:
      return Kind::PodDisruptionBudget;
    default:
      return Kind::None;
  }
}

Event queue_run_of(Kind kind) {
  return kind == Kind::StatefulSet  ? Event::StatefulSetQueueRun
         : kind == Kind::Job        ? Event::JobQueueRun
         : kind == Kind::ReplicaSet ? Event::ReplicaSetQueueRun
         : kind == Kind::Deployment ? Event::DeploymentQueueRun
         : kind == Kind::DaemonSet  ? Event::DaemonSetQueueRun
                                    : Event::DisruptionQueueRun;
}

Event wake_of(Kind kind) {
  return kind == Kind::StatefulSet  ? Event::StatefulSetWake
         : kind == Kind::Job        ? Event::JobWake
         : kind == Kind::ReplicaSet ? Event::ReplicaSetWake
         : kind == Kind::Deployment ? Event::DeploymentWake
         : kind == Kind::DaemonSet  ? Event::DaemonSetWake
                                    : Event::DisruptionWake;
}

Writer controller_of(Kind kind) {
  return kind == Kind::StatefulSet  ? Writer::StatefulSetController
         : kind == Kind::Job        ? Writer::JobController
         : kind == Kind::ReplicaSet ? Writer::ReplicaSetController
         : kind == Kind::Deployment ? Writer::DeploymentController
         : kind == Kind::DaemonSet  ? Writer::DaemonSetController
                                    : Writer::DisruptionController;
}

kubernetes::WorkQueue& queue_of(kubernetes::Cluster& cluster, Kind kind) {
  return kind == Kind::StatefulSet  ? cluster.statefulset_controller.queue
         : kind == Kind::Job        ? cluster.job_controller.queue
         : kind == Kind::ReplicaSet ? cluster.replicaset_controller.queue
         : kind == Kind::Deployment ? cluster.deployment_controller.queue
         : kind == Kind::DaemonSet  ? cluster.daemonset_controller.queue
                                    : cluster.disruption_controller.queue;
}

const kubernetes::Meta& meta_at(const kubernetes::Cluster& cluster, Kind kind, kubernetes::Row row) {
  return kind == Kind::StatefulSet  ? cluster.statefulsets[row].meta
         : kind == Kind::Job        ? cluster.jobs[row].meta
         : kind == Kind::ReplicaSet ? cluster.replicasets[row].meta
         : kind == Kind::Deployment ? cluster.deployments[row].meta
         : kind == Kind::DaemonSet  ? cluster.daemonsets[row].meta
                                    : cluster.budgets[row].meta;
}

std::string name_at(const kubernetes::Cluster& cluster, Kind kind, kubernetes::Row row) {
  const kubernetes::Meta& meta = meta_at(cluster, kind, row);
  return kubernetes::lasting_name({static_cast<std::uint32_t>(kind), meta.name_space, meta.name, -1, 0},
                                  cluster.strings);
}

}  // namespace scenarios::targets

#include "scenarios/targets/fidelity/controller_queues.h"

#include <algorithm>

#include "models/kubernetes/requests.h"
#include "sim/require.h"

namespace scenarios::targets {

namespace kubernetes = models::kubernetes;
using kubernetes::Event;
using kubernetes::Kind;
using kubernetes::Writer;

namespace {

/// A controller whose syncs are timed, by the kind of its objects.
struct Queued {
  Kind kind;
  Event queue_run;
  Event wake;
  Writer writer;
  kubernetes::WorkQueue& (*queue)(kubernetes::Cluster&);
  const kubernetes::Meta& (*meta)(const kubernetes::Cluster&, kubernetes::Row);
};

template <auto Controller>
kubernetes::WorkQueue& queue_in(kubernetes::Cluster& cluster) {
  return (cluster.*Controller).queue;
}

template <auto Table>
const kubernetes::Meta& meta_in(const kubernetes::Cluster& cluster, kubernetes::Row row) {
  return (cluster.*Table)[row].meta;
}

using kubernetes::Cluster;

constexpr std::array<Queued, kQueuedKinds.size()> kQueued{{
    {Kind::StatefulSet, Event::StatefulSetQueueRun, Event::StatefulSetWake, Writer::StatefulSetController,
     queue_in<&Cluster::statefulset_controller>, meta_in<&Cluster::statefulsets>},
    {Kind::Job, Event::JobQueueRun, Event::JobWake, Writer::JobController, queue_in<&Cluster::job_controller>,
     meta_in<&Cluster::jobs>},
    {Kind::ReplicaSet, Event::ReplicaSetQueueRun, Event::ReplicaSetWake, Writer::ReplicaSetController,
     queue_in<&Cluster::replicaset_controller>, meta_in<&Cluster::replicasets>},
    {Kind::Deployment, Event::DeploymentQueueRun, Event::DeploymentWake, Writer::DeploymentController,
     queue_in<&Cluster::deployment_controller>, meta_in<&Cluster::deployments>},
    {Kind::DaemonSet, Event::DaemonSetQueueRun, Event::DaemonSetWake, Writer::DaemonSetController,
     queue_in<&Cluster::daemonset_controller>, meta_in<&Cluster::daemonsets>},
    {Kind::PodDisruptionBudget, Event::DisruptionQueueRun, Event::DisruptionWake,
     Writer::DisruptionController, queue_in<&Cluster::disruption_controller>, meta_in<&Cluster::budgets>},
}};

const Queued& of(Kind kind) {
  const auto found =
      std::find_if(kQueued.begin(), kQueued.end(), [&](const Queued& one) { return one.kind == kind; });
  sim::require(found != kQueued.end(), "a kind whose controller has a queue that a replay times");
  return *found;
}

}  // namespace

Kind kind_of_queue(Event event) {
  const auto found =
      std::find_if(kQueued.begin(), kQueued.end(), [&](const Queued& one) { return one.queue_run == event; });
  return found == kQueued.end() ? Kind::None : found->kind;
}

Event queue_run_of(Kind kind) { return of(kind).queue_run; }

Event wake_of(Kind kind) { return of(kind).wake; }

Writer controller_of(Kind kind) { return of(kind).writer; }

kubernetes::WorkQueue& queue_of(Cluster& cluster, Kind kind) { return of(kind).queue(cluster); }

const kubernetes::Meta& meta_at(const Cluster& cluster, Kind kind, kubernetes::Row row) {
  return of(kind).meta(cluster, row);
}

std::string name_at(const Cluster& cluster, Kind kind, kubernetes::Row row) {
  const kubernetes::Meta& meta = meta_at(cluster, kind, row);
  return kubernetes::lasting_name({static_cast<std::uint32_t>(kind), meta.name_space, meta.name, -1, 0},
                                  cluster.strings);
}

}  // namespace scenarios::targets

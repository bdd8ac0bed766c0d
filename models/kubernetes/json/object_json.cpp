#include "models/kubernetes/json/object_json.h"

#include "models/kubernetes/json/budget_json.h"
#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/job_json.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/statefulset_json.h"
#include "models/kubernetes/json/workload_json.h"
#include "sim/require.h"

namespace models::kubernetes::json {

Json to_json(const Cluster& cluster, Kind kind, Row row, UnixSeconds epoch) {
  switch (kind) {
    case Kind::Node:
      return node_json(cluster, cluster.nodes[row], epoch);
    case Kind::Pod:
      return pod_json(cluster, cluster.pods[row], epoch);
    case Kind::StatefulSet:
      return statefulset_json(cluster, cluster.statefulsets[row], epoch);
    case Kind::Job:
      return job_json(cluster, cluster.jobs[row], epoch);
    case Kind::PersistentVolumeClaim:
      return claim_json(cluster, cluster.claims[row], epoch);
    case Kind::ControllerRevision:
      return revision_json(cluster, cluster.revisions[row], epoch);
    case Kind::PodDisruptionBudget:
      return budget_json(cluster, cluster.budgets[row], epoch);
    case Kind::ReplicaSet:
      return replicaset_json(cluster, cluster.replicasets[row], epoch);
    case Kind::Deployment:
      return deployment_json(cluster, cluster.deployments[row], epoch);
    case Kind::DaemonSet:
      return daemonset_json(cluster, cluster.daemonsets[row], epoch);
    case Kind::None:
    case Kind::MiniCluster:
    case Kind::Other:
      break;
  }
  sim::fail("a kind that another folder prints");
}

Row find_object(const Cluster& cluster, Kind kind, std::string_view name_space, std::string_view name) {
  switch (kind) {
    case Kind::Node:
      return cluster.find_node(name);
    case Kind::Pod:
      return cluster.find_pod(name_space, name);
    case Kind::StatefulSet:
      return cluster.find_statefulset(name_space, name);
    case Kind::Job:
      return cluster.find_job(name_space, name);
    case Kind::PersistentVolumeClaim:
      return cluster.find_claim(name_space, name);
    case Kind::ControllerRevision:
      for (Row row = 0; row < cluster.revisions.extent(); ++row) {
        if (cluster.revisions.exists(row) && cluster.name_of(cluster.revisions[row].meta) == name &&
            cluster.strings[cluster.revisions[row].meta.name_space] == name_space) {
          return row;
        }
      }
      return kNoRow;
    case Kind::PodDisruptionBudget:
      return cluster.find_budget(name_space, name);
    case Kind::ReplicaSet:
      return cluster.find_replicaset(name_space, name);
    case Kind::Deployment:
      return cluster.find_deployment(name_space, name);
    case Kind::DaemonSet:
      return cluster.find_daemonset(name_space, name);
    case Kind::None:
    case Kind::MiniCluster:
    case Kind::Other:
      break;
  }
  return kNoRow;
}

}  // namespace models::kubernetes::json

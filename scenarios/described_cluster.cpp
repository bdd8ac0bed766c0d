#include "scenarios/described_cluster.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

namespace scenarios {

namespace {

using Json = nlohmann::ordered_json;
using language::Located;
using language::Text;
namespace kubernetes = models::kubernetes;

std::int64_t whole_seconds(language::Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

template <class T>
void put(Json& object, const char* key, const Located<T>& value) {
  if (value.given()) {
    object[key] = value.value;
  }
}
void put(Json& object, const char* key, const Text& text) {
  if (text.given()) {
    object[key] = text.value;
  }
}
void put_seconds(Json& object, const char* key, const Located<language::Duration>& value) {
  if (value.given()) {
    object[key] = whole_seconds(value.value);
  }
}

Json metadata(const std::string& name, const Text& name_space) {
  return {{"name", name}, {"namespace", name_space.given() ? name_space.value : "default"}};
}

/// spec.template of a described workload: the fields that all of them share.
template <class Workload>
Json pod_template(const std::string& name, const Workload& workload) {
  Json labels = {{"app", name}};
  for (const auto& label : workload.labels) {
    labels[label.name.value] = label.value.value;
  }
  Json requests = Json::object();
  if (workload.cpu.given()) {
    requests["cpu"] = language::format_cpu(workload.cpu.value);
  }
  if (workload.memory.given()) {
    requests["memory"] = language::format_bytes(workload.memory.value);
  }
  Json containers = Json::array();
  for (std::int64_t i = 0; i < workload.containers.value; ++i) {
    Json container = {{"name", i == 0 ? name : fmt::format("{}-{}", name, i)}, {"image", name}};
    // The pod's requests are its first container's, so that the sum is what was described.
    if (i == 0 && !requests.empty()) {
      container["resources"] = {{"requests", requests}};
    }
    containers.push_back(std::move(container));
  }
  Json spec = {{"containers", std::move(containers)}};
  put_seconds(spec, "terminationGracePeriodSeconds", workload.termination_grace_period);
  if (workload.one_per_node.value) {
    spec["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = Json::array(
        {{{"labelSelector", {{"matchLabels", {{"app", name}}}}}, {"topologyKey", "kubernetes.io/hostname"}}});
  }
  return {{"metadata", {{"labels", std::move(labels)}}}, {"spec", std::move(spec)}};
}

Json statefulset_manifest(const std::string& name, const language::StatefulSet& set) {
  Json spec = {{"serviceName", set.service_name.given() ? set.service_name.value : name},
               {"selector", {{"matchLabels", {{"app", name}}}}},
               {"template", pod_template(name, set)}};
  put(spec, "replicas", set.replicas);
  put(spec, "podManagementPolicy", set.pod_management_policy);
  put(spec, "minReadySeconds", set.min_ready_seconds);
  put(spec, "revisionHistoryLimit", set.revision_history_limit);
  if (set.start.given()) {
    spec["ordinals"]["start"] = set.start.value;
  }
  if (set.update_strategy.given()) {
    spec["updateStrategy"]["type"] = set.update_strategy.value;
  }
  if (set.partition.given()) {
    spec["updateStrategy"]["rollingUpdate"]["partition"] = set.partition.value;
  }
  if (set.max_unavailable.given()) {
    const language::CountOrPercent& most = set.max_unavailable.value;
    Json& into = spec["updateStrategy"]["rollingUpdate"]["maxUnavailable"];
    into = most.percent ? Json(fmt::format("{}%", most.value)) : Json(most.value);
  }
  if (set.when_scaled.given() || set.when_deleted.given()) {
    Json policy = Json::object();
    put(policy, "whenScaled", set.when_scaled);
    put(policy, "whenDeleted", set.when_deleted);
    spec["persistentVolumeClaimRetentionPolicy"] = std::move(policy);
  }
  for (const auto& claim : set.claims) {
    spec["volumeClaimTemplates"].push_back(
        {{"metadata", {{"name", claim.name.value}}},
         {"spec",
          {{"accessModes", {"ReadWriteOnce"}},
           {"resources", {{"requests", {{"storage", language::format_bytes(claim.value.value)}}}}}}}});
  }
  return {{"apiVersion", "apps/v1"},
          {"kind", "StatefulSet"},
          {"metadata", metadata(name, set.name_space)},
          {"spec", std::move(spec)}};
}

Json share(const language::CountOrPercent& value) {
  return value.percent ? Json(fmt::format("{}%", value.value)) : Json(value.value);
}

Json deployment_manifest(const std::string& name, const language::Deployment& deployment) {
  Json spec = {{"selector", {{"matchLabels", {{"app", name}}}}},
               {"template", pod_template(name, deployment)}};
  put(spec, "replicas", deployment.replicas);
  put(spec, "minReadySeconds", deployment.min_ready_seconds);
  put(spec, "progressDeadlineSeconds", deployment.progress_deadline_seconds);
  put(spec, "revisionHistoryLimit", deployment.revision_history_limit);
  put(spec, "paused", deployment.paused);
  if (deployment.strategy.given()) {
    spec["strategy"]["type"] = deployment.strategy.value;
  }
  if (deployment.max_surge.given()) {
    spec["strategy"]["rollingUpdate"]["maxSurge"] = share(deployment.max_surge.value);
  }
  if (deployment.max_unavailable.given()) {
    spec["strategy"]["rollingUpdate"]["maxUnavailable"] = share(deployment.max_unavailable.value);
  }
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", metadata(name, deployment.name_space)},
          {"spec", std::move(spec)}};
}

Json daemonset_manifest(const std::string& name, const language::DaemonSet& set) {
  Json spec = {{"selector", {{"matchLabels", {{"app", name}}}}}, {"template", pod_template(name, set)}};
  put(spec, "minReadySeconds", set.min_ready_seconds);
  put(spec, "revisionHistoryLimit", set.revision_history_limit);
  if (set.update_strategy.given()) {
    spec["updateStrategy"]["type"] = set.update_strategy.value;
  }
  if (set.max_surge.given()) {
    spec["updateStrategy"]["rollingUpdate"]["maxSurge"] = share(set.max_surge.value);
  }
  if (set.max_unavailable.given()) {
    spec["updateStrategy"]["rollingUpdate"]["maxUnavailable"] = share(set.max_unavailable.value);
  }
  for (const auto& label : set.node_selector) {
    spec["template"]["spec"]["nodeSelector"][label.name.value] = label.value.value;
  }
  if (set.tolerates_everything.value) {
    spec["template"]["spec"]["tolerations"] = Json::array({{{"operator", "Exists"}}});
  }
  return {{"apiVersion", "apps/v1"},
          {"kind", "DaemonSet"},
          {"metadata", metadata(name, set.name_space)},
          {"spec", std::move(spec)}};
}

Json failure_policy(const language::PodFailurePolicy& policy) {
  Json rules = Json::array();
  for (const language::PodFailureRule& rule : policy.rules) {
    Json json = {{"action", rule.action.value}};
    if (rule.on_exit_codes) {
      Json codes = Json::object();
      put(codes, "containerName", rule.on_exit_codes->container_name);
      codes["operator"] = rule.on_exit_codes->operator_word.value;
      codes["values"] = Json::array();
      for (const auto& value : rule.on_exit_codes->values) {
        codes["values"].push_back(value.value);
      }
      json["onExitCodes"] = std::move(codes);
    }
    for (const language::OnPodCondition& condition : rule.on_pod_conditions) {
      Json pattern = {{"type", condition.type.value}};
      put(pattern, "status", condition.status);
      json["onPodConditions"].push_back(std::move(pattern));
    }
    rules.push_back(std::move(json));
  }
  return {{"rules", std::move(rules)}};
}

Json success_policy(const language::SuccessPolicy& policy) {
  Json rules = Json::array();
  for (const language::SuccessRule& rule : policy.rules) {
    Json json = Json::object();
    if (rule.succeeded_indexes.given()) {
      kubernetes::IndexSet indexes;
      for (const language::IndexSet::Range& range : rule.succeeded_indexes.value.ranges) {
        indexes.insert_interval(range.first, range.last);
      }
      json["succeededIndexes"] = indexes.to_text();
    }
    put(json, "succeededCount", rule.succeeded_count);
    rules.push_back(std::move(json));
  }
  return {{"rules", std::move(rules)}};
}

Json job_manifest(const std::string& name, const language::Job& job) {
  Json spec = Json::object();
  put(spec, "completions", job.completions);
  put(spec, "parallelism", job.parallelism);
  put(spec, "completionMode", job.completion_mode);
  put(spec, "backoffLimit", job.backoff_limit);
  put(spec, "backoffLimitPerIndex", job.backoff_limit_per_index);
  put(spec, "maxFailedIndexes", job.max_failed_indexes);
  put(spec, "podReplacementPolicy", job.pod_replacement_policy);
  put(spec, "suspend", job.suspend);
  put_seconds(spec, "activeDeadlineSeconds", job.active_deadline);
  put_seconds(spec, "ttlSecondsAfterFinished", job.ttl_after_finished);
  if (job.pod_failure_policy) {
    spec["podFailurePolicy"] = failure_policy(*job.pod_failure_policy);
  }
  if (job.success_policy) {
    spec["successPolicy"] = success_policy(*job.success_policy);
  }
  spec["template"] = pod_template(name, job);
  spec["template"]["spec"]["restartPolicy"] = job.restart_policy.given() ? job.restart_policy.value : "Never";
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", metadata(name, job.name_space)},
          {"spec", std::move(spec)}};
}

Json minicluster_manifest(const std::string& name, const language::MiniCluster& minicluster) {
  Json container = {{"image", "flux"}, {"name", name}, {"runFlux", true}};
  Json requests = Json::object();
  if (minicluster.cpu.given()) {
    requests["cpu"] = language::format_cpu(minicluster.cpu.value);
  }
  if (minicluster.memory.given()) {
    requests["memory"] = language::format_bytes(minicluster.memory.value);
  }
  if (!requests.empty()) {
    container["resources"] = {{"requests", std::move(requests)}};
  }
  Json spec = Json::object();
  put(spec, "size", minicluster.size);
  put(spec, "maxSize", minicluster.max_size);
  put(spec, "minSize", minicluster.min_size);
  put(spec, "interactive", minicluster.interactive);
  put(spec, "cleanup", minicluster.cleanup);
  put(spec, "restartWorkers", minicluster.restart_workers);
  put(spec, "suspendWorkers", minicluster.suspend_workers);
  put(spec, "backoffLimit", minicluster.backoff_limit);
  put_seconds(spec, "deadlineSeconds", minicluster.deadline);
  if (minicluster.complete_workers.given()) {
    spec["flux"]["completeWorkers"] = minicluster.complete_workers.value;
  }
  spec["containers"] = Json::array({std::move(container)});
  return {{"apiVersion", "flux-framework.org/v1alpha2"},
          {"kind", "MiniCluster"},
          {"metadata", metadata(name, minicluster.name_space)},
          {"spec", std::move(spec)}};
}

Json budget_manifest(const std::string& name, const language::PodDisruptionBudget& budget) {
  Json spec = Json::object();
  for (const auto& [key, value] : {std::pair{"minAvailable", &budget.min_available},
                                   std::pair{"maxUnavailable", &budget.max_unavailable}}) {
    if (value->given()) {
      const language::CountOrPercent& amount = value->value;
      spec[key] = amount.percent ? Json(fmt::format("{}%", amount.value)) : Json(amount.value);
    }
  }
  Json& selector = spec["selector"] = Json::object();
  if (!budget.selector) {
    selector["matchLabels"]["app"] = name;
  } else {
    for (const auto& label : *budget.selector) {
      selector["matchLabels"][label.name.value] = label.value.value;
    }
  }
  put(spec, "unhealthyPodEvictionPolicy", budget.unhealthy_pod_eviction_policy);
  return {{"apiVersion", "policy/v1"},
          {"kind", "PodDisruptionBudget"},
          {"metadata", metadata(name, budget.name_space)},
          {"spec", std::move(spec)}};
}

kubernetes::Behaviour behaviour_of(const language::BehaviourRow& row) {
  kubernetes::Behaviour behaviour;
  const auto take = [](const Located<models::timing::Distribution>& from,
                       std::optional<models::timing::Distribution>& to) {
    if (from.given()) {
      to = from.value;
    }
  };
  take(row.init, behaviour.init);
  take(row.start, behaviour.start);
  take(row.ready, behaviour.ready);
  take(row.run, behaviour.run);
  take(row.stop, behaviour.stop);
  for (const auto& code : row.exit) {
    behaviour.exit_codes.push_back(static_cast<std::int32_t>(code.value));
  }
  if (row.never_ready.given()) {
    behaviour.never_ready = row.never_ready.value;
  }
  if (row.ignores_termination.given()) {
    behaviour.ignores_termination = row.ignores_termination.value;
  }
  return behaviour;
}

}  // namespace

std::vector<DescribedObject> described_objects(const language::Cluster& cluster) {
  std::vector<DescribedObject> objects;
  for (const auto& set : cluster.statefulsets) {
    objects.push_back({statefulset_manifest(set.name.value, set.value), set.name.at,
                       "cluster.statefulsets." + set.name.value});
  }
  for (const auto& deployment : cluster.deployments) {
    objects.push_back({deployment_manifest(deployment.name.value, deployment.value), deployment.name.at,
                       "cluster.deployments." + deployment.name.value});
  }
  for (const auto& set : cluster.daemonsets) {
    objects.push_back(
        {daemonset_manifest(set.name.value, set.value), set.name.at, "cluster.daemonsets." + set.name.value});
  }
  for (const auto& job : cluster.jobs) {
    objects.push_back(
        {job_manifest(job.name.value, job.value), job.name.at, "cluster.jobs." + job.name.value});
  }
  for (const auto& minicluster : cluster.miniclusters) {
    objects.push_back({minicluster_manifest(minicluster.name.value, minicluster.value), minicluster.name.at,
                       "cluster.miniclusters." + minicluster.name.value});
  }
  for (const auto& budget : cluster.pod_disruption_budgets) {
    objects.push_back({budget_manifest(budget.name.value, budget.value), budget.name.at,
                       "cluster.podDisruptionBudgets." + budget.name.value});
  }
  return objects;
}

std::vector<DescribedNode> described_nodes(const language::Cluster& cluster,
                                           const std::string& kubelet_version) {
  std::vector<DescribedNode> nodes;
  for (const language::NodeEntry& entry : cluster.nodes) {
    for (const std::string& name : entry.names.hosts) {
      DescribedNode node;
      node.name = name;
      node.at = entry.names.at;
      node.shape.cpu_millicores = entry.group.cpu.value.value;
      node.shape.memory_bytes = entry.group.memory.value.value;
      if (entry.group.pods.given()) {
        node.shape.pods = static_cast<std::int32_t>(entry.group.pods.value);
      }
      node.shape.kubelet_version = kubelet_version;
      for (const auto& label : entry.group.labels) {
        node.shape.labels.emplace_back(label.name.value, label.value.value);
      }
      std::sort(node.shape.labels.begin(), node.shape.labels.end());
      for (const language::Taint& taint : entry.group.taints) {
        node.taints.push_back({taint.key.value, taint.value.value, taint.effect.value});
      }
      node.unschedulable = entry.group.unschedulable.value;
      nodes.push_back(std::move(node));
    }
  }
  return nodes;
}

std::vector<kubernetes::BehaviourRule> described_behaviours(const language::Scenario& scenario) {
  std::vector<kubernetes::BehaviourRule> rules;
  for (const auto& entry : scenario.behaviour) {
    // A key may be a hostlist of pods; one that is no list names an object.
    std::vector<std::string> names = {entry.name.value};
    if (const auto expanded = language::expand_hostlist(entry.name.value); expanded.value) {
      names = *expanded.value;
    }
    for (const std::string& name : names) {
      for (const language::FlatBehaviour& flat : language::flatten(entry.value)) {
        kubernetes::BehaviourRule rule;
        rule.name = name;
        rule.index = flat.index;
        rule.attempt = flat.attempt > 0 ? flat.attempt - 1 : -1;
        rule.behaviour = behaviour_of(*flat.row);
        rules.push_back(std::move(rule));
      }
    }
  }
  return rules;
}

}  // namespace scenarios

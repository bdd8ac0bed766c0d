#include "models/flux/job_template.h"

#include <algorithm>
#include <utility>

#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/quantity.h"

namespace models::flux {

namespace json = kubernetes::json;
using json::Json;
using kubernetes::Container;
using kubernetes::PodTemplate;

namespace {

/// Source: job.go, the default number of pod failures.
constexpr std::int32_t kBackoffLimit = 100;

void set_label(kubernetes::LabelMap& labels, std::string_view key, const std::string& value) {
  const auto found = std::lower_bound(labels.begin(), labels.end(), key,
                                      [](const auto& label, std::string_view k) { return label.first < k; });
  if (found != labels.end() && found->first == key) {
    found->second = value;
  } else {
    labels.emplace(found, std::string(key), value);
  }
}

Json container_json(const Container& container, std::string_view script) {
  Json object;
  object["name"] = container.name;
  object["image"] = container.image;
  object["command"] = Json::array({"/bin/bash", script});
  object["imagePullPolicy"] = "IfNotPresent";
  Json requests = Json::object();
  if (container.cpu_millicores > 0) {
    requests["cpu"] = kubernetes::cpu_text(container.cpu_millicores);
  }
  if (container.memory_bytes > 0) {
    requests["memory"] = kubernetes::bytes_text(container.memory_bytes);
  }
  object["resources"] = requests.empty() ? Json::object() : Json{{"requests", requests}};
  object["stdin"] = true;
  object["tty"] = true;
  return object;
}

Json template_json(const PodTemplate& pod_template, const std::string& subdomain) {
  Json object;
  object["metadata"]["labels"] = json::to_json(pod_template.labels);
  if (!pod_template.annotations.empty()) {
    object["metadata"]["annotations"] = json::to_json(pod_template.annotations);
  }
  Json& spec = object["spec"];
  spec["containers"] = Json::array();
  spec["initContainers"] = Json::array();
  for (const Container& container : pod_template.containers) {
    spec[container.init ? "initContainers" : "containers"].push_back(container_json(
        container, container.init ? "/flux_operator/flux-init.sh" : "/flux_operator/wait-0.sh"));
  }
  if (!pod_template.node_selector.empty()) {
    spec["nodeSelector"] = json::to_json(pod_template.node_selector);
  }
  for (const kubernetes::Toleration& toleration : pod_template.tolerations) {
    Json one = Json::object();
    one["effect"] = toleration.effect;
    one["key"] = toleration.key;
    one["operator"] = toleration.exists ? "Exists" : "Equal";
    if (!toleration.value.empty()) {
      one["value"] = toleration.value;
    }
    spec["tolerations"].push_back(one);
  }
  spec["restartPolicy"] =
      pod_template.restart_policy == kubernetes::RestartPolicy::Never ? "Never" : "OnFailure";
  spec["setHostnameAsFQDN"] = false;
  spec["subdomain"] = subdomain;
  spec["terminationGracePeriodSeconds"] = pod_template.termination_grace_seconds;
  return object;
}

PodTemplate pod_template_of(const kubernetes::Cluster& cluster, const MiniCluster& minicluster) {
  const MiniClusterDetails& details = *minicluster.details;
  const std::string& name = cluster.name_of(minicluster.meta);
  PodTemplate pod_template;
  pod_template.labels = details.pod_labels;
  std::sort(pod_template.labels.begin(), pod_template.labels.end());
  set_label(pod_template.labels, "app", "flux-operator");
  set_label(pod_template.labels, "app.kubernetes.io/name", name);
  set_label(pod_template.labels, "hpa-selector", name);
  set_label(pod_template.labels, "namespace", cluster.strings[minicluster.meta.name_space]);
  pod_template.annotations = details.pod_annotations;
  pod_template.containers = details.containers;
  pod_template.restart_policy = details.restart_policy;
  pod_template.node_selector = details.node_selector;
  pod_template.tolerations = details.tolerations;
  pod_template.init_containers = 1;
  std::int64_t init_cpu = 0;
  std::int64_t init_memory = 0;
  // A pod asks for the sum of its containers, or for what its largest init container asks if that is more.
  for (const Container& container : details.containers) {
    (container.init ? init_cpu : pod_template.cpu_millicores) += container.cpu_millicores;
    (container.init ? init_memory : pod_template.memory_bytes) += container.memory_bytes;
  }
  pod_template.cpu_millicores = std::max(pod_template.cpu_millicores, init_cpu);
  pod_template.memory_bytes = std::max(pod_template.memory_bytes, init_memory);
  pod_template.manifest = template_json(pod_template, name).dump();
  return pod_template;
}

/// The Job as text. That of its template is known already.
std::string job_text(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                     const kubernetes::JobSpec& spec, const PodTemplate& pod_template) {
  Json object;
  object["apiVersion"] = "batch/v1";
  object["kind"] = "Job";
  Json& metadata = object["metadata"];
  if (!minicluster.details->job_labels.empty()) {
    metadata["labels"] = json::to_json(minicluster.details->job_labels);
  }
  metadata["name"] = cluster.name_of(minicluster.meta);
  metadata["namespace"] = cluster.strings[minicluster.meta.name_space];
  Json& printed = object["spec"];
  printed["activeDeadlineSeconds"] = spec.active_deadline_seconds;
  printed["backoffLimit"] = spec.backoff_limit;
  if (spec.backoff_limit_per_index >= 0) {
    printed["backoffLimitPerIndex"] = spec.backoff_limit_per_index;
  }
  printed["completionMode"] = "Indexed";
  printed["completions"] = spec.completions;
  printed["parallelism"] = spec.parallelism;
  std::string text = object.dump();
  text.insert(text.size() - 2, ",\"template\":" + pod_template.manifest);  // the last member of the spec
  return text;
}

}  // namespace

kubernetes::Job job_of(kubernetes::Cluster& cluster, const MiniCluster& minicluster, Row row) {
  PodTemplate pod_template = pod_template_of(cluster, minicluster);
  kubernetes::Job job;
  job.meta.name = minicluster.meta.name;
  job.meta.name_space = minicluster.meta.name_space;
  job.owner = {kubernetes::Kind::MiniCluster, row, minicluster.meta.uid};
  job.spec.completions = minicluster.spec.size;
  job.spec.parallelism = minicluster.spec.size;
  job.spec.indexed = true;
  job.spec.backoff_limit =
      minicluster.spec.backoff_limit != 0 ? minicluster.spec.backoff_limit : kBackoffLimit;
  if (minicluster.spec.suspend_workers && cluster.features().has(kubernetes::Gate::JobBackoffLimitPerIndex)) {
    job.spec.backoff_limit_per_index = 0;
  }
  job.spec.active_deadline_seconds = minicluster.spec.deadline_seconds;
  job.manifest = cluster.strings.intern(job_text(cluster, minicluster, job.spec, pod_template));
  if (!minicluster.details->job_labels.empty()) {
    job.labels_json = cluster.strings.intern(json::to_json(minicluster.details->job_labels).dump());
  }
  job.spec.pod_template = cluster.add_template(std::move(pod_template));
  return job;
}

}  // namespace models::flux

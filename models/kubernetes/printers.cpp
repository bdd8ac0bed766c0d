#include "models/kubernetes/printers.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/kubernetes/duration_text.h"
#include "models/kubernetes/json/budget_json.h"
#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/resource_kinds.h"
#include "models/kubernetes/workload_printers.h"
#include "sim/require.h"

namespace models::kubernetes {

namespace {

/// What a pod's containers come to.
struct PodSummary {
  std::string word;
  std::size_t ready = 0;
  std::size_t total = 0;
  std::uint32_t restarts = 0;
  sim::Time last_end = sim::kNever;  ///< kNever: no container has ended before
};

void note_end(sim::Time& latest, const ContainerStatus& status) {
  if (status.last_finished_at != sim::kNever && (latest == sim::kNever || status.last_finished_at > latest)) {
    latest = status.last_finished_at;
  }
}

/// How a container that ended is called: its reason, else its signal or exit code.
std::string end_word(const ContainerStatus& status) {
  if (status.reason != ContainerReason::None) {
    return std::string(to_text(status.reason));
  }
  return status.signal != 0 ? fmt::format("Signal:{}", status.signal)
                            : fmt::format("ExitCode:{}", status.exit_code);
}

/// Looks at the init containers. @return whether the pod is still initializing.
bool summarize_init(const PodTemplate& pod_template, const ContainerStatus* statuses, PodSummary& summary,
                    std::uint32_t& sidecar_restarts, sim::Time& sidecar_end) {
  for (std::size_t i = 0; i < pod_template.init_containers; ++i) {
    const Container& container = pod_template.containers[i];
    const ContainerStatus& status = statuses[i];
    summary.restarts += status.restarts;
    note_end(summary.last_end, status);
    if (container.restartable) {
      sidecar_restarts += status.restarts;
      note_end(sidecar_end, status);
    }
    if (status.state == ContainerState::Terminated && status.exit_code == 0) {
      continue;
    }
    if (container.restartable && status.state == ContainerState::Running) {
      summary.ready += status.ready ? 1 : 0;
      continue;
    }
    const bool waits_for_a_reason = status.state == ContainerState::Waiting &&
                                    status.reason != ContainerReason::None &&
                                    status.reason != ContainerReason::PodInitializing;
    if (status.state == ContainerState::Terminated) {
      summary.word = "Init:" + end_word(status);
    } else if (waits_for_a_reason) {
      summary.word = fmt::format("Init:{}", to_text(status.reason));
    } else {
      summary.word = fmt::format("Init:{}/{}", i, pod_template.init_containers);
    }
    return true;
  }
  return false;
}

/// Looks at the regular containers from last to first, each replacing the word.
void summarize_regular(const Pod& pod, const PodTemplate& pod_template, const ContainerStatus* statuses,
                       PodSummary& summary) {
  bool some_running = false;
  for (std::size_t i = pod_template.containers.size(); i > pod_template.init_containers; --i) {
    const ContainerStatus& status = statuses[i - 1];
    summary.restarts += status.restarts;
    note_end(summary.last_end, status);
    if (status.state == ContainerState::Waiting && status.reason != ContainerReason::None) {
      summary.word = to_text(status.reason);
    } else if (status.state == ContainerState::Terminated) {
      summary.word = end_word(status);
    } else if (status.state == ContainerState::Running && status.ready) {
      some_running = true;
      ++summary.ready;
    }
  }
  if (summary.word == "Completed" && some_running) {
    summary.word = pod.ready ? "Running" : "NotReady";
  }
}

PodSummary summarize(const Cluster& cluster, const Pod& pod) {
  const PodTemplate& pod_template = cluster.template_of(pod);
  PodSummary summary;
  summary.word = pod.reason != PodReason::None ? to_text(pod.reason) : to_text(pod.phase);
  summary.total = pod_template.regular_containers();
  for (std::size_t i = 0; i < pod_template.init_containers; ++i) {
    summary.total += pod_template.containers[i].restartable ? 1 : 0;
  }
  if (json::reports_containers(cluster, pod) && !pod_template.containers.empty()) {
    const ContainerStatus* statuses = &cluster.containers[pod.containers];
    std::uint32_t sidecar_restarts = 0;
    sim::Time sidecar_end = sim::kNever;
    const bool initializing = summarize_init(pod_template, statuses, summary, sidecar_restarts, sidecar_end);
    if (!initializing || pod.initialized) {
      summary.restarts = sidecar_restarts;
      summary.last_end = sidecar_end;
      summarize_regular(pod, pod_template, statuses, summary);
    }
  }
  // A pod whose phase is terminal keeps its word from 1.31 on. Source: kubernetes PR 122038 (the release is
  // assumed).
  const bool keeps_word = pod.terminal() && cluster.features().since(31);
  if (pod.meta.deleting() && pod.reason == PodReason::NodeLost) {
    summary.word = "Unknown";
  } else if (pod.meta.deleting() && !keeps_word) {
    summary.word = "Terminating";
  }
  return summary;
}

std::string or_none(const std::string& text) { return text.empty() ? "<none>" : text; }

std::string age_of(const Meta& meta, sim::Time now) { return human_duration(now - meta.created); }

Cells pod_cells(const Cluster& cluster, const Pod& pod, bool wide, sim::Time now) {
  const PodSummary summary = summarize(cluster, pod);
  const bool end_known = summary.restarts > 0 && summary.last_end != sim::kNever;
  Cells cells{cluster.name_of(pod), fmt::format("{}/{}", summary.ready, summary.total), summary.word,
              end_known ? fmt::format("{} ({} ago)", summary.restarts, human_duration(now - summary.last_end))
                        : fmt::format("{}", summary.restarts),
              age_of(pod.meta, now)};
  if (wide) {
    const bool bound = pod.node != kNoRow && cluster.nodes.alive(pod.node);
    const bool nominated = pod.nominated_node != kNoRow && cluster.nodes.alive(pod.nominated_node);
    cells.insert(cells.end(),
                 {"<none>", bound ? cluster.name_of(cluster.nodes[pod.node].meta) : "<none>",
                  nominated ? cluster.name_of(cluster.nodes[pod.nominated_node].meta) : "<none>", "<none>"});
  }
  return cells;
}

/// An address of a kind from what was kept of a node's status. Source: printers.go getNodeInternalIP.
std::string node_address(const json::Json& kept, std::string_view type) {
  const json::Json* addresses = json::at_path(kept, "status.addresses");
  for (std::size_t i = 0; addresses != nullptr && addresses->is_array() && i < addresses->size(); ++i) {
    if (json::text_or((*addresses)[i], "type") == type) {
      return json::text_or((*addresses)[i], "address", "<none>");
    }
  }
  return "<none>";
}

Cells node_cells(const Cluster& cluster, const Node& node, bool wide, sim::Time now) {
  const NodeShape& shape = cluster.shape_of(node);
  Cells cells{cluster.name_of(node.meta), node_status_word(node), or_none(shape.roles),
              age_of(node.meta, now), shape.kubelet_version};
  if (wide) {
    const json::Json kept =
        node.manifest == 0 ? json::Json::object() : json::Json::parse(cluster.strings[node.manifest]);
    const json::Json* info = json::at_path(kept, "status.nodeInfo");
    const auto say = [&](const char* name) {
      return info == nullptr ? std::string("<unknown>") : json::text_or(*info, name, "<unknown>");
    };
    cells.insert(cells.end(), {node_address(kept, "InternalIP"), node_address(kept, "ExternalIP"),
                               say("osImage"), say("kernelVersion"), say("containerRuntimeVersion")});
  }
  return cells;
}

/// Names and images of the regular containers, joined with commas. Source: printers.go layoutContainerCells.
Cells container_cells(const PodTemplate& pod_template) {
  Cells cells(2);
  for (const Container& container : pod_template.containers) {
    if (!container.init) {
      cells[0] += (cells[0].empty() ? "" : ",") + container.name;
      cells[1] += (cells[1].empty() ? "" : ",") + container.image;
    }
  }
  return cells;
}

Cells statefulset_cells(const Cluster& cluster, const StatefulSet& set, bool wide, sim::Time now) {
  Cells cells{cluster.name_of(set.meta), fmt::format("{}/{}", set.status.ready_replicas, set.spec.replicas),
              age_of(set.meta, now)};
  if (wide) {
    const Cells containers = container_cells(*cluster.templates[set.spec.pod_template]);
    cells.insert(cells.end(), containers.begin(), containers.end());
  }
  return cells;
}

/// Source: printers.go printJob.
std::string job_status_word(const Job& job) {
  using enum JobConditionType;
  if (job.status.is_true(Complete)) {
    return "Complete";
  }
  if (job.status.is_true(Failed)) {
    return "Failed";
  }
  if (job.meta.deleting()) {
    return "Terminating";
  }
  for (const JobConditionType type : {Suspended, FailureTarget, SuccessCriteriaMet}) {
    if (job.status.is_true(type)) {
      return std::string(to_text(type));
    }
  }
  return "Running";
}

std::string job_completions(const Job& job) {
  if (job.spec.completions >= 0) {
    return fmt::format("{}/{}", job.status.succeeded, job.spec.completions);
  }
  return job.spec.parallelism > 1 ? fmt::format("{}/1 of {}", job.status.succeeded, job.spec.parallelism)
                                  : fmt::format("{}/1", job.status.succeeded);
}

std::string selector_text(const Cluster& cluster, const Job& job) {
  if (job.spec.selector == nullptr) {
    return (cluster.features().since(27) ? "batch.kubernetes.io/controller-uid=" : "controller-uid=") +
           json::uid_text(job.meta.uid);
  }
  std::string text;
  for (const auto& [key, value] : *job.spec.selector) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  }
  return or_none(text);
}

Cells job_cells(const Cluster& cluster, const Job& job, bool wide, sim::Time now) {
  Cells cells{cluster.name_of(job.meta)};
  if (cluster.features().since(31)) {
    cells.push_back(job_status_word(job));
  }
  cells.push_back(job_completions(job));
  const bool started = job.status.start_time != sim::kNever;
  const sim::Time end = job.status.completion_time == sim::kNever ? now : job.status.completion_time;
  cells.push_back(started ? human_duration(end - job.status.start_time) : "");
  cells.push_back(age_of(job.meta, now));
  if (wide) {
    const Cells containers = container_cells(*cluster.templates[job.spec.pod_template]);
    cells.insert(cells.end(), containers.begin(), containers.end());
    cells.push_back(selector_text(cluster, job));
  }
  return cells;
}

/// `RWO`. Source: pkg/apis/core/v1/helper GetAccessModesAsString.
std::string short_mode(const std::string& mode) {
  return mode == "ReadWriteOnce"   ? "RWO"
         : mode == "ReadOnlyMany"  ? "ROX"
         : mode == "ReadWriteMany" ? "RWX"
                                   : "RWOP";
}

Cells claim_cells(const Cluster& cluster, const PersistentVolumeClaim& claim, bool wide, sim::Time now) {
  const bool bound = claim.volume != 0;
  std::string modes;
  for (const std::string& mode : json::access_modes_of(cluster, claim)) {
    modes += (modes.empty() ? "" : ",") + short_mode(mode);
  }
  Cells cells{cluster.name_of(claim.meta),
              std::string(claim.meta.deleting() ? "Terminating" : to_text(claim.phase)),
              cluster.strings[claim.volume],
              bound ? cluster.strings[claim.storage] : "",
              bound ? modes : "",
              cluster.strings[claim.storage_class]};
  if (cluster.features().since(29)) {
    cells.emplace_back("<unset>");
  }
  cells.push_back(age_of(claim.meta, now));
  if (wide) {
    cells.emplace_back("Filesystem");
  }
  return cells;
}

Cells revision_cells(const Cluster& cluster, const ControllerRevision& revision, sim::Time now) {
  const OwnerRef& owner = revision.owner;
  const std::string controller =
      owner.kind == Kind::StatefulSet && cluster.statefulsets.alive(owner.row)
          ? "statefulset.apps/" + cluster.name_of(cluster.statefulsets[owner.row].meta)
      : owner.kind == Kind::DaemonSet && cluster.daemonsets.alive(owner.row)
          ? "daemonset.apps/" + cluster.name_of(cluster.daemonsets[owner.row].meta)
          : "<none>";
  return {cluster.name_of(revision.meta), controller, std::to_string(revision.revision),
          age_of(revision.meta, now)};
}

/// Source: printers.go printPodDisruptionBudget.
Cells budget_cells(const Cluster& cluster, const PodDisruptionBudget& budget, sim::Time now) {
  const auto text = [](const std::optional<IntOrPercent>& value) {
    return value ? json::int_or_percent_text(*value) : std::string("N/A");
  };
  return {cluster.name_of(budget.meta), text(budget.spec.min_available), text(budget.spec.max_unavailable),
          std::to_string(budget.status.disruptions_allowed), age_of(budget.meta, now)};
}

}  // namespace

std::string pod_status_word(const Cluster& cluster, const Pod& pod) { return summarize(cluster, pod).word; }

std::string node_status_word(const Node& node) {
  return std::string(!node.reported ? "Unknown"
                     : node.ready   ? "Ready"
                                    : "NotReady") +
         (node.unschedulable ? ",SchedulingDisabled" : "");
}

std::vector<std::string> columns_of(const Features& features, Kind kind, bool wide) {
  Cells columns;
  Cells further;
  switch (kind) {
    case Kind::Pod:
      columns = {"NAME", "READY", "STATUS", "RESTARTS", "AGE"};
      further = {"IP", "NODE", "NOMINATED NODE", "READINESS GATES"};
      break;
    case Kind::Node:
      columns = {"NAME", "STATUS", "ROLES", "AGE", "VERSION"};
      further = {"INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"};
      break;
    case Kind::StatefulSet:
      columns = {"NAME", "READY", "AGE"};
      further = {"CONTAINERS", "IMAGES"};
      break;
    case Kind::Job:
      columns = {"NAME", "COMPLETIONS", "DURATION", "AGE"};
      if (features.since(31)) {
        columns.insert(columns.begin() + 1, "STATUS");
      }
      further = {"CONTAINERS", "IMAGES", "SELECTOR"};
      break;
    case Kind::PersistentVolumeClaim:
      columns = {"NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS"};
      if (features.since(29)) {
        columns.emplace_back("VOLUMEATTRIBUTESCLASS");
      }
      columns.emplace_back("AGE");
      further = {"VOLUMEMODE"};
      break;
    case Kind::ControllerRevision:
      columns = {"NAME", "CONTROLLER", "REVISION", "AGE"};
      break;
    case Kind::PodDisruptionBudget:
      columns = {"NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"};
      break;
    case Kind::ReplicaSet:
      columns = {"NAME", "DESIRED", "CURRENT", "READY", "AGE"};
      further = {"CONTAINERS", "IMAGES", "SELECTOR"};
      break;
    case Kind::Deployment:
      columns = {"NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"};
      further = {"CONTAINERS", "IMAGES", "SELECTOR"};
      break;
    case Kind::DaemonSet:
      columns = {"NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"};
      further = {"CONTAINERS", "IMAGES", "SELECTOR"};
      break;
    case Kind::None:
    case Kind::MiniCluster:
    case Kind::Other:
      sim::fail("a kind that another folder prints");
  }
  if (wide) {
    columns.insert(columns.end(), further.begin(), further.end());
  }
  return columns;
}

std::vector<std::string> cells_of(const Cluster& cluster, Kind kind, Row row, bool wide, sim::Time now) {
  switch (kind) {
    case Kind::Pod:
      return pod_cells(cluster, cluster.pods[row], wide, now);
    case Kind::Node:
      return node_cells(cluster, cluster.nodes[row], wide, now);
    case Kind::StatefulSet:
      return statefulset_cells(cluster, cluster.statefulsets[row], wide, now);
    case Kind::Job:
      return job_cells(cluster, cluster.jobs[row], wide, now);
    case Kind::PersistentVolumeClaim:
      return claim_cells(cluster, cluster.claims[row], wide, now);
    case Kind::ControllerRevision:
      return revision_cells(cluster, cluster.revisions[row], now);
    case Kind::PodDisruptionBudget:
      return budget_cells(cluster, cluster.budgets[row], now);
    case Kind::ReplicaSet:
      return replicaset_cells(cluster, cluster.replicasets[row], wide, now);
    case Kind::Deployment:
      return deployment_cells(cluster, cluster.deployments[row], wide, now);
    case Kind::DaemonSet:
      return daemonset_cells(cluster, cluster.daemonsets[row], wide, now);
    case Kind::None:
    case Kind::MiniCluster:
    case Kind::Other:
      break;
  }
  sim::fail("a kind that another folder prints");
}

Table table_for(const Cluster& cluster, Kind kind, std::span<const Row> rows, bool wide, sim::Time now) {
  Table table{columns_of(cluster.features(), kind, wide), {}};
  table.rows.reserve(rows.size());
  for (const Row row : rows) {
    table.rows.push_back(cells_of(cluster, kind, row, wide, now));
  }
  return table;
}

}  // namespace models::kubernetes

#include "models/kubernetes/json/pod_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/placement_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/quantity.h"

namespace models::kubernetes::json {

namespace {

/// Requests of a container; amounts of resources that the scheduler does not count here are reported.
void read_requests(const Json& container, const std::string& path, Container& out, Problems& problems) {
  const Json* requests = at_path(container, "resources.requests");
  if (requests == nullptr) {
    return;
  }
  for (auto it = requests->begin(); it != requests->end(); ++it) {
    const std::string text = quantity_text(*it);
    if (it.key() == "cpu") {
      out.cpu_millicores = parse_quantity(text, 3).value_or(0);
    } else if (it.key() == "memory") {
      out.memory_bytes = parse_quantity(text).value_or(0);
    } else if (parse_quantity(text, 3).value_or(0) != 0) {
      problems.unmodelled.push_back({fmt::format("{}.resources.requests.{}", path, it.key()),
                                     fmt::format("{} is not modelled", it.key())});
    }
  }
}

void read_containers(const Json& spec, const char* list, const std::string& path, PodTemplate& out,
                     Problems& problems) {
  const Json* containers = member(spec, list);
  for (std::size_t i = 0; containers != nullptr && i < containers->size(); ++i) {
    const Json& container = (*containers)[i];
    Container entry;
    entry.name = text_or(container, "name");
    entry.image = text_or(container, "image");
    entry.init = std::string_view(list) == "initContainers";
    entry.restartable = entry.init && text_or(container, "restartPolicy") == "Always";
    const std::string at = item_path(child_path(path, list), i);
    if (!entry.init && member(container, "restartPolicy") != nullptr) {
      problems.unmodelled.push_back(
          {at + ".restartPolicy", "restartPolicy of a regular container is not modelled"});
    }
    read_requests(container, at, entry, problems);
    out.containers.push_back(std::move(entry));
  }
}

void read_tolerations(const Json& spec, PodTemplate& out) {
  const Json* tolerations = member(spec, "tolerations");
  for (std::size_t i = 0; tolerations != nullptr && i < tolerations->size(); ++i) {
    const Json& toleration = (*tolerations)[i];
    // Negative seconds are none. Source: pkg/controller/tainteviction/taint_eviction.go getMinTolerationTime.
    const bool limited = member(toleration, "tolerationSeconds") != nullptr;
    const std::int64_t stays =
        limited ? std::max<std::int64_t>(0, int_or(toleration, "tolerationSeconds", 0)) : -1;
    out.tolerations.push_back({text_or(toleration, "key"), text_or(toleration, "value"),
                               text_or(toleration, "effect"), text_or(toleration, "operator") == "Exists",
                               stays});
  }
}

RestartPolicy restart_policy_of(const Json& spec) {
  const std::string policy = text_or(spec, "restartPolicy");
  return policy == "OnFailure" ? RestartPolicy::OnFailure
         : policy == "Never"   ? RestartPolicy::Never
                               : RestartPolicy::Always;
}

bool has_other_finalizers(const Json& metadata) {
  const Json* finalizers = member(metadata, "finalizers");
  return finalizers != nullptr &&
         std::any_of(finalizers->begin(), finalizers->end(), [](const Json& finalizer) {
           return finalizer != Json("batch.kubernetes.io/job-tracking");
         });
}

bool has_finalizer(const Json& metadata, std::string_view name) {
  const Json* finalizers = member(metadata, "finalizers");
  return finalizers != nullptr &&
         std::find(finalizers->begin(), finalizers->end(), Json(name)) != finalizers->end();
}

}  // namespace

std::int32_t deletion_cost_of(const LabelMap& annotations) {
  const std::string* text = find_label(annotations, "controller.kubernetes.io/pod-deletion-cost");
  std::int32_t cost = 0;
  if (text != nullptr) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), cost);
    cost = error == std::errc{} && end == text->data() + text->size() ? cost : 0;
  }
  return cost;
}

PodTemplate pod_template_from(const Json& pod_template, std::string_view path, Problems& problems) {
  static const Json nothing = Json::object();
  const Json* found_metadata = member(pod_template, "metadata");
  const Json* found_spec = member(pod_template, "spec");
  const Json& metadata = found_metadata == nullptr ? nothing : *found_metadata;
  const Json& spec = found_spec == nullptr ? nothing : *found_spec;
  const std::string spec_path = child_path(path, "spec");

  PodTemplate out;
  out.labels = labels_at(metadata, "labels");
  out.annotations = labels_at(metadata, "annotations");
  read_containers(spec, "initContainers", spec_path, out, problems);
  read_containers(spec, "containers", spec_path, out, problems);
  out.restart_policy = restart_policy_of(spec);
  out.termination_grace_seconds = int_or(spec, "terminationGracePeriodSeconds", 30);
  out.active_deadline_seconds = int_or(spec, "activeDeadlineSeconds", -1);
  out.node_selector = labels_at(spec, "nodeSelector");
  read_tolerations(spec, out);
  read_placement(spec, spec_path, out, problems);
  out.node_name = text_or(spec, "nodeName");

  Json kept{{"metadata", Json::object()}, {"spec", spec}};
  for (const char* name : {"annotations", "labels"}) {
    if (const Json* value = member(metadata, name); value != nullptr && !value->empty()) {
      kept["metadata"][name] = *value;
    }
  }
  out.manifest = canonical(kept).dump();
  return out;
}

bool read_pod_template(Cluster& cluster, const Json& pod_template, TemplateId& out, Problems& problems) {
  check_fields(pod_template, pod_template_structure(), "", problems);
  if (!problems.ok()) {
    return false;
  }
  Json defaulted = pod_template;
  default_pod(defaulted);
  out = cluster.add_template(pod_template_from(defaulted, "", problems));
  return true;
}

void pod_from(Cluster& cluster, const Json& pod, Pod& out, Problems& problems) {
  read_metadata(cluster, pod, true, 0, out.meta);
  out.meta.created = {};
  out.meta.deletion_timestamp = sim::kNever;
  const Json& metadata = pod.at("metadata");
  out.job_tracking = has_finalizer(metadata, "batch.kubernetes.io/job-tracking");
  out.foreign_finalizer = has_other_finalizers(metadata);
  out.static_pod = find_label(labels_at(metadata, "annotations"), "kubernetes.io/config.mirror") != nullptr;
  out.deletion_cost = deletion_cost_of(labels_at(metadata, "annotations"));
  out.pod_template = cluster.add_template(pod_template_from(pod, "", problems));
}

bool read_pod(Cluster& cluster, const Json& manifest, Pod& out, Problems& problems) {
  check_fields(manifest, pod_structure(), "", problems);
  if (!problems.ok()) {
    return false;
  }
  Json defaulted = manifest;
  make_path(defaulted, "metadata");
  default_pod(defaulted);
  pod_from(cluster, defaulted, out, problems);
  return true;
}

// ---------------------------------------------------------------------------------------------------------
// Status

namespace {

template <class Enum>
std::optional<Enum> from_text(std::string_view text, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_text(static_cast<Enum>(i)) == text) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

ContainerReason container_reason(const Json& state, const std::string& path, Problems& problems) {
  const std::string text = text_or(state, "reason");
  const std::optional<ContainerReason> known = from_text(text, ContainerReason::OOMKilled);
  if (!known) {
    problems.unmodelled.push_back(
        {path + ".reason", fmt::format("container reason {} is not modelled", text)});
  }
  return known.value_or(ContainerReason::Other);
}

ContainerStatus read_container_status(const Json& value, const std::string& path, UnixSeconds epoch,
                                      Problems& problems) {
  ContainerStatus status;
  status.restarts = static_cast<std::uint16_t>(std::clamp<std::int64_t>(
      int_or(value, "restartCount", 0), 0, std::numeric_limits<std::uint16_t>::max()));
  status.ready = bool_or(value, "ready", false);
  if (const Json* last = at_path(value, "lastState.terminated")) {
    status.last_finished_at = time_at(*last, "finishedAt", epoch).value_or(sim::kNever);
    status.exit_code = static_cast<std::int32_t>(int_or(*last, "exitCode", 0));
  }
  if (const Json* terminated = at_path(value, "state.terminated")) {
    status.state = ContainerState::Terminated;
    status.exit_code = static_cast<std::int32_t>(int_or(*terminated, "exitCode", 0));
    status.signal = static_cast<std::int16_t>(int_or(*terminated, "signal", 0));
    status.changed_at = time_at(*terminated, "finishedAt", epoch).value_or(sim::Time{});
    status.reason = container_reason(*terminated, path + ".state.terminated", problems);
  } else if (const Json* running = at_path(value, "state.running")) {
    status.state = ContainerState::Running;
    status.changed_at = time_at(*running, "startedAt", epoch).value_or(sim::Time{});
  } else if (const Json* waiting = at_path(value, "state.waiting")) {
    status.reason = container_reason(*waiting, path + ".state.waiting", problems);
    // Since when it waits is not told; the end of the run before is when the back-off began.
    status.changed_at = status.last_finished_at == sim::kNever ? sim::Time{} : status.last_finished_at;
  }
  return status;
}

void read_conditions(Cluster& cluster, const Json& status, UnixSeconds epoch, Pod& pod) {
  const Json* conditions = member(status, "conditions");
  for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
    const Json& condition = (*conditions)[i];
    const std::string type = text_or(condition, "type");
    const bool is_true = text_or(condition, "status") == "True";
    const sim::Time changed = time_at(condition, "lastTransitionTime", epoch).value_or(pod.meta.created);
    if (type == "Ready") {
      pod.ready = is_true;
      pod.ready_changed = changed;
    } else if (type == "Initialized") {
      pod.initialized = is_true;
    } else if (type == "PodScheduled") {
      pod.bound_at = is_true ? changed : sim::Time{};
      pod.unschedulable = !is_true && text_or(condition, "reason") == "Unschedulable";
      pod.unschedulable_message =
          pod.unschedulable ? cluster.strings.intern(text_or(condition, "message")) : Text{0};
    } else if (type == "DisruptionTarget") {
      pod.disruption_target = is_true;
      pod.disruption_reason = from_text(text_or(condition, "reason"), DisruptionReason::TerminationByKubelet)
                                  .value_or(DisruptionReason::None);
      pod.disrupted_at = changed;
    }
  }
}

}  // namespace

std::vector<ContainerStatus> read_pod_status(Cluster& cluster, const Json& object, UnixSeconds epoch,
                                             Pod& pod, Problems& problems) {
  const PodTemplate& pod_template = cluster.template_of(pod);
  std::vector<ContainerStatus> statuses(pod_template.containers.size());
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    statuses[i].reason = pod_template.init_containers > 0 && i >= pod_template.init_containers
                             ? ContainerReason::PodInitializing
                             : ContainerReason::ContainerCreating;
  }
  const Json* status = member(object, "status");
  if (status == nullptr) {
    return statuses;
  }
  pod.phase = from_text(text_or(*status, "phase", "Pending"), PodPhase::Unknown).value_or(PodPhase::Unknown);
  if (const std::string reason = text_or(*status, "reason"); !reason.empty()) {
    const std::optional<PodReason> known = from_text(reason, PodReason::UnexpectedAdmissionError);
    if (!known) {
      problems.unmodelled.push_back({"status.reason", fmt::format("pod reason {} is not modelled", reason)});
    }
    pod.reason = known.value_or(PodReason::None);
  }
  pod.nominated_node = cluster.find_node(text_or(*status, "nominatedNodeName"));
  pod.started_at = time_at(*status, "startTime", epoch).value_or(sim::Time{});
  read_conditions(cluster, *status, epoch, pod);

  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    const Json* values = member(*status, list);
    const bool init = std::string_view(list) == "initContainerStatuses";
    for (std::size_t i = 0; values != nullptr && i < values->size(); ++i) {
      const std::string name = text_or((*values)[i], "name");
      for (std::size_t c = 0; c < statuses.size(); ++c) {
        if (pod_template.containers[c].name == name && pod_template.containers[c].init == init) {
          statuses[c] = read_container_status((*values)[i], item_path(std::string("status.") + list, i),
                                              epoch, problems);
        }
      }
    }
  }
  bool all_started = !statuses.empty();
  bool all_ended = !statuses.empty();
  sim::Time last_end{std::numeric_limits<sim::Time::rep>::min()};
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    pod.restarts += statuses[i].restarts;
    if (pod_template.containers[i].init) {
      continue;
    }
    all_started = all_started && (statuses[i].state != ContainerState::Waiting || statuses[i].restarts > 0);
    all_ended = all_ended && statuses[i].state == ContainerState::Terminated;
    last_end = std::max(last_end, statuses[i].changed_at);
  }
  pod.containers_started = all_started;
  pod.finished_at = pod.terminal() && all_ended ? last_end : pod.terminal() ? pod.ready_changed : sim::kNever;
  return statuses;
}

// ---------------------------------------------------------------------------------------------------------
// Printing

bool reports_containers(const Cluster& cluster, const Pod& pod) {
  if (pod.node == kNoRow) {
    return false;
  }
  if (pod.started_at != sim::Time{}) {
    return true;
  }
  // The kubelet may accept a pod at the very beginning of a scenario: any report then shows in the
  // containers.
  const std::size_t count = cluster.template_of(pod).containers.size();
  for (std::size_t i = 0; i < count; ++i) {
    const ContainerStatus& status = cluster.containers[pod.containers + i];
    if (status.state != ContainerState::Waiting || status.restarts > 0) {
      return true;
    }
  }
  return pod.initialized;
}

namespace {

Json container_state_json(const ContainerStatus& status, UnixSeconds epoch) {
  Json state = Json::object();
  switch (status.state) {
    case ContainerState::Waiting:
      state["waiting"] = {{"reason", to_text(status.reason)}};
      break;
    case ContainerState::Running:
      state["running"] = {{"startedAt", time_text(status.changed_at, epoch)}};
      break;
    case ContainerState::Terminated: {
      Json terminated{{"exitCode", status.exit_code}, {"finishedAt", time_text(status.changed_at, epoch)}};
      if (status.reason != ContainerReason::None) {
        terminated["reason"] = to_text(status.reason);
      }
      if (status.signal != 0) {
        terminated["signal"] = status.signal;
      }
      state["terminated"] = std::move(terminated);
      break;
    }
  }
  return state;
}

Json container_status_json(const Container& container, const ContainerStatus& status, UnixSeconds epoch) {
  Json last = Json::object();
  if (status.last_finished_at != sim::kNever) {
    last["terminated"] = {{"finishedAt", time_text(status.last_finished_at, epoch)}};
    if (status.state == ContainerState::Waiting) {
      last["terminated"]["exitCode"] = status.exit_code;  // of the run before; later ones write over it
    }
  }
  return {{"image", container.image},
          {"lastState", std::move(last)},
          {"name", container.name},
          {"ready", status.ready},
          {"restartCount", status.restarts},
          {"started", status.state == ContainerState::Running},
          {"state", container_state_json(status, epoch)}};
}

Json condition_json(std::string_view type, bool status, sim::Time at, UnixSeconds epoch,
                    std::string_view reason = "") {
  Json condition{{"lastProbeTime", nullptr}, {"lastTransitionTime", time_text(at, epoch)}};
  if (!reason.empty()) {
    condition["reason"] = reason;
  }
  condition["status"] = status ? "True" : "False";
  condition["type"] = type;
  return condition;
}

Json pod_conditions_json(const Cluster& cluster, const Pod& pod, bool reported, UnixSeconds epoch) {
  Json conditions = Json::array();
  if (pod.disruption_target) {
    conditions.push_back(
        condition_json("DisruptionTarget", true, pod.disrupted_at, epoch, to_text(pod.disruption_reason)));
  }
  if (reported) {
    const bool done = pod.phase == PodPhase::Succeeded;
    const std::string_view unready = done ? "PodCompleted" : pod.ready ? "" : "ContainersNotReady";
    conditions.push_back(condition_json("Initialized", pod.initialized, pod.started_at, epoch,
                                        pod.initialized ? "" : "ContainersNotInitialized"));
    conditions.push_back(condition_json("Ready", pod.ready, pod.ready_changed, epoch, unready));
    conditions.push_back(condition_json("ContainersReady", pod.ready, pod.ready_changed, epoch, unready));
  }
  if (pod.node != kNoRow) {
    conditions.push_back(condition_json("PodScheduled", true, pod.bound_at, epoch));
  } else if (pod.unschedulable) {
    conditions.push_back(condition_json("PodScheduled", false, pod.meta.created, epoch, "Unschedulable"));
    if (pod.unschedulable_message != 0) {
      conditions.back()["message"] = cluster.strings[pod.unschedulable_message];
    }
  }
  return conditions;
}

Json pod_status_json(const Cluster& cluster, const Pod& pod, UnixSeconds epoch) {
  const bool reported = reports_containers(cluster, pod);
  const PodTemplate& pod_template = cluster.template_of(pod);
  Json status = Json::object();
  status["conditions"] = pod_conditions_json(cluster, pod, reported, epoch);
  for (std::size_t i = 0; reported && i < pod_template.containers.size(); ++i) {
    const Container& container = pod_template.containers[i];
    status[container.init ? "initContainerStatuses" : "containerStatuses"].push_back(
        container_status_json(container, cluster.containers[pod.containers + i], epoch));
  }
  if (pod.nominated_node != kNoRow && cluster.nodes.alive(pod.nominated_node)) {
    status["nominatedNodeName"] = cluster.strings[cluster.nodes[pod.nominated_node].meta.name];
  }
  status["phase"] = to_text(pod.phase);
  if (pod.reason != PodReason::None) {
    status["reason"] = to_text(pod.reason);
  }
  if (reported) {
    status["startTime"] = time_text(pod.started_at, epoch);
  }
  return status;
}

/// The required node affinity that a DaemonSet's controller gives a pod: each term names the node.
/// Source: pkg/controller/daemon/util/daemonset_util.go ReplaceDaemonSetPodNodeNameNodeAffinity.
void pin(Json& spec, const std::string& node) {
  const Json field{{"key", "metadata.name"}, {"operator", "In"}, {"values", Json::array({node})}};
  Json& required = make_path(spec, "affinity.nodeAffinity")["requiredDuringSchedulingIgnoredDuringExecution"];
  required["nodeSelectorTerms"] = Json::array({Json{{"matchFields", Json::array({field})}}});
}

Json pod_metadata_json(const Cluster& cluster, const Pod& pod, UnixSeconds epoch) {
  Json metadata = metadata_json(cluster, pod.meta, cluster.name_of(pod), epoch);
  LabelMap labels = cluster.labels_of(pod);
  LabelMap annotations = cluster.template_of(pod).annotations;
  if (pod.owner.kind == Kind::Job && pod.index >= 0) {
    annotations.emplace_back("batch.kubernetes.io/job-completion-index", std::to_string(pod.index));
  }
  if (pod.failure_count >= 0) {
    annotations.emplace_back("batch.kubernetes.io/job-index-failure-count",
                             std::to_string(pod.failure_count));
  }
  if (pod.ignored_failure_count > 0) {
    annotations.emplace_back("batch.kubernetes.io/job-index-ignored-failure-count",
                             std::to_string(pod.ignored_failure_count));
  }
  if (pod.suffix != 0 || pod.owner.kind == Kind::StatefulSet) {
    const std::string name = cluster.name_of(pod);
    metadata["generateName"] =
        pod.suffix != 0 ? name.substr(0, name.size() - 5) : cluster.strings[pod.base_name] + "-";
  }
  for (const auto& [name, map] : {std::pair{"annotations", &annotations}, std::pair{"labels", &labels}}) {
    if (!map->empty()) {
      std::sort(map->begin(), map->end());
      metadata[name] = to_json(*map);
    }
  }
  if (pod.meta.deleting()) {
    metadata["deletionGracePeriodSeconds"] = pod.grace_seconds;
  }
  if (pod.job_tracking) {
    metadata["finalizers"].push_back("batch.kubernetes.io/job-tracking");
  }
  if (pod.foreign_finalizer) {
    metadata["finalizers"].push_back("rehearsal.io/kept");  // which one it was is not stored
  }
  if (Json reference = owner_reference_json(cluster, pod.owner, pod.base_name); !reference.is_null()) {
    metadata["ownerReferences"].push_back(std::move(reference));
  }
  return metadata;
}

}  // namespace

Json pod_json(const Cluster& cluster, const Pod& pod, UnixSeconds epoch) {
  Json spec = template_json(cluster.template_of(pod))["spec"];
  if (pod.node != kNoRow && cluster.nodes.alive(pod.node)) {
    spec["nodeName"] = cluster.strings[cluster.nodes[pod.node].meta.name];
  }
  if (pod.owner.kind == Kind::StatefulSet || (pod.owner.kind == Kind::Job && pod.index >= 0)) {
    spec["hostname"] = cluster.hostname_of(pod);
  }
  if (pod.owner.kind == Kind::StatefulSet && cluster.statefulsets.alive(pod.owner.row)) {
    if (const Text service = cluster.statefulsets[pod.owner.row].spec.service_name; service != 0) {
      spec["subdomain"] = cluster.strings[service];
    }
  }
  if (pod.pinned_node != 0) {
    pin(spec, cluster.strings[pod.pinned_node]);
  }
  Json object{{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata", pod_metadata_json(cluster, pod, epoch)},
              {"spec", std::move(spec)},
              {"status", pod_status_json(cluster, pod, epoch)}};
  return canonical(object);
}

}  // namespace models::kubernetes::json

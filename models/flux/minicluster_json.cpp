#include "models/flux/minicluster_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "models/flux/minicluster_schema.h"
#include "models/flux/topology.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/quantity.h"

namespace models::flux {

namespace json = kubernetes::json;

std::optional<sim::Duration> parse_flux_duration(std::string_view text) {
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ms", 1e-3}, {"s", 1.0}, {"m", 60.0}, {"h", 3600.0}, {"d", 86400.0}};
  double unit = 1.0;
  for (const auto& [suffix, seconds] : kUnits) {
    if (text.ends_with(suffix)) {
      text.remove_suffix(suffix.size());
      unit = seconds;
      break;
    }
  }
  double value = -1.0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  constexpr double kSecondsMax = 3.0e9;  // about a hundred years, so that nanoseconds fit
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0.0 ||
      value * unit > kSecondsMax) {
    return std::nullopt;
  }
  return sim::Duration{static_cast<std::int64_t>(value * unit * 1e9)};
}

namespace {

/// The word of the resource's schema for a type of Go, as decode errors name it.
std::string_view schema_type(std::string_view go_type) {
  if (go_type.starts_with("int")) {
    return "integer";
  }
  if (go_type == "bool") {
    return "boolean";
  }
  if (go_type.starts_with("[]")) {
    return "array";
  }
  return go_type == "string" ? "string" : "object";
}

std::string_view type_of(const Json& value) {
  return value.is_number_integer() ? "integer" : value.type_name();
}

/// The value at a path with positions: `spec.containers[0].image`.
const Json* value_at(const Json& object, std::string_view path) {
  const Json* value = &object;
  while (value != nullptr && !path.empty()) {
    const std::size_t end = path.find_first_of(".[");
    if (end == 0 && path.front() == '[') {
      const std::size_t close = path.find(']');
      std::size_t position = 0;
      std::from_chars(path.data() + 1, path.data() + close, position);
      value = value->is_array() && position < value->size() ? &(*value)[position] : nullptr;
      path.remove_prefix(std::min(path.size(), close + 1));
    } else {
      value = value->is_object() ? json::member(*value, path.substr(0, end)) : nullptr;
      path.remove_prefix(end == std::string_view::npos ? path.size() : end);
    }
    if (path.starts_with('.')) {
      path.remove_prefix(1);
    }
  }
  return value;
}

/// Custom resources are checked against a schema, whose words differ from those of the decoder of built-in
/// kinds. Source: apiextensions-apiserver pkg/apiserver/validation; kube-openapi pkg/validation/errors.
void reword(const Json& object, json::Problem& problem) {
  constexpr std::string_view marker = " of type ";
  const std::size_t at = problem.text.rfind(marker);
  const Json* value = value_at(object, problem.field);
  if (at == std::string::npos || value == nullptr) {
    return;
  }
  const std::string_view wanted = schema_type(std::string_view(problem.text).substr(at + marker.size()));
  const std::string_view given = type_of(*value);
  if (wanted == given) {
    problem.text = fmt::format("Invalid value: {}: {} in body is out of range", value->dump(), problem.field);
    return;
  }
  problem.text = fmt::format("Invalid value: \"{}\": {} in body must be of type {}: \"{}\"", given,
                             problem.field, wanted, given);
}

/// Reads an object whose types were checked.
class Reader {
 public:
  Reader(const Json& object, Problems& problems) : object_(object), problems_(problems) {}

  MiniClusterManifest read() {
    MiniClusterManifest manifest;
    const Json& metadata = part(object_, "metadata");
    manifest.name = json::text_or(metadata, "name");
    manifest.name_space = json::text_or(metadata, "namespace", "default");
    if (manifest.name.empty()) {
      error("metadata.name", "Required value: name or generateName is required");
    }
    const Json& spec = part(object_, "spec");
    read_spec(spec, manifest.spec);
    auto details = std::make_shared<MiniClusterDetails>();
    read_details(spec, manifest, *details);
    if (const Json* status = json::member(object_, "status")) {
      read_status(*status, manifest);
    }
    details->object = std::make_shared<const Json>(stored());
    details->manifest = details->object->dump();
    manifest.details = std::move(details);
    return manifest;
  }

 private:
  static const Json& part(const Json& parent, std::string_view name) {
    static const Json empty = Json::object();
    const Json* found = json::member(parent, name);
    return found != nullptr ? *found : empty;
  }

  void error(std::string field, std::string text) {
    problems_.errors.push_back({std::move(field), std::move(text)});
  }
  void unmodelled(std::string field, std::string text) {
    problems_.unmodelled.push_back({std::move(field), std::move(text)});
  }

  static std::int32_t number(const Json& object, std::string_view name, std::int64_t fallback) {
    return static_cast<std::int32_t>(json::int_or(object, name, fallback));
  }

  void read_spec(const Json& given, MiniClusterSpec& spec) {
    spec.size = number(given, "size", 1);
    spec.max_size = number(given, "maxSize", 0);
    spec.min_size = number(given, "minSize", 0);
    spec.backoff_limit = number(given, "backoffLimit", 0);
    spec.deadline_seconds = json::int_or(given, "deadlineSeconds", 31'500'000);
    spec.interactive = json::bool_or(given, "interactive", false);
    spec.cleanup = json::bool_or(given, "cleanup", false);
    spec.suspend_workers =
        json::bool_or(given, "suspendWorkers", false) || !json::bool_or(given, "restartWorkers", true);
    const Json& flux = part(given, "flux");
    spec.complete_workers = json::bool_or(flux, "completeWorkers", false);
    const std::string timeout = json::text_or(flux, "connectTimeout");
    if (!timeout.empty()) {
      if (const auto duration = parse_flux_duration(timeout)) {
        spec.connect_timeout = *duration;
      } else {
        unmodelled("spec.flux.connectTimeout",
                   fmt::format("\"{}\" is not a duration of Flux, like 5s", timeout));
      }
    }
    if (std::max(spec.size, spec.max_size) > kRanksMax) {
      error("spec.size", fmt::format("more than {} ranks are not modelled", kRanksMax));
    }
  }

  void read_details(const Json& spec, MiniClusterManifest& manifest, MiniClusterDetails& details) {
    const Json& flux = part(spec, "flux");
    details.topology = json::text_or(flux, "topology");
    if (!parse_topology(details.topology)) {
      unmodelled(
          "spec.flux.topology",
          fmt::format("topology \"{}\" is not modelled; known here: kary:<k>, binomial", details.topology));
      details.topology.clear();
    }
    const Json& pod = part(spec, "pod");
    details.pod_labels = json::labels_at(pod, "labels");
    details.pod_annotations = json::labels_at(pod, "annotations");
    details.job_labels = json::labels_at(spec, "jobLabels");
    details.node_selector = json::labels_at(pod, "nodeSelector");
    read_tolerations(pod, details);
    const std::string policy = json::text_or(pod, "restartPolicy");
    if (policy == "Never") {
      details.restart_policy = kubernetes::RestartPolicy::Never;
    } else if (!policy.empty() && policy != "OnFailure") {
      error("spec.pod.restartPolicy",
            fmt::format("Unsupported value: \"{}\": a Job's pods know \"OnFailure\" and \"Never\"", policy));
    }
    read_containers(spec, flux, manifest, details);
  }

  void read_tolerations(const Json& pod, MiniClusterDetails& details) {
    if (const Json* tolerations = json::member(pod, "tolerations")) {
      for (const Json& one : *tolerations) {
        details.tolerations.push_back({json::text_or(one, "key"), json::text_or(one, "value"),
                                       json::text_or(one, "effect"),
                                       json::text_or(one, "operator") == "Exists", -1});
      }
    }
  }

  /// A request in base units; what only a limit states is requested as well.
  std::int64_t request(const Json& resources, std::string_view name, int decimals) {
    for (const char* side : {"requests", "limits"}) {
      if (const Json* value = json::member(part(resources, side), name)) {
        return kubernetes::parse_quantity(json::quantity_text(*value), decimals).value_or(0);
      }
    }
    return 0;
  }

  kubernetes::Container container(const Json& given, std::string name, bool init) {
    kubernetes::Container container;
    container.name = std::move(name);
    container.image = json::text_or(given, "image");
    const Json& resources = part(given, "resources");
    container.cpu_millicores = request(resources, "cpu", 3);
    container.memory_bytes = request(resources, "memory", 0);
    container.init = init;
    return container;
  }

  void read_containers(const Json& spec, const Json& flux, MiniClusterManifest& manifest,
                       MiniClusterDetails& details) {
    const Json& view = part(flux, "container");
    details.containers.push_back(container(view, json::text_or(view, "name", "flux-view"), true));
    if (details.containers.front().image.empty()) {
      details.containers.front().image = "ghcr.io/converged-computing/flux-view-ubuntu:tag-noble";
    }
    const Json* containers = json::member(spec, "containers");
    if (containers == nullptr) {
      error("spec.containers", "Required value");
      return;
    }
    manifest.spec.flux_runners = 0;
    for (std::size_t i = 0; i < containers->size(); ++i) {
      const Json& one = (*containers)[i];
      const bool runs_flux = containers->size() == 1 || json::bool_or(one, "runFlux", false);
      if (runs_flux) {
        details.flux_container = static_cast<std::uint32_t>(i);
        ++manifest.spec.flux_runners;
        read_commands(one, json::item_path("spec.containers", i), manifest.spec);
      }
      // The container that runs Flux is called as the MiniCluster.
      details.containers.push_back(
          container(one, runs_flux ? manifest.name : json::text_or(one, "name"), false));
    }
  }

  void read_commands(const Json& given, const std::string& path, MiniClusterSpec& spec) {
    const std::string command = json::text_or(given, "command");
    if (!command.empty() && !spec.interactive) {
      unmodelled(path + ".command",
                 "what rank 0 runs is not modelled: it never ends unless behaviour says so");
    }
    const std::string pre = json::text_or(part(given, "commands"), "workerPre");
    if (pre.empty()) {
      return;
    }
    constexpr std::string_view sleep = "sleep ";
    const auto duration = pre.starts_with(sleep)
                              ? parse_flux_duration(std::string_view(pre).substr(sleep.size()))
                              : std::nullopt;
    if (duration) {
      spec.worker_pre = *duration;
    } else {
      unmodelled(path + ".commands.workerPre", "only `sleep <seconds>` is modelled");
    }
  }

  void read_status(const Json& given, MiniClusterManifest& manifest) {
    MiniClusterStatus status;
    status.size = number(given, "size", 0);
    status.maximum_size = number(given, "maximumSize", 0);
    status.selector = !json::text_or(given, "selector").empty();
    if (const Json* conditions = json::member(given, "conditions");
        conditions != nullptr && conditions->is_array()) {
      for (const Json& one : *conditions) {
        status.ready =
            status.ready || (one.is_object() && json::text_or(one, "type") == "JobMiniClusterReady" &&
                             json::text_or(one, "status") == "True");
      }
    }
    manifest.status = status;
  }

  /// The object without status, its defaults filled in.
  [[nodiscard]] Json stored() const {
    Json stored = object_;
    stored.erase("status");
    Json& metadata = json::make_path(stored, "metadata");
    for (const char* added : {"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"}) {
      metadata.erase(added);
    }
    if (json::member(metadata, "namespace") == nullptr) {
      metadata["namespace"] = "default";
    }
    Json& spec = json::make_path(stored, "spec");
    const auto otherwise = [&](const char* name, const Json& value) {
      if (json::member(spec, name) == nullptr) {
        spec[name] = value;
      }
    };
    otherwise("cleanup", false);
    otherwise("deadlineSeconds", 31'500'000);
    otherwise("interactive", false);
    otherwise("size", 1);
    otherwise("tasks", 1);
    return stored;
  }

  const Json& object_;
  Problems& problems_;
};

Json condition_json(std::string_view type, bool status) {
  return {{"type", type}, {"status", status ? "True" : "False"}, {"reason", type}, {"message", type}};
}

}  // namespace

MiniClusterReading read_minicluster(const Json& object) {
  MiniClusterReading reading;
  if (!object.is_object()) {
    reading.problems.errors.push_back({"", "not an object"});
    return reading;
  }
  json::check_fields(object, minicluster_structure(), "", reading.problems);
  for (json::Problem& problem : reading.problems.errors) {
    reword(object, problem);
  }
  const std::string version = json::member(object, "apiVersion") != nullptr && reading.problems.ok()
                                  ? json::text_or(object, "apiVersion")
                                  : std::string(kMiniClusterApiVersion);
  if (version != kMiniClusterApiVersion) {
    reading.problems.errors.push_back(
        {"apiVersion", fmt::format("\"{}\" is not known here; known: {}", version, kMiniClusterApiVersion)});
  }
  if (!reading.problems.ok()) {
    return reading;
  }
  MiniClusterManifest manifest = Reader(object, reading.problems).read();
  if (reading.problems.ok()) {
    reading.manifest = std::move(manifest);
  }
  return reading;
}

Json stored_json(const MiniCluster& minicluster) {
  Json object = *minicluster.details->object;
  object["spec"]["size"] = minicluster.spec.size;
  return object;
}

Json minicluster_json(const kubernetes::Cluster& cluster, const MiniCluster& minicluster,
                      json::UnixSeconds epoch) {
  const Json stored = stored_json(minicluster);
  Json object;
  object["apiVersion"] = kMiniClusterApiVersion;
  object["kind"] = "MiniCluster";
  Json metadata = stored.at("metadata");
  metadata["creationTimestamp"] = json::time_text(minicluster.meta.created, epoch);
  metadata["generation"] = minicluster.meta.generation;
  metadata["resourceVersion"] = std::to_string(minicluster.meta.resource_version);
  metadata["uid"] = json::uid_text(minicluster.meta.uid);
  object["metadata"] = json::canonical(metadata);
  object["spec"] = json::canonical(stored.at("spec"));
  const MiniClusterStatus& status = minicluster.status;
  if (status.maximum_size != 0) {
    // Source: flux-operator pkg/job/conditions.go; the order is that of GetJobConditions.
    object["status"] = {
        {"conditions",
         Json::array({condition_json("JobRequested", true), condition_json("JobWaitingForResources", false),
                      condition_json("JobRunning", false),
                      condition_json("JobMiniClusterReady", status.ready),
                      condition_json("JobFinished", false)})},
        {"jobid", ""},
        {"maximumSize", status.maximum_size},
        {"selector", status.selector ? "hpa-selector=" + cluster.name_of(minicluster.meta) : std::string()},
        {"size", status.size}};
  }
  return object;
}

}  // namespace models::flux

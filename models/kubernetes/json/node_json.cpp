#include "models/kubernetes/json/node_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/quantity.h"

namespace models::kubernetes::json {

namespace {

constexpr std::string_view kRolePrefix = "node-role.kubernetes.io/";
constexpr std::string_view kHostname = "kubernetes.io/hostname";

void read_shape(const Json& object, NodeShape& shape, Problems& problems) {
  const Json* amounts = at_path(object, "status.allocatable");
  if (amounts == nullptr) {
    amounts = at_path(object, "status.capacity");
  }
  if (amounts == nullptr) {
    problems.unmodelled.push_back(
        {"status.allocatable", "the node does not say what it holds: nothing fits there"});
    return;
  }
  const auto amount = [&](const char* name, int decimals, std::int64_t fallback) {
    const Json* value = member(*amounts, name);
    return value == nullptr ? fallback : parse_quantity(quantity_text(*value), decimals).value_or(fallback);
  };
  shape.cpu_millicores = amount("cpu", 3, 0);
  shape.memory_bytes = amount("memory", 0, 0);
  shape.pods = static_cast<std::int32_t>(std::clamp<std::int64_t>(amount("pods", 0, 110), 0, 0x7fffffff));
}

void read_taints(Cluster& cluster, const Json& object, Node& out) {
  std::vector<Taint> taints;
  if (const Json* list = at_path(object, "spec.taints")) {
    for (const Json& taint : *list) {
      taints.push_back({text_or(taint, "key"), text_or(taint, "value"), text_or(taint, "effect")});
    }
  }
  out.taint_set = cluster.add_taint_set(std::move(taints));
}

void read_readiness(const Json& object, UnixSeconds epoch, Node& out) {
  const Json* conditions = at_path(object, "status.conditions");
  for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
    const Json& condition = (*conditions)[i];
    if (text_or(condition, "type") == "Ready") {
      const std::string status = text_or(condition, "status");
      out.ready = status == "True";
      out.ready_unknown = status == "Unknown";
      out.kubelet_alive = status != "Unknown";
      out.machine_on = out.kubelet_alive;  // assumed: such a machine is off, not merely cut off
      out.ready_changed = time_at(condition, "lastTransitionTime", epoch).value_or(sim::Time{});
    }
  }
}

/// What only printing needs: annotations, the rest of the spec, addresses, node information, capacity.
Json kept_of(const Json& object) {
  Json kept = Json::object();
  if (const Json* annotations = at_path(object, "metadata.annotations");
      annotations != nullptr && !annotations->empty()) {
    kept["metadata"]["annotations"] = *annotations;
  }
  if (const Json* spec = member(object, "spec")) {
    Json rest = *spec;
    rest.erase("taints");
    rest.erase("unschedulable");
    if (!rest.empty()) {
      kept["spec"] = std::move(rest);
    }
  }
  for (const char* name : {"addresses", "nodeInfo", "capacity"}) {
    if (const Json* value = at_path(object, std::string("status.") + name)) {
      kept["status"][name] = *value;
    }
  }
  return kept;
}

}  // namespace

std::string node_roles(const LabelMap& labels) {
  std::set<std::string> roles;
  for (const auto& [key, value] : labels) {
    if (key.starts_with(kRolePrefix) && key.size() > kRolePrefix.size()) {
      roles.insert(key.substr(kRolePrefix.size()));
    } else if (key == "kubernetes.io/role" && !value.empty()) {
      roles.insert(value);
    }
  }
  std::string text;
  for (const std::string& role : roles) {
    text += (text.empty() ? "" : ",") + role;
  }
  return text;
}

void node_from(Cluster& cluster, const Json& object, UnixSeconds epoch, Node& out, Problems& problems) {
  read_metadata(cluster, object, false, epoch, out.meta);
  NodeShape shape;
  read_shape(object, shape, problems);
  const Json* metadata = member(object, "metadata");
  shape.labels = metadata == nullptr ? LabelMap{} : labels_at(*metadata, "labels");
  std::erase_if(shape.labels, [](const auto& label) { return label.first == kHostname; });
  shape.roles = node_roles(shape.labels);
  const Json* version = at_path(object, "status.nodeInfo.kubeletVersion");
  const Features& features = cluster.features();
  shape.kubelet_version = version != nullptr && version->is_string()
                              ? version->get<std::string>()
                              : fmt::format("v1.{}.{}", features.minor, features.patch);
  out.shape = cluster.add_node_shape(std::move(shape));
  const Json* spec = member(object, "spec");
  out.unschedulable = spec != nullptr && bool_or(*spec, "unschedulable", false);
  read_taints(cluster, object, out);
  read_readiness(object, epoch, out);
  const Json kept = kept_of(object);
  out.manifest = kept.empty() ? 0 : cluster.strings.intern(canonical(kept).dump());
}

bool read_node(Cluster& cluster, const Json& manifest, Node& out, Problems& problems, UnixSeconds epoch) {
  check_fields(manifest, node_structure(), "", problems);
  if (!problems.ok()) {
    return false;
  }
  node_from(cluster, manifest, epoch, out, problems);
  return true;
}

Json node_json(const Cluster& cluster, const Node& node, UnixSeconds epoch) {
  const NodeShape& shape = cluster.shape_of(node);
  Json kept = node.manifest == 0 ? Json::object() : Json::parse(cluster.strings[node.manifest]);
  const std::string& name = cluster.strings[node.meta.name];
  Json metadata = metadata_json(cluster, node.meta, name, epoch);
  if (const Json* annotations = at_path(kept, "metadata.annotations")) {
    metadata["annotations"] = *annotations;
  }
  metadata["labels"] = to_json(shape.labels);
  metadata["labels"][std::string(kHostname)] = name;

  Json spec = make_path(kept, "spec");
  for (const Taint& taint : cluster.taints_of(node)) {
    Json entry{{"effect", taint.effect}, {"key", taint.key}};
    if (!taint.value.empty()) {
      entry["value"] = taint.value;
    }
    spec["taints"].push_back(std::move(entry));
  }
  if (node.unschedulable) {
    spec["unschedulable"] = true;
  }
  Json status = make_path(kept, "status");
  const Json amounts{{"cpu", cpu_text(shape.cpu_millicores)},
                     {"memory", bytes_text(shape.memory_bytes)},
                     {"pods", std::to_string(shape.pods)}};
  status["allocatable"] = amounts;
  if (!status.contains("capacity")) {
    status["capacity"] = amounts;
  }
  status["conditions"].push_back({{"lastTransitionTime", time_text(node.ready_changed, epoch)},
                                  {"reason", node.ready           ? "KubeletReady"
                                             : node.ready_unknown ? "NodeStatusUnknown"
                                                                  : "KubeletNotReady"},
                                  {"status", node.ready           ? "True"
                                             : node.ready_unknown ? "Unknown"
                                                                  : "False"},
                                  {"type", "Ready"}});
  make_path(status, "nodeInfo")["kubeletVersion"] = shape.kubelet_version;
  return canonical(Json{{"apiVersion", "v1"},
                        {"kind", "Node"},
                        {"metadata", std::move(metadata)},
                        {"spec", std::move(spec)},
                        {"status", std::move(status)}});
}

}  // namespace models::kubernetes::json

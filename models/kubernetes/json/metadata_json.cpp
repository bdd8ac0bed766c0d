#include "models/kubernetes/json/metadata_json.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/kubernetes/json/placement_json.h"
#include "models/kubernetes/quantity.h"
#include "models/kubernetes/resource_kinds.h"

namespace models::kubernetes::json {

std::string uid_text(Uid uid) { return fmt::format("00000000-0000-4000-8000-{:012x}", uid); }

void read_metadata(Cluster& cluster, const Json& object, bool namespaced, UnixSeconds epoch, Meta& meta) {
  static const Json nothing = Json::object();
  const Json* found = member(object, "metadata");
  const Json& metadata = found == nullptr ? nothing : *found;
  meta.name = cluster.strings.intern(text_or(metadata, "name"));
  if (namespaced) {
    const std::string name_space = text_or(metadata, "namespace");
    meta.name_space = cluster.strings.intern(name_space.empty() ? "default" : name_space);
  }
  read_times(metadata, epoch, meta);
}

void read_times(const Json& metadata, UnixSeconds epoch, Meta& meta) {
  meta.created = time_at(metadata, "creationTimestamp", epoch).value_or(sim::Time{});
  meta.deletion_timestamp = time_at(metadata, "deletionTimestamp", epoch).value_or(sim::kNever);
  meta.generation = static_cast<std::uint32_t>(std::max<std::int64_t>(1, int_or(metadata, "generation", 1)));
}

Json metadata_json(const Cluster& cluster, const Meta& meta, std::string_view name, UnixSeconds epoch) {
  Json metadata = Json::object();
  metadata["name"] = name;
  if (meta.name_space != 0) {
    metadata["namespace"] = cluster.strings[meta.name_space];
  }
  metadata["uid"] = uid_text(meta.uid);
  metadata["resourceVersion"] = std::to_string(meta.resource_version);
  metadata["creationTimestamp"] = time_text(meta.created, epoch);
  if (meta.deleting()) {
    metadata["deletionTimestamp"] = time_text(meta.deletion_timestamp, epoch);
  }
  return metadata;
}

Json owner_reference_json(const Cluster& cluster, const OwnerRef& owner, Text name_of_gone) {
  // A row is used again once its object is forgotten: the uid tells.
  const auto name_in = [&](const auto& store) {
    const bool there = store.alive(owner.row) && store[owner.row].meta.uid == owner.uid;
    return there ? store[owner.row].meta.name : name_of_gone;
  };
  const Text name = owner.kind == Kind::StatefulSet  ? name_in(cluster.statefulsets)
                    : owner.kind == Kind::Job        ? name_in(cluster.jobs)
                    : owner.kind == Kind::ReplicaSet ? name_in(cluster.replicasets)
                    : owner.kind == Kind::Deployment ? name_in(cluster.deployments)
                    : owner.kind == Kind::DaemonSet  ? name_in(cluster.daemonsets)
                                                     : Text{0};
  if (name == 0) {
    return {};
  }
  const ResourceKind& kind = resource_of(owner.kind);
  Json reference = Json::object();
  reference["apiVersion"] = kind.api_version;
  reference["blockOwnerDeletion"] = true;
  reference["controller"] = true;
  reference["kind"] = kind.kind_name;
  reference["name"] = cluster.strings[name];
  reference["uid"] = uid_text(owner.uid);
  return reference;
}

std::string kept_text(const Json& object) {
  Json kept = Json::object();
  if (const Json* metadata = member(object, "metadata")) {
    if (const Json* annotations = member(*metadata, "annotations");
        annotations != nullptr && !annotations->empty()) {
      kept["metadata"]["annotations"] = *annotations;
    }
    const Json* finalizers = member(*metadata, "finalizers");
    for (std::size_t i = 0; finalizers != nullptr && i < finalizers->size(); ++i) {
      // Those of a deletion are stored as `propagation`.
      if ((*finalizers)[i] != Json("foregroundDeletion") && (*finalizers)[i] != Json("orphan")) {
        kept["metadata"]["finalizers"].push_back((*finalizers)[i]);
      }
    }
  }
  if (const Json* spec = member(object, "spec")) {
    kept["spec"] = *spec;
    kept["spec"].erase("template");
  }
  return canonical(kept).dump();
}

namespace {

/// An object of JSON text; an empty object for none.
Json parsed(const std::string& text) { return text.empty() ? Json::object() : Json::parse(text); }

Json resources_json(const Container& container) {
  Json requests = Json::object();
  if (container.cpu_millicores != 0) {
    requests["cpu"] = cpu_text(container.cpu_millicores);
  }
  if (container.memory_bytes != 0) {
    requests["memory"] = bytes_text(container.memory_bytes);
  }
  return requests.empty() ? Json::object() : Json{{"requests", std::move(requests)}};
}

const char* restart_policy_text(RestartPolicy policy) {
  return policy == RestartPolicy::Always      ? "Always"
         : policy == RestartPolicy::OnFailure ? "OnFailure"
                                              : "Never";
}

}  // namespace

LabelMap labels_from(const Cluster& cluster, Text labels_json) {
  return labels_at(Json{{"labels", parsed(cluster.strings[labels_json])}}, "labels");
}

Json template_json(const PodTemplate& pod_template) {
  if (!pod_template.manifest.empty()) {
    return Json::parse(pod_template.manifest);
  }
  Json metadata = Json::object();
  if (!pod_template.annotations.empty()) {
    metadata["annotations"] = to_json(pod_template.annotations);
  }
  if (!pod_template.labels.empty()) {
    metadata["labels"] = to_json(pod_template.labels);
  }
  Json spec = Json::object();
  for (const Container& container : pod_template.containers) {
    // A described cluster need not say which image runs; the API has no container without one.
    const std::string image = container.image.empty() ? "unspecified" : container.image;
    Json entry{{"name", container.name}, {"image", image}, {"resources", resources_json(container)}};
    if (container.restartable) {
      entry["restartPolicy"] = "Always";
    }
    spec[container.init ? "initContainers" : "containers"].push_back(std::move(entry));
  }
  if (!pod_template.node_selector.empty()) {
    spec["nodeSelector"] = to_json(pod_template.node_selector);
  }
  for (const Toleration& toleration : pod_template.tolerations) {
    Json entry = Json::object();
    for (const auto& [name, value] :
         {std::pair{"effect", &toleration.effect}, std::pair{"key", &toleration.key},
          std::pair{"value", &toleration.value}}) {
      if (!value->empty()) {
        entry[name] = *value;
      }
    }
    entry["operator"] = toleration.exists ? "Exists" : "Equal";
    if (toleration.seconds >= 0) {
      entry["tolerationSeconds"] = toleration.seconds;
    }
    spec["tolerations"].push_back(std::move(entry));
  }
  write_placement(pod_template, spec);
  spec["restartPolicy"] = restart_policy_text(pod_template.restart_policy);
  spec["terminationGracePeriodSeconds"] = pod_template.termination_grace_seconds;
  if (pod_template.active_deadline_seconds >= 0) {
    spec["activeDeadlineSeconds"] = pod_template.active_deadline_seconds;
  }
  return Json{{"metadata", std::move(metadata)}, {"spec", std::move(spec)}};
}

Json with_template(const Cluster& cluster, Text manifest, Text labels_json, TemplateId pod_template) {
  Json object = parsed(cluster.strings[manifest]);
  make_path(object, "spec")["template"] = template_json(*cluster.templates[pod_template]);
  Json& metadata = make_path(object, "metadata");
  if (labels_json != 0) {
    metadata["labels"] = Json::parse(cluster.strings[labels_json]);
  }
  return object;
}

}  // namespace models::kubernetes::json

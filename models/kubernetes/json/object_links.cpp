#include "models/kubernetes/json/object_links.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/pod_json.h"

namespace models::kubernetes::json {

std::string text_at(const Json& object, std::string_view path) {
  const Json* value = at_path(object, path);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string display_name(const Json& object) {
  const std::string name_space = text_at(object, "metadata.namespace");
  return (name_space.empty() ? "" : name_space + "/") + text_at(object, "metadata.name");
}

std::optional<std::int32_t> number_after(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() == prefix.size()) {
    return std::nullopt;
  }
  const std::string_view digits = name.substr(prefix.size());
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size() && value >= 0;
  return whole && std::to_string(value) == digits ? std::optional{value} : std::nullopt;
}

const Json* controller_of(const Json& object) {
  const Json* references = at_path(object, "metadata.ownerReferences");
  for (std::size_t i = 0; references != nullptr && references->is_array() && i < references->size(); ++i) {
    if (bool_or((*references)[i], "controller", false)) {
      return &(*references)[i];
    }
  }
  return nullptr;
}

DeletionFinalizer deletion_finalizer(const Json& object) {
  const Json* finalizers = at_path(object, "metadata.finalizers");
  for (std::size_t i = 0; finalizers != nullptr && finalizers->is_array() && i < finalizers->size(); ++i) {
    if ((*finalizers)[i] == Json("foregroundDeletion")) {
      return DeletionFinalizer::ForegroundDeletion;
    }
    if ((*finalizers)[i] == Json("orphan")) {
      return DeletionFinalizer::Orphan;
    }
  }
  return DeletionFinalizer::None;
}

bool is_derived(std::string_view key) {
  constexpr std::string_view kKeys[] = {"apps.kubernetes.io/pod-index",
                                        "batch.kubernetes.io/controller-uid",
                                        "batch.kubernetes.io/job-completion-index",
                                        "batch.kubernetes.io/job-name",
                                        "controller-revision-hash",
                                        "controller-uid",
                                        "job-name",
                                        "pod-template-generation",
                                        "statefulset.kubernetes.io/pod-name"};
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

void erase_derived(LabelMap& labels) {
  std::erase_if(labels, [](const auto& label) { return is_derived(label.first); });
}

void read_identity(Cluster& cluster, const Json& metadata, const LabelMap& labels, Kind owner,
                   std::string_view owner_name, Pod& out) {
  const std::string name = text_or(metadata, "name");
  if (owner == Kind::StatefulSet) {
    if (const std::optional<std::int32_t> ordinal = number_after(name, std::string(owner_name) + "-")) {
      out.base_name = cluster.strings.intern(owner_name);
      out.index = *ordinal;
      out.meta.name = 0;
    }
    if (const std::string* revision = find_label(labels, "controller-revision-hash")) {
      out.revision = cluster.strings.intern(*revision);
    }
    return;
  }
  if (owner == Kind::DaemonSet) {
    if (const std::string* revision = find_label(labels, "controller-revision-hash")) {
      out.revision = cluster.strings.intern(*revision);
    }
    if (const std::string* generation = find_label(labels, "pod-template-generation")) {
      out.template_generation = static_cast<std::uint32_t>(number_after(*generation, "").value_or(0));
    }
  }
  if (owner == Kind::ReplicaSet || owner == Kind::DaemonSet) {
    out.made_for = owner;
  }
  const LabelMap annotations = labels_at(metadata, "annotations");
  const auto number = [&](const char* key, std::int32_t fallback) {
    const std::string* text = find_label(annotations, key);
    return text == nullptr ? fallback : number_after(*text, "").value_or(fallback);
  };
  out.index = number("batch.kubernetes.io/job-completion-index", -1);
  out.failure_count = number("batch.kubernetes.io/job-index-failure-count", -1);
  out.ignored_failure_count = number("batch.kubernetes.io/job-index-ignored-failure-count", 0);
  out.suffix =
      name.size() > 6 && name[name.size() - 6] == '-' ? parse_suffix(name.substr(name.size() - 5)) : 0;
  if (out.suffix != 0) {
    const Text whole = std::exchange(out.meta.name, 0);
    out.base_name = cluster.strings.intern(owner_name);
    if (cluster.name_of(out) != name) {
      out.meta.name = whole;
    }
  }
}

void read_finalizers(const Json& metadata, Pod& out) {
  const Json* finalizers = member(metadata, "finalizers");
  out.job_tracking = out.foreign_finalizer = false;
  for (std::size_t i = 0; finalizers != nullptr && finalizers->is_array() && i < finalizers->size(); ++i) {
    const bool of_job = (*finalizers)[i] == Json("batch.kubernetes.io/job-tracking");
    (of_job ? out.job_tracking : out.foreign_finalizer) = true;
  }
}

// ---------------------------------------------------------------------------------------------------------
// Templates

std::optional<TemplateId> known_revision(const Cluster& cluster, Row set, Text name) {
  for (Row row = 0; name != 0 && row < cluster.revisions.extent(); ++row) {
    const ControllerRevision& revision = cluster.revisions[row];
    if (cluster.revisions.exists(row) && revision.owner.kind == Kind::StatefulSet &&
        revision.owner.row == set && revision.meta.name == name) {
      return revision.pod_template;
    }
  }
  return std::nullopt;
}

ContainerImages images_of(const PodTemplate& pod_template) {
  ContainerImages images;
  for (const Container& container : pod_template.containers) {
    images.emplace_back(container.name, container.image);
  }
  return images;
}

std::optional<TemplateId> owner_template(const Cluster& cluster, const Pod& pod,
                                         const ContainerImages& images) {
  const auto is_there = [&](const auto& store) {
    return store.exists(pod.owner.row) && store[pod.owner.row].meta.uid == pod.owner.uid;
  };
  if (pod.owner.kind == Kind::Job && is_there(cluster.jobs)) {
    return cluster.jobs[pod.owner.row].spec.pod_template;
  }
  // A ReplicaSet's template is its pods' as long as nobody changes it, which nobody does.
  if (pod.owner.kind == Kind::ReplicaSet && is_there(cluster.replicasets)) {
    return cluster.replicasets[pod.owner.row].spec.pod_template;
  }
  if (pod.owner.kind != Kind::StatefulSet || !is_there(cluster.statefulsets)) {
    return std::nullopt;
  }
  if (const std::optional<TemplateId> known = known_revision(cluster, pod.owner.row, pod.revision)) {
    return known;
  }
  const StatefulSet& set = cluster.statefulsets[pod.owner.row];
  const TemplateId own = set.spec.pod_template;
  const bool current = set.status.update_revision == 0
                           ? images_of(*cluster.templates[own]) == images
                           : set.status.observed_generation == set.meta.generation &&
                                 (pod.revision == 0 || pod.revision == set.status.update_revision);
  return current ? std::optional{own} : std::nullopt;
}

namespace {

/// The token volume that admission adds has a random name. Source: plugin/pkg/admission/serviceaccount.
void erase_service_account_volume(Json& spec) {
  const auto erase_token = [](Json& object, const char* list) {
    if (member(object, list) == nullptr || !object[list].is_array()) {
      return;
    }
    Json kept = Json::array();
    for (const Json& item : object[list]) {
      if (!text_or(item, "name").starts_with("kube-api-access-")) {
        kept.push_back(item);
      }
    }
    object[list] = std::move(kept);
  };
  erase_token(spec, "volumes");
  for (const char* list : {"containers", "initContainers"}) {
    if (member(spec, list) != nullptr) {
      for (Json& container : spec[list]) {
        erase_token(container, "volumeMounts");
      }
    }
  }
}

/// A pod's metadata and spec without what is the pod's alone, so that pods of one workload share a template.
Json own_template(const Json& object, const LabelMap& labels, const Pod& pod) {
  LabelMap shared = labels;
  if (pod.base_name != 0) {
    erase_derived(shared);
  }
  Json pod_template = Json::object();
  pod_template["metadata"]["labels"] = to_json(shared);
  Json spec = object.at("spec");
  for (const char* name : {"nodeName", "hostname", "subdomain", "ephemeralContainers"}) {
    spec.erase(name);
  }
  if (pod.owner.kind != Kind::None) {
    erase_service_account_volume(spec);
    // A DaemonSet's pod names its node by affinity; it is bound there and stays.
    if (const Json* affinity = at_path(spec, "affinity.nodeAffinity");
        affinity != nullptr && affinity->dump().find("matchFields") != std::string::npos) {
      spec["affinity"].erase("nodeAffinity");
    }
  } else if (const Json* annotations = at_path(object, "metadata.annotations")) {
    pod_template["metadata"]["annotations"] = *annotations;
  }
  pod_template["spec"] = std::move(spec);
  return pod_template;
}

ContainerImages images_in(const Json& object) {
  ContainerImages images;
  for (const char* path : {"spec.initContainers", "spec.containers"}) {
    const Json* list = at_path(object, path);
    for (std::size_t i = 0; list != nullptr && list->is_array() && i < list->size(); ++i) {
      images.emplace_back(text_or((*list)[i], "name"), text_or((*list)[i], "image"));
    }
  }
  return images;
}

}  // namespace

TemplateId choose_template(Cluster& cluster, const Json& object, const LabelMap& labels, const Pod& pod,
                           Problems& problems) {
  if (const std::optional<TemplateId> shared = owner_template(cluster, pod, images_in(object))) {
    return *shared;
  }
  Json defaulted = object;
  default_pod(defaulted);
  return cluster.add_template(pod_template_from(own_template(defaulted, labels, pod), "", problems));
}

void set_own_labels(Cluster& cluster, const LabelMap& labels, Pod& pod) {
  LabelMap own = labels;
  if (pod.base_name != 0) {
    erase_derived(own);
  }
  pod.label_set =
      own == cluster.templates[pod.pod_template]->labels ? 0 : cluster.add_label_set(std::move(own));
}

void link_claim_to_set(const Cluster& cluster, std::string_view name, PersistentVolumeClaim& claim) {
  for (Row row = 0; row < cluster.statefulsets.extent() && claim.set_name == 0; ++row) {
    if (!cluster.statefulsets.exists(row)) {
      continue;
    }
    const StatefulSet& set = cluster.statefulsets[row];
    if (set.spec.claims == nullptr || set.meta.name_space != claim.meta.name_space) {
      continue;
    }
    for (std::size_t i = 0; i < set.spec.claims->size(); ++i) {
      const std::string prefix = (*set.spec.claims)[i].name + "-" + cluster.strings[set.meta.name] + "-";
      if (const std::optional<std::int32_t> ordinal = number_after(name, prefix)) {
        claim.set_name = set.meta.name;
        claim.ordinal = *ordinal;
        claim.claim_template = static_cast<std::uint16_t>(i);
      }
    }
  }
}

}  // namespace models::kubernetes::json

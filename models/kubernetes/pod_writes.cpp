#include "models/kubernetes/pod_writes.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/json/object_links.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/pod_validation.h"

namespace models::kubernetes {

namespace {

using json::Json;

std::string name_in(const Json& object) { return json::text_or(object.at("metadata"), "name"); }

bool same_path(const Json& a, const Json& b, std::string_view path) {
  const Json* left = json::at_path(a, path);
  const Json* right = json::at_path(b, path);
  const bool nothing_left = left == nullptr || (left->is_structured() && left->empty());
  const bool nothing_right = right == nullptr || (right->is_structured() && right->empty());
  return nothing_left || nothing_right ? nothing_left == nothing_right : json::same(*left, *right);
}

bool has_finalizer(const Json& object, std::string_view name) {
  const Json* finalizers = json::at_path(object, "metadata.finalizers");
  return finalizers != nullptr &&
         std::find(finalizers->begin(), finalizers->end(), Json(name)) != finalizers->end();
}

bool has_finalizer_other_than(const Json& object, std::string_view name) {
  const Json* finalizers = json::at_path(object, "metadata.finalizers");
  return finalizers != nullptr && std::any_of(finalizers->begin(), finalizers->end(),
                                              [&](const Json& value) { return value != Json(name); });
}

constexpr std::string_view kTracking = "batch.kubernetes.io/job-tracking";

/// The set without any label: of a pod whose template has some.
std::uint32_t no_labels(Cluster& cluster) {
  std::size_t place = 0;
  while (place < cluster.label_sets.size() && !cluster.label_sets[place]->empty()) {
    ++place;
  }
  if (place == cluster.label_sets.size()) {
    cluster.label_sets.push_back(std::make_shared<const LabelMap>());
  }
  return static_cast<std::uint32_t>(place) + 1;
}

/// The label set to store, or an error where it cannot be held.
std::uint32_t changed_labels(Cluster& cluster, const Pod& pod, const Json& changed, const Json& old,
                             ApiError& error) {
  LabelMap labels = json::labels_at(changed.at("metadata"), "labels");
  LabelMap before = json::labels_at(old.at("metadata"), "labels");
  if (pod.base_name != 0) {
    LabelMap derived;
    LabelMap derived_before;
    for (auto& [from, to] : {std::pair{&labels, &derived}, std::pair{&before, &derived_before}}) {
      std::copy_if(from->begin(), from->end(), std::back_inserter(*to),
                   [](const auto& label) { return json::is_derived(label.first); });
      std::erase_if(*from, [](const auto& label) { return json::is_derived(label.first); });
    }
    if (derived != derived_before) {
      error = not_modelled_error("a change of a label that follows from the pod's owner");
      return 0;
    }
  }
  return labels.empty() && !cluster.template_of(pod).labels.empty()
             ? no_labels(cluster)
             : cluster.add_label_set(std::move(labels));
}

constexpr std::string_view kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";

/// The cost in a pod's annotations; nullopt for one that is no number of 32 bits. Source:
/// pkg/apis/core/helper GetDeletionCostFromPodAnnotations.
std::optional<std::int32_t> deletion_cost_of(const LabelMap& annotations) {
  const std::string* text = find_label(annotations, kDeletionCost);
  if (text == nullptr) {
    return 0;
  }
  std::int32_t cost = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), cost);
  return problem == std::errc{} && end == text->data() + text->size() ? std::optional(cost) : std::nullopt;
}

/// Annotations that follow from other fields of a pod. Source: pkg/controller/job, pod_json.cpp.
bool is_derived_annotation(const std::string& key) { return key.starts_with("batch.kubernetes.io/job-"); }

/// The pod's template with other annotations: pods hold theirs there. An error where they cannot be held.
TemplateId changed_annotations(Cluster& cluster, const Pod& pod, const Json& changed, const Json& old,
                               ApiError& error) {
  LabelMap annotations = json::labels_at(changed.at("metadata"), "annotations");
  LabelMap before = json::labels_at(old.at("metadata"), "annotations");
  const auto derived = [](const LabelMap& map) {
    LabelMap result;
    std::copy_if(map.begin(), map.end(), std::back_inserter(result),
                 [](const auto& entry) { return is_derived_annotation(entry.first); });
    return result;
  };
  if (derived(annotations) != derived(before)) {
    error = not_modelled_error("a change of an annotation that the Job controller reads");
    return pod.pod_template;
  }
  std::erase_if(annotations, [](const auto& entry) { return is_derived_annotation(entry.first); });
  PodTemplate next = cluster.template_of(pod);
  next.annotations = std::move(annotations);
  if (!next.manifest.empty()) {
    Json manifest = Json::parse(next.manifest);
    json::make_path(manifest, "metadata").erase("annotations");
    if (!next.annotations.empty()) {
      manifest["metadata"]["annotations"] = json::to_json(next.annotations);
    }
    next.manifest = json::canonical(manifest).dump();
  }
  return cluster.add_template(std::move(next));
}

/// The spec but for the tolerations.
Json without_tolerations(const Json& pod) {
  const Json* spec = json::member(pod, "spec");
  Json rest = spec == nullptr ? Json::object() : *spec;
  rest.erase("tolerations");
  return rest;
}

/// The pod's template with other tolerations: pods hold theirs there.
TemplateId changed_tolerations(Cluster& cluster, TemplateId from, const Json& changed) {
  PodTemplate next = *cluster.templates[from];
  const Json* tolerations = json::at_path(changed, "spec.tolerations");
  json::Problems problems;  // what can be wrong was found by validate_pod_update
  next.tolerations =
      json::pod_template_from({{"spec",
                                {{"containers", Json::array()},
                                 {"tolerations", tolerations == nullptr ? Json::array() : *tolerations}}}},
                              "", problems)
          .tolerations;
  if (!next.manifest.empty()) {
    Json manifest = Json::parse(next.manifest);
    json::make_path(manifest, "spec").erase("tolerations");
    if (tolerations != nullptr && !tolerations->empty()) {
      manifest["spec"]["tolerations"] = *tolerations;
    }
    next.manifest = json::canonical(manifest).dump();
  }
  return cluster.add_template(std::move(next));
}

}  // namespace

WriteResult replace_pod(Turn& turn, Row row, const Json& changed, const Json& old, By by, ApiError& error) {
  Cluster& cluster = turn.cluster;
  FieldErrors errors = validate_pod_update(changed, old);
  validate_labels(json::labels_at(changed.at("metadata"), "labels"), "metadata.labels", errors);
  if (!errors.empty()) {
    error = invalid_error(Kind::Pod, name_in(old), std::move(errors));
    return {Outcome::Invalid, row};
  }
  const bool released = !same_path(changed, old, "metadata.ownerReferences");
  const Json* references = json::at_path(changed, "metadata.ownerReferences");
  if (!json::same(without_tolerations(changed), without_tolerations(old))) {
    error = not_modelled_error("a change of a pod's spec");
  } else if (released && references != nullptr && !references->empty()) {
    error = not_modelled_error("a change of a pod's owner references");
  }
  const Pod& pod = cluster.pods[row];
  std::uint32_t label_set = pod.label_set;
  if (!error && !same_path(changed, old, "metadata.labels")) {
    label_set = changed_labels(cluster, pod, changed, old, error);
  }
  TemplateId pod_template = pod.pod_template;
  const LabelMap annotations = json::labels_at(changed.at("metadata"), "annotations");
  const std::optional<std::int32_t> cost = deletion_cost_of(annotations);
  if (!error && !cost) {
    // Source: pkg/apis/core/validation ValidatePodSpecificAnnotations.
    FieldErrors refused{invalid(fmt::format("metadata.annotations[{}]", kDeletionCost),
                                *find_label(annotations, kDeletionCost), "must be a 32bit integer")};
    error = invalid_error(Kind::Pod, name_in(old), std::move(refused));
  }
  if (!error && !same_path(changed, old, "metadata.annotations")) {
    pod_template = changed_annotations(cluster, pod, changed, old, error);
  }
  if (!error && !same_path(changed, old, "spec.tolerations")) {
    pod_template = changed_tolerations(cluster, pod_template, changed);
  }
  const bool tracking = has_finalizer(changed, kTracking);
  const bool foreign = has_finalizer_other_than(changed, kTracking);
  if (!error && pod.meta.deleting() &&
      ((tracking && !pod.job_tracking) || (foreign && !pod.foreign_finalizer))) {
    FieldErrors added{
        forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted")};
    error = invalid_error(Kind::Pod, name_in(old), std::move(added));
  }
  if (error) {
    return {Outcome::Invalid, row};
  }
  WriteResult result = update<Pod>(turn, row, by, Verb::Update, [&](Pod& object) {
    object.label_set = label_set;
    object.pod_template = pod_template;
    object.deletion_cost = cost.value_or(0);
    object.job_tracking = tracking;
    object.foreign_finalizer = foreign;
  });
  if (result.ok() && released) {
    result = set_pod_owner(turn, row, {}, by);
  }
  if (result.ok()) {
    remove_pod_if_finalized(turn, row, {by.writer, result.transition});
  }
  return result;
}

WriteResult replace_node(Turn& turn, Row row, const Json& changed, const Json& old, By by, ApiError& error,
                         json::Problems& problems) {
  if (FieldErrors errors = validate_node(changed); !errors.empty()) {
    error = invalid_error(Kind::Node, name_in(old), std::move(errors));
    return {Outcome::Invalid, row};
  }
  if (!same_path(changed, old, "metadata.finalizers") ||
      !same_path(changed, old, "metadata.ownerReferences")) {
    error = not_modelled_error("a change of a node's finalizers or owners");
    return {Outcome::Invalid, row};
  }
  Node next;
  json::node_from(turn.cluster, changed, 0, next, problems);
  // Roles and version of a described node follow from no label: its shape stays while its labels do.
  if (same_path(changed, old, "metadata.labels")) {
    next.shape = turn.cluster.nodes[row].shape;
  }
  Json fixed = changed.value("spec", Json::object());
  Json old_fixed = old.value("spec", Json::object());
  for (Json* spec : {&fixed, &old_fixed}) {
    spec->erase("taints");
    spec->erase("unschedulable");
  }
  if (!json::same(fixed, old_fixed)) {
    error = not_modelled_error("a change of a node's spec other than of taints and unschedulable");
    return {Outcome::Invalid, row};
  }
  return update<Node>(turn, row, by, Verb::Update, [&](Node& node) {
    node.shape = next.shape;
    node.taint_set = next.taint_set;
    node.unschedulable = next.unschedulable;
    node.manifest = next.manifest;
  });
}

WriteResult replace_claim(Turn& turn, Row row, const Json& changed, const Json& old, By by, ApiError& error) {
  FieldErrors errors = validate_claim_update(changed, old);
  if (!errors.empty()) {
    error = invalid_error(Kind::PersistentVolumeClaim, name_in(old), std::move(errors));
    return {Outcome::Invalid, row};
  }
  for (const char* path : {"spec", "metadata.ownerReferences"}) {
    if (!same_path(changed, old, path)) {
      error = not_modelled_error(std::string("a change of ") + path + " of a claim");
      return {Outcome::Invalid, row};
    }
  }
  constexpr std::string_view kProtection = "kubernetes.io/pvc-protection";
  if (has_finalizer_other_than(changed, kProtection)) {
    error = not_modelled_error("a finalizer of a claim other than kubernetes.io/pvc-protection");
    return {Outcome::Invalid, row};
  }
  validate_labels(json::labels_at(changed.at("metadata"), "labels"), "metadata.labels", errors);
  if (!errors.empty()) {
    error = invalid_error(Kind::PersistentVolumeClaim, name_in(old), std::move(errors));
    return {Outcome::Invalid, row};
  }
  if (!same_path(changed, old, "metadata.labels") || !same_path(changed, old, "metadata.annotations")) {
    PersistentVolumeClaim next;
    json::claim_from(turn.cluster, changed, 0, next);
    const WriteResult result = update<PersistentVolumeClaim>(
        turn, row, by, Verb::Update, [&](PersistentVolumeClaim& claim) { claim.manifest = next.manifest; });
    if (!result.ok() || has_finalizer(changed, kProtection) == turn.cluster.claims[row].protection) {
      return result;
    }
  }
  if (has_finalizer(changed, kProtection) == turn.cluster.claims[row].protection) {
    return {Outcome::Ok, row};
  }
  if (!has_finalizer(changed, kProtection)) {
    return remove_claim_protection(turn, row, by);
  }
  return update<PersistentVolumeClaim>(turn, row, by, Verb::Update,
                                       [](PersistentVolumeClaim& claim) { claim.protection = true; });
}

}  // namespace models::kubernetes

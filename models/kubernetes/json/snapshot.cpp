#include "models/kubernetes/json/snapshot.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/job_json.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/json/statefulset_json.h"
#include "models/kubernetes/resource_kinds.h"

namespace models::kubernetes::json {

namespace {

constexpr By kSetup{Writer::Setup, sim::kNoTransition};

std::string without_positions(std::string_view path) {
  std::string result;
  bool inside = false;
  for (const char c : path) {
    inside = c == '[' || (inside && c != ']');
    if (!inside && c != ']') {
      result += c;
    }
  }
  return result;
}

std::string text_at(const Json& object, std::string_view path) {
  const Json* value = at_path(object, path);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string display_name(const Json& object) {
  const std::string name_space = text_at(object, "metadata.namespace");
  return (name_space.empty() ? "" : name_space + "/") + text_at(object, "metadata.name");
}

/// The number after `prefix` in `name`; nullopt if there is no such name.
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

/// Where an object of the source went.
struct Place {
  Kind kind = Kind::None;
  Row row = kNoRow;
  Uid uid = 0;
};

const Json* controller_of(const Json& object) {
  const Json* references = at_path(object, "metadata.ownerReferences");
  for (std::size_t i = 0; references != nullptr && references->is_array() && i < references->size(); ++i) {
    if (bool_or((*references)[i], "controller", false)) {
      return &(*references)[i];
    }
  }
  return nullptr;
}

/// The labels that controllers add to their pods, which are not stored.
void erase_derived(LabelMap& labels) {
  constexpr std::string_view kKeys[] = {"apps.kubernetes.io/pod-index",
                                        "batch.kubernetes.io/controller-uid",
                                        "batch.kubernetes.io/job-completion-index",
                                        "batch.kubernetes.io/job-name",
                                        "controller-revision-hash",
                                        "controller-uid",
                                        "job-name",
                                        "statefulset.kubernetes.io/pod-name"};
  std::erase_if(labels, [&](const auto& label) {
    return std::find(std::begin(kKeys), std::end(kKeys), label.first) != std::end(kKeys);
  });
}

/// Creates the objects of one snapshot.
class Linking {
 public:
  Linking(Turn& turn, UnixSeconds epoch, SnapshotResult& result)
      : turn_(turn), epoch_(epoch), result_(result) {}

  void nodes(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      Problems problems;
      Node node;
      if (read_node(cluster(), object, node, problems, epoch_)) {
        place(object, Kind::Node, create_node(turn_, node, kSetup));
      }
      note(object, "Node", problems);
    }
  }

  void statefulsets(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      Problems problems;
      StatefulSet set;
      if (read_statefulset(cluster(), object, set, problems)) {
        read_metadata(cluster(), object, true, epoch_, set.meta);
        read_statefulset_status(cluster(), object, set);
        set.propagation = deletion_finalizer(object);
        const Row row =
            place(object, Kind::StatefulSet, create_statefulset(turn_, std::move(set), kSetup)).row;
        foreign_owner(object, Kind::StatefulSet, row);
      }
      note(object, "StatefulSet", problems);
    }
  }

  void jobs(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      Problems problems;
      Job job;
      if (read_job(cluster(), object, job, problems)) {
        read_metadata(cluster(), object, true, epoch_, job.meta);
        read_job_status(cluster(), object, epoch_, job);
        job.propagation = deletion_finalizer(object);
        const Row row = place(object, Kind::Job, create_job(turn_, std::move(job), kSetup)).row;
        foreign_owner(object, Kind::Job, row);
      }
      note(object, "Job", problems);
    }
  }

  void revisions(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      const Json* pod_template = at_path(object, "data.spec.template");
      const Json* owner = controller_of(object);
      const Place set = owner == nullptr ? Place{} : find_owner(*owner);
      if (pod_template == nullptr || set.kind != Kind::StatefulSet) {
        continue;  // a DaemonSet's
      }
      Problems problems;
      Json content = *pod_template;
      content.erase("$patch");
      ControllerRevision revision;
      read_metadata(cluster(), object, true, epoch_, revision.meta);
      revision.owner = {Kind::StatefulSet, set.row, set.uid};
      revision.revision = int_or(object, "revision", 1);
      if (read_pod_template(cluster(), content, revision.pod_template, problems)) {
        create_revision(turn_, revision, kSetup);
        ++result_.objects;
      }
      note(object, "ControllerRevision", problems);
    }
  }

  void pods(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      Problems problems;
      check_fields(object, pod_structure(), "", problems);
      if (problems.ok()) {
        pod(object, problems);
      }
      note(object, "Pod", problems);
    }
  }

  void claims(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      Problems problems;
      PersistentVolumeClaim claim;
      if (read_claim(cluster(), object, claim, problems)) {
        Json whole = object;
        make_path(whole, "spec");
        claim_from(cluster(), whole, epoch_, claim);
        link_claim(object, claim);
        place(object, Kind::PersistentVolumeClaim, create_claim(turn_, claim, kSetup));
      }
      note(object, "PersistentVolumeClaim", problems);
    }
  }

  /// Revisions that the snapshot does not hold: the update revision has the set's template, an older one that
  /// of a pod which runs it.
  void missing_revisions() {
    for (Row row = 0; row < cluster().statefulsets.extent(); ++row) {
      if (!cluster().statefulsets.exists(row)) {
        continue;
      }
      const StatefulSet& set = cluster().statefulsets[row];
      const StatefulSetStatus status = set.status;
      const TemplateId update_template = set.spec.pod_template;
      // The update revision is the newest: the current one stands before all that the snapshot holds.
      const auto [lowest, highest] = revision_numbers(row);
      if (status.current_revision != 0 && status.current_revision != status.update_revision &&
          known_revision(row, status.current_revision) == kUnknownTemplate) {
        make_revision(row, status.current_revision, template_of_revision(row, status.current_revision),
                      lowest - 1);
      }
      if (status.update_revision != 0) {
        make_revision(row, status.update_revision, update_template, highest + 1);
      }
    }
  }

  /// Uids of pods that a Job has not counted yet.
  void uncounted(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      const auto found = places_.find(text_at(object, "metadata.uid"));
      const Json* lists = at_path(object, "status.uncountedTerminatedPods");
      if (found == places_.end() || lists == nullptr) {
        continue;
      }
      JobStatus& status = cluster().jobs[found->second.row].status;
      for (const auto& [name, uids] : {std::pair{"failed", &status.uncounted_failed},
                                       std::pair{"succeeded", &status.uncounted_succeeded}}) {
        const Json* list = member(*lists, name);
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
          const auto pod = places_.find((*list)[i].get<std::string>());
          // A pod that is gone already is still to be counted: its uid is never met again.
          uids->push_back(pod == places_.end() ? cluster().next_uid++ : pod->second.uid);
        }
      }
    }
  }

 private:
  Cluster& cluster() { return turn_.cluster; }

  Place place(const Json& object, Kind kind, const WriteResult& written) {
    if (!written.ok()) {
      add_note(result_.errors, object, std::string(resource_of(kind).kind_name), "metadata.name",
               "an object with this name is there already");
      return {};
    }
    ++result_.objects;
    Place at{kind, written.row, cluster().next_uid - 1};
    if (const std::string uid = text_at(object, "metadata.uid"); !uid.empty()) {
      places_[uid] = at;
    }
    names_[{kind, display_name(object)}] = at;
    return at;
  }

  /// The object that an owner reference means, by its uid, else by its name.
  Place find_owner(const Json& reference, const std::string& name_space = "") const {
    if (const auto by_uid = places_.find(text_or(reference, "uid")); by_uid != places_.end()) {
      return by_uid->second;
    }
    if (!text_or(reference, "uid").empty()) {
      return {};
    }
    const ResourceKind* kind = find_kind(text_or(reference, "kind"));
    const auto by_name = kind == nullptr
                             ? names_.end()
                             : names_.find({kind->kind, (name_space.empty() ? "" : name_space + "/") +
                                                            text_or(reference, "name")});
    return by_name == names_.end() ? Place{} : by_name->second;
  }

  static DeletionFinalizer deletion_finalizer(const Json& object) {
    const Json* finalizers = at_path(object, "metadata.finalizers");
    for (std::size_t i = 0; finalizers != nullptr && i < finalizers->size(); ++i) {
      if ((*finalizers)[i] == Json("foregroundDeletion")) {
        return DeletionFinalizer::ForegroundDeletion;
      }
      if ((*finalizers)[i] == Json("orphan")) {
        return DeletionFinalizer::Orphan;
      }
    }
    return DeletionFinalizer::None;
  }

  void foreign_owner(const Json& object, Kind kind, Row row) {
    if (const Json* owner = controller_of(object); owner != nullptr && row != kNoRow) {
      result_.foreign_owners.push_back(
          {kind, row, text_or(*owner, "kind"), text_or(*owner, "name"), text_or(*owner, "uid")});
    }
  }

  // -------------------------------------------------------------------------------------------------------
  // Pods

  void pod(const Json& object, Problems& problems) {
    Json defaulted = object;
    default_pod(defaulted);
    Pod out;
    const Json& metadata = defaulted["metadata"];
    read_metadata(cluster(), defaulted, true, epoch_, out.meta);
    const LabelMap labels = labels_at(metadata, "labels");
    const Json* owner = controller_of(defaulted);
    const Place of = owner == nullptr ? Place{} : find_owner(*owner, text_at(object, "metadata.namespace"));
    if (of.kind == Kind::StatefulSet || of.kind == Kind::Job) {
      out.owner = {of.kind, of.row, of.uid};
      own_identity(metadata, labels, out);
    } else if (owner != nullptr) {
      out.owner.kind = Kind::Other;
    }
    choose_template(defaulted, labels, out, problems);
    own_labels(labels, out);
    out.static_pod = find_label(labels_at(metadata, "annotations"), "kubernetes.io/config.mirror") != nullptr;
    if (const Json* finalizers = member(metadata, "finalizers")) {
      for (const Json& finalizer : *finalizers) {
        (finalizer == Json("batch.kubernetes.io/job-tracking") ? out.job_tracking : out.foreign_finalizer) =
            true;
      }
    }
    out.grace_seconds = static_cast<std::int32_t>(int_or(metadata, "deletionGracePeriodSeconds", 0));
    bind(defaulted, out, problems);
    const std::vector<ContainerStatus> statuses =
        read_pod_status(*cluster().templates[out.pod_template], defaulted, epoch_, out, problems);
    const WriteResult written = create_pod(turn_, out, kSetup);
    if (place(object, Kind::Pod, written).row != kNoRow) {
      const std::uint32_t first = cluster().pods[written.row].containers;
      for (std::size_t i = 0; i < statuses.size(); ++i) {
        cluster().containers[first + i] = statuses[i];
      }
    }
  }

  /// Name, index and annotations of a controller's pod. A name that does not follow from the owner's is kept.
  void own_identity(const Json& metadata, const LabelMap& labels, Pod& out) {
    const std::string name = text_or(metadata, "name");
    const bool of_set = out.owner.kind == Kind::StatefulSet;
    const Text base =
        of_set ? cluster().statefulsets[out.owner.row].meta.name : cluster().jobs[out.owner.row].meta.name;
    const std::string& base_name = cluster().strings[base];
    const LabelMap annotations = labels_at(metadata, "annotations");
    if (of_set) {
      const std::optional<std::int32_t> ordinal = number_after(name, base_name + "-");
      if (ordinal) {
        out.base_name = base;
        out.index = *ordinal;
        out.meta.name = 0;
      }
      if (const std::string* revision = find_label(labels, "controller-revision-hash")) {
        out.revision = cluster().strings.intern(*revision);
      }
      return;
    }
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
      out.base_name = base;
      if (cluster().name_of(out) != name) {
        out.meta.name = whole;
      }
    }
  }

  /// Labels are stored where they are not those of the template.
  void own_labels(const LabelMap& labels, Pod& out) {
    LabelMap own = labels;
    if (out.base_name != 0) {
      erase_derived(own);
    }
    out.label_set =
        own == cluster().templates[out.pod_template]->labels ? 0 : cluster().add_label_set(std::move(own));
  }

  /// The owner's template where the pod runs its current revision, else the pod's own.
  void choose_template(const Json& object, const LabelMap& labels, Pod& out, Problems& problems) {
    if (out.owner.kind == Kind::Job) {
      out.pod_template = cluster().jobs[out.owner.row].spec.pod_template;
      return;
    }
    if (out.owner.kind == Kind::StatefulSet) {
      const StatefulSet& set = cluster().statefulsets[out.owner.row];
      const bool observed =
          set.status.observed_generation == set.meta.generation || set.status.update_revision == 0;
      if (const TemplateId known = known_revision(out.owner.row, out.revision); known != kUnknownTemplate) {
        out.pod_template = known;
        return;
      }
      if (observed && (out.revision == 0 || out.revision == set.status.update_revision ||
                       set.status.update_revision == 0)) {
        out.pod_template = set.spec.pod_template;
        return;
      }
    }
    out.pod_template =
        cluster().add_template(pod_template_from(own_template(object, labels, out), "", problems));
  }

  /// A pod's metadata and spec without what is the pod's alone, so that pods of one workload share a
  /// template.
  Json own_template(const Json& object, const LabelMap& labels, const Pod& out) {
    LabelMap shared = labels;
    erase_derived(shared);
    Json pod_template = Json::object();
    pod_template["metadata"]["labels"] = to_json(out.owner.kind == Kind::StatefulSet ? shared : labels);
    Json spec = object.at("spec");
    for (const char* name : {"nodeName", "hostname", "subdomain", "ephemeralContainers"}) {
      spec.erase(name);
    }
    if (out.owner.kind != Kind::None) {
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

  /// The token volume that admission adds has a random name. Source: plugin/pkg/admission/serviceaccount.
  static void erase_service_account_volume(Json& spec) {
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

  void bind(const Json& object, Pod& out, Problems& problems) {
    const std::string node = text_at(object, "spec.nodeName");
    if (node.empty()) {
      return;
    }
    out.node = cluster().find_node(node);
    if (out.node == kNoRow) {
      problems.unmodelled.push_back({"spec.nodeName", fmt::format("node {} is not in the snapshot", node)});
    }
  }

  // -------------------------------------------------------------------------------------------------------
  // Revisions

  static constexpr TemplateId kUnknownTemplate = 0xffffffffU;

  TemplateId known_revision(Row set, Text name) {
    for (Row row = 0; name != 0 && row < cluster().revisions.extent(); ++row) {
      if (cluster().revisions.exists(row) && cluster().revisions[row].owner.row == set &&
          cluster().revisions[row].meta.name == name) {
        return cluster().revisions[row].pod_template;
      }
    }
    return kUnknownTemplate;
  }

  /// The lowest and the highest number of the set's revisions; 2 and 1 where there are none.
  std::pair<std::int64_t, std::int64_t> revision_numbers(Row set) {
    std::pair<std::int64_t, std::int64_t> numbers{2, 1};
    bool first = true;
    for (Row row = 0; row < cluster().revisions.extent(); ++row) {
      const ControllerRevision& revision = cluster().revisions[row];
      if (cluster().revisions.exists(row) && revision.owner.row == set) {
        numbers.first = first ? revision.revision : std::min(numbers.first, revision.revision);
        numbers.second = first ? revision.revision : std::max(numbers.second, revision.revision);
        first = false;
      }
    }
    return numbers;
  }

  TemplateId template_of_revision(Row set, Text name) {
    for (Row row = cluster().statefulsets[set].pods_head; row != kNoRow;
         row = cluster().pods[row].owner_next) {
      if (cluster().pods[row].revision == name) {
        return cluster().pods[row].pod_template;
      }
    }
    const StatefulSet& owner = cluster().statefulsets[set];
    add_note(result_.warnings, Json{{"metadata", {{"name", cluster().name_of(owner.meta)}}}}, "StatefulSet",
             "status.currentRevision", "no pod shows the template of this revision: the set's own is taken");
    return owner.spec.pod_template;
  }

  void make_revision(Row set_row, Text name, TemplateId pod_template, std::int64_t number) {
    if (known_revision(set_row, name) != kUnknownTemplate) {
      return;
    }
    const StatefulSet& set = cluster().statefulsets[set_row];
    ControllerRevision revision;
    revision.meta.name = name;
    revision.meta.name_space = set.meta.name_space;
    revision.meta.created = set.meta.created;
    revision.owner = {Kind::StatefulSet, set_row, set.meta.uid};
    revision.revision = number;
    revision.pod_template = pod_template;
    create_revision(turn_, revision, kSetup);
  }

  // -------------------------------------------------------------------------------------------------------
  // Claims

  void link_claim(const Json& object, PersistentVolumeClaim& claim) {
    const std::string name = text_at(object, "metadata.name");
    for (Row row = 0; row < cluster().statefulsets.extent() && claim.set_name == 0; ++row) {
      const StatefulSet& set = cluster().statefulsets[row];
      if (set.spec.claims == nullptr || set.meta.name_space != claim.meta.name_space) {
        continue;
      }
      for (std::size_t i = 0; i < set.spec.claims->size(); ++i) {
        const std::string prefix = (*set.spec.claims)[i].name + "-" + cluster().strings[set.meta.name] + "-";
        if (const std::optional<std::int32_t> ordinal = number_after(name, prefix)) {
          claim.set_name = set.meta.name;
          claim.ordinal = *ordinal;
          claim.claim_template = static_cast<std::uint16_t>(i);
        }
      }
    }
    const Json* references = at_path(object, "metadata.ownerReferences");
    for (std::size_t i = 0; references != nullptr && i < references->size(); ++i) {
      const Place owner = find_owner((*references)[i], text_at(object, "metadata.namespace"));
      if (owner.kind == Kind::StatefulSet) {
        claim.owner_set = owner.uid;
      } else if (owner.kind == Kind::Pod) {
        claim.owner_pod = owner.uid;
      } else if (bool_or((*references)[i], "controller", false)) {
        claim.foreign_controller = true;
      }
    }
  }

  // -------------------------------------------------------------------------------------------------------
  // Notes

  void note(const Json& object, const std::string& kind, const Problems& problems) {
    for (const Problem& problem : problems.errors) {
      add_note(result_.errors, object, kind, problem.field, problem.text);
    }
    for (const std::string& path : problems.unknown) {
      add_note(result_.warnings, object, kind, path, "the API has no such field");
    }
    for (const Problem& problem : problems.unmodelled) {
      add_note(result_.warnings, object, kind, problem.field, problem.text);
    }
  }

  void add_note(std::vector<SnapshotNote>& notes, const Json& object, const std::string& kind,
                const std::string& path, const std::string& text) {
    const std::string field = without_positions(path);
    const std::string name = display_name(object);
    const std::string list = &notes == &result_.errors ? "error" : "warning";
    const auto [known, is_new] =
        told_.try_emplace(list + "\n" + kind + "\n" + field + "\n" + text, Told{notes.size(), name});
    if (is_new) {
      notes.push_back({kind, name, field, text, 1});
    } else if (known->second.last_object != name) {
      known->second.last_object = name;
      ++notes[known->second.position].objects;
    }
  }

  struct Told {
    std::size_t position;  // in its list of notes
    std::string last_object;
  };

  Turn& turn_;
  UnixSeconds epoch_;
  SnapshotResult& result_;
  std::map<std::string, Place> places_;                  // by uid of the source
  std::map<std::pair<Kind, std::string>, Place> names_;  // by kind and namespace/name
  std::map<std::string, Told> told_;                     // by kind, field and text
};

}  // namespace

void SnapshotLinker::add(Json object) {
  if (!object.is_object()) {
    result_.errors.push_back(
        {"", "", "", "an object of a snapshot is a JSON object with apiVersion and kind"});
    return;
  }
  if (Json* items = object.contains("items") && object["items"].is_array() ? &object["items"] : nullptr) {
    for (Json& item : *items) {
      // `kubectl get --raw` leaves kind and apiVersion of items out: the list's say them.
      const std::string list = text_or(object, "kind");
      if (item.is_object() && !item.contains("kind") && list.size() > 4 && list.ends_with("List")) {
        item["kind"] = list.substr(0, list.size() - 4);
      }
      add(std::move(item));
    }
    return;
  }
  if (object.contains("metadata") && object["metadata"].is_object()) {
    object["metadata"].erase("managedFields");
  }
  const std::string kind = text_or(object, "kind");
  const ResourceKind* known = find_kind(kind);
  if (known == nullptr) {
    ++result_.other_kinds[kind.empty() ? "(no kind)" : kind];
    return;
  }
  const std::string name = display_name(object);
  if (text_at(object, "metadata.name").empty() || !taken_.insert(kind + "/" + name).second) {
    result_.errors.push_back({kind, name, "metadata.name",
                              name.empty() ? "an object without a name" : "the object is there twice", 1});
    return;
  }
  if (kind == "Node") {
    if (object.contains("status") && object["status"].is_object()) {
      object["status"].erase("images");
    }
    nodes_.push_back(std::move(object));
  } else if (kind == "Pod") {
    pods_.push_back(std::move(object));
  } else if (kind == "StatefulSet") {
    statefulsets_.push_back(std::move(object));
  } else if (kind == "Job") {
    jobs_.push_back(std::move(object));
  } else if (kind == "PersistentVolumeClaim") {
    claims_.push_back(std::move(object));
  } else if (kind == "ControllerRevision") {
    revisions_.push_back(std::move(object));
  } else {
    result_.custom_resources.push_back(std::move(object));
  }
}

SnapshotResult SnapshotLinker::finish(Turn& turn) {
  Linking linking(turn, epoch_, result_);
  linking.nodes(nodes_);
  linking.statefulsets(statefulsets_);
  linking.jobs(jobs_);
  linking.revisions(revisions_);
  linking.pods(pods_);
  linking.missing_revisions();
  linking.claims(claims_);
  linking.uncounted(jobs_);
  return std::move(result_);
}

UnixSeconds latest_time(const Json& object) {
  if (object.is_string()) {
    return parse_time(object.get_ref<const std::string&>()).value_or(0);
  }
  UnixSeconds latest = 0;
  if (object.is_structured()) {
    for (auto it = object.begin(); it != object.end(); ++it) {
      // Times in annotations and labels are users' own and may lie in the future.
      if (object.is_object() &&
          (it.key() == "annotations" || it.key() == "labels" || it.key() == "deletionTimestamp")) {
        continue;
      }
      latest = std::max(latest, latest_time(*it));
    }
  }
  return latest;
}

}  // namespace models::kubernetes::json

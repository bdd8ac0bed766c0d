#include "models/kubernetes/json/snapshot.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "models/kubernetes/json/budget_json.h"
#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/job_json.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/json/object_links.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/json/statefulset_json.h"
#include "models/kubernetes/json/workload_json.h"
#include "models/kubernetes/resource_kinds.h"
#include "models/kubernetes/workload_attempts.h"
#include "models/kubernetes/workload_pods.h"

namespace models::kubernetes::json {

namespace {

constexpr By kSetup{Writer::Setup, sim::kNoTransition};

/// Where an object of the source went.
struct Place {
  Kind kind = Kind::None;
  Row row = kNoRow;
  Uid uid = 0;
};

/// An object whose deletion was requested and that nothing holds is gone: the API server removes it with the
/// request, or when its last finalizer goes. A pod that is bound is held by its kubelet.
/// Source: apiserver registry/generic/registry/store.go Delete, deleteWithoutFinalizers.
bool is_gone(const Json& object) {
  const Json* finalizers = at_path(object, "metadata.finalizers");
  const bool held = finalizers != nullptr && !finalizers->empty();
  return at_path(object, "metadata.deletionTimestamp") != nullptr && !held &&
         (text_or(object, "kind") != "Pod" || text_at(object, "spec.nodeName").empty());
}

/// How many owner references say that they are the controller's.
std::size_t controllers_of(const Json& object) {
  const Json* references = at_path(object, "metadata.ownerReferences");
  std::size_t count = 0;
  for (std::size_t i = 0; references != nullptr && references->is_array() && i < references->size(); ++i) {
    count += bool_or((*references)[i], "controller", false) ? 1U : 0U;
  }
  return count;
}

bool has_ready_condition(const Json& node) {
  const Json* conditions = at_path(node, "status.conditions");
  return conditions != nullptr && conditions->is_array() &&
         std::any_of(conditions->begin(), conditions->end(),
                     [](const Json& condition) { return text_or(condition, "type") == "Ready"; });
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
        if (!has_ready_condition(object)) {
          problems.unmodelled.push_back(
              {"status.conditions", "the node has no condition Ready: it is taken as Ready"});
        }
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

  void deployments(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      workload<Deployment>(object, deployment_structure(), default_deployment, deployment_from,
                           create_deployment);
    }
  }

  void replicasets(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      workload<ReplicaSet>(object, replicaset_structure(), default_replicaset, replicaset_from,
                           create_replicaset);
    }
  }

  void daemonsets(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      workload<DaemonSet>(object, daemonset_structure(), default_daemonset, daemonset_from, create_daemonset);
    }
  }

  void revisions(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      const Json* pod_template = at_path(object, "data.spec.template");
      const Json* owner = controller_of(object);
      const Place set = owner == nullptr ? Place{} : find_owner(*owner);
      if (pod_template == nullptr || (set.kind != Kind::StatefulSet && set.kind != Kind::DaemonSet)) {
        continue;
      }
      Problems problems;
      Json content = *pod_template;
      content.erase("$patch");
      ControllerRevision revision;
      read_metadata(cluster(), object, true, epoch_, revision.meta);
      revision.owner = {set.kind, set.row, set.uid};
      revision.revision = int_or(object, "revision", 1);
      if (read_pod_template(cluster(), content, revision.pod_template, problems)) {
        create_revision(turn_, revision, kSetup);
        ++result_.objects;
      }
      note(object, "ControllerRevision", problems);
    }
  }

  void pod(const Json& object) {
    Problems problems;
    check_fields(object, pod_structure(), "", problems);
    if (problems.ok()) {
      pod(object, problems);
    }
    note(object, "Pod", problems);
  }

  void budgets(const std::vector<Json>& objects) {
    for (const Json& object : objects) {
      Problems problems;
      PodDisruptionBudget budget;
      if (read_budget(cluster(), object, budget, problems)) {
        read_metadata(cluster(), object, true, epoch_, budget.meta);
        read_budget_status(cluster(), object, epoch_, budget);
        place(object, Kind::PodDisruptionBudget, create_budget(turn_, std::move(budget), kSetup));
      }
      note(object, "PodDisruptionBudget", problems);
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
        if (claim.phase == ClaimPhase::Bound && claim.volume == 0) {
          claim.phase = ClaimPhase::Pending;
          problems.unmodelled.push_back(
              {"spec.volumeName", "the claim is Bound and names no volume: it is taken as Pending"});
        }
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
          !known_revision(cluster(), row, status.current_revision)) {
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

  /// Hands over what was found wrong.
  void finish() {
    result_.errors.insert(result_.errors.end(), notes_.errors().begin(), notes_.errors().end());
    result_.warnings.insert(result_.warnings.end(), notes_.warnings().begin(), notes_.warnings().end());
  }

 private:
  Cluster& cluster() { return turn_.cluster; }

  Place place(const Json& object, Kind kind, const WriteResult& written) {
    if (!written.ok()) {
      notes_.error(display_name(object), resource_of(kind).kind_name, "metadata.name",
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

  void foreign_owner(const Json& object, Kind kind, Row row) {
    if (const Json* owner = controller_of(object); owner != nullptr && row != kNoRow) {
      result_.foreign_owners.push_back(
          {kind, row, text_or(*owner, "kind"), text_or(*owner, "name"), text_or(*owner, "uid")});
    }
  }

  // -------------------------------------------------------------------------------------------------------
  // Workloads of the group apps

  /// One object of a kind whose manifest, defaults and status are read alike.
  template <class T>
  void workload(const Json& object, const Structure& structure, void (*fill)(Json&),
                void (*read)(Cluster&, const Json&, T&, Problems&), WriteResult (*create)(Turn&, T, By)) {
    constexpr Kind kKind = detail::StoreOf<T>::kind;
    Problems problems;
    check_fields(object, structure, "", problems);
    if (problems.ok()) {
      Json filled = object;
      fill(filled);
      T created;
      read_metadata(cluster(), object, true, epoch_, created.meta);
      read(cluster(), filled, created, problems);
      read_status(cluster(), object, epoch_, created);
      created.propagation = deletion_finalizer(object);
      const Json* owner = controller_of(object);
      const Place of = owner == nullptr ? Place{} : find_owner(*owner, text_at(object, "metadata.namespace"));
      if (of.kind == Kind::Deployment && kKind == Kind::ReplicaSet) {
        created.owner = {of.kind, of.row, of.uid};
      }
      const Row row = place(object, kKind, create(turn_, std::move(created), kSetup)).row;
      if (of.kind == Kind::None) {
        foreign_owner(object, kKind, row);
      }
    }
    note(object, resource_of(kKind).kind_name, problems);
  }

  // Pods

  void pod(const Json& object, Problems& problems) {
    static const Json nothing = Json::object();
    const Json* found = member(object, "metadata");
    const Json& metadata = found == nullptr ? nothing : *found;
    Pod out;
    read_metadata(cluster(), object, true, epoch_, out.meta);
    const LabelMap labels = labels_at(metadata, "labels");
    const Json* owner = controller_of(object);
    const Place of = owner == nullptr ? Place{} : find_owner(*owner, text_at(object, "metadata.namespace"));
    if (of.kind == Kind::StatefulSet || of.kind == Kind::Job || of.kind == Kind::ReplicaSet ||
        of.kind == Kind::DaemonSet) {
      out.owner = {of.kind, of.row, of.uid};
      read_identity(cluster(), metadata, labels, of.kind, text_or(*owner, "name"), out);
    } else if (owner != nullptr) {
      out.owner.kind = Kind::Other;
      note_missing_controller(*owner, problems);
    }
    if (controllers_of(object) > 1) {
      problems.unmodelled.push_back(
          {"metadata.ownerReferences", "more than one reference is the controller's: the first is taken"});
    }
    out.pod_template = choose_template(cluster(), object, labels, out, problems);
    set_own_labels(cluster(), labels, out);
    out.static_pod = find_label(labels_at(metadata, "annotations"), "kubernetes.io/config.mirror") != nullptr;
    read_finalizers(metadata, out);
    out.grace_seconds = static_cast<std::int32_t>(int_or(metadata, "deletionGracePeriodSeconds", 0));
    bind(object, out, problems);
    const std::vector<ContainerStatus> statuses = read_pod_status(cluster(), object, epoch_, out, problems);
    if (out.owner.kind == Kind::ReplicaSet || out.owner.kind == Kind::DaemonSet) {
      workloads::count_known_pods(cluster(), out.owner, 1);
    }
    if (out.owner.kind == Kind::DaemonSet) {
      workloads::count_attempt(cluster(), out.owner, out.node);
    }
    const WriteResult written = create_pod(turn_, out, kSetup);
    if (place(object, Kind::Pod, written).row != kNoRow) {
      const std::uint32_t first = cluster().pods[written.row].containers;
      for (std::size_t i = 0; i < statuses.size(); ++i) {
        cluster().containers[first + i] = statuses[i];
      }
    }
  }

  /// Controllers of other kinds are nobody's here; one of a kind that is here would replace the pod.
  static void note_missing_controller(const Json& owner, Problems& problems) {
    const ResourceKind* kind = find_kind(text_or(owner, "kind"));
    if (kind != nullptr && (kind->kind == Kind::StatefulSet || kind->kind == Kind::Job ||
                            kind->kind == Kind::ReplicaSet || kind->kind == Kind::DaemonSet)) {
      problems.unmodelled.push_back(
          {"metadata.ownerReferences",
           fmt::format("{} {} is not in the snapshot: the pod stays, and nobody replaces it", kind->kind_name,
                       text_or(owner, "name"))});
    }
  }

  void bind(const Json& object, Pod& out, Problems& problems) {
    const std::string node = text_at(object, "spec.nodeName");
    if (node.empty()) {
      return;
    }
    const auto known = names_.find({Kind::Node, node});
    out.node = known == names_.end() ? cluster().find_node(node) : known->second.row;
    if (out.node == kNoRow) {
      problems.unmodelled.push_back(
          {"spec.nodeName",
           fmt::format("node {} is not in the snapshot: the pod is taken as not bound yet", node)});
    }
  }

  // -------------------------------------------------------------------------------------------------------
  // Revisions

  /// The lowest and the highest number of the set's revisions; 2 and 1 where there are none.
  std::pair<std::int64_t, std::int64_t> revision_numbers(Row set) {
    std::pair<std::int64_t, std::int64_t> numbers{2, 1};
    bool first = true;
    for (Row row = 0; row < cluster().revisions.extent(); ++row) {
      const ControllerRevision& revision = cluster().revisions[row];
      if (cluster().revisions.exists(row) && revision.owner.kind == Kind::StatefulSet &&
          revision.owner.row == set) {
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
    notes_.warning(cluster().name_of(owner.meta), "StatefulSet", "status.currentRevision",
                   "no pod shows the template of this revision: the set's own is taken");
    return owner.spec.pod_template;
  }

  void make_revision(Row set_row, Text name, TemplateId pod_template, std::int64_t number) {
    if (known_revision(cluster(), set_row, name)) {
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
    link_claim_to_set(cluster(), text_at(object, "metadata.name"), claim);
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

  void note(const Json& object, std::string_view kind, const Problems& problems) {
    notes_.add(display_name(object), kind, problems);
  }

  Turn& turn_;
  UnixSeconds epoch_;
  SnapshotResult& result_;
  std::map<std::string, Place> places_;                  // by uid of the source
  std::map<std::pair<Kind, std::string>, Place> names_;  // by kind and namespace/name
  Notes notes_;
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
  if (text_at(object, "metadata.name").empty()) {
    result_.errors.push_back({kind, name, "metadata.name", "an object without a name", 1});
    return;
  }
  if (!take_name(kind, name)) {
    return;
  }
  if (is_gone(object)) {
    note_gone(kind, name);
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
  } else if (kind == "Deployment") {
    deployments_.push_back(std::move(object));
  } else if (kind == "ReplicaSet") {
    replicasets_.push_back(std::move(object));
  } else if (kind == "DaemonSet") {
    daemonsets_.push_back(std::move(object));
  } else if (kind == "Job") {
    jobs_.push_back(std::move(object));
  } else if (kind == "PodDisruptionBudget") {
    budgets_.push_back(std::move(object));
  } else if (kind == "PersistentVolumeClaim") {
    claims_.push_back(std::move(object));
  } else if (kind == "ControllerRevision") {
    revisions_.push_back(std::move(object));
  } else {
    result_.custom_resources.push_back(std::move(object));
  }
}

bool SnapshotLinker::take_name(const std::string& kind, const std::string& name) {
  const bool free = taken_.insert(kind + "/" + name).second;
  if (!free) {
    result_.warnings.push_back(
        {kind, name, "metadata.name", "the object is there more than once: the first is taken", 1});
  }
  return free;
}

void SnapshotLinker::note_gone(const std::string& kind, const std::string& name) {
  result_.warnings.push_back({kind, name, "metadata.deletionTimestamp",
                              "its deletion was requested and nothing holds it: it is taken as gone", 1});
}

void SnapshotLinker::await_pod(const std::string& name_space, const std::string& name) {
  const std::string whole = (name_space.empty() ? "" : name_space + "/") + name;
  if (name.empty()) {
    result_.errors.push_back({"Pod", whole, "metadata.name", "an object without a name", 1});
  } else if (!take_name("Pod", whole)) {
    twice_.insert(whole);
  }
}

SnapshotResult SnapshotLinker::finish(Turn& turn, const AwaitedPods& awaited) {
  Linking linking(turn, epoch_, result_);
  linking.nodes(nodes_);
  linking.statefulsets(statefulsets_);
  linking.deployments(deployments_);
  linking.replicasets(replicasets_);
  linking.daemonsets(daemonsets_);
  linking.jobs(jobs_);
  linking.revisions(revisions_);
  for (const Json& object : pods_) {
    linking.pod(object);
  }
  if (awaited) {
    std::set<std::string> created;  // of those that are there more than once
    awaited([&](Json&& object) {
      const std::string name = display_name(object);
      const bool again = twice_.contains(name) && !created.insert(name).second;
      if (!again && !name.empty() && is_gone(object)) {
        note_gone("Pod", name);
      } else if (!again && !name.empty()) {
        object["metadata"].erase("managedFields");
        linking.pod(object);
      }
    });
  }
  linking.missing_revisions();
  linking.claims(claims_);
  linking.budgets(budgets_);
  linking.uncounted(jobs_);
  linking.finish();
  return std::move(result_);
}

bool is_timeless(std::string_view name) {
  // Times in annotations and labels are users' own and may lie in the future.
  return name == "annotations" || name == "labels" || name == "deletionTimestamp";
}

UnixSeconds latest_time(const Json& object) {
  if (object.is_string()) {
    return parse_time(object.get_ref<const std::string&>()).value_or(0);
  }
  UnixSeconds latest = 0;
  if (object.is_structured()) {
    for (auto it = object.begin(); it != object.end(); ++it) {
      if (object.is_object() && is_timeless(it.key())) {
        continue;
      }
      latest = std::max(latest, latest_time(*it));
    }
  }
  return latest;
}

}  // namespace models::kubernetes::json

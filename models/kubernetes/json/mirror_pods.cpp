// Pods in the mirror. One observation may hold what several writers did (after a watch broke): each part of
// the difference is written on its own, so that each has its writer.

#include <algorithm>
#include <utility>

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/mirror.h"
#include "models/kubernetes/json/object_links.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/schema.h"

namespace models::kubernetes::json {

namespace {

bool is_workload(Kind kind) {
  return kind == Kind::StatefulSet || kind == Kind::Job || kind == Kind::ReplicaSet ||
         kind == Kind::DaemonSet;
}

/// The node that the affinity of a DaemonSet's pod names. Source: pkg/controller/daemon/util
/// daemonset_util.go ReplaceDaemonSetPodNodeNameNodeAffinity.
std::string pinned_node(const Json& object) {
  const Json* terms = at_path(
      object, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
  const Json* fields = terms == nullptr || !terms->is_array() || terms->empty()
                           ? nullptr
                           : member(terms->front(), "matchFields");
  const Json* values = fields == nullptr || !fields->is_array() || fields->empty()
                           ? nullptr
                           : member(fields->front(), "values");
  return values != nullptr && values->is_array() && values->size() == 1 && values->front().is_string()
             ? values->front().get<std::string>()
             : std::string();
}

/// A condition of the status; nullptr if it is not there.
const Json* condition_of(const Json& object, std::string_view type) {
  const Json* conditions = at_path(object, "status.conditions");
  for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
    if (text_or((*conditions)[i], "type") == type) {
      return &(*conditions)[i];
    }
  }
  return nullptr;
}

/// What the status says, as of a pod that nobody has looked at.
void forget_status(Pod& pod) {
  const Pod fresh;
  pod.phase = fresh.phase;
  pod.reason = fresh.reason;
  pod.ready = pod.initialized = pod.containers_started = pod.unschedulable = pod.disruption_target = false;
  pod.disruption_reason = fresh.disruption_reason;
  pod.disrupted_at = fresh.disrupted_at;
  pod.unschedulable_message = 0;
  pod.restarts = 0;
  pod.ready_changed = pod.bound_at = pod.started_at = sim::Time{};
  pod.finished_at = fresh.finished_at;
}

void take_status(const Pod& from, Pod& to) {
  to.phase = from.phase;
  to.reason = from.reason;
  to.ready = from.ready;
  to.initialized = from.initialized;
  to.containers_started = from.containers_started;
  to.unschedulable = from.unschedulable;
  to.unschedulable_message = from.unschedulable_message;
  to.disruption_target = from.disruption_target;
  to.disruption_reason = from.disruption_reason;
  to.disrupted_at = from.disrupted_at;
  to.restarts = from.restarts;
  to.ready_changed = from.ready_changed;
  to.bound_at = from.bound_at;
  to.started_at = from.started_at;
  to.finished_at = from.finished_at;
}

/// Whether the run that `before` shows, or one begun since, is shown as ended by `after`.
bool ended(const ContainerStatus& before, const ContainerStatus& after) {
  if (after.state == ContainerState::Terminated) {
    return before.state != ContainerState::Terminated || before.changed_at != after.changed_at;
  }
  return before.state != ContainerState::Terminated && after.last_finished_at != sim::kNever &&
         after.last_finished_at != before.last_finished_at;
}

/// Tells that the containers ended by themselves and that they wait to start again. The regular containers of
/// a pod are told as one: the first that shows it.
void tell_containers(Turn& turn, const Pod& before, const std::vector<ContainerStatus>& after, By by) {
  const PodTemplate& pod_template = turn.cluster.template_of(before);
  bool told_end = before.meta.deleting() || before.terminal();
  for (std::size_t i = 0; i < after.size(); ++i) {
    const ContainerStatus& old = turn.cluster.containers[before.containers + i];
    if (pod_template.containers[i].init || told_end || !ended(old, after[i])) {
      continue;
    }
    told_end = true;
    const ContainerReason reason =
        after[i].state == ContainerState::Terminated && after[i].reason != ContainerReason::None
            ? after[i].reason
        : after[i].exit_code == 0 ? ContainerReason::Completed
                                  : ContainerReason::Error;
    emit(turn, before.meta.uid, Field::PodTerminated, by, 0, after[i].exit_code,
         static_cast<std::uint32_t>(reason));
    if (after[i].state == ContainerState::Waiting && after[i].reason == ContainerReason::CrashLoopBackOff) {
      emit(turn, before.meta.uid, Field::PodWaiting, by, static_cast<std::int32_t>(reason),
           static_cast<std::int32_t>(ContainerReason::CrashLoopBackOff));
    }
  }
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------
// Reading

OwnerRef Mirror::owner_of(const Known& known) const {
  if (known.owner_kind == Kind::None) {
    return {};
  }
  const auto gone = removed_.find(known.owner_uid);
  const Place owner = gone == removed_.end() ? find(known.owner_uid) : gone->second;
  return is_workload(owner.kind) ? OwnerRef{owner.kind, owner.row, owner.uid} : OwnerRef{Kind::Other};
}

Row Mirror::find_node(std::string_view name) const {
  const auto uid = uids_.find("Node/" + std::string(name));
  return uid == uids_.end() ? kNoRow : find(uid->second).row;
}

Mirror::PodState Mirror::read_pod_state(Turn& turn, const Seen& seen, Pod pod) {
  PodState state;
  Problems problems;
  const LabelMap labels = labels_at(seen.metadata, "labels");
  pod.meta.deletion_timestamp = sim::kNever;
  read_times(seen.metadata, epoch_, pod.meta);
  pod.grace_seconds = static_cast<std::int32_t>(int_or(seen.metadata, "deletionGracePeriodSeconds", 0));
  read_finalizers(seen.metadata, pod);
  set_own_labels(turn.cluster, labels, pod);
  if (const std::string* revision = find_label(labels, "controller-revision-hash");
      revision != nullptr && pod.revision != 0) {
    pod.revision = turn.cluster.strings.intern(*revision);
  }
  forget_status(pod);
  state.containers = read_pod_status(turn.cluster, seen.object, epoch_, pod, problems);
  if (pod.disruption_target) {
    state.disrupts = writer_of_disruption(text_or(*condition_of(seen.object, "DisruptionTarget"), "reason"));
  }
  state.node = text_at(seen.object, "spec.nodeName");
  state.pod = std::move(pod);
  note(seen, problems);
  return state;
}

// ---------------------------------------------------------------------------------------------------------
// Coming

bool Mirror::create_pod_of(Turn& turn, const Seen& seen, Known& known) {
  Cluster& cluster = turn.cluster;
  Problems problems;
  check_fields(seen.object, pod_structure(), "", problems);
  if (!problems.ok() || at_path(seen.object, "spec") == nullptr) {
    note(seen, problems);
    return false;
  }
  Pod pod;
  const std::string name = text_or(seen.metadata, "name");
  const LabelMap labels = labels_at(seen.metadata, "labels");
  pod.meta.name_space = cluster.strings.intern(text_or(seen.metadata, "namespace", "default"));
  read_times(seen.metadata, epoch_, pod.meta);
  pod.owner = owner_of(known);
  if (is_workload(known.owner_kind)) {
    read_identity(cluster, seen.metadata, labels, known.owner_kind,
                  text_or(*controller_of(seen.object), "name"), pod);
    if (pod.owner.kind == Kind::Other) {
      await_owner(known.owner_uid, seen.uid);
    }
  }
  if (cluster.name_of(pod) != name) {
    pod.meta.name = cluster.strings.intern(name);
  }
  if (const std::string node = pinned_node(seen.object);
      known.owner_kind == Kind::DaemonSet && !node.empty()) {
    pod.pinned_node = cluster.strings.intern(node);
  }
  pod.static_pod =
      find_label(labels_at(seen.metadata, "annotations"), "kubernetes.io/config.mirror") != nullptr;
  pod.pod_template = choose_template(cluster, seen.object, labels, pod, problems);
  note(seen, problems);

  const PodState state = read_pod_state(turn, seen, pod);
  const bool there_before = was_there_before(pod.meta);
  Pod first = state.pod;
  if (!there_before) {
    forget_status(first);
    first.meta.deletion_timestamp = sim::kNever;
    first.grace_seconds = 0;
    first.job_tracking = first.job_tracking || known.owner_kind == Kind::Job;
  }
  // Who binds a pod says so in the condition PodScheduled: without it the pod was created with its node.
  if (there_before || condition_of(seen.object, "PodScheduled") == nullptr) {
    first.node = state.node.empty() ? kNoRow : find_node(state.node);
    if (first.node == kNoRow && !state.node.empty()) {
      known.awaited_node = state.node;
      bound_[state.node].push_back(seen.uid);
    }
  }
  const WriteResult written =
      create_pod(turn, first, there_before ? By{Writer::Setup} : creator(seen, known.owner_kind));
  if (!written.ok()) {
    return false;
  }
  Pod& stored = cluster.pods[written.row];
  stored.meta.created = pod.meta.created;
  known.at = {Kind::Pod, written.row, stored.meta.uid};
  if (there_before) {
    std::copy(state.containers.begin(), state.containers.end(), &cluster.containers[stored.containers]);
    known.evicts = state.disrupts;
  } else {
    if (known.awaited_node.empty()) {
      bind_to_node(turn, seen.uid, known, state);
    }
    write_pod(turn, known, seen, state);
  }
  return true;
}

void Mirror::link_pod_to_owner(Turn& turn, const Known& known) {
  Cluster& cluster = turn.cluster;
  detail::link_owner_silently(cluster, known.at.row, owner_of(known));
  Pod& pod = cluster.pods[known.at.row];
  const ContainerImages images = images_of(cluster.template_of(pod));
  const std::optional<TemplateId> shared = owner_template(cluster, pod, images);
  if (shared && *shared != pod.pod_template && images_of(*cluster.templates[*shared]) == images) {
    LabelMap labels =
        pod.label_set != 0 ? *cluster.label_sets[pod.label_set - 1] : cluster.template_of(pod).labels;
    pod.pod_template = *shared;
    set_own_labels(cluster, labels, pod);
    detail::note_pod_written(cluster, known.at.row, nullptr);
  }
}

void Mirror::node_is_there(Turn& turn, const std::string& name, Row node) {
  const auto waiting = bound_.find(name);
  if (waiting == bound_.end()) {
    return;
  }
  const std::vector<std::string> uids = std::move(waiting->second);
  bound_.erase(waiting);
  for (const std::string& uid : uids) {
    const auto pod = known_.find(uid);
    if (pod == known_.end()) {
      continue;
    }
    Known& known = pod->second;
    known.awaited_node.clear();
    const Row row = known.at.row;
    if (!known.link_untold || !bind_pod(turn, row, node, {Writer::Scheduler}).ok()) {
      detail::link_node_silently(turn.cluster, row, node);
    }
    known.link_untold = false;
  }
}

// ---------------------------------------------------------------------------------------------------------
// Changing

void Mirror::change_pod(Turn& turn, Known& known, const Seen& seen) {
  const PodState state = read_pod_state(turn, seen, turn.cluster.pods[known.at.row]);
  bind_to_node(turn, seen.uid, known, state);
  write_pod_owner(turn, known, seen);
  write_pod(turn, known, seen, state);
}

void Mirror::write_pod(Turn& turn, Known& known, const Seen& seen, const PodState& state) {
  known.evicts = state.disrupts;
  // Both told at once: what is older comes first. A deletion was requested its grace period before it ends.
  const Pod& pod = state.pod;
  const sim::Time last_change =
      std::max(pod.ready_changed, pod.finished_at == sim::kNever ? sim::Time{} : pod.finished_at);
  const bool deleted_first =
      pod.meta.deleting() && !turn.cluster.pods[known.at.row].meta.deleting() &&
      pod.meta.deletion_timestamp - std::chrono::seconds{pod.grace_seconds} < last_change;
  if (deleted_first) {
    write_pod_deletion(turn, known, state);
  }
  write_pod_status(turn, known, seen, state);
  write_pod_metadata(turn, known, seen, state);
  write_pod_deletion(turn, known, state);
}

void Mirror::bind_to_node(Turn& turn, const std::string& uid, Known& known, const PodState& state) {
  const Row row = known.at.row;
  if (state.node.empty() || turn.cluster.pods[row].node != kNoRow || !known.awaited_node.empty()) {
    return;
  }
  const Row node = find_node(state.node);
  if (node == kNoRow) {
    known.awaited_node = state.node;
    known.link_untold = true;
    bound_[state.node].push_back(uid);
    return;
  }
  // Source: the write of registry/core/pod/storage/storage.go BindingREST, which no managed field shows.
  if (!bind_pod(turn, row, node, {Writer::Scheduler}).ok()) {
    detail::link_node_silently(turn.cluster, row, node);
  }
  turn.cluster.pods[row].bound_at = state.pod.bound_at;
}

void Mirror::write_pod_owner(Turn& turn, Known& known, const Seen& seen) {
  Known now;
  name_controller(seen, now);
  if (now.owner_uid == known.owner_uid) {
    return;
  }
  const Row row = known.at.row;
  const OwnerRef before = turn.cluster.pods[row].owner;
  const Kind released_by = known.owner_kind;
  known.owner_kind = now.owner_kind;
  known.owner_uid = now.owner_uid;
  const OwnerRef owner = owner_of(known);
  const std::string manager = changed_by(known.managed, seen.managed, Aspect::Owner);
  By by{writer_called(manager, Kind::Pod, Aspect::Owner,
                      owner.kind == Kind::None ? released_by : known.owner_kind)};
  if (owner.kind == Kind::None && before.kind == Kind::Job && turn.cluster.jobs.exists(before.row) &&
      turn.cluster.jobs[before.row].propagation == DeletionFinalizer::Orphan) {
    by.writer = Writer::GarbageCollector;  // Source: garbagecollector.go orphanDependents
  } else if (owner.kind == Kind::None && before.kind == Kind::StatefulSet &&
             turn.cluster.statefulsets.exists(before.row) &&
             turn.cluster.statefulsets[before.row].propagation == DeletionFinalizer::Orphan) {
    by.writer = Writer::GarbageCollector;
  }
  set_pod_owner(turn, row, owner, by);
  if (owner.kind == Kind::Other && is_workload(known.owner_kind)) {
    await_owner(known.owner_uid, seen.uid);
  }
}

void Mirror::write_pod_status(Turn& turn, const Known& known, const Seen& seen, const PodState& state) {
  Cluster& cluster = turn.cluster;
  const Row row = known.at.row;
  const bool disrupted = state.pod.disruption_target && !cluster.pods[row].disruption_target;
  const By by_status =
      disrupted && state.disrupts != Writer::None ? By{state.disrupts} : by(known, seen, Aspect::Status);
  ContainerStatus* containers = &cluster.containers[cluster.pods[row].containers];
  const bool containers_changed = !std::equal(state.containers.begin(), state.containers.end(), containers);
  if (containers_changed) {
    tell_containers(turn, cluster.pods[row], state.containers, {Writer::Kubelet});
    std::copy(state.containers.begin(), state.containers.end(), containers);
  }
  update<Pod>(turn, row, by_status, Verb::UpdateStatus, [&](Pod& pod) {
    take_status(state.pod, pod);
    pod.status_changes = static_cast<std::uint16_t>(pod.status_changes + (containers_changed ? 1 : 0));
    if (pod.meta.deletion_timestamp == state.pod.meta.deletion_timestamp) {
      pod.grace_seconds = state.pod.grace_seconds;
    }
  });
}

void Mirror::write_pod_metadata(Turn& turn, const Known& known, const Seen& seen, const PodState& state) {
  const Row row = known.at.row;
  const Pod& before = turn.cluster.pods[row];
  if (before.job_tracking != state.pod.job_tracking ||
      before.foreign_finalizer != state.pod.foreign_finalizer) {
    By by_finalizer = by(known, seen, Aspect::Finalizer);
    if (by_finalizer.writer == Writer::None && before.job_tracking && !state.pod.job_tracking) {
      by_finalizer.writer = Writer::JobController;
    }
    update<Pod>(turn, row, by_finalizer, Verb::Update, [&](Pod& pod) {
      pod.job_tracking = state.pod.job_tracking;
      pod.foreign_finalizer = state.pod.foreign_finalizer;
    });
  }
  if (turn.cluster.pods[row].label_set != state.pod.label_set ||
      turn.cluster.pods[row].revision != state.pod.revision) {
    update<Pod>(turn, row, by(known, seen, Aspect::Spec), Verb::Update, [&](Pod& pod) {
      pod.label_set = state.pod.label_set;
      pod.revision = state.pod.revision;
    });
  }
}

void Mirror::write_pod_deletion(Turn& turn, Known& known, const PodState& state) {
  const Pod& before = turn.cluster.pods[known.at.row];
  if (before.meta.deletion_timestamp == state.pod.meta.deletion_timestamp &&
      before.grace_seconds == state.pod.grace_seconds) {
    return;
  }
  // No managed field shows a deletion request. The kubelet sets the grace period to 0 once nothing runs any
  // more. Source: kubelet/status/status_manager.go syncPod, canBeDeleted.
  const bool runs = std::any_of(state.containers.begin(), state.containers.end(),
                                [](const auto& status) { return status.state == ContainerState::Running; });
  const bool first = !before.meta.deleting();
  const By by{first                                                            ? known.evicts
              : state.pod.grace_seconds == 0 && before.node != kNoRow && !runs ? Writer::Kubelet
                                                                               : Writer::None};
  if (state.pod.grace_seconds == 0) {
    known.removes = by.writer;
  }
  update<Pod>(turn, known.at.row, by, Verb::Delete, [&](Pod& pod) {
    pod.meta.deletion_timestamp = state.pod.meta.deletion_timestamp;
    pod.grace_seconds = state.pod.grace_seconds;
  });
}

// ---------------------------------------------------------------------------------------------------------
// Going

void Mirror::remove_pod(Turn& turn, const Known& known) {
  const Row row = known.at.row;
  By by{known.removes};
  const auto write = [&](By writer, auto&& change) {
    const WriteResult written = update<Pod>(turn, row, writer, Verb::Update, change);
    by.cause = written.transition != sim::kNoTransition ? written.transition : by.cause;
  };
  if (!turn.cluster.pods[row].meta.deleting()) {
    by.writer = known.evicts;
    write(by, [&](Pod& pod) {
      pod.meta.deletion_timestamp = turn.now();
      pod.grace_seconds = 0;
    });
  }
  turn.cluster.pods[row].grace_seconds = 0;
  // Nothing with a finalizer is removed, and the write that takes the last one off is not seen: it removes
  // the pod. Source: registry/generic/registry/store.go Update, errEmptiedFinalizers.
  if (turn.cluster.pods[row].foreign_finalizer) {
    by.writer = Writer::None;
    write(by, [](Pod& pod) { pod.foreign_finalizer = false; });
  }
  if (turn.cluster.pods[row].job_tracking) {
    by.writer = Writer::JobController;
    write(by, [](Pod& pod) { pod.job_tracking = false; });
  }
  remove_pod_if_finalized(turn, row, by);
}

}  // namespace models::kubernetes::json

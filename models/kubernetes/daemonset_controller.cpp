#include "models/kubernetes/daemonset_controller.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/controller_runtime.h"
#include "models/kubernetes/daemonset_plan.h"
#include "models/kubernetes/daemonset_rules.h"
#include "models/kubernetes/requests.h"
#include "models/kubernetes/statefulset_revisions.h"
#include "models/kubernetes/workload_attempts.h"
#include "models/kubernetes/workload_pods.h"
#include "sim/require.h"

namespace models::kubernetes::daemonset_controller {

namespace {

using SetSync = Sync<DaemonSetSyncPayload>;

/// How far a sync is: what it does once its writes so far are through.
enum Stage : std::uint8_t { kPods, kRoll, kStatus };
/// What a write belongs to; `Write::pass`.
enum Pass : std::uint16_t { kHistoryPass, kClaimPass, kPodPass, kCleanupPass, kStatusPass };

By by(const SetSync& sync) { return {Writer::DaemonSetController, sync.cause}; }

const DaemonSet* stored(const Cluster& cluster, const SetSync& sync) {
  return cluster.daemonsets.exists(sync.row) && cluster.daemonsets[sync.row].meta.uid == sync.uid
             ? &cluster.daemonsets[sync.row]
             : nullptr;
}

Write write_of(WriteKind kind, Pass pass, std::uint32_t batch, Row row) {
  Write write;
  write.kind = kind;
  write.pass = pass;
  write.batch = batch;
  write.concurrent = pass == kPodPass;
  write.row = row;
  return write;
}

/// The label's value of a revision called `<set>-<hash>`.
Text hash_in(Strings& strings, Text revision_name) {
  const std::string name = strings[revision_name];
  return strings.intern(name.substr(name.rfind('-') + 1));
}

workloads::ClaimedPods claim(const Cluster& cluster, const View& view, const SetSync& sync,
                             const DaemonSet& set) {
  return workloads::claim_pods(view,
                               {sync.uid, cluster.daemonsets[sync.row].pods_head, set.meta.name_space,
                                set.spec.selector.get(), set.meta.deleting()},
                               cluster.daemonset_controller.orphans, false);
}

// Revisions ------------------------------------------------------------------------------------------------

/// Finds the revision of the present template among those that the set controls, or wants it written.
/// Source: update.go constructHistory, snapshot.
void plan_history(Turn& turn, const View& view, SetSync& sync, const DaemonSet& set, std::vector<Row>& old) {
  Cluster& cluster = turn.cluster;
  std::int64_t next = 1;
  Row current = kNoRow;
  for (const Row row : revisions_of_daemonset(cluster.revision_index, sync.row)) {
    const ControllerRevision* revision = view.revision(row);
    if (revision == nullptr || revision->owner.uid != sync.uid) {
      continue;
    }
    if (revision->pod_template == set.spec.pod_template) {
      current = current == kNoRow || view.revision(current)->revision < revision->revision ? row : current;
    } else {
      next = std::max(next, revision->revision + 1);
      old.push_back(row);
    }
  }
  if (current != kNoRow) {
    sync.payload.hash = hash_in(cluster.strings, view.revision(current)->meta.name);
    if (view.revision(current)->revision < next) {
      Write write = write_of(WriteKind::RenumberRevision, kHistoryPass, 0, current);
      write.number = static_cast<std::int32_t>(next);
      sync.writes.push_back(write);
    }
    return;
  }
  const std::string name =
      revision_name(cluster.strings[set.meta.name], *cluster.templates[set.spec.pod_template],
                    static_cast<std::uint32_t>(set.status.collision_count));
  Write write = write_of(WriteKind::CreateRevision, kHistoryPass, 0, kNoRow);
  write.argument = cluster.strings.intern(name);
  write.number = static_cast<std::int32_t>(next);
  write.further_number = static_cast<std::int32_t>(set.spec.pod_template);
  sync.writes.push_back(write);
  sync.payload.hash = hash_in(cluster.strings, write.argument);
}

/// Revisions beyond the limit that no pod has any more. Source: update.go cleanupHistory.
void plan_cleanup(const Cluster& cluster, const View& view, SetSync& sync, const DaemonSet& set,
                  std::vector<Row> old, const std::vector<Row>& pods) {
  std::int64_t surplus = static_cast<std::int64_t>(old.size()) - set.spec.revision_history_limit;
  std::sort(old.begin(), old.end(),
            [&](Row a, Row b) { return view.revision(a)->revision < view.revision(b)->revision; });
  for (const Row row : old) {
    const std::string& name = cluster.strings[view.revision(row)->meta.name];
    const bool live = std::any_of(pods.begin(), pods.end(), [&](Row pod) {
      const std::string& hash = cluster.strings[view.pod(pod)->revision];
      return !hash.empty() && name.ends_with("-" + hash);
    });
    if (surplus > 0 && !live) {
      sync.payload.history.push_back(write_of(WriteKind::DeleteRevision, kCleanupPass, 0, row));
      --surplus;
    }
  }
}

/// A name that is taken by another content is varied next time. Source: update.go snapshot.
Outcome create_revision_of(Turn& turn, const SetSync& sync, const Write& write) {
  Cluster& cluster = turn.cluster;
  const DaemonSet* set = stored(cluster, sync);
  if (set == nullptr) {
    return Outcome::NotFound;
  }
  for (Row row = 0; row < cluster.revisions.extent(); ++row) {
    if (!cluster.revisions.exists(row) || cluster.revisions[row].meta.name != write.argument ||
        cluster.revisions[row].meta.name_space != set->meta.name_space) {
      continue;
    }
    if (cluster.revisions[row].pod_template == static_cast<TemplateId>(write.further_number)) {
      return Outcome::Ok;
    }
    update<DaemonSet>(turn, sync.row, by(sync), Verb::UpdateStatus,
                      [](DaemonSet& changed) { ++changed.status.collision_count; });
    return Outcome::AlreadyExists;
  }
  ControllerRevision revision;
  revision.meta.name = write.argument;
  revision.meta.name_space = set->meta.name_space;
  revision.owner = {Kind::DaemonSet, sync.row, sync.uid};
  revision.revision = write.number;
  revision.pod_template = static_cast<TemplateId>(write.further_number);
  return create_revision(turn, std::move(revision), by(sync)).outcome;
}

// Pods -----------------------------------------------------------------------------------------------------

/// Nodes and pods in the order of a map, which is chance: of a rolling update's candidates the first go, and
/// in a slow start the first nodes get their pods before the others.
void settle_order(Turn& turn, const View& view, const SetSync& sync, const DaemonSet& set,
                  daemonsets::PodsPlan& plan) {
  const Cluster& cluster = turn.cluster;
  const auto rank_node = [&](Row node) {
    return rank_by_chance(
        turn, subject_of_daemon_pod(set.meta.name_space, set.meta.name, cluster.nodes[node].meta.name),
        Purpose::PodCreationOrder,
        workloads::attempts_before(cluster, {Kind::DaemonSet, sync.row, sync.uid}, node));
  };
  const auto rank_pod = [&](Row row) {
    const Pod& pod = *view.pod(row);
    return rank_by_chance(turn, subject_of(pod), Purpose::PodDeletionOrder, pod.attempt);
  };
  const auto order = [](std::vector<Row>& rows, const auto& rank) {
    std::vector<std::pair<std::uint32_t, Row>> ranked;
    for (const Row row : rows) {
      ranked.emplace_back(rank(row), row);
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::transform(ranked.begin(), ranked.end(), rows.begin(), [](const auto& one) { return one.second; });
  };
  if (plan.candidates.size() > plan.most_candidates) {
    if (plan.most_candidates > 0 && plan.surges) {
      order(plan.candidates, rank_node);
    } else if (plan.most_candidates > 0) {
      order(plan.candidates, rank_pod);
    }
    plan.candidates.resize(plan.most_candidates);
  }
  std::vector<Row>& into = plan.surges ? plan.create_on : plan.remove;
  into.insert(into.end(), plan.candidates.begin(), plan.candidates.end());
  if (plan.create_on.size() > 1) {
    order(plan.create_on, rank_node);
  }
}

/// Source: daemon_controller.go syncNodes: at most 250 creations and deletions a round, creations in a slow
/// start.
void want(Turn& turn, const View& view, SetSync& sync, const DaemonSet& set, daemonsets::PodsPlan plan) {
  constexpr std::size_t kBurst = 250;
  constexpr std::uint32_t kFirstBatch = 2;
  settle_order(turn, view, sync, set, plan);
  const std::size_t creations = std::min(plan.create_on.size(), kBurst);
  const std::size_t deletions = std::min(plan.remove.size(), kBurst);
  const std::uint32_t first = sync.outcomes.empty() ? kFirstBatch : sync.writes.back().batch + 1;
  std::uint32_t batch = first;
  for (std::size_t i = 0; i < creations; ++i) {
    batch = first + workloads::slow_start_batch(static_cast<std::uint32_t>(i));
    sync.writes.push_back(write_of(WriteKind::CreatePod, kPodPass, batch, plan.create_on[i]));
  }
  std::vector<Uid> uids;
  for (std::size_t i = 0; i < deletions; ++i) {
    Write write = write_of(WriteKind::DeletePod, kPodPass, batch + 1, plan.remove[i]);
    write.argument = view.pod(plan.remove[i])->meta.uid;
    uids.push_back(write.argument);
    sync.writes.push_back(write);
  }
  workloads::expect_both(turn.cluster.daemonset_controller.expectations, sync.row, sync.uid,
                         static_cast<std::int32_t>(creations), std::move(uids), turn.now());
}

Outcome create(Turn& turn, const SetSync& sync, const Write& write, Row& row_written) {
  Cluster& cluster = turn.cluster;
  const DaemonSet* set = stored(cluster, sync);
  if (set == nullptr) {
    return Outcome::NotFound;
  }
  const OwnerRef owner{Kind::DaemonSet, sync.row, sync.uid};
  const Text node_name = cluster.nodes.alive(write.row) ? cluster.nodes[write.row].meta.name : Text{0};
  const std::uint32_t generation = set->template_generation;
  const TemplateId from = set->spec.pod_template;
  Pod pod = workloads::new_pod(turn, owner, set->meta.name, set->meta.name_space);
  pod.pinned_node = node_name;
  pod.attempt = workloads::attempts_before(cluster, owner, write.row);
  pod.template_generation = generation;
  pod.revision = sync.payload.hash;
  pod.pod_template = cluster.add_template(daemonsets::pod_template_of(*cluster.templates[from]));
  const WriteResult result = create_pod(turn, std::move(pod), by(sync));
  if (result.ok()) {
    workloads::count_new_pod(cluster, owner);
    workloads::count_attempt(cluster, owner, write.row);
  }
  row_written = result.row;
  return result.outcome;
}

Outcome remove(Turn& turn, const SetSync& sync, const Write& write) {
  const Cluster& cluster = turn.cluster;
  const bool there = cluster.pods.exists(write.row) && cluster.pods[write.row].meta.uid == write.argument;
  const Outcome outcome = there ? delete_pod(turn, write.row, by(sync)).outcome : Outcome::NotFound;
  if (outcome != Outcome::Ok) {
    workloads::deletion_observed(turn.cluster.daemonset_controller.expectations, sync.row, sync.uid,
                                 write.argument);
  }
  return outcome == Outcome::NotFound ? Outcome::Ok : outcome;
}

bool is_failure(Outcome outcome) { return outcome != Outcome::Ok && outcome != Outcome::Skipped; }

std::string failure_text(const Cluster& cluster, const SetSync& sync, const Write& write, Outcome outcome) {
  const std::string& set = cluster.strings[cluster.daemonsets[sync.row].meta.name];
  switch (write.kind) {
    case WriteKind::CreatePod:
      return workloads::api_error(outcome, "pods", set + "-");
    case WriteKind::UpdateStatus:
      return workloads::api_error(outcome, "daemonsets.apps", set);
    case WriteKind::CreateRevision:
      return workloads::api_error(outcome, "controllerrevisions.apps", cluster.strings[write.argument]);
    case WriteKind::RenumberRevision:
    case WriteKind::DeleteRevision:
      return workloads::api_error(outcome, "controllerrevisions.apps",
                                  cluster.revisions.alive(write.row)
                                      ? cluster.strings[cluster.revisions[write.row].meta.name]
                                      : std::string());
    default:
      return workloads::api_error(
          outcome, "pods",
          cluster.pods.alive(write.row) ? cluster.name_of(cluster.pods[write.row]) : std::string());
  }
}

struct Traits : ControllerOf<&Cluster::daemonsets, Kind::DaemonSet> {
  static constexpr Event kQueueRun = Event::DaemonSetQueueRun;
  static constexpr Event kWake = Event::DaemonSetWake;
  static constexpr Event kResume = Event::DaemonSetResume;
  /// Source: kube-controller-manager --concurrent-daemonset-syncs, default 2.
  static constexpr std::size_t kWorkers = 2;
  static constexpr bool kLooksAgain = true;

  static DaemonSetControllerState& state(Cluster& cluster) { return cluster.daemonset_controller; }

  /// Source: daemon_controller.go syncDaemonSet, updateDaemonSet.
  static bool begin(Turn& turn, SetSync& sync) {
    Cluster& cluster = turn.cluster;
    const View view = view_of(cluster, ObserverId::ControllerManager);
    const DaemonSet& set = *view.daemonset(sync.row);
    if (set.meta.deleting()) {
      return false;
    }
    DaemonSetSyncPayload& payload = sync.payload;
    payload.seen = set.status;
    payload.status.desired = daemonsets::count_desired(view, set);
    std::vector<Row> old;
    plan_history(turn, view, sync, set, old);
    const workloads::ClaimedPods claimed = claim(cluster, view, sync, set);
    for (const Row row : claimed.adopt) {
      sync.writes.push_back(write_of(WriteKind::AdoptPod, kClaimPass, 1, row));
    }
    for (const Row row : claimed.release) {
      sync.writes.push_back(write_of(WriteKind::ReleasePod, kClaimPass, 1, row));
    }
    if (!workloads::satisfied(state(cluster).expectations, sync.row, sync.uid, turn.now())) {
      payload.status.observed_generation = 0;  // is left as it is
      sync.stage = kRoll;
      return true;
    }
    payload.status.observed_generation = set.meta.generation;
    daemonsets::PodsPlan plan =
        daemonsets::manage(view, set, payload.hash, claimed.members, state(cluster).backoffs, turn.now());
    sync.requeue_after = plan.look_again;
    if (plan.empty()) {
      sync.stage = kRoll;
      if (set.spec.update_strategy == UpdateStrategy::RollingUpdate) {
        plan = daemonsets::roll(view, set, payload.hash, claimed.members, turn.now());
      }
    }
    want(turn, view, sync, set, std::move(plan));
    plan_cleanup(cluster, view, sync, set, std::move(old), claimed.members);
    return true;
  }

  static Outcome perform(Turn& turn, SetSync& sync, const Write& write, Row& row_written) {
    switch (write.kind) {
      case WriteKind::CreatePod:
        return create(turn, sync, write, row_written);
      case WriteKind::DeletePod:
        return remove(turn, sync, write);
      case WriteKind::AdoptPod: {
        const DaemonSet* set = stored(turn.cluster, sync);
        return workloads::adopt_pod(turn, write.row, {Kind::DaemonSet, sync.row, sync.uid},
                                    set != nullptr && !set->meta.deleting(), by(sync));
      }
      case WriteKind::ReleasePod:
        return workloads::release_pod(turn, write.row, sync.uid, by(sync));
      case WriteKind::CreateRevision:
        return create_revision_of(turn, sync, write);
      case WriteKind::RenumberRevision:
        return update<ControllerRevision>(
                   turn, write.row, by(sync), Verb::Update,
                   [&](ControllerRevision& revision) { revision.revision = write.number; })
            .outcome;
      case WriteKind::DeleteRevision:
        return delete_revision(turn, write.row, by(sync)).outcome;
      case WriteKind::UpdateStatus:
        return stored(turn.cluster, sync) == nullptr
                   ? Outcome::NotFound
                   : update<DaemonSet>(turn, sync.row, by(sync), Verb::UpdateStatus, [&](DaemonSet& set) {
                       const std::uint32_t observed = set.status.observed_generation;
                       set.status = sync.payload.status;
                       // After a conflict the object is read again: what is not raised stays as it is there.
                       // Source: daemon_controller.go storeDaemonSetStatus.
                       set.status.observed_generation = std::max(observed, set.status.observed_generation);
                     }).outcome;
      default:
        break;
    }
    sim::fail("a write that is not the DaemonSet controller's");
  }

  /// Pods first, then the history, unless something failed; the status in any case but a failed history.
  static bool next_stage(Turn& turn, SetSync& sync) {
    bool failed = false;
    bool without_history = false;
    for (std::size_t i = 0; i < sync.outcomes.size(); ++i) {
      const Write& write = sync.writes[i];
      if (write.kind == WriteKind::CreatePod && sync.outcomes[i] != Outcome::Ok && sync.stage != kStatus) {
        workloads::creation_observed(state(turn.cluster).expectations, sync.row, sync.uid);
      }
      if (!is_failure(sync.outcomes[i])) {
        continue;
      }
      without_history = without_history || write.pass == kHistoryPass;
      if (!failed && turn.cluster.daemonsets.alive(sync.row) &&
          (sync.stage != kStatus || write.pass >= kCleanupPass)) {
        emit_text(turn, sync.uid, Field::SyncFailed, by(sync),
                  failure_text(turn.cluster, sync, write, sync.outcomes[i]));
      }
      failed = true;
    }
    sync.failed = failed;
    if (sync.stage == kStatus || without_history) {
      return false;
    }
    if (sync.stage == kPods && !failed) {
      sync.stage = kRoll;
      if (roll_too(turn, sync)) {
        return true;
      }
    }
    sync.stage = kStatus;
    return add_last_writes(turn, sync, failed);
  }

  static sim::Duration retry_delay(Turn& turn, std::uint32_t failures) {
    return workloads::retry_delay(state(turn.cluster).retries, turn.now(), failures);
  }

 private:
  /// Where the watch has shown by now what was created and deleted, a rolling update goes on in the same
  /// sync. Source: daemon_controller.go updateDaemonSet. @return whether it does something.
  static bool roll_too(Turn& turn, SetSync& sync) {
    const View view = view_of(turn.cluster, ObserverId::ControllerManager);
    const DaemonSet* set = view.daemonset(sync.row);
    if (set == nullptr || set->meta.uid != sync.uid ||
        set->spec.update_strategy != UpdateStrategy::RollingUpdate ||
        !workloads::satisfied(state(turn.cluster).expectations, sync.row, sync.uid, turn.now())) {
      return false;
    }
    const workloads::ClaimedPods claimed = claim(turn.cluster, view, sync, *set);
    const std::size_t before = sync.writes.size();
    want(turn, view, sync, *set,
         daemonsets::roll(view, *set, sync.payload.hash, claimed.members, turn.now()));
    return sync.writes.size() > before;
  }

  static bool add_last_writes(Turn& turn, SetSync& sync, bool failed) {
    const Cluster& cluster = turn.cluster;
    const View view = view_of(cluster, ObserverId::ControllerManager);
    const DaemonSet* set = view.daemonset(sync.row);
    std::uint32_t batch = sync.writes.empty() ? 0 : sync.writes.back().batch + 1;
    sync.batch_failed = false;
    for (Write write : failed ? std::vector<Write>{} : sync.payload.history) {
      write.batch = batch;
      sync.writes.push_back(write);
    }
    if (set == nullptr || set->meta.uid != sync.uid) {
      return !sync.payload.history.empty() && !failed;
    }
    const std::uint32_t observed = sync.payload.status.observed_generation;
    const workloads::ClaimedPods claimed = claim(cluster, view, sync, *set);
    DaemonSetStatus status = daemonsets::count(view, *set, sync.payload.hash, claimed.members, turn.now());
    status.collision_count = cluster.daemonsets[sync.row].status.collision_count;
    status.observed_generation = std::max(observed, sync.payload.seen.observed_generation);
    // The nodes are those that the sync began with. Source: daemon_controller.go syncDaemonSet, nodeList.
    status.desired = sync.payload.status.desired;
    status.unavailable = status.desired - status.available;
    sync.payload.status = status;
    if (status != sync.payload.seen) {
      sync.writes.push_back(write_of(WriteKind::UpdateStatus, kStatusPass, batch + 1, sync.row));
    }
    if (set->spec.min_ready_seconds > 0 && status.ready != status.available) {
      const sim::Duration later = std::chrono::seconds{set->spec.min_ready_seconds};
      sync.requeue_after =
          sync.requeue_after == sim::Duration::zero() ? later : std::min(sync.requeue_after, later);
    }
    return true;
  }
};

using Runtime = ControllerRuntime<Traits>;

// What wakes the controller
// ----------------------------------------------------------------------------------

Row resolve_owner(const Cluster& cluster, const Pod& pod) {
  return pod.owner.kind == Kind::DaemonSet && Traits::uid_at(cluster, pod.owner.row) == pod.owner.uid
             ? pod.owner.row
             : kNoRow;
}

template <class Want>
void enqueue_if(Turn& turn, sim::TransitionId cause, Want&& wants) {
  const View view = view_of(turn.cluster, ObserverId::ControllerManager);
  for (Row row = 0; row < turn.cluster.daemonsets.extent(); ++row) {
    const DaemonSet* set = view.daemonset(row);
    if (set != nullptr && wants(row, *set)) {
      Runtime::enqueue(turn, row, cause);
    }
  }
}

void observe_deleted(Turn& turn, const Pod& pod, sim::TransitionId cause) {
  if (const Row row = resolve_owner(turn.cluster, pod); row != kNoRow) {
    workloads::deletion_observed(turn.cluster.daemonset_controller.expectations, row, pod.owner.uid,
                                 pod.meta.uid);
    Runtime::enqueue(turn, row, cause);
  }
}

void observe_owned(Turn& turn, const Pod* before, const Pod& pod, sim::TransitionId cause) {
  const Row row = resolve_owner(turn.cluster, pod);
  if (row == kNoRow) {
    return;
  }
  if (before == nullptr) {
    workloads::creation_observed(turn.cluster.daemonset_controller.expectations, row, pod.owner.uid);
  }
  Runtime::enqueue(turn, row, cause);
  const DaemonSet& set = *view_of(turn.cluster, ObserverId::ControllerManager).daemonset(row);
  if (before != nullptr && !before->ready && pod.ready && set.spec.min_ready_seconds > 0) {
    // One second more against clocks that differ. Source: daemon_controller.go updatePod.
    Runtime::enqueue_after(turn, row, std::chrono::seconds{set.spec.min_ready_seconds + 1}, cause);
  }
}

/// Source: daemon_controller.go addPod, updatePod, deletePod.
void observe_pod(Turn& turn, const WatchEvent& event) {
  Cluster& cluster = turn.cluster;
  const Pod* pod = cluster.pods.as_of(event.row, event.version);
  const Pod* before = cluster.pods.as_of(event.row, event.version - 1);
  workloads::note_orphan(cluster.daemonset_controller.orphans, event.row, pod);
  if (pod == nullptr || pod->meta.deleting()) {
    if (const Pod* gone = pod != nullptr ? pod : before) {
      observe_deleted(turn, *gone, event.cause);
    }
    return;
  }
  const bool owner_changed = before != nullptr && before->owner != pod->owner;
  if (owner_changed) {
    if (const Row row = resolve_owner(cluster, *before); row != kNoRow) {
      Runtime::enqueue(turn, row, event.cause);
    }
  }
  if (pod->owner.kind != Kind::None) {
    observe_owned(turn, before, *pod, event.cause);
    return;
  }
  const bool labels_changed =
      before != nullptr && (before->label_set != pod->label_set || before->revision != pod->revision);
  if (!pod->static_pod && (before == nullptr || labels_changed || owner_changed)) {
    enqueue_if(turn, event.cause, [&](Row, const DaemonSet& set) {
      return set.meta.name_space == pod->meta.name_space &&
             workloads::selects(turn.cluster, *set.spec.selector, *pod);
    });
  }
}

/// Whether the set controls a pod on the node, as seen. Those of a node that is gone may have been inherited
/// by another one: then all pods of the set are asked.
bool has_pod_on(const View& view, Row set_row, Uid set, Row node) {
  const Cluster& cluster = view.cluster();
  bool found = false;
  const auto look_at = [&](const Pod& pod) { found = found || (pod.owner.uid == set && pod.node == node); };
  if (!cluster.nodes.exists(node)) {
    view.each_pod_of(cluster.daemonsets[set_row].pods_head, [&](Row, const Pod& pod) { look_at(pod); });
    return found;
  }
  for (Row row = cluster.nodes[node].pods_head; row != kNoRow; row = cluster.pods[row].node_next) {
    if (const Pod* pod = view.pod(row)) {
      look_at(*pod);
    }
  }
  return found;
}

/// Labels and taints decide; the rest of a node does not matter. Source: daemon_controller.go addNode,
/// updateNode, syncNodeUpdate.
void observe_node(Turn& turn, const WatchEvent& event) {
  const Cluster& cluster = turn.cluster;
  const Node* node = cluster.nodes.as_of(event.row, event.version);
  const Node* before = cluster.nodes.as_of(event.row, event.version - 1);
  if (node == nullptr ||
      (before != nullptr && before->shape == node->shape && before->taint_set == node->taint_set)) {
    return;
  }
  const View view = view_of(cluster, ObserverId::ControllerManager);
  enqueue_if(turn, event.cause, [&](Row row, const DaemonSet& set) {
    const PodTemplate& pod_template = *cluster.templates[set.spec.pod_template];
    const daemonsets::NodeAnswer answer =
        daemonsets::should_run(cluster, *node, pod_template, daemonsets::tolerations_of(pod_template));
    if (before == nullptr) {
      return answer.should_run;
    }
    if (!cluster.features().since(33)) {
      // Source: daemon_controller.go updateNode, as it was up to 1.32.
      const daemonsets::NodeAnswer was =
          daemonsets::should_run(cluster, *before, pod_template, daemonsets::tolerations_of(pod_template));
      return was.should_run != answer.should_run || was.may_stay != answer.may_stay;
    }
    const bool scheduled = has_pod_on(view, row, set.meta.uid, event.row);
    return (answer.should_run && !scheduled) || (!answer.may_stay && scheduled) ||
           (cluster.features().since(35) && scheduled && set.status.misscheduled > 0);
  });
}

}  // namespace

void observe(Turn& turn, const WatchEvent& event) {
  if (event.kind == Kind::DaemonSet) {
    if (event.type == WatchType::Deleted) {
      workloads::forget_expectations(turn.cluster.daemonset_controller.expectations, event.row);
    }
    Runtime::enqueue(turn, event.row, event.cause);
  } else if (event.kind == Kind::Pod) {
    observe_pod(turn, event);
  } else if (event.kind == Kind::Node) {
    observe_node(turn, event);
  }
}

bool on_event(Turn& turn, const sim::PendingEvent& event) { return Runtime::on_event(turn, event); }

void restart(Turn& turn, sim::TransitionId cause) {
  Runtime::restart(turn, cause, [&](auto& state) {
    state.orphans = workloads::list_orphans(view_of(turn.cluster, ObserverId::ControllerManager));
  });
}

}  // namespace models::kubernetes::daemonset_controller

#include "models/kubernetes/deployment_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "models/kubernetes/deployment_annotations.h"
#include "models/kubernetes/deployment_rules.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/upstream_rules.h"
#include "models/kubernetes/workload_pods.h"

namespace models::kubernetes::deployments {

namespace {

using Type = DeploymentConditionType;

class Planner {
 public:
  Planner(Cluster& cluster, Row row, sim::Time now)
      : cluster_(cluster),
        view_(view_of(cluster, ObserverId::ControllerManager)),
        row_(row),
        now_(now),
        seen_(plan_.seen) {
    plan_.seen = *view_.deployment(row);
  }

  DeploymentPlan make() {
    claim_replicasets();
    if (seen_.meta.deleting()) {
      sync_revision(false);
      sync_status();
      return std::move(plan_);
    }
    check_paused();
    if (seen_.spec.paused) {
      plan_.wait.reason = static_cast<std::uint16_t>(WaitReason::RolloutPaused);
      sync_revision(false);
      scale();
      cleanup();
      sync_status();
      return std::move(plan_);
    }
    sync_revision(false);
    if (plan_.repeats) {
      return std::move(plan_);
    }
    if (is_scaling_event()) {
      scale();
      sync_status();
    } else if (seen_.spec.recreate) {
      recreate();
    } else {
      roll();
    }
    return std::move(plan_);
  }

 private:
  // ReplicaSets --------------------------------------------------------------------------------------------

  /// Those that it controls or may adopt are among these.
  [[nodiscard]] std::vector<Row> known_replicasets() const {
    const std::vector<Row>& own = replicasets_of(cluster_.replicaset_index, row_, seen_.meta.uid);
    const std::vector<Row>& of_none = replicasets_of(cluster_.replicaset_index, {});
    std::vector<Row> rows;
    std::set_union(own.begin(), own.end(), of_none.begin(), of_none.end(), std::back_inserter(rows));
    return rows;
  }

  /// Source: deployment_controller.go getReplicaSetsForDeployment, controller_ref_manager.go.
  void claim_replicasets() {
    std::vector<KnownReplicaSet> all;
    for (const Row row : known_replicasets()) {
      const ReplicaSet* set = view_.replicaset(row);
      if (set == nullptr || set->meta.name_space != seen_.meta.name_space) {
        continue;
      }
      const bool owned = set->owner.uid == seen_.meta.uid;
      if (!owned && set->owner.kind != Kind::None) {
        continue;
      }
      const bool selected =
          !seen_.spec.selector->empty() && labels_match(cluster_, *seen_.spec.selector, set->labels_json);
      if (owned && !selected && !seen_.meta.deleting()) {
        write(WriteKind::ReleaseReplicaSet, Pass::Claims, row);
      } else if (!owned && selected && !seen_.meta.deleting() && !set->meta.deleting()) {
        write(WriteKind::AdoptReplicaSet, Pass::Claims, row);
        all.push_back({row, *set});
      } else if (owned && selected) {
        all.push_back({row, *set});
      }
    }
    std::sort(all.begin(), all.end(), [&](const KnownReplicaSet& a, const KnownReplicaSet& b) {
      return older(a, b, cluster_.strings);
    });
    find_new(std::move(all));
  }

  /// The oldest ReplicaSet with the Deployment's template is the new one. Source: FindNewReplicaSet.
  void find_new(std::vector<KnownReplicaSet> all) {
    for (KnownReplicaSet& known : all) {
      if (!new_ && is_wanted(known.set.spec.pod_template)) {
        new_ = std::move(known);
      } else {
        old_.push_back(std::move(known));
      }
    }
  }

  /// Whether a ReplicaSet's template is the Deployment's.
  bool is_wanted(TemplateId of_set) {
    HeldAgainstReplicaSet& known = held();
    if (!known.equal_templates || known.of_set != of_set || known.of_deployment != seen_.spec.pod_template) {
      if (!equal_but_for_hash(*cluster_.templates[of_set], *cluster_.templates[seen_.spec.pod_template])) {
        return false;
      }
      known.equal_templates = true;
      known.of_set = of_set;
      known.of_deployment = seen_.spec.pod_template;
    }
    return true;
  }

  /// Gives the new ReplicaSet the Deployment's annotations. @return whether some were missing.
  bool bring_annotations(ReplicaSet& wanted) {
    HeldAgainstReplicaSet& known = held();
    if (known.same_annotations && known.deployment_manifest == seen_.manifest &&
        known.set_manifest == wanted.manifest) {
      return false;
    }
    const bool changed = copy_annotations(cluster_, seen_, wanted);
    known.same_annotations = true;
    known.deployment_manifest = seen_.manifest;
    known.set_manifest = wanted.manifest;
    return changed;
  }

  HeldAgainstReplicaSet& held() {
    std::vector<HeldAgainstReplicaSet>& all = cluster_.deployment_controller.held;
    if (row_ >= all.size()) {
      all.resize(row_ + std::size_t{1});
    }
    return all[row_];
  }

  template <class Visit>
  void each(Visit&& visit) const {
    for (const KnownReplicaSet& known : old_) {
      visit(known.set);
    }
    if (new_) {
      visit(new_->set);
    }
  }

  [[nodiscard]] std::int32_t total_replicas() const {
    std::int32_t sum = 0;
    each([&](const ReplicaSet& set) { sum += set.spec.replicas; });
    return sum;
  }

  // Writes -------------------------------------------------------------------------------------------------

  Write& write(WriteKind kind, Pass pass, Row row) {
    Write added;
    added.kind = kind;
    added.pass = static_cast<std::uint16_t>(pass);
    added.batch = static_cast<std::uint32_t>(plan_.writes.size());
    added.row = row;
    plan_.writes.push_back(added);
    return plan_.writes.back();
  }

  void change(WriteKind kind, Pass pass, Row row, ReplicaSet wanted) {
    Write& added = write(kind, pass, row);
    added.index = static_cast<std::int32_t>(plan_.changes.size());
    plan_.changes.push_back({row, wanted.meta.uid, std::move(wanted)});
  }

  void write_early() { write(WriteKind::UpdateOwner, Pass::Rollout, row_); }

  /// The condition as it is now: what follows in the sync changes it further, and writes of that conflict.
  void write_paused() { write(WriteKind::UpdateOwner, Pass::Rollout, row_).number = 1; }

  /// Source: sync.go scaleReplicaSet. @return whether the size changes.
  bool scale_to(const KnownReplicaSet& known, std::int32_t size, Pass pass) {
    const std::int32_t desired = seen_.spec.replicas;
    const std::int32_t most = desired + max_surge(seen_.spec);
    const bool resized = known.set.spec.replicas != size;
    if (!resized && known.set.desired_replicas == desired && known.set.max_replicas == most) {
      return false;
    }
    ReplicaSet wanted = known.set;
    wanted.spec.replicas = size;
    wanted.desired_replicas = desired;
    wanted.max_replicas = most;
    change(WriteKind::UpdateReplicaSet, pass, known.row, std::move(wanted));
    return resized;
  }

  /// Source: scaleReplicaSetAndRecordEvent.
  bool resize(const KnownReplicaSet& known, std::int32_t size, Pass pass) {
    return known.set.spec.replicas != size && scale_to(known, size, pass);
  }

  // Revisions ----------------------------------------------------------------------------------------------

  void set_progressing(ConditionStatus status, std::string_view reason, std::string message) {
    set_condition(seen_.status, Type::Progressing,
                  condition(cluster_.strings, status, reason, std::move(message), now_));
  }

  /// Source: sync.go getNewReplicaSet.
  void sync_revision(bool create) {
    std::int64_t revision = 1;
    for (const KnownReplicaSet& known : old_) {
      revision = std::max(revision, known.set.revision + 1);
    }
    if (!new_) {
      if (create) {
        create_new(revision);
      }
      return;
    }
    ReplicaSet wanted = new_->set;
    bool changed = bring_annotations(wanted);
    changed = set_revision(cluster_, wanted, revision) || changed;
    if (changed || wanted.spec.min_ready_seconds != seen_.spec.min_ready_seconds) {
      wanted.spec.min_ready_seconds = seen_.spec.min_ready_seconds;
      change(WriteKind::UpdateReplicaSet, Pass::Rollout, new_->row, std::move(wanted));
      plan_.repeats = !seen_.spec.paused && !seen_.meta.deleting();
      return;
    }
    bool needs_update = std::exchange(seen_.revision, new_->set.revision) != new_->set.revision;
    if (has_progress_deadline(seen_.spec) && !seen_.status.condition(Type::Progressing).present) {
      set_progressing(ConditionStatus::True, "FoundNewReplicaSet",
                      fmt::format("Found new replica set \"{}\"", name_of_new()));
      needs_update = true;
    }
    if (needs_update) {
      write_early();
    }
  }

  void create_new(std::int64_t revision) {
    const PodTemplate& pod_template = *cluster_.templates[seen_.spec.pod_template];
    const std::string hash = template_hash(pod_template, seen_.status.collision_count);
    // Source: sync.go generateReplicaSetName: at most 253 characters.
    const std::string& name = cluster_.strings[seen_.meta.name];
    KnownReplicaSet created;
    ReplicaSet& set = created.set;
    set.meta.name_space = seen_.meta.name_space;
    set.meta.name = cluster_.strings.intern(fmt::format("{}-{}", name.substr(0, 252 - hash.size()), hash));
    set.meta.created = now_;
    set.owner = {Kind::Deployment, row_, seen_.meta.uid};
    set.template_hash = cluster_.strings.intern(hash);
    PodTemplate labelled = with_hash(pod_template, hash);
    set.labels_json = cluster_.strings.intern(json::to_json(labelled.labels).dump());
    set.spec.pod_template = cluster_.add_template(std::move(labelled));
    set.spec.min_ready_seconds = seen_.spec.min_ready_seconds;
    LabelSelector selector = *seen_.spec.selector;
    selector.match_labels.emplace_back("pod-template-hash", hash);
    std::sort(selector.match_labels.begin(), selector.match_labels.end());
    set.spec.selector = std::make_shared<const LabelSelector>(std::move(selector));
    set.spec.replicas = new_replicas(seen_.spec, total_replicas(), 0);
    copy_annotations(cluster_, seen_, set);
    set_revision(cluster_, set, revision);
    set.desired_replicas = seen_.spec.replicas;
    set.max_replicas = seen_.spec.replicas + max_surge(seen_.spec);
    new_ = created;
    change(WriteKind::CreateReplicaSet, Pass::Rollout, kNoRow, std::move(created.set));
    bool needs_update = std::exchange(seen_.revision, revision) != revision;
    if (has_progress_deadline(seen_.spec)) {
      set_progressing(ConditionStatus::True, "NewReplicaSetCreated",
                      fmt::format("Created new replica set \"{}\"", name_of_new()));
      needs_update = true;
    }
    if (needs_update) {
      write_early();
    }
  }

  [[nodiscard]] const std::string& name_of_new() const { return cluster_.strings[new_->set.meta.name]; }

  /// Source: sync.go checkPausedConditions.
  void check_paused() {
    if (!has_progress_deadline(seen_.spec)) {
      return;
    }
    const ObjectCondition& progressing = seen_.status.condition(Type::Progressing);
    const std::string& reason = cluster_.strings[progressing.reason];
    if (progressing.present && reason == "ProgressDeadlineExceeded") {
      return;
    }
    const bool told = progressing.present && reason == "DeploymentPaused";
    if (seen_.spec.paused && !told) {
      set_progressing(ConditionStatus::Unknown, "DeploymentPaused", "Deployment is paused");
      write_paused();
    } else if (!seen_.spec.paused && told) {
      set_progressing(ConditionStatus::Unknown, "DeploymentResumed", "Deployment is resumed");
      write_paused();
    }
  }

  // Scaling ------------------------------------------------------------------------------------------------

  /// Source: sync.go isScalingEvent.
  [[nodiscard]] bool is_scaling_event() const {
    bool scaling = false;
    each([&](const ReplicaSet& set) {
      scaling = scaling || (set.spec.replicas > 0 && set.desired_replicas >= 0 &&
                            set.desired_replicas != seen_.spec.replicas);
    });
    return scaling;
  }

  [[nodiscard]] std::vector<KnownReplicaSet> active() const {
    std::vector<KnownReplicaSet> sets;
    for (const KnownReplicaSet& known : old_) {
      if (known.set.spec.replicas > 0) {
        sets.push_back(known);
      }
    }
    if (new_ && new_->set.spec.replicas > 0) {
      sets.push_back(*new_);
    }
    return sets;
  }

  /// Source: sync.go scale, FindActiveOrLatest.
  void scale() {
    std::vector<KnownReplicaSet> sets = active();
    if (sets.size() <= 1) {
      const KnownReplicaSet* latest = !sets.empty()  ? &sets.front()
                                      : new_         ? &*new_
                                      : old_.empty() ? nullptr
                                                     : &old_.back();
      if (latest != nullptr) {
        resize(*latest, seen_.spec.replicas, Pass::Rollout);
      }
      return;
    }
    if (new_ && is_saturated(seen_, new_->set)) {
      for (const KnownReplicaSet& known : old_) {
        resize(known, 0, Pass::Rollout);
      }
      return;
    }
    if (!seen_.spec.recreate) {
      scale_in_proportion(std::move(sets));
    }
  }

  void scale_in_proportion(std::vector<KnownReplicaSet> sets) {
    const std::int32_t allowed = seen_.spec.replicas > 0 ? seen_.spec.replicas + max_surge(seen_.spec) : 0;
    std::int32_t present = 0;
    for (const KnownReplicaSet& known : sets) {
      present += known.set.spec.replicas;
    }
    const std::int32_t to_add = allowed - present;
    // The largest first; of equals the newer grows and the older shrinks.
    if (to_add != 0) {
      std::stable_sort(sets.begin(), sets.end(), [&](const KnownReplicaSet& a, const KnownReplicaSet& b) {
        if (a.set.spec.replicas != b.set.spec.replicas) {
          return a.set.spec.replicas > b.set.spec.replicas;
        }
        return to_add > 0 ? older(b, a, cluster_.strings) : older(a, b, cluster_.strings);
      });
    }
    std::int32_t added = 0;
    std::vector<std::int32_t> sizes;
    for (const KnownReplicaSet& known : sets) {
      const std::int32_t share = proportion(known.set, seen_, to_add, added);
      sizes.push_back(known.set.spec.replicas + share);
      added += share;
    }
    if (to_add != 0) {
      sizes.front() = std::max(0, sizes.front() + to_add - added);
    }
    for (std::size_t i = 0; i < sets.size(); ++i) {
      scale_to(sets[i], sizes[i], Pass::Rollout);
    }
  }

  // Roll-outs ----------------------------------------------------------------------------------------------

  /// Source: rolling.go rolloutRolling.
  void roll() {
    if (!new_) {
      sync_revision(true);
    }
    const bool up = scale_new_up();
    const bool down = !up && scale_old_down();
    if (!up && !down && is_complete(seen_, seen_.status)) {
      cleanup();
    }
    sync_rollout_status();
  }

  /// Source: reconcileNewReplicaSet.
  bool scale_new_up() {
    const std::int32_t has = new_->set.spec.replicas;
    if (has == seen_.spec.replicas) {
      return false;
    }
    const std::int32_t size =
        has > seen_.spec.replicas ? seen_.spec.replicas : new_replicas(seen_.spec, total_replicas(), has);
    return resize(*new_, size, Pass::Rollout);
  }

  /// Source: reconcileOldReplicaSets, cleanupUnhealthyReplicas, scaleDownOldReplicaSetsForRollingUpdate.
  bool scale_old_down() {
    std::vector<KnownReplicaSet> old;
    for (const KnownReplicaSet& known : old_) {
      if (known.set.spec.replicas > 0) {
        old.push_back(known);
      }
    }
    if (old.empty()) {
      return false;
    }
    const std::int32_t least = seen_.spec.replicas - max_unavailable(seen_.spec);
    const std::int32_t new_unavailable = stands(Rule::RollOutsWaitForNewPods)
                                             ? new_->set.spec.replicas - new_->set.status.available_replicas
                                             : 0;
    const std::int32_t most_down = total_replicas() - least - new_unavailable;
    if (most_down <= 0) {
      return false;
    }
    std::int32_t down = 0;
    for (KnownReplicaSet& known : old) {
      const std::int32_t unhealthy = known.set.spec.replicas - known.set.status.available_replicas;
      if (down >= most_down || unhealthy == 0) {
        continue;
      }
      const std::int32_t count = std::min(most_down - down, unhealthy);
      shrink(known, count);
      down += count;
    }
    std::int32_t available =
        stands(Rule::RollOutsWaitForNewPods) ? new_->set.status.available_replicas : new_->set.spec.replicas;
    for (const KnownReplicaSet& known : old) {
      available += known.set.status.available_replicas;
    }
    std::int32_t left = available - least;
    for (KnownReplicaSet& known : old) {
      const std::int32_t count = std::min(known.set.spec.replicas, left);
      if (count > 0) {
        shrink(known, count);
        left -= count;
        down += count;
      }
    }
    return down > 0;
  }

  /// A ReplicaSet that shrinks twice in a sync is written once here: between the two writes nobody acts.
  void shrink(KnownReplicaSet& known, std::int32_t count) {
    for (ReplicaSetChange& made : plan_.changes) {
      if (made.row == known.row && made.uid == known.set.meta.uid) {
        made.wanted.spec.replicas -= count;
        known.set.spec.replicas -= count;
        return;
      }
    }
    resize(known, known.set.spec.replicas - count, Pass::Old);
    known.set.spec.replicas -= count;
  }

  /// Source: recreate.go rolloutRecreate.
  void recreate() {
    bool down = false;
    for (const KnownReplicaSet& known : old_) {
      down = resize(known, 0, Pass::Rollout) || down;
    }
    if (down || old_pods_running()) {
      sync_rollout_status();
      return;
    }
    if (!new_) {
      sync_revision(true);
    }
    resize(*new_, seen_.spec.replicas, Pass::Rollout);
    if (is_complete(seen_, seen_.status)) {
      cleanup();
    }
    sync_rollout_status();
  }

  /// Source: oldPodsRunning: pods that have ended do not count, those that are being deleted do.
  [[nodiscard]] bool old_pods_running() const {
    bool running = false;
    for (const KnownReplicaSet& known : old_) {
      running = running || known.set.status.replicas > 0;
      view_.each_pod_of(cluster_.replicasets[known.row].pods_head, [&](Row, const Pod& pod) {
        running = running || (pod.owner.uid == known.set.meta.uid && !pod.terminal());
      });
    }
    return running;
  }

  /// Source: sync.go cleanupDeployment.
  void cleanup() {
    if (seen_.spec.revision_history_limit == std::numeric_limits<std::int32_t>::max()) {
      return;
    }
    std::vector<const KnownReplicaSet*> cleanable;
    for (const KnownReplicaSet& known : old_) {
      if (!known.set.meta.deleting()) {
        cleanable.push_back(&known);
      }
    }
    std::stable_sort(
        cleanable.begin(), cleanable.end(),
        [](const KnownReplicaSet* a, const KnownReplicaSet* b) { return a->set.revision < b->set.revision; });
    const auto surplus = static_cast<std::int64_t>(cleanable.size()) - seen_.spec.revision_history_limit;
    for (std::int64_t i = 0; i < surplus; ++i) {
      const KnownReplicaSet& known = *cleanable[static_cast<std::size_t>(i)];
      if (known.set.status.replicas == 0 && known.set.spec.replicas == 0 &&
          known.set.meta.generation <= known.set.status.observed_generation) {
        write(WriteKind::DeleteReplicaSet, Pass::Cleanup, known.row).argument = known.set.meta.uid;
      }
    }
  }

  // Status -------------------------------------------------------------------------------------------------

  /// Source: sync.go calculateStatus.
  [[nodiscard]] DeploymentStatus count() {
    DeploymentStatus status = seen_.status;
    status.observed_generation = seen_.meta.generation;
    status.replicas = status.ready_replicas = status.available_replicas = 0;
    const bool counts_terminating = cluster_.features().since(35);
    std::int32_t terminating = counts_terminating ? 0 : -1;
    each([&](const ReplicaSet& set) {
      status.replicas += set.status.replicas;
      status.ready_replicas += set.status.ready_replicas;
      status.available_replicas += set.status.available_replicas;
      if (counts_terminating && terminating >= 0 && set.status.observed_generation > 0) {
        terminating =
            set.status.terminating_replicas < 0 ? -1 : terminating + set.status.terminating_replicas;
      }
    });
    status.terminating_replicas = terminating;
    status.updated_replicas = new_ ? new_->set.status.replicas : 0;
    status.unavailable_replicas = std::max(0, total_replicas() - status.available_replicas);
    const bool enough = status.available_replicas >= seen_.spec.replicas - max_unavailable(seen_.spec);
    set_condition(status, Type::Available,
                  condition(cluster_.strings, enough ? ConditionStatus::True : ConditionStatus::False,
                            enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                            enough ? "Deployment has minimum availability."
                                   : "Deployment does not have minimum availability.",
                            now_));
    return status;
  }

  /// Source: syncDeploymentStatus.
  void sync_status() {
    plan_.status = count();
    plan_.writes_status = plan_.status != seen_.status;
  }

  /// Source: progress.go syncRolloutStatus.
  void sync_rollout_status() {
    DeploymentStatus status = count();
    if (!has_progress_deadline(seen_.spec)) {
      status.condition(Type::Progressing) = {};
    } else {
      tell_progress(status);
    }
    status.condition(Type::ReplicaFailure) = failure(status.condition(Type::ReplicaFailure));
    plan_.status = status;
    plan_.writes_status = status != seen_.status;
    if (!plan_.writes_status) {
      requeue_stuck();
    }
    const ObjectCondition& progressing = status.condition(Type::Progressing);
    if (progressing.present && cluster_.strings[progressing.reason] == "ProgressDeadlineExceeded") {
      plan_.wait.reason = static_cast<std::uint16_t>(WaitReason::DeadlineExceeded);
    }
  }

  void tell_progress(DeploymentStatus& status) {
    const ObjectCondition current = seen_.status.condition(Type::Progressing);
    if (status.replicas == status.updated_replicas && current.present &&
        cluster_.strings[current.reason] == "NewReplicaSetAvailable") {
      return;  // no roll-out is under way
    }
    const std::string who = new_ ? fmt::format("ReplicaSet \"{}\"", name_of_new())
                                 : fmt::format("Deployment \"{}\"", cluster_.strings[seen_.meta.name]);
    Strings& strings = cluster_.strings;
    if (is_complete(seen_, status)) {
      set_condition(status, Type::Progressing,
                    condition(strings, ConditionStatus::True, "NewReplicaSetAvailable",
                              who + " has successfully progressed.", now_));
    } else if (is_progressing(seen_.status, status)) {
      ObjectCondition progressing =
          condition(strings, ConditionStatus::True, "ReplicaSetUpdated", who + " is progressing.", now_);
      if (current.is_true()) {
        progressing.last_transition = current.last_transition;
      }
      status.condition(Type::Progressing) = progressing;
    } else if (has_timed_out(seen_, status, strings, now_)) {
      set_condition(status, Type::Progressing,
                    condition(strings, ConditionStatus::False, "ProgressDeadlineExceeded",
                              who + " has timed out progressing.", now_));
    }
  }

  /// The new ReplicaSet's failure counts before those of old ones. Source: getReplicaFailures.
  [[nodiscard]] ObjectCondition failure(const ObjectCondition& current) const {
    ObjectCondition found;
    if (new_) {
      found = new_->set.status.replica_failure;
    }
    for (const KnownReplicaSet& known : old_) {
      if (!found.present) {
        found = known.set.status.replica_failure;
      }
    }
    if (!found.present) {
      return {};
    }
    if (current.present && current.status == found.status && current.reason == found.reason) {
      return current;
    }
    found.last_update = found.last_transition;
    return found;
  }

  /// Source: progress.go requeueStuckDeployment.
  void requeue_stuck() {
    const ObjectCondition& progressing = seen_.status.condition(Type::Progressing);
    if (!has_progress_deadline(seen_.spec) || !progressing.present || is_complete(seen_, plan_.status) ||
        cluster_.strings[progressing.reason] == "ProgressDeadlineExceeded") {
      return;
    }
    const sim::Duration after =
        progressing.last_update + std::chrono::seconds{seen_.spec.progress_deadline_seconds} - now_;
    plan_.checks_now = after < std::chrono::seconds{1};
    // A second more against clocks that differ.
    plan_.requeue_after = plan_.checks_now ? sim::Duration{} : after + std::chrono::seconds{1};
  }

  Cluster& cluster_;
  View view_;
  Row row_;
  sim::Time now_;
  DeploymentPlan plan_;
  Deployment& seen_;  ///< upstream's copy `d`, which early writes change
  std::optional<KnownReplicaSet> new_;
  std::vector<KnownReplicaSet> old_;  ///< oldest first
};

}  // namespace

DeploymentPlan plan(Cluster& cluster, Row row, sim::Time now) { return Planner(cluster, row, now).make(); }

}  // namespace models::kubernetes::deployments

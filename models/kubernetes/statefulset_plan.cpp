#include "models/kubernetes/statefulset_plan.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "models/kubernetes/statefulset_batches.h"
#include "models/kubernetes/statefulset_claims.h"
#include "models/kubernetes/statefulset_members.h"
#include "models/kubernetes/statefulset_revisions.h"
#include "models/kubernetes/statefulset_rules.h"
#include "models/kubernetes/statefulset_status.h"
#include "models/kubernetes/upstream_rules.h"
#include "sim/require.h"

namespace models::kubernetes::statefulset_controller {

namespace {

/// maxUnavailable as a count: percentages round down, and one is always allowed.
/// Source: stateful_set_utils.go getStatefulSetMaxUnavailable.
std::int32_t max_unavailable_count(const StatefulSetSpec& spec) {
  if (!spec.rolling_update_block || !spec.max_unavailable) {
    return 1;
  }
  const std::int64_t value = spec.max_unavailable->value;
  const std::int64_t count = spec.max_unavailable->percent ? value * spec.replicas / 100 : value;
  return static_cast<std::int32_t>(std::max<std::int64_t>(count, 1));
}

class Planner {
 public:
  Planner(const View& view, Row row, const StatefulSet& set, sim::Time now)
      : view_(view),
        cluster_(view.cluster()),
        row_(row),
        set_(set),
        spec_(effective_spec(set.spec, StatefulSetRules::of(cluster_.features()))),
        rules_(StatefulSetRules::of(cluster_.features())),
        health_(spec_, rules_, now),
        claims_(view, set),
        monotonic_(spec_.pod_management_policy == PodManagementPolicy::OrderedReady),
        batches_(plan_.writes, mode_of(spec_, rules_)) {}

  StatefulSetPlan decide() {
    claim_members();
    if (!plan_.refusal.empty()) {
      return std::move(plan_);
    }
    decide_revisions();
    split();
    find_first_unhealthy();
    if (!set_.meta.deleting() && !replica_pass() && !claim_pass() && !condemned_pass()) {
      update_pass();
    }
    decide_history();
    return std::move(plan_);
  }

 private:
  /// Fields behind a gate that is off do not count.
  static StatefulSetSpec effective_spec(StatefulSetSpec spec, const StatefulSetRules& rules) {
    if (!rules.start_ordinal) {
      spec.start = 0;
    }
    if (!stands(Rule::ScaleInKeepsClaims)) {
      spec.when_scaled = ClaimRetention::Delete;
    }
    if (!rules.claim_retention) {
      spec.when_deleted = spec.when_scaled = ClaimRetention::Retain;
    }
    return spec;
  }

  static WriteBatches::Mode mode_of(const StatefulSetSpec& spec, const StatefulSetRules& rules) {
    if (spec.pod_management_policy == PodManagementPolicy::OrderedReady) {
      return WriteBatches::Mode::Ordered;
    }
    return rules.concurrent_batches ? WriteBatches::Mode::Concurrent : WriteBatches::Mode::Sequential;
  }

  void wait_for(WaitReason reason, Uid uid) {
    if (plan_.wait.reason == 0) {
      plan_.wait = {static_cast<std::uint16_t>(reason), uid};
    }
  }

  // Members and revisions
  // ------------------------------------------------------------------------------------

  void claim_members() {
    SetMembers found = find_members(view_, row_, set_, cluster_.statefulset_controller.orphans);
    members_ = std::move(found.members);
    choice_ = choose_revisions(view_, row_, set_);
    if (!choice_.adopt.empty()) {
      // Source: stateful_set.go adoptOrphanRevisions; controller_ref_manager.go RecheckDeletionTimestamp.
      if (set_.meta.deleting()) {
        plan_.refusal =
            "can't adopt ControllerRevisions: " + cluster_.name_of(set_.meta) + " has just been deleted";
        return;
      }
      for (const Row revision : choice_.adopt) {
        batches_.next_batch();
        batches_.add(WriteKind::AdoptRevision, Pass::Adopt, revision);
      }
    }
    batches_.next_batch();
    for (const Row pod : found.release) {
      batches_.add(WriteKind::ReleasePod, Pass::Adopt, pod);
    }
    for (const Row pod : found.adopt) {
      batches_.add(WriteKind::AdoptPod, Pass::Adopt, pod);
    }
  }

  void decide_revisions() {
    batches_.next_batch();
    if (choice_.change == RevisionChoice::Change::Create) {
      const PodTemplate& pod_template = *cluster_.templates[choice_.update_template];
      plan_.new_revision = revision_name(cluster_.name_of(set_.meta), pod_template);
      plan_.current_is_new = choice_.current == kUnknownText;
      // A pod may carry the name of a revision that this controller created and has not seen yet.
      const Text known = cluster_.strings.find(plan_.new_revision);
      choice_.update = known == 0 ? kUnknownText : known;
      if (plan_.current_is_new) {
        choice_.current = choice_.update;
      }
      Write& write = batches_.add(WriteKind::CreateRevision, Pass::Revisions, kNoRow);
      write.argument = choice_.update_template;
      write.number = static_cast<std::int32_t>(choice_.number);
    } else if (choice_.change == RevisionChoice::Change::Renumber) {
      Write& write = batches_.add(WriteKind::RenumberRevision, Pass::Revisions, choice_.update_row);
      write.number = static_cast<std::int32_t>(choice_.number);
    }
    plan_.status.observed_generation = set_.meta.generation;
    plan_.status.current_revision = choice_.current;
    plan_.status.update_revision = choice_.update;
    batches_.next_batch();
  }

  [[nodiscard]] bool in_range(std::int32_t ordinal) const {
    return ordinal >= spec_.start && ordinal - spec_.start < spec_.replicas;
  }

  /// Sorts the members into the slots that the spec asks for and the rest, and counts them.
  void split() {
    replicas_.resize(static_cast<std::size_t>(std::max(spec_.replicas, 0)));
    for (const SetMember& member : members_) {
      count_pod(plan_.status, *member.pod, health_);
      look_again_for(*member.pod);
      if (!stands(Rule::ScaleInTakesTheHighestOrdinals)) {
        split_by_number(member);
      } else if (in_range(member.ordinal)) {
        replicas_[static_cast<std::size_t>(member.ordinal - spec_.start)] = member;
      } else {
        condemned_.push_back(member);
      }
    }
    std::sort(condemned_.begin(), condemned_.end(),
              [](const SetMember& a, const SetMember& b) { return a.ordinal > b.ordinal; });
  }

  /// With the rule turned round: whoever is there fills the next slot, whatever its ordinal.
  void split_by_number(const SetMember& member) {
    const auto slot = std::find_if(replicas_.begin(), replicas_.end(),
                                   [](const SetMember& replica) { return replica.pod == nullptr; });
    if (slot == replicas_.end() || member.pod->meta.deleting()) {
      condemned_.push_back(member);
    } else {
      *slot = member;
    }
  }

  /// Source: pkg/controller/controller_utils.go FindMinNextPodAvailabilityCheck.
  void look_again_for(const Pod& pod) {
    const sim::Duration left = served(pod.ready_changed) + health_.min_ready - health_.now;
    if (PodHealth::ready(pod) && health_.min_ready > sim::Duration::zero() && left > sim::Duration::zero() &&
        (plan_.look_again == sim::Duration::zero() || left < plan_.look_again)) {
      plan_.look_again = left;
    }
  }

  /// The unhealthy pod with the lowest index, or else the unhealthy condemned pod with the lowest ordinal.
  void find_first_unhealthy() {
    for (const SetMember& replica : replicas_) {
      if (health_.unhealthy(replica.pod)) {
        first_unhealthy_ = replica.pod;
        return;
      }
    }
    for (const SetMember& member : std::views::reverse(condemned_)) {
      if (health_.unhealthy(member.pod)) {
        first_unhealthy_ = member.pod;
        return;
      }
    }
  }

  // Claims
  // ---------------------------------------------------------------------------------------------------

  /// @return whether a claim of the pod to be created still belongs to the pod before it.
  bool has_stale_claim(std::int32_t ordinal) {
    for (std::size_t position = 0; position < claims_.templates(); ++position) {
      const Row row = claims_.find(ordinal, position);
      const PersistentVolumeClaim* claim = row == kNoRow ? nullptr : view_.claim(row);
      if (claim != nullptr && claim_is_stale(*claim, spec_)) {
        wait_for(WaitReason::ClaimStale, claim->meta.uid);
        return true;
      }
    }
    return false;
  }

  /// Creates what is missing; a claim that is being deleted is a write that fails. All of them are tried.
  /// @return whether there was anything to write. Source: stateful_pod_control.go
  /// createPersistentVolumeClaims.
  bool create_missing_claims(std::int32_t ordinal) {
    bool wrote = false;
    for (std::size_t position = 0; position < claims_.templates(); ++position) {
      const Row row = claims_.find(ordinal, position);
      const PersistentVolumeClaim* claim = row == kNoRow ? nullptr : view_.claim(row);
      if (claim != nullptr && !claim->meta.deleting()) {
        continue;
      }
      Write& write = batches_.add_sibling(WriteKind::CreateClaim, Pass::Replicas, row, !wrote);
      write.index = ordinal;
      write.argument = static_cast<std::uint32_t>(position);
      wrote = true;
    }
    return wrote;
  }

  /// Gives the claims of a pod the owners that the policy wants. @return whether there was anything to write.
  /// Source: stateful_pod_control.go ClaimsMatchRetentionPolicy, UpdatePodClaimForRetentionPolicy.
  bool correct_claim_owners(Pass pass, std::int32_t ordinal, Uid pod, bool first_of_item) {
    if (!rules_.claim_retention) {
      return false;
    }
    bool wrote = false;
    for (std::size_t position = 0; position < claims_.templates(); ++position) {
      const Row row = claims_.find(ordinal, position);
      const PersistentVolumeClaim* claim = row == kNoRow ? nullptr : view_.claim(row);
      if (claim == nullptr || owners_up_to_date(*claim, spec_, set_.meta.uid, in_range(ordinal), pod)) {
        continue;
      }
      const ClaimOwners owners = corrected_owners(*claim, spec_, set_.meta.uid, in_range(ordinal), pod);
      Write& write = batches_.add_step(WriteKind::UpdateClaimOwners, pass, row, first_of_item && !wrote);
      write.index = ordinal;
      write.argument = owners.set;
      write.number = static_cast<std::int32_t>(owners.pod);
      wrote = true;
    }
    return wrote;
  }

  // The replica pass
  // -----------------------------------------------------------------------------------------

  /// Whether a new pod of `ordinal` gets the current revision, not the update revision.
  /// Source: stateful_set_utils.go newVersionedStatefulSetPod.
  [[nodiscard]] bool created_at_current(std::int32_t ordinal) const {
    if (spec_.update_strategy != UpdateStrategy::RollingUpdate) {
      return false;
    }
    const std::int64_t kept = spec_.rolling_update_block ? spec_.partition : set_.status.current_replicas;
    return ordinal < spec_.start + kept;
  }

  /// Source: stateful_pod_control.go CreateStatefulPod.
  void create_replica(std::int32_t ordinal, bool first_of_item) {
    const bool wrote_claims = create_missing_claims(ordinal);
    Write& write =
        batches_.add_step(WriteKind::CreatePod, Pass::Replicas, kNoRow, first_of_item && !wrote_claims);
    const bool at_current = created_at_current(ordinal);
    write.index = ordinal;
    write.argument = at_current ? choice_.current_template : choice_.update_template;
    write.number = at_current ? 0 : 1;
    correct_claim_owners(Pass::Replicas, ordinal, 0, false);
  }

  /// @return whether OrderedReady stops here. Source: stateful_set_control.go processReplica.
  bool process_replica(std::size_t index) {
    const SetMember& replica = replicas_[index];
    const std::int32_t ordinal = spec_.start + static_cast<std::int32_t>(index);
    const Pod* pod = replica.pod;
    if (pod == nullptr) {
      if (!has_stale_claim(ordinal)) {
        create_replica(ordinal, true);
      }
      return true;
    }
    const bool terminating = pod->meta.deleting();
    if (pod->phase == PodPhase::Failed || (pod->phase == PodPhase::Succeeded && rules_.recreates_succeeded)) {
      replace_terminal(replica, ordinal);
      return true;
    }
    if (pod->phase == PodPhase::Pending) {
      const bool wrote = create_missing_claims(ordinal);
      correct_claim_owners(Pass::Replicas, ordinal, pod->meta.uid, !wrote);
    }
    if (terminating) {
      wait_for(WaitReason::PodTerminating, pod->meta.uid);
    }
    if (monotonic_) {
      if (terminating) {
        return true;
      }
      if (!stands(Rule::OrderedSetsWaitForUnreadyPods)) {
        return false;
      }
      if (!PodHealth::ready(*pod)) {
        wait_for(WaitReason::PodNotReady, pod->meta.uid);
        return true;
      }
      if (!health_.available(*pod)) {
        wait_for(WaitReason::PodNotAvailable, pod->meta.uid);
        return true;
      }
    }
    repair(replica);
    return false;
  }

  void replace_terminal(const SetMember& replica, std::int32_t ordinal) {
    const bool terminating = replica.pod->meta.deleting();
    const bool deletes = !terminating || !rules_.terminal_pod_must_be_gone;
    if (deletes) {
      batches_.add_step(WriteKind::DeletePod, Pass::Replicas, replica.row, true).index = ordinal;
    }
    if (!rules_.terminal_pod_must_be_gone) {
      if (!has_stale_claim(ordinal)) {
        create_replica(ordinal, false);
      }
    } else if (terminating) {
      wait_for(WaitReason::PodTerminal, replica.pod->meta.uid);
    }
  }

  /// Claim owners, and the labels that make the pod's identity. A pod whose claims were wrong is written as
  /// well, although that changes nothing. Source: stateful_pod_control.go UpdateStatefulPod.
  void repair(const SetMember& replica) {
    // A Pending pod's claims were corrected above; what is still to come is not seen as wrong again.
    const bool corrected_before = replica.pod->phase == PodPhase::Pending;
    const bool wrote = !corrected_before &&
                       correct_claim_owners(Pass::Replicas, replica.ordinal, replica.pod->meta.uid, true);
    if (wrote || !identity_matches(*replica.pod)) {
      batches_.add_step(WriteKind::RepairPod, Pass::Replicas, replica.row, !wrote).index = replica.ordinal;
    }
  }

  /// Pods that have their name from the controller carry its label by construction.
  [[nodiscard]] bool identity_matches(const Pod& pod) const {
    return pod.meta.name == 0 ||
           cluster_.label_of(pod, "statefulset.kubernetes.io/pod-name") == cluster_.strings[pod.meta.name];
  }

  bool replica_pass() {
    return batches_.run_for_all(replicas_.size(), [&](std::size_t index) { return process_replica(index); });
  }

  // The passes over condemned pods
  // ---------------------------------------------------------------------------

  bool claim_pass() {
    return batches_.run_for_all(condemned_.size(), [&](std::size_t i) {
      correct_claim_owners(Pass::Claims, condemned_[i].ordinal, condemned_[i].pod->meta.uid, true);
      return false;
    });
  }

  bool condemned_pass() {
    return batches_.run_for_all(condemned_.size(),
                                [&](std::size_t i) { return process_condemned(condemned_[i]); });
  }

  /// @return whether OrderedReady stops here. Source: stateful_set_control.go processCondemned.
  bool process_condemned(const SetMember& member) {
    const Pod& pod = *member.pod;
    if (pod.meta.deleting()) {
      wait_for(WaitReason::PodTerminating, pod.meta.uid);
      return true;
    }
    if (monotonic_ && member.pod != first_unhealthy_ && !health_.available(pod) &&
        stands(Rule::ScaleInWaitsForUnreadyPods)) {
      const Pod& blocker = first_unhealthy_ == nullptr ? pod : *first_unhealthy_;
      wait_for(why_unhealthy(blocker), blocker.meta.uid);
      return true;
    }
    batches_.add_step(WriteKind::DeletePod, Pass::Condemned, member.row, true).index = member.ordinal;
    return true;
  }

  [[nodiscard]] static WaitReason why_unhealthy(const Pod& pod) {
    if (pod.meta.deleting()) {
      return WaitReason::PodTerminating;
    }
    return PodHealth::ready(pod) ? WaitReason::PodNotAvailable : WaitReason::PodNotReady;
  }

  // The update pass
  // ------------------------------------------------------------------------------------------

  [[nodiscard]] bool at_update_revision(std::size_t index) const {
    const Pod* pod = replicas_[index].pod;
    if (pod == nullptr) {
      return !created_at_current(spec_.start + static_cast<std::int32_t>(index)) ||
             choice_.current == choice_.update;
    }
    return pod->revision == choice_.update;
  }
  [[nodiscard]] bool terminating(std::size_t index) const {
    return replicas_[index].pod != nullptr && replicas_[index].pod->meta.deleting();
  }
  void delete_for_update(std::size_t index) {
    // A pod that this very sync creates has no row yet: it is found by its name.
    batches_.add_step(WriteKind::DeletePod, Pass::Update, replicas_[index].row, true).index =
        spec_.start + static_cast<std::int32_t>(index);
  }

  /// Source: stateful_set_control.go updateStatefulSet, its end, and
  /// updateStatefulSetAfterInvariantEstablished.
  void update_pass() {
    if (spec_.update_strategy == UpdateStrategy::RollingUpdate) {
      const std::int32_t partition = spec_.rolling_update_block ? spec_.partition : 0;
      const std::size_t lowest = static_cast<std::size_t>(std::max(partition, 0));
      if (rules_.max_unavailable ? update_up_to_max_unavailable(lowest) : update_one(lowest)) {
        return;
      }
    }
    for (std::size_t index = 0; index < replicas_.size(); ++index) {
      if (!at_update_revision(index)) {
        wait_for(WaitReason::UpdatePaused, 0);
        return;
      }
    }
  }

  /// @return whether the pass ended at a pod.
  bool update_one(std::size_t lowest) {
    if (!stands(Rule::ParallelSetsUpdatePastUnreadyPods) && first_unhealthy_ != nullptr) {
      return true;
    }
    for (std::size_t index = replicas_.size(); index-- > lowest;) {
      if (!at_update_revision(index) && !terminating(index)) {
        delete_for_update(index);
        return true;
      }
      if (const Pod* pod = replicas_[index].pod; health_.unhealthy(pod)) {
        if (pod != nullptr && anything_old_from(lowest, index)) {
          wait_for(why_unhealthy(*pod), pod->meta.uid);
        }
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool anything_old_from(std::size_t lowest, std::size_t end) const {
    for (std::size_t index = lowest; index < end; ++index) {
      if (!at_update_revision(index)) {
        return true;
      }
    }
    return false;
  }

  bool update_up_to_max_unavailable(std::size_t lowest) {
    std::int32_t unhealthy = 0;
    const Pod* highest_unhealthy = nullptr;
    for (std::size_t index = replicas_.size(); index-- > 0;) {
      if (health_.unhealthy(replicas_[index].pod) &&
          (at_update_revision(index) || stands(Rule::MaxUnavailableCountsOldPods))) {
        ++unhealthy;
        highest_unhealthy = highest_unhealthy == nullptr ? replicas_[index].pod : highest_unhealthy;
      }
    }
    std::int32_t deletions_left = max_unavailable_count(spec_) - unhealthy;
    if (deletions_left <= 0) {
      if (highest_unhealthy != nullptr && anything_old_from(lowest, replicas_.size())) {
        wait_for(WaitReason::MaxUnavailable, highest_unhealthy->meta.uid);
      }
      return true;
    }
    bool deleted = false;
    for (std::size_t index = replicas_.size(); index-- > lowest && deletions_left > 0;) {
      if (!at_update_revision(index) && !terminating(index)) {
        delete_for_update(index);
        --deletions_left;
        deleted = true;
      }
    }
    return deleted;
  }

  // History
  // --------------------------------------------------------------------------------------------------

  void decide_history() {
    const std::int32_t limit = spec_.revision_history_limit;
    if (limit < 0 || choice_.known.size() <= static_cast<std::size_t>(limit)) {
      return;
    }
    std::vector<Text> live;
    for (const SetMember& member : members_) {
      if (std::find(live.begin(), live.end(), member.pod->revision) == live.end()) {
        live.push_back(member.pod->revision);
      }
    }
    for (const Row revision : superfluous_revisions(view_, choice_, live, limit)) {
      Write write;
      write.kind = WriteKind::DeleteRevision;
      write.pass = static_cast<std::uint16_t>(Pass::History);
      write.row = revision;
      plan_.history.push_back(write);
    }
  }

  const View& view_;
  const Cluster& cluster_;
  const Row row_;
  const StatefulSet& set_;
  const StatefulSetSpec spec_;
  const StatefulSetRules rules_;
  const PodHealth health_;
  const SetClaims claims_;
  const bool monotonic_;

  StatefulSetPlan plan_;
  WriteBatches batches_;
  RevisionChoice choice_;
  std::vector<SetMember> members_;
  std::vector<SetMember> replicas_;   // by ordinal - start; an empty slot has no pod
  std::vector<SetMember> condemned_;  // highest ordinal first
  const Pod* first_unhealthy_ = nullptr;
};

}  // namespace

StatefulSetPlan plan(const View& view, Row row, sim::Time now) {
  const StatefulSet* set = view.statefulset(row);
  sim::require(set != nullptr, "a decision about a StatefulSet that is not seen");
  return Planner(view, row, *set, now).decide();
}

}  // namespace models::kubernetes::statefulset_controller

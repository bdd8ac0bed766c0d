#include "models/kubernetes/job_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/kubernetes/job_backoff.h"
#include "models/kubernetes/job_controller.h"
#include "models/kubernetes/job_indexes.h"
#include "models/kubernetes/job_memory.h"
#include "models/kubernetes/job_pod_failure_policy.h"
#include "models/kubernetes/job_success_policy.h"
#include "models/kubernetes/served_time.h"
#include "models/kubernetes/upstream_rules.h"

namespace models::kubernetes {

namespace {

/// Whether the labels of the pod are those that the Job's own selector asks for.
bool selected(const Cluster& cluster, const Job& job, const Pod& pod) {
  for (const auto& [key, value] : *job.spec.selector) {
    if (cluster.label_of(pod, key) != value) {
      return false;
    }
  }
  return true;
}

/// Works out one plan. A class only so that the steps need not hand everything on to each other.
class Planner {
 public:
  Planner(const View& view, Row row, const JobMemory& memory, sim::Time now)
      : view_(view),
        job_(*view.job(row)),
        memory_(memory),
        now_(now),
        row_(row),
        active_(&memory.active_indexes) {
    plan_.rules = job_rules(view.cluster().features(), job_.spec);
    plan_.deleting = job_.meta.deleting();
    plan_.suspended = job_.spec.suspend;
    plan_.expectations_met = (memory.creates_expected <= 0 && memory.deletes_expected <= 0) ||
                             now - memory.expectations_set > kExpectationsTimeout;
    plan_.status = job_.status;
  }

  JobPlan make() {
    claim_pods();
    take_snapshot();
    count_finished();
    if (plan_.status.start_time == sim::kNever && !plan_.suspended) {
      plan_.status.start_time = now_;
      plan_.status_changed = true;
    }
    decide_verdict();
    if (plan_.rules.indexed) {
      write_back_indexes();
    }
    if (plan_.verdict.present) {
      if (stands(Rule::EndedJobsRemoveTheirPods)) {
        remove(active_pods());
      }
    } else if (plan_.expectations_met && !plan_.deleting) {
      plan_.managed = true;
      manage();
    }
    collect_live();
    count_vanished();
    return std::move(plan_);
  }

 private:
  // --- The snapshot

  /// Adoption and release. With the generated selector (label controller-uid) there is nothing to adopt: a
  /// pod with that label and without the owner reference comes about only by editing the reference away.
  /// Source: getPodsForJob, PodControllerRefManager.ClaimPods.
  void claim_pods() {
    if (job_.spec.selector == nullptr || plan_.deleting) {
      return;
    }
    std::vector<TrackedPod> released;
    each_pod([&](const TrackedPod& tracked, const Pod& pod, bool) {
      if (pod.label_set != 0 && !selected(view_.cluster(), job_, pod)) {
        released.push_back(tracked);
      }
    });
    plan_.release = std::move(released);
    for (const TrackedPod& tracked : view_.cluster().job_controller.ownerless) {
      const Pod* pod = view_.pod(tracked.row);
      if (pod != nullptr && pod->meta.uid == tracked.uid && pod->owner.kind == Kind::None &&
          !pod->meta.deleting() && pod->meta.name_space == job_.meta.name_space &&
          selected(view_.cluster(), job_, *pod)) {
        plan_.adopt.push_back(tracked);
      }
    }
  }

  void take_snapshot() {
    plan_.active = memory_.active;
    plan_.ready = memory_.ready;
    restarts_ = memory_.restarts;
    without_index_ = memory_.without_index;
    if (!plan_.adopt.empty() || !plan_.release.empty()) {
      claim_active_pods();
    }
    for (const TrackedPod& tracked : memory_.ending) {
      const Pod* pod = view_.pod(tracked.row);
      if (!belongs(pod, tracked, job_.meta.uid) || is_active(*pod) ||
          is_settled(*pod, plan_.rules.failure_policy)) {
        ++plan_.settled;
      } else if (!released(tracked)) {
        look_at(tracked, *pod, false);
      }
    }
    for (const TrackedPod& tracked : plan_.adopt) {
      if (const Pod& pod = *view_.pod(tracked.row); !is_active(pod)) {
        look_at(tracked, pod, true);
      }
    }
    if (fail_job_pod_ != nullptr) {
      const PodFailureMatch match = match_pod_failure_policy(view_.cluster(), *job_.spec.pod_failure_policy,
                                                             *fail_job_pod_, plan_.rules.per_index);
      fail_job_message_ = fail_job_message(view_.cluster(), *fail_job_pod_, match);
    }
  }

  /// The sums of active pods with those that are adopted and without those that are released.
  void claim_active_pods() {
    JobMemory sums;
    each_pod([&](const TrackedPod& tracked, const Pod& pod, bool) { add_pod(sums, tracked.row, pod); });
    plan_.active = sums.active;
    plan_.ready = sums.ready;
    restarts_ = sums.restarts;
    without_index_ = sums.without_index;
    claimed_indexes_ = std::move(sums.active_indexes);
    active_ = &claimed_indexes_;
  }

  [[nodiscard]] bool released(const TrackedPod& pod) const {
    return std::find(plan_.release.begin(), plan_.release.end(), pod) != plan_.release.end();
  }

  /// Visits all pods of the Job, the newest first, with those that it adopts and without those that it
  /// releases. Only for what is rare: it walks over every pod that ever ended.
  template <class Visit>
  void each_pod(Visit&& visit) const {
    view_.each_pod_of(view_.cluster().jobs[row_].pods_head, [&](Row row, const Pod& pod) {
      const TrackedPod tracked{row, pod.meta.uid};
      if (pod.owner.uid == job_.meta.uid && !released(tracked)) {
        visit(tracked, pod, false);
      }
    });
    for (const TrackedPod& tracked : plan_.adopt) {
      visit(tracked, *view_.pod(tracked.row), true);
    }
  }

  /// A pod that has ended or is being deleted.
  void look_at(const TrackedPod& tracked, const Pod& pod, bool adopted) {
    if (!pod.terminal()) {
      restarts_ += pod.phase == PodPhase::Unknown ? 0 : static_cast<std::int64_t>(pod.restarts);
      ++terminating_count_;
      first_terminating_ =
          first_terminating_ == 0 ? pod.meta.uid : std::min(first_terminating_, pod.meta.uid);
      if (plan_.rules.indexed && plan_.rules.only_replace_failed && pod.index >= 0) {
        terminating_.insert(pod.index);
      }
    }
    const bool failed = is_failed(pod);
    if ((pod.job_tracking || adopted) && (failed || pod.phase == PodPhase::Succeeded)) {
      plan_.finished.push_back(describe(tracked, pod));
    } else if (failed && plan_.rules.failure_policy) {
      match_policy(pod);
    }
  }

  [[nodiscard]] bool in_range(const Pod& pod) const {
    return !plan_.rules.indexed || (pod.index >= 0 && pod.index < plan_.rules.completions);
  }

  /// A deletion request counts as a failure, unless only failed pods are replaced. Source: isPodFailed.
  [[nodiscard]] bool is_failed(const Pod& pod) const {
    return pod.phase == PodPhase::Failed ||
           (!plan_.rules.only_replace_failed && stands(Rule::DeletionRequestsAreFailures) &&
            pod.meta.deleting() && pod.phase != PodPhase::Succeeded);
  }

  /// The action for a pod, and whether it is the one whose failure fails the Job: of several, the oldest.
  PodFailureMatch match_policy(const Pod& pod) {
    PodFailureMatch match =
        match_pod_failure_policy(view_.cluster(), *job_.spec.pod_failure_policy, pod, plan_.rules.per_index);
    if (match.action == FailureAction::FailJob && is_failed(pod) &&
        (fail_job_pod_ == nullptr || pod.meta.uid < fail_job_pod_->meta.uid)) {
      fail_job_pod_ = &pod;
    }
    return match;
  }

  JobPod describe(const TrackedPod& tracked, const Pod& pod) {
    JobPod fact;
    fact.row = tracked.row;
    fact.uid = tracked.uid;
    fact.index = pod.index;
    fact.failure_count = std::max(0, pod.failure_count);
    fact.ignored_failure_count = std::max(0, pod.ignored_failure_count);
    fact.finished = finished_time(pod);
    fact.succeeded = pod.phase == PodPhase::Succeeded;
    fact.failed = is_failed(pod);
    fact.in_range = in_range(pod);
    fact.recorded = plan_.rules.indexed && fact.in_range && job_.status.completed_indexes.contains(pod.index);
    fact.uncounted = uncounted(tracked.uid);
    fact.removal_requested =
        std::binary_search(memory_.finalizers_removed.begin(), memory_.finalizers_removed.end(), tracked.uid);
    if (plan_.rules.failure_policy && !fact.succeeded) {
      const PodFailureMatch match = match_policy(pod);
      fact.counts = match.counts();
      fact.fails_index = match.action == FailureAction::FailIndex;
    }
    return fact;
  }

  [[nodiscard]] bool uncounted(Uid uid) const {
    const auto among = [&](const std::vector<Uid>& uids) {
      return std::find(uids.begin(), uids.end(), uid) != uids.end();
    };
    return among(job_.status.uncounted_failed) || among(job_.status.uncounted_succeeded);
  }

  void count_finished() {
    plan_.terminating = plan_.rules.track_terminating ? terminating_count_ : 0;
    plan_.succeeded =
        job_.status.succeeded + static_cast<std::int32_t>(job_.status.uncounted_succeeded.size());
    plan_.failed = job_.status.failed + static_cast<std::int32_t>(job_.status.uncounted_failed.size());
    for (const JobPod& pod : plan_.finished) {
      if (pod.fresh()) {
        plan_.succeeded += pod.succeeded ? 1 : 0;
        plan_.failed += pod.failed && pod.counts ? 1 : 0;
      }
    }
    plan_.backoff = plan_.rules.per_index ? memory_.backoff : next_backoff(memory_.backoff, plan_.finished);
    if (plan_.rules.indexed) {
      collect_indexes();
      plan_.succeeded = static_cast<std::int32_t>(succeeded_.size());
    }
  }

  /// Source: calculateSucceededIndexes, calculateFailedIndexes.
  void collect_indexes() {
    std::vector<int> succeeded;
    std::vector<int> failed;
    for (const JobPod& pod : plan_.finished) {
      if (!pod.in_range) {
        continue;
      }
      if (pod.succeeded && !pod.recorded) {
        succeeded.push_back(pod.index);
      }
      if (plan_.rules.per_index && pod.failed &&
          (pod.fails_index || (pod.counts && pod.failure_count >= job_.spec.backoff_limit_per_index))) {
        failed.push_back(pod.index);
      }
    }
    const auto together = [&](IndexSet stored, const std::vector<int>& more) {
      stored.clamp(plan_.rules.completions);
      return more.empty() ? stored : stored.with(IndexSet::of(more));
    };
    succeeded_ = together(
        stands(Rule::SucceededIndexesAreRemembered) ? std::move(plan_.status.completed_indexes) : IndexSet{},
        succeeded);
    if (plan_.rules.per_index) {
      failed_ = together(std::move(plan_.status.failed_indexes), failed);
      held_ = hold_failed_pods(plan_.finished, *active_, succeeded_, failed_);
    }
  }

  void write_back_indexes() {
    plan_.status_changed = plan_.status_changed || succeeded_ != job_.status.completed_indexes ||
                           failed_ != job_.status.failed_indexes;
    plan_.status.completed_indexes = succeeded_;
    plan_.status.failed_indexes = failed_;
  }

  // --- The verdict

  void conclude(JobConditionType type, std::string reason, std::string message) {
    plan_.verdict = {true, type, std::move(reason), std::move(message)};
  }
  void fail_job(std::string reason, std::string message) {
    conclude(plan_.rules.delay_terminal ? JobConditionType::FailureTarget : JobConditionType::Failed,
             std::move(reason), std::move(message));
  }
  void conclude_as_stored(JobConditionType stored, JobConditionType type) {
    const JobCondition& condition = job_.status.condition(stored);
    conclude(type, view_.cluster().strings[condition.reason], view_.cluster().strings[condition.message]);
  }

  /// The first that holds wins. Source: syncJob.
  void decide_verdict() {
    if (plan_.rules.success_criteria && job_.status.is_true(JobConditionType::SuccessCriteriaMet)) {
      conclude_as_stored(JobConditionType::SuccessCriteriaMet, JobConditionType::SuccessCriteriaMet);
    } else if (job_.status.is_true(JobConditionType::FailureTarget)) {
      conclude_as_stored(JobConditionType::FailureTarget, JobConditionType::Failed);
    } else if (fail_job_pod_ != nullptr) {
      conclude(JobConditionType::FailureTarget, "PodFailurePolicy", std::move(fail_job_message_));
    } else if ((plan_.failed > job_.spec.backoff_limit && stands(Rule::BackoffLimitEndsJobs)) ||
               past_backoff_limit_by_restarts()) {
      fail_job("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    } else if (!past_deadline()) {
      decide_by_indexes();
    }
  }

  /// Source: pastBackoffLimitOnFailure.
  [[nodiscard]] bool past_backoff_limit_by_restarts() const {
    return stands(Rule::BackoffLimitCountsRestarts) &&
           view_.cluster().templates[job_.spec.pod_template]->restart_policy == RestartPolicy::OnFailure &&
           restarts_ >= std::max(1, job_.spec.backoff_limit);
  }

  /// Counted from the start as the API serves it, by the sync that starts the Job from the very moment.
  /// Source: pastActiveDeadline; syncJob, which sets the start time in memory.
  bool past_deadline() {
    if (job_.spec.active_deadline_seconds >= 0 && !plan_.suspended) {
      const bool stored = plan_.status.start_time == job_.status.start_time;
      const sim::Time since = stored ? served(job_.status.start_time) : plan_.status.start_time;
      const sim::Duration left = since + std::chrono::seconds{job_.spec.active_deadline_seconds} - now_;
      if (left <= sim::Duration::zero()) {
        fail_job("DeadlineExceeded", "Job was active longer than specified deadline");
        return true;
      }
      plan_.deadline_after = left;
    }
    return false;
  }

  void decide_by_indexes() {
    if (!plan_.rules.indexed) {
      return;
    }
    const auto failed = static_cast<std::int64_t>(failed_.size());
    if (plan_.rules.per_index && job_.spec.max_failed_indexes >= 0 && failed > job_.spec.max_failed_indexes) {
      fail_job("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
    } else if (failed > 0 && failed + plan_.succeeded >= plan_.rules.completions) {
      fail_job("FailedIndexes", "Job has failed indexes");
    } else if (plan_.rules.success_policy) {
      if (const auto rule =
              match_success_policy(*job_.spec.success_policy, plan_.rules.completions, succeeded_)) {
        conclude(JobConditionType::SuccessCriteriaMet, "SuccessPolicy",
                 fmt::format("Matched rules at index {}", *rule));
      }
    }
  }

  // --- Managing pods. Source: manageJob.

  std::vector<ActivePod> active_pods() {
    std::vector<ActivePod> pods;
    pods.reserve(static_cast<std::size_t>(plan_.active));
    each_pod([&](const TrackedPod& tracked, const Pod& pod, bool) {
      if (is_active(pod)) {
        pods.push_back({tracked.row, &pod});
      }
    });
    std::reverse(pods.begin(), pods.end());
    return pods;
  }

  static std::vector<JobPodRemoval> removals_of(const std::vector<ActivePod>& pods) {
    std::vector<JobPodRemoval> removals;
    removals.reserve(pods.size());
    for (const ActivePod& active : pods) {
      removals.push_back({active.row, active.pod->meta.uid, active.pod->ready, active.pod->job_tracking});
    }
    return removals;
  }

  void remove(const std::vector<ActivePod>& pods) { plan_.removals = removals_of(pods); }

  [[nodiscard]] std::int32_t wanted() const {
    if (plan_.rules.completions < 0) {
      return plan_.succeeded > 0 ? plan_.active : job_.spec.parallelism;
    }
    return std::max(0, std::min(plan_.rules.completions - plan_.succeeded, job_.spec.parallelism));
  }

  void manage() {
    if (plan_.suspended) {
      plan_.strip_finalizers = true;
      remove(active_pods());
      wait_for(WaitReason::Suspended);
      return;
    }
    const std::int32_t want = wanted();
    const bool misplaced = plan_.rules.indexed && (without_index_ > 0 || active_->repeated() ||
                                                   active_->any_from(plan_.rules.completions));
    if (misplaced || plan_.active > want) {
      RemovalChoice choice =
          choose_for_removal(active_pods(), plan_.rules.indexed ? plan_.rules.completions : -1,
                             static_cast<std::size_t>(std::max(0, plan_.active - want)));
      plan_.strip_finalizers = true;
      if (choice.removed.size() <= kPodWritesPerSync) {
        plan_.equal_from = static_cast<std::uint32_t>(choice.equal_from);
        plan_.spared = removals_of(choice.spared);
      } else {
        choice.removed.resize(kPodWritesPerSync);
      }
      remove(choice.removed);
      return;
    }
    const bool waits = plan_.rules.only_replace_failed || !stands(Rule::DeletionRequestsAreFailures);
    const std::int32_t terminating = waits ? terminating_count_ : 0;
    const std::int32_t missing = want - plan_.active - terminating;
    if (missing > 0) {
      create(std::min(static_cast<std::size_t>(missing), kPodWritesPerSync));
    } else if (want > plan_.active) {
      wait_for(WaitReason::TerminatingPods, first_terminating_);
    }
  }

  void create(std::size_t count) {
    if (!plan_.rules.per_index) {
      const sim::Duration left = remaining_backoff(plan_.backoff.failures, plan_.backoff.last_failure, now_);
      if (left > sim::Duration::zero()) {
        postpone(left, 0);
        return;
      }
    }
    if (!plan_.rules.indexed) {
      plan_.creations.resize(count);
      return;
    }
    HeldIndexes taken;
    if (plan_.rules.only_replace_failed) {
      taken = *active_;
      taken.insert_all(terminating_);
    }
    const std::vector<int> indexes =
        first_pending_indexes(plan_.rules.only_replace_failed ? taken : *active_, succeeded_, failed_, count,
                              plan_.rules.completions);
    if (indexes.size() < count) {
      const bool terminating = plan_.rules.only_replace_failed && terminating_count_ > 0;
      if (terminating || !failed_.empty()) {
        wait_for(terminating ? WaitReason::TerminatingPods : WaitReason::FailedIndexes,
                 terminating ? first_terminating_ : 0);
      }
    }
    plan_.creations.reserve(indexes.size());
    for (const int index : indexes) {
      plan_.creations.push_back({index, -1, 0});
    }
    if (plan_.rules.per_index) {
      respect_index_backoff();
    }
  }

  /// Drops the candidates whose own backoff is not over; they are not replaced by higher indexes.
  /// Source: getPodCreationInfoForIndependentIndexes, getNewIndexFailureCounts.
  void respect_index_backoff() {
    std::vector<JobPodCreation> now;
    now.reserve(plan_.creations.size());
    sim::Duration shortest = sim::kNever;
    Uid waits_on = 0;
    for (JobPodCreation creation : plan_.creations) {
      const JobPod* held = find_held(held_, creation.index);
      const sim::Duration left = held != nullptr ? remaining_backoff(*held, now_) : sim::Duration::zero();
      if (left > sim::Duration::zero()) {
        waits_on = left < shortest ? held->uid : waits_on;
        shortest = std::min(shortest, left);
        continue;
      }
      creation.failure_count = held != nullptr ? held->failure_count + (held->counts ? 1 : 0) : 0;
      creation.ignored_failure_count =
          held != nullptr ? held->ignored_failure_count + (held->counts ? 0 : 1) : 0;
      now.push_back(creation);
    }
    plan_.creations = std::move(now);
    if (shortest != sim::kNever) {
      if (plan_.creations.empty()) {
        postpone(shortest, waits_on);
      } else {
        wait_for(WaitReason::Backoff, waits_on);
        plan_.wait_until = now_ + shortest;
      }
    }
  }

  /// Source: enqueueSyncJobWithDelay.
  void postpone(sim::Duration left, Uid on) {
    plan_.retry_after = std::max(left, kJobBatchPeriod);
    plan_.wait_until = now_ + left;
    wait_for(WaitReason::Backoff, on);
  }

  void wait_for(WaitReason reason, Uid on = 0) { plan_.wait = {static_cast<std::uint16_t>(reason), on}; }

  // --- What the accounting needs

  /// Pods that have not ended lose their finalizers only where the Job ends or is deleted.
  void collect_live() {
    const std::int32_t enough = plan_.rules.completions >= 0 ? plan_.rules.completions : 1;
    if (!plan_.verdict.present && !plan_.deleting && plan_.succeeded < enough) {
      return;
    }
    each_pod([&](const TrackedPod& tracked, const Pod& pod, bool adopted) {
      if ((pod.job_tracking || adopted) && pod.phase != PodPhase::Succeeded && !is_failed(pod)) {
        plan_.live.push_back(describe(tracked, pod));
      }
    });
  }

  /// Counts the uncounted pods whose finalizers are gone already. Source:
  /// cleanUncountedPodsWithoutFinalizers.
  void count_vanished() {
    if (job_.status.uncounted_failed.empty() && job_.status.uncounted_succeeded.empty()) {
      return;
    }
    std::vector<Uid> gone = job_.status.uncounted_failed;
    gone.insert(gone.end(), job_.status.uncounted_succeeded.begin(), job_.status.uncounted_succeeded.end());
    std::sort(gone.begin(), gone.end());
    each_pod([&](const TrackedPod& tracked, const Pod& pod, bool adopted) {
      const auto place = std::lower_bound(gone.begin(), gone.end(), tracked.uid);
      if ((pod.job_tracking || adopted) && place != gone.end() && *place == tracked.uid &&
          !std::binary_search(memory_.finalizers_removed.begin(), memory_.finalizers_removed.end(),
                              tracked.uid)) {
        gone.erase(place);
      }
    });
    if (count_uncounted(plan_.status, gone)) {
      plan_.status_changed = true;
    }
  }

  const View& view_;
  const Job& job_;
  const JobMemory& memory_;
  const sim::Time now_;
  JobPlan plan_;
  const Row row_;
  const HeldIndexes* active_;    ///< indexes of active pods
  HeldIndexes claimed_indexes_;  ///< where `active_` points when pods are adopted or released
  HeldIndexes terminating_;      ///< indexes of terminating pods, where they block a replacement
  IndexSet succeeded_;
  IndexSet failed_;
  std::vector<JobPod> held_;
  std::int64_t restarts_ = 0;
  std::int32_t terminating_count_ = 0;
  Uid first_terminating_ = 0;
  std::int32_t without_index_ = 0;
  const Pod* fail_job_pod_ = nullptr;
  std::string fail_job_message_;
};

}  // namespace

JobPlan plan(const View& view, Row job, const JobMemory& memory, sim::Time now) {
  return Planner(view, job, memory, now).make();
}

}  // namespace models::kubernetes

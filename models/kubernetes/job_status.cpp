#include "models/kubernetes/job_status.h"

#include <algorithm>
#include <tuple>

namespace models::kubernetes {

bool set_condition(JobStatus& status, JobConditionType type, bool value, Text reason, Text message,
                   sim::Time now) {
  JobCondition& condition = status.condition(type);
  if (condition.present
          ? condition.status == value && condition.reason == reason && condition.message == message
          : !value) {
    return false;
  }
  condition = {true, value, reason, message, now};
  return true;
}

namespace {

bool complete(const JobPlan& plan) {
  // Without completions the Job is done once a pod has succeeded and the others have ended.
  const std::int32_t wanted = plan.rules.completions >= 0 ? plan.rules.completions : 1;
  return plan.succeeded >= wanted && plan.active == 0;
}

void refresh_suspended(JobPlan& plan, Strings& strings, sim::Time now) {
  const Text reason = strings.intern(plan.suspended ? "JobSuspended" : "JobResumed");
  const Text message = strings.intern(plan.suspended ? "Job suspended" : "Job resumed");
  if (set_condition(plan.status, JobConditionType::Suspended, plan.suspended, reason, message, now)) {
    plan.status_changed = true;
    if (!plan.suspended) {
      plan.status.start_time = now;  // activeDeadlineSeconds counts from the resume
    }
  }
}

template <class T>
void assign(T& field, T value, bool& changed) {
  changed = changed || field != value;
  field = value;
}

}  // namespace

void conclude_management(JobPlan& plan, const ManageOutcome& outcome, Strings& strings, sim::Time now) {
  const bool decided = plan.verdict.present;
  if (decided && (outcome.removed != plan.active || !plan.expectations_met)) {
    // Pods may be left whose finalizers must go first, or that the controller does not know of yet.
    plan.verdict = {};
  }
  plan.active += outcome.created - outcome.removed;
  plan.terminating += outcome.removed;
  plan.ready -= outcome.removed_ready;
  if (plan.managed && plan.retry_after > sim::Duration::zero()) {
    // While a back-off defers creation manageJob returns that no pod is active. Read in 1.28.15, 1.32.2 and
    // 1.35.4; changed by kubernetes pull request 139457, which no release modelled here has.
    plan.active = 0;
  }
  if (!decided && complete(plan)) {
    plan.verdict.present = true;
    plan.verdict.type =
        plan.rules.delay_terminal ? JobConditionType::SuccessCriteriaMet : JobConditionType::Complete;
    if (plan.rules.completion_reason) {
      plan.verdict.reason = "CompletionsReached";
      plan.verdict.message = "Reached expected number of succeeded pods";
    }
  } else if (!decided && plan.managed) {
    refresh_suspended(plan, strings, now);
  }
  assign(plan.status.active, plan.active, plan.status_changed);
  assign(plan.status.ready, plan.ready, plan.status_changed);
  assign(plan.status.terminating, plan.rules.report_terminating ? plan.terminating : -1, plan.status_changed);
}

namespace {

/// Source: canRemoveFinalizer.
bool may_lose_finalizer(const JobPlan& plan, const JobPod& pod) {
  if (pod.removal_requested) {
    return false;
  }
  return plan.deleting || plan.verdict.present || pod.succeeded || (pod.failed && !pod.held);
}

/// Gives out pods by ascending index and uid, sorting no more of them than are asked for.
class InOrder {
 public:
  explicit InOrder(std::vector<const JobPod*> pods) : pods_(std::move(pods)) {}

  const JobPod* next() {
    if (position_ == sorted_) {
      if (sorted_ == pods_.size()) {
        return nullptr;
      }
      const auto begin = pods_.begin() + static_cast<std::ptrdiff_t>(sorted_);
      sorted_ = std::min(pods_.size(), sorted_ + kAccountedPerSync);
      const auto end = pods_.begin() + static_cast<std::ptrdiff_t>(sorted_);
      if (end != pods_.end()) {
        std::nth_element(begin, end, pods_.end(), before);
      }
      std::sort(begin, end, before);
    }
    return pods_[position_++];
  }

 private:
  static bool before(const JobPod* a, const JobPod* b) {
    return std::tie(a->index, a->uid) < std::tie(b->index, b->uid);
  }

  std::vector<const JobPod*> pods_;
  std::size_t sorted_ = 0;
  std::size_t position_ = 0;
};

void count_pods(const JobPlan& plan, JobAccount& account) {
  std::vector<const JobPod*> removable;
  removable.reserve(plan.finished.size() + plan.live.size());
  for (const std::vector<JobPod>* pods : {&plan.finished, &plan.live}) {
    for (const JobPod& pod : *pods) {
      if (may_lose_finalizer(plan, pod)) {
        removable.push_back(&pod);
      }
    }
  }
  // Under a failing verdict a pod that has not ended counts as failed.
  const bool all_failed = plan.verdict.present && !plan.verdict.success_criteria();
  std::size_t counted = account.status.uncounted_succeeded.size() + account.status.uncounted_failed.size();
  InOrder order(std::move(removable));
  while (const JobPod* pod = order.next()) {
    account.removals.push_back({pod->row, pod->uid});
    if (!pod->uncounted && pod->in_range) {
      if (pod->succeeded && plan.rules.indexed) {
        if (!pod->recorded) {
          if (!account.status.completed_indexes.contains(pod->index)) {
            account.status.completed_indexes.insert(pod->index);
          }
          account.write = true;
          ++counted;
        }
      } else if (pod->succeeded) {
        account.status.uncounted_succeeded.push_back(pod->uid);
        account.write = true;
        ++counted;
      } else if ((pod->failed || all_failed) && pod->counts) {
        account.status.uncounted_failed.push_back(pod->uid);
        account.write = true;
        ++counted;
      }
    }
    if (counted >= kAccountedPerSync) {
      account.cut = true;
      return;
    }
  }
}

}  // namespace

JobAccount account_pods(JobPlan& plan, Strings& strings, sim::Time now) {
  JobAccount account;
  account.status = std::move(plan.status);
  account.write = plan.status_changed;
  account.terminating = plan.terminating;
  account.decided_at = now;
  count_pods(plan, account);
  if (plan.rules.indexed) {
    account.status.succeeded = static_cast<std::int32_t>(account.status.completed_indexes.size());
  }
  if (!plan.verdict.present) {
    return account;
  }
  account.finishing = true;
  account.reason = strings.intern(plan.verdict.reason);
  account.message = strings.intern(plan.verdict.message);
  const JobConditionType type = plan.verdict.type;
  const bool success = type == JobConditionType::SuccessCriteriaMet || type == JobConditionType::Complete;
  account.terminal = success ? JobConditionType::Complete : JobConditionType::Failed;
  if (type == JobConditionType::SuccessCriteriaMet || type == JobConditionType::FailureTarget) {
    if (set_condition(account.status, type, true, account.reason, account.message, now)) {
      account.write = true;
    }
  }
  return account;
}

bool count_uncounted(JobStatus& status, std::span<const Uid> gone) {
  const auto count = [&](std::vector<Uid>& uncounted, std::int32_t& counter) {
    const auto left = std::remove_if(uncounted.begin(), uncounted.end(), [&](Uid uid) {
      return std::binary_search(gone.begin(), gone.end(), uid);
    });
    const auto moved = static_cast<std::int32_t>(uncounted.end() - left);
    uncounted.erase(left, uncounted.end());
    counter += moved;
    return moved > 0;
  };
  const bool succeeded = count(status.uncounted_succeeded, status.succeeded);
  const bool failed = count(status.uncounted_failed, status.failed);
  return succeeded || failed;
}

bool enact_finished(JobAccount& account, bool delay_terminal, sim::Time now) {
  if (!account.finishing || account.cut || !account.status.uncounted_succeeded.empty() ||
      !account.status.uncounted_failed.empty() || (delay_terminal && account.terminating > 0)) {
    return false;
  }
  set_condition(account.status, account.terminal, true, account.reason, account.message, now);
  if (account.terminal == JobConditionType::Complete) {
    account.status.completion_time = account.decided_at;
  }
  return true;
}

}  // namespace models::kubernetes

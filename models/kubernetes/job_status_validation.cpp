// What a status of a Job must not say. Source: pkg/apis/batch/validation/validation.go validateJobStatus.

#include <fmt/core.h>

#include <algorithm>

#include "models/kubernetes/job_validation.h"

namespace models::kubernetes {

namespace {

bool overlap(const IndexSet& a, const IndexSet& b, int& index) {
  const auto ours = a.intervals();
  const auto theirs = b.intervals();
  for (std::size_t i = 0, j = 0; i < ours.size() && j < theirs.size();) {
    index = std::max(ours[i].first, theirs[j].first);
    if (index <= std::min(ours[i].last, theirs[j].last)) {
      return true;
    }
    (ours[i].last < theirs[j].last ? i : j) += 1;
  }
  return false;
}

void refuse_conditions(FieldErrors& errors, bool refused, const char* why) {
  if (refused) {
    errors.push_back(invalid_without_value("status.conditions", why));
  }
}

void validate_condition_pairs(const JobStatus& status, const Features& features, FieldErrors& errors) {
  using enum JobConditionType;
  const bool strict = features.has(Gate::JobManagedBy);
  const bool complete = status.is_true(Complete);
  const bool failed = status.is_true(Failed);
  const bool met = status.is_true(SuccessCriteriaMet);
  const bool target = status.is_true(FailureTarget);
  // Before 1.31 the interim conditions are written for policies only.
  const bool interim = strict && features.since(31);
  refuse_conditions(errors, strict && complete && failed,
                    "cannot set Complete=True and Failed=true conditions");
  refuse_conditions(errors, strict && complete && target,
                    "cannot set Complete=True and FailureTarget=true conditions");
  refuse_conditions(errors, interim && failed && !target,
                    "cannot set Failed=True condition without the FailureTarget=true condition");
  refuse_conditions(errors, interim && complete && !met,
                    "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
  refuse_conditions(errors, met && failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
  refuse_conditions(errors, met && target,
                    "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
}

void validate_finished(const JobStatus& status, FieldErrors& errors) {
  using enum JobConditionType;
  const bool complete = status.is_true(Complete);
  if (status.completion_time != sim::kNever && !complete) {
    errors.push_back(invalid_without_value(
        "status.completionTime", "cannot set completionTime when there is no Complete=True condition"));
  }
  if (status.completion_time == sim::kNever && complete) {
    errors.push_back(required("status.completionTime", "completionTime is required for Complete jobs"));
  }
  if (!status.finished()) {
    return;
  }
  if (status.active > 0) {
    errors.push_back(invalid("status.active", status.active, "active>0 is invalid for finished job"));
  }
  if (status.start_time == sim::kNever) {
    errors.push_back(required("status.startTime", "startTime is required for finished job"));
  }
  if (!status.uncounted_failed.empty() || !status.uncounted_succeeded.empty()) {
    errors.push_back(invalid_without_value("status.uncountedTerminatedPods",
                                           "uncountedTerminatedPods needs to be empty for finished job"));
  }
  if (status.terminating > 0) {
    errors.push_back(
        invalid("status.terminating", status.terminating, "terminating>0 is invalid for finished job"));
  }
}

/// Whether the start time that a resumed Job gets is accepted; before, every status write after a resume is
/// refused. Source: kubernetes issue 134521, pull request 134769 (1.35) and its cherry-picks 135130, 135129
/// and 135128, merged on 2025-11-07; strategy.go isJobResuming in 1.35.4, not in 1.32.2.
bool resume_may_move_start(const Features& features) {
  switch (features.minor) {
    case 32:
      return features.patch >= 10;
    case 33:
      return features.patch >= 6;
    case 34:
      return features.patch >= 2;
    default:
      return features.since(35);
  }
}

void validate_changes(const Job& before, const JobStatus& after, const Features& features,
                      FieldErrors& errors) {
  using enum JobConditionType;
  for (const auto& [type, name] : {std::pair{Failed, "Failed"}, std::pair{Complete, "Complete"},
                                   std::pair{FailureTarget, "FailureTarget"}}) {
    if (before.status.is_true(type) && !after.is_true(type)) {
      errors.push_back(invalid_without_value(
          "status.conditions", fmt::format("cannot disable the terminal {}=True condition", name)));
    }
  }
  if (after.failed < before.status.failed) {
    errors.push_back(invalid("status.failed", after.failed, "cannot decrease the failed counter"));
  }
  // An Indexed Job that is resized in tandem may lose indexes that had succeeded.
  const bool elastic = before.spec.indexed && before.spec.completions == before.spec.parallelism;
  if (!elastic && after.succeeded < before.status.succeeded) {
    errors.push_back(invalid("status.succeeded", after.succeeded, "cannot decrease the succeeded counter"));
  }
  const bool resumes =
      resume_may_move_start(features) && before.status.is_true(Suspended) && !after.is_true(Suspended);
  if (before.status.start_time != sim::kNever && before.status.start_time != after.start_time &&
      !before.spec.suspend && !resumes) {
    errors.push_back(required("status.startTime", "startTime cannot be removed for unsuspended job"));
  }
}

}  // namespace

FieldErrors validate_job_status(const Job& before, const JobStatus& after, const Features& features) {
  FieldErrors errors;
  require_nonnegative(after.active, "status.active", errors);
  require_nonnegative(after.succeeded, "status.succeeded", errors);
  require_nonnegative(after.failed, "status.failed", errors);
  require_nonnegative(after.ready, "status.ready", errors);
  validate_condition_pairs(after, features, errors);
  if (before.status.is_true(JobConditionType::SuccessCriteriaMet) &&
      !after.is_true(JobConditionType::SuccessCriteriaMet)) {
    errors.push_back(
        invalid_without_value("status.conditions", "cannot disable the SuccessCriteriaMet=True condition"));
  }
  if (!features.has(Gate::JobManagedBy)) {
    return errors;
  }
  validate_finished(after, errors);
  validate_changes(before, after, features, errors);
  if (!before.spec.indexed && !after.completed_indexes.empty()) {
    errors.push_back(invalid("status.completedIndexes", after.completed_indexes.to_text(),
                             "cannot set non-empty completedIndexes when non-indexed completion mode"));
  }
  if (before.spec.backoff_limit_per_index < 0 && !after.failed_indexes.empty()) {
    errors.push_back(invalid("status.failedIndexes", after.failed_indexes.to_text(),
                             "cannot set non-null failedIndexes when backoffLimitPerIndex is null"));
  }
  if (int index = 0; overlap(after.completed_indexes, after.failed_indexes, index)) {
    errors.push_back(invalid("status.failedIndexes", after.failed_indexes.to_text(),
                             fmt::format("failedIndexes and completedIndexes overlap at index: {}", index)));
  }
  // From 1.32 on more ready than active pods are refused (kubernetes issue 139457).
  if (features.since(32) && after.ready > after.active) {
    errors.push_back(invalid("status.ready", after.ready, "cannot set more ready pods than active"));
  }
  return errors;
}

bool status_valid(const Job& before, const JobStatus& after, const Features& features) {
  return validate_job_status(before, after, features).empty();
}

}  // namespace models::kubernetes

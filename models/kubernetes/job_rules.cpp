#include "models/kubernetes/job_plan.h"

namespace models::kubernetes {

JobRules job_rules(const Features& features, const JobSpec& spec) {
  JobRules rules;
  rules.completions = spec.completions;
  rules.indexed = spec.indexed;
  rules.per_index = features.has(Gate::JobBackoffLimitPerIndex) && spec.backoff_limit_per_index >= 0;
  rules.failure_policy = features.has(Gate::JobPodFailurePolicy) && spec.pod_failure_policy != nullptr;
  rules.success_policy = features.has(Gate::JobSuccessPolicy) && spec.success_policy != nullptr;
  const bool replacement = features.has(Gate::JobPodReplacementPolicy);
  rules.only_replace_failed =
      (replacement && spec.pod_replacement_policy == PodReplacementPolicy::Failed) || rules.failure_policy;
  rules.delay_terminal = features.since(31) && (replacement || features.has(Gate::JobManagedBy));
  rules.track_terminating = replacement || rules.delay_terminal || rules.failure_policy;
  rules.report_terminating = replacement;
  rules.success_criteria = rules.delay_terminal || features.has(Gate::JobSuccessPolicy);
  rules.completion_reason = features.since(31);
  rules.managed_by_other = features.has(Gate::JobManagedBy) && spec.managed_by_other;
  return rules;
}

}  // namespace models::kubernetes

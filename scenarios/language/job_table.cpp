#include "scenarios/language/pod_fields.h"
#include "scenarios/language/tables.h"

namespace scenarios::language {

template <>
const TableOf<OnExitCodes>& table_of<OnExitCodes>() {
  static const TableOf<OnExitCodes> table("OnExitCodes", "Which exit codes a rule is about.", [](auto& t) {
    t.field("containerName", &OnExitCodes::container_name,
            {.sentence = "Only this container; without it, any.",
             .source = "batch/v1 PodFailurePolicyOnExitCodesRequirement.containerName"});
    t.field("operator", &OnExitCodes::operator_word,
            {.required = true,
             .sentence = "Whether the code must be among the values or not.",
             .source = "batch/v1 PodFailurePolicyOnExitCodesRequirement.operator",
             .words = {"In", "NotIn"}});
    t.field("values", &OnExitCodes::values,
            {.required = true,
             .sentence = "Exit codes.",
             .source = "batch/v1 PodFailurePolicyOnExitCodesRequirement.values",
             .maximum = 255});
  });
  return table;
}

template <>
const TableOf<OnPodCondition>& table_of<OnPodCondition>() {
  static const TableOf<OnPodCondition> table(
      "OnPodCondition", "A condition of the pod that a rule is about.", [](auto& t) {
        t.field("type", &OnPodCondition::type,
                {.required = true,
                 .sentence = "Such as `DisruptionTarget`.",
                 .source = "batch/v1 PodFailurePolicyOnPodConditionsPattern.type"});
        t.field("status", &OnPodCondition::status,
                {.fallback = "True",
                 .sentence = "The condition's status.",
                 .source = "batch/v1 PodFailurePolicyOnPodConditionsPattern.status",
                 .words = {"True", "False", "Unknown"}});
      });
  return table;
}

template <>
const TableOf<PodFailureRule>& table_of<PodFailureRule>() {
  static const TableOf<PodFailureRule> table(
      "PodFailureRule", "One rule of a pod failure policy; the first that matches decides.", [](auto& t) {
        t.field("action", &PodFailureRule::action,
                {.required = true,
                 .sentence = "What a matching failure does.",
                 .source = "batch/v1 PodFailurePolicyRule.action",
                 .words = {"Ignore", "Count", "FailIndex", "FailJob"}});
        t.field("onExitCodes", &PodFailureRule::on_exit_codes,
                {.sentence = "Matches by exit code.", .source = "batch/v1 PodFailurePolicyRule.onExitCodes"});
        t.field(
            "onPodConditions", &PodFailureRule::on_pod_conditions,
            {.sentence = "Matches by condition.", .source = "batch/v1 PodFailurePolicyRule.onPodConditions"});
        t.rule([](Reader& reader, const Node& node, PodFailureRule& rule) {
          if (rule.on_exit_codes.has_value() == !rule.on_pod_conditions.empty()) {
            reader.error(node, "a rule needs either onExitCodes or onPodConditions", "");
          }
        });
      });
  return table;
}

template <>
const TableOf<PodFailurePolicy>& table_of<PodFailurePolicy>() {
  static const TableOf<PodFailurePolicy> table("PodFailurePolicy", "How failures of a Job's pods are judged.",
                                               [](auto& t) {
                                                 t.field("rules", &PodFailurePolicy::rules,
                                                         {.required = true,
                                                          .sentence = "The rules, in order.",
                                                          .source = "batch/v1 PodFailurePolicy.rules"});
                                               });
  return table;
}

template <>
const TableOf<SuccessRule>& table_of<SuccessRule>() {
  static const TableOf<SuccessRule> table("SuccessRule", "One rule of a success policy.", [](auto& t) {
    t.field(
        "succeededIndexes", &SuccessRule::succeeded_indexes,
        {.sentence = "Indexes that must succeed.", .source = "batch/v1 SuccessPolicyRule.succeededIndexes"});
    t.field("succeededCount", &SuccessRule::succeeded_count,
            {.sentence = "How many of them suffice.",
             .source = "batch/v1 SuccessPolicyRule.succeededCount",
             .minimum = 1});
    t.rule([](Reader& reader, const Node& node, SuccessRule& rule) {
      if (!rule.succeeded_indexes.given() && !rule.succeeded_count.given()) {
        reader.error(node, "a rule needs succeededIndexes or succeededCount", "");
      }
    });
  });
  return table;
}

template <>
const TableOf<SuccessPolicy>& table_of<SuccessPolicy>() {
  static const TableOf<SuccessPolicy> table(
      "SuccessPolicy", "When a Job counts as done although not every index has succeeded.", [](auto& t) {
        t.field(
            "rules", &SuccessPolicy::rules,
            {.required = true, .sentence = "The rules, in order.", .source = "batch/v1 SuccessPolicy.rules"});
      });
  return table;
}

template <>
const TableOf<Job>& table_of<Job>() {
  static const TableOf<Job> table(
      "Job", "A Job, described by what the rehearsal needs to know of it.", [](auto& t) {
        t.field(
            "namespace", &Job::name_space,
            {.fallback = "default", .sentence = "Its namespace.", .source = "core/v1 ObjectMeta.namespace"});
        t.field("completions", &Job::completions,
                {.sentence = "How many pods (indexes, when Indexed) must succeed.",
                 .source = "batch/v1 JobSpec.completions"});
        t.field("parallelism", &Job::parallelism,
                {.sentence = "How many pods may run at once. Without it: 1.",
                 .source = "batch/v1 JobSpec.parallelism"});
        t.field("completionMode", &Job::completion_mode,
                {.fallback = "NonIndexed",
                 .sentence = "Whether each pod has an index.",
                 .source = "batch/v1 JobSpec.completionMode",
                 .words = {"Indexed", "NonIndexed"}});
        t.field("backoffLimit", &Job::backoff_limit,
                {.sentence =
                     "How many failures end the Job. Without it: 6, or no limit with `backoffLimitPerIndex`.",
                 .source = "batch/v1 JobSpec.backoffLimit"});
        t.field("backoffLimitPerIndex", &Job::backoff_limit_per_index,
                {.sentence = "How many failures end one index.",
                 .source = "batch/v1 JobSpec.backoffLimitPerIndex"});
        t.field("maxFailedIndexes", &Job::max_failed_indexes,
                {.sentence = "How many indexes may fail before the Job does.",
                 .source = "batch/v1 JobSpec.maxFailedIndexes"});
        t.field("podFailurePolicy", &Job::pod_failure_policy,
                {.sentence = "How failures are judged.", .source = "batch/v1 JobSpec.podFailurePolicy"});
        t.field("podReplacementPolicy", &Job::pod_replacement_policy,
                {.sentence = "When a replacement is created. Without it: `TerminatingOrFailed`, or `Failed` "
                             "with a `podFailurePolicy`.",
                 .source = "batch/v1 JobSpec.podReplacementPolicy",
                 .words = {"TerminatingOrFailed", "Failed"}});
        t.field(
            "successPolicy", &Job::success_policy,
            {.sentence = "When the Job counts as done early.", .source = "batch/v1 JobSpec.successPolicy"});
        t.field("suspend", &Job::suspend,
                {.fallback = "false",
                 .sentence = "Whether it starts suspended.",
                 .source = "batch/v1 JobSpec.suspend"});
        t.field("activeDeadline", &Job::active_deadline,
                {.sentence = "How long it may run; whole seconds.",
                 .source = "batch/v1 JobSpec.activeDeadlineSeconds",
                 .whole_seconds = true});
        t.field("ttlAfterFinished", &Job::ttl_after_finished,
                {.sentence = "How long it is kept once finished; whole seconds.",
                 .source = "batch/v1 JobSpec.ttlSecondsAfterFinished",
                 .zero_is_fine = true,
                 .whole_seconds = true});
        t.field("restartPolicy", &Job::restart_policy,
                {.fallback = "Never",
                 .sentence = "Whether a failed container restarts in its pod.",
                 .source = "core/v1 PodSpec.restartPolicy",
                 .words = {"Never", "OnFailure"}});
        add_pod_fields(t);
      });
  return table;
}

}  // namespace scenarios::language

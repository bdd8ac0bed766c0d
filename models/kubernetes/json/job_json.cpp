#include "models/kubernetes/json/job_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/vocabulary.h"

namespace models::kubernetes::json {

namespace {

constexpr const char* kGeneratedLabels[] = {"batch.kubernetes.io/controller-uid",
                                            "batch.kubernetes.io/job-name", "controller-uid", "job-name"};

std::int32_t int32_or(const Json& object, std::string_view name, std::int32_t fallback) {
  return static_cast<std::int32_t>(int_or(object, name, fallback));
}

FailureAction action_of(const Json& rule) {
  const std::string action = text_or(rule, "action");
  return action == "Ignore"      ? FailureAction::Ignore
         : action == "FailIndex" ? FailureAction::FailIndex
         : action == "FailJob"   ? FailureAction::FailJob
                                 : FailureAction::Count;
}

const char* action_text(FailureAction action) {
  switch (action) {
    case FailureAction::Ignore:
      return "Ignore";
    case FailureAction::Count:
      return "Count";
    case FailureAction::FailIndex:
      return "FailIndex";
    case FailureAction::FailJob:
      return "FailJob";
  }
  return "";
}

std::shared_ptr<const std::vector<PodFailureRule>> failure_policy_of(const Json& spec) {
  const Json* policy = member(spec, "podFailurePolicy");
  if (policy == nullptr) {
    return nullptr;
  }
  std::vector<PodFailureRule> rules;
  const Json* list = member(*policy, "rules");
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    PodFailureRule rule;
    rule.action = action_of((*list)[i]);
    if (const Json* codes = member((*list)[i], "onExitCodes")) {
      rule.on_exit_codes = true;
      rule.container = text_or(*codes, "containerName");
      rule.not_in = text_or(*codes, "operator") == "NotIn";
      if (const Json* values = member(*codes, "values")) {
        rule.exit_codes = values->get<std::vector<std::int32_t>>();
      }
    }
    if (const Json* patterns = member((*list)[i], "onPodConditions")) {
      for (const Json& pattern : *patterns) {
        rule.conditions.emplace_back(text_or(pattern, "type"), text_or(pattern, "status", "True"));
      }
    }
    rules.push_back(std::move(rule));
  }
  return std::make_shared<const std::vector<PodFailureRule>>(std::move(rules));
}

std::shared_ptr<const std::vector<SuccessRule>> success_policy_of(const Json& spec,
                                                                  std::int32_t completions) {
  const Json* policy = member(spec, "successPolicy");
  if (policy == nullptr) {
    return nullptr;
  }
  std::vector<SuccessRule> rules;
  const Json* list = member(*policy, "rules");
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    SuccessRule rule;
    if (const Json* indexes = member((*list)[i], "succeededIndexes")) {
      rule.succeeded_indexes = IndexSet::parse(indexes->get_ref<const std::string&>(), completions);
    }
    rule.succeeded_count = int32_or((*list)[i], "succeededCount", -1);
    rules.push_back(std::move(rule));
  }
  return std::make_shared<const std::vector<SuccessRule>>(std::move(rules));
}

void erase_generated(Json* labels) {
  for (const char* name : kGeneratedLabels) {
    if (labels != nullptr && labels->is_object()) {
      labels->erase(name);
    }
  }
}

}  // namespace

void strip_generated(Json& job) {
  if (at_path(job, "spec") == nullptr || bool_or(job["spec"], "manualSelector", false)) {
    return;
  }
  Json& spec = job["spec"];
  if (at_path(spec, "selector.matchLabels") != nullptr) {
    erase_generated(&spec["selector"]["matchLabels"]);
    if (spec["selector"]["matchLabels"].empty()) {
      spec["selector"].erase("matchLabels");
    }
  }
  if (const Json* selector = member(spec, "selector"); selector != nullptr && selector->empty()) {
    spec.erase("selector");
  }
  if (at_path(spec, "template.metadata.labels") != nullptr) {
    Json& metadata = spec["template"]["metadata"];
    erase_generated(&metadata["labels"]);
    if (metadata["labels"].empty()) {
      metadata.erase("labels");
    }
  }
}

void job_from(Cluster& cluster, const Json& job, Job& out, Problems& problems) {
  const Json& spec = job.at("spec");
  JobSpec& into = out.spec;
  into.completions = int32_or(spec, "completions", -1);
  into.parallelism = int32_or(spec, "parallelism", 1);
  into.indexed = text_or(spec, "completionMode") == "Indexed";
  into.backoff_limit = int32_or(spec, "backoffLimit", 6);
  into.backoff_limit_per_index = int32_or(spec, "backoffLimitPerIndex", -1);
  into.max_failed_indexes = int32_or(spec, "maxFailedIndexes", -1);
  into.active_deadline_seconds = int_or(spec, "activeDeadlineSeconds", -1);
  into.ttl_seconds_after_finished = int_or(spec, "ttlSecondsAfterFinished", -1);
  into.suspend = bool_or(spec, "suspend", false);
  const std::string manager = text_or(spec, "managedBy");
  into.managed_by_other = !manager.empty() && manager != "kubernetes.io/job-controller";
  into.pod_replacement_policy = text_or(spec, "podReplacementPolicy") == "Failed"
                                    ? PodReplacementPolicy::Failed
                                    : PodReplacementPolicy::TerminatingOrFailed;
  into.pod_failure_policy = failure_policy_of(spec);
  into.success_policy = success_policy_of(spec, into.completions);
  const Json* selector = bool_or(spec, "manualSelector", false) ? member(spec, "selector") : nullptr;
  into.selector =
      selector == nullptr ? nullptr : std::make_shared<const LabelMap>(labels_at(*selector, "matchLabels"));
  into.pod_template = cluster.add_template(pod_template_from(spec.at("template"), "spec.template", problems));
  out.manifest = cluster.strings.intern(kept_text(job));
  const Json* labels = at_path(job, "metadata.labels");
  out.labels_json =
      labels == nullptr || labels->empty() ? 0 : cluster.strings.intern(canonical(*labels).dump());
}

bool read_job(Cluster& cluster, const Json& manifest, Job& out, Problems& problems) {
  check_fields(manifest, job_structure(), "", problems);
  if (!problems.ok()) {
    return false;
  }
  Json job = manifest;
  strip_generated(job);
  default_job(job, cluster.features());
  drop_disabled_job_fields(job, nullptr, cluster.features());
  read_metadata(cluster, job, true, 0, out.meta);
  out.meta.created = {};
  out.meta.deletion_timestamp = sim::kNever;
  job_from(cluster, job, out, problems);
  return true;
}

void read_job_status(Cluster& cluster, const Json& object, UnixSeconds epoch, Job& out) {
  const Json* status = member(object, "status");
  if (status == nullptr) {
    return;
  }
  JobStatus& into = out.status;
  into.active = int32_or(*status, "active", 0);
  into.ready = int32_or(*status, "ready", 0);
  into.succeeded = int32_or(*status, "succeeded", 0);
  into.failed = int32_or(*status, "failed", 0);
  into.terminating = int32_or(*status, "terminating", -1);
  // The status may still hold indexes that the spec no longer has: they go with the controller's next sync.
  constexpr int kAll = std::numeric_limits<int>::max();
  into.completed_indexes = IndexSet::parse(text_or(*status, "completedIndexes"), kAll);
  into.failed_indexes = IndexSet::parse(text_or(*status, "failedIndexes"), kAll);
  into.start_time = time_at(*status, "startTime", epoch).value_or(sim::kNever);
  into.completion_time = time_at(*status, "completionTime", epoch).value_or(sim::kNever);
  const Json* conditions = member(*status, "conditions");
  for (std::size_t i = 0; conditions != nullptr && i < conditions->size(); ++i) {
    for (std::size_t type = 0; type < kJobConditionTypes; ++type) {
      if (to_text(static_cast<JobConditionType>(type)) == text_or((*conditions)[i], "type")) {
        into.conditions[type] = {
            true, text_or((*conditions)[i], "status") == "True",
            cluster.strings.intern(text_or((*conditions)[i], "reason")),
            cluster.strings.intern(text_or((*conditions)[i], "message")),
            time_at((*conditions)[i], "lastTransitionTime", epoch).value_or(sim::Time{})};
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// Printing

namespace {

/// Sets a field where it has a value, else takes it out.
void set_or_erase(Json& object, const char* name, bool present, Json value) {
  if (present) {
    object[name] = std::move(value);
  } else {
    object.erase(name);
  }
}

Json failure_policy_json(const std::vector<PodFailureRule>& rules) {
  Json list = Json::array();
  for (const PodFailureRule& rule : rules) {
    Json entry{{"action", action_text(rule.action)}};
    if (rule.on_exit_codes) {
      Json codes{{"operator", rule.not_in ? "NotIn" : "In"}, {"values", rule.exit_codes}};
      if (!rule.container.empty()) {
        codes["containerName"] = rule.container;
      }
      entry["onExitCodes"] = std::move(codes);
    }
    for (const auto& [type, status] : rule.conditions) {
      entry["onPodConditions"].push_back({{"status", status}, {"type", type}});
    }
    list.push_back(std::move(entry));
  }
  return Json{{"rules", std::move(list)}};
}

Json success_policy_json(const std::vector<SuccessRule>& rules) {
  Json list = Json::array();
  for (const SuccessRule& rule : rules) {
    Json entry = Json::object();
    if (rule.succeeded_count >= 0) {
      entry["succeededCount"] = rule.succeeded_count;
    }
    if (rule.succeeded_indexes) {
      entry["succeededIndexes"] = rule.succeeded_indexes->to_text();
    }
    list.push_back(std::move(entry));
  }
  return Json{{"rules", std::move(list)}};
}

void write_spec(const Cluster& cluster, const JobSpec& from, Json& spec) {
  set_or_erase(spec, "completions", from.completions >= 0, from.completions);
  spec["parallelism"] = from.parallelism;
  spec["completionMode"] = from.indexed ? "Indexed" : "NonIndexed";
  spec["backoffLimit"] = from.backoff_limit;
  set_or_erase(spec, "backoffLimitPerIndex", from.backoff_limit_per_index >= 0, from.backoff_limit_per_index);
  set_or_erase(spec, "maxFailedIndexes", from.max_failed_indexes >= 0, from.max_failed_indexes);
  set_or_erase(spec, "activeDeadlineSeconds", from.active_deadline_seconds >= 0,
               from.active_deadline_seconds);
  set_or_erase(spec, "ttlSecondsAfterFinished", from.ttl_seconds_after_finished >= 0,
               from.ttl_seconds_after_finished);
  spec["suspend"] = from.suspend;
  if (cluster.features().has(Gate::JobPodReplacementPolicy)) {
    spec["podReplacementPolicy"] =
        from.pod_replacement_policy == PodReplacementPolicy::Failed ? "Failed" : "TerminatingOrFailed";
  }
  if (from.pod_failure_policy != nullptr && !spec.contains("podFailurePolicy")) {
    spec["podFailurePolicy"] = failure_policy_json(*from.pod_failure_policy);
  }
  if (from.success_policy != nullptr && !spec.contains("successPolicy")) {
    spec["successPolicy"] = success_policy_json(*from.success_policy);
  }
}

/// Selector and template labels as the API server generates them; prefixed ones since 1.27.
void write_generated(const Cluster& cluster, const Job& job, Json& spec) {
  if (job.spec.selector != nullptr) {
    spec["manualSelector"] = true;
    if (!spec.contains("selector")) {
      spec["selector"]["matchLabels"] = to_json(*job.spec.selector);
    }
    return;
  }
  const bool prefixed = cluster.features().since(27);
  const std::string uid = uid_text(job.meta.uid);
  const std::string& name = cluster.strings[job.meta.name];
  Json& labels = make_path(spec, "template.metadata.labels");
  labels["controller-uid"] = uid;
  labels["job-name"] = name;
  if (prefixed) {
    labels["batch.kubernetes.io/controller-uid"] = uid;
    labels["batch.kubernetes.io/job-name"] = name;
  }
  make_path(spec,
            "selector.matchLabels")[prefixed ? "batch.kubernetes.io/controller-uid" : "controller-uid"] = uid;
}

Json job_status_json(const Cluster& cluster, const Job& job, UnixSeconds epoch) {
  const JobStatus& from = job.status;
  Json status = Json::object();
  for (const auto& [name, value] : {std::pair{"active", from.active}, std::pair{"failed", from.failed},
                                    std::pair{"succeeded", from.succeeded}}) {
    if (value != 0) {
      status[name] = value;
    }
  }
  status["ready"] = from.ready;
  if (from.terminating >= 0) {
    status["terminating"] = from.terminating;
  }
  if (!from.completed_indexes.empty()) {
    status["completedIndexes"] = from.completed_indexes.to_text();
  }
  if (job.spec.backoff_limit_per_index >= 0 &&
      (from.start_time != sim::kNever || !from.failed_indexes.empty())) {
    status["failedIndexes"] = from.failed_indexes.to_text();
  }
  for (const auto& [name, time] :
       {std::pair{"startTime", from.start_time}, std::pair{"completionTime", from.completion_time}}) {
    if (time != sim::kNever) {
      status[name] = time_text(time, epoch);
    }
  }
  Json uncounted = Json::object();
  for (const auto& [name, uids] :
       {std::pair{"failed", &from.uncounted_failed}, std::pair{"succeeded", &from.uncounted_succeeded}}) {
    for (const Uid uid : *uids) {
      uncounted[name].push_back(uid_text(uid));
    }
  }
  if (from.start_time != sim::kNever) {
    status["uncountedTerminatedPods"] = std::move(uncounted);
  }
  for (std::size_t type = 0; type < kJobConditionTypes; ++type) {
    const JobCondition& condition = from.conditions[type];
    if (!condition.present) {
      continue;
    }
    const std::string at = time_text(condition.last_transition, epoch);
    Json entry{{"lastProbeTime", at}, {"lastTransitionTime", at}};
    if (condition.message != 0) {
      entry["message"] = cluster.strings[condition.message];
    }
    if (condition.reason != 0) {
      entry["reason"] = cluster.strings[condition.reason];
    }
    entry["status"] = condition.status ? "True" : "False";
    entry["type"] = to_text(static_cast<JobConditionType>(type));
    status["conditions"].push_back(std::move(entry));
  }
  return status;
}

}  // namespace

Json job_json(const Cluster& cluster, const Job& job, UnixSeconds epoch) {
  Json object = with_template(cluster, job.manifest, job.labels_json, job.spec.pod_template);
  Json metadata = metadata_json(cluster, job.meta, cluster.strings[job.meta.name], epoch);
  metadata["generation"] = job.meta.generation;
  metadata.update(object["metadata"]);
  if (job.propagation != DeletionFinalizer::None) {
    metadata["finalizers"].push_back(
        job.propagation == DeletionFinalizer::ForegroundDeletion ? "foregroundDeletion" : "orphan");
  }
  write_spec(cluster, job.spec, object["spec"]);
  write_generated(cluster, job, object["spec"]);
  return canonical(Json{{"apiVersion", "batch/v1"},
                        {"kind", "Job"},
                        {"metadata", std::move(metadata)},
                        {"spec", std::move(object["spec"])},
                        {"status", job_status_json(cluster, job, epoch)}});
}

}  // namespace models::kubernetes::json

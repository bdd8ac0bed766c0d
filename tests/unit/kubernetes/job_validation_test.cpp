// Every message of indexed-job.md section 6.

#include "models/kubernetes/job_validation.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "models/kubernetes/object_writes.h"
#include "tests/unit/kubernetes/cluster_fixture.h"
#include "tests/unit/kubernetes/manifests.h"

namespace models::kubernetes {
namespace {

using testing_support::job_manifest;
using testing_support::Json;
using testing_support::TestCluster;

constexpr const char* kVersion = "1.34.0";

struct CreateCase {
  const char* name;
  const char* patch;    ///< of a good manifest
  const char* refusal;  ///< what follows `Job.batch "…" is invalid: `; empty: accepted
  friend std::ostream& operator<<(std::ostream& os, const CreateCase& c) { return os << c.name; }
};

const CreateCase kCreates[] = {
    {"good", "", ""},
    {"indexed_without_completions", R"({"spec":{"completions":null}})",
     "spec.completions: Required value: when completion mode is Indexed"},
    {"negative_completions", R"({"spec":{"completions":-1}})",
     "spec.completions: Invalid value: -1: must be greater than or equal to 0"},
    {"unknown_mode", R"({"spec":{"completionMode":"Random"}})",
     "spec.completionMode: Unsupported value: \"Random\": supported values: \"NonIndexed\", \"Indexed\""},
    {"per_index_limit_on_nonindexed", R"({"spec":{"completionMode":"NonIndexed","backoffLimitPerIndex":1}})",
     "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"},
    {"max_failed_on_nonindexed",
     R"({"spec":{"completionMode":"NonIndexed","backoffLimitPerIndex":1,"maxFailedIndexes":1}})",
     "[spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode, spec.maxFailedIndexes: "
     "Invalid "
     "value: 1: requires indexed completion mode]"},
    {"success_policy_on_nonindexed",
     R"({"spec":{"completionMode":"NonIndexed","successPolicy":{"rules":[{"succeededCount":1}]}}})",
     "spec.successPolicy: Invalid value: {\"rules\":[{\"succeededCount\":1}]}: requires indexed completion "
     "mode"},
    {"max_failed_without_limit", R"({"spec":{"maxFailedIndexes":1}})",
     "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"},
    {"max_failed_above_completions", R"({"spec":{"backoffLimitPerIndex":1,"maxFailedIndexes":5}})",
     "spec.maxFailedIndexes: Invalid value: 5: must be less than or equal to completions"},
    {"parallelism_above_limit", R"({"spec":{"parallelism":100001}})",
     "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is "
     "Indexed"},
    {"many_completions_need_max_failed", R"({"spec":{"completions":100001,"backoffLimitPerIndex":1}})",
     "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000"},
    {"many_completions_bound_parallelism",
     R"({"spec":{"completions":100001,"parallelism":10001,"backoffLimitPerIndex":1,"maxFailedIndexes":10}})",
     "spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above "
     "100000 and "
     "used with backoff limit per index"},
    {"many_completions_bound_max_failed",
     R"({"spec":{"completions":100001,"backoffLimitPerIndex":1,"maxFailedIndexes":10001}})",
     "spec.maxFailedIndexes: Invalid value: 10001: must be less than or equal to 10000 when completions are "
     "above 100000 "
     "and used with backoff limit per index"},
    {"hostname_too_long",
     R"({"metadata":{"name":"a23456789-123456789-123456789-123456789-123456789-123456789-12"}})",
     "metadata.name: Invalid value: \"a23456789-123456789-123456789-123456789-123456789-123456789-12\": will "
     "not able to "
     "create pod with invalid DNS label: a23456789-123456789-123456789-123456789-123456789-123456789-12-3"},
    {"restart_always", R"({"spec":{"template":{"spec":{"restartPolicy":"Always"}}}})",
     "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""},
    {"fail_index_without_limit",
     R"({"spec":{"podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"operator":"In","values":[1]}}]}}})",
     "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex "
     "to be set"},
    {"failure_policy_needs_never",
     R"({"spec":{"template":{"spec":{"restartPolicy":"OnFailure"}},
         "podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[1]}}]}}})",
     "spec.template.spec.restartPolicy: Invalid value: \"OnFailure\": only \"Never\" is supported when "
     "podFailurePolicy "
     "is specified"},
    {"failure_policy_with_TerminatingOrFailed",
     R"({"spec":{"podReplacementPolicy":"TerminatingOrFailed",
         "podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[1]}}]}}})",
     "spec.podReplacementPolicy: Unsupported value: \"TerminatingOrFailed\": supported values: \"Failed\""},
    {"exit_code_zero",
     R"({"spec":{"podFailurePolicy":{"rules":[{"action":"Ignore","onExitCodes":{"operator":"In","values":[0]}}]}}})",
     "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In "
     "operator"},
    {"unknown_container",
     R"({"spec":{"podFailurePolicy":{"rules":[{"action":"Ignore",
         "onExitCodes":{"containerName":"x","operator":"In","values":[1]}}]}}})",
     "spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: \"x\": must be one of the "
     "container or "
     "initContainer names in the pod template"},
    {"rule_without_condition", R"({"spec":{"podFailurePolicy":{"rules":[{"action":"Ignore"}]}}})",
     "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is "
     "required"},
    {"no_success_rule", R"({"spec":{"successPolicy":{"rules":[]}}})",
     "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy "
     "is "
     "specified"},
    {"empty_success_rule", R"({"spec":{"successPolicy":{"rules":[{}]}}})",
     "spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must "
     "be "
     "specified"},
    {"success_count_above_completions", R"({"spec":{"successPolicy":{"rules":[{"succeededCount":5}]}}})",
     "spec.successPolicy.rules[0].succeededCount: Invalid value: 5: must be less than or equal to 4 (the "
     "number of "
     "specified completions)"},
    {"success_count_above_indexes",
     R"({"spec":{"successPolicy":{"rules":[{"succeededCount":3,"succeededIndexes":"0-1"}]}}})",
     "spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the "
     "number of "
     "indexes in the specified succeededIndexes field)"},
    {"success_index_out_of_range", R"({"spec":{"successPolicy":{"rules":[{"succeededIndexes":"0-4"}]}}})",
     "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"0-4\": error parsing succeededIndexes: "
     "too large "
     "index: \"4\""},
    {"selector_that_is_not_generated", R"({"spec":{"selector":{"matchLabels":{"app":"pi"}}}})",
     "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"pi\"}}: `selector` not auto-generated"},
    {"limit_per_index_with_OnFailure_is_accepted",
     R"({"spec":{"backoffLimitPerIndex":0,"template":{"spec":{"restartPolicy":"OnFailure"}}}})", ""},
};

class JobCreate : public testing::TestWithParam<CreateCase> {};

TEST_P(JobCreate, IsRefusedInUpstreamsWords) {
  TestCluster world(kVersion);
  Turn turn = world.turn();
  ApiError error;
  WriteNotes notes;
  const Json manifest = job_manifest(GetParam().patch);
  const WriteResult result = create_object(turn, manifest, "default", {Writer::User}, error, notes);
  const std::string refusal = GetParam().refusal;
  EXPECT_EQ(result.ok(), refusal.empty()) << error.message;
  if (!refusal.empty()) {
    EXPECT_EQ(error.message, "Job.batch " + manifest["metadata"]["name"].dump() + " is invalid: " + refusal);
  }
}
INSTANTIATE_TEST_SUITE_P(Cases, JobCreate, testing::ValuesIn(kCreates),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(JobCreate, RefusesTwentyOneSuccessRules) {
  TestCluster world(kVersion);
  Turn turn = world.turn();
  Json manifest = job_manifest(R"({"spec":{"successPolicy":{"rules":[]}}})");
  for (int i = 0; i < 21; ++i) {
    manifest["spec"]["successPolicy"]["rules"].push_back({{"succeededCount", 1}});
  }
  ApiError error;
  WriteNotes notes;
  create_object(turn, manifest, "default", {Writer::User}, error, notes);
  EXPECT_EQ(
      error.message,
      "Job.batch \"pi\" is invalid: spec.successPolicy.rules: Too many: 21: must have at most 20 items");
}

struct UpdateCase {
  const char* name;
  const char* version;
  const char* stored;  ///< patch of the good manifest
  const char* patch;   ///< of the stored Job
  const char* refusal;
  friend std::ostream& operator<<(std::ostream& os, const UpdateCase& c) { return os << c.name; }
};

const UpdateCase kUpdates[] = {
    {"tandem", kVersion, "", R"({"spec":{"completions":3,"parallelism":3}})", ""},
    {"completions_alone", kVersion, "", R"({"spec":{"completions":3}})",
     "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism"},
    {"completions_before_1_27", "1.26.0", "", R"({"spec":{"completions":3,"parallelism":3}})",
     "spec.completions: Invalid value: 3: field is immutable"},
    {"completions_of_nonindexed", kVersion, R"({"spec":{"completionMode":"NonIndexed"}})",
     R"({"spec":{"completions":3,"parallelism":3}})",
     "spec.completions: Invalid value: 3: field is immutable"},
    {"completion_mode", kVersion, "", R"({"spec":{"completionMode":"NonIndexed"}})",
     "spec.completionMode: Invalid value: \"NonIndexed\": field is immutable"},
    {"limit_per_index", kVersion, R"({"spec":{"backoffLimitPerIndex":1}})",
     R"({"spec":{"backoffLimitPerIndex":2}})",
     "spec.backoffLimitPerIndex: Invalid value: 2: field is immutable"},
    {"success_policy", kVersion, "", R"({"spec":{"successPolicy":{"rules":[{"succeededCount":1}]}}})",
     "spec.successPolicy: Invalid value: {\"rules\":[{\"succeededCount\":1}]}: field is immutable"},
    {"managed_by", kVersion, "", R"({"spec":{"managedBy":"example.com/other"}})",
     "spec.managedBy: Invalid value: \"example.com/other\": field is immutable"},
    {"parallelism", kVersion, "", R"({"spec":{"parallelism":1}})", ""},
    {"suspend", kVersion, "", R"({"spec":{"suspend":true}})", ""},
    {"backoffLimit", kVersion, "", R"({"spec":{"backoffLimit":1}})", ""},
    {"deadline_and_ttl", kVersion, "", R"({"spec":{"activeDeadlineSeconds":1,"ttlSecondsAfterFinished":1}})",
     ""},
    {"max_failed", kVersion, R"({"spec":{"backoffLimitPerIndex":1}})", R"({"spec":{"maxFailedIndexes":1}})",
     ""},
    {"replacement_policy", kVersion, "", R"({"spec":{"podReplacementPolicy":"Failed"}})", ""},
    {"node_selector_while_suspended", kVersion, R"({"spec":{"suspend":true}})",
     R"({"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}})", ""},
};

class JobUpdate : public testing::TestWithParam<UpdateCase> {};

TEST_P(JobUpdate, ChangesOnlyWhatMayChange) {
  TestCluster world(GetParam().version);
  Turn turn = world.turn();
  ApiError error;
  WriteNotes notes;
  const Row row =
      create_object(turn, job_manifest(GetParam().stored), "default", {Writer::User}, error, notes).row;
  ASSERT_FALSE(error) << error.message;
  const WriteResult result =
      patch_object(turn, Kind::Job, row, Json::parse(GetParam().patch), {Writer::User}, error, notes);
  const std::string refusal = GetParam().refusal;
  EXPECT_EQ(result.ok(), refusal.empty()) << error.message;
  EXPECT_EQ(world.cluster.jobs[row].meta.generation, refusal.empty() ? 2U : 1U);
  if (!refusal.empty()) {
    EXPECT_EQ(error.message, "Job.batch \"pi\" is invalid: " + refusal);
  }
}
INSTANTIATE_TEST_SUITE_P(Fields, JobUpdate, testing::ValuesIn(kUpdates),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(JobUpdate, RefusesAnotherTemplateUnlessTheJobNeverStarted) {
  TestCluster world(kVersion);
  Turn turn = world.turn();
  ApiError error;
  WriteNotes notes;
  const Row row = create_object(turn, job_manifest(), "default", {Writer::User}, error, notes).row;
  const Json patch = Json::parse(R"({"spec":{"template":{"spec":{"nodeSelector":{"a":"b"}}}}})");
  EXPECT_FALSE(patch_object(turn, Kind::Job, row, patch, {Writer::User}, error, notes).ok());
  ASSERT_EQ(error.causes.size(), 1U);
  EXPECT_EQ(error.causes[0].field, "spec.template");
  EXPECT_EQ(error.causes[0].detail, "field is immutable");
}

Job job_with(const std::function<void(JobStatus&)>& change) {
  Job job;
  job.spec.indexed = true;
  job.spec.completions = 4;
  job.spec.parallelism = 2;
  change(job.status);
  return job;
}

struct StatusCase {
  const char* name;
  std::function<void(JobStatus&)> before;
  std::function<void(JobStatus&)> after;
  const char* version;
  const char* refusal;
  friend std::ostream& operator<<(std::ostream& os, const StatusCase& c) { return os << c.name; }
};

void set(JobStatus& status, JobConditionType type) {
  status.condition(type).present = true;
  status.condition(type).status = true;
}
void nothing(JobStatus&) {}

const StatusCase kStatuses[] = {
    {"good", nothing,
     [](JobStatus& s) {
       s.active = 2;
       s.ready = 1;
     },
     kVersion, ""},
    {"negative_active", nothing, [](JobStatus& s) { s.active = -1; }, kVersion,
     "status.active: Invalid value: -1: must be greater than or equal to 0"},
    {"more_ready_than_active", nothing, [](JobStatus& s) { s.ready = 1; }, kVersion,
     "status.ready: Invalid value: 1: cannot set more ready pods than active"},
    {"more_ready_than_active_before_1_32", nothing, [](JobStatus& s) { s.ready = 1; }, "1.31.0", ""},
    {"overlap", nothing,
     [](JobStatus& s) {
       s.completed_indexes.insert_interval(0, 2);
       s.failed_indexes.insert(2);
     },
     kVersion,
     "status.failedIndexes: Invalid value: \"2\": cannot set non-null failedIndexes when "
     "backoffLimitPerIndex is null"},
    {"decreasing_failed", [](JobStatus& s) { s.failed = 2; }, [](JobStatus& s) { s.failed = 1; }, kVersion,
     "status.failed: Invalid value: 1: cannot decrease the failed counter"},
    {"complete_without_time", nothing,
     [](JobStatus& s) {
       s.start_time = sim::Time{};
       set(s, JobConditionType::SuccessCriteriaMet);
       set(s, JobConditionType::Complete);
     },
     kVersion, "status.completionTime: Required value: completionTime is required for Complete jobs"},
    {"finished_with_active_pods", nothing,
     [](JobStatus& s) {
       s.start_time = sim::Time{};
       s.active = 1;
       set(s, JobConditionType::FailureTarget);
       set(s, JobConditionType::Failed);
     },
     kVersion, "status.active: Invalid value: 1: active>0 is invalid for finished job"},
    {"failed_without_target", nothing,
     [](JobStatus& s) {
       s.start_time = sim::Time{};
       set(s, JobConditionType::Failed);
     },
     kVersion,
     "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true "
     "condition"},
};

class JobStatusWrite : public testing::TestWithParam<StatusCase> {};

TEST_P(JobStatusWrite, IsRefusedWhenItContradictsItself) {
  const Job before = job_with(GetParam().before);
  const JobStatus after = job_with(GetParam().after).status;
  const Features features = testing_support::features_of(GetParam().version);
  const FieldErrors errors = validate_job_status(before, after, features);
  EXPECT_EQ(errors.empty() ? "" : errors.front().text(), GetParam().refusal);
  EXPECT_EQ(status_valid(before, after, features), errors.empty());
}
INSTANTIATE_TEST_SUITE_P(Cases, JobStatusWrite, testing::ValuesIn(kStatuses),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(JobIndexes, AreReadAsUpstreamReadsThem) {
  std::string problem;
  EXPECT_EQ(check_indexes("0-2,5", 6, problem), 4);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(check_indexes("2,1", 6, problem), -1);
  EXPECT_EQ(problem, "non-increasing order, previous: 2, current: 1");
  EXPECT_EQ(check_indexes("1-2-3", 6, problem), -1);
  EXPECT_EQ(
      problem,
      "the fragment \"1-2-3\" violates the requirement that an index interval can have at most two parts "
      "separated by '-'");
  EXPECT_EQ(check_indexes("x", 6, problem), -1);
  EXPECT_EQ(problem, "cannot convert string to integer for index: \"x\"");
}

}  // namespace
}  // namespace models::kubernetes

// Every message of statefulset.md section 8, and row 39 of its case table.

#include "models/kubernetes/statefulset_validation.h"

#include <gtest/gtest.h>

#include <ostream>

#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/object_writes.h"
#include "tests/unit/kubernetes/cluster_fixture.h"
#include "tests/unit/kubernetes/manifests.h"

namespace models::kubernetes {
namespace {

using testing_support::Json;
using testing_support::statefulset_manifest;
using testing_support::TestCluster;

struct CreateCase {
  const char* name;
  const char* version;
  const char* patch;    ///< of a good manifest
  const char* refusal;  ///< what follows `is invalid: `; empty: accepted
  friend std::ostream& operator<<(std::ostream& os, const CreateCase& c) { return os << c.name; }
};

const CreateCase kCreates[] = {
    {"good", "1.34.0", "", ""},
    {"negative_replicas", "1.34.0", R"({"spec":{"replicas":-1}})",
     "spec.replicas: Invalid value: -1: must be greater than or equal to 0"},
    {"negative_minReadySeconds", "1.34.0", R"({"spec":{"minReadySeconds":-1}})",
     "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"},
    {"negative_start", "1.34.0", R"({"spec":{"ordinals":{"start":-1}}})",
     "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"},
    {"negative_partition", "1.34.0", R"({"spec":{"updateStrategy":{"rollingUpdate":{"partition":-1}}}})",
     "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0"},
    {"negative_history_limit_1_33", "1.33.0", R"({"spec":{"revisionHistoryLimit":-1}})",
     "spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0"},
    {"negative_history_limit_1_32", "1.32.0", R"({"spec":{"revisionHistoryLimit":-1}})", ""},
    {"several_causes_in_brackets", "1.34.0", R"({"spec":{"replicas":-1,"minReadySeconds":-2}})",
     "[spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.minReadySeconds: Invalid "
     "value: -2: "
     "must be greater than or equal to 0]"},
    {"name_with_dots", "1.34.0", R"({"metadata":{"name":"web.one"}})",
     "metadata.name: Invalid value: \"web.one\": must not contain dots"},
    {"name_in_capitals", "1.34.0", R"({"metadata":{"name":"Web"}})",
     "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 label must consist of lower case "
     "alphanumeric "
     "characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
     "'123-abc', regex "
     "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"},
    {"long_names_pass", "1.34.0",
     R"({"metadata":{"name":"a23456789-123456789-123456789-123456789-123456789-12345"}})", ""},
    {"unknown_policy", "1.34.0", R"({"spec":{"podManagementPolicy":"Random"}})",
     "spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'"},
    {"unknown_strategy", "1.28.0", R"({"spec":{"updateStrategy":{"type":"Recreate"}}})",
     "spec.updateStrategy: Invalid value: apps.StatefulSetUpdateStrategy{Type:\"Recreate\", "
     "RollingUpdate:(*apps.RollingUpdateStatefulSetStrategy)(nil)}: must be 'RollingUpdate' or 'OnDelete'"},
    {"rolling_update_under_OnDelete", "1.34.0",
     R"({"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":1}}}})",
     "spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":1,\"MaxUnavailable\":null}: only "
     "allowed for "
     "updateStrategy 'RollingUpdate'"},
    {"maxUnavailable_zero", "1.35.0", R"({"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":0}}}})",
     "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0"},
    {"maxUnavailable_negative", "1.35.0",
     R"({"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":-1}}}})",
     "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: -1: must be greater than or equal to "
     "0"},
    {"maxUnavailable_over_100_percent", "1.35.0",
     R"({"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":"101%"}}}})",
     "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than "
     "100%"},
    {"maxUnavailable_dropped_while_its_gate_is_off", "1.34.0",
     R"({"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":0}}}})", ""},
    {"selector_missing", "1.34.0", R"({"spec":{"selector":null}})", "spec.selector: Required value"},
    {"selector_empty", "1.34.0", R"({"spec":{"selector":{"matchLabels":null}}})",
     "spec.selector: Invalid value: {}: empty selector is invalid for statefulset"},
    {"selector_not_matching", "1.28.0", R"({"spec":{"selector":{"matchLabels":{"app":"db"}}}})",
     "spec.template.metadata.labels: Invalid value: map[string]string{\"app\":\"web\"}: `selector` does not "
     "match "
     "template `labels`"},
    {"selector_not_matching_1_34", "1.34.0", R"({"spec":{"selector":{"matchLabels":{"app":"db"}}}})",
     "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template "
     "`labels`"},
    {"restart_policy", "1.34.0", R"({"spec":{"template":{"spec":{"restartPolicy":"Never"}}}})",
     "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""},
    {"active_deadline", "1.34.0", R"({"spec":{"template":{"spec":{"activeDeadlineSeconds":5}}}})",
     "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not "
     "Supported"},
    {"retention_values", "1.34.0",
     R"({"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Keep"}}})",
     "spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: \"Keep\": supported values: "
     "\"Retain\", "
     "\"Delete\""},
    {"template_without_containers_1_34", "1.34.0", R"({"spec":{"template":{"spec":{"containers":[]}}}})",
     "spec.template.spec.containers: Required value"},
    {"template_without_containers_1_33", "1.33.0", R"({"spec":{"template":{"spec":{"containers":[]}}}})", ""},
    {"service_name_1_33", "1.33.0", R"({"spec":{"serviceName":"a.b"}})",
     "spec.serviceName: Invalid value: \"a.b\": must not contain dots"},
};

class StatefulSetCreate : public testing::TestWithParam<CreateCase> {};

TEST_P(StatefulSetCreate, IsRefusedInUpstreamsWords) {
  TestCluster world(GetParam().version);
  Turn turn = world.turn();
  ApiError error;
  WriteNotes notes;
  const WriteResult result =
      create_object(turn, statefulset_manifest(GetParam().patch), "default", {Writer::User}, error, notes);
  const std::string refusal = GetParam().refusal;
  EXPECT_EQ(result.ok(), refusal.empty()) << error.message;
  if (!refusal.empty()) {
    EXPECT_EQ(error.code, 422);
    const std::size_t begin = error.message.find(" is invalid: ");
    ASSERT_NE(begin, std::string::npos) << error.message;
    EXPECT_TRUE(error.message.starts_with("StatefulSet.apps \"")) << error.message;
    EXPECT_EQ(error.message.substr(begin + 13), refusal);
  }
}
INSTANTIATE_TEST_SUITE_P(Cases, StatefulSetCreate, testing::ValuesIn(kCreates),
                         [](const auto& row) { return std::string(row.param.name); });

struct UpdateCase {
  const char* name;
  const char* version;
  const char* patch;  ///< of the stored set
  bool accepted;
  friend std::ostream& operator<<(std::ostream& os, const UpdateCase& c) { return os << c.name; }
};

const UpdateCase kUpdates[] = {
    {"replicas", "1.34.0", R"({"spec":{"replicas":5}})", true},
    {"ordinals", "1.34.0", R"({"spec":{"ordinals":{"start":2}}})", true},
    {"template", "1.34.0", R"({"spec":{"template":{"metadata":{"annotations":{"x":"y"}}}}})", true},
    {"strategy", "1.34.0", R"({"spec":{"updateStrategy":{"rollingUpdate":{"partition":1}}}})", true},
    {"retention", "1.34.0", R"({"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"}}})",
     true},
    {"minReadySeconds", "1.34.0", R"({"spec":{"minReadySeconds":5}})", true},
    {"history_limit_1_33", "1.33.0", R"({"spec":{"revisionHistoryLimit":3}})", true},
    {"history_limit_1_32", "1.32.0", R"({"spec":{"revisionHistoryLimit":3}})", false},
    {"serviceName", "1.34.0", R"({"spec":{"serviceName":"other"}})", false},
    {"policy", "1.34.0", R"({"spec":{"podManagementPolicy":"Parallel"}})", false},
    {"claims", "1.34.0",
     R"({"spec":{"volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],
         "resources":{"requests":{"storage":"1Gi"}}}}]}})",
     false},
};

class StatefulSetUpdateValidation : public testing::TestWithParam<UpdateCase> {};

TEST_P(StatefulSetUpdateValidation, OfOtherFieldsIsForbidden) {
  TestCluster world(GetParam().version);
  Turn turn = world.turn();
  ApiError error;
  WriteNotes notes;
  const Row row = create_object(turn, statefulset_manifest(), "default", {Writer::User}, error, notes).row;
  const WriteResult result =
      patch_object(turn, Kind::StatefulSet, row, Json::parse(GetParam().patch), {Writer::User}, error, notes);
  EXPECT_EQ(result.ok(), GetParam().accepted) << error.message;
  EXPECT_EQ(world.cluster.statefulsets[row].meta.generation, GetParam().accepted ? 2U : 1U);
  if (!GetParam().accepted) {
    const bool history = world.cluster.features().since(33);
    EXPECT_EQ(
        error.message,
        std::string(
            "StatefulSet.apps \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields "
            "other than 'replicas', 'ordinals', 'template', 'updateStrategy', ") +
            (history ? "'revisionHistoryLimit', " : "") +
            "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
  }
}
INSTANTIATE_TEST_SUITE_P(Fields, StatefulSetUpdateValidation, testing::ValuesIn(kUpdates),
                         [](const auto& row) { return std::string(row.param.name); });

// statefulset.md section 10, row 39: replicas -1 / change serviceName: 422, no calls.
TEST(StatefulSetCase39, NegativeReplicasAndAnotherServiceNameAre422AndWriteNothing) {
  TestCluster world("1.34.0");
  Turn turn = world.turn();
  ApiError error;
  WriteNotes notes;
  const Row row = create_object(turn, statefulset_manifest(), "default", {Writer::User}, error, notes).row;
  ASSERT_FALSE(error) << error.message;
  const Version version = world.cluster.resource_version;
  for (const char* patch : {R"({"spec":{"replicas":-1}})", R"({"spec":{"serviceName":"other"}})"}) {
    ApiError refusal;
    EXPECT_EQ(patch_object(turn, Kind::StatefulSet, row, Json::parse(patch), {Writer::User}, refusal, notes)
                  .outcome,
              Outcome::Invalid);
    EXPECT_EQ(refusal.code, 422);
  }
  ApiError refusal;
  EXPECT_EQ(scale_object(turn, Kind::StatefulSet, row, -1, {Writer::User}, refusal).outcome,
            Outcome::Invalid);
  EXPECT_EQ(refusal.code, 422);
  EXPECT_EQ(world.cluster.resource_version, version);
}

TEST(StatefulSetErrors, HaveTheFormsOfTheApiAndOfKubectl) {
  ApiError one = invalid_error(Kind::StatefulSet, "x", {required("spec.selector")});
  EXPECT_EQ(one.message, "StatefulSet.apps \"x\" is invalid: spec.selector: Required value");
  EXPECT_EQ(one.kubectl_text(), "The StatefulSet \"x\" is invalid: spec.selector: Required value");
  ApiError two = invalid_error(Kind::Job, "x", {required("a"), forbidden("b", "no"), required("a")});
  EXPECT_EQ(two.message, "Job.batch \"x\" is invalid: [a: Required value, b: Forbidden: no]");
  EXPECT_EQ(two.kubectl_text(), "The Job \"x\" is invalid: \n* a: Required value\n* b: Forbidden: no");
  EXPECT_EQ(not_found_error(Kind::StatefulSet, "x").kubectl_text(),
            "Error from server (NotFound): statefulsets.apps \"x\" not found");
  EXPECT_EQ(not_found_error(Kind::Pod, "x").message, "pods \"x\" not found");
  EXPECT_EQ(conflict_error(Kind::Job, "x").message,
            "Operation cannot be fulfilled on jobs.batch \"x\": the object has been modified; please apply "
            "your changes "
            "to the latest version and try again");
}

struct StatusCase {
  const char* name;
  StatefulSetStatus status;
  const char* refusal;
  friend std::ostream& operator<<(std::ostream& os, const StatusCase& c) { return os << c.name; }
};

StatefulSetStatus counts(int replicas, int ready, int available, int current, int updated) {
  StatefulSetStatus status;
  status.replicas = replicas;
  status.ready_replicas = ready;
  status.available_replicas = available;
  status.current_replicas = current;
  status.updated_replicas = updated;
  return status;
}

const StatusCase kStatuses[] = {
    {"good", counts(3, 3, 3, 3, 0), ""},
    {"current_minus_one", counts(3, 3, 3, -1, 0),
     "status.currentReplicas: Invalid value: -1: must be greater than or equal to 0"},
    {"more_ready_than_replicas", counts(1, 2, 1, 1, 1),
     "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"},
    {"more_current_than_replicas", counts(1, 1, 1, 2, 1),
     "status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas"},
    {"more_updated_than_replicas", counts(1, 1, 1, 1, 2),
     "status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas"},
    {"more_available_than_ready", counts(3, 1, 2, 3, 0),
     "status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas"},
};

class StatefulSetStatusWrite : public testing::TestWithParam<StatusCase> {};

TEST_P(StatefulSetStatusWrite, IsRefusedWithImpossibleCounts) {
  const std::string refusal = GetParam().refusal;
  EXPECT_EQ(status_valid(GetParam().status), refusal.empty());
  const FieldErrors errors = validate_statefulset_status(GetParam().status);
  EXPECT_EQ(errors.empty() ? "" : errors.front().text(), refusal);
}
INSTANTIATE_TEST_SUITE_P(Counts, StatefulSetStatusWrite, testing::ValuesIn(kStatuses),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace models::kubernetes

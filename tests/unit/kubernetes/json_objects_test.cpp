// Reading manifests: types, defaults, what is not modelled; and printing what was read.

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/defaults.h"
#include "models/kubernetes/json/job_json.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/json/object_json.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/schema.h"
#include "models/kubernetes/json/statefulset_json.h"
#include "tests/unit/kubernetes/cluster_fixture.h"
#include "tests/unit/kubernetes/manifests.h"

namespace models::kubernetes {
namespace {

using testing_support::features_of;
using testing_support::job_manifest;
using testing_support::Json;
using testing_support::patched;
using testing_support::statefulset_manifest;
using testing_support::TestCluster;

constexpr json::UnixSeconds kEpoch = 1709294400;  // 2024-03-01T12:00:00Z

/// Every field of `part` is in `whole` with the same value.
testing::AssertionResult holds(const Json& whole, const Json& part, const std::string& path = "") {
  for (auto it = part.begin(); it != part.end(); ++it) {
    const std::string at = path + "." + it.key();
    if (!whole.contains(it.key())) {
      return testing::AssertionFailure() << at << " is missing";
    }
    const Json& found = whole.at(it.key());
    if (it->is_object()) {
      if (testing::AssertionResult inner = holds(found, *it, at); !inner) {
        return inner;
      }
    } else if (it->is_array() && !it->empty() && it->front().is_object()) {
      for (std::size_t i = 0; i < it->size(); ++i) {
        if (testing::AssertionResult inner = holds(found.at(i), (*it)[i], at); !inner) {
          return inner;
        }
      }
    } else if (!json::same(found, *it)) {
      return testing::AssertionFailure() << at << " is " << found << ", not " << *it;
    }
  }
  return testing::AssertionSuccess();
}

// ---------------------------------------------------------------------------------------------------------
// Types and unknown fields

struct DecodeCase {
  const char* name;
  const char* patch;
  const char* field;
  const char* text;
  friend std::ostream& operator<<(std::ostream& os, const DecodeCase& c) { return os << c.name; }
};

const DecodeCase kDecodes[] = {
    {"text_for_a_number", R"({"spec":{"replicas":"3"}})", "spec.replicas",
     "json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32"},
    {"number_too_large", R"({"spec":{"replicas":3000000000}})", "spec.replicas",
     "json: cannot unmarshal number 3000000000 into Go struct field StatefulSetSpec.spec.replicas of type "
     "int32"},
    {"fraction", R"({"spec":{"replicas":1.5}})", "spec.replicas",
     "json: cannot unmarshal number 1.5 into Go struct field StatefulSetSpec.spec.replicas of type int32"},
    {"number_for_a_text", R"({"spec":{"serviceName":5}})", "spec.serviceName",
     "json: cannot unmarshal number into Go struct field StatefulSetSpec.spec.serviceName of type string"},
    {"list_for_an_object", R"({"spec":{"template":[]}})", "spec.template",
     "json: cannot unmarshal array into Go struct field StatefulSetSpec.spec.template of type "
     "v1.PodTemplateSpec"},
    {"inside_a_list", R"({"spec":{"template":{"spec":{"containers":[{"name":1}]}}}})",
     "spec.template.spec.containers[0].name",
     "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.name of "
     "type string"},
    {"label_that_is_a_number", R"({"metadata":{"labels":{"a":1}}})", "metadata.labels",
     "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"},
    {"quantity",
     R"({"spec":{"template":{"spec":{"containers":[{"resources":{"requests":{"cpu":"lots"}}}]}}}})",
     "spec.template.spec.containers[0].resources.requests.cpu",
     "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
};

class Decoding : public testing::TestWithParam<DecodeCase> {};

TEST_P(Decoding, NamesFieldAndTypesAsUpstreamsDecoderDoes) {
  TestCluster world;
  StatefulSet set;
  json::Problems problems;
  EXPECT_FALSE(json::read_statefulset(world.cluster, statefulset_manifest(GetParam().patch), set, problems));
  ASSERT_EQ(problems.errors.size(), 1U);
  EXPECT_EQ(problems.errors[0].field, GetParam().field);
  EXPECT_EQ(problems.errors[0].text, GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(Types, Decoding, testing::ValuesIn(kDecodes),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Decoding, RefusesWhatIsNoObject) {
  TestCluster world;
  for (const char* text : {"[]", "3", "\"x\"", "null"}) {
    StatefulSet set;
    json::Problems problems;
    EXPECT_FALSE(json::read_statefulset(world.cluster, Json::parse(text), set, problems)) << text;
  }
}

TEST(Decoding, ListsUnknownFieldsByPath) {
  TestCluster world;
  StatefulSet set;
  json::Problems problems;
  EXPECT_TRUE(json::read_statefulset(
      world.cluster,
      statefulset_manifest(
          R"({"spec":{"replica":3,"template":{"spec":{"containers":[{"name":"a","image":"b","imag":"c"}]}}}})"),
      set, problems));
  EXPECT_EQ(problems.unknown,
            (std::vector<std::string>{"spec.template.spec.containers[0].imag", "spec.replica"}));
}

struct UnmodelledCase {
  const char* name;
  const char* spec;   ///< patch of the pod's spec
  const char* field;  ///< below spec.template.spec; empty: no report
  friend std::ostream& operator<<(std::ostream& os, const UnmodelledCase& c) { return os << c.name; }
};

const UnmodelledCase kUnmodelled[] = {
    {"topology_spread", R"({"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"rack"}]})", ""},
    {"priority_class", R"({"priorityClassName":"high"})", ""},
    {"node_affinity",
     R"({"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
         {"matchExpressions":[{"key":"a","operator":"Exists"}]}]}}}})",
     ""},
    {"preferred_anti_affinity",
     R"({"affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[
         {"weight":1,"podAffinityTerm":{"topologyKey":"rack"}}]}}})",
     ""},
    {"affinity_to_namespaces_by_label",
     R"({"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
         {"topologyKey":"rack","namespaceSelector":{"matchLabels":{"team":"a"}}}]}}})",
     "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespaceSelector"},
    {"affinity_by_label_keys",
     R"({"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
         {"topologyKey":"rack","matchLabelKeys":["pod-template-hash"]}]}}})",
     "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys"},
    {"readiness_gates", R"({"readinessGates":[{"conditionType":"x"}]})", "readinessGates"},
    {"lifecycle_hook", R"({"containers":[{"name":"a","image":"b","lifecycle":{"preStop":{}}}]})",
     "containers[0].lifecycle"},
    {"host_port", R"({"containers":[{"name":"a","image":"b","ports":[{"containerPort":80,"hostPort":80}]}]})",
     ""},
    {"graphics_cards",
     R"({"containers":[{"name":"a","image":"b","resources":{"requests":{"nvidia.com/gpu":"1"}}}]})",
     "containers[0].resources.requests.nvidia.com/gpu"},
    {"other_scheduler", R"({"schedulerName":"mine"})", "schedulerName"},
    {"default_scheduler", R"({"schedulerName":"default-scheduler"})", ""},
    {"kept_for_printing",
     R"({"imagePullSecrets":[{"name":"x"}],"containers":[{"name":"a","image":"b","imagePullPolicy":"Always",
         "env":[{"name":"x","value":"y"}],"ports":[{"containerPort":80}],"readinessProbe":{"periodSeconds":3}}]})",
     ""},
};

class Unmodelled : public testing::TestWithParam<UnmodelledCase> {};

TEST_P(Unmodelled, IsReportedWhereItCouldChangeBehaviour) {
  TestCluster world;
  Json manifest = statefulset_manifest();
  manifest["spec"]["template"]["spec"] = patched(manifest["spec"]["template"]["spec"], GetParam().spec);
  StatefulSet set;
  json::Problems problems;
  ASSERT_TRUE(json::read_statefulset(world.cluster, manifest, set, problems));
  const std::string field = GetParam().field;
  ASSERT_EQ(problems.unmodelled.size(), field.empty() ? 0U : 1U);
  if (!field.empty()) {
    EXPECT_EQ(problems.unmodelled[0].field, "spec.template.spec." + field);
  }
  // Nothing is lost, modelled or not.
  const std::string& kept = world.cluster.templates[set.spec.pod_template]->manifest;
  EXPECT_TRUE(holds(Json::parse(kept)["spec"], Json::parse(GetParam().spec)));
}
INSTANTIATE_TEST_SUITE_P(Fields, Unmodelled, testing::ValuesIn(kUnmodelled),
                         [](const auto& row) { return std::string(row.param.name); });

// ---------------------------------------------------------------------------------------------------------
// Defaults

struct DefaultCase {
  const char* name;
  const char* version;
  const char* patch;
  const char* path;   ///< below spec
  const char* value;  ///< JSON; empty: absent
  friend std::ostream& operator<<(std::ostream& os, const DefaultCase& c) { return os << c.name; }
};

const DefaultCase kSetDefaults[] = {
    {"replicas", "1.34.0", R"({"spec":{"replicas":null}})", "replicas", "1"},
    {"policy", "1.34.0", "", "podManagementPolicy", "\"OrderedReady\""},
    {"history", "1.34.0", "", "revisionHistoryLimit", "10"},
    {"strategy", "1.34.0", "", "updateStrategy.type", "\"RollingUpdate\""},
    {"partition", "1.34.0", "", "updateStrategy.rollingUpdate.partition", "0"},
    {"explicit_type_gets_no_block", "1.34.0", R"({"spec":{"updateStrategy":{"type":"RollingUpdate"}}})",
     "updateStrategy.rollingUpdate", ""},
    {"maxUnavailable_without_gate", "1.34.0", "", "updateStrategy.rollingUpdate.maxUnavailable", ""},
    {"maxUnavailable_with_gate", "1.35.0", "", "updateStrategy.rollingUpdate.maxUnavailable", "1"},
    {"retention", "1.27.0", "", "persistentVolumeClaimRetentionPolicy.whenScaled", "\"Retain\""},
    {"retention_without_gate", "1.26.0", "", "persistentVolumeClaimRetentionPolicy", ""},
    {"restart_policy", "1.34.0", "", "template.spec.restartPolicy", "\"Always\""},
    {"grace", "1.34.0", "", "template.spec.terminationGracePeriodSeconds", "30"},
};
const DefaultCase kJobDefaults[] = {
    {"both_absent", "1.34.0", R"({"spec":{"completions":null,"parallelism":null}})", "completions", "1"},
    {"parallelism", "1.34.0", R"({"spec":{"parallelism":null}})", "parallelism", "1"},
    {"completions_stay_absent", "1.34.0", R"({"spec":{"completions":null,"parallelism":3}})", "completions",
     ""},
    {"backoff_limit", "1.34.0", "", "backoffLimit", "6"},
    {"backoff_limit_with_index_limit", "1.34.0", R"({"spec":{"backoffLimitPerIndex":1}})", "backoffLimit",
     "2147483647"},
    {"index_limit_without_gate", "1.28.0", R"({"spec":{"backoffLimitPerIndex":1}})", "backoffLimit", "6"},
    {"mode", "1.34.0", R"({"spec":{"completionMode":null}})", "completionMode", "\"NonIndexed\""},
    {"suspend", "1.34.0", "", "suspend", "false"},
    {"replacement", "1.34.0", "", "podReplacementPolicy", "\"TerminatingOrFailed\""},
    {"replacement_with_failure_policy", "1.34.0", R"({"spec":{"podFailurePolicy":{"rules":[]}}})",
     "podReplacementPolicy", "\"Failed\""},
    {"replacement_without_gate", "1.28.0", "", "podReplacementPolicy", ""},
};

void expect_default(const Json& spec, const DefaultCase& c) {
  const Json* value = json::at_path(spec, c.path);
  EXPECT_EQ(value == nullptr ? "" : value->dump(), c.value);
}

class StatefulSetDefaults : public testing::TestWithParam<DefaultCase> {};
TEST_P(StatefulSetDefaults, AreUpstreams) {
  Json set = statefulset_manifest(GetParam().patch);
  json::default_statefulset(set, features_of(GetParam().version));
  expect_default(set["spec"], GetParam());
}
INSTANTIATE_TEST_SUITE_P(Fields, StatefulSetDefaults, testing::ValuesIn(kSetDefaults),
                         [](const auto& row) { return std::string(row.param.name); });

class JobDefaults : public testing::TestWithParam<DefaultCase> {};
TEST_P(JobDefaults, AreUpstreams) {
  Json job = job_manifest(GetParam().patch);
  json::default_job(job, features_of(GetParam().version));
  expect_default(job["spec"], GetParam());
}
INSTANTIATE_TEST_SUITE_P(Fields, JobDefaults, testing::ValuesIn(kJobDefaults),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(JobDefaults, GiveTheJobTheLabelsOfItsTemplate) {
  Json job = job_manifest();
  json::default_job(job, features_of("1.34.0"));
  EXPECT_EQ(job["metadata"]["labels"]["app"], "pi");
}

TEST(PodDefaults, TakeLimitsForAbsentRequests) {
  Json spec = Json::parse(R"({"containers":[{"name":"a","image":"b:1","resources":{"limits":{"cpu":2}}}]})");
  json::default_pod_spec(spec);
  EXPECT_EQ(spec["containers"][0]["resources"]["requests"]["cpu"], "2");
  EXPECT_EQ(spec["containers"][0]["imagePullPolicy"], "IfNotPresent");
}

TEST(DisabledFields, GoUnlessTheStoredObjectHasThem) {
  Json job = job_manifest(R"({"spec":{"backoffLimitPerIndex":1,"maxFailedIndexes":1}})");
  json::drop_disabled_job_fields(job, nullptr, features_of("1.28.0"));
  EXPECT_FALSE(job["spec"].contains("backoffLimitPerIndex"));
  EXPECT_FALSE(job["spec"].contains("maxFailedIndexes"));
  const Json old = job_manifest(R"({"spec":{"backoffLimitPerIndex":1}})");
  job = old;
  json::drop_disabled_job_fields(job, &old, features_of("1.28.0"));
  EXPECT_TRUE(job["spec"].contains("backoffLimitPerIndex"));
}

// ---------------------------------------------------------------------------------------------------------
// Typed objects, and back

TEST(StatefulSets, AreReadFieldByField) {
  TestCluster world("1.35.0");
  StatefulSet set;
  json::Problems problems;
  ASSERT_TRUE(json::read_statefulset(world.cluster, statefulset_manifest(R"({"spec":{
      "replicas":5,"podManagementPolicy":"Parallel","minReadySeconds":7,"revisionHistoryLimit":3,"ordinals":{"start":2},
      "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":1,"maxUnavailable":"25%"}},
      "persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"},
      "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],
        "storageClassName":"fast","resources":{"requests":{"storage":"10Gi"}}}}]}})"),
                                     set, problems));
  EXPECT_EQ(set.spec.replicas, 5);
  EXPECT_EQ(set.spec.pod_management_policy, PodManagementPolicy::Parallel);
  EXPECT_EQ(set.spec.min_ready_seconds, 7);
  EXPECT_EQ(set.spec.revision_history_limit, 3);
  EXPECT_EQ(set.spec.start, 2);
  EXPECT_EQ(set.spec.partition, 1);
  EXPECT_EQ(set.spec.max_unavailable, (IntOrPercent{25, true}));
  EXPECT_EQ(set.spec.when_scaled, ClaimRetention::Delete);
  EXPECT_EQ(set.spec.when_deleted, ClaimRetention::Retain);
  ASSERT_NE(set.spec.claims, nullptr);
  EXPECT_EQ((*set.spec.claims)[0], (ClaimTemplate{"data", "10Gi", "fast"}));
  EXPECT_EQ(*set.spec.selector, (LabelMap{{"app", "web"}}));
  const PodTemplate& pod_template = *world.cluster.templates[set.spec.pod_template];
  EXPECT_EQ(pod_template.cpu_millicores, 500);
  EXPECT_EQ(pod_template.memory_bytes, std::int64_t{1} << 30U);
}

TEST(Jobs, AreReadFieldByField) {
  TestCluster world("1.34.0");
  Job job;
  json::Problems problems;
  ASSERT_TRUE(json::read_job(world.cluster, job_manifest(R"({"spec":{
      "backoffLimitPerIndex":2,"maxFailedIndexes":1,"activeDeadlineSeconds":60,"ttlSecondsAfterFinished":5,"suspend":true,
      "managedBy":"example.com/x",
      "podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"containerName":"pi","operator":"NotIn","values":[3]}},
                                   {"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget"}]}]},
      "successPolicy":{"rules":[{"succeededIndexes":"0-1","succeededCount":1}]}}})"),
                             job, problems));
  EXPECT_TRUE(job.spec.indexed);
  EXPECT_EQ(job.spec.backoff_limit, 2147483647);
  EXPECT_EQ(job.spec.backoff_limit_per_index, 2);
  EXPECT_EQ(job.spec.max_failed_indexes, 1);
  EXPECT_EQ(job.spec.active_deadline_seconds, 60);
  EXPECT_EQ(job.spec.ttl_seconds_after_finished, 5);
  EXPECT_TRUE(job.spec.suspend);
  EXPECT_TRUE(job.spec.managed_by_other);
  EXPECT_EQ(job.spec.pod_replacement_policy, PodReplacementPolicy::Failed);
  ASSERT_EQ(job.spec.pod_failure_policy->size(), 2U);
  EXPECT_TRUE((*job.spec.pod_failure_policy)[0].not_in);
  EXPECT_EQ((*job.spec.pod_failure_policy)[1].conditions,
            (std::vector<std::pair<std::string, std::string>>{{"DisruptionTarget", "True"}}));
  EXPECT_EQ((*job.spec.success_policy)[0].succeeded_indexes->to_text(), "0,1");
}

TEST(RoundTrip, OfAStatefulSetKeepsEveryField) {
  TestCluster world;
  const Json manifest = statefulset_manifest(R"({"metadata":{"annotations":{"note":"x"},"namespace":"prod"},
      "spec":{"updateStrategy":{"type":"OnDelete"},"template":{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}}})");
  StatefulSet set;
  json::Problems problems;
  ASSERT_TRUE(json::read_statefulset(world.cluster, manifest, set, problems));
  Turn turn = world.turn();
  const Row row = create_statefulset(turn, set, {Writer::User}).row;
  const Json printed = json::to_json(world.cluster, Kind::StatefulSet, row, kEpoch);
  EXPECT_TRUE(holds(printed, manifest));
  EXPECT_EQ(printed["metadata"]["creationTimestamp"], "2024-03-01T12:00:00Z");
  EXPECT_EQ(printed["metadata"]["uid"], json::uid_text(world.cluster.statefulsets[row].meta.uid));
  EXPECT_EQ(printed["metadata"]["generation"], 1);
  // What is printed reads back as the same spec.
  StatefulSet again;
  ASSERT_TRUE(json::read_statefulset(world.cluster, printed, again, problems)) << problems.errors[0].text;
  EXPECT_EQ(again.spec.pod_template, set.spec.pod_template);
  EXPECT_EQ(again.manifest, set.manifest);
  EXPECT_EQ(again.labels_json, set.labels_json);
  EXPECT_TRUE(problems.unknown.empty());
}

TEST(RoundTrip, OfAJobKeepsEveryFieldAndAddsWhatIsGenerated) {
  TestCluster world;
  const Json manifest = job_manifest();
  Job job;
  json::Problems problems;
  ASSERT_TRUE(json::read_job(world.cluster, manifest, job, problems));
  Turn turn = world.turn();
  const Row row = create_job(turn, job, {Writer::User}).row;
  JobStatus& status = world.cluster.jobs[row].status;
  status.start_time = std::chrono::seconds{2};
  status.completed_indexes.insert_interval(0, 2);
  status.conditions[0] = {true, true, world.text("JobSuspended"), world.text("Job suspended"),
                          std::chrono::seconds{3}};
  const Json printed = json::to_json(world.cluster, Kind::Job, row, kEpoch);
  EXPECT_TRUE(holds(printed, manifest));
  const std::string uid = json::uid_text(world.cluster.jobs[row].meta.uid);
  EXPECT_EQ(printed["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"], uid);
  EXPECT_EQ(printed["spec"]["template"]["metadata"]["labels"]["job-name"], "pi");
  EXPECT_EQ(printed["status"]["completedIndexes"], "0-2");
  EXPECT_EQ(printed["status"]["conditions"][0]["type"], "Suspended");
  EXPECT_EQ(printed["status"]["conditions"][0]["lastTransitionTime"], "2024-03-01T12:00:03Z");
  Job again;
  ASSERT_TRUE(json::read_job(world.cluster, printed, again, problems));
  json::read_job_status(world.cluster, printed, kEpoch, again);
  EXPECT_EQ(again.spec.pod_template, job.spec.pod_template);
  EXPECT_EQ(again.manifest, job.manifest);
  EXPECT_EQ(again.status, status);
}

// Source: pkg/controller/tainteviction/taint_eviction.go getMinTolerationTime: seconds that are negative are
// none; only a toleration that states no seconds is for ever.
TEST(Tolerations, NegativeSecondsAreNone) {
  TestCluster world;
  Pod pod;
  json::Problems problems;
  ASSERT_TRUE(json::read_pod(world.cluster,
                             Json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
      "spec":{"containers":[{"name":"c","image":"i:1"}],"tolerations":[
        {"key":"a","operator":"Exists","effect":"NoExecute","tolerationSeconds":-5},
        {"key":"b","operator":"Exists","effect":"NoExecute"}]}})"),
                             pod, problems));
  const std::vector<Toleration>& tolerations = world.cluster.template_of(pod).tolerations;
  ASSERT_EQ(tolerations.size(), 2U);
  EXPECT_EQ(tolerations[0].seconds, 0);
  EXPECT_EQ(tolerations[1].seconds, -1);
}

TEST(RoundTrip, OfAPodShowsItsStatus) {
  TestCluster world;
  const Json manifest =
      Json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":"b"}},
      "spec":{"containers":[{"name":"c","image":"i:1"}],"tolerations":[{"key":"k","operator":"Exists"}]}})");
  Pod pod;
  json::Problems problems;
  ASSERT_TRUE(json::read_pod(world.cluster, manifest, pod, problems));
  Turn turn = world.turn();
  const Row row = create_pod(turn, pod, {Writer::User}).row;
  world.bind(row, world.add_node("worker-0"));
  world.make_ready(row);
  const Json printed = json::to_json(world.cluster, Kind::Pod, row, kEpoch);
  EXPECT_TRUE(holds(printed, manifest));
  EXPECT_EQ(printed["spec"]["nodeName"], "worker-0");
  EXPECT_EQ(printed["status"]["phase"], "Running");
  EXPECT_EQ(printed["status"]["containerStatuses"][0]["ready"], true);
  const Json& conditions = printed["status"]["conditions"];
  const bool ready = std::any_of(conditions.begin(), conditions.end(), [](const Json& condition) {
    return condition["type"] == "Ready" && condition["status"] == "True";
  });
  EXPECT_TRUE(ready);
}

TEST(RoundTrip, OfANodeKeepsShapeTaintsAndCordon) {
  TestCluster world;
  const Json manifest = Json::parse(R"({"apiVersion":"v1","kind":"Node",
      "metadata":{"name":"n","labels":{"kubernetes.io/hostname":"n","node-role.kubernetes.io/worker":""}},
      "spec":{"unschedulable":true,"providerID":"x","taints":[{"key":"k","value":"v","effect":"NoSchedule"}]},
      "status":{"allocatable":{"cpu":"3900m","memory":"8Gi","pods":"50"},
                "conditions":[{"type":"Ready","status":"Unknown","lastTransitionTime":"2024-03-01T11:59:00Z"}],
                "nodeInfo":{"kubeletVersion":"v1.28.3"}}})");
  Node node;
  json::Problems problems;
  ASSERT_TRUE(json::read_node(world.cluster, manifest, node, problems, kEpoch));
  const NodeShape& shape = world.cluster.shape_of(node);
  EXPECT_EQ(shape.cpu_millicores, 3900);
  EXPECT_EQ(shape.pods, 50);
  EXPECT_EQ(shape.roles, "worker");
  EXPECT_EQ(shape.kubelet_version, "v1.28.3");
  EXPECT_TRUE(node.ready_unknown);
  EXPECT_FALSE(node.kubelet_alive);
  EXPECT_EQ(node.ready_changed, -std::chrono::seconds{60});
  Turn turn = world.turn();
  const Row row = create_node(turn, node, {Writer::Setup}).row;
  EXPECT_TRUE(holds(json::to_json(world.cluster, Kind::Node, row, kEpoch), manifest));
}

TEST(RoundTrip, OfAClaimKeepsEveryField) {
  TestCluster world;
  const Json manifest =
      Json::parse(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c"},
      "spec":{"accessModes":["ReadWriteMany"],"storageClassName":"fast","resources":{"requests":{"storage":"5Gi"}}}})");
  PersistentVolumeClaim claim;
  json::Problems problems;
  ASSERT_TRUE(json::read_claim(world.cluster, manifest, claim, problems));
  EXPECT_TRUE(claim.protection);
  EXPECT_EQ(claim.phase, ClaimPhase::Pending);
  Turn turn = world.turn();
  const Row row = create_claim(turn, claim, {Writer::User}).row;
  EXPECT_TRUE(holds(json::to_json(world.cluster, Kind::PersistentVolumeClaim, row, kEpoch), manifest));
}

TEST(Printing, PutsWhatOtherWritersChangedOverTheManifest) {
  TestCluster world;
  Job job;
  json::Problems problems;
  ASSERT_TRUE(json::read_job(world.cluster, job_manifest(), job, problems));
  Turn turn = world.turn();
  const Row row = create_job(turn, job, {Writer::User}).row;
  world.change_spec<Job>(row, [](JobSpec& spec) { spec.completions = spec.parallelism = 6; });
  const Json printed = json::to_json(world.cluster, Kind::Job, row, kEpoch);
  EXPECT_EQ(printed["spec"]["completions"], 6);
  EXPECT_EQ(printed["metadata"]["generation"], 2);
}

TEST(Printing, MakesAManifestOfADescribedSet) {
  TestCluster world;
  StatefulSetSpec spec;
  spec.pod_template = world.add_template("web");
  const Row row = world.add_statefulset("web", spec);
  const Json printed = json::to_json(world.cluster, Kind::StatefulSet, row, kEpoch);
  EXPECT_EQ(printed["spec"]["selector"]["matchLabels"]["app"], "web");
  EXPECT_EQ(printed["spec"]["template"]["spec"]["containers"][0]["image"], "app:A");
  StatefulSet again;
  json::Problems problems;
  EXPECT_TRUE(json::read_statefulset(world.cluster, printed, again, problems));
}

TEST(Times, AreReadAndPrintedInUtc) {
  EXPECT_EQ(json::parse_time("2024-03-01T12:00:00Z"), kEpoch);
  EXPECT_EQ(json::parse_time("2024-03-01T13:00:00.123456Z"), kEpoch + 3600);
  EXPECT_EQ(json::parse_time("2024-03-01T14:00:00+02:00"), kEpoch);
  EXPECT_EQ(json::time_text(kEpoch), "2024-03-01T12:00:00Z");
  EXPECT_EQ(json::time_text(-1), "1969-12-31T23:59:59Z");
  for (const char* wrong : {"", "2024-03-01", "2024-13-01T12:00:00Z", "2024-02-30T12:00:00Z",
                            "2024-03-01T12:00:00", "2024-03-01T25:00:00Z", "yesterday, in the evening"}) {
    EXPECT_EQ(json::parse_time(wrong), std::nullopt) << wrong;
  }
}

TEST(Uids, ArePrintedAsUuids) { EXPECT_EQ(json::uid_text(42), "00000000-0000-4000-8000-00000000002a"); }

}  // namespace
}  // namespace models::kubernetes

// kubectl patch, apply and scale on stored objects.

#include "models/kubernetes/object_writes.h"

#include <gtest/gtest.h>

#include "models/kubernetes/json/object_json.h"
#include "tests/unit/kubernetes/cluster_fixture.h"
#include "tests/unit/kubernetes/manifests.h"

namespace models::kubernetes {
namespace {

using testing_support::job_manifest;
using testing_support::Json;
using testing_support::patched;
using testing_support::statefulset_manifest;
using testing_support::TestCluster;

constexpr By kUser{Writer::User};

class ObjectWrites : public testing::Test {
 protected:
  TestCluster world{"1.34.0"};
  ApiError error;
  WriteNotes notes;
  ApplyOutcome outcome;

  WriteResult apply(const Json& manifest) {
    Turn turn = world.turn();
    error = {};
    notes = {};
    return apply_object(turn, manifest, "default", kUser, error, outcome, notes);
  }
  WriteResult patch(Kind kind, Row row, const char* text) {
    Turn turn = world.turn();
    error = {};
    notes = {};
    return patch_object(turn, kind, row, Json::parse(text), kUser, error, notes);
  }
  Json get(Kind kind, Row row) { return json::to_json(world.cluster, kind, row, 0); }
  Row add_pod(const char* manifest) {
    apply(Json::parse(manifest));
    return outcome.row;
  }
};

TEST_F(ObjectWrites, ApplyCreatesThenLeavesUnchangedThenConfigures) {
  ASSERT_TRUE(apply(statefulset_manifest()).ok()) << error.message;
  EXPECT_EQ(outcome.applied, Applied::Created);
  const Row row = outcome.row;
  const Version version = world.cluster.resource_version;
  ASSERT_TRUE(apply(statefulset_manifest()).ok()) << error.message;
  EXPECT_EQ(outcome.applied, Applied::Unchanged);
  EXPECT_EQ(world.cluster.resource_version, version);
  ASSERT_TRUE(apply(statefulset_manifest(R"({"spec":{"replicas":4}})")).ok()) << error.message;
  EXPECT_EQ(outcome.applied, Applied::Configured);
  EXPECT_EQ(outcome.row, row);
  EXPECT_EQ(world.cluster.statefulsets[row].spec.replicas, 4);
  EXPECT_EQ(world.cluster.statefulsets[row].meta.generation, 2U);
}

TEST_F(ObjectWrites, ApplySetsBackWhatSomebodyScaled) {
  apply(statefulset_manifest());
  Turn turn = world.turn();
  ASSERT_TRUE(scale_object(turn, Kind::StatefulSet, outcome.row, 7, kUser, error).ok());
  EXPECT_EQ(world.cluster.statefulsets[outcome.row].spec.replicas, 7);
  apply(statefulset_manifest());
  EXPECT_EQ(outcome.applied, Applied::Configured);
  EXPECT_EQ(world.cluster.statefulsets[outcome.row].spec.replicas, 2);
}

TEST_F(ObjectWrites, ApplyTakesOutWhatTheManifestNoLongerSays) {
  apply(statefulset_manifest(R"({"spec":{"minReadySeconds":9},"metadata":{"labels":{"old":"x"}}})"));
  ASSERT_EQ(world.cluster.statefulsets[outcome.row].spec.min_ready_seconds, 9);
  ASSERT_TRUE(apply(statefulset_manifest()).ok()) << error.message;
  EXPECT_EQ(world.cluster.statefulsets[outcome.row].spec.min_ready_seconds, 0);
  EXPECT_FALSE(get(Kind::StatefulSet, outcome.row)["metadata"]["labels"].contains("old"));
  EXPECT_EQ(get(Kind::StatefulSet, outcome.row)["metadata"]["labels"]["tier"], "front");
}

TEST_F(ObjectWrites, ApplyKeepsWhatOthersAdded) {
  apply(statefulset_manifest());
  ASSERT_TRUE(patch(Kind::StatefulSet, outcome.row, R"({"metadata":{"labels":{"theirs":"x"}}})").ok())
      << error.message;
  EXPECT_EQ(world.cluster.statefulsets[outcome.row].meta.generation, 1U);  // labels are no spec
  apply(statefulset_manifest(R"({"spec":{"replicas":3}})"));
  EXPECT_EQ(get(Kind::StatefulSet, outcome.row)["metadata"]["labels"]["theirs"], "x");
}

TEST_F(ObjectWrites, ApplyMergesContainersByName) {
  apply(statefulset_manifest());
  Json manifest = statefulset_manifest();
  manifest["spec"]["template"]["spec"]["containers"][0].erase("resources");
  manifest["spec"]["template"]["spec"]["containers"].push_back({{"name", "side"}, {"image", "side:1"}});
  ASSERT_TRUE(apply(manifest).ok()) << error.message;
  const PodTemplate& pod_template =
      *world.cluster.templates[world.cluster.statefulsets[outcome.row].spec.pod_template];
  ASSERT_EQ(pod_template.containers.size(), 2U);
  EXPECT_EQ(pod_template.containers[0].cpu_millicores, 0);  // taken out of the manifest
  EXPECT_EQ(pod_template.containers[1].name, "side");
}

TEST_F(ObjectWrites, ApplyWarnsOfAnObjectThatWasNotApplied) {
  StatefulSetSpec spec;
  spec.pod_template = world.add_template("web");
  world.add_statefulset("web", spec);
  Json manifest = statefulset_manifest();
  manifest["spec"].erase("serviceName");
  apply(manifest);
  ASSERT_EQ(notes.warnings.size(), 1U);
  EXPECT_TRUE(notes.warnings[0].starts_with(
      "resource statefulsets/web is missing the kubectl.kubernetes.io/last-applied-configuration annotation"))
      << notes.warnings[0];
}

TEST_F(ObjectWrites, ApplyRefusesUnknownFieldsTypesAndKinds) {
  apply(statefulset_manifest(R"({"spec":{"replica":3}})"));
  EXPECT_EQ(error.message,
            "StatefulSet in version \"v1\" cannot be handled as a StatefulSet: strict decoding error: "
            "unknown field "
            "\"spec.replica\"");
  EXPECT_EQ(error.code, 400);
  apply(statefulset_manifest(R"({"spec":{"replicas":"3"}})"));
  EXPECT_EQ(error.message,
            "StatefulSet in version \"v1\" cannot be handled as a StatefulSet: json: cannot unmarshal string "
            "into Go "
            "struct field StatefulSetSpec.spec.replicas of type int32");
  apply(statefulset_manifest(R"({"apiVersion":"apps/v1beta1"})"));
  EXPECT_EQ(error.message, "no matches for kind \"StatefulSet\" in version \"apps/v1beta1\"");
  apply(statefulset_manifest(R"({"kind":"MiniCluster","apiVersion":"flux-framework.org/v1alpha2"})"));
  EXPECT_EQ(error.reason, "NoMatch");
  apply(statefulset_manifest(R"({"metadata":{"name":null}})"));
  EXPECT_EQ(error.message, "resource name may not be empty");
  EXPECT_EQ(world.cluster.statefulsets.size(), 0U);
}

TEST_F(ObjectWrites, APatchThatChangesNothingWritesNothing) {
  apply(statefulset_manifest());
  const Version version = world.cluster.resource_version;
  const WriteResult result = patch(Kind::StatefulSet, outcome.row, R"({"spec":{"replicas":2}})");
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.transition, sim::kNoTransition);
  EXPECT_EQ(world.cluster.resource_version, version);
}

TEST_F(ObjectWrites, APatchOfTheTemplateIsANewTemplateAndItsRevertTheOldOne) {
  apply(statefulset_manifest());
  const TemplateId before = world.cluster.statefulsets[outcome.row].spec.pod_template;
  patch(Kind::StatefulSet, outcome.row,
        R"({"spec":{"template":{"metadata":{"annotations":{"restart":"1"}}}}})");
  EXPECT_NE(world.cluster.statefulsets[outcome.row].spec.pod_template, before);
  patch(Kind::StatefulSet, outcome.row, R"({"spec":{"template":{"metadata":{"annotations":null}}}})");
  EXPECT_EQ(world.cluster.statefulsets[outcome.row].spec.pod_template, before);
  EXPECT_EQ(world.cluster.statefulsets[outcome.row].meta.generation, 3U);
}

TEST_F(ObjectWrites, APatchOfADescribedJobKeepsItsTemplate) {
  JobSpec spec;
  spec.indexed = true;
  spec.completions = spec.parallelism = 4;
  spec.pod_template = world.add_template("job", "app:A", 100, RestartPolicy::Never);
  const Row row = world.add_job("pi", spec);
  ASSERT_TRUE(patch(Kind::Job, row, R"({"spec":{"completions":3,"parallelism":3}})").ok()) << error.message;
  EXPECT_EQ(world.cluster.jobs[row].spec.completions, 3);
  EXPECT_EQ(world.cluster.jobs[row].spec.pod_template, spec.pod_template);
}

TEST_F(ObjectWrites, APatchWithAnUnknownFieldWarns) {
  apply(statefulset_manifest());
  EXPECT_TRUE(patch(Kind::StatefulSet, outcome.row, R"({"spec":{"replica":9}})").ok());
  EXPECT_EQ(notes.warnings, (std::vector<std::string>{"unknown field \"spec.replica\""}));
}

TEST_F(ObjectWrites, APatchForAnOldVersionConflicts) {
  apply(statefulset_manifest());
  EXPECT_EQ(patch(Kind::StatefulSet, outcome.row,
                  R"({"metadata":{"resourceVersion":"1000"},"spec":{"replicas":9}})")
                .outcome,
            Outcome::Conflict);
  EXPECT_EQ(error.code, 409);
}

TEST_F(ObjectWrites, ScaleWritesReplicasOnlyAndOnlyOfStatefulSets) {
  apply(job_manifest());
  Turn turn = world.turn();
  EXPECT_EQ(scale_object(turn, Kind::Job, outcome.row, 3, kUser, error).outcome, Outcome::NotFound);
  EXPECT_EQ(error.message, "the server could not find the requested resource");
}

TEST_F(ObjectWrites, AnInjectedFailureIsAnInternalError) {
  apply(statefulset_manifest());
  world.cluster.write_faults.push_back({Kind::StatefulSet, static_cast<std::uint8_t>(Verb::Update), 1, 0});
  EXPECT_EQ(patch(Kind::StatefulSet, outcome.row, R"({"spec":{"replicas":9}})").outcome, Outcome::Error);
  EXPECT_EQ(error.code, 500);
}

TEST_F(ObjectWrites, APodLosesItsFinalizersByPatchAndGoesIfItIsDeleted) {
  const Row pod =
      add_pod(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","finalizers":["example.com/x"]},
      "spec":{"containers":[{"name":"c","image":"i:1"}]}})");
  ASSERT_TRUE(world.cluster.pods[pod].foreign_finalizer);
  Turn turn = world.turn();
  delete_pod(turn, pod, kUser);
  ASSERT_TRUE(world.cluster.pods.exists(pod));
  ASSERT_TRUE(patch(Kind::Pod, pod, R"({"metadata":{"finalizers":null}})").ok()) << error.message;
  EXPECT_FALSE(world.cluster.pods.exists(pod));
}

TEST_F(ObjectWrites, APodsLabelsChangeByPatch) {
  const Row pod = add_pod(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":"b"}},
      "spec":{"containers":[{"name":"c","image":"i:1"}]}})");
  ASSERT_TRUE(patch(Kind::Pod, pod, R"({"metadata":{"labels":{"a":"c"}}})").ok()) << error.message;
  EXPECT_EQ(world.cluster.label_of(world.cluster.pods[pod], "a"), "c");
}

TEST_F(ObjectWrites, APodsAnnotationsChangeByPatch) {
  const Row pod = add_pod(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","annotations":{"a":"b"}},
      "spec":{"containers":[{"name":"c","image":"i:1"}]}})");
  ASSERT_TRUE(
      patch(Kind::Pod, pod,
            R"({"metadata":{"annotations":{"a":"c","controller.kubernetes.io/pod-deletion-cost":"7"}}})")
          .ok())
      << error.message;
  EXPECT_EQ(*find_label(world.cluster.template_of(world.cluster.pods[pod]).annotations, "a"), "c");
  EXPECT_EQ(world.cluster.pods[pod].deletion_cost, 7);
  EXPECT_FALSE(patch(Kind::Pod, pod,
                     R"({"metadata":{"annotations":{"controller.kubernetes.io/pod-deletion-cost":"x"}}})")
                   .ok());
  EXPECT_EQ(error.message,
            "Pod \"p\" is invalid: metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid "
            "value: \"x\": must be a 32bit integer");
}

// Source: pkg/apis/core/validation validateOnlyAddedTolerations.
TEST_F(ObjectWrites, ATolerationMayLastOtherwiseAndOthersBeAdded) {
  const Row pod = add_pod(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
      "spec":{"containers":[{"name":"c","image":"i:1"}],
              "tolerations":[{"key":"k","effect":"NoExecute","operator":"Exists","tolerationSeconds":10}]}})");
  ASSERT_TRUE(patch(Kind::Pod, pod, R"({"spec":{"tolerations":[
      {"key":"k","effect":"NoExecute","operator":"Exists","tolerationSeconds":100},
      {"key":"other","operator":"Exists"}]}})")
                  .ok())
      << error.message;
  const std::vector<Toleration>& tolerations = world.cluster.template_of(world.cluster.pods[pod]).tolerations;
  ASSERT_EQ(tolerations.size(), 2U);
  EXPECT_EQ(tolerations[0], (Toleration{"k", "", "NoExecute", true, 100}));
  EXPECT_EQ(tolerations[1].key, "other");
  EXPECT_FALSE(
      patch(Kind::Pod, pod, R"({"spec":{"tolerations":[{"key":"other","operator":"Exists"}]}})").ok());
  EXPECT_EQ(error.message,
            "Pod \"p\" is invalid: spec.tolerations: Forbidden: existing toleration can not be modified "
            "except its tolerationSeconds");
}

TEST_F(ObjectWrites, APodMayLoseTheLabelsOfItsTemplate) {
  const Row pod = add_pod(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"app":"web"}},
      "spec":{"containers":[{"name":"c","image":"i:1"}]}})");
  ASSERT_TRUE(patch(Kind::Pod, pod, R"({"metadata":{"labels":{"app":null}}})").ok()) << error.message;
  EXPECT_TRUE(world.cluster.labels_of(world.cluster.pods[pod]).empty());
  ASSERT_TRUE(patch(Kind::Pod, pod, R"({"metadata":{"labels":{"app":"web"}}})").ok()) << error.message;
  EXPECT_EQ(world.cluster.label_of(world.cluster.pods[pod], "app"), "web");
}

TEST_F(ObjectWrites, WhatCannotBeHeldIsRefusedAndNeverIgnored) {
  const Row pod = add_pod(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
      "spec":{"containers":[{"name":"c","image":"i:1"}]}})");
  EXPECT_FALSE(patch(Kind::Pod, pod, R"({"spec":{"activeDeadlineSeconds":5}})").ok());
  EXPECT_EQ(error.kubectl_text(), "error: a change of a pod's spec is not modelled");
  EXPECT_FALSE(patch(Kind::Pod, pod, R"({"spec":{"restartPolicy":"Never"}})").ok());
  EXPECT_EQ(error.code, 422);
  EXPECT_EQ(error.causes.at(0).type, CauseType::Forbidden);
}

TEST_F(ObjectWrites, ANodeIsCordonedAndTaintedByPatch) {
  const Row node = world.add_node("worker-0");
  ASSERT_TRUE(patch(Kind::Node, node,
                    R"({"spec":{"unschedulable":true,"taints":[{"key":"k","effect":"NoExecute"}]}})")
                  .ok())
      << error.message;
  EXPECT_TRUE(world.cluster.nodes[node].unschedulable);
  EXPECT_EQ(world.cluster.taints_of(world.cluster.nodes[node]), (std::vector<Taint>{{"k", "", "NoExecute"}}));
  EXPECT_FALSE(patch(Kind::Node, node, R"({"spec":{"taints":[{"key":"k","effect":"Sometimes"}]}})").ok());
  EXPECT_EQ(error.message,
            "Node \"worker-0\" is invalid: spec.taints[0].effect: Unsupported value: \"Sometimes\": "
            "supported values: "
            "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"");
}

TEST_F(ObjectWrites, AClaimLosesItsProtectionByPatch) {
  apply(Json::parse(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c"},
      "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"5Gi"}}}})"));
  ASSERT_TRUE(outcome.row != kNoRow) << error.message;
  Turn turn = world.turn();
  delete_claim(turn, outcome.row, kUser);
  ASSERT_TRUE(world.cluster.claims.exists(outcome.row));
  ASSERT_TRUE(patch(Kind::PersistentVolumeClaim, outcome.row, R"({"metadata":{"finalizers":null}})").ok())
      << error.message;
  EXPECT_FALSE(world.cluster.claims.exists(outcome.row));
}

TEST_F(ObjectWrites, CreatingTwiceIsAlreadyExists) {
  Turn turn = world.turn();
  create_object(turn, job_manifest(), "default", kUser, error, notes);
  EXPECT_EQ(create_object(turn, job_manifest(), "default", kUser, error, notes).outcome,
            Outcome::AlreadyExists);
  EXPECT_EQ(error.kubectl_text(), "Error from server (AlreadyExists): jobs.batch \"pi\" already exists");
}

TEST_F(ObjectWrites, NamespacesKeepObjectsApart) {
  apply(job_manifest());
  apply(job_manifest(R"({"metadata":{"namespace":"prod"}})"));
  EXPECT_EQ(outcome.applied, Applied::Created);
  EXPECT_EQ(world.cluster.jobs.size(), 2U);
}

}  // namespace
}  // namespace models::kubernetes

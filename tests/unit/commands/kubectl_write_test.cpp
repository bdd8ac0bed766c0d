// What commands that write say: the rows of the table "What commands say" of the kubectl-output semantics.

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

class KubectlWrite : public CommandTest {
 protected:
  std::int32_t replicas(std::string_view set) {
    return world.cluster.statefulsets[world.cluster.find_statefulset("default", set)].spec.replicas;
  }
  std::size_t writes_by_user() const { return static_cast<std::size_t>(world.cluster.resource_version); }
};

// --- scale
// -------------------------------------------------------------------------------------------------------

TEST_F(KubectlWrite, RowScale) {
  add_set("x", 1);
  EXPECT_EQ(output("kubectl scale sts x --replicas=3"), "statefulset.apps/x scaled\n");
  EXPECT_EQ(replicas("x"), 3);
  EXPECT_EQ(output("kubectl scale --replicas=3 statefulset/x"), "statefulset.apps/x scaled\n");
}

TEST_F(KubectlWrite, RowScaleWithWrongCurrentReplicas) {
  add_set("x", 1);
  EXPECT_EQ(run("kubectl scale sts x --replicas=3 --current-replicas=2"),
            (Printed{"", "error: Expected replicas to be 2, was 1\n", 1}));
  EXPECT_EQ(replicas("x"), 1);
  EXPECT_EQ(output("kubectl scale sts x --replicas=3 --current-replicas=1"), "statefulset.apps/x scaled\n");
}

TEST_F(KubectlWrite, ScaleGoesOnWithTheNamesThatThereAre) {
  add_set("a", 0);
  add_set("b", 0);
  EXPECT_EQ(run("kubectl scale sts a nobody b --replicas=2"),
            (Printed{"statefulset.apps/a scaled\nstatefulset.apps/b scaled\n",
                     "Error from server (NotFound): statefulsets.apps \"nobody\" not found\n", 1}));
  EXPECT_EQ(output("kubectl scale sts --all --replicas=0"),
            "statefulset.apps/a scaled\nstatefulset.apps/b scaled\n");
  EXPECT_EQ(run("kubectl scale sts -l app=nobody --replicas=0"),
            (Printed{"", "error: no objects passed to scale\n", 1}));
}

TEST_F(KubectlWrite, AJobHasNoScale) {
  kubernetes::JobSpec spec;
  spec.pod_template = world.add_template("x");
  world.add_job("x", spec);
  EXPECT_EQ(
      run("kubectl scale job x --replicas=3"),
      (Printed{"", "Error from server (NotFound): the server could not find the requested resource\n", 1}));
}

TEST_F(KubectlWrite, ScaleWithTimeoutWaitsForTheStatus) {
  const Row set = add_set("x", 0);
  Typed command = typed("kubectl scale sts x --replicas=1 --timeout=60s");
  EXPECT_FALSE(command.state.done);
  EXPECT_EQ(command.state.deadline, 60s);
  kubernetes::Turn turn = world.turn();
  kubernetes::update<kubernetes::StatefulSet>(
      turn, set, {Writer::StatefulSetController}, kubernetes::Verb::UpdateStatus,
      [](kubernetes::StatefulSet& object) { object.status.replicas = 1; });
  EXPECT_EQ(printed(command.look().state), (Printed{"statefulset.apps/x scaled\n", "", 0}));

  Typed late = typed("kubectl scale sts x --replicas=2 --timeout=60s");
  world.run_for(60s);
  EXPECT_EQ(printed(late.look().state),
            (Printed{"", "error: timed out waiting for \"x\" to be synced\n", 1}));
}

// --- delete
// ------------------------------------------------------------------------------------------------------

TEST_F(KubectlWrite, RowDeletePod) {
  const Row pod = run_pod(add_pod("x", world.add_template("x")), world.add_node("worker-0"));
  Typed command = typed("kubectl delete pod x");
  EXPECT_EQ(command.state.output, "pod \"x\" deleted\n");
  EXPECT_FALSE(command.state.done);
  world.run_for(10s);
  EXPECT_FALSE(command.look().state.done);
  world.remove(pod);
  EXPECT_EQ(printed(command.look().state), (Printed{"pod \"x\" deleted\n", "", 0}));
}

TEST_F(KubectlWrite, RowDeletePodWithoutWaiting) {
  const Row pod = run_pod(add_pod("x", world.add_template("x")), world.add_node("worker-0"));
  EXPECT_EQ(output("kubectl delete pod x --wait=false"), "pod \"x\" deleted\n");
  EXPECT_TRUE(world.cluster.pods[pod].meta.deleting());
  EXPECT_EQ(world.cluster.pods[pod].grace_seconds, 30);
}

TEST(KubectlDeleteFrom134, RowDeletePodNamesTheNamespace) {
  TestCluster world("1.34.0");
  flux::State state;
  world.add_node("worker-0");
  world.add_statefulset("x", [&] {
    kubernetes::StatefulSetSpec spec;
    spec.pod_template = world.add_template("x");
    return spec;
  }());
  EXPECT_EQ(Typed(world, state, "kubectl delete sts x").state.output,
            "statefulset.apps \"x\" deleted from default namespace\n");
  EXPECT_EQ(Typed(world, state, "kubectl delete node worker-0").state.output, "node \"worker-0\" deleted\n");
}

struct GraceCase {
  const char* flags;
  int grace_seconds;
  const char* printed;
  const char* warned;
  friend std::ostream& operator<<(std::ostream& os, const GraceCase& c) { return os << c.flags; }
};
constexpr const char* kForceWarning =
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been "
    "terminated. The "
    "resource may continue to run on the cluster indefinitely.\n";
class KubectlDeleteGrace : public CommandTest, public testing::WithParamInterface<GraceCase> {};

TEST_P(KubectlDeleteGrace, RowDeletePodForceNowAndGracePeriod) {
  const Row pod = run_pod(add_pod("x", world.add_template("x")), world.add_node("worker-0"));
  const Typed command = typed(std::string("kubectl delete pod x --wait=false ") + GetParam().flags);
  EXPECT_EQ(printed(command.state), (Printed{GetParam().printed, GetParam().warned, 0}));
  if (GetParam().grace_seconds == 0) {
    EXPECT_EQ(world.pod("x"), kubernetes::kNoRow);
  } else {
    EXPECT_EQ(world.cluster.pods[pod].grace_seconds, GetParam().grace_seconds);
  }
}

INSTANTIATE_TEST_SUITE_P(Flags, KubectlDeleteGrace,
                         testing::Values(GraceCase{"", 30, "pod \"x\" deleted\n", ""},
                                         GraceCase{"--grace-period=5", 5, "pod \"x\" deleted\n", ""},
                                         GraceCase{"--now", 1, "pod \"x\" deleted\n", ""},
                                         GraceCase{"--grace-period=0", 1, "pod \"x\" deleted\n", ""},
                                         GraceCase{"--force", 0, "pod \"x\" force deleted\n", kForceWarning},
                                         GraceCase{"--force --grace-period=0", 0, "pod \"x\" force deleted\n",
                                                   kForceWarning}));

TEST_F(KubectlWrite, DeleteByLabelDoesNotMindThatThereIsNothing) {
  EXPECT_EQ(run("kubectl delete pods -l app=x"), (Printed{"No resources found\n", "", 0}));
  EXPECT_EQ(run("kubectl delete pod x"),
            (Printed{"", "Error from server (NotFound): pods \"x\" not found\n", 1}));
  EXPECT_EQ(run("kubectl delete pod x --ignore-not-found"), (Printed{"No resources found\n", "", 0}));
  EXPECT_EQ(run("kubectl delete pods --all"), (Printed{"No resources found\n", "", 0}));
}

TEST_F(KubectlWrite, DeleteOfSeveralDoesNotWaitWhenOneFails) {
  run_pod(add_pod("x", world.add_template("x")), world.add_node("worker-0"));
  EXPECT_EQ(run("kubectl delete pod x y"),
            (Printed{"pod \"x\" deleted\n", "Error from server (NotFound): pods \"y\" not found\n", 1}));
}

/// Each request takes 100 ms.
models::timing::Profile slow_requests() {
  models::timing::Profile slow("slow");
  slow.set(models::timing::Key::api_latency, models::timing::Distribution::fixed(100ms));
  return slow;
}

TEST(KubectlDelete, SendsItsRequestsOneAfterTheOtherWhereTheyTakeTime) {
  TestCluster world("1.28.0", {}, slow_requests());
  flux::State state;
  for (const char* name : {"x", "y"}) {
    kubernetes::Pod pod;
    pod.meta.name = world.text(name);
    pod.meta.name_space = world.text("default");
    pod.pod_template = world.add_template("x");
    kubernetes::Turn turn = world.turn();
    kubernetes::create_pod(turn, pod, {Writer::User});
  }
  Typed command(world, state, "kubectl delete pod x y");
  EXPECT_EQ(command.state.deadline, world.now() + 100ms);
  EXPECT_NE(world.pod("x"), kubernetes::kNoRow);
  world.run_for(100ms);
  command.look();
  EXPECT_EQ(world.pod("x"), kubernetes::kNoRow);
  EXPECT_NE(world.pod("y"), kubernetes::kNoRow);
  EXPECT_FALSE(command.state.done);
  world.run_for(100ms);
  EXPECT_EQ(printed(command.look().state), (Printed{"pod \"x\" deleted\npod \"y\" deleted\n", "", 0}));
}

/// Commands that change several nodes by a request each, and what they print.
struct PacedCase {
  const char* command;
  const char* output;
  friend std::ostream& operator<<(std::ostream& os, const PacedCase& c) { return os << c.command; }
};
const PacedCase kPaced[] = {
    {"kubectl label nodes a b tier=fast", "node/a labeled\nnode/b labeled\n"},
    {"kubectl annotate nodes a b note=x", "node/a annotated\nnode/b annotated\n"},
    {"kubectl taint nodes a b tier=fast:NoSchedule", "node/a tainted\nnode/b tainted\n"},
    {"kubectl patch nodes a b -p '{\"spec\": {\"unschedulable\": true}}'",
     "node/a patched\nnode/b patched\n"},
};
class Paced : public testing::TestWithParam<PacedCase> {};

TEST_P(Paced, ARequestForEachObjectOneAfterTheOtherWhereTheyTakeTime) {
  TestCluster world("1.28.0", {}, slow_requests());
  flux::State state;
  const Row first = world.add_node("a");
  const Row second = world.add_node("b");
  const auto written = [&](Row node) { return world.cluster.nodes[node].meta.resource_version; };
  const auto before = written(first);
  const auto before_second = written(second);
  Typed command(world, state, GetParam().command);
  EXPECT_EQ(written(first), before);
  world.run_for(100ms);
  command.look();
  EXPECT_NE(written(first), before);
  EXPECT_EQ(written(second), before_second);
  EXPECT_FALSE(command.state.done);
  world.run_for(100ms);
  EXPECT_EQ(printed(command.look().state), (Printed{GetParam().output, "", 0}));
  EXPECT_NE(written(second), before_second);
}
INSTANTIATE_TEST_SUITE_P(Commands, Paced, testing::ValuesIn(kPaced));

TEST(KubectlLabel, OfAnObjectThatGoesMeanwhileIsNotFound) {
  TestCluster world("1.28.0", {}, slow_requests());
  flux::State state;
  const Row first = world.add_node("a");
  world.add_node("b");
  Typed command(world, state, "kubectl label nodes a b tier=fast");
  kubernetes::Turn turn = world.turn();
  kubernetes::delete_node(turn, first, {Writer::User});
  for (int i = 0; i < 3 && !command.look().state.done; ++i) {
    world.run_for(100ms);
  }
  EXPECT_EQ(printed(command.state),
            (Printed{"node/b labeled\n", "Error from server (NotFound): nodes \"a\" not found\n", 1}));
}

TEST_F(KubectlWrite, DeleteGivesUpAtItsTimeout) {
  run_pod(add_pod("x", world.add_template("x")), world.add_node("worker-0"));
  Typed command = typed("kubectl delete pod x --timeout=10s");
  EXPECT_EQ(command.state.deadline, 10s);
  world.run_for(10s);
  EXPECT_EQ(printed(command.look().state),
            (Printed{"pod \"x\" deleted\n", "error: timed out waiting for the condition on pods/x\n", 1}));
}

TEST_F(KubectlWrite, DeleteWaitsForTheObjectAndNotForItsName) {
  const Row set = add_set("web", 1);
  const Row node = world.add_node("worker-0");
  const Row pod = run_pod(world.pod("web-0"), node);
  Typed command = typed("kubectl delete pod web-0");
  world.remove(pod);
  add_set_pod(set, 0);
  EXPECT_TRUE(command.look().state.done);
}

TEST_F(KubectlWrite, DeleteInTheForegroundWaitsForTheDependents) {
  add_set("web", 0);
  Typed command = typed("kubectl delete sts web --cascade=foreground");
  EXPECT_FALSE(command.state.done);
  kubernetes::Turn turn = world.turn();
  kubernetes::remove_statefulset(turn, world.cluster.find_statefulset("default", "web"),
                                 {Writer::GarbageCollector});
  EXPECT_TRUE(command.look().state.done);
}

TEST_F(KubectlWrite, DeleteOfANodeInANamespaceIsWarnedOf) {
  world.add_node("worker-0");
  EXPECT_EQ(
      run("kubectl delete node worker-0 -n other"),
      (Printed{"node \"worker-0\" deleted\n",
               "Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n", 0}));
  EXPECT_EQ(world.cluster.find_node("worker-0"), kubernetes::kNoRow);
}

TEST_F(KubectlWrite, DeletePrintsNamesOnDemand) {
  add_set("web", 0);
  EXPECT_EQ(output("kubectl delete sts/web -o name"), "statefulset.apps/web\n");
}

// --- patch
// -------------------------------------------------------------------------------------------------------

Json web_manifest(std::int32_t replicas) {
  Json manifest = Json::parse(R"({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "x"},
    "spec": {"replicas": 1, "serviceName": "x", "selector": {"matchLabels": {"app": "x"}},
             "template": {"metadata": {"labels": {"app": "x"}},
                          "spec": {"containers": [{"name": "app", "image": "app:A"}]}}}})");
  manifest["spec"]["replicas"] = replicas;
  return manifest;
}

class KubectlPatch : public KubectlWrite {
 protected:
  KubectlPatch() {
    kubernetes::Turn turn = world.turn();
    kubernetes::ApiError error;
    kubernetes::WriteNotes notes;
    kubernetes::create_object(turn, web_manifest(1), "default", {Writer::User}, error, notes);
    EXPECT_FALSE(error) << error.message;
  }
};

TEST_F(KubectlPatch, RowPatch) {
  EXPECT_EQ(output(R"(kubectl patch sts x --type=merge -p '{"spec":{"replicas":4}}')"),
            "statefulset.apps/x patched\n");
  EXPECT_EQ(replicas("x"), 4);
}

TEST_F(KubectlPatch, RowPatchThatChangesNothing) {
  const std::size_t before = writes_by_user();
  EXPECT_EQ(output(R"(kubectl patch sts/x --type merge --patch '{"spec":{"replicas":1}}')"),
            "statefulset.apps/x patched (no change)\n");
  EXPECT_EQ(writes_by_user(), before);
}

TEST_F(KubectlPatch, APatchMayBeYaml) {
  EXPECT_EQ(output("kubectl patch sts x --type=merge -p 'spec: {replicas: 2}'"),
            "statefulset.apps/x patched\n");
  EXPECT_EQ(replicas("x"), 2);
}

TEST_F(KubectlPatch, ARefusalIsPrintedAsKubectlDoes) {
  const Printed one = run(R"(kubectl patch sts x --type=merge -p '{"spec":{"replicas":-1}}')");
  EXPECT_EQ(one.exit_code, 1);
  EXPECT_EQ(one.errors,
            "The StatefulSet \"x\" is invalid: spec.replicas: Invalid value: -1: must be greater than or "
            "equal to 0\n");
  EXPECT_EQ(replicas("x"), 1);
}

TEST_F(KubectlPatch, AnUnknownFieldIsWarnedOf) {
  const Printed result = run(R"(kubectl patch sts x --type=merge -p '{"spec":{"replica":2}}')");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.errors, "Warning: unknown field \"spec.replica\"\n");
}

TEST_F(KubectlPatch, AFieldThatNoRuleReadsIsPatchedAsAnyOther) {
  const char* const patch = R"(kubectl patch sts x --type=merge -p '{"metadata":{"annotations":{"a":"b"}}}')";
  EXPECT_EQ(output(patch), "statefulset.apps/x patched\n");
  EXPECT_EQ(output(patch), "statefulset.apps/x patched (no change)\n");
}

TEST_F(KubectlPatch, StatusIsLeftAloneByAPatchOfTheObject) {
  EXPECT_EQ(output(R"(kubectl patch sts x --type=merge -p '{"status":{"readyReplicas":7}}')"),
            "statefulset.apps/x patched (no change)\n");
}

TEST_F(KubectlPatch, ThePhaseOfAPodIsPatchedInItsStatus) {
  add_pod("p", world.add_template("app"));
  const auto phase = [&] { return output("kubectl get pod p -o jsonpath={.status.phase}"); };
  EXPECT_EQ(output(R"(kubectl patch pod p --type=merge -p '{"status":{"phase":"Failed"}}')"),
            "pod/p patched (no change)\n");
  EXPECT_EQ(phase(), "Pending");
  const char* const failed =
      R"(kubectl patch pod p --subresource=status --type=merge -p '{"status":{"phase":"Failed"}}')";
  EXPECT_EQ(output(failed), "pod/p patched\n");
  EXPECT_EQ(phase(), "Failed");
  EXPECT_EQ(output(failed), "pod/p patched (no change)\n");
  EXPECT_EQ(output("kubectl patch pod/p --subresource status --type merge -p 'status: {phase: Succeeded}'"),
            "pod/p patched\n");
  EXPECT_EQ(phase(), "Succeeded");
  EXPECT_EQ(
      run(R"(kubectl patch pod q --subresource=status --type=merge -p '{"status":{"phase":"Failed"}}')"),
      (Printed{"", "Error from server (NotFound): pods \"q\" not found\n", 1}));
}

// --- apply
// -------------------------------------------------------------------------------------------------------

class KubectlApply : public KubectlWrite {};

TEST_F(KubectlApply, RowApply) {
  context.files = {{"web.yaml", {web_manifest(1)}}, {"larger.yaml", {web_manifest(3)}}};
  EXPECT_EQ(output("kubectl apply -f web.yaml"), "statefulset.apps/x created\n");
  EXPECT_EQ(output("kubectl apply -f web.yaml"), "statefulset.apps/x unchanged\n");
  EXPECT_EQ(output("kubectl apply -f larger.yaml"), "statefulset.apps/x configured\n");
  EXPECT_EQ(replicas("x"), 3);
}

TEST_F(KubectlApply, ReadsStandardInputAndTakesListsApart) {
  context.standard_input = R"(apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata: {name: worker-0}
- apiVersion: v1
  kind: Node
  metadata: {name: worker-1}
---
apiVersion: v1
kind: Node
metadata: {name: worker-2}
)";
  EXPECT_EQ(output("kubectl apply -f -"),
            "node/worker-0 created\nnode/worker-1 created\nnode/worker-2 created\n");
}

TEST_F(KubectlApply, WhatTheApiRefusesIsToldAndTheRestIsApplied) {
  Json other = web_manifest(1);
  other["metadata"]["name"] = "y";
  context.files = {{"both.yaml", {web_manifest(-1), other}}};
  EXPECT_EQ(
      run("kubectl apply -f both.yaml"),
      (Printed{
          "statefulset.apps/y created\n",
          "The StatefulSet \"x\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal "
          "to 0\n",
          1}));
}

TEST_F(KubectlApply, AnotherNamespaceThanTheObjectsIsRefused) {
  Json manifest = web_manifest(1);
  manifest["metadata"]["namespace"] = "a";
  context.files = {{"web.yaml", {manifest}}};
  const Printed result = run("kubectl apply -n b -f web.yaml");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(
      result.errors,
      "error: the namespace from the provided object \"a\" does not match the namespace \"b\". You must pass "
      "'--namespace=a' to perform this operation.\n");
}

// --- cordon
// ------------------------------------------------------------------------------------------------------

TEST_F(KubectlWrite, RowCordon) {
  const Row node = world.add_node("n");
  world.add_node("m");
  EXPECT_EQ(output("kubectl cordon n"), "node/n cordoned\n");
  EXPECT_TRUE(world.cluster.nodes[node].unschedulable);
  EXPECT_EQ(output("kubectl cordon node/n m"), "node/n already cordoned\nnode/m cordoned\n");
  EXPECT_EQ(output("kubectl uncordon n"), "node/n uncordoned\n");
  EXPECT_EQ(output("kubectl uncordon n"), "node/n already uncordoned\n");
  EXPECT_FALSE(world.cluster.nodes[node].unschedulable);
}

TEST_F(KubectlWrite, CordonOfAnUnknownNodeChangesNothing) {
  const Row node = world.add_node("n");
  EXPECT_EQ(run("kubectl cordon n nobody"),
            (Printed{"", "Error from server (NotFound): nodes \"nobody\" not found\n", 1}));
  EXPECT_FALSE(world.cluster.nodes[node].unschedulable);
}

// --- causes
// ------------------------------------------------------------------------------------------------------

TEST_F(KubectlWrite, WhatACommandWritesHasTheStepAsItsCause) {
  add_set("x", 1);
  const sim::TransitionId step = world.history.emit({});
  const CommandPointer command = compiled("kubectl scale sts x --replicas=3");
  CommandState running;
  Systems systems{world.turn(), state};
  advance(*command, running, {}, systems, {Writer::User, step});
  const auto written = world.transitions(kubernetes::Field::SetReplicas, Writer::User);
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written.front().cause, step);
}

TEST_F(KubectlWrite, AnInjectedFailureOfTheApiFailsTheCommand) {
  add_set("x", 1);
  world.cluster.write_faults.push_back(
      {kubernetes::Kind::StatefulSet, static_cast<std::uint8_t>(kubernetes::Verb::Update), 1, 0});
  const Printed result = run("kubectl scale sts x --replicas=3");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(result.errors.starts_with("Error from server (InternalError): ")) << result.errors;
}

}  // namespace
}  // namespace scenarios::commands

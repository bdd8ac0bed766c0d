// Commands that wait: kubectl wait and kubectl rollout status, step by step and in a world that lives by
// itself.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

class KubectlWait : public CommandTest {
 protected:
  KubectlWait() { node_ = world.add_node("worker-0"); }
  Row node_;
};

TEST_F(KubectlWait, RowWaitForAConditionThatIsMet) {
  run_pod(add_pod("x", world.add_template("x")), node_);
  EXPECT_EQ(output("kubectl wait --for=condition=Ready pod/x --timeout=60s"), "pod/x condition met\n");
  EXPECT_EQ(output("kubectl wait --for=condition=ready=TRUE pod x"), "pod/x condition met\n");
}

TEST_F(KubectlWait, RowWaitUntilTheConditionIsMet) {
  const Row pod = add_pod("x", world.add_template("x"));
  Typed command = typed("kubectl wait --for=condition=Ready pod/x --timeout=60s");
  EXPECT_FALSE(command.state.done);
  EXPECT_EQ(command.state.deadline, 60s);
  run_pod(pod, node_);
  EXPECT_EQ(printed(command.look().state), (Printed{"pod/x condition met\n", "", 0}));
}

TEST_F(KubectlWait, RowWaitUntilTheEndOfTime) {
  add_pod("x", world.add_template("x"));
  Typed command = typed("kubectl wait --for=condition=Ready pod/x --timeout=60s");
  world.run_for(60s - 1ns);
  EXPECT_FALSE(command.look().state.done);
  world.run_for(1ns);
  EXPECT_EQ(printed(command.look().state),
            (Printed{"", "error: timed out waiting for the condition on pods/x\n", 1}));
}

TEST_F(KubectlWait, WaitsThirtySecondsUnlessToldOtherwise) {
  add_pod("x", world.add_template("x"));
  EXPECT_EQ(typed("kubectl wait --for=condition=Ready pod/x").state.deadline, 30s);
  EXPECT_EQ(typed("kubectl wait --for=condition=Ready pod/x --timeout=-1s").state.deadline, 168h);
  EXPECT_EQ(run("kubectl wait --for=condition=Ready pod/x --timeout=0"),
            (Printed{"", "error: condition not met for pods/x\n", 1}));
}

// Source of what follows: kubectl 1.31 to 1.35 pkg/cmd/wait/wait.go RunWait, create.go IsCreated.

TEST_F(KubectlWait, AsksEveryHalfSecondForWhatIsNotCreatedYet) {
  Typed command = typed("kubectl wait --for=create pod/x --timeout=1200ms");
  EXPECT_EQ(command.state.deadline, 500ms);
  add_pod("x", world.add_template("x"));
  EXPECT_FALSE(command.look().state.done);
  world.run_for(500ms);
  EXPECT_EQ(printed(command.look().state), (Printed{"pod/x condition met\n", "", 0}));
}

TEST_F(KubectlWait, WaitsNoLongerForACreationThanItIsTold) {
  Typed command = typed("kubectl wait --for=Create pod/x --timeout=1200ms");
  for (const auto asked : {500ms, 1000ms, 1200ms}) {
    EXPECT_EQ(command.state.deadline, asked);
    world.run_for(asked - world.agenda.now);
    command.look();
  }
  EXPECT_EQ(printed(command.state), (Printed{"", "error: timed out waiting for the condition\n", 1}));
  EXPECT_EQ(run("kubectl wait --for=create pod/x --timeout=0"),
            (Printed{"", "error: timed out waiting for the condition\n", 1}));
}

TEST_F(KubectlWait, WaitsUntilAllAreCreatedBeforeItTellsOfOne) {
  add_pod("x", world.add_template("x"));
  EXPECT_EQ(output("kubectl wait --for=create pod --all"), "pod/x condition met\n");
  Typed command = typed("kubectl wait --for=create pod/x pod/y");
  EXPECT_EQ(printed(command.state), (Printed{"", "", 0}));
  EXPECT_FALSE(command.state.done);
}

TEST_F(KubectlWait, ASelectorThatChoosesNothingIsWaitedForSince133) {
  EXPECT_FALSE(typed("kubectl wait --for=create pod -l app=x").state.done);
  context.features.minor = 32;
  EXPECT_EQ(run("kubectl wait --for=create pod -l app=x"),
            (Printed{"", "error: no matching resources found\n", 1}));
  context.features.minor = 30;
  EXPECT_EQ(problem_of("kubectl wait --for=create pod/x", context).problem,
            "unrecognized condition: \"create\"");
}

TEST_F(KubectlWait, RowWaitWithoutAMatch) {
  EXPECT_EQ(run("kubectl wait --for=condition=Ready pod -l app=x"),
            (Printed{"", "error: no matching resources found\n", 1}));
  EXPECT_EQ(run("kubectl wait --for=condition=Ready pod/x"),
            (Printed{"", "Error from server (NotFound): pods \"x\" not found\n", 1}));
  EXPECT_EQ(run("kubectl wait --for=delete pod/x"), (Printed{"", "", 0}));
  EXPECT_EQ(run("kubectl wait --for=delete pod -l app=x"), (Printed{"", "", 0}));
}

TEST_F(KubectlWait, RowWaitForDeletion) {
  const Row pod = run_pod(add_pod("x", world.add_template("x")), node_);
  Typed command = typed("kubectl wait --for=delete pod/x");
  EXPECT_FALSE(command.state.done);
  world.remove(pod);
  EXPECT_EQ(printed(command.look().state), (Printed{"pod/x condition met\n", "", 0}));
}

TEST_F(KubectlWait, ANewPodOfTheNameDoesNotHideThatTheOldOneIsGone) {
  const Row set = add_set("web", 1);
  const Row pod = run_pod(world.pod("web-0"), node_);
  Typed command = typed("kubectl wait --for=delete pod/web-0");
  world.remove(pod);
  add_set_pod(set, 0);
  EXPECT_TRUE(command.look().state.done);
}

TEST_F(KubectlWait, AConditionMayBeMetByANewPodOfTheName) {
  const Row set = add_set("web", 1);
  const Row pod = run_pod(world.pod("web-0"), node_);
  world.make_unready(pod);
  Typed command = typed("kubectl wait --for=condition=Ready pod/web-0 --timeout=5m");
  world.remove(pod);
  EXPECT_FALSE(command.look().state.done);
  run_pod(add_set_pod(set, 0), node_);
  EXPECT_EQ(printed(command.look().state), (Printed{"pod/web-0 condition met\n", "", 0}));
}

TEST_F(KubectlWait, RowWaitForAJsonPath) {
  const Row set = add_set("web", 3);
  Typed command = typed("kubectl wait --for=jsonpath='{.status.readyReplicas}'=3 sts/web");
  EXPECT_FALSE(command.state.done);
  kubernetes::Turn turn = world.turn();
  kubernetes::update<kubernetes::StatefulSet>(
      turn, set, {Writer::StatefulSetController}, kubernetes::Verb::UpdateStatus,
      [](kubernetes::StatefulSet& object) { object.status.ready_replicas = 3; });
  EXPECT_EQ(printed(command.look().state), (Printed{"statefulset.apps/web condition met\n", "", 0}));
}

TEST_F(KubectlWait, SeveralObjectsWaitOneAfterTheOtherAndShareTheTime) {
  const kubernetes::TemplateId pod_template = world.add_template("x");
  const Row first = add_pod("a", pod_template);
  const Row second = add_pod("b", pod_template);
  add_pod("c", pod_template);
  Typed command = typed("kubectl wait --for=condition=Ready pods --all --timeout=20s");
  run_pod(second, node_);
  EXPECT_EQ(command.look().state.output, "");  // still looks at a
  run_pod(first, node_);
  EXPECT_EQ(command.look().state.output, "pod/a condition met\npod/b condition met\n");
  world.run_for(20s);
  EXPECT_EQ(printed(command.look().state),
            (Printed{"pod/a condition met\npod/b condition met\n",
                     "error: timed out waiting for the condition on pods/c\n", 1}));
}

TEST_F(KubectlWait, OfSeveralErrorsEachIsALineWithoutPrefix) {
  const kubernetes::TemplateId pod_template = world.add_template("x");
  add_pod("a", pod_template);
  add_pod("b", pod_template);
  Typed command = typed("kubectl wait --for=condition=Ready pod/a pod/b");
  world.run_for(30s);
  EXPECT_EQ(command.look().state.errors,
            "timed out waiting for the condition on pods/a\ntimed out waiting for the condition on pods/b\n");
}

TEST_F(KubectlWait, APollWithoutAWriteLooksAtNothing) {
  world.make_unready(run_pod(add_pod("x", world.add_template("x")), node_));
  Typed command = typed("kubectl wait --for=condition=Ready pod/x --timeout=60s");
  const std::uint32_t seen = command.state.seen;
  EXPECT_EQ(seen, world.cluster.resource_version);
  // Behind the back of the API, so that only a look at the object itself would find out.
  world.cluster.pods[world.pod("x")].ready = true;
  EXPECT_FALSE(command.look().state.done);
  ++world.cluster.resource_version;
  world.cluster.pods[world.pod("x")].meta.resource_version = world.cluster.resource_version;
  EXPECT_TRUE(command.look().state.done);
}

// --- rollout status
// ----------------------------------------------------------------------------------------------

class KubectlRolloutStatus : public CommandTest {
 protected:
  template <class Change>
  void change(Row set, Change&& apply) {
    kubernetes::Turn turn = world.turn();
    kubernetes::update<kubernetes::StatefulSet>(turn, set, {Writer::StatefulSetController},
                                                kubernetes::Verb::UpdateStatus, apply);
  }
};

TEST_F(KubectlRolloutStatus, RowRolloutStatusTellsEachStep) {
  const Row set = add_set("x", 3);
  Typed command = typed("kubectl rollout status sts/x");
  std::string told = "Waiting for statefulset spec update to be observed...\n";
  EXPECT_EQ(command.state.output, told);
  change(set, [](kubernetes::StatefulSet& object) {
    object.status.observed_generation = object.meta.generation;
    object.status.ready_replicas = 1;
  });
  EXPECT_EQ(command.look().state.output, told += "Waiting for 2 pods to be ready...\n");
  EXPECT_EQ(command.look().state.output, told) << "a look without a change prints nothing";
  change(set, [](kubernetes::StatefulSet& object) { object.status.ready_replicas = 3; });
  EXPECT_EQ(command.look().state.output,
            told += "Waiting for partitioned roll out to finish: 0 out of 3 new pods have been updated...\n");
  change(set, [](kubernetes::StatefulSet& object) { object.status.updated_replicas = 3; });
  EXPECT_EQ(printed(command.look().state),
            (Printed{told + "partitioned roll out complete: 3 new pods have been updated...\n", "", 0}));
}

TEST_F(KubectlRolloutStatus, RowRolloutStatusWithoutTheRollingUpdateBlock) {
  kubernetes::StatefulSetSpec spec;
  spec.replicas = 0;
  spec.rolling_update_block = false;
  spec.pod_template = world.add_template("x");
  const Row set = world.add_statefulset("x", spec);
  const kubernetes::Text one = world.text("x-1");
  const kubernetes::Text two = world.text("x-2");
  change(set, [&](kubernetes::StatefulSet& object) {
    object.status.observed_generation = object.meta.generation;
    object.status.current_revision = one;
    object.status.update_revision = two;
    object.status.updated_replicas = 1;
  });
  EXPECT_EQ(output("kubectl rollout status sts x --watch=false"),
            "waiting for statefulset rolling update to complete 1 pods at revision x-2...\n");
  change(set, [&](kubernetes::StatefulSet& object) {
    object.status.current_revision = two;
    object.status.current_replicas = 1;
  });
  EXPECT_EQ(output("kubectl rollout status sts x"),
            "statefulset rolling update complete 1 pods at revision x-2...\n");
}

TEST_F(KubectlRolloutStatus, OnDeleteHasNoStatus) {
  kubernetes::StatefulSetSpec spec;
  spec.update_strategy = kubernetes::UpdateStrategy::OnDelete;
  spec.pod_template = world.add_template("x");
  world.add_statefulset("x", spec);
  EXPECT_EQ(run("kubectl rollout status sts x"),
            (Printed{"", "error: rollout status is only available for RollingUpdate strategy type\n", 1}));
}

TEST_F(KubectlRolloutStatus, EndsAtItsTimeoutAndWithTheSet) {
  const Row set = add_set("x", 1);
  Typed timed = typed("kubectl rollout status sts x --timeout=10s");
  Typed patient = typed("kubectl rollout status sts x");
  world.run_for(10s);
  timed.look();
  EXPECT_EQ(timed.state.errors, "error: timed out waiting for the condition\n");
  EXPECT_EQ(timed.state.exit_code, 1);
  EXPECT_FALSE(patient.look().state.done);
  kubernetes::Turn turn = world.turn();
  kubernetes::delete_statefulset(turn, set, {Writer::User});
  EXPECT_EQ(patient.look().state.errors, "error: object has been deleted\n");
  EXPECT_EQ(run("kubectl rollout status sts x"),
            (Printed{"", "Error from server (NotFound): statefulsets.apps \"x\" not found\n", 1}));
}

// --- in a world that lives by itself
// -------------------------------------------------------------------------------

const char* const kWeb = R"(apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 3
  serviceName: web
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 10
      containers: [{name: app, image: "app:A"}]
)";

LoadContext with_web() {
  LoadContext context;
  context.standard_input = kWeb;
  return context;
}

TEST(LivingCommands, AStatefulSetIsAppliedFollowedScaledAndDeleted) {
  LivingWorld world;
  EXPECT_EQ(perform(world, "kubectl apply -f -", with_web()).output, "statefulset.apps/web created\n");
  const Printed rollout = perform(world, "kubectl rollout status sts/web --timeout=10m");
  EXPECT_EQ(rollout.exit_code, 0) << rollout;
  EXPECT_TRUE(rollout.output.ends_with("partitioned roll out complete: 3 new pods have been updated...\n"))
      << rollout;
  EXPECT_NE(rollout.output.find("Waiting for 2 pods to be ready...\nWaiting for 1 pods to be ready...\n"),
            std::string::npos)
      << rollout;
  EXPECT_EQ(perform(world, "kubectl wait --for=condition=Ready pods -l app=web").output,
            "pod/web-0 condition met\npod/web-1 condition met\npod/web-2 condition met\n");
  EXPECT_EQ(perform(world, "kubectl scale sts web --replicas=1").output, "statefulset.apps/web scaled\n");
  EXPECT_EQ(perform(world, "kubectl wait --for=delete pod/web-1 --timeout=5m").output,
            "pod/web-1 condition met\n");
  EXPECT_EQ(perform(world, "kubectl get pods -o name").output, "pod/web-0\n");
  const sim::Time before = world.agenda.now;
  EXPECT_EQ(perform(world, "kubectl delete pod web-0").output, "pod \"web-0\" deleted\n");
  EXPECT_GT(world.agenda.now, before) << "it waits until the containers have stopped";
  EXPECT_EQ(perform(world, "kubectl delete sts web --cascade=foreground --timeout=5m").exit_code, 0);
  rest(world, 5min);
  EXPECT_EQ(perform(world, "kubectl get pods,sts").errors, "No resources found in default namespace.\n");
}

TEST(LivingCommands, AWaitThatTimesOutEndsAtItsTime) {
  LivingWorld world;
  perform(world, "kubectl apply -f -", with_web());
  perform(world, "kubectl cordon worker-0");
  perform(world, "kubectl delete pod --all --force");
  const sim::Time before = world.agenda.now;
  const Printed result =
      perform(world, "kubectl wait --for=jsonpath={.status.readyReplicas}=3 sts/web --timeout=90s");
  EXPECT_EQ(result.errors, "error: timed out waiting for the condition on statefulsets/web\n");
  EXPECT_EQ(world.agenda.now - before, 90s);
}

/// A copy of the world, taken at any event while a command waits, goes on as the original does.
RC_GTEST_PROP(LivingCommands, ACopyOfAWorldInTheMiddleOfACommandContinuesEqually, ()) {
  const std::string text = *rc::gen::element<std::string>(
      "kubectl rollout status sts/web --timeout=3m",
      "kubectl wait --for=condition=Ready pod/web-0 --timeout=2m", "kubectl delete pod/web-0 --now",
      "kubectl delete pod --all --timeout=4s", "kubectl scale sts web --replicas=2 --timeout=1m");
  const auto events = *rc::gen::inRange<std::uint64_t>(0, 60);
  LivingWorld original;
  perform(original, "kubectl apply -f -", with_web());
  rest(original, std::chrono::seconds{*rc::gen::inRange(0, 30)});

  sim::NominalChoices choices;
  sim::History history(false);
  sim::Context context{choices, history};
  start(original, context, text);
  sim::run(original, context, original.agenda.now + 1h, events);
  LivingWorld copy = original;
  sim::Hasher before;
  sim::Hasher after;
  hash(original.state, original.agenda.now, before);
  hash(copy.state, copy.agenda.now, after);
  RC_ASSERT(before.digest() == after.digest());
  sim::History copied_history(false);
  sim::Context copied_context{choices, copied_history};
  const sim::Time until = original.agenda.now + 1h;
  sim::run(original, context, until);
  sim::run(copy, copied_context, until);
  RC_ASSERT(original.state.done);
  RC_ASSERT(printed(original.state) == printed(copy.state));
  RC_ASSERT(original.agenda.now == copy.agenda.now);
}

TEST(CommandHash, TimesCountFromNowAndUidsDoNot) {
  CommandState a;
  a.deadline = 60s;
  a.waiting_for = {3};
  a.words = {"pods/x"};
  CommandState b = a;
  b.deadline = 70s;
  b.waiting_for = {9};
  const auto digest = [](const CommandState& state, sim::Time now) {
    sim::Hasher hasher;
    hash(state, now, hasher);
    return hasher.digest();
  };
  EXPECT_EQ(digest(a, 10s), digest(b, 20s));
  EXPECT_NE(digest(a, 10s), digest(b, 10s));
  b = a;
  b.words = {"pods/y"};
  EXPECT_NE(digest(a, 0s), digest(b, 0s));
}

}  // namespace
}  // namespace scenarios::commands

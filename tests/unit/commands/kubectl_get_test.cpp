// kubectl get: the rows of the table "Cases" of the kubectl-output semantics that a command prints, and the
// rules of its first section.

#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;

class KubectlGet : public CommandTest {
 protected:
  KubectlGet() { node_ = world.add_node("worker-0"); }
  Row node_;
};

TEST_F(KubectlGet, Case01OneInitContainerRunningFor4Seconds) {
  kubernetes::PodTemplate pod_template;
  pod_template.containers = {{"copy", "view", 0, 0, true, false}, {"app", "app:A", 0, 0, false, false}};
  pod_template.init_containers = 1;
  const Row pod = add_pod("x", world.cluster.add_template(pod_template));
  world.bind(pod, node_);
  world.cluster.containers[world.cluster.pods[pod].containers].state = kubernetes::ContainerState::Running;
  world.change_pod(pod, [&](kubernetes::Pod& object) { object.started_at = world.now() + 1ns; });
  world.run_for(4s);
  EXPECT_EQ(output("kubectl get pod x"),
            "NAME   READY   STATUS     RESTARTS   AGE\n"
            "x      0/1     Init:0/1   0          4s\n");
}

TEST_F(KubectlGet, Case02DeletedWhileRunningAt3m58s) {
  run_pod(add_pod("x", world.add_template("x")), node_);
  world.run_for(3min + 58s);
  run("kubectl delete pod x --wait=false");
  EXPECT_EQ(output("kubectl get pods --no-headers"), "x     1/1   Terminating   0     3m58s\n");
}

TEST_F(KubectlGet, Case03FiveHoursFiveMinutesOld) {
  run_pod(add_pod("x", world.add_template("x")), node_);
  world.run_for(5h + 5min);
  EXPECT_EQ(output("kubectl get pods --no-headers"), "x     1/1   Running   0     5h5m\n");
}

TEST_F(KubectlGet, Case04TwoOfThreeContainersReady) {
  kubernetes::PodTemplate pod_template;
  for (const char* name : {"a", "b", "c"}) {
    pod_template.containers.push_back({name, "image", 0, 0, false, false});
  }
  const Row pod = run_pod(add_pod("x", world.cluster.add_template(pod_template)), node_);
  world.cluster.containers[world.cluster.pods[pod].containers + 1].ready = false;
  EXPECT_EQ(output("kubectl get pods --no-headers"), "x     2/3   Running   0     0s\n");
}

TEST_F(KubectlGet, Case05ExitedWithOneAndBacksOff) {
  const Row pod = run_pod(add_pod("x", world.add_template("x")), node_);
  kubernetes::ContainerStatus& status = world.cluster.containers[world.cluster.pods[pod].containers];
  status.state = kubernetes::ContainerState::Waiting;
  status.reason = kubernetes::ContainerReason::CrashLoopBackOff;
  status.ready = false;
  status.restarts = 3;
  status.last_finished_at = world.now();
  world.run_for(12s);
  EXPECT_EQ(output("kubectl get pods --no-headers"), "x     0/1   CrashLoopBackOff   3 (12s ago)   12s\n");
}

TEST_F(KubectlGet, Case06ExitedInOrderAndNeverRestarts) {
  const Row pod =
      run_pod(add_pod("x", world.add_template("x", "x:A", 100, kubernetes::RestartPolicy::Never)), node_);
  world.succeed(pod);
  EXPECT_EQ(output("kubectl get pods --no-headers"), "x     0/1   Completed   0     0s\n");
}

TEST_F(KubectlGet, Case07EvictedByTheKubelet) {
  const Row pod = add_pod("x", world.add_template("x"));
  world.change_pod(pod, [](kubernetes::Pod& object) {
    object.phase = kubernetes::PodPhase::Failed;
    object.reason = kubernetes::PodReason::Evicted;
  });
  EXPECT_EQ(output("kubectl get pods --no-headers"), "x     0/1   Evicted   0     0s\n");
}

TEST_F(KubectlGet, Case08ScheduledNowhere) {
  add_pod("x", world.add_template("x"));
  EXPECT_EQ(output("kubectl get pods -o wide"),
            "NAME   READY   STATUS    RESTARTS   AGE   IP       NODE     NOMINATED NODE   READINESS GATES\n"
            "x      0/1     Pending   0          0s    <none>   <none>   <none>           <none>\n");
}

kubernetes::JobSpec six_indexes(kubernetes::TemplateId pod_template) {
  kubernetes::JobSpec spec;
  spec.completions = spec.parallelism = 6;
  spec.indexed = true;
  spec.pod_template = pod_template;
  return spec;
}

std::string job_row(std::string_view version) {
  TestCluster world(version);
  flux::State state;
  const Row job = world.add_job("x", six_indexes(world.add_template("x")));
  kubernetes::Turn turn = world.turn();
  kubernetes::update<kubernetes::Job>(turn, job, {Writer::JobController}, kubernetes::Verb::UpdateStatus,
                                      [&](kubernetes::Job& object) {
                                        object.status.start_time = world.now();
                                        object.status.succeeded = 2;
                                      });
  world.run_for(30s);
  return printed(Typed(world, state, "kubectl get jobs").state).output;
}

TEST(KubectlGetJob, Case09TwoOfSixBefore131) {
  EXPECT_EQ(job_row("1.30.0"),
            "NAME   COMPLETIONS   DURATION   AGE\n"
            "x      2/6           30s        30s\n");
}

TEST(KubectlGetJob, Case09TwoOfSixFrom131On) {
  EXPECT_EQ(job_row("1.31.0"),
            "NAME   STATUS    COMPLETIONS   DURATION   AGE\n"
            "x      Running   2/6           30s        30s\n");
}

TEST_F(KubectlGet, Case10StatefulSetOfThreeWithTwoReady) {
  const Row set = add_set("x", 3);
  kubernetes::Turn turn = world.turn();
  kubernetes::update<kubernetes::StatefulSet>(
      turn, set, {Writer::StatefulSetController}, kubernetes::Verb::UpdateStatus,
      [](kubernetes::StatefulSet& object) { object.status.ready_replicas = 2; });
  EXPECT_EQ(output("kubectl get sts"),
            "NAME   READY   AGE\n"
            "x      2/3     0s\n");
}

struct AgeCase {
  sim::Duration age;
  const char* printed;
  friend std::ostream& operator<<(std::ostream& os, const AgeCase& c) { return os << c.printed; }
};

class KubectlGetAge : public CommandTest, public testing::WithParamInterface<AgeCase> {};

TEST_P(KubectlGetAge, Case11) {
  add_set("x", 0);
  world.run_for(GetParam().age);
  EXPECT_EQ(output("kubectl get sts --no-headers"), std::string("x     0/0   ") + GetParam().printed + "\n");
}

INSTANTIATE_TEST_SUITE_P(Ages, KubectlGetAge,
                         testing::Values(AgeCase{119s, "119s"}, AgeCase{120s, "2m"}, AgeCase{599s, "9m59s"},
                                         AgeCase{600s, "10m"}, AgeCase{179min, "179m"},
                                         AgeCase{180min, "3h"}));

TEST_F(KubectlGet, Case12NodeCordonedAndSilent) {
  kubernetes::Turn turn = world.turn();
  kubernetes::update<kubernetes::Node>(turn, node_, {Writer::NodeLifecycleController},
                                       kubernetes::Verb::UpdateStatus, [](kubernetes::Node& object) {
                                         object.ready = false;
                                         object.ready_unknown = true;
                                         object.unschedulable = true;
                                       });
  EXPECT_EQ(output("kubectl get nodes -o name"), "node/worker-0\n");
  EXPECT_NE(output("kubectl get nodes").find("worker-0   NotReady,SchedulingDisabled   <none>"),
            std::string::npos);
}

// --- several objects
// ---------------------------------------------------------------------------------------------

TEST_F(KubectlGet, NothingThereIsSaidOnStandardError) {
  EXPECT_EQ(run("kubectl get pods"), (Printed{"", "No resources found in default namespace.\n", 0}));
  EXPECT_EQ(run("kubectl get pods -n other"), (Printed{"", "No resources found in other namespace.\n", 0}));
  EXPECT_EQ(run("kubectl get pods -A"), (Printed{"", "No resources found\n", 0}));
  EXPECT_EQ(run("kubectl get nodes -l zone=a"), (Printed{"", "No resources found\n", 0}));
  EXPECT_EQ(run("kubectl get pods --ignore-not-found"), (Printed{"", "", 0}));
  EXPECT_EQ(run("kubectl get pods -o name"), (Printed{"", "", 0}));
}

TEST_F(KubectlGet, AMissingNameIsAnError) {
  EXPECT_EQ(run("kubectl get pod x"),
            (Printed{"", "Error from server (NotFound): pods \"x\" not found\n", 1}));
  EXPECT_EQ(run("kubectl get sts/x -o json"),
            (Printed{"", "Error from server (NotFound): statefulsets.apps \"x\" not found\n", 1}));
  EXPECT_EQ(
      run("kubectl get minicluster x"),
      (Printed{"", "Error from server (NotFound): miniclusters.flux-framework.org \"x\" not found\n", 1}));
  EXPECT_EQ(run("kubectl get pod x --ignore-not-found"), (Printed{"", "", 0}));
}

TEST_F(KubectlGet, WhatIsFoundIsPrintedBesideWhatIsMissing) {
  add_set("web", 0);
  EXPECT_EQ(run("kubectl get sts a web b --no-headers"),
            (Printed{"web   0/0   0s\n",
                     "Error from server (NotFound): statefulsets.apps \"a\" not found\n"
                     "Error from server (NotFound): statefulsets.apps \"b\" not found\n",
                     1}));
}

TEST_F(KubectlGet, SeveralKindsAreTablesWithKindAndName) {
  add_set("web", 1);
  EXPECT_EQ(output("kubectl get pods,sts"),
            "NAME        READY   STATUS    RESTARTS   AGE\n"
            "pod/web-0   0/1     Pending   0          0s\n"
            "\n"
            "NAME                   READY   AGE\n"
            "statefulset.apps/web   0/1     0s\n");
  EXPECT_EQ(output("kubectl get pod/web-0 sts/web --no-headers"),
            "pod/web-0   0/1   Pending   0     0s\n"
            "statefulset.apps/web   0/1   0s\n");
}

TEST_F(KubectlGet, AKindWithoutObjectsStillCountsAsAnother) {
  add_set("web", 0);
  EXPECT_EQ(output("kubectl get pods,sts --no-headers"), "statefulset.apps/web   0/0   0s\n");
  EXPECT_EQ(output("kubectl get sts --no-headers"), "web   0/0   0s\n");
}

TEST_F(KubectlGet, AllNamespacesComeInTheOrderOfTheirKeys) {
  const kubernetes::TemplateId pod_template = world.add_template("x");
  add_pod("b", pod_template, "default");
  add_pod("a", pod_template, "default-x");
  add_pod("c", pod_template, "batch");
  EXPECT_EQ(output("kubectl get po -A"),
            "NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE\n"
            "batch       c      0/1     Pending   0          0s\n"
            "default-x   a      0/1     Pending   0          0s\n"
            "default     b      0/1     Pending   0          0s\n");
}

TEST_F(KubectlGet, LabelsSelectAndShow) {
  add_set("web", 2);
  add_pod("db", world.add_template("db"));
  EXPECT_EQ(output("kubectl get pods -l app=web -o name"), "pod/web-0\npod/web-1\n");
  EXPECT_EQ(output("kubectl get pods -l 'app in (db),!role' -o name"), "pod/db\n");
  EXPECT_EQ(output("kubectl get pods -l statefulset.kubernetes.io/pod-name=web-1 -o name"), "pod/web-1\n");
  EXPECT_EQ(output("kubectl get pods db -L app,role --no-headers"),
            "db    0/1   Pending   0     0s    db    \n");
  EXPECT_EQ(output("kubectl get pods db --show-labels --no-headers"),
            "db    0/1   Pending   0     0s    app=db\n");
}

TEST_F(KubectlGet, JsonPathPrintsNoLineBreakOfItsOwn) {
  add_set("web", 2);
  EXPECT_EQ(output("kubectl get pods -o jsonpath='{.items[*].metadata.name}'"), "web-0 web-1");
  EXPECT_EQ(output("kubectl get sts web -o=jsonpath={.spec.replicas}"), "2");
  EXPECT_EQ(output("kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'"),
            "web-0\nweb-1\n");
}

TEST_F(KubectlGet, OneNameIsAnObjectAndMoreAreAList) {
  add_set("web", 2);
  const Json one = Json::parse(output("kubectl get pod web-0 -o json"));
  EXPECT_EQ(one["kind"], "Pod");
  EXPECT_EQ(one["metadata"]["name"], "web-0");
  for (const char* text : {"kubectl get pods -o json", "kubectl get pod web-0 web-1 -o json"}) {
    const Json list = Json::parse(output(text));
    EXPECT_EQ(list["kind"], "List") << text;
    EXPECT_EQ(list["items"].size(), 2U) << text;
  }
  EXPECT_EQ(Json::parse(output("kubectl get jobs -o json"))["items"].size(), 0U);
  EXPECT_TRUE(output("kubectl get sts web -o yaml").starts_with("apiVersion: apps/v1\nkind: StatefulSet\n"));
}

TEST_F(KubectlGet, TimesOfObjectsAreDatesOfTheScenario) {
  context.epoch_seconds = 1'704'830'400;  // 2024-01-09T20:00:00Z
  world.run_for(90s);
  add_set("web", 0);
  EXPECT_EQ(output("kubectl get sts web -o jsonpath={.metadata.creationTimestamp}"), "2024-01-09T20:01:30Z");
}

struct SpellingCase {
  const char* text;
  friend std::ostream& operator<<(std::ostream& os, const SpellingCase& c) { return os << c.text; }
};
class KubectlGetSpelling : public CommandTest, public testing::WithParamInterface<SpellingCase> {};

TEST_P(KubectlGetSpelling, MeansTheSame) {
  add_pod("x", world.add_template("x"), "ns");
  EXPECT_EQ(output(GetParam().text), "pod/x\n");
}

INSTANTIATE_TEST_SUITE_P(Forms, KubectlGetSpelling,
                         testing::Values(SpellingCase{"kubectl get pods -n ns -o name"},
                                         SpellingCase{"kubectl get pods -nns -oname"},
                                         SpellingCase{"kubectl get pods -n=ns -o=name"},
                                         SpellingCase{"kubectl get pods --namespace ns --output name"},
                                         SpellingCase{"kubectl get --namespace=ns --output=name pods"},
                                         SpellingCase{"kubectl -n ns get po -o name"},
                                         SpellingCase{"kubectl --namespace=ns get pod/x -o name"},
                                         SpellingCase{"kubectl get -o name -n ns -- pods x"},
                                         SpellingCase{"kubectl get pods -A=true -o name"},
                                         SpellingCase{"kubectl get Pods -A -o 'name'"}));

}  // namespace
}  // namespace scenarios::commands

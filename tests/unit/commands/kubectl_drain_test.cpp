// kubectl drain: rows 1 to 13 of the nodes-and-drain semantics, and kubectl's own TestDrain.

#include "models/kubernetes/disruption_budgets.h"
#include "models/kubernetes/workload_objects.h"
#include "tests/unit/commands/command_fixture.h"

namespace scenarios::commands {
namespace {

using namespace testing_support;
using kubernetes::Kind;
using kubernetes::kNoRow;
using kubernetes::OwnerRef;
using kubernetes::Pod;
using kubernetes::PodDisruptionBudget;

/// A cluster in which the test plays everybody else.
class Drain : public CommandTest {
 protected:
  explicit Drain(std::string_view version = "1.35.0") : CommandTest(version) {
    node = world.add_node("node");
  }

  kubernetes::TemplateId with_empty_dir() {
    kubernetes::PodTemplate with = *world.cluster.templates[world.add_template("web")];
    with.volumes.empty_dir = true;
    return world.cluster.add_template(std::move(with));
  }
  OwnerRef daemonset(std::string_view name = "ds") {
    kubernetes::DaemonSet set;
    set.meta.name = world.text(name);
    set.meta.name_space = world.text("default");
    set.spec.pod_template = world.add_template("web");
    set.spec.selector = std::make_shared<const kubernetes::LabelSelector>();
    kubernetes::Turn turn = world.turn();
    const Row row = kubernetes::create_daemonset(turn, std::move(set), {Writer::User}).row;
    return {Kind::DaemonSet, row, world.cluster.daemonsets[row].meta.uid};
  }
  OwnerRef replicaset() {
    kubernetes::ReplicaSet set;
    set.meta.name = world.text("rs");
    set.meta.name_space = world.text("default");
    set.spec.pod_template = world.add_template("web");
    set.spec.selector = std::make_shared<const kubernetes::LabelSelector>();
    kubernetes::Turn turn = world.turn();
    const Row row = kubernetes::create_replicaset(turn, std::move(set), {Writer::User}).row;
    return {Kind::ReplicaSet, row, world.cluster.replicasets[row].meta.uid};
  }
  OwnerRef job() {
    kubernetes::JobSpec spec;
    spec.pod_template = world.add_template("web");
    const Row row = world.add_job("job", spec);
    return {Kind::Job, row, world.cluster.jobs[row].meta.uid};
  }
  /// A ready pod on a node.
  Row pod(std::string_view name, OwnerRef owner = {}, std::optional<kubernetes::TemplateId> pod_template = {},
          std::optional<Row> on = {}) {
    Pod object;
    object.meta.name = world.text(name);
    object.meta.name_space = world.text("default");
    object.owner = owner;
    if (owner.kind == Kind::DaemonSet) {
      object.base_name = world.cluster.daemonsets[owner.row].meta.name;
      object.made_for = Kind::DaemonSet;
    }
    object.pod_template = pod_template.value_or(world.add_template("web"));
    return run_pod(create(object), on.value_or(node));
  }
  Row budget(std::string_view name, std::int32_t allowed, std::int32_t healthy, std::int32_t desired) {
    PodDisruptionBudget object;
    object.meta.name = world.text(name);
    object.meta.name_space = world.text("default");
    kubernetes::LabelSelector selector;
    selector.match_labels = {{"app", "web"}};
    object.spec.selector = std::make_shared<const kubernetes::LabelSelector>(selector);
    object.spec.min_available = kubernetes::IntOrPercent{desired, false};
    object.status.observed_generation = 1;
    object.status.disruptions_allowed = allowed;
    object.status.current_healthy = healthy;
    object.status.desired_healthy = desired;
    kubernetes::Turn turn = world.turn();
    return kubernetes::create_budget(turn, std::move(object), {Writer::User}).row;
  }
  void allow(Row budget, std::int32_t allowed) {
    kubernetes::Turn turn = world.turn();
    kubernetes::update<PodDisruptionBudget>(
        turn, budget, {Writer::DisruptionController}, kubernetes::Verb::UpdateStatus,
        [&](PodDisruptionBudget& object) { object.status.disruptions_allowed = allowed; });
  }
  bool deleting(Row row) {
    return !world.cluster.pods.exists(row) || world.cluster.pods[row].meta.deleting();
  }
  bool cordoned(Row row) { return world.cluster.nodes[row].unschedulable; }
  /// Lets time pass as the plan does: the command is woken at its deadline.
  void wait(Typed& command, sim::Duration duration) {
    const sim::Time until = world.now() + duration;
    while (!command.state.done && command.state.deadline <= until) {
      world.run_until(command.state.deadline);
      command.look();
    }
    world.run_until(until);
  }

  Row node = kNoRow;
};

// --- TestDrain
// ---------------------------------------------------------------------------------------------------------

struct DrainCase {
  const char* name;
  const char* owner;  ///< none, rs, ds, job, missing-ds
  bool empty_dir;
  const char* phase;  ///< Running, Succeeded, Failed
  const char* flags;
  bool removed;        ///< evicted
  const char* output;  ///< once the pod is gone
  const char* errors;
  friend std::ostream& operator<<(std::ostream& os, const DrainCase& c) { return os << c.name; }
};

class DrainTable : public Drain, public testing::WithParamInterface<DrainCase> {
 protected:
  OwnerRef owner_of(std::string_view word) {
    if (word == "rs") {
      return replicaset();
    }
    if (word == "job") {
      return job();
    }
    if (word == "ds") {
      return daemonset();
    }
    if (word == "missing-ds") {
      const OwnerRef owner = daemonset("missing-ds");
      return owner;
    }
    return {};
  }
};

TEST_P(DrainTable, Drains) {
  const DrainCase& c = GetParam();
  const Row bar = pod("bar", owner_of(c.owner), c.empty_dir ? std::optional(with_empty_dir()) : std::nullopt);
  if (std::string_view(c.owner) == "missing-ds") {
    kubernetes::Turn turn = world.turn();
    kubernetes::delete_daemonset(turn, world.cluster.pods[bar].owner.row, {Writer::User});
  }
  if (std::string_view(c.phase) == "Succeeded") {
    world.succeed(bar);
  } else if (std::string_view(c.phase) == "Failed") {
    world.fail(bar);
  }
  Typed command = typed(std::string("kubectl drain node ") + c.flags);
  EXPECT_TRUE(cordoned(node));
  EXPECT_EQ(deleting(bar), c.removed);
  if (!command.state.done) {
    world.remove(bar);
    wait(command, 1s);
  }
  const bool failed = std::string_view(c.errors).find("error: ") == 0;
  EXPECT_EQ(printed(command.state),
            (Printed{std::string("node/node cordoned\n") + c.output, c.errors, failed ? 1 : 0}));
}

constexpr const char* kDrained = "evicting pod default/bar\npod/bar evicted\nnode/node drained\n";
constexpr const char* kNothingToDo = "node/node drained\n";
#define REHEARSAL_REFUSED(error)                              \
  "error: unable to drain node \"node\" due to error: " error \
  ", continuing command...\nThere are pending nodes to be drained:\n node\n" error "\n"

INSTANTIATE_TEST_SUITE_P(
    TestDrain, DrainTable,
    testing::Values(
        DrainCase{
            "Row01_BarePod", "none", false, "Running", "", false, "",
            REHEARSAL_REFUSED("cannot delete cannot delete Pods that declare no controller (use --force to "
                              "override): default/bar")},
        DrainCase{"Row02_BarePodWithForce", "none", false, "Running", "--force", true, kDrained,
                  "Warning: deleting Pods that declare no controller: default/bar\n"},
        DrainCase{
            "DaemonSetPod", "ds", false, "Running", "", false, "",
            REHEARSAL_REFUSED("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): "
                              "default/bar")},
        DrainCase{"DaemonSetPodIgnored", "ds", false, "Running", "--ignore-daemonsets", false, kNothingToDo,
                  "Warning: ignoring DaemonSet-managed Pods: default/bar\n"},
        DrainCase{"Row04_DaemonSetPodWithEmptyDirIgnored", "ds", true, "Running", "--ignore-daemonsets",
                  false, kNothingToDo, "Warning: ignoring DaemonSet-managed Pods: default/bar\n"},
        DrainCase{"Row05_FinishedDaemonSetPod", "ds", false, "Succeeded", "", true, kDrained, ""},
        DrainCase{"Row06_PodOfADeletedDaemonSet", "missing-ds", false, "Running", "", false, "",
                  REHEARSAL_REFUSED("cannot delete daemonsets.apps \"missing-ds\" not found: default/bar")},
        DrainCase{"Row06_PodOfADeletedDaemonSetWithForce", "missing-ds", false, "Running", "--force", true,
                  kDrained, ""},
        DrainCase{"Row07_EmptyDir", "rs", true, "Running", "", false, "",
                  REHEARSAL_REFUSED("cannot delete Pods with local storage (use --delete-emptydir-data to "
                                    "override): default/bar")},
        DrainCase{"Row07_EmptyDirWithTheFlag", "rs", true, "Running", "--delete-emptydir-data", true,
                  kDrained, ""},
        DrainCase{"Row08_FinishedJobPodWithEmptyDir", "job", true, "Succeeded", "", true, kDrained, ""},
        DrainCase{"JobPodWithEmptyDir", "job", true, "Running", "--force --delete-emptydir-data=true", true,
                  kDrained, ""},
        DrainCase{"FailedBarePodWithEmptyDir", "none", true, "Failed", "", true, kDrained, ""},
        DrainCase{"BarePodWithEmptyDirAndForce", "none", true, "Running", "--force", false, "",
                  REHEARSAL_REFUSED("cannot delete Pods with local storage (use --delete-emptydir-data to "
                                    "override): default/bar")},
        DrainCase{"BarePodWithEmptyDirAndBothFlags", "none", true, "Running",
                  "--force --delete-emptydir-data=true", true, kDrained,
                  "Warning: deleting Pods that declare no controller: default/bar\n"},
        DrainCase{"ReplicaSetPod", "rs", false, "Running", "", true, kDrained, ""}),
    [](const testing::TestParamInfo<DrainCase>& tested) { return std::string(tested.param.name); });

TEST_F(Drain, AnEmptyNode) {
  EXPECT_EQ(run("kubectl drain node"), (Printed{"node/node cordoned\nnode/node drained\n", "", 0}));
  EXPECT_EQ(run("kubectl drain node"), (Printed{"node/node already cordoned\nnode/node drained\n", "", 0}));
}

TEST_F(Drain, Row03_OneRefusalKeepsAllPodsOfTheNode) {
  const Row web = pod("web", replicaset());
  pod("agent", daemonset());
  const Printed result = run("kubectl drain node");
  EXPECT_EQ(result.errors,
            REHEARSAL_REFUSED("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): "
                              "default/agent"));
  EXPECT_FALSE(deleting(web));
  EXPECT_TRUE(cordoned(node));
}

TEST_F(Drain, SeveralGroupsOfRefusalsAreOneList) {
  pod("a");
  pod("b", daemonset());
  pod("c");
  const Printed result = run("kubectl drain node");
  EXPECT_EQ(
      result.errors,
      "error: unable to drain node \"node\" due to error: [cannot delete cannot delete Pods that declare no "
      "controller (use --force to override): default/a, default/c, cannot delete DaemonSet-managed Pods (use "
      "--ignore-daemonsets to ignore): default/b], continuing command...\n"
      "There are pending nodes to be drained:\n node\n"
      "cannot delete cannot delete Pods that declare no controller (use --force to override): default/a, "
      "default/c\n"
      "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/b\n");
}

TEST_F(Drain, Row09_HostPathAndClaimsAreNoLocalStorage) {
  kubernetes::PodTemplate with = *world.cluster.templates[world.add_template("web")];
  with.volumes.host_path = true;
  with.volumes.claims = {"data"};
  const Row web = pod("bar", replicaset(), world.cluster.add_template(std::move(with)));
  Typed command = typed("kubectl drain node");
  EXPECT_TRUE(deleting(web));
  world.remove(web);
  wait(command, 1s);
  EXPECT_EQ(printed(command.state), (Printed{std::string("node/node cordoned\n") + kDrained, "", 0}));
}

TEST_F(Drain, Row10_AFailingNodeDoesNotStopTheNextOne) {
  const Row second = world.add_node("node-2");
  pod("bare");
  const Row web = pod("web", replicaset(), {}, second);
  Typed command = typed("kubectl drain node node-2");
  EXPECT_TRUE(cordoned(node));
  EXPECT_TRUE(cordoned(second));
  world.remove(web);
  wait(command, 1s);
  EXPECT_EQ(
      printed(command.state),
      (Printed{"node/node cordoned\nnode/node-2 cordoned\nevicting pod default/web\npod/web evicted\n"
               "node/node-2 drained\n",
               REHEARSAL_REFUSED("cannot delete cannot delete Pods that declare no controller (use --force "
                                 "to override): default/bare"),
               1}));
}

TEST_F(Drain, TwoFailingNodesEndInALineEach) {
  pod("a");
  pod("b", {}, {}, world.add_node("node-2"));
  const Printed result = run("kubectl drain node node-2");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(result.errors.ends_with(
      "There are pending nodes to be drained:\n node\n node-2\n"
      "cannot delete cannot delete Pods that declare no controller (use --force to override): default/a\n"
      "cannot delete cannot delete Pods that declare no controller (use --force to override): default/b\n"))
      << result.errors;
}

TEST_F(Drain, Row13_ABudgetThatBlocksIsAskedEveryFiveSecondsUntilTheTimeout) {
  budget("web", 0, 1, 1);
  const Row web = pod("web", replicaset());
  Typed command = typed("kubectl drain node --timeout=12s");
  const std::string refused =
      "error when evicting pods/\"web\" -n \"default\" (will retry after 5s): Cannot evict pod as it would "
      "violate "
      "the pod's disruption budget.\n";
  EXPECT_EQ(command.state.errors, refused);
  wait(command, 11s);
  EXPECT_EQ(command.state.errors, refused + refused + refused);
  EXPECT_FALSE(command.state.done);
  wait(command, 4s);
  EXPECT_EQ(world.now(), 15s);
  EXPECT_FALSE(deleting(web));
  const std::string evicting = "evicting pod default/web\n";
  EXPECT_EQ(
      printed(command.state),
      (Printed{"node/node cordoned\n" + evicting + evicting + evicting + evicting,
               refused + refused + refused +
                   "There are pending pods in node \"node\" when an error occurred: error when evicting "
                   "pods/\"web\" -n \"default\": global timeout reached: 12s\npod/web\n"
                   "error: unable to drain node \"node\" due to error: error when evicting pods/\"web\" -n "
                   "\"default\": global timeout reached: 12s, continuing command...\n"
                   "There are pending nodes to be drained:\n node\n"
                   "error when evicting pods/\"web\" -n \"default\": global timeout reached: 12s\n",
               1}));
}

TEST_F(Drain, ABudgetThatOpensLetsThePodGo) {
  const Row open = budget("web", 0, 1, 1);
  const Row web = pod("web", replicaset());
  Typed command = typed("kubectl drain node");
  wait(command, 3s);
  allow(open, 1);
  wait(command, 1s);
  EXPECT_FALSE(deleting(web)) << "it sleeps, and does not watch";
  wait(command, 1s);
  EXPECT_TRUE(deleting(web));
  world.remove(web);
  wait(command, 1s);
  EXPECT_EQ(command.state.output,
            "node/node cordoned\nevicting pod default/web\nevicting pod default/web\npod/web evicted\n"
            "node/node drained\n");
  EXPECT_EQ(command.state.exit_code, 0);
}

TEST_F(Drain, Row14_TwoBudgetsFailThePodAtOnceAndTheOthersGo) {
  budget("first", 1, 2, 1);
  budget("second", 1, 2, 1);
  const Row web = pod("web", replicaset());
  const Row other = pod("other", replicaset(), world.add_template("other"));
  Typed command = typed("kubectl drain node");
  EXPECT_FALSE(deleting(web));
  EXPECT_TRUE(deleting(other));
  world.remove(other);
  wait(command, 1s);
  const std::string error =
      "error when evicting pods/\"web\" -n \"default\": This pod has more than one PodDisruptionBudget, "
      "which the "
      "eviction subresource does not support.";
  EXPECT_EQ(
      printed(command.state),
      (Printed{
          "node/node cordoned\nevicting pod default/other\nevicting pod default/web\npod/other evicted\n",
          "There are pending pods in node \"node\" when an error occurred: " + error + "\npod/web\n" +
              "error: unable to drain node \"node\" due to error: " + error +
              ", continuing command...\nThere are pending nodes to be drained:\n node\n" + error + "\n",
          1}));
}

TEST_F(Drain, ABudgetThatIsNotSyncedIsAskedAgainByTheClientWithoutAWord) {
  const Row web = pod("web", replicaset());
  const Row unsynced = budget("web", 1, 2, 1);
  world.cluster.budgets[unsynced].status.observed_generation = 0;
  Typed command = typed("kubectl drain node");
  wait(command, 15s);
  EXPECT_EQ(command.state.errors, "");
  world.cluster.budgets[unsynced].status.observed_generation = 1;
  wait(command, 4s);
  EXPECT_FALSE(deleting(web));
  wait(command, 1s);
  EXPECT_TRUE(deleting(web));
  EXPECT_EQ(command.state.output, "node/node cordoned\nevicting pod default/web\n");
}

// --- Waiting
// ---------------------------------------------------------------------------------------------------------

TEST_F(Drain, APodOnADeadNodeHangsForEver) {
  pod("web", replicaset());
  Typed command = typed("kubectl drain node");
  wait(command, 24h);
  EXPECT_FALSE(command.state.done);
  EXPECT_EQ(command.state.output, "node/node cordoned\nevicting pod default/web\n");
}

TEST_F(Drain, TheWaitEndsWithTheContext) {
  pod("web", replicaset());
  Typed command = typed("kubectl drain node --timeout=5500ms");
  wait(command, 5400ms);
  EXPECT_FALSE(command.state.done);
  wait(command, 100ms);
  EXPECT_TRUE(command.state.done);
  EXPECT_TRUE(
      command.state.errors.ends_with("error when waiting for pod \"web\" in namespace \"default\" to "
                                     "terminate: context deadline exceeded\n"))
      << command.state.errors;
}

TEST_F(Drain, SkippedOnceItHasBeenTerminatingForTooLong) {
  pod("web", replicaset());
  Typed command = typed("kubectl drain node --skip-wait-for-delete-timeout=10");
  wait(command, 40s);
  EXPECT_FALSE(command.state.done);
  wait(command, 1s);
  EXPECT_EQ(
      printed(command.state),
      (Printed{
          "node/node cordoned\nevicting pod default/web\npod \"web\" has DeletionTimestamp older than 10 "
          "seconds, skipping\nnode/node drained\n",
          "", 0}));
  // What has been terminating for that long is not even listed.
  EXPECT_EQ(run("kubectl drain node --skip-wait-for-delete-timeout=10").output,
            "node/node already cordoned\nnode/node drained\n");
}

TEST_F(Drain, ASuccessorOfTheSameNameCountsAsGone) {
  const Row set = add_set("db", 1);
  const Row old = world.pod("db-0");
  run_pod(old, node);
  Typed command = typed("kubectl drain node");
  world.remove(old);
  run_pod(add_set_pod(set, 0), world.add_node("elsewhere"));
  wait(command, 1s);
  EXPECT_EQ(command.state.output,
            "node/node cordoned\nevicting pod default/db-0\npod/db-0 evicted\nnode/node drained\n");
}

/// Kubernetes 138229: the retried request names the pod without its uid.
TEST_F(Drain, TheSuccessorIsEvictedByARetry) {
  const Row set = add_set("db", 1);
  const Row old = world.pod("db-0");
  run_pod(old, node);
  Row closed = kNoRow;
  {
    PodDisruptionBudget object;
    object.meta.name = world.text("db");
    object.meta.name_space = world.text("default");
    object.spec.selector = std::make_shared<const kubernetes::LabelSelector>();
    object.status.observed_generation = 1;
    kubernetes::Turn turn = world.turn();
    closed = kubernetes::create_budget(turn, std::move(object), {Writer::User}).row;
  }
  Typed command = typed("kubectl drain node");
  world.remove(old);
  const Row successor = run_pod(add_set_pod(set, 0), world.add_node("elsewhere"));
  allow(closed, 1);
  wait(command, 5s);
  EXPECT_TRUE(deleting(successor));
  EXPECT_FALSE(command.state.done) << "since 1.35 it waits for the pod that it has evicted";
  world.remove(successor);
  wait(command, 1s);
  EXPECT_TRUE(command.state.output.ends_with("pod/db-0 evicted\nnode/node drained\n"));
}

TEST_F(Drain, GraceSelectorsAndNodesByLabel) {
  const Row web = pod("web", replicaset());
  const Row other = pod("other", replicaset(), world.add_template("other"));
  Typed command =
      typed("kubectl drain -l kubernetes.io/hostname=node --pod-selector=app=web --grace-period=7");
  EXPECT_TRUE(deleting(web));
  EXPECT_EQ(world.cluster.pods[web].grace_seconds, 7);
  EXPECT_FALSE(deleting(other));
  EXPECT_EQ(problem_of("kubectl drain node -l a=b").problem,
            "cannot specify both a node name and a --selector option");
  EXPECT_EQ(problem_of("kubectl drain").problem, "USAGE: drain NODE [flags]");
  EXPECT_EQ(problem_of("kubectl drain node --pod-selector='a b'").problem,
            "--pod-selector=<pod_selector> must be a valid label selector");
}

TEST_F(Drain, GraceZeroRemovesThePodAtOnce) {
  pod("web", replicaset());
  EXPECT_EQ(
      run("kubectl drain node --grace-period=0"),
      (Printed{"node/node cordoned\nevicting pod default/web\npod/web evicted\nnode/node drained\n", "", 0}));
}

TEST_F(Drain, MirrorPodsArePassedOver) {
  const Row mirror = pod("mirror");
  world.cluster.pods[mirror].static_pod = true;
  EXPECT_EQ(run("kubectl drain node"), (Printed{"node/node cordoned\nnode/node drained\n", "", 0}));
  EXPECT_FALSE(deleting(mirror));
}

TEST_F(Drain, AnUnknownNodeChangesNothing) {
  EXPECT_EQ(run("kubectl drain node ghost"),
            (Printed{"", "Error from server (NotFound): nodes \"ghost\" not found\n", 1}));
  EXPECT_FALSE(cordoned(node));
}

TEST_F(Drain, DryRuns) {
  const Row web = pod("web", replicaset());
  EXPECT_EQ(
      run("kubectl drain node --dry-run=client"),
      (Printed{
          "node/node cordoned (dry run)\nevicting pod default/web (dry run)\nnode/node drained (dry run)\n",
          "", 0}));
  EXPECT_EQ(run("kubectl drain node --dry-run=server"),
            (Printed{"node/node cordoned (server dry run)\nevicting pod default/web (server dry run)\n"
                     "node/node drained (server dry run)\n",
                     "", 0}));
  EXPECT_FALSE(deleting(web));
  EXPECT_FALSE(cordoned(node));
}

// --- --disable-eviction
// ------------------------------------------------------------------------------------------------

TEST_F(Drain, PlainDeletionsAskNoBudget) {
  budget("web", 0, 1, 1);
  const Row web = pod("web", replicaset());
  Typed command = typed("kubectl drain node --disable-eviction");
  EXPECT_TRUE(deleting(web));
  EXPECT_FALSE(world.cluster.pods[web].disruption_target);
  world.remove(web);
  wait(command, 1s);
  EXPECT_EQ(printed(command.state),
            (Printed{"node/node cordoned\npod/web deleted\nnode/node drained\n", "", 0}));
}

TEST_F(Drain, PlainDeletionsTimeOut) {
  pod("web", replicaset());
  Typed command = typed("kubectl drain node --disable-eviction --timeout=2500ms");
  wait(command, 3s);
  EXPECT_TRUE(command.state.errors.ends_with(
      "There are pending nodes to be drained:\n node\nerror: context deadline exceeded\n"))
      << command.state.errors;
}

// --- Older versions
// ------------------------------------------------------------------------------------------------

class DrainIn128 : public Drain {
 protected:
  DrainIn128() : Drain("1.28.0") { context.features = world.cluster.features(); }
};

struct WordsCase {
  const char* version;
  const char* errors;  ///< the first line
  friend std::ostream& operator<<(std::ostream& os, const WordsCase& row) { return os << row.version; }
};

class DrainWords : public Drain, public testing::WithParamInterface<WordsCase> {
 protected:
  DrainWords() : Drain(GetParam().version) { context.features = world.cluster.features(); }
};

// Source: kubectl pkg/drain/filters.go unmanagedFatal, reworded in 1.30; pkg/cmd/drain/drain.go RunDrain,
// whose space came with 1.31.
TEST_P(DrainWords, FollowTheRelease) {
  pod("bare");
  const std::string errors = run("kubectl drain node").errors;
  EXPECT_EQ(errors.substr(0, errors.find('\n')),
            std::string("error: unable to drain node \"node\" due to error:") + GetParam().errors +
                " (use --force to override): default/bare, continuing command...");
}

INSTANTIATE_TEST_SUITE_P(
    Releases, DrainWords,
    testing::Values(WordsCase{"1.29.0", "cannot delete Pods declare no controller"},
                    WordsCase{"1.30.0", "cannot delete cannot delete Pods that declare no controller"},
                    WordsCase{"1.31.0", " cannot delete cannot delete Pods that declare no controller"}));

TEST_F(DrainIn128, ItsWords) {
  pod("bare");
  EXPECT_EQ(run("kubectl drain node").errors,
            "error: unable to drain node \"node\" due to error:cannot delete Pods declare no controller (use "
            "--force "
            "to override): default/bare, continuing command...\n"
            "There are pending nodes to be drained:\n node\n"
            "cannot delete Pods declare no controller (use --force to override): default/bare\n");
}

TEST_F(DrainIn128, TheWaitEndsAtAPoll) {
  pod("web", replicaset());
  Typed command = typed("kubectl drain node --timeout=5500ms");
  wait(command, 5900ms);
  EXPECT_FALSE(command.state.done);
  wait(command, 100ms);
  EXPECT_TRUE(
      command.state.errors.ends_with("error when waiting for pod \"web\" in namespace \"default\" to "
                                     "terminate: global timeout reached: 5.5s\n"))
      << command.state.errors;
}

TEST_F(DrainIn128, DeleteLocalDataIsDeprecated) {
  const Row web = pod("web", replicaset(), with_empty_dir());
  const Typed command = typed("kubectl drain node --delete-local-data");
  EXPECT_TRUE(deleting(web));
  EXPECT_EQ(
      command.state.errors,
      "Flag --delete-local-data has been deprecated, This option is deprecated and will be deleted. Use "
      "--delete-emptydir-data.\n");
}

TEST_F(DrainIn128, ASuccessorThatARetryEvictedIsNotWaitedFor) {
  const Row set = add_set("db", 1);
  const Row old = world.pod("db-0");
  run_pod(old, node);
  PodDisruptionBudget object;
  object.meta.name = world.text("db");
  object.meta.name_space = world.text("default");
  object.spec.selector = std::make_shared<const kubernetes::LabelSelector>();
  object.status.observed_generation = 1;
  kubernetes::Turn turn = world.turn();
  const Row closed = kubernetes::create_budget(turn, std::move(object), {Writer::User}).row;
  Typed command = typed("kubectl drain node");
  world.remove(old);
  const Row successor = run_pod(add_set_pod(set, 0), world.add_node("elsewhere"));
  allow(closed, 1);
  wait(command, 5s);
  EXPECT_TRUE(deleting(successor));
  EXPECT_TRUE(command.state.done);
  EXPECT_TRUE(command.state.output.ends_with("pod/db-0 evicted\nnode/node drained\n"));
}

}  // namespace
}  // namespace scenarios::commands

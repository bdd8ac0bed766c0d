// The tables of kubectl get; each row of the case table of kubectl-output.md is a test named after it.

#include "models/kubernetes/printers.h"

#include <gtest/gtest.h>

#include <ostream>

#include "models/kubernetes/duration_text.h"
#include "models/kubernetes/quantity.h"
#include "models/kubernetes/resource_kinds.h"
#include "tests/unit/kubernetes/cluster_fixture.h"

namespace models::kubernetes {
namespace {

using namespace std::chrono_literals;
using testing_support::TestCluster;
using Cells = std::vector<std::string>;

/// A pod of `regular` containers after `init` ones, bound and accepted by its kubelet at the start.
Row add_pod(TestCluster& world, int regular, int init = 0, bool bound = true) {
  PodTemplate pod_template;
  pod_template.labels = {{"app", "x"}};
  for (int i = 0; i < init + regular; ++i) {
    Container container;
    container.name = "c" + std::to_string(i);
    container.init = i < init;
    pod_template.containers.push_back(container);
  }
  Pod pod;
  pod.meta.name = world.text("x");
  pod.meta.name_space = world.text("default");
  pod.pod_template = world.cluster.add_template(std::move(pod_template));
  Turn turn = world.turn();
  const Row row = create_pod(turn, pod, {Writer::Setup}).row;
  if (bound) {
    world.bind(row, world.add_node("worker-0"));
    world.cluster.pods[row].started_at = 1ns;
  }
  return row;
}

ContainerStatus& container(TestCluster& world, Row pod, std::size_t position) {
  return world.cluster.containers[world.cluster.pods[pod].containers + position];
}

Cells print(TestCluster& world, Kind kind, Row row, sim::Time now, bool wide = false) {
  return cells_of(world.cluster, kind, row, wide, now);
}

TEST(KubectlCase1, OneInitContainerRunningIsInit0Of1) {
  TestCluster world;
  const Row pod = add_pod(world, 1, 1);
  container(world, pod, 0).state = ContainerState::Running;
  EXPECT_EQ(print(world, Kind::Pod, pod, 4s), (Cells{"x", "0/1", "Init:0/1", "0", "4s"}));
}

TEST(KubectlCase2, ARunningPodThatIsDeletedIsTerminating) {
  TestCluster world;
  const Row pod = add_pod(world, 1);
  world.make_ready(pod);
  Turn turn = world.turn();
  delete_pod(turn, pod, {Writer::User});
  EXPECT_EQ(print(world, Kind::Pod, pod, 3min + 58s), (Cells{"x", "1/1", "Terminating", "0", "3m58s"}));
}

TEST(KubectlCase3, FiveHoursAndFiveMinutesPrintBoth) { EXPECT_EQ(human_duration(5h + 5min), "5h5m"); }

TEST(KubectlCase4, TwoOfThreeContainersReady) {
  TestCluster world;
  const Row pod = add_pod(world, 3);
  world.make_ready(pod);
  container(world, pod, 1).ready = false;
  EXPECT_EQ(print(world, Kind::Pod, pod, 1s)[1], "2/3");
  EXPECT_EQ(print(world, Kind::Pod, pod, 1s)[2], "Running");
}

TEST(KubectlCase5, BackOffShowsRestartsAndWhenTheLastOneEnded) {
  TestCluster world;
  const Row pod = add_pod(world, 1);
  world.start(pod);
  ContainerStatus& status = container(world, pod, 0);
  status.state = ContainerState::Waiting;
  status.reason = ContainerReason::CrashLoopBackOff;
  status.restarts = 3;
  status.last_finished_at = 60s;
  EXPECT_EQ(print(world, Kind::Pod, pod, 72s), (Cells{"x", "0/1", "CrashLoopBackOff", "3 (12s ago)", "72s"}));
}

TEST(KubectlCase6, ExitedWithZeroAndNotRestartedIsCompleted) {
  TestCluster world;
  const Row pod = add_pod(world, 1);
  world.make_ready(pod);
  world.succeed(pod);
  EXPECT_EQ(print(world, Kind::Pod, pod, 1s)[1], "0/1");
  EXPECT_EQ(print(world, Kind::Pod, pod, 1s)[2], "Completed");
}

TEST(KubectlCase7, EvictedByTheKubelet) {
  TestCluster world;
  const Row pod = add_pod(world, 1, 0, false);
  world.change_pod(pod, [](Pod& object) {
    object.phase = PodPhase::Failed;
    object.reason = PodReason::Evicted;
  });
  EXPECT_EQ(print(world, Kind::Pod, pod, 1s), (Cells{"x", "0/1", "Evicted", "0", "1s"}));
}

TEST(KubectlCase8, ScheduledNowhereIsPendingOnNoNode) {
  TestCluster world;
  const Row pod = add_pod(world, 1, 0, false);
  EXPECT_EQ(print(world, Kind::Pod, pod, 1s, true),
            (Cells{"x", "0/1", "Pending", "0", "1s", "<none>", "<none>", "<none>", "<none>"}));
}

Row add_running_job(TestCluster& world) {
  JobSpec spec;
  spec.completions = 6;
  spec.pod_template = world.add_template("job");
  const Row row = world.add_job("pi", spec);
  world.cluster.jobs[row].status.succeeded = 2;
  world.cluster.jobs[row].status.start_time = sim::Time{};
  return row;
}

TEST(KubectlCase9, AJobHasAStatusColumnFrom131On) {
  TestCluster before("1.30.0");
  EXPECT_EQ(print(before, Kind::Job, add_running_job(before), 30s), (Cells{"pi", "2/6", "30s", "30s"}));
  EXPECT_EQ(columns_of(before.cluster.features(), Kind::Job, false),
            (Cells{"NAME", "COMPLETIONS", "DURATION", "AGE"}));
  TestCluster after("1.31.0");
  EXPECT_EQ(print(after, Kind::Job, add_running_job(after), 30s),
            (Cells{"pi", "Running", "2/6", "30s", "30s"}));
}

TEST(KubectlCase10, AStatefulSetShowsReadyOfWanted) {
  TestCluster world;
  StatefulSetSpec spec;
  spec.replicas = 3;
  spec.pod_template = world.add_template("web");
  const Row row = world.add_statefulset("web", spec);
  world.cluster.statefulsets[row].status.ready_replicas = 2;
  EXPECT_EQ(print(world, Kind::StatefulSet, row, 1s, true), (Cells{"web", "2/3", "1s", "app", "app:A"}));
}

struct AgeCase {
  sim::Duration age;
  const char* text;
  friend std::ostream& operator<<(std::ostream& os, const AgeCase& c) { return os << c.text; }
};

const AgeCase kAges[] = {
    {119s, "119s"},
    {120s, "2m"},
    {599s, "9m59s"},
    {600s, "10m"},
    {179min, "179m"},
    {180min, "3h"},
    // The table of ages.
    {-2s, "<invalid>"},
    {-1s, "0s"},
    {0s, "0s"},
    {1999ms, "1s"},
    {162s, "2m42s"},
    {300s, "5m"},
    {150min, "150m"},
    {6h, "6h"},
    {30h, "30h"},
    {76h, "3d4h"},
    {120h, "5d"},
    {24h * 400, "400d"},
    {24h * (3 * 365 + 20), "3y20d"},
    {24h * 3 * 365, "3y"},
    {24h * 365 * 9, "9y"},
};

class KubectlCase11 : public testing::TestWithParam<AgeCase> {};
TEST_P(KubectlCase11, AgesAreCutToTwoParts) { EXPECT_EQ(human_duration(GetParam().age), GetParam().text); }
INSTANTIATE_TEST_SUITE_P(Ages, KubectlCase11, testing::ValuesIn(kAges));

TEST(KubectlCase12, ACordonedSilentNodeIsNotReadyAndSchedulingDisabled) {
  TestCluster world("1.28.0");
  const Row row = world.add_node("worker-0");
  Node& node = world.cluster.nodes[row];
  node.ready = false;
  node.ready_unknown = true;
  node.unschedulable = true;
  EXPECT_EQ(print(world, Kind::Node, row, 1s),
            (Cells{"worker-0", "NotReady,SchedulingDisabled", "<none>", "1s", ""}));
}

// ---------------------------------------------------------------------------------------------------------
// A pod's STATUS, in order

struct Look {
  ContainerState state = ContainerState::Waiting;
  ContainerReason reason = ContainerReason::None;
  int exit_code = 0;
  int signal = 0;
  bool ready = false;
};
constexpr Look kRunning{ContainerState::Running, ContainerReason::None, 0, 0, true};
constexpr Look kUnready{ContainerState::Running, ContainerReason::None, 0, 0, false};
constexpr Look kCompleted{ContainerState::Terminated, ContainerReason::Completed, 0, 0, false};

struct StatusCase {
  const char* name;
  std::vector<Look> init;
  std::vector<Look> regular;
  PodPhase phase;
  bool pod_ready;
  const char* word;
  friend std::ostream& operator<<(std::ostream& os, const StatusCase& c) { return os << c.name; }
};

const StatusCase kStatuses[] = {
    {"waiting_for_images",
     {},
     {{ContainerState::Waiting, ContainerReason::ContainerCreating, 0, 0, false}},
     PodPhase::Pending,
     false,
     "ContainerCreating"},
    {"second_init_container", {kCompleted, kUnready}, {{}}, PodPhase::Pending, false, "Init:1/2"},
    {"init_crash_loop",
     {{ContainerState::Waiting, ContainerReason::CrashLoopBackOff, 0, 0, false}},
     {{}},
     PodPhase::Pending,
     false,
     "Init:CrashLoopBackOff"},
    {"init_error",
     {{ContainerState::Terminated, ContainerReason::Error, 1, 0, false}},
     {{}},
     PodPhase::Pending,
     false,
     "Init:Error"},
    {"init_exit_code",
     {{ContainerState::Terminated, ContainerReason::None, 7, 0, false}},
     {{}},
     PodPhase::Pending,
     false,
     "Init:ExitCode:7"},
    {"init_signal",
     {{ContainerState::Terminated, ContainerReason::None, 137, 9, false}},
     {{}},
     PodPhase::Pending,
     false,
     "Init:Signal:9"},
    {"init_waits_while_the_pod_initializes",
     {{ContainerState::Waiting, ContainerReason::PodInitializing, 0, 0, false}},
     {{}},
     PodPhase::Pending,
     false,
     "Init:0/1"},
    {"the_first_container_has_the_last_word",
     {},
     {{ContainerState::Waiting, ContainerReason::ImagePullBackOff, 0, 0, false}, kRunning},
     PodPhase::Pending,
     false,
     "ImagePullBackOff"},
    {"out_of_memory",
     {},
     {{ContainerState::Terminated, ContainerReason::OOMKilled, 137, 0, false}},
     PodPhase::Failed,
     false,
     "OOMKilled"},
    {"ended_without_a_reason",
     {},
     {{ContainerState::Terminated, ContainerReason::None, 3, 0, false}},
     PodPhase::Failed,
     false,
     "ExitCode:3"},
    {"one_completed_one_runs", {}, {kCompleted, kRunning}, PodPhase::Running, true, "Running"},
    {"one_completed_one_runs_and_the_pod_is_unready",
     {},
     {kCompleted, kRunning},
     PodPhase::Running,
     false,
     "NotReady"},
    {"running_unready", {}, {kUnready}, PodPhase::Running, false, "Running"},
};

class PodStatusWord : public testing::TestWithParam<StatusCase> {};

TEST_P(PodStatusWord, FollowsTheContainers) {
  TestCluster world;
  const StatusCase& c = GetParam();
  const Row row = add_pod(world, static_cast<int>(c.regular.size()), static_cast<int>(c.init.size()));
  std::size_t position = 0;
  for (const std::vector<Look>* looks : {&c.init, &c.regular}) {
    for (const Look& look : *looks) {
      ContainerStatus& status = container(world, row, position++);
      status.state = look.state;
      status.reason = look.reason;
      status.exit_code = look.exit_code;
      status.signal = static_cast<std::int16_t>(look.signal);
      status.ready = look.ready;
    }
  }
  world.cluster.pods[row].phase = c.phase;
  world.cluster.pods[row].ready = c.pod_ready;
  EXPECT_EQ(pod_status_word(world.cluster, world.cluster.pods[row]), c.word);
}
INSTANTIATE_TEST_SUITE_P(Words, PodStatusWord, testing::ValuesIn(kStatuses),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(PodStatusWord, IsUnknownForADeletedPodOfALostNode) {
  TestCluster world;
  const Row row = add_pod(world, 1);
  world.make_ready(row);
  Pod& pod = world.cluster.pods[row];
  pod.reason = PodReason::NodeLost;
  pod.meta.deletion_timestamp = 30s;
  EXPECT_EQ(pod_status_word(world.cluster, pod), "Unknown");
}

TEST(PodStatusWord, OfATerminalPodThatIsDeletedDependsOnTheRelease) {
  for (const auto& [version, word] : {std::pair{"1.30.0", "Terminating"}, std::pair{"1.31.0", "Error"}}) {
    TestCluster world(version);
    const Row row = add_pod(world, 1);
    world.fail(row);
    world.cluster.pods[row].meta.deletion_timestamp = 30s;
    EXPECT_EQ(pod_status_word(world.cluster, world.cluster.pods[row]), word) << version;
  }
}

TEST(PodReady, CountsSidecarsInBothNumbers) {
  TestCluster world;
  const Row row = add_pod(world, 1, 1);
  const auto old = world.cluster.templates[world.cluster.pods[row].pod_template];
  PodTemplate with_sidecar = *old;
  with_sidecar.containers[0].restartable = true;
  world.cluster.pods[row].pod_template = world.cluster.add_template(with_sidecar);
  world.make_ready(row);
  EXPECT_EQ(print(world, Kind::Pod, row, 1s)[1], "2/2");
}

TEST(ClaimTable, HasAnAttributesClassFrom129On) {
  for (const auto& [version, columns] : {std::pair{"1.28.0", 7U}, std::pair{"1.29.0", 8U}}) {
    TestCluster world(version);
    PersistentVolumeClaim claim;
    claim.meta.name = world.text("data-web-0");
    claim.meta.name_space = world.text("default");
    claim.storage = world.text("10Gi");
    claim.storage_class = world.text("local");
    claim.volume = world.text("pv-1");
    claim.phase = ClaimPhase::Bound;
    Turn turn = world.turn();
    const Row row = create_claim(turn, claim, {Writer::Setup}).row;
    const Cells cells = print(world, Kind::PersistentVolumeClaim, row, 5s);
    EXPECT_EQ(cells.size(), columns);
    EXPECT_EQ(columns_of(world.cluster.features(), Kind::PersistentVolumeClaim, false).size(), columns);
    EXPECT_EQ(Cells(cells.begin(), cells.begin() + 6),
              (Cells{"data-web-0", "Bound", "pv-1", "10Gi", "RWO", "local"}));
  }
}

TEST(Tables, HaveAsManyCellsAsColumns) {
  TestCluster world;
  const Row pod = add_pod(world, 1);
  const Row job = add_running_job(world);
  const Row node = world.add_node("worker-1");
  for (const bool wide : {false, true}) {
    for (const auto& [kind, row] :
         {std::pair{Kind::Pod, pod}, std::pair{Kind::Job, job}, std::pair{Kind::Node, node}}) {
      const Table table = table_for(world.cluster, kind, std::vector<Row>{row}, wide, 1s);
      EXPECT_EQ(table.rows.at(0).size(), table.columns.size());
    }
  }
}

TEST(JobStatusWord, FollowsTheConditions) {
  TestCluster world;
  const Row row = add_running_job(world);
  Job& job = world.cluster.jobs[row];
  using enum JobConditionType;
  for (const auto& [type, word] :
       {std::pair{SuccessCriteriaMet, "SuccessCriteriaMet"}, std::pair{FailureTarget, "FailureTarget"},
        std::pair{Suspended, "Suspended"}, std::pair{Failed, "Failed"}, std::pair{Complete, "Complete"}}) {
    job.status.condition(type).present = job.status.condition(type).status = true;
    EXPECT_EQ(print(world, Kind::Job, row, 1s)[1], word);
  }
}

// ---------------------------------------------------------------------------------------------------------
// Names of kinds

struct KindCase {
  const char* word;
  Kind kind;
  const char* prefix;
  friend std::ostream& operator<<(std::ostream& os, const KindCase& c) { return os << c.word; }
};
const KindCase kKinds[] = {
    {"po", Kind::Pod, "pod"},
    {"pod", Kind::Pod, "pod"},
    {"Pods", Kind::Pod, "pod"},
    {"sts", Kind::StatefulSet, "statefulset.apps"},
    {"statefulset", Kind::StatefulSet, "statefulset.apps"},
    {"statefulsets.apps", Kind::StatefulSet, "statefulset.apps"},
    {"statefulsets.v1.apps", Kind::StatefulSet, "statefulset.apps"},
    {"job", Kind::Job, "job.batch"},
    {"jobs.batch", Kind::Job, "job.batch"},
    {"no", Kind::Node, "node"},
    {"nodes", Kind::Node, "node"},
    {"pvc", Kind::PersistentVolumeClaim, "persistentvolumeclaim"},
    {"persistentvolumeclaims", Kind::PersistentVolumeClaim, "persistentvolumeclaim"},
    {"controllerrevisions", Kind::ControllerRevision, "controllerrevision.apps"},
    {"miniclusters.flux-framework.org", Kind::MiniCluster, "minicluster.flux-framework.org"},
};
class ResourceNames : public testing::TestWithParam<KindCase> {};
TEST_P(ResourceNames, MeanAKind) {
  const ResourceKind* kind = find_resource(GetParam().word);
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->kind, GetParam().kind);
  EXPECT_EQ(kind->prefix(), GetParam().prefix);
}
INSTANTIATE_TEST_SUITE_P(Words, ResourceNames, testing::ValuesIn(kKinds));

TEST(ResourceNames, OfUnknownKindsMeanNone) {
  for (const char* word : {"", "services", "pods.apps", "statefulsets.batch", "stss"}) {
    EXPECT_EQ(find_resource(word), nullptr) << word;
  }
}

TEST(Quantities, AreReadAsUpstreamReadsThem) {
  EXPECT_EQ(parse_quantity("500m", 3), 500);
  EXPECT_EQ(parse_quantity("1.5", 3), 1500);
  EXPECT_EQ(parse_quantity("2e3", 3), 2000000);
  EXPECT_EQ(parse_quantity("0.0001", 3), 1);
  EXPECT_EQ(parse_quantity("32Gi"), std::int64_t{32} << 30U);
  EXPECT_EQ(parse_quantity("500M"), 500000000);
  EXPECT_EQ(parse_quantity("1500m"), 2);
  EXPECT_EQ(parse_quantity("-1"), -1);
  for (const char* wrong :
       {"", "Gi", "1Gib", "1 Gi", "1.2.3", "1e", "999999999999999999999999999999", "9Ei", "1E30"}) {
    EXPECT_EQ(parse_quantity(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(bytes_text(std::int64_t{32} << 30U), "32Gi");
  EXPECT_EQ(cpu_text(1500), "1500m");
  EXPECT_EQ(cpu_text(2000), "2");
}

}  // namespace
}  // namespace models::kubernetes

#include "models/kubernetes/kubelet.h"

#include <gtest/gtest.h>

#include <ostream>

#include "tests/unit/kubernetes/node_side_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;
using timing::Distribution;

constexpr sim::Duration kForEver{-1};

/// A cluster of one node in which only the kubelets act.
struct KubeletWorld : TestCluster {
  explicit KubeletWorld(std::vector<BehaviourRule> behaviours = {}, std::string_view version = "1.34.0",
                        timing::Profile profile = round_profile())
      : TestCluster(version, {}, std::move(profile), std::move(behaviours)) {
    receive(ObserverId::Kubelets, kubelet::observe);
    handle(kubelet::on_event);
    node = add_node("worker-0");
  }
  [[nodiscard]] Uid uid(Row row) const { return cluster.pods[row].meta.uid; }
  Row node = kNoRow;
};

PodTemplate plain_template(RestartPolicy policy) {
  PodTemplate pod_template;
  pod_template.restart_policy = policy;
  pod_template.containers = {container()};
  return pod_template;
}

BehaviourRule behaviour_for(std::string name, Behaviour behaviour) {
  BehaviourRule rule;
  rule.name = std::move(name);
  rule.behaviour = std::move(behaviour);
  return rule;
}

struct LifeCase {
  const char* name;
  RestartPolicy policy;
  int init_containers;
  bool probe;
  sim::Duration run;  // kForEver: does not end by itself
  std::vector<std::int32_t> exit_codes;
  sim::Duration until;
  const char* story;
  friend std::ostream& operator<<(std::ostream& os, const LifeCase& c) { return os << c.name; }
};

const LifeCase kLives[] = {
    {"a_pod_without_probe_is_ready_as_soon_as_it_runs",
     RestartPolicy::Always,
     0,
     false,
     kForEver,
     {},
     1h,
     "2s Running ready"},
    {"a_probe_delays_readiness", RestartPolicy::Always, 0, true, kForEver, {}, 1h, "2s Running, 5s ready"},
    {"init_containers_run_one_after_the_other",
     RestartPolicy::Always,
     2,
     false,
     kForEver,
     {},
     1h,
     "12s Running ready"},
    {"never_restarted_and_exit_0_is_Succeeded",
     RestartPolicy::Never,
     0,
     false,
     5s,
     {},
     1h,
     "2s Running ready, 7s exit 0 Succeeded unready"},
    {"never_restarted_and_exit_3_is_Failed",
     RestartPolicy::Never,
     0,
     false,
     5s,
     {3},
     1h,
     "2s Running ready, 7s exit 3 Failed unready"},
    {"restarted_on_failure_until_it_succeeds",
     RestartPolicy::OnFailure,
     0,
     false,
     5s,
     {1, 0},
     1h,
     "2s Running ready, 7s exit 1 unready restart 1 ready, 12s exit 0 Succeeded unready"},
    {"always_restarted_even_after_exit_0",
     RestartPolicy::Always,
     0,
     false,
     20s,
     {0},
     30s,
     "2s Running ready, 22s exit 0 unready restart 1 ready"},
    {"exit_codes_without_a_duration_come_after_the_run_of_the_profile",
     RestartPolicy::Never,
     0,
     false,
     kForEver,
     {1},
     1h,
     "2s Running ready, 62s exit 1 Failed unready"},
    {"a_crash_before_readiness_cancels_it",
     RestartPolicy::Never,
     0,
     true,
     1s,
     {1},
     1h,
     "2s Running, 3s exit 1 Failed"},
    {"the_second_restart_waits_in_CrashLoopBackOff",
     RestartPolicy::Always,
     0,
     false,
     1s,
     {1},
     14500ms,
     "2s Running ready, 3s exit 1 unready restart 1 ready, 4s exit 1 CrashLoopBackOff unready, 14s restart 2 "
     "ready"},
};

class PodLife : public testing::TestWithParam<LifeCase> {};

TEST_P(PodLife, GoesThroughItsPhases) {
  const LifeCase& c = GetParam();
  Behaviour behaviour;
  if (c.run != kForEver) {
    behaviour.run = Distribution::fixed(c.run);
  }
  behaviour.exit_codes = c.exit_codes;
  KubeletWorld world({behaviour_for("p", behaviour)});
  PodTemplate pod_template = plain_template(c.policy);
  pod_template.readiness_probe = c.probe;
  for (int i = 0; i < c.init_containers; ++i) {
    pod_template.containers.insert(pod_template.containers.begin(), container(0, 0, true));
  }
  const Row pod = add_pod(world, "p", world.cluster.add_template(pod_template), world.node);
  world.run_until(c.until);
  EXPECT_EQ(story(world, world.uid(pod)), c.story);
}

INSTANTIATE_TEST_SUITE_P(Kubelet, PodLife, testing::ValuesIn(kLives), name_of_case<PodLife::ParamType>);

TEST(Kubelet, CrashLoopBackOffDoublesFrom10sTo5min) {
  Behaviour behaviour;
  behaviour.run = Distribution::fixed(1s);
  behaviour.exit_codes = {1};
  KubeletWorld world({behaviour_for("p", behaviour)});
  const Row pod =
      add_pod(world, "p", world.cluster.add_template(plain_template(RestartPolicy::Always)), world.node);
  world.run_until(1h);
  std::vector<std::int64_t> waits;
  sim::Time ended{};
  for (sim::TransitionId id = 0; id < world.history.next_id(); ++id) {
    const sim::Transition& transition = world.history.at(id);
    if (transition.field == static_cast<std::uint16_t>(Field::PodTerminated)) {
      ended = transition.at;
    } else if (transition.field == static_cast<std::uint16_t>(Field::PodRestarted)) {
      waits.push_back(std::chrono::duration_cast<std::chrono::seconds>(transition.at - ended).count());
    }
  }
  ASSERT_GE(waits.size(), 9U);
  waits.resize(9);
  EXPECT_EQ(waits, (std::vector<std::int64_t>{0, 10, 20, 40, 80, 160, 300, 300, 300}));
  EXPECT_EQ(world.cluster.pods[pod].phase, PodPhase::Running);
  EXPECT_EQ(world.cluster.containers[world.cluster.pods[pod].containers].reason,
            ContainerReason::CrashLoopBackOff);
  EXPECT_EQ(world.cluster.restarts_of(world.cluster.pods[pod]), world.cluster.pods[pod].restarts);
}

TEST(Kubelet, TenMinutesOfRunningForgetTheBackOff) {
  EXPECT_EQ(kubelet::restart_delay(160, 600s).seconds, 160);
  EXPECT_EQ(kubelet::restart_delay(160, 601s).seconds, 0);
  EXPECT_EQ(kubelet::restart_delay(160, 601s).next_seconds, 10);
}

TEST(Kubelet, OneEventStartsAPlainPodAndOneEndsIt) {
  Behaviour behaviour;
  behaviour.run = Distribution::fixed(5s);
  KubeletWorld world({behaviour_for("p", behaviour)});
  add_pod(world, "p", world.cluster.add_template(plain_template(RestartPolicy::Never)), world.node);
  std::size_t own = 0;
  while (!world.agenda.events.empty()) {
    own += world.agenda.events.top().kind == static_cast<std::uint32_t>(Event::Deliver) ? 0U : 1U;
    world.step();
  }
  EXPECT_EQ(own, 2U);
}

// -----------------------------------------------------------------------------------------------------------
// Termination

struct StopCase {
  const char* name;
  const char* version;
  RestartPolicy policy;
  sim::Duration run;
  sim::Duration stop;
  bool ignores_termination;
  sim::Duration deleted_at;
  const char* story;  // after the deletion
  friend std::ostream& operator<<(std::ostream& os, const StopCase& c) { return os << c.name; }
};

const StopCase kStops[] = {
    {"a_deleted_pod_is_Failed_before_it_is_gone", "1.34.0", RestartPolicy::Always, kForEver, 1s, false, 100s,
     "101s Failed unready, 101.010s gone"},
    {"before_1_27_a_deleted_pod_keeps_its_phase", "1.26.0", RestartPolicy::Always, kForEver, 1s, false, 100s,
     "101s unready, 101.010s gone"},
    {"before_1_27_one_that_is_never_restarted_fails_nonetheless", "1.26.0", RestartPolicy::Never, kForEver,
     1s, false, 100s, "101s Failed unready, 101.010s gone"},
    {"the_grace_period_ends_a_slow_stop", "1.34.0", RestartPolicy::Always, kForEver, 2min, false, 100s,
     "130s Failed unready, 130.010s gone"},
    {"SIGTERM_ignored_means_SIGKILL_after_the_grace_period", "1.34.0", RestartPolicy::Always, kForEver, 1s,
     true, 100s, "130s Failed unready, 130.010s gone"},
    {"work_that_ends_with_0_while_stopping_is_Succeeded", "1.34.0", RestartPolicy::Never, 103s, 10s, false,
     100s, "105s Succeeded unready, 105.010s gone"},
    {"a_pod_deleted_before_its_containers_started_is_Failed", "1.34.0", RestartPolicy::Always, kForEver, 1s,
     false, 1s, "1s Failed, 1.010s gone"},
};

class PodStop : public testing::TestWithParam<StopCase> {};

TEST_P(PodStop, EndsTheObject) {
  const StopCase& c = GetParam();
  Behaviour behaviour;
  if (c.run != kForEver) {
    behaviour.run = Distribution::fixed(c.run);
  }
  behaviour.stop = Distribution::fixed(c.stop);
  behaviour.ignores_termination = c.ignores_termination;
  KubeletWorld world({behaviour_for("p", behaviour)}, c.version);
  const Row pod = add_pod(world, "p", world.cluster.add_template(plain_template(c.policy)), world.node);
  const Uid uid = world.uid(pod);
  world.run_until(c.deleted_at);
  const sim::TransitionId first = world.history.next_id();
  Turn turn = world.turn();
  delete_pod(turn, pod, {Writer::User});
  world.run_until(1h);
  EXPECT_EQ(story(world, uid, first), c.story);
  EXPECT_FALSE(world.cluster.pods.exists(pod));
}

INSTANTIATE_TEST_SUITE_P(Kubelet, PodStop, testing::ValuesIn(kStops), name_of_case<PodStop::ParamType>);

TEST(Kubelet, ASecondDeletionMayShortenTheGracePeriod) {
  Behaviour behaviour;
  behaviour.ignores_termination = true;
  KubeletWorld world({behaviour_for("p", behaviour)});
  const Row pod =
      add_pod(world, "p", world.cluster.add_template(plain_template(RestartPolicy::Always)), world.node);
  world.run_until(100s);
  Turn turn = world.turn();
  delete_pod(turn, pod, {Writer::User});
  world.run_until(110s);
  delete_pod(turn, pod, {Writer::User}, 5);
  world.run_until(115s);
  EXPECT_TRUE(world.cluster.pods.exists(pod));
  world.run_until(115s + 10ms);
  EXPECT_FALSE(world.cluster.pods.exists(pod));
}

TEST(Kubelet, AFinalizerKeepsAStoppedPodAsFailed) {
  KubeletWorld world;
  const Row pod =
      add_pod(world, "p", world.cluster.add_template(plain_template(RestartPolicy::Always)), world.node);
  world.change_pod(pod, [](Pod& changed) { changed.foreign_finalizer = true; }, Writer::User);
  world.run_until(100s);
  Turn turn = world.turn();
  delete_pod(turn, pod, {Writer::User});
  world.run_until(200s);
  ASSERT_TRUE(world.cluster.pods.exists(pod));
  EXPECT_EQ(world.cluster.pods[pod].phase, PodPhase::Failed);
  EXPECT_EQ(world.cluster.pods[pod].finished_at, 101s);
  world.change_pod(pod, [](Pod& changed) { changed.foreign_finalizer = false; }, Writer::User);
  remove_pod_if_finalized(turn, pod, {Writer::User});
  EXPECT_FALSE(world.cluster.pods.exists(pod));
}

TEST(Kubelet, AForcedDeletionNeedsNoKubelet) {
  KubeletWorld world;
  const Row pod =
      add_pod(world, "p", world.cluster.add_template(plain_template(RestartPolicy::Always)), world.node);
  world.run_until(100s);
  Turn turn = world.turn();
  delete_pod(turn, pod, {Writer::User}, 0);
  EXPECT_FALSE(world.cluster.pods.exists(pod));
  world.run_until(200s);
  EXPECT_TRUE(world.agenda.events.empty());
}

TEST(Kubelet, ActiveDeadlineFailsThePodOnceItsContainersHaveStopped) {
  KubeletWorld world;
  PodTemplate pod_template = plain_template(RestartPolicy::OnFailure);
  pod_template.active_deadline_seconds = 30;
  const Row pod = add_pod(world, "p", world.cluster.add_template(pod_template), world.node);
  world.run_until(1h);
  EXPECT_EQ(story(world, world.uid(pod)), "2s Running ready, 31s Failed unready");
  EXPECT_EQ(world.cluster.pods[pod].reason, PodReason::DeadlineExceeded);
}

// -----------------------------------------------------------------------------------------------------------
// Nodes

TEST(Kubelet, ADeadKubeletDoesNothing) {
  KubeletWorld world;
  const TemplateId pod_template = world.cluster.add_template(plain_template(RestartPolicy::Always));
  const Row running = add_pod(world, "p", pod_template, world.node);
  world.run_until(100s);
  Turn turn = world.turn();
  update<Node>(turn, world.node, {Writer::Fault}, Verb::UpdateStatus,
               [](Node& node) { node.kubelet_alive = false; });
  const Row late = add_pod(world, "q", pod_template, world.node);
  delete_pod(turn, running, {Writer::User});
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.pods[running].meta.deleting());
  EXPECT_TRUE(world.cluster.pods[running].ready);
  EXPECT_EQ(world.cluster.pods[late].phase, PodPhase::Pending);
}

TEST(Kubelet, AReturningNodeRemovesWhatWasDeletedAndRestartsTheRest) {
  KubeletWorld world;
  const TemplateId always = world.cluster.add_template(plain_template(RestartPolicy::Always));
  const TemplateId never = world.cluster.add_template(plain_template(RestartPolicy::Never));
  const Row deleted = add_pod(world, "deleted", always, world.node);
  const Row kept = add_pod(world, "kept", always, world.node);
  const Row once = add_pod(world, "once", never, world.node);
  const Uid uid_of_deleted = world.uid(deleted);
  world.run_until(100s);
  Turn turn = world.turn();
  update<Node>(turn, world.node, {Writer::Fault}, Verb::UpdateStatus,
               [](Node& node) { node.kubelet_alive = false; });
  delete_pod(turn, deleted, {Writer::User});
  const Row bound_meanwhile = add_pod(world, "late", always, world.node);
  world.run_until(1000s);
  const sim::TransitionId first = world.history.next_id();
  update<Node>(turn, world.node, {Writer::Fault}, Verb::UpdateStatus,
               [](Node& node) { node.kubelet_alive = true; });
  kubelet::node_returned(turn, world.node, sim::kNoTransition);
  world.run_until(2000s);
  EXPECT_EQ(story(world, uid_of_deleted, first), "1000s Failed unready, 1000.010s gone");
  EXPECT_EQ(story(world, world.uid(kept), first), "1000s unready, 1002s restart 1 ready");
  EXPECT_EQ(story(world, world.uid(once), first), "1000s Failed unready");
  EXPECT_EQ(story(world, world.uid(bound_meanwhile), first), "1002s Running ready");
}

// -----------------------------------------------------------------------------------------------------------
// Pods that the scenario begins with

struct AdoptCase {
  const char* name;
  ContainerState state;
  ContainerReason reason;
  bool ready;
  sim::Time since;
  const char* story;
  friend std::ostream& operator<<(std::ostream& os, const AdoptCase& c) { return os << c.name; }
};

const AdoptCase kAdopted[] = {
    {"a_ready_pod_stays_as_it_is", ContainerState::Running, ContainerReason::None, true, -1h, ""},
    {"one_that_has_just_started_becomes_ready", ContainerState::Running, ContainerReason::None, false, -10s,
     "3s ready"},
    {"one_unready_for_long_stays_so", ContainerState::Running, ContainerReason::None, false, -1h, ""},
    {"a_crash_loop_goes_on", ContainerState::Waiting, ContainerReason::CrashLoopBackOff, false, -1h, ""},
};

class AdoptedPod : public testing::TestWithParam<AdoptCase> {};

TEST_P(AdoptedPod, GoesOnAsItWas) {
  const AdoptCase& c = GetParam();
  KubeletWorld world;
  PodTemplate pod_template = plain_template(RestartPolicy::Always);
  pod_template.readiness_probe = true;
  Pod pod;
  pod.meta.name = world.text("p");
  pod.meta.name_space = world.text("default");
  pod.pod_template = world.cluster.add_template(pod_template);
  pod.node = world.node;
  pod.phase = PodPhase::Running;
  pod.containers_started = true;
  pod.ready = c.ready;
  pod.ready_changed = c.since;
  Turn turn = world.turn();
  const Row row = create_pod(turn, pod, {Writer::Setup}).row;
  ContainerStatus& status = world.cluster.containers[world.cluster.pods[row].containers];
  status.state = c.state;
  status.reason = c.reason;
  status.ready = c.ready;
  status.changed_at = c.since;
  world.run_until(1h);
  EXPECT_EQ(story(world, world.uid(row)), c.story);
}

INSTANTIATE_TEST_SUITE_P(Kubelet, AdoptedPod, testing::ValuesIn(kAdopted),
                         name_of_case<AdoptedPod::ParamType>);

TEST(Kubelet, AFailedStatusWriteIsRepeated) {
  KubeletWorld world;
  const Row pod =
      add_pod(world, "p", world.cluster.add_template(plain_template(RestartPolicy::Always)), world.node);
  world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::UpdateStatus), 2, 0});
  world.run_until(1h);
  EXPECT_TRUE(world.cluster.pods[pod].ready);
}

}  // namespace
}  // namespace models::kubernetes

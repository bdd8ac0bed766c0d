// The eviction subresource: rows 14 to 17 of the nodes-and-drain semantics, and upstream's eviction_test.go.

#include "models/kubernetes/eviction.h"

#include "tests/unit/kubernetes/budget_fixture.h"

namespace models::kubernetes {
namespace {

using namespace testing_support;
using Policy = UnhealthyPodEvictionPolicy;

constexpr const char* kViolates = "Cannot evict pod as it would violate the pod's disruption budget.";

/// A budget with a status that a test sets; no controller writes over it.
class EvictionWorld : public TestCluster {
 public:
  explicit EvictionWorld(std::string_view version) : TestCluster(version) {}

  Row add_budget(std::string_view name, Policy policy, PodDisruptionBudgetStatus status) {
    PodDisruptionBudget budget;
    budget.meta.name = text(name);
    budget.meta.name_space = text("default");
    LabelSelector selector;
    selector.match_labels = {{"app", "web"}};
    budget.spec.selector = std::make_shared<const LabelSelector>(selector);
    budget.spec.min_available = count_of(1);
    budget.spec.unhealthy_pod_eviction_policy = policy;
    budget.status = std::move(status);
    Turn current = turn();
    return create_budget(current, std::move(budget), {Writer::User}).row;
  }
  EvictionAnswer evict(Row pod, std::int64_t grace_seconds = -1, bool dry_run = false) {
    Turn current = turn();
    return evict_pod(current, pod, {Writer::User}, grace_seconds, dry_run);
  }
  Row add_pod(std::string_view name) {
    Pod pod;
    pod.meta.name = text(name);
    pod.meta.name_space = text("default");
    pod.pod_template = add_template("web");
    Turn current = turn();
    return create_pod(current, pod, {Writer::User}).row;
  }
};

struct EvictionCase {
  const char* name;
  const char* pod;  ///< pending, ready, unready, succeeded, failed, terminating
  Policy policy;
  std::int32_t allowed;
  std::int32_t healthy;
  std::int32_t desired;
  int code;                   ///< of the answer; 0: the pod is deleted
  std::int32_t allowed_then;  ///< afterwards
  const char* version;
  const char* cause;
  friend std::ostream& operator<<(std::ostream& os, const EvictionCase& c) { return os << c.name; }
};
class Eviction : public testing::TestWithParam<EvictionCase> {};

TEST_P(Eviction, Decides) {
  const EvictionCase& c = GetParam();
  EvictionWorld world(c.version);
  PodDisruptionBudgetStatus status;
  status.disruptions_allowed = c.allowed;
  status.current_healthy = c.healthy;
  status.desired_healthy = c.desired;
  status.observed_generation = 1;
  const Row budget = world.add_budget("foo", c.policy, status);
  const Row pod = world.add_pod("t1");
  const std::string_view state = c.pod;
  if (state != "pending") {
    world.bind(pod, world.add_node("worker-0"));
    state == "unready" ? world.start(pod) : world.make_ready(pod);
  }
  if (state == "succeeded") {
    world.succeed(pod);
  } else if (state == "failed") {
    world.fail(pod);
  } else if (state == "terminating") {
    Turn turn = world.turn();
    delete_pod(turn, pod, {Writer::User}, 300);
  }
  const EvictionAnswer answer = world.evict(pod);
  EXPECT_EQ(answer.error.code, c.code) << answer.error.message;
  if (c.code == 429) {
    EXPECT_EQ(answer.error.message, kViolates);
  }
  EXPECT_EQ(answer.cause, c.cause);
  EXPECT_EQ(world.cluster.budgets[budget].status.disruptions_allowed, c.allowed_then);
  const bool deleted = !world.cluster.pods.exists(pod) || world.cluster.pods[pod].meta.deleting();
  EXPECT_EQ(deleted, c.code == 0 || state == "terminating");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Eviction,
    testing::Values(
        EvictionCase{"Row15_UnreadyPodOfAHealthyApplicationGoesWithoutSpending", "unready", Policy::NotGiven,
                     1, 2, 2, 0, 1, "1.35.0", ""},
        EvictionCase{"Row16_UnreadyPodOfAnUnhealthyApplicationIsRefused", "unready", Policy::NotGiven, 0, 1,
                     2, 429, 0, "1.35.0",
                     "The disruption budget foo needs 2 healthy pods and has 1 currently"},
        EvictionCase{"Row16_AlwaysAllowDeletesIt", "unready", Policy::AlwaysAllow, 0, 1, 2, 0, 0, "1.35.0",
                     ""},
        EvictionCase{"Row17_PendingPodIsDeleted", "pending", Policy::NotGiven, 0, 0, 0, 0, 0, "1.35.0", ""},
        EvictionCase{"IfHealthyBudgetSaysTheSameAsNothing", "unready", Policy::IfHealthyBudget, 0, 1, 2, 429,
                     0, "1.35.0", "The disruption budget foo needs 2 healthy pods and has 1 currently"},
        EvictionCase{"In126ThePolicyIsNotKnown", "unready", Policy::AlwaysAllow, 0, 1, 2, 429, 0, "1.26.0",
                     "The disruption budget foo needs 2 healthy pods and has 1 currently"},
        EvictionCase{"UnreadyPodWithoutADesireIsRefused", "unready", Policy::NotGiven, 0, 0, 0, 429, 0,
                     "1.35.0", "The disruption budget foo needs 0 healthy pods and has 0 currently"},
        EvictionCase{"TerminatingPodIsDeletedAgain", "terminating", Policy::NotGiven, 0, 2, 2, 0, 0, "1.35.0",
                     ""},
        EvictionCase{"SucceededPodIsDeleted", "succeeded", Policy::NotGiven, 0, 2, 2, 0, 0, "1.35.0", ""},
        EvictionCase{"FailedPodIsDeleted", "failed", Policy::NotGiven, 0, 2, 2, 0, 0, "1.35.0", ""},
        EvictionCase{"HealthyPodIsRefused", "ready", Policy::NotGiven, 0, 2, 2, 429, 0, "1.35.0",
                     "The disruption budget foo needs 2 healthy pods and has 2 currently"},
        EvictionCase{"AlwaysAllowIsNotForHealthyPods", "ready", Policy::AlwaysAllow, 0, 2, 2, 429, 0,
                     "1.35.0", "The disruption budget foo needs 2 healthy pods and has 2 currently"},
        EvictionCase{"HealthyPodSpendsTheBudget", "ready", Policy::NotGiven, 1, 3, 3, 0, 0, "1.35.0", ""},
        EvictionCase{"MoreHealthyThanDesiredSince135", "ready", Policy::NotGiven, 0, 4, 3, 429, 0, "1.35.0",
                     "The disruption budget foo does not allow evicting pods currently"},
        EvictionCase{"MoreHealthyThanDesiredBefore135", "ready", Policy::NotGiven, 0, 4, 3, 429, 0, "1.34.0",
                     "The disruption budget foo needs 3 healthy pods and has 4 currently"},
        EvictionCase{"ANegativeAllowanceIsForbidden", "ready", Policy::NotGiven, -1, 2, 3, 403, -1, "1.35.0",
                     ""}),
    [](const testing::TestParamInfo<EvictionCase>& tested) { return std::string(tested.param.name); });

TEST(EvictionRows, Row14_TwoBudgetsAreRefusedWhateverTheyAllow) {
  EvictionWorld world("1.35.0");
  PodDisruptionBudgetStatus status;
  status.disruptions_allowed = 1;
  status.observed_generation = 1;
  world.add_budget("first", Policy::AlwaysAllow, status);
  const Row second = world.add_budget("second", Policy::AlwaysAllow, status);
  const Row pod = world.add_pod("t1");
  world.bind(pod, world.add_node("worker-0"));
  world.start(pod);
  const EvictionAnswer answer = world.evict(pod);
  EXPECT_EQ(answer.error.code, 500);
  EXPECT_EQ(
      answer.error.message,
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  EXPECT_EQ(world.cluster.budgets[second].status.disruptions_allowed, 1);
  EXPECT_FALSE(world.cluster.pods[pod].meta.deleting());
}

TEST(EvictionRows, ABudgetThatNeverSyncedAsksToComeAgain) {
  EvictionWorld world("1.35.0");
  world.add_budget("foo", Policy::NotGiven, {});
  const Row pod = world.add_pod("t1");
  world.bind(pod, world.add_node("worker-0"));
  world.make_ready(pod);
  const EvictionAnswer answer = world.evict(pod);
  EXPECT_EQ(answer.error.code, 429);
  EXPECT_EQ(answer.retry_after_seconds, 10);
  EXPECT_EQ(answer.cause, "The disruption budget foo is still being processed by the server.");
}

TEST(EvictionRows, AFailedSyncIsNamedSince135) {
  for (const auto& [version, cause] :
       {std::pair{
            "1.35.0",
            "The disruption budget foo does not allow evicting pods currently because it failed sync: hoge"},
        std::pair{"1.34.0", "The disruption budget foo needs 0 healthy pods and has 0 currently"}}) {
    EvictionWorld world(version);
    PodDisruptionBudgetStatus status;
    status.observed_generation = 1;
    set_condition(status.disruption_allowed, ConditionStatus::False, world.text("SyncFailed"),
                  world.text("hoge"), 1, {});
    world.add_budget("foo", Policy::NotGiven, status);
    const Row pod = world.add_pod("t1");
    world.bind(pod, world.add_node("worker-0"));
    world.make_ready(pod);
    EXPECT_EQ(world.evict(pod).cause, cause) << version;
  }
}

TEST(EvictionRows, TheSpentBudgetRemembersThePod) {
  EvictionWorld world("1.35.0");
  PodDisruptionBudgetStatus status;
  status.disruptions_allowed = 1;
  status.current_healthy = 3;
  status.desired_healthy = 2;
  status.observed_generation = 1;
  const Row budget = world.add_budget("foo", Policy::NotGiven, status);
  const Row pod = world.add_pod("t1");
  world.bind(pod, world.add_node("worker-0"));
  world.make_ready(pod);
  EXPECT_TRUE(world.evict(pod, -1, true).ok()) << "a dry run";
  EXPECT_EQ(world.cluster.budgets[budget].status.disruptions_allowed, 1);
  EXPECT_FALSE(world.cluster.pods[pod].meta.deleting());

  EXPECT_TRUE(world.evict(pod, 7).ok());
  const PodDisruptionBudgetStatus& after = world.cluster.budgets[budget].status;
  ASSERT_EQ(after.disrupted_pods.size(), 1U);
  EXPECT_EQ(world.cluster.strings[after.disrupted_pods.front().pod], "t1");
  EXPECT_EQ(world.cluster.strings[after.disruption_allowed.reason], "InsufficientPods");
  EXPECT_EQ(world.cluster.pods[pod].grace_seconds, 7);
  EXPECT_TRUE(world.cluster.pods[pod].disruption_target);
  EXPECT_EQ(world.cluster.pods[pod].disruption_reason, DisruptionReason::EvictionByEvictionAPI);
}

TEST(EvictionRows, AMapThatIsTooBigIsForbidden) {
  EvictionWorld world("1.35.0");
  PodDisruptionBudgetStatus status;
  status.disruptions_allowed = 1;
  status.observed_generation = 1;
  for (int i = 0; i < 2001; ++i) {
    status.disrupted_pods.push_back({world.text("pod-" + std::to_string(10000 + i)), {}});
  }
  world.add_budget("foo", Policy::NotGiven, status);
  const Row pod = world.add_pod("t1");
  world.bind(pod, world.add_node("worker-0"));
  world.make_ready(pod);
  const EvictionAnswer answer = world.evict(pod);
  EXPECT_EQ(answer.error.code, 403);
  EXPECT_EQ(
      answer.error.message,
      "poddisruptionbudget.policy \"foo\" is forbidden: DisruptedPods map too big - too many evictions not "
      "confirmed by PDB controller");
}

}  // namespace
}  // namespace models::kubernetes

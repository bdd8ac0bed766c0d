// The Deployment controller. Scaling rows are those of pkg/controller/deployment/sync_test.go TestScale, the
// rows of new replicas those of util/deployment_util_test.go TestNewRSNewReplicas.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "models/kubernetes/deployment_plan.h"
#include "models/kubernetes/deployment_rules.h"
#include "models/kubernetes/json/fields.h"
#include "tests/unit/kubernetes/workload_fixture.h"

namespace models::kubernetes::testing_support {
namespace {

// ---------------------------------------------------------------------------------------------------------
// Scaling

struct ScaleCase {
  const char* name;
  std::int32_t from;
  std::int32_t to;
  std::int32_t surge_before;
  std::int32_t surge;
  std::vector<std::int32_t>
      sets;  ///< sizes: the new ReplicaSet first (-1: none), then old ones, newest first
  std::vector<std::int32_t> want;
  friend std::ostream& operator<<(std::ostream& out, const ScaleCase& c) { return out << c.name; }
};

const ScaleCase kScaleCases[] = {
    {"normal_scaling_10_to_12", 10, 12, 0, 0, {10}, {12}},
    {"normal_scaling_10_to_5", 10, 5, 0, 0, {10}, {5}},
    {"proportional_5_to_10", 5, 10, 0, 0, {2, 3}, {4, 6}},
    {"proportional_5_to_3", 5, 3, 0, 0, {2, 3}, {1, 2}},
    {"proportional_9_to_4", 9, 4, 0, 0, {8, 1}, {4, 0}},
    {"proportional_7_to_10", 7, 10, 0, 0, {2, 3, 2}, {3, 4, 3}},
    {"proportional_13_to_8", 13, 8, 0, 0, {2, 8, 3}, {1, 5, 2}},
    {"leftover_3_to_4", 3, 4, 0, 0, {1, 1, 1}, {2, 1, 1}},
    {"leftover_3_to_2", 3, 2, 0, 0, {1, 1, 1}, {1, 1, 0}},
    {"no_new_set_4_to_5", 4, 5, 0, 0, {-1, 2, 2}, {-1, 3, 2}},
    {"proportional_6_to_0", 6, 0, 0, 0, {3, 2, 1}, {0, 0, 0}},
    {"proportional_0_to_6", 6, 6, 0, 0, {0, 0, 0}, {6, 0, 0}},
    {"with_surge_pods", 10, 20, 2, 2, {6, 6}, {11, 11}},
    {"surge_and_size_change", 10, 50, 3, 6, {5, 8}, {22, 34}},
    {"size_and_template_change", 10, 14, 0, 0, {-1, 7, 3}, {-1, 10, 4}},
};

class Scaling : public testing::TestWithParam<ScaleCase> {};

TEST_P(Scaling, SharesTheReplicasOut) {
  const ScaleCase& c = GetParam();
  TestCluster world;
  DeploymentSpec spec;
  spec.replicas = c.to;
  spec.max_surge = {c.surge, false};
  spec.max_unavailable = {0, false};
  spec.paused = true;  // only scales
  spec.pod_template = world.add_template("web", "new");
  const Row deployment = add_deployment(world, "web", spec);
  const std::int32_t most = c.from + c.surge_before;
  for (std::size_t i = c.sets.size(); i-- > 0;) {  // the oldest first
    world.run_for(1h);
    if (c.sets[i] < 0) {
      continue;
    }
    ReplicaSetSpec of_set;
    of_set.replicas = c.sets[i];
    of_set.pod_template = world.add_template("web", i == 0 ? "new" : std::to_string(i));
    auto set = named<ReplicaSet>(world, "v" + std::to_string(i), of_set);
    set.owner = {Kind::Deployment, deployment, world.cluster.deployments[deployment].meta.uid};
    set.labels_json = world.text(R"({"app":"web"})");
    set.desired_replicas = c.from;
    set.max_replicas = most;
    set.revision = static_cast<std::int64_t>(10 - i);
    Turn turn = world.turn();
    create_replicaset(turn, std::move(set), {Writer::DeploymentController});
  }
  world.settle();
  const deployments::DeploymentPlan plan = deployments::plan(world.cluster, deployment, world.now());
  std::vector<std::int32_t> sizes = c.sets;
  for (const ReplicaSetChange& change : plan.changes) {
    const std::string name = world.cluster.strings[change.wanted.meta.name];
    sizes[static_cast<std::size_t>(std::stoi(name.substr(1)))] = change.wanted.spec.replicas;
  }
  EXPECT_EQ(sizes, c.want);
}

INSTANTIATE_TEST_SUITE_P(Cases, Scaling, testing::ValuesIn(kScaleCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

struct NewReplicasCase {
  const char* name;
  bool recreate;
  std::int32_t replicas;
  std::int32_t current;
  std::int32_t surge;
  std::int32_t want;
  friend std::ostream& operator<<(std::ostream& out, const NewReplicasCase& c) { return out << c.name; }
};
const NewReplicasCase kNewReplicasCases[] = {
    {"cannot_scale_up", false, 1, 5, 1, 5},
    {"scales_up_to_replicas", false, 6, 2, 10, 6},
    {"recreate_takes_all", true, 3, 1, 1, 3},
};
class NewReplicas : public testing::TestWithParam<NewReplicasCase> {};
TEST_P(NewReplicas, BesideAnOldSetOfFive) {
  const NewReplicasCase& c = GetParam();
  DeploymentSpec spec;
  spec.recreate = c.recreate;
  spec.replicas = c.replicas;
  spec.max_surge = {c.surge, false};
  EXPECT_EQ(deployments::new_replicas(spec, 5, c.current), c.want);
}
INSTANTIATE_TEST_SUITE_P(Cases, NewReplicas, testing::ValuesIn(kNewReplicasCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

// Source: util/deployment_util_test.go TestResolveFenceposts, TestMaxUnavailable.
TEST(Fenceposts, RoundSurgeUpAndUnavailableDown) {
  DeploymentSpec spec;
  spec.replicas = 10;
  EXPECT_EQ(deployments::max_surge(spec), 3);
  EXPECT_EQ(deployments::max_unavailable(spec), 2);
  spec.replicas = 1;
  EXPECT_EQ(deployments::max_surge(spec), 1);
  EXPECT_EQ(deployments::max_unavailable(spec), 0);
  spec.max_surge = {0, false};
  EXPECT_EQ(deployments::max_unavailable(spec), 1) << "both at 0: one may be unavailable";
  spec.max_unavailable = {5, false};
  EXPECT_EQ(deployments::max_unavailable(spec), 1) << "no more than there are";
  spec.recreate = true;
  EXPECT_EQ(deployments::max_unavailable(spec), 0);
}

TEST(TemplateHash, IsTakenOutAgain) {
  PodTemplate pod_template;
  pod_template.labels = {{"app", "web"}};
  pod_template.manifest = R"({"metadata":{"labels":{"app":"web"}},"spec":{"containers":[]}})";
  const std::string hash = deployments::template_hash(pod_template, 0);
  const PodTemplate labelled = deployments::with_hash(pod_template, hash);
  EXPECT_NE(labelled, pod_template);
  EXPECT_NE(labelled.manifest.find(hash), std::string::npos);
  EXPECT_TRUE(deployments::equal_but_for_hash(labelled, pod_template));
  EXPECT_NE(deployments::template_hash(pod_template, 1), hash) << "a collision varies it";
  EXPECT_EQ(hash.find_first_not_of("bcdfghjklmnpqrstvwxz2456789"), std::string::npos);
}

// ---------------------------------------------------------------------------------------------------------
// A whole cluster

class DeploymentTest : public ClusterTest {
 protected:
  DeploymentTest() {
    world.use_whole_model();
    for (int i = 0; i < 6; ++i) {
      world.add_node("n" + std::to_string(i));
    }
  }
  DeploymentSpec spec_of(std::int32_t replicas, std::string_view image = "app:A") {
    DeploymentSpec spec;
    spec.replicas = replicas;
    spec.pod_template = world.add_template("web", image);
    return spec;
  }
  void set_image(Row deployment, std::string_view image) {
    const TemplateId pod_template = world.add_template("web", image);
    world.change_spec<Deployment>(deployment,
                                  [&](DeploymentSpec& spec) { spec.pod_template = pod_template; });
  }
  const DeploymentStatus& status(Row deployment) const {
    return world.cluster.deployments[deployment].status;
  }
  std::string reason(Row deployment, DeploymentConditionType type) const {
    return world.cluster.strings[status(deployment).condition(type).reason];
  }
  std::size_t sets() const {
    std::size_t count = 0;
    for (Row row = 0; row < world.cluster.replicasets.extent(); ++row) {
      count += world.cluster.replicasets.exists(row) ? 1 : 0;
    }
    return count;
  }
};

TEST_F(DeploymentTest, StartsItsPodsThroughOneReplicaSet) {
  const Row web = add_deployment(world, "web", spec_of(3));
  world.run_for(2min);
  EXPECT_EQ(sets(), 1U);
  EXPECT_EQ(world.pods().size(), 3U);
  EXPECT_EQ(status(web).available_replicas, 3);
  EXPECT_EQ(status(web).updated_replicas, 3);
  EXPECT_EQ(status(web).observed_generation, 1U);
  EXPECT_EQ(reason(web, DeploymentConditionType::Available), "MinimumReplicasAvailable");
  EXPECT_EQ(reason(web, DeploymentConditionType::Progressing), "NewReplicaSetAvailable");
  EXPECT_EQ(world.cluster.deployments[web].revision, 1);
  const Pod& pod = world.cluster.pods[world.pods().front()];
  const std::optional<std::string> hash = world.cluster.label_of(pod, "pod-template-hash");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(world.cluster.name_of(pod).starts_with("web-" + *hash + "-"));
}

TEST_F(DeploymentTest, RollsANewTemplateOutAndKeepsTheOldReplicaSet) {
  const Row web = add_deployment(world, "web", spec_of(3));
  world.run_for(2min);
  set_image(web, "app:B");
  world.run_for(5min);
  EXPECT_EQ(sets(), 2U);
  EXPECT_EQ(world.pods().size(), 3U);
  EXPECT_EQ(status(web).updated_replicas, 3);
  EXPECT_EQ(status(web).available_replicas, 3);
  EXPECT_EQ(world.cluster.deployments[web].revision, 2);
  for (const Row pod : world.pods()) {
    EXPECT_EQ(world.cluster.template_of(world.cluster.pods[pod]).containers.front().image, "app:B");
  }
  // Back to the first template: its ReplicaSet serves again, with a new number.
  set_image(web, "app:A");
  world.run_for(5min);
  EXPECT_EQ(sets(), 2U);
  EXPECT_EQ(world.cluster.deployments[web].revision, 3);
}

TEST_F(DeploymentTest, ScalesInOneStep) {
  const Row web = add_deployment(world, "web", spec_of(2));
  world.run_for(2min);
  world.change_spec<Deployment>(web, [](DeploymentSpec& spec) { spec.replicas = 5; });
  world.run_for(2min);
  EXPECT_EQ(status(web).available_replicas, 5);
  world.change_spec<Deployment>(web, [](DeploymentSpec& spec) { spec.replicas = 0; });
  world.run_for(2min);
  EXPECT_TRUE(world.pods().empty());
  EXPECT_EQ(status(web).replicas, 0);
}

TEST_F(DeploymentTest, APausedOneDoesNotRollOut) {
  const Row web = add_deployment(world, "web", spec_of(2));
  world.run_for(2min);
  world.change_spec<Deployment>(web, [](DeploymentSpec& spec) { spec.paused = true; });
  set_image(web, "app:B");
  world.run_for(2min);
  EXPECT_EQ(sets(), 1U);
  EXPECT_EQ(reason(web, DeploymentConditionType::Progressing), "DeploymentPaused");
  const sim::TransitionId resumed = world.history.next_id();
  world.change_spec<Deployment>(web, [](DeploymentSpec& spec) { spec.paused = false; });
  world.run_for(5min);
  EXPECT_EQ(sets(), 2U);
  EXPECT_EQ(status(web).updated_replicas, 2);
  // It is told that it was resumed; the write that follows in the same sync conflicts, so that the new
  // ReplicaSet is found and not created for the condition. Source: sync.go checkPausedConditions.
  std::vector<std::string> reasons;
  for (sim::TransitionId id = resumed; id < world.history.next_id(); ++id) {
    const sim::Transition& transition = world.history.at(id);
    if (transition.field == static_cast<std::uint16_t>(Field::DeploymentCondition) &&
        transition.from == static_cast<std::int32_t>(DeploymentConditionType::Progressing)) {
      reasons.push_back(world.cluster.strings[static_cast<Text>(transition.detail)]);
    }
  }
  EXPECT_EQ(reasons,
            (std::vector<std::string>{"DeploymentResumed", "ReplicaSetUpdated", "NewReplicaSetAvailable"}));
}

TEST_F(DeploymentTest, RecreateStartsNothingBeforeAllOldPodsAreGone) {
  DeploymentSpec spec = spec_of(3);
  spec.recreate = true;
  const Row web = add_deployment(world, "web", spec);
  world.run_for(2min);
  set_image(web, "app:B");
  bool mixed = false;
  bool none = false;
  const sim::Time end = world.now() + 5min;
  while (world.now() < end && world.step()) {
    bool old = false;
    bool updated = false;
    for (const Row pod : world.pods()) {
      const std::string& image = world.cluster.template_of(world.cluster.pods[pod]).containers.front().image;
      old = old || image == "app:A";
      updated = updated || image == "app:B";
    }
    mixed = mixed || (old && updated);
    none = none || (!old && !updated);
  }
  EXPECT_FALSE(mixed);
  EXPECT_TRUE(none);
  EXPECT_EQ(status(web).updated_replicas, 3);
}

TEST_F(DeploymentTest, SaysSoWhenTheDeadlineIsOver) {
  DeploymentSpec spec = spec_of(2);
  spec.progress_deadline_seconds = 60;
  PodTemplate huge = *world.cluster.templates[spec.pod_template];
  huge.containers.front().cpu_millicores = 1'000'000;  // fits nowhere
  spec.pod_template = world.cluster.add_template(huge);
  const Row web = add_deployment(world, "web", spec);
  world.run_for(50s);
  EXPECT_NE(reason(web, DeploymentConditionType::Progressing), "ProgressDeadlineExceeded");
  world.run_for(30s);
  EXPECT_EQ(reason(web, DeploymentConditionType::Progressing), "ProgressDeadlineExceeded");
  EXPECT_EQ(status(web).condition(DeploymentConditionType::Progressing).status, ConditionStatus::False);
}

TEST_F(DeploymentTest, KeepsOnlyTheHistoryThatItsLimitAllows) {
  DeploymentSpec spec = spec_of(1);
  spec.revision_history_limit = 1;
  const Row web = add_deployment(world, "web", spec);
  for (const char* image : {"app:B", "app:C", "app:D"}) {
    world.run_for(3min);
    set_image(web, image);
  }
  world.run_for(5min);
  EXPECT_EQ(sets(), 2U);
  EXPECT_EQ(world.cluster.deployments[web].revision, 4);
}

TEST_F(DeploymentTest, DeletingItTakesReplicaSetsAndPodsWithIt) {
  const Row web = add_deployment(world, "web", spec_of(3));
  world.run_for(2min);
  Turn turn = world.turn();
  delete_deployment(turn, web, {Writer::User});
  world.run_for(2min);
  EXPECT_EQ(sets(), 0U);
  EXPECT_TRUE(world.pods().empty());
}

TEST_F(DeploymentTest, AForegroundDeletionEndsWhenThePodsAreGone) {
  const Row web = add_deployment(world, "web", spec_of(3));
  world.run_for(2min);
  Turn turn = world.turn();
  delete_deployment(turn, web, {Writer::User}, Propagation::Foreground);
  EXPECT_TRUE(world.cluster.deployments.exists(web));
  while (world.cluster.deployments.exists(web) && world.step()) {
  }
  EXPECT_TRUE(world.pods().empty());
  EXPECT_EQ(sets(), 0U);
}

// A roll-out never has fewer Ready pods than replicas - maxUnavailable, nor asks for more pods than
// replicas + maxSurge. Source: rolling.go reconcileNewReplicaSet, reconcileOldReplicaSets.
RC_GTEST_PROP(DeploymentProperty, RollOutStaysWithinSurgeAndUnavailable, ()) {
  TestCluster world;
  world.use_whole_model();
  for (int i = 0; i < 5; ++i) {
    world.add_node("n" + std::to_string(i), 64'000);
  }
  DeploymentSpec spec;
  spec.replicas = *rc::gen::inRange(1, 9);
  spec.max_surge = {*rc::gen::inRange(0, 4), false};
  spec.max_unavailable = {*rc::gen::inRange(0, 4), false};
  spec.min_ready_seconds = *rc::gen::element(0, 0, 5);
  spec.pod_template = world.add_template("web", "app:A");
  const Row web = add_deployment(world, "web", spec);
  world.run_for(5min);
  const std::int32_t least = spec.replicas - deployments::max_unavailable(spec);
  const std::int32_t most = spec.replicas + deployments::max_surge(spec);
  const int templates = *rc::gen::inRange(1, 3);
  for (int i = 0; i < templates; ++i) {
    const TemplateId next = world.add_template("web", "app:" + std::to_string(i));
    world.change_spec<Deployment>(web, [&](DeploymentSpec& changed) { changed.pod_template = next; });
    const sim::Time end = world.now() + std::chrono::seconds{*rc::gen::inRange(1, 900)};
    while (world.now() < end && world.step()) {
      std::int32_t wanted = 0;
      for (Row row = 0; row < world.cluster.replicasets.extent(); ++row) {
        wanted += world.cluster.replicasets.exists(row) ? world.cluster.replicasets[row].spec.replicas : 0;
      }
      std::int32_t ready = 0;
      for (const Row pod : world.pods()) {
        ready += counts_of(world.cluster.pods[pod]).ready;
      }
      RC_ASSERT(wanted <= most);
      RC_ASSERT(ready >= least);
    }
  }
  world.run_for(30min);
  RC_ASSERT(world.cluster.deployments[web].status.updated_replicas == spec.replicas);
  RC_ASSERT(world.cluster.deployments[web].status.available_replicas == spec.replicas);
}

}  // namespace
}  // namespace models::kubernetes::testing_support

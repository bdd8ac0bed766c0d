// What people do to MiniClusters: create, apply, patch, scale, delete; and what older clusters make of it.

#include "models/flux/minicluster_api.h"

#include <gtest/gtest.h>

#include "tests/unit/flux/flux_fixture.h"

namespace models::flux {
namespace {

using kubernetes::Propagation;
using testing_support::downsize_manifest;
using testing_support::FluxWorld;

class MiniClusterApi : public testing::Test {
 protected:
  ChangeResult patch(const Json& by) {
    FluxTurn turn = world.turn();
    return merge_patch(turn, world.row(), by, {kubernetes::Writer::User});
  }
  ChangeResult scale_to(std::int32_t replicas) {
    FluxTurn turn = world.turn();
    return scale(turn, world.row(), replicas, {kubernetes::Writer::User});
  }

  FluxWorld world;
};

TEST_F(MiniClusterApi, apply_says_created_configured_unchanged) {
  EXPECT_EQ(world.apply(downsize_manifest()), Change::Created);
  EXPECT_EQ(world.apply(downsize_manifest()), Change::Unchanged);
  EXPECT_EQ(world.apply(downsize_manifest(3)), Change::Configured);
  EXPECT_EQ(world.minicluster().spec.size, 3);
  EXPECT_EQ(world.minicluster().meta.generation, 2U);
  EXPECT_EQ(to_text(Change::Configured), "configured");
}

TEST_F(MiniClusterApi, apply_keeps_what_others_wrote_and_takes_away_what_it_wrote_before) {
  world.apply(downsize_manifest());
  patch({{"spec", {{"minSize", 2}}}});
  Json manifest = downsize_manifest();
  manifest["spec"].erase("maxSize");
  EXPECT_EQ(world.apply(manifest), Change::Configured);
  EXPECT_EQ(world.minicluster().spec.min_size, 2);
  EXPECT_EQ(world.minicluster().spec.max_size, 0);
}

TEST_F(MiniClusterApi, apply_overrides_a_size_that_was_scaled) {
  world.apply(downsize_manifest());
  EXPECT_EQ(scale_to(6).change, Change::Configured);
  EXPECT_EQ(scale_to(6).change, Change::Unchanged);
  EXPECT_EQ(world.apply(downsize_manifest()), Change::Configured);
  EXPECT_EQ(world.minicluster().spec.size, 4);
}

TEST_F(MiniClusterApi, scale_refuses_negative_replicas) {
  world.apply(downsize_manifest());
  EXPECT_EQ(scale_to(-1).error,
            "The Scale \"flux-sample\" is invalid: spec.replicas: Invalid value: -1: must be "
            "greater than or equal to 0");
  EXPECT_EQ(world.minicluster().spec.size, 4);
}

TEST_F(MiniClusterApi, a_patch_with_a_wrong_type_changes_nothing) {
  world.apply(downsize_manifest());
  const ChangeResult result = patch({{"spec", {{"size", "three"}}}});
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.problems.errors.front().field, "spec.size");
  EXPECT_EQ(world.minicluster().spec.size, 4);
  EXPECT_EQ(patch(Json::object()).change, Change::Unchanged);
}

TEST_F(MiniClusterApi, names_are_checked_and_unique) {
  FluxTurn turn = world.turn();
  EXPECT_TRUE(create_minicluster(turn, downsize_manifest(), {}, {kubernetes::Writer::User}).ok());
  EXPECT_EQ(
      create_minicluster(turn, downsize_manifest(), {}, {kubernetes::Writer::User}).error,
      "Error from server (AlreadyExists): miniclusters.flux-framework.org \"flux-sample\" already exists");
  EXPECT_FALSE(
      create_minicluster(turn, downsize_manifest(4, 10, "Flux_Sample"), {}, {kubernetes::Writer::User}).ok());
}

TEST_F(MiniClusterApi, a_name_too_long_for_host_names_makes_no_job) {
  world.apply(downsize_manifest(4, 10, std::string(62, 'a')));
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "");
  ASSERT_EQ(world.told(Field::ResizeFailed).size(), 1U);
  EXPECT_NE(world.told(Field::ResizeFailed).front().find("metadata.name: Invalid value"), std::string::npos);
}

TEST_F(MiniClusterApi, an_orphaned_job_runs_on) {
  world.apply(downsize_manifest());
  world.run_for(FluxWorld::kRest);
  FluxTurn turn = world.turn();
  ASSERT_TRUE(delete_minicluster(turn, world.row(), {kubernetes::Writer::User}, Propagation::Orphan));
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 2 3");
}

TEST_F(MiniClusterApi, in_the_foreground_it_stays_until_its_job_is_gone) {
  world.apply(downsize_manifest());
  world.run_for(FluxWorld::kRest);
  FluxTurn turn = world.turn();
  ASSERT_TRUE(delete_minicluster(turn, world.row(), {kubernetes::Writer::User}, Propagation::Foreground));
  EXPECT_NE(world.row(), kubernetes::kNoRow);
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.row(), kubernetes::kNoRow);
  EXPECT_EQ(world.pods(), "");
}

TEST_F(MiniClusterApi, two_miniclusters_do_not_mix) {
  world.apply(downsize_manifest(2, 2, "a"));
  world.apply(downsize_manifest(3, 5, "b"));
  world.run_for(FluxWorld::kRest);
  const Row a = world.state.find(world.cluster.strings, "default", "a");
  const Row b = world.state.find(world.cluster.strings, "default", "b");
  EXPECT_EQ(resource_info(world.cluster, world.state.miniclusters[a], {}).output,
            "2 Nodes, 20 Cores, 0 GPUs\n");
  EXPECT_EQ(resource_info(world.cluster, world.state.miniclusters[b], {}).output,
            "5 Nodes, 50 Cores, 0 GPUs\n");
  TableRequest up;
  up.states = {"up"};
  EXPECT_EQ(resource_info(world.cluster, world.state.miniclusters[b], up).output,
            "3 Nodes, 30 Cores, 0 GPUs\n");
}

TEST(MiniClusterOnOldKubernetes, before_1_27_a_job_cannot_be_resized) {
  FluxWorld world(1, "1.26.0", false);
  world.apply(downsize_manifest());
  world.run_for(FluxWorld::kRest);
  world.resize(3);
  EXPECT_EQ(world.pods(), "0 1 2 3");
  EXPECT_EQ(world.told(Field::ResizeFailed).front(),
            "resize failed: Job.batch \"flux-sample\" is invalid: spec.completions: Invalid value: 3: field "
            "is immutable");
}

TEST(MiniClusterOnOldKubernetes, without_the_gate_the_limit_per_index_is_dropped) {
  FluxWorld world(1, "1.28.0", false);
  world.apply(downsize_manifest());
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.job().spec.backoff_limit_per_index, -1);
  world.delete_pod(2);
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 2 3");
}

TEST(MiniClusterLuck, the_same_seed_gives_the_same_story) {
  const auto story = [](std::uint64_t seed) {
    FluxWorld world;
    sim::SeededChoices choices(seed);
    sim::Context context{choices, world.history};
    world.apply(downsize_manifest(8));
    sim::run(world, context, std::chrono::minutes{5});
    std::vector<sim::Time> online;
    for (sim::TransitionId id = 0; id < world.history.next_id(); ++id) {
      if (world.history.at(id).field == static_cast<std::uint16_t>(Field::BrokerOnline)) {
        online.push_back(world.history.at(id).at);
      }
    }
    return online;
  };
  EXPECT_EQ(story(7), story(7));
  EXPECT_NE(story(7), story(8));
  EXPECT_GE(story(7).size(), 8U);
}

}  // namespace
}  // namespace models::flux

// The rows of the case table that need the whole model: operator, Job controller, scheduler, kubelet and
// brokers.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "models/kubernetes/faults.h"
#include "models/kubernetes/kubelet.h"
#include "tests/unit/flux/flux_fixture.h"

namespace models::flux {
namespace {

using namespace std::chrono_literals;
using testing_support::downsize_manifest;
using testing_support::FluxWorld;
using testing_support::list_text;

const std::string kNothingAllocated = "     0        0        0 ";

/// The default restart policy: a deleted pod comes back.
Json restarting_manifest(std::int32_t size = 4, std::int32_t max_size = 10) {
  Json manifest = downsize_manifest(size, max_size);
  manifest["spec"].erase("suspendWorkers");
  return manifest;
}

Json completing_manifest() {
  Json manifest = restarting_manifest();
  manifest["spec"]["flux"] = {{"completeWorkers", true}};
  return manifest;
}

class Story : public testing::Test {
 protected:
  void begin(const Json& manifest) {
    ASSERT_EQ(world.apply(manifest), Change::Created);
    world.run_for(FluxWorld::kRest);
  }
  /// Terminates (or disconnects) the broker of a rank, as a person does from rank 0.
  bool terminate(std::int32_t rank) {
    FluxTurn turn = world.turn();
    return brokers::terminate(turn, world.row(), rank, {kubernetes::Writer::User});
  }
  bool disconnect(std::int32_t rank) {
    FluxTurn turn = world.turn();
    return brokers::disconnect(turn, world.row(), rank, {kubernetes::Writer::User});
  }
  void crash(std::int32_t index, std::int32_t exit_code) {
    FluxTurn turn = world.turn();
    ASSERT_TRUE(kubernetes::kubelet::end_containers(turn.kubernetes, world.pod(index), exit_code,
                                                    sim::kNoTransition));
  }
  [[nodiscard]] Process process_of(std::int32_t rank) {
    return world.minicluster().instance.brokers[static_cast<std::size_t>(rank)].process;
  }

  FluxWorld world;
};

TEST_F(Story, the_job_of_a_minicluster) {
  begin(downsize_manifest());
  const kubernetes::Job& job = world.job();
  EXPECT_EQ(world.cluster.name_of(job.meta), "flux-sample");
  EXPECT_EQ(job.owner.kind, kubernetes::Kind::MiniCluster);
  EXPECT_EQ(job.owner.uid, world.minicluster().meta.uid);
  EXPECT_EQ(job.spec.completions, 4);
  EXPECT_EQ(job.spec.parallelism, 4);
  EXPECT_TRUE(job.spec.indexed);
  EXPECT_EQ(job.spec.backoff_limit, 100);
  EXPECT_EQ(job.spec.backoff_limit_per_index, 0);
  EXPECT_EQ(job.spec.active_deadline_seconds, 31'500'000);
  const kubernetes::PodTemplate& pod_template = *world.cluster.templates[job.spec.pod_template];
  EXPECT_EQ(pod_template.init_containers, 1);
  EXPECT_EQ(pod_template.restart_policy, kubernetes::RestartPolicy::OnFailure);
  EXPECT_EQ(pod_template.containers.back().name, "flux-sample");
  EXPECT_EQ(*kubernetes::find_label(pod_template.labels, "hpa-selector"), "flux-sample");
  EXPECT_EQ(*kubernetes::find_label(pod_template.labels, "app.kubernetes.io/name"), "flux-sample");
  EXPECT_EQ(world.cluster.hostname_of(world.cluster.pods[world.pod(3)]), "flux-sample-3");
  EXPECT_EQ(world.minicluster().status.maximum_size, 10);
  EXPECT_EQ(world.minicluster().status.size, 0);  // written by a resize only
  EXPECT_EQ(world.minicluster().instance.quorum, 4);
}

TEST_F(Story, without_the_switch_and_without_the_gate_no_limit_per_index) {
  begin(restarting_manifest());
  EXPECT_EQ(world.job().spec.backoff_limit_per_index, -1);
  EXPECT_EQ(world.job().spec.backoff_limit, 100);
}

TEST_F(Story, FX_01_initial_table) {
  begin(downsize_manifest());
  EXPECT_EQ(world.pods(), "0 1 2 3");
  EXPECT_EQ(world.list(), list_text("     4       40        0 flux-sample-[0-3]", kNothingAllocated,
                                    "     6       60        0 flux-sample-[4-9]"));
}

TEST_F(Story, FX_03_a_pod_deleted_after_its_drain_does_not_come_back) {
  begin(downsize_manifest());
  world.drain("flux-sample-2", "I am a bad person");
  const std::string before = world.list();
  world.delete_pod(2);
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 3");
  EXPECT_EQ(world.failed_indexes(), "2");
  EXPECT_EQ(world.list(), before);
  EXPECT_NE(world.status().find("  drained*  \xe2\x9c\x97      1 flux-sample-2\n"), std::string::npos);
}

TEST_F(Story, FX_04_with_the_default_backoff_it_comes_back_and_stays_drained) {
  begin(restarting_manifest());
  world.drain("flux-sample-2", "I am a bad person");
  const std::string before = world.list();
  const kubernetes::Uid first = world.cluster.pods[world.pod(2)].meta.uid;
  world.delete_pod(2);
  world.run_for(5s);
  EXPECT_EQ(world.cluster.pods[world.pod(2)].meta.uid, first);  // back-off
  world.run_for(FluxWorld::kRest);
  EXPECT_NE(world.cluster.pods[world.pod(2)].meta.uid, first);
  EXPECT_EQ(world.pods(), "0 1 2 3");
  EXPECT_EQ(world.list(), before);
  EXPECT_NE(world.status().find("   drained  \xe2\x9c\x94      1 flux-sample-2\n"), std::string::npos);
  EXPECT_EQ(world.undrain("flux-sample-2"), ProgramResult{});
  EXPECT_EQ(world.list(), list_text("     4       40        0 flux-sample-[0-3]", kNothingAllocated,
                                    "     6       60        0 flux-sample-[4-9]"));
}

TEST_F(Story, FX_05_the_whole_seed) {
  begin(downsize_manifest());
  EXPECT_EQ(world.list(), list_text("     4       40        0 flux-sample-[0-3]", kNothingAllocated,
                                    "     6       60        0 flux-sample-[4-9]"));
  EXPECT_EQ(world.drain("flux-sample-2", "I am a bad person"), ProgramResult{});
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-1,3]", kNothingAllocated,
                                    "     7       70        0 flux-sample-[2,4-9]"));
  world.delete_pod(2);
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 3");
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-1,3]", kNothingAllocated,
                                    "     7       70        0 flux-sample-[2,4-9]"));
  EXPECT_EQ(world.apply(downsize_manifest(3)), Change::Configured);
  world.run_for(10s);
  EXPECT_EQ(world.pods(), "0 1 3-");  // terminating
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1");
  EXPECT_EQ(world.failed_indexes(), "2");
  EXPECT_EQ(world.list(), list_text("     2       20        0 flux-sample-[0-1]", kNothingAllocated,
                                    "     8       80        0 flux-sample-[2-9]"));
  EXPECT_EQ(world.apply(downsize_manifest(4)), Change::Configured);
  world.run_for(4s);
  EXPECT_EQ(world.pods(), "0 1 3P");  // Init:0/1
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 3");
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-1,3]", kNothingAllocated,
                                    "     7       70        0 flux-sample-[2,4-9]"));
  EXPECT_EQ(world.apply(downsize_manifest(6)), Change::Configured);
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 3 4 5");
  EXPECT_EQ(world.failed_indexes(), "2");
  EXPECT_EQ(world.list(), list_text("     5       50        0 flux-sample-[0-1,3-5]", kNothingAllocated,
                                    "     5       50        0 flux-sample-[2,6-9]"));
  EXPECT_EQ(world.apply(downsize_manifest(6)), Change::Unchanged);
}

TEST_F(Story, FX_05_with_complete_workers_the_pod_completes_and_the_tables_are_the_same) {
  begin(completing_manifest());
  world.drain("flux-sample-2", "I am a bad person");
  ASSERT_TRUE(disconnect(2));
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 2S 3");
  EXPECT_EQ(world.completed_indexes(), "2");
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-1,3]", kNothingAllocated,
                                    "     7       70        0 flux-sample-[2,4-9]"));
  world.resize(3);
  EXPECT_EQ(world.list(), list_text("     2       20        0 flux-sample-[0-1]", kNothingAllocated,
                                    "     8       80        0 flux-sample-[2-9]"));
  world.resize(4);
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-1,3]", kNothingAllocated,
                                    "     7       70        0 flux-sample-[2,4-9]"));
  world.resize(6);
  EXPECT_EQ(world.pods(), "0 1 2S 3 4 5");
  EXPECT_EQ(world.list(), list_text("     5       50        0 flux-sample-[0-1,3-5]", kNothingAllocated,
                                    "     5       50        0 flux-sample-[2,6-9]"));
}

TEST_F(Story, FX_06_plain_down_and_up_fails_no_index) {
  begin(downsize_manifest());
  world.resize(3);
  EXPECT_EQ(world.pods(), "0 1 2");
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-2]", kNothingAllocated,
                                    "     7       70        0 flux-sample-[3-9]"));
  world.resize(4);
  EXPECT_EQ(world.list(), list_text("     4       40        0 flux-sample-[0-3]", kNothingAllocated,
                                    "     6       60        0 flux-sample-[4-9]"));
  EXPECT_EQ(world.failed_indexes(), "");
}

TEST_F(Story, FX_07_size_1_keeps_rank_0) {
  begin(downsize_manifest());
  const kubernetes::Uid leader = world.cluster.pods[world.pod(0)].meta.uid;
  world.resize(1);
  EXPECT_EQ(world.pods(), "0");
  EXPECT_EQ(world.cluster.pods[world.pod(0)].meta.uid, leader);
  EXPECT_EQ(world.list(), list_text("     1       10        0 flux-sample-0", kNothingAllocated,
                                    "     9       90        0 flux-sample-[1-9]"));
}

TEST_F(Story, FX_08_size_0_does_nothing_and_5_works_after_it) {
  begin(downsize_manifest());
  world.resize(0);
  EXPECT_EQ(world.minicluster().spec.size, 0);
  EXPECT_EQ(world.job().spec.parallelism, 4);
  EXPECT_EQ(world.pods(), "0 1 2 3");
  world.resize(5);
  EXPECT_EQ(world.job().spec.completions, 5);
  EXPECT_EQ(world.pods(), "0 1 2 3 4");
}

TEST_F(Story, FX_09_above_the_explicit_maximum_nothing_changes) {
  begin(downsize_manifest());
  world.resize(12);
  EXPECT_EQ(world.job().spec.parallelism, 4);
  EXPECT_EQ(world.minicluster().spec.size, 12);
  EXPECT_EQ(world.told(Field::ValidationFailed).back(),
            "validation failed: MaxSize of cluster must be greater than size.");
  world.resize(5);
  EXPECT_EQ(world.pods(), "0 1 2 3 4");
}

TEST_F(Story, FX_10_above_the_implicit_maximum_the_spec_is_patched_to_it) {
  begin(downsize_manifest(4, 0));
  world.resize(5);
  EXPECT_EQ(world.minicluster().spec.size, 4);
  EXPECT_EQ(world.job().spec.parallelism, 4);
  EXPECT_EQ(world.told(Field::SizeDenied), (std::vector<std::string>{"size 5 denied, set back to 4"}));
}

TEST_F(Story, a_denied_size_becomes_the_maximum_not_the_previous_size) {
  begin(downsize_manifest(4, 0));
  world.resize(2);
  EXPECT_EQ(world.pods(), "0 1");
  world.resize(9);
  EXPECT_EQ(world.minicluster().spec.size, 4);
  EXPECT_EQ(world.job().spec.parallelism, 4);
  EXPECT_EQ(world.pods(), "0 1 2 3");
}

TEST_F(Story, a_negative_size_is_set_back_to_the_jobs) {
  begin(downsize_manifest());
  world.resize(-3);
  EXPECT_EQ(world.minicluster().spec.size, 4);
  EXPECT_EQ(world.pods(), "0 1 2 3");
}

TEST_F(Story, a_raised_maximum_passes_validation_but_the_first_one_still_caps) {
  begin(downsize_manifest(4, 5));
  FluxTurn turn = world.turn();
  merge_patch(turn, world.row(), {{"spec", {{"maxSize", 8}, {"size", 7}}}}, {kubernetes::Writer::User});
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.minicluster().spec.size, 5);
  EXPECT_EQ(world.pods(), "0 1 2 3 4");
  EXPECT_EQ(world.minicluster().instance.size, 5);
}

TEST_F(Story, FX_11_draining_until_the_job_ends) {
  begin(downsize_manifest());
  ASSERT_TRUE(world.submit({1, 10, 60s, {2}}));
  world.drain("flux-sample-2", "soon");
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-1,3]",
                                    "     1       10        0 flux-sample-2",
                                    "     7       70        0 flux-sample-[2,4-9]"));
  world.run_for(61s);
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-1,3]", kNothingAllocated,
                                    "     7       70        0 flux-sample-[2,4-9]"));
}

TEST_F(Story, a_job_on_a_lost_node_fails) {
  begin(downsize_manifest());
  ASSERT_TRUE(world.submit({1, 10, 1h, {2}}));
  world.delete_pod(2);
  world.run_for(29s);
  EXPECT_EQ(world.minicluster().instance.jobs.size(), 1U);  // the broker lives as long as its container
  world.run_for(5s);
  EXPECT_EQ(world.told(Field::FluxJobState).back(), "job 1 failed: node-failure on flux-sample-2 (rank 2)");
}

TEST_F(Story, FX_16_rank_0_lost_with_the_default_backoff) {
  begin(restarting_manifest());
  world.drain("3", "a disk");
  ASSERT_TRUE(world.submit({1, 1, 1h, {}}));
  world.delete_pod(0);
  world.run_for(31s);
  EXPECT_FALSE(reachable(world.minicluster()));
  world.run_for(2s);
  EXPECT_NE(process_of(1), Process::Running);  // it lost its parent and sleeps 15 s
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 2 3");
  EXPECT_TRUE(world.minicluster().instance.quorum_reached);
  EXPECT_TRUE(world.minicluster().instance.jobs.empty());
  EXPECT_EQ(world.told(Field::DrainsLost),
            (std::vector<std::string>{"1 drained rank forgotten with rank 0's state"}));
  EXPECT_EQ(world.list(), list_text("     4       40        0 flux-sample-[0-3]", kNothingAllocated,
                                    "     6       60        0 flux-sample-[4-9]"));
}

TEST_F(Story, FX_17_rank_0_lost_for_good) {
  begin(downsize_manifest());
  world.delete_pod(0);
  world.run_for(1h);
  EXPECT_EQ(world.failed_indexes(), "0");
  EXPECT_EQ(world.pods(), "1 2 3");
  EXPECT_FALSE(world.job().status.finished());
  EXPECT_EQ(resource_list(world.cluster, world.minicluster(), {}).exit_code, 1);
  EXPECT_EQ(world.drain("1", "x").exit_code, 1);
  for (const std::int32_t rank : {1, 2, 3}) {
    EXPECT_EQ(process_of(rank), Process::Connecting) << rank;
  }
}

TEST_F(Story, FX_18_two_neighbours_print_differently_in_job_and_hostlist) {
  begin(downsize_manifest(6));
  for (const std::int32_t index : {1, 2, 4}) {
    world.delete_pod(index);
  }
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.failed_indexes(), "1,2,4");
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0,3,5]", kNothingAllocated,
                                    "     7       70        0 flux-sample-[1-2,4,6-9]"));
}

TEST_F(Story, an_index_comes_back_after_a_dip_below_it) {
  begin(downsize_manifest());
  world.delete_pod(2);
  world.run_for(FluxWorld::kRest);
  world.resize(2);
  EXPECT_EQ(world.failed_indexes(), "");
  world.resize(4);
  EXPECT_EQ(world.pods(), "0 1 2 3");
  EXPECT_EQ(world.list(), list_text("     4       40        0 flux-sample-[0-3]", kNothingAllocated,
                                    "     6       60        0 flux-sample-[4-9]"));
}

TEST_F(Story, a_terminated_worker_completes_even_without_the_flag) {
  begin(restarting_manifest());
  ASSERT_TRUE(terminate(2));
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 2S 3");
  EXPECT_EQ(world.completed_indexes(), "2");
  EXPECT_EQ(world.told(Field::BrokerExited), (std::vector<std::string>{"broker of rank 2 exited with 0"}));
}

TEST_F(Story, a_disconnected_worker_sleeps_and_joins_again) {
  begin(restarting_manifest());
  ASSERT_TRUE(disconnect(2));
  world.run_for(5s);
  EXPECT_EQ(process_of(2), Process::Waiting);
  EXPECT_NE(world.list().find("down      7       70        0 flux-sample-[2,4-9]"), std::string::npos);
  world.run_for(15s);
  EXPECT_EQ(process_of(2), Process::Running);
  EXPECT_EQ(world.pods(), "0 1 2 3");
  EXPECT_NE(world.list().find("free      4       40        0 flux-sample-[0-3]"), std::string::npos);
}

TEST_F(Story, shutdown_completes_the_job) {
  begin(restarting_manifest());
  FluxTurn turn = world.turn();
  ASSERT_TRUE(brokers::shutdown(turn, world.row(), {kubernetes::Writer::User}));
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0S 1S 2S 3S");
  EXPECT_EQ(world.completed_indexes(), "0-3");
  EXPECT_TRUE(world.job().status.is_true(kubernetes::JobConditionType::Complete));
}

TEST_F(Story, a_program_of_rank_0_that_ends_takes_all_brokers_along) {
  begin(restarting_manifest());
  crash(0, 0);
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0S 1S 2S 3S");
}

TEST_F(Story, cleanup_deletes_the_minicluster_and_its_pods_when_rank_0_has_ended) {
  Json manifest = restarting_manifest();
  manifest["spec"]["cleanup"] = true;
  begin(manifest);
  EXPECT_NE(world.row(), kubernetes::kNoRow);
  FluxTurn turn = world.turn();
  brokers::shutdown(turn, world.row(), {kubernetes::Writer::User});
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.row(), kubernetes::kNoRow);
  EXPECT_EQ(world.pods(), "");
}

TEST_F(Story, a_crashed_rank_0_restarts_in_place_and_keeps_its_drains) {
  begin(downsize_manifest());
  world.drain("3", "a disk");
  crash(0, 137);
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 2 3");
  EXPECT_EQ(world.failed_indexes(), "");
  EXPECT_NE(world.status().find("   drained  \xe2\x9c\x94      1 flux-sample-3\n"), std::string::npos);
  EXPECT_NE(world.list().find("free      3       30        0 flux-sample-[0-2]"), std::string::npos);
}

TEST_F(Story, a_crashed_worker_is_lost_and_comes_back) {
  begin(downsize_manifest());
  crash(2, 1);
  world.run_for(FluxWorld::kRest);
  const std::vector<std::string> online = world.told(Field::BrokerOnline);
  EXPECT_EQ(std::vector<std::string>(online.end() - 2, online.end()),
            (std::vector<std::string>{"rank 2 offline", "rank 2 online"}));
  EXPECT_EQ(world.pods(), "0 1 2 3");
}

TEST_F(Story, workers_that_start_first_wait_for_rank_0) {
  Json manifest = restarting_manifest();
  begin(manifest);
  EXPECT_TRUE(world.told(Field::BrokerExited).empty());
  EXPECT_EQ(world.told(Field::QuorumReached), (std::vector<std::string>{"quorum reached with 4 brokers"}));
}

TEST_F(Story, below_the_quorum_jobs_wait_and_rank_0_complains) {
  Json manifest = downsize_manifest();
  manifest["spec"]["size"] = 3;
  manifest["spec"]["minSize"] = 3;
  ASSERT_EQ(world.apply(manifest), Change::Created);
  world.run_for(2s);
  world.delete_pod(2);  // before its broker came up
  world.run_for(10min);
  EXPECT_FALSE(world.minicluster().instance.quorum_reached);
  EXPECT_EQ(world.told(Field::QuorumDelayed),
            (std::vector<std::string>{"quorum delayed: waiting for flux-sample-[2-9] (rank 2-9)"}));
  ASSERT_TRUE(world.submit({1, 1, 1s, {}}));
  EXPECT_EQ(world.minicluster().instance.jobs.front().state, FluxJobState::Pending);
}

TEST_F(Story, an_interior_rank_takes_its_subtree_along) {
  Json manifest = restarting_manifest(8, 8);
  manifest["spec"]["flux"] = {{"topology", "kary:2"}};
  begin(manifest);
  EXPECT_NE(world.list().find("free      8       80        0 flux-sample-[0-7]"), std::string::npos);
  crash(1, 1);  // its children are 3 and 4, 7 is a child of 3
  world.run_for(1700ms);
  EXPECT_NE(world.list().find("down      4       40        0 flux-sample-[1,3-4,7]"), std::string::npos);
  world.run_for(2s);  // restarted in place it is back, while its children sleep 15 s
  EXPECT_NE(world.list().find("down      3       30        0 flux-sample-[3-4,7]"), std::string::npos);
  world.run_for(FluxWorld::kRest);
  EXPECT_NE(world.list().find("free      8       80        0 flux-sample-[0-7]"), std::string::npos);
}

TEST_F(Story, a_silent_broker_is_torpid_after_30_s) {
  begin(downsize_manifest());
  FluxTurn turn = world.turn();
  brokers::freeze(turn, world.row(), 2, true, {kubernetes::Writer::Fault});
  world.run_for(29s);
  EXPECT_NE(world.list().find("free      4"), std::string::npos);
  world.run_for(2s);
  EXPECT_NE(world.list().find("free      3       30        0 flux-sample-[0-1,3]"), std::string::npos);
  brokers::freeze(turn, world.row(), 2, false, {kubernetes::Writer::Fault});
  EXPECT_NE(world.list().find("free      4"), std::string::npos);
}

TEST_F(Story, a_rank_with_fewer_cores_than_rank_0_drains_itself) {
  FluxWorld small(0);
  small.add_node("big", 10'000);
  Json manifest = downsize_manifest(2, 2);
  manifest["spec"]["containers"][0]["resources"] = {{"requests", {{"cpu", "6"}}}};
  ASSERT_EQ(small.apply(manifest), Change::Created);
  small.run_for(FluxWorld::kRest);
  small.add_node("small", 8'000);
  small.run_for(FluxWorld::kRest);
  ASSERT_EQ(small.pods(), "0 1");
  ASSERT_EQ(small.cluster.pods[small.pod(0)].node, 0U);  // only there is room for rank 0
  EXPECT_EQ(
      small.told(Field::NodeDrained),
      (std::vector<std::string>{"rank 1 drained: rank 1 (flux-sample-1) missing resources: core[8-9]"}));
}

TEST_F(Story, a_machine_that_loses_power_takes_its_brokers_along) {
  FluxWorld two(2);
  Json manifest = restarting_manifest(2, 2);
  manifest["spec"]["containers"][0]["resources"] = {{"requests", {{"cpu", "6"}}}};
  ASSERT_EQ(two.apply(manifest), Change::Created);
  two.run_for(FluxWorld::kRest);
  FluxTurn turn = two.turn();
  kubernetes::Fault fault{kubernetes::FaultKind::NodeDies, two.cluster.pods[two.pod(1)].node, 0, 0};
  ASSERT_TRUE(kubernetes::apply(turn.kubernetes, fault));
  two.run_for(19s);
  EXPECT_NE(two.list().find("free      2"), std::string::npos);  // no connection was closed
  two.run_for(3s);
  EXPECT_NE(two.list().find("free      1       10        0 flux-sample-0"), std::string::npos);
  fault.kind = kubernetes::FaultKind::NodeReturns;
  ASSERT_TRUE(kubernetes::apply(turn.kubernetes, fault));
  two.run_for(FluxWorld::kRest);
  EXPECT_NE(two.list().find("free      2"), std::string::npos);
}

TEST_F(Story, deleting_the_minicluster_deletes_job_and_pods) {
  begin(downsize_manifest());
  FluxTurn turn = world.turn();
  ASSERT_TRUE(delete_minicluster(turn, world.row(), {kubernetes::Writer::User}));
  EXPECT_EQ(world.row(), kubernetes::kNoRow);
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "");
  EXPECT_EQ(world.cluster.find_job("default", "flux-sample"), kubernetes::kNoRow);
}

TEST_F(Story, a_deleted_job_is_created_anew) {
  begin(downsize_manifest());
  world.delete_pod(2);
  world.run_for(FluxWorld::kRest);
  FluxTurn turn = world.turn();
  kubernetes::delete_job(turn.kubernetes, world.minicluster().job, {kubernetes::Writer::User});
  world.run_for(FluxWorld::kRest);
  EXPECT_EQ(world.pods(), "0 1 2 3");
  EXPECT_EQ(world.failed_indexes(), "");
  EXPECT_NE(world.list().find("free      4       40        0 flux-sample-[0-3]"), std::string::npos);
}

TEST_F(Story, the_cause_of_a_lost_broker_leads_back_to_the_persons_edit) {
  begin(downsize_manifest());
  world.resize(3);
  sim::TransitionId id = world.history.next_id() - 1;
  while (world.history.at(id).field != static_cast<std::uint16_t>(Field::BrokerOnline)) {
    --id;
  }
  bool edit = false;
  for (; id != sim::kNoTransition; id = world.history.at(id).cause) {
    edit = edit || world.history.at(id).field == static_cast<std::uint16_t>(Field::MiniClusterSize);
  }
  EXPECT_TRUE(edit);
}

TEST_F(Story, a_world_that_begins_at_work_has_all_brokers_online) {
  begin(downsize_manifest());
  const std::string before = world.list();
  MiniCluster& minicluster = world.minicluster();
  minicluster.instance = Instance{};
  FluxTurn turn = world.turn();
  settle_minicluster(turn, world.row());
  EXPECT_EQ(world.list(), before);
}

TEST_F(Story, equal_situations_at_other_times_have_equal_hashes) {
  const auto digest = [&] {
    sim::Hasher hasher;
    hash(world.state, world.cluster, world.agenda.now, hasher);
    return hasher.digest();
  };
  begin(downsize_manifest());
  const sim::Digest before = digest();
  world.run_for(1h);
  EXPECT_EQ(digest(), before);
  world.drain("2", "a");
  EXPECT_NE(digest(), before);
  world.undrain("2");
  EXPECT_EQ(digest(), before);
  world.delete_pod(0);
  world.run_for(10min);
  const sim::Digest without_leader = digest();
  EXPECT_NE(without_leader, before);
  world.run_for(20s);  // once round the workers' loop of tries and pauses
  EXPECT_EQ(digest(), without_leader);
  world.run_for(7s);
  EXPECT_NE(digest(), without_leader);
}

// The seed's story with any name and any sizes: what it must show, by sets.
RC_GTEST_PROP(StoryProperty, tables_of_any_downsize_story, ()) {
  const std::string name = *rc::gen::element<std::string>("flux-sample", "lab", "a-b-7");
  const std::int32_t max_size = *rc::gen::inRange(3, 9);
  const std::int32_t size = *rc::gen::inRange(2, max_size + 1);
  const std::int32_t drained = *rc::gen::inRange(1, size);
  const auto sizes = *rc::gen::container<std::vector<std::int32_t>>(2, rc::gen::inRange(1, max_size + 1));
  FluxWorld world;
  RC_ASSERT(world.apply(downsize_manifest(size, max_size, name)) == Change::Created);
  world.run_for(FluxWorld::kRest);
  RC_ASSERT(world.drain(std::to_string(drained), "gone soon") == ProgramResult{});
  world.delete_pod(drained);
  world.run_for(FluxWorld::kRest);

  std::set<std::int32_t> failed{drained};
  std::set<std::int32_t> running;
  for (std::int32_t index = 0; index < size; ++index) running.insert(index);
  running.erase(drained);
  const auto check = [&] {
    std::set<std::int32_t> free = running;
    free.erase(drained);  // drained for ever, whether it runs or not
    std::vector<std::string> up, down;
    for (std::int32_t rank = 0; rank < max_size; ++rank) {
      (free.count(rank) != 0 ? up : down).push_back(name + '-' + std::to_string(rank));
    }
    const auto row = [](const std::vector<std::string>& hosts) {
      return fmt::format("{:>6} {:>8} {:>8} {}", hosts.size(), hosts.size() * 10, 0,
                         hostlist_compress(hosts));
    };
    RC_ASSERT(world.list() == list_text(row(up), kNothingAllocated, row(down)));
  };
  check();
  for (const std::int32_t next : sizes) {
    world.resize(next);
    std::erase_if(failed, [&](std::int32_t index) { return index >= next; });
    running.clear();
    for (std::int32_t index = 0; index < next; ++index) {
      if (failed.count(index) == 0) running.insert(index);
    }
    check();
  }
}

}  // namespace
}  // namespace models::flux

// Commands of `flux resource` on an instance whose state is set by hand.

#include "models/flux/drain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/unit/flux/flux_fixture.h"

namespace models::flux {
namespace {

using testing_support::downsize_manifest;
using testing_support::FluxWorld;
using testing_support::list_text;

/// An instance of ten ranks, four of them online, that nobody acts on.
class DrainTest : public testing::Test {
 protected:
  DrainTest() {
    world.apply(downsize_manifest());
    MiniCluster& minicluster = world.minicluster();
    minicluster.setting.cores = 10;
    Instance& instance = minicluster.instance;
    instance.size = 10;
    instance.cores = 10;
    instance.serving = instance.quorum_reached = true;
    brokers::prepare(instance);
    for (std::size_t rank = 0; rank < 4; ++rank) {
      instance.brokers[rank].online = true;
    }
  }

  void set_flux(std::int32_t minor) { world.minicluster().setting.flux_minor = minor; }
  [[nodiscard]] std::string reason_of(std::int32_t rank) {
    const Drain* drain = find_drain(world.minicluster().instance, rank);
    return drain == nullptr ? "(not drained)" : drain->reason;
  }
  ProgramResult drain_without_reason(const std::string& targets) {
    FluxTurn turn = world.turn();
    return drain(turn, world.row(), {targets, std::nullopt, 0, false}, {kubernetes::Writer::User});
  }
  ProgramResult undrain_all(const std::string& targets, bool force, bool update) {
    FluxTurn turn = world.turn();
    return undrain(turn, world.row(), {targets, force, update}, {kubernetes::Writer::User});
  }

  FluxWorld world;
};

TEST_F(DrainTest, FX_02_a_drained_rank_is_down_and_the_command_is_silent) {
  EXPECT_EQ(world.drain("flux-sample-2", "I am a bad person"), ProgramResult{});
  EXPECT_EQ(world.list(),
            list_text("     3       30        0 flux-sample-[0-1,3]", "     0        0        0 ",
                      "     7       70        0 flux-sample-[2,4-9]"));
  EXPECT_NE(world.status().find("   drained  \xe2\x9c\x94      1 flux-sample-2\n"), std::string::npos);
  EXPECT_EQ(world.told(Field::NodeDrained).back(), "rank 2 drained: I am a bad person");
}

TEST_F(DrainTest, FX_11_a_drained_rank_with_a_job_is_draining_until_the_job_ends) {
  ASSERT_TRUE(world.submit({1, 10, std::chrono::seconds{60}, {2}}));
  world.drain("flux-sample-2", "soon");
  EXPECT_EQ(world.list(), list_text("     3       30        0 flux-sample-[0-1,3]",
                                    "     1       10        0 flux-sample-2",
                                    "     7       70        0 flux-sample-[2,4-9]"));
  EXPECT_NE(world.status().find("  draining  \xe2\x9c\x94      1 flux-sample-2\n"), std::string::npos);
  FluxTurn turn = world.turn();
  world.agenda.now += std::chrono::seconds{60};
  flux_jobs::on_end(turn, world.row(), 1, sim::kNoTransition);
  EXPECT_EQ(world.list(),
            list_text("     3       30        0 flux-sample-[0-1,3]", "     0        0        0 ",
                      "     7       70        0 flux-sample-[2,4-9]"));
  EXPECT_NE(world.status().find("   drained  \xe2\x9c\x94      1 flux-sample-2\n"), std::string::npos);
}

TEST_F(DrainTest, FX_12_a_partly_used_rank_is_free_and_allocated) {
  ASSERT_TRUE(world.submit({1, 1, std::chrono::seconds{60}, {}}));
  EXPECT_EQ(world.list(),
            list_text("     4       39        0 flux-sample-[0-3]", "     1        1        0 flux-sample-0",
                      "     6       60        0 flux-sample-[4-9]"));
}

TEST_F(DrainTest, FX_13_draining_twice_fails_as_a_whole_unless_updated) {
  world.drain("2", "a");
  const ProgramResult again = world.drain("1-2", "b");
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(again.errors,
            "flux-resource: ERROR: [Errno 17] rank 2 already drained\n"
            "flux-resource: INFO: Use --force to overwrite existing drain reason\n");
  EXPECT_EQ(reason_of(1), "(not drained)");
  EXPECT_EQ(world.drain("1-2", "b", 0, true), ProgramResult{});
  EXPECT_EQ(reason_of(1), "b");
  EXPECT_EQ(reason_of(2), "a");
}

TEST_F(DrainTest, several_drained_ranks_are_named_as_an_idset) {
  world.drain("1-2,4", "a");
  EXPECT_EQ(world.drain("flux-sample-[0-4]", "b").errors.substr(0, 60),
            "flux-resource: ERROR: [Errno 17] ranks 1-2,4 already drained");
}

TEST_F(DrainTest, a_drain_without_reason_may_get_one) {
  EXPECT_EQ(drain_without_reason("2"), ProgramResult{});
  EXPECT_EQ(world.drain("2", "found out"), ProgramResult{});
  EXPECT_EQ(reason_of(2), "found out");
  EXPECT_EQ(world.drain("2", "once more").exit_code, 1);
}

TEST_F(DrainTest, force_changes_the_reason_and_twice_the_time) {
  world.drain("2", "a");
  const sim::Time first = find_drain(world.minicluster().instance, 2)->since;
  world.agenda.now += std::chrono::minutes{5};
  EXPECT_EQ(world.drain("2", "b", 1), ProgramResult{});
  EXPECT_EQ(reason_of(2), "b");
  EXPECT_EQ(find_drain(world.minicluster().instance, 2)->since, first);
  EXPECT_EQ(world.drain("2", "c", 2), ProgramResult{});
  EXPECT_EQ(find_drain(world.minicluster().instance, 2)->since, world.agenda.now);
  EXPECT_EQ(world.drain("2", "d", 1, true).errors,
            "flux-resource: ERROR: Only one of --force and --update may be specified\n");
}

TEST_F(DrainTest, excluded_ranks_cannot_be_drained_even_by_force) {
  world.minicluster().setting.excluded = {3};
  world.drain("2", "a");
  EXPECT_EQ(world.drain("3", "x").errors, "flux-resource: ERROR: [Errno 22] rank 3 excluded\n");
  EXPECT_EQ(world.drain("3", "x", 1).exit_code, 1);
  EXPECT_EQ(world.drain("2-3", "x").errors,
            "flux-resource: ERROR: [Errno 17] ranks 2-3 already drained or excluded\n"
            "flux-resource: INFO: Use --force to overwrite existing drain reason\n");
}

struct TargetCase {
  const char* name;
  const char* targets;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& os, const TargetCase& c) { return os << c.targets; }
};

const TargetCase kTargetCases[] = {
    {"empty", "", "idset is empty"},
    {"empty_brackets", "[]", "idset is empty"},
    {"beyond_the_instance", "10", "idset is out of range"},
    {"a_host_that_is_not_there", "flux-sample-[9-11]", "invalid targets: invalid hosts: flux-sample-[10-11]"},
    {"no_hostlist", "flux-sample-[", "invalid targets: Hostlist cannot be decoded"},
};

class DrainTargets : public DrainTest, public testing::WithParamInterface<TargetCase> {};

TEST_P(DrainTargets, AreRefusedInTheWordsOfTheResourceModule) {
  const std::string problem = GetParam().problem;
  const ProgramResult drained = world.drain(GetParam().targets, "x");
  EXPECT_EQ(drained.exit_code, 1);
  EXPECT_EQ(drained.errors, "flux-resource: ERROR: [Errno 22] " + problem + "\n");
  EXPECT_EQ(world.undrain(GetParam().targets).errors, "flux-resource: ERROR: " + problem + "\n");
}

INSTANTIATE_TEST_SUITE_P(Cases, DrainTargets, testing::ValuesIn(kTargetCases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_F(DrainTest, targets_are_ranks_or_hosts_and_may_be_offline) {
  const ResourceView view = resource_view(world.cluster, world.minicluster());
  EXPECT_EQ(decode_targets("[1,3-4]", view).ranks, (std::vector<std::int32_t>{1, 3, 4}));
  EXPECT_EQ(decode_targets("flux-sample-[3,1],flux-sample-1", view).ranks, (std::vector<std::int32_t>{1, 3}));
  EXPECT_EQ(world.drain("9", "not there yet"), ProgramResult{});
  EXPECT_NE(world.status().find("  drained*  \xe2\x9c\x97      1 flux-sample-9\n"), std::string::npos);
}

TEST_F(DrainTest, undraining_what_is_not_drained_fails_as_a_whole) {
  world.drain("2", "a");
  set_flux(58);
  EXPECT_EQ(world.undrain("1-3").errors, "flux-resource: ERROR: rank 1 not drained\n");
  set_flux(67);
  EXPECT_EQ(world.undrain("1-3").errors, "flux-resource: ERROR: flux-sample-[1,3] (ranks 1,3) not drained\n");
  set_flux(82);
  EXPECT_EQ(world.undrain("1-3").errors, "flux-resource: ERROR: ranks 1,3 not drained\n");
  EXPECT_EQ(world.undrain("1").errors, "flux-resource: ERROR: rank 1 not drained\n");
  EXPECT_EQ(reason_of(2), "a");
  EXPECT_EQ(undrain_all("1-3", true, false), ProgramResult{});
  EXPECT_EQ(reason_of(2), "(not drained)");
  EXPECT_EQ(undrain_all("1-3", false, true), ProgramResult{});
}

TEST_F(DrainTest, FX_14_an_absent_drained_rank_can_be_undrained_and_stays_down) {
  world.drain("2", "a");
  world.minicluster().instance.brokers[2].online = false;
  const std::string before = world.list();
  EXPECT_NE(world.status().find("  drained*  \xe2\x9c\x97      1 flux-sample-2\n"), std::string::npos);
  EXPECT_EQ(world.undrain("flux-sample-2"), ProgramResult{});
  EXPECT_NE(world.status().find("    avail*  \xe2\x9c\x97      7 flux-sample-[2,4-9]\n"), std::string::npos);
  EXPECT_EQ(world.list(), before);
}

TEST_F(DrainTest, nothing_answers_without_rank_0) {
  world.minicluster().instance.serving = false;
  const std::string text =
      "Unable to connect to Flux: broker socket /mnt/flux/config/run/flux/local was not found\n";
  EXPECT_EQ(world.drain("2", "a").errors, "flux-resource: ERROR: [Errno 2] " + text);
  EXPECT_EQ(world.undrain("2").errors, "flux-resource: ERROR: " + text);
  const ProgramResult refused{{}, "flux-resource: ERROR: " + text, 1};
  EXPECT_EQ(resource_list(world.cluster, world.minicluster(), {}), refused);
  EXPECT_EQ(resource_status(world.cluster, world.minicluster(), {}), refused);
  EXPECT_EQ(resource_drain_list(world.cluster, world.minicluster(), {}), refused);
  EXPECT_EQ(resource_info(world.cluster, world.minicluster(), {}), refused);
}

TEST_F(DrainTest, unknown_states_are_refused_before_anything_is_asked) {
  TableRequest request;
  request.states = {"free", "broken"};
  EXPECT_EQ(resource_list(world.cluster, world.minicluster(), request).errors,
            "flux-resource: ERROR: Invalid resource state broken specified\n");
  request.states = {"broken"};
  EXPECT_EQ(resource_status(world.cluster, world.minicluster(), request).errors,
            "flux-resource: ERROR: Invalid resource state broken specified\n"
            "flux-resource: INFO: valid states: all,online,avail,offline,exclude,drain,draining,drained\n");
}

TEST_F(DrainTest, info_counts_all_ranks) {
  EXPECT_EQ(resource_info(world.cluster, world.minicluster(), {}).output, "10 Nodes, 100 Cores, 0 GPUs\n");
  TableRequest up;
  up.states = {"up"};
  EXPECT_EQ(resource_info(world.cluster, world.minicluster(), up).output, "4 Nodes, 40 Cores, 0 GPUs\n");
}

TEST_F(DrainTest, jobs_wait_in_order_and_start_when_cores_come_free) {
  ASSERT_TRUE(world.submit({4, 10, std::chrono::seconds{60}, {}}));
  ASSERT_TRUE(world.submit({4, 6, std::chrono::seconds{60}, {}}));
  ASSERT_TRUE(world.submit({1, 1, std::chrono::seconds{60}, {}}));
  EXPECT_EQ(world.minicluster().instance.jobs[2].state, FluxJobState::Pending);
  FluxTurn turn = world.turn();
  ASSERT_TRUE(flux_jobs::cancel(turn, world.row(), 1, {kubernetes::Writer::User}));
  EXPECT_EQ(world.list(), list_text("     4       15        0 flux-sample-[0-3]",
                                    "     4       25        0 flux-sample-[0-3]",
                                    "     6       60        0 flux-sample-[4-9]"));
  EXPECT_EQ(world.submit({11, 1, {}, {}}).problem, "unsatisfiable request");
  EXPECT_EQ(world.submit({1, 11, {}, {}}).problem, "unsatisfiable request");
}

}  // namespace
}  // namespace models::flux

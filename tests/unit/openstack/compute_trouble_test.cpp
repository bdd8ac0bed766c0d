// What a compute service that is down, killed or fails leaves behind: servers that wait, that are stuck, or
// that are off though they say ACTIVE.

#include "tests/unit/openstack/openstack_fixture.h"

namespace models::openstack::testing_support {
namespace {

class ComputeTrouble : public CloudTest {
 protected:
  ComputeTrouble() { start(); }
  void stop_service(std::int32_t host, bool killed) {
    Turn now = turn();
    compute::stop_service(now, host, killed, {});
  }
  void start_service(std::int32_t host) {
    Turn now = turn();
    compute::start_service(now, host, {});
  }
};

TEST_F(ComputeTrouble, ARequestWaitsForAServiceThatIsDown) {
  stop_service(0, false);
  EXPECT_EQ(ask(Request::shelve).code, 202);
  run_until(1000s);
  EXPECT_EQ(state_of(), "ACTIVE/active/shelving");
  EXPECT_TRUE(server().guest_on);
  start_service(0);
  run_until(1200s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
}

TEST_F(ComputeTrouble, WhatIsUnderWayEndsBeforeAServiceStops) {
  ask(Request::shelve);
  run_until(60s);
  stop_service(0, false);
  run_until(300s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
}

TEST_F(ComputeTrouble, ARequestThatWaitedSurvivesAKilledService) {
  stop_service(0, false);
  ask(Request::shelve);
  stop_service(0, true);
  start_service(0);
  run_until(300s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
}

TEST_F(ComputeTrouble, UnshelvingIsTheConductorsAndGoesToAnotherHost) {
  world.state.hosts[0].shelved_offload_time = 0s;
  ask(Request::shelve);
  run_until(300s);
  server().host = 0;  // as a record that was not cleared
  stop_service(0, false);
  EXPECT_EQ(ask(Request::unshelve).code, 202);
  run_until(900s);
  EXPECT_EQ(state_of(), "ACTIVE/active/None");
  EXPECT_NE(server().host, 0);
}

// Source: manager.py, shelve_instance: the guest is off before the image is asked for.
TEST_F(ComputeTrouble, AnImageServiceThatIsGoneByThenLeavesTheGuestOff) {
  fix(timing::Key::openstack_shutdown, 30s);
  ask(Request::shelve);
  world.state.image_service_up = false;
  run_until(40s);
  EXPECT_EQ(state_of(), "ACTIVE/active/None");
  EXPECT_FALSE(server().guest_on);
}

TEST_F(ComputeTrouble, ASnapshotFailsAsOftenAsWasSaid) {
  server().snapshot_fails = true;
  world.state.hosts[0].snapshots_to_fail = 1;
  for (int i = 0; i < 2; ++i) {
    ask(Request::shelve);
    run_until(world.agenda.now + 100s);
    ASSERT_EQ(state_of(), "ACTIVE/active/None") << i;
  }
  ask(Request::shelve);
  run_until(world.agenda.now + 300s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None")
      << "the third is the first that may succeed";
}

TEST_F(ComputeTrouble, SomeFailForEver) {
  world.state.hosts[0].snapshots_to_fail = -1;
  for (int i = 0; i < 3; ++i) {
    ask(Request::shelve);
    run_until(world.agenda.now + 100s);
    EXPECT_EQ(state_of(), "ACTIVE/active/None") << i;
  }
}

// Source: manager.py, _clean_shutdown, shutdown_timeout; a paused or suspended guest cannot be asked.
TEST_F(ComputeTrouble, AGuestThatDoesNotEndIsSwitchedOffAtTheTimeout) {
  fix(timing::Key::openstack_shutdown, 1000s);
  world.state.shutdown_timeout = 60s;
  ask(Request::stop);
  run_until(59s);
  EXPECT_TRUE(server().guest_on);
  run_until(70s);
  EXPECT_EQ(state_of(), "SHUTOFF/stopped/None");
  server(1).vm_state = VmState::paused;
  server(2).vm_state = VmState::suspended;
  ask(Request::shelve, 1);
  ask(Request::shelve, 2);
  run_until(90s);
  EXPECT_FALSE(server(1).guest_on);
  EXPECT_FALSE(server(2).guest_on);
}

TEST_F(ComputeTrouble, APausedGuestDoesNotAct) {
  ask(Request::pause);
  run_until(60s);
  EXPECT_EQ(state_of(), "PAUSED/paused/None");
  EXPECT_FALSE(server().guest_on);
  ask(Request::unpause);
  run_until(120s);
  EXPECT_TRUE(server().guest_on);
}

// Source: conductor/manager.py, unshelve_instance: the image that was the shelf's is deleted.
TEST_F(ComputeTrouble, TheSnapshotGoesWhenTheServerIsBack) {
  for (const sim::Duration offload : {sim::Duration{0s}, sim::Duration{-1}}) {
    world.state.hosts[0].shelved_offload_time = offload;
    const std::int32_t one = offload.count() == 0 ? 0 : 1;
    ask(Request::shelve, one);
    run_until(world.agenda.now + 300s);
    ASSERT_NE(server(one).snapshot, kNone);
    const auto image = static_cast<std::size_t>(server(one).snapshot);
    ask(Request::unshelve, one);
    run_until(world.agenda.now + 600s);
    EXPECT_EQ(state_of(one), "ACTIVE/active/None");
    EXPECT_EQ(server(one).snapshot, kNone);
    EXPECT_EQ(world.state.images[image].name, "");
  }
}

TEST_F(ComputeTrouble, AServerThatCannotBeBuiltHoldsNoRoom) {
  for (Host& host : world.state.hosts) {
    host.spawns_to_fail = 1;
  }
  ask(Request::remove, 0);
  run_until(100s);
  Turn now = turn();
  const Answer made = create(now, kMember, {"new", 0, 0, kNone}, {});
  ASSERT_TRUE(made.ok());
  run_until(600s);
  EXPECT_EQ(state_of(made.server), "ERROR/error/None");
  EXPECT_EQ(server(made.server).allocation, kNone);
  EXPECT_EQ(server(made.server).fault, "Exceeded maximum number of retries.");
}

// Source: scheduler/manager.py, select_destinations: the words say whether Placement or the filters found
// none.
TEST_F(ComputeTrouble, ABuildWithoutAHostSaysWhoFoundNone) {
  ask(Request::remove, 0);
  run_until(100s);
  for (const bool down : {true, false}) {
    for (Host& host : world.state.hosts) {
      host.up = !down;
      host.full = !down;
    }
    Turn now = turn();
    const Answer made = create(now, kMember, {down ? "down" : "full", 0, 0, kNone}, {});
    run_until(world.agenda.now + 300s);
    EXPECT_EQ(state_of(made.server), "ERROR/error/None");
    EXPECT_EQ(server(made.server).fault,
              down ? "No valid host was found. There are not enough hosts available."
                   : "No valid host was found. ");
  }
}

class ShelfPoll : public CloudTest {};

// Source: manager.py, _poll_shelved_instances: VM state shelved and no task; a service that is down polls
// nothing.
TEST_F(ShelfPoll, LeavesServersAloneThatAreAtSomething) {
  Host& host = world.state.hosts[0];
  host.shelved_offload_time = 60s;
  start();
  host.next_poll = 3600s;
  world.agenda.schedule(3600s, static_cast<std::uint32_t>(Event::ShelvePoll), 0, 0, sim::kNoTransition);
  ask(Request::shelve);
  run_until(150s);
  ASSERT_EQ(state_of(), "SHELVED/shelved/None");
  server().task_state = TaskState::powering_on;
  run_until(3700s);
  EXPECT_EQ(state_of(), "SHELVED/shelved/powering-on");
  server().task_state = TaskState::none;
  host.up = false;
  run_until(7300s);
  EXPECT_EQ(state_of(), "SHELVED/shelved/None");
  host.up = true;
  run_until(11000s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
}

// Source: manager.py, _sync_power_states: each service looks after its own servers.
TEST_F(ComputeTrouble, AServiceThatIsDownSeesNoGuestThatIsOff) {
  server().guest_on = false;
  stop_service(0, false);
  run_until(1300s);
  EXPECT_EQ(state_of(), "ACTIVE/active/None");
  start_service(0);
  run_until(2000s);
  EXPECT_EQ(state_of(), "SHUTOFF/stopped/None");
}

}  // namespace
}  // namespace models::openstack::testing_support

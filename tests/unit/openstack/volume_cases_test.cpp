// Volumes of servers: when Nova gives them up, and when it does not.

#include "models/openstack/volumes.h"
#include "tests/unit/openstack/openstack_fixture.h"

namespace models::openstack::testing_support {
namespace {

constexpr int kOld = 1;
constexpr int kNew = 20;

class VolumeCase : public CloudTest {
 protected:
  VolumeCase() {
    start();
    server().volumes.push_back({"data", "volume-1", VolumeStatus::in_use, false});
  }
  Answer detach(int minor = kNew, Caller caller = kMember) {
    Turn now = turn();
    return detach_volume(now, caller, 0, place(), minor, {});
  }
  Answer attach(std::int32_t taker, int minor = kNew) {
    Turn now = turn();
    VolumePlace attached;
    return attach_volume(now, kMember, taker, place(), minor, {}, attached);
  }
  VolumePlace place() { return find_volume(world.state, kMember, "data"); }
  VolumeStatus status() {
    const VolumePlace here = place();
    return server(here.server).volumes[here.volume].status;
  }
};

TEST_F(VolumeCase, AShelvedServerKeepsItsVolumesReserved) {
  ask(Request::shelve);
  run_until(142s);
  EXPECT_EQ(status(), VolumeStatus::in_use);
  run_until(200s);
  EXPECT_EQ(status(), VolumeStatus::reserved);
  ask(Request::unshelve);
  run_until(600s);
  EXPECT_EQ(status(), VolumeStatus::in_use);
}

TEST_F(VolumeCase, NothingIsDetachedWhileATaskIsUnderWay) {
  ask(Request::shelve);
  run_until(60s);
  const Answer refused = detach();
  EXPECT_EQ(refused.code, 409);
  EXPECT_EQ(refused.message, "Cannot 'detach_volume' instance " + server().id +
                                 " while it is in task_state shelving_image_uploading");
  EXPECT_EQ(status(), VolumeStatus::in_use);
}

TEST_F(VolumeCase, OnTheShelfADetachIsAMatterOfTheDatabaseFrom220On) {
  ask(Request::shelve);
  run_until(200s);
  const Answer refused = detach(kOld);
  EXPECT_EQ(refused.code, 409);
  EXPECT_EQ(refused.message,
            "Cannot 'detach_volume' instance " + server().id + " while it is in vm_state shelved_offloaded");
  EXPECT_EQ(detach(kNew).code, 202);
  EXPECT_EQ(status(), VolumeStatus::available);
  ask(Request::unshelve);
  run_until(600s);
  EXPECT_EQ(status(), VolumeStatus::available) << "it does not come back by itself";
}

TEST_F(VolumeCase, AReservedVolumeAttachesNowhereElse) {
  ask(Request::shelve);
  run_until(200s);
  const Answer refused = attach(1);
  EXPECT_EQ(refused.code, 400);
  EXPECT_EQ(refused.message,
            "Invalid input received: Invalid volume: Volume volume-1 status must be available or downloading "
            "to reserve, but the current status is reserved.");
  detach();
  EXPECT_EQ(attach(1).code, 202);
  EXPECT_EQ(place().server, 1);
  EXPECT_EQ(status(), VolumeStatus::in_use);
  EXPECT_TRUE(server(0).volumes.empty());
}

TEST_F(VolumeCase, AServerOnTheShelfTakesAVolumeFrom220On) {
  detach();
  ask(Request::shelve, 1);
  run_until(200s);
  EXPECT_EQ(attach(1, kOld).code, 409);
  EXPECT_EQ(attach(1, kNew).code, 202);
  EXPECT_EQ(status(), VolumeStatus::reserved);
}

TEST_F(VolumeCase, WhatIsNotAttachedIsNotFoundOnceTheVersionIsRight) {
  detach();
  const Answer unknown = detach();
  EXPECT_EQ(unknown.code, 404);
  EXPECT_EQ(unknown.message, "Instance " + server().id + " is not attached to volume volume-1");
  ask(Request::shelve);
  run_until(200s);
  EXPECT_EQ(detach(kOld).code, 409) << "the version is looked at first";
  EXPECT_EQ(detach(kNew).code, 404);
}

TEST_F(VolumeCase, ALockedServerGivesNothingAway) {
  ask(Request::lock);
  EXPECT_EQ(detach().message, "Instance " + server().id + " is locked");
  EXPECT_EQ(detach(kNew, kAdmin).code, 202);
}

TEST_F(VolumeCase, ARootVolumeStays) {
  server().volumes.front().boot = true;
  const Answer refused = detach();
  EXPECT_EQ(refused.code, 400);
  EXPECT_EQ(refused.message, "Cannot detach a root device volume");
}

TEST_F(VolumeCase, StatesThatAllowADetach) {
  for (const VmState state :
       {VmState::active, VmState::paused, VmState::stopped, VmState::shelved, VmState::shelved_offloaded}) {
    server().vm_state = state;
    server().volumes.front().status = VolumeStatus::in_use;
    EXPECT_EQ(detach().code, 202) << to_text(state);
  }
  for (const VmState state : {VmState::suspended, VmState::error, VmState::building}) {
    server().vm_state = state;
    server().volumes.front().status = VolumeStatus::in_use;
    EXPECT_EQ(detach().code, 409) << to_text(state);
  }
}

}  // namespace
}  // namespace models::openstack::testing_support

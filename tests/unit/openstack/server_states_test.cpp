// Which states allow which request, and what deleting, quotas and hosts count. A request that the model
// grants and Nova refuses is a runbook that fails in its middle.

#include <algorithm>
#include <ostream>

#include "models/openstack/scheduler.h"
#include "models/openstack/volumes.h"
#include "tests/unit/openstack/openstack_fixture.h"

namespace models::openstack::testing_support {
namespace {

class ServerStates : public CloudTest {
 protected:
  ServerStates() { start(); }
  void offload(std::int32_t index = 0) {
    ask(Request::shelve, index);
    run_until(world.agenda.now + 300s);
    ASSERT_EQ(server(index).vm_state, VmState::shelved_offloaded);
  }
};

struct AllowedCase {
  const char* name;
  Request request;
  std::vector<VmState> states;
  friend std::ostream& operator<<(std::ostream& os, const AllowedCase& row) { return os << row.name; }
};

// Source: nova/compute/api.py, the check_instance_state decorators.
const AllowedCase kAllowed[] = {
    {"shelve", Request::shelve, {VmState::active, VmState::stopped, VmState::paused, VmState::suspended}},
    {"shelve_offload", Request::shelve_offload, {VmState::shelved}},
    {"unshelve", Request::unshelve, {VmState::shelved, VmState::shelved_offloaded}},
    {"stop", Request::stop, {VmState::active, VmState::error}},
    {"start", Request::start, {VmState::stopped}},
    {"pause", Request::pause, {VmState::active}},
    {"unpause", Request::unpause, {VmState::paused}},
    {"suspend", Request::suspend, {VmState::active}},
    {"resume", Request::resume, {VmState::suspended}},
    {"attach_volume",
     Request::attach_volume,
     {VmState::active, VmState::paused, VmState::stopped, VmState::shelved, VmState::shelved_offloaded}},
    {"detach_volume",
     Request::detach_volume,
     {VmState::active, VmState::paused, VmState::stopped, VmState::shelved, VmState::shelved_offloaded}},
};

class AllowedStates : public ServerStates, public testing::WithParamInterface<AllowedCase> {};

TEST_P(AllowedStates, AreThoseOfNova) {
  const std::vector<VmState>& allowed = GetParam().states;
  for (const VmState state : {VmState::active, VmState::stopped, VmState::paused, VmState::suspended,
                              VmState::shelved, VmState::shelved_offloaded, VmState::error}) {
    server().vm_state = state;
    Turn now = turn();
    const Answer answer = check(now, kAdmin, server(), GetParam().request);
    const bool granted = std::find(allowed.begin(), allowed.end(), state) != allowed.end();
    EXPECT_EQ(answer.ok(), granted) << to_text(state);
    EXPECT_TRUE(granted || answer.code == 409) << to_text(state);
  }
}

INSTANTIATE_TEST_SUITE_P(All, AllowedStates, testing::ValuesIn(kAllowed),
                         [](const auto& row) { return std::string(row.param.name); });

// Source: nova/compute/api.py, check_instance_host.
TEST_F(ServerStates, AServerThatIsNowhereIsNotReadyToBeStoppedOrStarted) {
  server().host = kNone;
  for (const Request request : {Request::stop, Request::start}) {
    const Answer answer = ask(request);
    EXPECT_EQ(answer.code, 409);
    EXPECT_EQ(answer.message, "Instance " + server().id + " is not ready");
  }
}

// Source: nova/compute/api.py, _local_delete, delete_image_of_shelved: nothing of it is left.
TEST_F(ServerStates, AServerOnTheShelfIsDeletedByTheApi) {
  server().volumes.push_back({"data", "volume-1", VolumeStatus::in_use, false});
  offload();
  ASSERT_NE(server().snapshot, kNone);
  const auto image = static_cast<std::size_t>(server().snapshot);
  EXPECT_EQ(ask(Request::remove).code, 202);
  EXPECT_EQ(server().vm_state, VmState::deleted);
  EXPECT_EQ(server().snapshot, kNone);
  EXPECT_EQ(world.state.images[image].name, "");
  EXPECT_EQ(server().volumes.front().status, VolumeStatus::available);
}

TEST_F(ServerStates, AServerThatIsDeletedWhileItComesBackStaysDeleted) {
  offload();
  ask(Request::unshelve);
  ASSERT_EQ(server().host, kNone);
  EXPECT_EQ(ask(Request::remove).code, 202);
  run_until(world.agenda.now + 600s);
  EXPECT_EQ(server().vm_state, VmState::deleted);
  EXPECT_EQ(server().allocation, kNone);
}

TEST_F(ServerStates, ADeletedServerGivesItsVolumesRoomAndQuotaBack) {
  server().volumes.push_back({"data", "volume-1", VolumeStatus::in_use, false});
  const Usage before = usage_of(world.state, 0);
  ask(Request::remove);
  run_until(600s);
  EXPECT_EQ(server().vm_state, VmState::deleted);
  EXPECT_EQ(server().allocation, kNone);
  EXPECT_EQ(server().volumes.front().status, VolumeStatus::available);
  const Usage after = usage_of(world.state, 0);
  EXPECT_EQ(after.instances, before.instances - 1);
  EXPECT_EQ(after.cores, before.cores - 8);
}

TEST_F(ServerStates, OtherProjectsCountForThemselves) {
  world.state.projects.push_back({"other", "project-2"});
  server().project = 1;
  EXPECT_EQ(usage_of(world.state, 0).instances, 9);
  EXPECT_EQ(usage_of(world.state, 1).instances, 1);
  Turn now = turn();
  server().volumes.push_back({"data", "volume-1", VolumeStatus::in_use, false});
  EXPECT_EQ(find_volume(now.state, kMember, "data").server, kNone) << "it is another project's";
  EXPECT_EQ(find_volume(now.state, kAdmin, "data").server, 0);
}

// Source: nova/compute/utils.py, check_num_instances_quota.
TEST_F(ServerStates, TheQuotaOfInstancesIsAsked) {
  world.state.projects[0].instances = 10;
  Turn now = turn();
  const Answer refused = create(now, kMember, {"eleventh", 0, 0, kNone}, {});
  EXPECT_EQ(refused.code, 403);
  EXPECT_EQ(refused.message,
            "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances");
  world.state.projects[0].instances = 11;
  Turn again = turn();
  EXPECT_TRUE(create(again, kMember, {"eleventh", 0, 0, kNone}, {}).ok());
}

TEST_F(ServerStates, UnshelvingAsksOnlyForWhatItAdds) {
  Project& project = world.state.projects[0];
  offload();
  project.count_from_placement = true;
  project.instances = 1;  // lowered meanwhile
  EXPECT_EQ(ask(Request::unshelve).code, 202) << "it is an instance already";
}

// Source: nova/api/openstack/compute/shelve.py, _unshelve; nova/compute/api.py, unshelve.
TEST_F(ServerStates, AHostIsForAdministratorsAndOffloadedServers) {
  offload();
  Turn now = turn();
  EXPECT_EQ(unshelve(now, kMember, 0, {"", "compute-3"}, {}).code, 403);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
  Turn again = turn();
  EXPECT_EQ(unshelve(again, kAdmin, 0, {"", "compute-3"}, {}).code, 202);
  run_until(world.agenda.now + 600s);
  EXPECT_EQ(server().host, 2);
  server(1).vm_state = VmState::shelved;
  Turn later = turn();
  EXPECT_EQ(unshelve(later, kAdmin, 1, {"", "compute-3"}, {}).code, 409);
}

struct RoomCase {
  const char* name;
  std::int32_t vcpus;
  std::int32_t ram_mb;
  std::int32_t disk_gb;
  bool up;
  bool fits;
  friend std::ostream& operator<<(std::ostream& os, const RoomCase& row) { return os << row.name; }
};

// Source: placement counts VCPU, MEMORY_MB and DISK_GB; ComputeFilter leaves out hosts that are down.
const RoomCase kRooms[] = {
    {"exactly_enough", 8, 30 * 1024, 60, true, true},
    {"too_few_cores", 7, 30 * 1024, 60, true, false},
    {"too_little_memory", 8, 30 * 1024 - 1, 60, true, false},
    {"too_little_disk", 8, 30 * 1024, 59, true, false},
    {"its_host_is_down", 8, 30 * 1024, 60, false, false},
};

class Rooms : public ServerStates, public testing::WithParamInterface<RoomCase> {};

TEST_P(Rooms, AreCounted) {
  const RoomCase& row = GetParam();
  offload();
  world.state.hosts.clear();
  world.state.hosts.push_back({"only", row.vcpus, row.ram_mb, row.disk_gb});
  world.state.hosts.front().up = row.up;
  for (std::size_t i = 1; i < world.state.servers.size(); ++i) {
    world.state.servers[i].allocation = kNone;
  }
  EXPECT_EQ(choose_host(world.state, server(), kNone), row.fits ? 0 : kNone);
}

INSTANTIATE_TEST_SUITE_P(All, Rooms, testing::ValuesIn(kRooms),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(ServerStates, AServerThatBootsFromAVolumeTakesNoDisk) {
  for (Server& one : world.state.servers) {
    one.image = kNone;
  }
  world.state.hosts[0].disk_gb = 60;
  const Flavor small{"small", "flavor-3", 0, 0, 60, 0};
  EXPECT_TRUE(has_room(world.state, 0, small)) << "four servers are there";
  server().image = 0;
  EXPECT_FALSE(has_room(world.state, 0, small));
}

// Source: RAMWeigher: the host with the most free memory.
TEST_F(ServerStates, TheEmptiestHostIsChosen) {
  offload(0);
  offload(5);
  EXPECT_EQ(choose_host(world.state, server(), kNone), 2) << "two of four places are taken there";
  for (const std::int32_t index : {8, 9}) {
    server(index).allocation = 1;
  }
  EXPECT_EQ(choose_host(world.state, server(), kNone), 2) << "none";
  EXPECT_EQ(choose_host(world.state, server(), 0), 0) << "the one that is wanted";
}

}  // namespace
}  // namespace models::openstack::testing_support

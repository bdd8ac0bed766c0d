// The case table of OpenStack, a test a row. Rows that span several systems (OS-16 to OS-18) are scenario
// files.

#include "tests/unit/openstack/openstack_fixture.h"

namespace models::openstack::testing_support {
namespace {

class OpenStackCase : public CloudTest {
 protected:
  OpenStackCase() { start(); }
};

TEST_F(OpenStackCase, OS01_happy_shelve) {
  EXPECT_EQ(ask(Request::shelve).code, 202);
  EXPECT_EQ(state_of(), "ACTIVE/active/shelving");
  run_until(15s);
  EXPECT_EQ(state_of(), "ACTIVE/active/shelving_image_uploading");  // extraction takes nothing here
  run_until(143s);
  EXPECT_EQ(state_of(), "SHELVED/shelved/shelving_offloading");
  run_until(152s);
  EXPECT_EQ(state_of(), "SHELVED/shelved/shelving_offloading");
  run_until(153s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
  EXPECT_EQ(server().host, kNone);
  EXPECT_EQ(server().power_state, PowerState::shutdown);
  ASSERT_EQ(world.state.images.size(), 2U);
  EXPECT_EQ(world.state.images[1].name, "worker-1-shelved");
  EXPECT_EQ(world.state.images[1].status, ImageStatus::active);
}

TEST_F(OpenStackCase, OS02_nine_node_loop) {
  for (std::int32_t i = 1; i <= 9; ++i) {
    run_until(i * 3s);
    EXPECT_EQ(ask(Request::shelve, i).code, 202);
  }
  run_until(179s);
  EXPECT_NE(server(9).vm_state, VmState::shelved_offloaded);
  run_until(180s);
  for (std::int32_t i = 1; i <= 9; ++i) {
    EXPECT_EQ(state_of(i), "SHELVED_OFFLOADED/shelved_offloaded/None") << i;
  }
}

TEST_F(OpenStackCase, OS03_unshelve_loop) {
  for (std::int32_t i = 1; i <= 9; ++i) {
    ask(Request::shelve, i);
  }
  run_until(1000s);
  for (std::int32_t i = 1; i <= 9; ++i) {
    run_until(1000s + i * 3s);
    EXPECT_EQ(ask(Request::unshelve, i).code, 202);
  }
  run_until(1191s);
  EXPECT_EQ(state_of(9), "SHELVED_OFFLOADED/shelved_offloaded/spawning");
  run_until(1192s);
  for (std::int32_t i = 1; i <= 9; ++i) {
    EXPECT_EQ(state_of(i), "ACTIVE/active/None") << i;
    EXPECT_TRUE(server(i).guest_on);
  }
  EXPECT_EQ(server(9).guest_event_at, 1267s);  // its kubelet is Ready
}

TEST_F(OpenStackCase, OS04_double_shelve) {
  ask(Request::shelve);
  run_until(10s);
  const Answer second = ask(Request::shelve);
  EXPECT_EQ(second.code, 409);
  EXPECT_EQ(error_key(second.code), "conflictingRequest");
  EXPECT_EQ(second.message,
            "Cannot 'shelve' instance " + server().id + " while it is in task_state shelving");
}

TEST_F(OpenStackCase, OS05_shelve_an_offloaded_server) {
  ask(Request::shelve);
  run_until(200s);
  const Answer answer = ask(Request::shelve);
  EXPECT_EQ(answer.code, 409);
  EXPECT_EQ(answer.message,
            "Cannot 'shelve' instance " + server().id + " while it is in vm_state shelved_offloaded");
}

TEST_F(OpenStackCase, OS06_unshelve_an_ACTIVE_server) {
  const Answer answer = ask(Request::unshelve);
  EXPECT_EQ(answer.code, 409);
  EXPECT_EQ(answer.message, "Cannot 'unshelve' instance " + server().id + " while it is in vm_state active");
}

TEST_F(OpenStackCase, OS07_NoValidHost) {
  ask(Request::shelve);
  run_until(200s);
  for (Host& host : world.state.hosts) {
    host.full = true;
  }
  EXPECT_EQ(ask(Request::unshelve).code, 202);
  run_until(204s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
  EXPECT_EQ(server().fault, "");
  EXPECT_TRUE(server().actions.back().failed);
  EXPECT_EQ(charged_percent(server().vm_state), 0);
  world.state.hosts[2].full = false;
  EXPECT_EQ(ask(Request::unshelve).code, 202);
  run_until(500s);
  EXPECT_EQ(state_of(), "ACTIVE/active/None");
  EXPECT_EQ(server().host, 2);
}

TEST_F(OpenStackCase, OS08_snapshot_failure) {
  const double before = units(0s);
  ask(Request::shelve);
  run_until(60s);
  Turn now = turn();
  compute::set_image_service(now, false, {});
  EXPECT_EQ(state_of(), "ACTIVE/active/None");
  EXPECT_FALSE(server().guest_on);
  EXPECT_EQ(server().power_state, PowerState::running);  // nobody has looked yet
  run_until(600s);
  EXPECT_EQ(state_of(), "SHUTOFF/stopped/None");
  // 8 units an hour until then, 4 afterwards; the nine others 8 each.
  EXPECT_NEAR(units(600s) - before, 10 * 8 * 600.0 / 3600, 1e-6);
  EXPECT_NEAR(units(4200s) - units(600s), 9 * 8 + 4, 1e-6);
  EXPECT_EQ(world.state.images[1].status, ImageStatus::queued);
}

TEST_F(OpenStackCase, OS09_compute_restart_mid_upload) {
  ask(Request::shelve);
  run_until(60s);
  Turn now = turn();
  compute::stop_service(now, server().host, true, {});
  compute::start_service(now, server().host, {});
  run_until(10000s);
  EXPECT_EQ(state_of(), "ACTIVE/active/shelving_image_uploading");
  EXPECT_EQ(ask(Request::shelve).code, 409);
  EXPECT_EQ(ask(Request::unshelve).code, 409);
  EXPECT_EQ(ask(Request::stop).code, 409);
  EXPECT_EQ(ask(Request::reset_active, 0, kMember).code, 403);
  EXPECT_EQ(ask(Request::reset_active, 0, kAdmin).code, 202);
  EXPECT_EQ(ask(Request::shelve).code, 202);
  EXPECT_EQ(ask(Request::remove).code, 202);
}

TEST_F(OpenStackCase, OS10_volume_backed) {
  for (const sim::Duration offload : {sim::Duration{0s}, sim::Duration{-1}}) {
    world.state.hosts[0].shelved_offload_time = offload;
    const std::int32_t one = offload.count() == 0 ? 0 : 1;
    server(one).image = kNone;
    server(one).volumes.push_back({"root", "volume-1", VolumeStatus::in_use, true});
    const sim::Time asked = world.agenda.now;
    ask(Request::shelve, one);
    run_until(asked + 24s);
    EXPECT_EQ(state_of(one), "ACTIVE/active/shelving");
    run_until(asked + 25s);
    EXPECT_EQ(state_of(one), "SHELVED_OFFLOADED/shelved_offloaded/None");
    EXPECT_EQ(server(one).volumes.front().status, VolumeStatus::reserved);
  }
  EXPECT_EQ(world.state.images.size(), 1U);
}

class OpenStackOffloadTime : public CloudTest {};

TEST_F(OpenStackOffloadTime, OS11_offload_time_7200) {
  // Shelved at 143 s; the host looks at 743, 4343 and 7943 s: 600, 4200 and 7800 s later.
  world.state.hosts[0].shelved_offload_time = 7200s;
  start();
  world.state.hosts[0].next_poll = 743s;
  world.agenda.schedule(743s, static_cast<std::uint32_t>(Event::ShelvePoll), 0, 0, sim::kNoTransition);
  ask(Request::shelve, 0);
  ask(Request::shelve, 1);
  run_until(143s);
  EXPECT_EQ(state_of(), "SHELVED/shelved/None");
  run_until(143s + 7000s);
  EXPECT_EQ(ask(Request::unshelve, 1).code, 202);
  EXPECT_EQ(state_of(1), "SHELVED/shelved/powering-on");
  run_until(143s + 7100s);
  EXPECT_EQ(state_of(1), "ACTIVE/active/None");
  EXPECT_EQ(server(1).host, 0);
  run_until(143s + 7799s);
  EXPECT_EQ(state_of(), "SHELVED/shelved/None");
  run_until(143s + 7800s);
  EXPECT_EQ(state_of(), "SHELVED/shelved/shelving_offloading");
  run_until(143s + 7810s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
  run_until(143s + 8000s);
  ask(Request::unshelve);
  run_until(143s + 8010s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/spawning");
}

TEST_F(OpenStackCase, OS12_member_shelveOffload) {
  world.state.hosts[0].shelved_offload_time = sim::Duration{-1};
  ask(Request::shelve);
  run_until(200s);
  const Answer refused = ask(Request::shelve_offload);
  EXPECT_EQ(refused.code, 403);
  EXPECT_EQ(error_key(refused.code), "forbidden");
  EXPECT_EQ(ask(Request::shelve_offload, 0, kAdmin).code, 202);
  run_until(210s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
}

TEST_F(OpenStackCase, OS13_locked_server) {
  ask(Request::lock);
  const Answer refused = ask(Request::shelve);
  EXPECT_EQ(refused.code, 409);
  EXPECT_EQ(refused.message, "Instance " + server().id + " is locked");
  EXPECT_EQ(ask(Request::remove).code, 409);
  ask(Request::unlock);
  EXPECT_EQ(ask(Request::shelve).code, 202);
  ask(Request::lock, 1);
  EXPECT_EQ(ask(Request::shelve, 1, kAdmin).code, 202);
}

TEST_F(OpenStackCase, OS14_quota_unified_limits) {
  for (const bool placement : {true, false}) {
    CloudWorld saved = world;
    Project& project = world.state.projects[0];
    project.cores = 80;
    project.count_from_placement = placement;
    world.state.hosts.push_back({"compute-4", 64, 250 * 1024, 1000});
    for (std::int32_t i = 1; i <= 9; ++i) {
      ask(Request::shelve, i);
    }
    run_until(200s);
    Turn now = turn();
    const Answer large = create(now, kMember, {"large", 1, 0, kNone}, {});
    if (placement) {
      EXPECT_TRUE(large.ok()) << large.message;
      run_until(210s);  // its host is chosen: it counts
      EXPECT_EQ(ask(Request::unshelve, 1).code, 202);
      run_until(220s);
      const Answer refused = ask(Request::unshelve, 2);
      EXPECT_EQ(refused.code, 403);
      EXPECT_EQ(refused.message, "Quota exceeded for cores: Requested 8, but already used 80 of 80 cores");
    } else {
      EXPECT_EQ(large.code, 403);
      EXPECT_EQ(large.message, "Quota exceeded for cores: Requested 64, but already used 80 of 80 cores");
      for (std::int32_t i = 1; i <= 9; ++i) {
        EXPECT_EQ(ask(Request::unshelve, i).code, 202);
      }
    }
    world = saved;
  }
}

TEST_F(OpenStackCase, OS15_SU_saving) {
  add_server("worker-11", 2);  // a master and ten workers
  const double rate_before = static_cast<double>(rate(world.state)) / 100;
  EXPECT_EQ(rate_before, 88);
  const double kept = 2 * 8;
  for (std::int32_t i = 1; i <= 9; ++i) {
    run_until(i * 3s);
    ask(Request::shelve, i);
  }
  run_until(1000s);
  EXPECT_EQ(static_cast<double>(rate(world.state)) / 100, kept);
  // Nine servers, charged as ACTIVE until they are SHELVED at 3 i + 143 s.
  EXPECT_NEAR(units(1000s) - kept * 1000 / 3600, 3.16, 0.005);
  EXPECT_NEAR(units(1000s + 168h) - units(1000s), kept * 168, 1e-6);
  EXPECT_NEAR((rate_before - kept) * 168, 12096, 1e-6);
}

TEST_F(OpenStackCase, NeverLaunched) {
  server().launched = false;
  EXPECT_EQ(ask(Request::shelve).message, "Instance " + server().id + " is in an invalid state for 'shelve'");
}

TEST_F(OpenStackCase, ImageServiceDownInsideTheCallLeavesItStuck) {
  world.state.image_service_up = false;
  EXPECT_EQ(ask(Request::shelve).code, 500);
  run_until(5000s);
  EXPECT_EQ(state_of(), "ACTIVE/active/shelving");
  EXPECT_TRUE(server().guest_on);
}

TEST_F(OpenStackCase, SnapshotGoneAtUnshelve) {
  ask(Request::shelve);
  run_until(200s);
  server().snapshot = kNone;
  ask(Request::unshelve);
  run_until(300s);
  EXPECT_EQ(state_of(), "ERROR/error/unshelving");
  EXPECT_EQ(ask(Request::unshelve).code, 409);
}

TEST_F(OpenStackCase, SpawnFailsAndMayBeTriedAgain) {
  ask(Request::shelve);
  run_until(200s);
  for (Host& host : world.state.hosts) {
    host.spawns_to_fail = 1;
  }
  ask(Request::unshelve);
  run_until(500s);
  EXPECT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/None");
  EXPECT_EQ(server().host, kNone);
  EXPECT_EQ(server().allocation, kNone);
}

TEST_F(OpenStackCase, KilledWhileSpawningGoesToError) {
  ask(Request::shelve);
  run_until(200s);
  ask(Request::unshelve);
  run_until(250s);
  ASSERT_EQ(state_of(), "SHELVED_OFFLOADED/shelved_offloaded/spawning");
  const std::int32_t host = server().host;
  Turn now = turn();
  compute::stop_service(now, host, true, {});
  compute::start_service(now, host, {});
  EXPECT_EQ(state_of(), "ERROR/error/None");
}

TEST_F(OpenStackCase, AWorldIsAValue) {
  ask(Request::shelve);
  CloudWorld copy = world;
  sim::Hasher first;
  sim::Hasher second;
  hash(world.state, world.agenda.now, first);
  hash(copy.state, copy.agenda.now, second);
  EXPECT_EQ(first.digest(), second.digest());
  run_until(20s);
  sim::Hasher later;
  hash(world.state, world.agenda.now, later);
  EXPECT_NE(first.digest(), later.digest());
}

}  // namespace
}  // namespace models::openstack::testing_support

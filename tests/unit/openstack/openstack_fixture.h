#pragma once
// A cloud in a test's hands: three hosts of four m3.medium, nine servers and one that stays.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/openstack/charging.h"
#include "models/openstack/compute.h"
#include "models/openstack/requests.h"
#include "sim/kernel.h"

namespace models::openstack::testing_support {

using namespace std::chrono_literals;

/// The world of these tests: a cloud and nothing beside it.
struct CloudWorld {
  sim::Agenda agenda;
  State state;
  timing::Profile profile;
  std::uint32_t next_uid = 1;

  void dispatch(const sim::PendingEvent& event, sim::Context& context) {
    Turn turn{state, profile, agenda, context, next_uid};
    openstack::dispatch(turn, event);
  }
  [[nodiscard]] bool finished() const { return false; }
};

/// A state of a server and when it began.
struct Seen {
  sim::Time at{};
  std::string text;  ///< status/vm_state/task_state
  friend bool operator==(const Seen&, const Seen&) = default;
  friend std::ostream& operator<<(std::ostream& os, const Seen& seen) {
    return os << std::chrono::duration_cast<std::chrono::milliseconds>(seen.at).count() << "ms " << seen.text;
  }
};

class CloudTest : public testing::Test {
 protected:
  static constexpr Caller kMember{0, false};
  static constexpr Caller kAdmin{0, true};

  explicit CloudTest(int servers = 10) {
    for (int i = 1; i <= 3; ++i) {
      Host host;
      host.name = "compute-" + std::to_string(i);
      host.vcpus = 32;
      host.ram_mb = 120 * 1024;
      host.disk_gb = 1000;
      host.shelved_poll_interval = 3600s;
      world.state.hosts.push_back(host);
    }
    world.state.flavors = {{"m3.medium", "flavor-1", 8, 30 * 1024, 60, 8},
                           {"m3.2xl", "flavor-2", 64, 250 * 1024, 60, 64}};
    world.state.images = {{"Ubuntu-22.04", "image-1", kNone, ImageStatus::active}};
    world.state.projects.push_back({"project", "project-1"});
    for (int i = 1; i <= servers; ++i) {
      add_server("worker-" + std::to_string(i), (i - 1) / 4);
    }
  }

  std::int32_t add_server(const std::string& name, std::int32_t host) {
    Server server;
    server.uid = world.next_uid++;
    server.name = name;
    server.id = make_id(name, 0);
    server.image = 0;
    server.host = host;
    server.allocation = host;
    server.vm_state = VmState::active;
    server.power_state = PowerState::running;
    server.guest_on = true;
    server.launched = true;
    world.state.servers.push_back(server);
    return static_cast<std::int32_t>(world.state.servers.size()) - 1;
  }

  Turn turn() { return {world.state, world.profile, world.agenda, context, world.next_uid}; }
  Server& server(std::int32_t index = 0) { return world.state.servers[static_cast<std::size_t>(index)]; }

  Answer ask(Request request, std::int32_t index = 0, Caller caller = kMember) {
    Turn now = turn();
    return act(now, caller, index, request, {});
  }
  void start() {
    Turn now = turn();
    begin(now);
  }
  void run_until(sim::Duration at) {
    sim::run(world, context, at);
    world.agenda.now = at;
  }
  void fix(timing::Key key, sim::Duration duration) {
    world.profile.set(key, timing::Distribution::fixed(duration));
  }

  std::string state_of(std::int32_t index = 0) {
    const std::string_view task = to_text(server(index).task_state);
    return std::string(status_of(server(index).vm_state)) + "/" +
           std::string(to_text(server(index).vm_state)) + "/" + std::string(task.empty() ? "None" : task);
  }
  double units(sim::Time at) {
    return static_cast<double>(charged(world.state, at)) / static_cast<double>(kServiceUnit);
  }

  CloudWorld world;
  sim::NominalChoices choices;
  sim::History history;
  sim::Context context{choices, history};
};

}  // namespace models::openstack::testing_support

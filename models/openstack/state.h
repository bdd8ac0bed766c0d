#pragma once
// The OpenStack part of a world: a plain value beside the Kubernetes cluster, which it knows nothing of.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/openstack/server.h"
#include "models/timing/profile.h"
#include "sim/hash.h"
#include "sim/kernel.h"

namespace models::openstack {

/// Who asks: a token of a project, with or without the role admin.
struct Caller {
  std::int32_t project = 0;
  bool admin = false;
};

struct State {
  std::vector<Flavor> flavors;
  std::vector<Project> projects;
  std::vector<Image> images;
  std::vector<Host> hosts;
  std::vector<Server> servers;  ///< in the order of their creation; deleted ones stay
  Caller caller;                ///< what the commands of a plan present
  bool image_service_up = true;
  bool charges_matter = false;  ///< something judges service units: they are part of the world's hash
  sim::Duration shutdown_timeout =
      std::chrono::seconds{60};  ///< source: nova/conf/compute.py, shutdown_timeout
  sim::Duration power_sync_interval =
      std::chrono::seconds{600};  ///< source: nova/conf/compute.py, sync_power_state_interval
  sim::Time next_power_sync = sim::kNever;
  std::uint32_t next_request = 1;
  std::int64_t epoch_seconds = 0;  ///< of the scenario's start, in seconds since 1970; only printed

  [[nodiscard]] bool given() const { return !hosts.empty(); }
  /// The live server of that id, or kNone.
  [[nodiscard]] std::int32_t find_id(std::string_view id) const;
  /// The live server of that uid (of its transitions), or kNone.
  [[nodiscard]] std::int32_t find_uid(std::uint32_t uid) const;
  [[nodiscard]] std::int32_t find_host(std::string_view name) const;
  [[nodiscard]] std::int32_t find_flavor(std::string_view name_or_id) const;
  [[nodiscard]] std::int32_t find_image(std::string_view name_or_id) const;
  [[nodiscard]] std::int32_t find_project(std::string_view name_or_id) const;
};

/// Who writes, and because of what; codes as in transitions.
struct By {
  std::uint16_t writer = 0;
  sim::TransitionId cause = sim::kNoTransition;
};
inline By by(Writer writer, sim::TransitionId cause) { return {static_cast<std::uint16_t>(writer), cause}; }

/// One dispatch.
struct Turn {
  State& state;
  const timing::Profile& profile;
  sim::Agenda& agenda;
  sim::Context& context;
  std::uint32_t& next_uid;  ///< for subjects of transitions; shared with the other systems

  [[nodiscard]] sim::Time now() const { return agenda.now; }
  [[nodiscard]] Server& at(std::int32_t server) const {
    return state.servers[static_cast<std::size_t>(server)];
  }
};

/// Performs a pending event, codes of `Event`, except GuestStopped and GuestStarted, which are the world's.
void dispatch(Turn& turn, const sim::PendingEvent& event);

/// Schedules the periodic sweeps. Called once, when hosts and servers stand.
void begin(Turn& turn);

/// Adds what rules, commands and choices can still read. Times count from `now`.
void hash(const State& state, sim::Time now, sim::Hasher& hasher);

// Writes: each tells the difference as a transition and charges what was used up to now.
sim::TransitionId tell(Turn& turn, const Server& server, Field field, By by, std::int32_t from,
                       std::int32_t to, std::string text = {});
void set_vm_state(Turn& turn, Server& server, VmState state, By by);
void set_task_state(Turn& turn, Server& server, TaskState state, By by);
void set_power_state(Turn& turn, Server& server, PowerState state, By by);
void set_host(Turn& turn, Server& server, std::int32_t host, By by);
/// The guest stops or starts; the world is told by an event, at once or when the kubelet is up.
void set_guest(Turn& turn, Server& server, bool on, By by);

/// A draw of a timing for a server.
sim::Duration draw(Turn& turn, const Server& server, timing::Key key);

/// A stable uuid for the `number`-th thing of that name.
std::string make_id(std::string_view name, std::uint32_t number);

}  // namespace models::openstack

#include "models/openstack/state.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/openstack/charging.h"
#include "models/openstack/compute.h"

namespace models::openstack {

namespace {

template <class T>
std::int32_t find_named(const std::vector<T>& things, std::string_view name_or_id) {
  for (std::size_t i = 0; i < things.size(); ++i) {
    if (things[i].name == name_or_id || things[i].id == name_or_id) {
      return static_cast<std::int32_t>(i);
    }
  }
  return kNone;
}

template <class Matches>
std::int32_t find_server(const State& state, Matches&& matches) {
  for (std::size_t i = 0; i < state.servers.size(); ++i) {
    if (state.servers[i].vm_state != VmState::deleted && matches(state.servers[i])) {
      return static_cast<std::int32_t>(i);
    }
  }
  return kNone;
}

/// The time left, so that equal situations at different times are equal.
void add_left(sim::Hasher& hasher, sim::Time at, sim::Time now) {
  hasher.add(at == sim::kNever ? std::int64_t{-1} : (at - now).count());
}

void add_server(const State& state, const Server& server, sim::Time now, sim::Hasher& hasher) {
  hasher.add(std::string_view(server.name));
  hasher.add(server.project);
  hasher.add(server.flavor);
  hasher.add(server.image);
  hasher.add(server.host);
  hasher.add(server.allocation);
  hasher.add(server.vm_state);
  hasher.add(server.task_state);
  hasher.add(server.power_state);
  hasher.add(server.guest_on);
  hasher.add(server.locked);
  hasher.add(server.launched);
  add_left(hasher, server.shelved_at, now);
  hasher.add(server.snapshot);
  hasher.add(std::string_view(server.fault));
  for (const Volume& volume : server.volumes) {
    hasher.add(std::string_view(volume.name));
    hasher.add(volume.status);
  }
  hasher.add(server.actions.size());
  hasher.add(server.work.kind);
  hasher.add(server.work.stage);
  hasher.add(server.work.wanted_host);
  hasher.add(server.work.keeps_launch_time);
  hasher.add(server.work_held);
  add_left(hasher, server.work_at, now);
  add_left(hasher, server.guest_event_at, now);
  hasher.add(server.tries);
  hasher.add(server.snapshot_fails);
  if (state.charges_matter) {
    hasher.add(charged(state, server, now));
  }
}

}  // namespace

std::string_view to_text(VolumeStatus status) {
  switch (status) {
    case VolumeStatus::in_use:
      return "in-use";
    case VolumeStatus::reserved:
      return "reserved";
    case VolumeStatus::available:
      return "available";
  }
  return {};
}

std::int32_t State::find_id(std::string_view id) const {
  return find_server(*this, [&](const Server& server) { return server.id == id; });
}
std::int32_t State::find_uid(std::uint32_t uid) const {
  return find_server(*this, [&](const Server& server) { return server.uid == uid; });
}
std::int32_t State::find_host(std::string_view name) const {
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i].name == name) {
      return static_cast<std::int32_t>(i);
    }
  }
  return kNone;
}
std::int32_t State::find_flavor(std::string_view name_or_id) const { return find_named(flavors, name_or_id); }
std::int32_t State::find_image(std::string_view name_or_id) const { return find_named(images, name_or_id); }
std::int32_t State::find_project(std::string_view name_or_id) const {
  return find_named(projects, name_or_id);
}

sim::TransitionId tell(Turn& turn, const Server& server, Field field, By by, std::int32_t from,
                       std::int32_t to, std::string text) {
  sim::History& history = turn.context.history;
  return history.emit({turn.now(), server.uid, static_cast<std::uint16_t>(field), by.writer, from, to,
                       history.text(std::move(text)), by.cause});
}

void set_vm_state(Turn& turn, Server& server, VmState state, By by) {
  if (server.vm_state == state) {
    return;
  }
  charge(turn.state, server, turn.now());
  const VmState before = server.vm_state;
  server.vm_state = state;
  server.updated = turn.now();
  tell(turn, server, Field::ServerVmState, by, static_cast<std::int32_t>(before),
       static_cast<std::int32_t>(state));
}

void set_task_state(Turn& turn, Server& server, TaskState state, By by) {
  if (server.task_state == state) {
    return;
  }
  const TaskState before = server.task_state;
  server.task_state = state;
  server.updated = turn.now();
  tell(turn, server, Field::ServerTaskState, by, static_cast<std::int32_t>(before),
       static_cast<std::int32_t>(state));
}

void set_power_state(Turn& turn, Server& server, PowerState state, By by) {
  if (server.power_state == state) {
    return;
  }
  const PowerState before = server.power_state;
  server.power_state = state;
  tell(turn, server, Field::ServerPowerState, by, static_cast<std::int32_t>(before),
       static_cast<std::int32_t>(state));
}

void set_host(Turn& turn, Server& server, std::int32_t host, By by) {
  if (server.host == host) {
    return;
  }
  const std::int32_t before = server.host;
  server.host = host;
  server.updated = turn.now();
  tell(turn, server, Field::ServerHost, by, before, host,
       host == kNone ? std::string() : turn.state.hosts[static_cast<std::size_t>(host)].name);
}

void set_guest(Turn& turn, Server& server, bool on, By by) {
  if (server.guest_on == on) {
    return;
  }
  server.guest_on = on;
  const sim::TransitionId told = tell(turn, server, Field::ServerGuest, by, on ? 0 : 1, on ? 1 : 0);
  server.guest_event_at = turn.now();
  if (on) {
    // One after the other: which operand of a sum is drawn first would be the compiler's choice.
    server.guest_event_at += draw(turn, server, timing::Key::openstack_boot);
    server.guest_event_at += draw(turn, server, timing::Key::openstack_kubelet);
  }
  const auto index = static_cast<std::uint32_t>(&server - turn.state.servers.data());
  turn.agenda.schedule(server.guest_event_at,
                       static_cast<std::uint32_t>(on ? Event::GuestStarted : Event::GuestStopped), index, 0,
                       told);
}

sim::Duration draw(Turn& turn, const Server& server, timing::Key key) {
  return turn.context.choices.duration(
      {sim::text_hash(server.name), static_cast<std::uint32_t>(key), server.tries}, turn.profile.at(key));
}

std::string make_id(std::string_view name, std::uint32_t number) {
  const std::uint64_t high = sim::text_hash(fmt::format("{}/{}", name, number));
  const std::uint64_t low = sim::text_hash(fmt::format("{}/{}", number, name));
  // Version 4 and its variant, as Nova's uuids have them.
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xffffU,
                     high & 0xfffU, ((low >> 48U) & 0x3fffU) | 0x8000U, low & 0xffffffffffffU);
}

void begin(Turn& turn) {
  for (std::size_t host = 0; host < turn.state.hosts.size(); ++host) {
    Host& here = turn.state.hosts[host];
    if (here.shelved_offload_time.count() > 0 && here.shelved_poll_interval.count() > 0) {
      here.next_poll = turn.now() + here.shelved_poll_interval;
      turn.agenda.schedule(here.next_poll, static_cast<std::uint32_t>(Event::ShelvePoll),
                           static_cast<std::uint32_t>(host), 0, sim::kNoTransition);
    }
  }
  if (turn.state.given() && turn.state.power_sync_interval.count() > 0) {
    turn.state.next_power_sync = turn.now() + turn.state.power_sync_interval;
    turn.agenda.schedule(turn.state.next_power_sync, static_cast<std::uint32_t>(Event::PowerSync), 0, 0,
                         sim::kNoTransition);
  }
}

void dispatch(Turn& turn, const sim::PendingEvent& event) {
  switch (static_cast<Event>(event.kind)) {
    case Event::Work:
      if (turn.at(static_cast<std::int32_t>(event.subject)).work_at == turn.now()) {
        compute::go_on(turn, static_cast<std::int32_t>(event.subject), event.cause);
      }
      return;
    case Event::ShelvePoll:
      compute::poll_shelved(turn, static_cast<std::int32_t>(event.subject));
      return;
    case Event::PowerSync:
      compute::synchronize_power_states(turn);
      return;
    case Event::GuestStopped:
    case Event::GuestStarted:
    case Event::kEnd:
      return;
  }
}

void hash(const State& state, sim::Time now, sim::Hasher& hasher) {
  hasher.add(state.servers.size());
  for (const Server& server : state.servers) {
    if (server.vm_state != VmState::deleted) {
      add_server(state, server, now, hasher);
    } else if (state.charges_matter) {
      hasher.add(server.charged);
    }
  }
  for (const Host& host : state.hosts) {
    hasher.add(host.up);
    hasher.add(host.full);
    add_left(hasher, host.next_poll, now);
    hasher.add(host.snapshots_to_fail);
    hasher.add(host.spawns_to_fail);
  }
  for (const Project& project : state.projects) {
    hasher.add(project.instances);
    hasher.add(project.cores);
    hasher.add(project.ram_mb);
  }
  hasher.add(state.images.size());
  for (const Image& image : state.images) {
    hasher.add(std::string_view(image.name));
    hasher.add(image.status);
  }
  hasher.add(state.caller.project);
  hasher.add(state.caller.admin);
  hasher.add(state.image_service_up);
  add_left(hasher, state.next_power_sync, now);
}

}  // namespace models::openstack

#include "models/openstack/compute.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/openstack/scheduler.h"

namespace models::openstack::compute {

namespace {

using timing::Key;

/// The performance of one server's work at one moment.
class Worker {
 public:
  Worker(Turn& turn, std::int32_t server, sim::TransitionId cause)
      : turn_(turn), index_(server), cause_(cause) {}

  void go_on() {
    me().work_at = sim::kNever;
    switch (me().work.kind) {
      case WorkKind::none:
        return;
      case WorkKind::create:
        return create();
      case WorkKind::shelve:
        return shelve();
      case WorkKind::offload:
        return offload();
      case WorkKind::unshelve:
        return unshelve();
      case WorkKind::power_on:
        return power_on();
      case WorkKind::power_off:
        return power_off();
      case WorkKind::pause:
        return flip("compute_pause_instance", VmState::paused, PowerState::paused);
      case WorkKind::unpause:
        return flip("compute_unpause_instance", VmState::active, PowerState::running);
      case WorkKind::suspend:
        return flip("compute_suspend_instance", VmState::suspended, PowerState::suspended);
      case WorkKind::resume:
        return flip("compute_resume_instance", VmState::active, PowerState::running);
      case WorkKind::remove:
        return remove();
    }
  }

  void fail_snapshot(std::string_view why) {
    // Source: manager.py, shelve_instance under wrap_instance_fault and wrap_instance_event: task_state is
    // reset, the image record stays queued, vm_state is untouched although the guest is off.
    tell(turn_, me(), Field::ServerActionFailed, compute(), 0, 0, std::string(why));
    end_event(true);
    set_task_state(turn_, me(), TaskState::none, compute());
    finish();
  }

 private:
  Server& me() { return turn_.at(index_); }
  Host& host() { return turn_.state.hosts[static_cast<std::size_t>(me().host)]; }
  By compute() const { return by(Writer::Compute, cause_); }
  By conductor() const { return by(Writer::Conductor, cause_); }

  Action* action() {
    const std::int32_t at = me().work.action;
    return at == kNone ? nullptr : &me().actions[static_cast<std::size_t>(at)];
  }
  void begin_event(std::string name) {
    if (Action* mine = action()) {
      mine->events.push_back({std::move(name), turn_.now()});
    }
  }
  void end_event(bool failed = false) {
    Action* mine = action();
    if (mine != nullptr && !mine->events.empty()) {
      mine->events.back().finished = turn_.now();
      mine->events.back().failed = failed;
      mine->failed = mine->failed || failed;
    }
  }
  /// Goes on with the next stage after `delay`.
  void next(sim::Duration delay) {
    ++me().work.stage;
    me().work_at = turn_.now() + delay;
    turn_.agenda.schedule(me().work_at, static_cast<std::uint32_t>(Event::Work),
                          static_cast<std::uint32_t>(index_), 0, cause_);
  }
  sim::Duration draw(Key key) { return openstack::draw(turn_, me(), key); }
  /// A clean shutdown has shutdown_timeout, then the guest is switched off.
  sim::Duration shutdown() {
    const bool clean =
        me().guest_on && me().vm_state != VmState::paused && me().vm_state != VmState::suspended;
    return clean ? std::min(draw(Key::openstack_shutdown), turn_.state.shutdown_timeout) : sim::Duration{};
  }
  void finish() {
    me().work = {};
    me().work_at = sim::kNever;
  }

  /// Of the volumes that the server has: one that was detached is its own no longer.
  void set_volumes(VolumeStatus status) {
    for (Volume& volume : me().volumes) {
      if (volume.status != status && volume.status != VolumeStatus::available) {
        volume.status = status;
        tell(turn_, me(), Field::ServerVolume, compute(), 0, 0,
             fmt::format("volume {} {}", volume.name, to_text(status)));
      }
    }
  }

  void create() {
    enum : std::uint8_t { asked, scheduled, built };
    switch (me().work.stage) {
      case asked:
        begin_event("conductor_schedule_and_build_instances");
        return next(draw(Key::openstack_schedule));
      case scheduled: {
        const std::int32_t chosen = choose_host(turn_.state, me(), me().work.wanted_host);
        if (chosen == kNone) {
          // Source: scheduler/manager.py, select_destinations: Placement knows of no room, or filters left
          // nothing.
          return bury(placement_has_room(turn_.state, me())
                          ? "No valid host was found. There are not enough hosts available."
                          : "No valid host was found. ");
        }
        end_event();
        me().allocation = chosen;
        set_task_state(turn_, me(), TaskState::spawning, compute());
        set_host(turn_, me(), chosen, compute());
        begin_event("compute__do_build_and_run_instance");
        // Images of the catalogue are cached on the hosts: assumed. Snapshots never are.
        return next(draw(Key::openstack_spawn));
      }
      default:
        if (take_failure(host().spawns_to_fail)) {
          me().allocation = kNone;
          set_host(turn_, me(), kNone, compute());
          return bury("Exceeded maximum number of retries.");
        }
        end_event();
        launch();
    }
  }

  /// The server goes to ERROR with a fault.
  void bury(std::string why) {
    end_event(true);
    me().fault = std::move(why);
    me().fault_at = turn_.now();
    tell(turn_, me(), Field::ServerActionFailed, conductor(), 0, 0, me().fault);
    set_vm_state(turn_, me(), VmState::error, conductor());
    set_task_state(turn_, me(), TaskState::none, conductor());
    finish();
  }

  /// Source: manager.py, _update_instance_after_spawn: whatever it was, it runs now.
  void launch() {
    me().launched = true;
    me().launched_at = turn_.now();
    set_volumes(VolumeStatus::in_use);
    set_power_state(turn_, me(), PowerState::running, compute());
    set_vm_state(turn_, me(), VmState::active, compute());
    set_task_state(turn_, me(), TaskState::none, compute());
    set_guest(turn_, me(), true, compute());
    finish();
  }

  void shelve() {
    enum : std::uint8_t { asked, told, off, extracted, uploaded };
    const bool volume_backed = me().image == kNone;
    switch (me().work.stage) {
      case asked:
        return next(draw(Key::openstack_message));
      case told:
        begin_event(volume_backed ? "compute_shelve_offload_instance" : "compute_shelve_instance");
        return next(shutdown());
      case off:
        set_guest(turn_, me(), false, compute());
        if (volume_backed) {
          me().work.kind = WorkKind::offload;
          me().work.stage = 1;
          return next(draw(Key::openstack_destroy));
        }
        if (!turn_.state.image_service_up) {
          return fail_snapshot("the image service does not answer");
        }
        if (me().snapshot_fails || take_failure(host().snapshots_to_fail)) {
          me().snapshot_fails = false;
          return fail_snapshot("the snapshot failed");
        }
        set_task_state(turn_, me(), TaskState::shelving_image_pending_upload, compute());
        return next(draw(Key::openstack_extract));
      case extracted:
        set_task_state(turn_, me(), TaskState::shelving_image_uploading, compute());
        return next(draw(Key::openstack_upload));
      default:
        turn_.state.images[static_cast<std::size_t>(me().snapshot)].status = ImageStatus::active;
        shelved();
    }
  }

  void shelved() {
    const bool at_once = host().shelved_offload_time.count() == 0;
    me().shelved_at = turn_.now();
    set_power_state(turn_, me(), PowerState::shutdown, compute());
    set_vm_state(turn_, me(), VmState::shelved, compute());
    set_task_state(turn_, me(), at_once ? TaskState::shelving_offloading : TaskState::none, compute());
    if (!at_once) {
      end_event();
      return finish();
    }
    // Part of the same call: no event of its own.
    me().work.kind = WorkKind::offload;
    me().work.stage = 1;
    next(draw(Key::openstack_destroy));
  }

  void offload() {
    enum : std::uint8_t { asked, told, destroyed, written };
    switch (me().work.stage) {
      case asked:
        return next(draw(Key::openstack_message));
      case told:
        begin_event("compute_shelve_offload_instance");
        return next(draw(Key::openstack_destroy));
      default:
        // The allocation goes before the state is written, the host in a second write just after it.
        me().allocation = kNone;
        set_volumes(VolumeStatus::reserved);
        set_power_state(turn_, me(), PowerState::shutdown, compute());
        set_vm_state(turn_, me(), VmState::shelved_offloaded, compute());
        set_task_state(turn_, me(), TaskState::none, compute());
        set_host(turn_, me(), kNone, compute());
        end_event();
        finish();
    }
  }

  void unshelve() {
    enum : std::uint8_t { asked, told, scheduled, spawned };
    switch (me().work.stage) {
      case asked:
        return next(draw(Key::openstack_message));
      case told:
        if (me().image != kNone) {
          begin_event("get_image_info");
          if (me().snapshot == kNone) {
            // Source: conductor/manager.py, unshelve_instance: the image is gone, the task state is left
            // behind.
            end_event(true);
            me().fault = fmt::format("Unshelve attempted but the image {} cannot be found.", me().name);
            me().fault_at = turn_.now();
            set_vm_state(turn_, me(), VmState::error, conductor());
            return finish();
          }
          end_event();
        }
        begin_event("schedule_instances");
        return next(draw(Key::openstack_schedule));
      case scheduled:
        return place();
      default:
        return spawned_again();
    }
  }

  void place() {
    const std::int32_t chosen = choose_host(turn_.state, me(), me().work.wanted_host);
    end_event(chosen == kNone);
    if (chosen == kNone) {
      // No fault, no ERROR: it can be tried again at once.
      tell(turn_, me(), Field::ServerActionFailed, conductor(), 0, 0, "No valid host was found.");
      set_task_state(turn_, me(), TaskState::none, conductor());
      return finish();
    }
    me().allocation = chosen;
    set_task_state(turn_, me(), TaskState::spawning, compute());
    begin_event("compute_unshelve_instance");
    set_host(turn_, me(), chosen, compute());
    // One after the other: which operand of a sum is drawn first would be the compiler's choice.
    const sim::Duration download = me().image == kNone ? sim::Duration{} : draw(Key::openstack_download);
    next(download + draw(Key::openstack_spawn));
  }

  void spawned_again() {
    if (take_failure(host().spawns_to_fail)) {
      // No other host is tried.
      end_event(true);
      me().allocation = kNone;
      set_host(turn_, me(), kNone, compute());
      set_task_state(turn_, me(), TaskState::none, compute());
      tell(turn_, me(), Field::ServerActionFailed, compute(), 0, 0, "the host could not start it");
      return finish();
    }
    end_event();
    drop_snapshot();
    me().shelved_at = sim::kNever;
    launch();
  }

  void drop_snapshot() {
    if (me().snapshot != kNone) {
      // Its place stays, so that positions of other images do not move.
      turn_.state.images[static_cast<std::size_t>(me().snapshot)].name.clear();
      me().snapshot = kNone;
    }
  }

  void power_on() {
    if (me().work.stage == 0) {
      begin_event("compute_start_instance");
      return next(draw(Key::openstack_power_on));
    }
    end_event();
    if (me().work.keeps_launch_time) {
      drop_snapshot();
      me().shelved_at = sim::kNever;
    }
    set_power_state(turn_, me(), PowerState::running, compute());
    set_vm_state(turn_, me(), VmState::active, compute());
    set_task_state(turn_, me(), TaskState::none, compute());
    set_guest(turn_, me(), true, compute());
    finish();
  }

  void power_off() {
    if (me().work.stage == 0) {
      begin_event("compute_stop_instance");
      return next(shutdown());
    }
    end_event();
    set_guest(turn_, me(), false, compute());
    set_power_state(turn_, me(), PowerState::shutdown, compute());
    set_vm_state(turn_, me(), VmState::stopped, compute());
    set_task_state(turn_, me(), TaskState::none, compute());
    finish();
  }

  void flip(const char* event, VmState state, PowerState power) {
    if (me().work.stage == 0) {
      begin_event(event);
      return next(draw(Key::openstack_message));
    }
    end_event();
    set_power_state(turn_, me(), host().tells_paused ? power : PowerState::running, compute());
    set_vm_state(turn_, me(), state, compute());
    set_task_state(turn_, me(), TaskState::none, compute());
    // A guest that does not run renews no lease.
    set_guest_paused(state != VmState::active);
    finish();
  }

  void set_guest_paused(bool paused) { set_guest(turn_, me(), !paused, compute()); }

  void remove() {
    if (me().work.stage == 0) {
      begin_event("compute_terminate_instance");
      return next(draw(Key::openstack_destroy));  // switched off, not shut down: driver.destroy
    }
    end_event();
    set_guest(turn_, me(), false, compute());
    drop_snapshot();
    me().allocation = kNone;
    set_volumes(VolumeStatus::available);
    set_power_state(turn_, me(), PowerState::nostate, compute());
    set_vm_state(turn_, me(), VmState::deleted, compute());
    set_task_state(turn_, me(), TaskState::none, compute());
    finish();
  }

  static bool take_failure(std::int32_t& failures) {
    if (failures == 0) {
      return false;
    }
    failures -= failures > 0 ? 1 : 0;
    return true;
  }

  Turn& turn_;
  std::int32_t index_;
  sim::TransitionId cause_;
};

/// Whether the work is the host's, and not the conductor's.
bool is_of_host(const Server& server, const Work& work) {
  return server.host != kNone && work.kind != WorkKind::unshelve && work.kind != WorkKind::create;
}

/// Work that nova-compute does itself at this moment.
bool under_way_on(const Server& server, std::int32_t host) {
  return server.host == host && server.work.kind != WorkKind::none && !server.work_held;
}

}  // namespace

void cast(Turn& turn, std::int32_t server, Work work, sim::TransitionId cause) {
  Server& it = turn.at(server);
  ++it.tries;
  it.work = work;
  it.work_held = is_of_host(it, work) && !turn.state.hosts[static_cast<std::size_t>(it.host)].up;
  if (!it.work_held) {
    Worker(turn, server, cause).go_on();
  }
}

void go_on(Turn& turn, std::int32_t server, sim::TransitionId cause) { Worker(turn, server, cause).go_on(); }

void poll_shelved(Turn& turn, std::int32_t host) {
  Host& here = turn.state.hosts[static_cast<std::size_t>(host)];
  if (here.next_poll != turn.now()) {
    return;
  }
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(turn.state.servers.size()); ++i) {
    Server& server = turn.at(i);
    const bool due = here.up && server.host == host && server.vm_state == VmState::shelved &&
                     server.task_state == TaskState::none &&
                     turn.now() - server.shelved_at > here.shelved_offload_time;
    if (due) {
      set_task_state(turn, server, TaskState::shelving_offloading, by(Writer::Compute, sim::kNoTransition));
      cast(turn, i, {WorkKind::offload}, sim::kNoTransition);
    }
  }
  here.next_poll += here.shelved_poll_interval;
  turn.agenda.schedule(here.next_poll, static_cast<std::uint32_t>(Event::ShelvePoll),
                       static_cast<std::uint32_t>(host), 0, sim::kNoTransition);
}

void synchronize_power_states(Turn& turn) {
  if (turn.state.next_power_sync != turn.now()) {
    return;
  }
  for (Server& server : turn.state.servers) {
    // Source: manager.py, _sync_instance_power_state: a server with a task is skipped.
    if (server.vm_state == VmState::active && server.task_state == TaskState::none && !server.guest_on &&
        server.host != kNone && turn.state.hosts[static_cast<std::size_t>(server.host)].up) {
      const By sync = by(Writer::Compute, sim::kNoTransition);
      set_power_state(turn, server, PowerState::shutdown, sync);
      set_vm_state(turn, server, VmState::stopped, sync);
    }
  }
  turn.state.next_power_sync += turn.state.power_sync_interval;
  turn.agenda.schedule(turn.state.next_power_sync, static_cast<std::uint32_t>(Event::PowerSync), 0, 0,
                       sim::kNoTransition);
}

void stop_service(Turn& turn, std::int32_t host, bool killed, By by) {
  Host& here = turn.state.hosts[static_cast<std::size_t>(host)];
  here.up = false;
  sim::History& history = turn.context.history;
  history.emit({turn.now(), 0, static_cast<std::uint16_t>(Field::HostService), by.writer, 1, 0,
                history.text(fmt::format("nova-compute of {} is down", here.name)), by.cause});
  for (Server& server : turn.state.servers) {
    if (killed && under_way_on(server, host)) {
      server.work = {};
      server.work_at = sim::kNever;
    }
  }
}

void start_service(Turn& turn, std::int32_t host, By by) {
  Host& here = turn.state.hosts[static_cast<std::size_t>(host)];
  here.up = true;
  sim::History& history = turn.context.history;
  const sim::TransitionId told =
      history.emit({turn.now(), 0, static_cast<std::uint16_t>(Field::HostService), by.writer, 0, 1,
                    history.text(fmt::format("nova-compute of {} is up", here.name)), by.cause});
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(turn.state.servers.size()); ++i) {
    Server& server = turn.at(i);
    if (server.host != host) {
      continue;
    }
    if (server.task_state == TaskState::spawning && server.work.kind == WorkKind::none) {
      set_vm_state(turn, server, VmState::error, openstack::by(Writer::Compute, told));
      set_task_state(turn, server, TaskState::none, openstack::by(Writer::Compute, told));
    }
    if (server.work_held) {
      server.work_held = false;
      Worker(turn, i, told).go_on();
    }
  }
}

void set_image_service(Turn& turn, bool up, By by) {
  turn.state.image_service_up = up;
  for (std::int32_t i = 0; !up && i < static_cast<std::int32_t>(turn.state.servers.size()); ++i) {
    const TaskState task = turn.at(i).task_state;
    if (turn.at(i).work.kind == WorkKind::shelve &&
        (task == TaskState::shelving_image_pending_upload || task == TaskState::shelving_image_uploading)) {
      Worker(turn, i, by.cause).fail_snapshot("the image service does not answer");
    }
  }
}

}  // namespace models::openstack::compute

#pragma once
// The words of OpenStack Nova, the codes of its pending events and its transitions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/history.h"

namespace models::openstack {

/// Source: nova/compute/vm_states.py.
enum class VmState : std::uint8_t {
  building,
  active,
  stopped,
  paused,
  suspended,
  shelved,
  shelved_offloaded,
  error,
  deleted,
};

/// Source: nova/compute/task_states.py.
enum class TaskState : std::uint8_t {
  none,
  scheduling,
  spawning,
  shelving,
  shelving_image_pending_upload,
  shelving_image_uploading,
  shelving_offloading,
  unshelving,
  powering_on,
  powering_off,
  pausing,
  unpausing,
  suspending,
  resuming,
  deleting,
};

/// Source: nova/compute/power_state.py.
enum class PowerState : std::uint8_t { nostate = 0, running = 1, paused = 3, shutdown = 4, suspended = 7 };

std::string_view to_text(VmState state);
std::string_view to_text(TaskState state);   ///< empty for none
std::string_view to_text(PowerState state);  ///< as the client's tables print it

/// What clients see as `status`. Source: nova/api/openstack/common.py, _STATE_MAP: vm_state alone decides,
/// for the task states that are modelled.
std::string_view status_of(VmState state);

/// Kinds of pending events: a range of their own beside those of Kubernetes, Flux (from 100) and the plan
/// (from 200). What is due stands in the state as well; an event that comes too late does nothing.
enum class Event : std::uint32_t {
  Work = 150,    ///< what a server's host or the conductor does next; subject: server
  ShelvePoll,    ///< a host's sweep over shelved servers; subject: host
  PowerSync,     ///< the sweep that repairs vm_state from the hypervisor
  GuestStopped,  ///< a server's machine is off; subject: server. The world tells Kubernetes
  GuestStarted,  ///< the kubelet of a server is up again; likewise
  kEnd = 200,
};
inline constexpr std::uint32_t kEventBegin = static_cast<std::uint32_t>(Event::Work);
inline constexpr std::uint32_t kEventEnd = static_cast<std::uint32_t>(Event::kEnd);

/// Which property of a server changed.
enum class Field : std::uint16_t {
  ServerVmState = 1500,  ///< VmState
  ServerTaskState,       ///< TaskState
  ServerPowerState,      ///< PowerState
  ServerHost,            ///< from, to: position of the host, -1 none; detail: history text of its name
  ServerLocked,          ///< 0 or 1
  ServerAction,          ///< a request was accepted; detail: history text of the action
  ServerActionFailed,    ///< detail: history text of why
  ServerGuest,           ///< whether its machine runs: 0 or 1
  ServerVolume,          ///< a volume's status; detail: history text
  HostService,           ///< subject 0; detail: history text
};
inline constexpr std::uint16_t kFieldBegin = 1500;
inline constexpr std::uint16_t kFieldEnd = static_cast<std::uint16_t>(Field::HostService) + 1;
inline bool is_openstack_field(std::uint16_t field) { return field >= kFieldBegin && field < kFieldEnd; }

/// Who wrote, where it was OpenStack itself: codes beside those of Kubernetes.
enum class Writer : std::uint16_t { Api = 100, Conductor, Compute };
inline bool is_openstack_writer(std::uint16_t writer) { return writer >= 100 && writer <= 102; }
std::string_view to_text(Writer writer);

/// What a transition says, without time, subject and writer. REQUIRES: is_openstack_field(transition.field).
std::string describe(const sim::Transition& transition, const sim::History& history);

}  // namespace models::openstack

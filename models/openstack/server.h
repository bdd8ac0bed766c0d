#pragma once
// What OpenStack keeps: flavours, projects, images, compute hosts and servers.

#include <cstdint>
#include <string>
#include <vector>

#include "models/openstack/vocabulary.h"
#include "sim/time.h"

namespace models::openstack {

inline constexpr std::int32_t kNone = -1;

struct Flavor {
  std::string name;
  std::string id;
  std::int32_t vcpus = 1;
  std::int32_t ram_mb = 1024;
  std::int32_t disk_gb = 10;
  std::int32_t units_per_hour = 1;  ///< service units that a running server is charged an hour
};

/// A project, its quota and whether it counts as Nova's default driver does.
struct Project {
  std::string name;
  std::string id;
  std::int32_t instances = kNone;  ///< kNone: unlimited
  std::int32_t cores = kNone;
  std::int32_t ram_mb = kNone;
  /// Offloaded servers use no cores and no memory: [quota]count_usage_from_placement, or unified limits.
  bool count_from_placement = false;
};

enum class ImageStatus : std::uint8_t { queued, active };

struct Image {
  std::string name;
  std::string id;
  std::int32_t project = kNone;  ///< kNone: public
  ImageStatus status = ImageStatus::active;
};

/// A compute host. Overcommit is 1.0: it takes as much as it has.
struct Host {
  std::string name;
  std::int32_t vcpus = 0;
  std::int32_t ram_mb = 0;
  std::int32_t disk_gb = 0;
  bool up = true;                        ///< its nova-compute runs
  sim::Duration shelved_offload_time{};  ///< 0: at once; negative: never
  sim::Duration shelved_poll_interval{};
  sim::Time next_poll = sim::kNever;
  bool full = false;                   ///< others have taken what was free
  std::int32_t snapshots_to_fail = 0;  ///< injected: kNone means all
  std::int32_t spawns_to_fail = 0;     ///< likewise
  bool tells_paused = true;            ///< its driver reports paused and suspended guests as such
};

enum class VolumeStatus : std::uint8_t { in_use, reserved, available };
std::string_view to_text(VolumeStatus status);

/// A block volume and how Cinder shows it.
struct Volume {
  std::string name;
  std::string id;
  VolumeStatus status = VolumeStatus::in_use;
  bool boot = false;
};

/// One step of an action that a service reports (`events` of an instance action).
struct ActionEvent {
  std::string name;
  sim::Time started{};
  sim::Time finished = sim::kNever;  ///< kNever: under way, or its service died
  bool failed = false;
};

/// A request that was accepted (an instance action).
struct Action {
  std::string request_id;
  std::string name;
  sim::Time started{};
  bool failed = false;  ///< `message` is "Error"
  std::vector<ActionEvent> events;
};

/// What is still to be done for a server after the API has answered.
enum class WorkKind : std::uint8_t {
  none,
  create,
  shelve,
  offload,
  unshelve,  ///< of an offloaded server
  power_on,
  power_off,
  pause,
  unpause,
  suspend,
  resume,
  remove,
};

/// One piece of work: a sequence of stages, each with its delay.
struct Work {
  WorkKind kind = WorkKind::none;
  std::uint8_t stage = 0;
  std::int32_t action = kNone;       ///< position in the server's actions
  std::int32_t wanted_host = kNone;  ///< that the request names
  bool keeps_launch_time = false;    ///< power_on of a SHELVED server
};

struct Server {
  std::uint32_t uid = 0;  ///< subject of its transitions
  std::string name;
  std::string id;
  std::int32_t number = 0;  ///< instance-0000000a
  std::int32_t project = 0;
  std::int32_t flavor = 0;
  std::int32_t image = kNone;  ///< kNone: booted from a volume
  std::int32_t host = kNone;
  std::int32_t allocation = kNone;  ///< the host whose room it occupies in Placement
  VmState vm_state = VmState::building;
  TaskState task_state = TaskState::none;
  PowerState power_state = PowerState::nostate;  ///< as the database has it
  bool guest_on = false;                         ///< the truth at the hypervisor
  bool locked = false;
  bool launched = false;
  sim::Time created{};
  sim::Time updated{};
  sim::Time launched_at{};
  sim::Time shelved_at = sim::kNever;
  std::int32_t snapshot = kNone;  ///< its `<name>-shelved` image

  /// The image that clients see. Source: compute/manager.py, _unshelve_instance: the snapshot's while it
  /// spawns.
  [[nodiscard]] std::int32_t shown_image() const {
    const bool spawns_again = vm_state == VmState::shelved_offloaded && task_state == TaskState::spawning;
    return spawns_again && snapshot != kNone ? snapshot : image;
  }

  std::string fault;
  sim::Time fault_at{};
  std::vector<Volume> volumes;
  std::vector<Action> actions;
  Work work;
  sim::Time work_at = sim::kNever;         ///< when the work's stage is over
  bool work_held = false;                  ///< the message waits for a service that is down
  std::string kubernetes_node;             ///< the node that runs on it; empty: none
  sim::Time guest_event_at = sim::kNever;  ///< when Kubernetes is told about the guest
  bool snapshot_fails = false;             ///< injected: its next one
  std::uint32_t tries = 0;                 ///< distinguishes the draws of its successive actions
  // Service units: what was charged up to `charged_until`, in hundredths of units per hour times
  // microseconds.
  std::int64_t charged = 0;
  sim::Time charged_until{};
};

}  // namespace models::openstack

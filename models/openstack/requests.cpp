#include "models/openstack/requests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "models/openstack/compute.h"

namespace models::openstack {

namespace {

constexpr std::int32_t kBadRequest = 400;
constexpr std::int32_t kForbidden = 403;
constexpr std::int32_t kConflict = 409;

constexpr std::array<std::string_view, 21> kNames = {"shelve",  "shelveOffload", "unshelve",
                                                     "stop",    "start",         "pause",
                                                     "unpause", "suspend",       "resume",
                                                     "lock",    "unlock",        "resetState",
                                                     "delete",  "attach_volume", "detach_volume",
                                                     "reboot",  "rescue",        "resize",
                                                     "rebuild", "createImage",   "get_console_output"};

using States = std::vector<VmState>;

/// The vm_states that allow a request; empty: any, and any task_state.
/// Source: nova/compute/api.py, the check_instance_state decorators.
const States& allowed(Request request) {
  static const States any;
  static const States shelve = {VmState::active, VmState::stopped, VmState::paused, VmState::suspended};
  static const States offload = {VmState::shelved};
  static const States unshelve = {VmState::shelved, VmState::shelved_offloaded};
  static const States stop = {VmState::active, VmState::error};
  static const States stopped = {VmState::stopped};
  static const States active = {VmState::active};
  static const States paused = {VmState::paused};
  static const States suspended = {VmState::suspended};
  static const States running = {VmState::active, VmState::stopped, VmState::error};
  // Besides those here: resized and soft-deleted; detach_volume and, from 2.20 on, attach_volume.
  static const States volume = {VmState::active, VmState::paused, VmState::stopped, VmState::shelved,
                                VmState::shelved_offloaded};
  static const States image = {VmState::active, VmState::stopped, VmState::paused, VmState::suspended};
  switch (request) {
    case Request::shelve:
      return shelve;
    case Request::shelve_offload:
      return offload;
    case Request::unshelve:
      return unshelve;
    case Request::stop:
      return stop;
    case Request::start:
      return stopped;
    case Request::pause:
    case Request::suspend:
      return active;
    case Request::unpause:
      return paused;
    case Request::resume:
      return suspended;
    case Request::reboot:
      return image;
    case Request::rescue:
    case Request::resize:
    case Request::rebuild:
      return running;
    case Request::create_image:
      return image;
    case Request::attach_volume:
    case Request::detach_volume:
      return volume;
    case Request::lock:
    case Request::unlock:
    case Request::reset_active:
    case Request::remove:
    case Request::console_log:
      return any;
  }
  return any;
}

bool needs_host(Request request) {
  return request == Request::stop || request == Request::start || request == Request::console_log;
}

Answer refuse(State& state, std::int32_t code, std::string message) {
  return {code, std::move(message), new_request_id(state)};
}

/// The empty record of `<name>-shelved`. Source: nova/compute/utils.py, create_image.
std::int32_t add_image_record(State& state, const Server& server) {
  const auto at = static_cast<std::int32_t>(state.images.size());
  state.images.push_back({server.name + "-shelved",
                          make_id(server.name + "-shelved", static_cast<std::uint32_t>(at)), server.project,
                          ImageStatus::queued});
  return at;
}

/// Whether the server has nowhere to be deleted on: the API does it itself.
bool is_local_delete(const Server& server) { return server.host == kNone; }

void delete_here(Turn& turn, Server& server, By by) {
  if (server.snapshot != kNone) {
    turn.state.images[static_cast<std::size_t>(server.snapshot)].name.clear();
    server.snapshot = kNone;
  }
  server.allocation = kNone;
  for (Volume& volume : server.volumes) {
    volume.status = VolumeStatus::available;
  }
  server.work = {};
  server.work_at = sim::kNever;
  set_power_state(turn, server, PowerState::nostate, by);
  set_vm_state(turn, server, VmState::deleted, by);
  set_task_state(turn, server, TaskState::none, by);
}

/// The task state that the API sets before it hands the request on.
TaskState task_of(Request request) {
  switch (request) {
    case Request::shelve:
      return TaskState::shelving;
    case Request::shelve_offload:
      return TaskState::shelving_offloading;
    case Request::unshelve:
      return TaskState::unshelving;
    case Request::stop:
      return TaskState::powering_off;
    case Request::start:
      return TaskState::powering_on;
    case Request::pause:
      return TaskState::pausing;
    case Request::unpause:
      return TaskState::unpausing;
    case Request::suspend:
      return TaskState::suspending;
    case Request::resume:
      return TaskState::resuming;
    case Request::remove:
      return TaskState::deleting;
    default:
      return TaskState::none;
  }
}

WorkKind work_of(Request request) {
  switch (request) {
    case Request::shelve:
      return WorkKind::shelve;
    case Request::shelve_offload:
      return WorkKind::offload;
    case Request::unshelve:
      return WorkKind::unshelve;
    case Request::stop:
      return WorkKind::power_off;
    case Request::start:
      return WorkKind::power_on;
    case Request::pause:
      return WorkKind::pause;
    case Request::unpause:
      return WorkKind::unpause;
    case Request::suspend:
      return WorkKind::suspend;
    case Request::resume:
      return WorkKind::resume;
    default:
      return WorkKind::remove;
  }
}

/// What is written at once, without any other service.
bool act_at_once(Turn& turn, Server& server, Request request, By by) {
  switch (request) {
    case Request::lock:
    case Request::unlock: {
      const bool locked = request == Request::lock;
      if (server.locked != locked) {
        server.locked = locked;
        server.updated = turn.now();
        tell(turn, server, Field::ServerLocked, by, locked ? 0 : 1, locked ? 1 : 0);
      }
      return true;
    }
    case Request::reset_active:
      set_vm_state(turn, server, VmState::active, by);
      set_task_state(turn, server, TaskState::none, by);
      return true;
    default:
      return false;
  }
}

/// Refuses a server whose project has no room for `cores` and `ram_mb` more; `instances` counts too for a new
/// one. Source: nova/compute/utils.py, check_num_instances_quota; nova/exception.py, TooManyInstances.
Answer check_quota(Turn& turn, std::int32_t project, std::int64_t instances, const Flavor& flavor) {
  const Project& limits = turn.state.projects[static_cast<std::size_t>(project)];
  const Usage used = usage_of(turn.state, project);
  struct Row {
    const char* name;
    std::int64_t asked;
    std::int64_t used;
    std::int64_t limit;
  };
  const std::array<Row, 3> rows = {{{"cores", flavor.vcpus, used.cores, limits.cores},
                                    {"instances", instances, used.instances, limits.instances},
                                    {"ram", flavor.ram_mb, used.ram_mb, limits.ram_mb}}};
  std::vector<std::string> names;
  std::vector<std::string> asked;
  std::vector<std::string> taken;
  std::vector<std::string> limit;
  for (const Row& row : rows) {
    if (row.asked > 0 && row.limit != kNone && row.used + row.asked > row.limit) {
      names.emplace_back(row.name);
      asked.push_back(fmt::format("{}", row.asked));
      taken.push_back(fmt::format("{}", row.used));
      limit.push_back(fmt::format("{}", row.limit));
    }
  }
  if (names.empty()) {
    return {};
  }
  return refuse(turn.state, kForbidden,
                fmt::format("Quota exceeded for {}: Requested {}, but already used {} of {} {}",
                            fmt::join(names, ", "), fmt::join(asked, ", "), fmt::join(taken, ", "),
                            fmt::join(limit, ", "), fmt::join(names, ", ")));
}

}  // namespace

std::string_view name_of(Request request) { return kNames[static_cast<std::size_t>(request)]; }

std::string new_request_id(State& state) { return "req-" + make_id("request", state.next_request++); }

Answer check(Turn& turn, const Caller& caller, const Server& server, Request request) {
  State& state = turn.state;
  const std::string_view name = name_of(request);
  if (request == Request::shelve_offload && !caller.admin) {
    return refuse(state, kForbidden,
                  "Policy doesn't allow os_compute_api:os-shelve:shelve_offload to be performed.");
  }
  if (request == Request::reset_active && !caller.admin) {
    return refuse(state, kForbidden,
                  "Policy doesn't allow os_compute_api:os-admin-actions:reset_state to be performed.");
  }
  const bool ignores_lock =
      request == Request::lock || request == Request::unlock || request == Request::console_log;
  if (server.locked && !caller.admin && !ignores_lock) {
    return refuse(state, kConflict, fmt::format("Instance {} is locked", server.id));
  }
  if (needs_host(request) && server.host == kNone) {
    return refuse(state, kConflict, fmt::format("Instance {} is not ready", server.id));
  }
  const States& states = allowed(request);
  if (states.empty()) {
    return {};
  }
  const auto wrong = [&](std::string_view attribute, std::string_view value) {
    return refuse(
        state, kConflict,
        fmt::format("Cannot '{}' instance {} while it is in {} {}", name, server.id, attribute, value));
  };
  if (std::find(states.begin(), states.end(), server.vm_state) == states.end()) {
    return wrong("vm_state", to_text(server.vm_state));
  }
  if (server.task_state != TaskState::none) {
    return wrong("task_state", to_text(server.task_state));
  }
  if (!server.launched) {
    return refuse(state, kConflict,
                  fmt::format("Instance {} is in an invalid state for '{}'", server.id, name));
  }
  return {};
}

std::int32_t note_action(Turn& turn, Server& server, std::string name, std::string request_id) {
  server.actions.push_back({std::move(request_id), std::move(name), turn.now(), false, {}});
  return static_cast<std::int32_t>(server.actions.size()) - 1;
}

std::string_view error_key(std::int32_t code) {
  switch (code) {
    case kBadRequest:
      return "badRequest";
    case 401:
      return "unauthorized";
    case kForbidden:
      return "forbidden";
    case 404:
      return "itemNotFound";
    case kConflict:
      return "conflictingRequest";
    case 413:
    case 429:
      return "overLimit";
    case 503:
      return "serviceUnavailable";
    default:
      return "computeFault";
  }
}

Usage usage_of(const State& state, std::int32_t project) {
  const bool placement = state.projects[static_cast<std::size_t>(project)].count_from_placement;
  Usage usage;
  for (const Server& server : state.servers) {
    if (server.vm_state == VmState::deleted || server.project != project) {
      continue;
    }
    ++usage.instances;
    if (!placement || server.allocation != kNone) {
      const Flavor& flavor = state.flavors[static_cast<std::size_t>(server.flavor)];
      usage.cores += flavor.vcpus;
      usage.ram_mb += flavor.ram_mb;
    }
  }
  return usage;
}

Answer act(Turn& turn, const Caller& caller, std::int32_t index, Request request, By by) {
  if (request == Request::unshelve) {
    return unshelve(turn, caller, index, {}, by);
  }
  Answer answer = check(turn, caller, turn.at(index), request);
  if (!answer.ok()) {
    return answer;
  }
  if (request >= Request::reboot) {
    answer.not_modelled = true;
    return answer;
  }
  answer.request_id = new_request_id(turn.state);
  Server& server = turn.at(index);
  const std::string action(name_of(request));
  if (act_at_once(turn, server, request, by)) {
    if (request != Request::reset_active) {
      note_action(turn, server, action, answer.request_id);
    }
    return answer;
  }
  if (request == Request::shelve && !turn.state.image_service_up && server.image != kNone) {
    // Source: api.py, shelve: the task state is saved before the image is asked for, and nothing takes it
    // back.
    set_task_state(turn, server, TaskState::shelving, by);
    return refuse(
        turn.state, 500,
        "Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova "
        "API log if possible.\n<class 'glanceclient.exc.HTTPServiceUnavailable'>");
  }
  const std::int32_t noted = note_action(turn, server, action, answer.request_id);
  const sim::TransitionId told = tell(turn, server, Field::ServerAction, by, 0, 0, action);
  const By api = openstack::by(Writer::Api, told);
  set_task_state(turn, server, task_of(request), api);
  if (request == Request::shelve && server.image != kNone) {
    server.snapshot = add_image_record(turn.state, server);
  }
  if (request == Request::remove && is_local_delete(server)) {
    delete_here(turn, server, api);
    return answer;
  }
  Work work;
  work.kind = work_of(request);
  work.action = noted;
  compute::cast(turn, index, work, told);
  return answer;
}

Answer unshelve(Turn& turn, const Caller& caller, std::int32_t index, const UnshelveOptions& options, By by) {
  State& state = turn.state;
  // Source: nova/api/openstack/compute/shelve.py, _unshelve.
  if (!options.host.empty() && !caller.admin) {
    return refuse(state, kForbidden,
                  "Policy doesn't allow os_compute_api:os-shelve:unshelve_to_host to be performed.");
  }
  Answer answer = check(turn, caller, turn.at(index), Request::unshelve);
  if (!answer.ok()) {
    return answer;
  }
  Server& server = turn.at(index);
  const bool placed = !options.availability_zone.empty() || !options.host.empty();
  if (placed && server.vm_state == VmState::shelved) {
    return refuse(
        state, kConflict,
        fmt::format("Specifying an availability zone or a host when unshelving server \"{}\" with status "
                    "\"{}\" is not supported. The server status must be SHELVED_OFFLOADED.",
                    server.id, to_text(server.vm_state)));
  }
  if (!options.availability_zone.empty() && options.availability_zone != "nova") {
    return refuse(state, kBadRequest, "The requested availability zone is not available");
  }
  const std::int32_t wanted = options.host.empty() ? kNone : state.find_host(options.host);
  if (!options.host.empty() && wanted == kNone) {
    return refuse(state, kBadRequest, fmt::format("Compute host {} could not be found.", options.host));
  }
  const Project& project = state.projects[static_cast<std::size_t>(server.project)];
  if (project.count_from_placement && server.allocation == kNone) {
    answer = check_quota(turn, server.project, 0, state.flavors[static_cast<std::size_t>(server.flavor)]);
    if (!answer.ok()) {
      return answer;
    }
  }
  answer.request_id = new_request_id(state);
  Work work;
  work.action = note_action(turn, server, "unshelve", answer.request_id);
  work.wanted_host = wanted;
  const sim::TransitionId told = tell(turn, server, Field::ServerAction, by, 0, 0, "unshelve");
  const By api = openstack::by(Writer::Api, told);
  set_task_state(turn, server, TaskState::unshelving, api);
  if (server.vm_state == VmState::shelved) {
    // Source: conductor/manager.py, unshelve_instance: it is still on its host, which starts it.
    set_task_state(turn, server, TaskState::powering_on, openstack::by(Writer::Conductor, told));
    work.kind = WorkKind::power_on;
    work.keeps_launch_time = true;
  } else {
    work.kind = WorkKind::unshelve;
  }
  compute::cast(turn, index, work, told);
  return answer;
}

Answer create(Turn& turn, const Caller& caller, const CreateRequest& request, By by) {
  State& state = turn.state;
  const Flavor& flavor = state.flavors[static_cast<std::size_t>(request.flavor)];
  Answer answer = check_quota(turn, caller.project, 1, flavor);
  if (!answer.ok()) {
    return answer;
  }
  Server server;
  server.uid = turn.next_uid++;
  server.number = static_cast<std::int32_t>(state.servers.size()) + 1;
  server.name = request.name;
  server.id = make_id(request.name, static_cast<std::uint32_t>(server.number));
  server.project = caller.project;
  server.flavor = request.flavor;
  server.image = request.image;
  server.created = turn.now();
  server.updated = turn.now();
  server.charged_until = turn.now();
  turn.context.history.introduce(server.uid, {});
  answer.request_id = new_request_id(state);
  answer.server = static_cast<std::int32_t>(state.servers.size());
  state.servers.push_back(std::move(server));
  Server& made = turn.at(answer.server);
  Work work;
  work.kind = WorkKind::create;
  work.wanted_host = request.wanted_host;
  work.action = note_action(turn, made, "create", answer.request_id);
  const sim::TransitionId told = tell(turn, made, Field::ServerAction, by, 0, 0, "create");
  set_task_state(turn, made, TaskState::scheduling, openstack::by(Writer::Api, told));
  compute::cast(turn, answer.server, work, told);
  return answer;
}

Answer set_quota(Turn& turn, std::int32_t project, std::int32_t cores, By) {
  turn.state.projects[static_cast<std::size_t>(project)].cores = cores;
  Answer answer;
  answer.request_id = new_request_id(turn.state);
  return answer;
}

}  // namespace models::openstack

#pragma once
// nova-api: requests, what it checks before it says 202, and the words in which it refuses.
//
// Source: nova/compute/api.py (check_instance_lock, check_instance_host, check_instance_state and each
// method's decorators), nova/api/openstack/common.py (raise_http_conflict_for_instance_invalid_state),
// nova/quota.py.

#include <cstdint>
#include <string>
#include <string_view>

#include "models/openstack/state.h"

namespace models::openstack {

enum class Request : std::uint8_t {
  shelve,
  shelve_offload,
  unshelve,
  stop,
  start,
  pause,
  unpause,
  suspend,
  resume,
  lock,
  unlock,
  reset_active,  ///< os-resetState to active
  remove,
  attach_volume,
  detach_volume,
  // What is only refused here: the states that allow them are checked, the rest is not modelled.
  reboot,
  rescue,
  resize,
  rebuild,
  create_image,
  console_log,
};

/// As messages and actions name it: "shelveOffload".
std::string_view name_of(Request request);

/// What the API answers: 202 with nothing, or an error.
struct Answer {
  std::int32_t code = 202;
  std::string message;
  std::string request_id;
  std::int32_t server = kNone;  ///< of a create: the new one
  bool not_modelled = false;    ///< the real API would accept it, here nothing happens

  [[nodiscard]] bool ok() const { return code < 300; }
};

/// The key of an error's body: "conflictingRequest". Source: nova/api/openstack/wsgi.py, Fault._fault_names.
std::string_view error_key(std::int32_t code);

/// Why a request is refused, or 202: roles, locks and states. Changes nothing but the count of requests.
Answer check(Turn& turn, const Caller& caller, const Server& server, Request request);
/// An id for the next request.
std::string new_request_id(State& state);
/// Notes an accepted request as an instance action. @return its position.
std::int32_t note_action(Turn& turn, Server& server, std::string name, std::string request_id);

/// An action on a server that `caller` can see. REQUIRES: it lives; no attach_volume or detach_volume, which
/// volumes.h has.
Answer act(Turn& turn, const Caller& caller, std::int32_t server, Request request, By by);

struct UnshelveOptions {
  std::string availability_zone;  ///< empty: none
  std::string host;               ///< empty: none
};
Answer unshelve(Turn& turn, const Caller& caller, std::int32_t server, const UnshelveOptions& options, By by);

/// What `POST /servers` asks for.
struct CreateRequest {
  std::string name;
  std::int32_t flavor = 0;
  std::int32_t image = kNone;
  std::int32_t wanted_host = kNone;
};
Answer create(Turn& turn, const Caller& caller, const CreateRequest& request, By by);

/// The limits of a project. kNone: unlimited.
Answer set_quota(Turn& turn, std::int32_t project, std::int32_t cores, By by);

/// What a project uses, as its quota driver counts.
struct Usage {
  std::int64_t instances = 0;
  std::int64_t cores = 0;
  std::int64_t ram_mb = 0;
};
Usage usage_of(const State& state, std::int32_t project);

}  // namespace models::openstack

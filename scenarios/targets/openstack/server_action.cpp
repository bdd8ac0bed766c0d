#include "scenarios/targets/openstack/server_action.h"

#include <fmt/format.h>

#include "scenarios/commands/openstack_output.h"

namespace scenarios::targets {

namespace openstack = models::openstack;

openstack::Answer post_action(openstack::Turn& turn, const openstack::Caller& caller, const std::string& id,
                              const nlohmann::ordered_json& body, int minor) {
  const std::string action = body.begin().key();
  const nlohmann::ordered_json& options = body.begin().value();
  constexpr int kNewest = 93;  // of Zed, which the recordings are of
  if (minor > kNewest) {
    return {
        406,
        fmt::format("Version 2.{} is not supported by the API. Minimum is 2.1 and maximum is 2.93.", minor),
        {}};
  }
  if (action != "shelve" && action != "shelveOffload" && action != "unshelve") {
    return {400, fmt::format("There is no such action: {}", action), {}};
  }
  constexpr int kZone = 77;
  constexpr int kHost = 91;
  if (action == "unshelve" && options.is_object() && minor >= kZone && minor < kHost &&
      !options.contains("availability_zone")) {
    // Source: nova/api/openstack/compute/schemas/shelve.py, unshelve_v277: required; unshelve_v291 requires
    // nothing, and up to 2.76 the value is not looked at.
    return {400,
            fmt::format("Invalid input for field/attribute unshelve. Value: {}. 'availability_zone' is a "
                        "required property",
                        commands::python_text(options)),
            {}};
  }
  const std::int32_t server = turn.state.find_id(id);
  if (server == openstack::kNone) {
    return {404, fmt::format("Instance {} could not be found.", id), {}};
  }
  if (action == "unshelve") {
    openstack::UnshelveOptions placed;
    if (options.is_object() && minor >= kZone) {
      placed.availability_zone = options.value("availability_zone", "");
      placed.host = options.value("host", "");
    }
    return unshelve(turn, caller, server, placed, {});
  }
  return act(turn, caller, server,
             action == "shelve" ? openstack::Request::shelve : openstack::Request::shelve_offload, {});
}

}  // namespace scenarios::targets

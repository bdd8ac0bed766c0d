#pragma once
// `POST /servers/{id}/action` as bodies and microversions have it: what the API judges before it looks at the
// server.

#include <nlohmann/json.hpp>
#include <string>

#include "models/openstack/requests.h"

namespace scenarios::targets {

/// Performs an action.
///
/// @param body   one key, the action, with its options.
/// @param minor  of the microversion 2.N that the request asks for.
models::openstack::Answer post_action(models::openstack::Turn& turn, const models::openstack::Caller& caller,
                                      const std::string& id, const nlohmann::ordered_json& body, int minor);

}  // namespace scenarios::targets

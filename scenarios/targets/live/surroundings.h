#pragma once
// What a snapshot of a cluster holds besides what Kubernetes itself knows.

#include <optional>
#include <string>

#include "scenarios/targets/programs/programs.h"

namespace scenarios::targets {

/// IOMesh's kind as kubectl names it, such as "iomeshes.iomesh.com"; empty: the cluster serves none, which is
/// no error.
std::string iomesh_resource(Programs& programs);

/// What `openstack server list -f json` prints. @return nothing, and why, where it fails or prints no list.
std::optional<std::string> server_list(Programs& programs, std::string& problem);

/// Whether the environment says which cloud `openstack` speaks to: OS_CLOUD or OS_AUTH_URL.
/// Source: openstacksdk, openstack/config/loader.py.
bool cloud_is_named();

}  // namespace scenarios::targets

#pragma once

#include <array>
#include <string_view>

namespace scenarios::targets {

/// The programs that a plan may start on this machine.
inline constexpr std::array<std::string_view, 3> kAllowedPrograms = {"kubectl", "helm", "openstack"};

}  // namespace scenarios::targets

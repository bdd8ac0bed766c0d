#pragma once

#include <array>
#include <string_view>

namespace scenarios::targets {

/// The programs that a plan may start on this machine.
inline constexpr std::array<std::string_view, 3> kAllowedPrograms = {"kubectl", "helm", "openstack"};

/// The programs that a plan may start inside a pod, through `contexts:`.
inline constexpr std::array<std::string_view, 2> kProgramsInPods = {"flux", "iomeshctl"};

}  // namespace scenarios::targets

#pragma once

#include <span>
#include <string_view>

namespace scenarios {

/// A profile that is part of the program.
struct ShippedProfile {
  std::string_view name;
  std::string_view text;  ///< YAML
};

/// The files models/timing/profiles/*.yaml, put into the program by the build.
std::span<const ShippedProfile> shipped_profiles();

}  // namespace scenarios

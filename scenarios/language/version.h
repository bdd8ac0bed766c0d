#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "scenarios/language/parsed.h"

namespace scenarios::language {

/// A released version, such as 1.28.0.
struct Version {
  int major_number = 0;
  int minor_number = 0;
  int patch_number = 0;

  friend auto operator<=>(const Version&, const Version&) = default;
};

/// Reads `1.28.0`; all three numbers are needed, since behaviour differs between patch releases.
Parsed<Version> parse_version(std::string_view text);
std::string format_version(const Version& version);

}  // namespace scenarios::language

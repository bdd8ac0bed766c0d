#pragma once
// Texts of the recorded and of the emulated client, made comparable.

#include <string>
#include <vector>

namespace scenarios::targets {

/// A text with request ids, uuids, hashes, times, passwords and call stacks made alike.
std::string alike(const std::string& text);

/// All uuids of a text, in order; those of request ids included.
std::vector<std::string> ids_in(const std::string& text);

/// The first line in which two texts differ, "recorded | simulated"; empty when they are equal.
std::string first_difference(const std::string& recorded, const std::string& simulated);

}  // namespace scenarios::targets

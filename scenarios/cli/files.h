#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scenarios::cli {

/// Reads a whole file; nullopt, and a message on standard error, if that fails or it has more than
/// `bytes_max`.
std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max);

/// Writes a file as a whole: a temporary one beside it, then renamed, so that a crash leaves the old one.
/// @return false, and a message on standard error, if that fails.
bool write_file(const std::string& path, std::string_view content);

}  // namespace scenarios::cli

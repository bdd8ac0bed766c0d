#pragma once
// How bytes stand in a line of a recording.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scenarios::targets {

/// Appends `text` as it stands between the quotes of a JSON string. Bytes from 0x20 on stay as they are.
void append_escaped(std::string& out, std::string_view text);

/// Appends `text` as a JSON string.
void append_string(std::string& out, std::string_view text);

/// Whether JSON may hold these bytes as text.
bool is_utf8(std::string_view bytes);

/// Base64 with padding (RFC 4648, section 4).
std::string to_base64(std::string_view bytes);

/// The bytes; none when `text` is not base64 with padding.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace scenarios::targets

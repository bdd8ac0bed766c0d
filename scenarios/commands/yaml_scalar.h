#pragma once
// Which style a text takes in YAML. Used by yaml_text.cpp.

#include <cstdint>
#include <string_view>

namespace scenarios::commands {

enum class ScalarStyle : std::uint8_t { plain, single_quoted, double_quoted, literal_block };

/// The style of `text` as a value or, with `as_key`, as a key, where blocks are not allowed.
/// Source: go-yaml v2, stringv and yaml_emitter_select_scalar_style.
ScalarStyle scalar_style(std::string_view text, bool as_key);

/// Whether a character of YAML's five line breaks is in it.
bool has_line_break(std::string_view text);

/// Whether the plain text would be read back as a number, truth value, null or time, by the rules of
/// YAML 1.1. Source: go-yaml v2 resolve.go, and isBase60Float of encode.go.
bool reads_as_other_than_text(std::string_view text);

/// Whether key `a` comes before `b`: as text, but digits compare as numbers and letters come last.
/// Source: go-yaml v2 sorter.go, keyList.Less.
bool key_before(std::string_view a, std::string_view b);

}  // namespace scenarios::commands

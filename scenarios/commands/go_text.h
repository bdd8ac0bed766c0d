#pragma once
// How Go prints values: kubectl's messages and its jsonpath output consist of it.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace scenarios::commands {

/// Objects as the API server shows them. Printing sorts the keys; the order here is the order of writing.
using Json = nlohmann::ordered_json;

/// A string as `%q` prints it: in double quotes, with Go's escapes.
std::string go_quote(std::string_view text);

/// One character as `%q` prints a rune: 'x', '\'', '\n'.
std::string go_quote_rune(char32_t rune);

/// A number with a fraction as `%v` prints it: the shortest digits that read back, "1e+06" from a million on.
std::string go_float_text(double number);

/// The Go type that holds `value` in an unstructured object: "map[string]interface {}", "int64", "string".
std::string go_type_name(const Json& value);

/// `value` as `%v` prints it: "map[a:1 b:[x y]]", keys sorted.
std::string go_value_text(const Json& value);

/// `value` as `%#v` prints it: `map[string]interface {}{"a":1}`, keys sorted.
std::string go_syntax_text(const Json& value);

/// The rune at `at` and its length in bytes; U+FFFD of length 1 where the text is no UTF-8. REQUIRES: at <
/// size.
struct Rune {
  char32_t value = 0;
  std::size_t length = 1;
  bool valid = true;
};
Rune rune_at(std::string_view text, std::size_t at);

/// Appends `rune` in UTF-8.
void append_rune(std::string& text, char32_t rune);

}  // namespace scenarios::commands

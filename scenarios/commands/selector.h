#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scenarios::commands {

/// One condition on a label.
struct Requirement {
  /// equals stands for `=` and `==`; `>` and `<` compare integers.
  enum class Operator : std::uint8_t {
    in,
    not_in,
    equals,
    double_equals,
    not_equals,
    exists,
    does_not_exist,
    greater,
    less
  };
  std::string key;
  Operator op = Operator::exists;
  std::vector<std::string> values;  ///< sorted, without repeats

  /// Whether a label with this value, or none, meets the condition.
  [[nodiscard]] bool accepts(std::optional<std::string_view> value) const;
  /// "a in (x,y)", "!a", "a=b".
  [[nodiscard]] std::string to_text() const;
  friend bool operator==(const Requirement&, const Requirement&) = default;
};

/// A label selector: all requirements must hold. An empty one matches everything.
struct Selector {
  std::vector<Requirement> requirements;  ///< sorted by key

  /// `lookup(key)` gives the label's value as std::optional<std::string_view>, or nothing.
  template <class Lookup>
  [[nodiscard]] bool matches(const Lookup& lookup) const {
    for (const Requirement& requirement : requirements) {
      if (!requirement.accepts(lookup(std::string_view(requirement.key)))) {
        return false;
      }
    }
    return true;
  }
  [[nodiscard]] std::string to_text() const;
};

struct SelectorResult {
  std::optional<Selector> selector;
  std::string problem;  ///< the API server's words if there is none: "unable to parse requirement: found …"
};

/// Parses what `-l` takes: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`, `!a`, `a>1`, joined by
/// commas. Source: apimachinery pkg/labels/selector.go, Parse; label syntax of pkg/util/validation.
SelectorResult parse_selector(std::string_view text);

/// What is wrong with a label's key or value, in upstream's words; empty if nothing is.
std::vector<std::string> label_key_problems(std::string_view key);
std::vector<std::string> label_value_problems(std::string_view value);

}  // namespace scenarios::commands

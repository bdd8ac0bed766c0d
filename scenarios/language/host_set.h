#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/language/located.h"
#include "scenarios/language/parsed.h"

namespace scenarios::language {

/// Names given in hostlist notation, or as a list of them.
struct HostSet {
  Location at;
  std::vector<Text> written;
  std::vector<std::string> hosts;  ///< Expanded, in the order given; empty while `open`.
  bool open = false;               ///< Contains `${...}`: expand it with `expand` when the values are known.

  bool given() const { return at.known(); }
  friend bool operator==(const HostSet&, const HostSet&) = default;
};

/// Values of captures and of `for_each`, by name.
using Bindings = std::vector<std::pair<std::string, std::string>>;

/// The hosts of a set once its `${...}` are replaced. Errors: as `expand_hostlist`, and a name that no
/// binding has.
Parsed<std::vector<std::string>> expand(const HostSet& set, const Bindings& bindings);

/// A place where `${name}` stands in a text.
struct Reference {
  std::string name;
  std::size_t offset = 0;  ///< Of the `$`.
  std::size_t length = 0;  ///< Up to and including the `}`.
};

/// All of them, in order. `$${` is not a reference but a literal `${`.
std::vector<Reference> references_in(std::string_view text);

/// The text with every `${name}` replaced and every `$${` made `${`. Error: a name that no binding has.
Parsed<std::string> substitute(std::string_view text, const Bindings& bindings);

}  // namespace scenarios::language

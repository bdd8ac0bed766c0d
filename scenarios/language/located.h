#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/language/diagnostic.h"

namespace scenarios::language {

/// A value and the place where it was written. A default has a value and no place; an optional value that
/// was not written has neither, and `given()` tells.
template <class T>
struct Located {
  T value{};
  Location at;

  bool given() const { return at.known(); }
  friend bool operator==(const Located&, const Located&) = default;
};

/// Text as the parser hands it on: quotes, escapes and folding undone, yet every byte can be traced to its
/// place in the file, so that a complaint about one word of a command points at that word.
struct Text {
  std::string value;
  Location at;

  /// From byte `offset` of the value on, the text runs along the line that `line` and `column` begin.
  struct Stretch {
    std::size_t offset = 0;
    int line = 0;
    int column = 0;
    friend bool operator==(const Stretch&, const Stretch&) = default;
  };
  std::vector<Stretch> stretches;  ///< By rising offset; empty: everything is at `at`.

  bool given() const { return at.known(); }
  bool empty() const { return value.empty(); }

  /// The place of byte `offset` of the value.
  Location at_offset(std::size_t offset) const;

  friend bool operator==(const Text&, const Text&) = default;
};

/// A named part of a mapping whose keys the user chooses, such as one StatefulSet of `cluster.statefulsets`.
template <class T>
struct Entry {
  Text name;
  T value;
  friend bool operator==(const Entry&, const Entry&) = default;
};

}  // namespace scenarios::language

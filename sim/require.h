#pragma once

#include <source_location>
#include <string_view>

namespace sim {

/// Ends the program with `what` and the place: a broken promise of our own code, never of a user's input.
[[noreturn]] void fail(std::string_view what, std::source_location where = std::source_location::current());

/// Checks a promise of our own code, in release builds too.
inline void require(bool condition, std::string_view what = "an internal invariant does not hold",
                    std::source_location where = std::source_location::current()) {
  if (!condition) [[unlikely]] {
    fail(what, where);
  }
}

}  // namespace sim

#pragma once

#include <optional>
#include <string>
#include <utility>

namespace scenarios::language {

/// A value read from text, or what is wrong with the text. A warning may come with the value.
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string problem;
  std::string hint;
  std::string warning;

  static Parsed good(T value) { return {std::move(value), {}, {}, {}}; }
  static Parsed bad(std::string problem, std::string hint = {}) {
    return {std::nullopt, std::move(problem), std::move(hint), {}};
  }
};

}  // namespace scenarios::language

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/version.h"

namespace scenarios::language {

/// How a parameter of a check is written.
enum class ParameterType : std::uint8_t { text, integer, boolean, duration, hostlist, list, condition };

std::string_view words_for(ParameterType type);

/// One parameter of a check: what the parser accepts below the check's name.
struct ParameterDeclaration {
  std::string name;
  ParameterType type = ParameterType::text;
  bool required = false;
  std::string fallback;  ///< As a user would write it; empty: no default.
  std::string sentence;
};

/// What the language must know of a check in order to refuse a misspelled one. The checks themselves live
/// elsewhere and hand these declarations to the parser.
struct CheckDeclaration {
  std::string name;
  std::string sentence;
  bool invariant = false;  ///< Judged in every scenario, asked for or not.
  std::vector<ParameterDeclaration> parameters;
};

/// Words that the language does not own. An empty list means "not known here": such words are not judged.
struct KnownWords {
  struct VersionRange {
    Version oldest;  ///< Inclusive.
    Version newest;  ///< Inclusive up to its minor release: any patch of it is accepted.
  };
  std::optional<VersionRange> kubernetes_versions;
  std::vector<CheckDeclaration> checks;
  std::vector<std::string> feature_gates;
  std::vector<std::string> profiles;
};

}  // namespace scenarios::language

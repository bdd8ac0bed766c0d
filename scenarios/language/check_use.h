#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/check_declaration.h"
#include "scenarios/language/condition.h"
#include "scenarios/language/duration.h"
#include "scenarios/language/host_set.h"
#include "scenarios/language/located.h"

namespace scenarios::language {

/// A parameter as given, already held against its declaration: the member that `type` names is set.
struct CheckArgument {
  Text name;
  Location at;
  ParameterType type = ParameterType::text;
  Text text;  ///< Set for every scalar, as written.
  std::int64_t integer = 0;
  bool boolean = false;
  Duration duration{};
  HostSet hosts;
  std::vector<Text> list;
  Condition condition;

  bool given() const { return at.known(); }
};

/// One entry of `checks`.
struct CheckUse {
  Text name;
  std::vector<CheckArgument> arguments;  ///< Defaults of the declaration included, after those given.

  /// The argument of that name, or nullptr.
  const CheckArgument* find(std::string_view argument) const;
  /// Its text as written; empty if it is neither given nor has a default.
  std::string text(std::string_view argument) const;
};

}  // namespace scenarios::language

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scenarios/language/condition.h"
#include "scenarios/language/duration.h"
#include "scenarios/language/host_set.h"
#include "scenarios/language/located.h"

namespace scenarios::language {

enum class OnError : std::uint8_t { stop, proceed };

/// What a step writes into a file of the operator's machine.
struct FileEdit {
  Location where;
  Text file;
  std::vector<Entry<Text>> set;  ///< Values by dotted path, such as `chunk.replicaCount`.
};

/// One entry of `plan`: a command and what it should leave behind. Either `run` or `wait` is given.
struct Step {
  Location where;
  Text name;
  std::vector<Text> run;  ///< Commands, performed one after the other.
  Located<Duration> wait;
  std::optional<FileEdit> edit;
  std::vector<Text> needs;
  bool needs_given =
      false;  ///< Without `needs` a step follows the one before it; `needs: []` starts at once.
  Located<Duration> at;
  Located<Duration> after;
  Located<Duration> timeout;
  std::vector<Entry<HostSet>> for_each;
  Text on_error_word;
  OnError on_error = OnError::stop;
  Condition then;
  std::vector<Entry<Text>> captures;  ///< `let`: what a command prints, for later `${name}`.
  Text standard_input;
};

}  // namespace scenarios::language

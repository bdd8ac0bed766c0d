#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/located.h"

namespace scenarios::language {

/// The exact output of a step's commands. `<suffix>` stands for the five random characters of a pod's name,
/// `<age>` for an age, `<any>` for the rest of a line.
struct PrintsExpectation {
  Text step;
  Text text;
};

/// `expect`: what `rehearse test` wants to see of the scenario.
struct Expectation {
  Location at;
  std::vector<Text> holds;  ///< Names of checks; the single word `all` for every one.
  std::vector<Text> violates;
  std::vector<Text> not_reached;
  std::vector<Text> because_of;  ///< Steps that the causes of violated checks name.
  Text stalls;
  Text waiting_on;
  Located<std::int64_t> exit;
  std::vector<PrintsExpectation> prints;
  Located<std::int64_t> findings;
  Text admission_error;

  bool given() const { return at.known(); }
};

/// Whether `output` is what `pattern` describes. Blanks after a placeholder match one or more blanks, since
/// the width of a column follows its content; a missing newline at the very end is forgiven.
bool matches_output(std::string_view pattern, std::string_view output);

/// The first line (1-based) of `output` that differs from the pattern, or 0 when it matches.
int first_difference(std::string_view pattern, std::string_view output);

}  // namespace scenarios::language

#pragma once
// Scenarios as the benchmarks load them: through the same door as the program.

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "scenarios/build.h"

namespace benchmarks {

/// Loads a scenario from its text, or from its file where there is none; ends the program where it has
/// errors.
inline scenarios::Rehearsal load(std::string file, std::optional<std::string> text = std::nullopt) {
  scenarios::language::Diagnostics diagnostics;
  std::optional<scenarios::Rehearsal> rehearsal =
      scenarios::load({std::move(file), std::move(text), {}, {}}, diagnostics);
  if (!rehearsal) {
    std::fputs(scenarios::language::render(diagnostics.sorted()).c_str(), stderr);
    std::exit(2);
  }
  return *std::move(rehearsal);
}

}  // namespace benchmarks

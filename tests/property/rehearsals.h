#pragma once
// Scenarios as text, loaded; whatever is wrong with one is a mistake of the test.

#include <stdexcept>
#include <string>

#include "scenarios/build.h"
#include "scenarios/run.h"

namespace property {

inline scenarios::Rehearsal load(const std::string& text) {
  scenarios::language::Diagnostics diagnostics;
  std::optional<scenarios::Rehearsal> rehearsal = scenarios::load({"test.yaml", text, {}, {}}, diagnostics);
  if (!rehearsal) {
    throw std::invalid_argument(scenarios::language::render(diagnostics.sorted()) + text);
  }
  return *std::move(rehearsal);
}

inline scenarios::Rehearsal load_file(const std::string& file) {
  scenarios::language::Diagnostics diagnostics;
  std::optional<scenarios::Rehearsal> rehearsal = scenarios::load({file, {}, {}, {}}, diagnostics);
  if (!rehearsal) {
    throw std::invalid_argument(scenarios::language::render(diagnostics.sorted()));
  }
  return *std::move(rehearsal);
}

inline sim::ResultRecord perform(const scenarios::Rehearsal& rehearsal, std::uint64_t seed) {
  sim::SeededChoices choices(seed);
  return scenarios::perform(rehearsal, choices, seed);
}

}  // namespace property

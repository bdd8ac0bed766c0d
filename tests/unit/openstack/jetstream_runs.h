#pragma once
// Rehearsals of scaling on Jetstream2, and what they took.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/build.h"
#include "scenarios/run.h"
#include "sim/choices.h"

namespace scenarios::jetstream {

/// A scenario from its text, or from a file of the library.
inline std::optional<Rehearsal> rehearsal_of(const std::string& text, const std::string& file = "a.yaml") {
  language::Diagnostics diagnostics;
  std::optional<Rehearsal> rehearsal = load({file, text, {}, {}}, diagnostics);
  EXPECT_TRUE(rehearsal.has_value()) << language::render(diagnostics.sorted());
  return rehearsal;
}

inline sim::ResultRecord nominal_run(const std::string& text) {
  const std::optional<Rehearsal> rehearsal = rehearsal_of(text);
  sim::NominalChoices choices;
  return rehearsal ? perform(*rehearsal, choices, 0) : sim::ResultRecord{};
}

inline const sim::StepRecord& step_of(const sim::ResultRecord& record, std::string_view name) {
  const auto found = std::find_if(record.steps.begin(), record.steps.end(),
                                  [&](const sim::StepRecord& step) { return step.name == name; });
  EXPECT_NE(found, record.steps.end()) << name;
  static const sim::StepRecord none;
  return found == record.steps.end() ? none : *found;
}

inline double seconds(sim::Duration duration) {
  return std::chrono::duration_cast<std::chrono::duration<double>>(duration).count();
}

/// From the step's start to its end, what `then` waits for included; -1 when it did not end.
inline double seconds_of(const sim::ResultRecord& record, std::string_view name) {
  const sim::StepRecord& step = step_of(record, name);
  return step.started && step.finished ? seconds(*step.finished - *step.started) : -1;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace scenarios::jetstream

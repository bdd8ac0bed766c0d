#pragma once

#include <string>

#include "sim/result.h"

namespace reports {

struct TextOptions {
  bool colour = false;
  int width = 80;         ///< columns
  bool verbose = false;   ///< every transition, not only the telling ones, and every line
  bool simulated = true;  ///< whether the times are of a simulation; else of a real cluster
};

/// The report on the terminal: timeline, what commands printed, a verdict per check with its chain of causes,
/// what the verdict rests on, and the command that repeats the run.
std::string text(const sim::ResultRecord& record, const TextOptions& options);

/// Every line of `text` moved right by `columns`.
std::string indent(const std::string& text, int columns);

}  // namespace reports

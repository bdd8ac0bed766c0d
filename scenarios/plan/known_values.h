#pragma once
// Values of loop variables that are known when a plan is loaded, put into the text of a command.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/runbook/script.h"

namespace scenarios::plan {

/// By name; of two with one name the later counts.
using Known = std::vector<std::pair<std::string, std::string>>;

/// Whether a value can stand in a command's text as it is.
bool is_plain(std::string_view value);

/// The text with the known values put in and braces expanded.
runbook::Slice with_values(const runbook::Slice& text, const Known& known);

}  // namespace scenarios::plan

#pragma once
// What commands printed on a real cluster, held against what the emulated ones print.

#include <string>
#include <string_view>
#include <vector>

namespace scenarios::targets {

/// An output without what differs between two clusters that do the same: ages and times, addresses, uids,
/// resource versions, random parts of names, widths of columns, and in a table that has a column NODE which
/// of the `nodes` it names.
std::string normalised(std::string_view output, const std::vector<std::string>& nodes);

/// The first line, normalised, that differs between two outputs.
struct LineDifference {
  std::string recorded;
  std::string simulated;
};

/// @return where they differ; both lines empty: nowhere.
LineDifference compare_outputs(std::string_view recorded, std::string_view simulated,
                               const std::vector<std::string>& nodes);

}  // namespace scenarios::targets

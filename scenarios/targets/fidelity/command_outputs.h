#pragma once
// What commands printed on a real cluster, held against what the emulated ones print.

#include <string>
#include <string_view>
#include <vector>

namespace scenarios::targets {

/// An output without what differs between two clusters that do the same: ages and times, addresses, uids,
/// resource versions, random parts of names and hashes of templates, widths of columns, in a table that has a
/// column NODE which of the `nodes` it names, and in one that has a column IP whether there is an address
/// yet: pods have none in the simulation.
std::string normalised(std::string_view output, const std::vector<std::string>& nodes);

/// The first line, normalised, that differs between two outputs. The order of neighbours that chance decides
/// makes no difference: of lines with random names, and of evictions.
struct LineDifference {
  std::string recorded;
  std::string simulated;
};

/// @return where they differ; both lines empty: nowhere.
LineDifference compare_outputs(std::string_view recorded, std::string_view simulated,
                               const std::vector<std::string>& nodes);

}  // namespace scenarios::targets

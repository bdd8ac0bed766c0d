#pragma once
// The lines of a recorded cloud, and the world in which their replay begins.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/openstack/state.h"

namespace scenarios::targets {

using CloudJson = nlohmann::ordered_json;

/// One line: at which moment of the recording it takes effect, and what it says.
struct CloudLine {
  sim::Time at{};
  CloudJson record;
};

/// A moment of a recording, from its seconds.
sim::Time cloud_moment(double seconds);

/// Reads all lines, in the order in which they take effect; the first is the scenario's own.
std::optional<std::vector<CloudLine>> read_cloud_lines(const std::string& path, std::string& problem);

/// The rows of a table that the client printed, cells trimmed, without the header.
std::vector<std::vector<std::string>> table_rows(std::string_view text);

/// The moment at which a command's request reached the API: `--wait` looks again every 5 s, so that its first
/// look lies whole multiples of that before its end.
sim::Time request_moment(const CloudJson& cli, const std::vector<CloudLine>& lines);

/// Hosts, flavours, projects, images and servers as they were when the recording began. What the recording
/// does not show (what filled the hosts) is as its documentation says.
void begin_cloud(const std::vector<CloudLine>& lines, models::openstack::Turn& turn);

/// The driver's delays and faults of a host, in seconds.
using DriverSettings = std::map<std::string, double>;

/// Those that were on before the recording began.
DriverSettings settings_before(const CloudJson& scenario);

}  // namespace scenarios::targets

#pragma once
// A recording of a real Nova and the real client, held against the model and the emulated client.
//
// The recorded driver's delays and faults, the moments at which the client's processes sent their requests,
// and the hosts that the scheduler chose are dictated; everything else follows from the model.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace scenarios::targets {

/// One thing that came out otherwise than it was recorded.
struct CloudDifference {
  std::string where;   ///< a command, or a server
  std::string what;    ///< recorded and simulated
  std::string reason;  ///< why, where it is known; empty: not explained
};

struct CloudReplayResult {
  std::string name;
  std::size_t states = 0;  ///< recorded states of servers, each distinct one once
  std::size_t states_matched = 0;
  std::size_t commands = 0;  ///< with output, errors and exit code
  std::size_t commands_matched = 0;
  std::size_t requests = 0;  ///< to the API itself
  std::size_t requests_matched = 0;
  std::vector<CloudDifference> differences;

  [[nodiscard]] std::size_t all() const { return states + commands + requests; }
  [[nodiscard]] std::size_t matched() const { return states_matched + commands_matched + requests_matched; }
};

/// Whether a file is such a recording.
bool is_cloud_recording(const std::string& path);

/// Replays a recording. nullopt with the reason in `problem` when it cannot be read.
std::optional<CloudReplayResult> replay_cloud(const std::string& path, std::string& problem);

}  // namespace scenarios::targets
